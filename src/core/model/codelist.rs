//! Lists of codes: what the values of coded properties mean.

use super::Text;
use super::class_tree::ClassTree;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

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
    /// Whether it is drawn up for illustration (示意), such as stages that no authority has published.
    #[serde(default)]
    pub schematic: bool,
    /// The levels of a hierarchy, the topmost first.
    #[serde(default)]
    pub levels: Vec<ClassLevel>,
    /// Other versions of the list, by which the same rows can be read.
    #[serde(default)]
    pub versions: Vec<CodelistVersion>,
    /// The codes, in their official order.
    pub entries: Vec<CodelistEntry>,
    /// Which entry stands above which; worked out once.
    #[serde(skip)]
    tree: OnceLock<ClassTree>,
    /// What stands for an entry; worked out once.
    #[serde(skip)]
    words: OnceLock<HashMap<String, usize>>,
}

/// A level of a hierarchy of codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassLevel {
    /// Identifier.
    pub id: String,
    /// What one of its codes is called.
    pub title: Text,
    /// The English title of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plural: Option<String>,
}

/// Another version of a list: a list of its own, and what becomes of each code in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodelistVersion {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// First day of validity.
    #[serde(default)]
    pub valid_from: Option<String>,
    /// Last day of validity.
    #[serde(default)]
    pub valid_to: Option<String>,
    /// The version's own list, by its name in the manifest.
    pub codelist: String,
    /// File with the pairs of codes.
    pub mapping: String,
    /// Property of the register with a row's code in this version, where it is known; it goes before the mapping.
    #[serde(default)]
    pub property: Option<String>,
    /// What the file says.
    #[serde(skip)]
    pub pairs: Mapping,
}

/// The codes of a list and what they are in a version of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Where the JSON Schema stands; read by editors only.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// Source.
    #[serde(default)]
    pub source: Text,
    /// The pairs. A code in several pairs is split in the version.
    pub pairs: Vec<CodePair>,
}

/// A code of a list and one of those that it is in a version.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodePair {
    /// Code of the list.
    pub from: String,
    /// Code of the version.
    pub to: String,
    /// Share of the first that is the second, 0 to 1, where it is known. It is stated, never used to divide rows.
    #[serde(default)]
    pub share: Option<f64>,
}

/// One code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodelistEntry {
    /// The code, ASCII.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// Code of the entry above it in a hierarchy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
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
    /// Code of the class that it is a stage of; of lists of stages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Codes of the stages of the same class that feed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// What sort of stage it is, such as upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Text>,
}

impl Codelist {
    /// The entry whose code, name or alias this is, with its place. A name that a class shares with one below it means
    /// the upper one, which claims less. In a hierarchy a code is also found without its letters and with spaces.
    pub fn find(&self, word: &str) -> Option<(usize, &CodelistEntry)> {
        let words = self.words();
        let spelt = || if self.is_flat() { None } else { words.get(spelling(word).as_str()) };
        let place = *words.get(word).or_else(spelt)?;
        Some((place, &self.entries[place]))
    }

    /// The place of a code.
    pub fn place(&self, code: &str) -> Option<usize> {
        self.entries.iter().position(|e| e.code == code)
    }

    /// The stages of a class, in the list's order.
    pub fn stages_of<'a>(&'a self, class: &'a str) -> impl Iterator<Item = &'a CodelistEntry> {
        self.entries.iter().filter(move |entry| entry.class.as_deref() == Some(class))
    }

    /// Whether no entry stands above another.
    pub fn is_flat(&self) -> bool {
        self.entries.iter().all(|e| e.parent.is_none())
    }

    /// Which entry stands above which.
    pub fn tree(&self) -> &ClassTree {
        self.tree.get_or_init(|| {
            let entries: Vec<_> = self.entries.iter().map(|e| (e.code.as_str(), e.parent.as_deref())).collect();
            ClassTree::new(&entries)
        })
    }

