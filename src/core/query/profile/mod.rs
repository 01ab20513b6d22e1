//! Profiles of classes and of zones: how large, how specialised, how concentrated, with stars and findings by stated rules
//! (`rules`), and which classes stand together (`pairs`).
//!
//! All of it is made of what `/zones` and `/summary` give to the same reader: a sum that is withheld enters no share, index, star
//! or finding.

mod pairs;
mod rules;

pub use pairs::{ClassPair, ClassPairs, class_pairs};
pub use rules::{Fact, Finding, FindingKind, Stars};

use super::answer::{Amount, Amounts, ClusterCount, Growth, Note, ZoneList, ZoneName, ZoneRow};
use super::area_spec::AreaSpec;
use super::choropleth::Quantity;
use super::engine::Bound;
use super::query_error::QueryError;
use super::question::Question;
use super::quotients::{Basis, QuotientClass, QuotientTable};
use super::weight::{Weight, weight_of, weights};
use crate::model::{Period, year_and_period};
use crate::snapshot::Description;
use crate::stats::concentration::{Theil, ellison_glaeser, entropy, hhi, krugman, locational_gini};
use crate::stats::quotient::{LEAST_ROWS, QuotientTest};
use serde::Serialize;

/// How much of a sum lies with its largest rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct RowConcentration {
    /// Herfindahl-Hirschman index of the rows' values; `null` where it may not be given or says nothing.
    pub hhi: Option<f64>,
    /// Share of the 3 largest rows in the sum.
    pub top3_share: Option<f64>,
    /// Share of the 10 largest.
    pub top10_share: Option<f64>,
}

/// How closely a class holds together in space, for all the zones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Agglomeration {
    /// Locational Gini coefficient (Krugman 1991): 0 for spread like all rows.
    pub locational_gini: Option<f64>,
    /// Gamma of Ellison and Glaeser (1997): above 0.02 is called moderate, above 0.05 high.
    pub ellison_glaeser: Option<f64>,
    /// The index of Maurel and Sédillot (1999).
    pub maurel_sedillot: Option<f64>,
    /// Whether the two indices differ in sign, so that neither is to be believed alone.
    pub differ: bool,
}

/// A class in a zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileCell {
    /// Zone id.
    pub zone: String,
    /// Rows.
    pub count: u64,
    /// Rows, or the sum; `null` where it is missing or withheld.
    pub value: Option<f64>,
    /// Whether the sum is withheld.
    pub withheld: bool,
    /// Share of the class that lies in the zone.
    pub share_of_class: Option<f64>,
    /// Share of the zone that is of the class.
    pub share_of_zone: Option<f64>,
    /// Location quotient by the weight; `null` where a share is.
    pub lq: Option<f64>,
    /// How sure it is: of counts by the exact interval, of sums by that of a bootstrap.
    pub lq_test: Option<QuotientTest>,
    /// What is outstanding.
    #[serde(flatten)]
    pub stars: Stars,
}

/// The profile of a class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassProfile {
    /// The class, with its rows.
    #[serde(flatten)]
    pub class: QuotientClass,
    /// Rows, or the sum; `null` where it is missing or withheld.
    pub value: Option<f64>,
    /// Whether the sum is withheld.
    pub withheld: bool,
    /// Share of all.
    pub share: Option<f64>,
    /// How its sum changed from the year before, like for like; `null` of numbers of rows.
    pub growth: Option<Growth>,
    /// How much lies with its largest rows.
    pub rows: RowConcentration,
    /// How closely it holds together.
    pub agglomeration: Agglomeration,
    /// The class in each zone, in the order of [`Profile::zones`].
    pub cells: Vec<ProfileCell>,
    /// At most one strength, one opportunity and one risk.
    pub findings: Vec<Finding>,
}

/// The profile of a zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ZoneProfile {
    /// The zone.
    #[serde(flatten)]
    pub zone: ZoneName,
    /// Whether its outline is schematic (示意).
    pub schematic: bool,
    /// Rows.
    pub count: u64,
    /// Rows, or the sum; `null` where it is missing or withheld.
    pub value: Option<f64>,
    /// Whether the sum is withheld.
    pub withheld: bool,
    /// How its sum changed from the year before, like for like; `null` of numbers of rows.
    pub growth: Option<Growth>,
    /// Herfindahl-Hirschman index of the classes' shares: the mix of classes.
    pub class_hhi: Option<f64>,
    /// Entropy of the classes' shares in nats.
    pub class_entropy: Option<f64>,
    /// Specialisation index of Krugman (1991): 0 for the mix of the whole to nearly 2.
    pub krugman: Option<f64>,
    /// How much lies with its largest rows.
    pub rows: RowConcentration,
    /// At most one strength, one opportunity and one risk.
    pub findings: Vec<Finding>,
}

