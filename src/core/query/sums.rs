//! Sums over areas and over runs of rows, by cluster, as amounts: exact for readers who may see rows, and for all others of
//! protected figures where a metric is restricted.

use super::disclosure::{Disclosure, Pair};
use super::{Amount, Amounts, Query, Share, Spread, Statistics, TWELFTHS};
use crate::columns::{Bitmap, Runs};
use crate::model::{DisclosureRules, Period};
use crate::snapshot::{
    Classes, Figures, Metric, Order, Passing, Powers, Read, Register, RowSet, Rows, Snapshot, Steps, Tally, Totals,
    Windows, contributions, is_sensitive, keep_largest,
};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Everything that sums of one question have in common: the rows that pass its filter, and their prefix sums. Both are
/// kept with the snapshot, so the same filter is evaluated once for all tiles, zones and pages.
pub struct Summing<'a> {
    register: &'a Register,
    classes: &'a Classes,
    figures: Figures<'a>,
    passing: Option<Passing<'a>>,
    tally: Arc<Tally>,
    scales: Vec<f64>,
    /// Per metric, the period that its figures are of.
    periods: Vec<Option<Period>>,
    /// Per metric, where order statistics are wanted.
    steps: Option<Vec<Arc<Steps>>>,
    /// Whether it is wanted how the values are spread.
    spread: bool,
    /// How many rows with a value a sum needs.
    minimum: u64,
    /// Where the reader may not see restricted figures.
    protecting: Option<Protecting<'a>>,
}

/// What decides whether a sum of a restricted metric may be given.
struct Protecting<'a> {
    rules: DisclosureRules,
    /// Whether a condition names single enterprises.
    identifying: bool,
    /// The same question without its conditions: what it leaves out must not be few either.
    base: Option<Box<Summing<'a>>>,
}

impl<'a> Summing<'a> {
    /// Prepares to sum under the query's filter, period and reading of clusters.
    pub fn new(snapshot: &'a Snapshot, register: &'a Register, query: &'a Query) -> Self {
        let key = |query: &Query| Some(query.key(snapshot));
        let classes = &*query.classes;
        let base = |bare: Query| Self::with(snapshot, register, (&bare, classes), bare.there(snapshot), key(&bare));
        Self::with(snapshot, register, (query, classes), query.passing(snapshot), key(query)).over(query, base)
    }

    /// The same for what is drawn: rows placed too coarsely for a dot stand in lists and counts only.
    pub fn drawn(snapshot: &'a Snapshot, register: &'a Register, query: &'a Query) -> Self {
        let everywhere = query.is_everywhere();
        if register.coarse.is_none() && everywhere {
            return Self::new(snapshot, register, query);
        }
        // areas are too many to be kept
        let key = |query: &Query| everywhere.then(|| format!("drawn\n{}", query.key(snapshot)));
        let classes = &*query.classes;
        let base = |bare: Query| {
            let area = query.area.rows(snapshot, query.layer);
            let there = bare.there(snapshot);
            let inside = move |run: Range<usize>| {
                let area = area.as_ref().map(|area| area.part(run.start, run.len()));
                both(area, there.as_ref().map(|there| there.part(run)))
            };
            let drawable = drawable(snapshot, register, &bare, key(&bare), inside);
            Self::with(snapshot, register, (&bare, classes), Some(drawable), key(&bare))
        };
        let passing = query.matching(snapshot);
        let matching = move |run| passing.as_ref().map(|passing| passing.part(run));
        let drawable = drawable(snapshot, register, query, key(query), matching);
        Self::with(snapshot, register, (query, classes), Some(drawable), key(query)).over(query, base)
    }

    /// The same with what its conditions are beside, where it has some and it matters: `base` of the query without them.
    fn over(mut self, query: &Query, base: impl FnOnce(Query) -> Self) -> Self {
        let conditional = !query.filter.is_empty() || query.during.is_some();
        if let Some(protecting) = self.protecting.as_mut().filter(|_| conditional) {
            protecting.base = Some(Box::new(base(query.bare())));
        }
        self
    }

