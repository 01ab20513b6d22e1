//! Whether the zones of a partition share no ground, and whether the districts leave gaps.

use super::across::Read;
use super::report::{Place, Report};
use super::text::shorten;
use crate::core::geometry::overlay::{self, OverlayError};
use crate::core::geometry::{Bounds, areas, measure};
use crate::core::model::{Text, ZoneKind};
use geo::{CoordsIter, InteriorPoint, MultiPolygon, Orient, Polygon};

/// Smaller overlaps and gaps are left to the drawing of borders.
const TOLERATED_KM2: f64 = 0.01;
/// An overlap of more than this share of the smaller zone is none of borders that were drawn twice.
const SLIVER: f64 = 0.05;
/// Vertices that go through overlays at most.
const MAX_VERTICES: usize = 20_000_000;

/// A zone as it was read.
struct Zone<'a> {
    id: &'a str,
    name: String,
    area: MultiPolygon<f64>,
    bounds: Bounds,
    place: Place<'a>,
}

fn zones((spec, loaded): Read<'_>) -> impl Iterator<Item = Zone<'_>> {
    let table = &loaded.table;
    let names = spec.name.as_ref().and_then(|n| spec.property(n)).map(|(i, _)| &table.columns[i]);
    (0..table.ids.len()).filter_map(move |row| {
        let area = areas(table.geometries.value(row)?)?;
        let (line, column) = loaded.places[row];
        let id = table.ids.value(row);
        let name = shorten(names.and_then(|n| n.text(row)).unwrap_or(id)).into_owned();
        let place = Place::file(&spec.file).feature(id).at((line as usize, column as usize));
        Some(Zone { id, name, bounds: Bounds::of(&area.clone().into()), area, place })
    })
}

/// Says where the zones of a partition overlap, and where districts leave gaps.
pub fn check(kind: &ZoneKind, reads: &[Read], report: &mut Report) {
    let Some((first, _)) = reads.first() else { return };
    let all: Vec<Zone> = reads.iter().flat_map(|read| zones(*read)).collect();
    let mut left = MAX_VERTICES;
    let mut afford = |n: usize| {
        left = left.saturating_sub(n);
        left > 0
    };
    let mut complete = true;
    // from west to east: whatever begins east of a zone does not meet it
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| all[*a].bounds.west.total_cmp(&all[*b].bounds.west));
    for (i, &a) in order.iter().enumerate() {
        let near = order[i + 1..].iter().take_while(|b| all[**b].bounds.west <= all[a].bounds.east);
        for &b in near.filter(|b| all[a].bounds.intersects(&all[**b].bounds)) {
            // the one that is listed first
            let (a, b) = (&all[a.min(b)], &all[a.max(b)]);
            complete &= afford(a.area.coords_count() + b.area.coords_count());
            // borders that cross too often are as much as cannot be afforded
            complete = complete && overlap(kind, a, b, report).is_ok();
        }
    }
    let file = Place::file(&first.file);
    if kind.districts {
        complete &= afford(all.iter().map(|d| d.area.coords_count()).sum());
        complete = complete && gaps(&all, file, report).is_ok();
    }
    if !complete {
        report.warning(file, "districts-unchecked", || {
            let (zh, en) = (&kind.term.zh, &kind.term.plural);
            (
                Text::new(
                    format!("{zh}边界过于复杂,未检查完重叠与空隙"),
                    format!("the {en} are too complex: not all overlaps and gaps were looked for"),
                ),
                Text::new("先简化边界", "simplify the borders first"),
            )
        });
    }
}

fn overlap(kind: &ZoneKind, a: &Zone, b: &Zone, report: &mut Report) -> Result<(), OverlayError> {
    let area = |area: &MultiPolygon<f64>| measure::area_km2(&area.orient(geo::orient::Direction::Default));
    let shared = overlay::intersection(&a.area, &b.area)?;
    let km2 = area(&shared);
    if km2 <= TOLERATED_KM2 {
        return Ok(());
    }
    let near = near(&shared);
    let (first, second) = (format!("{} {}", a.name, a.id), format!("{} {}", b.name, b.id));
    let share = km2 / area(&a.area).min(area(&b.area));
    let said = |zh: &str, en: &str| {
        let percent = share * 100.0;
        (
            Text::new(
                format!("{first} 与 {second} 重叠 {km2:.3} 平方公里(占较小者的 {percent:.1}%){near}"),
                format!("{first} and {second} overlap by {km2:.3} km2 ({percent:.1} % of the smaller){near}"),
            ),
            Text::new(zh, en),
        )
    };
    let (zh, en) = (&kind.term.zh, &kind.term.en);
    if share > SLIVER {
        report.error(b.place.with(a.id), "zones-overlap", || {
            said(
                "核对两者的边界;若这类区域本来就会重叠,在集合的 zone 中写 \"overlapping\": true,其合计便不与全体相加",
                "check the border of the two; where zones of this kind do overlap, write \"overlapping\": true in zone of the \
                 collection, and they are served as zones that add up to nothing",
            )
        });
        return Ok(());
    }
    report.warning(b.place, "districts-overlap", || {
        said(
            &format!("核对两者的边界;重叠处的记录按先列出的{zh}计"),
            &format!("check the border of the two; rows there count for the {en} listed first"),
        )
    });
    Ok(())
}

fn gaps(all: &[Zone], place: Place, report: &mut Report) -> Result<(), OverlayError> {
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
                    format!("区域之间有 {km2:.3} 平方公里的空隙{near}"),
                    format!("there is a gap of {km2:.3} km2 between the zones{near}"),
                ),
                Text::new(
                    "核对周围区域的边界;空隙中的记录计入各区域之外",
                    "check the borders around it; rows there count as outside",
                ),
            )
        });
    }
    Ok(())
}

fn near(area: &MultiPolygon<f64>) -> String {
    area.interior_point().map_or(String::new(), |p| format!(" ({:.5}, {:.5})", p.x(), p.y()))
}
