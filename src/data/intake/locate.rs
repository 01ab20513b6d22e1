//! Where a row is: its two cells in the system of the file, swapped ones put right, impossible ones named.

use super::finding::Finding;
use super::sheet::rollup::is_none;
use super::sheet::{Cell, Cells, Kind};
use super::system::{System, number, pair, wkt_point};
use crate::core::geometry::Bounds;
use crate::core::model::Text;
use geo::Coord;
use std::borrow::Cow;
use std::fmt;

/// Degrees around the city beyond which a position is a mistake.
const FAR: f64 = 1.0;

/// Metres to which a position is taken to be right where nothing is said of it.
pub const USUAL_PRECISION_M: i64 = 200;

/// The finding that a position has few decimals.
pub const COARSE: &str = "coordinate-coarse";

/// The columns with positions.
#[derive(Clone, Copy, Debug)]
pub enum Columns {
    /// One for each coordinate.
    Two(usize, usize),
    /// Both in one.
    One(usize),
}

/// Where a row is.
#[derive(Clone, Debug, PartialEq)]
pub struct Position<'a> {
    /// Longitude and latitude in WGS 84, to a centimetre.
    pub at: Coord<f64>,
    /// The two cells as they stand in the file.
    pub source: [Cow<'a, str>; 2],
    /// Metres that the decimals given leave open; 0 where they are enough.
    pub coarse_m: u32,
}

impl Columns {
    /// The column that a finding about the position points to.
    pub fn first(self) -> usize {
        match self {
            Self::Two(x, _) | Self::One(x) => x,
        }
    }

    /// The two cells; `None` where there is no position.
    pub fn cells(self, cells: &Cells, row: usize) -> Option<[Cell<'_>; 2]> {
        let both = match self {
            Self::Two(x, y) => [cells.cell(row, x), cells.cell(row, y)],
            Self::One(c) => {
                let cell = cells.cell(row, c);
                let text = wkt_point(cell.text).unwrap_or(cell.text);
                let text = text.trim_matches(['(', ')', '\u{FF08}', '\u{FF09}', '[', ']']);
                let Some((a, b)) = text.split_once([',', '\u{FF0C}', ';', '\u{FF1B}', ' ', '/']) else {
                    return (cell.kind != Kind::Empty).then_some([cell, Cell::default()]);
                };
                [Cell { kind: cell.kind, text: a.trim() }, Cell { kind: cell.kind, text: b.trim() }]
            }
        };
        both.iter().any(|c| c.kind != Kind::Empty && !is_none(c.text)).then_some(both)
    }

    /// Both numbers, where both can be read.
    pub fn numbers(self, cells: &Cells, row: usize) -> Option<(f64, f64)> {
        if let Self::One(c) = self {
            return pair(cells.cell(row, c).text);
        }
        let [x, y] = self.cells(cells, row)?;
        Some((number(x.text)?, number(y.text)?))
    }
}

/// Reads the position of a row, which lies near or in `around` unless that is empty. Findings say what is wrong with it, or what was done.
pub fn locate<'a>(
    columns: Columns,
    cells: &'a Cells,
    row: usize,
    (system, swapped): (System, bool),
    around: &Bounds,
    notes: &mut Vec<Finding>,
) -> Option<Position<'a>> {
    let [x, y] = columns.cells(cells, row)?;
    let shown = Shown(x.text, y.text);
    let n = cells.number(row);
    let mut note = |finding: Finding| notes.push(finding.row(n).cell(columns.first(), &shown.to_string()));
    if x.kind == Kind::Empty || y.kind == Kind::Empty {
        note(Finding::error(
            "coordinate-half",
            Text::new(format!("第 {n} 行 只填了一个坐标({shown})"), format!("row {n}: one coordinate only ({shown})")),
        ));
        return None;
    }
    let (Some(a), Some(b)) = (number(x.text), number(y.text)) else {
        note(Finding::error(
            "coordinate-unreadable",
            Text::new(format!("第 {n} 行 坐标读不出:{shown}"), format!("row {n}: the position can't be read: {shown}")),
        ));
        return None;
    };
    if a == 0.0 && b == 0.0 {
        note(Finding::warning(
            "coordinate-zero",
            Text::new(
                format!("第 {n} 行 坐标为 0, 0,按无位置处理"),
                format!("row {n}: the position 0, 0 is taken for none"),
            ),
        ));
        return None;
    }
    let (east, north) = if swapped { (b, a) } else { (a, b) };
    let mut bounds = *around;
    let known = !bounds.is_empty();
    (bounds.west, bounds.south) = (bounds.west - FAR, bounds.south - FAR);
    (bounds.east, bounds.north) = (bounds.east + FAR, bounds.north + FAR);
    let near = |at: &Coord<f64>| !known || bounds.contains(at.x, at.y);
    let mut at = system.locate(east, north).filter(near);
    if at.is_none() && known {
        at = system.locate(north, east).filter(near);
        if at.is_some() {
            note(Finding::warning(
                "coordinates-swapped",
                Text::new(
                    format!("第 {n} 行 经度 {east}、纬度 {north} 像是填反了,已对调"),
                    format!("row {n}: longitude {east} and latitude {north} seem to be swapped; they were put right"),
                ),
            ));
        }
    }
    let Some(at) = at else {
        let name = system.name();
        note(Finding::error(
            "coordinate-far",
            Text::new(
                format!("第 {n} 行 坐标 {shown} 按 {} 不在数据范围附近", name.zh),
                format!("row {n}: the position {shown} as {} is nowhere near the area", name.en),
            ),
        ));
        return None;
    };
    let coarse_m = if system.is_plane() { 0 } else { coarse(x.text, y.text) };
    if coarse_m > 0 {
        note(Finding::warning(
            COARSE,
            Text::new(
                format!("第 {n} 行 坐标 {shown} 小数位太少,位置只准到约 {coarse_m} 米"),
                format!("row {n}: the position {shown} has few decimals and is good to some {coarse_m} m only"),
            ),
        ));
    }
    let fine = |degrees: f64| (degrees * 1e7).round() / 1e7;
    let at = Coord { x: fine(at.x), y: fine(at.y) };
    Some(Position { at, source: [x, y].map(|cell| Cow::Borrowed(cell.text)), coarse_m })
}

/// Both cells, as findings show them.
#[derive(Clone, Copy)]
struct Shown<'a>(&'a str, &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.0, self.1)
    }
}

/// Metres that decimals leave open when both coordinates have two or fewer: a cell that a spreadsheet holds as a number
/// has lost its final zeros, and two ends with zeros at once are rare.
fn coarse(x: &str, y: &str) -> u32 {
    let decimals = |text: &str| match text.split_once('.') {
        Some((_, after)) if after.bytes().all(|b| b.is_ascii_digit()) => after.len(),
        None if text.bytes().all(|b| b.is_ascii_digit()) => 0,
        // degrees, minutes and seconds
        _ => usize::MAX,
    };
    match decimals(x).max(decimals(y)) {
        0 => 100_000,
        1 => 10_000,
        2 => 1_000,
        _ => 0,
    }
}
