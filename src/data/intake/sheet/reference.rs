//! What a file says of its reference system, as one of the systems that are supported.

use crate::data::intake::system::System;

/// The system of well-known text, of ESRI's or OGC's dialect; otherwise the name that the text gives.
pub fn of_wkt(text: &str) -> Result<System, String> {
    let flat: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    let unknown = || text.split('"').nth(1).unwrap_or(text).to_owned();
    let says = |any: &[&str]| any.iter().any(|w| flat.contains(w));
    let cgcs = says(&["cgcs2000", "china2000", "chinageodeticcoordinatesystem2000", "chinesegeodetic"]);
    if !flat.contains("projcs[") && !flat.contains("projcrs[") {
        let degrees = says(&["geogcs[", "geogcrs[", "geodcrs["]);
        return if degrees && (cgcs || says(&["wgs84", "wgs1984"])) { Ok(System::Wgs84) } else { Err(unknown()) };
    }
    let value = |names: &[&str]| {
        names.iter().find_map(|name| {
            let rest = &flat[flat.find(&format!("parameter[\"{name}\","))? + name.len() + 13..];
            rest[..rest.find([',', ']'])?].parse::<f64>().ok()
        })
    };
    let meridian = value(&["centralmeridian", "longitudeofnaturalorigin"]);
    let easting = value(&["falseeasting"]);
    let scale = value(&["scalefactor", "scalefactoratnaturalorigin"]).unwrap_or(1.0);
    let transverse = says(&["gausskruger", "transversemercator"]);
    let known = [
        (120.0, 500_000.0, System::Epsg4549),
        (120.0, 40_500_000.0, System::Epsg4528),
        (117.0, 500_000.0, System::Epsg4548),
        (117.0, 39_500_000.0, System::Epsg4527),
    ];
    let same = |a: Option<f64>, b: f64| a.is_some_and(|a| (a - b).abs() < 1e-6);
    let found = known.iter().find(|(m, e, _)| same(meridian, *m) && same(easting, *e));
    match found {
        Some((.., system)) if cgcs && transverse && same(Some(scale), 1.0) => Ok(*system),
        _ => Err(unknown()),
    }
}

/// The system of an authority's code.
pub fn of_code(authority: &str, code: &str) -> Result<System, String> {
    match (authority.to_ascii_uppercase().as_str(), code) {
        ("EPSG", "4326" | "4979" | "4490" | "4480") | ("OGC", "CRS84" | "CRS84H") => Ok(System::Wgs84),
        ("EPSG", "4549") => Ok(System::Epsg4549),
        ("EPSG", "4528") => Ok(System::Epsg4528),
        ("EPSG", "4548") => Ok(System::Epsg4548),
        ("EPSG", "4527") => Ok(System::Epsg4527),
        _ => Err(format!("{authority}:{code}")),
    }
}

/// The system of a code, else of its text.
pub fn of_either(authority: &str, code: &str, text: &str) -> Result<System, String> {
    of_code(authority, code).or_else(|code| of_wkt(text).map_err(|name| if name.is_empty() { code } else { name }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_text_of_two_dialects() {
        let plane = |datum: &str, meridian: &str, easting: &str, scale: &str| {
            of_wkt(&format!(
                r#"PROJCS["一个",GEOGCS["GCS_{datum}",DATUM["D_{datum}",SPHEROID["CGCS2000",6378137.0,298.257222101]]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{easting}],PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",{scale}],UNIT["Meter",1.0]]"#
            ))
        };
        assert_eq!(plane("China_Geodetic_Coordinate_System_2000", "120.0", "500000.0", "1.0"), Ok(System::Epsg4549));
        assert_eq!(plane("China_2000", "120", "40500000", "1"), Ok(System::Epsg4528));
        assert_eq!(plane("China_2000", "117.0", "500000.0", "1.0"), Ok(System::Epsg4548));
        assert_eq!(plane("China_2000", "119.5", "500000.0", "1.0"), Err("一个".to_owned()));
        assert_eq!(plane("China_2000", "120", "500000", "0.9996"), Err("一个".to_owned()));
        let wgs = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]]]"#;
        assert_eq!(of_wkt(wgs), Ok(System::Wgs84));
        assert_eq!(of_wkt(r#"GEOGCS["GCS_Beijing_1954",DATUM["D"]]"#), Err("GCS_Beijing_1954".to_owned()));
        let crs = r#"PROJCRS["CGCS2000 / 3-degree Gauss-Kruger CM 120E",BASEGEOGCRS["China Geodetic Coordinate System 2000"],CONVERSION["c",METHOD["Transverse Mercator"],PARAMETER["Longitude of natural origin",120],PARAMETER["Scale factor at natural origin",1],PARAMETER["False easting",500000]]]"#;
        assert_eq!(of_wkt(crs), Ok(System::Epsg4549));
        assert_eq!(of_either("EPSG", "4490", ""), Ok(System::Wgs84));
        assert_eq!(of_either("NONE", "990001", crs), Ok(System::Epsg4549));
        assert_eq!(of_either("EPSG", "3857", ""), Err("EPSG:3857".to_owned()));
        assert_eq!(of_either("EPSG", "3857", r#"PROJCS["Web Mercator"]"#), Err("Web Mercator".to_owned()));
        assert_eq!(of_wkt("PARAMETER[\"false_easting\","), Err("false_easting".to_owned()));
    }
}
