//! The whole and the areas in question side by side: what answers are compared by that ask several questions of the same areas.

use super::answer::{Amounts, ClusterCount, Summary, ZoneList, ZoneName, ZoneRow};
use super::area_spec::AreaSpec;
use super::engine::Bound;
use super::profile::kind_of;
use super::query_error::QueryError;
use super::question::Question;
use crate::cancel;
use crate::model::Text;
use crate::snapshot::{ClassPart, Description};

/// Rows and sums of an area.
pub(super) struct Line {
    pub(super) zone: ZoneName,
    pub(super) schematic: bool,
    /// Whether the area has rows besides that the reader does not see.
    pub(super) partial: bool,
    pub(super) count: u64,
    pub(super) amounts: Amounts,
    pub(super) classes: Vec<ClusterCount>,
}

impl Line {
    fn of_summary(summary: Summary) -> Self {
        let (zone, classes) = (summary.zone, summary.clusters.into_iter());
        Self {
            zone: ZoneName {
                id: zone.id.unwrap_or_default(),
                name: zone.name,
                name_en: zone.name_en,
                zone_kind: zone.zone_kind.unwrap_or_default(),
            },
            schematic: zone.schematic,
            partial: zone.partial,
            count: summary.counts.matched,
            amounts: summary.totals,
            classes: classes
                .map(|c| ClusterCount { code: c.code, part: c.part, count: c.count, amounts: c.amounts })
                .collect(),
        }
    }

    fn of_zone(row: ZoneRow) -> Self {
        let zone_kind = row.zone_kind.unwrap_or_default();
        Self {
            zone: ZoneName { id: row.id, name: row.name, name_en: row.name_en, zone_kind },
            schematic: row.schematic,
            partial: row.partial,
            count: row.count,
            amounts: row.amounts,
            classes: row.clusters,
        }
    }

    /// A class, or what is in none.
    pub(super) fn class(&self, (code, part): &(Option<String>, Option<ClassPart>)) -> Option<&ClusterCount> {
        self.classes.iter().find(|c| (&c.code, &c.part) == (code, part))
    }
}

/// The answers to a question.
pub(super) struct Side {
    pub(super) dated: bool,
    pub(super) partition: bool,
    pub(super) whole: Line,
    pub(super) areas: Vec<Line>,
}

impl Side {
    /// The whole at 0, the areas from 1.
    pub(super) fn line(&self, place: usize) -> &Line {
        if place == 0 { &self.whole } else { &self.areas[place - 1] }
    }

    /// The same to be changed.
    pub(super) fn line_mut(&mut self, place: usize) -> &mut Line {
        if place == 0 { &mut self.whole } else { &mut self.areas[place - 1] }
    }

    /// The whole, then the areas.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        std::iter::once(&self.whole).chain(&self.areas)
    }
}

/// The areas that a question is about: one, or, where it is everywhere, the zones of a kind.
pub(super) struct Areas<'a> {
    pub(super) bound: &'a Bound,
    pub(super) about: &'a Description,
    /// The kind of the zones; none for one area.
    pub(super) kind: Option<String>,
}

impl<'a> Areas<'a> {
    pub(super) fn of(bound: &'a Bound) -> Self {
        let everywhere = bound.question().area().is_city();
        let kind = everywhere.then(|| kind_of(bound)).filter(|kind| !kind.is_empty());
        Self { bound, about: bound.describe(), kind }
    }

    /// The answers of these areas and of the whole, as any reader may ask them; with the sums of classes where these are wanted.
    pub(super) fn side(&self, question: &Question, classes: bool) -> Result<Side, QueryError> {
        cancel::check();
        let everywhere = |list: ZoneList| Line {
            zone: self.whole_name(),
            schematic: false,
            partial: false,
            count: list.city.count,
            amounts: list.city.amounts,
            classes: list.city.clusters,
        };
        let zones = || self.bound.ask(&question.clone().of_kind(self.kind.clone()).with_statistics(classes))?.zones();
        if self.kind.is_some() {
            let mut list = zones()?;
            let areas = list.zones.drain(..).chain(list.rest.drain(..)).map(Line::of_zone).collect();
            let (dated, partition) = (list.as_of.is_some(), list.partition);
            return Ok(Side { dated, partition, whole: everywhere(list), areas });
        }
        let summary = self.bound.ask(question)?.summarize()?;
        let dated = summary.as_of.is_some();
        // the whole of a reader who is limited to districts is what lists of zones say it is
        let whole = if self.about.scope.is_some() {
            everywhere(zones()?)
        } else {
            let whole = self.bound.ask(&question.clone().within(AreaSpec::default()))?.summarize()?;
            Line { zone: self.whole_name(), ..Line::of_summary(whole) }
        };
        Ok(Side { dated, partition: false, whole, areas: vec![Line::of_summary(summary)] })
    }

    fn whole_name(&self) -> ZoneName {
        let Text { zh, en } = self.about.wording().text("{whole}", "{Whole}");
        ZoneName { id: String::new(), name: zh, name_en: en, zone_kind: String::new() }
    }
}
