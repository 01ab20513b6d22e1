//! What the manifest says of the register: which properties mean what, its metrics, and how its figures are protected.

use super::{Maintenance, Period, SitesSpec, Term, Text, ValidSpec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How rows of the register that are areas or lines are assigned to zones and drawn areas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assign {
    /// Whole, by one point: inside an area, in the middle of a line.
    #[default]
    Point,
}

/// Which properties of the register mean what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterSpec {
    /// Whether it is the table of which everything is where none is named; the first where none is marked.
    #[serde(default)]
    pub main: bool,
    /// What its rows and classes are called, where that is not what `terms` of the dataset says.
    #[serde(default)]
    pub terms: TableTerms,
    /// Declared zone of the partition: a feature id.
    #[serde(default)]
    pub district: Option<String>,
    /// Primary class: a code of the codelist `clusters`.
    #[serde(default)]
    pub cluster: Option<String>,
    /// Level at which classes are counted and drawn where a question names none: an id or number of the codelist's levels.
    #[serde(default)]
    pub class_level: Option<String>,
    /// Secondary classes.
    #[serde(default)]
    pub secondary: Option<String>,
    /// The stage of its class at which a row stands: a property with a codelist whose entries name their class.
    #[serde(default)]
    pub stage: Option<String>,
    /// Present where its rows are sites that rows of another table may take.
    #[serde(default)]
    pub sites: Option<SitesSpec>,
    /// How rows that are areas or lines are assigned to zones.
    #[serde(default)]
    pub assign: Assign,
    /// Class of location: address, building, park, area, none.
    #[serde(default)]
    pub location_class: Option<String>,
    /// Precision of the position in metres.
    #[serde(default)]
    pub precision_m: Option<String>,
    /// Address, by which rows without position are located where the dataset has a table of places.
    #[serde(default)]
    pub address: Option<String>,
    /// When a row counts; rows of a register without it count in every year.
    #[serde(default)]
    pub valid: Option<ValidSpec>,
    /// Enterprises that reports count apart, such as those above a size.
    #[serde(default)]
    pub subset: Option<SubsetSpec>,
    /// What the register is limited to, such as an industry, in a few words: printed where shares are compared.
    #[serde(default)]
    pub scope: Option<Text>,
    /// Where the totals of all industries stand, of which its rows are a part.
    #[serde(default)]
    pub all_industries: Option<AllIndustries>,
    /// Figures that are summed.
    #[serde(default)]
    pub metrics: Vec<MetricSpec>,
    /// How restricted figures are protected in sums.
    #[serde(default)]
    pub disclosure: DisclosureRules,
    /// Properties of a sample register that follow from its figures.
    #[serde(default)]
    pub invented: Vec<InventedRule>,
}

/// The table with the totals of all industries: what location quotients can be within besides the register itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllIndustries {
    /// The table, by the id of its collection: a row for each zone that it declares.
    pub table: String,
    /// Its metric that counts what a row of the register is.
    #[serde(default)]
    pub count: Option<String>,
    /// Metric of the register -> metric of the table with its total.
    #[serde(default)]
    pub metrics: BTreeMap<String, String>,
}

/// The words of one table of a dataset that has several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableTerms {
    /// A row.
    #[serde(default)]
    pub row: Option<Term>,
    /// An entry of its classification.
    #[serde(default)]
    pub class: Option<Term>,
}

/// A property of which a sample register has the value that the figures of the row give, such as a class of size.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventedRule {
    /// The property.
    pub property: String,
    /// The first of these values whose limits are all reached.
    pub values: Vec<InventedValue>,
    /// The value where none is reached.
    pub otherwise: serde_json::Value,
}

/// A value with the figures from which it is given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventedValue {
    /// The value.
    pub value: serde_json::Value,
    /// Metric -> least figure of its latest period, in the metric's unit.
    pub from: BTreeMap<String, f64>,
}

impl RegisterSpec {
    /// A register of which only the two divisions are known.
    pub fn of(district: &str, cluster: &str) -> Self {
        Self {
            main: false,
            terms: TableTerms::default(),
            assign: Assign::default(),
            district: Some(district.to_owned()),
            cluster: Some(cluster.to_owned()),
            class_level: None,
            secondary: None,
            stage: None,
            sites: None,
            location_class: None,
            precision_m: None,
            address: None,
            valid: None,
            subset: None,
            scope: None,
            all_industries: None,
            metrics: vec![],
            disclosure: DisclosureRules::default(),
            invented: vec![],
        }
    }
}

