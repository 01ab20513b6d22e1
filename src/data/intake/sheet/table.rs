//! Features of any format as a table: a column for each attribute that occurs, and two for the position.

use super::budget::{self, Excess};
use super::cells::{Kind, Row};
use super::{Column, Limits, Sheet};
use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::{Finding, Refusal, shorten};
use crate::data::intake::system::System;
use geo::{Coord, CoordsIter, Geometry};
use std::collections::HashMap;

/// Names of the columns that are made of the geometry: eastern and northern value, whatever their system.
pub const LON: &str = "longitude";
pub const LAT: &str = "latitude";

/// Columns that a table ever has: one feature may have more names than memory.
const MOST_COLUMNS: usize = 4096;

/// Where a feature lies.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// Nowhere.
    None,
    /// At an eastern and a northern value.
    Point(f64, f64),
    /// A line, an area or several points; its shape where the reader has made it.
    Other(Option<Box<Geometry<f64>>>),
}

impl Place {
    /// A line, an area or several points.
    pub fn shape(geometry: impl Into<Geometry<f64>>) -> Self {
        Self::Other(Some(Box::new(geometry.into())))
    }
}

impl From<Geometry<f64>> for Place {
    /// Several points that are one are a point, and so is what has one point beside its lines and areas.
    fn from(geometry: Geometry<f64>) -> Self {
        let (mut points, mut others, mut open) = (Vec::new(), false, vec![&geometry]);
        while let Some(next) = open.pop() {
            match next {
                Geometry::Point(p) => points.push(*p),
                Geometry::MultiPoint(m) => points.extend(m),
                Geometry::GeometryCollection(all) => open.extend(all),
                _ => others = true,
            }
        }
        points.dedup();
        match points[..] {
            [p] => Self::Point(p.x(), p.y()),
            [] if !others => Self::None,
            _ => Self::shape(geometry),
        }
    }
}

/// A whole number that the file holds as such. Beyond 2^53 it is a code: as a number it would be taken for one that a
/// spreadsheet has rounded.
pub fn whole(n: i128) -> (Kind, String) {
    let kind = if n.unsigned_abs() > 1 << 53 { Kind::Text } else { Kind::Number };
    (kind, n.to_string())
}

/// A table that grows feature by feature.
#[derive(Default)]
pub struct Table {
    columns: Vec<Column>,
    places: HashMap<String, usize>,
    sheet: Sheet,
    row: Row,
    cells: Vec<Option<(Kind, String)>>,
    no_points: usize,
    /// The line or area of the feature.
    shape: Option<Box<Geometry<f64>>>,
    /// Bytes of those that are kept.
    held: u64,
}

impl Table {
    /// Gives the feature a value.
    pub fn put(&mut self, name: &str, kind: Kind, text: String) {
        let columns = &mut self.columns;
        let place = if let Some(place) = self.places.get(name) {
            *place
        } else if columns.len() == MOST_COLUMNS {
            // beyond what any limit allows: the row is refused at its end
            return;
        } else {
            columns.push(Column { name: name.to_owned(), unit: None });
            self.places.insert(name.to_owned(), columns.len() - 1);
            columns.len() - 1
        };
        if self.cells.len() <= place {
            self.cells.resize(place + 1, None);
        }
        self.cells[place] = Some((kind, text));
    }

    /// Says where the feature lies. Values that are no numbers are no position.
    pub fn place(&mut self, place: Place) {
        match place {
            Place::Point(x, y) if x.is_finite() && y.is_finite() => {
                self.put(LON, Kind::Number, x.to_string());
                self.put(LAT, Kind::Number, y.to_string());
            }
            Place::Other(shape) => {
                self.no_points += 1;
                self.shape = shape;
            }
            Place::None | Place::Point(..) => {}
        }
    }

    /// Ends the feature with its number in the file.
    pub fn end_row(&mut self, number: u32, limits: &Limits) -> Result<(), Refusal> {
        cancel::check();
        let cells = &self.sheet.cells;
        if self.cells.iter().flatten().any(|(_, text)| text.len() > budget::CELL) {
            return Err(Excess::Cell(budget::CELL).refusal());
        }
        if self.columns.len() > limits.columns
            || cells.len() >= limits.rows
            || cells.count() + self.cells.len() > limits.cells
        {
            let (columns, rows, cells) = (limits.columns, limits.rows, limits.cells);
            return Err(Refusal::new(
                "table-too-large",
                Text::new(
                    format!("文件超过 {columns} 列、{rows} 行或 {cells} 个单元格"),
                    format!("the file has more than {columns} columns, {rows} rows or {cells} cells"),
                ),
            ));
        }
        self.row.clear();
        for cell in &mut self.cells {
            match cell.take() {
                Some((kind, text)) => self.row.push(kind, &text),
                None => self.row.push(Kind::Empty, ""),
            }
        }
        self.sheet.cells.push(number, &self.row);
        let shape = self.shape.take();
        if limits.shapes {
            let bytes = shape.as_ref().map_or(0, |s| s.coords_count() * size_of::<Coord<f64>>());
            self.held += bytes as u64;
            self.sheet.shapes.push(shape.map(|s| *s));
        }
        limits.less(self.held)?.bear(&self.sheet.cells)
    }

