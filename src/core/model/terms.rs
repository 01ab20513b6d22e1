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

/// A text with a capital letter at its beginning.
pub fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

/// A title inside an English sentence: `District` becomes `district`, `NUTS 3 region` stays.
pub fn within_sentence(title: &str) -> String {
    let mut rest = title.chars();
    let first = rest.next();
    if rest.clone().next().is_some_and(char::is_uppercase) {
        return title.to_owned();
    }
    first.into_iter().flat_map(char::to_lowercase).chain(rest).collect()
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
    fn titles_inside_sentences() {
        for (title, inside) in
            [("District", "district"), ("NUTS 3 region", "NUTS 3 region"), ("Örtliche", "örtliche"), ("", "")]
        {
            assert_eq!(within_sentence(title), inside);
        }
    }
}
