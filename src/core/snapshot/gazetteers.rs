//! The tables of places of a dataset, by which addresses become points; each is indexed when it is first asked.

use super::layer::Layer;
use crate::geocode::{Geocoder, PlaceTable, Words};
use crate::model::Divisions;
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
    index: OnceLock<Geocoder>,
}

impl Gazetteers {
    pub(super) fn new(layers: &[Layer], divisions: Divisions) -> Self {
        let tables = (0..layers.len()).filter(|layer| layers[*layer].spec.places.is_some());
        Self { tables: tables.map(|layer| Gazetteer { layer, index: OnceLock::new() }).collect(), divisions }
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
            let (table, places) = (PlaceTable::of(&layer.spec, &layer.table)?, layer.spec.places.as_ref()?);
            let collections = || layers.iter().map(|layer| (&layer.spec, &*layer.table));
            let make = || Geocoder::new(table, Words::new(collections(), &self.divisions, places));
            Some((of.layer, table, of.index.get_or_init(make)))
        })
    }
}
