//! The answers of `core` as the API's description has them: `core` knows neither HTTP nor its descriptions, so each type that
//! leaves the server as JSON is mirrored here. `tests/described.rs` compares the mirrors with real answers.
#![allow(dead_code, reason = "only described here")]
#![allow(clippy::struct_field_names, reason = "members have the names that answers have")]

pub(crate) use crate::data::schema::Text;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One switch of the map: layers that are shown and hidden together.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LayerGroup {
    /// Identifier; `shigu:group` of the layers of the style.
    id: String,
    /// Title.
    title: Text,
    /// Picture of the switch.
    symbol: GroupSymbol,
    /// Whether it is shown at first.
    visible: bool,
}

/// The units of Chinese and English texts for sums that are kept in one unit.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitSpec {
    /// The unit of the metrics.
    unit: Text,
    /// Those of Chinese texts.
    zh: UnitPair,
    /// Those of English texts.
    en: UnitPair,
}

/// Two units between which readers choose.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitPair {
    /// For sums in general.
    large: ScaledUnit,
    /// For single figures.
    small: ScaledUnit,
}

/// A unit that is a multiple of another.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScaledUnit {
    /// Its name.
    name: String,
    /// How many of the metric's unit are one of it.
    factor: f64,
}

/// What the dataset calls its rows, its classes, its whole and its place.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    /// A row of the register.
    row: Term,
    /// An entry of the register's classification.
    class: Term,
    /// Everything that the dataset covers, inside a sentence.
    whole: Text,
    /// The name of the place.
    place: Text,
}

/// The rows of another collection in an area.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountBeside {
    /// Id of the collection.
    collection: String,
    /// Its title.
    title: Text,
    /// What its rows are called, where it is a table; `table` of an address may name it.
    row: Option<Term>,
    /// Its rows in the area.
    count: u64,
    /// Whether the rows are invented (示例数据).
    sample: bool,
}

/// The rows of a table that an indicator counts.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerCount {
    /// The indicator.
    indicator: String,
    /// The zone; empty for the whole.
    zone: String,
    /// Id of the table.
    table: String,
    /// Its title.
    title: Text,
    /// What its rows are called.
    row: Option<Term>,
    /// The condition on its rows, as CQL2 text.
    filter: Option<String>,
    /// Rows that count.
    count: u64,
    /// Whether the rows are invented (示例数据): then they are set against no target.
    sample: bool,
}

/// A countable thing.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Term {
    /// Chinese.
    zh: String,
    /// English, one of them.
    en: String,
    /// English, several of them.
    plural: String,
    /// Chinese measure word between a number and the name.
    counter: String,
}

/// The picture of a layer group.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum GroupSymbol {
    Line,
    Band,
    Node,
    Area,
    Outline,
    Water,
    Square,
    Point,
    Triangle,
    Wedge,
    Star,
    Cross,
}

/// What a collection is for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Districts,
    Zones,
    Layout,
    Platforms,
    Register,
    Lead,
    Base,
    Features,
}

/// The geometries a collection may hold.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum GeometryKind {
    Point,
    Line,
    Polygon,
    Any,
}

/// Type of a property's values.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PropertyType {
    String,
    Integer,
    Number,
    Boolean,
    Date,
    Datetime,
    Strings,
}

/// Whether a figure is of a period or of a moment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MetricKind {
    Flow,
    Stock,
}

/// One code.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodelistEntry {
    /// The code, ASCII.
    code: String,
    /// Its name.
    name: Text,
    /// Code of the entry above it in a hierarchy.
    #[schema(required = false)]
    parent: Option<String>,
    /// One character that stands for it on the map.
    mark: String,
    /// Colour on light ground, `#RRGGBB`.
    color: String,
    /// Colour on dark ground.
    color_dark: String,
    /// Other names in departments' tables.
    #[schema(required = false)]
    aliases: Vec<String>,
}

