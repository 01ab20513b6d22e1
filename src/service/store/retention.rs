//! By which time things that are too old are removed (ADR 46). A clock that jumps ahead must not erase a year of records:
//! the time that counts follows the clock in steps of a few days, and after a jump only once the clock has stayed ahead for a
//! week. It is never later than the clock, so a clock that is set back removes nothing either.

use super::database::{Database, DatabaseError, StatementError, Transaction, params};
use crate::service::clock::DAY;

/// The clock may go on so far between two looks: a service that was off over a long weekend.
const STEP: i64 = 4 * DAY;
/// A clock that has jumped ahead is believed after so long.
const WATCHED: i64 = 7 * DAY;

/// What is known of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    /// The time by which things are removed.
    confirmed: i64,
    /// Since when the clock has been far ahead, and when it was last seen so.
    ahead: Option<(i64, i64)>,
}

impl Known {
    /// What is known after the clock has shown `now`.
    fn after(self, now: i64) -> Self {
        let Self { confirmed, ahead } = self;
        if now <= confirmed + STEP {
            return Self { confirmed: now, ahead: None };
        }
        match ahead {
            Some((since, seen)) if (seen..=seen + STEP).contains(&now) => {
                if now >= since + WATCHED {
                    Self { confirmed: now, ahead: None }
                } else {
                    Self { confirmed, ahead: Some((since, now)) }
                }
            }
            _ => Self { confirmed, ahead: Some((now, now)) },
        }
    }
}

/// Looks at the clock, which shows `now`, and gives the time by which things are removed.
pub(super) fn confirmed(t: &dyn Transaction, now: i64) -> Result<i64, StatementError> {
    let before = t.first("SELECT confirmed, ahead, seen FROM retention", &[], |row| {
        let ahead = row.get::<_, Option<i64>>(1)?.zip(row.get(2)?);
        Ok(Known { confirmed: row.get(0)?, ahead })
    })?;
    // the first look: what was last written here tells whether the clock has jumped meanwhile
    let begin = || {
        let newest =
            "SELECT max(newest) FROM (SELECT max(last) AS newest FROM audit UNION ALL SELECT max(used) FROM session
            UNION ALL SELECT max(asked) FROM report_job UNION ALL SELECT max(used) FROM link) AS written";
        let newest: Option<i64> = t.one(newest, &[], |row| row.get(0))?;
        Ok::<_, StatementError>(Known { confirmed: newest.unwrap_or(now).min(now), ahead: None })
    };
    let known = before.map_or_else(begin, Ok)?.after(now);
    if before != Some(known) {
        let (since, seen) = known.ahead.unzip();
        t.execute(
            "INSERT INTO retention (one, confirmed, ahead, seen) VALUES (1, ?1, ?2, ?3)
            ON CONFLICT (one) DO UPDATE SET confirmed = excluded.confirmed, ahead = excluded.ahead, seen = excluded.seen",
            params![known.confirmed, since, seen],
        )?;
    }
    Ok(known.confirmed)
}

impl Database {
    /// The same in a transaction of its own.
    pub(super) fn confirmed_time(&self, now: i64) -> Result<i64, DatabaseError> {
        self.write(|t| confirmed(t, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: i64 = 20_000 * DAY;

    /// The confirmed days after the clock has shown these days.
    fn days(shown: &[i64]) -> Vec<i64> {
        let mut known = Known { confirmed: BEGIN, ahead: None };
        let mut look = |day: &i64| {
            known = known.after(BEGIN + day * DAY);
            (known.confirmed - BEGIN) / DAY
        };
        shown.iter().map(&mut look).collect()
    }

    #[test]
    fn the_time_follows_the_clock_and_a_jump_only_after_a_week() {
        assert_eq!(days(&[0, 1, 3, 7, 8]), [0, 1, 3, 7, 8], "days and long weekends");
        assert_eq!(days(&[1, 401, 402, 405, 408, 409]), [1, 1, 1, 1, 408, 409], "a jump that stays");
        assert_eq!(days(&[1, 401, 402, 2, 3]), [1, 1, 1, 2, 3], "a jump that is set right");
        assert_eq!(days(&[1, 401, 801, 1201, 1601]), [1, 1, 1, 1, 1], "jump after jump");
        assert_eq!(days(&[1, 401, 402, 399, 408, 409]), [1, 1, 1, 1, 1, 1], "a clock that wavers");
        assert_eq!(days(&[4, -10_000, 6, 7]), [4, -10_000, -10_000, -10_000], "set back: nothing is too old");
    }

    #[test]
    fn what_is_known_outlives_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let look = |day: i64| {
            let database = Database::open(folder.path()).unwrap();
            (database.confirmed_time(BEGIN + day * DAY).unwrap() - BEGIN) / DAY
        };
        let shown = [0, 1, 500, 503, 506, 507, 508];
        assert_eq!(shown.map(look), [0, 1, 1, 1, 1, 507, 508]);
    }
}