    /// Adds what was left out or assumed.
    pub fn note(&mut self, finding: Finding) {
        self.sheet.findings.push(finding);
    }

    /// Says how many geometries can't be read.
    pub fn broken_geometries(&mut self, n: usize) {
        if n > 0 {
            let text = Text::new(
                format!("{n} 个要素的几何读不出,按无位置读取"),
                format!("the geometries of {n} features can't be read; they were read without position"),
            );
            self.note(Finding::warning("geometry-broken", text));
        }
    }

    /// Says in which of the file's layers the features are, and that others are left.
    pub fn layer(&mut self, name: &str, all: &[String]) {
        self.sheet.name = Some(name.to_owned());
        self.sheet.names = all.to_vec();
        let others: Vec<&str> = all.iter().filter(|n| *n != name).map(String::as_str).take(20).collect();
        if !others.is_empty() {
            let (name, others) = (shorten(name), others.join("、"));
            self.note(Finding::info(
                "sheet-chosen",
                Text::new(
                    format!("读取了图层“{name}”,未读取:{others}"),
                    format!("the layer “{name}” was read, not: {others}"),
                ),
            ));
        }
    }

    /// Says which encoding the text has.
    pub fn encoding(&mut self, name: &'static str) {
        self.sheet.encoding = Some(name);
    }

    /// Takes what the file says of its reference system: a system that is known, or the words for another.
    pub fn system(&mut self, said: Result<System, String>) {
        match said {
            Ok(system) => {
                self.sheet.stated = Some(system);
                let name = system.name();
                self.note(Finding::info(
                    "crs-in-file",
                    Text::new(
                        format!("文件写明坐标系为 {}", name.zh),
                        format!("the file states its system: {}", name.en),
                    ),
                ));
            }
            Err(words) => {
                let words = shorten(&words);
                self.note(Finding::warning(
                    "crs-in-file-unknown",
                    Text::new(
                        format!("文件写明的坐标系“{words}”不在支持之列,不会按其他坐标系写入"),
                        format!("the file states a system that is not supported, {words:?}; it is taken for no other"),
                    ),
                ));
                self.sheet.foreign = Some(words);
            }
        }
    }

    /// Says that the file does not state its reference system.
    pub fn no_system(&mut self) {
        let text = Text::new("文件没有写明坐标系", "the file does not state its system");
        self.note(Finding::info("crs-not-in-file", text));
    }

    /// The table.
    pub fn finish(self) -> Result<Sheet, Refusal> {
        if self.sheet.cells.is_empty() {
            return Err(Refusal::new("no-rows", Text::new("文件里没有要素", "the file holds no feature")));
        }
        let mut sheet = Sheet { columns: self.columns, ..self.sheet };
        if self.no_points > 0 && sheet.shapes.is_empty() {
            let n = self.no_points;
            let text = Text::new(
                format!("{n} 个要素的图形不是点,按无位置读取"),
                format!("{n} features are no points and were read without position"),
            );
            sheet.findings.push(Finding::warning("not-a-point", text));
        }
        Ok(sheet)
    }
}

/// One of several layers: the one that is requested, else the only one.
pub fn choose<'a>(names: &'a [String], wanted: Option<&str>) -> Result<&'a str, Refusal> {
    let all = || names.iter().map(|n| shorten(n)).take(20).collect::<Vec<_>>().join("、");
    let refused = |code, zh: String, en: String| Err(Refusal::new(code, Text::new(zh, en)).among(names));
    match (wanted, names) {
        (Some(wanted), _) => names.iter().find(|n| *n == wanted).map(String::as_str).map_or_else(
            || {
                let (wanted, all) = (shorten(wanted), all());
                let zh = format!("没有名为“{wanted}”的图层;有:{all}");
                refused("sheet-unknown", zh, format!("there is no layer “{wanted}”; there are: {all}"))
            },
            Ok,
        ),
        (None, [only]) => Ok(only),
        (None, []) => refused("no-rows", "文件里没有图层".into(), "the file holds no layer".into()),
        (None, _) => {
            let (n, all) = (names.len(), all());
            let zh = format!("文件里有 {n} 个图层,请指定其中一个:{all}");
            refused("layers-several", zh, format!("the file holds {n} layers; say which one is meant: {all}"))
        }
    }
}
