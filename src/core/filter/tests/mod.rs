//! The module from inside: what is printed is read again, nothing panics, columns agree with rows.

mod columns;
mod rows;
mod space;

use super::*;
use crate::columns::Moment;
use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use proptest::prelude::*;

fn number() -> impl Strategy<Value = f64> {
    // fifteen digits: serde_json reads longer ones one unit off now and then
    (-999_999_999_999_999i64..=999_999_999_999_999, 0i32..12).prop_map(|(n, e)| n as f64 / 10f64.powi(e))
}

fn geometry() -> impl Strategy<Value = Geometry<f64>> {
    let coord = || (number(), number()).prop_map(|(x, y)| Coord { x, y });
    let line = || prop_oneof![Just(vec![]), proptest::collection::vec(coord(), 2..4)].prop_map(LineString);
    let ring = || {
        proptest::collection::vec(coord(), 3..5).prop_map(|mut v| {
            v.push(v[0]);
            LineString(v)
        })
    };
    let polygon = || proptest::collection::vec(ring(), 1..3).prop_map(|mut r| Polygon::new(r.remove(0), r));
    let point = || coord().prop_map(Point);
    let full = || line().prop_filter("a line inside has positions", |l| !l.0.is_empty());
    let one = prop_oneof![
        point().prop_map(Geometry::Point),
        line().prop_map(Geometry::LineString),
        polygon().prop_map(Geometry::Polygon),
        Just(Geometry::Polygon(Polygon::empty())),
        proptest::collection::vec(point(), 0..3).prop_map(|v| MultiPoint(v).into()),
        proptest::collection::vec(full(), 0..3).prop_map(|v| MultiLineString(v).into()),
        proptest::collection::vec(polygon(), 0..3).prop_map(|v| MultiPolygon(v).into()),
    ];
    one.prop_recursive(2, 6, 3, |inner| {
        proptest::collection::vec(inner, 0..3).prop_map(|v| Geometry::GeometryCollection(GeometryCollection(v)))
    })
}

fn moment() -> impl Strategy<Value = Expr> {
    let spelt = ["2020-02-29", "1999-12-31T23:59:59.999999Z", "2026-11-22T08:00:00+08:00", "0001-01-01"];
    proptest::sample::select(spelt.to_vec()).prop_map(|s| Expr::Moment(Moment::parse(s).unwrap()))
}

fn property() -> impl Strategy<Value = Expr> {
    let known = ["name", "eo:cloud", "名称", "date", "AND", "a b", "q\"q", "point", "end", "z", "Div", "is"];
    prop_oneof![proptest::sample::select(known.to_vec()).prop_map(str::to_owned), "[^\u{0}]{1,5}"]
        .prop_map(Expr::Property)
}

