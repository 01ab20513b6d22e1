//! `/session/oidc`: logging in by an identity provider. The browser goes there and comes back to `callback` with a code; what
//! it has to show then is in a cookie that only this browser has (ADR 41).

use super::session;
use crate::core::model::{Lang, Text};
use crate::http::extract::context::Context;
use crate::http::extract::credential::{accounts, cookies, named, reach, set_cookie};
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::middleware::connections::Peer;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::Answer;
use crate::http::response::html;
use crate::http::response::links::escaped;
use crate::service::accounts::{AccountsError, Session};
use crate::service::oidc::{OidcError, Pending, Provider};
use axum::Extension;
use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Holds a login that has begun.
const COOKIE: &str = "shigu_oidc";
/// Seconds within which it has to come back.
const LIFETIME: u32 = 600;
/// Bytes of the view that the reader comes back to; a cookie holds 4,096.
const LONGEST_VIEW: usize = 1_500;

/// Where a login leads to.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BeginParams {
    /// The page's query from `?` on, to which the reader comes back.
    view: Option<String>,
}

/// What the provider sends a browser back with (RFC 6749, 4.1.2; RFC 9207). It may send more, which means nothing here.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallbackParams {
    /// Redeemed for an ID token.
    code: Option<String>,
    /// As it was sent.
    state: Option<String>,
    /// Who sends it.
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
    /// The same in words.
    error_description: Option<String>,
}

/// Leads to the identity provider.
#[utoipa::path(get, path = "/session/oidc", operation_id = "getOidc", tag = "accounts", params(BeginParams), responses(
    (status = 303, description = "to the identity provider", headers(("Location" = String), ("Set-Cookie" = String))),
    (status = 404, description = "there is no identity provider", body = ProblemDocument),
    (status = 503, description = "the identity provider can't be reached (a page)")))]
pub(crate) async fn begin(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let BeginParams { view } = params.only()?;
    let provider = provider(&context)?;
    let (url, pending) = match provider.begin().await {
        Ok(begun) => begun,
        Err(e) => return Ok(failed(&context, &headers, &e)),
    };
    let view = view.filter(|v| v.starts_with('?') && v.len() <= LONGEST_VIEW).unwrap_or_default();
    let value = format!("{}.{}.{}.{}", pending.state, pending.nonce, pending.verifier, escaped(&view));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response();
    keep_nothing(&mut response);
    set_cookie(&mut response, &cookie(&context, &value, LIFETIME));
    Ok(response)
}

/// Comes back from the identity provider: logs in and leads to the page.
#[utoipa::path(get, path = "/session/oidc/callback", operation_id = "getOidcCallback", tag = "accounts", params(CallbackParams), responses(
    (status = 200, description = "logged in: a page that leads to the map", content_type = "text/html", headers(("Set-Cookie" = String))),
    (status = 403, description = "nobody was logged in (a page that says why)", content_type = "text/html"),
    (status = 404, description = "there is no identity provider", body = ProblemDocument),
    (status = 503, description = "the identity provider can't be reached (a page)", content_type = "text/html")))]
pub(crate) async fn callback(
    context: Context,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    mut params: Params,
) -> Answer {
    // what else the provider sends stays where it is
    let params: CallbackParams = params.take()?;
    let provider = provider(&context)?;
    let accounts = accounts(&context)?;
    let begun = begun(&headers).filter(|(pending, _)| params.state.as_ref() == Some(&pending.state));
    let mut response = match begun {
        None => failed(&context, &headers, &OidcError::NotBegun),
        Some((pending, view)) => match redeemed(&provider, params, pending).await {
            Err(e) => failed(&context, &headers, &e),
            Ok(name) => match accounts.log_in_named(named(name, peer.map(|p| p.0))).await {
                Ok(session) => logged_in(&context, &headers, &session, &view),
                Err(e @ AccountsError::NoAccount(_)) => {
                    let text = e.text().unwrap_or_else(|| Text::new("", ""));
                    page(&context, &headers, StatusCode::FORBIDDEN, &text)
                }
                Err(e) => return Err(e.into()),
            },
        },
    };
    keep_nothing(&mut response);
    // it has served, whatever came of it
    set_cookie(&mut response, &cookie(&context, "", 0));
    Ok(response)
}

