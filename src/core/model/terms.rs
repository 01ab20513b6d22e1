//! What a dataset calls its rows, its classes, its whole and its place. Every text for readers is put together from these.

use super::{Lang, Text};
use serde::{Deserialize, Serialize};

/// The words of a dataset, as `terms` of `dataset.json` states them; general words where it does not.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// A row of the register.
    pub row: Term,
    /// An entry of the register's classification.
    pub class: Term,
    /// Everything that the dataset covers, as it is called inside a sentence.
    pub whole: Text,
    /// The name of the place; the title of the dataset where there is none.
    pub place: Option<Text>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            row: Term::new("记录", "record", "records", "条"),
            class: Term::new("类别", "class", "classes", "个"),
            whole: Text::new("全部", "the whole area"),
            place: None,
        }
    }
}

/// A countable thing: its name in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TermSpec")]
pub struct Term {
    /// Chinese.
    pub zh: String,
    /// English, one of them.
    pub en: String,
    /// English, several of them.
    pub plural: String,
    /// Chinese measure word, between a number and the name.
    pub counter: String,
}

/// A term as a manifest states it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermSpec {
    zh: String,
    en: String,
    #[serde(default)]
    plural: Option<String>,
    #[serde(default)]
    counter: Option<String>,
}

impl From<TermSpec> for Term {
    fn from(spec: TermSpec) -> Self {
        let plural = spec.plural.unwrap_or_else(|| format!("{}s", spec.en));
        Self { zh: spec.zh, en: spec.en, plural, counter: spec.counter.unwrap_or_else(|| "个".to_owned()) }
    }
}

impl Term {
    /// A term from its four words.
    pub fn new(zh: &str, en: &str, plural: &str, counter: &str) -> Self {
        Self { zh: zh.to_owned(), en: en.to_owned(), plural: plural.to_owned(), counter: counter.to_owned() }
    }

    /// A number of them: `3 家企业`, `1 enterprise`, `3 enterprises`. The number is written by the caller, with or without
    /// separators.
    pub fn count(&self, n: u64, written: &str) -> Text {
        Text::new(format!("{written} {}{}", self.counter, self.zh), format!("{written} {}", self.number(n)))
    }

    /// The English word beside a number.
    pub fn number(&self, n: u64) -> &str {
        if n == 1 { &self.en } else { &self.plural }
    }

    /// What several of them are called.
    pub fn all(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.plural,
        }
    }

    /// What one of them is called.
    pub fn one(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// Several of them at the beginning of an English text: `Enterprises`.
    pub fn heading(&self) -> Text {
        Text::new(&self.zh, capital(&self.plural))
    }

    /// One of them at the beginning of an English text: `Enterprise`.
    pub fn title(&self) -> Text {
        Text::new(&self.zh, capital(&self.en))
    }
}

/// The words of a dataset, ready to be put into texts.
///
/// A text names them in braces: `{row}` one, `{rows}` several, `{Row}` and `{Rows}` at the beginning of an English text;
/// the same with `class` and `zone`, a zone of the partition; `{whole}` and `{Whole}`; `{counter}` after a number of rows.
/// Other braces stay as they are.
#[derive(Clone, Debug)]
pub struct Wording {
    /// A row of the register.
    pub row: Term,
    /// An entry of the classification.
    pub class: Term,
    /// A zone of the partition; a zone in general where there is no partition.
    pub zone: Term,
    /// Everything that the dataset covers.
    pub whole: Text,
}

impl Wording {
    /// The words of a dataset and of its partition.
    pub fn new(terms: &Terms, partition: Option<&Term>) -> Self {
        Self {
            row: terms.row.clone(),
            class: terms.class.clone(),
            zone: partition.cloned().unwrap_or_else(|| Term::new("区域", "zone", "zones", "个")),
            whole: terms.whole.clone(),
        }
    }

    /// A text of one language with the words in it.
    pub fn fill(&self, lang: Lang, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').map(|close| open + close);
            let word = close.and_then(|close| self.word(lang, &rest[open + 1..close]));
            let (kept, to) = match (close, word) {
                (Some(close), Some(word)) => {
                    out.push_str(&rest[..open]);
                    out.push_str(&word);
                    rest = &rest[close + 1..];
                    continue;
                }
                _ => (&rest[..=open], open + 1),
            };
            out.push_str(kept);
            rest = &rest[to..];
        }
        out + rest
    }

    /// A text of both languages with the words in it.
    pub fn text(&self, zh: &str, en: &str) -> Text {
        Text { zh: self.fill(Lang::Zh, zh), en: self.fill(Lang::En, en) }
    }

    fn word(&self, lang: Lang, name: &str) -> Option<String> {
        let upper = name.starts_with(char::is_uppercase);
        let word = match name.to_lowercase().as_str() {
            "row" => self.row.one(lang),
            "rows" => self.row.all(lang),
            "class" => self.class.one(lang),
            "classes" => self.class.all(lang),
            "zone" => self.zone.one(lang),
            "zones" => self.zone.all(lang),
            "whole" => self.whole.get(lang),
            "counter" => &self.row.counter,
            _ => return None,
        };
        Some(if upper && lang == Lang::En { capital(word) } else { word.to_owned() })
    }
}

/// A text with a capital letter at its beginning.
pub fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

/// A title inside an English sentence: `District` becomes `district`; `NUTS 3 region`, `R&D` and `GDP` stay.
pub fn within_sentence(title: &str) -> String {
    let mut rest = title.chars();
    match (rest.next(), rest.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(rest).collect(),
        _ => title.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_several() {
        let term: Term = serde_json::from_str(r#"{"zh": "农场", "en": "farm"}"#).unwrap();
        assert_eq!(term, Term::new("农场", "farm", "farms", "个"));
        assert_eq!(term.count(1, "1"), Text::new("1 个农场", "1 farm"));
        assert_eq!(term.count(0, "0").en, "0 farms");
        assert_eq!(term.count(1200, "1,200"), Text::new("1,200 个农场", "1,200 farms"));
        assert_eq!((term.title().en.as_str(), term.heading().en.as_str()), ("Farm", "Farms"));
    }

    #[test]
    fn words_in_texts() {
        let farm = Term::new("农场", "farm", "farms", "座");
        let terms = Terms { row: farm, ..Terms::default() };
        let words = Wording::new(&terms, Some(&Term::new("教区", "parish", "parishes", "个")));
        let said =
            words.text("{}: {n} {counter}{row},各{zone},{whole}{ {{row}", "{Rows} of {}: a {row}, {zones}; {Whole}");
        assert_eq!(said.zh, "{}: {n} 座农场,各教区,全部{ {农场");
        assert_eq!(said.en, "Farms of {}: a farm, parishes; The whole area");
    }

    #[test]
    fn titles_inside_sentences() {
        let titles = ["District", "NUTS 3 region", "Floor area", "R&D", "GDP", "Örtliche", "税收", ""];
        let inside = ["district", "NUTS 3 region", "floor area", "R&D", "GDP", "örtliche", "税收", ""];
        assert_eq!(titles.map(within_sentence), inside);
    }
}
