//! Ranks and series: each value is the one of `/choropleth` or `/summary` of its period, ranks are those of a plain count, and what
//! is withheld or not reported has none.

use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::collections::BTreeSet;

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap()
}

/// One more than there are larger values; of a value and why it is apart. Where all there are are none of the thing, none is first.
fn rank(value: &Value, among: &[&Value]) -> Value {
    let none = |of: &Value| of["value"].is_null() || of["apart"] == "zero";
    if among.iter().all(|other| none(other)) {
        return Value::Null;
    }
    let Some(value) = value["value"].as_f64() else { return Value::Null };
    json!(among.iter().filter_map(|other| other["value"].as_f64()).filter(|other| *other > value).count() + 1)
}

struct Seen {
    withheld: usize,
    gaps: usize,
    moved: usize,
    shares: usize,
}

/// Compares `/zones/ranking` with one `/choropleth` for each period.
async fn compare(s: &Service, about: &str, figure: &str, seen: &mut Seen) {
    let uri = |what: &str, period: &str, figure: &str| format!("{what}?{about}{period}&choropleth={figure}");
    let answer = s.json(&uri("/zones/ranking", "", figure)).await;
    let zones = list(&answer, "zones");
    assert!(!zones.is_empty());
    let shown = answer["period"].as_str().map(str::to_owned);
    let still: Vec<&str> = about.split('&').filter(|p| !p.starts_with("period") && !p.starts_with("year")).collect();
    for (place, period) in list(&answer, "periods").iter().enumerate() {
        let period = period.as_str().unwrap();
        let one = s.get(&format!("/choropleth?{}&period={period}&choropleth={figure}", still.join("&"))).await;
        for (i, zone) in zones.iter().enumerate() {
            let here = &zone["values"][place];
            let asked = answer["by_period"] == true || shown.as_deref() == Some(period);
            if one.status != 200 || !asked {
                assert_eq!(here, &json!({"value": null, "apart": "missing"}), "{about} {figure} {period}");
                continue;
            }
            let there = &one.json()["zones"][i];
            assert_eq!((&zone["id"], &here["value"]), (&there["id"], &there["value"]), "{about} {figure} {period}");
            assert_eq!(here["apart"], there["apart"]);
            seen.withheld += usize::from(here["apart"] == "withheld");
            seen.gaps += usize::from(here["apart"] == "missing");
            if shown.as_deref() == Some(period) {
                assert_eq!((&zone["value"], &zone["apart"]), (&there["value"], &there["apart"]));
            }
        }
    }
    let now: Vec<&Value> = zones.iter().collect();
    let previous = list(&answer, "periods").iter().position(|p| *p == answer["previous"]);
    let then: Option<Vec<&Value>> = previous.map(|p| zones.iter().map(|z| &z["values"][p]).collect());
    for (i, zone) in zones.iter().enumerate() {
        assert_eq!(zone["rank"], rank(now[i], &now), "{about} {figure}");
        assert_eq!(zone["rank_before"], then.as_ref().map_or(Value::Null, |then| rank(then[i], then)));
        assert!(
            zone["apart"] != "withheld" || [&zone["rank"], &zone["share"], &zone["value"]].iter().all(|v| v.is_null())
        );
        seen.moved += usize::from(zone["rank_before"].is_u64() && zone["rank"] != zone["rank_before"]);
    }
    assert_eq!(answer["ranked"], zones.iter().filter(|zone| zone["rank"].is_u64()).count());
    let of_values = !figure.contains("as:");
    if of_values {
        let separator = if figure.is_empty() { "" } else { "," };
        let shares = s.json(&uri("/choropleth", "", &format!("{figure}{separator}as:share"))).await;
        for (zone, of) in zones.iter().zip(list(&shares, "zones")) {
            assert_eq!(zone["share"], of["value"], "{about} {figure}");
            seen.shares += usize::from(zone["share"].is_number());
        }
    } else {
        assert!(zones.iter().all(|z| z["share"].is_null()));
    }
}

