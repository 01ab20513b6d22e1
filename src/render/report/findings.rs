//! What is found out for a report, whichever file shows it: answers to other questions of the same area, and analyses. It is kept with
//! the data, so that a reader who takes one file after the other waits for it once.

use super::past::Past;
use super::{Material, chain, change, children, profile};
use crate::core::cancel;
use crate::core::query::{
    AreaKind, Bound, Chain, Change, CountBeside, HotspotChoice, Hotspots, PlatformRow, QueryError, QuotientTable,
    Summary, ZoneList, beside, hotspots, quotient_tables,
};
use std::sync::{Arc, OnceLock};

/// Answers that every file needs.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) summary: Summary,
    pub(super) past: Past,
    pub(super) platforms: Vec<PlatformRow>,
    /// Zones right below the area, by the place of their kind.
    pub(super) children: Vec<(usize, ZoneList)>,
    /// Rows of other tables and layers of points in the area.
    pub(super) beside: Vec<CountBeside>,
}

impl Answers {
    fn of(bound: &Bound) -> Result<Self, QueryError> {
        let own = || {
            let mut platforms = bound.platforms();
            // an engine's own order says nothing to readers
            platforms.sort_by(|a, b| a.id.cmp(&b.id));
            Ok::<_, QueryError>((bound.ask(&bound.question().clone().with_growth(true))?.summarize()?, platforms))
        };
        let others = || Ok::<_, QueryError>((Past::new(bound)?, children::of(bound)?, beside(&**bound)?));
        let (own, others) = cancel::both(own, others);
        let ((summary, platforms), (past, children, beside)) = (own?, others?);
        Ok(Self { summary, past, platforms, children, beside })
    }
}

/// What is found out of a question: each part when a file first needs it.
#[derive(Debug, Default)]
pub(super) struct Findings {
    answers: OnceLock<Arc<Answers>>,
    hotspots: OnceLock<Option<Box<Hotspots>>>,
    profile: OnceLock<Option<Box<profile::Profiles>>>,
    quotients: OnceLock<Vec<QuotientTable>>,
    change: OnceLock<Option<Box<Change>>>,
    chains: OnceLock<Vec<Chain>>,
}

impl Findings {
    /// Those of a question, as far as they were found before.
    pub(super) fn of(bound: &Bound) -> Arc<Self> {
        // what is kept of a question is this and nothing else
        bound.keep(|| Arc::new(Self::default())).downcast().unwrap_or_default()
    }

    pub(super) fn answers(&self, bound: &Bound) -> Result<Arc<Answers>, QueryError> {
        if let Some(found) = self.answers.get() {
            return Ok(found.clone());
        }
        let found = Arc::new(Answers::of(bound)?);
        Ok(self.answers.get_or_init(|| found).clone())
    }
}

impl<'a> Material<'a> {
    /// Does all analyses that are not done yet, on all cores: those that take longest first.
    pub(super) fn analyse(&self) {
        let all: [fn(&Self); 5] =
            [|m| _ = m.hotspots(), |m| _ = m.chains(), |m| _ = m.change(), |m| _ = m.quotients(), |m| _ = m.profile()];
        cancel::pieces(all.len(), 1, |place| all[place.start](self));
    }

    /// Where its rows lie close together; none of rows without positions.
    pub(super) fn hotspots(&self) -> Option<&'a Hotspots> {
        let points = self.about.collections.get(self.bound.collection()).is_some_and(|c| c.located > 0);
        let found = || if points { hotspots(self.bound, &HotspotChoice::default()).ok().map(Box::new) } else { None };
        self.findings.hotspots.get_or_init(found).as_deref()
    }

    /// Profiles of classes and zones, in the report about the whole.
    pub(super) fn profile(&self) -> Option<&'a profile::Profiles> {
        let whole = self.classified() && self.summary.zone.kind == AreaKind::City;
        let found = || if whole { profile::of(self.bound).ok().map(Box::new) } else { None };
        let found = self.findings.profile.get_or_init(found).as_deref();
        found.filter(|all| all.found.classes.len() > 1 && all.found.zones.len() > 1)
    }

    /// Location quotients of the area, or of the zones of the whole: by number of rows, by the metrics of documents, within the register
    /// and within all industries. None where they say nothing.
    pub(super) fn quotients(&self) -> &'a [QuotientTable] {
        let weights = || self.in_documents().into_iter().map(|metric| metric.id.as_str()).collect::<Vec<_>>();
        let found =
            || if self.classified() { quotient_tables(self.bound, &weights()).unwrap_or_default() } else { vec![] };
        self.findings.quotients.get_or_init(found)
    }

    /// How the area changed, where there is an earlier period.
    pub(super) fn change(&self) -> Option<&'a Change> {
        let found = || if self.classified() { change::of(self.bound).ok().map(Box::new) } else { None };
        self.findings.change.get_or_init(found).as_deref().filter(|found| found.unavailable.is_none())
    }

    /// The chains of the classes that have stages.
    pub(super) fn chains(&self) -> &'a [Chain] {
        let found = || if self.classified() { chain::of(self.bound).unwrap_or_default() } else { vec![] };
        self.findings.chains.get_or_init(found)
    }
}
