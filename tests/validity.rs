//! What counts in a year: rows from their beginning to their end, everywhere alike, compared with a scan over plain values.

use crate::common;

use common::{CLUSTERS, Firm, city, decode, polygon};
use geo::{MultiPolygon, Polygon};
use proptest::prelude::*;
use serde_json::json;
use shigu::core::columns::{ColumnBuilder, ColumnType, Value};
use shigu::core::geometry::mercator::TileId;
use shigu::core::model::{Dataset, Period};
use shigu::core::query::{BaseArea, Disclosure, Embedded, Engine, Interval, Question, Summary};
use shigu::core::snapshot::Snapshot;
use shigu::render::tiles::{Grid, encode};
use std::collections::BTreeSet;

const YEARS: [u16; 3] = [2023, 2024, 2025];

/// An enterprise with the days of its beginning and end, as texts.
#[derive(Clone, Debug)]
struct Dated {
    firm: Firm,
    from: Option<String>,
    to: Option<String>,
    before: Option<i64>,
}

/// Days around the ends of the years, where rules differ.
fn day() -> impl Strategy<Value = String> {
    let months = prop::sample::select(vec!["01-01", "01-02", "06-30", "12-30", "12-31"]);
    (2022u16..2027, months).prop_map(|(year, day)| format!("{year}-{day}"))
}

fn square(x: i32, y: i32, side: i32) -> Polygon<f64> {
    let at = |x: i32, y: i32| (119.0 + f64::from(x) / 8.0, 29.0 + f64::from(y) / 8.0);
    polygon(&[vec![at(x, y), at(x + side, y), at(x + side, y + side), at(x, y + side), at(x, y)]])
}

fn districts() -> Vec<Polygon<f64>> {
    vec![square(0, 0, 8), square(8, 0, 8), square(0, 8, 8)]
}

/// The district in which a point off all borders lies.
fn district_of((x, y): (f64, f64)) -> Option<usize> {
    let side = |v: f64, origin: f64| ((v - origin) / 1.0).floor() as i32;
    match (side(x, 119.0), side(y, 29.0)) {
        (0, 0) => Some(0),
        (1, 0) => Some(1),
        (0, 1) => Some(2),
        _ => None,
    }
}

fn dated() -> impl Strategy<Value = Dated> {
    // between the lines of the lattice
    let at = proptest::option::weighted(0.85, (-2i32..34, -2i32..34));
    let at = at.prop_map(|at| at.map(|(x, y)| (119.03 + f64::from(x) / 16.0, 29.03 + f64::from(y) / 16.0)));
    let figures =
        (proptest::option::weighted(0.8, -500i64..9_000_000), proptest::option::weighted(0.8, -500i64..9_000_000));
    let dates = (proptest::option::weighted(0.8, day()), proptest::option::weighted(0.5, day()));
    let declared = proptest::option::weighted(0.8, 0usize..3);
    (at, declared, proptest::option::weighted(0.9, 0usize..3), figures, dates).prop_map(
        |(at, declared, cluster, (cents, before), (from, to))| Dated {
            firm: Firm { at, declared, cluster, secondary: vec![], cents, staff: Some(1) },
            from,
            to,
            before,
        },
    )
}

/// The city of `common` with dates of the register, whose `revenue` has figures of three years: the two earlier ones in a
/// column of their own.
fn dataset(rows: &[Dated], years: bool) -> Dataset {
    let firms: Vec<Firm> = rows.iter().map(|row| row.firm.clone()).collect();
    let mut dataset = city(&districts(), &[], &firms);
    let spec = &mut dataset.manifest.collections[2];
    let ty = if years { "integer" } else { "date" };
    for name in ["opened", "shut"] {
        let property = json!({"name": name, "title": {"zh": name, "en": name}, "type": ty});
        spec.properties.push(serde_json::from_value(property).unwrap());
    }
    let before =
        json!({"name": "before", "title": {"zh": "b", "en": "b"}, "type": "number", "decimals": 2, "restricted": true});
    spec.properties.push(serde_json::from_value(before).unwrap());
    let register = spec.register.as_mut().unwrap();
    register.valid = Some(serde_json::from_value(json!({"from": "opened", "to": "shut"})).unwrap());
    register.metrics[0].columns = [(2023, "before"), (2024, "before"), (2025, "revenue")]
        .map(|(year, name)| (Period::Year(year), name.to_owned()))
        .into();
    register.metrics[1].columns = YEARS.map(|year| (Period::Year(year), "staff".to_owned())).into();
    for end in [false, true] {
        let mut column = ColumnBuilder::new(if years { ColumnType::Integer } else { ColumnType::Text });
        for row in rows {
            let day = if end { &row.to } else { &row.from };
            let value = match day {
                Some(day) if years => Value::Integer(day[..4].parse().unwrap()),
                Some(day) => Value::Text(day),
                None => Value::Null,
            };
            column.push(value).unwrap();
        }
        dataset.tables[2].columns.push(column.finish());
    }
    let mut column = ColumnBuilder::new(ColumnType::Decimal(2));
    rows.iter().for_each(|row| column.push(row.before.map_or(Value::Null, |b| Value::Decimal(b, 2))).unwrap());
    dataset.tables[2].columns.push(column.finish());
    dataset
}