/// One row of `indicators.csv`.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Indicator {
    /// Identifier of the indicator.
    indicator: String,
    /// Title in Chinese.
    title_zh: String,
    /// Title in English.
    title_en: String,
    /// What is counted, e.g. an industry or its core.
    scope: String,
    /// The scope in English.
    scope_en: String,
    /// Feature id of a district, `province`, or empty for the whole city.
    zone: String,
    /// Year, where stated.
    year: Option<u16>,
    /// The figure.
    value: f64,
    /// Its unit, e.g. 亿元.
    unit: String,
    /// `actual`, `target` or `draft`.
    kind: String,
    /// `eq`, `ge`, `gt` or `approx`.
    comparator: String,
    /// Where the figure stands.
    source: String,
    /// Remarks.
    note: String,
    /// The unit in English; empty where it is written alike.
    unit_en: String,
    /// Where the figure stands, in English; empty where it is written alike.
    source_en: String,
    /// Remarks in English; empty where they are written alike.
    note_en: String,
}

/// A sum over the matched rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct Amount {
    /// The sum; `null` when no row has a value or when it is withheld.
    sum: Option<f64>,
    /// Its unit.
    unit: Text,
    /// The year that it is of; `null` where `period` is no year.
    year: Option<u16>,
    /// The period that it is of: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`); `null` where the metric is not
    /// published for the period in question. Then no row has a value and none lacks one.
    period: Option<String>,
    /// Matched rows that have a value.
    reported: u64,
    /// Matched rows that have none, though the metric is published for that period.
    missing: u64,
    /// Whether the sum is withheld because it, or a related sum, would tell too much of one enterprise.
    withheld: bool,
    /// Whether the sum is of protected figures: each value carries noise, so that no single one can be worked out.
    protected: bool,
    /// What the values are like, where asked for with `statistics=true` and not withheld.
    statistics: Option<Statistics>,
    /// How evenly the values are spread over the rows, where asked for with `spread=true` and not withheld.
    spread: Option<Spread>,
    /// How it changed from the year before, where asked for with `growth=true` and the metric has figures of both years.
    growth: Option<Growth>,
    /// The same from the period right before, of quarters and months.
    growth_on_previous: Option<Growth>,
}

/// What the values behind a sum are like.
#[derive(Serialize, ToSchema)]
pub(crate) struct Statistics {
    /// Mean of the reported values.
    mean: f64,
    /// Lower quartile, interpolated as spreadsheets do.
    q1: f64,
    /// Median.
    median: f64,
    /// Upper quartile.
    q3: f64,
    /// Share of the 3 largest values in the sum, 0 to 1; `null` when the sum is zero.
    top3_share: Option<f64>,
    /// Share of the 10 largest values in the sum.
    top10_share: Option<f64>,
    /// Herfindahl-Hirschman index of the values: the sum of their squared shares, 1 / n of n equal ones to 1 of one alone; `null`
    /// where the sum is not above zero or a value is below.
    hhi: Option<f64>,
}

/// What sort of area a summary is about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AreaKind {
    City,
    Zone,
    Drawn,
    Circle,
    Buffer,
    Nearest,
    Combined,
    Rest,
}

/// The area a summary is about.
#[derive(Serialize, ToSchema)]
pub(crate) struct AreaInfo {
    /// Zone id; `null` for the city and for drawn areas.
    id: Option<String>,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind.
    kind: AreaKind,
    /// Kind of the zone, as `/dataset` lists it; `null` for other areas.
    zone_kind: Option<String>,
    /// The zones above it, the highest first.
    parents: Vec<ZoneName>,
    /// `official_text`, `reconstruction` or `schematic`, where the data says so.
    basis: Option<String>,
    /// `existing`, `planned` or `later`, where the data says so.
    status: Option<String>,
    /// Whether its outline is schematic (示意).
    schematic: bool,
    /// Whether it has enterprises besides that the reader, who is limited to districts, does not see.
    partial: bool,
    /// Area of the outline on the ellipsoid, in square kilometres.
    area_km2: Option<f64>,
    /// Box around it: west, south, east, north in degrees.
    bbox: Option<[f64; 4]>,
    /// Where the outline comes from.
    source: Option<Text>,
    /// The outline as GeoJSON in WGS 84 degrees, where asked for with `outline`; repaired and put together as counted.
    #[schema(value_type = Option<Object>)]
    outline: Option<serde_json::Value>,
}

/// A part of the ground that maps of the whole show in a corner.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inset {
    /// What it shows.
    title: Text,
    /// West, south, east, north.
    bbox: [f64; 4],
}

/// A zone by its names.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneName {
    /// Zone id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    zone_kind: String,
}

