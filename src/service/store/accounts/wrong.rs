//! Wrong passwords that are remembered, whichever copy of the program saw them. How they delay the next is said in `service::accounts`.

use super::AccountError;
use crate::service::store::Database;
use crate::service::store::database::{StatementError, Transaction, params};
use std::time::Duration;

/// Wrong passwords are forgotten when none came for so long.
const FORGOTTEN: Duration = Duration::from_hours(2);

/// Wrong passwords of somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WrongPasswords {
    /// How many.
    pub times: u32,
    /// A time of day, since 1970, that follows from them.
    pub until: Duration,
}

impl Database {
    /// What is remembered of each.
    pub fn wrong_passwords(&self, whose: &[String; 2], now: Duration) -> Result<[WrongPasswords; 2], AccountError> {
        Ok(self.read(|t| find(t, whose, now))?)
    }

    /// Changes what is remembered of each, unless it is refused.
    pub fn change_wrong_passwords<E>(
        &self,
        whose: &[String; 2],
        now: Duration,
        change: impl FnOnce(&mut [WrongPasswords; 2]) -> Result<(), E>,
    ) -> Result<Result<(), E>, AccountError> {
        Ok(self.write(|t| {
            t.execute("DELETE FROM wrong_password WHERE last < ?1", params![millis(now.saturating_sub(FORGOTTEN))])?;
            let mut found = find(t, whose, now)?;
            let changed = change(&mut found);
            let kept = "INSERT INTO wrong_password (whose, times, until, last) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (whose) DO UPDATE SET times = excluded.times, until = excluded.until, last = excluded.last";
            for (whose, wrong) in whose.iter().zip(found).filter(|_| changed.is_ok()) {
                t.execute(kept, params![whose, wrong.times, millis(wrong.until), millis(now)])?;
            }
            Ok(changed)
        })?)
    }
}

fn find(t: &dyn Transaction, whose: &[String; 2], now: Duration) -> Result<[WrongPasswords; 2], StatementError> {
    let mut found = [WrongPasswords::default(); 2];
    for (found, whose) in found.iter_mut().zip(whose) {
        let one = "SELECT times, until FROM wrong_password WHERE whose = ?1 AND last >= ?2";
        let given = params![whose, millis(now.saturating_sub(FORGOTTEN))];
        let row = t.first(one, given, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        if let Some((times, until)) = row {
            let (times, until) = (times.try_into().unwrap_or(u32::MAX), until.max(0).cast_unsigned());
            *found = WrongPasswords { times, until: Duration::from_millis(until) };
        }
    }
    Ok(found)
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
