//! `/metrics`: how the service is used and what it takes, for Prometheus and all that read its format.

use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::front::Front;
use crate::http::metrics::Moment;
use crate::http::middleware::cache::Memory;
use crate::http::problem::Problem;
use crate::http::response::answer::Answer;
use crate::service::accounts::Permission;
use crate::service::clock;
use crate::service::machine::Taken;
use crate::service::task::blocking;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

/// The text format of Prometheus.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Metrics in the text format of Prometheus, for the owner, for administrators, and at the address of `--metrics-listen`.
#[utoipa::path(get, path = "/metrics", operation_id = "getMetrics", tag = "service", responses((status = 200, content_type = "text/plain")))]
pub(crate) async fn metrics(context: Context, params: Params) -> Answer {
    if !context.is_owner() {
        context.allow(Permission::Administer)?;
    }
    params.finish()?;
    let asked = context.clone();
    let reading = move || {
        let mut now = of_data(&asked);
        of_program(&mut now, &asked, &asked.0.resources.memory);
        now
    };
    let now = blocking(reading).await?;
    written(context.metrics.text(&now))
}

/// The answer with all series.
pub(crate) fn written(text: Result<String, prometheus::Error>) -> Answer {
    let text = text.map_err(|e| {
        tracing::error!(error = %e, "metrics were not written");
        Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    Ok(([(header::CONTENT_TYPE, FORMAT), (header::CACHE_CONTROL, "no-store")], text).into_response())
}

/// What is read of the data and what is kept beside them when somebody asks.
pub(crate) fn of_data(context: &Context) -> Moment {
    let (mut now, about, app) = (Moment::default(), context.describe(), &context.0);
    let info = vec![(about.revision.clone(), 1.0)];
    now.each("shigu_snapshot_info", "The data that is served, by its revision.", "revision", info);
    let rows = about.collections.iter().map(|c| (c.spec.id.clone(), c.rows as f64)).collect();
    now.each("shigu_snapshot_rows", "Rows of each collection that is served.", "collection", rows);
    let since = Some(context.since() as f64);
    now.one("shigu_snapshot_loaded_timestamp_seconds", "When the data that is served was loaded.", since);
    let refused = f64::from(u8::from(app.store.refused().is_some()));
    now.one("shigu_reload_refused", "Whether the data that was read last was refused.", Some(refused));
    if let Some(Ok(jobs)) = app.jobs.as_ref().map(|jobs| jobs.reports().count()) {
        let jobs = jobs.into_iter().map(|(state, n)| (state.to_owned(), n as f64)).collect();
        now.each("shigu_report_jobs", "Report jobs that are known, by state.", "state", jobs);
    }
    if let Some(Ok((briefings, latest))) = app.database.as_ref().map(|database| database.count_briefings()) {
        let briefings = briefings.into_iter().map(|(state, n)| (state.to_owned(), n as f64)).collect();
        now.each("shigu_briefings", "Briefings that the service makes by itself, by state.", "state", briefings);
        let latest = latest.map(|at| at as f64);
        now.one("shigu_briefing_made_timestamp_seconds", "When the latest of them was made.", latest);
    }
    now
}

/// What is read of the program.
pub(crate) fn of_program(now: &mut Moment, front: &Front, memory: &Memory) {
    now.one("shigu_cache_bytes", "Bytes of answers that are kept.", Some(memory.weighted_size() as f64));
    now.one("shigu_cache_entries", "Answers that are kept.", Some(memory.entry_count() as f64));
    let ends = front.certificate_ends().map(|ends| ends as f64);
    now.one("shigu_tls_certificate_end_timestamp_seconds", "When the certificate of TLS ends.", ends);
    let taken = Taken::now();
    let number = |n: Option<u64>| n.map(|n| n as f64);
    now.one("process_resident_memory_bytes", "Bytes of memory in use.", number(taken.resident));
    now.one("process_open_fds", "Files and sockets that are open.", number(taken.files));
    now.one("process_max_fds", "How many may be open.", number(taken.most_files));
    let started = clock::since_1970().saturating_sub(clock::running()).as_secs_f64();
    now.one("process_start_time_seconds", "When the program started.", Some(started));
}
