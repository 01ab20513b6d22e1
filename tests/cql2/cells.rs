//! How geometries lie to each other, by counting cells: an oracle that has nothing in common with the engine's.
//!
//! All geometries of the corpus run along the lines of a lattice of half degrees. The plane is then made of lattice points,
//! open edges and open squares, and each of them lies as a whole inside a geometry, on its boundary or outside. The relations
//! of the standard (OGC 06-103r4, 6.1.15) are statements about those sets.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A cell by its middle in quarter degrees: both even is a lattice point, one odd an edge, both odd a square.
type Cell = (i64, i64);

/// The cells of a geometry: true in the interior, false on the boundary.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells(BTreeMap<Cell, bool>);

/// All features of the corpus lie in here; boxes are cut off outside of it.
const WINDOW: [f64; 4] = [-1.0, -1.0, 41.0, 31.0];

fn dimension((x, y): Cell) -> usize {
    usize::from(x % 2 != 0) + usize::from(y % 2 != 0)
}

fn on_lattice(degrees: f64) -> i64 {
    let halves = degrees * 2.0;
    assert!(halves.fract().abs() < f64::EPSILON, "{degrees} is not on the lattice of half degrees");
    halves as i64 * 2
}

fn point(position: &Value) -> Cell {
    (on_lattice(position[0].as_f64().unwrap()), on_lattice(position[1].as_f64().unwrap()))
}

fn list<T>(values: &Value, read: impl FnMut(&Value) -> T) -> Vec<T> {
    values.as_array().unwrap().iter().map(read).collect()
}

impl Cells {
    /// The cells of a GeoJSON geometry.
    pub fn of(geometry: &Value) -> Self {
        let coordinates = &geometry["coordinates"];
        match geometry["type"].as_str().unwrap() {
            "Point" => Self::points(&[point(coordinates)]),
            "MultiPoint" => Self::points(&list(coordinates, point)),
            "LineString" => Self::lines(&[list(coordinates, point)]),
            "MultiLineString" => Self::lines(&list(coordinates, |l| list(l, point))),
            "Polygon" => Self::areas(&[list(coordinates, |r| list(r, point))]),
            "MultiPolygon" => Self::areas(&list(coordinates, |p| list(p, |r| list(r, point)))),
            "GeometryCollection" => Self::together(&geometry["geometries"]),
            other => panic!("{other} is no geometry"),
        }
    }

    /// A collection: one area where it is made of areas; else only good for asking whether two geometries meet.
    fn together(parts: &Value) -> Self {
        let all_areas = parts.as_array().unwrap().iter().all(|p| p["type"] == "Polygon");
        if all_areas {
            return Self::areas(&list(parts, |p| list(&p["coordinates"], |r| list(r, point))));
        }
        Self(parts.as_array().unwrap().iter().flat_map(|p| Self::of(p).0).collect())
    }

    /// A box; one whose west is above its east goes over the antimeridian.
    pub fn of_box(bbox: &Value) -> Self {
        let [west, south, east, north] = [0, 1, 2, 3].map(|i| bbox[i].as_f64().unwrap());
        let rectangle = |west: f64, east: f64| {
            let [w, e] = [west.max(WINDOW[0]), east.min(WINDOW[2])].map(on_lattice);
            let [s, n] = [south.max(WINDOW[1]), north.min(WINDOW[3])].map(on_lattice);
            vec![vec![(w, s), (e, s), (e, n), (w, n), (w, s)]]
        };
        if west > east {
            return Self::areas(&[rectangle(west, 180.0), rectangle(-180.0, east)]);
        }
        let rectangle = rectangle(west, east);
        let (corner, opposite) = (rectangle[0][0], rectangle[0][2]);
        if corner.0 == opposite.0 || corner.1 == opposite.1 {
            return Self::lines(&[vec![corner, opposite]]);
        }
        Self::areas(&[rectangle])
    }

    fn points(all: &[Cell]) -> Self {
        Self(all.iter().map(|p| (*p, true)).collect())
    }