/// What more than one of the united areas holds. It is counted once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Overlap {
    /// Enterprises in it, under the filter.
    count: u64,
    /// Its area in square kilometres; `null` where an area has no outline.
    area_km2: Option<f64>,
}

/// How evenly the values behind a sum are spread over the rows: whether few of them make it up.
#[derive(Serialize, ToSchema)]
pub(crate) struct Spread {
    /// Theil's T (1967) of the values above zero, 0 of equal ones to ln n; `null` without any.
    theil: Option<f64>,
    /// Values above zero.
    above: u64,
    /// Values below zero.
    below: u64,
}

/// How a sum changed from an earlier period, like for like: over the rows that have a value in both, with how many rows
/// stand behind the sum of either.
#[derive(Serialize, ToSchema)]
pub(crate) struct Growth {
    /// The earlier period.
    period: String,
    /// Change over the rows that have a value in both periods, 0 for none; `null` where there is none, where the sum was not
    /// above zero, or where it is withheld.
    rate: Option<f64>,
    /// Rows that are there and have a value in both periods.
    both: u64,
    /// Rows that had a value in the earlier period.
    reported: u64,
    /// Rows that were there in the earlier period.
    rows: u64,
    /// Whether the change is withheld because it, or what it could be compared with, would tell too much of one enterprise.
    withheld: bool,
}

/// The properties that say from when and until when a row of the register counts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Valid {
    /// The first day.
    from: Option<String>,
    /// The first day on which it is there no more.
    to: Option<String>,
}

/// How many enterprises, and how they came to be counted here.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counts {
    /// Enterprises counted: each once.
    matched: u64,
    /// Of them, counted because their position lies here (for the city: in some district).
    by_point: u64,
    /// Of them, without position and counted because this is their declared district (for the city: any district).
    by_declared: u64,
    /// Of them, those whose position lies in another district than the declared one.
    mismatch: u64,
    /// Of them, those with a position.
    located: u64,
    /// Of them, those without.
    unlocated: u64,
    /// Of them, those of which no beginning is known, so that they count in every year before their end; `null` where the
    /// register has no dates and every row counts in every year.
    undated: Option<u64>,
}

/// What a line of classes is that is no class of the codelist: `not_further`, enterprises of the class of which no finer
/// class is known; `other`, all classes beside the one in question; `ambiguous`, enterprises whose class is split in the
/// version.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClassPart {
    NotFurther,
    Other,
    Ambiguous,
}

/// A class by code and name.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassName {
    code: String,
    name: Text,
}

/// A version by which classes are read.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassVersion {
    /// Identifier.
    id: String,
    /// Title.
    title: Text,
    /// First day of validity.
    valid_from: Option<String>,
    /// Last day of validity.
    valid_to: Option<String>,
    /// Where the pairs of codes come from.
    source: Text,
    /// Codes that are several in the version.
    split: Vec<SplitCode>,
}

/// A code that is several in a version. Its enterprises are in none of its classes, or only in one above, unless they have a
/// code of the version themselves.
#[derive(Serialize, ToSchema)]
pub(crate) struct SplitCode {
    code: String,
    name: Text,
    to: Vec<SplitPart>,
}

/// One of the codes into which a code is split.
#[derive(Serialize, ToSchema)]
pub(crate) struct SplitPart {
    code: String,
    name: Text,
    /// Share, 0 to 1, where it is known; it is stated, and divides no enterprise.
    share: Option<f64>,
}

/// How the classes of an answer were read.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassReading {
    /// Level: its id, or its number from 1 at the top.
    level: String,
    /// What a class of the level is called.
    level_title: Option<Text>,
    /// The class whose parts are given, under those above it, the topmost first; empty where all classes are in question.
    path: Vec<ClassName>,
    /// The numbers of the class whose parts are given: they make it up. `null` where all classes are in question, and with
    /// secondary clusters, which overlap.
    parent: Option<ClusterRow>,
    /// The version by which the classes are read; `null` for the register's own codes.
    version: Option<ClassVersion>,
}