#[tokio::test]
async fn values_are_those_of_the_maps_and_ranks_those_of_a_count() {
    let mut seen = Seen { withheld: 0, gaps: 0, moved: 0, shares: 0 };
    for (folder, conditions) in [
        ("geodata/hangzhou", vec!["kind=district", "kind=district&cluster=robot&size=large"]),
        ("tests/data/fourfold", vec!["kind=ward", "kind=campus", "kind=valley&trade=press"]),
        ("tests/data/quayside", vec!["kind=quay", "kind=quay&period=2023Q3", "kind=quay&period=2023-06"]),
        ("tests/data/twolevel", vec!["kind=municipality", "kind=parish"]),
        ("tests/data/dated", vec!["kind=parish", "kind=parish&year=2022"]),
    ] {
        let s = Service::open(folder, Disclosure::Aggregates);
        let dataset = s.json("/dataset").await;
        let mut figures = vec![String::new(), "as:density".into(), "as:share".into()];
        for metric in list(&dataset, "metrics").iter().map(|m| m["id"].as_str().unwrap()) {
            figures.push(format!("by:{metric}"));
            figures.push(format!("by:{metric},as:growth"));
            figures.push(format!("by:{metric},as:per/count"));
        }
        for about in &conditions {
            for figure in &figures {
                compare(&s, about, figure, &mut seen).await;
            }
        }
    }
    assert!(
        seen.withheld > 20 && seen.gaps > 50 && seen.moved > 10 && seen.shares > 50,
        "{} {} {} {}",
        seen.withheld,
        seen.gaps,
        seen.moved,
        seen.shares
    );
}

#[tokio::test]
async fn where_nothing_matches_no_zone_has_a_rank() {
    for (folder, about, name) in
        [("geodata/hangzhou", "kind=district", "name"), ("tests/data/fourfold", "kind=ward", "label")]
    {
        let s = Service::open(folder, Disclosure::Full);
        let dataset = s.json("/dataset").await;
        let metric = list(&dataset, "metrics")[0]["id"].as_str().unwrap();
        for figure in [String::new(), "as:share".into(), format!("by:{metric}"), format!("by:{metric},as:growth")] {
            let filter = format!("filter={name}%3D'nobody%20is%20called%20so'");
            let answer = s.json(&format!("/zones/ranking?{about}&{filter}&choropleth={figure}")).await;
            assert!(!list(&answer, "zones").is_empty());
            assert_eq!((&answer["ranked"], &answer["previous"]), (&json!(0), &Value::Null), "{folder} {figure}");
            let ranks = |member| list(&answer, "zones").iter().all(|zone: &Value| zone[member].is_null());
            assert!(ranks("rank") && ranks("rank_before"), "{folder} {figure}");
        }
    }
}

#[tokio::test]
async fn zones_below_a_zone_have_shares_of_it() {
    let s = Service::open("tests/data/twolevel", Disclosure::Full);
    let parent = s.json("/zones?kind=municipality").await["zones"][0]["id"].as_str().unwrap().to_owned();
    let mut seen = Seen { withheld: 0, gaps: 0, moved: 0, shares: 0 };
    compare(&s, &format!("kind=parish&parent={parent}"), "by:staff", &mut seen).await;
    assert!(seen.shares > 1);
}

#[tokio::test]
async fn a_series_is_the_summaries_of_its_periods() {
    let mut gaps = 0;
    let mut counted = BTreeSet::new();
    for (folder, areas) in [
        ("geodata/hangzhou", ["zone=330110", "zone=330110&cluster=robot&size=large"]),
        ("tests/data/fourfold", ["zone=city", "zone=outside"]),
        ("tests/data/quayside", ["period=2023-05", "period=2023Q2"]),
        ("tests/data/dated", ["zone=city", "year=2021"]),
    ] {
        let s = Service::open(folder, Disclosure::Aggregates);
        for area in areas {
            let answer = s.json(&format!("/summary/periods?{area}")).await;
            let periods = list(&answer, "periods");
            assert!(periods.len() > 2, "{folder} {area}");
            let rest: Vec<&str> =
                area.split('&').filter(|p| !p.starts_with("period") && !p.starts_with("year")).collect();
            for period in periods {
                let of = period["period"].as_str().unwrap();
                let one = s.json(&format!("/summary?period={of}&{}", rest.join("&"))).await;
                assert_eq!(period["amounts"], one["totals"], "{folder} {area} {of}");
                let count = if one["as_of"].is_null() { Value::Null } else { one["counts"]["matched"].clone() };
                assert_eq!((&period["count"], answer["counts_by_period"] == true), (&count, count.is_u64()));
                gaps += period["amounts"].as_object().unwrap().values().filter(|a| a["period"].is_null()).count();
            }
            counted.insert(answer["counts_by_period"] == true);
        }
    }
    assert!(gaps > 2 && counted.len() == 2, "{gaps} {counted:?}");
    // of a drawn area, too
    let s = Service::hangzhou(Disclosure::Aggregates);
    let circle = json!({"center": [120.2, 30.2], "radius_m": 4000});
    let answer = s.post("/summary/periods", "application/json", json!({"circle": circle}).to_string()).await.json();
    for period in list(&answer, "periods") {
        let body = json!({"circle": circle, "period": period["period"]}).to_string();
        let one = s.post("/summary", "application/json", body).await.json();
        assert_eq!(period["amounts"], one["totals"]);
    }
}
