//! Features that can't be used: set aside where little is lost by it, faults of the file where much is.

use super::repair::{self, Outcome};
use super::report::Report;
use super::rings;
use super::value::Json;
use crate::core::model::Geometries;
use geo::{Coord, Geometry, LineString, Polygon};

/// The share of the area of a file that may be missing.
pub const MOST_LOST: f64 = 0.01;
/// Of so many features one may be set aside whatever its area; one always may, if another remains. More than that is no
/// slip of a file's author but a fault of the file.
const ONE_OF: usize = 50;

/// What makes a feature unusable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// Its geometry or its id.
    Itself,
    /// A property, which the manifest's own rules refuse.
    Property,
}

/// A feature that can't be used: it is left out, and what is wrong with it is said at the end.
#[derive(Debug)]
pub struct Aside {
    pub id: String,
    pub cause: Cause,
    /// Square kilometres that are lost with it; none where its geometry does not say.
    pub km2: Option<f64>,
    pub report: Report,
}

/// How much is lost with the features that are set aside.
#[derive(Debug, Default)]
pub struct Loss {
    by_count: bool,
    by_area: bool,
    /// Square kilometres of all areas, those that are lost included.
    whole: f64,
    lost: f64,
}

impl Loss {
    /// Weighs what is set aside against what remains. Of what divides the city only the area counts.
    pub fn of(aside: &[Aside], rows: usize, geometries: &Geometries, divides: bool) -> Self {
        if aside.is_empty() {
            return Self::default();
        }
        let areas: Vec<f64> = (0..rows)
            .filter_map(|row| match geometries.value(row)? {
                Geometry::Polygon(p) => Some(repair::km2_of(&[p])),
                Geometry::MultiPolygon(m) => Some(repair::km2_of(&m.0)),
                _ => None,
            })
            .collect();
        let kept: f64 = areas.iter().sum();
        // what does not say its area is taken to be as large as others are
        let usual = kept / areas.len().max(1) as f64;
        let lost: f64 = aside.iter().map(|one| one.km2.unwrap_or(usual)).sum();
        let whole = kept + lost;
        Self {
            by_count: !divides && rows > 0 && aside.len() <= (rows / ONE_OF).max(1),
            by_area: kept > 0.0 && lost <= MOST_LOST * whole,
            whole,
            lost,
        }
    }

    /// Whether one of the features may be left out.
    pub fn is_bearable(&self, one: &Aside) -> bool {
        self.by_area || (self.by_count && one.cause == Cause::Itself)
    }

    /// What to add to the findings of one that may not: the share that would be missing, zh and en.
    pub fn words(&self) -> Option<(String, String)> {
        if self.by_area || self.lost <= 0.0 {
            return None;
        }
        let (share, most) = (self.lost / self.whole * 100.0, MOST_LOST * 100.0);
        Some((
            format!(";不用的要素占面积的 {share:.1}%,超过 {most:.0}%,不能搁置"),
            format!("; {share:.1} % of the area can't be used, more than {most:.0} %, so it is not set aside"),
        ))
    }
}

/// The area of a geometry that can't be used, by the positions that it has; none where it has some that are none.
pub fn km2_of(raw: &str) -> Option<f64> {
    let json: Json = serde_json::from_str(raw).ok()?;
    let mut polygons = Vec::new();
    collect(&json, &mut polygons)?;
    let gross = repair::km2_of(&polygons);
    // of rings that cross, what one side takes from the other is lost all the same
    Some(match repair::even_odd(&polygons) {
        Outcome::Repaired(r) | Outcome::Changed(r) => gross.max(r.after()),
        Outcome::Impossible => gross,
    })
}

fn collect(geometry: &Json, all: &mut Vec<Polygon<f64>>) -> Option<()> {
    let member = |name: &str| match geometry.member(name) {
        Some(Json::List(items)) => items.as_slice(),
        _ => &[],
    };
    match geometry.member("type").and_then(Json::as_str) {
        Some("Polygon") => polygon(member("coordinates"), all)?,
        Some("MultiPolygon") => {
            for part in member("coordinates") {
                let Json::List(rings) = part else { return None };
                polygon(rings, all)?;
            }
        }
        Some("GeometryCollection") => member("geometries").iter().try_for_each(|one| collect(one, all))?,
        _ => {}
    }
    Some(())
}

fn polygon(rings: &[Json], all: &mut Vec<Polygon<f64>>) -> Option<()> {
    let mut rings = rings.iter().map(ring).collect::<Option<Vec<_>>>()?.into_iter();
    all.extend(rings.next().map(|outer| Polygon::new(outer, rings.filter(|ring| !ring.0.is_empty()).collect())));
    Some(())
}

fn ring(ring: &Json) -> Option<LineString<f64>> {
    let Json::List(positions) = ring else { return None };
    // whatever they are, so few positions enclose nothing
    if positions.len() < rings::LEAST {
        return Some(LineString(vec![]));
    }
    let number = |json: Option<&Json>| match json? {
        Json::Int(i) => Some(*i as f64),
        Json::Float(x) if x.is_finite() => Some(*x),
        Json::Str(text) => text.trim().parse().ok().filter(|x: &f64| x.is_finite()),
        _ => None,
    };
    let position = |json: &Json| {
        let Json::List(numbers) = json else { return None };
        let (x, y) = (number(numbers.first())?, number(numbers.get(1))?);
        // beyond the globe is as large as the globe allows
        Some(Coord { x: x.clamp(-180.0, 180.0), y: y.clamp(-90.0, 90.0) })
    };
    positions.iter().map(position).collect::<Option<_>>().map(LineString)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_of_what_is_broken() {
        let of = |coordinates: &str| km2_of(&format!(r#"{{"type":"Polygon","coordinates":{coordinates}}}"#));
        let square = of("[[[0,0],[1,0],[1,1],[0,1],[0,0]]]").unwrap();
        assert!((square - 12_364.0).abs() < 20.0, "{square}");
        // two triangles that turn against each other are half of it, not nothing
        let bow_tie = of("[[[0,0],[1,1],[1,0],[0,1],[0,0]]]").unwrap();
        assert!((bow_tie / square - 0.5).abs() < 0.01, "{bow_tie}");
        assert_eq!(of("[[[0,0],[1,0],[0,0]]]"), Some(0.0));
        assert_eq!(of("[]"), Some(0.0));
        assert_eq!(of("[[]]"), Some(0.0));
        assert_eq!(of("[[[0,0],[1,null],[1,1],[0,1],[0,0]]]"), None, "nobody knows");
        assert_eq!(of("[[[0,0],[\"1\",0],[1,1],[0,1],[0,0]]]"), Some(square));
        assert_eq!(km2_of(r#"{"type":"Point","coordinates":[0,0]}"#), Some(0.0));
        let nested = r#"{"type":"GeometryCollection","geometries":[{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,1],[0,0]]]]}]}"#;
        assert_eq!(km2_of(nested), Some(square));
    }
}
