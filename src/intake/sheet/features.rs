//! GeoJSON as a table: a column for each property that occurs, longitude and latitude last.

use super::cells::{Kind, Row};
use super::{Column, Limits, Sheet, unreadable};
use crate::intake::finding::{Finding, Refusal};
use crate::model::Text;
use geojson::{Feature, FeatureReader, GeometryValue, JsonValue};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

/// Names of the columns that are made of the geometry and of the feature's id.
pub const LON: &str = "longitude";
pub const LAT: &str = "latitude";
pub const ID: &str = "id";

/// Bytes of one feature of a sequence.
const LONGEST_LINE: u64 = 16 << 20;

/// Whether text is GeoJSON, by its first character that says anything.
pub fn is_geojson(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    matches!(start.iter().find(|b| !b.is_ascii_whitespace() && **b != 0x1E), Some(b'{'))
}

pub fn read<R: Read + Seek>(mut reader: R, limits: &Limits) -> Result<Sheet, Refusal> {
    let mut first = [0; 4096];
    let n = reader.read(&mut first).map_err(|e| unreadable(&e))?;
    let collection = memchr::memmem::find(&first[..n], b"FeatureCollection").is_some();
    let skip = if first[..n].starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    reader.seek(SeekFrom::Start(skip)).map_err(|e| unreadable(&e))?;
    let mut table = Table::default();
    let reader = BufReader::with_capacity(1 << 16, reader);
    if collection {
        for (number, feature) in (1..).zip(FeatureReader::from_reader(reader).features()) {
            table.add(number, &feature.map_err(|e| broken(number, &e))?, limits)?;
        }
    } else {
        sequence(reader, &mut table, limits)?;
    }
    table.finish()
}

/// One feature a line, with or without the record separator of RFC 8142.
fn sequence(mut reader: impl BufRead, table: &mut Table, limits: &Limits) -> Result<(), Refusal> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|e| unreadable(&e))?;
        if read == 0 {
            break;
        }
        let text = line.trim_ascii_start();
        let text = text.strip_prefix(b"\x1E").unwrap_or(text);
        if !text.trim_ascii().is_empty() {
            let feature: Feature = serde_json::from_slice(text).map_err(|e| broken(number, &e))?;
            table.add(number, &feature, limits)?;
        }
    }
    Ok(())
}

fn broken(number: u32, e: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(
        "geojson-broken",
        Text::new(
            format!("第 {number} 个要素不是有效的 GeoJSON:{e}"),
            format!("feature {number} is no valid GeoJSON: {e}"),
        ),
    )
}

#[derive(Default)]
struct Table {
    columns: Vec<Column>,
    places: HashMap<String, usize>,
    sheet: Sheet,
    row: Row,
    cells: Vec<Option<(Kind, String)>>,
    no_points: usize,
}

impl Table {
    fn put(&mut self, name: &str, kind: Kind, text: String) {
        let columns = &mut self.columns;
        let place = *self.places.entry(name.to_owned()).or_insert_with(|| {
            columns.push(Column { name: name.to_owned(), unit: None });
            columns.len() - 1
        });
        if self.cells.len() <= place {
            self.cells.resize(place + 1, None);
        }
        self.cells[place] = Some((kind, text));
    }

    fn add(&mut self, number: u32, feature: &Feature, limits: &Limits) -> Result<(), Refusal> {
        self.cells.fill(None);
        match &feature.id {
            Some(geojson::feature::Id::String(s)) => self.put(ID, Kind::Text, s.clone()),
            Some(geojson::feature::Id::Number(n)) => self.put(ID, Kind::Text, n.to_string()),
            None => {}
        }
        for (name, value) in feature.properties.iter().flatten() {
            let (kind, text) = match value {
                JsonValue::Null => continue,
                JsonValue::Bool(b) => (Kind::Boolean, b.to_string()),
                JsonValue::Number(n) => (Kind::Number, n.to_string()),
                JsonValue::String(s) => (Kind::Text, s.clone()),
                JsonValue::Array(list) => {
                    let words: Vec<String> =
                        list.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
                    (Kind::Text, words.join("、"))
                }
                JsonValue::Object(_) => (Kind::Text, value.to_string()),
            };
            self.put(name, kind, text);
        }
        if let Some(geometry) = &feature.geometry {
            if let GeometryValue::Point { coordinates } = &geometry.value
                && let [x, y, ..] = coordinates.as_slice()
            {
                self.put(LON, Kind::Number, x.to_string());
                self.put(LAT, Kind::Number, y.to_string());
            } else {
                self.no_points += 1;
            }
        }
        if self.columns.len() > limits.columns || self.sheet.cells.len() >= limits.rows {
            return Err(Refusal::new(
                "table-too-large",
                Text::new(
                    format!("文件超过 {} 列或 {} 行", limits.columns, limits.rows),
                    format!("the file has more than {} columns or {} rows", limits.columns, limits.rows),
                ),
            ));
        }
        self.row.clear();
        for cell in &self.cells {
            let (kind, text) = cell.as_ref().map_or((Kind::Empty, ""), |(k, t)| (*k, t.as_str()));
            self.row.push(kind, text);
        }
        self.sheet.cells.push(number, &self.row);
        Ok(())
    }

    fn finish(self) -> Result<Sheet, Refusal> {
        if self.sheet.cells.is_empty() {
            return Err(Refusal::new("no-rows", Text::new("文件里没有要素", "the file holds no feature")));
        }
        let mut sheet = Sheet { columns: self.columns, ..self.sheet };
        if self.no_points > 0 {
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
