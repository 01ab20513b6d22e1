//! Against PROJ: the table holds what pyproj says (`tests/clients/crs_table.py` writes it).

use super::*;
use crate::geometry::Bounds;
use proptest::prelude::*;

fn plane(code: u32) -> Crs {
    Crs::of_epsg(code).unwrap()
}

/// One of each kind.
fn all() -> Vec<Crs> {
    let planes = [4549, 4528, 4508, 4498, 32651, 32751];
    [Crs::Crs84, Crs::Wgs84, Crs::WebMercator, Crs::Cgcs2000].into_iter().chain(planes.map(plane)).collect()
}

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
        let metric = crs.is_metric();
        let (there, back) = if metric { (1e-4, 2e-9) } else { (1e-12, 1e-12) };
        let got = crs.project(Coord { x: lon, y: lat });
        assert!((got.x - first).abs() < there && (got.y - second).abs() < there, "{crs:?} {lon} {lat}: {got:?}");
        let got = crs.unproject(Coord { x: first, y: second }).unwrap();
        assert!((got.x - lon).abs() < back && (got.y - lat).abs() < back, "{crs:?} {first} {second}: {got:?}");
        seen += 1;
    }
    assert!(seen > 600, "the table has {seen} rows");
}

/// In every spelling that PROJ writes, and those of other datums, methods and units in none (`tests/clients/crs_texts.py`).
#[test]
fn systems_are_read_by_their_parameters() {
    let texts: Vec<(Option<u32>, String)> = serde_json::from_str(include_str!("texts.json")).unwrap();
    let (mut read, mut refused) = (0, 0);
    for (code, text) in &texts {
        let found = Crs::of_text(text);
        if let Some(code) = code {
            let same = found.as_ref().is_ok_and(|found| found.same_place(plane(*code)));
            assert!(same, "EPSG:{code}: {found:?}\n{text}");
            read += 1;
        } else {
            assert!(found.is_err(), "{found:?}\n{text}");
            refused += 1;
        }
    }
    assert!(read > 45 && refused > 80, "{read} {refused}");
}

#[test]
fn what_people_and_programs_write() {
    let prj = |datum: &str, spheroid: &str, meridian: &str, easting: &str, scale: &str| {
        Crs::of_text(&format!(
            r#"PROJCS["一个",GEOGCS["GCS",DATUM["{datum}",SPHEROID["S",{spheroid}]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{easting}],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",{scale}],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#
        ))
    };
    let cgcs = "6378137.0,298.257222101";
    assert_eq!(prj("D_China_2000", cgcs, "120.0", "500000.0", "1.0"), Ok(plane(4549)));
    assert_eq!(prj("D_China_Geodetic_Coordinate_System_2000", cgcs, "117", "39500000", "1"), Ok(plane(4527)));
    assert_eq!(prj("D_China_2000", cgcs, "117.0", "20500000.0", "1.0"), Ok(plane(4498)));
    assert_eq!(prj("D_WGS_1984", "6378137.0,298.257223563", "117", "500000", "0.9996"), Ok(plane(32650)));
    // parameters that the register has no code for are a system all the same: a city's own meridian
    let own = prj("D_China_2000", cgcs, "119.5", "500000.0", "1.0").unwrap();
    assert_eq!((own.code(), own.uri()), (None, String::new()));
    let at = own.locate(Coord { x: 500_000.0, y: 3_350_000.0 }).unwrap();
    assert!((at.x - 119.5).abs() < 1e-9, "{at:?}");
    // the name of a datum with another's ellipsoid is neither
    assert_eq!(prj("D_China_2000", "6378140.0,298.257", "120", "500000", "1"), Err("一个".to_owned()));
    assert_eq!(prj("D_Xian_1980", "6378140.0,298.257", "120", "500000", "1"), Err("一个".to_owned()));
    assert_eq!(prj("D_Beijing_1954", "6378245.0,298.3", "120", "500000", "1"), Err("一个".to_owned()));
    let local = r#"LOCAL_CS["杭州坐标系",UNIT["Meter",1.0]]"#;
    assert_eq!(Crs::of_text(local), Err("杭州坐标系".to_owned()));
    for (text, code) in [
        ("EPSG:4549", 4549),
        ("urn:ogc:def:crs:EPSG::4549", 4549),
        ("urn:ogc:def:crs:EPSG:6.9:32650", 32650),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", 3857),
        ("http://www.opengis.net/gml/srs/epsg.xml#4490", 4490),
        ("[EPSG:4326]", 4326),
        ("ESRI:102100", 3857),
        ("epsg:4479:4490", 4490),
        ("+proj=utm +zone=50 +datum=WGS84 +units=m +no_defs", 32650),
        ("+proj=utm +zone=51 +south +datum=WGS84", 32751),
    ] {
        assert_eq!(Crs::of_text(text), Ok(plane(code)), "{text}");
    }
    for crs84 in ["urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"] {
        assert_eq!(Crs::of_text(crs84), Ok(Crs::Crs84));
    }
    for bad in [
        "",
        "4326",
        "EPSG:",
        "EPSG:14326",
        "EPSG:99999999999",
        "WGS 84",
        "{",
        "{}",
        "PROJCS[",
        "+proj=utm +zone=99",
        "AB",
    ] {
        assert!(Crs::of_text(bad).is_err(), "{bad}");
    }
    let text = r#"PROJCS["x",GEOGCS["g",DATUM["D_WGS_1984",SPHEROID["s",6378137,298.257223563]]],PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",117],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000]]"#;
    assert_eq!(Crs::of_both("EPSG", "32650", text), Ok(plane(32650)));
    assert_eq!(Crs::of_both("NONE", "990001", text), Ok(plane(32650)));
    assert!(Crs::of_both("EPSG", "4548", text).is_err(), "code and text contradict each other");
    assert!(Crs::of_both("EPSG", "2385", text).is_err(), "a code of another datum");
    assert_eq!(Crs::of_both("EPSG", "4548", "CGCS2000"), Ok(plane(4548)));
}

