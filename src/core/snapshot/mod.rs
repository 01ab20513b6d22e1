//! A dataset made ready for questions: Hilbert-ordered tables, spatial indexes, zone membership, names, a revision.
//! Never changed once built; a reload builds another.

mod bigrams;
mod figures;
mod kept;
mod names;
mod order;
mod passing;
mod points;
mod register;
mod scope;
mod shapes;
mod steps;
mod tally;
mod within;
mod zones;

pub use figures::{Figures, Totals};
pub use kept::Kept;
pub use names::{Hit, Names};
pub use passing::{Passing, Windows};
pub use points::Points;
pub use register::{Metric, Register};
pub use shapes::{Path, Shape, Shapes};
pub use steps::{LARGEST, Order, Steps};
pub use tally::Tally;
pub use zones::{Rest, Zone, Zones};

use crate::core::geometry::Bounds;
use crate::core::model::{Codelist, CollectionSpec, Dataset, Geometries, Indicator, Manifest, Role, Table};
use geo::Coord;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A collection with its rows and how to find them.
#[derive(Debug)]
pub struct Layer {
    /// What the manifest says.
    pub spec: CollectionSpec,
    /// The rows; those of a point collection in Hilbert order, unlocated ones last.
    pub table: Table,
    /// How to find rows in space.
    pub index: Index,
    /// Box around all rows.
    pub bounds: Bounds,
    by_id: Vec<u32>,
}

/// How to find rows in space.
#[derive(Debug)]
pub enum Index {
    /// A collection of points: runs of the Hilbert order.
    Points(Points),
    /// Anything else: an R-tree.
    Shapes(Shapes),
}

impl Layer {
    fn new(spec: CollectionSpec, table: Table) -> Self {
        let (table, index, by_id) = match table.geometries {
            Geometries::Points { .. } => {
                let (order, points) = Points::new(&table.geometries);
                let table = order::take(table, &order);
                let by_id = order::by_id(&table.ids, Some(&order));
                (table, Index::Points(points), by_id)
            }
            Geometries::Any(ref geometries) => {
                let shapes = Shapes::new(geometries);
                let by_id = order::by_id(&table.ids, None);
                (table, Index::Shapes(shapes), by_id)
            }
        };
        let mut bounds = Bounds::EMPTY;
        match &table.geometries {
            Geometries::Points { lon, lat, located } => {
                located.iter().for_each(|row| bounds.extend(Coord { x: lon[row], y: lat[row] }));
            }
            Geometries::Any(rows) => rows.iter().flatten().for_each(|g| bounds.join(&Bounds::of(g))),
        }
        Self { spec, table, index, bounds, by_id }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.table.ids.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that rows and indexes take, geometries other than points apart.
    pub fn bytes(&self) -> usize {
        let index = if let Index::Points(points) = &self.index { points.bytes() } else { 0 };
        self.table.bytes() + size_of_val(self.by_id.as_slice()) + index
    }

    /// The row with this feature id.
    pub fn row(&self, id: &str) -> Option<usize> {
        let at =
            self.by_id.binary_search_by(|r| order::key(self.table.ids.value(*r as usize)).cmp(&order::key(id))).ok()?;
        Some(self.by_id[at] as usize)
    }

    /// The text of a property of a row.
    pub fn text(&self, property: &str, row: usize) -> Option<&str> {
        self.table.columns[self.spec.property(property)?.0].text(row)
    }

    /// The name of a row: the property that the manifest names, else the id.
    pub fn name(&self, row: usize) -> &str {
        let name = self.spec.name.as_deref().and_then(|p| self.text(p, row));
        name.unwrap_or_else(|| self.table.ids.value(row))
    }

    /// The English name of a row, else its name.
    pub fn name_en(&self, row: usize) -> &str {
        let name = self.spec.name_en.as_deref().and_then(|p| self.text(p, row));
        name.unwrap_or_else(|| self.name(row))
    }
}

/// A dataset ready for questions.
#[derive(Debug)]
pub struct Snapshot {
    /// What the manifest says.
    pub manifest: Manifest,
    /// Codelists by name.
    pub codelists: BTreeMap<String, Codelist>,
    /// The plan's own terms.
    pub plan: Option<serde_json::Value>,
    /// Indicators.
    pub indicators: Vec<Indicator>,
    /// One layer per collection, in the manifest's order.
    pub layers: Vec<Layer>,
    /// The statistical register, where the dataset has one.
    pub register: Option<Register>,
    /// Areas that answer "which enterprises are inside?".
    pub zones: Zones,
    /// Names of everything that has one.
    pub names: Names,
    /// What was worked out for questions asked before.
    pub kept: Kept,
    /// Box around all layers.
    pub bounds: Bounds,
    /// Hash of content, schema and engine version: 16 hexadecimal digits. Alike for the same input on every machine.
    pub revision: String,
    /// Codes of the districts to whose enterprises it is limited; none for the whole city.
    pub scope: Option<Vec<String>>,
}

impl Snapshot {
    /// Sorts, indexes and joins a dataset, once.
    pub fn new(dataset: Dataset) -> Self {
        let Dataset { manifest, codelists, plan, indicators, tables, content_hash } = dataset;
        let layers: Vec<Layer> =
            manifest.collections.iter().cloned().zip(tables).map(|(s, t)| Layer::new(s, t)).collect();
        let register = Register::new(&layers, codelists.get("clusters"));
        let zones = Zones::new(manifest.zone_kinds(), &layers, register.as_ref());
        let names = Names::new(&layers);
        let mut bounds = Bounds::EMPTY;
        let framing = |l: &&Layer| l.spec.role == Role::Districts;
        let frame: Vec<&Layer> = layers.iter().filter(framing).collect();
        let all: Vec<&Layer> = layers.iter().collect();
        (if frame.is_empty() { all } else { frame }).iter().for_each(|l| bounds.join(&l.bounds));
        let revision = revision(&content_hash);
        Self {
            manifest,
            codelists,
            plan,
            indicators,
            layers,
            register,
            zones,
            names,
            kept: Kept::default(),
            bounds,
            revision,
            scope: None,
        }
    }

    /// Builds what is otherwise built by the first question that needs it.
    pub fn warm(&self) {
        self.names.warm(&self.layers);
    }

    /// The layer of a collection, with its place.
    pub fn layer(&self, id: &str) -> Option<(usize, &Layer)> {
        self.layers.iter().enumerate().find(|(_, l)| l.spec.id == id)
    }

    /// The register's layer and what its columns mean.
    pub fn register(&self) -> Option<(&Layer, &Register)> {
        self.register.as_ref().map(|r| (&self.layers[r.layer], r))
    }

    /// The cluster codelist.
    pub fn clusters(&self) -> Option<&Codelist> {
        self.codelists.get("clusters")
    }

    /// Whether the register's rows are invented.
    pub fn sample(&self) -> bool {
        self.register().is_some_and(|(l, _)| l.spec.sample)
    }
}

/// The revision of a dataset of this content.
pub fn revision(content_hash: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(content_hash);
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.finalize().iter().take(8).fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}
