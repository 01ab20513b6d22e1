//! The systems in which departments give positions, and how a pair of cells becomes a longitude and latitude.

use crate::core::geometry::{Crs, datum};
use crate::core::model::Text;
use geo::Coord;
use serde::Serialize;

/// A system of coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ImportSystem)]
pub enum System {
    /// WGS 84 in degrees; CGCS2000 in degrees (EPSG:4490) is the same to a few centimetres.
    Wgs84,
    /// The system of AMap, Tencent and Google's maps of China.
    Gcj02,
    /// Baidu's.
    Bd09,
    /// CGCS2000, 3-degree Gauss-Kruger, central meridian 120°E: EPSG:4549.
    Epsg4549,
    /// The same with the zone's number 40 before the easting: EPSG:4528.
    Epsg4528,
    /// Central meridian 117°E: EPSG:4548.
    Epsg4548,
    /// Central meridian 117°E with the zone's number 39: EPSG:4527.
    Epsg4527,
}

impl System {
    /// All of them, the likeliest of equals first.
    pub const ALL: [Self; 7] =
        [Self::Wgs84, Self::Gcj02, Self::Bd09, Self::Epsg4549, Self::Epsg4528, Self::Epsg4548, Self::Epsg4527];

    /// Its name.
    pub fn name(self) -> Text {
        let plane = |epsg: u16, meridian: u8, zone: &str| {
            Text::new(
                format!("CGCS2000 高斯—克吕格 {meridian}°{zone}(EPSG:{epsg})"),
                format!("CGCS2000 Gauss-Kruger {meridian}°E (EPSG:{epsg})"),
            )
        };
        match self {
            Self::Wgs84 => Text::new("WGS84", "WGS 84"),
            Self::Gcj02 => Text::new("GCJ-02", "GCJ-02"),
            Self::Bd09 => Text::new("BD-09", "BD-09"),
            Self::Epsg4549 => plane(4549, 120, ""),
            Self::Epsg4528 => plane(4528, 120, "带号 40"),
            Self::Epsg4548 => plane(4548, 117, ""),
            Self::Epsg4527 => plane(4527, 117, "带号 39"),
        }
    }

    /// Its short name in files and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Wgs84 => "wgs84",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
            Self::Epsg4549 => "epsg:4549",
            Self::Epsg4528 => "epsg:4528",
            Self::Epsg4548 => "epsg:4548",
            Self::Epsg4527 => "epsg:4527",
        }
    }

    /// The system that words mean: `GCJ-02`, `高德坐标`, `EPSG:4490`, `国家2000`.
    pub fn of_words(words: &str) -> Option<Self> {
        let words: String =
            words.to_lowercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | ':')).collect();
        let says = |any: &[&str]| any.iter().any(|w| words.contains(w));
        if says(&["4549"]) {
            Some(Self::Epsg4549)
        } else if says(&["4528"]) {
            Some(Self::Epsg4528)
        } else if says(&["4548"]) {
            Some(Self::Epsg4548)
        } else if says(&["4527"]) {
            Some(Self::Epsg4527)
        } else if says(&["bd09", "百度"]) {
            Some(Self::Bd09)
        } else if says(&["gcj", "高德", "腾讯", "火星"]) {
            Some(Self::Gcj02)
        } else if says(&["wgs", "4326", "4490", "cgcs2000", "国家2000", "2000国家", "gps"]) {
            Some(Self::Wgs84)
        } else {
            None
        }
    }

    /// Whether it counts in metres.
    pub fn is_plane(self) -> bool {
        !matches!(self, Self::Wgs84 | Self::Gcj02 | Self::Bd09)
    }

    /// Longitude and latitude in WGS 84 of an eastern and a northern value.
    pub fn locate(self, east: f64, north: f64) -> Option<Coord<f64>> {
        let at = Coord { x: east, y: north };
        let plane = |zone: f64, meridian: f64| {
            let easting = east - zone * 1e6;
            (0.0..1e6).contains(&easting).then_some(())?;
            let found = Crs::GaussKruger120.unproject(Coord { x: north, y: easting })?;
            Some(Coord { x: found.x + meridian - 120.0, y: found.y })
        };
        let degrees = east.abs() <= 180.0 && north.abs() <= 90.0;
        match self {
            Self::Wgs84 => degrees.then_some(at),
            Self::Gcj02 => degrees.then(|| datum::from_gcj02(at)),
            Self::Bd09 => degrees.then(|| datum::from_bd09(at)),
            Self::Epsg4549 => plane(0.0, 120.0),
            Self::Epsg4528 => plane(40.0, 120.0),
            Self::Epsg4548 => plane(0.0, 117.0),
            Self::Epsg4527 => plane(39.0, 117.0),
        }
    }
}

