//! How somebody comes in: passwords, one-time links, sessions. Of tokens only the SHA-256 is kept.

use super::passwords::{NOBODY, checked_password};
use super::people::{find, free, insert, revoke};
use super::{Account, AccountError, Role, checked_name};
use crate::service::store::Database;
use crate::service::store::database::{Transaction, params};
use crate::service::store::random;
use crate::service::store::retention::confirmed;
use sha2::{Digest, Sha256};

/// How long a one-time link leads in.
pub const HOURS_OF_A_CLAIM: i64 = 24;
/// Links for the first administrator at once: of the latest starts.
const FIRST_CLAIMS: i64 = 16;
/// A session ends so long after it was used last, in seconds.
const IDLE: i64 = 12 * 3600;
/// And so long after it began.
const WHOLE: i64 = 7 * 24 * 3600;
/// That a session was used is written down this often.
const NOTED: i64 = 300;
impl Database {
    /// The account of a name and password; none when either is wrong, after the same work.
    pub fn login(&self, name: &str, password: &str) -> Result<Option<Account>, AccountError> {
        let sql = "SELECT password FROM account WHERE name = ?1";
        let kept: Option<String> =
            self.read(|t| Ok(t.first(sql, params![name], |row| row.get::<_, Option<String>>(0))?.flatten()))?;
        let known = kept.is_some();
        let right = self.passwords().matches(password, kept.as_deref().unwrap_or(NOBODY));
        Ok(if known && right { self.account(name)? } else { None })
    }

    /// Makes a session and gives the token for the browser. `now` is in seconds since 1970.
    pub fn begin_session(&self, name: &str, now: i64) -> Result<String, AccountError> {
        let token = random::token::<32>();
        self.write(|t| {
            let by = confirmed(t, now)?;
            t.execute("DELETE FROM session WHERE used < ?1 OR created < ?2", params![by - IDLE, by - WHOLE])?;
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
            let row = t.first(sql, params![key, now - IDLE, now - WHOLE], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            });
            let Some((name, used)) = row? else { return Ok(None) };
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
        self.write(|t| {
            t.execute("DELETE FROM session WHERE token = ?1", params![digest(token)])?;
            revoke(t)
        })?;
        Ok(())
    }

    /// A number that is another once sessions have ended or what an account may do has changed, whichever copy did it: what was
    /// looked up before is to be looked up again.
    pub fn revocations(&self) -> Result<i64, AccountError> {
        Ok(self.read(|t| t.one("SELECT number FROM revocation", &[], |row| row.get(0)))?)
    }

    /// Gives an account another password and ends its sessions but the one of `token`.
    pub fn change_password(&self, name: &str, password: &str, token: Option<&str>) -> Result<(), AccountError> {
        checked_password(password)?;
        let (hash, kept) = (self.passwords().hash(password), token.map(digest).unwrap_or_default());
        self.write(|t| {
            t.execute("UPDATE account SET password = ?2 WHERE name = ?1", params![name, hash])?;
            t.execute("DELETE FROM session WHERE account = ?1 AND token <> ?2", params![name, kept])?;
            revoke(t)
        })?;
        Ok(())
    }

    /// Whether nobody could make accounts: then the first administrator's link is due.
    pub fn lacks_administrator(&self) -> Result<bool, AccountError> {
        let sql = "SELECT count(*) FROM account WHERE role = 'administrator' AND password IS NOT NULL";
        Ok(self.read(|t| t.one(sql, &[], |row| row.get::<_, i64>(0)))? == 0)
    }

    /// A one-time token for an account's password, or, without one, for the first administrator. Earlier ones for the same account
    /// lead nowhere any more. Those for the first administrator lead in until one of them is used: each copy of the program
    /// gives one at its start.
    pub fn offer_claim(&self, name: Option<&str>, now: i64) -> Result<String, AccountError> {
        let token = random::token::<32>();
        self.write(|t| {
            if let Some(name) = name
                && find(t, name)?.is_none()
            {
                return Ok(Err(AccountError::Missing(name.to_owned())));
            }
            t.execute("DELETE FROM claim WHERE until < ?1 OR account = ?2", params![confirmed(t, now)?, name])?;
            let until = now + HOURS_OF_A_CLAIM * 3600;
            t.execute(
                "INSERT INTO claim (token, account, until) VALUES (?1, ?2, ?3)",
                params![digest(&token), name, until],
            )?;
            let first = "DELETE FROM claim WHERE account IS NULL AND token <> ?1 AND token NOT IN
                (SELECT token FROM claim WHERE account IS NULL ORDER BY until DESC LIMIT ?2)";
            t.execute(first, params![digest(&token), FIRST_CLAIMS])?;
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
        let look = |t: &dyn Transaction| t.first(known, params![key, now], |row| row.get::<_, Option<String>>(0));
        if self.read(look)?.is_none() {
            return Err(AccountError::NoClaim);
        }
        let hash = self.passwords().hash(password);
        self.write(|t| {
            let Some(of) = look(t)? else { return Ok(Err(AccountError::NoClaim)) };
            let account = if let Some(of) = of {
                t.execute("UPDATE account SET password = ?2 WHERE name = ?1", params![of, hash])?;
                t.execute("DELETE FROM session WHERE account = ?1", params![of])?;
                revoke(t)?;
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
                t.execute("DELETE FROM claim WHERE account IS NULL", &[])?;
                name.to_owned()
            };
            t.execute("DELETE FROM claim WHERE token = ?1", params![key])?;
            let account = find(t, &account)?;
            Ok(account.ok_or(AccountError::NoClaim))
        })?
    }
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
