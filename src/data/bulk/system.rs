//! Reference systems as files name them. In files x is always to the east, whatever the order of the axes.

use crate::core::geometry::{Crs, Plane};
use geo::{Geometry, MapCoords};

/// What files say of a reference system.
pub(super) struct System {
    /// Code in the EPSG register; CRS84 in the order of files is EPSG:4326.
    pub(super) code: i32,
    pub(super) name: String,
    /// Well-known text, version 1.
    pub(super) wkt: String,
    /// PROJJSON; none for CRS84, which GeoParquet takes for granted.
    pub(super) json: Option<String>,
}

const WGS84: [&str; 2] = [include_str!("crs/4326.wkt"), include_str!("crs/4326.json")];
const MERCATOR: [&str; 2] = [include_str!("crs/3857.wkt"), include_str!("crs/3857.json")];
const CGCS2000: [&str; 2] = [include_str!("crs/4490.wkt"), include_str!("crs/4490.json")];

pub(super) fn system(crs: Crs) -> System {
    let code = i32::from(crs.code().unwrap_or_default());
    let of = |[wkt, json]: [&str; 2], with: bool| System {
        code,
        name: if crs == Crs::Crs84 { Crs::Wgs84.name() } else { crs.name() },
        wkt: wkt.to_owned(),
        json: with.then(|| json.to_owned()),
    };
    match crs {
        Crs::Crs84 => of(WGS84, false),
        Crs::Wgs84 => of(WGS84, true),
        Crs::WebMercator => of(MERCATOR, true),
        Crs::Cgcs2000 => of(CGCS2000, true),
        Crs::Plane(plane) => {
            let base = if crs.north_first() { CGCS2000 } else { WGS84 };
            let name = crs.name();
            let (wkt, json) = (wkt(&name, plane, base[0]), json(&name, plane, base[1], crs.north_first()));
            System { code, name, wkt, json: Some(json) }
        }
    }
}

fn wkt(name: &str, plane: Plane, base: &str) -> String {
    let Plane { meridian, latitude, scale, easting, northing, .. } = plane;
    let axes = if base.contains("\"4490\"") {
        r#"AXIS["Northing",NORTH],AXIS["Easting",EAST]"#
    } else {
        r#"AXIS["Easting",EAST],AXIS["Northing",NORTH]"#
    };
    let id = plane.code.map_or(String::new(), |code| format!(r#",AUTHORITY["EPSG","{code}"]"#));
    format!(
        r#"PROJCS["{name}",{},PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",{latitude}],PARAMETER["central_meridian",{meridian}],PARAMETER["scale_factor",{scale}],PARAMETER["false_easting",{easting}],PARAMETER["false_northing",{northing}],UNIT["metre",1,AUTHORITY["EPSG","9001"]],{axes}{id}]"#,
        base.trim().replace(r#"AXIS["Latitude",NORTH],AXIS["Longitude",EAST],"#, "")
    )
}

fn json(name: &str, plane: Plane, base: &str, north_first: bool) -> String {
    let Plane { meridian, latitude, scale, easting, northing, .. } = plane;
    let value = |name: &str, value: f64, unit: &str, code: u16| {
        format!(r#"{{"name":"{name}","value":{value},"unit":"{unit}","id":{{"authority":"EPSG","code":{code}}}}}"#)
    };
    let parameters = [
        value("Latitude of natural origin", latitude, "degree", 8801),
        value("Longitude of natural origin", meridian, "degree", 8802),
        value("Scale factor at natural origin", scale, "unity", 8805),
        value("False easting", easting, "metre", 8806),
        value("False northing", northing, "metre", 8807),
    ];
    let axis = |name: &str, abbreviation: &str| {
        let direction = name.trim_end_matches("ing").to_lowercase();
        format!(r#"{{"name":"{name}","abbreviation":"{abbreviation}","direction":"{direction}","unit":"metre"}}"#)
    };
    let axes = if north_first {
        [axis("Northing", "X"), axis("Easting", "Y")]
    } else {
        [axis("Easting", "E"), axis("Northing", "N")]
    };
    let id = plane.code.map_or(String::new(), |code| format!(r#","id":{{"authority":"EPSG","code":{code}}}"#));
    let conversion = name.rsplit(" / ").next().unwrap_or(name);
    format!(
        r#"{{"type":"ProjectedCRS","name":"{name}","base_crs":{},"conversion":{{"name":"{conversion}","method":{{"name":"Transverse Mercator","id":{{"authority":"EPSG","code":9807}}}},"parameters":[{}]}},"coordinate_system":{{"subtype":"Cartesian","axis":[{}]}}{id}}}"#,
        base.trim(),
        parameters.join(","),
        axes.join(","),
    )
}

/// A geometry in CRS84 with the coordinates of a file.
pub(super) fn placed(crs: Crs, geometry: Geometry<f64>) -> Geometry<f64> {
    if crs.is_metric() { geometry.map_coords(|c| crs.east_north(c)) } else { geometry }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What files say of a system is read as that system again, in both of its spellings.
    #[test]
    fn what_is_written_is_read() {
        let planes = (4491..=4554).chain(32601..=32660).chain(32701..=32760);
        let all: Vec<Crs> = [4326, 4490, 3857].into_iter().chain(planes).filter_map(Crs::of_epsg).collect();
        assert_eq!(all.len(), 187);
        for crs in all {
            let said = system(crs);
            // two codes may stand for the same plane
            let same = |text: &str| Crs::of_text(text).is_ok_and(|read| read.same_place(crs));
            assert!(same(&said.wkt) && same(&said.json.unwrap()), "{crs}");
            assert_eq!(Crs::of_both("EPSG", &said.code.to_string(), &said.wkt), Ok(crs));
        }
    }
}
