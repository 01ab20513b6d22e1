//! `/briefings`: what happened in a month, as papers that the service makes by itself. Administrators set when; who may read all finds them in
//! a list.

use crate::core::model::Lang;
use crate::data::schema;
use crate::http::admin::versions::moment;
use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, attachment, json};
use crate::render::report::PaperFile;
use crate::service::accounts::Permission;
use crate::service::briefings::{Briefings, BriefingsError, Setting};
use crate::service::store::{Briefing, BriefingSchedule, BriefingState};
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language of papers.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BriefingLanguage {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// When briefings are made, and of what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleBody {
    /// What they are called: 1 to 80 characters.
    title: String,
    /// The day of the month, 1 to 28; `null` for its last. On the last day a briefing is about the month, else about the days up to the one
    /// before: that of the first is about the month before.
    #[schema(minimum = 1, maximum = 28)]
    day: Option<u8>,
    /// The hour of the day, in the time zone of the dataset.
    #[schema(maximum = 23)]
    hour: u8,
    /// The languages of the papers.
    languages: Vec<BriefingLanguage>,
    /// The kind of the zones; the one that divides the whole when left out.
    #[serde(default)]
    kind: Option<String>,
    /// One zone instead of all of a kind.
    #[serde(default)]
    zone: Option<String>,
    /// Whether it is followed.
    #[serde(default = "yes")]
    active: bool,
}

fn yes() -> bool {
    true
}

impl From<ScheduleBody> for Setting {
    fn from(body: ScheduleBody) -> Self {
        let ScheduleBody { title, day, hour, languages, kind, zone, active } = body;
        let lang = |lang| match lang {
            BriefingLanguage::Zh => Lang::Zh,
            BriefingLanguage::En => Lang::En,
        };
        Self { title, day, hour, languages: languages.into_iter().map(lang).collect(), kind, zone, active }
    }
}

/// When briefings are made, and of what.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScheduleInfo {
    /// Its id.
    id: String,
    /// What its briefings are called.
    title: String,
    /// The day of the month; `null` for its last.
    day: Option<u8>,
    /// The hour of the day.
    hour: u8,
    /// The languages of the papers.
    languages: Vec<BriefingLanguage>,
    /// The kind of the zones; `null` for the one that divides the whole.
    kind: Option<String>,
    /// One zone instead of all of a kind.
    zone: Option<String>,
    /// Whether it is followed.
    active: bool,
    /// When the next is made (RFC 3339, UTC); `null` where none is.
    next: Option<String>,
}

impl ScheduleInfo {
    fn of((schedule, next): (BriefingSchedule, Option<i64>)) -> Self {
        let BriefingSchedule { id, title, day, hour, languages, kind, zone, active, .. } = schedule;
        let lang = |lang: &Lang| if *lang == Lang::En { BriefingLanguage::En } else { BriefingLanguage::Zh };
        let (languages, next) = (languages.iter().map(lang).collect(), next.map(moment));
        Self { id, title, day, hour, languages, kind, zone, active, next }
    }
}

/// A file of a briefing: `/briefings/{schedule}/{period}/{file}`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BriefingFileInfo {
    /// Language and format, as `zh.docx`.
    file: String,
    /// Its size.
    bytes: u64,
}

/// A briefing of a schedule and a month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BriefingInfo {
    /// Id of the schedule.
    schedule: String,
    /// The month in which it was due, `YYYY-MM`.
    period: String,
    /// When it was due (RFC 3339, UTC).
    due: String,
    /// The days that it is about.
    since: String,
    /// The last of them.
    until: String,
    /// Whether it was made up later, since the service did not run when it was due.
    late: bool,
    /// How far it is.
    state: BriefingState,
    /// When it was made or failed (RFC 3339, UTC).
    ended: Option<String>,
    /// When it is tried again; `null` where it is not.
    retry: Option<String>,
    /// Whether nothing has changed in its time; `null` where it is not made.
    still: Option<bool>,
    /// Revision of the data that it is made of.
    revision: Option<String>,
    /// Why it failed.
    #[schema(value_type = Option<schema::Text>)]
    error: Option<crate::core::model::Text>,
    /// Its files.
    files: Vec<BriefingFileInfo>,
}

impl BriefingInfo {
    fn of(briefing: Briefing) -> Self {
        let Briefing { schedule, period, due, since, until, late, state, ended, retry, still, .. } = briefing;
        let files = briefing.files.into_iter().map(|(file, bytes)| BriefingFileInfo { file, bytes });
        let (due, ended, retry) = (moment(due), ended.map(moment), retry.map(moment));
        let (revision, error, files) = (briefing.revision, briefing.error, files.collect());
        Self { schedule, period, due, since, until, late, state, ended, retry, still, revision, error, files }
    }
}

