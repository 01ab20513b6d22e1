//! Targets of the plan among the changes of a layout: what of them may be changed, what a change does to the targets that are in force, and
//! how much of each is there already.

use super::change::{Held, Made, RowEdit, StoredEdit};
use super::error::DraftsError;
use super::judged::{ChangeClass, ChangeFinding, ChangedField, JudgedChange, bare, compared};
use super::owner::refused;
use crate::core::model::{Indicator, Lang, Text};
use crate::core::query::{Disclosure, LedgerCount, ledgers, target_cover};
use crate::core::snapshot::{Description, Snapshot};
use crate::data::load::Severity;
use crate::data::targets::{TARGETS, TargetValues, doubled, edited, find, held, text, unfit};
use crate::service::store::{Provenance, StatedTargets};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// A target of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanTarget {
    /// What names it: indicator, scope, zone, year and kind, as they are in force.
    pub id: String,
    /// What it is.
    #[schema(value_type = crate::data::schema::Text)]
    pub title: Text,
    /// Its unit.
    #[schema(value_type = crate::data::schema::Text)]
    pub unit: Text,
    /// The figure.
    pub value: f64,
    /// Its year.
    pub year: Option<u16>,
    /// Remarks.
    #[schema(value_type = crate::data::schema::Text)]
    pub note: Text,
    /// The latest figure there is, no later than its year; null where none is stated or the rows are invented.
    pub actual: Option<f64>,
    /// What that is of.
    pub actual_period: Option<String>,
    /// The part of it that this is; null for rates, and where there is no figure.
    pub share: Option<f64>,
}

impl PlanTarget {
    fn of(row: &Indicator, id: String, about: &Description, counts: &[LedgerCount]) -> Self {
        let cover = target_cover(row, about, counts);
        let actual = cover.actual.filter(|_| !cover.sample);
        Self {
            id,
            title: Text::new(
                format!("{} · {}", row.title_zh, row.scope),
                format!("{} · {}", row.title_en, row.scope_en),
            ),
            unit: Text::new(&row.unit, row.unit_in(Lang::En)),
            value: row.value,
            year: row.year,
            note: Text::new(&row.note, row.note_in(Lang::En)),
            actual: actual.as_ref().map(|figure| figure.value),
            actual_period: actual.and_then(|figure| figure.period),
            share: cover.share,
        }
    }
}

/// The targets that are in force, and of each of some drafts those that it changes.
pub(super) struct PlanTargets<'a> {
    about: &'a Description,
    counts: Vec<LedgerCount>,
}

impl<'a> PlanTargets<'a> {
    /// The targets of the data. What ledgers hold is counted as any reader may, and not where none may.
    pub(super) fn of(snapshot: &'a Arc<Snapshot>) -> Self {
        let about = snapshot.describe();
        let counts = ledgers(about, |question| question.bind(snapshot, Disclosure::Aggregates));
        Self { about, counts: counts.unwrap_or_default() }
    }

    /// Those in force.
    pub(super) fn in_force(&self) -> Vec<PlanTarget> {
        let targets = self.about.indicators.iter().filter(|row| row.kind == "target");
        targets.map(|row| PlanTarget::of(row, row.id(), self.about, &self.counts)).collect()
    }

    /// Those that changes make others.
    pub(super) fn changed(&self, edits: &[Made]) -> Vec<PlanTarget> {
        let of = of_targets(edits);
        let rows = edited(&self.about.indicators, &of, None);
        let both = self.about.indicators.iter().zip(&rows).filter(|(before, now)| before != now);
        both.map(|(before, now)| PlanTarget::of(now, before.id(), self.about, &self.counts)).collect()
    }
}

/// The changes that are of targets.
fn of_targets(edits: &[Made]) -> Vec<(&str, &TargetValues)> {
    let of = edits.iter().filter(|made| made.edit.table == TARGETS);
    of.filter_map(|made| Some((made.edit.id.as_deref()?, &made.edit.values))).collect()
}

