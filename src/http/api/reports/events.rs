//! How far a job is, sent as it goes (server-sent events). Each event is the state of that moment, so whoever comes again
//! after a break has lost nothing.

use super::access::{find, jobs, reports};
use super::response::JobInfo;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, blocking, to_json};
use crate::http::response::events;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// Something is sent at least so often, so that proxies keep the connection and we notice who has gone.
const SILENCE: Duration = Duration::from_secs(15);
/// How often a job is looked at that another copy of the program makes.
const ELSEWHERE: Duration = Duration::from_secs(1);

/// How far a job is: `progress` events, then one `end`; the data of each is the job as `/reports/{id}` tells it, without files.
#[utoipa::path(get, path = "/reports/{id}/events", operation_id = "getReportEvents", tag = "numbers", params(("id" = String, Path)), responses(
    (status = 200, description = "events `progress` and, last, `end`", content_type = "text/event-stream"),
    (status = 404, description = "no such job of whoever asks", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 503, description = "too many watch", body = ProblemDocument)))]
pub(crate) async fn events(context: Context, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let jobs = jobs(&context)?.clone();
    let mut watch = jobs.watch().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "同时查看进度的人太多,请稍后重试;导出不受影响。",
            "Too many watch exports at once; try again later. The exports go on.",
        )
    })?;
    let id = blocking({
        let context = context.clone();
        move || Ok(find(&context, &id)?.id)
    })
    .await?;
    let (send, receive) = mpsc::channel(1);
    tokio::spawn(async move {
        let (mut last, mut sent) = (None, Instant::now());
        loop {
            // marked before the job is read: a change in between is sent next
            watch.mark_seen();
            let Ok((event, ended)) = now(&context, &id).await else { return };
            if last.as_ref() != Some(&event) {
                if send.send(event.clone()).await.is_err() || ended {
                    return;
                }
                (last, sent) = (Some(event), Instant::now());
            }
            if jobs.is_closed() {
                return;
            }
            let look = if jobs.has(&id) { SILENCE } else { ELSEWHERE };
            tokio::select! {
                _ = timeout(look, watch.changed()) => {}
                () = send.closed() => return,
            }
            if sent.elapsed() >= SILENCE {
                if send.send(Bytes::from_static(b":\n\n")).await.is_err() {
                    return;
                }
                sent = Instant::now();
            }
        }
    });
    Ok(events::stream(receive))
}

/// The event of this moment, and whether it is the last.
async fn now(context: &Context, id: &str) -> Result<(Bytes, bool), Problem> {
    let (context, id) = (context.clone(), id.to_owned());
    blocking(move || {
        // a job that was removed has no more events
        let job = reports(&context)?.head(&id)?;
        let job = job.ok_or_else(|| Problem::of_status(StatusCode::NOT_FOUND))?;
        let ended = job.state.ended();
        let mut event = Vec::from(if ended { &b"event: end\ndata: "[..] } else { b"event: progress\ndata: " });
        event.extend(to_json(&JobInfo::of(&context, job))?);
        event.extend(b"\n\n");
        Ok((event.into(), ended))
    })
    .await
}
