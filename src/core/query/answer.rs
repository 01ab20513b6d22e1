//! The numbers of a zone, as they leave the server.

use crate::model::{Period, Text, Wording, year_and_period};
use crate::snapshot::{ClassName, ClassPart, Description, Snapshot, VersionInfo, ZoneInfo};
use crate::stats::quotient::QuotientTest;
use indexmap::IndexMap;
use serde::Serialize;
use std::collections::BTreeMap;

/// Sums by metric id, in the manifest's order of metrics.
pub type Amounts = IndexMap<String, Amount>;

/// A sum over the matched rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Amount {
    /// The sum; `null` when no row has a value or when it is withheld.
    pub sum: Option<f64>,
    /// Its unit.
    pub unit: Text,
    /// The period that it is of, as `year`, where it is one, and `period`; `null` where the metric is not published for the
    /// period in question. Then no row has a value and none lacks one.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// Matched rows that have a value.
    pub reported: u64,
    /// Matched rows that have none, though the metric is published for that period.
    pub missing: u64,
    /// Whether the sum is withheld because it, or a related sum, would tell too much of one enterprise.
    pub withheld: bool,
    /// Whether the sum is of protected figures: each value carries noise, so that no single one can be worked out.
    pub protected: bool,
    /// Whether the sum alone would tell too much of one enterprise.
    #[serde(skip)]
    pub sensitive: bool,
    /// What the values are like, where asked for with `statistics=true` and not withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Statistics>,
    /// How evenly the values are spread over the rows, where asked for with `spread=true` and not withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
    /// How it changed from the year before, where asked for with `growth=true` and the metric has figures of both years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth: Option<Growth>,
    /// The same from the period right before, of quarters and months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth_on_previous: Option<Growth>,
}

/// How a sum changed from an earlier period, like for like: over the rows that have a value in both, with how many rows
/// stand behind the sum of either.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Growth {
    /// The earlier period.
    pub period: Period,
    /// Change over the rows that have a value in both periods, 0 for none; `null` where there is none, where the sum was not
    /// above zero, or where it is withheld.
    pub rate: Option<f64>,
    /// Rows that are there and have a value in both periods.
    pub both: u64,
    /// Rows that had a value in the earlier period.
    pub reported: u64,
    /// Rows that were there in the earlier period.
    pub rows: u64,
    /// Whether the change is withheld because it, or what it could be compared with, would tell too much of one enterprise.
    pub withheld: bool,
}

/// What the values behind a sum are like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// Mean of the reported values.
    pub mean: f64,
    /// Lower quartile, interpolated as spreadsheets do.
    pub q1: f64,
    /// Median.
    pub median: f64,
    /// Upper quartile.
    pub q3: f64,
    /// Share of the 3 largest values in the sum, 0 to 1; `null` when the sum is zero.
    pub top3_share: Option<f64>,
    /// Share of the 10 largest values in the sum.
    pub top10_share: Option<f64>,
    /// Herfindahl-Hirschman index of the values: the sum of their squared shares, 1 / n of n equal ones to 1 of one alone; `null`
    /// where the sum is not above zero or a value is below.
    pub hhi: Option<f64>,
}

/// How evenly the values behind a sum are spread over the rows: whether few of them make it up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Theil's T (1967) of the values above zero, 0 of equal ones to ln n; `null` without any.
    pub theil: Option<f64>,
    /// Values above zero.
    pub above: u64,
    /// Values below zero.
    pub below: u64,
}

/// What sort of area a summary is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AreaKind {
    /// The whole dataset.
    City,
    /// A zone of the data; `zone_kind` names its kind.
    Zone,
    /// A polygon that the reader drew.
    Drawn,
    /// A circle that the reader drew.
    Circle,
    /// What lies within a distance of a feature or of a line of the reader's own.
    Buffer,
    /// The nearest enterprises to a point.
    Nearest,
    /// An area put together from others.
    Combined,
    /// What no zone of a partition holds: `outside`, `undeclared`.
    Rest,
}

/// The area a summary is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AreaInfo {
    /// Zone id; `null` for the city and for drawn areas.
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Kind.
    pub kind: AreaKind,
    /// Kind of the zone, as `/dataset` lists it; `null` for other areas.
    pub zone_kind: Option<String>,
    /// The zones above it, the highest first.
    pub parents: Vec<ZoneName>,
    /// `official_text`, `reconstruction` or `schematic`, where the data says so.
    pub basis: Option<String>,
    /// `existing`, `planned` or `later`, where the data says so.
    pub status: Option<String>,
    /// Whether its outline is schematic (示意).
    pub schematic: bool,
    /// Whether it has enterprises besides that the reader, who is limited to districts, does not see.
    pub partial: bool,
    /// Area of the outline on the ellipsoid, in square kilometres.
    pub area_km2: Option<f64>,
    /// Box around it: west, south, east, north in degrees.
    pub bbox: Option<[f64; 4]>,
    /// Where the outline comes from.
    pub source: Option<Text>,
    /// The outline as GeoJSON in WGS 84 degrees, where asked for with `outline`; repaired and put together as counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outline: Option<serde_json::Value>,
}

