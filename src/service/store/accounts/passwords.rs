//! Passwords (argon2id), one at a time, and all in the same memory: 19 MiB that are given back and taken again from many
//! threads stay with each thread's heap, a gigabyte after a hundred logins.

use crate::core::model::Text;
use crate::service::store::AccountError;
use crate::service::store::hex::hex;
use crate::service::store::random::{self, same};
use argon2::{Argon2, Block};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Memory in KiB, passes and lanes of argon2id, as OWASP has them.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// What an unknown name's password is compared with: right for nothing, but as much work.
pub(super) const NOBODY: &str = "argon2id$19456,2,1$00000000000000000000000000000000$0000000000000000000000000000000000000000000000000000000000000000";

/// A password as it may be, or why not: 10 characters at least, 128 bytes at most.
pub fn checked_password(password: &str) -> Result<(), AccountError> {
    if password.chars().count() >= 10 && password.len() <= 128 {
        return Ok(());
    }
    Err(AccountError::Unfit(Text::new(
        "口令至少 10 个字,最多 128 字节。",
        "A password has at least 10 characters and at most 128 bytes.",
    )))
}

/// The memory in which passwords are hashed, empty before the first.
#[derive(Default)]
pub(in crate::service::store) struct Passwords(Mutex<Vec<Block>>);

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // what lies there comes from passwords
        f.write_str("Passwords")
    }
}

impl Passwords {
    /// A password as it is kept: method, cost, salt and result.
    pub(super) fn hash(&self, password: &str) -> String {
        let mut salt = [0; 16];
        random::fill(&mut salt);
        let (m, t, p) = COST;
        format!("argon2id${m},{t},{p}${}${}", hex(&salt), hex(&self.stretched(password, &salt, COST)))
    }

    /// Whether a password is the kept one, in a time that tells nothing about where they differ.
    pub(super) fn matches(&self, password: &str, kept: &str) -> bool {
        let parts: Vec<&str> = kept.split('$').collect();
        let ["argon2id", cost, salt, result] = parts[..] else { return false };
        let cost: Vec<u32> = cost.split(',').filter_map(|n| n.parse().ok()).collect();
        let [m, t, p] = cost[..] else { return false };
        let result_of = |salt: Vec<u8>| hex(&self.stretched(password, &salt, (m, t, p)));
        same(&unhex(salt).map(result_of).unwrap_or_default(), result)
    }

    fn stretched(&self, password: &str, salt: &[u8], (m, t, p): (u32, u32, u32)) -> [u8; 32] {
        let params = argon2::Params::new(m, t, p, Some(32)).unwrap_or_default();
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.len() < params.block_count() {
            memory.resize(params.block_count(), Block::new());
        }
        let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let mut out = [0; 32];
        if argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut out, memory.as_mut_slice()).is_err() {
            // only for salts and passwords of lengths that do not occur; random, so that nothing is equal to it
            random::fill(&mut out);
        }
        out
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_the_standard_has_it_and_only_it_matches() {
        let passwords = Passwords::default();
        let kept = passwords.hash("正确的口令 correct horse");
        assert!(passwords.matches("正确的口令 correct horse", &kept));
        for wrong in ["", "正确的口令 correct hors", "正确的口令 correct horsf"] {
            assert!(!passwords.matches(wrong, &kept), "{wrong}");
        }
        assert_ne!(passwords.hash("the same twice"), passwords.hash("the same twice"), "each has a salt of its own");
        for broken in ["", "argon2id", "argon2id$1$2$3", "argon2id$19456,2,1$zz$00", "md5$19456,2,1$00$00"] {
            assert!(!passwords.matches("", broken), "{broken}");
        }
        assert!(!passwords.matches("anything", NOBODY));
    }

    /// The memory that others have used before changes no result.
    #[test]
    fn used_memory_gives_what_fresh_memory_gives() {
        let (used, cost) = (Passwords::default(), (64, 2, 1));
        used.stretched("something else before", &[7; 16], (256, 3, 1));
        for password in ["one", "two"] {
            let mut expected = [0; 32];
            let params = argon2::Params::new(cost.0, cost.1, cost.2, Some(32)).unwrap();
            let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
            argon2.hash_password_into(password.as_bytes(), &[1; 16], &mut expected).unwrap();
            assert_eq!(used.stretched(password, &[1; 16], cost), expected);
        }
    }
}
