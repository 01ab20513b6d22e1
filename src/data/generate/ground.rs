//! Where a made-up enterprise may stand: the districts, without the water.

use super::chance::{Chance, Weights, cos_degrees};
use crate::core::geometry::measure::METRES_PER_DEGREE;
use crate::core::geometry::{Bounds, Region, areas};
use crate::core::model::{Dataset, Role};
use geo::{Area, Coord};

/// How often a place is drawn anew before another kind of place is taken.
const TRIES: usize = 64;
/// How often a dry point of a district is looked for before the district is given up as unusable.
const FIRST_TRIES: usize = 20_000;

/// A position in whole hundred-thousandths of a degree: printed and compared without any float formatting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) x: i64,
    pub(super) y: i64,
}

impl Spot {
    pub(super) fn of(lon: f64, lat: f64) -> Self {
        Self { x: (lon * 1e5).round() as i64, y: (lat * 1e5).round() as i64 }
    }

    /// Exactly the number that a reader gets from the printed one.
    pub(super) fn lon(self) -> f64 {
        self.x as f64 / 1e5
    }

    pub(super) fn lat(self) -> f64 {
        self.y as f64 / 1e5
    }

    /// A spot near this one, normally distributed.
    pub(super) fn near(self, spread_m: f64, chance: &mut Chance) -> Self {
        let dy = chance.normal() * spread_m / METRES_PER_DEGREE;
        let dx = chance.normal() * spread_m / METRES_PER_DEGREE / cos_degrees(self.lat()).max(0.01);
        Self::of(self.lon() + dx, self.lat() + dy)
    }
}

/// One district.
pub(super) struct District {
    pub(super) id: String,
    region: Region,
    shore: Vec<Coord<f64>>,
    /// A dry spot inside.
    anchor: Spot,
    /// Its size, roughly.
    pub(super) area_km2: f64,
}

/// The districts and the water in them.
pub(super) struct Ground {
    pub(super) districts: Vec<District>,
    water: Vec<Region>,
    /// Small districts are city, big ones country: weight 1 / root of the area, within bounds.
    pub(super) urban: Weights,
}

impl Ground {
    /// The dataset's ground; a base collection with the id `water` is kept dry of enterprises.
    pub(super) fn new(dataset: &Dataset, chance: &mut Chance) -> Self {
        let mut ground = Self { districts: Vec::new(), water: Vec::new(), urban: Weights::new([]) };
        for (_, table) in dataset.collections().filter(|(c, _)| c.role == Role::Base && c.id == "water") {
            let areas = (0..table.geometries.len()).filter_map(|row| table.geometries.value(row).and_then(areas));
            ground.water.extend(areas.map(|a| Region::new(&a)));
        }
        let Some((_, table)) = dataset.by_role(Role::Districts) else { return ground };
        for row in 0..table.geometries.len() {
            let Some(area) = table.geometries.value(row).and_then(areas) else { continue };
            let region = Region::new(&area);
            let bounds = region.bounds();
            let Some(anchor) = (0..FIRST_TRIES).find_map(|_| ground.probe(&region, chance)) else { continue };
            let shore = area.iter().flat_map(|p| p.exterior().coords().copied()).collect();
            let degree_km = METRES_PER_DEGREE / 1000.0;
            let area_km2 =
                area.unsigned_area() * degree_km * degree_km * cos_degrees(f64::midpoint(bounds.south, bounds.north));
            ground.districts.push(District { id: table.ids.value(row).to_owned(), region, shore, anchor, area_km2 });
        }
        ground.urban = Weights::new(ground.districts.iter().map(|d| 1.0 / d.area_km2.clamp(50.0, 2500.0).sqrt()));
        ground
    }

    /// A random dry spot of the region, if the one draw found one.
    fn probe(&self, region: &Region, chance: &mut Chance) -> Option<Spot> {
        let Bounds { west, south, east, north } = region.bounds();
        let spot = Spot::of(west + chance.unit() * (east - west), south + chance.unit() * (north - south));
        (region.contains(spot.lon(), spot.lat()) && self.is_dry(spot)).then_some(spot)
    }

    fn is_dry(&self, spot: Spot) -> bool {
        !self.water.iter().any(|w| w.contains(spot.lon(), spot.lat()))
    }

    /// The district in which the spot lies, by the rule of zone membership.
    pub(super) fn district_of(&self, spot: Spot) -> Option<usize> {
        self.districts.iter().position(|d| d.region.contains(spot.lon(), spot.lat()))
    }

    /// A dry spot anywhere in the district.
    pub(super) fn anywhere(&self, district: usize, chance: &mut Chance) -> Spot {
        let d = &self.districts[district];
        (0..TRIES).find_map(|_| self.probe(&d.region, chance)).unwrap_or(d.anchor)
    }

    /// A dry spot near another one, with its district; with `only`, in that district.
    pub(super) fn around(
        &self,
        center: Spot,
        spread_m: f64,
        only: Option<usize>,
        chance: &mut Chance,
    ) -> Option<(Spot, usize)> {
        (0..TRIES).find_map(|_| {
            let spot = center.near(spread_m, chance);
            let district = self.district_of(spot).filter(|d| only.is_none_or(|o| o == *d))?;
            self.is_dry(spot).then_some((spot, district))
        })
    }

    /// A spot in no district but within two kilometres of one.
    pub(super) fn outside(&self, chance: &mut Chance) -> Option<(Spot, usize)> {
        (0..TRIES).find_map(|_| {
            let district = chance.below(self.districts.len());
            let shore = &self.districts[district].shore;
            let corner = shore[chance.below(shore.len())];
            let mut push = || (chance.unit() * 2.0 - 1.0) * 1300.0 / METRES_PER_DEGREE;
            let spot = Spot::of(corner.x + push() / cos_degrees(corner.y).max(0.01), corner.y + push());
            self.district_of(spot).is_none().then_some((spot, district))
        })
    }
}
