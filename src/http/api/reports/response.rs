//! A job in an answer.

use crate::core::model::Text;
use crate::http::admin::versions::moment;
use crate::http::extract::context::Context;
use crate::http::schemas;
use crate::service::jobs::CurrentZone;
use crate::service::store::{Job, JobFile, KEPT_FOR};
use serde::{Deserialize, Serialize};
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
    /// What was asked; as the body of `POST /reports` it asks the same again.
    question: Question,
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
    /// Why it failed.
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

/// The question in one spelling, as it is kept and shown; as a body it asks the same again.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ReportQuestion)]
pub(super) struct Question {
    /// Ids of the zones.
    pub(super) zones: Vec<String>,
    /// The formats.
    pub(super) formats: Vec<String>,
    /// `zh` or `en`.
    pub(super) lang: String,
    /// Year of the figures.
    pub(super) year: u16,
    /// The conditions, as they were given.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub(super) filter: serde_json::Value,
    /// Whether secondary clusters count too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) secondary: bool,
}

impl Question {
    /// The question of a job.
    pub(super) fn of(job: &Job) -> Self {
        serde_json::from_str(&job.question).unwrap_or_default()
    }
}

impl JobInfo {
    /// A job in an answer.
    pub(super) fn of(context: &Context, job: Job) -> Self {
        let zone =
            if job.state.ended() { None } else { context.0.jobs.as_ref().and_then(|jobs| jobs.current_zone(&job.id)) };
        let file = |f: JobFile| {
            let JobFile { name, zone, format, query, bytes, sha256 } = f;
            FileInfo { name, zone, format, bytes, sha256, query }
        };
        Self {
            state: job.state.name(),
            done: job.done,
            total: job.total,
            zone: zone.map(|CurrentZone { id, name }| ZoneName { id, name }),
            question: Question::of(&job),
            revision: job.revision,
            requested: moment(job.requested),
            ended: job.ended.map(moment),
            expires: job.ended.map(|at| moment(at + KEPT_FOR)),
            zip: job.zip,
            error: job.error,
            files: job.files.into_iter().map(file).collect(),
            id: job.id,
        }
    }
}

/// A name for the archive: what it holds, the year, and first half of the revision.
pub(super) fn archive_name(job: &Job) -> String {
    let question = Question::of(job);
    let what = if question.lang == "en" { "summaries" } else { "产业小结" };
    let revision: String = job.revision.chars().take(8).collect();
    format!("{what}-{}-{revision}.zip", question.year)
}
