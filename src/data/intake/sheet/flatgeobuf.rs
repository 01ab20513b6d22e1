//! FlatGeobuf, in the order in which its features are stored.

use super::cells::Kind;
use super::moment::of_iso;
use super::reference::of_either;
use super::table::{Place, Table, whole};
use super::{Limits, Sheet, unreadable};
use crate::core::cancel;
use crate::core::model::Text;
use crate::core::query::list_text;
use crate::data::intake::finding::{Finding, Refusal};
use ::flatgeobuf::{
    FallibleStreamingIterator, FeatureProperties, FgbFeature, FgbReader, Geometry as FgbGeometry, GeometryType, Header,
    packed_r_tree::PackedRTree,
};
use geo::{Coord, LineString, MultiPolygon, Polygon};
use geozero::{ColumnValue, PropertyProcessor};
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Collections inside each other.
const DEEPEST: usize = 8;
/// Bytes of one feature.
const LONGEST: u32 = 16 << 20;

/// The library indexes damaged features without looking, which ends in a panic that is caught here.
pub fn read<R: Read + Seek>(reader: R, limits: &Limits) -> Result<Sheet, Refusal> {
    cancel::guarded(|| features(reader, limits)).unwrap_or_else(|| Err(broken(&"")))
}

fn features<R: Read + Seek>(mut reader: R, limits: &Limits) -> Result<Sheet, Refusal> {
    let file = FgbReader::open(&mut reader).map_err(|e| broken(&e))?;
    let (mut table, points) = (Table::default(), file.header().geometry_type());
    about(&file.header(), &mut table);
    let index = match (file.header().features_count(), file.header().index_node_size()) {
        (0, _) | (_, 0) => 0,
        // beyond this the index alone is larger than any file that is read
        (count, _) if count > 1 << 32 => return Err(broken(&"index")),
        (count, node) => PackedRTree::index_size(count as usize, node.max(2)) as u64,
    };
    drop(file);
    let count = walk(&mut reader, index)?;
    reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
    let file = FgbReader::open(BufReader::with_capacity(1 << 16, reader)).map_err(|e| broken(&e))?;
    let declared = file.header().features_count();
    if declared != 0 && declared != count {
        return Err(broken(&format!("{count} of {declared} features")));
    }
    let mut features = file.select_all_seq().map_err(|e| broken(&e))?;
    let (mut number, mut unread) = (0, 0_usize);
    while let Some(feature) = features.next().map_err(|e| broken(&e))? {
        number += 1;
        let mut row = Row { table: &mut table, unread: &mut unread };
        feature.process_properties(&mut row).map_err(|e| broken(&e))?;
        table.place(place(feature, points));
        table.end_row(number, limits)?;
    }
    if unread > 0 {
        table.note(Finding::unread(["binary".to_owned()]));
    }
    table.finish()
}

/// What the header says of name and reference system.
fn about(header: &Header, table: &mut Table) {
    if let Some(name) = header.name().filter(|n| !n.is_empty()) {
        table.layer(name, &[]);
    }
    match header.crs().filter(|c| c.code() != 0 || c.wkt().is_some()) {
        Some(crs) => table.system(of_either(
            crs.org().unwrap_or("EPSG"),
            &crs.code_string().map_or_else(|| crs.code().to_string(), str::to_owned),
            crs.wkt().or(crs.name()).unwrap_or_default(),
        )),
        None => table.no_system(),
    }
}

/// Counts the features by their lengths and refuses what is cut off or too long, for which the library would reserve
/// memory.
fn walk<R: Read + Seek>(reader: &mut R, index: u64) -> Result<u64, Refusal> {
    let failed = |e: io::Error| unreadable(&e);
    let end = reader.seek(SeekFrom::End(0)).map_err(failed)?;
    reader.seek(SeekFrom::Start(8)).map_err(failed)?;
    let mut reader = BufReader::with_capacity(1 << 16, reader);
    let mut length = || -> Result<u32, Refusal> {
        let mut bytes = [0; 4];
        reader.read_exact(&mut bytes).map_err(|e| broken(&e))?;
        Ok(u32::from_le_bytes(bytes))
    };
    let mut at = 12 + u64::from(length()?) + index;
    let mut count = 0;
    if at > end {
        return Err(broken(&"it is cut off"));
    }
    reader.seek(SeekFrom::Start(at)).map_err(failed)?;
    while at < end {
        let mut bytes = [0; 4];
        reader.read_exact(&mut bytes).map_err(|e| broken(&e))?;
        let length = u32::from_le_bytes(bytes);
        at += 4 + u64::from(length);
        if !(8..=LONGEST).contains(&length) || at > end {
            let n = count + 1;
            let text = Text::new(
                format!("FlatGeobuf 已损坏或不完整:第 {n} 个要素读不出"),
                format!("the FlatGeobuf is damaged or incomplete: feature {n} can't be read"),
            );
            return Err(Refusal::new("flatgeobuf-broken", text));
        }
        reader.seek_relative(length.into()).map_err(failed)?;
        count += 1;
    }
    Ok(count)
}

