//! Where the rows of a question lie close together: dense areas (`areas`), hot and cold hexagons (`hexagons`), densities (`surface`), and
//! whether one class stands closer together than chance (`distances`).
//! Each answer is a GeoJSON collection that says what it is of, how it was made and when not to believe it. What has fewer rows
//! behind it than the rule of disclosure is withheld, and enters no share, rank or picture.

mod areas;
mod distances;
mod hexagons;
mod places;
mod surface;

pub use areas::{AreaFinding, HotArea, HotAreas, LeadClass, PlannedArea, ZonePart, hot_areas, watched_areas};
pub use distances::{ClassDistances, DistanceChoice, DistanceCurve, DistanceFinding, DistanceRange, class_distances};
pub use hexagons::{HexagonCounts, HexagonHeat, HexagonRow, HexagonSummary, HotHexagons, hot_hexagons};
pub use surface::{DensityBand, DensityPeak, DensitySurface, density};

pub(super) use places::Places;

use super::answer::Note;
use super::engine::Bound;
use super::feature::write_geometry;
use super::query_error::QueryError;
use crate::cancel;
use crate::model::{DisclosureRules, Period, Text, year_and_period};
use geo::MultiPolygon;
use places::Input;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// All three answers about the rows of a question, from one look at them.
#[derive(Clone, Debug, PartialEq)]
pub struct Hotspots {
    /// Dense areas.
    pub areas: HotAreas,
    /// How many hexagons are hot and cold, without their outlines.
    pub hexagons: HexagonSummary,
    /// The density.
    pub density: DensitySurface,
}

/// Dense areas, hexagons and density of the rows of a question; the same as each by itself says.
pub fn hotspots(bound: &Bound, choice: &HotspotChoice) -> Result<Hotspots, QueryError> {
    let input = Input::of(bound)?;
    let (areas, (hexagons, density)) = cancel::both(
        || areas::areas(&input, choice),
        || (hexagons::summary(&input, choice), surface::surface(&input, choice)),
    );
    Ok(Hotspots { areas: areas?, hexagons, density: density? })
}

/// With fewer rows that have a position there is nothing to say.
pub const LEAST_LOCATED: usize = 30;

/// How dense areas are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DenseMethod {
    /// By one distance: what is denser than it says is dense.
    #[default]
    Dbscan,
    /// By what persists as densities grow: areas of unlike densities.
    Hdbscan,
}

/// What a reader chose; `None` is found from the data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HotspotChoice {
    /// How dense areas are found.
    pub method: DenseMethod,
    /// Metres within which rows are neighbours, of dense areas by DBSCAN.
    pub distance: Option<f64>,
    /// How many rows must lie within the distance of one, itself counted.
    pub least: Option<u32>,
    /// Rows of an area at least, by HDBSCAN*.
    pub smallest: Option<u32>,
    /// Kind of the zones that dense areas are set against.
    pub against: Option<String>,
    /// Resolution of H3.
    pub resolution: Option<u8>,
    /// Bandwidth of the density in metres.
    pub bandwidth: Option<f64>,
}

/// A choice beyond what can be answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HotspotFault {
    /// The parameter.
    pub parameter: &'static str,
    /// The least that it can be.
    pub low: f64,
    /// The most.
    pub high: f64,
}

impl HotspotChoice {
    /// The first parameter that is out of bounds.
    pub fn fault(&self) -> Option<HotspotFault> {
        let least = self.least.map(f64::from);
        let resolution = self.resolution.map(f64::from);
        let all = [
            ("distance", self.distance, 10.0, 50_000.0),
            ("least", least, 2.0, 100_000.0),
            ("smallest", self.smallest.map(f64::from), 2.0, 100_000.0),
            ("resolution", resolution, 3.0, 10.0),
            ("bandwidth", self.bandwidth, 50.0, 100_000.0),
        ];
        // what compares with nothing is no number
        let out =
            |(_, value, low, high): &(_, Option<f64>, f64, f64)| value.is_some_and(|v| !(*low..=*high).contains(&v));
        all.into_iter().find(out).map(|(parameter, _, low, high)| HotspotFault { parameter, low, high })
    }
}

/// What an answer was made with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HotspotParameter {
    /// What the address calls it.
    pub id: &'static str,
    /// Title.
    pub title: Text,
    /// Value.
    pub value: f64,
    /// Unit; empty where it has none.
    pub unit: Text,
    /// How the value was found from the data; `null` where the reader chose it.
    pub derived: Option<Text>,
}

/// What every answer says of itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HotspotHead {
    /// Revision of the data.
    pub revision: String,
    /// Period of the rows, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// Whether the rows are invented (示例数据).
    pub sample: bool,
    /// The area in question.
    pub area: Text,
    /// The method, with its formula's source.
    pub method: Text,
    /// What it was made with.
    pub parameters: Vec<HotspotParameter>,
    /// Rows in question.
    pub rows: u64,
    /// Of them, those with a position: what the answer is made of.
    pub located: u64,
    /// The rule of disclosure: what has fewer rows behind it is withheld; 0 where nothing is.
    pub minimum: u64,
    /// Features that are withheld.
    pub withheld: u64,
    /// Remarks: when not to believe it.
    pub notes: Vec<Note>,
}

