//! Questions are printed and read again, as JSON and as a URL's query; equal ones print alike.

use super::question::SortBy;
use super::{AreaSpec, BaseArea, Interval, Question, SetOp};
use crate::filter::Expr;
use crate::geometry::Surface;
use crate::snapshot::ClassSpec;
use geo::{Coord, LineString, MultiPolygon, Polygon};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    let known =
        ["year", "op", "zone", "conditions", "filter-lang", "cluster", "产业", "a b&c=d", "+x", "-y", "%41", ""];
    prop_oneof![proptest::sample::select(known.to_vec()).prop_map(str::to_owned), "[^\u{0}]{1,6}"]
}

fn degrees() -> impl Strategy<Value = f64> {
    (-90_000_000_000i64..=90_000_000_000).prop_map(|n| n as f64 / 1e9)
}

fn center() -> impl Strategy<Value = [f64; 2]> {
    [degrees(), degrees()]
}

fn polygon() -> impl Strategy<Value = BaseArea> {
    let ring = || {
        proptest::collection::vec((degrees(), degrees()), 3..6).prop_map(|mut ring| {
            ring.push(ring[0]);
            LineString(ring.into_iter().map(|(x, y)| Coord { x, y }).collect())
        })
    };
    let one = (ring(), proptest::collection::vec(ring(), 0..2)).prop_map(|(out, holes)| Polygon::new(out, holes));
    proptest::collection::vec(one, 1..3).prop_filter_map("rings of repeated positions", |parts| {
        Surface::new(MultiPolygon(parts)).ok().map(BaseArea::Polygon)
    })
}

fn step() -> impl Strategy<Value = (SetOp, BaseArea)> {
    let op = proptest::sample::select(vec![SetOp::Union, SetOp::Intersection, SetOp::Difference]);
    let circle = (center(), 1.0..9e4).prop_map(|(center, radius_m)| BaseArea::Circle { center, radius_m });
    (op, prop_oneof![name().prop_map(BaseArea::Zone), polygon(), circle])
}

fn area() -> impl Strategy<Value = AreaSpec> {
    let base = prop_oneof![
        Just(BaseArea::City),
        name().prop_map(BaseArea::zone),
        polygon(),
        (center(), 1.0..9e4).prop_map(|(center, radius_m)| BaseArea::Circle { center, radius_m }),
        (center(), 1usize..900).prop_map(|(center, k)| BaseArea::Nearest { center, k }),
    ];
    (base, proptest::collection::vec(step(), 0..3)).prop_map(|(base, steps)| AreaSpec::combined(base, steps).unwrap())
}

fn sort() -> impl Strategy<Value = Vec<SortBy>> {
    prop_oneof![Just(String::new()), ".{0,9}", "[-+ ]?[a-c]{1,3}(,[-+]{0,2} ?[a-c])?"]
        .prop_map(|text| if text.is_empty() { vec![] } else { SortBy::list(&text) })
}

fn datetime() -> impl Strategy<Value = Option<Interval>> {
    let spelt =
        ["2025-01-01", "2025-01-01T08:00:00.5+08:00", "../2025-01-01", "2020-01-01/..", "2020-01-01/2021-02-03"];
    proptest::option::of(proptest::sample::select(spelt.to_vec()).prop_map(|s| Interval::parse(s).unwrap()))
}