/// A zone by its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ZoneName {
    /// Zone id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    pub zone_kind: String,
}

impl ZoneName {
    /// The zone in a place of the snapshot's list.
    pub(super) fn of(snapshot: &Snapshot, place: usize) -> Self {
        let zone = &snapshot.zones.list[place];
        let zone_kind = snapshot.zones.kinds[zone.kind].id.clone();
        Self { id: zone.id.clone(), name: zone.name.clone(), name_en: zone.name_en.clone(), zone_kind }
    }

    /// A zone that the dataset describes.
    pub(super) fn described(about: &Description, zone: &ZoneInfo) -> Self {
        let zone_kind = about.zone_kinds[zone.kind].id.clone();
        Self { id: zone.id.clone(), name: zone.name.clone(), name_en: zone.name_en.clone(), zone_kind }
    }
}

/// What more than one of the united areas holds. It is counted once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Overlap {
    /// Enterprises in it, under the filter.
    pub count: u64,
    /// Its area in square kilometres; `null` where an area has no outline.
    pub area_km2: Option<f64>,
}

/// How many enterprises, and how they came to be counted here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Enterprises counted: each once.
    pub matched: u64,
    /// Of them, counted because their position lies here (for the city: in some district).
    pub by_point: u64,
    /// Of them, without position and counted because this is their declared district (for the city: any district).
    pub by_declared: u64,
    /// Of them, those whose position lies in another district than the declared one.
    pub mismatch: u64,
    /// Of them, those with a position.
    pub located: u64,
    /// Of them, those without.
    pub unlocated: u64,
    /// Of them, those of which no beginning is known, so that they count in every year before their end; `null` where the
    /// register has no dates and every row counts in every year.
    pub undated: Option<u64>,
}

/// One cluster in the zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterRow {
    /// Code; `null` for enterprises without a cluster, and for the classes beside the one in question.
    pub code: Option<String>,
    /// What it is where it is no class of the codelist: `not_further`, enterprises of the class of which no finer class is
    /// known; `other`, all classes beside the one in question; `ambiguous`, enterprises whose class is split in the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<ClassPart>,
    /// Name.
    pub name: Text,
    /// One character that stands for it.
    pub mark: String,
    /// Enterprises.
    pub count: u64,
    /// Share of the zone's enterprises, 0 to 1; `null` in an empty zone.
    pub share: Option<f64>,
    /// Sums by metric.
    pub amounts: Amounts,
    /// Share of the city's enterprises of this cluster, 0 to 1; `null` when the city has none.
    pub share_of_city: Option<f64>,
    /// Location quotient by enterprises, within the register's own industries: the cluster's share here over its share
    /// in the city. `null` when either is undefined.
    pub lq: Option<f64>,
    /// How sure the location quotient is; `null` where it says nothing: without one, for the whole, where all rows are of the
    /// cluster.
    pub lq_test: Option<QuotientTest>,
    /// Enterprises of the cluster in the whole, as shares and quotients are of.
    #[serde(skip)]
    pub whole: u64,
}

/// How the classes of an answer were read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassReading {
    /// Level: its id, or its number from 1 at the top.
    pub level: String,
    /// What a class of the level is called.
    pub level_title: Option<Text>,
    /// The class whose parts are given, under those above it, the topmost first; empty where all classes are in question.
    pub path: Vec<ClassName>,
    /// The numbers of the class whose parts are given: they make it up, with those of which no finer class is known. `null`
    /// where all classes are in question, and with secondary clusters, which overlap.
    pub parent: Option<ClusterRow>,
    /// The version by which the classes are read; `null` for the register's own codes.
    pub version: Option<VersionInfo>,
}

/// The mix of classes in the area, by their shares of rows; `null` in an empty area, with secondary classes, and where the parts
/// of one class are in question. It says nothing of how large single rows are: that is [`Spread`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ClassMix {
    /// Herfindahl-Hirschman index of the classes' shares: 1 / n of n equal ones to 1 of one alone.
    pub hhi: Option<f64>,
    /// Entropy of Shannon (1948) in nats: 0 of one alone to ln n of n equal ones.
    pub entropy: Option<f64>,
}

/// A remark that belongs to the numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable code.
    pub code: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Note {
    /// A remark in both languages.
    pub fn new(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code: code.into(), zh: zh.into(), en: en.into() }
    }

    /// A remark with the dataset's words in it.
    pub(super) fn filled(words: &Wording, code: &str, zh: &str, en: &str) -> Self {
        let Text { zh, en } = words.text(zh, en);
        Self::new(code, zh, en)
    }
}

