//! Calendar days and instants as text cells hold them (`2026-11-22`, `2026-11-22T08:00:00Z`), made comparable.
//! A hundred lines that need no calendar crate: no time zones but UTC and fixed offsets, no clock.

use std::cmp::Ordering;
use std::fmt;

const DAY: i64 = 86_400_000_000;

/// A day or an instant. Where a day meets an instant, the two are compared by day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Microseconds since 1970 in UTC.
    micros: i64,
    /// Whether it is a day as a whole.
    day: bool,
}

impl Moment {
    /// The instant so many microseconds after the beginning of 1970 in UTC.
    pub fn instant(micros: i64) -> Self {
        Self { micros, day: false }
    }

    /// A day by its year, month (1 to 12) and place in the month.
    pub fn day(year: u16, month: u8, day: u8) -> Self {
        Self { micros: days_since_1970(year.into(), month.into(), day.into()) * DAY, day: true }
    }

    /// Days of a month (1 to 12).
    pub fn days_in(year: u16, month: u8) -> u8 {
        days_in(year.into(), month.into()) as u8
    }

    /// Reads a date `YYYY-MM-DD`.
    pub fn date(text: &str) -> Option<Self> {
        let b = text.as_bytes();
        if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
            return None;
        }
        Self::of_civil(digits(&b[..4])?, digits(&b[5..7])?, digits(&b[8..])?)
    }

    /// The day of a year from 0 to 9999, a month and a day of the month, where there is such a day.
    pub fn of_date(year: u16, month: u8, day: u8) -> Option<Self> {
        Self::of_civil(year.into(), month.into(), day.into())
    }

    fn of_civil(y: i64, m: i64, d: i64) -> Option<Self> {
        ((0..=9999).contains(&y) && (1..=12).contains(&m) && d >= 1 && d <= days_in(y, m))
            .then(|| Self { micros: days_since_1970(y, m, d) * DAY, day: true })
    }

    /// Reads an instant (RFC 3339): `YYYY-MM-DDTHH:MM:SS`, decimals of the second if any, `Z` or an offset. Digits beyond
    /// the microsecond are dropped.
    pub fn timestamp(text: &str) -> Option<Self> {
        let (date, time) = (text.get(..10)?, text.get(10..)?.as_bytes());
        if time.len() < 10 || !matches!(time[0], b'T' | b't') || time[3] != b':' || time[6] != b':' {
            return None;
        }
        let (h, m, s) = (digits(&time[1..3])?, digits(&time[4..6])?, digits(&time[7..9])?);
        if h > 23 || m > 59 || s > 60 {
            return None;
        }
        let mut rest = &time[9..];
        let mut micros = 0;
        if let Some(decimals) = rest.strip_prefix(b".") {
            let n = decimals.iter().take_while(|c| c.is_ascii_digit()).count();
            let six = (0..6).map(|i| if i < n { i64::from(decimals[i] - b'0') } else { 0 });
            micros = six.fold(0, |sum, d| sum * 10 + d);
            rest = if n > 0 { &decimals[n..] } else { return None };
        }
        let offset = match rest {
            b"Z" | b"z" => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
                let (h, m) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
                let minutes = (h < 24 && m < 60).then_some(h * 60 + m)?;
                if *sign == b'+' { minutes } else { -minutes }
            }
            _ => return None,
        };
        let seconds = h * 3600 + (m - offset) * 60 + s;
        Some(Self { micros: Self::date(date)?.micros + seconds * 1_000_000 + micros, day: false })
    }

    /// Reads either.
    pub fn parse(text: &str) -> Option<Self> {
        Self::date(text).or_else(|| Self::timestamp(text))
    }

    /// Microseconds since the beginning of 1970 in UTC; of a day, those of its beginning.
    pub fn micros(self) -> i64 {
        self.micros
    }

    /// Its day in UTC, in days since 1970-01-01.
    pub fn days(self) -> i64 {
        self.micros.div_euclid(DAY)
    }

    /// The day so many days after 1970-01-01.
    pub fn of_days(days: i64) -> Self {
        Self { micros: days.saturating_mul(DAY), day: true }
    }

    /// The day so many days later; none after the year 9999.
    pub fn days_later(self, days: u32) -> Option<Self> {
        let later = Self::of_days(self.days().saturating_add(i64::from(days)));
        (civil(later.days()).0 <= 9999).then_some(later)
    }

    /// The day so many months later: the same of its month, or the last where that has fewer days or this is a last day; none after
    /// the year 9999.
    pub fn months_later(self, months: u32) -> Option<Self> {
        let (y, m, d) = civil(self.days());
        let place = y * 12 + m - 1 + i64::from(months);
        let (year, month) = (place.div_euclid(12), place.rem_euclid(12) + 1);
        let last = days_in(year, month);
        let day = if d == days_in(y, m) { last } else { d.min(last) };
        (year <= 9999).then(|| Self::of_days(days_since_1970(year, month, day)))
    }

    /// Whether it is a day as a whole.
    pub fn is_day(self) -> bool {
        self.day
    }

    /// Earlier, the same, or later.
    pub fn compare(self, other: Self) -> Ordering {
        if self.day || other.day {
            self.micros.div_euclid(DAY).cmp(&other.micros.div_euclid(DAY))
        } else {
            self.micros.cmp(&other.micros)
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = civil(self.micros.div_euclid(DAY));
        write!(f, "{y:04}-{m:02}-{d:02}")?;
        if self.day {
            return Ok(());
        }
        let (seconds, micros) = (self.micros.rem_euclid(DAY) / 1_000_000, self.micros.rem_euclid(1_000_000));
        write!(f, "T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if micros > 0 {
            f.write_str(format!(".{micros:06}").trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

fn digits(b: &[u8]) -> Option<i64> {
    b.iter().try_fold(0, |n, c| c.is_ascii_digit().then(|| n * 10 + i64::from(c - b'0')))
}

fn days_in(y: i64, m: i64) -> i64 {
    match m {
        2 if y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar since 1970-01-01; years begin in March, so that leap days come last.
fn days_since_1970(y: i64, m: i64, d: i64) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let (era, month) = (y.div_euclid(400), (m + 9) % 12);
    let year = y.rem_euclid(400);
    era * 146_097 + year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 + d - 1 - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let (era, day) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let m = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(m <= 2), m, in_year - (153 * month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn instants_are_compared_not_spelt() {
        let at = |s| Moment::parse(s).unwrap();
        assert_eq!(at("1970-01-01T00:00:00Z").micros, 0);
        assert_eq!(at("2022-04-16T18:13:19+08:00"), at("2022-04-16T10:13:19.000Z"));
        assert_eq!(at("2022-04-16T10:13:19.5Z").to_string(), "2022-04-16T10:13:19.5Z");
        assert_eq!(at("2000-02-29").to_string(), "2000-02-29");
        assert_eq!(at("2022-04-16").compare(at("2022-04-16T10:00:00Z")), Ordering::Equal);
        assert_eq!(at("2022-04-16").compare(at("2022-04-17T00:00:00Z")), Ordering::Less);
        for bad in [
            "2021-02-29",
            "2021-1-1",
            "2021-01-01T",
            "2021-01-01T10:00Z",
            "2021-01-01T24:00:00Z",
            "2021-01-01T10:00:00.Z",
            "2021-01-01T10:00:00",
            "二〇二一-04",
        ] {
            assert!(Moment::parse(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn spelling_and_reading_are_inverse(days in -700_000i64..2_900_000, micros in proptest::option::of(0..DAY)) {
            let m = Moment { micros: days * DAY + micros.unwrap_or(0), day: micros.is_none() };
            prop_assert_eq!(Moment::parse(&m.to_string()), Some(m));
        }

        #[test]
        fn nothing_panics(s in "[0-9TZ:.+-]{0,30}", t in ".{0,30}") {
            let _ = (Moment::parse(&s), Moment::parse(&t));
        }
    }
}
