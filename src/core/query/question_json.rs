//! Questions as JSON: the body of `POST` requests, and how jobs and links keep them.

use super::question::{Question, SortBy};
use super::{AreaSpec, BaseArea, BufferOf, Interval, QuestionError, SetOp};
use crate::filter::{self, Expr};
use crate::geometry::{Defect, Sound, Surface};
use crate::json;
use crate::model::{Period, Text};
use crate::snapshot::ClassSpec;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The members of a question, as they are written. At most one of `zone`, `polygon`, `circle`, `buffer`
/// and `nearest`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a member of the body that readers write")]
pub(super) struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) collection: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) polygon: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) circle: Option<Circle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buffer: Option<Buffer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nearest: Option<Nearest>,
    /// Name that the reader gave the area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) area_title: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) repair: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) combine: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bbox: Option<[f64; 4]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) datetime: Option<String>,
    /// The period, where it is a year: another name of `period`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) year: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) period: Option<Period>,
    /// CQL2 text, a CQL2 JSON object (with `op`), or an object property -> value.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) filter: Value,
    /// Property -> value, where `filter` is CQL2.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) conditions: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sortby: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) statistics: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) growth: bool,
    /// The period that changes are counted from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Period>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) spread: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) secondary: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) outline: bool,
    /// Level at which classes are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) class_level: Option<String>,
    /// Class whose parts are in question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) class_parent: Option<String>,
    /// Version of the codelist by which classes are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) class_version: Option<String>,
    /// Kind of the zones that are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    /// Zone whose children are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<String>,
}

/// An area and what is done with it; exactly one of `zone`, `polygon`, `circle` and `buffer`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    op: SetOp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    polygon: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    circle: Option<Circle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    buffer: Option<Buffer>,
}

