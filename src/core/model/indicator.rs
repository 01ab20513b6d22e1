//! Figures about the plan and its neighbours. Scopes are never mixed: a figure means nothing without its scope.

use super::Lang;
use serde::{Deserialize, Serialize};

/// One row of `indicators.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Identifier of the indicator.
    pub indicator: String,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// What is counted, e.g. an industry or its core.
    pub scope: String,
    /// The scope in English.
    pub scope_en: String,
    /// Feature id of a district, `province`, or empty for the whole city.
    pub zone: String,
    /// Year, where stated.
    pub year: Option<u16>,
    /// The figure.
    pub value: f64,
    /// Its unit, e.g. 亿元.
    pub unit: String,
    /// `actual`, `target` or `draft`.
    pub kind: String,
    /// `eq`, `ge`, `gt` or `approx`.
    pub comparator: String,
    /// Where the figure stands.
    pub source: String,
    /// Remarks.
    pub note: String,
    /// The unit in English; empty where it is written alike.
    #[serde(default)]
    pub unit_en: String,
    /// Where the figure stands, in English; empty where it is written alike.
    #[serde(default)]
    pub source_en: String,
    /// Remarks in English; empty where they are written alike.
    #[serde(default)]
    pub note_en: String,
}

impl Indicator {
    /// What names the row: indicator, scope, zone, year and kind.
    pub fn id(&self) -> String {
        let year = self.year.map_or_else(String::new, |year| year.to_string());
        [self.indicator.as_str(), &self.scope, &self.zone, &year, &self.kind].join("|")
    }

    /// Its unit in a language.
    pub fn unit_in(&self, lang: Lang) -> &str {
        Self::said(lang, &self.unit, &self.unit_en)
    }

    /// Where the figure stands, in a language.
    pub fn source_in(&self, lang: Lang) -> &str {
        Self::said(lang, &self.source, &self.source_en)
    }

    /// Remarks in a language.
    pub fn note_in(&self, lang: Lang) -> &str {
        Self::said(lang, &self.note, &self.note_en)
    }

    fn said<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
        if lang == Lang::En && !en.is_empty() { en } else { zh }
    }
}