    fn with(
        snapshot: &'a Snapshot,
        register: &'a Register,
        (query, classes): (&Query, &'a Classes),
        passing: Option<Passing<'a>>,
        filter: Option<String>,
    ) -> Self {
        let layer = &snapshot.layers[register.layer];
        let protect = query.disclosure == Disclosure::Aggregates && register.metrics.iter().any(|m| m.restricted);
        let protected = |metric: usize| {
            let period = register.metrics[metric].period(query.period);
            let figures = period.filter(|_| protect).and_then(|period| snapshot.protected(metric, period));
            figures.map(|p| &p.digits)
        };
        let figures = {
            let read = Read { classes, groups: snapshot.groups(classes) };
            Figures::new(layer, register, query.period, read, query.secondary, protected)
        };
        let make = || Tally::new(&figures, layer.len());
        let kept = |filter| snapshot.kept.tally((filter, query.period, query.secondary, protect, classes.key()), make);
        let tally = filter.map_or_else(|| Arc::new(make()), kept);
        let scale = |m: &Metric| m.figures(&layer.table, query.period).map_or(1.0, Register::scale);
        let scales = register.metrics.iter().map(scale).collect();
        let steps = |metric| {
            let make = || figures.steps(metric).unwrap_or_default();
            snapshot.steps_of(register, (metric, query.period), protected(metric).is_some(), make)
        };
        let steps = query.statistics.then(|| (0..register.metrics.len()).map(steps).collect());
        let protecting = protect.then(|| Protecting {
            rules: snapshot.rules(),
            identifying: snapshot.is_identifying(&query.filter),
            base: None,
        });
        let periods = register.metrics.iter().map(|m| m.period(query.period)).collect();
        let minimum = query.disclosure.minimum(&snapshot.rules());
        Self {
            register,
            classes,
            figures,
            passing,
            tally,
            scales,
            periods,
            steps,
            spread: query.spread,
            minimum,
            protecting,
        }
    }

    /// Sums of the rows that are there and have a value in two periods, that of the question's figures and the one
    /// `before`: of each metric two figures, read with [`Sums::pair`].
    pub(super) fn pairs(
        snapshot: &'a Snapshot,
        register: &'a Register,
        query: &'a Query,
        [now_of, before]: [Period; 2],
    ) -> Self {
        let layer = &snapshot.layers[register.layer];
        let classes = &*query.classes;
        let plain = Self::with(snapshot, register, (query, classes), query.passing(snapshot), None);
        let earlier = Query { period: Some(before), ..query.clone() };
        let windows = Arc::new(Windows::new(layer.len()));
        let (now, then) = (query.passing(snapshot), earlier.there(snapshot));
        let some = now.is_some() || then.is_some();
        let passing = some.then(|| {
            Passing::new(windows, move |run: Range<usize>| {
                let rows = [&now, &then].map(|set| set.as_ref().map(|set| set.part(run.clone())));
                let [now, then] = rows;
                both(now, then).unwrap_or_else(|| Bitmap::all(run.len()))
            })
        });
        let protect = plain.protecting.is_some();
        let protected = |metric: usize, period: Period| {
            let known = protect && register.metrics[metric].period(Some(period)).is_some();
            known.then(|| snapshot.protected(metric, period)).flatten().map(|p| &p.digits)
        };
        let read = Read { classes, groups: snapshot.groups(classes) };
        let figures = Figures::pairs(layer, register, [now_of, before], read, query.secondary, protected);
        let key = format!("pairs {now_of} {before}\n{}\n{}", query.key(snapshot), earlier.key(snapshot));
        let make = || Tally::new(&figures, layer.len());
        let tally = snapshot.kept.tally((key, query.period, query.secondary, protect, classes.key()), make);
        let scale = |m: &Metric, period| m.figures(&layer.table, Some(period)).map_or(1.0, Register::scale);
        let scales = register.metrics.iter().flat_map(|m| [now_of, before].map(|period| scale(m, period))).collect();
        Self {
            figures,
            passing,
            tally,
            scales,
            steps: None,
            spread: false,
            minimum: query.disclosure.minimum(&snapshot.rules()),
            ..plain
        }
    }

    /// The sums over an area; `None` for everywhere.
    pub fn area(&self, set: Option<&Bitmap>) -> Sums<'_> {
        self.set(set.map(RowSet::Bits))
    }

