//! The units of figures: those in which readers see sums that are kept in another, and how a figure stands with its unit in a
//! sentence.

use super::{Lang, Text};
use serde::{Deserialize, Serialize};

/// Decimals of a figure in a sentence, at most.
const MOST_DECIMALS: u8 = 3;

/// The units in which readers see sums that are kept in one unit. Where a file states those of one language only, they
/// stand in the texts of both.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "UnitsOfLanguages")]
pub struct UnitSpec {
    /// The unit of the metrics, word by word.
    pub unit: Text,
    /// The units of Chinese texts.
    pub zh: UnitPair,
    /// The units of English texts.
    pub en: UnitPair,
}

/// A [`UnitSpec`] as a manifest states it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitsOfLanguages {
    unit: Text,
    #[serde(default)]
    zh: Option<UnitPair>,
    #[serde(default)]
    en: Option<UnitPair>,
}

impl TryFrom<UnitsOfLanguages> for UnitSpec {
    type Error = &'static str;

    fn try_from(of: UnitsOfLanguages) -> Result<Self, Self::Error> {
        let (zh, en) = match (of.zh, of.en) {
            (Some(zh), Some(en)) => (zh, en),
            (Some(one), None) | (None, Some(one)) => (one.clone(), one),
            (None, None) => return Err("units need large and small units in zh, in en, or in both"),
        };
        Ok(Self { unit: of.unit, zh, en })
    }
}

/// Two units between which readers choose.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UnitPair {
    /// For sums in general.
    pub large: ScaledUnit,
    /// For single figures.
    pub small: ScaledUnit,
}

/// A unit that is a multiple of another.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScaledUnit {
    /// Its name.
    pub name: String,
    /// How many of the metric's unit are one of it.
    pub factor: f64,
}

impl UnitSpec {
    /// The units of a language.
    pub fn get(&self, lang: Lang) -> &UnitPair {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// The unit in which a figure of a unit is read, where the dataset declares others: the large one from 1 on.
    pub fn of<'a>(all: &'a [Self], unit: &Text, value: f64, lang: Lang) -> Option<&'a ScaledUnit> {
        let pair = all.iter().find(|spec| spec.unit == *unit)?.get(lang);
        Some(if value.abs() >= pair.large.factor { &pair.large } else { &pair.small })
    }
}

/// A figure as it stands in a sentence. In the head of a column a unit may be a number of another, `100 million yuan`; beside a
/// figure it reads wrong, so there it is the unit that the dataset declares for the language, and else a factor.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// The value, in the unit.
    pub value: f64,
    /// How many decimals it needs, few enough to be read.
    pub decimals: u8,
    /// The unit; empty where there is none.
    pub unit: String,
}

impl Stated {
    /// A figure of a unit.
    pub fn of(units: &[UnitSpec], value: f64, unit: &Text, lang: Lang) -> Self {
        let (value, unit) = match UnitSpec::of(units, unit, value, lang) {
            Some(scaled) => (value / scaled.factor, scaled.name.clone()),
            None => (value, factor(unit.get(lang))),
        };
        Self { value, decimals: decimals(value), unit }
    }
}

/// A unit that begins with a number of its own is multiplied by.
pub fn factor(unit: &str) -> String {
    if unit.starts_with(|c: char| c.is_ascii_digit()) { format!("× {unit}") } else { unit.to_owned() }
}

/// The fewest decimals that hold a value.
fn decimals(value: f64) -> u8 {
    let holds = |n: &u8| {
        let all = value * 10f64.powi((*n).into());
        // quotients of decimal fractions miss them by the last bits
        (all - all.round()).abs() <= all.abs() * 1e-12
    };
    (0..MOST_DECIMALS).find(holds).unwrap_or(MOST_DECIMALS)
}

#[cfg(test)]
mod tests {
    use super::{Lang, Stated, Text, UnitSpec, decimals};

    fn units() -> Vec<UnitSpec> {
        serde_json::from_str(
            r#"[{"unit": {"zh": "亿克朗", "en": "100 million crowns"},
                 "zh": {"large": {"name": "亿克朗", "factor": 1}, "small": {"name": "亿克朗", "factor": 1}},
                 "en": {"large": {"name": "billion crowns", "factor": 10}, "small": {"name": "million crowns", "factor": 0.01}}}]"#,
        )
        .unwrap()
    }

    fn said(value: f64, unit: &Text, lang: Lang) -> String {
        let Stated { value, decimals, unit } = Stated::of(&units(), value, unit, lang);
        format!("{value:.*} {unit}", usize::from(decimals))
    }

    #[test]
    fn a_sentence_has_a_unit_that_is_no_number_of_another() {
        let of = Text::new("亿克朗", "100 million crowns");
        let both = |value| [said(value, &of, Lang::Zh), said(value, &of, Lang::En)];
        assert_eq!(both(3000.0), ["3000 亿克朗", "300 billion crowns"]);
        assert_eq!(both(1557.57), ["1557.57 亿克朗", "155.757 billion crowns"]);
        assert_eq!(both(3.3), ["3.3 亿克朗", "330 million crowns"]);
        assert_eq!(both(0.0), ["0 亿克朗", "0 million crowns"]);
        assert_eq!(both(-10.0), ["-10 亿克朗", "-1 billion crowns"]);
        let undeclared = Text::new("千克朗", "1,000 crowns");
        assert_eq!(said(4.5, &undeclared, Lang::En), "4.5 × 1,000 crowns");
        assert_eq!(said(4.0, &undeclared, Lang::Zh), "4 千克朗");
        assert_eq!(said(27.1, &Text::new("%", "%"), Lang::En), "27.1 %");
    }

    #[test]
    fn decimals_are_as_few_as_hold_the_value() {
        let all = [(0.0, 0), (5.0, 0), (1e15, 0), (0.1 + 0.2, 1), (-2.25, 2), (155.757, 3), (1.0 / 3.0, 3)];
        for (value, wanted) in all {
            assert_eq!(decimals(value), wanted, "{value}");
        }
    }
}
