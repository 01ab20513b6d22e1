//! What is worked out once for a snapshot and kept while it is current: the rows that pass a filter, and their prefix
//! sums. Bounded in bytes; requested several times at once, it is worked out by one of them.

use super::classes::{ClassFault, Classes};
use super::passing::Windows;
use super::{Steps, Tally, Total};
use crate::model::Period;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::any::Any;
use std::hash::Hash;
use std::sync::Arc;

/// Bytes kept of each kind, those requested last: a reader who pans the map asks for the same filter again at once,
/// which a policy by frequency would not keep when it is full. A filter's rows take 125 kB per million, its sums 1.5 MB.
const BYTES: u64 = 64 << 20;

/// Bytes kept of sums over all rows. A report asks for those of every stage of every class and of each period: more filters than there
/// is room for prefix sums of, and each a kilobyte or so.
const TOTAL_BYTES: u64 = 4 << 20;

/// A filter in canonical form, the period (none: the latest of each metric), whether secondary clusters count, whether restricted
/// figures are protected, and the reading of the classes.
type TallyKey = (String, Option<Period>, bool, bool, String);
/// Place of the layer, a filter in canonical form, and whether secondary clusters count.
type RowsKey = (usize, String, bool);

/// Place of the metric, the period, and whether its figures are protected.
type StepsKey = (usize, Option<Period>, bool);

/// What was worked out of a question: of which type, whoever asks knows.
pub type WorkedOut = Arc<dyn Any + Send + Sync>;

/// Level, class and version of a reading, as they were asked for.
type ClassesKey = (Option<String>, Option<String>, Option<String>);
/// Readings kept; each is a few kilobytes.
const READINGS: u64 = 256;

/// Questions whose answers are kept that several files are made of: a reader takes one file of a zone after the other. Each is some
/// hundred kilobytes.
const QUESTIONS: u64 = 16;

/// Filters' rows and sums, and figures' steps. It belongs to one snapshot and goes with it.
#[derive(Debug)]
pub struct Kept {
    rows: Cache<RowsKey, Arc<Windows>>,
    tallies: Cache<TallyKey, Arc<Tally>>,
    totals: Cache<TallyKey, Arc<Total>>,
    steps: Cache<StepsKey, Arc<Steps>>,
    classes: Cache<ClassesKey, Arc<Classes>>,
    groups: Cache<String, Arc<Vec<u8>>>,
    worked_out: Cache<String, WorkedOut>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            rows: lru(BYTES, Windows::bytes),
            tallies: lru(BYTES, Tally::bytes),
            totals: lru(TOTAL_BYTES, Total::bytes),
            steps: lru(BYTES, Steps::bytes),
            classes: Cache::builder().max_capacity(READINGS).eviction_policy(EvictionPolicy::lru()).build(),
            groups: lru(BYTES, Vec::len),
            worked_out: Cache::builder().max_capacity(QUESTIONS).eviction_policy(EvictionPolicy::lru()).build(),
        }
    }
}

fn lru<K: Hash + Eq + Send + Sync + 'static, V: Send + Sync + 'static>(
    most: u64,
    bytes: fn(&V) -> usize,
) -> Cache<K, Arc<V>> {
    let weight = move |_: &K, v: &Arc<V>| u32::try_from(bytes(v)).unwrap_or(u32::MAX);
    Cache::builder().max_capacity(most).eviction_policy(EvictionPolicy::lru()).weigher(weight).build()
}

impl Kept {
    /// What is known of the rows that pass a filter.
    pub fn rows(&self, key: RowsKey, make: impl FnOnce() -> Windows) -> Arc<Windows> {
        self.rows.get_with(key, || Arc::new(make()))
    }

    /// The prefix sums of the rows that pass a filter.
    pub fn tally(&self, key: TallyKey, make: impl FnOnce() -> Tally) -> Arc<Tally> {
        self.tallies.get_with(key.clone(), || {
            let tally = make();
            let total = self.totals.get_with(key, || tally.shared_total());
            Arc::new(tally.with_total(total))
        })
    }

    /// A reading of the classes, where it can be made.
    pub fn classes(
        &self,
        key: ClassesKey,
        make: impl FnOnce() -> Result<Classes, ClassFault>,
    ) -> Result<Arc<Classes>, ClassFault> {
        self.classes.try_get_with(key, || make().map(Arc::new)).map_err(|fault| (*fault).clone())
    }

    /// The group of each row of the register in a reading.
    pub fn groups(&self, key: String, make: impl FnOnce() -> Vec<u8>) -> Arc<Vec<u8>> {
        self.groups.get_with(key, || Arc::new(make()))
    }

    /// What was worked out of a question, for those who may see as much.
    pub fn worked_out(&self, key: String, make: fn() -> WorkedOut) -> WorkedOut {
        self.worked_out.get_with(key, make)
    }

    /// How many figures' steps are kept.
    pub fn steps_number(&self) -> usize {
        self.steps.iter().count()
    }

    /// The steps of a metric's figures in a period.
    pub fn steps(&self, key: StepsKey, make: impl FnOnce() -> Steps) -> Arc<Steps> {
        self.steps.get_with(key, || Arc::new(make()))
    }
}
