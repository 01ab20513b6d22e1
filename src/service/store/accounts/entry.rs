//! How somebody comes in: passwords (argon2id), one-time links, sessions. Of tokens only the SHA-256 is kept.

use super::people::{find, free, insert};
use super::{Account, AccountError, Role, checked_name};
use crate::core::model::Text;
use crate::service::store::Database;
use argon2::Argon2;
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// How long a one-time link leads in.
pub const HOURS_OF_A_CLAIM: i64 = 24;
/// A session ends so long after it was used last, in seconds.
const IDLE: i64 = 12 * 3600;
/// And so long after it began.
const WHOLE: i64 = 7 * 24 * 3600;
/// That a session was used is written down this often.
const NOTED: i64 = 300;
/// Memory in KiB, passes and lanes of argon2id, as OWASP has them.
const COST: (u32, u32, u32) = (19_456, 2, 1);

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

impl Database {
    /// The account of a name and password; none when either is wrong, after the same work.
    pub fn login(&self, name: &str, password: &str) -> Result<Option<Account>, AccountError> {
        let sql = "SELECT password FROM account WHERE name = ?1";
        let kept: Option<String> =
            self.read(|t| Ok(t.query_row(sql, [name], |row| row.get(0)).optional()?.flatten()))?;
        let known = kept.is_some();
        let right = matches(password, kept.as_deref().unwrap_or(NOBODY));
        Ok(if known && right { self.account(name)? } else { None })
    }

    /// Makes a session and gives the token for the browser. `now` is in seconds since 1970.
    pub fn begin_session(&self, name: &str, now: i64) -> Result<String, AccountError> {
        let token = token();
        self.write(|t| {
            t.execute("DELETE FROM session WHERE used < ?1 OR created < ?2", [now - IDLE, now - WHOLE])?;
            t.execute(
                "INSERT INTO session (token, account, created, used) VALUES (?1, ?2, ?3, ?3)",
                params![digest(&token), name, now],
            )
        })?;
        Ok(token)
    }

    /// Whose session it is; none when it has ended.
    pub fn session(&self, token: &str, now: i64) -> Result<Option<Account>, AccountError> {
        let key = digest(token);
        let found = self.read(|t| {
            let sql = "SELECT account, used FROM session WHERE token = ?1 AND used >= ?2 AND created >= ?3";
            let row = t.query_row(sql, params![key, now - IDLE, now - WHOLE], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            });
            let Some((name, used)) = row.optional()? else { return Ok(None) };
            Ok(find(t, &name)?.map(|account| (account, used)))
        })?;
        let Some((account, used)) = found else { return Ok(None) };
        if used < now - NOTED {
            self.write(|t| t.execute("UPDATE session SET used = ?2 WHERE token = ?1", params![key, now]))?;
        }
        Ok(Some(account))
    }

    /// Ends a session.
    pub fn end_session(&self, token: &str) -> Result<(), AccountError> {
        self.write(|t| t.execute("DELETE FROM session WHERE token = ?1", [digest(token)]))?;
        Ok(())
    }

    /// Gives an account another password and ends its sessions but the one of `token`.
    pub fn change_password(&self, name: &str, password: &str, token: Option<&str>) -> Result<(), AccountError> {
        checked_password(password)?;
        let (hash, kept) = (hash(password), token.map(digest).unwrap_or_default());
        self.write(|t| {
            t.execute("UPDATE account SET password = ?2 WHERE name = ?1", params![name, hash])?;
            t.execute("DELETE FROM session WHERE account = ?1 AND token <> ?2", params![name, kept])
        })?;
        Ok(())
    }

    /// Whether nobody could make accounts: then the first administrator's link is due.
    pub fn lacks_administrator(&self) -> Result<bool, AccountError> {
        let sql = "SELECT count(*) FROM account WHERE role = 'administrator' AND password IS NOT NULL";
        Ok(self.read(|t| t.query_row(sql, [], |row| row.get::<_, i64>(0)))? == 0)
    }

    /// A one-time token for an account's password, or, without one, for the first administrator. Earlier ones for the same
    /// lead nowhere any more.
    pub fn offer_claim(&self, name: Option<&str>, now: i64) -> Result<String, AccountError> {
        let token = token();
        self.write(|t| {
            if let Some(name) = name
                && find(t, name)?.is_none()
            {
                return Ok(Err(AccountError::Missing(name.to_owned())));
            }
            t.execute("DELETE FROM claim WHERE until < ?1 OR account IS ?2", params![now, name])?;
            let until = now + HOURS_OF_A_CLAIM * 3600;
            t.execute(
                "INSERT INTO claim (token, account, until) VALUES (?1, ?2, ?3)",
                params![digest(&token), name, until],
            )?;
            Ok(Ok(()))
        })??;
        Ok(token)
    }

    /// Takes a one-time token: its account gets this password. The first administrator's makes that account, by `name`.
    pub fn claim(&self, token: &str, name: Option<&str>, password: &str, now: i64) -> Result<Account, AccountError> {
        checked_password(password)?;
        // looked up first, so that guesses cost nothing; asked again below, so that two at once don't both win
        let known = "SELECT account FROM claim WHERE token = ?1 AND until >= ?2";
        let key = digest(token);
        let look = |t: &rusqlite::Transaction| {
            t.query_row(known, params![key, now], |row| row.get::<_, Option<String>>(0)).optional()
        };
        if self.read(look)?.is_none() {
            return Err(AccountError::NoClaim);
        }
        let hash = hash(password);
        self.write(|t| {
            let Some(of) = look(t)? else { return Ok(Err(AccountError::NoClaim)) };
            let account = if let Some(of) = of {
                t.execute("UPDATE account SET password = ?2 WHERE name = ?1", params![of, hash])?;
                t.execute("DELETE FROM session WHERE account = ?1", [&of])?;
                of
            } else {
                let Some(name) = name else { return Ok(Err(AccountError::NameMissing)) };
                if let Err(e) = checked_name(name) {
                    return Ok(Err(e));
                }
                if let Err(e) = free(t, name)? {
                    return Ok(Err(e));
                }
                let first = Account {
                    name: name.to_owned(),
                    display: name.to_owned(),
                    role: Role::Administrator,
                    scope: None,
                    claimed: true,
                    created: now,
                };
                insert(t, &first, Some(&hash))?;
                name.to_owned()
            };
            t.execute("DELETE FROM claim WHERE token = ?1", [&key])?;
            let account = find(t, &account)?;
            Ok(account.ok_or(AccountError::NoClaim))
        })?
    }
}

