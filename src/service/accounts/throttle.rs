//! Wrong passwords slow down whoever sends them, and nobody else (ADR 45): an address has so many in a quarter of an hour,
//! and a name from one address waits longer each time. From other addresses a name is never locked. Tokens of one-time
//! links and sessions are not counted at all: 256 random bits are not guessed.

use crate::service::quota::{Quota, network};
use crate::service::store::{AccountError, Database, WrongPasswords};
use std::net::IpAddr;
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

/// Whether a password is looked at; if not, how long to wait.
type Looked = Result<(), Duration>;

/// Whether a password would be looked at. Times are of the clock, since 1970: all copies of the program count together.
pub(super) fn check(
    database: &Database,
    name: &str,
    from: Option<IpAddr>,
    now: Duration,
) -> Result<Looked, AccountError> {
    let mut wrong = database.wrong_passwords(&keys(name, from), now)?;
    Ok(one_more(&mut wrong, now))
}

/// Counts an attempt as a wrong one before the password is looked at. `Err`: it is not looked at, and not counted.
pub(super) fn attempt(
    database: &Database,
    name: &str,
    from: Option<IpAddr>,
    now: Duration,
) -> Result<Looked, AccountError> {
    database.change_wrong_passwords(&keys(name, from), now, |wrong| one_more(wrong, now))
}

/// The password was right.
pub(super) fn right(database: &Database, name: &str, from: Option<IpAddr>, now: Duration) -> Result<(), AccountError> {
    let done = database.change_wrong_passwords(&keys(name, from), now, |[address, named]| {
        address.until = address.until.saturating_sub(PAUSE);
        *named = WrongPasswords::default();
        Ok::<_, Duration>(())
    });
    done.map(|_| ())
}

/// An address, and a name from there.
fn keys(name: &str, from: Option<IpAddr>) -> [String; 2] {
    let from = network(from);
    let named = format!("{from} {name}");
    [from, named]
}

fn one_more([address, named]: &mut [WrongPasswords; 2], now: Duration) -> Looked {
    // where the clock was set back nobody waits longer than there is to wait
    let soonest = |until: Duration, longest: Duration| until.min(now + longest);
    let until = soonest(address.until, PAUSE * FROM_ONE_ADDRESS);
    let until = Quota::new(FROM_ONE_ADDRESS, PAUSE).with_one_more(until, now)?;
    if let Some(wait) = soonest(named.until, LONGEST).checked_sub(now).filter(|wait| !wait.is_zero()) {
        return Err(wait);
    }
    *address = WrongPasswords { times: address.times.saturating_add(1), until };
    named.times = named.times.saturating_add(1);
    if let Some(more) = named.times.checked_sub(FREE) {
        named.until = now + FIRST.saturating_mul(1 << more.min(10)).min(LONGEST);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tempfile::TempDir;

    const START: Duration = Duration::from_hours(1);

    /// Two copies of the program over one state, asked in turns.
    struct Throttle {
        _folder: TempDir,
        copies: [Database; 2],
        next: Cell<usize>,
    }

    impl Throttle {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let copies = [0; 2].map(|_| Database::open(folder.path()).unwrap());
            Self { _folder: folder, copies, next: Cell::new(0) }
        }

        fn next(&self) -> &Database {
            self.next.set(1 - self.next.get());
            &self.copies[self.next.get()]
        }

        fn check(&self, name: &str, from: Option<IpAddr>, now: Duration) -> Looked {
            check(self.next(), name, from, now).unwrap()
        }

        fn attempt(&self, name: &str, from: Option<IpAddr>, now: Duration) -> Looked {
            attempt(self.next(), name, from, now).unwrap()
        }

        fn right(&self, name: &str, from: Option<IpAddr>) {
            right(self.next(), name, from, START).unwrap();
        }
    }

    #[allow(clippy::unnecessary_wraps, reason = "what callers have is an option")]
    fn at(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_name_waits_longer_each_time_from_the_address_that_is_wrong_and_from_no_other() {
        let throttle = Throttle::new();
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
    fn fifty_addresses_do_not_lock_a_name() {
        let throttle = Throttle::new();
        for i in 0..50_u16 {
            let address = Some(IpAddr::from([10, 1, (i >> 8) as u8, i as u8]));
            for _ in 0..FREE {
                assert_eq!(throttle.attempt("wang", address, START), Ok(()));
            }
        }
        assert_eq!(throttle.attempt("wang", at("10.0.0.1"), START), Ok(()));
    }

    #[test]
    fn an_address_has_sixty_wrong_passwords_for_whatever_names() {
        let throttle = Throttle::new();
        let attempt = |i: u32, address: &str, now| throttle.attempt(&format!("name {i}"), at(address), now).is_ok();
        assert_eq!((0..80).filter(|i| attempt(*i, "2001:db8::1", START)).count(), 60);
        assert!(!attempt(90, "2001:db8::ffff", START), "the same network");
        assert!(attempt(90, "2001:db8:0:1::1", START), "another network");
        assert!(attempt(91, "2001:db8::1", START + PAUSE));
        assert!(!attempt(92, "2001:db8::1", START + PAUSE));
        // right passwords cost an address nothing: an office behind one address logs in
        let office = at("10.0.0.1");
        for i in 0..80 {
            let name = format!("name {i}");
            assert_eq!(throttle.attempt(&name, office, START), Ok(()));
            throttle.right(&name, office);
        }
    }
}
