//! What the manifest says of sites that rows of another table may take, and of ratios of sums of two tables.

use super::Text;
use serde::Deserialize;

/// Declares that the rows of a table are sites: premises or land that rows of another table may take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SitesSpec {
    /// The table whose rows take sites, by the id of its collection: its classes are looked for, its rows are partners.
    pub occupants: String,
    /// Metric: how much of a site there is.
    #[serde(default)]
    pub area: Option<String>,
    /// Metric: how much of it is vacant.
    #[serde(default)]
    pub vacant: Option<String>,
    /// Property, a number: its price.
    #[serde(default)]
    pub price: Option<String>,
    /// Property, a list of texts: the classes of occupants that it is permitted for. A site that states none takes all.
    #[serde(default)]
    pub classes: Option<String>,
    /// Property, a list of texts: what it is fitted with.
    #[serde(default)]
    pub facilities: Option<String>,
    /// Property, a date: from when it can be taken.
    #[serde(default)]
    pub available: Option<String>,
}

/// A ratio of the sums of two metrics, which may be of two tables, by zone.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioSpec {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit of the ratio.
    pub unit: Text,
    /// Decimals that are printed.
    #[serde(default)]
    pub decimals: u8,
    /// What is divided.
    pub of: RatioPart,
    /// What it is divided by.
    pub per: RatioPart,
    /// What the quotient is multiplied by, where the unit is another than that of the metrics.
    #[serde(default = "one")]
    pub factor: f64,
}

fn one() -> f64 {
    1.0
}

/// The sum of a metric of a table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatioPart {
    /// The table, by the id of its collection.
    pub table: String,
    /// The metric.
    pub metric: String,
}
