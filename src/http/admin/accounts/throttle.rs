//! Guessing passwords is slow: so many wrong ones for a name, and from an address for it, in a quarter of an hour.

use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long wrong passwords count.
pub(crate) const MINUTES: u64 = 15;
/// Wrong ones for a name from one address.
const HERE: u32 = 10;
/// Wrong ones for a name from anywhere.
const ANYWHERE: u32 = 100;
/// Names and addresses that are remembered.
const REMEMBERED: u64 = 20_000;

/// Wrong passwords by name, and by name and address.
#[derive(Debug)]
pub(super) struct Throttle(Cache<String, Arc<AtomicU32>>);

impl Default for Throttle {
    fn default() -> Self {
        let time = Duration::from_secs(MINUTES * 60);
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_live(time).build())
    }
}

impl Throttle {
    /// Counts an attempt before it is looked at; whether it may be. Attempts made at once all count.
    pub(super) fn admits(&self, name: &str, peer: &str) -> bool {
        let count = |key: String| self.0.get_with(key, Arc::default).fetch_add(1, Ordering::Relaxed);
        let (near, anywhere) = (count(here(name, peer)), count(format!("anywhere {name}")));
        near < HERE && anywhere < ANYWHERE
    }

    /// A right password makes up for the wrong ones from there.
    pub(super) fn forgive(&self, name: &str, peer: &str) {
        self.0.invalidate(&here(name, peer));
    }
}

fn here(name: &str, peer: &str) -> String {
    format!("from {peer} {name}")
}
