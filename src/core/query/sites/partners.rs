//! Who of the neighbouring stages is near a row or a site.

use super::wish::Seeker;
use super::{name_of, position, words, wrong};
use crate::cancel;
use crate::filter::{Expr, Op};
use crate::geometry::measure;
use crate::model::Text;
use crate::query::answer::Note;
use crate::query::chain::staged;
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::query::question::Question;
use crate::snapshot::ClassName;
use geo::Coord;
use serde::Serialize;

/// Rows that are named of a stage.
const MOST: usize = 20;

/// A row near a feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Partner {
    /// Id.
    pub id: String,
    /// Name; the id where the reader may not see it.
    pub name: Text,
    /// Metres on the ellipsoid.
    pub metres: f64,
    /// Longitude and latitude.
    pub position: [f64; 2],
}

/// The rows of a stage near a feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartnerStage {
    /// The stage; `null` for all rows of a class that has no stages.
    pub stage: Option<ClassName>,
    /// Whether it feeds the stage in question, is fed by it, or neither.
    pub relation: Option<&'static str>,
    /// Rows within the distance.
    pub count: u64,
    /// The nearest of them, at most 20.
    pub nearest: Vec<Partner>,
}

/// Who is near of the neighbouring stages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Partners {
    /// Revision of the data.
    pub revision: String,
    /// Whether the rows are invented (示例数据).
    pub sample: bool,
    /// The feature.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The table of the partners.
    pub table: String,
    /// The class.
    pub class: ClassName,
    /// The stage in question; `null` where all stages of the class are listed.
    pub stage: Option<ClassName>,
    /// Metres.
    pub distance_m: f64,
    /// The stages.
    pub stages: Vec<PartnerStage>,
    /// Rows of these stages without a position, which are near to nothing.
    pub unlocated: u64,
    /// Rules and cautions.
    pub notes: Vec<Note>,
}

