//! From an address to a point by a table of places (a gazetteer): the same address, the same house number, else the nearest
//! number of the road. What is found is said with how it was found; what is ambiguous is listed and not guessed.

mod address;

pub use address::{Address, Words, plain};

use crate::cancel;
use crate::columns::Column;
use crate::geometry::measure::distance;
use crate::model::{CollectionSpec, Table};
use geo::Coord;
use serde::Serialize;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Metres within which several rows of an address are one place.
pub const ONE_PLACE_M: f64 = 200.0;

/// How an address was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "how", rename_all = "lowercase")]
pub enum How {
    /// The table has the address, everything that it says included.
    Exact,
    /// The table has the road and the house number; the rest of the address was left out.
    House,
    /// The table has the road and not the number: the nearest number was taken.
    Nearest {
        /// How many numbers it is away.
        off: u32,
        /// The number taken.
        number: u32,
    },
}

/// The rows of a table that answer for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// How they were found.
    pub how: How,
    /// The rows, ascending.
    pub rows: Vec<u32>,
}

/// A collection whose rows are places with an address.
#[derive(Clone, Copy, Debug)]
pub struct PlaceTable<'a> {
    /// What the manifest says of it.
    pub spec: &'a CollectionSpec,
    /// Its rows.
    pub table: &'a Table,
}

impl<'a> PlaceTable<'a> {
    /// A collection that the manifest declares to be one.
    pub fn of(spec: &'a CollectionSpec, table: &'a Table) -> Option<Self> {
        spec.places.is_some().then_some(Self { spec, table })
    }

    /// The texts under which a row is found: its name and its address.
    pub fn texts(&self, row: usize) -> impl Iterator<Item = &'a str> {
        self.columns().filter_map(move |c| c.text(row))
    }

    fn columns(&self) -> impl Iterator<Item = &'a Column> {
        let (table, places) = (self.table, self.spec.place_columns());
        places.into_iter().filter_map(|place| table.columns.get(place))
    }

    /// The text that stands for a row: its address, else its name.
    pub fn shown(&self, row: usize) -> &'a str {
        self.texts(row).last().unwrap_or_else(|| self.table.ids.value(row))
    }

    /// Where a row is.
    pub fn at(&self, row: usize) -> Option<Coord<f64>> {
        self.table.geometries.point(row)
    }
}

/// A text of a row: hash of its road, its number, the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    road: u64,
    number: u32,
    row: u32,
}

/// Stands for no number.
const NONE: u32 = u32::MAX;

/// An index of a place table by road and number: sixteen bytes for each text. The texts stay in the table, which has to be
/// the one that it was made of.
#[derive(Debug)]
pub struct Geocoder {
    entries: Vec<Entry>,
    words: Words,
    reach: u32,
}

impl Geocoder {
    /// Reads all addresses of a table.
    pub fn new(table: PlaceTable, words: Words) -> Self {
        let mut entries = Vec::with_capacity(table.table.ids.len());
        for row in 0..table.table.ids.len() {
            if row % 4096 == 0 {
                cancel::check();
            }
            if table.at(row).is_none() {
                continue;
            }
            for text in table.texts(row) {
                let Address { road, number, .. } = words.read(text);
                if !road.is_empty() {
                    entries.push(Entry { road: hash(&road), number: number.unwrap_or(NONE), row: row as u32 });
                }
            }
        }
        entries.sort_unstable();
        entries.dedup();
        entries.shrink_to_fit();
        let reach = table.spec.places.as_ref().map_or(0, |places| places.reach);
        Self { entries, words, reach }
    }

