//! Names for search: Chinese, pinyin initials, full pinyin, English, in one arena.

use super::Layer;
use crate::model::Role;
use memchr::memmem;
use pinyin::ToPinyin;

/// Ends a form of a name; no query can hold it.
const END: char = '\u{1}';

/// Whether a row is only another side of a platform, its area or its node: the platform itself is found instead.
fn stands_for_platform(layers: &[Layer], layer: &Layer, row: usize) -> bool {
    let id = match layer.spec.role {
        Role::Zones => Some(layer.table.ids.value(row)),
        Role::Layout => layer.text("platform", row),
        _ => None,
    };
    let platforms = layers.iter().find(|l| l.spec.role == Role::Platforms);
    id.zip(platforms).is_some_and(|(id, platforms)| platforms.row(id).is_some())
}

/// A found name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Place of the layer.
    pub layer: usize,
    /// Row.
    pub row: usize,
}

/// All names of a dataset.
#[derive(Debug, Default)]
pub struct Names {
    arena: String,
    starts: Vec<u32>,
    /// Place in `layers`, and row.
    entries: Vec<(u16, u32)>,
    /// The layers in the order of their rank.
    layers: Vec<usize>,
}

impl Names {
    pub(super) fn new(layers: &[Layer]) -> Self {
        let mut names = Self::default();
        // zones and platforms come before the thousands of enterprises, so that a short list starts with them
        let rank = |role: Role| match role {
            Role::Districts => 0,
            Role::Zones | Role::Platforms | Role::Layout => 1,
            Role::Lead => 2,
            Role::Features | Role::Base => 3,
            Role::Register => 4,
        };
        names.layers = (0..layers.len()).filter(|&i| layers[i].spec.name.is_some()).collect();
        names.layers.sort_by_key(|&i| rank(layers[i].spec.role));
        for place in 0..names.layers.len() {
            let l = &layers[names.layers[place]];
            for row in (0..l.len()).filter(|&row| !stands_for_platform(layers, l, row)) {
                names.starts.push(names.arena.len() as u32);
                names.entries.push((place as u16, row as u32));
                names.push(l.name(row));
                if l.spec.name_en.is_some() {
                    names.form(l.name_en(row).to_lowercase().chars());
                }
            }
        }
        names
    }

    fn push(&mut self, name: &str) {
        self.form(name.to_lowercase().chars());
        let syllables = || name.chars().map(|c| (c, c.to_pinyin()));
        self.form(syllables().filter_map(|(c, p)| match p {
            Some(p) => p.plain().chars().next(),
            None => c.is_alphanumeric().then(|| c.to_ascii_lowercase()),
        }));
        let mut full = String::new();
        for (c, p) in syllables() {
            match p {
                Some(p) => full.push_str(p.plain()),
                None => full.extend(c.is_alphanumeric().then(|| c.to_ascii_lowercase())),
            }
        }
        self.form(full.chars());
    }

    fn form(&mut self, chars: impl Iterator<Item = char>) {
        self.arena.extend(chars.filter(|c| *c != END));
        self.arena.push(END);
    }

    /// The names that hold `query` in any form: how many there are, and the first `limit`; districts first, within a
    /// layer those that begin with the query before others.
    pub fn search(&self, query: &str, limit: usize) -> (usize, Vec<Hit>) {
        let query: String = query.trim().to_lowercase().chars().filter(|c| *c != END).collect();
        if query.is_empty() {
            return (0, vec![]);
        }
        let finder = memmem::Finder::new(query.as_bytes());
        let mut at = 0;
        let mut hits: Vec<(u16, bool, usize)> = Vec::new();
        while let Some(found) = finder.find(&self.arena.as_bytes()[at..]) {
            let entry = self.starts.partition_point(|&s| s as usize <= at + found) - 1;
            let end = self.starts.get(entry + 1).map_or(self.arena.len(), |&s| s as usize);
            let forms = &self.arena[self.starts[entry] as usize..end];
            let begins = forms.split(END).any(|form| form.starts_with(&query));
            hits.push((self.entries[entry].0, !begins, entry));
            at = end;
        }
        let total = hits.len();
        hits.sort_unstable();
        let hit = |&(rank, _, entry): &(u16, bool, usize)| Hit {
            layer: self.layers[usize::from(rank)],
            row: self.entries[entry].1 as usize,
        };
        (total, hits.iter().take(limit).map(hit).collect())
    }
}
