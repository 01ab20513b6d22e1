//! Spatial predicates: no valid geometry panics, both sides agree, the short way for points says what the long one says.

use super::super::expr::Spatial;
use super::super::{Expr, OPS, Op, space};
use crate::columns::Bitmap;
use crate::model::Geometries;
use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use geo::{Relate, Validation};
use proptest::prelude::*;

fn ops() -> impl Iterator<Item = Spatial> {
    OPS.iter().filter_map(|(op, ..)| if let Op::Spatial(s) = op { Some(*s) } else { None })
}

/// Geometries on a small lattice, so that they touch, overlap and equal each other all the time.
fn geometry() -> impl Strategy<Value = Geometry<f64>> {
    let coord = || (0i32..6, 0i32..6).prop_map(|(x, y)| Coord { x: f64::from(x), y: f64::from(y) });
    let line = move || proptest::collection::vec(coord(), 2..5).prop_map(LineString);
    let rect = || {
        (coord(), 1i32..4, 1i32..4, any::<bool>()).prop_map(|(c, w, h, hole)| {
            let (w, h) = (f64::from(w), f64::from(h));
            let ring = |i: f64| {
                let (x0, y0, x1, y1) = (c.x + i, c.y + i, c.x + w - i, c.y + h - i);
                LineString::from(vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)])
            };
            Polygon::new(ring(0.0), if hole && w > 1.0 && h > 1.0 { vec![ring(0.25)] } else { vec![] })
        })
    };
    let any_ring = move || proptest::collection::vec(coord(), 3..6).prop_map(|v| Polygon::new(LineString(v), vec![]));
    let one = prop_oneof![
        coord().prop_map(|c| Point(c).into()),
        line().prop_map(Geometry::from),
        rect().prop_map(Geometry::from),
        any_ring().prop_map(Geometry::from),
        proptest::collection::vec(coord(), 0..4).prop_map(|v| MultiPoint::from(v).into()),
        proptest::collection::vec(line(), 0..3).prop_map(|v| MultiLineString(v).into()),
        proptest::collection::vec(rect(), 0..3).prop_map(|v| MultiPolygon(v).into()),
    ];
    let valid = |g: &Geometry<f64>| g.is_valid();
    let one = one.prop_filter("valid", valid);
    prop_oneof![
        4 => one.clone(),
        1 => proptest::collection::vec(one, 0..3).prop_map(|v| Geometry::GeometryCollection(GeometryCollection(v))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn both_sides_agree(a in geometry(), b in geometry()) {
        for op in ops() {
            let (here, several) = (space::lies(op, &a, &b), space::of_one_sort(&a).is_none() || space::of_one_sort(&b).is_none());
            prop_assert!(here.is_some() || (several && op.needs_one_sort()));
            prop_assert_eq!(here, space::lies(op.swapped(), &b, &a), "{:?} {} / {}", op, Expr::Geometry(a.clone()), Expr::Geometry(b.clone()));
        }
        prop_assert!(space::lies(Spatial::Intersects, &a, &b).is_some());
        prop_assert_ne!(space::lies(Spatial::Intersects, &a, &b), space::lies(Spatial::Disjoint, &a, &b));
        let simple = |g: &Geometry<f64>| !matches!(g, Geometry::GeometryCollection(_));
        if simple(&a) && simple(&b) {
            prop_assert_eq!(space::lies(Spatial::Intersects, &a, &b), Some(a.relate(&b).is_intersects()));
        }
    }

    #[test]
    fn the_short_way_for_points(points in proptest::collection::vec((0i32..12, 0i32..12), 1..20), g in geometry()) {
        let at: Vec<(f64, f64)> = points.iter().map(|(x, y)| (f64::from(*x) / 2.0, f64::from(*y) / 2.0)).collect();
        let n = at.len();
        let columns = Geometries::Points {
            lon: at.iter().map(|p| p.0).collect(), lat: at.iter().map(|p| p.1).collect(), located: Bitmap::from_fn(n, |i| i % 5 != 4),
        };
        let any = Geometries::Any((0..n).map(|i| columns.value(i)).collect());
        for op in ops() {
            let g = if op.needs_one_sort() { space::of_one_sort(&g).map(std::borrow::Cow::into_owned) } else { Some(g.clone()) };
            let Some(g) = g else { continue };
            let other = space::Other::new(&g);
            let rows = |geometries| other.rows(op, geometries, 0, &Bitmap::all(n));
            let (short, long) = (rows(&columns), rows(&any));
            prop_assert_eq!(short, long, "{:?} {}", op, Expr::Geometry(g.clone()));
        }
    }
}
