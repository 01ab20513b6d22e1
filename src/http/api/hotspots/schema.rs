//! The answers of `/hotspots` as the API's description has them.
#![allow(dead_code, reason = "only described here")]

use crate::http::schemas::{Note, QuotientTest, Text, ZoneName};
use serde::Serialize;
use utoipa::ToSchema;

/// What an answer was made with.
#[derive(Serialize, ToSchema)]
pub(crate) struct HotspotParameter {
    /// Name of the parameter.
    id: String,
    /// Title.
    title: Text,
    /// Value.
    value: f64,
    /// Unit; empty where it has none.
    unit: Text,
    /// How the value was found from the data; `null` where it was given.
    derived: Option<Text>,
}

/// A zone with a number of rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZonePart {
    /// Zone id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    zone_kind: String,
    /// Rows.
    count: u64,
}

/// The class that most rows of a dense area are of.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeadClass {
    /// Code.
    code: String,
    /// Name.
    name: Text,
    /// Rows of it in the area.
    count: u64,
    /// Its share of the rows of the area, 0 to 1.
    share: f64,
    /// Location quotient: that share over the one among all rows in question.
    lq: Option<f64>,
    /// How sure the quotient is.
    lq_test: Option<QuotientTest>,
}

/// Whether the rows of a dense area lie in planned areas.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AreaFinding {
    Planned,
    PartlyPlanned,
    Missed,
    NotCompared,
}

/// A dense area.
#[derive(Serialize, ToSchema)]
pub(crate) struct HotArea {
    /// Its rank by number of rows; `null` where it is withheld.
    rank: Option<u32>,
    /// What it is called: by the zone that most of its rows lie in.
    name: Text,
    /// The zones that its rows lie in.
    zones: Vec<ZonePart>,
    /// Rows; `null` where they are withheld, as everything else is then.
    count: Option<u64>,
    /// Rows with enough others within the distance.
    core: Option<u64>,
    /// Addresses.
    places: Option<u64>,
    /// Area of the outline in square kilometres.
    area_km2: Option<f64>,
    /// Rows to a square kilometre.
    density: Option<f64>,
    /// The class that most rows are of.
    lead: Option<LeadClass>,
    /// Rows in planned areas.
    planned: Option<u64>,
    /// Rows in none.
    missed: Option<u64>,
    /// The planned areas that hold any of its rows.
    in_planned: Vec<ZonePart>,
    /// What is found of it.
    finding: AreaFinding,
    /// Whether it has too few rows to be shown.
    withheld: bool,
}

/// A planned area beside the dense ones.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlannedArea {
    /// Zone id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    zone_kind: String,
    /// Whether its outline is schematic.
    schematic: bool,
    /// `existing`, `planned` or `later`, where the data says so.
    status: Option<String>,
    /// Rows in it.
    count: Option<u64>,
    /// Of them, those in dense areas.
    dense: Option<u64>,
    /// Area in square kilometres, as far as it lies in the area in question.
    area_km2: Option<f64>,
    /// Of that, what lies in no dense area.
    empty_km2: Option<f64>,
    /// Whether it holds no row at all.
    without_rows: bool,
}

/// What may be said of a hexagon.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HexagonHeat {
    Hot,
    Cold,
    Neither,
    Withheld,
}

/// How a hexagon and its neighbours stand to the mean.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LocalMoran {
    HighHigh,
    LowHigh,
    LowLow,
    HighLow,
}

/// A hexagon.
#[derive(Serialize, ToSchema)]
pub(crate) struct HexagonRow {
    /// What may be said at the rate of false discoveries.
    heat: HexagonHeat,
    /// Rows in it; `null` where they are withheld, as everything else is then.
    count: Option<u64>,
    /// Rows to a square kilometre.
    density: Option<f64>,
    /// Neighbours that are compared.
    neighbours: Option<u8>,
    /// Rows in these; `null` where those of any are withheld.
    around: Option<u64>,
    /// Probability that its neighbours hold as many or more by chance.
    upper: Option<f64>,
    /// Probability that they hold as many or fewer.
    lower: Option<f64>,
    /// Two-sided p-value, exact; in two digits where `around` is withheld.
    p: Option<f64>,
    /// The p-value adjusted over all hexagons (Benjamini and Hochberg 1995).
    q: Option<f64>,
    /// Local Moran, where significant.
    quadrant: Option<LocalMoran>,
}

/// How many hexagons there are of each kind.
#[derive(Serialize, ToSchema)]
pub(crate) struct HexagonCounts {
    /// Hexagons compared.
    all: u64,
    /// Hot ones.
    hot: u64,
    /// Cold ones.
    cold: u64,
    /// Rows in hot ones.
    rows_in_hot: u64,
}

/// Ground of one band of densities.
#[derive(Serialize, ToSchema)]
pub(crate) struct DensityBand {
    /// Its number, from 0 of the thinnest.
    band: u32,
    /// From so many rows to a square kilometre.
    from: f64,
    /// To fewer than these.
    to: Option<f64>,
    /// Its ground in square kilometres.
    area_km2: f64,
    /// Rows on it; `null` where they are withheld.
    count: Option<u64>,
}

