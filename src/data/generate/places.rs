//! What enterprises gather around: the platforms of the dataset, and invented towns in every district.

use super::chance::{Chance, Weights};
use super::ground::{Ground, Spot};
use crate::core::columns::Value;
use crate::core::model::{Codelist, CollectionSpec, Dataset, Role, Table};
use geo::Geometry;

/// Buildings of one platform at most, whatever the number of enterprises.
const MAX_BUILDINGS: usize = 400;
/// Enterprises of a building, on average.
const FIRMS_PER_BUILDING: u64 = 5;

/// A centre.
pub(super) struct Place {
    center: Spot,
    spread_m: f64,
    /// Only here, where the place belongs to one district.
    district: Option<usize>,
    /// Clusters at home here.
    pub(super) clusters: Vec<usize>,
    /// Shared buildings with their districts.
    buildings: Vec<(Spot, usize)>,
}

impl Place {
    /// A spot here, with its district.
    pub(super) fn spot(&self, ground: &Ground, chance: &mut Chance) -> Option<(Spot, usize)> {
        ground.around(self.center, self.spread_m, self.district, chance)
    }

    /// One of the buildings here, some fuller than others.
    pub(super) fn building(&self, chance: &mut Chance) -> Option<(Spot, usize)> {
        let skew = chance.unit() * chance.unit();
        self.buildings.get((skew * self.buildings.len() as f64) as usize).copied()
    }
}

/// Centres of one sort.
pub(super) struct Places {
    list: Vec<Place>,
    weights: Weights,
}

impl Places {
    pub(super) fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    pub(super) fn pick(&self, chance: &mut Chance) -> &Place {
        &self.list[self.weights.pick(chance)]
    }

    /// The located platforms: existing ones weigh most, planned ones least.
    pub(super) fn platforms(dataset: &Dataset, ground: &Ground, firms: u64, chance: &mut Chance) -> Self {
        let mut places = Self { list: Vec::new(), weights: Weights::new([]) };
        let Some((spec, table)) = dataset.by_role(Role::Platforms) else { return places };
        let located = table.geometries.located().max(1) as u64;
        let buildings = (firms / located / FIRMS_PER_BUILDING).clamp(1, MAX_BUILDINGS as u64) as usize;
        let mut weights = Vec::new();
        for row in 0..table.geometries.len() {
            let Some(Geometry::Point(p)) = table.geometries.value(row) else { continue };
            let value = |name| spec.property(name).map_or(Value::Null, |(i, _)| table.columns[i].value(row));
            let spread_m = match value("precision_m") {
                Value::Integer(m) => (m as f64).clamp(400.0, 1500.0),
                _ => 1500.0,
            };
            let (center, clusters) = (Spot::of(p.x(), p.y()), clusters_of(spec, table, row, dataset.clusters()));
            let mut place = Place { center, spread_m, district: None, clusters, buildings: Vec::new() };
            place.buildings = (0..buildings).filter_map(|_| place.spot(ground, chance)).collect();
            if !place.buildings.is_empty() {
                weights.push(match value("status") {
                    Value::Text("existing") => 3.0,
                    Value::Text("planned") => 1.0,
                    _ => 2.0,
                });
                places.list.push(place);
            }
        }
        places.weights = Weights::new(weights);
        places
    }

    /// Towns of one district: the first is its seat, the others are smaller and smaller.
    pub(super) fn towns(ground: &Ground, district: usize, clusters: usize, chance: &mut Chance) -> Self {
        let towns = (ground.districts[district].area_km2.sqrt() / 5.0).clamp(2.0, 12.0) as usize;
        let home = vec![chance.below(clusters.max(1))];
        let town = |_| Place {
            center: ground.anywhere(district, chance),
            spread_m: 900.0 + 1200.0 * chance.unit(),
            district: Some(district),
            clusters: home.clone(),
            buildings: Vec::new(),
        };
        let list = (0..towns).map(town).collect();
        Self { list, weights: Weights::new((1..=towns).map(|rank| 1.0 / rank as f64)) }
    }
}

/// Places of a platform's own clusters in the codelist.
fn clusters_of(spec: &CollectionSpec, table: &Table, row: usize, codelist: Option<&Codelist>) -> Vec<usize> {
    let Some(codelist) = codelist else { return Vec::new() };
    let declared = spec.properties.iter().position(|p| p.codelist.as_deref() == Some("clusters"));
    let Some(column) = declared.or_else(|| spec.property("clusters").map(|(i, _)| i)) else { return Vec::new() };
    let place = |word: &str| codelist.find(word.trim()).map(|(i, _)| i);
    match table.columns[column].value(row) {
        Value::Strings(list, row) => list.row(row).filter_map(place).collect(),
        Value::Text(text) => text.split([';', ',', '；', '，', '、']).filter_map(place).collect(),
        _ => Vec::new(),
    }
}
