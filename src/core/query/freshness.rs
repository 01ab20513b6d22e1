//! How fresh the data is on a day: who provides each table and metric, how often, of when it is, when new figures are due, and what is
//! overdue. The day is given: nothing here has a clock. What neither the manifest nor the rows say is not known.

use crate::columns::Moment;
use crate::model::{Cadence, CollectionSpec, Maintenance, MetricSpec, Period, Text};
use crate::snapshot::{CollectionInfo, Description};

/// Whether new figures are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueState {
    /// The day on which they were due is over.
    Overdue,
    /// They are not due yet.
    Current,
    /// They come when there is something new.
    Irregular,
    /// It is not known when they are due.
    Unknown,
}

impl DueState {
    /// It in words.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Overdue => ("逾期", "overdue"),
            Self::Current => ("未到期", "not due yet"),
            Self::Irregular => ("不定期", "not scheduled"),
            Self::Unknown => ("暂缺", "not known"),
        };
        Text::new(zh, en)
    }
}

/// What says of when figures are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatedBy {
    /// The latest period that has figures.
    Period,
    /// The latest day that a row states.
    Rows,
    /// The manifest.
    Stated,
    /// The first day of validity of the collection.
    Validity,
}

impl DatedBy {
    /// It in words.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Period => ("最新一期数据", "the latest period with figures"),
            Self::Rows => ("数据行所注日期", "the day that rows state"),
            Self::Stated => ("数据清单所写", "as the manifest states"),
            Self::Validity => ("生效日期", "the first day of validity"),
        };
        Text::new(zh, en)
    }
}

/// Who provides figures, of when they are, and when the next are due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dates {
    /// Who provides them.
    pub owner: Option<Text>,
    /// How often.
    pub cadence: Option<Cadence>,
    /// The day of which they are, `YYYY-MM-DD`.
    pub last: Option<String>,
    /// What says it.
    pub dated_by: Option<DatedBy>,
    /// The period whose end that is.
    pub period: Option<Period>,
    /// The last day on which new ones are in time, `YYYY-MM-DD`.
    pub next: Option<String>,
    /// Whether they are due.
    pub state: DueState,
}

/// A metric, and how fresh it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricFreshness {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Its dates.
    pub dates: Dates,
}

/// A collection, and how fresh it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFreshness {
    /// Id of the collection.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Whether statistics are made of it.
    pub table: bool,
    /// Whether its rows are invented (示例数据).
    pub sample: bool,
    /// Its dates.
    pub dates: Dates,
    /// Its metrics.
    pub metrics: Vec<MetricFreshness>,
}

impl TableFreshness {
    /// Whether its metrics are of different days.
    pub fn mixed(&self) -> bool {
        let mut days = self.metrics.iter().map(|metric| &metric.dates.last);
        days.next().is_some_and(|first| days.any(|day| day != first))
    }

    /// What is overdue of itself and its metrics; the table is not named beside metrics that are due on the same day.
    pub fn overdue(&self) -> Vec<(&Text, &Dates)> {
        let late = |dates: &Dates| dates.state == DueState::Overdue;
        let same = |metric: &MetricFreshness| late(&metric.dates) && metric.dates.next == self.dates.next;
        let said = self.metrics.iter().any(same);
        self.lines().skip(usize::from(said)).filter(|(_, dates)| late(dates)).collect()
    }

    /// The title and dates of itself and of its metrics.
    pub fn lines(&self) -> impl Iterator<Item = (&Text, &Dates)> {
        let metrics = self.metrics.iter().map(|metric| (&metric.title, &metric.dates));
        std::iter::once((&self.title, &self.dates)).chain(metrics)
    }
}

/// How many tables and metrics are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreshnessCounts {
    /// All of them.
    pub items: usize,
    /// New figures were due.
    pub overdue: usize,
    /// They are not due yet.
    pub current: usize,
    /// They come when there is something new.
    pub irregular: usize,
    /// It is not known when they are due.
    pub unknown: usize,
    /// It is not known who provides them.
    pub without_owner: usize,
    /// It is not known of when they are.
    pub without_last: usize,
}

/// How fresh a dataset is on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The day, `YYYY-MM-DD`.
    pub day: String,
    /// The collections, tables of statistics first.
    pub tables: Vec<TableFreshness>,
}

impl Freshness {
    /// How many tables and metrics are in which state.
    pub fn counts(&self) -> FreshnessCounts {
        let mut counts = FreshnessCounts::default();
        for (_, dates) in self.tables.iter().flat_map(TableFreshness::lines) {
            counts.items += 1;
            *match dates.state {
                DueState::Overdue => &mut counts.overdue,
                DueState::Current => &mut counts.current,
                DueState::Irregular => &mut counts.irregular,
                DueState::Unknown => &mut counts.unknown,
            } += 1;
            counts.without_owner += usize::from(dates.owner.is_none());
            counts.without_last += usize::from(dates.last.is_none());
        }
        counts
    }