    /// The sums over the rows of a zone.
    pub fn members(&self, rows: &Runs) -> Sums<'_> {
        self.set(Some(RowSet::Runs(rows)))
    }

    fn set(&self, set: Option<RowSet>) -> Sums<'_> {
        let orders = self.orders(&[set], false).map(|mut orders| orders.swap_remove(0));
        Sums { orders, ..self.plain(set) }.weighed(set)
    }

    /// The sums over areas that have no row in common, and over all of them together.
    pub fn parts(&self, sets: &[Cow<Runs>]) -> (Vec<Sums<'_>>, Sums<'_>) {
        let sets: Vec<Option<RowSet>> = sets.iter().map(|runs| Some(RowSet::Runs(runs))).collect();
        let mut whole = self.nothing();
        let mut parts: Vec<Sums> = sets.iter().map(|set| self.plain(*set)).collect();
        parts.iter().for_each(|part| whole.totals.add(&part.totals));
        if let Some(mut orders) = self.orders(&sets, true) {
            whole.orders = orders.pop();
            parts.iter_mut().zip(orders).for_each(|(part, orders)| part.orders = Some(orders));
        }
        let parts = parts.into_iter().zip(sets).map(|(part, set)| part.weighed(set)).collect();
        (parts, whole.weighed(None))
    }

    /// The counts and sums over an area without order statistics. Its sums are for counting only: amounts of them don't
    /// say whether they may leave.
    pub fn plain(&self, set: Option<RowSet>) -> Sums<'_> {
        let totals = match set {
            None => self.tally.total(&self.figures, self.passing.as_ref()).clone(),
            Some(set) => {
                let mut totals = Totals::new(&self.figures);
                self.tally.add_set(&self.figures, self.passing.as_ref(), set, &mut totals);
                totals
            }
        };
        Sums { of: self, totals, orders: None, powers: None, weights: None }
    }

    /// What decides whether a sum of a metric may be given, where that is in question.
    fn protecting(&self, metric: usize) -> Option<&Protecting<'a>> {
        self.protecting.as_ref().filter(|_| self.register.metrics[metric].restricted)
    }

    /// What weighs in the sums over some rows; `base` sums the same rows without the question's conditions.
    fn weights(&self, rows: &Rows, base: impl FnOnce(&Self) -> Totals) -> Option<Weights> {
        let Protecting { rules, base: without, .. } = self.protecting.as_ref()?;
        let largest = self.figures.largest(rows, contributions(rules));
        Some(Weights { largest, base: without.as_deref().map(base) })
    }

    fn add_run(&self, run: Range<usize>, to: &mut Totals) {
        self.tally.add_run(&self.figures, self.passing.as_ref(), run, to);
    }

    fn orders(&self, sets: &[Option<RowSet>], together: bool) -> Option<Vec<Vec<Vec<Order>>>> {
        let steps = self.steps.as_ref()?;
        Some(self.figures.orders(steps, sets, self.passing.as_ref(), together))
    }

    /// Rows of the register.
    pub fn len(&self) -> usize {
        self.figures.len()
    }

    /// The group of a row in the question's reading; the place after the last class for none.
    pub fn group(&self, row: usize) -> usize {
        self.figures.group(row)
    }

    /// Nothing yet, to be filled by [`Sums::run`].
    pub fn nothing(&self) -> Sums<'_> {
        Sums { of: self, totals: Totals::new(&self.figures), orders: None, powers: None, weights: None }
    }

    /// The rows of a run that pass the filter, ascending.
    pub fn rows(&self, run: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let all = self.passing.is_none().then_some(run.clone());
        let some = self.passing.as_ref().map(|set| set.range(run));
        all.into_iter().flatten().chain(some.into_iter().flatten())
    }

    /// How many rows of a run pass the filter.
    pub fn count(&self, run: &Range<usize>) -> usize {
        self.passing.as_ref().map_or(run.len(), |set| set.count(run))
    }
}