/// One cluster in the zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClusterRow {
    /// Code; `null` for enterprises without a cluster, and for the classes beside the one in question.
    code: Option<String>,
    /// What it is where it is no class of the codelist.
    #[schema(required = false)]
    part: Option<ClassPart>,
    /// Name.
    name: Text,
    /// One character that stands for it.
    mark: String,
    /// Enterprises.
    count: u64,
    /// Share of the zone's enterprises, 0 to 1; `null` in an empty zone.
    share: Option<f64>,
    /// Sums by metric.
    amounts: BTreeMap<String, Amount>,
    /// Share of the city's enterprises of this cluster, 0 to 1; `null` when the city has none.
    share_of_city: Option<f64>,
    /// Location quotient by enterprises, within the register's own industries: the cluster's share here over its share
    /// in the city. `null` when either is undefined.
    lq: Option<f64>,
    /// How sure the location quotient is; `null` where it says nothing: without one, for the whole, where all rows are of the
    /// cluster.
    lq_test: Option<QuotientTest>,
}

/// What may be said of a location quotient: too few rows (fewer than 10 in the area, or fewer than 5 of the class to be expected
/// there), no significant difference from the whole (the interval holds 1), significantly more, significantly less.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    TooFew,
    NoDifference,
    Above,
    Below,
}

/// How sure a location quotient is.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotientTest {
    /// What may be said; it follows the interval.
    verdict: Verdict,
    /// Rows of the class that the area would have at the share of the whole.
    expected: f64,
    /// Lower end of the 95 % interval; `null` where there are too few rows. Of counts it is that of Clopper and Pearson for the area's
    /// share, over the share of the whole, which is taken as known; of sums that of a bootstrap of the rows, in closed form.
    low: Option<f64>,
    /// Upper end.
    high: Option<f64>,
    /// Two-sided p-value: of counts that of Fisher's exact test, twice the smaller tail; of sums that of the normal distribution.
    p: Option<f64>,
}

/// The mix of classes in the area, by their shares of rows; `null` in an empty area, with secondary classes, and where the parts
/// of one class are in question. It says nothing of how large single rows are: that is `spread` of a sum.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassMix {
    /// Herfindahl-Hirschman index of the classes' shares: 1 / n of n equal ones to 1 of one alone.
    hhi: Option<f64>,
    /// Entropy of Shannon (1948) in nats: 0 of one alone to ln n of n equal ones.
    entropy: Option<f64>,
}

/// A remark that belongs to the numbers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Note {
    /// Stable code.
    code: String,
    /// Chinese.
    zh: String,
    /// English.
    en: String,
}

/// The city's numbers under the same filter, for comparison.
#[derive(Serialize, ToSchema)]
pub(crate) struct CityInfo {
    /// Enterprises in the whole city.
    count: u64,
}

/// Everything about one zone: what the panel, the report and other programs read.
#[derive(Serialize, ToSchema)]
pub(crate) struct Summary {
    /// Revision of the data.
    revision: String,
    /// Identifier of the dataset.
    dataset: String,
    /// Whether the enterprises are invented (示例数据).
    sample: bool,
    /// Year of the figures; `null` where `period` is no year.
    year: Option<u16>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// The day at whose end the rows are there that are counted, `YYYY-MM-DD`; `null` where the register has no dates (it is
    /// then as it stands, in every year) or the question has a time of its own.
    as_of: Option<String>,
    /// Whether secondary clusters count too (含兼属). Clusters then overlap and do not add up.
    secondary: bool,
    /// The filter: property -> value, and a CQL2 expression, in its one spelling, under `filter`.
    filter: BTreeMap<String, String>,
    /// The districts to whose enterprises the reader is limited; `null` for the whole city.
    scope: Option<Text>,
    /// The area.
    zone: AreaInfo,
    /// Enterprises.
    counts: Counts,
    /// What more than one of the united areas holds; only where areas were united.
    overlap: Option<Overlap>,
    /// Sums by metric id.
    totals: BTreeMap<String, Amount>,
    /// How the clusters are read; left out where there is one way only.
    #[schema(required = false)]
    classes: Option<ClassReading>,
    /// The clusters in the codelist's order.
    clusters: Vec<ClusterRow>,
    /// The mix of classes.
    class_mix: ClassMix,
    /// The city under the same filter.
    city: CityInfo,
    /// Remarks.
    notes: Vec<Note>,
    /// Rows of the dataset's other tables, and of its other layers of points, in the area; conditions are not on them.
    beside: Vec<CountBeside>,
}

