//! One enterprise as a GeoJSON feature. Numbers are written from integers, so no machine formats them differently.

use super::firm::{FIRST_YEAR, Firm};
use super::ground::Spot;
use crate::core::model::{Codelist, Text};
use std::io::{self, Write};

/// How well a position is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Location {
    Building,
    Address,
    Park,
    Area,
    None,
}

impl Location {
    /// The words of `location_class` and `precision_m`.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Building => ("building", "50"),
            Self::Address => ("address", "200"),
            Self::Park => ("park", "800"),
            Self::Area => ("area", "1500"),
            Self::None => ("none", "null"),
        }
    }
}

/// One enterprise.
pub(super) struct Row<'a> {
    pub(super) number: u64,
    pub(super) spot: Option<Spot>,
    pub(super) location: Location,
    /// Declared district.
    pub(super) district: Option<&'a str>,
    /// Places in the codelist.
    pub(super) cluster: Option<usize>,
    pub(super) secondary: [Option<usize>; 2],
    pub(super) firm: Firm,
}

impl Row<'_> {
    /// Writes it on one line; ids have `width` digits, at least five.
    pub(super) fn write(&self, codelist: Option<&Codelist>, width: usize, out: &mut impl Write) -> io::Result<()> {
        let entry = |place: usize| codelist.and_then(|c| c.entries.get(place));
        write!(out, r#"{{"type":"Feature","id":"S{:0w$}","geometry":"#, self.number, w = width.max(5))?;
        match self.spot {
            None => write!(out, "null")?,
            Some(Spot { x, y }) => {
                write!(out, r#"{{"type":"Point","coordinates":["#)?;
                write_fixed(out, x, 5)?;
                write!(out, ",")?;
                write_fixed(out, y, 5)?;
                write!(out, "]}}")?;
            }
        }
        let cluster = self.cluster.and_then(entry);
        let unnamed = Text::default();
        let name =
            format!("示例{}企业{:0w$}号", cluster.map_or(&unnamed, |c| &c.name).zh, self.number, w = width.max(4));
        write!(out, r#","properties":{{"name":"#)?;
        json(out, Some(&name))?;
        write!(out, r#","cluster":"#)?;
        json(out, cluster.map(|c| c.code.as_str()))?;
        write!(out, r#","cluster_secondary":["#)?;
        for (i, other) in self.secondary.iter().flatten().filter_map(|c| entry(*c)).enumerate() {
            write!(out, "{}", if i == 0 { "" } else { "," })?;
            json(out, Some(&other.code))?;
        }
        write!(out, r#"],"district":"#)?;
        json(out, self.district)?;
        let Firm { founded, size, above_scale, revenue, employees } = &self.firm;
        let (class, precision) = self.location.words();
        write!(out, r#","founded":{founded},"size":"{size}","above_scale":{above_scale}"#)?;
        write!(out, r#","location_class":"{class}","precision_m":{precision}"#)?;
        for (year, value) in (FIRST_YEAR..).zip(revenue) {
            write!(out, r#","revenue_{year}":"#)?;
            write_nullable(out, *value, 2)?;
        }
        for (year, value) in (FIRST_YEAR..).zip(employees) {
            write!(out, r#","employees_{year}":"#)?;
            write_nullable(out, *value, 0)?;
        }
        write!(out, r#","sample":true}}}}"#)
    }
}

fn json(out: &mut impl Write, text: Option<&str>) -> io::Result<()> {
    serde_json::to_writer(out, &text).map_err(io::Error::from)
}

fn write_nullable(out: &mut impl Write, digits: Option<i64>, decimals: usize) -> io::Result<()> {
    match digits {
        None => out.write_all(b"null"),
        Some(digits) => write_fixed(out, digits, decimals),
    }
}

/// `digits / 10^decimals`, all decimals written.
fn write_fixed(out: &mut impl Write, digits: i64, decimals: usize) -> io::Result<()> {
    if decimals == 0 {
        return write!(out, "{digits}");
    }
    let (unit, sign) = (10u64.pow(decimals as u32), if digits < 0 { "-" } else { "" });
    let size = digits.unsigned_abs();
    write!(out, "{sign}{}.{:0decimals$}", size / unit, size % unit)
}
