//! What time it is, and ids made from it.

use crate::core::columns::Moment;
use crate::core::model::TimeZone;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The present moment.
pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros());
    Moment::instant(since as i64)
}

/// Seconds since 1970.
pub fn seconds() -> i64 {
    now().micros().div_euclid(1_000_000)
}

/// The same as a duration since 1970.
pub fn since_1970() -> Duration {
    Duration::from_micros(now().micros().max(0).cast_unsigned())
}

/// The day that it is in a time zone, `YYYY-MM-DD`.
pub fn today(zone: &TimeZone) -> String {
    zone.day(seconds() as f64).unwrap_or_else(|| Moment::of_days(day_of(seconds())).to_string())
}

/// Seconds of a day.
pub const DAY: i64 = 24 * 3600;

/// The day, counted from 1970, of a time in seconds.
pub fn day_of(seconds: i64) -> i64 {
    seconds.div_euclid(DAY)
}

/// How long the program has been running, whatever the clock on the wall does.
pub fn running() -> Duration {
    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    STARTED.elapsed()
}

/// An id of letters and digits that was not given before.
pub fn new_id() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    format!("{:x}{:04x}", now().micros(), NUMBER.fetch_add(1, Ordering::Relaxed) & 0xffff)
}
