//! Who maintains a table or a metric, how often new figures come, and when the next are due: what ISO 19115 calls maintenance information.

use super::Text;
use crate::columns::Moment;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::str::FromStr;

/// What a manifest says of how figures are kept up to date. All of it may be left out; what is left out is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Maintenance {
    /// Who provides them.
    pub owner: Option<Text>,
    /// How often new ones come.
    pub cadence: Option<Cadence>,
    /// How long after the end of a period its figures come; at once where it is not said.
    pub delay: Option<Span>,
    /// The day of which the rows are, `YYYY-MM-DD`, where no row and no period says it.
    pub last: Option<String>,
    /// The property of the rows with the day of which each is; the latest counts. Of collections, not of metrics.
    pub dated_by: Option<String>,
    /// The day until which new ones are promised, `YYYY-MM-DD`; it counts until they have come.
    pub next: Option<String>,
}

/// How often new figures come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// Once in each span.
    Every(Span),
    /// When there is something new: they are never due.
    Irregular,
}

/// A span of the calendar: a number of days, weeks, months or years, as ISO 8601 writes it (`P10D`, `P1W`, `P1M`, `P1Y`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    count: u16,
    unit: SpanUnit,
}

/// What a span is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SpanUnit {
    Days,
    Weeks,
    Months,
    Years,
}

/// A text that is no span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no span: a number of days (P7D), weeks (P1W), months (P3M) or years (P1Y) up to 999 is")]
pub struct NoSpan;

impl SpanUnit {
    const ALL: [(char, Self); 4] = [('D', Self::Days), ('W', Self::Weeks), ('M', Self::Months), ('Y', Self::Years)];
}

impl Span {
    /// The day that is so much later. After the last day of a month, months and years lead to the last day of one.
    pub fn after(self, day: Moment) -> Option<Moment> {
        let count = u32::from(self.count);
        match self.unit {
            SpanUnit::Days => day.days_later(count),
            SpanUnit::Weeks => day.days_later(count * 7),
            SpanUnit::Months => day.months_later(count),
            SpanUnit::Years => day.months_later(count * 12),
        }
    }

    /// It in words: 10 天, 3 个月.
    pub fn words(self) -> Text {
        let (zh, en) = match self.unit {
            SpanUnit::Days => ("天", "day"),
            SpanUnit::Weeks => ("周", "week"),
            SpanUnit::Months => ("个月", "month"),
            SpanUnit::Years => ("年", "year"),
        };
        let n = self.count;
        Text::new(format!("{n} {zh}"), format!("{n} {en}{}", if n == 1 { "" } else { "s" }))
    }
}

impl Cadence {
    /// It in words: 每月, 每季度, 每 2 年.
    pub fn words(self) -> Text {
        let Self::Every(span) = self else { return Text::new("不定期", "irregularly") };
        let (zh, en) = match (span.count, span.unit) {
            (1, SpanUnit::Days) => ("每日", "every day"),
            (1, SpanUnit::Weeks) => ("每周", "every week"),
            (1, SpanUnit::Months) => ("每月", "every month"),
            (3, SpanUnit::Months) => ("每季度", "every quarter"),
            (6, SpanUnit::Months) => ("每半年", "every half-year"),
            (1, SpanUnit::Years) | (12, SpanUnit::Months) => ("每年", "every year"),
            _ => {
                let words = span.words();
                return Text::new(format!("每 {}", words.zh), format!("every {}", words.en));
            }
        };
        Text::new(zh, en)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = SpanUnit::ALL.into_iter().find(|(_, unit)| *unit == self.unit).map_or('D', |(letter, _)| letter);
        write!(f, "P{}{letter}", self.count)
    }
}

impl FromStr for Span {
    type Err = NoSpan;

    /// Reads the one text of a span.
    fn from_str(text: &str) -> Result<Self, NoSpan> {
        let rest = text.strip_prefix('P').ok_or(NoSpan)?;
        let (letter, unit) = SpanUnit::ALL.into_iter().find(|(letter, _)| rest.ends_with(*letter)).ok_or(NoSpan)?;
        let count = rest.trim_end_matches(letter).parse().ok().filter(|count| (1..=999).contains(count));
        let span = Self { count: count.ok_or(NoSpan)?, unit };
        if span.to_string() == text { Ok(span) } else { Err(NoSpan) }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(span) => span.fmt(f),
            Self::Irregular => f.write_str("irregular"),
        }
    }
}

impl FromStr for Cadence {
    type Err = NoSpan;

    fn from_str(text: &str) -> Result<Self, NoSpan> {
        if text == "irregular" { Ok(Self::Irregular) } else { text.parse().map(Self::Every) }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Cadence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_each_and_ends_of_months_stay_ends() {
        for (cadence, from, to, zh) in [
            ("P1M", "2025-02-28", "2025-03-31", "每月"),
            ("P1M", "2025-01-30", "2025-02-28", "每月"),
            ("P3M", "2025-09-30", "2025-12-31", "每季度"),
            ("P6M", "2025-12-31", "2026-06-30", "每半年"),
            ("P12M", "2024-02-29", "2025-02-28", "每年"),
            ("P1Y", "2023-02-28", "2024-02-29", "每年"),
            ("P2Y", "2025-04-09", "2027-04-09", "每 2 年"),
            ("P1W", "2025-12-31", "2026-01-07", "每周"),
            ("P10D", "2025-02-20", "2025-03-02", "每 10 天"),
        ] {
            let Cadence::Every(span) = cadence.parse::<Cadence>().unwrap() else { panic!("{cadence}") };
            assert_eq!(span.to_string(), cadence);
            let next = span.after(Moment::date(from).unwrap()).unwrap();
            assert_eq!(
                (next.to_string(), Cadence::Every(span).words().zh),
                (to.to_owned(), zh.to_owned()),
                "{cadence}"
            );
        }
        for bad in ["", "P", "1M", "P0M", "P1", "P01M", "P1000D", "P-1M", "P1MM", "P1M2D", "p1m", "PT1H", "monthly"] {
            assert_eq!(bad.parse::<Cadence>(), Err(NoSpan), "{bad}");
        }
        assert_eq!("irregular".parse(), Ok(Cadence::Irregular));
        // there is no day after the calendar's end
        let last = Moment::date("9999-12-31").unwrap();
        for far in ["P1D", "P1M", "P999Y"] {
            assert_eq!(far.parse::<Span>().unwrap().after(last), None, "{far}");
        }
    }
}
