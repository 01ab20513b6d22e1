//! Filters over columns give the rows that a plain reading of the expression gives row by row, written apart.

use super::super::*;
use super::rows::{DAYS, Row, holds, spec, table};
use crate::columns::{Bitmap, Moment};
use proptest::prelude::*;

fn word() -> impl Strategy<Value = String> {
    "[aAb]{0,2}"
}

fn row() -> impl Strategy<Value = Row> {
    let maybe = |s| proptest::option::weighted(0.8, s);
    let day = || proptest::option::weighted(0.8, proptest::sample::select(&DAYS[..]).prop_map(str::to_owned));
    let list = proptest::option::weighted(0.8, proptest::collection::vec(word(), 0..3));
    let at = proptest::option::weighted(0.8, (0i32..4, 0i32..4));
    let num = proptest::option::weighted(0.8, (-4i32..4).prop_map(|n| f64::from(n) / 2.0));
    let flag = proptest::option::weighted(0.8, any::<bool>());
    let ints = || proptest::option::weighted(0.8, -3i64..4);
    (maybe(word().boxed()), maybe(word().boxed()), ints(), num, ints(), flag, list, day(), day(), at).prop_map(
        |(word, text, int, num, dec, flag, list, from, to, at)| Row {
            word,
            text,
            int,
            num,
            dec,
            flag,
            list,
            from,
            to,
            at,
        },
    )
}

