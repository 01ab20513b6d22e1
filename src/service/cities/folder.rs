//! The folder of the cities: one dataset folder for each, whose name is the city's id.

use super::CitiesError;
use crate::core::model::Text;
use crate::data::load::{Limits, Source, manifest};
use std::fs;
use std::path::{Path, PathBuf};

/// Characters of an id at most.
const LONGEST: usize = 64;
/// What addresses beside the cities are called.
const TAKEN: [&str; 4] = ["questions", "summary", "tiles", "zones"];

/// A city as its folder says it, without its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct City {
    /// The name of its folder.
    pub id: String,
    /// Its dataset folder.
    pub folder: PathBuf,
    /// Title; the id where the manifest can't be read.
    pub title: Text,
    /// What the dataset is for.
    pub description: Text,
    /// What maps of the whole show, where the manifest says it: west, south, east, north in degrees.
    pub extent: Option<[f64; 4]>,
}

/// What is in the folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of their ids.
    pub(super) cities: Vec<City>,
    /// Names of folders that are no ids.
    pub(super) unfit: Vec<String>,
}

/// Whether a name can be part of an address as it is: lower-case letters, digits, `-` and `_`, beginning with a letter or digit.
pub fn is_id(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    first && name.len() <= LONGEST && name.bytes().all(plain) && !TAKEN.contains(&name)
}

/// Looks for cities. What begins with a dot, and what is no folder, is none.
pub(super) fn find(folder: &Path, limits: &Limits) -> Result<Found, CitiesError> {
    let mut found = Found::default();
    for entry in fs::read_dir(folder)? {
        let (path, name) = entry.map(|e| (e.path(), e.file_name()))?;
        let name = name.to_string_lossy();
        if name.starts_with('.') || !path.is_dir() {
            continue;
        }
        if is_id(&name) {
            found.cities.push(city(name.into_owned(), path, limits));
        } else {
            found.unfit.push(name.into_owned());
        }
    }
    found.cities.sort_by(|a, b| a.id.cmp(&b.id));
    found.unfit.sort();
    Ok(found)
}

fn city(id: String, folder: PathBuf, limits: &Limits) -> City {
    let said = manifest(&Source::Folder(folder.clone()), limits);
    let (title, description, extent) =
        said.map_or_else(|| (Text::new(&id, &id), Text::default(), None), |m| (m.title, m.description, m.map.bbox));
    City { id, folder, title, description, extent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_parts_of_an_address() {
        for good in ["hz", "330100", "tiny-ville", "a_b", "0"] {
            assert!(is_id(good), "{good}");
        }
        for bad in [
            "",
            "Hz",
            "a b",
            "a/b",
            "..",
            ".a",
            "-a",
            "_a",
            "杭州",
            "a%20",
            "questions",
            "summary",
            "tiles",
            "zones",
            &"a".repeat(65),
        ] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
