//! What the register's columns mean: clusters and metrics, ready to be summed.

use super::classes::Classes;
use super::derived::Derived;
use super::layer::Layer;
use super::validity::Validity;
use crate::columns::{Bitmap, Column};
use crate::model::{Granularity, MetricKind, Period, Table, Text};
use std::collections::BTreeMap;

/// A figure that varies by period.
#[derive(Debug)]
pub struct Metric {
    /// Identifier.
    pub(crate) id: String,
    /// Title.
    pub(crate) title: Text,
    /// Unit.
    pub(crate) unit: Text,
    /// Period -> place of the column in the register's table.
    pub(crate) columns: BTreeMap<Period, usize>,
    /// Those of them in which no row has a figure: declared before anything is delivered.
    pub(crate) empty: Vec<Period>,
    /// Figures of longer periods, made of those.
    pub(crate) derived: BTreeMap<Period, Derived>,
    /// Whether it is of a period or of its end.
    pub(crate) kind: MetricKind,
    /// Whether single values stay in the service.
    pub(crate) restricted: bool,
}

/// The statistical register: all statistics are made of it.
#[derive(Debug)]
pub struct Register {
    /// Its place among the layers.
    pub(crate) layer: usize,
    /// Place of the column with the declared district.
    pub(crate) district: Option<usize>,
    /// Place of the column with the primary class.
    pub(crate) cluster: Option<usize>,
    /// Place of the column with secondary clusters.
    pub(crate) secondary: Option<usize>,
    /// Place of the row's class in the dataset's own reading; `clusters` for none.
    pub(crate) cluster_of: Vec<u8>,
    /// How many classes that reading has.
    pub(crate) clusters: usize,
    /// What the register is limited to, such as an industry.
    pub(crate) scope: Option<Text>,
    /// The figures.
    pub(crate) metrics: Vec<Metric>,
    /// Periods for which there are figures, ascending.
    pub(crate) periods: Vec<Period>,
    /// When rows were there, where the data says so.
    pub(crate) valid: Option<Validity>,
    /// Rows that are placed too coarsely to be drawn as a dot (wider than [`Register::WIDEST_DOT_M`]).
    pub(crate) coarse: Option<Bitmap>,
}

impl Metric {
    /// The period whose figures answer a question about a period, or about the latest: `None` where none are published for it.
    pub(crate) fn period(&self, asked: Option<Period>) -> Option<Period> {
        match asked {
            Some(period) if self.columns.contains_key(&period) || self.derived.contains_key(&period) => Some(period),
            Some(_) => None,
            None => self.latest(),
        }
    }

    /// The place of the register's column with the figures of [`Metric::period`]; none where they are a sum of columns.
    pub(crate) fn column(&self, asked: Option<Period>) -> Option<usize> {
        let period = self.period(asked)?;
        match self.derived.get(&period) {
            Some(Derived::Last(last)) => self.columns.get(last).copied(),
            Some(Derived::Sum(_)) => None,
            None => self.columns.get(&period).copied(),
        }
    }

    /// The figures of [`Metric::period`].
    pub(crate) fn figures<'a>(&'a self, table: &'a Table, asked: Option<Period>) -> Option<&'a Column> {
        match self.derived.get(&self.period(asked)?) {
            Some(Derived::Sum(column)) => Some(column),
            _ => table.columns.get(self.column(asked)?),
        }
    }
}

impl Register {
    /// A position less precise than this, in metres, is not drawn as a dot.
    pub const WIDEST_DOT_M: i64 = 1500;

    /// What the columns of a layer mean; `None` where it is no table.
    pub(super) fn new(layer: usize, l: &Layer, classes: &Classes) -> Option<Self> {
        let spec = l.spec.register.as_ref()?;
        let place = |name: &str| l.spec.property(name).map(|(i, _)| i);
        let district = spec.district.as_deref().and_then(place);
        let cluster = spec.cluster.as_deref().and_then(place);
        let cluster_of = groups(l, cluster, classes);
        let metrics: Vec<Metric> = spec
            .metrics
            .iter()
            .map(|m| {
                let columns: BTreeMap<Period, usize> =
                    m.columns.iter().filter_map(|(y, p)| Some((*y, place(p)?))).collect();
                let figures = columns.iter().map(|(period, place)| (*period, &l.table.columns[*place])).collect();
                let without =
                    |place: usize| l.table.columns[place].valid().is_some_and(|valid| valid.iter().next().is_none());
                let empty = columns.iter().filter(|(_, place)| without(**place));
                let empty = empty.map(|(period, _)| *period).collect();
                Metric {
                    id: m.id.clone(),
                    title: m.title.clone(),
                    unit: m.unit.clone(),
                    derived: Derived::all(m.kind, &figures),
                    columns,
                    empty,
                    kind: m.kind,
                    restricted: l.spec.restricts(m),
                }
            })
            .collect();
        let mut periods: Vec<Period> = metrics.iter().flat_map(Metric::periods).collect();
        periods.sort_unstable();
        periods.dedup();
        let precision = spec.precision_m.as_deref().and_then(place).map(|i| &l.table.columns[i]);
        let coarse = precision.map(|column| {
            Bitmap::from_fn(l.len(), |row| match column.value(row) {
                crate::columns::Value::Integer(m) => m > Self::WIDEST_DOT_M,
                crate::columns::Value::Number(m) => m > Self::WIDEST_DOT_M as f64,
                _ => false,
            })
        });
        let coarse = coarse.filter(|c| c.count() > 0);
        let secondary = spec.secondary.as_deref().and_then(place);
        let clusters = classes.len();
        let valid = spec.valid.as_ref().and_then(|valid| Validity::new(l, valid));
        let scope = spec.scope.clone();
        Some(Self { layer, district, cluster, secondary, cluster_of, clusters, scope, metrics, periods, valid, coarse })
    }

