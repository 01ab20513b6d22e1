//! What papers say of the dates of figures: of when they are, when new ones are due, what is overdue and what is of different days.

use super::Material;
use super::words::{pick, unknown};
use crate::core::model::{Cadence, Lang, Text};
use crate::core::query::{Dates, DueState, TableFreshness};

/// What is said of dates in a language.
#[derive(Clone, Copy)]
pub(super) struct Said(pub(super) Lang);

impl Said {
    pub(super) fn say<'s>(self, zh: &'s str, en: &'s str) -> &'s str {
        pick(self.0, zh, en)
    }

    pub(super) fn text(self, text: Option<&Text>) -> &str {
        text.map_or_else(|| unknown(self.0), |text| text.get(self.0))
    }

    pub(super) fn day(self, day: Option<&String>) -> &str {
        day.map_or_else(|| unknown(self.0), String::as_str)
    }

    pub(super) fn cadence(self, dates: &Dates) -> String {
        self.text(dates.cadence.map(Cadence::words).as_ref()).to_owned()
    }

    /// Of when figures are, with what says it.
    pub(super) fn last(self, dates: &Dates) -> String {
        let day = self.day(dates.last.as_ref());
        let by = match (dates.period, dates.dated_by) {
            (Some(period), _) => period.words(),
            (None, Some(by)) => by.words(),
            (None, None) => return day.to_owned(),
        };
        match self.0 {
            Lang::Zh => format!("{day}（{}）", by.zh),
            Lang::En => format!("{day} ({})", by.en),
        }
    }

    /// When figures are due; what comes when there is something new is never so.
    pub(super) fn next(self, dates: &Dates) -> &str {
        if dates.state == DueState::Irregular { "—" } else { self.day(dates.next.as_ref()) }
    }

    /// That figures are overdue, in a sentence.
    pub(super) fn overdue(self, title: &Text, dates: &Dates) -> String {
        let (last, next) = (dates.last.as_deref(), self.day(dates.next.as_ref()));
        match (self.0, last) {
            (Lang::Zh, Some(last)) => format!("{}截至 {last}，新数据应于 {next} 前提供，已逾期。", title.zh),
            (Lang::Zh, None) => format!("{}应于 {next} 前提供，已逾期。", title.zh),
            (Lang::En, Some(last)) => {
                format!("{} is as of {last}; new figures were due by {next} and are overdue.", title.en)
            }
            (Lang::En, None) => format!("{} was due by {next} and is overdue.", title.en),
        }
    }

    /// That the metrics of a table are of different days.
    pub(super) fn mixed(self, table: &TableFreshness) -> String {
        let last = |dates: &Dates| self.day(dates.last.as_ref()).to_owned();
        let days = table.metrics.iter().map(|metric| format!("{} {}", metric.title.get(self.0), last(&metric.dates)));
        let days = days.collect::<Vec<_>>().join(self.say("、", ", "));
        match self.0 {
            Lang::Zh => format!("{}各指标的日期不同：{days}。", table.title.zh),
            Lang::En => format!("The metrics of {} are of different days: {days}.", table.title.en),
        }
    }
}

/// What a report says of figures of its table that are overdue: a sentence for each.
pub(super) fn overdue(m: &Material<'_>) -> Vec<String> {
    let Some(own) = own(m) else { return vec![] };
    own.overdue().into_iter().map(|(title, dates)| Said(m.lang).overdue(title, dates)).collect()
}

/// What the sheet of methods says of the dates of the report's table and its metrics.
pub(super) fn rows(m: &Material<'_>) -> Vec<(String, String)> {
    let said = Said(m.lang);
    let row = |(title, dates): (&Text, &Dates)| {
        let parts = [
            m.labelled(m.say("数据日期", "as of"), &said.last(dates)),
            m.labelled(m.say("提供单位", "owner"), said.text(dates.owner.as_ref())),
            m.labelled(m.say("更新周期", "cadence"), &said.cadence(dates)),
            m.labelled(m.say("应更新日期", "due"), said.next(dates)),
            m.labelled(m.say("状态", "state"), dates.state.words().get(m.lang)),
        ];
        (m.labelled(m.say("数据时效", "Freshness"), title.get(m.lang)), parts.join(m.say("；", "; ")))
    };
    own(m).into_iter().flat_map(TableFreshness::lines).map(row).collect()
}

/// What is said of the date of another table beside the report's.
pub(super) fn beside(m: &Material<'_>, collection: &str) -> Option<String> {
    let dates = &m.fresh?.table(collection)?.dates;
    let last = dates.last.as_ref()?;
    let late = if dates.state == DueState::Overdue { m.say("，逾期", ", overdue") } else { "" };
    Some(format!("{} {last}{late}", m.say("截至", "as of")))
}

/// Whether tables beside the report's are of other days than one another, as far as they have any.
pub(super) fn beside_differ(m: &Material<'_>) -> bool {
    let Some(fresh) = m.fresh else { return false };
    let mut days = m.beside.iter().filter_map(|of| fresh.table(&of.collection)?.dates.last.as_ref());
    days.next().is_some_and(|first| days.any(|day| day != first))
}

fn own<'a>(m: &Material<'a>) -> Option<&'a TableFreshness> {
    m.fresh?.table(&m.about.register()?.spec.id)
}