/// What an unknown name's password is compared with: right for nothing, but as much work.
const NOBODY: &str = "argon2id$19456,2,1$00000000000000000000000000000000$0000000000000000000000000000000000000000000000000000000000000000";

/// A password as it is kept: method, cost, salt and result.
fn hash(password: &str) -> String {
    let mut salt = [0; 16];
    random(&mut salt);
    let (m, t, p) = COST;
    format!("argon2id${m},{t},{p}${}${}", hex(&salt), hex(&stretched(password, &salt, COST)))
}

/// Whether a password is the kept one, in a time that tells nothing about where they differ.
fn matches(password: &str, kept: &str) -> bool {
    let parts: Vec<&str> = kept.split('$').collect();
    let ["argon2id", cost, salt, result] = parts[..] else { return false };
    let cost: Vec<u32> = cost.split(',').filter_map(|n| n.parse().ok()).collect();
    let [m, t, p] = cost[..] else { return false };
    let result_of = |salt: Vec<u8>| hex(&stretched(password, &salt, (m, t, p)));
    let found = unhex(salt).map(result_of).unwrap_or_default();
    found.len() == result.len() && found.bytes().zip(result.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

fn stretched(password: &str, salt: &[u8], (m, t, p): (u32, u32, u32)) -> [u8; 32] {
    let params = argon2::Params::new(m, t, p, Some(32)).unwrap_or_default();
    let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut out = [0; 32];
    if argon2.hash_password_into(password.as_bytes(), salt, &mut out).is_err() {
        // only for salts and passwords of lengths that do not occur; random, so that nothing is equal to it
        random(&mut out);
    }
    out
}

/// 256 random bits in hexadecimal digits.
fn token() -> String {
    let mut bytes = [0; 32];
    random(&mut bytes);
    hex(&bytes)
}

fn random(bytes: &mut [u8]) {
    // without random numbers nobody may come in
    assert!(getrandom::fill(bytes).is_ok(), "the system gives no random numbers");
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_the_standard_has_it_and_only_it_matches() {
        let kept = hash("正确的口令 correct horse");
        assert!(matches("正确的口令 correct horse", &kept));
        for wrong in ["", "正确的口令 correct hors", "正确的口令 correct horsf"] {
            assert!(!matches(wrong, &kept), "{wrong}");
        }
        assert_ne!(hash("the same twice"), hash("the same twice"), "each has a salt of its own");
        for broken in ["", "argon2id", "argon2id$1$2$3", "argon2id$19456,2,1$zz$00", "md5$19456,2,1$00$00"] {
            assert!(!matches("", broken), "{broken}");
        }
        assert!(!matches("anything", NOBODY));
    }
}
