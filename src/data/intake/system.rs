//! What departments write of the system of their positions, and how a pair of cells becomes two numbers.

use super::finding::{Refusal, shorten};
use crate::core::geometry::{Bounds, Crs, datum};
use crate::core::model::Text;
pub use crate::data::system::System;

impl System {
    /// The systems in which positions in this box may be given without a word, the likeliest of equals first.
    pub fn likely(bounds: &Bounds) -> Vec<Self> {
        let planes = Crs::planes_near(bounds).into_iter().map(Self::Plane);
        let shifted = [Self::Gcj02, Self::Bd09].into_iter().filter(|_| bounds.is_empty() || datum::is_shifted(bounds));
        [Self::Wgs84].into_iter().chain(shifted).chain(planes).collect()
    }

    /// The system that somebody named on purpose; a refusal where the words mean none that is supported.
    pub fn named(words: &str) -> Result<Self, Refusal> {
        match Self::of_words(words) {
            Some(Ok(system)) => Ok(system),
            Some(Err(name)) => Err(unsupported(&name)),
            None => Err(unsupported(words)),
        }
    }

    /// The system that words mean: `GCJ-02`, `高德坐标`, `EPSG:4490`, `国家2000`, `2000坐标系 3度带 40带`. `Err` with the
    /// name of a system that is not supported; nothing where they mean none.
    pub fn of_words(words: &str) -> Option<Result<Self, String>> {
        if words.contains("+proj=") || (words.contains('[') && words.contains('"')) {
            return Some(Crs::of_text(words).map(Self::from));
        }
        let marks = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | ':' | '.' | '°' | '/' | '|' | '\u{FF1A}');
        let plain: String = words.to_lowercase().chars().filter(|c| !marks(*c)).collect();
        let says = |any: &[&str]| any.iter().any(|w| plain.contains(w));
        let foreign = [
            (
                ["西安80", "80西安", "西安1980", "1980西安", "1980年西安", "xian1980", "xian80", "80坐标系"].as_slice(),
                "Xian 1980 / 西安80",
            ),
            (
                &["北京54", "54北京", "北京1954", "1954北京", "1954年北京", "beijing1954", "beijing54", "54坐标系"],
                "Beijing 1954 / 北京54",
            ),
            (&["独立坐标", "地方坐标", "城市坐标", "城建坐标", "localgrid"], "local grid / 地方独立坐标系"),
        ];
        if let Some((_, name)) = foreign.iter().find(|(any, _)| says(any)) {
            return Some(Err((*name).to_owned()));
        }
        if let Some(code) = epsg(&plain) {
            return Some(code.map(Self::from));
        }
        if says(&["bd09", "百度", "baidu"]) {
            return Some(Ok(Self::Bd09));
        }
        if says(&["gcj", "高德", "腾讯", "火星", "amap"]) {
            return Some(Ok(Self::Gcj02));
        }
        if says(&["webmercator", "web墨卡托", "pseudomercator"]) {
            return Some(Ok(Self::Plane(Crs::WebMercator)));
        }
        let cgcs = says(&["cgcs2000", "国家2000", "2000国家", "2000坐标", "china2000", "大地2000", "2000大地"]);
        let zoned = zone(&plain);
        match zoned {
            Some(Err(name)) => return Some(Err(name)),
            // a zone of no datum is that of the country's system
            Some(Ok(crs)) if cgcs || !says(&["wgs"]) || crs.name().contains("UTM") => return Some(Ok(crs.into())),
            Some(Ok(crs)) => return Some(Err(format!("WGS 84 / {}", crs.name()))),
            None => {}
        }
        (cgcs || says(&["wgs", "crs84", "gps"])).then_some(Ok(Self::Wgs84))
    }

    /// The same with the number of the zone before its eastings (or without), as the numbers of the file have it.
    #[must_use]
    pub fn numbered_like(self, (a, b): (f64, f64)) -> Self {
        // whichever column is the easting: with the zone's number it is above any northing, without it below
        let east = if a.max(b) >= 1.2e7 { a.max(b) } else { a.min(b) };
        match self {
            Self::Plane(crs) => Self::Plane(crs.numbered_like(east)),
            other => other,
        }
    }
}

