//! A sample register: rows that are visibly made up, with the properties that the manifest declares, standing where a city's
//! enterprises plausibly stand.
//!
//! Deterministic on every machine, in memory that does not grow with the number of rows.

mod chance;
mod feature;
mod firm;
mod ground;
mod places;
#[cfg(test)]
mod tests;

use crate::core::model::{Dataset, Role};
use chance::{Chance, Weights};
use feature::{Location, Row, Schema};
use firm::Figures;
use ground::{Ground, Spot};
use places::Places;
use std::io::{self, Write};

/// Share of the enterprises around platforms, where there are any.
const AT_PLATFORMS: f64 = 0.55;
/// Share of those in a building with others.
const IN_BUILDINGS: f64 = 0.35;
/// Share of the others in a town; the rest stands anywhere in its district.
const IN_TOWNS: f64 = 0.75;
/// Share around a platform with one of the platform's own clusters.
const OF_THE_PLATFORM: f64 = 0.6;
/// Share elsewhere with the cluster that its district is known for.
const OF_THE_DISTRICT: f64 = 0.2;
const UNLOCATED: f64 = 0.03;
const OUTSIDE: f64 = 0.003;
const MISDECLARED: f64 = 0.01;
/// Share of the unlocated ones that declare no district either.
const UNDECLARED: f64 = 0.1;
const SECONDARY: f64 = 0.15;
/// Weights of the clusters in the codelist's order, repeated for longer lists.
const CLUSTER_WEIGHTS: [f64; 8] = [22.0, 12.0, 14.0, 8.0, 10.0, 11.0, 7.0, 16.0];

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many enterprises.
    pub count: u64,
    /// Where chance begins: the same seed gives the same bytes.
    pub seed: u64,
}

/// What was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Enterprises.
    pub rows: u64,
    /// With a position.
    pub located: u64,
    /// Around a platform.
    pub at_platforms: u64,
    /// In a building with others.
    pub in_buildings: u64,
    /// With a position in another district than the declared one.
    pub misdeclared: u64,
    /// With a position in no district.
    pub outside: u64,
    /// Without declared district.
    pub undeclared: u64,
    /// Without any figure of the first metric.
    pub without_figures: u64,
}

/// Why no sample could be made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// There is no register to make rows for.
    #[error("the manifest declares no register")]
    NoRegister,
    /// There is nowhere to put an enterprise.
    #[error("the dataset has no zone of role districts with an area to place rows in")]
    NoDistricts,
    /// The output could not be written.
    #[error("cannot write the sample: {0}")]
    Io(#[from] io::Error),
}

/// Writes a sample register as a GeoJSON FeatureCollection, one feature a line.
pub fn generate(dataset: &Dataset, options: &Options, out: &mut impl Write) -> Result<Counts, GenerateError> {
    let (spec, _) = dataset.by_role(Role::Register).ok_or(GenerateError::NoRegister)?;
    let register = spec.register.as_ref().ok_or(GenerateError::NoRegister)?;
    let mut chance = Chance::new(options.seed);
    let figures = Figures::new(register);
    let schema = Schema::new(dataset, spec, register, &figures, options.seed);
    let world = World::new(dataset, figures, options.count, &mut chance).ok_or(GenerateError::NoDistricts)?;
    let width = options.count.to_string().len();
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    let mut counts = Counts::default();
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
    for number in 1..=options.count {
        let row = world.row(number, &mut chance, &mut counts);
        out.write_all(if number == 1 { b"\n" } else { b",\n" })?;
        row.write(&schema, width, &mut chance, &mut out)?;
    }
    out.write_all(b"\n]}\n")?;
    out.flush()?;
    Ok(counts)
}

/// Everything that is drawn before the first row.
struct World {
    ground: Ground,
    platforms: Places,
    towns: Vec<Places>,
    clusters: Weights,
    figures: Figures,
}

/// Where an enterprise stands.
struct Site<'a> {
    spot: Option<Spot>,
    district: usize,
    location: Location,
    /// Clusters at home here, and how often an enterprise has one of them.
    home: (&'a [usize], f64),
}

