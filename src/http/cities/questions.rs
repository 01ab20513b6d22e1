//! `/cities/questions`: questions over the rows of all cities that no aggregate answers, as jobs.

use super::Asked;
use super::known::{CSV, TABLES, TableForm};
use super::summary::ClassInfo;
use super::tables;
use crate::core::filter::{self, Expr};
use crate::core::model::{Period, Text};
use crate::core::query::Disclosure;
use crate::http::extract::body;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::extract::values::Word;
use crate::http::middleware::cors;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, attachment, blocking, json, lasting};
use crate::http::schemas;
use crate::service::cities::CityState;
use crate::service::cities::questions::{
    self, By, GROUPS, NationalAnswer, NationalGroup, NationalQuestion, PlannedFigure, QuestionState, Questions,
    Statistic, WantedFigure,
};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

// the description does not follow a type with parameters of its own
type TableFormWord = Word<TableForm>;

/// A question over the rows of several cities.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuestionBody {
    /// Ids of cities; all when left out.
    cities: Option<BTreeSet<String>>,
    /// A condition on rows: CQL2 text, or a CQL2 JSON object. `AND`, `OR`, `NOT`, comparisons, `BETWEEN`, `IN` and `IS NULL` on texts, numbers,
    /// truth values and days.
    #[serde(default)]
    filter: serde_json::Value,
    /// Period of the figures, and in which rows have to be there: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`); when left
    /// out the latest period that any city has of each metric, and the rows of each city as it counts them now.
    #[schema(value_type = Option<String>)]
    period: Option<Period>,
    /// What rows are grouped by; nothing: all in one. Zones are given with their cities.
    #[serde(default)]
    by: Vec<ByBody>,
    /// The kind of zones; the usual one of each city when left out.
    level: Option<String>,
    /// What is worked out for each group, beside its number of rows. At most 16.
    #[serde(default)]
    figures: Vec<FigureBody>,
    /// How groups are ordered; by their number of rows, the largest first, when left out.
    #[serde(default)]
    order: OrderBody,
    /// Groups at most, 1 to 10,000; 1,000 when left out.
    limit: Option<usize>,
}

/// What rows are grouped by.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ByBody {
    City,
    Zone,
    Class,
}

/// A figure.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FigureBody {
    /// Id of a metric of the main tables.
    metric: String,
    /// Its unit; needed where cities have the metric in several.
    unit: Option<String>,
    /// What is worked out of the values.
    statistic: StatisticBody,
}

/// What is worked out of values; quartiles are interpolated as spreadsheets do.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StatisticBody {
    Sum,
    Q1,
    Median,
    Q3,
}

/// The order of groups.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrderBody {
    /// By which of the figures, counted from 0; by the number of rows when left out.
    figure: Option<usize>,
    /// Whether the smallest come first.
    #[serde(default)]
    ascending: bool,
}

/// Which form of a question.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct QuestionParams {
    /// The form of the answer; without it `Accept` decides. `csv` is there when the question is answered.
    #[param(inline)]
    f: Option<TableFormWord>,
}

/// A question that was taken.
#[derive(Serialize, ToSchema)]
pub(super) struct QuestionInfo {
    /// Its id.
    id: String,
    state: StateInfo,
    progress: ProgressInfo,
    /// Why there is no answer, of one that has failed.
    #[schema(value_type = Option<schemas::Text>)]
    failure: Option<Text>,
    /// The answer, of one that is done.
    result: Option<AnswerInfo>,
}

/// How far a question is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StateInfo {
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// How much was read.
#[derive(Serialize, ToSchema)]
struct ProgressInfo {
    /// Rows that were read.
    rows: u64,
    /// Of so many.
    of: u64,
}

