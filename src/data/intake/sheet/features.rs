//! GeoJSON as a table: a column for each property that occurs, longitude and latitude last. A collection with its members in
//! any order, a single feature, a bare geometry, an array of features, or one record after the other, with or without
//! separators (RFC 7946, RFC 8142, a feature a line).

use super::budget::Excess;
use super::cells::Kind;
use super::encoding::{Decoding, by_start, sniff};
use super::pull::{Fault, MOST, Pull, RECORD};
use super::reference::of_text;
use super::table::{Place, Table, whole};
use super::{Limits, Sheet, unreadable};
use crate::core::geometry::Sound;
use crate::core::model::Text;
use crate::core::query::list_text;
use crate::data::intake::finding::{Finding, Refusal, shorten};
use crate::data::intake::system::System;
use geojson::GeometryValue;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::{Read, Seek, SeekFrom};

/// Name of the column that is made of the feature's id.
pub const ID: &str = "id";

/// Features that are named one by one when they can't be read.
const NAMED: usize = 20;
/// Bytes of a member beside the features that is looked at.
const MEMBER: usize = 1 << 16;

/// Whether text is JSON of objects, by its first characters that say anything.
pub fn is_geojson(start: &[u8]) -> bool {
    let encoding = by_start(start).map_or(encoding_rs::UTF_8, |found| found.encoding);
    let (text, _) = encoding.decode_with_bom_removal(start);
    let mut says = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{1E}');
    match says.next() {
        Some('{') => matches!(says.next(), Some('"' | '}') | None),
        Some('[') => matches!(says.next(), Some('{' | ']') | None),
        _ => false,
    }
}

pub fn read<R: Read + Seek>(mut reader: R, limits: &Limits) -> Result<Sheet, Refusal> {
    let found = sniff(&mut reader).map_err(|e| unreadable(&e))?.ok_or_else(|| {
        let text = Text::new(
            "文件不是 UTF-8、UTF-16 或 GB18030(GBK)编码",
            "the file is in neither UTF-8, UTF-16 nor GB18030 (GBK)",
        );
        Refusal::new("encoding-unknown", text)
    })?;
    reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
    let mut table = Table::default();
    table.encoding(found.name());
    if !found.name().starts_with("UTF-8") {
        let name = found.name();
        let text = Text::new(
            format!("文件是 {name} 编码(GeoJSON 应为 UTF-8),已按此读取"),
            format!("the file is in {name}, where GeoJSON is UTF-8; it was read as such"),
        );
        table.note(Finding::info("encoding", text));
    }
    let mut file = File {
        text: Pull::new(Decoding::new(reader, found.encoding)),
        raw: Vec::new(),
        table,
        number: 0,
        broken: 0,
        first: None,
        limits,
    };
    file.records()?;
    file.finish()
}

/// A file that is being read.
struct File<'l, R> {
    text: Pull<R>,
    /// The value that is looked at; its memory is used again.
    raw: Vec<u8>,
    table: Table,
    /// Features so far.
    number: u32,
    /// Features that can't be read, and why the first can't.
    broken: usize,
    first: Option<Refusal>,
    limits: &'l Limits,
}

/// Members of an object beside its features.
#[derive(Default)]
struct Members {
    /// Of a feature or a geometry, as JSON of an object.
    own: Vec<u8>,
    features: bool,
    said: Said,
}

/// What tells one JSON from another.
#[derive(Default)]
struct Said {
    kind: Option<String>,
    names: Vec<String>,
}

impl Said {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }
}