/// Inequality of the rows' values, between the zones and inside them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Inequality {
    /// Theil's T (1967) of all.
    pub theil: f64,
    /// Of it, between the means of the zones.
    pub between: f64,
    /// Of it, inside the zones.
    pub within: f64,
}

/// Profiles of the classes and of the zones of a kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    /// Revision of the data.
    pub revision: String,
    /// Period of the figures, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// Whether the rows are invented (示例数据).
    pub sample: bool,
    /// The kind of the zones.
    pub zone_kind: String,
    /// Whether the zones share no row.
    pub partition: bool,
    /// What rows are weighed by.
    pub weight: Weight,
    /// What can be chosen for `weight`.
    pub weights: Vec<Weight>,
    /// Rows of the whole.
    pub count: u64,
    /// Rows, or the sum; `null` where it is missing or withheld.
    pub value: Option<f64>,
    /// How the sum of the whole changed from the year before.
    pub growth: Option<Growth>,
    /// Inequality of the rows' values; `null` of numbers of rows, and where a sum is withheld.
    pub inequality: Option<Inequality>,
    /// The classes in the codelist's order.
    pub classes: Vec<ClassProfile>,
    /// The zones.
    pub zones: Vec<ZoneProfile>,
    /// Rules and cautions.
    pub notes: Vec<Note>,
}

/// What a table of zones and classes is made of.
struct Table<'a> {
    about: &'a Description,
    quantity: Quantity<'a>,
    list: ZoneList,
    quotients: QuotientTable,
}

impl<'a> Table<'a> {
    /// The zones of the question's kind, or of the kind that divides the whole, with sums by class.
    fn of(bound: &'a Bound, weight: Option<&str>) -> Result<(Self, String), QueryError> {
        let about = bound.describe();
        let quantity = Quantity::of(about, weight)?;
        let kind = kind_of(bound);
        let question = bound.question().clone().of_kind(Some(kind.clone()));
        let list = bound.ask(&question.with_statistics(true).with_spread(true).with_growth(true))?.zones()?;
        let quotients = Basis::register(quantity).table(bound, &list);
        Ok((Self { about, quantity, list, quotients }, kind))
    }

    fn classes(&self) -> &[QuotientClass] {
        &self.quotients.classes
    }

