//! A writer of vector tile layers (Mapbox Vector Tile Specification 2.1, protobuf).

use crate::core::columns::Value;
use crate::core::geometry::clip::Point;
use crate::core::geometry::mercator::EXTENT;
use rustc_hash::FxHashMap;

/// Kind of a feature's geometry, with the specification's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Point = 1,
    Line = 2,
    Polygon = 3,
}

/// The number of an attribute's name in a layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key(u32);

/// The numbers of values that come from a list of words, known once written.
pub(super) struct Words(Vec<Option<u32>>);

impl Words {
    pub(super) fn new(words: usize) -> Self {
        Self(vec![None; words])
    }
}

/// A layer in the making. Values that may repeat are written once and numbered.
pub(super) struct LayerWriter {
    name: String,
    keys: Vec<String>,
    values: Vec<u8>,
    value_count: u32,
    /// Numbers of the values written, by their bytes.
    value_codes: FxHashMap<Vec<u8>, u32>,
    features: Vec<u8>,
    tags: Vec<u8>,
    /// The bytes of one value or feature, kept for its memory.
    scratch: Vec<u8>,
    /// The commands of a point, likewise.
    commands: Commands,
}

const COMMAND_MOVE: u32 = 1;
const COMMAND_LINE: u32 = 2;
const COMMAND_CLOSE: u32 = 7;
/// Texts of more bytes than this are not looked up for repetition.
const LONG_TEXT: usize = 48;

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
            values: vec![],
            value_count: 0,
            value_codes: FxHashMap::default(),
            features: vec![],
            tags: vec![],
            scratch: vec![],
            commands: Commands::default(),
        }
    }

    /// The number of an attribute's name; layers have a handful.
    pub(super) fn key(&mut self, name: &str) -> Key {
        let place = self.keys.iter().position(|k| k == name).unwrap_or_else(|| {
            self.keys.push(name.to_owned());
            self.keys.len() - 1
        });
        Key(place as u32)
    }

    /// Adds an attribute to the next feature; nulls and lists are left out. Numbers and short texts are looked up, so
    /// that a value that repeats is written once.
    pub(super) fn tag(&mut self, key: Key, value: Value<'_>) {
        self.scratch.clear();
        let bytes = &mut self.scratch;
        match value {
            Value::Null | Value::Strings(..) => return,
            Value::Text(t) if t.len() > LONG_TEXT => return self.text(key, t),
            Value::Text(t) => field(bytes, 1, t.as_bytes()),
            Value::Integer(i) if i >= 0 => {
                bytes.push(5 << 3);
                varint(bytes, i as u64);
            }
            Value::Integer(i) => {
                bytes.push(6 << 3);
                varint(bytes, ((i << 1) ^ (i >> 63)) as u64);
            }
            Value::Number(f) => return self.double(key, f),
            Value::Decimal(digits, decimals) => return self.double(key, digits as f64 / 10f64.powi(decimals.into())),
            Value::Boolean(b) => bytes.extend_from_slice(&[7 << 3, u8::from(b)]),
        }
        let code = if let Some(&code) = self.value_codes.get(bytes.as_slice()) {
            code
        } else {
            field(&mut self.values, 4, bytes);
            self.value_codes.insert(bytes.clone(), self.value_count);
            self.next_value()
        };
        self.push_tag(key, code);
    }

    /// Adds a text that hardly repeats, as it comes.
    pub(super) fn text(&mut self, key: Key, text: &str) {
        let length = varint_len(text.len() as u64);
        self.values.push(4 << 3 | 2);
        varint(&mut self.values, (1 + length + text.len()) as u64);
        field(&mut self.values, 1, text.as_bytes());
        let code = self.next_value();
        self.push_tag(key, code);
    }

    /// Adds a number that hardly repeats, as it comes.
    fn double(&mut self, key: Key, f: f64) {
        self.values.extend_from_slice(&[4 << 3 | 2, 9, 3 << 3 | 1]);
        self.values.extend_from_slice(&f.to_le_bytes());
        let code = self.next_value();
        self.push_tag(key, code);
    }

    /// Adds a number to seven digits, half as long: a sum for the map, whose exact value stands in `/summary`.
    pub(super) fn float(&mut self, key: Key, f: f64) {
        self.values.extend_from_slice(&[4 << 3 | 2, 5, 2 << 3 | 5]);
        self.values.extend_from_slice(&(f as f32).to_le_bytes());
        let code = self.next_value();
        self.push_tag(key, code);
    }

    /// Bytes of the layer so far.
    pub(super) fn bytes(&self) -> usize {
        self.features.len() + self.values.len() + self.name.len() + 8 * self.keys.len()
    }

    /// Adds a word of a list, by its place in it.
    pub(super) fn word(&mut self, key: Key, word: &str, place: usize, words: &mut Words) {
        if let Some(code) = words.0[place] {
            return self.push_tag(key, code);
        }
        words.0[place] = Some(self.value_count);
        self.text(key, word);
    }

    fn next_value(&mut self) -> u32 {
        self.value_count += 1;
        self.value_count - 1
    }

    fn push_tag(&mut self, key: Key, value: u32) {
        varint(&mut self.tags, key.0.into());
        varint(&mut self.tags, value.into());
    }

    /// Ends the feature whose attributes were given.
    pub(super) fn feature(&mut self, kind: Kind, geometry: &[u8]) {
        let mut feature = std::mem::take(&mut self.scratch);
        feature.clear();
        field(&mut feature, 2, &self.tags);
        feature.extend_from_slice(&[3 << 3, kind as u8]);
        field(&mut feature, 4, geometry);
        field(&mut self.features, 2, &feature);
        self.tags.clear();
        self.scratch = feature;
    }

    /// Ends a feature that is one point.
    pub(super) fn point(&mut self, at: Point) {
        let mut commands = std::mem::take(&mut self.commands);
        commands.clear();
        commands.points(&[at]);
        self.feature(Kind::Point, &commands.bytes);
        self.commands = commands;
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

fn varint_len(v: u64) -> usize {
    (70 - (v | 1).leading_zeros() as usize) / 7
}

/// Geometry commands, each position relative to the one before.
#[derive(Default)]
pub(super) struct Commands {
    pub(super) bytes: Vec<u8>,
    at: Point,
}

impl Commands {
    fn clear(&mut self) {
        self.bytes.clear();
        self.at = Point::default();
    }

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
