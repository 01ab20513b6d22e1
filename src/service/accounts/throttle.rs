//! Wrong passwords slow down whoever sends them, and nobody else (ADR 45): an address has so many in a quarter of an hour,
//! and a name from one address waits longer each time. From other addresses a name is never locked. Tokens of one-time
//! links and sessions are not counted at all: 256 random bits are not guessed.

use crate::service::quota::{Quota, network};
use moka::sync::Cache;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Wrong passwords of one address, for whatever names.
const FROM_ONE_ADDRESS: u32 = 60;
/// After so long an address has one more.
const PAUSE: Duration = Duration::from_secs(15);
/// Wrong passwords for a name from one address before there is a delay.
const FREE: u32 = 5;
/// The first delay; each is twice the one before.
const FIRST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_mins(15);
/// Wrong passwords are forgotten when none came for so long.
const FORGOTTEN: Duration = Duration::from_hours(2);
/// Names and addresses that are remembered.
const REMEMBERED: u64 = 20_000;

/// Wrong passwords by address, and by name and address.
#[derive(Debug)]
pub(super) struct Throttle {
    addresses: Quota,
    names: Cache<(String, String), Arc<Mutex<Delay>>>,
}

#[derive(Debug, Default)]
struct Delay {
    wrong: u32,
    until: Duration,
}

impl Delay {
    fn check(&self, now: Duration) -> Result<(), Duration> {
        self.until.checked_sub(now).filter(|wait| !wait.is_zero()).map_or(Ok(()), Err)
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            addresses: Quota::new(FROM_ONE_ADDRESS, PAUSE),
            names: Cache::builder().max_capacity(REMEMBERED).time_to_idle(FORGOTTEN).build(),
        }
    }
}

impl Throttle {
    /// Whether a password would be looked at. `Err` says how long to wait.
    pub(super) fn check(&self, name: &str, from: Option<IpAddr>, now: Duration) -> Result<(), Duration> {
        self.addresses.check(from, now)?;
        let Some(delay) = self.names.get(&(name.to_owned(), network(from))) else { return Ok(()) };
        delay.lock().unwrap_or_else(PoisonError::into_inner).check(now)
    }

    /// Counts an attempt as a wrong one before the password is looked at. `Err`: it is not looked at, and how long to wait.
    pub(super) fn attempt(&self, name: &str, from: Option<IpAddr>, now: Duration) -> Result<(), Duration> {
        self.addresses.take(from, now)?;
        let delay = self.names.get_with((name.to_owned(), network(from)), Arc::default);
        let mut delay = delay.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(wait) = delay.check(now) {
            self.addresses.give_back(from);
            return Err(wait);
        }
        delay.wrong += 1;
        if let Some(more) = delay.wrong.checked_sub(FREE) {
            delay.until = now + FIRST.saturating_mul(1 << more.min(10)).min(LONGEST);
        }
        Ok(())
    }

    /// The password was right.
    pub(super) fn right(&self, name: &str, from: Option<IpAddr>) {
        self.addresses.give_back(from);
        self.names.invalidate(&(name.to_owned(), network(from)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_hours(1);

    #[allow(clippy::unnecessary_wraps, reason = "what callers have is an option")]
    fn at(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_name_waits_longer_each_time_from_the_address_that_is_wrong_and_from_no_other() {
        let throttle = Throttle::default();
        let (guesser, owner) = (at("10.0.0.1"), at("10.0.0.2"));
        let mut now = START;
        for _ in 0..FREE {
            assert_eq!(throttle.attempt("wang", guesser, now), Ok(()));
        }
        for seconds in [30, 60, 120, 240, 480, 900, 900] {
            assert_eq!(throttle.check("wang", guesser, now), Err(Duration::from_secs(seconds)));
            assert_eq!(throttle.attempt("wang", guesser, now), Err(Duration::from_secs(seconds)));
            now += Duration::from_secs(seconds);
            assert_eq!(throttle.attempt("wang", guesser, now), Ok(()), "after {seconds} s");
        }
        assert_eq!(throttle.attempt("li", guesser, now), Ok(()), "another name");
        assert_eq!(throttle.check("wang", owner, now), Ok(()), "another address");
        assert_eq!(throttle.attempt("wang", owner, now), Ok(()), "another address");
        throttle.right("wang", guesser);
        assert_eq!(throttle.attempt("wang", guesser, now), Ok(()), "forgiven by the right password");
    }

    #[test]
    fn a_thousand_addresses_do_not_lock_a_name() {
        let throttle = Throttle::default();
        for i in 0..1000_u16 {
            let address = Some(IpAddr::from([10, 1, (i >> 8) as u8, i as u8]));
            for _ in 0..FREE {
                assert_eq!(throttle.attempt("wang", address, START), Ok(()));
            }
        }
        assert_eq!(throttle.attempt("wang", at("10.0.0.1"), START), Ok(()));
    }

    #[test]
    fn an_address_has_sixty_wrong_passwords_for_whatever_names() {
        let throttle = Throttle::default();
        let attempt = |i: u32, address: &str, now| throttle.attempt(&format!("name {i}"), at(address), now).is_ok();
        assert_eq!((0..500).filter(|i| attempt(*i, "2001:db8::1", START)).count(), 60);
        assert!(!attempt(500, "2001:db8::ffff", START), "the same network");
        assert!(attempt(500, "2001:db8:0:1::1", START), "another network");
        assert!(attempt(501, "2001:db8::1", START + PAUSE));
        assert!(!attempt(502, "2001:db8::1", START + PAUSE));
        // right passwords cost an address nothing: an office behind one address logs in
        let office = at("10.0.0.1");
        for i in 0..500 {
            let name = format!("name {i}");
            assert_eq!(throttle.attempt(&name, office, START), Ok(()));
            throttle.right(&name, office);
        }
    }
}