/// Who is near a feature of the question's collection: a row of the occupants has its own class and stage where none is named. `None`
/// without such a feature.
pub fn partners(
    bound: &Bound,
    id: &str,
    (class, stage): (Option<&str>, Option<&str>),
    metres: f64,
) -> Result<Option<Partners>, QueryError> {
    if !(1.0..=500_000.0).contains(&metres) {
        return wrong("distance_m", "应为 1 至 500000 米", "must be 1 to 500000 metres");
    }
    let (about, rows) = (bound.describe(), bound.select(0, usize::MAX));
    let Some(row) = rows.source().find(id).filter(|row| rows.rows().contains(&(*row as u32))) else { return Ok(None) };
    let own = about.register().filter(|register| register.spec.id == rows.spec().id);
    let occupants = match own.and_then(|c| c.spec.register.as_ref()) {
        Some(register) => register.sites.as_ref().map_or(&rows.spec().id, |sites| &sites.occupants),
        None => &about.tables.first().ok_or(QueryError::NoRegister)?.id,
    };
    let firms = bound.ask(&Question::of(&**occupants))?;
    let text = |property: Option<&str>| {
        let (place, _) = rows.spec().property(property?)?;
        let shown = *occupants == rows.spec().id && rows.columns().contains(&place);
        shown.then(|| rows.table().columns[place].text(row)).flatten()
    };
    let register = firms.describe().register().and_then(|c| c.spec.register.as_ref());
    // who has no class of its own is asked about the first that has stages
    let first = || {
        let all = &firms.describe().clusters()?.entries;
        let staged = staged(firms.describe())
            .and_then(|(_, list)| all.iter().find(|class| list.stages_of(&class.code).next().is_some()));
        staged.or(all.first()).map(|class| &*class.code)
    };
    let class = class.or_else(|| text(register?.cluster.as_deref())).or_else(first);
    let stage = stage.or_else(|| text(register?.stage.as_deref()));
    let seeker = Seeker::new(&firms, class, stage)?;
    let (question, class) = seeker.of_class("partners")?;
    let stages = stages(&firms, &seeker, class);
    let Some(at) = position(&rows, row) else {
        let (zh, en) =
            (format!("{id} 没有坐标,其周围没有范围"), format!("{id} has no position, so that nothing is near it"));
        return wrong("featureId", zh, en);
    };
    let at = Coord { x: at[0], y: at[1] };
    let property = staged(firms.describe()).map(|(property, _)| property.to_owned()).unwrap_or_default();
    let (mut out, mut unlocated) = (Vec::new(), 0);
    for (stage, relation) in stages {
        let of_stage = match &stage {
            None => question.clone(),
            Some(stage) => question
                .clone()
                .filtered(Expr::Call(Op::Eq, vec![Expr::Property(property.clone()), Expr::Text(stage.code.clone())])),
        };
        let all = bound.ask(&of_stage)?.select(0, usize::MAX);
        let mut near: Vec<(f64, &str, u32, [f64; 2])> = Vec::new();
        for (place, other) in all.rows().iter().enumerate() {
            if place.is_multiple_of(1 << 10) {
                cancel::check();
            }
            let code = all.source().id(*other as usize);
            let Some(there) = position(&all, *other as usize) else {
                unlocated += 1;
                continue;
            };
            let far = measure::distance(at, Coord { x: there[0], y: there[1] });
            if far <= metres && !(*occupants == rows.spec().id && code == id) {
                near.push((far, code, *other, there));
            }
        }
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
        let partner = |(metres, id, row, position): &(f64, &str, u32, [f64; 2])| Partner {
            id: (*id).to_owned(),
            name: name_of(&all, *row as usize),
            metres: *metres,
            position: *position,
        };
        let nearest = near.iter().take(MOST).map(partner).collect();
        out.push(PartnerStage { stage, relation, count: near.len() as u64, nearest });
    }
    Ok(Some(Partners {
        revision: about.revision.clone(),
        sample: firms.describe().sample(),
        id: id.to_owned(),
        name: name_of(&rows, row),
        table: occupants.clone(),
        class: class.clone(),
        stage: seeker.stage.clone(),
        distance_m: metres,
        stages: out,
        unlocated,
        notes: notes(&firms, about.scope.is_some()),
    }))
}

/// The neighbouring stages and on which side they are; all stages of the class where none is in question, one of all rows where there are none.
fn stages(firms: &Bound, seeker: &Seeker<'_>, class: &ClassName) -> Vec<(Option<ClassName>, Option<&'static str>)> {
    match (&seeker.next, staged(firms.describe())) {
        (Some((_, next)), Some((_, list))) => {
            let is_before = |code: &str| {
                let own = seeker.stage.as_ref().and_then(|stage| list.entries.iter().find(|e| e.code == stage.code));
                own.is_some_and(|own| own.after.iter().any(|before| before == code))
            };
            let relation = |code: &str| Some(if is_before(code) { "before" } else { "after" });
            next.iter().map(|stage| (Some(stage.clone()), relation(&stage.code))).collect()
        }
        (_, list) => {
            let all = list.iter().flat_map(|(_, list)| list.stages_of(&class.code));
            let all: Vec<_> = all.map(|stage| (Some(super::class_name(stage)), None)).collect();
            if all.is_empty() { vec![(None, None)] } else { all }
        }
    }
}

fn notes(firms: &Bound, limited: bool) -> Vec<Note> {
    let words = words(firms);
    let note = |code, zh, en| Note::filled(&words, code, zh, en);
    let mut notes = vec![
        note(
            "register",
            "只列名录中的{row};名录之外可能还有。",
            "Only {rows} in the register are listed; there may be others that are not in it.",
        ),
        note(
            "distances",
            "距离为直线距离,不是路程;相近不表示有业务往来。",
            "Distances are straight, not by road; who is near does not do business with another for that.",
        ),
    ];
    if limited {
        notes.push(note("scope", "只含您权限范围内的{row}。", "Only {rows} of your own zones are listed."));
    }
    notes
}