impl<R: Read> File<'_, R> {
    /// All records of the file: usually one, the collection.
    fn records(&mut self) -> Result<(), Refusal> {
        loop {
            match self.text.next().map_err(|f| self.ends(&f))? {
                None => return Ok(()),
                Some(b'{') => match self.object() {
                    Ok(members) => self.record(members)?,
                    Err(Failure::Refused(refusal)) => return Err(refusal),
                    Err(Failure::Fault(fault)) => self.lost(&fault)?,
                },
                Some(b'[') => match self.features() {
                    Ok(()) => {}
                    Err(Failure::Refused(refusal)) => return Err(refusal),
                    Err(Failure::Fault(fault)) => return Err(self.ends(&fault)),
                },
                Some(RECORD | b',' | b'\n') => self.text.take(),
                Some(_) => self.lost(&Fault::Unexpected)?,
            }
        }
    }

    /// A record that breaks off: the next one is looked for.
    fn lost(&mut self, fault: &Fault) -> Result<(), Refusal> {
        if !matches!(fault, Fault::Unexpected) {
            return Err(self.ends(fault));
        }
        self.number += 1;
        self.bad("不是完整的 JSON", "is no whole JSON");
        self.text.resume().map_err(|f| self.ends(&f))
    }

    /// An object of the file's first level, whose features are taken on the way.
    fn object(&mut self) -> Result<Members, Failure> {
        self.text.expect(b'{')?;
        let mut members = Members::default();
        members.own.push(b'{');
        if self.text.next()? == Some(b'}') {
            self.text.take();
        } else {
            loop {
                self.member(&mut members)?;
                match self.text.next()? {
                    Some(b',') => self.text.take(),
                    Some(b'}') => {
                        self.text.take();
                        break;
                    }
                    Some(_) => return Err(Fault::Unexpected.into()),
                    None => return Err(Fault::End.into()),
                }
            }
        }
        members.own.push(b'}');
        Ok(members)
    }

    fn member(&mut self, members: &mut Members) -> Result<(), Failure> {
        if self.text.next()? != Some(b'"') {
            return Err(Fault::Unexpected.into());
        }
        let mut key = Vec::new();
        self.text.value(Some(&mut key), MEMBER)?;
        let name: String = serde_json::from_slice(&key).map_err(|_| Fault::Unexpected)?;
        self.text.expect(b':')?;
        if name == "features" && self.text.next()? == Some(b'[') {
            members.features = true;
            refuse(foreign(&members.said))?;
            return self.features();
        }
        let (said, own) = (&mut members.said, &mut members.own);
        match name.as_str() {
            "type" | "id" | "properties" | "geometry" | "coordinates" | "geometries" => {
                self.text.value(Some(&mut self.raw), MOST)?;
                if name == "type" {
                    said.kind = serde_json::from_slice(&self.raw).ok();
                }
                if own.len() + self.raw.len() > MOST {
                    return Err(Fault::Excess(Excess::Row(MOST)).into());
                }
                if own.len() > 1 {
                    own.push(b',');
                }
                own.extend_from_slice(&key);
                own.push(b':');
                own.extend_from_slice(&self.raw);
            }
            "crs" => {
                self.text.value(Some(&mut self.raw), MEMBER)?;
                if let Some(system) = system(&self.raw) {
                    self.table.system(system);
                }
            }
            _ => self.text.value(None, usize::MAX)?,
        }
        if said.names.len() < 64 {
            said.names.push(name);
        }
        Ok(())
    }

    /// An array of features.
    fn features(&mut self) -> Result<(), Failure> {
        self.text.expect(b'[')?;
        loop {
            match self.text.next()? {
                Some(b']') => break self.text.take(),
                Some(b',' | b'\n') => self.text.take(),
                Some(_) => {
                    let mut raw = std::mem::take(&mut self.raw);
                    let taken = self.text.value(Some(&mut raw), MOST);
                    self.raw = raw;
                    taken?;
                    refuse(self.feature())?;
                }
                None => return Err(Fault::End.into()),
            }
        }
        Ok(())
    }

    /// What an object of the first level is, when it has come to its end.
    fn record(&mut self, members: Members) -> Result<(), Refusal> {
        foreign(&members.said)?;
        let kind = members.said.kind.as_deref();
        if members.features || kind == Some("FeatureCollection") {
            return Ok(());
        }
        if kind.is_none() && self.number == 0 && self.text.next().is_ok_and(|next| next.is_none()) {
            return Err(other_json(&members.said));
        }
        // a feature that ends with its line: so do the others
        if self.number == 0 && self.text.line_ends().map_err(|f| self.ends(&f))? && !members.own.contains(&b'\n') {
            self.text.by_line = true;
        }
        self.raw = members.own;
        self.feature()
    }

    /// The feature in `raw`.
    fn feature(&mut self) -> Result<(), Refusal> {
        self.number += 1;
        let raw = std::mem::take(&mut self.raw);
        let done = match parsed(&raw, self.limits.shapes) {
            Ok(feature) if feature.attributes.is_some() && feature.properties.is_none() => Err(esri()),
            Ok(feature) => {
                self.row(feature);
                self.table.end_row(self.number, self.limits)
            }
            Err(why) => {
                let (zh, en) = why;
                self.bad(&zh, &en);
                Ok(())
            }
        };
        self.raw = raw;
        done
    }

    fn row(&mut self, feature: Parsed) {
        let table = &mut self.table;
        match feature.id {
            Some(Json::String(s)) => table.put(ID, Kind::Text, s),
            Some(Json::Number(n)) => table.put(ID, Kind::Text, n.to_string()),
            _ => {}
        }
        for (name, value) in feature.properties.into_iter().flatten() {
            let (kind, text) = match value {
                Json::Null => continue,
                Json::Bool(b) => (Kind::Boolean, b.to_string()),
                Json::Number(n) => match n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from)) {
                    Some(n) => whole(n),
                    None => (Kind::Number, n.to_string()),
                },
                Json::String(s) => (Kind::Text, s),
                Json::Array(list) => {
                    let words: Vec<String> =
                        list.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
                    (Kind::Text, list_text(words.iter().map(String::as_str)))
                }
                Json::Object(_) => (Kind::Text, value.to_string()),
            };
            table.put(&name, kind, text);
        }
        table.place(feature.place);
    }

    /// A feature that can't be read: its row is left out, and named.
    fn bad(&mut self, zh: &str, en: &str) {
        let (number, zh, en) = (self.number, shorten(zh), shorten(en));
        self.broken += 1;
        let text = Text::new(
            format!("第 {number} 个要素读不出,未导入:{zh}"),
            format!("feature {number} can't be read and was left out: {en}"),
        );
        if self.first.is_none() {
            self.first = Some(Refusal::new("geojson-broken", text.clone()));
        }
        if self.broken <= NAMED {
            self.table.note(Finding::error("feature-broken", text).row(number));
        }
    }

    /// A file that can't be read on.
    fn ends(&self, fault: &Fault) -> Refusal {
        let after = self.number;
        match fault {
            Fault::Excess(excess) => excess.refusal(),
            Fault::Io(e) => unreadable(e),
            Fault::End => Refusal::new(
                "geojson-broken",
                Text::new(
                    format!("文件在第 {after} 个要素之后中断,不完整"),
                    format!("the file breaks off after feature {after}: it is not complete"),
                ),
            ),
            Fault::Unexpected => Refusal::new(
                "geojson-broken",
                Text::new(
                    format!("第 {after} 个要素之后不是有效的 JSON"),
                    format!("what follows feature {after} is no valid JSON"),
                ),
            ),
        }
    }

    fn finish(mut self) -> Result<Sheet, Refusal> {
        if self.broken > NAMED {
            let (all, named) = (self.broken, NAMED);
            let text = Text::new(
                format!("共有 {all} 个要素读不出,未导入;以上列出前 {named} 个"),
                format!("{all} features can't be read and were left out; the first {named} are named above"),
            );
            self.table.note(Finding::error("feature-broken", text));
        }
        match self.first {
            Some(refusal) if self.broken == self.number as usize => Err(refusal),
            _ => self.table.finish(),
        }
    }
}

