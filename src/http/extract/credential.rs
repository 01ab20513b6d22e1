//! What a request brings to say who sends it: the cookie of a session, or the header of a trusted proxy.

use crate::http::extract::context::Context;
use crate::http::middleware::connections::Peer;
use crate::http::problem::Problem;
use crate::service::accounts::{Accounts, AuditActor, Credential};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::Response;
use std::net::IpAddr;

/// The cookie that holds a session's token.
pub(crate) const COOKIE: &str = "shigu_session";

/// How readers are authenticated.
#[derive(Clone, Debug, Default)]
pub struct Authentication {
    /// Whether somebody who has not logged in may read sums and what is not restricted.
    pub anonymous: bool,
    /// The header in which a proxy on this machine names the account; believed from this machine only.
    pub header: Option<HeaderName>,
}

/// What a request brings, where there are accounts. A page of another origin brings nothing.
pub(crate) fn credential(
    proxy: Option<&HeaderName>,
    headers: &HeaderMap,
    peer: Option<IpAddr>,
    foreign: bool,
) -> Credential {
    match named_by_proxy(proxy, headers, peer) {
        _ if foreign => Credential::None,
        Some(name) => Credential::Name(name),
        None => token(headers).map_or(Credential::None, Credential::Token),
    }
}

/// The account that a proxy of this machine names.
fn named_by_proxy(proxy: Option<&HeaderName>, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<String> {
    let near = peer.is_some_and(|ip| ip.to_canonical().is_loopback());
    let name = headers.get(proxy?).filter(|_| near)?;
    Some(String::from_utf8_lossy(name.as_bytes()).into_owned())
}

/// The token of the session cookie, as the service makes them.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    // there is one at most: `trust` refuses two
    cookies(headers, COOKIE).find(|t| t.len() == 64 && t.bytes().all(|b| b.is_ascii_hexdigit())).map(str::to_owned)
}

/// The token of a participant's link, as the service makes them.
pub(crate) fn link(headers: &HeaderMap) -> Option<String> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    (token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit())).then(|| token.to_owned())
}

/// The values of the cookies of this name.
pub(crate) fn cookies<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    all.filter_map(move |c| c.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Adds a cookie to an answer.
pub(crate) fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// The path below which cookies are sent, and the attribute that keeps them to TLS where readers come by it.
pub(crate) fn reach(context: &Context) -> (&str, &'static str) {
    (context.path(), if context.is_encrypted() { "; Secure" } else { "" })
}

/// The reader of a request, as the audit log names them.
pub(crate) fn actor(context: &Context, peer: Option<Peer>) -> AuditActor {
    named(context.actor(), peer)
}

/// Somebody who has given a name, as the audit log names them.
pub(crate) fn named(name: String, peer: Option<Peer>) -> AuditActor {
    AuditActor { name, peer: peer.map(|p| p.0) }
}

/// The accounts, or why there are none.
pub(crate) fn accounts(context: &Context) -> Result<Accounts, Problem> {
    context.accounts().cloned().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "no-accounts",
            "本服务没有启用帐户;启动时加 --accounts 与 --data-dir。",
            "This service has no accounts; start it with --accounts and --data-dir.",
        )
    })
}