/// A place denser than all around it.
#[derive(Serialize, ToSchema)]
pub(crate) struct DensityPeak {
    /// Longitude and latitude.
    position: [f64; 2],
    /// Rows to a square kilometre.
    density: f64,
    /// The smallest zone of a partition that holds it.
    zone: Option<ZoneName>,
}

/// The schema of an answer: what comes first, the members of all answers, and its own.
macro_rules! answer {
    ($(#[$about:meta])* $name:ident { $($(#[$doc_first:meta])* $first:ident: $of_first:ty,)* } { $($(#[$doc:meta])* $member:ident: $of:ty,)* }) => {
        $(#[$about])*
        #[derive(Serialize, ToSchema)]
        pub(crate) struct $name {
            $($(#[$doc_first])* $first: $of_first,)*
            /// Revision of the data.
            revision: String,
            /// Year of the rows; `null` where `period` is no year.
            year: Option<u16>,
            /// Period of the rows: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
            period: Option<String>,
            /// Whether the rows are invented (示例数据).
            sample: bool,
            /// The area in question.
            area: Text,
            /// The method, with its source.
            method: Text,
            /// What it was made with.
            parameters: Vec<HotspotParameter>,
            /// Rows in question.
            rows: u64,
            /// Of them, those with a position: what the answer is made of.
            located: u64,
            /// The rule of disclosure: what has fewer rows is withheld; 0 where nothing is.
            minimum: u64,
            /// What is withheld.
            withheld: u64,
            /// Remarks: when not to believe it.
            notes: Vec<Note>,
            $($(#[$doc])* $member: $of,)*
        }
    };
}

/// The schemas of an answer of features and of its features.
macro_rules! features {
    ($(#[$about:meta])* $name:ident, $feature:ident, $row:ty { $($(#[$doc:meta])* $member:ident: $of:ty,)* }) => {
        /// A feature.
        #[derive(Serialize, ToSchema)]
        pub(crate) struct $feature {
            /// `Feature`.
            r#type: String,
            /// Id within the answer.
            id: String,
            /// A `MultiPolygon` in WGS 84 degrees; `null` where it is withheld.
            #[schema(value_type = Option<Object>)]
            geometry: Option<serde_json::Value>,
            /// What it says.
            properties: $row,
        }
        answer!(
            $(#[$about])*
            $name {
                /// `FeatureCollection`.
                r#type: String,
            } {
                $($(#[$doc])* $member: $of,)*
                /// The features.
                features: Vec<$feature>,
            }
        );
    };
}

features!(
    /// Dense areas.
    HotAreasAnswer, HotAreaFeature, HotArea {
        /// The kind of the planned areas; `null` where there are none.
        against: Option<String>,
        /// The kinds that it can be set against.
        kinds: Vec<String>,
        /// Rows in dense areas that are shown.
        dense: u64,
        /// Of the rows in dense areas those in no planned area.
        missed: Option<u64>,
        /// Planned areas that meet the area in question, those with most ground outside of dense areas first.
        planned: Vec<PlannedArea>,
    }
);
features!(
    /// Hot and cold hexagons.
    HotHexagonsAnswer, HexagonFeature, HexagonRow {
        /// The rate of false discoveries at which hexagons are called hot or cold: 0.05.
        false_discovery_rate: f64,
        /// The mean area of a hexagon in square kilometres.
        hexagon_km2: f64,
        /// How many there are.
        hexagons: HexagonCounts,
    }
);
features!(
    /// A surface of densities.
    DensityAnswer, DensityFeature, DensityBand {
        /// Metres between two positions at which the density was found.
        step: f64,
        /// The highest density, rows to a square kilometre.
        highest: Option<f64>,
        /// The peaks, the densest first.
        peaks: Vec<DensityPeak>,
    }
);

/// What is found of the distances within a class.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DistanceFinding {
    Localised,
    Dispersed,
    NoDifference,
}

/// Distances from one to another, in metres.
#[derive(Serialize, ToSchema)]
pub(crate) struct DistanceRange {
    /// The first.
    from: f64,
    /// The last.
    to: f64,
}

/// A function of distances, and what chance gives.
#[derive(Serialize, ToSchema)]
pub(crate) struct DistanceCurve {
    /// The distances in metres.
    distances: Vec<f64>,
    /// Its values.
    observed: Vec<f64>,
    /// Lower end of the band; empty before there are simulations enough.
    low: Vec<f64>,
    /// Upper end.
    high: Vec<f64>,
    /// Where it lies above the band.
    above: Vec<DistanceRange>,
    /// Where it lies below.
    below: Vec<DistanceRange>,
}

answer!(
    /// How the rows of a class stand to each other.
    DistancesAnswer {} {
        /// Code of the class.
        class: String,
        /// Its name.
        name: Text,
        /// Its rows with a position; `null` where they are withheld.
        count: Option<u64>,
        /// Simulations that it is made of so far; 0 where nothing is said.
        simulations: u64,
        /// How many there are to be.
        of: u64,
        /// K-density, to a kilometre; `null` where nothing is said.
        density: Option<DistanceCurve>,
        /// M, how many times the share that the class has of all is found around its rows; `null` where nothing is said, or where there are
        /// too many rows to look at every pair.
        relative: Option<DistanceCurve>,
        /// What is found; `null` before the last simulation and where nothing is said.
        finding: Option<DistanceFinding>,
        /// The finding in a sentence, or why there is none.
        sentence: Text,
    }
);
