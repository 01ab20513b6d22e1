//! `/trial`: a trial zone beside the area as it was, with rows that are assumed.

mod schema;

use crate::core::geometry::Bounds;
use crate::core::model::Lang;
use crate::core::query::{Bound, Question, Trial, TrialSpec, trial, trials_beside};
use crate::http::extract::body;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{LangParams, TableParams};
use crate::http::extract::values::{Word, Words};
use crate::http::ogc::map::paint;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply, attachment, blocking};
use crate::render::drawing::Drawing;
use crate::render::map::{Annotation, AnnotationKind, Ask, Crs, Scene};
use crate::render::report::{TrialFile, TrialSet};
use crate::service::clock;
use axum::body::Bytes;
use axum::http::HeaderMap;
use schema::{TrialAnswer, TrialBody};
use serde::Deserialize;
use utoipa::IntoParams;

/// The forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrialForm {
    Json,
    File(TrialFile),
}

impl Words for TrialForm {
    fn words() -> Vec<(&'static str, Self)> {
        let files = TrialFile::all().map(|file| (file.extension(), Self::File(file)));
        std::iter::once(("json", Self::Json)).chain(files).collect()
    }
}

// the description does not follow a type with parameters of its own
type TrialFormWord = Word<TrialForm>;

/// In which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrialParams {
    /// The form of the answer; JSON when left out.
    #[param(inline)]
    f: Option<TrialFormWord>,
}

/// The numbers of a trial zone, of the area as it was, and of the zone with rows that are assumed: rows, sums, location quotients
/// with intervals, concentration, overlaps with zones and distances to the layout. As a file it says that it is a trial, and sets other
/// scenarios beside it.
#[utoipa::path(post, path = "/trial", operation_id = "postTrial", tag = "numbers", request_body = TrialBody,
    params(TrialParams, TableParams, LangParams),
    responses((status = 200, content((TrialAnswer = "application/json"), (String = "text/csv"), (String = "text/html"), (Vec<u8> = "application/pdf"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (serde_json::Value = "application/geo+json"))),
        (status = 403, description = "rows are moved by a reader who may not see them", body = crate::http::problem::ProblemDocument),
        (status = 501, description = "no font has the characters", body = crate::http::problem::ProblemDocument),
        (status = 503, description = "too many maps are being drawn", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, mut params: Params, bytes: Bytes) -> Answer {
    let (TrialParams { f }, table, lang): (TrialParams, TableParams, LangParams) = params.take()?;
    params.finish()?;
    let context = context.of_table(&table)?;
    let lang: Lang = lang.lang(&headers);
    let spec: TrialSpec = body::json(&headers, &bytes)?;
    let Some(Word(TrialForm::File(file))) = f else {
        return blocking(move || {
            if !spec.beside.is_empty() {
                let (zh, en) = (
                    "只用于文件:请加 f=docx、pdf、html、xlsx、csv 或 geojson",
                    "is for files: add f=docx, pdf, html, xlsx, csv or geojson",
                );
                return Err(Problem::parameter("beside", zh, en));
            }
            let (spec, bound) = understood(&context, spec)?;
            Reply { context: &context, headers: &headers }.json(|| Ok(trial(&bound, &spec)?))
        })
        .await;
    };
    spec.check_beside()?;
    let work = move |context: &Context| {
        let (spec, bound) = understood(context, of_documents(context, spec))?;
        let form = Form { stamped: true, ..Form::spoken(file.media_type(), lang) };
        let mut response = Reply { context, headers: &headers }.form(form, || {
            let day = clock::now().to_string().chars().take(10).collect::<String>();
            let found = trial(&bound, &spec)?;
            let beside: Vec<(Option<String>, Trial)> =
                spec.beside.iter().map(|one| one.title.clone()).zip(trials_beside(&bound, &spec)?).collect();
            let (about, title) = (context.describe(), spec.title.as_deref());
            let set = TrialSet { trial: &found, title, beside: &beside, about, lang, day: &day };
            let map = if file.has_map() { Some(map(&bound, &spec, lang, set.title())?) } else { None };
            Ok(set.render(file, map, &context.0.fonts)?)
        })?;
        attachment(&mut response, &format!("trial.{}", file.extension()));
        Ok(response)
    };
    paint(context, work).await
}

/// A trial with the weights of documents, and the scenarios beside it with the same, where it names none.
fn of_documents(context: &Context, mut spec: TrialSpec) -> TrialSpec {
    let register = context.describe().register().and_then(|c| c.spec.register.as_ref());
    let metrics = register.into_iter().flat_map(|r| &r.metrics).filter(|metric| metric.in_documents);
    if spec.weights.is_empty() {
        spec.weights = metrics.map(|metric| metric.id.clone()).collect();
    }
    for one in &mut spec.beside {
        one.weights.clone_from(&spec.weights);
    }
    spec
}

/// The trial with its saved areas, and its question, checked.
fn understood(context: &Context, spec: TrialSpec) -> Result<(TrialSpec, Bound), Problem> {
    body::of_register(&spec.question)?;
    let known = |question: &Question| Ok::<_, Problem>(context.with_saved_areas(question)?.into_owned());
    let baseline = spec.baseline.as_ref().map(known).transpose()?;
    let beside = spec.beside.iter().map(|one| understood(context, one.clone()).map(|(spec, _)| spec));
    let beside = beside.collect::<Result<_, Problem>>()?;
    let spec = TrialSpec { question: known(&spec.question)?, baseline, beside, ..spec };
    let bound = context.bind(&spec.question)?;
    // sums of the area as it was are a question of their own
    if let Some(question) = spec.baseline_question() {
        context.bind(&question)?;
    }
    Ok((spec, bound))
}

/// The map of a trial zone, with the area as it was and the scenarios beside it as somebody drew them.
fn map(bound: &Bound, spec: &TrialSpec, lang: Lang, title: String) -> Result<Drawing<'static>, Problem> {
    let baseline = spec.baseline_question().map(|question| bound.ask(&question)).transpose()?;
    let was = baseline.map(|baseline| (lang.pick("推演前", "As it was").to_owned(), baseline));
    let mut others: Vec<(String, Bound)> = was.into_iter().collect();
    for one in &spec.beside {
        let area = bound.ask(&one.question)?;
        let name = one.title.clone().unwrap_or_else(|| lang.pick(&area.area().name, &area.area().name_en).to_owned());
        others.push((name, area));
    }
    others.retain(|(_, area)| area.outline() != bound.outline());
    let mut bounds = Bounds::EMPTY;
    for area in std::iter::once(bound).chain(others.iter().map(|(_, area)| area)) {
        area.area().bbox.iter().for_each(|bbox| bounds.join(&Bounds::from_array(*bbox)));
    }
    let [west, south, east, north] = bounds.to_array();
    let (x, y) = ((east - west).max(0.01) / 3.0, (north - south).max(0.01) / 3.0);
    let around = Bounds::from_array([west - x, south - y, east + x, north + y]);
    let annotations = others.iter().flat_map(|(name, area)| {
        area.outline().into_iter().flatten().map(move |polygon| {
            let ring = &polygon.exterior().0;
            let points = ring.iter().step_by(ring.len().div_ceil(1000).max(1)).map(|c| [c.x, c.y]).collect();
            Annotation { kind: AnnotationKind::Area, text: name.clone(), points }
        })
    });
    let ask = Ask {
        bbox: (!bounds.is_empty()).then(|| Crs::default().project_bounds(&around)),
        title: Some(title),
        annotations: annotations.collect(),
        ..Ask::about(bound, lang)
    };
    Ok(Scene::draw(bound.describe(), &ask)?.into_drawing())
}
