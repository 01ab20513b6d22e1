//! Names, pinyin and pinyin initials; places by their address.

use super::disclosure::Disclosure;
use super::resolved::Query;
use crate::geocode::{self, Best, How, PlaceTable};
use crate::model::{Period, Role, Text};
use crate::snapshot::{Hit, RowSource, Snapshot};
use geo::{Contains, Geometry, Point};
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
    /// Source of a table of places, where it is a row of one.
    pub source: Option<Text>,
    /// How the text was found as an address of a table of places; none where the name or address holds it as it is.
    pub located: Option<How>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchResults {
    /// The first of them.
    pub results: Vec<SearchResult>,
    /// How many there are.
    pub total: usize,
}

/// Finds features by name, those of the register that were there in the period; see `snapshot::Names` for the order. Where no
/// place holds the text as it is, it is read as an address.
pub fn search(snapshot: &Snapshot, query: &str, limit: usize, period: Option<Period>) -> SearchResults {
    let register =
        Query::register(snapshot, Disclosure::Aggregates).ok().map(|of| Query { period: period.or(of.period), ..of });
    let there = register.as_ref().and_then(|of| Some((of.layer, of.there(snapshot)?)));
    let keep = |hit: Hit| there.as_ref().is_none_or(|(layer, rows)| *layer != hit.layer || rows.contains(hit.row));
    let (mut total, hits) = snapshot.names.search(&snapshot.layers, query, limit, keep);
    let mut results: Vec<SearchResult> = hits.iter().map(|hit| result(snapshot, *hit)).collect();
    if !results.iter().any(|r| r.source.is_some()) {
        let (places, how) = by_address(snapshot, query);
        total += places.len();
        let places = places.into_iter().take(limit - results.len());
        results.extend(places.map(|hit| SearchResult { located: how, ..result(snapshot, hit) }));
    }
    SearchResults { results, total }
}

/// The places of an address: the first table that knows it best. Of several, those in the district that it names.
fn by_address(snapshot: &Snapshot, query: &str) -> (Vec<Hit>, Option<How>) {
    let Some(Best { key: layer, places, found, district }) =
        geocode::best(snapshot.gazetteers.all(&snapshot.layers), query)
    else {
        return (vec![], None);
    };
    let hits = || found.rows.iter().map(|&row| Hit { layer, row: row as usize });
    let district = district.and_then(|id| snapshot.zones.find(&id)).map(|(_, zone)| zone);
    let holds =
        |hit: &Hit| places.at(hit.row).zip(district).is_some_and(|(at, zone)| zone.polygon.contains(&Point::from(at)));
    let inside: Vec<Hit> = hits().filter(holds).collect();
    (if inside.is_empty() { hits().collect() } else { inside }, Some(found.how))
}

fn result(snapshot: &Snapshot, Hit { layer, row }: Hit) -> SearchResult {
    let l = &snapshot.layers[layer];
    let id = l.table.ids.value(row);
    let zone = snapshot.zones.find(id).map(|(_, z)| z).filter(|z| z.layer == layer || l.spec.role == Role::Platforms);
    let line = || match l.table.geometries.value(row) {
        Some(Geometry::LineString(line)) => crate::geometry::measure::line_middle(&line),
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
    let place = PlaceTable::of(&l.spec, &l.table);
    SearchResult {
        collection: l.spec.id.clone(),
        id: id.to_owned(),
        kind: l.spec.role,
        name: l.name(row).to_owned(),
        name_en: l.name_en(row).to_owned(),
        position: position.or_else(|| zone.and_then(|z| z.label)),
        zone: zone.map(|z| z.id.clone()),
        cluster: cluster.map(str::to_owned),
        source: place.map(|place| place.spec.source.clone()),
        located: None,
    }
}
