//! What edits leave of a partition: ground that two zones have now, and gaps that opened between them. What was there before is
//! no reason to refuse an edit.

use crate::core::geometry::overlay::{self, OverlayError};
use crate::core::geometry::{Bounds, areas, measure};
use crate::core::model::{CollectionSpec, Table, Text, ZoneKind};
use crate::data::load::{Finding, Severity};
use geo::{CoordsIter, InteriorPoint, MultiPolygon, Polygon};
use std::collections::HashMap;

/// Smaller overlaps and gaps are left to the last digits of positions: 100 m2. Vertices that are shared leave none.
const TOLERATED_KM2: f64 = 1e-4;
/// Vertices that go through overlays at most.
const MAX_VERTICES: usize = 20_000_000;
/// From which areas are said in square kilometres.
const LARGE_KM2: f64 = 0.1;
/// The code of an overlap, that of a folder's check.
const OVERLAP: &str = "zones-overlap";

type Area = MultiPolygon<f64>;

/// A zone by its id.
struct Zone<'a> {
    id: &'a str,
    name: &'a str,
    area: Area,
    bounds: Bounds,
}

/// What is wrong with a partition since it was edited.
pub(super) struct Fault {
    /// The edited zones that have to do with it.
    pub zones: Vec<String>,
    what: What,
}

enum What {
    /// Two zones, and what both have.
    Overlap([String; 2], f64, Option<geo::Point>),
    /// What lies between zones and in none.
    Gap(f64, Option<geo::Point>),
    /// The same beside such ground that was there before.
    Grown(f64, Option<geo::Point>),
    /// What a zone had at the outer border and none has any more, and how many rows have their point there.
    Left(f64, Option<geo::Point>, usize),
    /// Nobody knows.
    Unchecked,
}

/// What zones of a kind lie on.
pub(super) struct Ground<'a> {
    pub kind: &'a ZoneKind,
    /// How many rows have their point in an area.
    pub rows: &'a dyn Fn(&Area) -> usize,
}

/// Whether a finding of the folder's check is said by those of this one.
pub(super) fn says(found: &[Finding], finding: &Finding) -> bool {
    finding.code == OVERLAP && found.iter().any(|f| f.code == OVERLAP)
}

/// Whether a finding is of what is looked at here in the light of what was there before.
pub(super) fn says_better(finding: &Finding) -> bool {
    matches!(finding.code, "districts-overlap" | "districts-gap")
}

/// A collection and its features.
type Part<'a> = (&'a CollectionSpec, &'a Table);