/// Why a system can't be chosen.
pub fn unsupported(name: &str) -> Refusal {
    let name = shorten(name);
    Refusal::new(
        "crs-unknown",
        Text::new(
            format!(
                "不支持坐标系“{name}”;可用 wgs84、cgcs2000、gcj02、bd09、EPSG 代码(CGCS2000 各 3 度、6 度带 4491–4554,UTM 32601–32760,Web 墨卡托 3857)。西安80、北京54、地方独立坐标系没有公开的、适用于城市的转换参数,请提供单位先转换为 CGCS2000"
            ),
            format!(
                "the system {name:?} is not supported; use wgs84, cgcs2000, gcj02, bd09 or an EPSG code (zones of CGCS2000 4491 to 4554, UTM 32601 to 32760, Web Mercator 3857). For Xian 1980, Beijing 1954 and local grids no transformation is published that holds for a local system: have the sender convert to CGCS2000"
            ),
        ),
    )
}

/// The EPSG code in words that hold one: after the register's name, or a supported one that stands alone.
fn epsg(plain: &str) -> Option<Result<Crs, String>> {
    let named = plain.find("epsg").map(|at| plain[at + 4..].trim_start_matches(|c: char| !c.is_ascii_digit()));
    if let Some(after) = named {
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        return Some(Crs::of_code("EPSG", &digits));
    }
    let mut runs = plain.split(|c: char| !c.is_ascii_digit()).filter(|run| (4..=5).contains(&run.len()));
    runs.find_map(|run| Crs::of_epsg(run.parse().ok()?)).map(Ok)
}

/// The zone that words name: by its number (`40带`, `zone 40`), its meridian (`中央子午线120`, `CM 120E`), or as UTM's
/// (`UTM 50N`). `Err` where no such zone is supported.
fn zone(plain: &str) -> Option<Result<Crs, String>> {
    let number = |from: &str| -> Option<f64> {
        let digits: String = from.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let after =
        |words: &[&str]| {
            words.iter().find_map(|w| {
                let rest = &plain[plain.find(w)? + w.len()..];
                number(rest.trim_start_matches(|c: char| {
                    matches!(c, '为' | '是' | '=' | '(' | '\u{FF08}' | '线' | '号' | '第')
                }))
            })
        };
    if let Some(zone) = plain.contains("utm").then(|| after(&["utmzone", "utm"])).flatten() {
        let south = plain.contains(&format!("{zone}s"));
        let code = if south { 32700.0 } else { 32600.0 } + zone;
        return Some(Crs::of_epsg(code as u32).ok_or_else(|| format!("UTM {zone}")));
    }
    let meridian = after(&["中央子午线", "中央经线", "centralmeridian", "cm"]);
    // 3度带 and 6度带 are widths, not numbers
    let before = plain.match_indices('带').find_map(|(at, _)| {
        let digits = plain[..at].bytes().rev().take_while(u8::is_ascii_digit).count();
        number(&plain[at - digits..]).filter(|_| digits > 0)
    });
    let zone = before.or_else(|| after(&["带号", "zone"]));
    // 25 to 45 are the numbers of 3-degree zones, 13 to 23 those of 6-degree ones
    let of_zone = zone.map(|z| if z >= 24.0 { z * 3.0 } else { z * 6.0 - 3.0 });
    match (meridian, of_zone) {
        (Some(a), Some(b)) if (a - b).abs() > 1e-9 => Some(Err(format!("{a}° ≠ {b}°"))),
        (Some(meridian), _) | (None, Some(meridian)) => {
            Some(Crs::gauss_kruger(meridian).ok_or_else(|| format!("Gauss-Kruger {meridian}°")))
        }
        (None, None) => None,
    }
}

/// A coordinate in a cell: a plain number, or degrees, minutes and seconds.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(plain) = text.parse::<f64>() {
        return Some(plain).filter(|n| n.is_finite());
    }
    let marks = ['°', 'º', '˚', '度', '′', '\'', '’', '´', '`', '分', '″', '"', '”', '秒'];
    let bare = text.trim_matches(|c: char| {
        matches!(c, 'E' | 'N' | 'e' | 'n' | '东' | '北' | '经' | '纬' | ':' | '\u{FF1A}' | ' ')
    });
    let mut parts: Vec<&str> = bare.split(marks).map(str::trim).filter(|p| !p.is_empty()).collect();
    if let [one] = parts[..]
        && let Some(three) = three_parts(one)
    {
        return Some(three);
    }
    parts.truncate(4);
    let read: Option<Vec<f64>> = parts.iter().map(|p| p.parse().ok()).collect();
    let parts = read.filter(|p| (1..=3).contains(&p.len()) && p.iter().all(|n: &f64| *n >= 0.0 && n.is_finite()))?;
    if parts[1..].iter().any(|n| *n >= 60.0) || (parts.len() > 1 && !bare.contains(['°', 'º', '˚', '度'])) {
        return None;
    }
    Some(parts.iter().zip([1.0, 60.0, 3600.0]).map(|(n, per)| n / per).sum())
}

