//! Values of parameters: each type reads its text and, where the description needs it, says what it may be.

use crate::core::geometry::Crs;
use crate::core::model::{HalfYear, Lang, Period};
use crate::core::query::Interval;
use crate::core::snapshot::Description;
use crate::http::problem::Problem;
use crate::render::map::Theme;
use crate::render::report::Format as ReportFormat;
use crate::render::tiles::Grid;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What is expected of a value, in both languages; a list of words (`one of a | b`) is the same in both.
pub(super) const EXPECTED: [(&str, &str); 11] = [
    (HALF_YEAR, "半年,如 2026H1、2026H2"),
    (YEAR, "年份"),
    (PERIOD, "时期:年(2025)、季度(2025Q3)或月(2025-03)"),
    ("a whole number", "整数"),
    ("a number", "数字"),
    ("true or false", " true 或 false"),
    (COLOR, " 0xRRGGBB 或 W3C 颜色名"),
    (CORNERS, "用逗号分开的 4 个数(带高程时 6 个)"),
    (INTERVAL, "日期、时刻(RFC 3339)或 起/止(一端可为 ..),如 2025-01-01"),
    (COUNT, "非负整数"),
    (SYSTEM, "集合所列坐标系的 URI,如 http://www.opengis.net/def/crs/EPSG/0/4326"),
];
const HALF_YEAR: &str = "half of a year: 2026H1 or 2026H2";
const YEAR: &str = "a year";
const PERIOD: &str = "a period: a year (2025), a quarter (2025Q3) or a month (2025-03)";
const COLOR: &str = "0xRRGGBB or a W3C colour name";
const CORNERS: &str = "four numbers, or six with heights, separated by commas";
const INTERVAL: &str = "a day, instant (RFC 3339) or interval from/to, of which one end may be ..";
const COUNT: &str = "a whole number, not negative";
const SYSTEM: &str =
    "the URI of a reference system that the collection lists, as http://www.opengis.net/def/crs/EPSG/0/4326";

/// What a list of words is named by in an error.
pub(super) const ONE_OF: &str = "one of ";

/// Reads a text by a function, or says what was expected.
fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| Error::invalid_value(Unexpected::Str(&text), &expected))
}

/// A whole number in the one way in which it is written: digits, no sign, no zero before others. One thing has one address.
pub(crate) fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let plain = digits && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// One of these words.
fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("{ONE_OF}{}", words.collect::<Vec<_>>().join(" | "))
}

/// What is named by one of a few words in parameters.
pub(crate) trait Words: Copy {
    /// The words and what they stand for. Several may stand for the same.
    fn words() -> Vec<(&'static str, Self)>;
}

/// A parameter that is one of a few words: one list reads and describes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<T>(pub(crate) T);

impl<'de, T: Words> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = T::words();
        let named = |text: &str| words.iter().find(|(word, _)| *word == text).map(|(_, value)| Self(*value));
        read(deserializer, &one_of(words.iter().map(|(word, _)| *word)), named)
    }
}

impl<T: Words> PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        let words = T::words().into_iter().map(|(word, _)| word);
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
    }
}

impl<T: Words> ToSchema for Word<T> {}

// the description does not follow a type with parameters of its own
pub(crate) type LangWord = Word<Lang>;

impl Words for Lang {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("zh", Self::Zh), ("en", Self::En)]
    }
}

impl Words for Theme {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("light", Self::Light), ("dark", Self::Dark)]
    }
}

impl Words for ReportFormat {
    fn words() -> Vec<(&'static str, Self)> {
        Self::ALL.map(|format| (format.extension(), format)).to_vec()
    }
}

/// A reference system by its URI. Which of them there are depends on the data: [`CrsUri::offered`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct CrsUri(Crs);

impl<'de> Deserialize<'de> for CrsUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, SYSTEM, |text| Crs::of_uri(text).map(Self))
    }
}

impl CrsUri {
    /// The system, if the data is offered in it; CRS84 where none is named.
    pub(crate) fn offered(given: Option<Self>, name: &str, about: &Description) -> Result<Crs, Problem> {
        let Some(Self(crs)) = given else { return Ok(Crs::Crs84) };
        let systems = about.systems();
        if systems.contains(&crs) {
            return Ok(crs);
        }
        let all = systems.iter().map(|c| c.uri()).collect::<Vec<_>>().join(" | ");
        let uri = crs.uri();
        Err(Problem::parameter(
            name,
            &format!("本数据不提供 {uri};可用:{all}"),
            &format!("this data is not offered in {uri}, but in {all}"),
        ))
    }
}

/// A year of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Year(pub(crate) u16);

impl<'de> Deserialize<'de> for Year {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, YEAR, |text| whole(text).map(Self))
    }
}

/// A period of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PeriodText(Period);

impl<'de> Deserialize<'de> for PeriodText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, PERIOD, |text| text.parse().ok().map(Self))
    }
}

impl PeriodText {
    /// The period that the parameters `year` and `period` name.
    pub(crate) fn named(year: Option<Year>, period: Option<Self>) -> Result<Option<Period>, Problem> {
        let named = Period::named(year.map(|Year(year)| year), period.map(|Self(period)| period));
        named.map_err(|why| Problem::parameter("period", &why.zh, &why.en))
    }
}

/// A half of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HalfYearText(pub(crate) HalfYear);

impl<'de> Deserialize<'de> for HalfYearText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, HALF_YEAR, |text| text.parse().ok().map(Self))
    }
}

/// A number of rows, however large: beyond what can be counted it is the largest that can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        read(deserializer, COUNT, |text| digits(text).then(|| Self(text.parse().unwrap_or(u64::MAX))))
    }
}