/// Either a feature by its ids, or a geometry.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Buffer {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    collection: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    geometry: Option<Box<RawValue>>,
    distance_m: f64,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Circle {
    center: [f64; 2],
    radius_m: f64,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nearest {
    center: [f64; 2],
    k: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What tells a bare geometry or feature from a question. Coordinates are passed over here and read once, in `polygon`.
#[derive(Deserialize)]
struct Bare {
    #[serde(rename = "type")]
    kind: Option<String>,
    geometry: Option<Box<RawValue>>,
}

impl Question {
    /// Reads a JSON object, or a bare GeoJSON Polygon, MultiPolygon or Feature of one.
    pub fn from_json(bytes: &[u8]) -> Result<Self, QuestionError> {
        let bare: Bare = json::from_slice(bytes)?;
        match bare.kind.as_deref() {
            None => json::from_slice::<Body>(bytes)?.question(),
            Some("Feature") => Body { polygon: Some(bare.geometry.unwrap_or_default()), ..Body::default() }.question(),
            Some(_) => Body { polygon: Some(serde_json::from_slice(bytes)?), ..Body::default() }.question(),
        }
    }

    /// As [`Question::from_json`] reads it; members that say nothing are left out.
    pub fn to_json(&self) -> String {
        // all of it are texts and numbers, which can be written
        Body::of(self).and_then(|body| serde_json::to_string(&body)).unwrap_or_default()
    }
}

impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Body::of(self).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Question {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Body::deserialize(deserializer)?.question().map_err(D::Error::custom)
    }
}

impl Body {
    /// The members of a question.
    pub(super) fn of(q: &Question) -> serde_json::Result<Self> {
        let Parts { zone, polygon, circle, buffer, nearest } = Parts::of(q.area.base())?;
        let step = |(op, area): &(SetOp, BaseArea)| {
            let Parts { zone, polygon, circle, buffer, .. } = Parts::of(area)?;
            Ok(Step { op: *op, zone, polygon, circle, buffer })
        };
        let pairs: serde_json::Map<String, Value> =
            q.conditions.iter().map(|(n, v)| (n.clone(), Value::from(v.as_str()))).collect();
        let (filter, conditions) = match &q.filter {
            Some(expr) => (Value::from(expr.to_string()), pairs.into_iter().collect()),
            // with this member it would be CQL2
            None if pairs.contains_key("op") => (Value::Null, pairs.into_iter().collect()),
            None if pairs.is_empty() => (Value::Null, BTreeMap::new()),
            None => (Value::Object(pairs), BTreeMap::new()),
        };
        Ok(Self {
            collection: q.collection.clone(),
            zone,
            polygon,
            circle,
            buffer,
            nearest,
            area_title: q.area.title().map(str::to_owned),
            repair: q.repair,
            combine: q.area.steps().iter().map(step).collect::<serde_json::Result<_>>()?,
            bbox: q.bbox,
            datetime: q.datetime.map(|d| d.to_string()),
            year: q.period.and_then(Period::whole_year),
            period: q.period.filter(|p| p.whole_year().is_none()),
            filter,
            conditions,
            sortby: (!q.sort.is_empty()).then(|| SortBy::text(&q.sort)),
            statistics: q.statistics,
            growth: q.growth,
            since: q.since,
            spread: q.spread,
            secondary: q.secondary,
            outline: q.outline,
            class_level: q.classes.level.clone(),
            class_parent: q.classes.parent.clone(),
            class_version: q.classes.version.clone(),
            kind: q.zone_kind.clone(),
            parent: q.zone_parent.clone(),
        })
    }

    /// The question that these members are.
    pub(super) fn question(self) -> Result<Question, QuestionError> {
        let Self { zone, polygon, circle, buffer, nearest, .. } = self;
        let first = Parts { zone, polygon, circle, buffer, nearest };
        let base = first.area()?.ok_or_else(|| {
            let only_one = Text::new("只能给其中一个", "give only one of them");
            QuestionError::parameter("zone | polygon | circle | buffer | nearest", only_one)
        })?;
        let step = |s: Step| {
            let parts = Parts { zone: s.zone, polygon: s.polygon, circle: s.circle, buffer: s.buffer, nearest: None };
            // several, or none, is what `combined` refuses
            Ok((s.op, parts.area()?.unwrap_or_default()))
        };
        let steps = self.combine.into_iter().map(step).collect::<Result<_, QuestionError>>()?;
        let datetime = self.datetime.as_deref().map(interval).transpose()?;
        let (filter, mut conditions) = conditions(&self.filter)?;
        conditions.extend(pairs(self.conditions.iter())?);
        let area = AreaSpec::combined(if let BaseArea::Zone(id) = base { BaseArea::zone(id) } else { base }, steps)?;
        Ok(Question {
            collection: self.collection,
            area: match &self.area_title {
                Some(title) => area.titled(title)?,
                None => area,
            },
            repair: self.repair,
            bbox: self.bbox.map(bbox).transpose()?,
            datetime,
            conditions,
            filter,
            sort: self.sortby.as_deref().map(SortBy::list).unwrap_or_default(),
            period: period(self.year, self.period)?,
            secondary: self.secondary,
            statistics: self.statistics,
            growth: self.growth,
            since: self.since,
            spread: self.spread,
            outline: self.outline,
            classes: ClassSpec { level: self.class_level, parent: self.class_parent, version: self.class_version },
            zone_kind: self.kind,
            zone_parent: self.parent,
        })
    }
}

/// The ways to name an area.
#[derive(Default)]
struct Parts {
    zone: Option<String>,
    polygon: Option<Box<RawValue>>,
    circle: Option<Circle>,
    buffer: Option<Buffer>,
    nearest: Option<Nearest>,
}

impl Parts {
    fn of(area: &BaseArea) -> serde_json::Result<Self> {
        let mut parts = Self::default();
        let raw = |value: geojson::GeometryValue| serde_json::value::to_raw_value(&geojson::Geometry::new(value));
        match area {
            BaseArea::City => {}
            BaseArea::Zone(id) => parts.zone = Some(id.clone()),
            BaseArea::Polygon(polygon) => {
                parts.polygon = Some(raw(match polygon.0.as_slice() {
                    [one] => one.into(),
                    _ => (&**polygon).into(),
                })?);
            }
            BaseArea::Circle { center, radius_m } => {
                parts.circle = Some(Circle { center: *center, radius_m: *radius_m });
            }
            BaseArea::Buffer { of, distance_m } => {
                let (collection, id, geometry) = match of {
                    BufferOf::Feature { collection, id } => (Some(collection.clone()), Some(id.clone()), None),
                    BufferOf::Geometry(geometry) => (None, None, Some(raw((&**geometry).into())?)),
                };
                parts.buffer = Some(Buffer { collection, id, geometry, distance_m: *distance_m });
            }
            BaseArea::Nearest { center, k } => parts.nearest = Some(Nearest { center: *center, k: *k }),
        }
        Ok(parts)
    }

    /// The area that is named; `None` where several are.
    fn area(self) -> Result<Option<BaseArea>, QuestionError> {
        let Self { zone, polygon: outline, circle, buffer, nearest } = self;
        let mut all = Vec::new();
        all.extend(zone.map(BaseArea::Zone));
        all.extend(outline.map(|json| polygon(&json)).transpose()?.map(BaseArea::Polygon));
        all.extend(circle.map(|c| BaseArea::Circle { center: c.center, radius_m: c.radius_m }));
        all.extend(buffer.map(Buffer::area).transpose()?);
        all.extend(nearest.map(|n| BaseArea::Nearest { center: n.center, k: n.k }));
        let one = all.pop().unwrap_or(BaseArea::City);
        Ok(all.is_empty().then_some(one))
    }
}

impl Buffer {
    fn area(self) -> Result<BaseArea, QuestionError> {
        let of = match (self.collection, self.id, self.geometry) {
            (Some(collection), Some(id), None) => BufferOf::Feature { collection, id },
            (None, None, Some(json)) => {
                let read = |g: &geojson::Geometry| Sound::from_geojson(&g.value);
                let name = "buffer.geometry";
                BufferOf::Geometry(geometry(name, &json, ("应为 GeoJSON 几何", "must be a GeoJSON geometry"), read)?)
            }
            _ => {
                let why = Text::new(
                    "应给 collection 与 id(某个要素),或 geometry(GeoJSON 几何),二者取一",
                    "give collection and id (a feature), or geometry (GeoJSON), one of the two",
                );
                return Err(QuestionError::parameter("buffer", why));
            }
        };
        Ok(BaseArea::Buffer { of, distance_m: self.distance_m })
    }
}

fn polygon(json: &RawValue) -> Result<Surface, QuestionError> {
    let what = ("应为 GeoJSON Polygon 或 MultiPolygon", "must be a GeoJSON Polygon or MultiPolygon");
    geometry("polygon", json, what, |g| Surface::from_geojson(&g.value))
}

fn geometry<T>(
    name: &str,
    json: &RawValue,
    what: (&str, &str),
    read: impl Fn(&geojson::Geometry) -> Result<T, Defect>,
) -> Result<T, QuestionError> {
    let wrong = |why: Text| QuestionError::Geometry { name: name.into(), why };
    // the geometry is JSON already: what is left to be wrong is a number beyond all that can be kept, or another structure
    let geometry: geojson::Geometry = serde_json::from_str(json.get())
        .map_err(|e| wrong(Text::new(format!("{}({e})", what.0), format!("{}: {e}", what.1))))?;
    read(&geometry).map_err(|defect| {
        let (zh, en) = defect.words();
        wrong(Text::new(zh, en))
    })
}

/// What a `filter` member says: an expression, or pairs.
fn conditions(value: &Value) -> Result<(Option<Expr>, BTreeMap<String, String>), QuestionError> {
    match value {
        Value::Null => Ok((None, BTreeMap::new())),
        Value::String(text) => Ok((Some(filter::parse_text(text)?), BTreeMap::new())),
        Value::Object(o) if o.contains_key("op") => Ok((Some(filter::from_json_value(value)?), BTreeMap::new())),
        Value::Object(o) => Ok((None, pairs(o.iter())?)),
        _ => Err(QuestionError::FilterForm),
    }
}

fn pairs<'a>(
    members: impl Iterator<Item = (&'a String, &'a Value)>,
) -> Result<BTreeMap<String, String>, QuestionError> {
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(s) => Ok((name.clone(), s.clone())),
        Value::Number(_) | Value::Bool(_) => Ok((name.clone(), value.to_string())),
        _ => {
            let why = Text::new("应为文字、数字或真假", "must be text, a number or a boolean");
            Err(QuestionError::parameter(name, why))
        }
    };
    members.map(pair).collect()
}