/// Degrees, minutes and seconds without their marks: `120 9 0.5`, `120-09-00`, `120:9:0`.
fn three_parts(text: &str) -> Option<f64> {
    [':', '-', ' '].into_iter().find_map(|mark| {
        let mut parts = text.split(mark);
        let (degrees, minutes) = (parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u32>().ok()?);
        let seconds = parts.next()?.parse::<f64>().ok()?;
        let sound = degrees <= 180 && minutes < 60 && (0.0..60.0).contains(&seconds) && parts.next().is_none();
        sound.then(|| f64::from(degrees) + f64::from(minutes) / 60.0 + seconds / 3600.0)
    })
}

/// What stands in the brackets of a point in well-known text: `POINT (120.15 30.27)`, `SRID=4326;POINT Z (120 30 5)`, or of
/// several points that are one.
pub fn wkt_point(text: &str) -> Option<&str> {
    let text = text.trim();
    // as GeoJSON writes it
    if text.starts_with('{') {
        let (kind, rest) = text.split_once("\"coordinates\"")?;
        let inside = rest.trim_start_matches([':', ' ', '[']);
        let point = [kind, rest].iter().any(|part| part.contains("\"Point\""));
        return inside.find(']').map(|end| &inside[..end]).filter(|inside| point && inside.split(',').count() == 2);
    }
    let text = text
        .split_once(';')
        .filter(|(srid, _)| srid.to_ascii_uppercase().starts_with("SRID="))
        .map_or(text, |(_, t)| t);
    let (kind, rest) = text.trim().split_once('(')?;
    let kind = kind.trim().to_ascii_uppercase();
    let point = kind.trim_end_matches(['Z', 'M', ' ']);
    let inside = rest.trim().trim_start_matches('(').trim_end_matches(')').trim();
    // a height and a measure are no part of the place
    let end = inside.match_indices(' ').nth(1).map_or(inside.len(), |(at, _)| at);
    let inside = &inside[..end];
    (matches!(point, "POINT" | "MULTIPOINT") && !inside.contains([',', '('])).then_some(inside)
}

