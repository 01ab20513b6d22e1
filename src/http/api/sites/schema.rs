//! The bodies and answers of `/site-selection`, of partners and of `/zones/ratios` as the API's description has them.
#![allow(dead_code, reason = "only described here")]

use crate::http::extract::body::QueryBody;
use crate::http::schemas::{ClassName, Note, Text, ZoneName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a wish goes by.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WishBy {
    /// Rows of the neighbouring stages within a distance; without a stage, of the class.
    Partners,
    /// Location quotient of the class in the zone that holds the site.
    Quotient,
    /// Growth of a metric of the class in the zone that holds the site.
    Growth,
    /// A property of the zone that holds the site; whether one holds it, where no property is named.
    Zone,
    /// Metres to the nearest feature of a collection.
    Distance,
    /// A property or metric of the site itself.
    Value,
}

/// Whether more of it is better.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Prefer {
    /// More is better.
    More,
    /// Less is better.
    Less,
}

/// A wish: what counts, and how much.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Wish {
    /// What it goes by.
    by: WishBy,
    /// Its weight beside those of the others; 1 when left out.
    weight: Option<f64>,
    /// Of `quotient`, `growth` and `zone`: kind of the zones.
    kind: Option<String>,
    /// Of `zone` and `value`: property, a number or a text with a codelist, whose first code is the highest; of `zone` also `a.b`, a
    /// property of the feature to which property `a` refers.
    property: Option<String>,
    /// Of `growth` and `value`: metric.
    metric: Option<String>,
    /// Of `distance`: collection.
    collection: Option<String>,
    /// Of `distance`: which of its features, as CQL2 text.
    filter: Option<String>,
    /// Of `partners`: metres, 1 to 100,000.
    distance_m: Option<f64>,
    /// Whether more or less is better; less of a distance, more of all else when left out.
    prefer: Option<Prefer>,
    /// The value that counts 0; the worst among the sites when left out.
    worst: Option<f64>,
    /// The value that counts 1; the best among the sites when left out.
    best: Option<f64>,
}

/// What is looked for.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SiteBody {
    /// The sites in question: their area and conditions; all of them when left out.
    question: Option<QueryBody>,
    /// Code or name of the class of who looks for a site.
    class: Option<String>,
    /// Code or name of the stage of the class.
    stage: Option<String>,
    /// What counts, and how much: 1 to 16 wishes.
    wishes: Vec<Wish>,
    /// How many sites are listed, at most 200; 20 when left out.
    limit: Option<usize>,
    /// Ids of sites that are listed wherever they stand, at most 200.
    #[serde(default)]
    named: Vec<String>,
    /// Where the random numbers begin; 0 when left out.
    seed: Option<u64>,
}

/// A site, and what counts.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ClassFitsBody {
    /// Id of the site.
    site: String,
    /// What counts, and how much; what tells no class apart is left out.
    wishes: Vec<Wish>,
    /// Where the random numbers begin; 0 when left out.
    seed: Option<u64>,
}

/// A wish, and how its values were scaled.
#[derive(Serialize, ToSchema)]
pub(crate) struct WishColumn {
    /// What it goes by.
    by: WishBy,
    /// What it is called.
    title: Text,
    /// Unit of the values.
    unit: Text,
    /// Its share of all weights.
    share: f64,
    /// The value that counts 0; `null` where none is known.
    worst: Option<f64>,
    /// The value that counts 1; `null` where none is known.
    best: Option<f64>,
    /// Sites, or classes, with a value.
    known: u64,
    /// Of a property with a codelist the names of its codes, the highest first: a value counts from the last one, which is 1. Empty of
    /// figures.
    codes: Vec<Text>,
}

/// What a wish adds to a score.
#[derive(Serialize, ToSchema)]
pub(crate) struct WishPart {
    /// The value; `null` where it is not known or withheld.
    value: Option<f64>,
    /// What it is of: a zone, or a code's name.
    of: Option<Text>,
    /// The value on the scale, 0 to 1; 0 where it is not known.
    scaled: f64,
    /// What it adds to the score.
    adds: f64,
}

/// A site in the order.
#[derive(Serialize, ToSchema)]
pub(crate) struct RankedSite {
    /// Its place, from 1.
    rank: u64,
    /// Id.
    id: String,
    /// Name.
    name: Text,
    /// Longitude and latitude.
    position: Option<[f64; 2]>,
    /// The weighted mean of the scaled values, 0 to 1.
    score: f64,
    /// One for each wish.
    parts: Vec<WishPart>,
    /// Share of the draws in which it is first; `null` where it stands too far behind to be drawn.
    first: Option<f64>,
    /// Share of the draws in which it is among the first three.
    among_three: Option<f64>,
}

/// Sites in the order of their scores.
#[derive(Serialize, ToSchema)]
pub(crate) struct SiteSelectionAnswer {
    /// Revision of the data.
    revision: String,
    /// The period of the occupants' figures, where it is a year; `null` where `period` is no year.
    year: Option<u16>,
    /// The period of the occupants' figures.
    period: Option<String>,
    /// The table of sites.
    table: String,
    /// Whether sites or occupants are invented (示例数据).
    sample: bool,
    /// The class of who looks.
    class: Option<ClassName>,
    /// Its stage.
    stage: Option<ClassName>,
    /// Sites under the conditions.
    matched: u64,
    /// Sites under the conditions that are not permitted for the class.
    not_permitted: u64,
    /// The wishes, and how each was scaled.
    wishes: Vec<WishColumn>,
    /// Draws of other weights.
    draws: u64,
    /// The sites among which the draws chose.
    drawn_among: u64,
    /// Where the random numbers began.
    seed: u64,
    /// The first sites, and those that were named.
    sites: Vec<RankedSite>,
    /// Rules and cautions.
    notes: Vec<Note>,
}

