//! A question over all cities: checked against what each city has, and made into what an engine is asked.
//!
//! What may leave is decided here, before anything is read: for a reader who sees sums of protected figures only, a question may name
//! properties and figures that each city gives row by row to everybody, and no others. Its answer then is made of what everybody has
//! already, whatever it is grouped by, and however many questions are compared (ADR 116).

use super::kept::KeptRows;
use super::protocol::{By, EngineFigure, EngineFile, EngineGroup, EngineQuestion, Statistic};
use super::rows::{MetricRows, RowsAbout, ZoneTitle, class_key};
use crate::core::filter::{Expr, Filter, FilterError, Op, Schema, to_json};
use crate::core::model::{Period, PropertyType, Text};
use crate::core::query::Disclosure;
use crate::service::cities::ClassOf;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Groups of an answer at most, and where nothing is said.
pub const MOST_GROUPS: usize = 10_000;
/// Groups where nothing is said.
pub const GROUPS: usize = 1_000;
/// Figures of a question at most.
pub const MOST_FIGURES: usize = 16;

/// A question over the rows of several cities.
#[derive(Clone, Debug, Default)]
pub struct NationalQuestion {
    /// The cities; none: all.
    pub cities: Option<BTreeSet<String>>,
    /// A condition on rows.
    pub filter: Option<Expr>,
    /// The period of figures, and in which rows have to be there; none: the latest of each.
    pub period: Option<Period>,
    /// What rows are grouped by.
    pub by: BTreeSet<By>,
    /// The level of zones; none: the usual one of each city.
    pub level: Option<String>,
    /// What is worked out.
    pub figures: Vec<WantedFigure>,
    /// The figure by which groups are ordered; none: the number of rows.
    pub order: Option<usize>,
    /// Whether the smallest come first.
    pub ascending: bool,
    /// Groups at most.
    pub limit: usize,
}

/// A figure that is wanted.
#[derive(Clone, Debug)]
pub struct WantedFigure {
    /// The metric.
    pub metric: String,
    /// Its unit, in Chinese or English; none where it is one in all cities.
    pub unit: Option<String>,
    /// What is worked out.
    pub statistic: Statistic,
}

/// Why a question is not asked.
#[derive(Debug, thiserror::Error)]
pub enum QuestionRefused {
    /// A city gives to everybody no single values of what it names.
    #[error("{name} of the city {city} leaves inside protected sums only")]
    Restricted {
        /// The city.
        city: String,
        /// The property or metric.
        name: String,
    },
    /// The condition fits no city; why not the first.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The condition has something that is not worked out over all cities.
    #[error("{0} can't be asked over all cities")]
    Unsupported(String),
    /// A part of the question is wrong.
    #[error("{name}: {}", .why.en)]
    Parameter {
        /// The member.
        name: &'static str,
        /// Why.
        why: Text,
    },
}

fn wrong(name: &'static str, zh: impl Into<String>, en: impl Into<String>) -> QuestionRefused {
    QuestionRefused::Parameter { name, why: Text { zh: zh.into(), en: en.into() } }
}

/// What a city lacks of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A property of the condition, or the condition is wrong for its schema.
    Filter,
    /// A metric with that unit, or its figures of the period.
    Figure,
    /// The period.
    Period,
    /// The level of zones.
    Level,
    /// Classes.
    Class,
    /// Its file of rows is damaged; it is written again when the city is next loaded.
    Damaged,
}

impl Lack {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Figure => "figure",
            Self::Period => "period",
            Self::Level => "level",
            Self::Class => "class",
            Self::Damaged => "damaged",
        }
    }
}

/// A question that can be asked.
#[derive(Debug)]
pub struct Plan {
    /// What an engine is asked.
    pub engine: EngineQuestion,
    /// What it is about.
    pub of: Planned,
    /// The files of the cities, which stay as long as this does.
    files: BTreeMap<String, Arc<KeptRows>>,
    level: Option<String>,
    limit: usize,
}

/// What a question is about.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The cities in question; none: all.
    pub asked: Option<BTreeSet<String>>,
    /// The cities in it, and the revisions of their data.
    pub cities: BTreeMap<String, String>,
    /// The other cities whose rows are known.
    pub lacking: BTreeMap<String, Lack>,
    /// What rows are grouped by.
    pub by: Vec<By>,
    /// The figures.
    pub figures: Vec<PlannedFigure>,
    /// Rows of the files.
    pub rows: u64,
}

