//! Names, pinyin and pinyin initials.

use super::disclosure::Disclosure;
use super::resolved::Query;
use crate::core::model::{Period, Role};
use crate::core::snapshot::{Hit, RowSource, Snapshot};
use geo::Geometry;
use serde::Serialize;

/// A found feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchResult {
    /// Collection.
    pub collection: String,
    /// Feature id.
    pub id: String,
    /// What the collection is for.
    pub kind: Role,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Zone that answers for it, if it is one or has one.
    pub zone: Option<String>,
    /// Longitude and latitude to go to.
    pub position: Option<[f64; 2]>,
    /// Primary cluster of an enterprise.
    pub cluster: Option<String>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchResults {
    /// The first of them.
    pub results: Vec<SearchResult>,
    /// How many there are.
    pub total: usize,
}

/// Finds features by name, those of the register that were there in the period; see `snapshot::Names` for the order.
pub fn search(snapshot: &Snapshot, query: &str, limit: usize, period: Option<Period>) -> SearchResults {
    let register =
        Query::register(snapshot, Disclosure::Aggregates).ok().map(|of| Query { period: period.or(of.period), ..of });
    let there = register.as_ref().and_then(|of| Some((of.layer, of.there(snapshot)?)));
    let keep = |hit: Hit| there.as_ref().is_none_or(|(layer, rows)| *layer != hit.layer || rows.contains(hit.row));
    let (total, hits) = snapshot.names.search(&snapshot.layers, query, limit, keep);
    SearchResults { results: hits.iter().map(|hit| result(snapshot, *hit)).collect(), total }
}

fn result(snapshot: &Snapshot, Hit { layer, row }: Hit) -> SearchResult {
    let l = &snapshot.layers[layer];
    let id = l.table.ids.value(row);
    let zone = snapshot.zones.find(id).map(|(_, z)| z).filter(|z| z.layer == layer || l.spec.role == Role::Platforms);
    let line = || match l.table.geometries.value(row) {
        Some(Geometry::LineString(line)) => crate::core::geometry::measure::line_middle(&line),
        _ => None,
    };
    let position = l.place(row).or_else(line).map(|c| [c.x, c.y]);
    let cluster = match l.spec.role {
        Role::Register => snapshot.register.as_ref().and_then(|r| l.table.columns[r.cluster?].text(row)),
        Role::Lead => {
            let classes = snapshot.describe().class_codelist();
            let class = l.spec.properties.iter().find(|p| p.codelist.is_some() && p.codelist.as_deref() == classes);
            class.and_then(|p| l.text(&p.name, row))
        }
        _ => None,
    };
    SearchResult {
        collection: l.spec.id.clone(),
        id: id.to_owned(),
        kind: l.spec.role,
        name: l.name(row).to_owned(),
        name_en: l.name_en(row).to_owned(),
        position: position.or_else(|| zone.and_then(|z| z.label)),
        zone: zone.map(|z| z.id.clone()),
        cluster: cluster.map(str::to_owned),
    }
}