/// Enterprises of one cluster in a zone.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClusterCount {
    /// Code; `null` for enterprises without a cluster.
    code: Option<String>,
    /// What it is where it is no class of the codelist.
    #[schema(required = false)]
    part: Option<ClassPart>,
    /// Enterprises.
    count: u64,
    /// Sums by metric, where asked for with `statistics=true`.
    #[schema(required = false)]
    amounts: BTreeMap<String, Amount>,
}

/// One zone in the list of zones.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneRow {
    /// Zone id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind.
    kind: AreaKind,
    /// Kind of the zone, as `/dataset` lists it; `null` for other areas.
    zone_kind: Option<String>,
    /// Id of the zone above it; `null` where there is none.
    parent: Option<String>,
    /// Collection that holds the outline; `null` for what no zone holds.
    collection: Option<String>,
    /// `official_text`, `reconstruction` or `schematic`.
    basis: Option<String>,
    /// `existing`, `planned` or `later`.
    status: Option<String>,
    /// Whether the outline is schematic.
    schematic: bool,
    /// Where to write the name: longitude, latitude.
    label_point: Option<[f64; 2]>,
    /// Box: west, south, east, north.
    bbox: Option<[f64; 4]>,
    /// Area in square kilometres.
    area_km2: Option<f64>,
    /// Enterprises under the filter.
    count: u64,
    /// Sums by metric.
    amounts: BTreeMap<String, Amount>,
    /// Enterprises by cluster.
    clusters: Vec<ClusterCount>,
    /// Whether it has enterprises besides that the reader, who is limited to districts, does not see.
    partial: bool,
}

/// Zones of a kind, or right below a zone, side by side.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneList {
    /// Revision of the data.
    revision: String,
    /// Year of the figures; `null` where `period` is no year.
    year: Option<u16>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// The day at whose end the rows are there that are counted, `YYYY-MM-DD`; `null` where the register has no dates.
    as_of: Option<String>,
    /// Whether the zones share no row, so that zones and `rest` add up: to `parent` where there is one, else to `city`.
    partition: bool,
    /// The zones.
    zones: Vec<ZoneRow>,
    /// The zone above them, where they are the children of one.
    parent: Option<ZoneRow>,
    /// What no zone of a partition holds; empty for other kinds.
    rest: Vec<ZoneRow>,
    /// The whole city.
    city: CityRow,
}

/// What a class reaches over.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassRange {
    /// Where it begins; `null` for no lower end.
    from: Option<f64>,
    /// Its largest value; where classes follow each other without gaps, what the next one begins with. `null` for no upper end.
    to: Option<f64>,
    /// Zones in it.
    count: u64,
    /// What it is called, where it is more than its range.
    title: Option<Text>,
}

/// A zone and its class.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneClass {
    /// Zone id.
    id: String,
    /// The value in `unit`; `null` where there is none to show.
    value: Option<f64>,
    /// Place of its class; `null` for zones that are drawn apart.
    class: Option<usize>,
    /// Why it is in no class: `zero`, `missing` or `withheld`.
    apart: Option<Apart>,
    /// What was found of it and its neighbours, where that makes the classes (`cut:moran`).
    moran: Option<ZoneMoran>,
}

/// A zone among its neighbours.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZoneMoran {
    /// Local Moran's I.
    index: f64,
    /// Mean of its neighbours' values.
    around: f64,
    /// Two-sided p-value among random draws.
    p: f64,
    /// The p-value adjusted over all zones.
    q: f64,
}

/// Why a zone is in no class.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(dead_code, reason = "only described")]
pub(crate) enum Apart {
    /// It has none.
    Zero,
    /// Nobody reported a value, or there is nothing to divide by.
    Missing,
    /// The sum would tell too much of one row.
    Withheld,
}

/// The whole city, for comparison with its zones.
#[derive(Serialize, ToSchema)]
pub(crate) struct CityRow {
    /// Enterprises under the filter.
    count: u64,
    /// Sums by metric.
    amounts: BTreeMap<String, Amount>,
    /// Enterprises by cluster.
    clusters: Vec<ClusterCount>,
}

/// What is done with the next area.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SetOp {
    Union,
    Intersection,
    Difference,
}

/// What a profile weighs rows by: one for each, or the values of a metric.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileWeight {
    /// `count`, or the id of the metric.
    id: String,
    /// Title.
    title: Text,
    /// Unit.
    unit: Text,
    /// Decimals that are shown.
    decimals: u8,
}