    /// Ends that occur an odd number of times are the boundary.
    fn lines(all: &[Vec<Cell>]) -> Self {
        let mut cells = BTreeMap::new();
        let mut ends = BTreeMap::<Cell, usize>::new();
        for line in all {
            for pair in line.windows(2) {
                let [(x1, y1), (x2, y2)] = [pair[0], pair[1]];
                assert!(x1 == x2 || y1 == y2, "{line:?} does not run along the lattice");
                for x in x1.min(x2)..=x1.max(x2) {
                    cells.extend((y1.min(y2)..=y1.max(y2)).map(|y| ((x, y), true)));
                }
            }
            *ends.entry(line[0]).or_default() += 1;
            *ends.entry(line[line.len() - 1]).or_default() += 1;
        }
        cells.extend(ends.into_iter().filter(|(_, n)| n % 2 == 1).map(|(end, _)| (end, false)));
        Self(cells)
    }

    /// Squares are inside or not by the even-odd rule; edges and points are inside when all squares around them are.
    fn areas(all: &[Vec<Vec<Cell>>]) -> Self {
        let mut squares = BTreeSet::new();
        for rings in all {
            let corners = rings.iter().flatten();
            let (xs, ys): (Vec<i64>, Vec<i64>) = corners.copied().unzip();
            let odd = |of: &[i64]| (of.iter().min().unwrap() + 1..*of.iter().max().unwrap()).step_by(2);
            for (x, y) in odd(&xs).flat_map(|x| odd(&ys).map(move |y| (x, y))) {
                let edges = rings.iter().flat_map(|r| r.windows(2));
                let to_the_east = edges.filter(|e| {
                    assert!(e[0].0 == e[1].0 || e[0].1 == e[1].1, "{rings:?} does not run along the lattice");
                    e[0].0 == e[1].0 && e[0].0 > x && (e[0].1 > y) != (e[1].1 > y)
                });
                if to_the_east.count() % 2 == 1 {
                    squares.insert((x, y));
                }
            }
        }
        let mut cells = BTreeMap::new();
        for (x, y) in &squares {
            for cell in (x - 1..=x + 1).flat_map(|x| (y - 1..=y + 1).map(move |y| (x, y))) {
                let reach = |n: i64| if n % 2 == 0 { vec![n - 1, n + 1] } else { vec![n] };
                let mut around = reach(cell.0).into_iter().flat_map(|x| reach(cell.1).into_iter().map(move |y| (x, y)));
                cells.insert(cell, around.all(|square| squares.contains(&square)));
            }
        }
        Self(cells)
    }

    fn dimension(&self) -> usize {
        self.0.keys().map(|c| dimension(*c)).max().unwrap()
    }

    fn within(&self, other: &Self) -> bool {
        self.0.keys().all(|c| other.0.contains_key(c)) && self.meeting_inside(other).is_some()
    }

    /// The dimension of what both interiors have in common.
    fn meeting_inside(&self, other: &Self) -> Option<usize> {
        let inside = self.0.iter().filter(|(_, inside)| **inside).map(|(c, _)| *c);
        inside.filter(|c| other.0.get(c) == Some(&true)).map(dimension).max()
    }

    /// Whether some of the interior is outside of the other.
    fn sticks_out_of(&self, other: &Self) -> bool {
        self.0.iter().any(|(c, inside)| *inside && !other.0.contains_key(c))
    }

    /// Whether it lies to the other as the operator of CQL2 says.
    pub fn lies(&self, op: &str, other: &Self) -> bool {
        let meets = self.0.keys().any(|c| other.0.contains_key(c));
        let (inside, dimensions) = (self.meeting_inside(other), (self.dimension(), other.dimension()));
        let each_sticks_out = self.sticks_out_of(other) && other.sticks_out_of(self);
        match op {
            "s_intersects" => meets,
            "s_disjoint" => !meets,
            "s_equals" => self == other,
            "s_touches" => meets && inside.is_none(),
            "s_within" => self.within(other),
            "s_contains" => other.within(self),
            "s_overlaps" => dimensions.0 == dimensions.1 && inside == Some(dimensions.0) && each_sticks_out,
            "s_crosses" => match dimensions {
                (1, 1) => inside == Some(0),
                (a, b) if a < b => inside.is_some() && self.sticks_out_of(other),
                (a, b) if a > b => inside.is_some() && other.sticks_out_of(self),
                _ => false,
            },
            other => panic!("{other} is no spatial operator"),
        }
    }
}