/// A figure as it is worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedFigure {
    /// The metric.
    pub metric: String,
    /// Its unit.
    pub unit: Text,
    /// The period of the figures.
    pub period: Period,
    /// What is worked out.
    pub statistic: Statistic,
    decimals: u8,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NationalAnswer {
    /// The groups, in their order.
    pub groups: Vec<NationalGroup>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

/// A group of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NationalGroup {
    /// Its city, where rows are grouped by cities.
    pub city: Option<String>,
    /// Its zone, where they are grouped by zones: id and name; none inside for rows in no zone.
    pub zone: Option<Option<(String, ZoneTitle)>>,
    /// Its class, where they are grouped by classes; none inside for rows of no class.
    pub class: Option<Option<ClassOf>>,
    /// Rows.
    pub rows: u64,
    /// Of each figure the number of values, and what was worked out.
    pub figures: Vec<(u64, Option<f64>)>,
}

impl NationalQuestion {
    /// Makes it into what an engine is asked, for a reader. `threads` and `memory` bound the engine.
    pub fn plan(
        &self,
        rows: &BTreeMap<String, Arc<KeptRows>>,
        disclosure: Disclosure,
        (threads, memory): (usize, usize),
    ) -> Result<Plan, QuestionRefused> {
        self.check()?;
        let asked: BTreeMap<&String, &Arc<KeptRows>> =
            rows.iter().filter(|(id, _)| self.cities.as_ref().is_none_or(|cities| cities.contains(*id))).collect();
        let figures = self.figures.iter().map(|of| self.figure(of, &asked)).collect::<Result<Vec<_>, _>>()?;
        let (mut files, mut kept_files, mut lacking, mut refused) =
            (Vec::new(), BTreeMap::new(), BTreeMap::new(), None);
        for (id, kept) in &asked {
            match self.of_city(id, &kept.about, &figures, disclosure) {
                Ok(file) => match kept.sound() {
                    Ok(path) => {
                        files.push(EngineFile { path: path.display().to_string(), ..file });
                        kept_files.insert((*id).clone(), Arc::clone(kept));
                    }
                    Err(e) => {
                        tracing::error!(city = id, error = %e, "the rows of the city are not what was written");
                        lacking.insert((*id).clone(), Lack::Damaged);
                    }
                },
                Err(Unasked::Lacks(lack)) => drop(lacking.insert((*id).clone(), lack)),
                Err(Unasked::Filter(e)) => {
                    lacking.insert((*id).clone(), Lack::Filter);
                    refused.get_or_insert(e);
                }
                Err(Unasked::Refused(e)) => return Err(e),
            }
        }
        // a condition that fits no city is wrong
        if let Some(e) = refused.filter(|_| {
            !asked.is_empty() && lacking.len() == asked.len() && lacking.values().all(|lack| *lack == Lack::Filter)
        }) {
            return Err(e.into());
        }
        let engine = EngineQuestion {
            files,
            by: self.by(),
            figures: figures.iter().map(|f| EngineFigure { of: f.statistic, decimals: f.decimals }).collect(),
            order: self.order,
            descending: !self.ascending,
            // one more says that there are more
            limit: self.limit + 1,
            memory,
            threads,
        };
        let of = Planned {
            asked: self.cities.clone(),
            cities: kept_files.iter().map(|(id, kept)| (id.clone(), kept.about.revision.clone())).collect(),
            lacking,
            by: engine.by.clone(),
            figures,
            rows: kept_files.values().map(|kept| kept.about.rows).sum(),
        };
        Ok(Plan { engine, of, files: kept_files, level: self.level.clone(), limit: self.limit })
    }

    fn check(&self) -> Result<(), QuestionRefused> {
        if self.limit == 0 || self.limit > MOST_GROUPS {
            return Err(wrong("limit", format!("应为 1 至 {MOST_GROUPS}"), format!("must be 1 to {MOST_GROUPS}")));
        }
        if self.figures.len() > MOST_FIGURES {
            return Err(wrong("figures", format!("至多 {MOST_FIGURES} 项"), format!("at most {MOST_FIGURES}")));
        }
        if self.order.is_some_and(|place| place >= self.figures.len()) {
            let n = self.figures.len();
            return Err(wrong(
                "order",
                format!("figure 应小于指标项数 {n}"),
                format!("figure must be below {n}, the number of figures"),
            ));
        }
        Ok(())
    }

