//! Periods of figures: years, quarters and months of the Gregorian calendar.

use super::Text;
use crate::columns::Moment;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A year, a quarter (1 to 4) or a month (1 to 12) of one. Ordered by the last day, then the shorter before the longer, so
/// that the last of some periods is the latest of them. Its text is `2025`, `2025Q3` or `2025-03`.
///
/// ```
/// use shigu_core::model::Period;
///
/// let quarter: Period = "2025Q3".parse()?;
/// assert_eq!(quarter.last_day().to_string(), "2025-09-30");
/// assert!(quarter < Period::Year(2025) && Period::Month(2025, 9) < quarter);
/// # Ok::<(), shigu_core::model::NoPeriod>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// A year.
    Year(u16),
    /// A quarter of a year: 1 to 4.
    Quarter(u16, u8),
    /// A month of a year: 1 to 12.
    Month(u16, u8),
}

/// How long a period is. Ordered from the shortest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Granularity {
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

/// A text that is no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no period: a year (2025), a quarter (2025Q3) or a month (2025-03) is")]
pub struct NoPeriod;

impl Granularity {
    /// Months of one period.
    pub fn months(self) -> u8 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

impl Period {
    /// The period that is named as a year, as itself, or as both alike; else why it is none.
    pub fn named(year: Option<u16>, period: Option<Self>) -> Result<Option<Self>, Text> {
        match (year.map(Self::Year), period) {
            (Some(year), Some(period)) if year != period => Err(Text::new(
                format!("与 year={year} 不一致,二者含义相同,只给其一即可"),
                format!("differs from year={year}; both mean the same, give one of them"),
            )),
            (year, period) => Ok(period.or(year)),
        }
    }

    /// The year that it is, or is in.
    pub fn year(self) -> u16 {
        match self {
            Self::Year(year) | Self::Quarter(year, _) | Self::Month(year, _) => year,
        }
    }

    /// The year, where it is a whole one.
    pub fn whole_year(self) -> Option<u16> {
        if let Self::Year(year) = self { Some(year) } else { None }
    }

    /// How long it is.
    pub fn granularity(self) -> Granularity {
        match self {
            Self::Year(_) => Granularity::Year,
            Self::Quarter(..) => Granularity::Quarter,
            Self::Month(..) => Granularity::Month,
        }
    }

    /// Its first and its last month, 1 to 12.
    fn months(self) -> (u8, u8) {
        match self {
            Self::Year(_) => (1, 12),
            Self::Quarter(_, quarter) => (quarter * 3 - 2, quarter * 3),
            Self::Month(_, month) => (month, month),
        }
    }

    /// The first day.
    pub fn first_day(self) -> Moment {
        Moment::day(self.year(), self.months().0, 1)
    }

    /// The last day.
    pub fn last_day(self) -> Moment {
        let (year, month) = (self.year(), self.months().1);
        Moment::day(year, month, Moment::days_in(year, month))
    }

    /// Whether another period lies in it, or is it.
    pub fn contains(self, other: Self) -> bool {
        let ((from, to), (first, last)) = (self.months(), other.months());
        self.year() == other.year() && from <= first && last <= to
    }

    /// The periods of some length that it is made of, in order: itself for its own length, none for a longer one.
    pub fn parts(self, of: Granularity) -> Vec<Self> {
        let (from, to) = self.months();
        (1..=12 / of.months())
            .map(|place| Self::nth(self.year(), of, place))
            .filter(|part| {
                let (first, last) = part.months();
                from <= first && last <= to
            })
            .collect()
    }

    /// The period of the same length a year before.
    pub fn year_before(self) -> Option<Self> {
        let year = self.year().checked_sub(1)?;
        Some(match self {
            Self::Year(_) => Self::Year(year),
            Self::Quarter(_, quarter) => Self::Quarter(year, quarter),
            Self::Month(_, month) => Self::Month(year, month),
        })
    }

    /// The period of the same length right before.
    pub fn previous(self) -> Option<Self> {
        match self {
            Self::Quarter(year, quarter) if quarter > 1 => Some(Self::Quarter(year, quarter - 1)),
            Self::Month(year, month) if month > 1 => Some(Self::Month(year, month - 1)),
            _ => self.year_before().map(|before| Self::nth(before.year(), self.granularity(), self.last_place())),
        }
    }

    /// The place of the last period of its length in a year.
    fn last_place(self) -> u8 {
        12 / self.granularity().months()
    }

    fn nth(year: u16, of: Granularity, place: u8) -> Self {
        match of {
            Granularity::Year => Self::Year(year),
            Granularity::Quarter => Self::Quarter(year, place),
            Granularity::Month => Self::Month(year, place),
        }
    }

