//! Rows that no file holds yet become the table that their file would be read as, in pieces of any length: each value goes into
//! the same cells, each geometry through the same checks. Only what gives no finding for any row is made so. What shows
//! between rows and between files, an id that occurs again among it, shows when the file is read.

use super::loader;
use super::report::{Place, Report};
use super::rows::{Rows, Task};
use super::value::Json;
use super::{Limits, Source};
use crate::core::geometry::Bounds;
use crate::core::model::{Codelist, CollectionSpec, Dataset, PropertySpec, Role, Table};
use geo::Geometry;
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
    pub values: Vec<Json<'a>>,
}

/// Makes tables of a collection.
#[derive(Debug)]
pub struct Maker {
    spec: CollectionSpec,
    codelists: BTreeMap<String, Codelist>,
    limits: Limits,
    /// Which of a row's values each column holds.
    values: Vec<Option<usize>>,
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
        Self::of(spec, &codelists, limits, properties)
    }

    /// Of a collection that is described so.
    pub fn of(
        spec: CollectionSpec,
        codelists: &BTreeMap<String, Codelist>,
        limits: &Limits,
        properties: &[&str],
    ) -> Option<Self> {
        // whoever reads positions of another system converts them, and zones are read with more care
        let plain = spec.crs.is_none() && spec.role == Role::Register && limits.depth >= DEPTH;
        if !plain || properties.iter().any(|name| spec.property(name).is_none()) {
            return None;
        }
        let values = spec.properties.iter().map(|p| properties.iter().position(|name| *name == p.name)).collect();
        let named = |p: &PropertySpec| Some((p.codelist.clone()?, codelists.get(p.codelist.as_ref()?)?.clone()));
        let codelists = spec.properties.iter().filter_map(named).collect();
        Some(Self { spec, codelists, limits: limits.clone(), values })
    }

    /// The collection.
    pub fn spec(&self) -> &CollectionSpec {
        &self.spec
    }

    /// Whether the other makes the same rows of the same values.
    pub fn makes_as(&self, other: &Self) -> bool {
        let kind = |maker: &Self| (maker.spec.geometry, maker.limits.vertices, maker.limits.depth);
        kind(self) == kind(other)
            && self.values == other.values
            && self.spec.properties == other.spec.properties
            && self.codelists.len() == other.codelists.len()
            && self.codelists.iter().zip(&other.codelists).all(|((a, x), (b, y))| a == b && x.entries == y.entries)
    }

    /// Does something with an empty table in the making.
    pub fn begin<T>(&self, work: impl FnOnce(Making<'_>) -> T) -> T {
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
        work(Making { rows: Rows::new(&task), values: &self.values })
    }

    /// The table of some rows; `None` where there is anything to say about one of them.
    pub fn table<'r>(&self, made: impl Iterator<Item = MadeRow<'r>>) -> Option<Table> {
        self.begin(|making| making.with(made)?.finish())
    }
}

/// A table in the making.
pub struct Making<'m> {
    rows: Rows<'m>,
    values: &'m [Option<usize>],
}

impl Making<'_> {
    /// Another empty one, for more rows of the same table.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self { rows: self.rows.fresh(), values: self.values }
    }

    /// Adds some rows; `None` where there is anything to say about one of them.
    #[must_use]
    pub fn with<'r>(mut self, mut made: impl Iterator<Item = MadeRow<'r>>) -> Option<Self> {
        made.all(|row| self.add(&row)).then_some(self)
    }

    /// Adds a row; `false` where there is anything to say about it: then what was made is worth nothing.
    #[must_use]
    pub fn add(&mut self, row: &MadeRow) -> bool {
        let (rows, mut report) = (&mut self.rows, Report::new(1));
        if row.id.trim().is_empty() {
            return false;
        }
        let place = Place::file(&rows.task.spec.file).feature(&row.id);
        match row.geometry.as_deref() {
            None => rows.geometries.push(None),
            Some(Geometry::Point(at)) if rows.shapes.takes_point(at.x(), at.y()) => {
                rows.geometries.push_point(at.x(), at.y());
            }
            Some(Geometry::Point(_)) => return false,
            Some(other) => {
                let text = geojson::Geometry::from(other).to_string();
                let Some(shape) = rows.shapes.read(&text, place, &mut report) else { return false };
                rows.geometries.push(Some(shape));
            }
        }
        rows.seen += 1;
        rows.ids.push(&row.id);
        for (column, value) in self.values.iter().enumerate() {
            rows.cells.push_one(column, value.and_then(|value| row.values.get(value)), place, &mut report);
        }
        report.is_silent()
    }

    /// Adds the rows of another; `false` where they can't stand in one table.
    #[must_use]
    pub fn append(&mut self, other: Self) -> bool {
        self.rows.append(other.rows, (1, 1))
    }

    /// The finished table; `None` where there is an error in one of its columns as a whole.
    pub fn finish(self) -> Option<Table> {
        let mut report = Report::new(1);
        // what is done to whole columns, such as names that became codes, is done to those of a file as well
        let loaded = self.rows.finish(true, &mut report);
        (!report.has_errors()).then_some(loaded.table)
    }
}

#[cfg(test)]
mod tests {
    use super::super::collection;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

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
            let maker = Maker { spec: spec.clone(), codelists: codelists.clone(), limits: limits.clone(), values: (0..names.len()).map(Some).collect() };
            let made = maker.table(rows.iter().map(|(id, g, v)| MadeRow { id: id.into(), geometry: g.as_ref().map(Cow::Borrowed), values: v.iter().map(Json::from).collect() }));
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