/// The rows that are in both sets, where there are sets.
fn both(a: Option<Bitmap>, b: Option<Bitmap>) -> Option<Bitmap> {
    match (a, b) {
        (Some(mut a), Some(b)) => {
            a.and(&b);
            Some(a)
        }
        (a, b) => a.or(b),
    }
}

/// The rows of a question that are drawn as a dot or in a cell; kept under `key` where there is one.
fn drawable<'a>(
    snapshot: &'a Snapshot,
    register: &'a Register,
    query: &Query,
    key: Option<String>,
    passing: impl Fn(Range<usize>) -> Option<Bitmap> + 'a,
) -> Passing<'a> {
    let windows = || Windows::new(register.cluster_of.len());
    let windows = match key {
        Some(key) => snapshot.kept.rows((register.layer, key, query.secondary), windows),
        None => Arc::new(windows()),
    };
    Passing::new(windows, move |run| {
        let mut fine = Bitmap::all(run.len());
        if let Some(coarse) = &register.coarse {
            fine.and_not(&coarse.part(run.start, run.len()));
        }
        if let Some(passing) = passing(run) {
            fine.and(&passing);
        }
        fine
    })
}

/// Counts and sums of one area or run.
pub struct Sums<'a> {
    of: &'a Summing<'a>,
    totals: Totals,
    orders: Option<Vec<Vec<Order>>>,
    powers: Option<Vec<Vec<Powers>>>,
    weights: Option<Weights>,
}

/// Of what a sum is.
#[derive(Clone, Copy)]
pub(super) enum Part<'g> {
    All,
    Group(usize),
    /// Of several groups, none of which is in two.
    Groups(&'g [usize]),
}

/// What weighs in sums that may not all be given.
struct Weights {
    /// The largest contributions, by metric and group.
    largest: Vec<Vec<Vec<f64>>>,
    /// The sums without the question's conditions, where it has some.
    base: Option<Totals>,
}