    /// The codes of an entry and of all below it, its own first.
    pub fn within(&self, place: usize) -> impl Iterator<Item = &str> {
        self.tree().within(place).iter().map(|place| &*self.entries[*place].code)
    }

    /// What stands for an entry -> its place: of a hierarchy also its code without the letters at its beginning, where
    /// that is one code only.
    fn words(&self) -> &HashMap<String, usize> {
        self.words.get_or_init(|| {
            let mut out: HashMap<String, usize> = HashMap::new();
            let mut shared = HashSet::new();
            for (place, entry) in self.entries.iter().enumerate().filter(|_| !self.is_flat()) {
                let whole = spelling(&entry.code);
                let digits = whole.trim_start_matches(|c: char| c.is_ascii_alphabetic()).to_owned();
                for word in [whole, digits] {
                    if out.insert(word.clone(), place).is_some_and(|other| other != place) {
                        shared.insert(word);
                    }
                }
            }
            out.retain(|word, _| !word.is_empty() && !shared.contains(word));
            // what is put in later stays: of two that share a name the upper one, and the first
            let mut places: Vec<usize> = (0..self.entries.len()).rev().collect();
            places.sort_by_key(|place| std::cmp::Reverse(self.tree().level(*place)));
            for place in places.iter().copied() {
                let entry = &self.entries[place];
                let names = [&entry.name.zh, &entry.name.en].into_iter().chain(&entry.aliases);
                out.extend(names.filter(|w| !w.is_empty()).map(|w| (w.clone(), place)));
            }
            out.extend(places.iter().map(|place| (self.entries[*place].code.clone(), *place)));
            out
        })
    }

    /// The level that an id or a number from 1 names, counted from 0.
    pub fn level(&self, word: &str) -> Option<usize> {
        let by_id = self.levels.iter().position(|l| l.id == word);
        let by_number = || word.parse::<usize>().ok()?.checked_sub(1);
        by_id.or_else(by_number).filter(|level| *level < self.tree().levels().max(1))
    }

    /// How a level is written in a question: by its id, else by its number from 1.
    pub fn level_word(&self, level: usize) -> String {
        self.levels.get(level).map_or_else(|| (level + 1).to_string(), |l| l.id.clone())
    }
}

/// A code as it is compared: without spaces, in capital letters.
pub fn spelling(word: &str) -> String {
    word.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[(&str, Option<&str>)]) -> Codelist {
        let entries: Vec<_> = entries
            .iter()
            .map(|(code, parent)| serde_json::json!({"code": code, "name": {"zh": format!("名{code}"), "en": ""}, "parent": parent}))
            .collect();
        serde_json::from_value(serde_json::json!({"id": "c", "title": {"zh": "", "en": ""}, "entries": entries}))
            .unwrap()
    }

    #[test]
    fn entries_stand_above_those_that_name_them() {
        let list = list(&[("C391", Some("C39")), ("A", None), ("C", None), ("C39", Some("C")), ("C27", Some("C"))]);
        let tree = list.tree();
        assert_eq!(tree.levels(), 3);
        assert_eq!(tree.order(), [1, 2, 3, 0, 4]);
        assert_eq!(list.within(2).collect::<Vec<_>>(), ["C", "C39", "C391", "C27"]);
        assert_eq!(tree.children(Some(2)).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(tree.children(None).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(tree.upwards(0).collect::<Vec<_>>(), [0, 3, 2]);
        assert!(tree.is_within(0, 2) && tree.is_within(0, 0) && !tree.is_within(2, 0) && !tree.is_within(1, 2));
        for (word, code) in [("C 39", "C39"), ("39", "C39"), ("c391", "C391"), ("名C", "C"), ("391", "C391")] {
            assert_eq!(list.find(word).unwrap().1.code, code, "{word}");
        }
        assert!(list.find("3").is_none());
    }

    #[test]
    fn circles_and_strange_parents_end() {
        let list = list(&[("a", Some("b")), ("b", Some("a")), ("c", Some("a")), ("d", Some("d")), ("e", Some("x"))]);
        let mut all = list.tree().order().to_vec();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4]);
    }
}