impl World {
    fn new(dataset: &Dataset, figures: Figures, count: u64, chance: &mut Chance) -> Option<Self> {
        let ground = Ground::new(dataset, chance);
        if ground.districts.is_empty() {
            return None;
        }
        let codes = dataset.clusters().map_or(0, |c| c.entries.len());
        let in_buildings = (count as f64 * AT_PLATFORMS * IN_BUILDINGS) as u64;
        let platforms = Places::platforms(dataset, &ground, in_buildings, chance);
        let towns = (0..ground.districts.len()).map(|d| Places::towns(&ground, d, codes, chance)).collect();
        let clusters = Weights::new(CLUSTER_WEIGHTS.into_iter().cycle().take(codes));
        Some(Self { ground, platforms, towns, clusters, figures })
    }

    fn row(&self, number: u64, chance: &mut Chance, counts: &mut Counts) -> Row<'_> {
        let site = self.site(chance, counts);
        let cluster = self.cluster(&site, chance);
        let firm = self.figures.firm(chance);
        let district = self.declared(&site, chance, counts);
        counts.rows += 1;
        counts.located += u64::from(site.spot.is_some());
        counts.undeclared += u64::from(district.is_none());
        counts.without_figures += u64::from(!firm.reports(0));
        let district = district.map(|d| self.ground.districts[d].id.as_str());
        Row {
            number,
            spot: site.spot,
            location: site.location,
            district,
            cluster,
            secondary: self.secondary(cluster, chance),
            firm,
        }
    }

    fn site(&self, chance: &mut Chance, counts: &mut Counts) -> Site<'_> {
        if chance.hit(OUTSIDE)
            && let Some((spot, district)) = self.ground.outside(chance)
        {
            counts.outside += 1;
            return Site { spot: Some(spot), district, location: Location::Address, home: (&[], 0.0) };
        }
        let mut site = self.dry_site(chance, counts);
        if chance.hit(UNLOCATED) {
            site.spot = None;
            site.location = Location::None;
        }
        site
    }

    fn dry_site(&self, chance: &mut Chance, counts: &mut Counts) -> Site<'_> {
        if !self.platforms.is_empty() && chance.hit(AT_PLATFORMS) {
            let place = self.platforms.pick(chance);
            let shared = chance.hit(IN_BUILDINGS);
            let found = if shared { place.building(chance) } else { place.spot(&self.ground, chance) };
            if let Some((spot, district)) = found {
                counts.at_platforms += 1;
                counts.in_buildings += u64::from(shared);
                let location = match shared {
                    true => Location::Building,
                    false if chance.hit(0.3) => Location::Park,
                    false => Location::Address,
                };
                return Site { spot: Some(spot), district, location, home: (&place.clusters, OF_THE_PLATFORM) };
            }
        }
        let district = self.ground.urban.pick(chance);
        let town = self.towns[district].pick(chance);
        let found = if chance.hit(IN_TOWNS) { town.spot(&self.ground, chance) } else { None };
        let spot = found.map_or_else(|| self.ground.anywhere(district, chance), |(spot, _)| spot);
        let location = match chance.unit() {
            u if u < 0.05 => Location::Area,
            u if u < 0.25 => Location::Building,
            _ => Location::Address,
        };
        Site { spot: Some(spot), district, location, home: (&town.clusters, OF_THE_DISTRICT) }
    }

    /// The district that the enterprise declares.
    fn declared(&self, site: &Site<'_>, chance: &mut Chance, counts: &mut Counts) -> Option<usize> {
        if site.spot.is_none() && chance.hit(UNDECLARED) {
            return None;
        }
        if site.spot.is_some_and(|s| self.ground.district_of(s).is_some()) && chance.hit(MISDECLARED) {
            let other = (0..16).map(|_| self.ground.urban.pick(chance)).find(|d| *d != site.district);
            counts.misdeclared += u64::from(other.is_some());
            return Some(other.unwrap_or(site.district));
        }
        Some(site.district)
    }

    fn cluster(&self, site: &Site<'_>, chance: &mut Chance) -> Option<usize> {
        if self.clusters.is_empty() {
            return None;
        }
        let (home, share) = site.home;
        let at_home = !home.is_empty() && chance.hit(share);
        Some(if at_home { home[chance.below(home.len())] } else { self.clusters.pick(chance) })
    }

    fn secondary(&self, cluster: Option<usize>, chance: &mut Chance) -> [Option<usize>; 2] {
        if self.clusters.is_empty() || !chance.hit(SECONDARY) {
            return [None; 2];
        }
        let mut draw = || Some(self.clusters.pick(chance)).filter(|c| Some(*c) != cluster);
        let first = draw().or_else(&mut draw);
        let second = draw().filter(|_| chance.hit(0.2));
        [first, second.filter(|_| first.is_some() && first != second)]
    }
}
