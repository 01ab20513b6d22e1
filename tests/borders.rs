//! Districts that share ragged borders fill every tile: no gap and no overlap, whatever was left out at that zoom.

use crate::common;

use common::city;
use fast_mvt::MvtReaderRef;
use geo::{Area, Geometry, LineString, MapCoords, Polygon};
use proptest::prelude::*;
use shigu::core::geometry::mercator::{TileId, project};
use shigu::core::query::{Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::Snapshot;
use shigu::render::tiles::{Grid, encode};

/// Units of a tile's side with its buffer on both sides.
const SIDE: f64 = 4096.0 + 2.0 * 128.0;

type Line = Vec<(f64, f64)>;

/// From `a` to `b` with a vertex for each shift, so far to the side; nearly straight where it begins.
fn ragged(a: (f64, f64), b: (f64, f64), shifts: &[f64]) -> Line {
    let n = shifts.len() as f64 + 1.0;
    let along = |(i, shift): (usize, &f64)| {
        let (t, shift) = ((i + 1) as f64 / n, shift * (i as f64 / 20.0).min(1.0));
        (a.0 + (b.0 - a.0) * t + shift, a.1 + (b.1 - a.1) * t - shift)
    };
    std::iter::once(a).chain(shifts.iter().enumerate().map(along)).chain([b]).collect()
}

fn polygon(lines: &[Line]) -> Polygon<f64> {
    Polygon::new(LineString::from(lines.concat()), vec![])
}

fn back(line: &Line) -> Line {
    line.iter().rev().copied().collect()
}

/// The areas of the polygons of a tile's only layer, in square units, and their vertices.
fn areas(bytes: &[u8]) -> (f64, usize) {
    let tile = MvtReaderRef::new(bytes).unwrap();
    let layer = tile.layers().find(|l| l.name() == "districts").unwrap();
    layer.features().fold((0.0, 0), |(area, vertices), f| {
        let geometry: Geometry<i32> = f.geometry().unwrap();
        let geometry = geometry.map_coords(|c| geo::Coord { x: f64::from(c.x), y: f64::from(c.y) });
        (area + geometry.unsigned_area(), vertices + geo::CoordsIter::coords_count(&geometry))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn neighbours_fill_the_tile(shifts in proptest::collection::vec(proptest::collection::vec(-0.004f64..0.004, 300..500), 3), x in 119.99f64..120.01, y in 29.99f64..30.01) {
        // three districts meet in the middle of a box that is larger than any of the tiles, at a place that the upper one
        // alone would leave out: its border is straight there
        let middle = (120.0, 30.0);
        let spokes = [ragged(middle, (117.0, 30.0), &shifts[0]), ragged(middle, (123.0, 30.0), &shifts[1]), ragged(middle, (120.0, 27.0), &shifts[2])];
        let districts = [
            polygon(&[spokes[0].clone(), vec![(117.0, 33.0), (123.0, 33.0)], back(&spokes[1])]),
            polygon(&[spokes[1].clone(), vec![(123.0, 27.0)], back(&spokes[2])]),
            polygon(&[spokes[2].clone(), vec![(117.0, 27.0)], back(&spokes[0])]),
        ];
        let engine = Embedded::from(Snapshot::new(city(&districts, &[], &[])));
        let collection = engine.describe().collections[0].spec.id.clone();
        let bound = engine.bind(&Question::of(collection), Disclosure::Full).unwrap();
        let (x, y) = project(x, y);
        for z in 8..=18 {
            let tile = TileId::new(z, x >> (32 - z), y >> (32 - z)).unwrap();
            let (area, _) = areas(&encode(std::slice::from_ref(&bound), tile, Grid::Auto));
            prop_assert!((area - SIDE * SIDE).abs() < 0.5, "z{}: {} of {} square units", z, area, SIDE * SIDE);
        }
        // much is left out at the whole city's zoom, whose tile would have all vertices of three ragged lines, twice
        let tile = TileId::new(6, x >> 26, y >> 26).unwrap();
        let (_, vertices) = areas(&encode(std::slice::from_ref(&bound), tile, Grid::Auto));
        prop_assert!(vertices * 10 < shifts.iter().map(Vec::len).sum::<usize>() * 2 * 9, "{} vertices", vertices);
    }
}
