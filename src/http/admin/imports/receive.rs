//! A file is sent: its bytes as they are, written while they come, so that its size takes no memory.

use super::{ImportInfo, changing, describe, incoming, json};
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::Answer;
use crate::http::response::links::escaped;
use crate::service::accounts::Permission;
use crate::service::clock;
use crate::service::store::{IncomingError, LARGEST_FILE, Receiving};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A sender from whom nothing comes for so long has gone.
const SILENT: Duration = Duration::from_secs(30);
/// Pieces that wait to be written.
const WAITING: usize = 8;
/// Characters of a file's name.
const LONGEST_NAME: usize = 200;

/// Takes a file: its bytes as they are, its name in `file`. Nothing of the data changes.
#[utoipa::path(post, path = "/imports", operation_id = "postImport", tag = "data",
    params(("file" = String, Query, description = "name of the file")),
    request_body(content = String, content_type = "application/octet-stream", description = "the file; at most 512 MB"), responses(
    (status = 201, description = "the file is there", body = ImportInfo, headers(("Location" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 408, description = "nothing came for 30 seconds", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument),
    (status = 503, description = "the data folder failed", body = ProblemDocument),
    (status = 507, description = "too many imports wait", body = ProblemDocument)))]
pub(crate) async fn receive(context: Context, headers: HeaderMap, mut params: Params, body: Body) -> Answer {
    changing(&context, &headers, Permission::Edit)?;
    let name = params.text("file");
    params.finish()?;
    let name = name.map(|n| n.trim().to_owned()).filter(|n| {
        !n.is_empty()
            && n.chars().count() <= LONGEST_NAME
            && !n.contains(['/', '\\'])
            && !n.chars().any(char::is_control)
    });
    let Some(name) = name else {
        return Err(Problem::parameter(
            "file",
            "应为文件名(不含路径,最多 200 字)",
            "should be the name of the file (without its folder, at most 200 characters)",
        ));
    };
    let plain = headers.get(header::CONTENT_TYPE).is_some_and(|t| t == "application/octet-stream");
    if !plain {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "请用 Content-Type: application/octet-stream 发送文件本身。",
            "Send the file itself as Content-Type: application/octet-stream.",
        ));
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    if announced.is_some_and(|n: u64| n > LARGEST_FILE) {
        return Err(IncomingError::TooLarge.into());
    }
    let arrived = {
        let (incoming, actor, now) = (incoming(&context)?, context.actor(), clock::seconds());
        let id = clock::new_id();
        let begun = tokio::task::spawn_blocking(move || incoming.receive(&id, &name, &actor, now)).await;
        write(begun.map_err(|_| broken())??, body).await?
    };
    let location = format!("{}/imports/{}", negotiate::base_url(&context, &headers), escaped(&arrived.id));
    let answer = json(StatusCode::CREATED, &describe(&context, arrived, true))?;
    Ok(([(header::LOCATION, location)], answer).into_response())
}

async fn write(mut receiving: Receiving, mut body: Body) -> Result<crate::service::store::Arrival, Problem> {
    let (send, mut next) = mpsc::channel::<Option<axum::body::Bytes>>(WAITING);
    let writer = tokio::task::spawn_blocking(move || {
        // without the end mark the sender has gone, and half a file is none
        while let Some(piece) = next.blocking_recv() {
            match piece {
                Some(bytes) => receiving.write(&bytes)?,
                None => return receiving.finish().map(Some),
            }
        }
        Ok::<_, IncomingError>(None)
    });
    let ended = loop {
        let Ok(frame) = timeout(SILENT, body.frame()).await else { break Err(silent()) };
        let piece = match frame {
            None => None,
            Some(Ok(frame)) => match frame.into_data() {
                Ok(bytes) => Some(bytes),
                // trailers say nothing about the file
                Err(_) => continue,
            },
            Some(Err(_)) => break Err(Problem::of_status(StatusCode::BAD_REQUEST)),
        };
        let last = piece.is_none();
        // a writer that has failed says why below
        if send.send(piece).await.is_err() || last {
            break Ok(());
        }
    };
    drop(send);
    // whatever the answer is, what was written of half a file is gone by then
    let written = writer.await;
    ended?;
    written.map_err(|_| broken())??.ok_or_else(broken)
}

fn silent() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "upload-silent",
        "30 秒没有收到数据,上传已中止;请重新上传。",
        "Nothing came for 30 seconds and the upload was given up; upload the file again.",
    )
}

fn broken() -> Problem {
    Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)
}
