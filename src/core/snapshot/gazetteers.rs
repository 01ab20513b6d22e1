//! The tables of places of a dataset, by which addresses become points; each is indexed when it is first asked.

use super::layer::Layer;
use crate::core::geocode::{Geocoder, PlaceTable, Words};
use crate::core::model::Divisions;
use std::sync::{Arc, OnceLock};

/// The tables of places, in the manifest's order.
#[derive(Debug, Default)]
pub struct Gazetteers {
    tables: Vec<Gazetteer>,
    divisions: Divisions,
}

#[derive(Debug)]
struct Gazetteer {
    layer: usize,
    words: Words,
    index: OnceLock<Geocoder>,
}

impl Gazetteer {
    fn index(&self, table: PlaceTable) -> &Geocoder {
        self.index.get_or_init(|| Geocoder::new(table, self.words.clone()))
    }
}

impl Gazetteers {
    pub(super) fn new(layers: &[Layer], divisions: Divisions) -> Self {
        let all = || layers.iter().map(|layer| (&layer.spec, &*layer.table));
        let of = |(layer, of): (usize, &Layer)| {
            let words = Words::new(all(), &divisions, of.spec.places.as_ref()?);
            Some(Gazetteer { layer, words, index: OnceLock::new() })
        };
        Self { tables: layers.iter().enumerate().filter_map(of).collect(), divisions }
    }

    pub(super) fn divisions(&self) -> &Divisions {
        &self.divisions
    }

    /// Builds the indexes unless they stand.
    pub fn warm(&self, layers: &[Arc<Layer>]) {
        self.all(layers).for_each(drop);
    }

    /// The places of the layers, with their rows and their index.
    pub fn all<'a>(&'a self, layers: &'a [Arc<Layer>]) -> impl Iterator<Item = (usize, PlaceTable<'a>, &'a Geocoder)> {
        self.tables.iter().filter_map(move |of| {
            let layer = layers.get(of.layer)?;
            let table = PlaceTable::of(&layer.spec, &layer.table)?;
            Some((of.layer, table, of.index(table)))
        })
    }
}