/// How restricted figures are protected in answers to readers who may not see single rows: see
/// `docs/adr/0032-disclosure.md`. Every member has a default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DisclosureRules {
    /// Minimum frequency: a sum needs this many enterprises with a value.
    pub minimum: u64,
    /// Minimum frequency of drawn areas, and of quartiles and shares of the largest anywhere.
    pub minimum_drawn: u64,
    /// The p% rule: a sum is withheld where the second largest contributor could estimate the largest within this many
    /// per cent.
    pub p_percent: f64,
    /// The (n, k) rule: a sum is withheld where the `dominance_n` largest contributors have more than
    /// `dominance_percent` of it.
    pub dominance_n: usize,
    /// See `dominance_n`.
    pub dominance_percent: f64,
    /// Least noise in a single value, per cent of it.
    pub noise_least_percent: f64,
    /// Most noise in a single value, per cent of it.
    pub noise_most_percent: f64,
}

impl Default for DisclosureRules {
    fn default() -> Self {
        Self {
            minimum: 3,
            minimum_drawn: 10,
            p_percent: 10.0,
            dominance_n: 2,
            dominance_percent: 90.0,
            noise_least_percent: 15.0,
            noise_most_percent: 60.0,
        }
    }
}

impl DisclosureRules {
    /// What is wrong with the rules, if anything.
    pub fn fault(&self) -> Option<Text> {
        let noise = self.noise_least_percent..=self.noise_most_percent;
        let rules: [(bool, &str, &str); 5] = [
            (self.minimum >= 2, "minimum 至少为 2。", "`minimum` must be at least 2."),
            (
                self.minimum_drawn >= self.minimum,
                "minimum_drawn 不得小于 minimum。",
                "`minimum_drawn` must not be below `minimum`.",
            ),
            (
                (1..=10).contains(&self.dominance_n) && (1.0..=100.0).contains(&self.dominance_percent),
                "dominance_n 应为 1 到 10,dominance_percent 应为 1 到 100。",
                "`dominance_n` must be 1 to 10 and `dominance_percent` 1 to 100.",
            ),
            (
                !noise.is_empty() && *noise.start() > 0.0 && *noise.end() < 100.0,
                "应有 0 < noise_least_percent <= noise_most_percent < 100。",
                "0 < `noise_least_percent` <= `noise_most_percent` < 100 must hold.",
            ),
            (
                self.p_percent > 0.0 && self.p_percent <= self.noise_least_percent,
                "p_percent 应大于 0 且不大于 noise_least_percent。",
                "`p_percent` must be above 0 and not above `noise_least_percent`.",
            ),
        ];
        rules.into_iter().find(|(holds, _, _)| !holds).map(|(_, zh, en)| Text::new(zh, en))
    }
}

/// Enterprises for which a property is true; reports count them beside all enterprises.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubsetSpec {
    /// A property of type boolean; its title names the enterprises.
    pub property: String,
    /// The title in few words, where a column is narrow.
    #[serde(default)]
    pub short: Option<Text>,
}

/// Whether a figure is of a period or of a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// Of a period, such as a turnover.
    #[default]
    Flow,
    /// At the end of a period, such as a staff or a floor area.
    Stock,
}

/// A figure that varies by period: one column per period.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit of the column and of its sums.
    pub unit: Text,
    /// Decimals kept, exactly.
    #[serde(default)]
    pub decimals: u8,
    /// Whether it is of a period or of a moment.
    #[serde(default)]
    pub kind: MetricKind,
    /// Other names in departments' tables.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Title with its unit, where a column is narrow.
    #[serde(default)]
    pub short: Option<Text>,
    /// Whether it stands in the tables and charts of documents to read (DOCX, PDF, HTML); where not, they name it. Workbooks
    /// and tables hold every metric.
    #[serde(default = "super::collection::yes")]
    pub in_documents: bool,
    /// Whether a single row's value leaves the server only inside sums.
    #[serde(default)]
    pub restricted: bool,
    /// Who provides its figures, how often, and when they are due, where that is not what its table says.
    #[serde(default)]
    pub maintenance: Maintenance,
    /// Period -> property; periods of one length.
    pub columns: BTreeMap<Period, String>,
}