impl Sums<'_> {
    /// Sums a run of rows instead.
    pub fn run(&mut self, run: Range<usize>) {
        self.totals.clear();
        self.of.add_run(run.clone(), &mut self.totals);
        let rows = Rows { run: run.clone(), passing: self.of.passing.as_ref(), set: None };
        self.weights = self.of.weights(&rows, |base| {
            let mut totals = Totals::new(&base.figures);
            base.add_run(run, &mut totals);
            totals
        });
    }

    /// The same with how the values are spread, where that is wanted, and with what decides whether they may be given.
    fn weighed(mut self, set: Option<RowSet>) -> Self {
        let rows = Rows { run: 0..self.of.figures.len(), passing: self.of.passing.as_ref(), set };
        self.weights = self.of.weights(&rows, |base| base.plain(set).totals);
        self.powers = self.of.spread.then(|| self.of.figures.powers(&rows));
        self
    }

    /// Sum (in the metric's smallest unit) and number of values of a metric.
    fn of(totals: &Totals, metric: usize, part: Part) -> (i128, u64) {
        let add = |(sum, n): (i128, u64), group: &usize| {
            let (more, values) = totals.sum(metric, Some(*group));
            (sum + more, n + values)
        };
        match part {
            Part::All => totals.sum(metric, None),
            Part::Group(group) => totals.sum(metric, Some(group)),
            Part::Groups(groups) => groups.iter().fold((0, 0), add),
        }
    }

    /// The largest contributions to a sum, of those to the sum of each group.
    fn largest<'w>(&self, rules: &DisclosureRules, by_group: &'w [Vec<f64>], part: Part) -> Cow<'w, [f64]> {
        match part {
            Part::All => Cow::Borrowed(&by_group[self.of.classes.len() + 1]),
            Part::Group(group) => Cow::Borrowed(&by_group[group]),
            // the largest of several groups are among the largest of each
            Part::Groups(groups) => {
                let mut largest = vec![0.0; contributions(rules)];
                groups.iter().flat_map(|g| &by_group[*g]).for_each(|value| keep_largest(&mut largest, *value));
                Cow::Owned(largest)
            }
        }
    }

    /// Whether a sum of a metric, over all rows or over some groups, would tell too much of one enterprise.
    fn is_sensitive(&self, metric: usize, part: Part) -> bool {
        let Some(protecting) = self.of.protecting(metric) else { return false };
        let (digits, reported) = Self::of(&self.totals, metric, part);
        // sums that nobody weighed are not for readers
        let Some(Weights { largest, base }) = &self.weights else { return true };
        let largest = self.largest(&protecting.rules, &largest[metric], part);
        // rows of another time are no part of those without conditions
        let left_out = base.as_ref().map_or(0, |base| Self::of(base, metric, part).1.abs_diff(reported));
        protecting.identifying
            || (1..protecting.rules.minimum).contains(&left_out)
            || is_sensitive(&protecting.rules, reported, digits as f64, &largest)
    }

    /// The mean position of the rows, 2^32 units a side of the world; only for runs of located rows.
    pub fn mean_position(&self) -> Option<(u32, u32)> {
        self.totals.mean_position()
    }

    /// Whether order statistics were requested.
    pub fn has_statistics(&self) -> bool {
        self.orders.is_some()
    }

    /// Rows.
    pub fn matched(&self) -> u64 {
        self.totals.rows()
    }

    /// Rows of a cluster, by its place in the codelist; the place after the last means "none".
    pub fn count(&self, cluster: usize) -> u64 {
        self.totals.count(cluster)
    }

    /// The cluster with most rows, the first of them when several have as many.
    pub fn leading(&self) -> usize {
        let clusters = 0..=self.of.classes.len();
        clusters.max_by_key(|&c| (self.count(c), std::cmp::Reverse(c))).unwrap_or(0)
    }

    /// The three classes with most rows and their twelfths of them, the first of classes with as many first; the leading one alone
    /// where there are fewer rows than may be divided.
    pub fn mix(&self, minimum: u64) -> [Share; 3] {
        let rows = self.matched();
        let mut classes: Vec<usize> = (0..=self.of.classes.len()).filter(|c| self.count(*c) > 0).collect();
        classes.sort_by_key(|&c| (std::cmp::Reverse(self.count(c)), c));
        let mut mix = [Share::default(); 3];
        if rows < minimum || classes.len() < 2 {
            mix[0] = Share { class: self.leading(), twelfths: TWELFTHS };
            return mix;
        }
        // the first take what their own rounding and that of those before leaves
        let (mut counted, mut given) = (0, 0);
        for (share, class) in mix.iter_mut().zip(classes) {
            counted += self.count(class).min(rows - counted);
            let until = ((u64::from(TWELFTHS) * counted + rows / 2) / rows) as u8;
            *share = Share { class, twelfths: until - given };
            given = until;
        }
        mix
    }

    /// The sums of every metric over all rows, in the manifest's order.
    pub fn totals(&self) -> Amounts {
        self.amounts(Part::All)
    }

    /// The sums of every metric over the rows of a cluster.
    pub fn cluster(&self, cluster: usize) -> Amounts {
        self.amounts(Part::Group(cluster))
    }

    /// Rows of groups, none of which is in two.
    pub fn count_of(&self, groups: &[usize]) -> u64 {
        groups.iter().map(|group| self.count(*group)).sum()
    }

    /// The sums of every metric over the rows of groups, none of which is in two; without order statistics.
    pub fn groups(&self, groups: &[usize]) -> Amounts {
        self.amounts(Part::Groups(groups))
    }

    /// The sum of a metric over all rows, by the metric's place, where it may stand alone; `minimum` is how many rows with
    /// a value it needs.
    pub fn sum(&self, metric: usize, minimum: u64) -> Option<f64> {
        let (digits, reported) = self.totals.sum(metric, None);
        let shown = reported > 0 && reported >= minimum && !self.is_sensitive(metric, Part::All);
        shown.then(|| digits as f64 / self.of.scales[metric])
    }

    /// Of sums of two periods: those of a metric over the rows that have a value in both.
    pub(super) fn pair(&self, metric: usize, part: Part) -> Pair {
        let (now, both) = Self::of(&self.totals, 2 * metric, part);
        let (before, _) = Self::of(&self.totals, 2 * metric + 1, part);
        let sensitive = self.of.protecting(metric).is_some_and(|Protecting { rules, identifying, .. }| {
            let largest = self.weights.as_ref().map(|weights| &weights.largest);
            let alone = |place: usize, digits: i128| {
                largest
                    .is_none_or(|all| is_sensitive(rules, both, digits as f64, &self.largest(rules, &all[place], part)))
            };
            *identifying || alone(2 * metric, now) || alone(2 * metric + 1, before)
        });
        let value = |place: usize, digits: i128| digits as f64 / self.of.scales[place];
        let minimum = self.of.minimum;
        Pair {
            now: value(2 * metric, now),
            before: value(2 * metric + 1, before),
            both,
            sensitive: sensitive || (1..minimum).contains(&both),
            minimum,
        }
    }

    fn amounts(&self, part: Part) -> Amounts {
        let rows = match part {
            Part::All => self.matched(),
            Part::Group(group) => self.count(group),
            Part::Groups(groups) => self.count_of(groups),
        };
        let amount = |(place, metric): (usize, &Metric)| {
            let (digits, reported) = Self::of(&self.totals, place, part);
            let amount = Amount {
                sum: (reported > 0).then(|| digits as f64 / self.of.scales[place]),
                unit: metric.unit.clone(),
                reported,
                period: self.of.periods[place],
                missing: if self.of.periods[place].is_some() { rows - reported } else { 0 },
                withheld: false,
                protected: self.of.protecting(place).is_some(),
                sensitive: self.is_sensitive(place, part),
                statistics: self.statistics(place, part, digits, reported),
                spread: self.spread(place, part),
                growth: None,
                growth_on_previous: None,
            };
            (metric.id.clone(), amount)
        };
        self.of.register.metrics.iter().enumerate().map(amount).collect()
    }

    fn spread(&self, metric: usize, part: Part) -> Option<Spread> {
        let groups = self.powers.as_ref()?.get(metric)?;
        let mut powers = Powers::default();
        match part {
            Part::All => powers.add(*groups.last()?),
            Part::Group(group) => powers.add(groups[group]),
            Part::Groups(some) => some.iter().for_each(|group| powers.add(groups[*group])),
        }
        Some(Spread { theil: powers.theil(), above: powers.above, below: powers.below })
    }

    fn statistics(&self, metric: usize, part: Part, digits: i128, reported: u64) -> Option<Statistics> {
        let scale = self.of.scales[metric];
        let group = match part {
            Part::All => self.of.classes.len() + 1,
            Part::Group(group) => group,
            Part::Groups(_) => return None,
        };
        let order = self.orders.as_ref()?.get(metric)?.get(group)?;
        let [q1, median, q3] = order.quartiles?.map(|q| q / scale);
        let [top3_share, top10_share] = order.largest.map(|sum| (digits != 0).then(|| sum as f64 / digits as f64));
        let mean = digits as f64 / scale / reported as f64;
        let hhi = order.squares.filter(|_| digits > 0).map(|squares| squares as f64 / (digits as f64 * digits as f64));
        Some(Statistics { mean, q1, median, q3, top3_share, top10_share, hhi })
    }
}