/// A coordinate in a cell: a plain number, or degrees, minutes and seconds.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(plain) = text.parse::<f64>() {
        return Some(plain).filter(|n| n.is_finite());
    }
    let marks = ['°', '度', '′', '\'', '’', '分', '″', '"', '”', '秒'];
    let bare = text.trim_matches(|c: char| {
        matches!(c, 'E' | 'N' | 'e' | 'n' | '东' | '北' | '经' | '纬' | ':' | '\u{FF1A}' | ' ')
    });
    let parts: Vec<&str> = bare.split(marks).map(str::trim).filter(|p| !p.is_empty()).collect();
    let read: Option<Vec<f64>> = parts.iter().map(|p| p.parse().ok()).collect();
    let parts = read.filter(|p| (1..=3).contains(&p.len()) && p.iter().all(|n: &f64| *n >= 0.0 && n.is_finite()))?;
    if parts[1..].iter().any(|n| *n >= 60.0) || (parts.len() > 1 && !bare.contains(['°', '度'])) {
        return None;
    }
    Some(parts.iter().zip([1.0, 60.0, 3600.0]).map(|(n, per)| n / per).sum())
}

/// Two coordinates in one cell: `120.15,30.27`, with a comma, semicolon or space between.
pub fn pair(text: &str) -> Option<(f64, f64)> {
    let text = text.trim().trim_matches(['(', ')', '\u{FF08}', '\u{FF09}', '[', ']']);
    let (a, b) = text.split_once([',', '\u{FF0C}', ';', '\u{FF1B}', ' ', '/'])?;
    Some((number(a)?, number(b)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_read() {
        assert_eq!(number("120.15"), Some(120.15));
        assert_eq!(number("30°16′12″N"), Some(30.27));
        assert_eq!(number("东经120度09分"), Some(120.15));
        assert_eq!(number("120°75′"), None);
        assert_eq!(number("西湖"), None);
        assert_eq!(number("inf"), None);
        assert_eq!(pair("(120.15, 30.27)"), Some((120.15, 30.27)));
        assert_eq!(pair("120.15 30.27"), Some((120.15, 30.27)));
        assert_eq!(pair("120.15"), None);
    }

    /// PROJ's values for the two points (cs2cs, EPSG:4326 to 4549), and that point with its zone, and the meridian 117°.
    #[test]
    fn planes_are_read() {
        let close = |system: System, east: f64, north: f64, x: f64, y: f64| {
            let at = system.locate(east, north).unwrap();
            assert!((at.x - x).abs() < 1e-8 && (at.y - y).abs() < 1e-8, "{system:?} {at:?}");
        };
        close(System::Epsg4549, 514_433.611_2, 3_350_053.696_5, 120.15, 30.27);
        close(System::Epsg4549, 407_970.494_4, 3_276_150.642_0, 119.05, 29.60);
        close(System::Epsg4528, 40_514_433.611_2, 3_350_053.696_5, 120.15, 30.27);
        close(System::Epsg4548, 514_433.611_2, 3_350_053.696_5, 117.15, 30.27);
        assert_eq!(System::Epsg4549.locate(40_514_433.6, 3_350_053.7), None);
        assert_eq!(System::of_words("经度(高德 GCJ-02)"), Some(System::Gcj02));
        assert_eq!(System::of_words("CGCS 2000"), Some(System::Wgs84));
        assert_eq!(System::of_words("EPSG:4528"), Some(System::Epsg4528));
        assert_eq!(System::of_words("经度"), None);
        for system in System::ALL {
            assert_eq!(System::of_words(system.code()), Some(system));
        }
    }
}