    /// Zones are those of a city.
    fn by(&self) -> Vec<By> {
        let city = self.by.contains(&By::Zone).then_some(By::City);
        self.by.iter().copied().chain(city).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The metric as the cities have it: of one unit, and of the latest period that any of them has where none is named.
    fn figure(
        &self,
        of: &WantedFigure,
        asked: &BTreeMap<&String, &Arc<KeptRows>>,
    ) -> Result<PlannedFigure, QuestionRefused> {
        let all: Vec<&MetricRows> = asked.values().filter_map(|kept| metric(&kept.about, of)).collect();
        let units: BTreeSet<(&str, &str)> = all.iter().map(|m| (m.unit.zh.as_str(), m.unit.en.as_str())).collect();
        let named = |name: &str| (format!("{name}(指标 {})", of.metric), format!("{name} (metric {})", of.metric));
        if units.len() > 1 {
            let list = units.iter().map(|(zh, en)| format!("{zh} / {en}")).collect::<Vec<_>>().join(", ");
            let (zh, en) = named(&list);
            return Err(wrong(
                "figures",
                format!("各城市单位不同,须以 unit 写明:{zh}"),
                format!("the cities have several units, name one as unit: {en}"),
            ));
        }
        let latest = all.iter().flat_map(|m| m.columns.iter().map(|(period, _)| *period)).max();
        let (Some(first), Some(period)) = (all.first(), self.period.or(latest)) else {
            return Err(wrong(
                "figures",
                format!("所选城市都没有指标 {}", of.metric),
                format!("no city in question has the metric {}", of.metric),
            ));
        };
        Ok(PlannedFigure {
            metric: of.metric.clone(),
            unit: first.unit.clone(),
            period,
            statistic: of.statistic,
            decimals: all.iter().map(|m| m.decimals).max().unwrap_or(0),
        })
    }

    /// What is read of a city, or what it lacks.
    fn of_city(
        &self,
        id: &str,
        about: &RowsAbout,
        figures: &[PlannedFigure],
        disclosure: Disclosure,
    ) -> Result<EngineFile, Unasked> {
        let full = disclosure == Disclosure::Full;
        let restricted =
            |name: &str| Unasked::Refused(QuestionRefused::Restricted { city: id.to_owned(), name: name.to_owned() });
        let mut columns = Vec::new();
        for (of, planned) in self.figures.iter().zip(figures) {
            let metric = metric(about, of).ok_or(Unasked::Lacks(Lack::Figure))?;
            if !full && !metric.open {
                return Err(restricted(&metric.id));
            }
            let column = metric.columns.iter().find(|(period, _)| *period == planned.period);
            columns.push(column.ok_or(Unasked::Lacks(Lack::Figure))?.1.clone());
        }
        let filter = self.filter.as_ref().map(|filter| bound(filter, about, full)).transpose();
        let filter = filter.map_err(|e| match e {
            Unasked::Filter(FilterError::Restricted { name }) => restricted(&name),
            e => e,
        })?;
        if self.period.is_some_and(|period| !about.periods.contains(&period)) {
            return Err(Unasked::Lacks(Lack::Period));
        }
        let zone = self.by.contains(&By::Zone).then(|| about.level(self.level.as_deref()));
        let zone =
            zone.map(|level| level.map(|of| of.column.clone()).ok_or(Unasked::Lacks(Lack::Level))).transpose()?;
        let class = match (self.by.contains(&By::Class), &about.class) {
            (false, _) => None,
            (true, None) => return Err(Unasked::Lacks(Lack::Class)),
            (true, Some((column, open))) if full || *open => Some(column.clone()),
            (true, Some((column, _))) => return Err(restricted(column)),
        };
        let there = about.there.iter().find(|(period, _)| *period == self.period).map(|(_, column)| column.clone());
        Ok(EngineFile { city: id.to_owned(), path: String::new(), filter, there, zone, class, columns })
    }
}

/// Why a city is not asked.
enum Unasked {
    Lacks(Lack),
    Filter(FilterError),
    Refused(QuestionRefused),
}

fn metric<'a>(about: &'a RowsAbout, of: &WantedFigure) -> Option<&'a MetricRows> {
    let unit =
        |metric: &MetricRows| of.unit.as_ref().is_none_or(|unit| [&metric.unit.zh, &metric.unit.en].contains(&unit));
    about.metrics.iter().find(|metric| metric.id == of.metric && unit(metric))
}

