//! Whether a request comes from the owner, from the service's own page, or from elsewhere (ADR 44). An address of the
//! loopback interface is no identity: behind a proxy every reader has it. Whatever shows another machine, another site or
//! another name takes the owner's part away; what contradicts itself is refused.

use crate::http::extract::credential::COOKIE;
use crate::http::front::{Front, host};
use crate::http::middleware::connections::Peer;
use crate::http::problem::Problem;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Stands for every origin.
pub(crate) const EVERY: &str = "*";
/// Headers by which proxies say for whom they ask, besides all that begin with `x-forwarded`.
const FORWARDED: [&str; 11] = [
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "x-original-host",
    "x-envoy-external-address",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
];

/// Refuses what says twice who sends it, and what comes by a name or from a page that are not the service's own.
pub(crate) fn trusted(front: &Front, headers: &HeaderMap) -> Result<(), Problem> {
    contradiction(headers, front.proxy.as_ref())?;
    known_host(front, headers)?;
    known_origin(front, headers)
}

/// Refuses what says twice who sends it: which of the two counts is for no program to guess.
fn contradiction(headers: &HeaderMap, proxy: Option<&HeaderName>) -> Result<(), Problem> {
    let twice = |name: &HeaderName| headers.get_all(name).iter().nth(1).is_some();
    let named = [Some(&header::AUTHORIZATION), Some(&header::ORIGIN), proxy];
    let found = named.into_iter().flatten().find(|name| twice(name)).map(HeaderName::as_str);
    let cookies = headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|b| *b == b';'));
    let ours = cookies.filter(|c| c.trim_ascii().strip_prefix(COOKIE.as_bytes()).is_some_and(|c| c.starts_with(b"=")));
    let Some(name) = found.or((ours.count() > 1).then_some(COOKIE)) else { return Ok(()) };
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "identity-twice",
        format!("请求中 {name} 出现了两次,无法确定身份;请清除本站 Cookie 后重试,或请管理员检查代理的设置。"),
        format!(
            "The request has {name} twice, so who sends it is not clear; clear the cookies of this site, or have the administrator check the proxy."
        ),
    ))
}

/// Refuses a name that is not the service's own: it may have been pointed at this machine (DNS rebinding). Where nobody
/// sees more than anybody, any name will do.
fn known_host(front: &Front, headers: &HeaderMap) -> Result<(), Problem> {
    if !front.is_protected() || own_host(front, headers) {
        return Ok(());
    }
    let host = host(headers).unwrap_or("");
    Err(Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "unknown-host",
        format!("本服务没有名为 {host} 的网址;请管理员以 --public-url 写明对外网址,或以 --host-names 补充名称。"),
        format!(
            "{host} is no name of this service; the administrator names its address with --public-url, or further names with --host-names."
        ),
    ))
}

/// Refuses a page of another origin, where somebody sees more than anybody. Origins of `--allow-origin` read as anybody.
fn known_origin(front: &Front, headers: &HeaderMap) -> Result<(), Problem> {
    if !front.is_protected() || listed(front, headers).is_some() || !other_site(front, headers) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "foreign-origin",
        "本服务不向其他网站的网页提供数据;确需开放时请管理员以 --allow-origin 写明该网站。",
        "This service gives nothing to pages of other sites; the administrator can name a site with --allow-origin.",
    ))
}

/// Whether the request comes from somewhere else than the service's own page or a program.
pub(crate) fn foreign(front: &Front, headers: &HeaderMap) -> bool {
    !own_host(front, headers) || other_site(front, headers)
}

/// What `Access-Control-Allow-Origin` says to a request of an origin that is listed (`cors`).
pub(crate) fn listed(front: &Front, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let listed = &front.allow_origins;
    if listed.iter().any(|o| o == EVERY) {
        return Some(HeaderValue::from_static(EVERY));
    }
    listed.iter().any(|o| o.as_bytes() == origin.as_bytes()).then(|| origin.clone())
}

/// Whether the owner asks: from this machine, through no proxy, by a program or the service's own page.
pub(crate) fn from_owner(front: &Front, headers: &HeaderMap, peer: Option<Peer>) -> bool {
    let referer = headers.get(header::REFERER).map(|r| r.to_str().unwrap_or(""));
    front.has_owner()
        && peer.is_some_and(|p| p.0.to_canonical().is_loopback())
        && !headers.keys().any(is_forwarding)
        && !foreign(front, headers)
        // a proxy that says nothing of itself keeps the address of the page that its reader sees
        && referer.is_none_or(|r| own_authority(front, headers, r))
}

