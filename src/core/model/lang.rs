//! Text for people, in the two languages of the product.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};

/// A language of answers and messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Simplified Chinese, the default.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The version of a text in this language.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// One text in both languages. In files it may be one string, which then stands in both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text from its two versions.
    pub fn new(zh: impl Display, en: impl Display) -> Self {
        Self { zh: zh.to_string(), en: en.to_string() }
    }

    /// One that reads the same in both.
    pub fn same(text: impl Display) -> Self {
        Self::new(&text, &text)
    }

    /// The version in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// The two versions as a file states them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Versions {
    zh: String,
    en: String,
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl<'de> Visitor<'de> for Written {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or an object with the texts zh and en")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::new(text, text))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
                let Versions { zh, en } = Versions::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Text { zh, en })
            }
        }
        deserializer.deserialize_any(Written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_string_or_two() {
        let read = |json: &str| serde_json::from_str::<Text>(json);
        assert_eq!(read("\"Farms\"").unwrap(), Text::new("Farms", "Farms"));
        assert_eq!(read(r#"{"zh": "农场", "en": "Farms"}"#).unwrap(), Text::new("农场", "Farms"));
        for bad in ["1", "null", "[]", r#"{"zh": "农场"}"#, r#"{"zh": "农场", "en": "Farms", "de": "Höfe"}"#] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let said = read("7").unwrap_err().to_string();
        assert!(said.contains("a text, or an object with the texts zh and en"), "{said}");
    }
}
