//! A writer of vector tile layers (Mapbox Vector Tile Specification 2.1, protobuf).

use crate::columns::Value;
use crate::geometry::clip::Point;
use crate::geometry::mercator::EXTENT;
use std::collections::HashMap;

/// Kind of a feature's geometry, with the specification's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Point = 1,
    Line = 2,
    Polygon = 3,
}

/// A layer in the making. Values are written once and numbered; long texts, which rarely repeat, as they come.
pub(super) struct LayerWriter {
    name: String,
    keys: Vec<String>,
    key_codes: HashMap<String, u32>,
    values: Vec<u8>,
    value_count: u32,
    value_codes: HashMap<Vec<u8>, u32>,
    features: Vec<u8>,
    tags: Vec<u8>,
}

const COMMAND_MOVE: u32 = 1;
const COMMAND_LINE: u32 = 2;
const COMMAND_CLOSE: u32 = 7;
/// Texts of more bytes than this are not looked up for repetition.
const LONG_TEXT: usize = 24;

fn varint(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

fn zigzag(v: i32) -> u64 {
    u64::from(((v << 1) ^ (v >> 31)) as u32)
}

fn field(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    varint(out, u64::from(number << 3 | 2));
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

impl LayerWriter {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            keys: vec![],
            key_codes: HashMap::new(),
            values: vec![],
            value_count: 0,
            value_codes: HashMap::new(),
            features: vec![],
            tags: vec![],
        }
    }

    /// Adds an attribute to the next feature; nulls and lists are left out.
    pub(super) fn tag(&mut self, key: &str, value: Value<'_>) {
        let mut bytes = Vec::new();
        let mut long = false;
        match value {
            Value::Null | Value::Strings(..) => return,
            Value::Text(t) => {
                long = t.len() > LONG_TEXT;
                field(&mut bytes, 1, t.as_bytes());
            }
            Value::Integer(i) if i >= 0 => {
                bytes.push(5 << 3);
                varint(&mut bytes, i as u64);
            }
            Value::Integer(i) => {
                bytes.push(6 << 3);
                varint(&mut bytes, ((i << 1) ^ (i >> 63)) as u64);
            }
            Value::Number(f) => double(&mut bytes, f),
            Value::Decimal(digits, decimals) => double(&mut bytes, digits as f64 / 10f64.powi(decimals.into())),
            Value::Boolean(b) => bytes.extend_from_slice(&[7 << 3, u8::from(b)]),
        }
        let key = if let Some(&code) = self.key_codes.get(key) {
            code
        } else {
            let code = self.keys.len() as u32;
            self.keys.push(key.to_owned());
            self.key_codes.insert(key.to_owned(), code);
            code
        };
        let value = match self.value_codes.get(&bytes) {
            Some(&code) if !long => code,
            _ => {
                let code = self.value_count;
                self.value_count += 1;
                field(&mut self.values, 4, &bytes);
                if !long {
                    self.value_codes.insert(bytes, code);
                }
                code
            }
        };
        varint(&mut self.tags, key.into());
        varint(&mut self.tags, value.into());
    }

    /// Ends the feature whose attributes were given.
    pub(super) fn feature(&mut self, id: Option<u64>, kind: Kind, geometry: &[u8]) {
        let mut feature = Vec::with_capacity(geometry.len() + self.tags.len() + 24);
        if let Some(id) = id {
            feature.push(1 << 3);
            varint(&mut feature, id);
        }
        field(&mut feature, 2, &self.tags);
        feature.extend_from_slice(&[3 << 3, kind as u8]);
        field(&mut feature, 4, geometry);
        field(&mut self.features, 2, &feature);
        self.tags.clear();
    }

    /// Writes the layer as a part of a tile; nothing when it has no feature.
    pub(super) fn finish(self, out: &mut Vec<u8>) {
        if self.features.is_empty() {
            return;
        }
        let mut layer = Vec::with_capacity(self.features.len() + self.values.len() + 256);
        layer.extend_from_slice(&[15 << 3, 2]);
        field(&mut layer, 1, self.name.as_bytes());
        layer.extend_from_slice(&self.features);
        for key in &self.keys {
            field(&mut layer, 3, key.as_bytes());
        }
        layer.extend_from_slice(&self.values);
        layer.push(5 << 3);
        varint(&mut layer, EXTENT.into());
        field(out, 3, &layer);
    }
}

fn double(out: &mut Vec<u8>, f: f64) {
    out.push(3 << 3 | 1);
    out.extend_from_slice(&f.to_le_bytes());
}

/// Geometry commands, each position relative to the one before.
#[derive(Default)]
pub(super) struct Commands {
    pub(super) bytes: Vec<u8>,
    at: Point,
}

impl Commands {
    fn command(&mut self, id: u32, count: usize) {
        varint(&mut self.bytes, u64::from(id) | (count as u64) << 3);
    }

    fn go(&mut self, p: Point) {
        varint(&mut self.bytes, zigzag(p.0 - self.at.0));
        varint(&mut self.bytes, zigzag(p.1 - self.at.1));
        self.at = p;
    }

    pub(super) fn points(&mut self, points: &[Point]) {
        self.command(COMMAND_MOVE, points.len());
        points.iter().for_each(|p| self.go(*p));
    }

    fn path(&mut self, points: &[Point]) {
        self.points(&points[..1]);
        self.command(COMMAND_LINE, points.len() - 1);
        points[1..].iter().for_each(|p| self.go(*p));
    }

    /// A line of at least two different positions.
    pub(super) fn line(&mut self, points: &[Point]) {
        self.path(points);
    }

    /// A ring of at least three positions, the first not repeated.
    pub(super) fn ring(&mut self, points: &[Point]) {
        self.path(points);
        self.command(COMMAND_CLOSE, 1);
    }
}
