//! Whether the zones of each level lie in those of the level above: parents that are named, found and large enough.

use super::across::{Read, place};
use super::report::{Place, Report};
use super::rows::Loaded;
use super::text::shorten;
use crate::core::geometry::{Bounds, Region, areas, measure, overlay};
use crate::core::model::{Manifest, Text, ZoneKind};
use geo::{CoordsIter, MultiPolygon, Orient};
use std::collections::HashMap;

/// A smaller share of a zone outside its parent is left to the drawing of borders.
const TOLERATED_SHARE: f64 = 0.01;
/// With more than this share of it outside, a zone has a wrong parent.
const MOST_SHARE: f64 = 0.5;
/// Vertices that go through overlays at most.
const MAX_VERTICES: usize = 20_000_000;

/// A zone above others.
struct Parent {
    area: MultiPolygon<f64>,
    region: Region,
}

/// Says which zones have no parent, or do not lie in it.
pub fn check(manifest: &Manifest, read: &[Option<Loaded>], report: &mut Report) {
    let kinds = manifest.zone_kinds();
    let mut left = MAX_VERTICES;
    for kind in &kinds {
        let Some(above) = kinds.iter().find(|k| Some(&k.id) == kind.parent.as_ref()) else { continue };
        let known: Option<Vec<Read>> = above
            .collections
            .iter()
            .map(|&c| Some((&manifest.collections[c], read[c].as_ref().filter(|l| l.complete)?)))
            .collect();
        // an unreadable file is an error of its own
        let Some(known) = known else { continue };
        let mut order: Vec<&str> = Vec::new();
        let mut parents: HashMap<&str, Parent> = HashMap::new();
        for (_, loaded) in &known {
            for (row, id) in loaded.table.ids.iter().enumerate() {
                if let Some(area) = loaded.table.geometries.value(row).and_then(areas) {
                    order.push(id);
                    parents.insert(id, Parent { region: Region::new(&area), area });
                }
            }
        }
        for &c in &kind.collections {
            let Some(loaded) = read[c].as_ref() else { continue };
            let aside = |id: &str| known.iter().any(|(_, l)| l.aside.contains(id));
            collection(
                (&manifest.collections[c], loaded),
                (kind, above),
                (&order, &parents, &aside),
                &mut left,
                report,
            );
        }
    }
}

/// Whether the zone of an id was set aside.
type Aside<'a> = &'a dyn Fn(&str) -> bool;

fn collection(
    child: Read,
    (kind, above): (&ZoneKind, &ZoneKind),
    (order, parents, aside): (&[&str], &HashMap<&str, Parent>, Aside),
    left: &mut usize,
    report: &mut Report,
) {
    let (spec, loaded) = child;
    let table = &loaded.table;
    let property = spec.zone.as_ref().and_then(|z| z.parent.as_ref()).and_then(|p| p.property.as_deref());
    let column = property.and_then(|p| spec.property(p)).map(|(i, _)| &table.columns[i]);
    let mut complete = true;
    for row in 0..table.ids.len() {
        let Some(area) = table.geometries.value(row).and_then(areas) else { continue };
        let at = place(child, row);
        let at = property.map_or(at, |p| at.property(p));
        let id = match column {
            Some(column) => column.text(row),
            None => measure::label_point(&area)
                .and_then(|at| order.iter().copied().find(|id| parents[id].region.contains(at.x, at.y))),
        };
        let (Some(id), Some(parent)) = (id, id.and_then(|id| parents.get(id))) else {
            // a parent that was set aside is none, as is a blank one
            let id = id.filter(|id| !id.trim().is_empty() && !aside(id));
            without_parent(id, (kind, above), at, report);
            continue;
        };
        *left = left.saturating_sub(area.coords_count() + parent.area.coords_count());
        let inside = if *left == 0 { None } else { share(&area, &parent.area) };
        complete &= inside.is_some();
        outside_parent(1.0 - inside.unwrap_or(1.0), id, (kind, above), at, report);
    }
    if !complete {
        report.warning(Place::file(&spec.file), "levels-unchecked", || {
            (
                Text::new(
                    "边界过于复杂,未逐一检查各区域是否在上级区域内",
                    "the borders are too complex: not every zone was compared with the one above",
                ),
                Text::new("先简化边界", "simplify the borders first"),
            )
        });
    }
}

/// The share of an area that lies in another.
fn share(area: &MultiPolygon<f64>, parent: &MultiPolygon<f64>) -> Option<f64> {
    let (own, other) = (Bounds::of(&area.clone().into()), Bounds::of(&parent.clone().into()));
    if !own.intersects(&other) {
        return Some(0.0);
    }
    let km2 = |area: &MultiPolygon<f64>| measure::area_km2(&area.orient(geo::orient::Direction::Default));
    let whole = km2(area);
    let inside = km2(&overlay::intersection(area, parent).ok()?);
    Some(if whole > 0.0 { (inside / whole).min(1.0) } else { 1.0 })
}

fn without_parent(id: Option<&str>, (kind, above): (&ZoneKind, &ZoneKind), at: Place, report: &mut Report) {
    let (zh, en) = (&above.term.zh, &above.term.en);
    if let Some(id) = id {
        report.error(at.with(id), "unknown-parent", || {
            let id = shorten(id);
            (
                Text::new(format!("上级 {id} 不是任何{zh}的 id"), format!("the parent {id} is the id of no {en}")),
                Text::new(
                    format!("改成{zh}的 id,不详则写 null"),
                    format!("use the id of a {en}, or null where it is not known"),
                ),
            )
        });
        return;
    }
    report.warning(at, "zone-without-parent", || {
        let (child_zh, child_en) = (&kind.term.zh, &kind.term.en);
        (
            Text::new(format!("该{child_zh}不属于任何{zh}"), format!("this {child_en} belongs to no {en}")),
            Text::new(
                format!("核对其位置或所填上级;未改之前它只计入全体,不计入任何{zh}的下级"),
                format!("check its place, or the parent that it names; until then it is listed below no {en}"),
            ),
        )
    });
}

fn outside_parent(share: f64, parent: &str, (kind, above): (&ZoneKind, &ZoneKind), at: Place, report: &mut Report) {
    // zones that may overlap may reach beyond the one above, too
    if share <= if kind.partition { TOLERATED_SHARE } else { MOST_SHARE } {
        return;
    }
    let (parent_id, parent, percent) = (parent, shorten(parent), share * 100.0);
    let (zh, en) = (&above.term.zh, &above.term.en);
    let said = || {
        (
            Text::new(
                format!("面积的 {percent:.1}% 在其上级{zh} {parent} 之外"),
                format!("{percent:.1} % of its area lies outside its {en} {parent}"),
            ),
            Text::new(
                "核对两者的边界与上级;上级之外的记录不计入该区域",
                "check the borders of both, and the parent; rows outside the parent do not count in this zone",
            ),
        )
    };
    if share > MOST_SHARE {
        report.error(at.with(parent_id), "outside-parent", said);
    } else {
        report.warning(at, "outside-parent", said);
    }
}