/// Briefings that the service makes by itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BriefingList {
    /// When they are made.
    schedules: Vec<ScheduleInfo>,
    /// Those of the last two years, the latest first.
    briefings: Vec<BriefingInfo>,
}

/// Briefings of what happened in a month, which the service makes by itself, and when the next are made. They are about all zones, so who is
/// limited to some does not get them.
#[utoipa::path(get, path = "/briefings", operation_id = "getBriefings", tag = "numbers", responses(
    (status = 200, body = BriefingList),
    (status = 403, description = "the reader is limited to some zones", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    let (schedules, briefings) = readable(&context)?.list().await?;
    let schedules = schedules.into_iter().map(ScheduleInfo::of).collect();
    json(StatusCode::OK, &BriefingList { schedules, briefings: briefings.into_iter().map(BriefingInfo::of).collect() })
}

/// Sets that briefings are made each month, and when.
#[utoipa::path(post, path = "/briefings/schedules", operation_id = "postBriefingSchedule", tag = "numbers", request_body = ScheduleBody, responses(
    (status = 201, body = ScheduleInfo),
    (status = 403, description = "no administrator, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such zone", body = ProblemDocument),
    (status = 422, description = "title, day, hour or languages do not fit", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 507, description = "there are too many", body = ProblemDocument)))]
pub(crate) async fn add(context: Context, change: Change<ScheduleBody>) -> Answer {
    set(&context, None, &change, StatusCode::CREATED).await
}

/// Changes when briefings are made. A moment before the change is not made up for.
#[utoipa::path(put, path = "/briefings/schedules/{schedule}", operation_id = "putBriefingSchedule", tag = "numbers",
    params(("schedule" = String, Path)), request_body = ScheduleBody, responses(
    (status = 200, body = ScheduleInfo),
    (status = 403, description = "no administrator, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such schedule or zone", body = ProblemDocument),
    (status = 422, description = "title, day, hour or languages do not fit", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn change(context: Context, Path(schedule): Path<String>, change: Change<ScheduleBody>) -> Answer {
    set(&context, Some(schedule), &change, StatusCode::OK).await
}

/// Makes no more briefings of a schedule, and removes those that were made.
#[utoipa::path(delete, path = "/briefings/schedules/{schedule}", operation_id = "deleteBriefingSchedule", tag = "numbers",
    params(("schedule" = String, Path)), responses(
    (status = 204, description = "it is gone"),
    (status = 403, description = "no administrator, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such schedule", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn remove(context: Context, Path(schedule): Path<String>, _: Change) -> Answer {
    administered(&context)?.remove(schedule).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A file of a briefing.
#[utoipa::path(get, path = "/briefings/{schedule}/{period}/{file}", operation_id = "getBriefingFile", tag = "numbers",
    params(("schedule" = String, Path), ("period" = String, Path, description = "the month, `YYYY-MM`"),
        ("file" = String, Path, description = "as `zh.docx`")), responses(
    (status = 200, content((Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"))),
    (status = 403, description = "the reader is limited to some zones", body = ProblemDocument),
    (status = 404, description = "no such file", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn file(
    context: Context,
    Path((schedule, period, file)): Path<(String, String, String)>,
    params: Params,
) -> Answer {
    params.finish()?;
    let found = readable(&context)?.file(schedule, period, file).await?;
    let known = PaperFile::ALL.iter().find(|file| found.name.ends_with(file.extension()));
    let media_type = known.map_or("application/octet-stream", |file| file.media_type());
    let head = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
    let mut response = (head, found.content).into_response();
    attachment(&mut response, &found.title);
    Ok(response)
}

async fn set(context: &Context, id: Option<String>, change: &Change<ScheduleBody>, status: StatusCode) -> Answer {
    let briefings = administered(context)?;
    let set = briefings.set(id, change.body()?.into(), context.actor()).await?;
    let (schedules, _) = briefings.list().await?;
    let next = schedules.into_iter().find(|(schedule, _)| schedule.id == set.id).and_then(|(_, next)| next);
    json(status, &ScheduleInfo::of((set, next)))
}

fn kept(context: &Context) -> Result<&Briefings, Problem> {
    Ok(context.0.briefings.as_ref().ok_or(BriefingsError::NoFolder)?)
}

/// The briefings, for who may see all zones.
fn readable(context: &Context) -> Result<&Briefings, Problem> {
    if context.reader().scope().is_some() {
        let (zh, en) = (
            "定期简报按全部区域制作,您的权限限于部分区域;可在上方按日期查看所属区域的动态。",
            "These briefings are about all zones, and your right is limited to some; the movements of your zones are above, by their days.",
        );
        return Err(Problem::new(StatusCode::FORBIDDEN, "all-zones", zh, en));
    }
    kept(context)
}

/// The same for who sets when they are made.
fn administered(context: &Context) -> Result<&Briefings, Problem> {
    if !context.is_owner() {
        context.allow(Permission::Administer)?;
    }
    kept(context)
}