fn place(feature: &FgbFeature, of_all: GeometryType) -> Place {
    let Some(geometry) = feature.geometry() else { return Place::None };
    let sort = if of_all == GeometryType::Unknown { geometry.type_() } else { of_all };
    // a collection of one point is that point
    let (mut points, mut others, mut open) = (Vec::new(), false, vec![(geometry, sort, DEEPEST)]);
    while let Some((geometry, sort, deep)) = open.pop() {
        match (sort, geometry.xy()) {
            (GeometryType::Point | GeometryType::MultiPoint, Some(xy)) if xy.len() > 2 => others = true,
            (GeometryType::Point | GeometryType::MultiPoint, Some(xy)) if xy.len() == 2 => {
                points.push((xy.get(0), xy.get(1)));
            }
            (GeometryType::Point | GeometryType::MultiPoint, _) => {}
            (GeometryType::GeometryCollection, _) if deep > 0 => {
                open.extend(geometry.parts().into_iter().flatten().map(|part| (part, part.type_(), deep - 1)));
            }
            _ => others = true,
        }
    }
    points.dedup();
    match points[..] {
        [(x, y)] => Place::Point(x, y),
        [] if !others => Place::None,
        _ => {
            let mut polygons = Vec::new();
            areas(&geometry, sort, DEEPEST, &mut polygons);
            if polygons.is_empty() { Place::Other(None) } else { Place::shape(MultiPolygon(polygons)) }
        }
    }
}

/// The polygons of a geometry.
fn areas(geometry: &FgbGeometry, sort: GeometryType, deep: usize, out: &mut Vec<Polygon<f64>>) {
    match sort {
        GeometryType::Polygon => {
            let xy: Vec<f64> = geometry.xy().into_iter().flatten().collect();
            let whole = xy.len() as u32 / 2;
            let ends: Vec<u32> = geometry.ends().map_or_else(|| vec![whole], |ends| ends.iter().collect());
            let mut from = 0;
            let mut rings = ends.into_iter().filter_map(|end| {
                let part = xy.get(from * 2..end as usize * 2)?;
                from = end as usize;
                Some(part.chunks_exact(2).map(|p| Coord { x: p[0], y: p[1] }).collect::<LineString<f64>>())
            });
            if let Some(outer) = rings.next() {
                out.push(Polygon::new(outer, rings.collect()));
            }
        }
        GeometryType::MultiPolygon | GeometryType::GeometryCollection if deep > 0 => {
            for part in geometry.parts().into_iter().flatten() {
                let sort = if sort == GeometryType::MultiPolygon { GeometryType::Polygon } else { part.type_() };
                areas(&part, sort, deep - 1, out);
            }
        }
        _ => {}
    }
}

/// Takes the properties of a feature.
struct Row<'a> {
    table: &'a mut Table,
    unread: &'a mut usize,
}

impl PropertyProcessor for Row<'_> {
    fn property(&mut self, _: usize, name: &str, value: &ColumnValue) -> geozero::error::Result<bool> {
        let number = |n: &dyn std::fmt::Display| (Kind::Number, n.to_string());
        let (kind, text) = match value {
            ColumnValue::Byte(n) => number(n),
            ColumnValue::UByte(n) => number(n),
            ColumnValue::Bool(b) => (Kind::Boolean, b.to_string()),
            ColumnValue::Short(n) => number(n),
            ColumnValue::UShort(n) => number(n),
            ColumnValue::Int(n) => number(n),
            ColumnValue::UInt(n) => number(n),
            ColumnValue::Long(n) => whole((*n).into()),
            ColumnValue::ULong(n) => whole((*n).into()),
            ColumnValue::Float(x) if x.is_finite() => number(x),
            ColumnValue::Double(x) if x.is_finite() => number(x),
            ColumnValue::Float(_) | ColumnValue::Double(_) => return Ok(false),
            ColumnValue::String(s) => (Kind::Text, (*s).to_owned()),
            ColumnValue::Json(s) => (Kind::Text, words(s)),
            ColumnValue::DateTime(s) => of_iso(s),
            ColumnValue::Binary(_) => {
                *self.unread += 1;
                return Ok(false);
            }
        };
        self.table.put(name, kind, text);
        Ok(false)
    }
}

/// A list of words as one text; any other JSON as it stands.
fn words(json: &str) -> String {
    let words = serde_json::from_str::<Vec<String>>(json);
    words.map_or_else(|_| json.to_owned(), |words| list_text(words.iter().map(String::as_str)))
}

fn broken(e: &dyn std::fmt::Display) -> Refusal {
    let text =
        Text::new("FlatGeobuf 已损坏或不完整,读不出", "the FlatGeobuf is damaged or incomplete and can't be read");
    Refusal::broken("flatgeobuf-broken", text, e)
}
