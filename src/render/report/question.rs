//! The question behind a report in one spelling: what restores it, printed in every file.

use super::Report;
use crate::core::query::AreaKind;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// A longer body is named by its digest: nobody types it in again.
const LONGEST: usize = 400;

/// Where the question came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Address of the page, ending in a slash.
    pub page: Option<String>,
    /// Whether other devices reach the page there: then documents have the address as a QR code.
    pub public: bool,
    /// The question as the body of `POST /report`, where it has no zone.
    pub body: Option<String>,
    /// What leads from the page's address to the view of such a question: a short link or a query.
    pub view: Option<String>,
}

/// The parameters of `/report/{zone}`, `/summary` and the page that ask this again; for a drawn area the body, or
/// what leads to its view where that is shorter.
pub(super) fn code(report: &Report) -> String {
    let s = &report.summary;
    if drawn(report) {
        return match (&report.origin.body, &report.origin.view) {
            (Some(body), _) if body.chars().count() <= LONGEST => body.clone(),
            (_, Some(view)) if view.len() <= LONGEST => view.clone(),
            (body, _) => {
                let digest = Sha256::digest(body.as_deref().unwrap_or_default());
                let digest = digest.iter().take(8).fold(String::new(), |out, b| out + &format!("{b:02x}"));
                format!("sha256:{digest}")
            }
        };
    }
    let zone = s.zone.id.as_deref().unwrap_or("city");
    format!("zone={}&{}", escaped(zone), conditions(report))
}

/// The page that shows the same, where it can.
pub(super) fn link(report: &Report) -> Option<String> {
    let page = report.origin.page.as_ref()?;
    if drawn(report) {
        return report.origin.view.as_ref().map(|view| format!("{page}{view}"));
    }
    let zone = report.summary.zone.id.as_ref().map(|z| format!("zone={}&", escaped(z))).unwrap_or_default();
    Some(format!("{page}?{zone}{}", conditions(report)))
}

fn drawn(report: &Report) -> bool {
    matches!(report.summary.zone.kind, AreaKind::Drawn | AreaKind::Circle | AreaKind::Nearest)
}

fn conditions(report: &Report) -> String {
    let s = &report.summary;
    let mut out = format!("year={}", s.year);
    if s.secondary {
        out.push_str("&secondary=true");
    }
    for (property, value) in &s.filter {
        let _ = write!(out, "&{}={}", escaped(property), escaped(value));
    }
    out
}

/// As a query takes it (RFC 3986).
fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:,'()".contains(&b);
    text.bytes().fold(String::new(), |mut out, b| {
        if plain(b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}
