//! Zones: areas that answer "which enterprises are inside?", with their members.
//!
//! A located enterprise belongs to zones by its point (`geometry::Region`'s half-open rule), an unlocated one to its
//! declared district only. Districts + outside + undeclared are the whole city, each enterprise once.

use super::layer::{Layer, RowSource};
use super::register::Register;
use crate::core::columns::Bitmap;
use crate::core::geometry::{Bounds, Region, measure};
use crate::core::model::{Text, Wording, ZoneKind};
use geo::{Geometry, MultiPolygon};
use std::collections::HashMap;

/// An area with its members.
#[derive(Debug)]
pub struct Zone {
    /// Zone id, unique in the dataset.
    pub(in crate::core) id: String,
    /// Name.
    pub(in crate::core) name: String,
    /// English name.
    pub(in crate::core) name_en: String,
    /// Place of its kind in [`Zones::kinds`].
    pub(in crate::core) kind: usize,
    /// Place of its layer.
    pub(in crate::core) layer: usize,
    /// `official_text`, `reconstruction` or `schematic`, where the data says so.
    pub(in crate::core) basis: Option<String>,
    /// `existing`, `planned` or `later`, where the data says so.
    pub(in crate::core) status: Option<String>,
    /// Whether the outline is schematic.
    pub(in crate::core) schematic: bool,
    /// Where the outline comes from.
    pub(in crate::core) source: Text,
    /// The outline.
    pub(in crate::core) polygon: MultiPolygon<f64>,
    /// Box around it.
    pub(in crate::core) bounds: Bounds,
    /// Where to write its name.
    pub(in crate::core) label: Option<[f64; 2]>,
    /// Area on the ellipsoid, in square kilometres.
    pub(in crate::core) area_km2: f64,
    /// Rows of the register that belong to it.
    pub(in crate::core) members: Bitmap,
}

/// What no district holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Located, but in no district.
    Outside,
    /// Neither located nor declared for a district.
    Undeclared,
}

impl Rest {
    /// Its zone id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::Undeclared => "undeclared",
        }
    }

    /// Its name in the words of a dataset.
    pub fn name(self, words: &Wording) -> Text {
        match self {
            Self::Outside => words.text("各{zone}之外", "Outside all {zones}"),
            Self::Undeclared => words.text("未填{zone}且无坐标", "Neither located nor declared"),
        }
    }
}

/// All zones of a dataset, and the register's rows by how they came to their district.
#[derive(Debug, Default)]
pub struct Zones {
    /// The kinds of zones.
    pub(in crate::core) kinds: Vec<ZoneKind>,
    /// The zones, in the order of their collections.
    pub(in crate::core) list: Vec<Zone>,
    /// Rows with a position.
    pub(in crate::core) located: Bitmap,
    /// Rows whose position lies in a district.
    pub(in crate::core) by_point: Bitmap,
    /// Rows without position that are declared for a district.
    pub(in crate::core) by_declared: Bitmap,
    /// Rows whose position lies in another district than the declared one.
    pub(in crate::core) mismatch: Bitmap,
    by_id: HashMap<String, usize>,
}

impl Zones {
    pub(super) fn new(kinds: Vec<ZoneKind>, layers: &[Layer], register: Option<&Register>) -> Self {
        let rows = register.map_or(0, |r| layers[r.layer].len());
        let mut zones = Self {
            kinds,
            located: Bitmap::none(rows),
            by_point: Bitmap::none(rows),
            by_declared: Bitmap::none(rows),
            mismatch: Bitmap::none(rows),
            ..Self::default()
        };
        for (layer, l) in layers.iter().enumerate() {
            let Some(kind) = zones.kinds.iter().position(|k| k.collections.contains(&layer)) else { continue };
            for row in 0..l.len() {
                let polygon = match l.table.geometries.value(row) {
                    Some(Geometry::Polygon(p)) => MultiPolygon(vec![p]),
                    Some(Geometry::MultiPolygon(m)) => m,
                    _ => continue,
                };
                zones.list.push(Zone::new(l, layer, row, kind, polygon, rows));
            }
        }
        zones.by_id = zones.list.iter().enumerate().map(|(i, z)| (z.id.clone(), i)).collect();
        if let Some(register) = register {
            zones.join(layers, register);
        }
        zones
    }

    /// Puts every enterprise into its zones.
    fn join(&mut self, layers: &[Layer], register: &Register) {
        let layer = &layers[register.layer];
        let partition = self.partition();
        let is_district = |z: &Zone| Some(z.kind) == partition;
        self.located = layer.located();
        for zone in &mut self.list {
            zone.members = layer.within(&Region::new(&zone.polygon));
            if is_district(zone) {
                // where districts overlap the first one counts, so that they stay a partition
                zone.members.and_not(&self.by_point);
                self.by_point.or(&zone.members);
            }
        }
        let Some(declared) = register.district.map(|place| &layer.table.columns[place]) else { return };
        for row in 0..layer.len() {
            let Some(&z) = declared.text(row).and_then(|id| self.by_id.get(id)) else { continue };
            let zone = &mut self.list[z];
            if !is_district(zone) {
                continue;
            }
            if !self.located.contains(row) {
                zone.members.insert(row);
                self.by_declared.insert(row);
            } else if !zone.members.contains(row) {
                self.mismatch.insert(row);
            }
        }
    }

    /// The place of the kind with this id.
    pub fn kind(&self, id: &str) -> Option<usize> {
        self.kinds.iter().position(|k| k.id == id)
    }

    /// The place of the kind whose zones are the partition of the city.
    pub fn partition(&self) -> Option<usize> {
        self.kinds.iter().position(|k| k.partition)
    }

    /// The zones of a kind, with their places.
    pub fn of_kind(&self, kind: usize) -> impl Iterator<Item = (usize, &Zone)> {
        self.list.iter().enumerate().filter(move |(_, z)| z.kind == kind)
    }

    /// The zones of the partition of the city, with their places.
    pub fn districts(&self) -> impl Iterator<Item = (usize, &Zone)> {
        self.partition().into_iter().flat_map(|kind| self.of_kind(kind))
    }

    /// The zone with this id, with its place.
    pub fn find(&self, id: &str) -> Option<(usize, &Zone)> {
        self.by_id.get(id).map(|&i| (i, &self.list[i]))
    }

    /// The rows that no district holds.
    pub fn rest(&self, rest: Rest) -> Bitmap {
        let mut rows = match rest {
            Rest::Outside => self.located.clone(),
            Rest::Undeclared => {
                let mut all = Bitmap::all(self.located.len());
                all.and_not(&self.located);
                all
            }
        };
        rows.and_not(&self.by_point);
        rows.and_not(&self.by_declared);
        rows
    }
}

impl Zone {
    fn new(l: &Layer, layer: usize, row: usize, kind: usize, polygon: MultiPolygon<f64>, rows: usize) -> Self {
        let text = |property| l.text(property, row).map(str::to_owned);
        let basis = text("basis");
        Self {
            id: l.table.ids.value(row).to_owned(),
            name: l.name(row).to_owned(),
            name_en: l.name_en(row).to_owned(),
            kind,
            layer,
            schematic: l.spec.schematic,
            basis,
            status: text("status"),
            source: text("source").map_or_else(|| l.spec.source.clone(), |s| Text::new(&s, &s)),
            bounds: Bounds::of(&polygon.clone().into()),
            label: measure::label_point(&polygon).map(|c| [c.x, c.y]),
            area_km2: measure::area_km2(&polygon),
            members: Bitmap::none(rows),
            polygon,
        }
    }
}