fn condition() -> impl Strategy<Value = Expr> {
    let property =
        |names: &'static [&'static str]| proptest::sample::select(names).prop_map(|n| Expr::Property(n.into()));
    let text = move || {
        let one = prop_oneof![property(&["word", "text"]), word().prop_map(Expr::Text)];
        (one, any::<bool>()).prop_map(|(e, fold)| if fold { Expr::Call(Op::Casei, vec![e]) } else { e })
    };
    let number = move || {
        let one = prop_oneof![2 => property(&["int", "num", "dec"]), 1 => (-6i32..6).prop_map(|n| Expr::number(f64::from(n) / 2.0))];
        let ops = [Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Rem, Op::IntDiv, Op::Pow];
        one.prop_recursive(2, 4, 2, move |inner| {
            (proptest::sample::select(ops.to_vec()), inner.clone(), inner)
                .prop_map(|(op, a, b)| Expr::Call(op, vec![a, b]))
        })
    };
    let date = |s: &str| Expr::Moment(Moment::date(s).unwrap());
    let day = move || prop_oneof![property(&["from", "to"]), proptest::sample::select(&DAYS[..]).prop_map(date)];
    let flag = move || prop_oneof![property(&["flag"]), any::<bool>().prop_map(Expr::Boolean)];
    let list = move || {
        prop_oneof![
            property(&["list"]),
            proptest::collection::vec(word().prop_map(Expr::Text), 0..3).prop_map(Expr::List)
        ]
    };
    let compares = [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge];
    let call = |op: Op, a: Expr, b: Expr| Expr::Call(op, vec![a, b]);
    let spatial = [Spatial::Intersects, Spatial::Disjoint, Spatial::Within, Spatial::Touches];
    let temporal =
        [Temporal::After, Temporal::Before, Temporal::Intersects, Temporal::During, Temporal::Meets, Temporal::Equals];
    let arrays = [Array::Equals, Array::Contains, Array::ContainedBy, Array::Overlaps];
    let pick = move || proptest::sample::select(compares.to_vec());
    let simple = prop_oneof![
        3 => (pick(), text(), text()).prop_map(move |(op, a, b)| call(op, a, b)),
        3 => (pick(), number(), number()).prop_map(move |(op, a, b)| call(op, a, b)),
        1 => (pick(), day(), day()).prop_map(move |(op, a, b)| call(op, a, b)),
        1 => (any::<bool>(), flag(), flag()).prop_map(move |(eq, a, b)| call(if eq { Op::Eq } else { Op::Ne }, a, b)),
        1 => flag(),
        1 => (number(), number(), number()).prop_map(|(a, b, c)| Expr::Call(Op::Between, vec![a, b, c])),
        1 => (text(), proptest::collection::vec(text(), 1..3)).prop_map(move |(a, v)| call(Op::In, a, Expr::List(v))),
        1 => (number(), proptest::collection::vec(number(), 1..3)).prop_map(move |(a, v)| call(Op::In, a, Expr::List(v))),
        1 => (text(), "[aAb%_]{0,3}").prop_map(move |(a, p)| call(Op::Like, a, Expr::Text(p))),
        1 => prop_oneof![text(), number(), day(), property(&["geometry", "flag", "list"])].prop_map(|a| Expr::Call(Op::IsNull, vec![a])),
        4 => (proptest::sample::select(spatial.to_vec()), 0i32..3, 0i32..3, 1i32..3).prop_map(move |(op, x, y, d)| {
            let b = [f64::from(x), f64::from(y), f64::from(x + d), f64::from(y + d)];
            call(Op::Spatial(op), Expr::Property("geometry".into()), Expr::Bbox(b))
        }),
        1 => proptest::sample::select(temporal.to_vec()).prop_map(move |op| {
            let own = Expr::Interval(Box::new([Expr::Property("from".into()), Expr::Property("to".into())]));
            call(Op::Temporal(op), own, Expr::Interval(Box::new([date(DAYS[1]), date(DAYS[2])])))
        }),
        1 => (proptest::sample::select(arrays.to_vec()), property(&["list"]), list()).prop_map(move |(op, a, b)| call(Op::Array(op), a, b)),
    ];
    simple.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|v| Expr::Call(Op::And, v)),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|v| Expr::Call(Op::Or, v)),
            inner.clone().prop_map(|e| Expr::Call(Op::Not, vec![e])),
            inner.clone().prop_map(|e| Expr::Call(Op::IsNull, vec![e])),
            (inner.clone(), inner).prop_map(move |(a, b)| call(Op::Eq, a, b)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn columns_agree_with_rows(rows in proptest::collection::vec(row(), 0..150), e in condition(), points: bool) {
        let (spec, table, none) = (spec(), table(&rows, points), BTreeMap::new());
        let schema = Schema { spec: &spec, codelists: &none, visible: &|_| true };
        let filter = Filter::of(schema, &e).unwrap_or_else(|x| panic!("{x}: {e}"));
        let sieve = Sieve::new(&filter, &table, None);
        let found = sieve.rows(0, Bitmap::all(rows.len()));
        let right: Vec<usize> = (0..rows.len()).filter(|&i| holds(&e, &rows[i]) == Some(true)).collect();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), right.clone(), "{}", e);
        // the spelling that is used as a key means the same
        let again = Filter::of(schema, &parse_text(&filter.canonical()["filter"]).unwrap()).unwrap();
        prop_assert_eq!(&Sieve::new(&again, &table, None).rows(0, Bitmap::all(rows.len())), &found);
        prop_assert_eq!(again.key(), filter.key());
        // rows that don't meet the box that is implied never pass
        if let Some(b) = filter.bounds() {
            for i in right {
                let (x, y) = rows[i].at.unwrap();
                prop_assert!(b.contains(f64::from(x), f64::from(y)));
            }
        }
        // a part of the rows gives that part of the answer
        let odd = Bitmap::from_fn(rows.len(), |i| i % 3 == 1);
        let all = found.clone();
        let mut part = found;
        part.and(&odd);
        prop_assert_eq!(sieve.rows(0, odd), part);
        // and so does a window, sparse or dense
        if rows.len() > 64 {
            let sparse = Bitmap::from_fn(rows.len() - 64, |i| i % 17 == 1);
            for care in [Bitmap::all(rows.len() - 64), sparse] {
                let mut right = all.part(64, rows.len() - 64);
                right.and(&care);
                prop_assert_eq!(sieve.rows(64, care), right);
            }
        }
    }
}

#[test]
fn boxes_are_implied_soundly() {
    let (spec, none) = (spec(), BTreeMap::new());
    let schema = Schema { spec: &spec, codelists: &none, visible: &|_| true };
    let bounds = |text: &str| {
        let filter = Filter::of(schema, &parse_text(text).unwrap()).unwrap();
        filter.bounds().map(Bounds::to_array)
    };
    let (one, two) = ("S_INTERSECTS(geometry, BBOX(0, 0, 1, 1))", "S_WITHIN(geometry, BBOX(5, 5, 7, 7))");
    assert_eq!(bounds(&format!("{one} AND flag")), Some([0.0, 0.0, 1.0, 1.0]));
    assert_eq!(bounds(&format!("{two} AND {one}")), Some([0.0, 0.0, 1.0, 1.0]), "a row may meet both");
    assert_eq!(bounds(&format!("{one} OR {two}")), Some([0.0, 0.0, 7.0, 7.0]));
    for open in [
        "flag",
        &format!("{one} OR flag"),
        &format!("NOT {one}"),
        "S_DISJOINT(geometry, POINT(1 1))",
        "geometry IS NULL",
    ] {
        assert_eq!(bounds(open), None, "{open}");
    }
}