async fn redeemed(provider: &Provider, params: CallbackParams, pending: Pending) -> Result<String, OidcError> {
    match (params.code, params.error) {
        (Some(code), None) => provider.finish(code, params.iss, pending).await,
        (_, Some(error)) => {
            let words = params.error_description.map_or_else(|| error.clone(), |d| format!("{error}: {d}"));
            Err(OidcError::refused(&words))
        }
        (None, None) => Err(OidcError::NotBegun),
    }
}

/// The login that this browser has begun, and the view that it came from.
fn begun(headers: &HeaderMap) -> Option<(Pending, String)> {
    let mut ours = cookies(headers, COOKIE);
    let (value, None) = (ours.next()?, ours.next()) else { return None };
    let mut parts = value.splitn(4, '.').map(str::to_owned);
    let pending = Pending { state: parts.next()?, nonce: parts.next()?, verifier: parts.next()? };
    let view = percent_encoding::percent_decode_str(&parts.next()?).decode_utf8().ok()?.into_owned();
    // only the service's own page is led to
    let view = if view.starts_with('?') { view } else { String::new() };
    let whole = [&pending.state, &pending.nonce, &pending.verifier].iter().all(|p| p.len() >= 16);
    whole.then_some((pending, view))
}

/// The cookie of the session, and a page that leads on: a cookie that is kept from other sites is not sent by a redirect that
/// began at the provider's, but by a page of our own.
fn logged_in(context: &Context, headers: &HeaderMap, session: &Session, view: &str) -> Response {
    let (zh, en) = ("已登录,正在打开……", "Logged in, opening …");
    let address = html::text(&format!("{}{view}", root(context)));
    let body = format!("<p><a href=\"{address}\">{}</a></p>", say(headers, zh, en));
    let refresh = format!("<meta http-equiv=\"refresh\" content=\"0;url={address}\">");
    let mut response = document(context, headers, StatusCode::OK, &format!("{refresh}{body}"));
    for cookie in
        [session::cookie(context, &session.token, session::LIFETIME), session::by_provider(context, session::LIFETIME)]
    {
        set_cookie(&mut response, &cookie);
    }
    response
}

fn failed(context: &Context, headers: &HeaderMap, e: &OidcError) -> Response {
    // what the provider says of itself is for the administrator
    tracing::warn!(error = %e, "nobody was logged in by the identity provider");
    let status = match e {
        OidcError::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    };
    page(context, headers, status, &e.text())
}

fn page(context: &Context, headers: &HeaderMap, status: StatusCode, text: &Text) -> Response {
    let back = html::text(&root(context));
    let words = html::text(say(headers, &text.zh, &text.en));
    let body = format!("<p>{words}</p><p><a href=\"{back}\">{}</a></p>", say(headers, "返回登录", "Back to the login"));
    let mut response = document(context, headers, status, &body);
    response.extensions_mut().insert(html::ErrorPage);
    keep_nothing(&mut response);
    response
}

fn document(context: &Context, headers: &HeaderMap, status: StatusCode, body: &str) -> Response {
    let code = if negotiate::lang(headers) == Lang::En { "en" } else { "zh-CN" };
    let style = html::text(&format!("{}pages.css", root(context)));
    let text = format!(
        "<!doctype html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>视谷 Shigu</title><link rel=\"stylesheet\" href=\"{style}\"></head><body><main>{body}</main></body></html>\n"
    );
    (status, [(header::CONTENT_TYPE, html::PAGE)], text).into_response()
}

fn say<'t>(headers: &HeaderMap, zh: &'t str, en: &'t str) -> &'t str {
    if negotiate::lang(headers) == Lang::En { en } else { zh }
}

/// The address of the page.
fn root(context: &Context) -> String {
    format!("{}/", context.public_url().unwrap_or_else(|| context.path()))
}

/// Read by no script, and sent here only, also when the browser comes from the provider's site.
fn cookie(context: &Context, value: &str, seconds: u32) -> String {
    let (path, secure) = reach(context);
    format!("{COOKIE}={value}; Path={path}/session/oidc; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn keep_nothing(response: &mut Response) {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn provider(context: &Context) -> Result<Arc<Provider>, Problem> {
    context.oidc().cloned().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "no-identity-provider",
            "本服务没有接入统一身份认证;启动时加 --oidc-issuer。",
            "This service has no identity provider; start it with --oidc-issuer.",
        )
    })
}
