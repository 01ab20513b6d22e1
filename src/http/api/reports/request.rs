//! The request for a job: zones, formats and conditions; all that can be wrong with them shows before the job is kept.

use super::access::{find, jobs, sees_all};
use super::response::JobInfo;
use crate::core::model::Lang;
use crate::core::query::Question;
use crate::core::snapshot::Description;
use crate::http::api::report::origin;
use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::quota::Limited;
use crate::http::extract::shared::TableParams;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, json, lasting};
use crate::http::response::links::escaped;
use crate::render::report::Format;
use crate::service::batch::{districts, of_kind};
use crate::service::clock;
use crate::service::jobs::{ReportRequest, ReportWork};
use crate::service::store::{Job, JobState, Resumption, new_job_id};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;

/// Zones of one job.
const MOST_ZONES: usize = 200;
/// What a row takes in a file of rows, and a file without them, on the disk and in the archive.
const PER_ROW: u64 = 1_400;
const PER_FILE: u64 = 1_000_000;

/// What a job makes: a file of each format for each zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportsBody {
    /// The zones.
    zones: ReportZones,
    /// Formats as `report_formats` of `/site` lists them, each once.
    #[schema(min_items = 1)]
    formats: Vec<String>,
    /// `zh` or `en`; without it `Accept-Language` decides.
    lang: Option<String>,
    /// Id of a table of `/dataset`; the main one when left out.
    table: Option<String>,
    /// Year of the figures; the same as `period`.
    year: Option<u16>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`); the latest of each figure when
    /// left out.
    period: Option<String>,
    /// CQL2 text, a CQL2 JSON object (with `op`), or an object property of the register -> value.
    #[serde(default)]
    filter: serde_json::Value,
    /// Property of the register -> value, where `filter` is CQL2.
    #[serde(default)]
    #[schema(value_type = Object)]
    conditions: BTreeMap<String, serde_json::Value>,
    /// Whether secondary clusters count too.
    #[serde(default)]
    secondary: bool,
    /// Level of the classes, as in `/summary`.
    class_level: Option<String>,
    /// Class whose parts are given, as in `/summary`.
    class_parent: Option<String>,
    /// Version of the classification, as in `/summary`.
    class_version: Option<String>,
}

/// Which zones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged, expecting = "zones: a list of zone ids, \"districts\", or a kind of zones")]
enum ReportZones {
    /// `districts`, or a kind of zones: all of them.
    Named(String),
    /// Ids, each once; `city`, `outside` and `undeclared` too.
    Listed(Vec<String>),
}

/// Asks for files of many zones, made one after the other. The answer comes at once; `events` tells how far it is.
#[utoipa::path(post, path = "/reports", operation_id = "postReports", tag = "numbers", request_body = ReportsBody, responses(
    (status = 202, description = "kept; Location says where", body = JobInfo, headers(("Location" = String))),
    (status = 403, description = "asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such zone", body = ProblemDocument),
    (status = 429, description = "too many jobs from one address", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument),
    (status = 503, description = "too many jobs wait", body = ProblemDocument),
    (status = 507, description = "the disk has too little room", body = ProblemDocument)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, change: Change<ReportsBody>) -> Answer {
    let body = change.body()?;
    lasting(move || {
        let context = context.of_table(&TableParams::of(body.table.clone()))?;
        let jobs = jobs(&context)?;
        let (job, work, needed) = body.job(&context, &headers)?;
        let id = job.id.clone();
        context.spend(Limited::Reports)?.ended(jobs.add(&job, needed, work))?;
        let location = format!("{}/reports/{}", negotiate::base_url(&context, &headers), escaped(&id));
        let answer = json(StatusCode::ACCEPTED, &JobInfo::of(&context, find(&context, &id)?))?;
        Ok(([(header::LOCATION, location)], answer).into_response())
    })
    .await
}

impl ReportsBody {
    /// The job, what is made of it, and the bytes that it may take.
    fn job(&self, context: &Context, headers: &HeaderMap) -> Result<(Job, ReportWork, u64), Problem> {
        let about = context.describe();
        let (zones, formats, lang) = (self.zones(about)?, self.formats()?, self.lang(headers)?);
        let all = self.question()?;
        let one = |zone: &String| Ok((zone.clone(), context.bind(&all.clone().in_zone(zone.as_str()))?));
        let questions = zones.iter().map(one).collect::<Result<Vec<_>, Problem>>()?;
        let (with_rows, members) =
            (formats.iter().filter(|f| f.has_rows()).count(), zones.iter().map(|z| members(about, z)).sum::<u64>());
        let total = (zones.len() * formats.len()) as u64;
        let request =
            ReportRequest { zones, formats: formats.clone(), lang, question: context.bind(&all)?.question().clone() };
        let resumption = Resumption {
            revision: context.whole_revision().to_owned(),
            table: self.table.clone(),
            questions: questions
                .iter()
                .map(|(zone, bound)| (zone.clone(), serde_json::to_value(bound.question()).unwrap_or_default()))
                .collect(),
            origin: origin(context, headers),
        };
        let job = Job {
            id: new_job_id(),
            actor: context.actor(),
            whole: sees_all(context),
            scope: context.reader().scope().map(<[String]>::to_vec),
            requested: clock::seconds(),
            ended: None,
            state: JobState::Queued,
            question: request.to_json().to_string(),
            revision: about.revision.clone(),
            resumed_by: Some(resumption),
            fence: 0,
            total,
            zip: None,
            error: None,
            done: 0,
            files: Vec::new(),
        };
        if let Some(register) = about.register() {
            // as many at most: a condition may leave some out
            context.took(&register.spec.id, members as usize * with_rows, None);
        }
        let needed = members * with_rows as u64 * PER_ROW + total * PER_FILE;
        let work =
            ReportWork { questions, formats, lang, origin: origin(context, headers), made: Vec::new(), fence: 0 };
        Ok((job, work, needed))
    }

    /// The question about each zone.
    fn question(&self) -> Result<Question, Problem> {
        let members = json!({
            "collection": self.table, "year": self.year, "period": self.period, "filter": self.filter,
            "secondary": self.secondary, "conditions": self.conditions,
            "class_level": self.class_level, "class_parent": self.class_parent, "class_version": self.class_version
        });
        Ok(Question::from_json(members.to_string().as_bytes())?)
    }

    fn zones(&self, about: &Description) -> Result<Vec<String>, Problem> {
        let bad = |zh: &str, en: &str| Err(Problem::parameter("zones", zh, en));
        let zones = match &self.zones {
            ReportZones::Listed(zones) => zones.clone(),
            ReportZones::Named(name) if name == "districts" => districts(about),
            ReportZones::Named(kind) => {
                let Some(zones) = of_kind(about, kind) else {
                    let kinds = about.zone_kinds.iter().map(|k| format!("\"{}\"", k.id)).collect::<Vec<_>>().join(", ");
                    return bad(
                        &format!("应为区域编号的列表、\"districts\" 或区域类别(现有 {kinds})"),
                        &format!("must be a list of zone ids, \"districts\", or a kind of zones: {kinds}"),
                    );
                };
                zones
            }
        };
        if zones.is_empty() || zones.len() > MOST_ZONES {
            return bad(&format!("应有 1 至 {MOST_ZONES} 个"), &format!("must be 1 to {MOST_ZONES}"));
        }
        if zones.iter().collect::<HashSet<_>>().len() < zones.len() {
            return bad("有重复的区域", "a zone is given twice");
        }
        Ok(zones)
    }

    fn formats(&self) -> Result<Vec<Format>, Problem> {
        let all = Format::ALL.map(Format::extension).join(" | ");
        let known = |name: &String| {
            Format::named(name).ok_or_else(|| {
                let zh = format!("“{name}”不可用,可选 {all}");
                Problem::parameter("formats", &zh, &format!("{name:?} is not one of {all}"))
            })
        };
        let formats = self.formats.iter().map(known).collect::<Result<Vec<_>, _>>()?;
        let twice = formats.iter().enumerate().any(|(i, f)| formats[..i].contains(f));
        if formats.is_empty() || twice {
            let (zh, en) = (format!("至少一种,每种一次:{all}"), format!("at least one, each once: {all}"));
            return Err(Problem::parameter("formats", &zh, &en));
        }
        Ok(formats)
    }

    fn lang(&self, headers: &HeaderMap) -> Result<Lang, Problem> {
        match self.lang.as_deref() {
            None => Ok(negotiate::lang(headers)),
            Some("zh") => Ok(Lang::Zh),
            Some("en") => Ok(Lang::En),
            Some(_) => Err(Problem::parameter("lang", "应为 zh 或 en", "must be zh or en")),
        }
    }
}

/// Enterprises that a zone has at most.
fn members(about: &Description, zone: &str) -> u64 {
    let all = || about.register().map_or(0, |c| c.rows);
    about.zone(zone).map_or_else(all, |z| z.members) as u64
}
