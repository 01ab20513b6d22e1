//! What an installation adds to its data: a base map from elsewhere, pages that may show the map in a frame, a memory for
//! links. `/site` tells the page; the content policy follows from the same settings, so that nothing else is reachable.

use crate::core::model::Text;
use crate::http::api::basemap::{Basemap, SettingError, origin};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::response::answer::{Answer, to_json};
use crate::http::response::etag;
use crate::http::schemas;
use crate::render::report::Format;
use crate::service::accounts::Permission;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use utoipa::ToSchema;

/// The list of all cities, seen from the page of one.
const CITIES: &str = "../../cities";

/// The settings of an installation that readers notice.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// What lies under the map.
    pub basemap: Option<Basemap>,
    /// Origins of the pages that may show ours in a frame, besides our own.
    pub embed_origins: Vec<String>,
    /// Whether it is one of several cities.
    pub of_several: bool,
}

impl Site {
    /// Takes a list of origins, separated by commas: `https://portal.example, http://10.1.2.3:8000`.
    pub fn embedded_by(mut self, origins: &str) -> Result<Self, SettingError> {
        for text in origins.split(',').map(str::trim).filter(|o| !o.is_empty()) {
            let origin = origin(text).filter(|o| o.len() == text.trim_end_matches('/').len());
            let Some(origin) = origin else {
                return Err(Text {
                    zh: format!("--embed-origins 中的“{text}”应形如 https://portal.example"),
                    en: format!("{text:?} in --embed-origins must be like https://portal.example"),
                });
            };
            self.embed_origins.push(origin.to_owned());
        }
        Ok(self)
    }

    /// The content policy: the page and all that it loads come from here, but for the tiles of the base map.
    pub(crate) fn policy(&self) -> HeaderValue {
        let elsewhere = self.basemap.as_ref().and_then(Basemap::origin).map_or(String::new(), |o| format!(" {o}"));
        let connect = if elsewhere.is_empty() { String::new() } else { format!(" connect-src 'self'{elsewhere};") };
        let frames: String = self.embed_origins.iter().fold(String::new(), |mut all, origin| {
            let _ = write!(all, " {origin}");
            all
        });
        let policy = format!(
            "default-src 'self';{connect} img-src 'self' data: blob:{elsewhere}; worker-src 'self' blob:; object-src 'none'; \
             base-uri 'self'; form-action 'self'; frame-ancestors 'self'{frames}"
        );
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'self'; frame-ancestors 'self'"))
    }
}

/// A format of reports.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportFormat {
    /// Its name in `format` and `formats`, and the extension of its files.
    id: &'static str,
    /// What people call it.
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// Its media type.
    media_type: &'static str,
}

impl From<Format> for ReportFormat {
    fn from(format: Format) -> Self {
        Self { id: format.extension(), title: format.title(), media_type: format.media_type() }
    }
}

/// What the page needs to know about the installation.
#[derive(Serialize, ToSchema)]
#[allow(clippy::struct_excessive_bools, reason = "each is a member of the answer")]
pub(crate) struct SiteInfo<'a> {
    /// Whether `POST /links` keeps addresses under a short code.
    keeps_links: bool,
    /// Whether versions of the register are kept.
    keeps_versions: bool,
    /// What reports can be had as, in the order in which they are offered.
    report_formats: Vec<ReportFormat>,
    /// Whether reports are made in batches (`POST /reports`).
    keeps_reports: bool,
    /// Whether whoever asks may bring a department's file (`POST /imports`).
    takes_files: bool,
    /// Whether whoever asks may make a version of it.
    publishes: bool,
    /// Whether whoever asks may edit on the page (`/drafts`).
    edits: bool,
    /// Whether another than who made a change publishes it.
    two_persons: bool,
    /// What lies under the map; nothing when left out.
    basemap: Option<&'a Basemap>,
    /// Of one of several cities: the list of all, seen from the page; left out elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    cities: Option<&'static str>,
}

/// What the installation adds to its data: base map, short links; and the formats of reports.
#[utoipa::path(get, path = "/site", operation_id = "getSite", tag = "service", responses((status = 200, body = SiteInfo)))]
pub(crate) async fn site(context: Context, headers: HeaderMap, params: Params) -> Answer {
    params.finish()?;
    let takes = context.0.imports.is_some();
    let body = to_json(&SiteInfo {
        keeps_links: context.database().is_some(),
        keeps_versions: context.store().keeps_versions(),
        report_formats: Format::ALL.into_iter().map(ReportFormat::from).collect(),
        keeps_reports: context.0.jobs.is_some(),
        takes_files: takes && context.allow(Permission::Edit).is_ok(),
        publishes: takes && context.allow(Permission::Publish).is_ok(),
        edits: context.0.drafts.is_some() && context.allow(Permission::Edit).is_ok(),
        two_persons: context.0.two_persons,
        basemap: context.site().basemap.as_ref(),
        cities: context.site().of_several.then_some(CITIES),
    })?;
    let tag = etag::of(&Sha256::digest(&body));
    let head = |tag: String| [(header::ETAG, tag), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if let Some(known) = etag::known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, head(known)).into_response());
    }
    Ok((head(tag), [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_and_nothing_else() {
        assert_eq!(origin("https://a.example:8443/x?y"), Some("https://a.example:8443"));
        for bad in
            ["a.example", "ftp://a.example", "https://a.example;script-src *", "https://*", "https://a b", "http://"]
        {
            assert_eq!(origin(bad), None, "{bad}");
            assert!(Site::default().embedded_by(bad).is_err(), "{bad}");
        }
        let site = Site::default().embedded_by("https://a.example/, http://10.1.2.3:8000").unwrap();
        let policy = site.policy();
        assert!(policy.to_str().unwrap().ends_with("frame-ancestors 'self' https://a.example http://10.1.2.3:8000"));
        assert!(Site::default().embedded_by("https://a.example/path").is_err());
    }
}