/// Two coordinates in one cell: `120.15,30.27`, with a comma, semicolon or space between.
pub fn pair(text: &str) -> Option<(f64, f64)> {
    let text = wkt_point(text).unwrap_or(text);
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
        for dms in ["120 9 0", "120-09-00", "120:9:0.0", "120º9´0´´", "120˚09'00\""] {
            assert_eq!(number(dms), Some(120.15), "{dms}");
        }
        for none in ["120-75-00", "120 9", "120-9-60", "1-2-3-4", "200-1-1", "2021-1-1"] {
            assert_eq!(number(none), None, "{none}");
        }
        assert_eq!(pair(r#"{"type": "Point", "coordinates": [120.15, 30.27]}"#), Some((120.15, 30.27)));
        assert_eq!(pair(r#"{"type": "LineString", "coordinates": [[120.15, 30.27]]}"#), None);
        assert_eq!(pair("(120.15, 30.27)"), Some((120.15, 30.27)));
        assert_eq!(pair("120.15 30.27"), Some((120.15, 30.27)));
        assert_eq!(pair("120.15"), None);
    }

    /// PROJ's values for the two points (cs2cs, EPSG:4326 to 4549), and that point with its zone, and the meridian 117°.
    #[test]
    fn planes_are_read() {
        let close = |code: u32, east: f64, north: f64, x: f64, y: f64| {
            let at = System::of_epsg(code).unwrap().locate(east, north).unwrap();
            assert!((at.x - x).abs() < 1e-8 && (at.y - y).abs() < 1e-8, "{code} {at:?}");
        };
        close(4549, 514_433.611_2, 3_350_053.696_5, 120.15, 30.27);
        close(4549, 407_970.494_4, 3_276_150.642_0, 119.05, 29.60);
        close(4528, 40_514_433.611_2, 3_350_053.696_5, 120.15, 30.27);
        close(4548, 514_433.611_2, 3_350_053.696_5, 117.15, 30.27);
        assert_eq!(System::of_epsg(4549).unwrap().locate(40_514_433.6, 3_350_053.7), None);
    }

    #[test]
    fn words_mean_systems() {
        let epsg = |code| Some(Ok(System::of_epsg(code).unwrap()));
        let table = [
            ("经度(高德 GCJ-02)", Some(Ok(System::Gcj02))),
            ("BD-09 经度", Some(Ok(System::Bd09))),
            ("CGCS 2000", Some(Ok(System::Wgs84))),
            ("2000国家大地坐标系", Some(Ok(System::Wgs84))),
            ("EPSG:4490", Some(Ok(System::Wgs84))),
            ("EPSG:4528", epsg(4528)),
            ("urn:ogc:def:crs:EPSG::4549", epsg(4549)),
            ("坐标X(4549)", epsg(4549)),
            ("2000坐标系 3度带 40带", epsg(4549)),
            ("CGCS2000_3_Degree_GK_CM_120E", epsg(4549)),
            ("CGCS2000_3_Degree_GK_Zone_40", epsg(4549)),
            ("国家2000坐标系 中央子午线117°", epsg(4548)),
            ("CGCS2000 6度带 第20带", epsg(4548)),
            ("X坐标 带号:39", epsg(4548)),
            ("UTM Zone 50N", epsg(32650)),
            ("WGS84 / UTM 51", epsg(32651)),
            ("EPSG:3857", epsg(3857)),
            ("Web Mercator", epsg(3857)),
            ("经度", None),
            ("X坐标", None),
            ("2024年坐标", None),
        ];
        for (words, meant) in table {
            assert_eq!(System::of_words(words), meant, "{words}");
        }
        for foreign in [
            "西安80坐标系",
            "X(Xian 1980)",
            "北京54 3度带",
            "1954年北京坐标系",
            "EPSG:2385",
            "EPSG:21420",
            "EPSG:4610",
            "杭州城市坐标系",
            "地方独立坐标系",
            "中央子午线118°",
            "EPSG:",
            "CM120 39带",
            "UTM 77N",
        ] {
            assert!(matches!(System::of_words(foreign), Some(Err(_))), "{foreign}: {:?}", System::of_words(foreign));
        }
        for system in System::likely(&Bounds { west: 118.0, south: 29.0, east: 121.0, north: 31.0 }) {
            assert_eq!(System::of_words(&system.code()), Some(Ok(system)));
        }
    }

    #[test]
    fn the_number_of_the_zone_is_that_of_the_file() {
        let (plain, zoned) = (System::of_epsg(4549).unwrap(), System::of_epsg(4528).unwrap());
        for at in [(40_514_433.6, 3_350_053.7), (3_350_053.7, 40_514_433.6)] {
            assert_eq!(plain.numbered_like(at), zoned);
        }
        assert_eq!(zoned.numbered_like((514_433.6, 3_350_053.7)), plain);
        assert_eq!(zoned.numbered_like((3_350_053.7, 514_433.6)), plain);
        assert_eq!(plain.numbered_like((39_514_433.6, 3_350_053.7)), plain, "another zone is another place");
        assert_eq!(System::of_epsg(4548).unwrap().numbered_like((20_514_433.6, 3.3e6)), System::of_epsg(4498).unwrap());
        let utm = System::of_epsg(32650).unwrap();
        assert_eq!(utm.numbered_like((50_514_433.6, 3.3e6)), utm);
    }
}
