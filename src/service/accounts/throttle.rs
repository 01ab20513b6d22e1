//! Password attempts are limited: for a name, and for a name from one address, in a quarter of an hour.

use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How long attempts count.
pub const MINUTES: u64 = 15;
/// Attempts for a name from one address.
const FROM_ONE_ADDRESS: u32 = 10;
/// Attempts for a name from all addresses.
const FROM_ALL: u32 = 100;
/// Names and addresses that are remembered.
const REMEMBERED: u64 = 20_000;

/// Attempts by name, and by name and address.
#[derive(Debug)]
pub(super) struct Throttle(Cache<String, Arc<AtomicU32>>);

impl Default for Throttle {
    fn default() -> Self {
        let time = Duration::from_secs(MINUTES * 60);
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_live(time).build())
    }
}

impl Throttle {
    /// Counts an attempt before the password is looked at, and tells whether it is allowed. So attempts that come at the
    /// same time all count.
    pub(super) fn allows(&self, name: &str, peer: &str) -> bool {
        let count = |key: String| self.0.get_with(key, Arc::default).fetch_add(1, Ordering::Relaxed);
        let (one, all) = (count(one_address(name, peer)), count(format!("anywhere {name}")));
        one < FROM_ONE_ADDRESS && all < FROM_ALL
    }

    /// Forgets the attempts from one address after a right password. Those from all addresses still count.
    pub(super) fn reset(&self, name: &str, peer: &str) {
        self.0.invalidate(&one_address(name, peer));
    }
}

fn one_address(name: &str, peer: &str) -> String {
    format!("from {peer} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_ten_attempts_for_a_name_and_ten_more_after_a_right_password() {
        let throttle = Throttle::default();
        let allowed = |name: &str, peer: &str| (0..20).filter(|_| throttle.allows(name, peer)).count();
        assert_eq!(allowed("wang", "10.0.0.1"), 10);
        assert_eq!(allowed("wang", "10.0.0.1"), 0);
        assert_eq!(allowed("wang", "10.0.0.2"), 10, "another address");
        assert_eq!(allowed("li", "10.0.0.1"), 10, "another name");
        throttle.reset("wang", "10.0.0.1");
        assert_eq!(allowed("wang", "10.0.0.1"), 10);
        assert_eq!(allowed("wang", "10.0.0.2"), 0, "the other address is not forgiven");
    }

    #[test]
    fn a_name_has_a_hundred_attempts_from_all_addresses_even_after_right_passwords() {
        let throttle = Throttle::default();
        let attempt = |i: usize| {
            throttle.reset("wang", "10.0.0.0");
            throttle.allows("wang", &format!("10.0.0.{}", i % 50))
        };
        assert_eq!((0..300).filter(|i| attempt(*i)).count(), 100);
    }
}
