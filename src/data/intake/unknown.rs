//! The heads of a table for which there is no register yet: what each column seems to be, by the words that every register
//! knows, and which are figures of a period.

use super::period;
use super::sheet::unit::{self, Unit};
use super::sheet::{Column, Words};
use super::vocabulary::{Meaning, Target, Vocabulary, plain, without_brackets, without_unit};
use crate::core::model::{CollectionSpec, GeometryKind, Period, PropertySpec, PropertyType, RegisterSpec, Role};
use std::collections::HashSet;

/// What a column seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadRole {
    /// The id of the row.
    Id,
    /// A coordinate, or both.
    Position,
    /// The name of the row.
    Name,
    /// The declared district.
    District,
    /// The classification.
    Class,
    /// The unified social credit code.
    CreditCode,
    /// Known, and of no use.
    Nothing,
}

/// A head that names a figure: what is measured, its unit and its period, as far as they are said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The head without period and unit.
    pub stem: String,
    /// Its unit, as it is written.
    pub unit: Option<String>,
    /// Its period.
    pub period: Option<Period>,
}

impl Figure {
    /// Whether it counts something at a moment, such as persons, and is no amount of a period.
    pub fn is_stock(&self) -> bool {
        self.unit
            .as_deref()
            .and_then(Unit::of)
            .is_some_and(|u| matches!(u.base, "person" | "unit" | "m2" | "km2" | "mu" | "ha"))
    }
}

/// The words of a table that no register has been made of.
pub struct Heads {
    vocabulary: Vocabulary,
    groups: HashSet<String>,
}

const ROLES: [(&str, HeadRole); 4] = [
    ("\u{1}name", HeadRole::Name),
    ("\u{1}district", HeadRole::District),
    ("\u{1}class", HeadRole::Class),
    (super::schema::CREDIT_CODE, HeadRole::CreditCode),
];

impl Heads {
    /// The words; `groups` are names and ids of the districts.
    pub fn new(groups: impl IntoIterator<Item = String>) -> Self {
        let [name, district, class, _] = ROLES.map(|(name, _)| name);
        let spec = CollectionSpec {
            name: Some(name.to_owned()),
            role: Role::Register,
            geometry: GeometryKind::Point,
            properties: ROLES.iter().map(|(name, _)| PropertySpec::named(name, PropertyType::String)).collect(),
            ..CollectionSpec::named("register", "register.geojson")
        };
        let register = RegisterSpec::of(district, class);
        Self { vocabulary: Vocabulary::new(&spec, &register), groups: groups.into_iter().collect() }
    }

    /// What a column's head means.
    pub(super) fn meaning(&self, head: &str) -> Option<Meaning> {
        self.vocabulary.meaning(head, None)
    }

    /// What a column seems to be, and how sure that is.
    pub fn role(&self, head: &str) -> Option<(HeadRole, f64)> {
        let Meaning { target, confidence, .. } = self.meaning(head)?;
        let role = match target {
            Target::Id => HeadRole::Id,
            Target::X | Target::Y | Target::Pair => HeadRole::Position,
            Target::Property(place) => ROLES.get(place)?.1,
            Target::Nothing => HeadRole::Nothing,
        };
        Some((role, confidence))
    }

    /// The figure that a column's head names: it says a period or a unit of something that adds up.
    pub fn figure(&self, column: &Column) -> Option<Figure> {
        let head = column.name.trim();
        let written = column.unit.clone().or_else(|| unit::written(head).map(str::to_owned)).or_else(|| counted(head));
        let adds_up = |u: &String| Unit::of(unit::bare(u)).is_some_and(|u| !matches!(u.base, "year" | "%" | "*"));
        let unit = written.filter(adds_up).map(|u| unit::bare(&u).to_owned());
        let said = period::find(head);
        if unit.is_none() && said.is_none() {
            return None;
        }
        let rest = said
            .as_ref()
            .map_or_else(|| head.to_owned(), |(at, _)| format!("{} {}", &head[..at.start], &head[at.end..]));
        let rest = without_unit(&rest).filter(|r| unit.is_some() && !plain(r).is_empty()).unwrap_or(rest);
        let bare = without_brackets(&rest);
        let mark = |c: char| c.is_whitespace() || "_-–—,;:/.'\u{FF0C}、；：".contains(c);
        let bare = bare.trim_matches(mark);
        let bare = bare.strip_prefix("年度").or(bare.strip_prefix('年')).unwrap_or(bare);
        let bare = bare.strip_suffix("年度").or(bare.strip_suffix('年')).unwrap_or(bare);
        let bare = bare.strip_suffix("FY").or(bare.strip_prefix("FY")).unwrap_or(bare);
        let stem = bare.split_whitespace().collect::<Vec<_>>().join(" ");
        let stem = stem.trim_matches(mark).to_owned();
        let period = said.map(|(_, period)| period);
        (!stem.is_empty()).then_some(Figure { stem, unit, period })
    }