    /// The period in question where none is asked for, if it is the latest of every metric: then both questions are one.
    pub(crate) fn common_period(&self) -> Option<Period> {
        let mut latest = self.metrics.iter().map(|m| m.period(None));
        let first = latest.next()??;
        latest.all(|period| period == Some(first)).then_some(first)
    }

    /// What one unit of digits in a metric's column is worth.
    pub fn scale(column: &Column) -> f64 {
        match column {
            Column::Decimal(d, _) => 10f64.powi(d.decimals.into()),
            _ => 1.0,
        }
    }
}

impl Metric {
    /// The length of its published periods.
    fn granularity(&self) -> Option<Granularity> {
        self.columns.keys().next().map(|period| period.granularity())
    }

    /// Its latest published period with figures; where there are none at all, the latest.
    pub(crate) fn latest(&self) -> Option<Period> {
        let mut latest = self.columns.keys().rev();
        latest.clone().find(|period| !self.empty.contains(period)).or_else(|| latest.next()).copied()
    }

    /// Whether any row has a figure that a figure of this period is made of.
    fn has_figures(&self, period: Period) -> bool {
        self.made_of(period).iter().any(|own| !self.empty.contains(own))
    }

    /// All periods of which it has figures, published or made of others.
    pub(crate) fn periods(&self) -> impl Iterator<Item = Period> + '_ {
        self.columns.keys().chain(self.derived.keys()).copied()
    }

    /// The published periods of which the figures of a period are made: itself, or shorter ones; none where it has no such
    /// figures.
    pub(crate) fn made_of(&self, period: Period) -> Vec<Period> {
        match self.derived.get(&period) {
            Some(Derived::Last(last)) => vec![*last],
            Some(Derived::Sum(_)) => self.granularity().map(|own| period.parts(own)).unwrap_or_default(),
            None => self.columns.keys().copied().filter(|own| *own == period).collect(),
        }
    }

    /// The published periods that a period still lacks to be made of them, where some of it are there.
    pub(crate) fn lacking(&self, period: Period) -> Vec<Period> {
        let parts = self.granularity().filter(|own| *own < period.granularity()).map(|own| period.parts(own));
        let parts = parts.filter(|parts| parts.iter().any(|part| self.columns.contains_key(part))).unwrap_or_default();
        let wanted = if self.kind == MetricKind::Stock { parts.len().saturating_sub(1) } else { 0 };
        parts.into_iter().skip(wanted).filter(|part| !self.columns.contains_key(part)).collect()
    }
}

impl Register {
    /// Whether a question about a period is one about its figures: a metric is published for it or for a part of it.
    pub(crate) fn knows(&self, period: Period) -> bool {
        self.metrics.iter().flat_map(|m| m.columns.keys()).any(|own| period.contains(*own))
    }

    /// The latest period of which any metric is published.
    pub(crate) fn latest(&self) -> Option<Period> {
        self.metrics.iter().filter_map(Metric::latest).max()
    }

    /// The latest period of which every metric has figures.
    pub(crate) fn latest_common(&self) -> Option<Period> {
        let common = |period: &&Period| self.metrics.iter().all(|m| m.has_figures(**period));
        self.periods.iter().rev().find(common).copied()
    }
}

/// The group of each row in a reading.
pub(crate) fn groups(layer: &Layer, cluster: Option<usize>, classes: &Classes) -> Vec<u8> {
    let none = classes.len() as u8;
    let mut out = vec![none; layer.len()];
    if let Some(column) = cluster.map(|place| &layer.table.columns[place]) {
        by_word(column, |word| Some(classes.group(word)), &mut out);
    }
    // what a row says itself of the version goes before what follows from its code
    let own = classes.own_property().and_then(|name| layer.spec.property(name));
    if let Some((place, _)) = own {
        by_word(&layer.table.columns[place], |word| classes.own_group(word), &mut out);
    }
    out
}

/// Puts the rows with a word into the group that it has, where it has one.
fn by_word(column: &Column, group: impl Fn(&str) -> Option<u8>, out: &mut [u8]) {
    let valid = column.valid();
    let known = |row: usize| valid.is_none_or(|v| v.contains(row));
    match column {
        Column::Words(words, _) => {
            let groups: Vec<Option<u8>> = words.words.iter().map(|word| group(word)).collect();
            for (row, out) in out.iter_mut().enumerate().filter(|(row, _)| known(*row)) {
                if let Some(group) = groups[words.codes.get(row) as usize] {
                    *out = group;
                }
            }
        }
        column => {
            for (row, out) in out.iter_mut().enumerate().filter(|(row, _)| known(*row)) {
                if let Some(group) = column.text(row).and_then(&group) {
                    *out = group;
                }
            }
        }
    }
}
