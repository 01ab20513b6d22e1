//! The same city with the enterprises of some districts only: what readers see who are limited to these. It is a snapshot
//! of its own, with a revision of its own, so that no answer and no cache can mix the two.

use super::layer::Layer;
use super::prepared::Snapshot;
use crate::core::columns::Bitmap;
use crate::core::model::{Dataset, Geometries, Table};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

impl Snapshot {
    /// The snapshot without the enterprises outside these districts; they belong by the rule of zones (`zones`). Codes of no
    /// district bring nothing.
    #[must_use]
    pub fn within(&self, districts: &[String]) -> Self {
        let tables = self.layers.iter().enumerate().map(|(place, layer)| match &self.register {
            Some(register) if register.layer == place => some(layer, &self.members(districts)),
            _ => layer.table.clone(),
        });
        let mut hash = Sha256::new();
        hash.update(&self.description.revision);
        for code in districts {
            hash.update([0]);
            hash.update(code);
        }
        let mut scoped = Self::new(Dataset {
            manifest: self.description.manifest.clone(),
            codelists: self.description.codelists.clone(),
            plan: self.description.plan.clone(),
            indicators: self.description.indicators.clone(),
            tables: tables.collect(),
            content_hash: hash.finalize().iter().fold(String::new(), |mut s, b| {
                let _ = write!(s, "{b:02x}");
                s
            }),
        });
        scoped.description.scope = Some(districts.to_vec());
        scoped
    }

    /// Rows of the register that belong to these districts.
    fn members(&self, districts: &[String]) -> Bitmap {
        let mut all = Bitmap::none(self.zones.located.len());
        self.zones.districts().filter(|(_, z)| districts.contains(&z.id)).for_each(|(_, z)| all.or(&z.members));
        all
    }
}

/// Some rows of a table, in its order.
fn some(layer: &Layer, rows: &Bitmap) -> Table {
    let order: Vec<u32> = rows.iter().map(|row| row as u32).collect();
    let table = &layer.table;
    let geometries = match &table.geometries {
        Geometries::Points { lon, lat, located } => {
            let numbers = |all: &[f64]| order.iter().map(|&row| all[row as usize]).collect();
            let located = Bitmap::from_fn(order.len(), |i| located.contains(order[i] as usize));
            Geometries::Points { lon: numbers(lon), lat: numbers(lat), located }
        }
        Geometries::Any(all) => Geometries::Any(order.iter().map(|&row| all[row as usize].clone()).collect()),
    };
    Table { ids: table.ids.take(&order), geometries, columns: table.columns.iter().map(|c| c.take(&order)).collect() }
}
