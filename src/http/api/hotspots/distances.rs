//! `/hotspots/distances`: whether one class stands closer together than chance. It takes seconds, so it can be watched.

use super::schema::DistancesAnswer;
use super::watch::{Telling, watched};
use crate::core::query::{Bound, DistanceChoice, class_distances};
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{FiguresParams, LangParams, TableParams};
use crate::http::extract::values::{Word, Words};
use crate::http::middleware::cache::Place;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, Form, Reply, attachment, blocking};
use crate::render::hotspots::distances_csv;
use crate::render::report::{DistancePaper, PaperFile};
use crate::service::clock;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;
use utoipa::IntoParams;

/// The forms of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DistanceForm {
    Json,
    Csv,
    Paper(PaperFile),
}

impl Words for DistanceForm {
    fn words() -> Vec<(&'static str, Self)> {
        let papers = [PaperFile::Docx, PaperFile::Pdf, PaperFile::Html, PaperFile::Xlsx];
        let papers = papers.map(|paper| (paper.extension(), Self::Paper(paper)));
        [("json", Self::Json), ("csv", Self::Csv)].into_iter().chain(papers).collect()
    }
}

type DistanceFormWord = Word<DistanceForm>;

/// Which class among which rows, and how often chance is asked.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DistanceParams {
    /// zone id, outside or undeclared; the whole city when left out
    zone: Option<String>,
    /// Code of the class.
    #[param(required = true)]
    class: Option<String>,
    /// Simulations.
    #[param(minimum = 100, maximum = 5000, default = 1000)]
    simulations: Option<usize>,
    /// Where the random numbers begin: the same seed gives the same answer.
    #[param(minimum = 0, maximum = 4_294_967_295_u64, default = 1)]
    seed: Option<u32>,
}

/// In which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DistanceFormParams {
    /// The form of the answer; JSON when left out.
    #[param(inline)]
    f: Option<DistanceFormWord>,
}

/// The question and the choice, checked.
async fn asked(context: &Context, mut params: Params) -> Result<(Bound, DistanceChoice), Problem> {
    let (DistanceParams { zone, class, simulations, seed }, table, figures): (
        DistanceParams,
        TableParams,
        FiguresParams,
    ) = params.take()?;
    let [least, most] = DistanceChoice::SIMULATIONS;
    let simulations = simulations.unwrap_or(DistanceChoice::USUAL);
    if !(least..=most).contains(&simulations) {
        let (zh, en) = (format!("应为 {least} 至 {most}"), format!("must be {least} to {most}"));
        return Err(Problem::parameter("simulations", &zh, &en));
    }
    let class = class.ok_or_else(|| Problem::parameter("class", "请给出类别代码", "give the code of a class"))?;
    let choice = DistanceChoice { class, simulations, seed: seed.unwrap_or(1).into() };
    let context = context.clone().of_table(&table)?;
    let question = figures.question()?.in_zone(zone.unwrap_or_else(|| "city".into()));
    blocking(move || {
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        choice.check(&bound)?;
        Ok((bound, choice))
    })
    .await
}

/// Whether rows of one class stand closer together or further apart than as many rows of all classes drawn by chance: K-density (Duranton
/// and Overman 2005) and M (Marcon and Puech 2010) with global bands. As a paper: the finding, the curves, how they were made and when not to
/// believe them.
#[utoipa::path(get, path = "/hotspots/distances", operation_id = "getClassDistances", tag = "numbers",
    params(DistanceParams, DistanceFormParams, TableParams, FiguresParams, LangParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, content((DistancesAnswer = "application/json"), (String = "text/csv"), (String = "text/html"), (Vec<u8> = "application/pdf"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 501, description = "no font has the characters", body = ProblemDocument),
        (status = 503, description = "too much is being worked out", body = ProblemDocument)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (DistanceFormParams { f }, lang): (DistanceFormParams, LangParams) = params.take()?;
    let lang = lang.lang(&headers);
    let (bound, choice) = asked(&context, params).await?;
    let permits = context.0.resources.permits.clone();
    let work = move || {
        let make = || Ok::<_, Problem>(class_distances(&bound, &choice, &mut |_| ())?);
        let reply = Reply { context: &context, headers: &headers };
        if f.is_some_and(|Word(f)| f == DistanceForm::Csv) {
            let mut response = reply.form(Form::spoken("text/csv; charset=utf-8", lang), || {
                distances_csv(&make()?, lang).map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
            })?;
            attachment(&mut response, "class-distances.csv");
            return Ok(response);
        }
        if let Some(Word(DistanceForm::Paper(paper))) = f {
            let form = Form { stamped: true, ..Form::spoken(paper.media_type(), lang) };
            let mut response = reply.form(form, || {
                let day = clock::now().to_string().chars().take(10).collect::<String>();
                let (found, about) = (make()?, context.describe());
                Ok(DistancePaper { found: &found, about, lang, day: &day }.render(paper, &context.0.fonts)?)
            })?;
            attachment(&mut response, &format!("class-distances.{}", paper.extension()));
            return Ok(response);
        }
        reply.json(make)
    };
    permits.run(work).await?
}

/// The same while it is worked out: at once a `stage` event, `{"stage": "waiting"}` for a free place, and `{"stage": "positions"}` when rows are looked
/// up; then `progress` events with what is known so far, whose bands narrow, and one `end` with the whole answer. Who goes away ends the work.
#[utoipa::path(get, path = "/hotspots/distances/events", operation_id = "getClassDistancesEvents", tag = "numbers",
    params(DistanceParams, TableParams, FiguresParams, ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, description = "events `stage`, then `progress` and, last, `end`: the data of these is the answer of `/hotspots/distances` so far", content_type = "text/event-stream"),
        (status = 503, description = "too much is being worked out", body = ProblemDocument)))]
pub(crate) async fn watch(context: Context, headers: HeaderMap, uri: Uri, params: Params) -> Answer {
    let (bound, choice) = asked(&context, params).await?;
    let place = Place::of(&context, &headers, &uri);
    if let Some(kept) = place.answer(&headers).await {
        return Ok(kept);
    }
    let work = move |telling: &Telling| {
        telling.stage("positions");
        Ok(class_distances(&bound, &choice, &mut |so_far| telling.progress(so_far))?)
    };
    Ok(watched(&context, place, work))
}