/// The answer.
#[derive(Serialize, ToSchema)]
struct AnswerInfo {
    /// The cities in it: id, and revision of the data.
    cities: BTreeMap<String, String>,
    /// The cities in question that lack something that is asked, and what: `filter`, `figure`, `period`, `level`, `class`, or `damaged` rows.
    /// They are in no group.
    lacking: BTreeMap<String, &'static str>,
    /// Ids of the cities in question whose rows are not known: they were not loaded yet, have no table, or were refused. They are in no group.
    unknown: Vec<String>,
    /// What rows are grouped by.
    by: Vec<ByBody>,
    /// The figures, in the order of those of a group.
    figures: Vec<FigureInfo>,
    groups: Vec<GroupInfo>,
    /// Whether there are more groups than were asked for.
    more: bool,
}

/// A figure.
#[derive(Serialize, ToSchema)]
struct FigureInfo {
    /// The metric.
    metric: String,
    #[schema(value_type = schemas::Text)]
    unit: Text,
    /// The period of the values.
    #[schema(value_type = String)]
    period: Period,
    statistic: StatisticBody,
}

/// A group of rows.
#[derive(Serialize, ToSchema)]
struct GroupInfo {
    /// Id of its city; null where rows are not grouped by city.
    city: Option<String>,
    /// Its zone; null where rows are not grouped by zones, and for rows in no zone.
    zone: Option<ZoneInfo>,
    /// Its class; null where rows are not grouped by classes, and for rows of no class.
    class: Option<ClassInfo>,
    rows: u64,
    figures: Vec<ValueInfo>,
}

/// A zone.
#[derive(Serialize, ToSchema)]
struct ZoneInfo {
    /// Its id in the city.
    id: String,
    name: String,
    name_en: String,
}

/// A figure of a group.
#[derive(Serialize, ToSchema)]
struct ValueInfo {
    /// Rows with a value.
    values: u64,
    /// What was worked out; null where no row has a value.
    value: Option<f64>,
}

impl From<ByBody> for By {
    fn from(by: ByBody) -> Self {
        match by {
            ByBody::City => Self::City,
            ByBody::Zone => Self::Zone,
            ByBody::Class => Self::Class,
        }
    }
}

impl From<By> for ByBody {
    fn from(by: By) -> Self {
        match by {
            By::City => Self::City,
            By::Zone => Self::Zone,
            By::Class => Self::Class,
        }
    }
}

impl From<StatisticBody> for Statistic {
    fn from(of: StatisticBody) -> Self {
        match of {
            StatisticBody::Sum => Self::Sum,
            StatisticBody::Q1 => Self::Q1,
            StatisticBody::Median => Self::Median,
            StatisticBody::Q3 => Self::Q3,
        }
    }
}

impl From<Statistic> for StatisticBody {
    fn from(of: Statistic) -> Self {
        match of {
            Statistic::Sum => Self::Sum,
            Statistic::Q1 => Self::Q1,
            Statistic::Median => Self::Median,
            Statistic::Q3 => Self::Q3,
        }
    }
}

impl QuestionBody {
    fn question(self) -> Result<NationalQuestion, Problem> {
        let figure = |of: FigureBody| WantedFigure { metric: of.metric, unit: of.unit, statistic: of.statistic.into() };
        Ok(NationalQuestion {
            cities: self.cities,
            filter: condition(&self.filter)?,
            period: self.period,
            by: self.by.into_iter().map(By::from).collect(),
            level: self.level,
            figures: self.figures.into_iter().map(figure).collect(),
            order: self.order.figure,
            ascending: self.order.ascending,
            limit: self.limit.unwrap_or(GROUPS),
        })
    }
}

fn condition(value: &serde_json::Value) -> Result<Option<Expr>, Problem> {
    let read = match value {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::String(text) => filter::parse_text(text),
        value => filter::from_json_value(value),
    };
    read.map(Some).map_err(|e| Problem::filter(e.into(), Some("filter")))
}

/// What whoever asks may see: the owner at this machine everything, all others what every city gives to everybody.
fn disclosure(asked: &Asked) -> Disclosure {
    if asked.told { Disclosure::Full } else { Disclosure::Aggregates }
}

