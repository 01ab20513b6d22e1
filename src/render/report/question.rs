//! The question behind a report in its one spelling: what restores it, printed in every file.

use super::Report;
use crate::core::filter::Filter;
use crate::core::query::Question;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A longer body is named by its digest: nobody types it in again.
const LONGEST: usize = 400;
/// The page takes no longer filter from its address.
const LONGEST_FILTER: usize = 800;

/// Where the question came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Address of the page, ending in a slash.
    pub page: Option<String>,
    /// Whether other devices reach the page there: then documents have the address as a QR code.
    pub public: bool,
    /// What leads from the page's address to the view of a question that is no query: a short link or a query.
    pub view: Option<String>,
    /// The day, `YYYY-MM-DD`, on which it is asked: what is overdue then is said to be so.
    #[serde(default)]
    pub day: Option<String>,
}

/// The query that asks this again, as `/summary` and `/report/{zone}` take it; where no query says it, the body of
/// `POST /report`, or what leads to its view where that is shorter.
pub(super) fn code(report: &Report) -> String {
    let question = report.bound.question();
    if question.fits_query() {
        return question.to_table_query();
    }
    // the body names no table: the resource takes it as a parameter
    let table = question.collection().map_or(String::new(), |table| format!("table={table} "));
    let body = table + &question.clone().of_register().to_json();
    match &report.origin.view {
        _ if body.chars().count() <= LONGEST => body,
        Some(view) if view.len() <= LONGEST => view.clone(),
        _ => {
            let digest = Sha256::digest(&body);
            let digest = digest.iter().take(8).fold(String::new(), |out, b| out + &format!("{b:02x}"));
            format!("sha256:{digest}")
        }
    }
}

/// The page that shows the same, where it can.
pub(super) fn link(report: &Report) -> Option<String> {
    let page = report.origin.page.as_ref()?;
    let question = report.bound.question();
    if !question.fits_query() {
        return report.origin.view.as_ref().map(|view| format!("{page}{view}"));
    }
    shown(report, question).map(|question| format!("{page}?{}", question.to_table_query()))
}

/// The question as the page takes it from its address: a cluster, and all other conditions as one expression. `None`
/// where the page has no view of it.
fn shown(report: &Report, question: &Question) -> Option<Question> {
    if question.secondary() {
        return None;
    }
    let (about, bound) = (report.bound.describe(), &report.bound);
    let spec = &about.register()?.spec;
    let cluster = spec.register.as_ref()?.cluster.as_ref();
    let (of_cluster, others): (Vec<_>, Vec<_>) =
        question.conditions().iter().partition(|(name, _)| Some(*name) == cluster);
    let visible = |property: usize| bound.disclosure().shows(spec, property);
    let others = others.into_iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let others = Filter::bind(spec, &about.codelists, &visible, others).ok()?.expression(true);
    let table = about.table().map_or_else(Question::register, Question::of);
    let mut out = table.within(question.area().clone()).in_period(question.period());
    for (_, code) in of_cluster {
        out = out.having("cluster", code);
    }
    for expr in question.filter().cloned().into_iter().chain(others) {
        out = out.filtered(expr);
    }
    let fits = out.filter().is_none_or(|expr| expr.to_string().chars().count() <= LONGEST_FILTER);
    fits.then_some(out)
}