/// An edit of a target beside what is in force now: value, year and remark of one that there is, and nothing else.
pub(super) fn stored(
    edit: RowEdit,
    before: Option<&StoredEdit>,
    rows: &[Indicator],
) -> Result<StoredEdit, DraftsError> {
    let plain = !edit.remove && edit.position.is_none() && edit.geometry.is_none() && edit.new_id.is_none();
    let now = edit.id.as_deref().and_then(|id| held(rows, id));
    // one that somebody has made another since is shown as a conflict
    let known = now.is_some() || before.is_some();
    if !plain || !known || edit.values.is_empty() {
        return Err(refused(
            "no-target",
            "规划没有这个目标;目标只能修改,不能增删".to_owned(),
            "the plan has no such target; targets can be changed, neither added nor removed".to_owned(),
        ));
    }
    if let Some(Text { zh, en }) = unfit(&edit.values) {
        return Err(refused("bad-target", zh, en));
    }
    let now = now.map(|values| Held { values, place: Json::Null });
    Ok(StoredEdit::new(edit, now.as_ref(), before))
}

/// Judges the changes of targets, in their order.
pub(super) fn judge(rows: &[Indicator], edits: &[(u32, &String, &StoredEdit)]) -> Vec<JudgedChange> {
    let of: Vec<(&str, &TargetValues)> =
        edits.iter().filter_map(|(_, _, edit)| Some((edit.id.as_deref()?, &edit.values))).collect();
    let after = edited(rows, &of, None);
    let doubled = doubled(&after);
    let one = |(number, key, edit): &(u32, &String, &StoredEdit)| {
        let mut change = bare(*number, key, edit);
        let id = edit.id.as_deref().unwrap_or_default();
        let now = held(rows, id).map(|values| Held { values, place: Json::Null });
        if !compared(&mut change, edit, Some(&now)) {
            return change;
        }
        let (Some(now), Some(row)) = (now, find(rows, id)) else { return change };
        change.name = [row.title_zh.as_str(), &row.scope].join(" · ");
        let other = |(name, new): (&String, &Json)| {
            let old = now.values.get(name)?;
            let same = old == new || old.as_f64().is_some_and(|old| new.as_f64() == Some(old));
            (!same).then(|| ChangedField { property: name.clone(), old: old.clone(), new: new.clone() })
        };
        change.changes = edit.values.iter().filter_map(other).collect();
        change.class = if change.changes.is_empty() { ChangeClass::Unchanged } else { ChangeClass::Changed };
        let place = rows.iter().position(|row| row.kind == "target" && row.id() == id);
        if place.and_then(|place| after.get(place)).is_some_and(|row| doubled.contains(&row.id())) {
            change.class = ChangeClass::Problem;
            change.findings.push(ChangeFinding {
                severity: Severity::Error,
                code: "target-twice",
                property: Some("year".to_owned()),
                message: Text::new("该年份已有同一目标", "there is a target of the same for this year already"),
                remedy: Text::new(
                    "换一个年份,或修改那一年的目标",
                    "take another year, or change the target of that year",
                ),
            });
        }
        change
    };
    edits.iter().map(one).collect()
}

/// The file of indicators as changes make it; none where they change no target. Changed targets cite the document of the version.
pub(super) fn stated(
    rows: &[Indicator],
    edits: &[Made],
    from: &Provenance,
) -> Result<Option<StatedTargets>, DraftsError> {
    let document = from.document.as_ref().map(|document| match &from.decided {
        Some(decided) => format!("{document}({decided})"),
        None => document.clone(),
    });
    let after = edited(rows, &of_targets(edits), document.as_deref());
    let changed = rows.iter().zip(&after).filter(|(before, now)| before != now).count();
    if changed == 0 {
        return Ok(None);
    }
    let targets = after.iter().filter(|row| row.kind == "target").count();
    let text = text(&after).map_err(|e| {
        tracing::error!(error = %e, "targets were not written");
        refused("bad-target", "目标写不出".to_owned(), "targets can't be written".to_owned())
    })?;
    Ok(Some(StatedTargets { text, targets, changed }))
}