#[test]
fn systems_on_offer_are_those_of_the_ground() {
    let codes = |west, south, east, north| -> Vec<u16> {
        Crs::usual(&Bounds { west, south, east, north }).iter().skip(1).filter_map(|c| c.code()).collect()
    };
    assert_eq!(codes(118.3, 29.2, 120.9, 30.6), [4326, 3857, 4490, 4548, 4549]);
    assert_eq!(codes(116.0, 39.4, 117.4, 41.1), [4326, 3857, 4490, 4548]);
    assert_eq!(codes(73.5, 18.0, 135.0, 53.6), [4326, 3857, 4490], "no plane holds a country");
    assert_eq!(codes(9.0, 48.0, 9.4, 48.9), [4326, 3857, 32632]);
    assert_eq!(codes(151.0, -34.0, 151.4, -33.5), [4326, 3857, 32756]);
    assert_eq!(codes(-180.0, -90.0, 180.0, 90.0), [4326, 3857]);
    for crs in Crs::usual(&Bounds { west: 118.3, south: 29.2, east: 120.9, north: 30.6 }) {
        assert_eq!(Crs::of_uri(&crs.uri()), Some(crs));
    }
    for bad in
        ["EPSG:4549", "http://www.opengis.net/def/crs/EPSG/0/04549", "http://www.opengis.net/def/crs/EPSG/0/4979"]
    {
        assert_eq!(Crs::of_uri(bad), None, "{bad}");
    }
}

#[test]
fn a_box_is_where_its_corners_are() {
    let known = plane(4549).project(Coord { x: 120.3, y: 30.2 });
    let Some(Ground::Outline(p)) =
        plane(4549).ground([known.x - 100.0, known.y - 200.0, known.x + 100.0, known.y + 200.0])
    else {
        panic!("no outline")
    };
    let km2 = crate::geometry::measure::area_km2(&geo::MultiPolygon(vec![p.clone()]));
    assert!((km2 - 0.08).abs() < 1e-5, "{km2}");
    assert!(geo::Contains::contains(&p, &geo::Point::new(120.3, 30.2)));
    assert_eq!(Crs::Wgs84.ground([30.0, 120.0, 31.0, 121.0]), Some(Ground::Box([120.0, 30.0, 121.0, 31.0])));
    assert_eq!(Crs::Wgs84.ground([30.0, 179.0, 31.0, -179.0]), Some(Ground::Box([179.0, 30.0, -179.0, 31.0])));
    assert_eq!(Crs::Wgs84.ground([120.0, 30.0, 121.0, 31.0]), None, "no latitude is 120");
    assert_eq!(Crs::WebMercator.ground([2.0, 0.0, 1.0, 5.0]), None, "nothing goes over the edge of the map");
    let world = Crs::WebMercator.ground([-2.1e7, -2.1e7, 2.1e7, 2.1e7]);
    assert!(matches!(world, Some(Ground::Box([-180.0, _, 180.0, _]))), "{world:?}");
    assert!(plane(4549).ground([f64::NEG_INFINITY, 0.0, 1.0, 1.0]).is_none());
    assert!(plane(4549).ground([-1e12, -1e12, 1e12, 1e12]).is_some(), "everything is a box too");
}

proptest! {
    #[test]
    fn there_and_back(lon in 95.0f64..144.0, lat in -84.0f64..84.0) {
        for crs in all() {
            let back = crs.unproject(crs.project(Coord { x: lon, y: lat })).unwrap_or_else(|| panic!("{crs:?}"));
            prop_assert!((back.x - lon).abs() < 2e-8 && (back.y - lat).abs() < 2e-9, "{:?} {:?}", crs, back);
        }
    }

    #[test]
    fn nothing_panics_or_leaves_the_earth(x in any::<f64>(), y in any::<f64>(), z in any::<f64>(), w in any::<f64>()) {
        for crs in all() {
            if let Some(c) = crs.unproject(Coord { x, y }) {
                prop_assert!(c.x.abs() <= 180.0 && c.y.abs() <= 90.0);
            }
            let _ = crs.ground([x, y, z, w]);
        }
    }
}
