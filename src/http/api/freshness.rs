//! `/freshness`: who provides each table and metric, how often, of when it is, when new figures are due, and what is overdue today; as JSON
//! for the page and programs, and as a paper.

use crate::core::columns::Moment;
use crate::core::model::{Cadence, Period, Text};
use crate::core::query::{
    DatedBy, Dates, DueState, Freshness, FreshnessCounts, MetricFreshness, TableFreshness, freshness,
};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::extract::values::Word;
use crate::http::ogc::map::paint;
use crate::http::problem::ProblemDocument;
use crate::http::response::answer::{Answer, Form, Reply, named_paper, to_json};
use crate::http::response::links::JSON;
use crate::http::schemas;
use crate::render::report::{FreshnessPaper, PaperFile};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

// the description does not follow a type with parameters of its own
type FileWord = Word<PaperFile>;

/// Which paper.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FreshnessParams {
    /// The form of a paper; JSON when left out.
    #[param(inline)]
    f: Option<FileWord>,
}

/// Whether new figures are due.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FreshState {
    Overdue,
    Current,
    Irregular,
    Unknown,
}

impl From<DueState> for FreshState {
    fn from(state: DueState) -> Self {
        match state {
            DueState::Overdue => Self::Overdue,
            DueState::Current => Self::Current,
            DueState::Irregular => Self::Irregular,
            DueState::Unknown => Self::Unknown,
        }
    }
}

/// What says of when figures are.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FreshDatedBy {
    Period,
    Rows,
    Stated,
    Validity,
}

impl From<DatedBy> for FreshDatedBy {
    fn from(by: DatedBy) -> Self {
        match by {
            DatedBy::Period => Self::Period,
            DatedBy::Rows => Self::Rows,
            DatedBy::Stated => Self::Stated,
            DatedBy::Validity => Self::Validity,
        }
    }
}

/// Who provides figures, of when they are, and when the next are due. What is not known is `null`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshDates {
    /// Who provides them.
    #[schema(value_type = Option<schemas::Text>)]
    owner: Option<Text>,
    /// How often: a span of ISO 8601 (`P1M`, `P3M`, `P1Y`), or `irregular`.
    cadence: Option<String>,
    /// The same in words.
    #[schema(value_type = Option<schemas::Text>)]
    cadence_words: Option<Text>,
    /// The day of which they are, `YYYY-MM-DD`.
    last: Option<String>,
    /// What says it: `period`, `rows`, `stated` (in the manifest) or `validity`.
    dated_by: Option<FreshDatedBy>,
    /// The period whose last day it is.
    #[schema(value_type = Option<String>)]
    period: Option<Period>,
    /// The last day on which new ones are in time, `YYYY-MM-DD`.
    next: Option<String>,
    /// `overdue`, `current`, `irregular` (they are never due) or `unknown`.
    state: FreshState,
}

impl From<Dates> for FreshDates {
    fn from(dates: Dates) -> Self {
        let Dates { owner, cadence, last, dated_by, period, next, state } = dates;
        Self {
            owner,
            cadence: cadence.map(|cadence| cadence.to_string()),
            cadence_words: cadence.map(Cadence::words),
            last,
            dated_by: dated_by.map(FreshDatedBy::from),
            period,
            next,
            state: state.into(),
        }
    }
}

/// A metric and how fresh it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshMetric {
    /// Identifier.
    id: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    #[serde(flatten)]
    dates: FreshDates,
}

/// A table or layer and how fresh it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshTable {
    /// Id of the collection.
    id: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// Whether statistics are made of it.
    table: bool,
    /// Whether its rows are invented (示例数据).
    sample: bool,
    /// Whether its metrics are of different days.
    mixed: bool,
    #[serde(flatten)]
    dates: FreshDates,
    /// Its metrics; what one does not say of itself is as the table says.
    metrics: Vec<FreshMetric>,
}

impl From<TableFreshness> for FreshTable {
    fn from(table: TableFreshness) -> Self {
        let mixed = table.mixed();
        let TableFreshness { id, title, table, sample, dates, metrics } = table;
        let metric = |MetricFreshness { id, title, dates }| FreshMetric { id, title, dates: dates.into() };
        let metrics = metrics.into_iter().map(metric).collect();
        Self { id, title, table, sample, mixed, dates: dates.into(), metrics }
    }
}

/// How many tables, layers and metrics are in which state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshCounts {
    /// All of them.
    items: usize,
    /// New figures were due.
    overdue: usize,
    /// They are not due yet.
    current: usize,
    /// They come when there is something new.
    irregular: usize,
    /// It is not known when they are due.
    unknown: usize,
    /// It is not known who provides them.
    without_owner: usize,
    /// It is not known of when they are.
    without_last: usize,
}

impl From<FreshnessCounts> for FreshCounts {
    fn from(counts: FreshnessCounts) -> Self {
        let FreshnessCounts { items, overdue, current, irregular, unknown, without_owner, without_last } = counts;
        Self { items, overdue, current, irregular, unknown, without_owner, without_last }
    }
}

/// How fresh the data is today.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshnessInfo {
    /// Revision of the data.
    revision: String,
    /// The day in the time zone of the dataset, `YYYY-MM-DD`.
    day: String,
    counts: FreshCounts,
    /// The tables, then the other collections.
    tables: Vec<FreshTable>,
}

impl FreshnessInfo {
    fn of(found: Freshness, revision: &str) -> Self {
        let counts = found.counts().into();
        let tables = found.tables.into_iter().map(FreshTable::from).collect();
        Self { revision: revision.to_owned(), day: found.day, counts, tables }
    }
}

/// How fresh the data is today: who provides each table and metric, how often, of when it is, when new figures are due, and whether they are
/// overdue. It changes with the day, without a new version of the data. What neither the manifest nor the rows say is `null`.
#[utoipa::path(get, path = "/freshness", operation_id = "getFreshness", tag = "data", params(FreshnessParams, LangParams), responses(
    (status = 200, content((FreshnessInfo = "application/json"), (String = "text/csv"), (String = "text/html"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    (status = 501, description = "no font has the characters", body = ProblemDocument),
    (status = 503, description = "too many papers are being made", body = ProblemDocument)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let (FreshnessParams { f }, lang): (FreshnessParams, LangParams) = params.only()?;
    let lang = lang.lang(&headers);
    let today = context.today();
    // the day is part of the tag: the next one has another answer
    let day = Moment::date(&today).map_or(0, Moment::days);
    let Some(Word(file)) = f else {
        let about = context.describe();
        let form = Form { day, ..Form::plain(JSON) };
        let make = || to_json(&FreshnessInfo::of(freshness(about, &today), &about.revision));
        return Reply { context: &context, headers: &headers }.form(form, make);
    };
    paint(context, move |context| {
        let about = context.describe();
        let found = freshness(about, &today);
        let data = format!("{} · {}", about.manifest.title.get(lang), about.revision);
        let paper = FreshnessPaper { freshness: &found, dataset: &about.manifest.title, lang, data };
        let form = Form { day, ..Form::spoken(file.media_type(), lang) };
        let make = || Ok(paper.render(file, &context.0.fonts)?);
        let mut response = Reply { context, headers: &headers }.form(form, make)?;
        named_paper(&mut response, &paper.file_name(), file);
        Ok(response)
    })
    .await
}
