//! Whoever has published never sees what was before, whichever copy of the program answers: a cookie names the version, and a copy that
//! does not serve it yet reads it first (ADR 102).

use crate::http::App;
use crate::http::extract::context::Context;
use crate::http::extract::credential::{cookies, reach, set_cookie};
use crate::http::problem::Problem;
use crate::service::task::blocking;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;

/// The cookie that names the version.
const COOKIE: &str = "shigu_version";
/// For so many seconds: every copy serves it by then.
const KEPT: u32 = 600;

/// Serves what the bearer of the cookie has published. One that names what there is not is overlooked.
pub(super) async fn at_least(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(number) = cookies(headers, COOKIE).filter_map(|value| value.parse::<u64>().ok()).max() else {
        return Ok(());
    };
    if app.0.store.number() >= number {
        return Ok(());
    }
    // one reads, the others wait for it
    let _reading = app.0.reading.lock().await;
    if app.0.store.number() >= number {
        return Ok(());
    }
    let store = app.store();
    match blocking(move || store.catch_up()).await? {
        // a server is away: whether the old is what was before is not known
        Ok(Some(Err(e))) if e.is_away() => {
            tracing::error!(error = %e, "a later version can't be read at the moment");
            Err(Problem::of_status(StatusCode::SERVICE_UNAVAILABLE))
        }
        // data that is refused: the old stays, and monitoring says so
        Ok(_) => Ok(()),
        Err(e) => {
            tracing::error!(error = %e, "whether there is a later version is not known");
            Err(Problem::of_status(StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}

/// Names the version that a request has made, or that came about meanwhile.
pub(super) fn name_version(context: &Context, method: &Method, before: u64, response: &mut Response) {
    let number = context.store().number();
    if *method != Method::GET && number > before && response.status().is_success() {
        let (path, secure) = reach(context);
        set_cookie(
            response,
            &format!("{COOKIE}={number}; Path={path}/; Max-Age={KEPT}; HttpOnly; SameSite=Strict{secure}"),
        );
    }
}
