//! A job in an answer.

use crate::core::model::{Lang, Text};
use crate::http::admin::versions::moment;
use crate::http::extract::context::Context;
use crate::http::schemas;
use crate::service::jobs::{CurrentZone, ReportRequest, ReportRequestError};
use crate::service::store::{Job, JobFile, KEPT_FOR};
use serde::Serialize;
use utoipa::ToSchema;

/// The jobs of whoever asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportJobs)]
pub(super) struct JobList {
    /// The latest first; without their files.
    pub(super) jobs: Vec<JobInfo>,
}

/// A zone whose files are being made.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReportZone)]
pub(super) struct ZoneName {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    #[schema(value_type = schemas::Text)]
    pub(super) name: Text,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportJob)]
pub(super) struct JobInfo {
    /// Its id.
    id: String,
    /// `queued`, `running`, `finished`, `cancelled`, `failed`, or `interrupted`: the service ended before it did.
    state: &'static str,
    /// Files that are there.
    done: u64,
    /// Files in all.
    total: u64,
    /// The zone whose files are being made.
    zone: Option<ZoneName>,
    /// The request; as the body of `POST /reports` it makes the same again. `null` where another version of the program
    /// kept it in a form that is not understood: `error` then says so.
    #[schema(value_type = Option<RequestInfo>)]
    question: Option<serde_json::Value>,
    /// Revision of the data that all files are made of.
    revision: String,
    /// When it was asked for (RFC 3339, UTC).
    #[serde(rename = "asked")]
    requested: String,
    /// When it ended.
    ended: Option<String>,
    /// When its files go.
    expires: Option<String>,
    /// Bytes of `all.zip`, which is there once the job is finished.
    zip: Option<u64>,
    /// Why it failed, or can't be made again.
    #[schema(value_type = Option<schemas::Text>)]
    error: Option<Text>,
    /// The files that are there, by name; where one asks for the job alone.
    files: Vec<FileInfo>,
}

/// A file of a job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportFile)]
struct FileInfo {
    /// Its name, under `/reports/{id}/files/`.
    name: String,
    /// Id of its zone.
    zone: String,
    /// Its format.
    format: String,
    /// Its size.
    bytes: u64,
    /// SHA-256 of its bytes.
    sha256: String,
    /// The code that asks the same again.
    query: String,
}

/// What a job makes, in one spelling: zones, formats and language beside the members of a question about each zone.
#[derive(ToSchema)]
#[schema(as = ReportQuestion)]
#[allow(dead_code, reason = "written by `ReportRequest`, described here")]
struct RequestInfo {
    /// Ids of the zones.
    zones: Vec<String>,
    /// The formats.
    formats: Vec<String>,
    /// `zh` or `en`.
    lang: String,
    /// Year of the figures, where it is one.
    #[schema(required = false)]
    year: u16,
    /// Period of the figures, where it is no year.
    #[schema(required = false)]
    period: String,
    /// CQL2 text, or an object property of the register -> value.
    #[schema(required = false)]
    filter: serde_json::Value,
    /// Whether secondary clusters count too.
    #[schema(required = false)]
    secondary: bool,
}

impl JobInfo {
    /// A job in an answer.
    pub(super) fn of(context: &Context, job: Job) -> Self {
        let zone =
            if job.state.ended() { None } else { context.0.jobs.as_ref().and_then(|jobs| jobs.current_zone(&job.id)) };
        let request = ReportRequest::from_json(&job.question);
        let unread = request.as_ref().err().map(ReportRequestError::text);
        let file = |f: JobFile| {
            let JobFile { name, zone, format, query, bytes, sha256, .. } = f;
            FileInfo { name, zone, format, bytes, sha256, query }
        };
        Self {
            state: job.state.name(),
            done: job.done,
            total: job.total,
            zone: zone.map(|CurrentZone { id, name }| ZoneName { id, name }),
            question: request.ok().map(|request| request.to_json()),
            revision: job.revision,
            requested: moment(job.requested),
            ended: job.ended.map(moment),
            expires: job.ended.map(|at| moment(at + KEPT_FOR)),
            zip: job.zip,
            error: job.error.or(unread),
            files: job.files.into_iter().map(file).collect(),
            id: job.id,
        }
    }
}

/// A name for the archive: what it holds, the period, and first half of the revision.
pub(super) fn archive_name(job: &Job) -> String {
    let request = ReportRequest::from_json(&job.question).ok();
    let lang = request.as_ref().map_or(Lang::Zh, |r| r.lang);
    let period = request.and_then(|r| r.question.period()).map_or(String::new(), |period| format!("-{period}"));
    let revision: String = job.revision.chars().take(8).collect();
    format!("{}{period}-{revision}.zip", Text::new("统计小结", "summaries").get(lang))
}
