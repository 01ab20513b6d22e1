//! What is decided about a new folder: a proposal with its reason, or what somebody wants.

use crate::core::model::Text;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is decided about a new folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    /// Title of the dataset.
    Title,
    /// Identifier of the dataset.
    Id,
    /// What one of the areas is called.
    ZoneWord,
    /// Reference system of the boundaries.
    BoundariesCrs,
    /// Column of the boundaries' ids.
    ZoneId,
    /// Column of the boundaries' names.
    ZoneName,
    /// Column of the rows' names.
    Name,
    /// What one of the rows is called.
    RowWord,
    /// Column of the declared area.
    Zone,
    /// Column of the classification.
    Class,
    /// Year of figures whose column says none.
    Year,
}

impl Key {
    /// The flag of the command line.
    pub fn flag(self) -> &'static str {
        match self {
            Self::Title => "--title",
            Self::Id => "--id",
            Self::ZoneWord => "--zone-word",
            Self::BoundariesCrs => "--boundaries-crs",
            Self::ZoneId => "--zone-id",
            Self::ZoneName => "--zone-name",
            Self::Name => "--name-column",
            Self::RowWord => "--row-word",
            Self::Zone => "--zone-column",
            Self::Class => "--class-column",
            Self::Year => "--year",
        }
    }
}

/// Something that was decided.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// What.
    pub key: Key,
    /// Place of the table that it is about, where it is about one.
    pub table: Option<usize>,
    /// The question.
    pub question: Text,
    /// What could be chosen; empty where anything can be written.
    pub choices: Vec<String>,
    /// What is taken; empty for none.
    pub value: String,
    /// Why.
    pub reason: Text,
    /// Whether it was asked for, or nothing else is likely. Else somebody should say.
    pub certain: bool,
}

/// What somebody wants, and what the caller knows.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Values by what they decide, of a table with its place; an empty one for none.
    pub values: BTreeMap<(Option<usize>, Key), String>,
    /// Where the boundaries come from.
    pub source: Option<String>,
    /// Their licence.
    pub licence: Option<String>,
    /// Whether the figures of a single row may be seen by every reader.
    pub open: bool,
    /// The last year that is over.
    pub last_year: u16,
}

/// Takes decisions.
pub struct Deciding<'w> {
    pub wishes: &'w Wishes,
    /// Place of the table in question.
    pub table: Option<usize>,
    pub taken: Vec<Decision>,
}

impl Deciding<'_> {
    /// Takes what is wished, else the proposal.
    pub fn take(
        &mut self,
        key: Key,
        question: Text,
        choices: Vec<String>,
        proposal: String,
        reason: Text,
        certain: bool,
    ) -> String {
        let wished = self.wishes.values.get(&(self.table, key));
        let (value, reason, certain) = match wished {
            Some(value) => (value.clone(), Text::new("按指定", "as asked for"), true),
            None => (proposal, reason, certain),
        };
        self.taken.push(Decision { key, table: self.table, question, choices, value: value.clone(), reason, certain });
        value
    }
}