fn questions(asked: &Asked) -> Result<&Arc<Questions>, Problem> {
    asked.app.0.questions.as_ref().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "no-engine",
            "没有安装查询引擎:在源码目录运行 make datafusion,把生成的 shigu-datafusion 放在 shigu 旁边或 PATH 中,或用 --engine 指定,并用 --data-dir 启动服务。",
            "There is no query engine: run make datafusion in the source folder, put shigu-datafusion beside shigu or on PATH, or name it with --engine, and start the service with --data-dir.",
        )
    })
}

/// A question that who asks may see.
fn found(asked: &Asked, id: &str) -> Result<Arc<questions::Asked>, Problem> {
    asked.may_read()?;
    let found = questions(asked)?.find(id, disclosure(asked));
    found.ok_or_else(|| {
        Problem::not_found(
            "没有这个查询,或已过期(结果保留一小时)。",
            "There is no such question, or it is too old: answers are kept for an hour.",
        )
    })
}

/// Asks a question over the rows of several cities that no aggregate answers: a free condition, sums, medians and quartiles by city, zone and
/// class, rankings. It is worked out in its turn; `Location` tells how far it is. Who is not the owner at this machine names what every
/// city in question gives to everybody row by row, and nothing else.
#[utoipa::path(post, path = "/cities/questions", operation_id = "postCitiesQuestion", tag = "numbers", request_body = QuestionBody, responses(
    (status = 202, description = "taken; Location says where", body = QuestionInfo, headers(("Location" = String))),
    (status = 400, description = "it can't be asked", body = ProblemDocument),
    (status = 403, description = "a city in question gives what it names inside protected sums only; or asked by a page of another origin", body = ProblemDocument),
    (status = 501, description = "there is no engine", body = ProblemDocument),
    (status = 503, description = "too many questions wait", body = ProblemDocument)))]
pub(super) async fn post(asked: Asked, headers: HeaderMap, params: Params, bytes: Bytes) -> Answer {
    params.finish()?;
    asked.may_read()?;
    cors::may_change(asked.front(), &headers)?;
    questions(&asked)?;
    let question = body::json::<QuestionBody>(&headers, &bytes)?.question()?;
    lasting(move || {
        let all = asked.cities().list();
        if let Some(other) = question.cities.iter().flatten().find(|id| !all.iter().any(|one| one.city.id == **id)) {
            let other = other.chars().take(80).collect::<String>();
            let (zh, en) = (format!("没有城市 {other};见 /cities"), format!("there is no city {other}; see /cities"));
            return Err(Problem::parameter("cities", &zh, &en));
        }
        let questions = questions(&asked)?;
        questions.rows().retain(&all.iter().map(|one| one.city.id.clone()).collect());
        for one in all {
            // what it said before its data were refused is no longer so
            if matches!(one.state, CityState::Failed(_)) {
                questions.rows().forget(&one.city.id);
            }
            one.shard.iter().for_each(|shard| shard.keep_rows());
        }
        let taken = questions.ask(&question, disclosure(&asked))?;
        let location = format!("{}/cities/questions/{}", asked.front().base_url(&headers), taken.id);
        let answer = json(StatusCode::ACCEPTED, &info(&asked, &taken))?;
        Ok(([(header::LOCATION, location)], answer).into_response())
    })
    .await
}

/// How far a question is, and its answer when it is done. It is kept for an hour.
#[utoipa::path(get, path = "/cities/questions/{id}", operation_id = "getCitiesQuestion", tag = "numbers",
    params(("id" = String, Path), QuestionParams, LangParams), responses(
    (status = 200, content((QuestionInfo = "application/json"), (String = "text/csv"))),
    (status = 404, description = "no such question of whoever asks", body = ProblemDocument),
    (status = 409, description = "a file of a question that is not answered", body = ProblemDocument),
    (status = 501, description = "there is no engine", body = ProblemDocument)))]
