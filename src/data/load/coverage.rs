//! Whether the districts divide the city: overlaps between them, gaps among them.

use super::across::{Read, areas};
use super::report::{Place, Report};
use super::text::shorten;
use crate::core::geometry::overlay::{self, OverlayError};
use crate::core::geometry::{Bounds, measure};
use crate::core::model::Text;
use geo::{CoordsIter, InteriorPoint, MultiPolygon, Orient, Polygon};

/// Smaller overlaps and gaps are left to the drawing of borders.
const TOLERATED_KM2: f64 = 0.01;
/// Vertices that go through overlays at most.
const MAX_VERTICES: usize = 20_000_000;

struct District<'a> {
    id: &'a str,
    name: String,
    area: MultiPolygon<f64>,
    bounds: Bounds,
    place: Place<'a>,
}

/// Says where districts overlap and where they leave gaps.
pub fn check(districts: Read, report: &mut Report) {
    let (spec, loaded) = districts;
    let table = &loaded.table;
    let names = spec.name.as_ref().and_then(|n| spec.property(n)).map(|(i, _)| &table.columns[i]);
    let all: Vec<District> = (0..table.ids.len())
        .filter_map(|row| {
            let area = areas(table.geometries.value(row)?)?;
            let (line, column) = loaded.places[row];
            let id = table.ids.value(row);
            let name = shorten(names.and_then(|n| n.text(row)).unwrap_or(id)).into_owned();
            let place = Place::file(&spec.file).feature(id).at((line as usize, column as usize));
            Some(District { id, name, bounds: Bounds::of(&area.clone().into()), area, place })
        })
        .collect();
    let mut left = MAX_VERTICES;
    let mut afford = |n: usize| {
        left = left.saturating_sub(n);
        left > 0
    };
    let mut complete = true;
    for (i, a) in all.iter().enumerate() {
        for b in all[i + 1..].iter().filter(|b| a.bounds.intersects(&b.bounds)) {
            complete &= afford(a.area.coords_count() + b.area.coords_count());
            // borders that cross too often are as much as cannot be afforded
            complete = complete && overlap(a, b, report).is_ok();
        }
    }
    complete &= afford(all.iter().map(|d| d.area.coords_count()).sum());
    if !complete || gaps(&all, Place::file(&spec.file), report).is_err() {
        report.warning(Place::file(&spec.file), "districts-unchecked", || {
            (
                Text::new(
                    "区县边界过于复杂,未检查完重叠与空隙",
                    "the districts are too complex: not all overlaps and gaps were looked for",
                ),
                Text::new("先简化边界", "simplify the borders first"),
            )
        });
    }
}

fn overlap(a: &District, b: &District, report: &mut Report) -> Result<(), OverlayError> {
    let shared = overlay::intersection(&a.area, &b.area)?;
    let km2 = measure::area_km2(&shared.orient(geo::orient::Direction::Default));
    if km2 <= TOLERATED_KM2 {
        return Ok(());
    }
    report.warning(b.place, "districts-overlap", || {
        let near = near(&shared);
        let (a, b) = (format!("{} {}", a.name, a.id), format!("{} {}", b.name, b.id));
        (
            Text::new(
                format!("{a} 与 {b} 重叠 {km2:.3} 平方公里{near}"),
                format!("{a} and {b} overlap by {km2:.3} km2{near}"),
            ),
            Text::new(
                "核对两者的边界;重叠处的企业按先列出的区县计",
                "check the border of the two; enterprises there count for the district listed first",
            ),
        )
    });
    Ok(())
}

fn gaps(all: &[District], place: Place, report: &mut Report) -> Result<(), OverlayError> {
    let union = overlay::union_all(all.iter().map(|d| &d.area))?;
    for hole in union.iter().flat_map(Polygon::interiors) {
        let gap = MultiPolygon(vec![Polygon::new(hole.clone(), vec![])]).orient(geo::orient::Direction::Default);
        let km2 = measure::area_km2(&gap);
        if km2 <= TOLERATED_KM2 {
            continue;
        }
        report.warning(place, "districts-gap", || {
            let near = near(&gap);
            (
                Text::new(
                    format!("区县之间有 {km2:.3} 平方公里的空隙{near}"),
                    format!("there is a gap of {km2:.3} km2 between the districts{near}"),
                ),
                Text::new(
                    "核对周围区县的边界;空隙中的企业计入“区县之外”",
                    "check the borders around it; enterprises there count as outside",
                ),
            )
        });
    }
    Ok(())
}

fn near(area: &MultiPolygon<f64>) -> String {
    area.interior_point().map_or(String::new(), |p| format!(" ({:.5}, {:.5})", p.x(), p.y()))
}