    /// Rows of a class among others, and their sums.
    fn of_class<'r>(clusters: &'r [ClusterCount], class: &QuotientClass) -> Option<&'r ClusterCount> {
        clusters.iter().find(|c| c.part.is_none() && c.code.as_deref() == Some(&class.code))
    }

    /// The value of some rows: how many, or their sum; `None` where it is missing or withheld.
    fn value(&self, count: u64, amounts: &Amounts) -> Option<f64> {
        match self.amount(amounts) {
            Some(amount) if amount.withheld => None,
            // of no row the sum is zero
            Some(amount) => amount.sum.or((count == 0).then_some(0.0)),
            None => self.quantity.metric().is_none().then_some(count as f64),
        }
    }

    fn amount<'r>(&self, amounts: &'r Amounts) -> Option<&'r Amount> {
        amounts.get(&self.quantity.metric()?.id)
    }

    fn is_withheld(&self, amounts: &Amounts) -> bool {
        self.amount(amounts).is_some_and(|amount| amount.withheld)
    }

    fn growth(&self, amounts: &Amounts) -> Option<Growth> {
        self.amount(amounts)?.growth.clone()
    }

    /// How much of some rows' sum lies with the largest; of numbers of rows nothing, since they are alike.
    fn concentration(&self, amounts: &Amounts) -> RowConcentration {
        let amount = self.amount(amounts);
        let statistics = amount.and_then(|amount| amount.statistics.as_ref());
        RowConcentration {
            hhi: statistics.and_then(|s| s.hhi),
            top3_share: statistics.and_then(|s| s.top3_share),
            top10_share: statistics.and_then(|s| s.top10_share),
        }
    }

    /// The values of the zones by class, without what has none; `None` where one is withheld.
    fn values(&self) -> Option<Vec<Vec<f64>>> {
        let row = |zone: &ZoneRow| {
            let cell = |class: &QuotientClass| match Self::of_class(&zone.clusters, class) {
                Some(of) => self.value(of.count, &of.amounts).or((!self.is_withheld(&of.amounts)).then_some(0.0)),
                None => Some(0.0),
            };
            self.classes().iter().map(cell).collect()
        };
        self.list.zones.iter().map(row).collect()
    }

    /// The Herfindahl-Hirschman index of a class's rows that lie in the zones; `None` where it may not be given.
    fn rows_hhi(&self, class: &QuotientClass) -> Option<f64> {
        let of = |zone: &'_ ZoneRow| Self::of_class(&zone.clusters, class).cloned();
        if self.quantity.metric().is_none() {
            let rows: u64 = self.list.zones.iter().filter_map(of).map(|of| of.count).sum();
            return (rows > 0).then(|| 1.0 / rows as f64);
        }
        // all of the class lies in the zones: its own index may be known where those of small cells are not
        let elsewhere = self.list.rest.iter().filter_map(of).any(|of| of.count > 0);
        if !elsewhere && let Some(all) = Self::of_class(&self.list.city.clusters, class) {
            return self.amount(&all.amounts)?.statistics.as_ref()?.hhi;
        }
        let (mut squares, mut sum) = (0.0, 0.0);
        for cell in self.list.zones.iter().filter_map(of).filter(|of| of.count > 0) {
            let amount = self.amount(&cell.amounts)?;
            let value = amount.sum.filter(|_| !amount.withheld)?;
            squares += amount.statistics.as_ref()?.hhi? * value * value;
            sum += value;
        }
        (sum > 0.0).then(|| squares / (sum * sum))
    }

    /// How closely each class holds together; nothing of zones that overlap, and nothing where a sum is withheld or other zones
    /// are not the reader's.
    fn agglomeration(&self) -> Vec<Agglomeration> {
        let whole = self.list.partition && self.about.scope.is_none();
        let Some(values) = self.values().filter(|_| whole) else {
            return vec![Agglomeration::default(); self.classes().len()];
        };
        let gini = locational_gini(&values);
        let zones: Vec<f64> = values.iter().map(|row| row.iter().sum()).collect();
        let of = |(place, class): (usize, &QuotientClass)| {
            if class.count < LEAST_ROWS {
                return Agglomeration::default();
            }
            let own: Vec<f64> = values.iter().map(|row| row[place]).collect();
            let found = self.rows_hhi(class).and_then(|hhi| ellison_glaeser(&zones, &own, hhi));
            Agglomeration {
                locational_gini: gini[place],
                ellison_glaeser: found.map(|f| f.gamma),
                maurel_sedillot: found.map(|f| f.maurel_sedillot),
                differ: found.is_some_and(|f| f.gamma * f.maurel_sedillot < 0.0),
            }
        };
        self.classes().iter().enumerate().map(of).collect()
    }

    /// Theil's T divided over the zones and what lies in none of them.
    fn inequality(&self) -> Option<Inequality> {
        self.quantity.metric()?;
        if !self.list.partition || self.about.scope.is_some() {
            return None;
        }
        let all = self.amount(&self.list.city.amounts)?;
        let (spread, sum) = (all.spread?, all.sum.filter(|sum| *sum > 0.0)?);
        let mut within = 0.0;
        for zone in self.list.zones.iter().chain(&self.list.rest) {
            let amount = self.amount(&zone.amounts)?;
            if amount.reported == 0 {
                continue;
            }
            // zones without a value above zero have no inequality
            let of = amount.spread?;
            within += of.theil.unwrap_or(0.0) * amount.sum? / sum;
        }
        let theil = spread.theil?;
        // a share of a sum that holds values below zero is none
        let below = spread.below > 0;
        let Theil { between, within } = Theil { between: theil - within, within };
        (!below).then_some(Inequality { theil, between, within })
    }
}

/// The kind of the zones of a question: its own, else the usual one; empty where there are no zones.
pub(super) fn kind_of(bound: &Bound) -> String {
    let usual = || bound.describe().usual_kind().map(|kind| kind.id.as_str());
    bound.question().zone_kind().or_else(usual).unwrap_or_default().to_owned()
}

