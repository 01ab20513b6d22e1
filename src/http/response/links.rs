//! Links between resources (RFC 8288): in documents and in the `Link` header.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// Relations of the OGC's register.
pub(crate) const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
pub(crate) const TILESETS: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
pub(crate) const TILESET: &str = "http://www.opengis.net/def/rel/ogc/1.0/tileset";
pub(crate) const TILING_SCHEME: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";
pub(crate) const TILING_SCHEMES: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes";
pub(crate) const MAP: &str = "http://www.opengis.net/def/rel/ogc/1.0/map";
/// Media types that several resources speak.
pub(crate) const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html";
pub(crate) const GEOJSON: &str = "application/geo+json";
pub(crate) const SCHEMA: &str = "application/schema+json";
pub(crate) const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

/// A link to something else.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Link {
    /// Absolute address.
    pub(crate) href: String,
    /// What it is to this resource.
    pub(crate) rel: &'static str,
    /// Media type.
    #[serde(rename = "type")]
    pub(crate) ty: &'static str,
    /// What it leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Whether the address has places for values in braces.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    templated: bool,
}

impl Link {
    pub(crate) fn new(href: String, rel: &'static str, ty: &'static str) -> Self {
        Self { href, rel, ty, title: None, templated: false }
    }

    pub(crate) fn titled(self, title: &str) -> Self {
        Self { title: Some(title.to_owned()), ..self }
    }

    pub(crate) fn templated(self) -> Self {
        Self { templated: true, ..self }
    }
}

/// An address without `f`, with its `f` at the end: the same resource in a form of its own.
pub(crate) fn in_form(address: &str, f: &str) -> String {
    format!("{address}{}f={f}", if address.contains('?') { '&' } else { '?' })
}

/// Puts links into the `Link` header, for clients that look no further.
pub(crate) fn announce(response: &mut Response, links: &[Link]) {
    let one = |l: &Link| format!("<{}>; rel=\"{}\"; type=\"{}\"", l.href, l.rel, l.ty);
    let line = links.iter().map(one).collect::<Vec<_>>().join(", ");
    // a link that no header can hold is still in the document
    if let (false, Ok(value)) = (links.is_empty(), HeaderValue::from_str(&line)) {
        response.headers_mut().insert(header::LINK, value);
    }
}

/// A path segment or value, percent-encoded.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

/// Percent-encodes everything but unreserved characters (RFC 3986).
fn escape(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(b as char);
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
}
