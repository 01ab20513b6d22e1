//! A stretch of time, as `datetime` writes it (OGC API - Features Part 1, 7.15.4).

use crate::columns::Moment;
use std::cmp::Ordering;
use std::fmt;

/// A day, an instant or a stretch between two of them, either end of which may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    from: Option<Moment>,
    to: Option<Moment>,
}

impl Interval {
    /// Reads a day, an instant (RFC 3339) or `from/to`, where `..` or nothing stands for an open end; `None` for anything
    /// else, and where the end comes before the beginning.
    pub fn parse(text: &str) -> Option<Self> {
        let end = |s: &str| if matches!(s, "" | "..") { Some(None) } else { Moment::parse(s).map(Some) };
        let (from, to) = match text.split_once('/') {
            None => Moment::parse(text).map(|m| (Some(m), Some(m)))?,
            Some((from, to)) => (end(from)?, end(to)?),
        };
        let forward = from.zip(to).is_none_or(|(from, to)| from.compare(to) != Ordering::Greater);
        forward.then_some(Self { from, to })
    }

    /// Its beginning.
    pub fn from(&self) -> Option<Moment> {
        self.from
    }

    /// Its end.
    pub fn to(&self) -> Option<Moment> {
        self.to
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |m: Option<Moment>| m.map_or("..".to_owned(), |m| m.to_string());
        match (self.from, self.to) {
            (Some(from), Some(to)) if from == to => write!(f, "{from}"),
            (from, to) => write!(f, "{}/{}", end(from), end(to)),
        }
    }
}