/// The address that sends a request. Behind the configured proxy it is the last one that the proxy has added; it counts for
/// limits and the audit log only, and never says who somebody is.
pub(crate) fn client(front: &Front, headers: &HeaderMap, peer: Peer) -> Peer {
    let last = headers.get_all("x-forwarded-for").iter().next_back().and_then(|v| v.to_str().ok());
    let last = last.and_then(|v| v.rsplit(',').next()).and_then(|ip| ip.trim().parse::<IpAddr>().ok());
    let peer = peer.0.to_canonical();
    let local = peer.is_loopback() && (front.public_url().is_some() || front.proxy.is_some());
    Peer(last.filter(|_| local || front.proxies.contains(&peer)).map_or(peer, |last| last.to_canonical()))
}

fn is_forwarding(name: &HeaderName) -> bool {
    name.as_str().starts_with("x-forwarded") || FORWARDED.contains(&name.as_str())
}

/// Whether the `Host` header has a name of the service. Requests of HTTP/1.0 may have none; browsers always send it.
fn own_host(front: &Front, headers: &HeaderMap) -> bool {
    let Some(host) = host(headers) else { return true };
    let named =
        || front.host_names.iter().any(|own| own.eq_ignore_ascii_case(host) || own.eq_ignore_ascii_case(name_of(host)));
    // an address can't be pointed elsewhere; the owner's service has those of the loopback interface
    let address = |ip: IpAddr| !front.has_owner() || ip.to_canonical().is_loopback();
    is_localhost(host)
        || address_of(host).is_some_and(address)
        || public_authority(front).is_some_and(|p| p.eq_ignore_ascii_case(host))
        || named()
}

/// Whether a page of another origin asks: browsers say so in `Origin`, and in `Sec-Fetch-Site` where there is none. A page
/// that is opened by a link may come from anywhere.
fn other_site(front: &Front, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("null"));
    match text("origin") {
        Some(origin) => !own_authority(front, headers, origin),
        None => {
            matches!(text("sec-fetch-site"), Some("cross-site" | "same-site"))
                && text("sec-fetch-mode") != Some("navigate")
        }
    }
}

/// Whether an address is one of the service: under the name by which it is asked, or under `--public-url`.
fn own_authority(front: &Front, headers: &HeaderMap, address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else { return false };
    let at = rest.split('/').next().unwrap_or("");
    let own = [host(headers), public_authority(front)];
    !at.is_empty() && own.into_iter().flatten().any(|own| own.eq_ignore_ascii_case(at))
}

/// Host and port of `--public-url`.
fn public_authority(front: &Front) -> Option<&str> {
    front.public_url()?.split("://").nth(1)?.split('/').next()
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    }
}

fn address_of(host: &str) -> Option<IpAddr> {
    let name = name_of(host);
    if host.starts_with('[') {
        name.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    } else {
        name.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
    }
}

fn is_localhost(host: &str) -> bool {
    let name = name_of(host).to_ascii_lowercase();
    !host.starts_with('[') && (name == "localhost" || name.ends_with(".localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_not_addresses() {
        for host in ["127.0.0.1", "127.0.0.1:8080", "[::1]:80", "10.1.2.3"] {
            assert!(address_of(host).is_some() && !is_localhost(host), "{host}");
        }
        for host in ["localhost:1", "LOCALHOST", "a.localhost:80"] {
            assert!(is_localhost(host) && address_of(host).is_none(), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "[evil]", "[localhost]"] {
            assert!(address_of(host).is_none() && !is_localhost(host), "{host}");
        }
    }

    #[test]
    fn proxies_are_known_by_their_headers() {
        for name in ["x-forwarded-for", "x-forwarded-proto", "X-Forwarded-Anything", "forwarded", "via", "x-real-ip"] {
            assert!(is_forwarding(&name.parse().unwrap()), "{name}");
        }
        for name in ["x-request-id", "accept", "host", "x-user"] {
            assert!(!is_forwarding(&name.parse().unwrap()), "{name}");
        }
    }
}