/// Compares the zones of a kind as they are with those that edits make of them.
pub(super) fn check<'a>(
    before: impl Iterator<Item = Part<'a>>,
    after: impl Iterator<Item = Part<'a>>,
    ground: &Ground,
) -> Vec<Fault> {
    let (before, after): (Vec<Zone>, Vec<Zone>) = (before.flat_map(zones).collect(), after.flat_map(zones).collect());
    let by_id = |all: &[Zone<'a>]| -> HashMap<&'a str, usize> { all.iter().zip(0..).map(|(z, i)| (z.id, i)).collect() };
    let (was, now) = (by_id(&before), by_id(&after));
    let old = |id: &str| was.get(id).map(|i| &before[*i]);
    let differs = |zone: &&Zone| old(zone.id).is_none_or(|old| old.area != zone.area);
    let changed: Vec<&Zone> = after.iter().filter(differs).collect();
    let gone: Vec<&Zone> = before.iter().filter(|zone| !now.contains_key(zone.id)).collect();
    if changed.is_empty() && gone.is_empty() {
        return Vec::new();
    }
    let touched: Vec<&str> = changed.iter().chain(&gone).map(|zone| zone.id).collect();
    let vertices: usize = before.iter().chain(&after).map(|zone| zone.area.coords_count()).sum();
    let found = (vertices <= MAX_VERTICES).then(|| {
        let mut found = overlaps(&changed, &after, &old)?;
        let (was, now) = (Cover::of(&before)?, Cover::of(&after)?);
        found.extend(gaps(&was, &now, &after, &touched, &old)?);
        found.extend(left(&was, &now, &touched, &old, ground)?);
        Ok::<_, OverlayError>(found)
    });
    match found {
        Some(Ok(found)) => found,
        // borders that cross too often are as much as cannot be afforded
        _ => vec![Fault { zones: touched.iter().map(|id| (*id).to_owned()).collect(), what: What::Unchecked }],
    }
}

fn zones((spec, table): Part<'_>) -> impl Iterator<Item = Zone<'_>> {
    let names = spec.name.as_ref().and_then(|n| spec.property(n)).map(|(i, _)| &table.columns[i]);
    (0..table.ids.len()).filter_map(move |row| {
        let area = areas(table.geometries.value(row)?)?;
        let id = table.ids.value(row);
        let name = names.and_then(|n| n.text(row)).unwrap_or(id);
        Some(Zone { id, name, bounds: Bounds::of(&area.clone().into()), area })
    })
}

/// The parts of an area that count, each with its size.
fn parts(area: Area) -> impl Iterator<Item = (Area, f64)> {
    let sized = area.into_iter().map(|part| MultiPolygon(vec![part])).map(|part| {
        let km2 = measure::area_km2(&part);
        (part, km2)
    });
    sized.filter(|(_, km2)| *km2 > TOLERATED_KM2)
}

fn overlaps<'z>(
    changed: &[&Zone],
    after: &[Zone],
    old: &dyn Fn(&str) -> Option<&'z Zone<'z>>,
) -> Result<Vec<Fault>, OverlayError> {
    let mut found = Vec::new();
    for (i, a) in changed.iter().enumerate() {
        for b in after.iter().filter(|b| b.id != a.id && a.bounds.intersects(&b.bounds)) {
            // of two that are both edited the first looks at both
            let both = changed.iter().position(|other| other.id == b.id);
            if both.is_some_and(|other| other < i) {
                continue;
            }
            let mut shared = overlay::intersection(&a.area, &b.area)?;
            if let Some((a, b)) = old(a.id).zip(old(b.id)).filter(|(a, b)| a.bounds.intersects(&b.bounds)) {
                shared = overlay::difference(&shared, &overlay::intersection(&a.area, &b.area)?)?;
            }
            let all: Vec<(Area, f64)> = parts(shared).collect();
            let Some((largest, _)) = all.iter().max_by(|x, y| x.1.total_cmp(&y.1)) else { continue };
            let mut zones = vec![a.id.to_owned()];
            zones.extend(both.map(|_| b.id.to_owned()));
            let names = [a, b].map(|zone| format!("{} {}", zone.name, zone.id));
            let km2 = all.iter().map(|(_, km2)| km2).sum();
            found.push(Fault { zones, what: What::Overlap(names, km2, largest.interior_point()) });
        }
    }
    Ok(found)
}

/// What zones have together.
struct Cover {
    whole: Area,
    /// What they enclose and none of them has.
    holes: Area,
}

impl Cover {
    fn of(zones: &[Zone]) -> Result<Self, OverlayError> {
        let whole = overlay::union_all(zones.iter().map(|zone| &zone.area))?;
        let rings = whole.iter().flat_map(Polygon::interiors);
        let holes: Area = rings.map(|ring| Polygon::new(ring.clone(), vec![])).collect();
        // a zone may lie within a hole
        let holes = overlay::difference(&overlay::even_odd(&holes)?, &whole)?;
        Ok(Self { whole, holes })
    }
}

/// Ground at the outer border that a zone had, and that none has any more. The outer border may have been moved on purpose.
fn left<'z>(
    was: &Cover,
    now: &Cover,
    touched: &[&str],
    old: &dyn Fn(&str) -> Option<&'z Zone<'z>>,
    ground: &Ground,
) -> Result<Vec<Fault>, OverlayError> {
    let lost = overlay::difference(&overlay::difference(&was.whole, &now.whole)?, &now.holes)?;
    if lost.0.is_empty() {
        return Ok(vec![]);
    }
    let mut found = Vec::new();
    for zone in touched.iter().filter_map(|id| old(id)) {
        let all: Vec<(Area, f64)> = parts(overlay::intersection(&zone.area, &lost)?).collect();
        let Some((largest, _)) = all.iter().max_by(|x, y| x.1.total_cmp(&y.1)) else { continue };
        let rows = all.iter().map(|(part, _)| (ground.rows)(part)).sum();
        let km2 = all.iter().map(|(_, km2)| km2).sum();
        found.push(Fault { zones: vec![zone.id.to_owned()], what: What::Left(km2, largest.interior_point(), rows) });
    }
    Ok(found)
}

