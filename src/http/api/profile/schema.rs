//! The answers of `/zones/profile` and `/zones/pairs` as the API's description has them.
#![allow(dead_code, reason = "only described here")]
#![expect(clippy::struct_excessive_bools, reason = "each is a mark of its own")]

use crate::http::api::quotients::QuotientClass;
use crate::http::schemas::{Growth, Note, ProfileWeight, QuotientTest, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// How much of a sum lies with its largest rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct RowConcentration {
    /// Herfindahl-Hirschman index of the rows' values; `null` where it may not be given or says nothing.
    hhi: Option<f64>,
    /// Share of the 3 largest rows in the sum.
    top3_share: Option<f64>,
    /// Share of the 10 largest.
    top10_share: Option<f64>,
}

/// How closely a class holds together in space, for all the zones.
#[derive(Serialize, ToSchema)]
pub(crate) struct Agglomeration {
    /// Locational Gini coefficient (Krugman 1991): 0 for spread like all rows.
    locational_gini: Option<f64>,
    /// Gamma of Ellison and Glaeser (1997): above 0.02 is called moderate, above 0.05 high.
    ellison_glaeser: Option<f64>,
    /// The index of Maurel and Sédillot (1999).
    maurel_sedillot: Option<f64>,
    /// Whether the two indices differ in sign, so that neither is to be believed alone.
    differ: bool,
}

/// A class in a zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileCell {
    /// Zone id.
    zone: String,
    /// Rows.
    count: u64,
    /// Rows, or the sum; `null` where it is missing or withheld.
    value: Option<f64>,
    /// Whether the sum is withheld.
    withheld: bool,
    /// Share of the class that lies in the zone.
    share_of_class: Option<f64>,
    /// Share of the zone that is of the class.
    share_of_zone: Option<f64>,
    /// Location quotient by the weight; `null` where a share is.
    lq: Option<f64>,
    /// How sure it is: of counts by the exact interval, of sums by that of a bootstrap.
    lq_test: Option<QuotientTest>,
    /// Among the tenth of the zones, at least one, with most of the class.
    size: bool,
    /// A location quotient of at least 2 and, where there is one, an interval above 1.
    specialised: bool,
    /// Among the tenth of all classes in zones, at least one, with the largest share of their zone.
    focus: bool,
    /// How many of the three.
    stars: u8,
    /// Strong by the other rule: a quotient above 1 and among the quarter of the zones, at least one, with the largest.
    strong: bool,
}

/// What a finding is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FindingKind {
    /// A strength.
    Strength,
    /// An opportunity.
    Opportunity,
    /// A risk.
    Risk,
}

/// A figure that a finding was made from.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fact {
    /// Its name in the profile: `lq`, `share_of_class`, `share_of_zone`, `growth`, `growth_of_all`, `share`, `top3_share`.
    figure: String,
    /// Value.
    value: f64,
    /// Zone id, where it is of one.
    zone: Option<String>,
    /// Code of the class, where it is of one.
    class: Option<String>,
}

/// A sentence by a stated rule.
#[derive(Serialize, ToSchema)]
pub(crate) struct Finding {
    /// What it is about.
    kind: FindingKind,
    /// The rule, as the notes name it.
    rule: String,
    /// The sentence.
    text: Text,
    /// The figures that it was made from.
    facts: Vec<Fact>,
}

/// The profile of a class.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassProfile {
    /// Code.
    code: String,
    /// Name.
    name: Text,
    /// One character that stands for it.
    mark: String,
    /// Rows of it in the whole.
    count: u64,
    /// Rows, or the sum; `null` where it is missing or withheld.
    value: Option<f64>,
    /// Whether the sum is withheld.
    withheld: bool,
    /// Share of all.
    share: Option<f64>,
    /// How its sum changed from the year before, like for like; `null` of numbers of rows.
    growth: Option<Growth>,
    /// How much lies with its largest rows.
    rows: RowConcentration,
    /// How closely it holds together.
    agglomeration: Agglomeration,
    /// The class in each zone, in the order of `zones`.
    cells: Vec<ProfileCell>,
    /// At most one strength, one opportunity and one risk.
    findings: Vec<Finding>,
}

/// The profile of a zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneProfile {
    /// Zone id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    zone_kind: String,
    /// Whether its outline is schematic (示意).
    schematic: bool,
    /// Rows.
    count: u64,
    /// Rows, or the sum; `null` where it is missing or withheld.
    value: Option<f64>,
    /// Whether the sum is withheld.
    withheld: bool,
    /// How its sum changed from the year before, like for like; `null` of numbers of rows.
    growth: Option<Growth>,
    /// Herfindahl-Hirschman index of the classes' shares: the mix of classes.
    class_hhi: Option<f64>,
    /// Entropy of the classes' shares in nats.
    class_entropy: Option<f64>,
    /// Specialisation index of Krugman (1991): 0 for the mix of the whole to nearly 2.
    krugman: Option<f64>,
    /// How much lies with its largest rows.
    rows: RowConcentration,
    /// At most one strength, one opportunity and one risk.
    findings: Vec<Finding>,
}

/// Inequality of the rows' values, between the zones and inside them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inequality {
    /// Theil's T (1967) of all.
    theil: f64,
    /// Of it, between the means of the zones.
    between: f64,
    /// Of it, inside the zones.
    within: f64,
}

/// Profiles of the classes and of the zones of a kind.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileAnswer {
    /// Revision of the data.
    revision: String,
    /// Year of the figures; `null` where `period` is no year.
    year: Option<u16>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// Whether the rows are invented (示例数据).
    sample: bool,
    /// The kind of the zones.
    zone_kind: String,
    /// Whether the zones share no row.
    partition: bool,
    /// What rows are weighed by.
    weight: ProfileWeight,
    /// What can be chosen for `weight`.
    weights: Vec<ProfileWeight>,
    /// Rows of the whole.
    count: u64,
    /// Rows, or the sum; `null` where it is missing or withheld.
    value: Option<f64>,
    /// How the sum of the whole changed from the year before.
    growth: Option<Growth>,
    /// Inequality of the rows' values; `null` of numbers of rows, and where a sum is withheld.
    inequality: Option<Inequality>,
    /// The classes in the codelist's order.
    classes: Vec<ClassProfile>,
    /// The zones.
    zones: Vec<ZoneProfile>,
    /// Rules and cautions.
    notes: Vec<Note>,
}

/// Two classes. The quotient is of the first beside the second.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassPair {
    /// Code of the first.
    class: String,
    /// Code of the second; the same for the class beside itself.
    other: String,
    /// How much they share their zones (Ellison, Glaeser and Kerr 2010); `null` of a class beside itself.
    coagglomeration: Option<f64>,
    /// How much more often the nearest neighbour of the first is of the second than by chance (Leslie and Kronenberg 2011).
    colocation: Option<f64>,
}

/// Every two classes.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassPairsAnswer {
    /// Revision of the data.
    revision: String,
    /// Year of the figures; `null` where `period` is no year.
    year: Option<u16>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// Whether the rows are invented (示例数据).
    sample: bool,
    /// The kind of the zones.
    zone_kind: String,
    /// What rows are weighed by, for the zones; neighbours are counted.
    weight: ProfileWeight,
    /// Rows with a position, of which neighbours are looked at.
    located: u64,
    /// The classes in the codelist's order.
    classes: Vec<QuotientClass>,
    /// Every class with every class, by the first and then by the second.
    pairs: Vec<ClassPair>,
    /// How to read it.
    notes: Vec<Note>,
}
