//! Saved links: the query and fragment of the page's address under a short code. The same address has the same code.

use super::database::{Database, DatabaseError, StatementError, Transaction, params};
use super::retention::confirmed;
use crate::service::clock::DAY;
use sha2::{Digest, Sha256};

/// Longest address that is kept: what still fits a request line once the code is followed.
pub const LONGEST_LINK: usize = 7_500;
/// Most addresses that are kept.
pub const MOST_LINKS: i64 = 20_000;
/// Days after which a link that nobody has made or followed is forgotten, unless the installation says otherwise.
pub const LINK_DAYS: u32 = 400;
/// That a link was followed is written down this often, in seconds.
const NOTED: i64 = DAY;
/// Digits and letters that are not taken for one another when read aloud or copied by hand.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Letters of a code: 40 bits; more only where another address has the shorter one.
const SHORTEST: usize = 8;
const LONGEST: usize = 16;

/// Whether a text is the query and fragment of the page's address, and leads nowhere else.
pub fn is_page_address(target: &str) -> bool {
    let plain = target.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    let length = (2..=LONGEST_LINK).contains(&target.len());
    length && plain && target.starts_with(['?', '#']) && target.matches('#').count() < 2
}

/// What became of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Kept under this code since just now.
    New(String),
    /// Kept under this code before.
    Known(String),
    /// No room for another.
    Full,
}

impl Database {
    /// Keeps an address, checked by the caller. `now` is in seconds since 1970.
    pub fn save_link(&self, target: &str, now: i64) -> Result<Saved, DatabaseError> {
        let whole = code(target);
        self.write(|t| {
            let known = "SELECT code FROM link WHERE target = ?1";
            if let Some(code) = t.first(known, params![target], |row| row.get(0))? {
                t.execute("UPDATE link SET used = ?2 WHERE target = ?1", params![target, now])?;
                return Ok(Saved::Known(code));
            }
            let kept: i64 = t.one("SELECT count(*) FROM link", &[], |row| row.get(0))?;
            let mut free = (SHORTEST..=LONGEST).map(|n| &whole[..n]).filter_map(|c| match find(t, c) {
                Ok(None) => Some(Ok(c)),
                Ok(Some(_)) => None,
                Err(e) => Some(Err(e)),
            });
            let Some(code) = free.next().filter(|_| kept < MOST_LINKS) else { return Ok(Saved::Full) };
            let code = code?;
            t.execute(
                "INSERT INTO link (code, target, created, used) VALUES (?1, ?2, ?3, ?3)",
                params![code, target, now],
            )?;
            Ok(Saved::New(code.to_owned()))
        })
    }

    /// The address under a code, in either case.
    pub fn link(&self, code: &str) -> Result<Option<String>, DatabaseError> {
        self.read(|t| find(t, &spelled(code)))
    }

    /// The same for somebody who follows the link, which keeps it for longer.
    pub fn follow_link(&self, code: &str, now: i64) -> Result<Option<String>, DatabaseError> {
        let code = spelled(code);
        let found = self.read(|t| {
            let one = "SELECT target, used FROM link WHERE code = ?1";
            t.first(one, params![code], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
        })?;
        let Some((target, used)) = found else { return Ok(None) };
        if used < now - NOTED {
            self.write(|t| t.execute("UPDATE link SET used = ?2 WHERE code = ?1", params![code, now]))?;
        }
        Ok(Some(target))
    }

    /// Forgets links that nobody has made or followed for so many days.
    pub fn prune_links(&self, days: u32, now: i64) -> Result<usize, DatabaseError> {
        self.write(|t| {
            let by = confirmed(t, now)?;
            t.execute("DELETE FROM link WHERE used < ?1", params![by - i64::from(days) * DAY])
        })
    }
}

fn find(t: &dyn Transaction, code: &str) -> Result<Option<String>, StatementError> {
    t.first("SELECT target FROM link WHERE code = ?1", params![code], |row| row.get(0))
}

/// A code as it is kept: letters that are taken for digits are digits.
fn spelled(code: &str) -> String {
    code.to_ascii_lowercase().replace('o', "0").replace(['i', 'l'], "1")
}

/// The digest of an address in letters.
fn code(target: &str) -> String {
    let digest = Sha256::digest(target.as_bytes());
    let bits = digest.iter().take(LONGEST * 5 / 8).fold(0_u128, |n, b| n << 8 | u128::from(*b));
    let letter = |i: usize| LETTERS[(bits >> (5 * (LONGEST - 1 - i)) & 31) as usize] as char;
    (0..LONGEST).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_address_has_the_same_code_and_others_have_others() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let Saved::New(first) = database.save_link("?zone=330110", 1).unwrap() else { panic!("it is new") };
        assert_eq!(first.len(), SHORTEST);
        assert_eq!(database.save_link("?zone=330110", 2).unwrap(), Saved::Known(first.clone()));
        assert_eq!(database.link(&first.to_uppercase()).unwrap().as_deref(), Some("?zone=330110"));
        assert_eq!(database.link("nothing").unwrap(), None);
        let Saved::New(second) = database.save_link("?zone=330108", 3).unwrap() else { panic!("it is new") };
        assert_ne!(first, second);
    }

    #[test]
    fn a_code_that_another_address_has_grows_by_a_letter() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let whole = code("?zone=1");
        let taken = "INSERT INTO link (code, target, created, used) VALUES (?1, '?other', 0, 0)";
        database.write(|t| t.execute(taken, params![&whole[..SHORTEST]])).unwrap();
        assert_eq!(database.save_link("?zone=1", 0).unwrap(), Saved::New(whole[..=SHORTEST].to_owned()));
    }

    #[test]
    fn a_link_is_forgotten_when_nobody_has_used_it_for_so_long_and_by_no_jump_of_the_clock() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let (day, begin) = (24 * 3600, 1_000_000_000);
        let save = |target: &str, now| match database.save_link(target, now).unwrap() {
            Saved::New(code) | Saved::Known(code) => code,
            Saved::Full => panic!("there is room"),
        };
        let [unused, followed, again] = ["?a", "?b", "?c"].map(|target| save(target, begin));
        let left = || [&unused, &followed, &again].map(|code| database.link(code).unwrap().is_some());
        assert_eq!(database.prune_links(30, begin + 4000 * day).unwrap(), 0, "a clock that is ten years ahead");
        for at in (0..=30).map(|n| begin + n * day) {
            assert_eq!(database.prune_links(30, at).unwrap(), 0);
        }
        assert!(database.follow_link(&followed, begin + 20 * day).unwrap().is_some());
        assert_eq!(save("?c", begin + 25 * day), again);
        database.prune_links(30, begin + 30 * day + 1).unwrap();
        assert_eq!(left(), [false, true, true]);
        for at in (30..=53).map(|n| begin + n * day) {
            database.prune_links(30, at).unwrap();
        }
        assert_eq!(left(), [false, false, true]);
    }

    #[test]
    fn there_is_an_end_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                    INSERT INTO link SELECT 'c' || i, '?' || i || 'x', 0, 0 FROM n";
        database.write(|t| t.execute(fill, params![MOST_LINKS])).unwrap();
        assert_eq!(database.save_link("?zone=1", 0).unwrap(), Saved::Full);
        assert!(matches!(database.save_link("?7x", 0).unwrap(), Saved::Known(_)));
    }
}
