//! Where an address is by the dataset's tables of places, and how that was found.

use super::diff::metres;
use super::locate::USUAL_PRECISION_M;
use super::places::Districts;
use crate::core::geocode::{Best, Geocoder, How, PlaceTable, Words, best, is_one_place};
use crate::core::model::Dataset;
use geo::Coord;

/// Metres by which a place may lie beyond the border of the declared district: outlines are not that exact.
const BORDER_M: f64 = 500.0;
/// Metres that a house number stands for where the nearest one was taken.
const NUMBER_M: i64 = 20;
/// Places that are listed of an ambiguous address.
const LISTED: usize = 3;

/// The tables of places of a dataset, indexed.
#[derive(Debug)]
pub struct Addresses<'a> {
    tables: Vec<(PlaceTable<'a>, Geocoder)>,
}

/// What is known of an address.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<'a> {
    /// It is here.
    Here(Here<'a>),
    /// Several places have it; the first of them.
    Several {
        /// How many.
        places: usize,
        /// Metres from the first to the farthest.
        apart: f64,
        /// The first, as the table calls them.
        first: Vec<&'a str>,
    },
    /// It is in another district only.
    Elsewhere(&'a str),
    /// No table knows it.
    Unknown,
}

/// Where an address is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Here<'a> {
    /// Longitude and latitude in WGS 84.
    pub at: Coord<f64>,
    /// How it was found.
    pub how: How,
    /// What the table calls the place.
    pub name: &'a str,
    /// The collection.
    pub collection: &'a str,
    /// Metres to which the position is right.
    pub precision_m: i64,
}

impl<'a> Addresses<'a> {
    /// Those of a dataset; none where it has no table of places.
    pub fn of(dataset: &'a Dataset) -> Option<Self> {
        let tables = dataset.collections().filter_map(|(spec, table)| {
            let words = Words::new(dataset.collections(), &dataset.divisions, spec.places.as_ref()?);
            let places = PlaceTable::of(spec, table)?;
            Some((places, Geocoder::new(places, words)))
        });
        let tables: Vec<_> = tables.collect();
        (!tables.is_empty()).then_some(Self { tables })
    }

    /// Where an address is: by the first table that knows it best, in the declared district, else in the one that the text
    /// names.
    pub fn answer(&self, text: &str, declared: Option<usize>, districts: &Districts) -> Answer<'a> {
        let tables = self.tables.iter().map(|(places, index)| ((), *places, index));
        let Some(Best { places, found, district, .. }) = best(tables, text) else { return Answer::Unknown };
        let all: Vec<(u32, Coord<f64>)> =
            found.rows.iter().filter_map(|&row| Some((row, places.at(row as usize)?))).collect();
        let district = declared.or_else(|| district.and_then(|id| districts.by_id(&id)));
        let inside = |beyond: f64| -> Vec<(u32, Coord<f64>)> {
            let holds = |at: Coord<f64>| {
                district
                    .is_none_or(|d| districts.holds(d, at) || (beyond > 0.0 && districts.near_border_of(d, at, beyond)))
            };
            all.iter().filter(|(_, at)| holds(*at)).copied().collect()
        };
        let strictly = inside(0.0);
        let rows = if strictly.is_empty() { inside(BORDER_M) } else { strictly };
        let name = |row: u32| places.shown(row as usize);
        let Some(&(first, at)) = rows.first() else {
            return all.first().map_or(Answer::Unknown, |(row, _)| Answer::Elsewhere(name(*row)));
        };
        if !is_one_place(rows.iter().map(|(_, at)| *at)) {
            let apart = rows.iter().map(|(_, other)| metres(at, *other)).fold(0.0, f64::max);
            let first = rows.iter().take(LISTED).map(|(row, _)| name(*row)).collect();
            return Answer::Several { places: rows.len(), apart, first };
        }
        let off = if let How::Nearest { off, .. } = found.how { i64::from(off) } else { 0 };
        let precision_m = USUAL_PRECISION_M.max(NUMBER_M * off);
        Answer::Here(Here { at, how: found.how, name: name(first), collection: &places.spec.id, precision_m })
    }
}
