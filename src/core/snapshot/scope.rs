//! The same city with the enterprises of some districts only: what readers see who are limited to these. It is a snapshot
//! of its own, with a revision of its own, so that no answer and no cache can mix the two.

use super::layer::Layer;
use super::prepared::Snapshot;
use crate::columns::Bitmap;
use crate::filter::Filter;
use crate::model::{Dataset, Table, Text};
use geo::Contains;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;

impl Snapshot {
    /// The snapshot without the enterprises outside these districts; they belong by the rule of zones (`zones`). Codes of no
    /// district bring nothing.
    #[must_use]
    pub fn within(self: &Arc<Self>, districts: &[String]) -> Self {
        let views: Vec<Self> = self.all().collect();
        let tables = self.layers.iter().enumerate().map(|(place, layer)| {
            let of = |view: &&Self| view.register.as_ref().is_some_and(|r| r.layer == place);
            if let Some(view) = views.iter().find(of) {
                return some(layer, &view.members(districts));
            }
            let mut table = Table::clone(&layer.table);
            // columns that the first preparation added are added again
            table.columns.truncate(self.manifest().collections[place].properties.len());
            table
        });
        let mut hash = Sha256::new();
        hash.update(&self.description.revision);
        for code in districts {
            hash.update([0]);
            hash.update(code);
        }
        let dataset = Dataset {
            manifest: self.manifest().clone(),
            codelists: self.description.codelists.clone(),
            divisions: self.gazetteers.divisions().clone(),
            plan: self.description.plan.clone(),
            indicators: self.description.indicators.clone(),
            warnings: 0,
            tables: tables.collect(),
            content_hash: hash.finalize().iter().fold(String::new(), |mut s, b| {
                let _ = write!(s, "{b:02x}");
                s
            }),
        };
        Self::prepare(dataset, Some((self, districts)))
    }

    /// The names of the districts to which the reader is limited.
    pub(crate) fn scope_name(&self) -> Option<Text> {
        let scope = self.description.scope.as_ref()?;
        let names = |english: bool| -> Vec<&str> {
            let name = |code| match self.zones.find(code) {
                Some((_, zone)) if english => &*zone.name_en,
                Some((_, zone)) => &*zone.name,
                None => code,
            };
            scope.iter().map(|code| name(code)).collect()
        };
        Some(Text::new(names(false).join("、"), names(true).join(", ")))
    }

    /// Whether a reader may see figures of a zone: one that is limited to districts, of those and of zones that share
    /// enterprises with them, or lie there with none.
    pub(crate) fn shows_zone(&self, zone: usize) -> bool {
        let (Some(whole), Some(scope)) = (self.whole(), &self.description.scope) else { return true };
        let zone = &self.zones.list[zone];
        if Some(zone.kind) == self.zones.district_kind() {
            return scope.contains(&zone.id);
        }
        let empty = whole.zones.find(&zone.id).is_none_or(|(_, of)| of.members.count() == 0);
        let inside = |[x, y]: [f64; 2]| {
            let districts = self.zones.districts().filter(|(_, d)| scope.contains(&d.id));
            districts.into_iter().any(|(_, d)| d.polygon.contains(&geo::Point::new(x, y)))
        };
        zone.members.count() > 0 || (empty && zone.label.is_some_and(inside))
    }

    /// Whether a zone has enterprises that a reader who is limited to districts does not see.
    pub(crate) fn shows_part(&self, zone: usize) -> bool {
        let zone = &self.zones.list[zone];
        let whole = self.whole().and_then(|whole| whole.zones.find(&zone.id));
        whole.is_some_and(|(_, of)| of.members.count() > zone.members.count())
    }

    /// Whether a condition of the register names a place: its geometry, or a property that says in which zone a row is.
    pub(crate) fn names_place(&self, filter: &Filter) -> bool {
        let Some((layer, register)) = self.register() else { return false };
        let has_zones = |id: &String| self.layer(id).is_some_and(|(_, of)| of.spec.zone.is_some());
        let is_place = |property: usize| {
            let references = &layer.spec.properties[property].references;
            register.district == Some(property) || references.as_ref().is_some_and(has_zones)
        };
        filter.mentions_geometry() || filter.properties().any(is_place)
    }

    /// The rows of the whole that are none of this part; none where this is no part.
    pub(crate) fn others(&self) -> Option<Bitmap> {
        let (whole, scope) = (self.whole()?, self.description.scope.as_ref()?);
        let mut others = Bitmap::all(whole.zones.located.len());
        others.and_not(&whole.members(scope));
        Some(others)
    }

    /// Rows of the register that belong to these districts.
    fn members(&self, districts: &[String]) -> Bitmap {
        let mut all = Bitmap::none(self.zones.located.len());
        self.zones.districts().filter(|(_, z)| districts.contains(&z.id)).for_each(|(_, z)| z.members.add_to(&mut all));
        all
    }
}

/// Some rows of a table, in its order.
fn some(layer: &Layer, rows: &Bitmap) -> Table {
    let order: Vec<u32> = rows.iter().map(|row| row as u32).collect();
    layer.table.take(&order)
}