pub(super) async fn get(asked: Asked, Path(id): Path<String>, headers: HeaderMap, mut params: Params) -> Answer {
    let (of, lang): (QuestionParams, LangParams) = params.take()?;
    params.finish()?;
    let found = found(&asked, &id)?;
    let (_, form) = negotiate::choose(of.f, &headers, &TABLES)?;
    let lang = lang.lang(&headers);
    blocking(move || {
        if form == TableForm::Json {
            let answer = json(StatusCode::OK, &info(&asked, &found))?;
            return Ok(([(header::CACHE_CONTROL, "no-store")], answer).into_response());
        }
        let QuestionState::Done(answer) = found.state() else {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "not-answered",
                "查询尚无结果,不能下载。",
                "The question is not answered, so there is no file of it.",
            ));
        };
        let title = |id: &str| asked.cities().find(id).map_or_else(|| Text::new(id, id), |one| one.city.title.clone());
        let file = tables::question(&found.of, &answer, &title, lang)?;
        let heads = [(header::CONTENT_TYPE, CSV), (header::CACHE_CONTROL, "no-store")];
        let mut response = (heads, file).into_response();
        attachment(&mut response, "cities-question.csv");
        Ok(response)
    })
    .await
}

/// Cancels a question that is under way; forgets one that has ended.
#[utoipa::path(delete, path = "/cities/questions/{id}", operation_id = "deleteCitiesQuestion", tag = "numbers",
    params(("id" = String, Path)), responses(
    (status = 204, description = "it is cancelled, or forgotten"),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such question of whoever asks", body = ProblemDocument),
    (status = 501, description = "there is no engine", body = ProblemDocument)))]
pub(super) async fn delete(asked: Asked, Path(id): Path<String>, headers: HeaderMap, params: Params) -> Answer {
    params.finish()?;
    let found = found(&asked, &id)?;
    cors::may_change(asked.front(), &headers)?;
    questions(&asked)?.cancel(&found);
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn info(asked: &Asked, of: &questions::Asked) -> QuestionInfo {
    let (state, failure, result) = match of.state() {
        QuestionState::Waiting => (StateInfo::Waiting, None, None),
        QuestionState::Running => (StateInfo::Running, None, None),
        QuestionState::Cancelled => (StateInfo::Cancelled, None, None),
        // what the engine says may have paths: it is in the log
        QuestionState::Failed(_) => {
            let why = Text::new(
                "查询引擎未能给出结果,原因见服务日志;可缩小范围后重试。",
                "The query engine gave no answer; the log of the service says why. Ask for less, or again.",
            );
            (StateInfo::Failed, Some(why), None)
        }
        QuestionState::Done(answer) => (StateInfo::Done, None, Some(result(asked, of, &answer))),
    };
    let progress = ProgressInfo { rows: of.read(), of: of.of.rows };
    QuestionInfo { id: of.id.clone(), state, progress, failure, result }
}

fn result(asked: &Asked, question: &questions::Asked, answer: &NationalAnswer) -> AnswerInfo {
    let of = &question.of;
    let is_known = |id: &String| of.cities.contains_key(id) || of.lacking.contains_key(id);
    let listed = asked.cities().list().into_iter().map(|one| one.city.id.clone());
    let in_question = |id: &String| of.asked.as_ref().is_none_or(|cities| cities.contains(id));
    let figure = |of: &PlannedFigure| FigureInfo {
        metric: of.metric.clone(),
        unit: of.unit.clone(),
        period: of.period,
        statistic: of.statistic.into(),
    };
    AnswerInfo {
        cities: of.cities.clone(),
        lacking: of.lacking.iter().map(|(id, lack)| (id.clone(), lack.name())).collect(),
        unknown: listed.filter(|id| in_question(id) && !is_known(id)).collect(),
        by: of.by.iter().copied().map(ByBody::from).collect(),
        figures: of.figures.iter().map(figure).collect(),
        groups: answer.groups.iter().map(group).collect(),
        more: answer.more,
    }
}

fn group(of: &NationalGroup) -> GroupInfo {
    let zone = of.zone.clone().flatten();
    let class = of.class.clone().flatten();
    GroupInfo {
        city: of.city.clone(),
        zone: zone.map(|(id, title)| ZoneInfo { id, name: title.name, name_en: title.name_en }),
        class: class.map(super::summary::named),
        rows: of.rows,
        figures: of.figures.iter().map(|(values, value)| ValueInfo { values: *values, value: *value }).collect(),
    }
}
