//! Rows that no file holds yet become the table that their file would be read as, in pieces of any length: each value goes into
//! the same cells, each geometry through the same checks. Only what gives no finding for any row is made so. What shows
//! between rows and between files, an id that occurs again among it, shows when the file is read.

use super::loader;
use super::report::{Place, Report};
use super::rows::{Rows, Task};
use super::value::Json;
use super::{Limits, Source};
use crate::core::geometry::Bounds;
use crate::core::model::{Codelist, CollectionSpec, Dataset, Role, Table};
use geo::Geometry;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How deep a row is nested at most: its properties, and a list among them.
const DEPTH: usize = 2;

/// A row that no file holds yet.
#[derive(Clone, Debug, PartialEq)]
pub struct MadeRow<'a> {
    /// Its id.
    pub id: Cow<'a, str>,
    /// Its geometry in WGS 84.
    pub geometry: Option<Cow<'a, Geometry<f64>>>,
    /// A value for each of the properties that [`Maker::new`] was given.
    pub values: Vec<Value>,
}

/// Makes tables of a collection.
#[derive(Debug)]
pub struct Maker {
    spec: CollectionSpec,
    codelists: BTreeMap<String, Codelist>,
    limits: Limits,
    /// Where each value stands among the columns.
    places: Vec<usize>,
}

impl Maker {
    /// Of a collection of a dataset, the main table where none is said, whose rows have values of these properties. `None` where
    /// its rows can't be made so.
    pub fn new(source: &Source, limits: &Limits, collection: Option<&str>, properties: &[&str]) -> Option<Self> {
        let (Dataset { manifest, codelists, .. }, _) = loader::head(source, limits)?;
        let place = match collection {
            Some(id) => manifest.collections.iter().position(|c| c.id == id)?,
            None => *manifest.tables().first()?,
        };
        let spec = manifest.collections.into_iter().nth(place)?;
        let places = properties.iter().map(|name| spec.property(name).map(|(place, _)| place));
        let places: Vec<usize> = places.collect::<Option<_>>()?;
        // whoever reads positions of another system converts them, and zones are read with more care
        let plain = spec.crs.is_none() && spec.role == Role::Register && limits.depth >= DEPTH;
        plain.then_some(Self { spec, codelists, limits: limits.clone(), places })
    }

    /// The collection.
    pub fn spec(&self) -> &CollectionSpec {
        &self.spec
    }

    /// The table of some rows; `None` where there is anything to say about one of them.
    pub fn table<'r>(&self, made: impl Iterator<Item = MadeRow<'r>>) -> Option<Table> {
        let task = Task {
            spec: &self.spec,
            codelists: &self.codelists,
            limits: &self.limits,
            // whether positions are mirrored away from the city shows when the file is read
            city: Bounds::EMPTY,
            inferred: None,
            origin: None,
            sets_aside: false,
        };
        let (mut rows, mut report) = (Rows::new(&task), Report::new(1));
        for row in made {
            if row.id.trim().is_empty() {
                return None;
            }
            let place = Place::file(&self.spec.file).feature(&row.id);
            match row.geometry.as_deref() {
                None => rows.geometries.push(None),
                Some(Geometry::Point(at)) if rows.shapes.takes_point(at.x(), at.y()) => {
                    rows.geometries.push_point(at.x(), at.y());
                }
                Some(Geometry::Point(_)) => return None,
                Some(other) => {
                    let text = geojson::Geometry::from(other).to_string();
                    let shape = rows.shapes.read(&text, place, &mut report)?;
                    rows.geometries.push(Some(shape));
                }
            }
            let mut values: Vec<Option<Json>> = Vec::new();
            values.resize_with(rows.cells.len(), || None);
            self.places.iter().zip(&row.values).for_each(|(place, value)| values[*place] = Some(json(value)));
            rows.seen += 1;
            rows.ids.push(&row.id);
            rows.places.push((rows.seen as u32, 1));
            rows.cells.push(&values, place, &mut report);
            if !report.is_silent() {
                return None;
            }
        }
        // what is done to whole columns, such as names that became codes, is done to those of a file as well
        let loaded = rows.finish(true, &mut report);
        (!report.has_errors()).then_some(loaded.table)
    }
}

