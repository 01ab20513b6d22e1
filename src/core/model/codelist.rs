//! Lists of codes: what the values of coded properties mean.

use super::Text;
use serde::{Deserialize, Serialize};

/// A list of codes with their meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codelist {
    /// Where the JSON Schema stands; read by editors only.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What the codes are and where they come from.
    #[serde(default)]
    pub description: Text,
    /// First day of validity.
    #[serde(default)]
    pub valid_from: Option<String>,
    /// Last day of validity.
    #[serde(default)]
    pub valid_to: Option<String>,
    /// Source.
    #[serde(default)]
    pub source: Text,
    /// The codes, in their official order.
    pub entries: Vec<CodelistEntry>,
}

/// One code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodelistEntry {
    /// The code, ASCII.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// One character that stands for it on the map; of clusters.
    #[serde(default)]
    pub mark: String,
    /// Colour on light ground, `#RRGGBB`; of clusters.
    #[serde(default)]
    pub color: String,
    /// Colour on dark ground; of clusters.
    #[serde(default)]
    pub color_dark: String,
    /// Other names in departments' tables.
    #[serde(default)]
    pub aliases: Vec<String>,
}

impl Codelist {
    /// The entry whose code, name or alias this is, with its place.
    pub fn find(&self, word: &str) -> Option<(usize, &CodelistEntry)> {
        self.entries.iter().enumerate().find(|(_, e)| {
            e.code == word || e.name.zh == word || e.name.en == word || e.aliases.iter().any(|a| a == word)
        })
    }
}