/// Any tree that the grammar allows, meaningful or not.
pub(crate) fn expr() -> impl Strategy<Value = Expr> {
    let simple = prop_oneof![
        property(),
        prop_oneof!["[a'\\\\%_\" é]{0,6}", ".{0,6}"].prop_map(Expr::Text),
        prop_oneof![(-i64::MAX..=i64::MAX), -9i64..9].prop_map(Expr::Integer),
        number().prop_map(Expr::number),
        any::<bool>().prop_map(Expr::Boolean),
        moment(),
        geometry().prop_map(Expr::Geometry),
        (number(), -90.0..0.0, number(), 0.0..90.0f64).prop_map(|(w, s, e, n)| Expr::Bbox([
            w,
            f64::round(s),
            e,
            f64::round(n)
        ])),
    ];
    simple.prop_recursive(5, 40, 4, |inner| {
        let calls = OPS.iter().filter(|(op, ..)| !matches!(op, Op::In | Op::Array(_))).copied().collect::<Vec<_>>();
        let several = move |least| proptest::collection::vec(inner.clone(), least..4);
        let list = several(1).prop_map(Expr::List);
        let array = prop_oneof![several(0).prop_map(Expr::List), property()];
        let end = || prop_oneof![Just(Expr::Open), moment(), property()];
        let arrays = [Array::Equals, Array::Contains, Array::ContainedBy, Array::Overlaps];
        prop_oneof![
            4 => (proptest::sample::select(calls), several(3)).prop_map(|((op, _, n), mut parts)| {
                parts.truncate(if n == 0 { 3 } else { n });
                Expr::Call(op, parts)
            }),
            1 => (several(1), list).prop_map(|(mut v, list)| Expr::Call(Op::In, vec![v.remove(0), list])),
            1 => (proptest::sample::select(arrays.to_vec()), array.clone(), array)
                .prop_map(|(op, a, b)| Expr::Call(Op::Array(op), vec![a, b])),
            1 => (end(), end()).prop_map(|(a, b)| Expr::Interval(Box::new([a, b]))),
            1 => ("f[a-z]{0,3}_", several(0)).prop_map(|(name, parts)| Expr::Function(name, parts)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_printed_is_read_again(e in expr()) {
        let text = e.to_string();
        prop_assert_eq!(parse_text(&text).unwrap_or_else(|x| panic!("{x}: {text}")), e.clone());
        let json = to_json(&e).to_string();
        prop_assert_eq!(parse_json(&json).unwrap_or_else(|x| panic!("{x}: {json}")), e.clone());
        let normal = e.normal();
        prop_assert_eq!(normal.clone().normal().to_string(), normal.to_string());
    }

    #[test]
    fn nothing_panics(text in ".{0,60}", words in proptest::collection::vec(proptest::sample::select(&["(", ")", ",", "'", "\"", "NOT", "AND", "a", "=", "<>", "1", "-", "^", "IN", "IS", "NULL", "LIKE", "BETWEEN", "POINT", "POLYGON", "EMPTY", "Z", "INTERVAL", "DATE", "'..'", "BBOX", "A_EQUALS", "CASEI", "S_WITHIN", "1e999", ".", "\\"][..]), 0..25)) {
        let _ = parse_text(&text);
        let _ = parse_text(&words.join(" "));
        let _ = parse_json(&text);
    }

    #[test]
    fn nothing_panics_near_what_is_right(e in expr(), at in 0usize..1000, with in ".{0,3}", cut in 0usize..4) {
        for written in [e.to_string(), to_json(&e).to_string()] {
            let chars: Vec<char> = written.chars().collect();
            let at = at % (chars.len() + 1);
            let end = (at + cut).min(chars.len());
            let changed: String = chars[..at].iter().copied().chain(with.chars()).chain(chars[end..].iter().copied()).collect();
            for read in [parse_text(&changed), parse_json(&changed)].into_iter().flatten() {
                let _ = (read.to_string(), read.normal().to_string());
            }
        }
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |open: &str, core: &str, close: &str, n| format!("{}{core}{}", open.repeat(n), close.repeat(n));
    for n in [MAX_DEPTH + 1, 500, 2000] {
        for text in [
            nested("(", "true", ")", n),
            nested("NOT ", "true", "", n),
            nested("CASEI(", "a", ")", n),
            nested("-", "a", "", n),
            nested("f(", "a", ")", n),
            format!("a{}", "+a".repeat(n)),
            format!("a{}", "^a".repeat(n)),
            nested("GEOMETRYCOLLECTION(", "POINT(0 0)", ")", n),
            nested("A_EQUALS(x,(", "a", "))", n),
        ] {
            assert!(parse_text(&text).is_err(), "{text:.40}");
        }
        assert!(parse_json(&nested("{\"op\":\"not\",\"args\":[", "true", "]}", n)).is_err());
        assert!(parse_json(&nested("[", "", "]", n)).is_err());
    }
    let nots = nested("NOT ", "true", "", MAX_DEPTH - 1);
    let deep = parse_text(&nots).unwrap();
    assert_eq!(parse_json(&to_json(&deep).to_string()).unwrap(), deep);
    assert!(parse_text(&format!("a = 1{}", " OR a = 1".repeat(800))).is_ok(), "long is not deep");
    assert!(parse_text(&"a=1 OR ".repeat(1200)).is_err());
    assert!(parse_json(&format!("\"{}\"", "a".repeat(MAX_JSON))).is_err());
}

#[test]
fn errors_say_where_and_what() {
    for (text, place, found) in [
        ("name = ", "character 8", ""),
        ("名称 = = 1", "character 6", "="),
        ("a AND (b OR c", "character 14", ""),
        ("a = 'x", "character 5", "'"),
        ("a ! b", "character 3", "!"),
        ("a IS 1", "character 6", "1"),
        ("d = DATE('2021-02-30')", "character 10", "'2021-02-30'"),
        ("S_WITHIN(geometry, POLYGON((0 0, 1 1, 2 2, 3 3)))", "character 48", ")"),
        ("S_WITHIN(geometry)", "character 19", ""),
        ("a = 1 b", "character 7", "b"),
    ] {
        let e = parse_text(text).unwrap_err();
        assert_eq!((e.place.words().en.as_str(), e.found.as_str()), (place, found), "{text}: {e}");
        assert!(!e.expected.zh.is_empty() && !e.expected.en.is_empty());
    }
    for (json, place) in [
        (r#"{"op":"and","args":[true]}"#, "$.args"),
        (r#"{"op":"and","args":[true,{"op":"=","args":[1,{"prop":"x"}]}]}"#, "$.args[1].args[1]"),
        (
            r#"{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":["x"]}]}"#,
            "$.args[1].coordinates",
        ),
        (r#"{"op":"and""#, "$ (1:11)"),
    ] {
        assert_eq!(parse_json(json).unwrap_err().place.words().en, place, "{json}");
    }
}

#[test]
fn alike_filters_are_spelt_alike() {
    for (a, b) in [
        ("a = 1 AND b = 2", "b=2 and (a=1.0)"),
        ("1 < a", "a > 1"),
        ("NOT (a = 1)", "a <> 1"),
        ("NOT NOT a = 1", "a = 1"),
        ("a = 1 OR (b = 2 OR c = 3) OR a = 1", "c = 3 OR b = 2 OR a = 1"),
        ("a IN (3, 1, 2, 1)", "a in (1,2,3)"),
        ("t = TIMESTAMP('2020-01-01T08:00:00+08:00')", "t = TIMESTAMP('2020-01-01T00:00:00.000Z')"),
    ] {
        assert_eq!(parse_text(a).unwrap().normal().to_string(), parse_text(b).unwrap().normal().to_string());
    }
    let text = "name NOT LIKE 'B_r%' AND (pop > 1 + 2 * 3 OR NOT (a = 1 AND b IS NOT NULL))";
    assert_eq!(parse_text(text).unwrap().to_string(), text);
}