/// The condition as it is of a city: names and words of its schema, and nothing that may not be asked row by row.
fn bound(filter: &Expr, about: &RowsAbout, full: bool) -> Result<serde_json::Value, Unasked> {
    let (spec, codelists) = about.schema().ok_or(Unasked::Lacks(Lack::Damaged))?;
    let visible = |place: usize| full || about.properties[place].open;
    let schema = Schema { spec: &spec, codelists: &codelists, visible: &visible };
    let bound = Filter::of(schema, filter).map_err(Unasked::Filter)?;
    let expr = bound.expression(true).unwrap_or(Expr::Boolean(true));
    supported(&expr, about).map_err(|what| Unasked::Refused(QuestionRefused::Unsupported(what)))?;
    Ok(to_json(&expr))
}

/// Whether engines work it out; else what they do not.
fn supported(expr: &Expr, about: &RowsAbout) -> Result<(), String> {
    match expr {
        Expr::Call(
            Op::And
            | Op::Or
            | Op::Not
            | Op::Eq
            | Op::Ne
            | Op::Lt
            | Op::Le
            | Op::Gt
            | Op::Ge
            | Op::Between
            | Op::In
            | Op::IsNull,
            parts,
        ) => parts.iter().try_for_each(|part| supported(part, about)),
        Expr::List(parts) => parts.iter().try_for_each(|part| supported(part, about)),
        Expr::Property(name) => {
            let kept = about.properties.iter().any(|p| p.name == *name && p.kept && p.ty != PropertyType::Datetime);
            if kept { Ok(()) } else { Err(name.clone()) }
        }
        Expr::Moment(moment) if moment.is_day() => Ok(()),
        Expr::Text(_) | Expr::Integer(_) | Expr::Number(_) | Expr::Boolean(_) => Ok(()),
        other => Err(other.to_string().chars().take(80).collect()),
    }
}

impl Plan {
    /// The answer that an engine has given, where it can be one: of the cities, zones and classes that were asked about, and of no
    /// more rows than they have.
    pub fn answer(&self, groups: Vec<EngineGroup>) -> Result<NationalAnswer, String> {
        let classes: BTreeMap<String, &ClassOf> =
            self.files.values().flat_map(|kept| &kept.about.classes).map(|class| (class_key(class), class)).collect();
        let (mut seen, mut rows, mut all) = (BTreeSet::new(), 0_u64, Vec::new());
        for group in groups {
            rows = rows.saturating_add(group.rows);
            if !seen.insert(group.of.clone()) || rows > self.of.rows {
                return Err("a group twice, or more rows than there are".to_owned());
            }
            all.push(self.group(group, &classes)?);
        }
        let more = all.len() > self.limit;
        all.truncate(self.limit);
        Ok(NationalAnswer { groups: all, more })
    }

    fn group(&self, group: EngineGroup, classes: &BTreeMap<String, &ClassOf>) -> Result<NationalGroup, String> {
        if group.of.len() != self.engine.by.len() || group.figures.len() != self.of.figures.len() {
            return Err("a group of another form".to_owned());
        }
        let mut out = NationalGroup { rows: group.rows, ..NationalGroup::default() };
        for (by, of) in self.engine.by.iter().zip(group.of) {
            match by {
                By::City => out.city = Some(of.filter(|id| self.files.contains_key(id)).ok_or("an unknown city")?),
                By::Class => {
                    let class = of.map(|key| classes.get(&key).map(|class| (*class).clone()).ok_or("an unknown class"));
                    out.class = Some(class.transpose()?);
                }
                By::Zone => {
                    // the city stands before it
                    let kept = out.city.as_ref().and_then(|id| self.files.get(id)).ok_or("a zone without a city")?;
                    let level = kept.about.level(self.level.as_deref()).ok_or("a zone of no level")?;
                    let zone =
                        of.map(|id| level.zones.get(&id).cloned().map(|title| (id, title)).ok_or("an unknown zone"));
                    out.zone = Some(zone.transpose()?);
                }
            }
        }
        let figure = |(planned, (values, value)): (&PlannedFigure, (u64, Option<String>))| {
            let value = value.map(|text| text.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or("no number"));
            let value = value.transpose()?;
            if values > group.rows || (values == 0) != value.is_none() {
                return Err("a figure of more or fewer values than there are");
            }
            // quarters of two neighbours have two decimals more than these
            let decimals = i32::from(planned.decimals) + if planned.statistic == Statistic::Sum { 0 } else { 2 };
            Ok((values, value.map(|value| rounded(value, decimals))))
        };
        out.figures = self.of.figures.iter().zip(group.figures).map(figure).collect::<Result<_, &str>>()?;
        Ok(out)
    }
}

fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    let whole = (value * unit).round();
    if whole.is_finite() && whole.abs() < 9e15 { whole / unit } else { value }
}