/// Profiles of the classes of a question and of the zones of its kind, weighed by the number of rows or by a metric.
pub fn profile(bound: &Bound, weight: Option<&str>) -> Result<Profile, QueryError> {
    let (table, zone_kind) = Table::of(bound, weight)?;
    let about = table.about;
    let (list, classes) = (&table.list, table.classes());
    let city = &list.city;
    let all = table.value(city.count, &city.amounts);
    let whole_growth = growth_of_classes(bound, &table)?;
    let mixes = table.values();
    let specialised = mixes.as_deref().map(krugman);
    let agglomeration = table.agglomeration();
    let mut profiles: Vec<ClassProfile> = Vec::new();
    for (place, class) in classes.iter().enumerate() {
        let of = Table::of_class(&city.clusters, class);
        let value = of.and_then(|of| table.value(of.count, &of.amounts));
        profiles.push(ClassProfile {
            class: class.clone(),
            value,
            withheld: of.is_some_and(|of| table.is_withheld(&of.amounts)),
            share: over(value, all),
            growth: whole_growth.classes.get(place).cloned().flatten(),
            rows: of.map(|of| table.concentration(&of.amounts)).unwrap_or_default(),
            agglomeration: agglomeration[place],
            cells: list.zones.iter().enumerate().map(|(zone, _)| cell(&table, zone, place, value)).collect(),
            findings: vec![],
        });
    }
    rules::award(&mut profiles);
    let zone = |(place, row): (usize, &ZoneRow)| {
        let mix = mixes.as_ref().map(|mixes| mixes[place].as_slice()).filter(|_| row.count > 0);
        ZoneProfile {
            zone: ZoneName {
                id: row.id.clone(),
                name: row.name.clone(),
                name_en: row.name_en.clone(),
                zone_kind: row.zone_kind.clone().unwrap_or_default(),
            },
            schematic: row.schematic,
            count: row.count,
            value: table.value(row.count, &row.amounts),
            withheld: table.is_withheld(&row.amounts),
            growth: table.growth(&row.amounts),
            class_hhi: mix.and_then(hhi),
            class_entropy: mix.and_then(entropy),
            krugman: specialised.as_ref().and_then(|all| all[place]).filter(|_| row.count >= LEAST_ROWS),
            rows: table.concentration(&row.amounts),
            findings: vec![],
        }
    };
    let zones: Vec<ZoneProfile> = list.zones.iter().enumerate().map(zone).collect();
    let mut out = Profile {
        revision: list.revision.clone(),
        period: list.period,
        sample: about.sample(),
        zone_kind,
        partition: list.partition,
        weight: weight_of(about, table.quantity),
        weights: weights(about),
        count: city.count,
        value: all,
        growth: whole_growth.whole,
        inequality: table.inequality(),
        classes: profiles,
        zones,
        notes: rules::notes(about, list.partition, table.quantity.metric().is_none()),
    };
    rules::find(&mut out, &about.wording());
    Ok(out)
}

fn over(value: Option<f64>, divisor: Option<f64>) -> Option<f64> {
    let divisor = divisor.filter(|d| *d > 0.0)?;
    Some(value? / divisor)
}

fn cell(table: &Table, zone: usize, class: usize, of_class: Option<f64>) -> ProfileCell {
    let row = &table.list.zones[zone];
    let counted = &table.quotients.zones[zone].cells[class];
    let of = Table::of_class(&row.clusters, &table.classes()[class]);
    let value = match of {
        Some(of) => table.value(of.count, &of.amounts),
        None => Some(0.0),
    };
    let share_of_zone = over(value, table.value(row.count, &row.amounts));
    ProfileCell {
        zone: row.id.clone(),
        count: counted.count,
        value,
        withheld: of.is_some_and(|of| table.is_withheld(&of.amounts)),
        share_of_class: over(value, of_class),
        share_of_zone,
        lq: counted.lq,
        lq_test: counted.lq_test,
        stars: Stars::default(),
    }
}

/// How the sums of the whole and of its classes changed.
struct WholeGrowth {
    whole: Option<Growth>,
    classes: Vec<Option<Growth>>,
}

fn growth_of_classes(bound: &Bound, table: &Table) -> Result<WholeGrowth, QueryError> {
    // the whole of a reader who is limited to districts is of others, too
    if table.quantity.metric().is_none() || table.about.scope.is_some() {
        return Ok(WholeGrowth { whole: None, classes: vec![None; table.classes().len()] });
    }
    let question: Question = bound.question().clone().within(AreaSpec::default()).with_growth(true);
    let summary = bound.ask(&question)?.summarize()?;
    let of = |class: &QuotientClass| {
        let row = summary.clusters.iter().find(|c| c.part.is_none() && c.code.as_deref() == Some(&class.code));
        table.growth(&row?.amounts)
    };
    Ok(WholeGrowth { whole: table.growth(&summary.totals), classes: table.classes().iter().map(of).collect() })
}
