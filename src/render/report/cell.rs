//! What stands in a table, before any file format: cells, heads, sheets.

use std::borrow::Cow;

/// How a number is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is: years, codes, coordinates.
    Plain,
    /// With thousands separators and this many decimals.
    Grouped(u8),
    /// A share of 1 as a percentage.
    Percent,
    /// A ratio with this many decimals.
    Ratio(u8),
    /// A change, 0 for none, as a percentage with its sign.
    Change,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// No value.
    Empty,
    /// Text, never a formula or a number.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64, Form),
    /// A fixed-point number: digits, and how many of them are decimals.
    Decimal(i64, u8, Form),
    /// Any other number.
    Number(f64, Form),
    /// The sum of the column above, which is this.
    Sum(f64, Form),
    /// A sum that may not leave.
    Withheld,
}

/// What stands for a sum that may not leave.
pub(super) const WITHHELD: &str = "…";

impl<'a> Cell<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn count(n: u64) -> Self {
        Self::Integer(n as i64, Form::Grouped(0))
    }

    pub(super) fn maybe(value: Option<f64>, form: Form) -> Self {
        value.map_or(Self::Empty, |v| Self::Number(v, form))
    }

    /// The value of a number.
    pub(super) fn number(&self) -> Option<(f64, Form)> {
        match *self {
            Self::Integer(i, form) => Some((i as f64, form)),
            Self::Decimal(digits, decimals, form) => Some((digits as f64 / 10f64.powi(decimals.into()), form)),
            Self::Number(v, form) | Self::Sum(v, form) => Some((v, form)),
            Self::Empty | Self::Text(_) | Self::Withheld => None,
        }
    }

    /// The cell as plain text, numbers exactly and without separators.
    pub(super) fn plain(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(t) => Cow::Borrowed(t),
            Self::Withheld => Cow::Borrowed(WITHHELD),
            Self::Integer(i, _) => Cow::Owned(i.to_string()),
            Self::Decimal(digits, decimals, _) => Cow::Owned(fixed(*digits, *decimals)),
            Self::Number(v, _) | Self::Sum(v, _) => Cow::Owned(v.to_string()),
        }
    }

    /// The cell as it stands in a text: numbers as a spreadsheet shows them, a dash where there is none.
    pub(super) fn printed(&self) -> String {
        match (self, self.number()) {
            (Self::Empty, _) => "—".to_owned(),
            (_, None) => self.plain().into_owned(),
            (_, Some((v, form))) => form.printed(v),
        }
    }
}

impl Form {
    /// A number as a spreadsheet shows it.
    pub(super) fn printed(self, v: f64) -> String {
        match self {
            Self::Plain => (v + 0.0).to_string(),
            Self::Percent => format!("{:.1}%", settled(v * 100.0, 1)),
            Self::Ratio(n) => format!("{:.*}", usize::from(n), settled(v, n)),
            Self::Change => format!("{:+.1}%", settled(v * 100.0, 1)),
            Self::Grouped(n) => {
                let v = settled(v, n);
                let text = format!("{:.*}", usize::from(n), v.abs());
                let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
                let whole = super::words::grouped(whole.parse().unwrap_or(u64::MAX));
                let sign = if v < 0.0 { "-" } else { "" };
                rest.map_or_else(|| format!("{sign}{whole}"), |r| format!("{sign}{whole}.{r}"))
            }
        }
    }
}

/// What rounds to nothing has no sign.
fn settled(v: f64, decimals: u8) -> f64 {
    if v.abs() * 10f64.powi(decimals.into()) < 0.5 { 0.0 } else { v }
}

/// `digits / 10^decimals` with all its decimals.
fn fixed(digits: i64, decimals: u8) -> String {
    if decimals == 0 {
        return digits.to_string();
    }
    let (unit, width) = (10u64.pow(decimals.into()), usize::from(decimals));
    let (sign, size) = (if digits < 0 { "-" } else { "" }, digits.unsigned_abs());
    format!("{sign}{}.{:0width$}", size / unit, size % unit)
}

/// The head of a column.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) title: String,
    /// Fixed width in characters, for running text that wraps; else the width of what stands in it.
    pub(super) width: Option<u16>,
    /// Its short name in documents; columns without one are in the workbook only.
    pub(super) brief: Option<String>,
}

impl Head {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), width: None, brief: None }
    }

    pub(super) fn wrapped(title: impl Into<String>, width: u16) -> Self {
        Self { title: title.into(), width: Some(width), brief: None }
    }
}

impl Head {
    /// The same, also in documents, under this name.
    pub(super) fn briefly(self, brief: impl Into<String>) -> Self {
        Self { brief: Some(brief.into()), ..self }
    }
}

/// A workbook before it is written.
pub(super) struct Tables<'a> {
    pub(super) title: String,
    /// Which data it is of, and what must be said at a glance: at the foot of every printed page.
    pub(super) data: String,
    pub(super) marks: Vec<String>,
    pub(super) sheets: Vec<Sheet<'a>>,
}

/// A table on a sheet of its own.
pub(super) struct Sheet<'a> {
    pub(super) name: String,
    /// A line above the table, with marks below it.
    pub(super) title: Option<(String, Vec<String>)>,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Box<dyn Iterator<Item = Vec<Cell<'a>>> + 'a>,
    pub(super) total: Option<Vec<Cell<'a>>>,
    /// Lines under the table.
    pub(super) foot: Vec<String>,
    /// Columns that stay while scrolling sideways; only long lists can be filtered and keep columns.
    pub(super) frozen: u16,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_numbers_are_a_spreadsheets() {
        let printed = |c: Cell<'_>| c.printed();
        assert_eq!(printed(Cell::Number(1_234_567.891, Form::Grouped(2))), "1,234,567.89");
        assert_eq!(printed(Cell::Number(-1234.5, Form::Grouped(0))), "-1,234");
        assert_eq!(printed(Cell::Decimal(-5, 2, Form::Grouped(2))), "-0.05");
        assert_eq!(printed(Cell::Number(0.1234, Form::Percent)), "12.3%");
        assert_eq!(printed(Cell::Number(0.1234, Form::Change)), "+12.3%");
        assert_eq!(printed(Cell::Empty), "—");
        assert_eq!(printed(Cell::Withheld), WITHHELD);
        assert_eq!(printed(Cell::Integer(2025, Form::Plain)), "2025");
    }

    #[test]
    fn plain_numbers_are_exact() {
        let plain = |c: Cell<'_>| c.plain().into_owned();
        assert_eq!(plain(Cell::Decimal(-5, 2, Form::Plain)), "-0.05");
        assert_eq!(plain(Cell::Decimal(1230, 2, Form::Plain)), "12.30");
        assert_eq!(plain(Cell::Decimal(i64::MIN, 0, Form::Plain)), i64::MIN.to_string());
        assert_eq!(plain(Cell::Integer(1500, Form::Grouped(0))), "1500");
        assert_eq!(Cell::Decimal(12345, 2, Form::Plain).number(), Some((123.45, Form::Plain)));
    }
}
