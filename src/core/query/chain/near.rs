//! Where the nearest rows of a stage are that an area lacks, and which zones near it have some.

use super::{ChainCandidate, ChainGap, ChainNear, Stages};
use crate::cancel;
use crate::geometry::measure;
use crate::model::Text;
use crate::query::answer::ZoneName;
use crate::query::outlined::Outlined;
use crate::query::profile::kind_of;
use crate::query::query_error::QueryError;
use crate::query::question::Question;
use crate::snapshot::ZoneInfo;
use geo::{Rect, coord};

/// Rows that are named.
const MOST_ROWS: usize = 5;
/// Zones that are named.
const MOST_ZONES: usize = 3;

/// What is nearest of each stage that the area of a question lacks; nothing of an area without an outline.
pub(super) fn gaps(stages: &Stages<'_>, missing: &[String]) -> Result<Vec<ChainGap>, QueryError> {
    let Some(outline) = stages.bound.outline().and_then(Outlined::new) else { return Ok(vec![]) };
    let gap = |stage: &String| {
        let (nearest, unlocated) = rows(stages, stage, &outline)?;
        Ok(ChainGap { stage: stage.clone(), nearest, unlocated, zones: zones(stages, stage, &outline)? })
    };
    missing.iter().map(gap).collect()
}

/// The nearest rows of a stage, and how many have no position.
fn rows(stages: &Stages<'_>, stage: &str, outline: &Outlined) -> Result<(Vec<ChainCandidate>, usize), QueryError> {
    let all = stages.bound.ask(&stages.everywhere().filtered(stages.at(stage)))?.select(0, usize::MAX);
    let source = all.source();
    let mut found: Vec<(f64, &str, usize)> = Vec::new();
    for (place, row) in all.rows().iter().map(|row| *row as usize).enumerate() {
        if place.is_multiple_of(1 << 10) {
            cancel::check();
        }
        found.extend(outline.far_row(&all, row).map(|metres| (metres, source.id(row), row)));
    }
    let unlocated = all.rows().len() - found.len();
    found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    // what a row is called is a property like any other
    let spec = all.spec();
    let hidden = |name: &Option<String>| {
        let place = name.as_deref().and_then(|name| spec.property(name)).map(|(place, _)| place);
        place.is_some_and(|place| !all.columns().contains(&place))
    };
    let unnamed = hidden(&spec.name) || hidden(&spec.name_en);
    let candidate = |(metres, id, row): (f64, &str, usize)| {
        let name = if unnamed { Text::new(id, id) } else { Text::new(source.name(row), source.name_en(row)) };
        let geometry = all.table().geometries.value(row);
        let position = geometry.and_then(|geometry| measure::representative_point(&geometry)).map(|at| [at.x, at.y]);
        ChainCandidate { id: id.to_owned(), name, metres, position }
    };
    Ok((found.into_iter().take(MOST_ROWS).map(candidate).collect(), unlocated))
}

/// The zones with rows of a stage whose outlines are nearest.
fn zones(stages: &Stages<'_>, stage: &str, outline: &Outlined) -> Result<Vec<ChainNear>, QueryError> {
    let about = stages.bound.describe();
    let kind = Some(kind_of(stages.bound)).filter(|kind| !kind.is_empty());
    let list = stages.bound.ask(&stages.everywhere().of_kind(kind).filtered(stages.at(stage)))?.zones()?;
    let own = stages.bound.area().id;
    let others = list.zones.iter().filter(|row| row.count > 0 && Some(&row.id) != own.as_ref());
    // a zone is no nearer than the box around it
    let least = |zone: &ZoneInfo| {
        let b = &zone.bounds;
        let (low, high) = (coord! { x: b.west, y: b.south }, coord! { x: b.east, y: b.north });
        outline.far(&Rect::new(low, high).to_polygon().into())
    };
    let boxed = |zone| Some((least(zone)?, zone));
    let mut left: Vec<(f64, u64, &ZoneInfo)> =
        others.filter_map(|row| boxed(about.zone(&row.id)?).map(|(least, zone)| (least, row.count, zone))).collect();
    left.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.2.id.cmp(&b.2.id)));
    let mut out: Vec<ChainNear> = Vec::new();
    for (least, count, zone) in left {
        cancel::check();
        if out.get(MOST_ZONES - 1).is_some_and(|last| least > last.metres) {
            break;
        }
        let bound = stages.bound.ask(&Question::register().in_zone(&zone.id))?;
        let Some(metres) = bound.outline().and_then(|shape| outline.far(&shape.clone().into())) else { continue };
        let zone = ZoneName::described(about, zone);
        let before = |other: &ChainNear| (other.metres, &other.zone.id) <= (metres, &zone.id);
        let at = out.partition_point(before);
        out.insert(at, ChainNear { zone, count, metres });
        out.truncate(MOST_ZONES);
    }
    Ok(out)
}
