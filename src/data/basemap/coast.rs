//! The sea of a box from the coastlines that cross it: coastlines have the land on their left and the water on their right.

use super::rings::areas;
use crate::core::geometry::{Bounds, clip};
use geo::{Area, Coord, LineString, MultiPolygon};

/// The sea inside a box; `None` where a coastline ends inside the box, so that nothing says which side is the sea. Empty
/// where no coastline meets the box.
pub fn sea(lines: &[LineString<f64>], bounds: &Bounds) -> Option<MultiPolygon<f64>> {
    let mut rings: Vec<LineString<f64>> = Vec::new();
    let mut pieces: Vec<Vec<Coord<f64>>> = Vec::new();
    for line in lines {
        let inside = |c: &Coord<f64>| bounds.contains(c.x, c.y);
        if line.is_closed() && line.coords().all(inside) {
            rings.push(line.clone());
            continue;
        }
        let found = pieces_of(&line.0, bounds, line.is_closed());
        for piece in &found {
            let ends = [piece[0], piece[piece.len() - 1]];
            if ends.iter().any(|c| on_edge(*c, bounds).is_none()) {
                return None;
            }
        }
        pieces.extend(found);
    }
    let mut sea = outlines(&pieces, bounds);
    // an island alone in the box: all around it is sea
    let island = |ring: &LineString<f64>| signed(ring) > 0.0;
    if sea.is_empty() && rings.iter().any(island) {
        sea.push(corners(bounds));
    }
    sea.extend(rings);
    Some(areas(sea))
}

fn signed(ring: &LineString<f64>) -> f64 {
    geo::Polygon::new(ring.clone(), vec![]).signed_area()
}

fn corners(b: &Bounds) -> LineString<f64> {
    LineString::from(vec![
        (b.west, b.south),
        (b.east, b.south),
        (b.east, b.north),
        (b.west, b.north),
        (b.west, b.south),
    ])
}

/// The parts of a line inside the box, each from edge to edge but for the ends of the line itself.
fn pieces_of(line: &[Coord<f64>], bounds: &Bounds, closed: bool) -> Vec<Vec<Coord<f64>>> {
    let mut out: Vec<Vec<Coord<f64>>> = Vec::new();
    let mut open = false;
    for pair in line.windows(2) {
        let Some((a, b)) = cut(pair[0], pair[1], bounds) else {
            open = false;
            continue;
        };
        match out.last_mut() {
            Some(part) if open && part.last() == Some(&a) => part.push(b),
            _ => out.push(vec![a, b]),
        }
        open = b == pair[1];
    }
    // a ring that begins inside the box: its last part goes on with its first
    if closed && out.len() > 1 && out[0][0] == line[0] && out[out.len() - 1].last() == line.last() {
        let first = out.remove(0);
        if let Some(last) = out.last_mut() {
            last.extend(&first[1..]);
        }
    }
    out.retain(|part| part.iter().any(|c| *c != part[0]));
    out
}

/// The part of a segment inside the box.
fn cut(a: Coord<f64>, b: Coord<f64>, bounds: &Bounds) -> Option<(Coord<f64>, Coord<f64>)> {
    let (from, to) = clip::span(a.x_y(), b.x_y(), bounds.to_array())?;
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    // what was computed lies on the edge to the last bit
    let snap = |v: f64, low: f64, high: f64| {
        let near = 1e-12 * (high - low);
        if (v - low).abs() <= near {
            low
        } else if (v - high).abs() <= near {
            high
        } else {
            v
        }
    };
    let at = |t: f64| Coord {
        x: snap(t.mul_add(dx, a.x), bounds.west, bounds.east).clamp(bounds.west, bounds.east),
        y: snap(t.mul_add(dy, a.y), bounds.south, bounds.north).clamp(bounds.south, bounds.north),
    };
    (from < to).then(|| (if from > 0.0 { at(from) } else { a }, if to < 1.0 { at(to) } else { b }))
}

/// How far along the edge of the box a position is, clockwise from the north-west corner, each side counting 1; `None`
/// inside.
#[allow(clippy::float_cmp, reason = "positions on the edge are set to it")]
fn on_edge(c: Coord<f64>, b: &Bounds) -> Option<f64> {
    let (w, h) = (b.east - b.west, b.north - b.south);
    if c.y == b.north {
        Some((c.x - b.west) / w)
    } else if c.x == b.east {
        Some(1.0 + (b.north - c.y) / h)
    } else if c.y == b.south {
        Some(2.0 + (b.east - c.x) / w)
    } else if c.x == b.west {
        Some(3.0 + (c.y - b.south) / h)
    } else {
        None
    }
}

