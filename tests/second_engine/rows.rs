//! The rows of a dataset folder as its GeoJSON has them, read without the engine: every feature a `serde_json` value, and
//! the same once more as a batch of columns, which readers of answers want.

use geo::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon};
use serde_json::Value;
use shigu::core::columns::{Bitmap, Column, ColumnBuilder, ColumnType, Text, Value as Cell};
use shigu::core::geometry::simplify::Position;
use shigu::core::geometry::{measure, mercator};
use shigu::core::model::{Codelist, CollectionSpec, Geometries, PropertySpec, PropertyType, Table};
use shigu::core::snapshot::{RowSource, Shape};
use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::path::Path;

/// The features of a collection, and the same as columns.
#[derive(Debug)]
pub struct Rows {
    pub spec: CollectionSpec,
    /// The features of the file; words of codelists are codes.
    pub features: Vec<Value>,
    pub geometries: Vec<Option<Geometry<f64>>>,
    table: Table,
    shapes: Vec<Vec<Shape>>,
}

impl Rows {
    pub fn read(folder: &Path, spec: &CollectionSpec, codelists: &BTreeMap<String, Codelist>) -> Self {
        let text = read_to_string(folder.join(&spec.file)).unwrap();
        let mut file: Value = serde_json::from_str(&text).unwrap();
        let Value::Array(mut features) = file["features"].take() else { panic!("{}", spec.file) };
        // a number is an id, too
        for id in features.iter_mut().map(|f| &mut f["id"]).filter(|id| id.is_number()) {
            *id = id.to_string().into();
        }
        for p in &spec.properties {
            let Some(list) = p.codelist.as_ref().and_then(|name| codelists.get(name)) else { continue };
            let code = |word: &mut Value| {
                let found = word.as_str().and_then(|text| list.find(text));
                if let Some((_, entry)) = found {
                    *word = entry.code.as_str().into();
                }
            };
            for feature in &mut features {
                match &mut feature["properties"][&p.name] {
                    Value::Array(words) => words.iter_mut().for_each(code),
                    word => code(word),
                }
            }
        }
        let geometries: Vec<_> = features.iter().map(|f| geometry(&f["geometry"])).collect();
        let mut ids = Text::default();
        features.iter().for_each(|f| ids.push(f["id"].as_str().unwrap()));
        let columns = spec.properties.iter().map(|p| column(p, &features)).collect();
        let only_points = geometries.iter().all(|g| matches!(g, None | Some(Geometry::Point(_))));
        let shown = if only_points {
            let of = |axis: fn(&Point) -> f64| {
                let at = |g: &Option<Geometry>| if let Some(Geometry::Point(p)) = g { axis(p) } else { f64::NAN };
                geometries.iter().map(at).collect()
            };
            let located = Bitmap::from_fn(geometries.len(), |row| geometries[row].is_some());
            Geometries::Points { lon: of(|p| p.x()), lat: of(|p| p.y()), located }
        } else {
            Geometries::Any(geometries.clone())
        };
        let shapes = |g: &Option<Geometry>| match g {
            Some(g) if !only_points => Shape::of(g),
            _ => vec![],
        };
        let shapes = geometries.iter().map(shapes).collect();
        Self { spec: spec.clone(), table: Table { ids, geometries: shown, columns }, features, geometries, shapes }
    }

    pub fn len(&self) -> usize {
        self.features.len()
    }

    pub fn property(&self, row: usize, name: &str) -> &Value {
        &self.features[row]["properties"][name]
    }

    pub fn word(&self, row: usize, name: &str) -> Option<&str> {
        self.property(row, name).as_str()
    }

    pub fn point(&self, row: usize) -> Option<(f64, f64)> {
        if let Some(Geometry::Point(p)) = &self.geometries[row] { Some((p.x(), p.y())) } else { None }
    }

    pub fn polygon(&self, row: usize) -> Option<MultiPolygon<f64>> {
        match &self.geometries[row] {
            Some(Geometry::Polygon(p)) => Some(MultiPolygon(vec![p.clone()])),
            Some(Geometry::MultiPolygon(m)) => Some(m.clone()),
            _ => None,
        }
    }
}

impl RowSource for Rows {
    fn spec(&self) -> &CollectionSpec {
        &self.spec
    }

    fn table(&self) -> &Table {
        &self.table
    }

    fn shapes(&self, row: usize) -> &[Shape] {
        &self.shapes[row]
    }

    fn label(&self, row: usize) -> Option<Position> {
        let at = match &self.geometries[row] {
            Some(Geometry::LineString(line)) => line.coords().last().copied(),
            _ => measure::label_point(&self.polygon(row)?),
        };
        at.map(|c| mercator::project(c.x, c.y))
    }

    fn find(&self, id: &str) -> Option<usize> {
        (0..self.len()).find(|row| self.id(*row) == id)
    }
}

fn column(p: &PropertySpec, features: &[Value]) -> Column {
    let ty = match (p.ty, p.decimals) {
        (PropertyType::String | PropertyType::Date | PropertyType::Datetime, _) => ColumnType::Text,
        (PropertyType::Integer, _) => ColumnType::Integer,
        (PropertyType::Number, Some(decimals)) => ColumnType::Decimal(decimals),
        (PropertyType::Number, None) => ColumnType::Number,
        (PropertyType::Boolean, _) => ColumnType::Boolean,
        (PropertyType::Strings, _) => ColumnType::Strings,
    };
    let mut out = ColumnBuilder::new(ty);
    for feature in features {
        let value = &feature["properties"][&p.name];
        let cell = match (value, ty) {
            (Value::Null, _) => Cell::Null,
            (Value::Array(list), _) => {
                assert!(out.push_strings(&list.iter().map(|w| w.as_str().unwrap()).collect::<Vec<_>>()));
                continue;
            }
            (Value::String(text), _) => Cell::Text(text),
            (Value::Bool(b), _) => Cell::Boolean(*b),
            (n, ColumnType::Decimal(decimals)) => Cell::Decimal(digits(n, decimals), decimals),
            (n, ColumnType::Integer) => Cell::Integer(n.as_i64().unwrap()),
            (n, _) => Cell::Number(n.as_f64().unwrap()),
        };
        out.push(cell).unwrap();
    }
    out.finish()
}

/// A number in units of its last decimal.
pub fn digits(value: &Value, decimals: u8) -> i64 {
    (value.as_f64().unwrap() * 10f64.powi(decimals.into())).round() as i64
}

fn geometry(value: &Value) -> Option<Geometry<f64>> {
    let coord = |v: &Value| Coord { x: v[0].as_f64().unwrap(), y: v[1].as_f64().unwrap() };
    let line = |v: &Value| LineString(v.as_array().unwrap().iter().map(coord).collect());
    let polygon = |v: &Value| {
        let mut rings: Vec<LineString> = v.as_array().unwrap().iter().map(line).collect();
        let exterior = rings.remove(0);
        Polygon::new(exterior, rings)
    };
    let at = &value["coordinates"];
    Some(match value["type"].as_str()? {
        "Point" => Point(coord(at)).into(),
        "LineString" => line(at).into(),
        "Polygon" => polygon(at).into(),
        "MultiPolygon" => MultiPolygon(at.as_array().unwrap().iter().map(polygon).collect()).into(),
        other => panic!("no file of these has a {other}"),
    })
}