/// The period that is named as such, as a year, or both alike.
fn period(year: Option<u16>, period: Option<Period>) -> Result<Option<Period>, QuestionError> {
    Period::named(year, period).map_err(|why| QuestionError::parameter("period", why))
}

pub(super) fn interval(text: &str) -> Result<Interval, QuestionError> {
    Interval::parse(text).ok_or_else(|| {
        let why = Text::new(
            format!("值“{text}”不可用,应为 2025-01-01、2025-01-01T00:00:00Z 或 起/止(一端可为 ..)"),
            format!("{text:?} is no day, instant (RFC 3339) or interval from/to, of which one end may be .."),
        );
        QuestionError::parameter("datetime", why)
    })
}

pub(super) fn bbox(bbox @ [west, south, east, north]: [f64; 4]) -> Result<[f64; 4], QuestionError> {
    let inside = |n: f64, most: f64| n.is_finite() && n.abs() <= most;
    let right = [west, east].iter().all(|x| inside(*x, 180.0)) && inside(south, 90.0) && inside(north, 90.0);
    if right && south <= north {
        return Ok(bbox);
    }
    let why = Text::new(
        "应为 4 个数:默认是西,南,东,北(经纬度,南不大于北);用 bbox-crs 时按该坐标系的轴序",
        "four numbers: west,south,east,north in degrees, south not above north; with bbox-crs in the order of its axes",
    );
    Err(QuestionError::parameter("bbox", why))
}