fn gaps<'z>(
    was: &Cover,
    now: &Cover,
    after: &[Zone],
    touched: &[&str],
    old: &dyn Fn(&str) -> Option<&'z Zone<'z>>,
) -> Result<Vec<Fault>, OverlayError> {
    let mut found = Vec::new();
    let mut opened = Vec::new();
    for hole in &now.holes {
        let hole = MultiPolygon(vec![hole.clone()]);
        let new = overlay::difference(&hole, &was.holes)?;
        // a zone may have given ground up to what none has: that is no slip of a border between two
        let grown = parts(overlay::intersection(&hole, &was.holes)?).next().is_some();
        opened.extend(parts(new).map(|(gap, km2)| (gap, km2, grown)));
    }
    for (gap, km2, grown) in opened {
        let bounds = Bounds::of(&gap.clone().into());
        let new = |id: &str| after.iter().find(|zone| zone.id == id);
        let beside = |zone: Option<&Zone>| zone.is_some_and(|zone| zone.bounds.intersects(&bounds));
        let near: Vec<&str> = touched.iter().copied().filter(|id| beside(old(id)) || beside(new(id))).collect();
        let mut gave = Vec::new();
        for id in &near {
            let had = old(id).filter(|zone| zone.bounds.intersects(&bounds));
            let had = had.map(|zone| overlay::intersection(&zone.area, &gap)).transpose()?;
            if had.is_some_and(|had| measure::area_km2(&had) > TOLERATED_KM2) {
                gave.push((*id).to_owned());
            }
        }
        // who gave the ground up; else who closed a ring around it
        let zones = if gave.is_empty() { near.into_iter().map(str::to_owned).collect() } else { gave };
        let at = gap.interior_point();
        found.push(Fault { zones, what: if grown { What::Grown(km2, at) } else { What::Gap(km2, at) } });
    }
    Ok(found)
}

impl Fault {
    /// As a finding at an edited zone.
    pub(super) fn finding(&self, ground: &Ground, file: &str, id: &str) -> Finding {
        let (zh, en) = (&ground.kind.term.zh, &ground.kind.term.plural);
        let near = |at: &Option<geo::Point>| at.map_or(String::new(), |p| format!(" ({:.5}, {:.5})", p.x(), p.y()));
        let (severity, code, message, remedy) = match &self.what {
            What::Overlap([first, second], km2, at) => {
                let ((area_zh, area_en), near) = (sized(*km2), near(at));
                (
                    Severity::Error,
                    OVERLAP,
                    Text::new(
                        format!("{first} 与 {second} 因此重叠 {area_zh}{near}"),
                        format!("{first} and {second} now overlap by {area_en}{near}"),
                    ),
                    Text::new(
                        "拖动两者共有的顶点(两侧一起移动),或让边界避开对方",
                        "move the vertices that both share, which moves both borders, or keep clear of the other",
                    ),
                )
            }
            What::Gap(km2, at) => {
                let ((area_zh, area_en), near) = (sized(*km2), near(at));
                (
                    Severity::Error,
                    "zones-gap",
                    Text::new(
                        format!("{zh}之间因此出现 {area_zh}的空隙{near}"),
                        format!("a gap of {area_en} opens between the {en}{near}"),
                    ),
                    Text::new(
                        "拖动共有的顶点(两侧一起移动);移除一个区域时改用合并",
                        "move the vertices that are shared, which moves both borders; merge a zone instead of removing it",
                    ),
                )
            }
            What::Grown(km2, at) => {
                let ((area_zh, area_en), near) = (sized(*km2), near(at));
                (
                    Severity::Warning,
                    "zones-gap-grown",
                    Text::new(
                        format!("{zh}之间原有的空隙因此扩大 {area_zh}{near}"),
                        format!("the gap that was between the {en} grows by {area_en}{near}"),
                    ),
                    Text::new(
                        "如非有意,撤销这一步;空隙中的记录不计入任何一个",
                        "undo the step if it is not meant; rows in the gap count in none of them",
                    ),
                )
            }
            What::Left(km2, at, rows) => {
                let ((area_zh, area_en), near) = (sized(*km2), near(at));
                (
                    Severity::Warning,
                    "zones-left",
                    Text::new(
                        format!("外缘有 {area_zh}不再属于任何{zh}{near},其中有 {rows} 条记录的点位"),
                        format!(
                            "{area_en} at the outer border are in none of the {en} any more{near}, with the points of {rows} rows"
                        ),
                    ),
                    Text::new(
                        "外界确有变动可以保存,这些记录此后计入各区域之外;否则撤销这一步,或把顶点移回原来的外界",
                        "keep it where the outer border has changed: these rows then count as outside; else undo the step, or move the vertices back",
                    ),
                )
            }
            What::Unchecked => (
                Severity::Warning,
                "zones-unchecked",
                Text::new(
                    format!("{zh}边界过于复杂,未检查重叠与空隙"),
                    format!("the {en} are too complex: overlaps and gaps were not looked for"),
                ),
                Text::new("先简化边界", "simplify the borders first"),
            ),
        };
        let (feature, file) = (Some(id.to_owned()), file.to_owned());
        Finding {
            severity,
            code,
            file,
            feature,
            property: None,
            other: None,
            line: None,
            column: None,
            message,
            remedy,
        }
    }
}

/// An area in words.
fn sized(km2: f64) -> (String, String) {
    if km2 < LARGE_KM2 {
        let m2 = km2 * 1e6;
        return (format!("{m2:.0} 平方米"), format!("{m2:.0} m2"));
    }
    (format!("{km2:.3} 平方公里"), format!("{km2:.3} km2"))
}
