//! The system in which the positions of a file are given: the manifest's word, else the file's own. They are brought to
//! CRS84 when they are read.

use super::report::{Place, Report};
use super::text::shorten;
use crate::core::geometry::{Crs, datum};
use crate::core::model::Text;
use geo::Coord;

/// A system other than longitude and latitude in WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Origin {
    /// A plane.
    Crs(Crs),
    /// The shifted degrees of AMap, Tencent, DataV.
    Gcj02,
    /// Baidu's.
    Bd09,
}

impl Origin {
    /// What words mean: none where that is WGS 84 itself; `Err` where the system is not supported.
    pub fn of_text(words: &str) -> Result<Option<Self>, String> {
        let plain: String = words.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        match plain.as_str() {
            "GCJ02" => Ok(Some(Self::Gcj02)),
            "BD09" | "BD09LL" => Ok(Some(Self::Bd09)),
            _ => Crs::of_text(words).map(Self::of_crs),
        }
    }

    /// None where positions can stay as they are.
    pub fn of_crs(crs: Crs) -> Option<Self> {
        crs.is_metric().then_some(Self::Crs(crs))
    }

    /// The longitude and latitude of x to the east and y to the north.
    pub fn locate(self, at: Coord<f64>) -> Option<Coord<f64>> {
        let degrees = at.x.abs() <= 180.0 && at.y.abs() <= 90.0;
        let found = match self {
            Self::Crs(crs) => (!degrees).then(|| crs.locate(at)).flatten()?,
            Self::Gcj02 => degrees.then(|| datum::from_gcj02(at))?,
            Self::Bd09 => degrees.then(|| datum::from_bd09(at))?,
        };
        // what is computed has no more than a centimetre to say
        let fine = |degrees: f64| (degrees * 1e8).round() / 1e8;
        Some(Coord { x: fine(found.x), y: fine(found.y) })
    }

    fn name(self) -> String {
        match self {
            Self::Crs(crs) => crs.code().map_or_else(|| crs.name(), |code| format!("{crs} (EPSG:{code})")),
            Self::Gcj02 => "GCJ-02".to_owned(),
            Self::Bd09 => "BD-09".to_owned(),
        }
    }

    /// Says what was done to all positions of a file.
    pub fn say(self, file: Place, report: &mut Report) {
        report.info(file, "crs-transformed", || {
            let name = self.name();
            (
                Text::new(
                    format!("坐标由 {name} 转换为 WGS 84 经纬度"),
                    format!("positions were brought from {name} to longitude and latitude in WGS 84"),
                ),
                Text::new("无需处理", "nothing to do"),
            )
        });
    }
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
            assert_eq!(Origin::of_text(good), Ok(None), "{good}");
        }
        let plane = |code| Ok(Crs::of_epsg(code).map(Origin::Crs));
        assert_eq!(Origin::of_text("EPSG:3857"), plane(3857));
        assert_eq!(Origin::of_text("urn:ogc:def:crs:EPSG::4549"), plane(4549));
        assert_eq!(Origin::of_text("GCJ-02"), Ok(Some(Origin::Gcj02)));
        assert_eq!(Origin::of_text("bd09"), Ok(Some(Origin::Bd09)));
        for bad in ["EPSG:2385", "urn:ogc:def:crs:EPSG::14326", "4326", "", "{\"type\":\"name\"}"] {
            assert!(Origin::of_text(bad).is_err(), "{bad}");
        }
    }
}