/// A feature of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HotspotFeature<P> {
    /// `Feature`.
    #[serde(rename = "type")]
    pub kind: FeatureWord,
    /// Its id within the answer.
    pub id: String,
    /// Outline in WGS 84 degrees; `null` where it is withheld.
    #[serde(serialize_with = "outline")]
    pub geometry: Option<MultiPolygon<f64>>,
    /// What it says.
    pub properties: P,
}

impl<P> HotspotFeature<P> {
    fn new(id: String, geometry: Option<MultiPolygon<f64>>, properties: P) -> Self {
        Self { kind: FeatureWord::Feature, id, geometry, properties }
    }
}

/// The type of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum FeatureWord {
    /// A feature of GeoJSON.
    Feature,
}

/// The type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum CollectionWord {
    /// A collection of GeoJSON.
    FeatureCollection,
}

/// An outline as GeoJSON, written as features of collections are.
#[expect(clippy::ref_option, reason = "the form that serde calls")]
fn outline<S: Serializer>(shape: &Option<MultiPolygon<f64>>, serializer: S) -> Result<S::Ok, S::Error> {
    let written = |shape: &MultiPolygon<f64>| {
        // an answer of a hundred thousand outlines is written for a while
        cancel::check();
        let mut out = Vec::new();
        write_geometry(&mut out, &shape.clone().into());
        let text = String::from_utf8(out).map_err(S::Error::custom)?;
        RawValue::from_string(text).map_err(S::Error::custom)
    };
    shape.as_ref().map(written).transpose()?.serialize(serializer)
}

/// What may be said of a number of rows: none, or enough of them.
#[derive(Clone, Copy, Debug)]
struct Gate(u64);

impl Gate {
    /// The rule for the reader of a question.
    fn of(bound: &Bound) -> Self {
        let register = bound.describe().register().and_then(|c| c.spec.register.as_ref());
        let rules = register.map_or_else(DisclosureRules::default, |r| r.disclosure);
        Self(bound.disclosure().minimum(&rules))
    }

    /// Whether a number of rows may be said.
    fn lets(self, rows: u64) -> bool {
        rows == 0 || rows >= self.0
    }

    /// The number, where it may be said.
    fn said(self, rows: u64) -> Option<u64> {
        self.lets(rows).then_some(rows)
    }
}

/// Remarks with the dataset's words in them.
struct Notes<'a> {
    bound: &'a Bound,
    list: Vec<Note>,
}

impl<'a> Notes<'a> {
    fn new(bound: &'a Bound) -> Self {
        Self { bound, list: vec![] }
    }

    fn add(&mut self, code: &str, zh: &str, en: &str) {
        self.list.push(Note::filled(&self.bound.describe().wording(), code, zh, en));
    }

    /// What is so of all answers.
    fn common(&mut self, (rows, located): (u64, u64), minimum: u64) {
        if located < rows {
            let n = (rows - located).to_string();
            let (zh, en) = (
                "N {counter}{row}没有坐标,不在其中。".replacen('N', &n, 1),
                "N {rows} have no position and are not part of it.".replacen('N', &n, 1),
            );
            self.add("unlocated", &zh, &en);
        }
        if (located as usize) < LEAST_LOCATED {
            let n = LEAST_LOCATED.to_string();
            let (zh, en) = (
                "有坐标的{row}不足 N {counter},样本过少,不作分析。".replacen('N', &n, 1),
                "Fewer than N {rows} have a position: too few to say anything.".replacen('N', &n, 1),
            );
            self.add("too-few", &zh, &en);
        }
        if minimum > 1 {
            let n = minimum.to_string();
            let (zh, en) = (
                "{row}不足 N {counter}的格或片,按统计保密要求不显示,也不计入比例、排名和图。".replacen('N', &n, 1),
                "What has fewer than N {rows} is withheld for confidentiality, and enters no share, rank or picture."
                    .replacen('N', &n, 1),
            );
            self.add("withheld", &zh, &en);
        }
        if self.bound.describe().scope.is_some() {
            self.add(
                "limited",
                "只含您有权查看的{zone}的{row}:在其边界之外的{row}不知道,边界附近会偏低。",
                "Made of the {rows} of your own {zones} only: those beyond are not known, so that it is too low near the border.",
            );
        }
        self.add(
            "places",
            "密集只说明{row}彼此靠近,不说明彼此有关,也不说明原因;位置是登记的位置,不一定是生产的位置。",
            "Dense means close together, not linked, and names no cause; positions are those of registration, not always those of work.",
        );
    }
}

/// The head of an answer.
fn head(
    bound: &Bound,
    method: Text,
    parameters: Vec<HotspotParameter>,
    counted: (u64, u64),
    withheld: u64,
    notes: Notes<'_>,
) -> HotspotHead {
    let area = bound.area();
    let about = bound.describe();
    HotspotHead {
        revision: about.revision.clone(),
        period: bound.period(),
        sample: about.sample(),
        area: Text { zh: area.name, en: area.name_en },
        method,
        parameters,
        rows: counted.0,
        located: counted.1,
        minimum: Gate::of(bound).0,
        withheld,
        notes: notes.list,
    }
}

/// Refuses a question about anything but the register.
fn of_register(bound: &Bound) -> Result<(), QueryError> {
    let about = bound.describe();
    let Some(register) = about.register.as_ref() else { return Err(QueryError::NoRegister) };
    if register.collection == bound.collection() {
        return Ok(());
    }
    let id = |place: usize| about.collections[place].spec.id.clone();
    Err(QueryError::UnknownCollection { id: id(bound.collection()), known: id(register.collection) })
}
