//! A file of roads, water or names in any format that an import reads, as features of one layer of a base map.

use super::class::{Form, class_in};
use crate::core::basemap::{BaseFeature, BaseLayer};
use crate::core::geometry::Bounds;
use crate::data::intake::sheet::{Limits, Sheet, read};
use crate::data::intake::{Refusal, unsupported};
use crate::data::system::System;
use geo::{Geometry, LineString, Point};
use std::io::{Read, Seek};

/// Names of the columns that hold a name, the kind, the English and the Chinese name, in lower case.
const NAME: [&str; 6] = ["name", "名称", "地名", "路名", "title", "label"];
const ENGLISH: [&str; 4] = ["name_en", "name:en", "英文名", "english"];
const CHINESE: [&str; 4] = ["name_zh", "name:zh", "中文名", "chinese"];
/// `fclass` is that of Geofabrik's shapefiles.
const KIND: [&str; 8] = ["fclass", "kind", "highway", "waterway", "place", "class", "类型", "type"];

/// Positions of a table without geometries.
const EAST: [&str; 5] = ["longitude", "lon", "lng", "经度", "x"];
const NORTH: [&str; 4] = ["latitude", "lat", "纬度", "y"];

/// What a file gave.
#[derive(Debug)]
pub struct File {
    /// The features that meet the box.
    pub features: Vec<BaseFeature>,
    /// Rows without a geometry, or with one that is none of the file's system.
    pub unusable: usize,
}

/// Reads the features of a file that meet a box. `system` says what the file does not say itself.
pub fn file<R: Read + Seek + Send>(
    reader: R,
    layer: BaseLayer,
    system: Option<System>,
    bounds: &Bounds,
) -> Result<File, Refusal> {
    // a county's roads are larger than any register
    let limits = Limits { shapes: true, memory_bytes: 4 << 30, rows: 20_000_000, ..Limits::default() };
    let known = |name: &str| {
        let name = name.trim().to_lowercase();
        [&NAME[..], &ENGLISH, &CHINESE, &KIND, &EAST, &NORTH].iter().any(|list| list.contains(&&*name))
    };
    let mut sheet = read(reader, None, &limits, &known)?;
    if let (Some(words), None) = (&sheet.foreign, system) {
        return Err(unsupported(words));
    }
    let system = sheet.stated.or(system).unwrap_or(System::Wgs84);
    let column = |names: &[&str]| {
        let place = |name: &&str| sheet.columns.iter().position(|c| c.name.trim().to_lowercase() == **name);
        names.iter().find_map(place)
    };
    let columns = [column(&NAME), column(&CHINESE), column(&ENGLISH)];
    let (kind, lon, lat) = (column(&KIND), column(&EAST), column(&NORTH));
    let shapes = std::mem::take(&mut sheet.shapes);
    let mut out = File { features: Vec::new(), unusable: 0 };
    let mut shapes = shapes.into_iter();
    for row in 0..sheet.cells.len() {
        let shape = shapes.next().flatten().or_else(|| point(&sheet, row, lon?, lat?));
        let Some(geometry) = shape.and_then(|g| system.locate_all(&g)) else {
            out.unusable += 1;
            continue;
        };
        if !Bounds::of(&geometry).intersects(bounds) {
            continue;
        }
        let text = |column: usize| Some(sheet.cells.cell(row, column).text.trim()).filter(|t| !t.is_empty());
        let form = match &geometry {
            Geometry::Point(_) | Geometry::MultiPoint(_) => Form::Point,
            Geometry::LineString(_) | Geometry::MultiLineString(_) | Geometry::Line(_) => Form::Line,
            _ => Form::Area,
        };
        let class = class_in(layer, kind.and_then(text), form);
        let names = columns.map(|c| c.and_then(text).map(Box::from));
        let geometry = if layer == BaseLayer::Boundaries { outline(geometry) } else { geometry };
        out.features.push(BaseFeature { class, names, geometry });
    }
    Ok(out)
}

fn point(sheet: &Sheet, row: usize, lon: usize, lat: usize) -> Option<Geometry<f64>> {
    let number = |column| sheet.cells.cell(row, column).text.trim().parse::<f64>().ok();
    Some(Geometry::Point(Point::new(number(lon)?, number(lat)?)))
}

/// The outlines of areas, where boundaries come as areas.
fn outline(geometry: Geometry<f64>) -> Geometry<f64> {
    let rings = |p: &geo::Polygon<f64>| -> Vec<LineString<f64>> {
        std::iter::once(p.exterior()).chain(p.interiors()).cloned().collect()
    };
    match &geometry {
        Geometry::Polygon(p) => Geometry::MultiLineString(geo::MultiLineString(rings(p))),
        Geometry::MultiPolygon(m) => {
            Geometry::MultiLineString(geo::MultiLineString(m.iter().flat_map(rings).collect()))
        }
        _ => geometry,
    }
}
