//! What the manifest says of when a row of the register was there.

use crate::columns::{Moment, Value};
use serde::{Deserialize, Serialize};

/// The properties that say from when and until when a row of the register counts. Either may be absent. A property is a
/// date, an instant or a year: as a beginning a year is its first day, as an end its last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ValidSpec {
    /// The first day, such as that of the founding.
    #[serde(default)]
    pub from: Option<String>,
    /// The first day on which it is there no more, such as that of the closing.
    #[serde(default)]
    pub to: Option<String>,
}

impl ValidSpec {
    /// The properties with whether they say the end.
    pub fn properties(&self) -> impl Iterator<Item = (&str, bool)> {
        let from = self.from.iter().map(|name| (name.as_str(), false));
        from.chain(self.to.iter().map(|name| (name.as_str(), true)))
    }

    /// The day that a value of `from` stands for, or of `to`: a year is its first day, as an end its last.
    pub fn day(value: Value<'_>, end: bool) -> Option<Moment> {
        match value {
            Value::Integer(year) => {
                let (month, day) = if end { (12, 31) } else { (1, 1) };
                Moment::of_date(u16::try_from(year).ok()?, month, day)
            }
            Value::Text(text) => Moment::parse(text),
            _ => None,
        }
    }
}