    /// In words: 2025 年, 2025 年第三季度, 2025 年 3 月; 2025, Q3 2025, Mar 2025.
    pub fn words(self) -> Text {
        const QUARTERS: [&str; 4] = ["一", "二", "三", "四"];
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        match self {
            Self::Year(year) => Text::new(format!("{year} 年"), year.to_string()),
            Self::Quarter(year, quarter) => {
                let zh = QUARTERS.get(usize::from(quarter).wrapping_sub(1)).unwrap_or(&"");
                Text::new(format!("{year} 年第{zh}季度"), format!("Q{quarter} {year}"))
            }
            Self::Month(year, month) => {
                let en = MONTHS.get(usize::from(month).wrapping_sub(1)).unwrap_or(&"");
                Text::new(format!("{year} 年 {month} 月"), format!("{en} {year}"))
            }
        }
    }
}

impl Ord for Period {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |p: &Self| (p.year(), p.months().1, p.granularity());
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year}"),
            Self::Quarter(year, quarter) => write!(f, "{year}Q{quarter}"),
            Self::Month(year, month) => write!(f, "{year}-{month:02}"),
        }
    }
}

impl FromStr for Period {
    type Err = NoPeriod;

    /// Reads the one text of a period.
    fn from_str(text: &str) -> Result<Self, NoPeriod> {
        let number = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
        let part = |text: &str, digits: usize, most: u8| {
            let part: u8 =
                text.parse().ok().filter(|_| text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()))?;
            (1..=most).contains(&part).then_some(part)
        };
        let read = if let Some((year, quarter)) = text.split_once('Q') {
            number(year).zip(part(quarter, 1, 4)).map(|(year, quarter)| Self::Quarter(year, quarter))
        } else if let Some((year, month)) = text.split_once('-') {
            number(year).zip(part(month, 2, 12)).map(|(year, month)| Self::Month(year, month))
        } else {
            number(text).map(Self::Year)
        };
        // one period has one text
        read.filter(|period| period.to_string() == text).ok_or(NoPeriod)
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The members that carry a period in answers: `year`, where it is a year, and `period`.
#[derive(Serialize)]
struct Members {
    year: Option<u16>,
    period: Option<Period>,
}

/// Writes a period as the members `year` and `period`: for fields that are flattened.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
pub fn year_and_period<S: Serializer>(period: &Option<Period>, serializer: S) -> Result<S::Ok, S::Error> {
    Members { year: period.and_then(Period::whole_year), period: *period }.serialize(serializer)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn any_period() -> impl Strategy<Value = Period> {
        prop_oneof![
            any::<u16>().prop_map(Period::Year),
            (any::<u16>(), 1..=4u8).prop_map(|(y, q)| Period::Quarter(y, q)),
            (any::<u16>(), 1..=12u8).prop_map(|(y, m)| Period::Month(y, m)),
        ]
    }

    proptest! {
        #[test]
        fn the_text_is_read_again(period in any_period()) {
            prop_assert_eq!(period.to_string().parse(), Ok(period));
        }

        #[test]
        fn order_is_that_of_last_days(a in any_period(), b in any_period()) {
            let days = a.last_day().micros().cmp(&b.last_day().micros());
            prop_assert_eq!(a.cmp(&b), days.then(a.granularity().cmp(&b.granularity())));
        }

        #[test]
        fn the_previous_ends_the_day_before(period in any_period()) {
            prop_assume!(period.year() > 0);
            let day = 86_400_000_000;
            prop_assert_eq!(period.previous().unwrap().last_day().micros() + day, period.first_day().micros());
        }

        #[test]
        fn parts_are_without_gap(period in any_period()) {
            for of in [Granularity::Month, Granularity::Quarter, Granularity::Year] {
                let parts = period.parts(of);
                prop_assert_eq!(parts.is_empty(), of > period.granularity());
                if let (Some(first), Some(last)) = (parts.first(), parts.last()) {
                    prop_assert_eq!((first.first_day(), last.last_day()), (period.first_day(), period.last_day()));
                    prop_assert!(parts.windows(2).all(|two| two[1].previous() == Some(two[0])));
                    prop_assert!(parts.iter().all(|part| period.contains(*part)));
                }
            }
        }

        #[test]
        fn nothing_panics(text in "[0-9Q-]{0,8}|.{0,6}") {
            let _ = text.parse::<Period>();
        }
    }

    #[test]
    fn one_text_each() {
        for bad in [
            "", "2025Q0", "2025Q5", "2025Q", "2025-00", "2025-13", "2025-3", "02025", "2025q3", "-2025", "+2025",
            "2025Q+1",
        ] {
            assert_eq!(bad.parse::<Period>(), Err(NoPeriod), "{bad}");
        }
        assert_eq!(Period::Quarter(2024, 3).words(), Text::new("2024 年第三季度", "Q3 2024"));
        assert_eq!(Period::Month(2024, 3).words(), Text::new("2024 年 3 月", "Mar 2024"));
    }
}