/// A class in the order.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassFit {
    /// Its place, from 1.
    rank: u64,
    /// Code.
    code: String,
    /// Name.
    name: Text,
    /// One character that stands for it.
    mark: String,
    /// Whether the site is permitted for it.
    permitted: bool,
    /// The weighted mean of the scaled values, 0 to 1.
    score: f64,
    /// One for each wish.
    parts: Vec<WishPart>,
    /// Share of the draws in which it is first.
    first: f64,
    /// Share of the draws in which it is among the first three.
    among_three: f64,
}

/// Which classes fit a site.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassFitsAnswer {
    /// Revision of the data.
    revision: String,
    /// The period of the occupants' figures, where it is a year; `null` where `period` is no year.
    year: Option<u16>,
    /// The period of the occupants' figures.
    period: Option<String>,
    /// The table of sites.
    table: String,
    /// Whether sites or occupants are invented (示例数据).
    sample: bool,
    /// The site.
    id: String,
    /// Its name.
    name: Text,
    /// Longitude and latitude.
    position: Option<[f64; 2]>,
    /// The zones that hold it, the highest levels first.
    zones: Vec<ZoneName>,
    /// The wishes that tell classes apart, and how each was scaled.
    wishes: Vec<WishColumn>,
    /// The wishes that say the same of every class, which are left out.
    left_out: u64,
    /// Draws of other weights.
    draws: u64,
    /// Where the random numbers began.
    seed: u64,
    /// The classes.
    classes: Vec<ClassFit>,
    /// Rules and cautions.
    notes: Vec<Note>,
}

/// A row near a feature.
#[derive(Serialize, ToSchema)]
pub(crate) struct Partner {
    /// Id.
    id: String,
    /// Name; the id where the reader may not see it.
    name: Text,
    /// Metres on the ellipsoid.
    metres: f64,
    /// Longitude and latitude.
    position: [f64; 2],
}

/// How a stage stands to the one in question.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StageRelation {
    /// It feeds it.
    Before,
    /// It is fed by it.
    After,
}

/// The rows of a stage near a feature.
#[derive(Serialize, ToSchema)]
pub(crate) struct PartnerStage {
    /// The stage; `null` for all rows of a class that has no stages.
    stage: Option<ClassName>,
    /// How it stands to the stage in question; `null` where none is.
    relation: Option<StageRelation>,
    /// Rows within the distance.
    count: u64,
    /// The nearest of them, at most 20.
    nearest: Vec<Partner>,
}

/// Who is near of the neighbouring stages.
#[derive(Serialize, ToSchema)]
pub(crate) struct PartnersAnswer {
    /// Revision of the data.
    revision: String,
    /// Whether the rows are invented (示例数据).
    sample: bool,
    /// The feature.
    id: String,
    /// Its name.
    name: Text,
    /// The table of the partners.
    table: String,
    /// The class.
    class: ClassName,
    /// The stage in question; `null` where all stages of the class are listed.
    stage: Option<ClassName>,
    /// Metres.
    distance_m: f64,
    /// The stages.
    stages: Vec<PartnerStage>,
    /// Rows of these stages without a position, which are near to nothing.
    unlocated: u64,
    /// Rules and cautions.
    notes: Vec<Note>,
}

/// A ratio in a zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneRatio {
    /// Zone id; empty for the whole.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind of the zone, as `/dataset` lists it; empty for the whole.
    zone_kind: String,
    /// What is divided; `null` where no row has a value or it is withheld.
    of: Option<f64>,
    /// What it is divided by.
    per: Option<f64>,
    /// The ratio; `null` where either is not known, or it is divided by 0.
    value: Option<f64>,
    /// Whether either sum is withheld.
    withheld: bool,
}

/// A ratio of sums by zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ratio {
    /// Identifier.
    id: String,
    /// Title.
    title: Text,
    /// Unit.
    unit: Text,
    /// Decimals that are printed.
    decimals: u8,
    /// The tables of both sums.
    tables: [String; 2],
    /// The period of what is divided, where it is a year; `null` where `period` is no year.
    year: Option<u16>,
    /// The period of what is divided.
    period: Option<String>,
    /// The period of what it is divided by, where it is another one.
    other_period: Option<String>,
    /// Whether rows of either table are invented (示例数据).
    sample: bool,
    /// The whole; `null` for a reader who is limited to some zones.
    whole: Option<ZoneRatio>,
    /// The zones.
    zones: Vec<ZoneRatio>,
}

/// The ratios that a dataset states, in the zones of a kind.
#[derive(Serialize, ToSchema)]
pub(crate) struct RatiosAnswer {
    /// Revision of the data.
    revision: String,
    /// The kind of the zones.
    zone_kind: String,
    /// The ratios.
    ratios: Vec<Ratio>,
    /// Rules and cautions.
    notes: Vec<Note>,
}