    /// The period that stands above a table.
    pub fn period_above(above: &[String]) -> Option<Period> {
        super::vocabulary::period_above(above)
    }
}

/// The unit of a head that says what is counted: `从业人数` counts 人, `Employees` counts employees.
fn counted(head: &str) -> Option<String> {
    let bare = without_brackets(head);
    let bare = period::without(&bare).map_or(bare, |(rest, _)| rest);
    let bare = bare.trim_matches(|c: char| c.is_whitespace() || c == '年' || c == '_' || c == '-');
    let known = |word: &str| Unit::of(word).is_some_and(|u| u.base == "person" || u.base == "unit");
    if let Some(word) = bare.strip_suffix('数').and_then(|w| w.chars().next_back()).map(String::from) {
        return known(&word).then_some(word);
    }
    let last = bare.rsplit([' ', '_']).next().unwrap_or_default().to_lowercase();
    (last.is_ascii() && last.len() > 3 && known(&last)).then_some(last)
}

impl Words for Heads {
    fn head(&self, name: &str) -> f64 {
        if let Some((_, sure)) = self.role(name).filter(|(_, sure)| *sure >= 0.7) {
            return sure;
        }
        let column = Column { name: name.to_owned(), unit: None };
        if self.figure(&column).is_some() {
            return 0.6;
        }
        // any short text may be a head: the row with the most of them is
        let text = name.chars().any(char::is_alphabetic) && name.chars().count() <= 60;
        if text && !self.groups.contains(name) { 0.1 } else { 0.0 }
    }

    fn key(&self, name: &str) -> bool {
        self.role(name).is_some_and(|(role, sure)| role == HeadRole::Name && sure >= 0.7)
    }

    fn district(&self, name: &str) -> bool {
        self.role(name).is_some_and(|(role, sure)| role == HeadRole::District && sure >= 0.7)
    }

    fn group(&self, text: &str) -> bool {
        self.groups.contains(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_a_stem_a_unit_and_a_year() {
        let heads = Heads::new([]);
        let figure = |head: &str| {
            let found = heads.figure(&Column { name: head.to_owned(), unit: None })?;
            Some((found.stem, found.unit, found.period))
        };
        let of = |stem: &str, unit: Option<&str>, year: Option<u16>| {
            Some((stem.to_owned(), unit.map(str::to_owned), year.map(Period::Year)))
        };
        assert_eq!(figure("2023年营业收入(万元)"), of("营业收入", Some("万元"), Some(2023)));
        assert_eq!(figure("营业收入（万元）2023年"), of("营业收入", Some("万元"), Some(2023)));
        assert_eq!(figure("Revenue 2023 (USD thousand)"), of("Revenue", Some("USD thousand"), Some(2023)));
        assert_eq!(figure("Revenue (EUR million) 2023"), of("Revenue", Some("EUR million"), Some(2023)));
        assert_eq!(figure("2022 exports, EUR"), of("exports", Some("EUR"), Some(2022)));
        assert_eq!(figure("revenue_2024"), of("revenue", None, Some(2024)));
        assert_eq!(figure("从业人数"), of("从业人数", Some("人"), None));
        assert_eq!(figure("Employees 2024"), of("Employees", Some("employees"), Some(2024)));
        assert_eq!(figure("Output (t)"), of("Output", Some("t"), None));
        for head in ["Company", "成立年份", "Founded", "Share (%)", "Postcode", "2023"] {
            assert_eq!(figure(head), None, "{head}");
        }
    }

    #[test]
    fn roles_are_known_in_several_languages() {
        let heads = Heads::new([]);
        for (head, role) in [
            ("企业名称", HeadRole::Name),
            ("Company name", HeadRole::Name),
            ("County", HeadRole::District),
            ("所属区县", HeadRole::District),
            ("Industry", HeadRole::Class),
            ("NAICS code", HeadRole::Class),
            ("lat", HeadRole::Position),
            ("id", HeadRole::Id),
        ] {
            assert_eq!(heads.role(head).map(|(r, _)| r), Some(role), "{head}");
        }
    }
}