/// The outlines of the sea: along a coast, then clockwise along the edge of the box to where the next coast comes in.
fn outlines(pieces: &[Vec<Coord<f64>>], bounds: &Bounds) -> Vec<LineString<f64>> {
    let place = |c: Coord<f64>| on_edge(c, bounds).unwrap_or(0.0);
    let mut starts: Vec<(f64, usize)> = pieces.iter().enumerate().map(|(i, p)| (place(p[0]), i)).collect();
    starts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut used = vec![false; pieces.len()];
    let mut out = Vec::new();
    for first in 0..pieces.len() {
        if used[first] {
            continue;
        }
        let (mut ring, mut at) = (Vec::new(), first);
        loop {
            used[at] = true;
            ring.extend(&pieces[at]);
            let end = place(pieces[at][pieces[at].len() - 1]);
            // the next coast in clockwise order; the first again closes the outline
            let next = starts.iter().find(|(t, i)| *t >= end && (!used[*i] || *i == first));
            let next = next.or_else(|| starts.iter().find(|(_, i)| !used[*i] || *i == first));
            let Some(&(to, i)) = next else { break };
            ring.extend(along(end, to, bounds));
            if i == first {
                break;
            }
            at = i;
        }
        if let Some(start) = ring.first().copied() {
            ring.push(start);
        }
        out.push(LineString(ring));
    }
    out
}

/// The corners of the box that are passed clockwise.
fn along(from: f64, to: f64, b: &Bounds) -> Vec<Coord<f64>> {
    let corners = [(b.east, b.north), (b.east, b.south), (b.west, b.south), (b.west, b.north)];
    let to = if to < from { to + 4.0 } else { to };
    let passed = (1..=8u8).filter(|k| f64::from(*k) > from && f64::from(*k) < to);
    passed.map(|k| corners[usize::from(k - 1) % 4]).map(|(x, y)| Coord { x, y }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Bounds = Bounds { west: 0.0, south: 0.0, east: 10.0, north: 10.0 };

    fn line(points: &[(f64, f64)]) -> LineString<f64> {
        LineString::from(points.to_vec())
    }
    fn area(lines: &[LineString<f64>]) -> Option<f64> {
        sea(lines, &BOX).map(|s| s.unsigned_area())
    }

    #[test]
    fn the_water_is_on_the_right() {
        // from south to north: the land in the west, the sea in the east
        let north = [(4.0, -2.0), (4.0, 5.0), (4.0, 12.0)];
        assert_eq!(area(&[line(&north)]), Some(60.0));
        let south: Vec<_> = north.iter().rev().copied().collect();
        assert_eq!(area(&[line(&south)]), Some(40.0));
        // a strait between two coasts
        assert_eq!(area(&[line(&north), line(&[(7.0, 12.0), (7.0, -2.0)])]), Some(30.0));
        // in and out on one side: a bay, and a cape
        assert_eq!(area(&[line(&[(12.0, 3.0), (8.0, 3.0), (8.0, 6.0), (12.0, 6.0)])]), Some(6.0));
        assert_eq!(area(&[line(&[(12.0, 6.0), (8.0, 6.0), (8.0, 3.0), (12.0, 3.0)])]), Some(94.0));
    }

    #[test]
    fn islands_and_inland_seas() {
        let island = [(2.0, 2.0), (4.0, 2.0), (4.0, 4.0), (2.0, 4.0), (2.0, 2.0)];
        assert_eq!(area(&[line(&island)]), Some(96.0));
        let inland: Vec<_> = island.iter().rev().copied().collect();
        assert_eq!(area(&[line(&inland)]), Some(4.0));
        let coast = line(&[(5.0, 12.0), (5.0, -2.0)]);
        assert_eq!(area(&[coast.clone(), line(&island)]), Some(46.0));
        // an island over the edge, whose ring begins inside
        let over = line(&[(1.0, 1.0), (1.0, 3.0), (-1.0, 3.0), (-1.0, 1.0), (1.0, 1.0)]);
        assert_eq!(area(&[over]), Some(98.0));
    }

    #[test]
    fn nothing_is_made_up() {
        assert_eq!(area(&[]), Some(0.0));
        assert_eq!(area(&[line(&[(20.0, 0.0), (20.0, 9.0)])]), Some(0.0));
        assert_eq!(area(&[line(&[(5.0, 12.0), (5.0, 4.0)])]), None, "the coast ends inside the box");
    }
}