/// Why the reading of an object ends.
enum Failure {
    Fault(Fault),
    Refused(Refusal),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn refuse<T>(done: Result<T, Refusal>) -> Result<T, Failure> {
    done.map_err(Failure::Refused)
}

/// A feature as it stands.
#[derive(Deserialize)]
struct Raw<'r> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'r, str>>,
    id: Option<Json>,
    properties: Option<Json>,
    #[serde(borrow)]
    geometry: Option<&'r RawValue>,
    attributes: Option<serde::de::IgnoredAny>,
}

struct Parsed {
    id: Option<Json>,
    properties: Option<serde_json::Map<String, Json>>,
    attributes: Option<()>,
    place: Place,
}

/// Reads a feature or a bare geometry, or says why it is none, zh and en.
fn parsed(raw: &[u8], shapes: bool) -> Result<Parsed, (String, String)> {
    let both = |zh: &str, en: &str| Err((zh.to_owned(), en.to_owned()));
    let feature: Raw = match serde_json::from_slice(raw) {
        Ok(feature) => feature,
        Err(_) if raw.first() != Some(&b'{') => return both("不是对象", "is no object"),
        Err(e) => {
            let word =
                ["NaN", "Infinity"].into_iter().find(|word| memchr::memmem::find(raw, word.as_bytes()).is_some());
            return match word {
                Some(word) => both(
                    &format!("含有 {word},JSON 没有这样的数"),
                    &format!("it holds {word}, which is no number of JSON"),
                ),
                None => Err(no_json(&e)),
            };
        }
    };
    let properties = match feature.properties {
        None | Some(Json::Null) => None,
        Some(Json::Object(properties)) => Some(properties),
        Some(_) => return both("properties 不是对象", "its properties are no object"),
    };
    let attributes = feature.attributes.map(|_| ());
    let place = match feature.kind.as_deref() {
        // of ArcGIS: its geometries are others
        None if attributes.is_some() && properties.is_none() => Place::None,
        Some("Feature") | None if properties.is_some() || feature.geometry.is_some() || feature.kind.is_some() => {
            feature.geometry.map_or(Ok(Place::None), |geometry| place(geometry.get(), shapes))?
        }
        None => return both("没有 type 成员,不是 GeoJSON 要素", "it has no member type and is no feature of GeoJSON"),
        Some(_) => {
            let text =
                std::str::from_utf8(raw).map_err(|_| ("不是 UTF-8 文字".to_owned(), "it is no UTF-8".to_owned()))?;
            place(text, shapes)?
        }
    };
    Ok(Parsed { id: feature.id, properties, attributes, place })
}

