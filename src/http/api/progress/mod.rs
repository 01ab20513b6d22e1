//! `/plan/items` and `/plan/progress`: how far the items of the plan are, as JSON for the page and as a paper of a half-year. Who may edit
//! states how far an item is; what was stated stays.

mod schema;

use crate::core::model::{HalfYear, TrackedPlan};
use crate::core::query::{PlanProgress, ledgers, plan_progress};
use crate::http::extract::change::{Change, seen};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::extract::values::{HalfYearText, Word};
use crate::http::ogc::map::paint;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, blocking, json, named_paper};
use crate::render::report::{PaperFile, ProgressPaper};
use crate::service::accounts::Permission;
use crate::service::progress::{Progress, ProgressError, Statement};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use schema::{PlanItemHistory, PlanItems, ProgressBody};
use serde::Deserialize;
use utoipa::IntoParams;

// the description does not follow a type with parameters of its own
type FileWord = Word<PaperFile>;

/// Which paper.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProgressParams {
    /// The form of the file.
    #[param(inline)]
    f: FileWord,
    /// The half of a year that it is about (`2026H1`); the present one when left out. What was stated with a later date is not in it.
    #[param(value_type = Option<String>)]
    half: Option<HalfYearText>,
}

/// The items of the plan that are followed: who is responsible, when they are due, their figures, how far they are, and how many are how far.
/// What nobody has stated is `null`.
#[utoipa::path(get, path = "/plan/items", operation_id = "getPlanItems", tag = "plan", responses(
    (status = 200, body = PlanItems),
    (status = 404, description = "the dataset follows no items of a plan", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    let progress = on(&context, context.today()).await?;
    json(StatusCode::OK, &PlanItems::of(&context, &progress))
}

/// An item with all that was stated of it.
#[utoipa::path(get, path = "/plan/items/{item}", operation_id = "getPlanItem", tag = "plan",
    params(("item" = String, Path, description = "list and code, as `measures.layout`")), responses(
    (status = 200, body = PlanItemHistory),
    (status = 404, description = "no such item", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(item): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let progress = on(&context, context.today()).await?;
    json(StatusCode::OK, &history(&context, &progress, &item)?)
}

/// States how far an item is: its status with the day, what shows it, and, where that is new, who is responsible and when it is due. What was
/// stated before stays in its history.
#[utoipa::path(post, path = "/plan/items/{item}", operation_id = "postPlanItem", tag = "plan",
    params(("item" = String, Path), ("If-Match" = String, Header, description = "the tag of the item")),
    request_body = ProgressBody, responses(
    (status = 201, body = PlanItemHistory),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such item", body = ProblemDocument),
    (status = 409, description = "the item has too many entries", body = ProblemDocument),
    (status = 412, description = "another stated something since; `current` is what it is now", body = ProblemDocument),
    (status = 422, description = "what is done has no evidence, the day is in the future, or a text is too long", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn state(
    context: Context,
    headers: HeaderMap,
    Path(item): Path<String>,
    change: Change<ProgressBody>,
) -> Answer {
    context.allow(Permission::Edit)?;
    let kept = kept(&context)?;
    if plan(&context)?.item(&item).is_none() {
        return Err(unknown(&item));
    }
    let ProgressBody { status, as_of, evidence, department, deadline } = change.body()?;
    let tag = seen(&headers)?.parse().map_err(|_| {
        let (zh, en) = ("If-Match 应为事项的 tag。", "If-Match is the tag of the item.");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unfit", zh, en)
    })?;
    let statement = Statement { status: status.into(), as_of, evidence, department, deadline };
    let today = context.today();
    let stated = kept.state(item.clone(), statement, tag, &today, context.actor()).await;
    let progress = on(&context, today).await?;
    let now = history(&context, &progress, &item)?;
    match stated {
        Ok(_) => json(StatusCode::CREATED, &now),
        Err(e @ ProgressError::Stale) => Err(Problem::from(e).beside(&now)),
        Err(e) => Err(e.into()),
    }
}

/// The progress of the plan in a half-year as a paper: how many items are how far, what is overdue, what nothing shows, what is not known,
/// each item, and what was stated in the half-year.
#[utoipa::path(get, path = "/plan/progress", operation_id = "getPlanProgress", tag = "plan", params(ProgressParams, LangParams), responses(
    (status = 200, content((String = "text/csv"), (String = "text/html"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    (status = 404, description = "the dataset follows no items of a plan", body = ProblemDocument),
    (status = 501, description = "no font has the characters", body = ProblemDocument),
    (status = 503, description = "too many papers are being made", body = ProblemDocument)))]
pub(crate) async fn paper(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let (ProgressParams { f: Word(file), half }, lang): (ProgressParams, LangParams) = params.only()?;
    let lang = lang.lang(&headers);
    let today = context.today();
    let present = HalfYear::of(&today).ok_or_else(|| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))?;
    let half = half.map_or(present, |HalfYearText(half)| half);
    if half > present {
        return Err(Problem::parameter("half", "还没有开始", "has not begun"));
    }
    // of a half-year that goes on, what it is today
    let progress = on(&context, half.last_day().min(today.clone())).await?;
    paint(context, move |context| {
        let about = context.describe();
        let data = format!("{} · {}", about.manifest.title.get(lang), about.revision);
        let paper = ProgressPaper { progress: &progress, half, lang, day: &today, data, units: &about.manifest.units };
        let bytes = paper.render(file, &context.0.fonts)?;
        let head = [(header::CONTENT_TYPE, file.media_type()), (header::CACHE_CONTROL, "no-store")];
        let mut response = (head, bytes).into_response();
        named_paper(&mut response, &paper.file_name(), file);
        Ok(response)
    })
    .await
}

fn kept(context: &Context) -> Result<&Progress, ProgressError> {
    context.0.progress.as_ref().ok_or(ProgressError::NoFolder)
}

/// The items of the dataset's plan.
fn plan(context: &Context) -> Result<TrackedPlan, Problem> {
    // a plan whose items can't be read was refused when the folder was loaded
    let plan = context.describe().plan.as_ref().and_then(|plan| TrackedPlan::of(plan).ok().flatten());
    plan.ok_or_else(|| {
        Problem::not_found(
            "此数据集没有要跟踪的规划事项:请在规划文件中写 tracked。",
            "This dataset follows no items of a plan: write `tracked` into the file of the plan.",
        )
    })
}

/// How far the plan is on a day.
async fn on(context: &Context, day: String) -> Result<PlanProgress, Problem> {
    let plan = plan(context)?;
    let entries = match &context.0.progress {
        Some(progress) => progress.entries().await?,
        None => vec![],
    };
    let context = context.clone();
    blocking(move || {
        let counts = ledgers(context.describe(), |question| context.bind_stated(question))?;
        Ok(plan_progress(plan, (&context.engine(), context.disclosure()), &counts, &entries, &day))
    })
    .await
}

fn history(context: &Context, progress: &PlanProgress, item: &str) -> Result<PlanItemHistory, Problem> {
    let found = progress.items.iter().find(|one| one.item.id == item);
    found.map(|one| PlanItemHistory::of(context, one)).ok_or_else(|| unknown(item))
}

fn unknown(item: &str) -> Problem {
    let shown: String = item.chars().take(80).collect();
    Problem::not_found(format!("规划里没有事项 {shown}。"), format!("The plan has no item {shown}."))
}
