//! Layouts beside each other as a file: the map of each, what its areas hold, and targets with how much of each is there.

use crate::core::model::{Lang, Role, Stated, Text, UnitSpec};
use crate::core::query::{Trial, TrialSpec, trial};
use crate::http::admin::consultations::consultations;
use crate::http::admin::consultations::paper::{geometry, outlines};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::extract::values::Word;
use crate::http::ogc::map::{ViewSheet, paint};
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, named_paper};
use crate::render::map::Annotation;
use crate::render::report::{
    Alternative, AlternativeAim, AlternativeArea, AlternativeChange, AlternativeTarget, AlternativesPaper, PaperFile,
};
use crate::service::accounts::Permission;
use crate::service::drafts::{PlanChange, PlanContent, PlanLayout, PlanTarget};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use geo::{BoundingRect, Geometry, Rect};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use utoipa::IntoParams;

/// Width and height of a map in pixels of 0.28 mm.
const MAP: [f64; 2] = [620.0, 400.0];
/// All maps show this many times what the layouts change, and at least so many degrees.
const ROOM: f64 = 1.3;
const LEAST: f64 = 0.1;
/// Layouts that a page has room for.
const MOST: usize = 3;

// the description does not follow a type with parameters of its own
type FileWord = Word<PaperFile>;

/// Which layouts, and in which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PaperParams {
    /// Ids of 1 to 3 layouts, separated by commas.
    ids: String,
    /// The form of the file.
    #[param(inline)]
    f: FileWord,
}

/// Layouts beside each other as a file: the map of each, what its areas hold beside the same areas as they are in force (rows, ground, leading
/// class with its location quotient, platforms, overlaps), and the targets that any of them changes, with how much of each is there.
#[utoipa::path(get, path = "/layouts/paper", operation_id = "getLayoutsPaper", tag = "plan", params(PaperParams, LangParams), responses(
    (status = 200, content((String = "text/csv"), (String = "text/html"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 404, description = "no such layout", body = ProblemDocument),
    (status = 409, description = "a layout is in conflict with what others changed since", body = ProblemDocument),
    (status = 422, description = "a layout has errors", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing, or no font has the characters", body = ProblemDocument),
    (status = 503, description = "too many maps are being drawn", body = ProblemDocument)))]
pub(crate) async fn paper(context: Context, headers: HeaderMap, params: Params) -> Answer {
    context.allow(Permission::Edit)?;
    let (PaperParams { ids, f: Word(file) }, lang): (PaperParams, LangParams) = params.only()?;
    let lang = lang.lang(&headers);
    let ids: Vec<String> = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if !(1..=MOST).contains(&ids.len()) {
        let (zh, en) = (format!("应有 1 到 {MOST} 个方案"), format!("1 to {MOST} layouts"));
        return Err(Problem::parameter("ids", &zh, &en));
    }
    let plan = consultations(&context)?.plan(ids).await?;
    paint(context, move |context| {
        let paper = of(context, &plan, file.has_map(), lang)?;
        let bytes = paper.render(file, &context.0.fonts)?;
        let head = [(header::CONTENT_TYPE, file.media_type()), (header::CACHE_CONTROL, "no-store")];
        let mut response = (head, bytes).into_response();
        named_paper(&mut response, &paper.file_name(), file);
        Ok(response)
    })
    .await
}

fn of(context: &Context, plan: &PlanContent, maps: bool, lang: Lang) -> Result<AlternativesPaper, Problem> {
    let shapes = plan.layouts.iter().flat_map(|layout| &layout.changes).filter_map(shape);
    let around = shapes.filter_map(|shape| shape.bounding_rect()).reduce(|a, b| {
        let (low, high) = ((a.min(), b.min()), (a.max(), b.max()));
        Rect::new((low.0.x.min(low.1.x), low.0.y.min(low.1.y)), (high.0.x.max(high.1.x), high.0.y.max(high.1.y)))
    });
    let layouts = plan.layouts.iter().map(|layout| alternative(context, layout, around.filter(|_| maps), lang));
    let layouts = layouts.collect::<Result<Vec<_>, _>>()?;
    let about = context.describe();
    let revision: String = about.revision.chars().take(8).collect();
    Ok(AlternativesPaper {
        layouts,
        targets: targets(plan, &about.manifest.units, lang),
        version: plan.version,
        words: about.wording(),
        platforms: about
            .by_role(Role::Platforms)
            .map_or_else(|| Text::new("点位", "Places"), |collection| collection.spec.title.clone()),
        sample: about.sample(),
        lang,
        day: context.today(),
        data: format!("{} {revision}", about.manifest.title.get(lang)),
    })
}