    /// An address in parts, as this table reads it.
    pub fn read(&self, text: &str) -> Address {
        self.words.read(text)
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    /// The rows that answer for an address.
    pub fn find(&self, table: PlaceTable, address: &Address) -> Option<Match> {
        if address.road.is_empty() {
            return None;
        }
        let road = hash(&address.road);
        let from = self.entries.partition_point(|e| e.road < road);
        let to = from + self.entries[from..].partition_point(|e| e.road == road);
        let entries = &self.entries[from..to];
        let number = address.number.unwrap_or(NONE);
        let here = self.rows(table, entries, number, &address.road);
        let some = |how: How, keep: &dyn Fn(&Address) -> bool| {
            let rows: Vec<u32> = here.iter().filter(|(_, a)| keep(a)).map(|(row, _)| *row).collect();
            (!rows.is_empty()).then(|| Match { how, rows: distinct(rows) })
        };
        let same = |a: &Address| a.suffix == address.suffix && a.rest == address.rest;
        if let Some(exact) = some(How::Exact, &same) {
            return Some(exact);
        }
        address.number?;
        // the house itself before its buildings, and the number with its letter before the number alone, and that before other letters
        let house = some(How::House, &|a| a.suffix == address.suffix && a.rest.is_empty())
            .or_else(|| some(How::House, &|a| a.suffix == address.suffix))
            .or_else(|| some(How::House, &|a| a.suffix.is_empty()))
            .or_else(|| some(How::House, &|_| true));
        if house.is_some() {
            return house;
        }
        let numbered = &entries[..entries.partition_point(|e| e.number < NONE)];
        let above = numbered.partition_point(|e| e.number < number);
        let sides = [above.checked_sub(1).map(|at| numbered[at].number), numbered.get(above).map(|e| e.number)];
        // of two as near the lower
        let near = sides.into_iter().flatten().map(|n| (n.abs_diff(number), n)).min();
        let (off, nearest) = near.filter(|(off, _)| *off <= self.reach)?;
        let rows: Vec<u32> =
            self.rows(table, numbered, nearest, &address.road).into_iter().map(|(row, _)| row).collect();
        (!rows.is_empty()).then(|| Match { how: How::Nearest { number: nearest, off }, rows: distinct(rows) })
    }

    /// The rows of a number of a road, with what their texts say.
    fn rows(&self, table: PlaceTable, entries: &[Entry], number: u32, road: &str) -> Vec<(u32, Address)> {
        let from = entries.partition_point(|e| e.number < number);
        let same = entries[from..].iter().take_while(|e| e.number == number);
        let read = same.flat_map(|e| table.texts(e.row as usize).map(move |text| (e.row, text)));
        let addresses = read.map(|(row, text)| (row, self.words.read(text)));
        // another road may have the same hash, and another text of the row another road
        addresses.filter(|(_, a)| a.road == road && a.number.unwrap_or(NONE) == number).collect()
    }
}

/// What the first of the tables says that knows an address best.
#[derive(Clone, Debug)]
pub struct Best<'a, K> {
    /// What the table was given with.
    pub key: K,
    /// The table.
    pub places: PlaceTable<'a>,
    /// The rows.
    pub found: Match,
    /// The district that the text names, as this table reads it.
    pub district: Option<String>,
}

/// Asks several tables, each given with a key, for an address.
pub fn best<'a, 'g, K>(
    tables: impl Iterator<Item = (K, PlaceTable<'a>, &'g Geocoder)>,
    text: &str,
) -> Option<Best<'a, K>> {
    let ask = |(key, places, index): (K, PlaceTable<'a>, &Geocoder)| {
        let address = index.read(text);
        let found = index.find(places, &address)?;
        Some(Best { key, places, found, district: address.district })
    };
    // of those that are as good the first
    tables.filter_map(ask).min_by_key(|best| best.found.how)
}

/// Whether places are one: all near the first.
pub fn is_one_place(mut places: impl Iterator<Item = Coord<f64>>) -> bool {
    places.next().is_none_or(|first| places.all(|at| distance(first, at) <= ONE_PLACE_M))
}

fn distinct(mut rows: Vec<u32>) -> Vec<u32> {
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// The same in every run, so that an index does not depend on it.
fn hash(road: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    road.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
