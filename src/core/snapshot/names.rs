//! Names for search: Chinese, English, pinyin initials; districts, platforms and other named features in full pinyin too.

use super::bigrams::{Bigrams, Texts};
use super::layer::{Layer, RowSource};
use crate::columns::{InPieces, Pieces, Taken};
use crate::geocode::plain;
use crate::model::Role;
use memchr::memmem;
use pinyin::ToPinyin;
use std::sync::{Arc, OnceLock};

/// Ends a form of a name; no query can hold it.
const END: char = '\u{1}';

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
    /// The forms of the names of all layers but large ones.
    arena: String,
    starts: Vec<u32>,
    /// Place in `layers`, and row.
    entries: Vec<(u16, u32)>,
    /// The layers in the order of their rank.
    layers: Vec<usize>,
    large: Vec<LargeNames>,
}

/// More names than this are indexed by pairs of characters, and by initials; full pinyin is for the fewer ones.
const MANY: usize = 10_000;

/// The names of the register or another large layer, or texts of places, indexed when they are first searched.
#[derive(Debug)]
struct LargeNames {
    layer: usize,
    column: usize,
    is_places: bool,
    index: OnceLock<Bigrams>,
}

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

impl LargeNames {
    fn texts<'a>(&self, layers: &'a [Arc<Layer>]) -> Texts<'a> {
        let column = &layers[self.layer].table.columns[self.column];
        if self.is_places { Texts::Addresses(column) } else { Texts::Names(column) }
    }

    fn index(&self, layers: &[Arc<Layer>]) -> &Bigrams {
        self.index.get_or_init(|| Bigrams::new(self.texts(layers)))
    }
}

impl Names {
    pub(super) fn new(layers: &[Layer]) -> Self {
        let mut names = Self::default();
        // zones and platforms come first, so that a short list starts with them; places that are only there to be found last
        let rank = |layer: &Layer| match layer.spec.role {
            _ if layer.spec.places.is_some() => 4,
            Role::Districts => 0,
            Role::Zones | Role::Platforms | Role::Layout => 1,
            Role::Lead => 2,
            Role::Features | Role::Base | Role::Register => 3,
        };
        let has_name = |layer: &Layer| layer.spec.name.is_some() || layer.spec.places.is_some();
        let mut named: Vec<usize> = (0..layers.len()).filter(|&i| has_name(&layers[i])).collect();
        named.sort_by_key(|&i| rank(&layers[i]));
        let is_large = |i: &usize| {
            let layer = &layers[*i];
            layer.spec.role == Role::Register || layer.spec.places.is_some() || layer.len() > MANY
        };
        let (large, small): (Vec<usize>, Vec<usize>) = named.into_iter().partition(is_large);
        names.layers = small;
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
        let columns = |layer: usize| {
            let spec = &layers[layer].spec;
            let name = || spec.property(spec.name.as_deref()?).map(|(column, _)| column);
            if spec.places.is_some() { spec.place_columns() } else { name().into_iter().collect() }
        };
        let names_of = |layer: usize| {
            let is_places = layers[layer].spec.places.is_some();
            let of = move |column| LargeNames { layer, column, is_places, index: OnceLock::new() };
            columns(layer).into_iter().map(of)
        };
        names.large = large.into_iter().flat_map(names_of).collect();
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

    /// Builds the indexes of large layers unless they stand: done off the requests, so that the first search need not
    /// wait.
    pub fn warm(&self, layers: &[Arc<Layer>]) {
        self.large.iter().for_each(|names| {
            names.index(layers);
        });
    }

    /// Puts down the indexes of large layers that stand.
    pub(super) fn put_indexes<'a>(&'a self, to: &mut Pieces<'a>) {
        for names in &self.large {
            to.count(usize::from(names.index.get().is_some()));
            names.index.get().into_iter().for_each(|index| index.put(to));
        }
    }

    /// Takes back what [`Names::put_indexes`] has put down; `None` where that is something else.
    pub(super) fn take_indexes(&self, layers: &[Layer], from: &mut Taken) -> Option<()> {
        for names in &self.large {
            if from.count()? == 1 {
                let index = Bigrams::take_back(from).filter(|index| index.rows() == layers[names.layer].len())?;
                names.index.set(index).ok()?;
            }
        }
        Some(())
    }

    /// The names that hold `query` in any form: how many there are, and the first `limit`; districts first, large
    /// layers last, within a layer those that begin with the query before others. Only those that `keep` takes.
    pub fn search(
        &self,
        layers: &[Arc<Layer>],
        query: &str,
        limit: usize,
        keep: impl Fn(Hit) -> bool,
    ) -> (usize, Vec<Hit>) {
        let query: String = query.trim().to_lowercase().chars().filter(|c| *c != END).collect();
        if query.is_empty() {
            return (0, vec![]);
        }
        let mut found = self.search_arena(&query);
        found.retain(|hit| keep(*hit));
        let mut total = found.len();
        found.truncate(limit);
        let address = plain(&query);
        let mut before: Option<(usize, Vec<(u32, bool)>)> = None;
        for large in &self.large {
            let hit = |&(row, _): &(u32, bool)| Hit { layer: large.layer, row: row as usize };
            let query = if large.is_places { &address } else { &query };
            let mut rows = large.index(layers).search(large.texts(layers), query);
            // a place that was found by its name is not found by its address again
            let named = before.take().filter(|(layer, _)| *layer == large.layer).map(|(_, rows)| rows);
            let named = named.unwrap_or_default();
            let is_new = |row: &u32| named.is_empty() || named.binary_search_by_key(row, |r| r.0).is_err();
            rows.retain(|row| keep(hit(row)) && is_new(&row.0));
            total += rows.len();
            for begins in [true, false] {
                let left = limit - found.len();
                found.extend(rows.iter().filter(|r| r.1 == begins).take(left).map(hit));
            }
            before = Some((large.layer, rows));
        }
        (total, found)
    }

    fn search_arena(&self, query: &str) -> Vec<Hit> {
        let finder = memmem::Finder::new(query.as_bytes());
        let mut at = 0;
        let mut hits: Vec<(u16, bool, usize)> = Vec::new();
        while let Some(found) = finder.find(&self.arena.as_bytes()[at..]) {
            let entry = self.starts.partition_point(|&s| s as usize <= at + found) - 1;
            let end = self.starts.get(entry + 1).map_or(self.arena.len(), |&s| s as usize);
            let forms = &self.arena[self.starts[entry] as usize..end];
            let begins = forms.split(END).any(|form| form.starts_with(query));
            hits.push((self.entries[entry].0, !begins, entry));
            at = end;
        }
        hits.sort_unstable();
        let hit = |&(rank, _, entry): &(u16, bool, usize)| Hit {
            layer: self.layers[usize::from(rank)],
            row: self.entries[entry].1 as usize,
        };
        hits.iter().map(hit).collect()
    }
}
