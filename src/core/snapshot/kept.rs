//! What is worked out once for a snapshot and kept while it is current: the rows that pass a filter, and their prefix
//! sums. Bounded in bytes; requested several times at once, it is worked out by one of them.

use super::passing::Windows;
use super::{Steps, Tally};
use crate::core::model::Period;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::hash::Hash;
use std::sync::Arc;

/// Bytes kept of each kind, those requested last: a reader who pans the map asks for the same filter again at once,
/// which a policy by frequency would not keep when it is full. A filter's rows take 125 kB per million, its sums 1.5 MB.
const BYTES: u64 = 64 << 20;

/// A filter in canonical form, the period (none: the latest of each metric), whether secondary clusters count, and whether restricted figures are protected.
type TallyKey = (String, Option<Period>, bool, bool);
/// Place of the layer, a filter in canonical form, and whether secondary clusters count.
type RowsKey = (usize, String, bool);

/// Place of the metric, the period, and whether its figures are protected.
type StepsKey = (usize, Option<Period>, bool);

/// Filters' rows and sums, and figures' steps. It belongs to one snapshot and goes with it.
#[derive(Debug)]
pub struct Kept {
    rows: Cache<RowsKey, Arc<Windows>>,
    tallies: Cache<TallyKey, Arc<Tally>>,
    steps: Cache<StepsKey, Arc<Steps>>,
}

impl Default for Kept {
    fn default() -> Self {
        Self { rows: lru(Windows::bytes), tallies: lru(Tally::bytes), steps: lru(Steps::bytes) }
    }
}

fn lru<K: Hash + Eq + Send + Sync + 'static, V: Send + Sync + 'static>(bytes: fn(&V) -> usize) -> Cache<K, Arc<V>> {
    let weight = move |_: &K, v: &Arc<V>| u32::try_from(bytes(v)).unwrap_or(u32::MAX);
    Cache::builder().max_capacity(BYTES).eviction_policy(EvictionPolicy::lru()).weigher(weight).build()
}

impl Kept {
    /// What is known of the rows that pass a filter.
    pub fn rows(&self, key: RowsKey, make: impl FnOnce() -> Windows) -> Arc<Windows> {
        self.rows.get_with(key, || Arc::new(make()))
    }

    /// The prefix sums of the rows that pass a filter.
    pub fn tally(&self, key: TallyKey, make: impl FnOnce() -> Tally) -> Arc<Tally> {
        self.tallies.get_with(key, || Arc::new(make()))
    }

    /// The steps of a metric's figures in a period.
    pub fn steps(&self, key: StepsKey, make: impl FnOnce() -> Steps) -> Arc<Steps> {
        self.steps.get_with(key, || Arc::new(make()))
    }
}
