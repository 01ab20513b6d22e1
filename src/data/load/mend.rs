//! Repaired copies of GeoJSON files: rings are closed, those that are none are dropped, crossings are put right by the
//! even-odd rule. All else stays byte for byte as it is.

use super::feature;
use super::repair::{self, Outcome};
use super::report::{Place, Report};
use super::rings;
use super::stream::{self, Frame};
use super::text::{Cursor, decode};
use crate::core::geometry::validity::{self, Fault};
use crate::core::model::Text;
use geo::Geometry;
use geojson::{GeometryValue, Position};
use serde::Serialize;

/// What was done to one feature, or could not be.
#[derive(Debug, Serialize)]
pub struct Mended {
    /// The file.
    pub file: String,
    /// The feature's id, or its place as `#3`.
    pub feature: String,
    /// Whether it was repaired.
    pub repaired: bool,
    /// What was done, or why nothing was.
    pub text: Text,
}

/// A file with its geometry repaired; none where nothing is to be done, or where it can't be read as GeoJSON.
pub fn repaired(bytes: &[u8], file: &str) -> Option<(Vec<u8>, Vec<Mended>)> {
    let text = decode(bytes, file, &mut Report::new(1))?;
    let (mut out, mut taken, mut mended, mut seen) = (String::new(), 0, Vec::new(), 0);
    let mut cursor = Cursor::new(text);
    stream::features(text, &mut Frame::default(), &mut |raw| {
        seen += 1;
        let at = cursor.advance((raw.as_ptr() as usize).saturating_sub(text.as_ptr() as usize));
        let mut unused = Report::new(1);
        let Some(members) = feature::members(raw, Place::file(file).at(at), &mut unused) else { return };
        let Some(geometry) = members.geometry.map(serde_json::value::RawValue::get) else { return };
        let Some((new, said)) = mend(geometry) else { return };
        let feature = feature::id(&members).unwrap_or_else(|| format!("#{seen}"));
        mended.push(Mended { file: file.to_owned(), feature, repaired: new.is_some(), text: said });
        if let Some(new) = new {
            let start = (geometry.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            out.push_str(text.get(taken..start).unwrap_or_default());
            out.push_str(&new);
            taken = start + geometry.len();
        }
    })
    .ok()?;
    if mended.is_empty() {
        return None;
    }
    out.push_str(text.get(taken..).unwrap_or_default());
    Some((out.into_bytes(), mended))
}

/// The repaired geometry and what was done; no geometry where it can't be repaired. None where it is sound.
fn mend(raw: &str) -> Option<(Option<String>, Text)> {
    let mut geometry: geojson::Geometry = serde_json::from_str(raw).ok()?;
    let said = value(&mut geometry.value)?;
    Some(match said {
        Ok(said) => (Some(geometry.to_string()), said),
        Err(why) => (None, why),
    })
}

fn value(geometry: &mut GeometryValue) -> Option<Result<Text, Text>> {
    use GeometryValue as V;
    match geometry {
        V::Polygon { .. } | V::MultiPolygon { .. } => {}
        V::GeometryCollection { geometries } => {
            let all: Vec<_> = geometries.iter_mut().filter_map(|g| value(&mut g.value)).collect();
            return all.into_iter().reduce(|a, b| if a.is_err() { a } else { b });
        }
        _ => return None,
    }
    let closed = rings::close(geometry);
    let dropped = rings::without_slivers(geometry);
    let solid = |polygon: &Vec<Vec<Position>>| polygon.first().is_some_and(|ring| ring.len() >= rings::LEAST);
    let empty = match geometry {
        V::Polygon { coordinates } => !solid(coordinates),
        V::MultiPolygon { coordinates } => !coordinates.iter().any(solid),
        _ => false,
    };
    if empty {
        return Some(Err(Text::new("没有可用的环,未修复", "it has no usable ring; not repaired")));
    }
    let polygons = match Geometry::<f64>::try_from(geometry.clone()).ok()? {
        Geometry::Polygon(p) => vec![p],
        Geometry::MultiPolygon(m) => m.0,
        _ => return None,
    };
    let mut said = (closed + dropped > 0).then(|| {
        Text::new(
            format!("闭合 {closed} 个环,去掉 {dropped} 个不成环的部分"),
            format!("{closed} rings were closed, {dropped} that are no rings were dropped"),
        )
    });
    if validity::faults(&polygons).iter().any(Fault::is_error) {
        match repair::repair(&polygons) {
            Outcome::Repaired(repaired) => {
                let (zh, en) = repaired.made();
                said = Some(Text::new(zh, en));
                *geometry = GeometryValue::from(&repaired.area);
            }
            Outcome::Changed(change) => {
                let (zh, en) = change.left();
                return Some(Err(Text::new(zh, en)));
            }
            Outcome::Impossible => {
                return Some(Err(Text::new(
                    "环交叉过多或没有面积,未修复",
                    "rings cross too often or have no area; not repaired",
                )));
            }
        }
    }
    said.map(Ok)
}