    /// The collection of this id.
    pub fn table(&self, id: &str) -> Option<&TableFreshness> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// The first day on which the latest of what is overdue was so: until another day comes, what is said of other days is the same. None
    /// where nothing is overdue.
    pub fn turned(&self) -> Option<&str> {
        let all = self.tables.iter().flat_map(TableFreshness::lines);
        all.filter(|(_, dates)| dates.state == DueState::Overdue).filter_map(|(_, dates)| dates.next.as_deref()).max()
    }
}

/// Whether anything is known of how the tables of a dataset are maintained, or the metrics of one are of different days: else there is
/// nothing to be said beside figures, whatever the day.
pub fn says_dates(about: &Description) -> bool {
    let stated = |dates: &Dates| dates.owner.is_some() || dates.cadence.is_some() || dates.next.is_some();
    let found = freshness(about, "");
    found.tables.iter().any(|table| table.mixed() || table.lines().any(|(_, dates)| stated(dates)))
}

/// How fresh the tables and metrics of a dataset are on a day, `YYYY-MM-DD`.
pub fn freshness(about: &Description, day: &str) -> Freshness {
    let table_of = |place: usize| about.tables.iter().find(|table| table.collection == place);
    let places = (0..about.collections.len()).filter(|place| table_of(*place).is_none());
    let tables = about.tables.iter().map(|table| table.collection).chain(places).map(|place| {
        let (info, table) = (&about.collections[place], table_of(place));
        of_collection(info, table.map_or(&info.spec, |table| &table.spec), table.is_some(), day)
    });
    Freshness { day: day.to_owned(), tables: tables.collect() }
}

fn of_collection(info: &CollectionInfo, spec: &CollectionSpec, table: bool, day: &str) -> TableFreshness {
    let said = &spec.maintenance;
    let metric = |metric: &MetricSpec| {
        let own = &metric.maintenance;
        // what a metric does not say of itself is as its table says
        let said = Maintenance {
            owner: own.owner.clone().or_else(|| said.owner.clone()),
            cadence: own.cadence.or(said.cadence),
            delay: own.delay.or(said.delay),
            last: own.last.clone(),
            dated_by: None,
            next: own.next.clone().or_else(|| said.next.clone()),
        };
        let period = info.newest.periods.get(&metric.id).copied();
        let last = period.map(|period| (period.last_day().to_string(), DatedBy::Period));
        let last = last.or_else(|| said.last.clone().map(|day| (day, DatedBy::Stated)));
        MetricFreshness { id: metric.id.clone(), title: metric.title.clone(), dates: dates(&said, last, period, day) }
    };
    let metrics: Vec<MetricFreshness> =
        spec.register.iter().flat_map(|register| &register.metrics).map(metric).collect();
    let rows = info.newest.day.clone().map(|day| (day, DatedBy::Rows, None));
    let newest =
        || metrics.iter().filter_map(|metric| Some((metric.dates.last.clone()?, metric))).max_by(|a, b| a.0.cmp(&b.0));
    let last = rows
        .or_else(|| newest().and_then(|(day, metric)| Some((day, metric.dates.dated_by?, metric.dates.period))))
        .or_else(|| said.last.clone().map(|day| (day, DatedBy::Stated, None)))
        .or_else(|| spec.valid_from.clone().map(|day| (day, DatedBy::Validity, None)));
    let period = last.as_ref().and_then(|(_, _, period)| *period);
    TableFreshness {
        id: spec.id.clone(),
        title: spec.title.clone(),
        table,
        sample: spec.sample,
        dates: dates(said, last.map(|(day, by, _)| (day, by)), period, day),
        metrics,
    }
}

/// The dates of what is of a day, on another day.
fn dates(said: &Maintenance, last: Option<(String, DatedBy)>, period: Option<Period>, day: &str) -> Dates {
    let (last, dated_by) = last.unzip();
    // a promise is kept when something of its day or later is there
    let promised = said.next.clone().filter(|next| last.as_ref().is_none_or(|last| last < next));
    let due = || {
        let (Cadence::Every(span), last) = (said.cadence?, last.as_deref()?) else { return None };
        let due = span.after(Moment::date(last)?)?;
        Some(said.delay.map_or(Some(due), |delay| delay.after(due))?.to_string())
    };
    let next = promised.or_else(due);
    let state = match (&next, said.cadence) {
        (Some(next), _) if next.as_str() < day => DueState::Overdue,
        (Some(_), _) => DueState::Current,
        (None, Some(Cadence::Irregular)) => DueState::Irregular,
        (None, _) => DueState::Unknown,
    };
    Dates { owner: said.owner.clone(), cadence: said.cadence, last, dated_by, period, next, state }
}