/// The rule, in texts: there at the end of the year. Of years only the year itself is known.
fn there(row: &Dated, year: u16, years: bool) -> bool {
    if years {
        let number = |day: &String| day[..4].parse::<u16>().unwrap();
        return row.from.as_ref().is_none_or(|day| number(day) <= year)
            && row.to.as_ref().is_none_or(|day| number(day) > year);
    }
    let last = format!("{year}-12-31");
    row.from.as_ref().is_none_or(|day| *day <= last) && row.to.as_ref().is_none_or(|day| *day > last)
}

fn figure(row: &Dated, year: u16) -> Option<i64> {
    if year == 2025 { row.firm.cents } else { row.before }
}

#[allow(clippy::float_cmp, reason = "sums are exact, that is the point")]
fn same(s: &Summary, rows: &[&Dated], year: u16) {
    assert_eq!(s.counts.matched, rows.len() as u64);
    assert_eq!(s.counts.undated, Some(rows.iter().filter(|r| r.from.is_none()).count() as u64));
    let figures: Vec<i64> = rows.iter().filter_map(|r| figure(r, year)).collect();
    let revenue = &s.totals["revenue"];
    assert_eq!((revenue.reported, revenue.missing), (figures.len() as u64, (rows.len() - figures.len()) as u64));
    assert_eq!(revenue.sum.unwrap_or(0.0), figures.iter().sum::<i64>() as f64 / 100.0);
    for (place, cluster) in s.clusters.iter().enumerate() {
        let of = rows.iter().filter(|r| r.firm.cluster.unwrap_or(CLUSTERS.len()) == place).count();
        assert_eq!(cluster.count, of as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Counts, sums, lists, zones, tiles and search are of the rows that a scan finds there at the end of the year.
    #[test]
    fn a_year_has_the_rows_that_were_there(
        rows in proptest::collection::vec(dated(), 0..300),
        year in proptest::option::of(prop::sample::select(YEARS.to_vec())),
        cluster in proptest::option::of(0usize..3),
        years: bool,
    ) {
        let engine = Embedded::from(Snapshot::new(dataset(&rows, years)));
        let base = Question::register().in_year(year);
        let question = match cluster {
            Some(c) => base.having("cluster", CLUSTERS[c]),
            None => base,
        };
        let (asked, year) = (year, year.unwrap_or(2025));
        let chosen = |row: &&Dated| cluster.is_none_or(|c| row.firm.cluster == Some(c));
        let here: Vec<&Dated> = rows.iter().filter(|row| there(row, year, years)).filter(chosen).collect();
        let bound = engine.bind(&question, Disclosure::Full).unwrap();
        let summary = bound.summarize().unwrap();
        same(&summary, &here, year);
        prop_assert_eq!(summary.as_of, Some(format!("{year}-12-31")));
        prop_assert_eq!(bound.count(), here.len());
        // asked again in its one spelling it is the same
        let again = engine.bind(bound.question(), Disclosure::Full).unwrap();
        prop_assert_eq!(again.count(), here.len());

        // like for like: there and with a value in both years
        let grown = engine.bind(&question.clone().with_growth(true), Disclosure::Full).unwrap().summarize().unwrap();
        let growth = grown.totals["revenue"].growth.clone();
        prop_assert_eq!(growth.is_some(), year > YEARS[0]);
        if let Some(growth) = growth {
            let then: Vec<&Dated> = rows.iter().filter(|row| there(row, year - 1, years)).filter(chosen).collect();
            let both = here.iter().filter(|row| there(row, year - 1, years));
            let both: Vec<(i64, i64)> = both.filter_map(|r| figure(r, year).zip(figure(r, year - 1))).collect();
            let sums = both.iter().fold((0, 0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
            prop_assert_eq!((growth.period, growth.both), (Period::Year(year - 1), both.len() as u64));
            prop_assert_eq!(growth.rows, then.len() as u64);
            prop_assert_eq!(growth.reported, then.iter().filter(|r| figure(r, year - 1).is_some()).count() as u64);
            prop_assert_eq!(growth.rate.is_some(), sums.1 > 0);
            if let Some(rate) = growth.rate {
                let right = sums.0 as f64 / sums.1 as f64 - 1.0;
                prop_assert!((rate - right).abs() <= 1e-9 * right.abs().max(1.0), "{} {}", rate, right);
            }
        }

        let ids: BTreeSet<String> = (0..rows.len()).filter(|&i| there(&rows[i], year, years) && chosen(&&rows[i])).map(|i| format!("F{i}")).collect();
        let page = bound.select(0, usize::MAX);
        let found: BTreeSet<String> = page.rows().iter().map(|&r| page.table().ids.value(r as usize).to_owned()).collect();
        prop_assert_eq!(found, ids);

        let kind = engine.describe().district_kind().map(|k| k.id.clone());
        let zones = engine.bind(&question.clone().of_kind(kind), Disclosure::Full).unwrap().zones().unwrap();
        for (place, zone) in zones.zones.iter().enumerate() {
            let of = here.iter().filter(|r| r.firm.at.map_or(r.firm.declared, district_of) == Some(place));
            let of: Vec<&Dated> = of.copied().collect();
            prop_assert_eq!(zone.count, of.len() as u64);
            let one = engine.bind(&question.clone().in_zone(format!("D{place}")), Disclosure::Full).unwrap();
            same(&one.summarize().unwrap(), &of, year);
        }
        prop_assert_eq!(zones.zones.iter().chain(&zones.rest).map(|z| z.count).sum::<u64>(), zones.city.count);
        prop_assert_eq!(zones.city.count, here.len() as u64);

        let drawn = BaseArea::Polygon(shigu::core::geometry::Surface::new(MultiPolygon(vec![square(4, 0, 8)])).unwrap());
        let inside = |p: (f64, f64)| p.0 >= 119.5 && p.0 < 120.5 && p.1 >= 29.0 && p.1 < 30.0;
        let of: Vec<&Dated> = here.iter().filter(|r| r.firm.at.is_some_and(inside)).copied().collect();
        same(&engine.bind(&question.clone().within(drawn), Disclosure::Full).unwrap().summarize().unwrap(), &of, year);

        let located = here.iter().filter(|r| r.firm.at.is_some()).count() as u64;
        for grid in [Grid::Auto, Grid::new(8).unwrap()] {
            let layers = decode(&encode(std::slice::from_ref(&bound), TileId::new(0, 0, 0).unwrap(), grid));
            let features = layers.get("firms").and_then(|f| f.as_array()).cloned().unwrap_or_default();
            prop_assert_eq!(features.iter().map(|f| f["properties"]["n"].as_u64().unwrap_or(1)).sum::<u64>(), located);
        }
        let all = rows.iter().filter(|row| there(row, year, years)).count();
        prop_assert_eq!(engine.search("企业", 5, asked.map(Period::Year)).total, all);
    }

    /// A question with a time of its own has the rows of that time, whatever the latest year is.
    #[test]
    fn a_time_has_the_rows_that_were_there_in_it(
        rows in proptest::collection::vec(dated(), 0..200),
        from in proptest::option::of(day()),
        to in proptest::option::of(day()),
    ) {
        let engine = Embedded::from(Snapshot::new(dataset(&rows, false)));
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) if from > to => (Some(to), Some(from)),
            ends => ends,
        };
        let text = format!("{}/{}", from.as_deref().unwrap_or(".."), to.as_deref().unwrap_or(".."));
        let Some(interval) = Interval::parse(&text) else { return Ok(()) };
        let bound = engine.bind(&Question::register().during(interval), Disclosure::Full).unwrap();
        let of = |row: &&Dated| {
            let begun = row.from.as_ref().zip(to.as_ref()).is_none_or(|(day, to)| day <= to);
            begun && row.to.as_ref().zip(from.as_ref()).is_none_or(|(day, from)| day > from)
        };
        prop_assert_eq!(bound.count(), rows.iter().filter(of).count());
        let again = engine.bind(bound.question(), Disclosure::Full).unwrap();
        prop_assert_eq!(again.count(), bound.count());
    }
}

/// A register without dates is as it stands in every year, and says so.
#[test]
fn without_dates_the_register_is_as_it_stands() {
    let rows = dated().prop_map(|row| row).new_tree(&mut proptest::test_runner::TestRunner::deterministic()).unwrap();
    let row = proptest::strategy::ValueTree::current(&rows);
    let mut dataset = dataset(&vec![row; 4], false);
    dataset.manifest.collections[2].register.as_mut().unwrap().valid = None;
    let engine = Embedded::from(Snapshot::new(dataset));
    for year in YEARS {
        let bound = engine.bind(&Question::register().in_year(Some(year)), Disclosure::Full).unwrap();
        let summary = bound.summarize().unwrap();
        assert_eq!((summary.counts.matched, summary.counts.undated, &summary.as_of), (4, None, &None));
        assert!(summary.notes.iter().any(|note| note.code == "as-it-stands"));
    }
}
