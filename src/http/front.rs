//! How readers come to a service, whatever it serves: under which addresses, from where, what browsers are told, and what
//! is counted. One service of a dataset has it, and so has the whole of several cities (`cities`).

use crate::core::query::Disclosure;
use crate::http::metrics::Metrics;
use crate::http::{Authentication, Certificate, Resources, Site};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is known of readers before any data is looked at.
#[derive(Debug)]
pub struct Front {
    pub(super) disclosure: Disclosure,
    /// Whether there are accounts.
    pub(super) accounts: bool,
    public_url: Option<String>,
    /// The path below which it lies where no public address says one, without a slash at the end.
    path: String,
    /// Names of the service besides those of this machine and of its public address.
    pub(super) host_names: Vec<String>,
    /// Addresses of proxies on other machines, which say for whom they ask.
    pub(super) proxies: Vec<IpAddr>,
    /// The header in which a trusted proxy names the account.
    pub(super) proxy: Option<HeaderName>,
    /// Origins whose pages may read what anybody may.
    pub(super) allow_origins: Vec<String>,
    /// First part of request ids, different at each start.
    instance: String,
    /// Counts requests, of all services of the program.
    requests: Arc<AtomicU64>,
    /// What is counted of requests.
    pub(super) metrics: Metrics,
    pub(super) policy: HeaderValue,
    /// With what connections are encrypted, where the service does that itself.
    pub(super) certificate: Option<Arc<Certificate>>,
    /// What tells browsers to come by TLS only.
    pub(super) strict_transport: Option<HeaderValue>,
}

/// How readers come, as an installation is configured. It is the same for all cities of a service but for the address.
#[derive(Clone, Debug, Default)]
pub struct FrontSettings {
    /// The address under which readers see the service, without a slash at the end.
    pub public_url: Option<String>,
    /// The path below which it lies where no public address says one, without a slash at the end.
    pub path: String,
    /// Host names of the service besides those of this machine and of `public_url`, with or without a port.
    pub host_names: Vec<String>,
    /// Addresses of proxies on other machines: behind them a reader's address is the one that they add.
    pub proxies: Vec<IpAddr>,
    /// Origins whose pages may read what anybody may; `*` for every one, where nobody sees more.
    pub allow_origins: Vec<String>,
    /// First part of request ids: anything that differs from start to start.
    pub instance: String,
    /// With what connections are encrypted, where the service does that itself and no proxy.
    pub certificate: Option<Arc<Certificate>>,
    /// For so many seconds browsers come by TLS only, whatever a link says.
    pub hsts: Option<u32>,
}

impl Front {
    /// How readers come to a service with these settings, who is its owner, and where it counts.
    pub(crate) fn new(
        settings: FrontSettings,
        disclosure: Disclosure,
        accounts: Option<&Authentication>,
        site: &Site,
        resources: &Resources,
    ) -> Self {
        Self {
            disclosure,
            accounts: accounts.is_some(),
            public_url: settings.public_url,
            path: settings.path,
            host_names: settings.host_names,
            proxies: settings.proxies,
            proxy: accounts.and_then(|a| a.header.clone()),
            allow_origins: settings.allow_origins,
            instance: settings.instance,
            requests: resources.requests.clone(),
            metrics: resources.metrics.clone(),
            policy: site.policy(),
            certificate: settings.certificate,
            strict_transport: settings.hsts.and_then(|s| HeaderValue::try_from(format!("max-age={s}")).ok()),
        }
    }

    /// Whether whoever sits at this machine is the owner, who sees everything and publishes.
    pub(crate) fn has_owner(&self) -> bool {
        self.disclosure == Disclosure::Full
    }

    /// Whether some see more than any reader does.
    pub(crate) fn is_protected(&self) -> bool {
        self.has_owner() || self.has_accounts()
    }

    pub(crate) fn has_accounts(&self) -> bool {
        self.accounts
    }

    pub(crate) fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// The path below which readers see the service, without a slash at the end: that of its public address, where it has one.
    pub(crate) fn path(&self) -> &str {
        let public = self.public_url().and_then(|url| url.split_once("://"));
        public.map_or(&self.path, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]))
    }

    /// When the certificate of TLS ends, in seconds since 1970, where there is one and as far as that can be read.
    pub(crate) fn certificate_ends(&self) -> Option<i64> {
        self.certificate.as_ref().and_then(|certificate| certificate.ends())
    }

    /// Whether readers come by TLS.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.public_url().map_or(self.certificate.is_some(), |url| url.starts_with("https://"))
    }

    /// The address of the service as the reader sees it, without a slash at the end: its public address, else the `Host` header,
    /// which `envelope` has checked, and the path; a proxy's `Forwarded` and its kin are never believed.
    pub(crate) fn base_url(&self, headers: &HeaderMap) -> String {
        if let Some(url) = self.public_url() {
            return url.to_owned();
        }
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{}", host(headers).filter(|h| is_host(h)).unwrap_or("localhost"), self.path)
    }

    /// Another id for a request.
    pub(crate) fn next_id(&self) -> String {
        format!("{}-{}", self.instance, self.requests.fetch_add(1, Ordering::Relaxed))
    }
}

/// The `Host` header.
pub(crate) fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST).and_then(|h| h.to_str().ok())
}

/// Whether a `Host` header is a host and perhaps a port, and nothing else (RFC 9110, 7.2).
pub(crate) fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        Some((v6, port)) => {
            if v6.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            ("v6", port.strip_prefix(':').or(port.is_empty().then_some("0")))
        }
        None => host.split_once(':').map_or((host, Some("0")), |(name, port)| (name, Some(port))),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=253).contains(&name.len()) && name.chars().all(plain) && port.is_some_and(|p| p.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for good in ["gis.example", "127.0.0.1:8080", "[::1]:80", "[::1]", "server_1:80"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "a/b", "a@b", "a:b", "a:99999", "[x]:80", "a b", "a\"b", ":80", "[::1]x"] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