/// The value as it would be read from the text of it.
fn json(value: &Value) -> Json<'_> {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) => n.as_i64().map_or_else(|| Json::Float(n.as_f64().unwrap_or(f64::NAN)), Json::Int),
        Value::String(text) => Json::Str(Cow::Borrowed(text)),
        Value::Array(items) => Json::List(items.iter().map(json).collect()),
        Value::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (Cow::Borrowed(name.as_str()), json(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::collection;
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn value() -> impl Strategy<Value = Vec<Value>> {
        let text = prop_oneof![
            8 => "[a-c甲乙\"\\\\\u{2028} ]{0,4}".prop_map(Value::from),
            1 => Just(Value::Null),
            1 => Just(json!(7)),
        ];
        let code = prop_oneof![8 => Just(json!("a")), 4 => Just(json!("甲")), 2 => Just(Value::Null), 1 => Just(json!("none"))];
        let whole = prop_oneof![8 => (0i64..300).prop_map(Value::from), 2 => Just(Value::Null), 1 => Just(json!(-1)), 1 => Just(json!(5.0)), 1 => Just(json!(5.5))];
        let number = prop_oneof![8 => (-1e6..1e6f64).prop_map(|x| json!((x * 100.0).round() / 100.0)), 2 => any::<f64>().prop_map(Value::from), 2 => Just(Value::Null)];
        let list = prop_oneof![6 => proptest::collection::vec("[abc]", 0..3).prop_map(|l| json!(l)), 1 => Just(Value::Null), 1 => Just(json!([1]))];
        let day = prop_oneof![6 => Just(json!("2025-03-01")), 2 => Just(Value::Null), 1 => Just(json!("2025-13-01"))];
        let flag =
            prop_oneof![6 => any::<bool>().prop_map(Value::from), 2 => Just(Value::Null), 1 => Just(json!("是"))];
        (text, code, whole, number.clone(), number, list, day, flag)
            .prop_map(|(a, b, c, d, e, f, g, h)| vec![a, b, c, d, e, f, g, h])
    }

    fn geometry() -> impl Strategy<Value = Option<Geometry<f64>>> {
        let point = |x: f64, y: f64| Some(Geometry::Point(geo::Point::new(x, y)));
        prop_oneof![
            20 => (-180.0..180.0f64, -90.0..90.0f64).prop_map(move |(x, y)| point(x, y)),
            5 => Just(None),
            1 => Just(point(200.0, 30.0)),
            3 => Just(Some(geo::Line::new((120.0, 30.0), (121.0, 31.5)).into()).map(|l: geo::LineString<f64>| l.into())),
            1 => Just(Some(geo::LineString::<f64>::from(vec![(120.0, 30.0)]).into())),
        ]
    }

    proptest! {
        #[test]
        fn made_rows_are_those_of_their_text(
            rows in proptest::collection::vec(("[a-z]{1,3}", geometry(), value()), 0..12),
            faults in any::<bool>(),
        ) {
            let property = |name: &str, ty: &str, more: Value| {
                let mut all = json!({"name": name, "title": {"zh": "题", "en": "title"}, "type": ty});
                all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                all
            };
            let spec: CollectionSpec = serde_json::from_value(json!({"id": "firms", "file": "firms.geojson", "role": "register",
                "title": {"zh": "企业", "en": "firms"}, "geometry": "any", "properties": [property("name", "string", json!({})),
                property("code", "string", json!({"codelist": "codes"})), property("whole", "integer", json!({"minimum": 0})),
                property("fixed", "number", json!({"decimals": 2})), property("number", "number", json!({})),
                property("list", "strings", json!({})), property("day", "date", json!({})), property("flag", "boolean", json!({}))]})).unwrap();
            let codes: Codelist = serde_json::from_value(json!({"id": "codes", "title": {"zh": "代码", "en": "codes"},
                "entries": [{"code": "a", "name": {"zh": "甲", "en": "first"}}]})).unwrap();
            let limits = Limits::default();
            let codelists = BTreeMap::from([("codes".to_owned(), codes)]);
            // with every row sound in most cases: those that are not end the making of a table
            let sound = |v: &Vec<Value>| faults || {
                let ok = |i: usize, test: fn(&Value) -> bool| v[i].is_null() || test(&v[i]);
                ok(0, Value::is_string) && v[1] != "none" && ok(2, |v| v.as_f64().is_some_and(|n| n >= 0.0 && n.fract() == 0.0))
                    && ok(3, |v| v.as_f64().is_some_and(|n| n.abs() < 1e12)) && ok(4, |v| v.as_f64().is_some_and(|n| n.abs() < 1e12))
                    && v[5] != json!([1]) && v[6] != "2025-13-01" && ok(7, Value::is_boolean)
            };
            let rows: Vec<_> = rows.into_iter().enumerate().filter(|(_, (.., v))| sound(v)).map(|(n, (id, g, v))| (format!("{id}{n}"), g, v)).collect();
            let names: Vec<&str> = spec.properties.iter().map(|p| p.name.as_str()).collect();
            let features: Vec<Value> = rows.iter().map(|(id, g, v)| json!({"type": "Feature", "id": id,
                "geometry": g.as_ref().map(|g| serde_json::to_value(geojson::Geometry::from(g)).unwrap()),
                "properties": names.iter().map(|n| (*n).to_owned()).zip(v.iter().cloned()).collect::<serde_json::Map<_, _>>()})).collect();
            let text = json!({"type": "FeatureCollection", "features": features}).to_string();
            let task = Task { spec: &spec, codelists: &codelists, limits: &limits, city: Bounds::EMPTY, inferred: None, origin: None, sets_aside: true };
            let mut report = Report::new(100);
            let read = collection::read(&text, &task, &mut report);
            let maker = Maker { spec: spec.clone(), codelists: codelists.clone(), limits: limits.clone(), places: (0..names.len()).collect() };
            let made = maker.table(rows.iter().map(|(id, g, v)| MadeRow { id: id.into(), geometry: g.as_ref().map(Cow::Borrowed), values: v.clone() }));
            match made {
                Some(made) => {
                    prop_assert_eq!(report.errors(), 0, "{:?}", report);
                    prop_assert_eq!(format!("{made:?}"), format!("{:?}", read.table));
                }
                None => prop_assert!(report.errors() + report.warnings() > 0 || !report.is_silent(), "nothing is to say of {}", text),
            }
        }
    }
}
