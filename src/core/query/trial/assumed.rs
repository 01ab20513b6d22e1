//! Rows that are assumed: added ones, and rows of the register that are moved.

use super::{Effect, Figures, fault};
use crate::filter::{Expr, Op};
use crate::geometry::{Bounds, Region};
use crate::model::Text;
use crate::query::answer::{ClusterRow, Summary};
use crate::query::disclosure::Disclosure;
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::query::quotients::names_class;
use crate::query::{AreaSpec, Question};
use crate::snapshot::ClassPart;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Rows that can be assumed at once.
pub const MOST_ASSUMED: usize = 100;
/// Characters of the name of one.
const MOST_NAME: usize = 80;
/// Figures beyond are no figures of anything.
const MOST_FIGURE: f64 = 1e15;

/// A row that is assumed.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum AssumedRow {
    /// A row that is not in the register.
    Added {
        /// What it is called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Code of its class; none where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<String>,
        /// Figures by metric, in the metric's unit.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        figures: BTreeMap<String, f64>,
        /// Longitude, latitude.
        position: [f64; 2],
    },
    /// A row of the register in another place.
    Moved {
        /// Its id.
        id: String,
        /// Longitude, latitude.
        position: [f64; 2],
    },
}

impl AssumedRow {
    fn position(&self) -> [f64; 2] {
        match self {
            Self::Added { position, .. } | Self::Moved { position, .. } => *position,
        }
    }
}

/// What is assumed of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AssumedKind {
    /// That there is such a row.
    Added,
    /// That a row of the register stands elsewhere.
    Moved,
}

/// A figure of a row that is assumed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssumedFigure {
    /// Id of the metric.
    pub metric: String,
    /// The figure.
    pub value: f64,
}

/// A row that is assumed, as it was understood.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AssumedInside {
    /// What is assumed of it.
    pub kind: AssumedKind,
    /// Id in the register; `null` for rows that are added.
    pub id: Option<String>,
    /// What it is called, where it has a name.
    pub name: Option<Text>,
    /// Code of its class as the classes are read; `null` where it is in none.
    pub class: Option<String>,
    /// Name of the class.
    pub class_name: Option<Text>,
    /// Its figures, in the manifest's order of metrics.
    pub figures: Vec<AssumedFigure>,
    /// Longitude, latitude.
    pub position: [f64; 2],
    /// Whether it lies in the trial zone where it is assumed to be.
    pub inside: bool,
    /// Whether it lies in the trial zone where it is.
    pub was_inside: bool,
    /// Whether it counts: a row of the register that is not there in the period, or does not meet the conditions, does not.
    pub counts: bool,
    #[serde(skip)]
    line: (Option<String>, Option<ClassPart>),
}

/// The rows that are assumed, and what is to be said of them.
pub(super) struct Assumptions {
    pub(super) rows: Vec<AssumedInside>,
    /// Rows of the register that do not count.
    pub(super) absent: usize,
    /// Whether any stands outside of the zone.
    pub(super) elsewhere: bool,
}

impl Assumptions {
    pub(super) fn new(bound: &Bound, rows: &[AssumedRow]) -> Result<Self, QueryError> {
        if rows.is_empty() {
            return Ok(Self { rows: vec![], absent: 0, elsewhere: false });
        }
        if rows.len() > MOST_ASSUMED {
            let (zh, en) = (format!("最多 {MOST_ASSUMED} 条"), format!("at most {MOST_ASSUMED}"));
            return Err(fault("assumed", &zh, &en));
        }
        let moves = rows.iter().any(|row| matches!(row, AssumedRow::Moved { .. }));
        if moves && bound.disclosure() != Disclosure::Full {
            return Err(QueryError::MovesRows);
        }
        if names_class(bound) {
            return Err(fault(
                "assumed",
                "条件中含分类时不能假设:无从判断假设的是否符合",
                "nothing can be assumed under a condition on the class: whether it would be met is not known",
            ));
        }
        let region = Region::new(bound.outline().ok_or_else(|| fault("question", "没有边界", "has no outline"))?);
        let (mut out, mut seen) = (Vec::with_capacity(rows.len()), BTreeSet::new());
        for (place, row) in rows.iter().enumerate() {
            let member = format!("assumed[{place}]");
            let [x, y] = row.position();
            if !Bounds::WORLD.contains(x, y) {
                return Err(fault(&format!("{member}.position"), "不在地球上", "is not on Earth"));
            }
            let inside = region.contains(x, y);
            out.push(match row {
                AssumedRow::Added { name, class, figures, .. } => {
                    let name = name.as_deref().map(str::trim).filter(|name| !name.is_empty());
                    if name.is_some_and(|name| name.chars().count() > MOST_NAME) {
                        let (zh, en) = (format!("最多 {MOST_NAME} 字"), format!("at most {MOST_NAME} characters"));
                        return Err(fault(&format!("{member}.name"), &zh, &en));
                    }
                    let line = line_of(bound, class.as_deref(), &member)?;
                    let figures = figures_of(bound, figures, &member)?;
                    AssumedInside {
                        kind: AssumedKind::Added,
                        id: None,
                        name: name.map(|name| Text::new(name, name)),
                        class: line.0.clone(),
                        class_name: None,
                        figures,
                        position: [x, y],
                        inside,
                        was_inside: false,
                        counts: true,
                        line,
                    }
                }
                AssumedRow::Moved { id, .. } => {
                    if !seen.insert(id.as_str()) {
                        return Err(fault(&format!("{member}.id"), "同一条只能迁移一次", "is moved twice"));
                    }
                    AssumedInside { position: [x, y], inside, ..moved(bound, id, &member)? }
                }
            });
        }
        Ok(Self {
            absent: out.iter().filter(|row| !row.counts).count(),
            elsewhere: out.iter().any(|row| row.counts && !row.inside),
            rows: out,
        })
    }

