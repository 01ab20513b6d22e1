//! Rows and sums that cities have in common, side by side and over all of them.
//!
//! The sum over cities is made of figures that each city's own gate has let out, and of nothing else; where one of them is
//! withheld, so is the sum that it would be part of. It can tell no more than the answers of the cities.

use crate::core::model::{Period, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows and sums of a city's main table.
#[derive(Clone, Debug, PartialEq)]
pub struct CitySums {
    /// What a row is called, in Chinese and English: rows of one name are counted together.
    pub row: Text,
    /// The metrics, in the manifest's order.
    pub metrics: Vec<MetricOf>,
    /// The whole, and classes that have a code.
    pub parts: Vec<PartSums>,
}

/// A metric, as figures of several cities are of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetricOf {
    /// Its id.
    pub id: String,
    /// Its unit in Chinese.
    pub unit_zh: String,
    /// Its unit in English.
    pub unit_en: String,
    /// The period of the figures.
    pub period: Option<Period>,
}

/// Rows and sums of the whole or of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct PartSums {
    /// The class; none for the whole.
    pub class: Option<ClassOf>,
    /// Rows.
    pub rows: u64,
    /// The sum of each metric.
    pub sums: Vec<Sum>,
}

/// A class, as rows of several cities are of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub struct ClassOf {
    /// Its code.
    pub code: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
}

/// A sum as it may leave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// The sum in units of 10^-`decimals`; none where no row has a value, or it is withheld.
    pub units: Option<i64>,
    /// Decimals of the metric.
    pub decimals: u8,
    /// Whether it is withheld.
    pub withheld: bool,
}

impl Sum {
    /// As a number.
    pub fn value(self) -> Option<f64> {
        self.units.map(|units| units as f64 / 10_f64.powi(i32::from(self.decimals)))
    }

    /// With that of another city: withheld where either is, and none where neither has a value.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let decimals = self.decimals.max(other.decimals);
        let scaled = |sum: Self| sum.units.map(|units| units * 10_i64.pow(u32::from(decimals - sum.decimals)));
        let withheld = self.withheld || other.withheld;
        let units = match (scaled(self), scaled(other)) {
            _ if withheld => None,
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        Self { units, decimals, withheld }
    }
}

/// Rows and sums of cities side by side, and over all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Across<K, V> {
    /// What is the same in these cities.
    pub of: K,
    /// The whole (none) and classes, as far as they are asked for: those that at least two cities have.
    pub parts: Vec<Side<V>>,
}

/// Figures of the whole or a class in several cities.
#[derive(Clone, Debug, PartialEq)]
pub struct Side<V> {
    /// The class; none for the whole.
    pub class: Option<ClassOf>,
    /// City -> its figure.
    pub cities: BTreeMap<String, V>,
    /// Over all of them.
    pub all: V,
}

/// Cities side by side: what at least two of them have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// Rows, by what a row is called in Chinese and English.
    pub rows: Vec<Across<(String, String), u64>>,
    /// Sums, by metric, unit and period.
    pub sums: Vec<Across<MetricOf, Sum>>,
}

impl Shared {
    /// What these cities share.
    pub fn of(cities: &BTreeMap<String, CitySums>) -> Self {
        let rows = across(cities, |of| vec![((of.row.zh.clone(), of.row.en.clone()), 0)], |part, _| part.rows);
        let sums = across(
            cities,
            |of| of.metrics.iter().cloned().enumerate().map(|(at, metric)| (metric, at)).collect(),
            |part, at| part.sums[at],
        );
        Self {
            rows: rows.into_iter().map(|(of, sides)| joined(of, sides, |a, b| a + b)).collect(),
            sums: sums.into_iter().map(|(of, sides)| joined(of, sides, Sum::and)).collect(),
        }
    }
}

type Sides<V> = BTreeMap<Option<ClassOf>, BTreeMap<String, V>>;

/// Figures by what they are of: those of two cities at least.
fn across<K: Ord, V>(
    cities: &BTreeMap<String, CitySums>,
    keys: impl Fn(&CitySums) -> Vec<(K, usize)>,
    figure: impl Fn(&PartSums, usize) -> V,
) -> Vec<(K, Sides<V>)> {
    let mut found: BTreeMap<K, Sides<V>> = BTreeMap::new();
    for (id, of) in cities {
        for (key, at) in keys(of) {
            let sides = found.entry(key).or_default();
            for part in &of.parts {
                sides.entry(part.class.clone()).or_default().insert(id.clone(), figure(part, at));
            }
        }
    }
    for sides in found.values_mut() {
        sides.retain(|_, cities| cities.len() > 1);
    }
    found.into_iter().filter(|(_, sides)| !sides.is_empty()).collect()
}

fn joined<K, V: Copy>(of: K, sides: Sides<V>, and: impl Fn(V, V) -> V) -> Across<K, V> {
    let side = |(class, cities): (_, BTreeMap<String, V>)| {
        let all = cities.values().copied().reduce(&and)?;
        Some(Side { class, cities, all })
    };
    Across { of, parts: sides.into_iter().filter_map(side).collect() }
}
