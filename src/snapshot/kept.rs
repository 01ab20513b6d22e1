//! What is worked out once for a snapshot and kept while it is current: the rows that pass a filter, and their prefix
//! sums. Bounded in bytes; asked for by several requests at once, it is worked out by one of them.

use super::{Steps, Tally};
use crate::columns::Bitmap;
use moka::sync::Cache;
use std::sync::Arc;

/// Bytes kept of each kind. A filter's rows take 125 kB per million, its sums about 1.5 MB.
const BYTES: u64 = 64 << 20;

/// A filter in canonical form, the year, and whether secondary clusters count.
type TallyKey = (String, u16, bool);
/// Place of the layer, a filter in canonical form, and whether secondary clusters count.
type RowsKey = (usize, String, bool);

/// Place of the metric, and the year.
type StepsKey = (usize, u16);

/// Filters' rows and sums, and figures' steps. It belongs to one snapshot and goes with it.
#[derive(Debug)]
pub struct Kept {
    rows: Cache<RowsKey, Arc<Bitmap>>,
    tallies: Cache<TallyKey, Arc<Tally>>,
    steps: Cache<StepsKey, Arc<Steps>>,
}

impl Default for Kept {
    fn default() -> Self {
        let weight = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            rows: Cache::builder().max_capacity(BYTES).weigher(move |_, v: &Arc<Bitmap>| weight(v.bytes())).build(),
            tallies: Cache::builder().max_capacity(BYTES).weigher(move |_, v: &Arc<Tally>| weight(v.bytes())).build(),
            steps: Cache::builder().max_capacity(BYTES).weigher(move |_, v: &Arc<Steps>| weight(v.bytes())).build(),
        }
    }
}

impl Kept {
    /// The rows that pass a filter.
    pub fn rows(&self, key: RowsKey, make: impl FnOnce() -> Bitmap) -> Arc<Bitmap> {
        self.rows.get_with(key, || Arc::new(make()))
    }

    /// The prefix sums of the rows that pass a filter.
    pub fn tally(&self, key: TallyKey, make: impl FnOnce() -> Tally) -> Arc<Tally> {
        self.tallies.get_with(key, || Arc::new(make()))
    }

    /// The steps of a metric's figures in a year.
    pub fn steps(&self, key: StepsKey, make: impl FnOnce() -> Steps) -> Arc<Steps> {
        self.steps.get_with(key, || Arc::new(make()))
    }
}