    /// What they do to a summary of the trial zone; `None` where there are none.
    pub(super) fn effect(&mut self, of: &Summary) -> Option<Effect> {
        if self.rows.is_empty() {
            return None;
        }
        let mut effect = Effect {
            count: of.counts.matched,
            whole: of.city.count,
            lines: of.clusters.iter().map(|class| (class.code.clone(), class.part)).collect(),
            classes: of.clusters.iter().map(|class| (class.count, class.whole)).collect(),
            here: Figures::of_lines(of.clusters.len()),
            everywhere: Figures::of_lines(of.clusters.len()),
        };
        for row in &mut self.rows {
            let same = |class: &&ClusterRow| class.code == row.line.0 && class.part == row.line.1;
            row.class_name = of.clusters.iter().find(same).map(|class| class.name.clone());
            if !row.counts {
                continue;
            }
            let place = of.clusters.iter().position(|class| same(&class));
            let added = row.kind == AssumedKind::Added;
            effect.whole += u64::from(added);
            if let Some(place) = place {
                effect.classes[place].1 += u64::from(added);
            }
            let step = i64::from(row.inside) - i64::from(row.was_inside);
            effect.count = effect.count.saturating_add_signed(step);
            if let Some(place) = place {
                effect.classes[place].0 = effect.classes[place].0.saturating_add_signed(step);
            }
            for figure in &row.figures {
                effect.here.add(place, &figure.metric, figure.value, step as f64);
                effect.everywhere.add(place, &figure.metric, figure.value, f64::from(u8::from(added)));
            }
        }
        Some(effect)
    }
}

/// The line of a summary that a class is in, as the classes are read.
fn line_of(bound: &Bound, code: Option<&str>, member: &str) -> Result<(Option<String>, Option<ClassPart>), QueryError> {
    let Some(code) = code else { return Ok((None, None)) };
    if bound.describe().class(code).is_none() {
        let known: Vec<&str> = bound.describe().every_class().into_iter().map(|class| class.code.as_str()).collect();
        let known = known.join(", ");
        let (zh, en) = (format!("没有分类 {code},可选 {known}"), format!("there is no class {code}; known: {known}"));
        return Err(fault(&format!("{member}.class"), &zh, &en));
    }
    let classes = bound.classes();
    let group = usize::from(classes.group(code));
    if classes.others().contains(&group) && !bound.secondary() {
        return Ok((None, Some(ClassPart::Other)));
    }
    Ok(classes.get(group).map_or((None, None), |class| (class.code.clone(), class.part)))
}

/// Figures in the manifest's order of metrics.
fn figures_of(bound: &Bound, given: &BTreeMap<String, f64>, member: &str) -> Result<Vec<AssumedFigure>, QueryError> {
    let register = bound.describe().register().and_then(|c| c.spec.register.as_ref());
    let metrics = register.map(|r| r.metrics.as_slice()).unwrap_or_default();
    for (metric, value) in given {
        let member = format!("{member}.figures.{metric}");
        if !metrics.iter().any(|m| m.id == *metric) {
            let known = metrics.iter().map(|m| m.id.as_str()).collect::<Vec<_>>().join(", ");
            let (zh, en) = (format!("没有此指标,可选 {known}"), format!("there is no such metric; known: {known}"));
            return Err(fault(&member, &zh, &en));
        }
        if !(0.0..=MOST_FIGURE).contains(value) {
            return Err(fault(&member, "应为不小于 0 的数", "must be a number of 0 or more"));
        }
    }
    let figure =
        |metric: &str| given.get(metric).map(|value| AssumedFigure { metric: metric.to_owned(), value: *value });
    Ok(metrics.iter().filter_map(|m| figure(&m.id)).collect())
}

/// A row of the register, and what it counts in the question's period, under its conditions.
fn moved(bound: &Bound, id: &str, member: &str) -> Result<AssumedInside, QueryError> {
    let is = Expr::Call(Op::Eq, vec![Expr::Property("id".into()), Expr::Text(id.to_owned())]);
    let of_register = bound.question().collection().map_or_else(Question::register, Question::of);
    let found = bound.ask(&of_register.filtered(is.clone()))?.select(0, 1);
    let Some(row) = found.rows().first().map(|row| *row as usize) else {
        let (zh, en) = (format!("名录中没有 {id}"), format!("there is no row {id} in the register"));
        return Err(fault(&format!("{member}.id"), &zh, &en));
    };
    let here = bound.question().clone().with_statistics(false).with_growth(false).filtered(is);
    let everywhere = bound.ask(&here.clone().within(AreaSpec::default()))?.summarize()?;
    let line = everywhere.clusters.iter().find(|class| class.count > 0);
    let figure = |(metric, amount): (&String, &crate::query::Amount)| {
        Some(AssumedFigure { metric: metric.clone(), value: amount.sum? })
    };
    let source = found.source();
    Ok(AssumedInside {
        kind: AssumedKind::Moved,
        id: Some(id.to_owned()),
        name: Some(Text::new(source.name(row), source.name_en(row))),
        class: line.and_then(|class| class.code.clone()),
        class_name: None,
        figures: everywhere.totals.iter().filter_map(figure).collect(),
        position: [0.0, 0.0],
        inside: false,
        was_inside: bound.ask(&here)?.count() > 0,
        counts: everywhere.counts.matched > 0,
        line: line.map_or((None, None), |class| (class.code.clone(), class.part)),
    })
}