prop_compose! {
    fn question()(
        collection in proptest::option::of(name()),
        area in area(),
        bbox in proptest::option::of((degrees(), degrees(), degrees(), degrees())),
        datetime in datetime(),
        conditions in proptest::collection::btree_map(name(), name(), 0..3),
        filter in proptest::option::of(crate::filter::tests::expr()),
        sort in sort(),
        [period, since] in proptest::array::uniform2(proptest::option::of(crate::model::period::tests::any_period())),
        [repair, secondary, statistics, growth, spread, outline] in any::<[bool; 6]>(),
        [zone_kind, zone_parent, level, parent, version] in proptest::array::uniform5(proptest::option::of(name())),
    ) -> Question {
        let bbox = bbox.map(|(a, b, c, d)| [a, b.min(d), c, b.max(d)]);
        Question {
            collection, area, repair, bbox, datetime, conditions, filter, sort, period, secondary, statistics, growth, since, spread,
            outline,             zone_kind, zone_parent, classes: ClassSpec { level, parent, version },
        }
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(original in question()) {
        let json = original.to_json();
        let read = Question::from_json(json.as_bytes()).unwrap_or_else(|e| panic!("{json}: {e}"));
        prop_assert_eq!(&read, &original, "{}", json);
        prop_assert_eq!(read.to_json(), json);
        let by_serde: Question = serde_json::from_str(&serde_json::to_string(&original).unwrap()).unwrap();
        prop_assert_eq!(&by_serde, &original);
        let url = original.to_url_query();
        prop_assert!(url.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>#".contains(&b)), "{}", url);
        let read = Question::from_url_query(&url).unwrap_or_else(|e| panic!("{url}: {e}"));
        prop_assert_eq!(&read, &original, "{}", url);
        prop_assert_eq!(read.to_url_query(), url);
    }

    #[test]
    fn different_questions_print_differently(a in question(), b in question()) {
        prop_assert_eq!(a == b, a.to_json() == b.to_json());
        prop_assert_eq!(a == b, a.to_url_query() == b.to_url_query());
    }

    #[test]
    fn nothing_panics(text in ".{0,60}", member in "[a-z]{2,9}", value in "[-\\[\\]{}0-9,:\"a-z]{0,20}") {
        let _ = (Question::from_json(text.as_bytes()), Question::from_url_query(&text));
        let _ = Question::from_json(format!("{{\"{member}\":{value}}}").as_bytes());
        let _ = Question::from_url_query(&format!("{member}={value}"));
    }
}

/// The spellings that the wire had before there was one form.
#[test]
fn spelling() {
    let original = Question::register().in_zone("330110").in_year(Some(2025)).having("cluster", "robot");
    assert_eq!(original.to_url_query(), "zone=330110&year=2025&cluster=robot");
    assert_eq!(original.to_json(), r#"{"zone":"330110","year":2025,"filter":{"cluster":"robot"}}"#);
    assert_eq!(Question::from_json(original.to_json().as_bytes()).unwrap(), original);
    let drawn = r#"{"circle":{"center":[120.0,30.0],"radius_m":500.0},"combine":[{"op":"union","zone":"330110"}]}"#;
    assert_eq!(Question::from_json(drawn.as_bytes()).unwrap().to_json(), drawn);
    let bare = br#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}"#;
    let BaseArea::Polygon(polygon) = Question::from_json(bare).unwrap().area.base().clone() else { panic!() };
    assert_eq!(polygon.0.len(), 1);
    let cql = Question::from_json(br#"{"filter":{"op":">","args":[{"property":"employees"},5]}}"#).unwrap();
    assert_eq!(
        cql.filter,
        Some(Expr::Call(crate::filter::Op::Gt, vec![Expr::Property("employees".into()), Expr::Integer(5)],))
    );
    assert_eq!(cql.to_url_query(), "filter=employees%20%3E%205");
}

#[test]
fn an_array_is_no_question() {
    for text in ["[null, null]", " []", "[\"district\"]", "null", "7"] {
        assert!(Question::from_json(text.as_bytes()).is_err(), "{text}");
    }
    assert!(Question::from_json(b" {}").is_ok());
    for (circle, read) in [(r#"{"center":[1,2],"radius_m":3}"#, true), ("[[1,2],3]", false)] {
        assert_eq!(Question::from_json(format!("{{\"circle\":{circle}}}").as_bytes()).is_ok(), read, "{circle}");
        assert_eq!(Question::from_url_query(&format!("circle={circle}")).is_ok(), read, "{circle}");
    }
}

#[test]
fn what_is_wrong_is_refused() {
    for body in [
        r#"{"zone":"a","circle":{"center":[1,2],"radius_m":3}}"#,
        r#"{"zones":"a"}"#,
        r#"{"combine":[{"op":"union"}]}"#,
        r#"{"combine":[{"op":"union","zone":"a","circle":{"center":[1,2],"radius_m":3}}]}"#,
        r#"{"polygon":{"type":"Point","coordinates":[1,2]}}"#,
        r#"{"filter":5}"#,
        r#"{"filter":{"a":[1]}}"#,
        r#"{"filter":"a >"}"#,
        r#"{"datetime":"2025-02-01/2025-01-01"}"#,
        r#"{"bbox":[1,5,2,4]}"#,
        "[]",
    ] {
        assert!(Question::from_json(body.as_bytes()).is_err(), "{body}");
    }
    for query in
        ["zone=a&zone=b", "zone=a&nearest={}", "year=x", "secondary=1", "bbox=1,2,3", "filter-lang=sql&filter=a"]
    {
        assert!(Question::from_url_query(query).is_err(), "{query}");
    }
}