/// The city's numbers under the same filter, for comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CityInfo {
    /// Enterprises in the whole city.
    pub count: u64,
}

/// Everything about one zone: what the panel, the report and other programs read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Revision of the data.
    pub revision: String,
    /// Identifier of the dataset.
    pub dataset: String,
    /// Whether the enterprises are invented (示例数据).
    pub sample: bool,
    /// Period of the figures, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The day at whose end the rows are there that are counted, `YYYY-MM-DD`; `null` where the register has no dates (it is
    /// then as it stands, in every year) or the question has a time of its own.
    pub as_of: Option<String>,
    /// Whether secondary clusters count too (含兼属). Clusters then overlap and do not add up.
    pub secondary: bool,
    /// The filter: property -> value, and a CQL2 expression, in its one spelling, under `filter`.
    pub filter: BTreeMap<String, String>,
    /// The districts to whose enterprises the reader is limited; `null` for the whole city.
    pub scope: Option<Text>,
    /// The area.
    pub zone: AreaInfo,
    /// Enterprises.
    pub counts: Counts,
    /// What more than one of the united areas holds; only where areas were united.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    /// Sums by metric id.
    pub totals: Amounts,
    /// How the clusters are read; left out where there is one way only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<ClassReading>,
    /// The clusters in the codelist's order.
    pub clusters: Vec<ClusterRow>,
    /// The mix of classes.
    pub class_mix: ClassMix,
    /// The city under the same filter.
    pub city: CityInfo,
    /// Remarks.
    pub notes: Vec<Note>,
}

/// Enterprises of one cluster in a zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterCount {
    /// Code; `null` for enterprises without a cluster.
    pub code: Option<String>,
    /// What it is where it is no class of the codelist, as in a summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<ClassPart>,
    /// Enterprises.
    pub count: u64,
    /// Sums by metric, where asked for with `statistics=true`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub amounts: Amounts,
}

/// One zone in the list of zones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ZoneRow {
    /// Zone id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Kind.
    pub kind: AreaKind,
    /// Kind of the zone, as `/dataset` lists it; `null` for other areas.
    pub zone_kind: Option<String>,
    /// Id of the zone above it; `null` where there is none.
    pub parent: Option<String>,
    /// Collection that holds the outline; `null` for what no zone holds.
    pub collection: Option<String>,
    /// `official_text`, `reconstruction` or `schematic`.
    pub basis: Option<String>,
    /// `existing`, `planned` or `later`.
    pub status: Option<String>,
    /// Whether the outline is schematic.
    pub schematic: bool,
    /// Where to write the name: longitude, latitude.
    pub label_point: Option<[f64; 2]>,
    /// Box: west, south, east, north.
    pub bbox: Option<[f64; 4]>,
    /// Area in square kilometres.
    pub area_km2: Option<f64>,
    /// Rows of the register under the filter; 0 where a dataset has no register.
    pub count: u64,
    /// Sums by metric.
    pub amounts: Amounts,
    /// Enterprises by cluster.
    pub clusters: Vec<ClusterCount>,
    /// Whether it has enterprises besides that the reader, who is limited to districts, does not see.
    pub partial: bool,
}

/// Zones of a kind, or right below a zone, side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ZoneList {
    /// Revision of the data.
    pub revision: String,
    /// Period of the figures, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The day at whose end the rows are there that are counted, as in [`Summary::as_of`].
    pub as_of: Option<String>,
    /// Whether the zones share no row, so that zones and `rest` add up: to `parent` where there is one, else to `city`.
    pub partition: bool,
    /// The zones.
    pub zones: Vec<ZoneRow>,
    /// The zone above them, where they are the children of one.
    pub parent: Option<ZoneRow>,
    /// What no zone of a partition holds; empty for other kinds.
    pub rest: Vec<ZoneRow>,
    /// The whole city.
    pub city: CityRow,
}

/// The whole city, for comparison with its zones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CityRow {
    /// Enterprises under the filter.
    pub count: u64,
    /// Sums by metric.
    pub amounts: Amounts,
    /// Enterprises by cluster.
    pub clusters: Vec<ClusterCount>,
}

/// A platform that touches a zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlatformRow {
    /// Feature id.
    pub id: String,
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// `existing`, `planned` or `later`, with its date in `status_note`.
    pub status: Option<String>,
    /// Date of the status.
    pub status_note: Option<String>,
    /// `official_text`, `reconstruction` or `schematic`.
    pub basis: Option<String>,
    /// Precision of its position in metres; `null` without position.
    pub precision_m: Option<i64>,
    /// Source.
    pub source: Option<String>,
    /// Enterprises in its schematic area under the same filter; `null` where no area is known.
    pub count: Option<u64>,
    /// Sums by metric in that area; empty where no area is known.
    pub amounts: Amounts,
}