/// Cells a side of the register's layer in a tile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cells(pub(crate) Grid);

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sides = Grid::SIDES.map(|side| side.to_string());
        let parse = |text: &str| whole(text).and_then(Grid::new).map(Self);
        read(deserializer, &one_of(sides.iter().map(String::as_str)), parse)
    }
}

/// Two corners of a box in the order of the axes of some reference system; heights are not looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Corners(pub(crate) [f64; 4]);

impl<'de> Deserialize<'de> for Corners {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, CORNERS, |text| {
            let numbers = text.split(',').map(|n| n.trim().parse().ok().filter(|f: &f64| f.is_finite()));
            match numbers.collect::<Option<Vec<f64>>>()?[..] {
                [a, b, c, d] | [a, b, _, c, d, _] => Some(Self([a, b, c, d])),
                _ => None,
            }
        })
    }
}

/// A stretch of time: an instant, a day, or an interval of them, open with `..` or nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct During(pub(crate) Interval);

impl<'de> Deserialize<'de> for During {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, INTERVAL, |text| Interval::parse(text).map(Self))
    }
}

/// A colour as `#RRGGBB`: `0xRRGGBB`, or a W3C name in any case.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Color(pub(crate) String);

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer, COLOR, |text| {
            let hex = |digits: &str| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
            if hex(digits) {
                return Some(Self(format!("#{}", digits.to_ascii_uppercase())));
            }
            let word = text.to_ascii_lowercase();
            let plain = word.bytes().all(|b| b.is_ascii_lowercase());
            let c = plain.then(|| word.parse::<svgtypes::Color>().ok()).flatten()?;
            Some(Self(format!("#{:02X}{:02X}{:02X}", c.red, c.green, c.blue)))
        })
    }
}

/// A reference system in which maps are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference {
    pub(crate) uri: &'static str,
    pub(crate) crs: crate::render::map::Crs,
    /// Whether latitude goes before longitude.
    pub(crate) north_first: bool,
}

impl Reference {
    const KNOWN: [(Self, [&'static str; 4]); 3] = {
        use crate::render::map::Crs;
        const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
        const EPSG4326: &str = "http://www.opengis.net/def/crs/EPSG/0/4326";
        const EPSG3857: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
        [
            (
                Self { uri: CRS84, crs: Crs::Crs84, north_first: false },
                [CRS84, "[OGC:CRS84]", "OGC:CRS84", "https://www.opengis.net/def/crs/OGC/1.3/CRS84"],
            ),
            (
                Self { uri: EPSG4326, crs: Crs::Crs84, north_first: true },
                [EPSG4326, "[EPSG:4326]", "EPSG:4326", "https://www.opengis.net/def/crs/EPSG/0/4326"],
            ),
            (
                Self { uri: EPSG3857, crs: Crs::WebMercator, north_first: false },
                [EPSG3857, "[EPSG:3857]", "EPSG:3857", "https://www.opengis.net/def/crs/EPSG/0/3857"],
            ),
        ]
    };

    /// Whether it is the one of maps that ask for none.
    pub(crate) fn is_default(&self) -> bool {
        self.uri == Self::default().uri
    }
}

impl Default for Reference {
    fn default() -> Self {
        Self::KNOWN[0].0
    }
}

impl Words for Reference {
    fn words() -> Vec<(&'static str, Self)> {
        Self::KNOWN.iter().flat_map(|(reference, names)| names.map(|name| (name, *reference))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::params::Params;

    #[derive(Debug, Deserialize)]
    struct All {
        bgcolor: Option<Color>,
        bbox: Option<Corners>,
        limit: Option<Count>,
        cells: Option<Cells>,
        crs: Option<CrsUri>,
        datetime: Option<During>,
    }

    fn all(query: &str) -> Result<All, String> {
        Params::parse(query).unwrap().only::<All>().map_err(|problem| {
            assert!(problem.detail.zh.starts_with("参数 "), "{}", problem.detail.zh);
            problem.detail.en
        })
    }

    #[test]
    fn colours_by_number_and_by_name() {
        let color = |text: &str| all(&format!("bgcolor={text}")).map(|all| all.bgcolor.unwrap().0);
        assert_eq!(color("0xff8000").unwrap(), "#FF8000");
        assert_eq!(color("WhiteSmoke").unwrap(), "#F5F5F5");
        for bad in ["", "0xff", "%2312345g", "rgb(1,2,3)", "nocolour", "\" onload=\""] {
            assert!(color(bad).unwrap_err().contains("W3C colour name"), "{bad}");
        }
    }

    #[test]
    fn numbers_words_and_times() {
        let read = all("bbox=1,2,-9,3,4,9&limit=99999999999999999999999&cells=16&datetime=2021-01-01/..").unwrap();
        assert_eq!(read.bbox, Some(Corners([1.0, 2.0, 3.0, 4.0])), "heights");
        assert_eq!(read.limit, Some(Count(u64::MAX)));
        assert!(matches!(read.cells, Some(Cells(Grid::Cells(16)))) && read.datetime.is_some() && read.crs.is_none());
        for (wrong, expected) in [
            ("bbox=1,2,3", "four numbers"),
            ("bbox=1,2,3,inf", "four numbers"),
            ("limit=-1", "not negative"),
            ("limit=", "not negative"),
            ("cells=9", "is not one of 8 | 16 | 32 | 64"),
            ("crs=EPSG:4326", "the URI of a reference system"),
            ("crs=http://www.opengis.net/def/crs/EPSG/0/4610", "the URI of a reference system"),
            ("datetime=yesterday", "RFC 3339"),
        ] {
            let said = all(wrong).unwrap_err();
            assert!(said.contains(expected), "{wrong}: {said}");
        }
    }
}
