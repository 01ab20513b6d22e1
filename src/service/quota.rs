//! How often somebody may do something: so many times at once, and one more after each pause. Counted for an address of
//! IPv4, and for the network of an IPv6 address, since whoever has one of its addresses has them all.

use moka::sync::Cache;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Addresses that are remembered.
const REMEMBERED: u64 = 20_000;
/// What stands for requests without an address.
const NOWHERE: &str = "-";

/// Counts by address. Times are those of [`clock::running`](crate::service::clock::running).
#[derive(Debug)]
pub struct Quota {
    /// Times at once.
    most: u32,
    /// After so long there is one more.
    pause: Duration,
    /// By address: until when what was used is paid back.
    used: Cache<String, Arc<Mutex<Duration>>>,
}

/// The network that an address counts for: an IPv6 address has its /64.
pub fn network(address: Option<IpAddr>) -> String {
    match address.map(|ip| ip.to_canonical()) {
        None => NOWHERE.to_owned(),
        Some(IpAddr::V4(v4)) => v4.to_string(),
        Some(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

impl Quota {
    /// `most` times at once, and one more after each `pause`.
    pub fn new(most: u32, pause: Duration) -> Self {
        // who has been away for so long has everything back
        let used = Cache::builder().max_capacity(REMEMBERED).time_to_idle(pause * (most + 1)).build();
        Self { most, pause, used }
    }

    /// Takes one. `Err` says how long to wait for the next.
    pub fn take(&self, address: Option<IpAddr>, now: Duration) -> Result<(), Duration> {
        let used = self.used.get_with(network(address), Arc::default);
        let mut until = used.lock().unwrap_or_else(PoisonError::into_inner);
        *until = self.with_one_more(*until, now)?;
        Ok(())
    }

    /// Whether one can be taken. `Err` says how long to wait.
    pub fn check(&self, address: Option<IpAddr>, now: Duration) -> Result<(), Duration> {
        let Some(used) = self.used.get(&network(address)) else { return Ok(()) };
        let until = *used.lock().unwrap_or_else(PoisonError::into_inner);
        self.with_one_more(until, now).map(drop)
    }

    /// When all is paid back, with one more taken. `Err` says how long to wait for it.
    pub(super) fn with_one_more(&self, until: Duration, now: Duration) -> Result<Duration, Duration> {
        let paid_back = until.max(now) + self.pause;
        let longest = now + self.pause * self.most;
        if paid_back > longest { Err(paid_back.saturating_sub(longest)) } else { Ok(paid_back) }
    }

    /// Gives one back.
    pub fn give_back(&self, address: Option<IpAddr>) {
        if let Some(used) = self.used.get(&network(address)) {
            let mut until = used.lock().unwrap_or_else(PoisonError::into_inner);
            *until = until.saturating_sub(self.pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[allow(clippy::unnecessary_wraps, reason = "what callers have is an option")]
    fn at(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn so_many_at_once_and_one_more_after_each_pause() {
        let quota = Quota::new(3, MINUTE);
        let (one, start) = (at("10.0.0.1"), Duration::from_hours(5));
        let taken = |n: usize, now| (0..n).filter(|_| quota.take(one, now).is_ok()).count();
        assert_eq!(taken(9, start), 3);
        assert_eq!(quota.take(one, start), Err(MINUTE));
        assert_eq!(quota.check(one, start), Err(MINUTE));
        assert_eq!(quota.take(one, start + MINUTE / 4), Err(MINUTE * 3 / 4));
        assert_eq!(quota.check(one, start + MINUTE), Ok(()), "nothing is taken by looking");
        assert_eq!(taken(9, start + MINUTE), 1);
        assert_eq!(taken(9, start + MINUTE * 60), 3, "never more at once");
        assert_eq!(quota.take(at("10.0.0.2"), start), Ok(()), "another address");
        quota.give_back(one);
        assert_eq!(taken(9, start + MINUTE * 60), 1);
    }

    #[test]
    fn an_address_of_ipv6_counts_as_its_network() {
        for (one, other, same) in [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("10.0.0.1", "::ffff:10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
        ] {
            assert_eq!(network(at(one)) == network(at(other)), same, "{one} {other}");
        }
        assert_ne!(network(None), network(at("0.0.0.0")));
    }
}
