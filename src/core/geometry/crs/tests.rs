//! Against PROJ: the table holds what pyproj says (`tests/clients/crs_table.py` writes it).

use super::*;
use proptest::prelude::*;

const TABLE: &str = include_str!("points.csv");

/// Rows of the table: EPSG code, longitude, latitude, first and second axis.
fn rows() -> impl Iterator<Item = (Crs, [f64; 4])> {
    TABLE.lines().filter(|l| !l.starts_with('#')).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let crs = Crs::of_uri(&format!("http://www.opengis.net/def/crs/EPSG/0/{}", cells[0])).unwrap();
        (crs, [1, 2, 3, 4].map(|i| cells[i].parse().unwrap()))
    })
}

#[test]
fn positions_are_where_proj_puts_them() {
    let mut seen = 0;
    for (crs, [lon, lat, first, second]) in rows() {
        let metric = matches!(crs, Crs::WebMercator | Crs::GaussKruger120);
        let (there, back) = if metric { (1e-4, 2e-9) } else { (1e-12, 1e-12) };
        let got = crs.project(Coord { x: lon, y: lat });
        assert!((got.x - first).abs() < there && (got.y - second).abs() < there, "{crs:?} {lon} {lat}: {got:?}");
        let got = crs.unproject(Coord { x: first, y: second }).unwrap();
        assert!((got.x - lon).abs() < back && (got.y - lat).abs() < back, "{crs:?} {first} {second}: {got:?}");
        seen += 1;
    }
    assert!(seen > 80, "the table has {seen} rows");
}

#[test]
fn a_box_is_where_its_corners_are() {
    let known = Crs::GaussKruger120.project(Coord { x: 120.3, y: 30.2 });
    let Some(Ground::Outline(p)) =
        Crs::GaussKruger120.ground([known.x - 100.0, known.y - 200.0, known.x + 100.0, known.y + 200.0])
    else {
        panic!("no outline")
    };
    let km2 = crate::core::geometry::measure::area_km2(&geo::MultiPolygon(vec![p.clone()]));
    assert!((km2 - 0.08).abs() < 1e-5, "{km2}");
    assert!(geo::Contains::contains(&p, &geo::Point::new(120.3, 30.2)));
    assert_eq!(Crs::Wgs84.ground([30.0, 120.0, 31.0, 121.0]), Some(Ground::Box([120.0, 30.0, 121.0, 31.0])));
    assert_eq!(Crs::Wgs84.ground([30.0, 179.0, 31.0, -179.0]), Some(Ground::Box([179.0, 30.0, -179.0, 31.0])));
    assert_eq!(Crs::Wgs84.ground([120.0, 30.0, 121.0, 31.0]), None, "no latitude is 120");
    assert_eq!(Crs::WebMercator.ground([2.0, 0.0, 1.0, 5.0]), None, "nothing goes over the edge of the map");
    let world = Crs::WebMercator.ground([-2.1e7, -2.1e7, 2.1e7, 2.1e7]);
    assert!(matches!(world, Some(Ground::Box([-180.0, _, 180.0, _]))), "{world:?}");
    assert!(Crs::GaussKruger120.ground([f64::NEG_INFINITY, 0.0, 1.0, 1.0]).is_none());
    assert!(Crs::GaussKruger120.ground([-1e12, -1e12, 1e12, 1e12]).is_some(), "everything is a box too");
}

proptest! {
    #[test]
    fn there_and_back(lon in 95.0f64..145.0, lat in -84.0f64..84.0) {
        for (crs, _) in Crs::ALL {
            let back = crs.unproject(crs.project(Coord { x: lon, y: lat })).unwrap();
            prop_assert!((back.x - lon).abs() < 2e-8 && (back.y - lat).abs() < 2e-9, "{:?} {:?}", crs, back);
        }
    }

    #[test]
    fn nothing_panics_or_leaves_the_earth(x in any::<f64>(), y in any::<f64>(), z in any::<f64>(), w in any::<f64>()) {
        for (crs, _) in Crs::ALL {
            if let Some(c) = crs.unproject(Coord { x, y }) {
                prop_assert!(c.x.abs() <= 180.0 && c.y.abs() <= 90.0);
            }
            let _ = crs.ground([x, y, z, w]);
        }
    }
}
