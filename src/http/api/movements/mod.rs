//! `/zones/movements`: what came, ceased, changed places, grew and shrank since a day, by zone and class; as JSON for the page and programs,
//! and as a paper, such as of a month.

mod schema;

use crate::core::columns::Moment;
use crate::core::model::Period;
use crate::core::query::Movements;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{KindOrZoneParams, LangParams, TableParams};
use crate::http::extract::values::Word;
use crate::http::ogc::map::paint;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, Form, Reply, blocking, named_paper, to_json};
use crate::http::response::links::JSON;
use crate::render::report::{MovementPaper, PaperFile};
use crate::service::briefings;
use axum::http::HeaderMap;
use schema::MovementsAnswer;
use serde::Deserialize;
use utoipa::IntoParams;

// the description does not follow a type with parameters of its own
type FileWord = Word<PaperFile>;

/// Between which days, and in which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MovementParams {
    /// The first day, `YYYY-MM-DD`; the last of the month before `until` when left out.
    since: Option<String>,
    /// The last day, not after today; today when left out.
    until: Option<String>,
    /// The form of a paper; JSON when left out.
    #[param(inline)]
    f: Option<FileWord>,
}

/// What came, ceased and changed places between two days, and how figures changed like for like, in all zones of a kind or in one zone; with
/// `f` as a paper. Numbers of rows follow from the dates of the register, moves from versions of the data.
#[utoipa::path(get, path = "/zones/movements", operation_id = "getMovements", tag = "numbers",
    params(KindOrZoneParams, MovementParams, TableParams, LangParams), responses(
    (status = 200, content((MovementsAnswer = "application/json"), (String = "text/csv"), (String = "text/html"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    (status = 501, description = "no font has the characters", body = ProblemDocument),
    (status = 503, description = "too many papers are being made", body = ProblemDocument)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let (zones, asked, table, lang): (KindOrZoneParams, MovementParams, TableParams, LangParams) = params.only()?;
    let (context, lang) = (context.of_table(&table)?, lang.lang(&headers));
    let today = context.today();
    let days = days(&asked, &today)?;
    // where no day is named it is another answer tomorrow
    let day = Moment::date(&today).map_or(0, Moment::days);
    let version = context.version().map_or(0, |version| version.number);
    let question = zones.of(crate::core::query::Question::register())?;
    let Some(Word(file)) = asked.f else {
        return blocking(move || {
            let form = Form { version, day, ..Form::plain(JSON) };
            let make = || to_json(&found(&context, &context.bind(&question)?, days)?);
            Reply { context: &context, headers: &headers }.form(form, make)
        })
        .await;
    };
    paint(context, move |context| {
        let about = context.describe();
        let found = found(context, &context.bind(&question)?, days)?;
        let paper = MovementPaper::of(&found, about, lang);
        let form = Form { version, day, ..Form::spoken(file.media_type(), lang) };
        let make = || Ok(paper.render(file, &context.0.fonts)?);
        let mut response = Reply { context, headers: &headers }.form(form, make)?;
        named_paper(&mut response, &paper.file_name(), file);
        Ok(response)
    })
    .await
}

/// The first and the last day.
fn days(asked: &MovementParams, today: &str) -> Result<[Moment; 2], Problem> {
    let read = |name: &'static str, text: &Option<String>| {
        let no_day = || Problem::parameter(name, "应为日期,如 2026-10-31", "must be a day such as 2026-10-31");
        text.as_ref().map(|text| Moment::date(text).ok_or_else(no_day)).transpose()
    };
    let now = Moment::date(today).unwrap_or(Moment::of_days(0));
    let until = read("until", &asked.until)?.unwrap_or(now);
    if until.days() > now.days() {
        return Err(Problem::parameter("until", "不能晚于今天", "must not be after today"));
    }
    let usual = || {
        let month: Option<Period> = until.to_string().get(..7).and_then(|month| month.parse().ok());
        month.and_then(Period::previous).map_or(until, Period::last_day)
    };
    let since = read("since", &asked.since)?.unwrap_or_else(usual);
    if since.days() >= until.days() {
        return Err(Problem::parameter("since", "应早于 until", "must be before until"));
    }
    Ok([since, until])
}

fn found(context: &Context, bound: &crate::core::query::Bound, days: [Moment; 2]) -> Result<Movements, Problem> {
    let sees_moves = context.reader().scope().is_none();
    Ok(briefings::found(&context.store(), context.snapshot(), bound, days, sees_moves)?)
}
