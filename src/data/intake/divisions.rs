//! Districts as tables name them: codes, names, and the names that reforms took away.

use super::places::Districts;
use crate::core::model::{CededLand, Divisions};

/// What a cell says of the district.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared<'a> {
    /// A district of the dataset, by place in its table.
    District(usize),
    /// A district that is no more; it went to this one, and partly to others where there are any.
    Former {
        /// The district with most of its land.
        now: usize,
        /// Other districts with some of it.
        others: &'a [String],
    },
    /// Nothing that is known.
    Unknown,
}

/// Reads a cell: an id of the dataset, a code with a name, a name with or without what is above it and 区/县/市.
pub fn read<'a>(text: &str, districts: &Districts, divisions: &'a Divisions) -> Declared<'a> {
    if let Some(found) = districts.by_id(text.trim()) {
        return Declared::District(found);
    }
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    if digits.len() >= 6 {
        // a code of nine or twelve digits begins with that of its district
        let code = &digits[..6];
        return districts.by_id(code).map_or_else(|| former(code, districts, divisions), Declared::District);
    }
    let name: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let local = divisions.above.iter().fold(name.as_str(), |name, above| {
        let whole = above.as_str();
        name.rsplit_once(whole).map(|(_, rest)| rest).filter(|rest| !rest.is_empty()).unwrap_or(name)
    });
    match districts.by_name(local) {
        Some(found) => Declared::District(found),
        None => former(local, districts, divisions),
    }
}

fn former<'a>(word: &str, districts: &Districts, divisions: &'a Divisions) -> Declared<'a> {
    let named = |f: &str| !word.is_empty() && f == word;
    let old =
        divisions.former.iter().find(|f| f.code.as_deref().is_some_and(named) || f.names.iter().any(|n| named(n)));
    let Some((now, others)) = old.and_then(|old| old.now.split_first()) else { return Declared::Unknown };
    match districts.by_id(now) {
        Some(now) => Declared::Former { now, others },
        None => Declared::Unknown,
    }
}

/// The land that a district gave to another, where it did: a point in `found` may be declared as `declared` by someone
/// who has the older map in mind.
pub fn ceded<'a>(divisions: &'a Divisions, declared: &str, found: &str) -> Option<&'a CededLand> {
    divisions.ceded.iter().find(|c| c.from == declared && c.to == found)
}

/// The first land that a district gave away.
pub fn ceded_by<'a>(divisions: &'a Divisions, code: &str) -> Option<&'a CededLand> {
    divisions.ceded.iter().find(|c| c.from == code)
}
