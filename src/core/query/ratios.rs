//! Ratios of sums of two metrics, which may be of two tables, by zone: floor per person, turnover per hectare.
//!
//! Each is the quotient of two sums that `/zones` of the two tables gives to the same reader; where either is withheld there is none.

use super::answer::{Amount, Note, ZoneList, ZoneName, ZoneRow};
use super::engine::Bound;
use super::profile::kind_of;
use super::query_error::QueryError;
use super::question::Question;
use crate::model::{Period, RatioPart, RatioSpec, Text, year_and_period};
use serde::Serialize;
use std::collections::HashMap;

/// A ratio in a zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ZoneRatio {
    /// The zone; without an id for the whole.
    #[serde(flatten)]
    pub zone: ZoneName,
    /// What is divided; `null` where no row has a value or it is withheld.
    pub of: Option<f64>,
    /// What it is divided by.
    pub per: Option<f64>,
    /// The ratio; `null` where either is not known, or it is divided by 0.
    pub value: Option<f64>,
    /// Whether either sum is withheld.
    pub withheld: bool,
}

/// A ratio of sums by zone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit.
    pub unit: Text,
    /// Decimals that are printed.
    pub decimals: u8,
    /// The tables of both sums.
    pub tables: [String; 2],
    /// The period of what is divided, as `year`, where it is one, and `period`.
    #[serde(flatten, serialize_with = "year_and_period")]
    pub period: Option<Period>,
    /// The period of what it is divided by, where it is another one.
    pub other_period: Option<Period>,
    /// Whether rows of either table are invented (示例数据).
    pub sample: bool,
    /// The whole; `null` for a reader who is limited to some zones.
    pub whole: Option<ZoneRatio>,
    /// The zones.
    pub zones: Vec<ZoneRatio>,
}

/// The ratios that a dataset states, in the zones of a kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RatioTable {
    /// Revision of the data.
    pub revision: String,
    /// The kind of the zones.
    pub zone_kind: String,
    /// The ratios.
    pub ratios: Vec<Ratio>,
    /// Rules and cautions.
    pub notes: Vec<Note>,
}

/// The ratios that the dataset states, in the zones of the question's kind and of its period. The latest of each metric where a table has
/// no figures of it.
pub fn ratios(bound: &Bound) -> Result<RatioTable, QueryError> {
    let (about, kind) = (bound.describe(), kind_of(bound));
    let mut lists: Vec<(&str, ZoneList, bool)> = Vec::new();
    let mut list = |part: &'_ RatioPart| -> Result<usize, QueryError> {
        if let Some(place) = lists.iter().position(|(table, ..)| *table == part.table) {
            return Ok(place);
        }
        let table = about.tables.iter().find(|table| table.id == part.table).ok_or(QueryError::NoRegister)?;
        let question = Question::of(&*table.id).of_kind(Some(kind.clone()));
        // tables have periods of their own
        let dated = question.clone().in_period(bound.question().period());
        let bound = bound.ask(&dated).or_else(|_| bound.ask(&question))?;
        lists.push((&table.id, bound.zones()?, table.spec.sample));
        Ok(lists.len() - 1)
    };
    let mut places = Vec::new();
    for spec in &about.manifest.ratios {
        places.push([list(&spec.of)?, list(&spec.per)?]);
    }
    let ratios = about.manifest.ratios.iter().zip(places);
    let ratios =
        ratios.map(|(spec, [of, per])| ratio(spec, [&lists[of], &lists[per]], about.scope.is_some())).collect();
    let words = about.wording();
    let note = |code, zh, en| Note::filled(&words, code, zh, en);
    let mut notes = vec![note(
        "ratios",
        "比值为两个合计之比,不是各行比值的平均;任一合计不公开的没有比值,两个合计的时期不同的另行注明。",
        "A ratio is one sum over another, not a mean of the rows' ratios. Where either is withheld there is none; sums of different periods are said to be so.",
    )];
    if about.scope.is_some() {
        notes.push(note("scope", "只含您权限范围内的{zone}。", "Only your own {zones} are shown."));
    }
    Ok(RatioTable { revision: about.revision.clone(), zone_kind: kind, ratios, notes })
}

fn ratio(spec: &RatioSpec, lists: [&(&str, ZoneList, bool); 2], limited: bool) -> Ratio {
    let names = [&spec.of.metric, &spec.per.metric];
    let divided = |zone: ZoneName, amounts: [Option<&Amount>; 2]| {
        let [of, per] = amounts.map(|amount| amount.and_then(|amount| amount.sum));
        let value = of.zip(per).filter(|(_, per)| *per != 0.0).map(|(of, per)| of / per * spec.factor);
        let withheld = amounts.iter().flatten().any(|amount| amount.withheld);
        ZoneRatio { zone, of, per, value, withheld }
    };
    let [of, per] = lists.map(|(_, list, _)| list);
    let others: HashMap<&str, &ZoneRow> = per.zones.iter().map(|zone| (&*zone.id, zone)).collect();
    let zones = of.zones.iter().filter(|zone| zone.zone_kind.is_some());
    let zones = zones.map(|zone| {
        let other = others.get(&*zone.id);
        let zone_kind = zone.zone_kind.clone().unwrap_or_default();
        let name = ZoneName { id: zone.id.clone(), name: zone.name.clone(), name_en: zone.name_en.clone(), zone_kind };
        divided(name, [zone.amounts.get(names[0]), other.and_then(|other| other.amounts.get(names[1]))])
    });
    let whole = ZoneName { id: String::new(), name: String::new(), name_en: String::new(), zone_kind: String::new() };
    let whole_of = divided(whole, [of.city.amounts.get(names[0]), per.city.amounts.get(names[1])]);
    let period = |list: &ZoneList, name: &str| list.city.amounts.get(name).and_then(|amount| amount.period);
    let [own, other] = [period(of, names[0]), period(per, names[1])];
    Ratio {
        id: spec.id.clone(),
        title: spec.title.clone(),
        unit: spec.unit.clone(),
        decimals: spec.decimals,
        tables: [spec.of.table.clone(), spec.per.table.clone()],
        period: own,
        other_period: other.filter(|other| Some(*other) != own),
        sample: lists.iter().any(|(_, _, sample)| *sample),
        whole: (!limited).then_some(whole_of),
        zones: zones.collect(),
    }
}