/// Where an object is no JSON, zh and en. What the library says of it is in English.
fn no_json(e: &serde_json::Error) -> (String, String) {
    let (line, column) = (e.line(), e.column());
    (
        format!("要素的第 {line} 行第 {column} 列不是有效的 GeoJSON"),
        format!("what stands at line {line}, column {column} of it is no valid GeoJSON"),
    )
}

/// Where a geometry lies, or why it is none. Lines and areas are made only where they are kept.
fn place(text: &str, shapes: bool) -> Result<Place, (String, String)> {
    if text.trim() == "null" {
        return Ok(Place::None);
    }
    let geometry: geojson::Geometry = serde_json::from_str(text).map_err(|_| {
        let empty =
            serde_json::from_str::<Json>(text).is_ok_and(|g| g["coordinates"].as_array().is_some_and(Vec::is_empty));
        if empty {
            return ("几何没有任何坐标".to_owned(), "its geometry has no coordinates".to_owned());
        }
        ("几何不是有效的 GeoJSON".to_owned(), "its geometry is no valid GeoJSON".to_owned())
    })?;
    match &geometry.value {
        value
            if shapes
                || matches!(
                    value,
                    GeometryValue::Point { .. }
                        | GeometryValue::MultiPoint { .. }
                        | GeometryValue::GeometryCollection { .. }
                ) =>
        {
            let sound = Sound::from_geojson(&geometry.value).map_err(|defect| {
                let (zh, en) = defect.words();
                (format!("几何{zh}"), format!("its geometry {en}"))
            })?;
            Ok(Place::from(sound.into_inner()))
        }
        // a line or an area has no position here, whatever its shape
        _ => Ok(Place::Other(None)),
    }
}

/// The reference system of a `crs` member (GeoJSON of 2008); none where it is null.
fn system(raw: &[u8]) -> Option<Result<System, String>> {
    let json: Json = serde_json::from_slice(raw).ok()?;
    let name = match &json {
        Json::Null => return None,
        Json::String(name) => name.clone(),
        other => {
            let properties = &other["properties"];
            let code = properties["code"].as_u64().map(|code| code.to_string());
            let code = code.or_else(|| properties["code"].as_str().map(str::to_owned));
            match (properties["name"].as_str(), code) {
                (Some(name), _) => name.to_owned(),
                (None, Some(code)) => format!("EPSG:{code}"),
                (None, None) => properties["href"].as_str().map_or_else(|| other.to_string(), str::to_owned),
            }
        }
    };
    Some(of_text(&name).map_err(|_| name))
}

/// JSON of other sorts that people take for GeoJSON.
fn foreign(said: &Said) -> Result<(), Refusal> {
    let esri_only = ["displayFieldName", "spatialReference", "geometryType", "fieldAliases"];
    if said.kind.as_deref() == Some("Topology") || (said.has("arcs") && said.has("objects")) {
        return Err(named(
            "TopoJSON",
            "用 mapshaper(-o format=geojson)或 QGIS 转为 GeoJSON",
            "turn it into GeoJSON with mapshaper (-o format=geojson) or QGIS",
        ));
    }
    if said.has("UTF8Encoding") {
        return Err(named(
            "ECharts 地图的压缩编码(UTF8Encoding)/an ECharts map in its packed encoding (UTF8Encoding)",
            "用 ECharts 的 parseGeoJSON 解码后另存,或向来源索取原始 GeoJSON",
            "decode it with parseGeoJSON of ECharts and save that, or get the GeoJSON that it was made of",
        ));
    }
    if said.kind.is_none() && esri_only.iter().filter(|name| said.has(name)).count() >= 2 {
        return Err(esri());
    }
    Ok(())
}

/// JSON that is no geographic data.
fn other_json(said: &Said) -> Refusal {
    let names: Vec<String> = said.names.iter().take(5).map(|n| shorten(n)).collect();
    let names = names.join(", ");
    named(
        &format!("JSON,但不是 GeoJSON(成员:{names})/JSON, but no GeoJSON (its members: {names})"),
        "导出为 GeoJSON(FeatureCollection)、xlsx 或 CSV",
        "export GeoJSON (a FeatureCollection), xlsx or CSV",
    )
}

fn esri() -> Refusal {
    named(
        "EsriJSON",
        "在 ArcGIS 查询地址中用 f=geojson,或用 QGIS、GDAL(ogr2ogr)转为 GeoJSON",
        "ask ArcGIS with f=geojson, or turn it into GeoJSON with QGIS or GDAL (ogr2ogr)",
    )
}

/// JSON that is named for what it is, with the way out; the name in both languages where they differ.
fn named(what: &str, zh: &str, en: &str) -> Refusal {
    let (what_zh, what_en) = what.split_once('/').unwrap_or((what, what));
    let text = Text::new(format!("文件是 {what_zh},不能直接读取"), format!("the file is {what_en}, which is not read"));
    Refusal::new("json-other", text).with_remedy(Text::new(zh, en))
}