/// What a change draws: the new geometry, of a feature that goes the old one.
fn shape(change: &PlanChange) -> Option<Geometry<f64>> {
    geometry(if change.new.is_null() { &change.old } else { &change.new })
}

fn alternative(
    context: &Context,
    layout: &PlanLayout,
    around: Option<Rect>,
    lang: Lang,
) -> Result<Alternative, Problem> {
    let numbered = || (1..).zip(&layout.changes);
    let map = match around {
        Some(around) => {
            let (x, y) = around.center().x_y();
            let [w, h] = [around.width(), around.height()].map(|side| (side * ROOM).max(LEAST) / 2.0);
            let query = format!("bbox={},{},{},{}", x - w, y - h, x + w, y + h);
            let annotations: Vec<Annotation> = numbered()
                .filter_map(|(number, change): (usize, _)| Some(outlines(&shape(change)?, &number.to_string())))
                .flatten()
                .collect();
            let (title, size) = (layout.title.as_str(), MAP);
            let sheet = ViewSheet { query: &query, question: None, title, annotations, points: None, lang, size };
            Some(sheet.draw(context)?.into_drawing())
        }
        None => None,
    };
    let mut areas = Vec::new();
    for (number, change) in numbered() {
        if is_area(&change.new) {
            areas.push(area(context, number, change, lang)?);
        }
    }
    let changes = numbered().map(|(number, change)| AlternativeChange {
        number,
        name: change.name.get(lang).to_owned(),
        class: change.class.clone(),
    });
    let changes = changes.collect();
    Ok(Alternative { title: layout.title.clone(), note: layout.note.clone(), changes, areas, map })
}

fn is_area(shape: &Json) -> bool {
    shape["type"].as_str().is_some_and(|kind| kind.ends_with("Polygon"))
}

/// What an area holds, as a trial zone beside what is in force.
fn area(context: &Context, number: usize, change: &PlanChange, lang: Lang) -> Result<AlternativeArea, Problem> {
    let mut asked = json!({"question": {"polygon": change.new}});
    let before = is_area(&change.old);
    if before {
        asked["baseline"] = json!({"polygon": change.old});
    }
    let spec: TrialSpec = serde_json::from_value(asked).map_err(|e| {
        tracing::error!(error = %e, "the outline of a layout is no area");
        Problem::of_status(axum::http::StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    let found: Trial = trial(&context.bind(&spec.question)?, &spec)?;
    let lead = found.lead.as_ref().map(|lead| {
        let class = found.classes.iter().find(|class| class.code.as_ref() == Some(&lead.code));
        (lead.name.get(lang).to_owned(), class.and_then(|class| class.lq.real.lq))
    });
    let name = |zh: &str, en: &str| if en.is_empty() { zh.to_owned() } else { lang.pick(zh, en).to_owned() };
    Ok(AlternativeArea {
        number,
        name: change.name.get(lang).to_owned(),
        rows: (before.then_some(found.count.baseline), found.count.real),
        ground: found.area_km2.real,
        lead,
        platforms: found.platforms.len(),
        overlaps: found.overlaps.iter().map(|zone| name(&zone.zone.name, &zone.zone.name_en)).collect(),
    })
}

fn targets(plan: &PlanContent, units: &[UnitSpec], lang: Lang) -> Vec<AlternativeTarget> {
    let said = |value: f64, unit: &Text, of: &str| {
        let Stated { value, decimals, unit } = Stated::of(units, value, unit, lang);
        let parts = [format!("{value:.*}", usize::from(decimals)), unit, of.to_owned()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let aim = |target: &PlanTarget| AlternativeAim {
        said: said(target.value, &target.unit, &target.year.map_or_else(String::new, |year| format!("({year})"))),
        share: target.share,
    };
    let of = |force: &PlanTarget| {
        let layouts: Vec<Option<AlternativeAim>> =
            plan.layouts.iter().map(|layout| layout.targets.iter().find(|own| own.id == force.id).map(aim)).collect();
        layouts.iter().any(Option::is_some).then(|| AlternativeTarget {
            title: force.title.get(lang).to_owned(),
            actual: force.actual.map(|actual| {
                said(
                    actual,
                    &force.unit,
                    &force.actual_period.as_ref().map_or_else(String::new, |of| format!("({of})")),
                )
            }),
            force: aim(force),
            layouts,
        })
    };
    plan.targets.iter().filter_map(of).collect()
}
