//! Cutting lines and rings to a square in tile units, and segments to any box (Liang-Barsky; Sutherland-Hodgman).

/// A position in tile units.
pub type Point = (i32, i32);

/// The parts of a line inside `min..=max` on both axes.
pub fn line(points: &[Point], min: i32, max: i32) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((a, b, whole)) = segment(pair[0], pair[1], min, max) else {
            open = false;
            continue;
        };
        match parts.last_mut() {
            Some(part) if open && part.last() == Some(&a) => part.push(b),
            _ => parts.push(vec![a, b]),
        }
        open = whole;
    }
    for part in &mut parts {
        part.dedup();
    }
    parts.retain(|p| p.len() > 1);
    parts
}

/// Where a segment enters and leaves a closed box (least x, least y, most x, most y), in parts of its length: 0 and 1 exactly
/// where it begins and ends inside. `None` where it misses the box; equal where it only touches it.
pub fn span((ax, ay): (f64, f64), (bx, by): (f64, f64), [west, south, east, north]: [f64; 4]) -> Option<(f64, f64)> {
    let (dx, dy) = (bx - ax, by - ay);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    for (p, q) in [(-dx, ax - west), (dx, east - ax), (-dy, ay - south), (dy, north - ay)] {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            from = from.max(q / p);
        } else {
            to = to.min(q / p);
        }
    }
    (from <= to).then_some((from, to))
}

/// The part of a segment inside, and whether its end is the segment's own end.
fn segment(a: Point, b: Point, min: i32, max: i32) -> Option<(Point, Point, bool)> {
    let (ax, ay) = (f64::from(a.0), f64::from(a.1));
    let (bx, by) = (f64::from(b.0), f64::from(b.1));
    let (min, max) = (f64::from(min), f64::from(max));
    let (from, to) = span((ax, ay), (bx, by), [min, min, max, max])?;
    let at = |t: f64| ((ax + t * (bx - ax)).round() as i32, (ay + t * (by - ay)).round() as i32);
    // 0 and 1 are given, not computed
    #[allow(clippy::float_cmp)]
    let (begins, ends) = (from == 0.0, to == 1.0);
    Some((if begins { a } else { at(from) }, if ends { b } else { at(to) }, ends))
}

/// The part of a ring (first point not repeated) inside `min..=max` on both axes; fewer than three points when nothing
/// is left. Parts may be joined along the square's edge, which lies in the tile's buffer and is never seen.
pub fn ring(points: &[Point], min: i32, max: i32) -> Vec<Point> {
    let mut ring = points.to_vec();
    for (axis, limit, keep_above) in [(0, min, true), (0, max, false), (1, min, true), (1, max, false)] {
        let get = |p: Point| if axis == 0 { p.0 } else { p.1 };
        let inside = |p: Point| if keep_above { get(p) >= limit } else { get(p) <= limit };
        if ring.iter().all(|&p| inside(p)) {
            continue;
        }
        let mut out = Vec::with_capacity(ring.len() + 4);
        for (i, &b) in ring.iter().enumerate() {
            let a = ring[(i + ring.len() - 1) % ring.len()];
            if inside(a) != inside(b) {
                out.push(cross(a, b, axis, limit));
            }
            if inside(b) {
                out.push(b);
            }
        }
        ring = out;
        if ring.is_empty() {
            break;
        }
    }
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

fn cross(a: Point, b: Point, axis: u8, limit: i32) -> Point {
    let (a, b) = ((f64::from(a.0), f64::from(a.1)), (f64::from(b.0), f64::from(b.1)));
    if axis == 0 {
        let t = (f64::from(limit) - a.0) / (b.0 - a.0);
        (limit, (a.1 + t * (b.1 - a.1)).round() as i32)
    } else {
        let t = (f64::from(limit) - a.1) / (b.1 - a.1);
        ((a.0 + t * (b.0 - a.0)).round() as i32, limit)
    }
}

/// Twice the area of a ring (first point not repeated), positive when clockwise on a screen (y down), which is how MVT
/// wants exterior rings.
pub fn doubled_area(ring: &[Point]) -> i64 {
    (0..ring.len())
        .map(|i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points() -> impl Strategy<Value = Vec<Point>> {
        proptest::collection::vec((-40i32..60, -40i32..60), 3..20)
    }

    proptest! {
        #[test]
        fn nothing_is_left_outside(p in points()) {
            for q in ring(&p, 0, 16).iter().chain(line(&p, 0, 16).iter().flatten()) {
                prop_assert!((0..=16).contains(&q.0) && (0..=16).contains(&q.1));
            }
            prop_assert_eq!(ring(&p, -40, 60).len() <= p.len(), true);
        }

        #[test]
        fn a_clipped_box_has_the_area_that_is_inside(x in -20i32..20, y in -20i32..20, w in 1i32..40, h in 1i32..40) {
            let boxed = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)];
            let over = |a: i32, n: i32| ((a + n).min(16) - a.max(0)).max(0);
            let expected = i64::from(over(x, w)) * i64::from(over(y, h));
            prop_assert_eq!(doubled_area(&ring(&boxed, 0, 16)), 2 * expected);
        }
    }

    #[test]
    fn a_line_that_leaves_and_returns_is_two_parts() {
        let parts = line(&[(2, 2), (20, 2), (20, 8), (2, 8)], 0, 10);
        assert_eq!(parts, [vec![(2, 2), (10, 2)], vec![(10, 8), (2, 8)]]);
    }
}
