//! The system in which the positions of a file are given: the manifest's word, else the file's own. They are brought to
//! CRS84 when they are read.

use super::report::{Place, Report};
use super::text::shorten;
use crate::core::model::Text;
use crate::data::system::System;
use geo::Coord;

/// A system from which positions have to be brought; none where they can stay as they are.
pub fn other(system: System) -> Option<System> {
    Some(system).filter(|s| *s != System::Wgs84)
}

/// What words mean: none where that is WGS 84 itself; `Err` where the system is not supported.
pub fn of_text(words: &str) -> Result<Option<System>, String> {
    System::of_text(words).map(other)
}

/// The longitude and latitude of x to the east and y to the north.
pub fn locate(system: System, at: Coord<f64>) -> Option<Coord<f64>> {
    let found = system.locate(at.x, at.y)?;
    // what is computed has no more than a centimetre to say
    let fine = |degrees: f64| (degrees * 1e8).round() / 1e8;
    Some(Coord { x: fine(found.x), y: fine(found.y) })
}

/// Says what was done to all positions of a file.
pub fn say(system: System, file: Place, report: &mut Report) {
    report.info(file, "crs-transformed", || {
        let name = system.name();
        (
            Text::new(
                format!("坐标由 {} 转换为 WGS 84 经纬度", name.zh),
                format!("positions were brought from {} to longitude and latitude in WGS 84", name.en),
            ),
            Text::new("无需处理", "nothing to do"),
        )
    });
}

/// Says that the system of a file is not supported.
pub fn unsupported(crs: &str, file: Place, report: &mut Report) {
    report.error(file, "foreign-crs", || {
        let crs = shorten(crs);
        (
            Text::new(
                format!("坐标系 {crs} 不受支持,无法转换为 WGS 84 经纬度"),
                format!("the CRS {crs} is not supported and can't be brought to longitude and latitude in WGS 84"),
            ),
            Text::new(
                "支持 WGS 84、CGCS2000 经纬度及其高斯—克吕格 3 度、6 度带、UTM、Web 墨卡托、GCJ-02、BD-09;其他的请先转换再导出",
                "WGS 84 and CGCS2000 in degrees, the Gauss-Kruger zones of CGCS2000, UTM, Web Mercator, GCJ-02 and BD-09 are; convert others first and export again",
            ),
        )
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crs_names() {
        for good in [
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "EPSG:4326",
            "urn:ogc:def:crs:EPSG::4490",
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            "urn:ogc:def:crs:EPSG::4326",
        ] {
            assert_eq!(of_text(good), Ok(None), "{good}");
        }
        let plane = |code| Ok(System::of_epsg(code));
        assert_eq!(of_text("EPSG:3857"), plane(3857));
        assert_eq!(of_text("urn:ogc:def:crs:EPSG::4549"), plane(4549));
        assert_eq!(of_text("GCJ-02"), Ok(Some(System::Gcj02)));
        assert_eq!(of_text("bd09"), Ok(Some(System::Bd09)));
        for bad in ["EPSG:2385", "urn:ogc:def:crs:EPSG::14326", "4326", "", "{\"type\":\"name\"}"] {
            assert!(of_text(bad).is_err(), "{bad}");
        }
    }
}
