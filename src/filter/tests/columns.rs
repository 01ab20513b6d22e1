//! Filters over columns give the rows that a plain reading of the expression gives row by row, written apart.

use super::super::*;
use crate::columns::{Bitmap, Column, ColumnBuilder, ColumnType, Text, Value};
use crate::model::{CollectionSpec, Geometries, Table};
use proptest::prelude::*;

/// A row as people would write it down. Dates are text, which sorts like dates.
#[derive(Clone, Debug)]
struct Row {
    word: Option<String>,
    text: Option<String>,
    int: Option<i64>,
    num: Option<f64>,
    dec: Option<i64>,
    flag: Option<bool>,
    list: Option<Vec<String>>,
    from: Option<String>,
    to: Option<String>,
    at: Option<(i32, i32)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Plain {
    Null,
    Text(String),
    Number(f64),
    Day(String),
    List(Vec<String>),
}

const DAYS: [&str; 4] = ["2020-01-01", "2020-01-02", "2020-02-01", "2021-01-01"];

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

fn spec() -> CollectionSpec {
    let p = |name: &str, ty: &str| serde_json::json!({"name": name, "title": {"zh": name, "en": name}, "type": ty});
    let properties = [
        p("word", "string"),
        p("text", "string"),
        p("int", "integer"),
        p("num", "number"),
        p("dec", "number"),
        p("flag", "boolean"),
        p("list", "strings"),
        p("from", "date"),
        p("to", "date"),
    ];
    serde_json::from_value(
        serde_json::json!({"id": "t", "file": "-", "title": {"zh": "t", "en": "t"}, "properties": properties}),
    )
    .unwrap()
}

fn table(rows: &[Row], points: bool) -> Table {
    fn column<'a>(ty: ColumnType, cells: impl Iterator<Item = Option<Value<'a>>>) -> Column {
        let mut b = ColumnBuilder::new(ty);
        cells.for_each(|c| b.push(c.unwrap_or(Value::Null)).unwrap());
        b.finish()
    }
    fn text<'a>(cells: impl Iterator<Item = Option<&'a String>>) -> Column {
        column(ColumnType::Text, cells.map(|c| c.map(|s| Value::Text(s))))
    }
    // the same text, not as a dictionary
    let mut long = Text::default();
    rows.iter().for_each(|r| long.push(r.text.as_deref().unwrap_or("")));
    let valid = Bitmap::from_fn(rows.len(), |i| rows[i].text.is_some());
    let mut lists = ColumnBuilder::new(ColumnType::Strings);
    for r in rows {
        match &r.list {
            Some(l) => assert!(lists.push_strings(&l.iter().map(String::as_str).collect::<Vec<_>>())),
            None => lists.push_null(),
        }
    }
    let columns = vec![
        text(rows.iter().map(|r| r.word.as_ref())),
        Column::Text(long, Some(valid)),
        column(ColumnType::Integer, rows.iter().map(|r| r.int.map(Value::Integer))),
        column(ColumnType::Number, rows.iter().map(|r| r.num.map(Value::Number))),
        column(ColumnType::Decimal(1), rows.iter().map(|r| r.dec.map(|d| Value::Decimal(d, 1)))),
        column(ColumnType::Boolean, rows.iter().map(|r| r.flag.map(Value::Boolean))),
        lists.finish(),
        text(rows.iter().map(|r| r.from.as_ref())),
        text(rows.iter().map(|r| r.to.as_ref())),
    ];
    let mut ids = Text::default();
    (0..rows.len()).for_each(|i| ids.push(&i.to_string()));
    let at = |r: &Row| r.at.map(|(x, y)| (f64::from(x), f64::from(y)));
    let geometries = if points {
        let lon = rows.iter().map(|r| at(r).map_or(f64::NAN, |p| p.0)).collect();
        let lat = rows.iter().map(|r| at(r).map_or(f64::NAN, |p| p.1)).collect();
        Geometries::Points { lon, lat, located: Bitmap::from_fn(rows.len(), |i| rows[i].at.is_some()) }
    } else {
        Geometries::Any(rows.iter().map(|r| at(r).map(|(x, y)| geo::Point::new(x, y).into())).collect())
    };
    Table { ids, geometries, columns }
}

fn plain(e: &Expr, row: &Row) -> Plain {
    let text = |t: &Option<String>| t.clone().map_or(Plain::Null, Plain::Text);
    let number = |n: Option<f64>| n.map_or(Plain::Null, Plain::Number);
    let day = |t: &Option<String>| t.clone().map_or(Plain::Null, Plain::Day);
    match e {
        Expr::Property(name) => match name.as_str() {
            "word" => text(&row.word),
            "text" => text(&row.text),
            "int" => number(row.int.map(|i| i as f64)),
            "num" => number(row.num),
            "dec" => number(row.dec.map(|d| d as f64 / 10.0)),
            "from" => day(&row.from),
            "to" => day(&row.to),
            _ => row.list.clone().map_or(Plain::Null, Plain::List),
        },
        Expr::Text(t) => Plain::Text(t.clone()),
        Expr::Integer(i) => Plain::Number(*i as f64),
        Expr::Number(f) => Plain::Number(*f),
        Expr::Moment(m) => Plain::Day(m.to_string()),
        Expr::List(items) => {
            Plain::List(items.iter().map(|i| if let Expr::Text(t) = i { t.clone() } else { String::new() }).collect())
        }
        Expr::Call(Op::Casei, a) => match plain(&a[0], row) {
            Plain::Text(t) => Plain::Text(t.to_lowercase()),
            _ => Plain::Null,
        },
        Expr::Call(op, ab) => match (plain(&ab[0], row), plain(&ab[1], row)) {
            (Plain::Number(a), Plain::Number(b)) => {
                let x = match op {
                    Op::Add => a + b,
                    Op::Sub => a - b,
                    Op::Mul => a * b,
                    Op::Div => a / b,
                    Op::Rem => a % b,
                    Op::IntDiv => (a / b).trunc(),
                    _ => a.powf(b),
                };
                if x.is_finite() { Plain::Number(x) } else { Plain::Null }
            }
            _ => Plain::Null,
        },
        _ => unreachable!("{e}"),
    }
}

/// AND and OR of three-valued operands: `decides` alone decides, null beats the other.
fn joined(parts: &[Expr], row: &Row, decides: bool) -> Option<bool> {
    let each: Vec<_> = parts.iter().map(|p| holds(p, row)).collect();
    if each.contains(&Some(decides)) { Some(decides) } else { (!each.contains(&None)).then_some(!decides) }
}

fn compare(op: Op, a: &Plain, b: &Plain) -> Option<bool> {
    let order = match (a, b) {
        (Plain::Text(a), Plain::Text(b)) | (Plain::Day(a), Plain::Day(b)) => a.cmp(b),
        (Plain::Number(a), Plain::Number(b)) => a.partial_cmp(b)?,
        _ => return None,
    };
    Some(match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Gt => order.is_gt(),
        _ => order.is_ge(),
    })
}

/// LIKE for patterns of letters, `%` and `_`.
fn like(text: &[char], pattern: &[char]) -> bool {
    match (text, pattern) {
        (t, ['%', p @ ..]) => (0..=t.len()).any(|i| like(&t[i..], p)),
        ([_, t @ ..], ['_', p @ ..]) => like(t, p),
        ([a, t @ ..], [b, p @ ..]) => a == b && like(t, p),
        (t, p) => t.is_empty() && p.is_empty(),
    }
}

/// A condition, read as it is written.
fn holds(e: &Expr, row: &Row) -> Option<bool> {
    match e {
        Expr::Boolean(b) => Some(*b),
        Expr::Property(_) => row.flag,
        Expr::Call(op, parts) => match (op, parts.as_slice()) {
            (Op::And, all) => joined(all, row, false),
            (Op::Or, all) => joined(all, row, true),
            (Op::Not, [a]) => holds(a, row).map(|b| !b),
            (Op::Between, [a, low, high]) => {
                let a = plain(a, row);
                let (low, high) = (compare(Op::Ge, &a, &plain(low, row)), compare(Op::Le, &a, &plain(high, row)));
                if low == Some(false) || high == Some(false) { Some(false) } else { Some(low? && high?) }
            }
            (Op::In, [a, Expr::List(items)]) => {
                let a = plain(a, row);
                let each: Vec<_> = items.iter().map(|i| compare(Op::Eq, &a, &plain(i, row))).collect();
                if each.contains(&Some(true)) { Some(true) } else { (!each.contains(&None)).then_some(false) }
            }
            (Op::Like, [a, Expr::Text(p)]) => match plain(a, row) {
                Plain::Text(t) => Some(like(&t.chars().collect::<Vec<_>>(), &p.chars().collect::<Vec<_>>())),
                _ => None,
            },
            (Op::IsNull, [Expr::Property(p)]) if p == "geometry" => Some(row.at.is_none()),
            (Op::IsNull, [Expr::Property(p)]) if p == "flag" => Some(row.flag.is_none()),
            (Op::IsNull, [a]) => Some(plain(a, row) == Plain::Null),
            (Op::Spatial(s), [_, Expr::Bbox([w, s0, e, n])]) => {
                let (x, y) = row.at.map(|(x, y)| (f64::from(x), f64::from(y)))?;
                let meets = x >= *w && x <= *e && y >= *s0 && y <= *n;
                let inside = x > *w && x < *e && y > *s0 && y < *n;
                Some(match s {
                    Spatial::Intersects => meets,
                    Spatial::Disjoint => !meets,
                    Spatial::Within => inside,
                    Spatial::Touches => meets && !inside,
                    _ => false,
                })
            }
            (Op::Temporal(t), [a, _]) => {
                let Expr::Interval(ends) = a else { return None };
                let (Plain::Day(a1), Plain::Day(a2)) = (plain(&ends[0], row), plain(&ends[1], row)) else {
                    return None;
                };
                if a1 > a2 {
                    return None;
                }
                let (b1, b2) = (DAYS[1].to_owned(), DAYS[2].to_owned());
                Some(match t {
                    Temporal::After => a1 > b2,
                    Temporal::Before => a2 < b1,
                    Temporal::Intersects => a1 <= b2 && a2 >= b1,
                    Temporal::During => a1 > b1 && a2 < b2,
                    Temporal::Meets => a2 == b1,
                    _ => a1 == b1 && a2 == b2,
                })
            }
            (Op::Array(a), [x, y]) => match (plain(x, row), plain(y, row)) {
                (Plain::List(x), Plain::List(y)) => Some(match a {
                    Array::Contains => y.iter().all(|i| x.contains(i)),
                    Array::ContainedBy => x.iter().all(|i| y.contains(i)),
                    Array::Overlaps => x.iter().any(|i| y.contains(i)),
                    Array::Equals => x.iter().all(|i| y.contains(i)) && y.iter().all(|i| x.contains(i)),
                }),
                _ => None,
            },
            (Op::Eq, [a, b]) if is_condition(a) => Some(holds(a, row)? == holds(b, row)?),
            (Op::Ne, [a, b]) if is_condition(a) => Some(holds(a, row)? != holds(b, row)?),
            (op, [a, b]) => compare(*op, &plain(a, row), &plain(b, row)),
            _ => unreachable!("{e}"),
        },
        _ => unreachable!("{e}"),
    }
}

fn is_condition(e: &Expr) -> bool {
    matches!(e, Expr::Boolean(_)) || matches!(e, Expr::Property(p) if p == "flag")
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
    let leaf = prop_oneof![
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
        1 => (proptest::sample::select(spatial.to_vec()), 0i32..3, 0i32..3, 1i32..3).prop_map(move |(op, x, y, d)| {
            let b = [f64::from(x), f64::from(y), f64::from(x + d), f64::from(y + d)];
            call(Op::Spatial(op), Expr::Property("geometry".into()), Expr::Bbox(b))
        }),
        1 => proptest::sample::select(temporal.to_vec()).prop_map(move |op| {
            let own = Expr::Interval(Box::new([Expr::Property("from".into()), Expr::Property("to".into())]));
            call(Op::Temporal(op), own, Expr::Interval(Box::new([date(DAYS[1]), date(DAYS[2])])))
        }),
        1 => (proptest::sample::select(arrays.to_vec()), property(&["list"]), list()).prop_map(move |(op, a, b)| call(Op::Array(op), a, b)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|v| Expr::Call(Op::And, v)),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|v| Expr::Call(Op::Or, v)),
            inner.prop_map(|e| Expr::Call(Op::Not, vec![e])),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn columns_agree_with_rows(rows in proptest::collection::vec(row(), 0..90), e in condition(), points: bool) {
        let (spec, table, none) = (spec(), table(&rows, points), BTreeMap::new());
        let schema = Schema { spec: &spec, codelists: &none, visible: &|_| true };
        let filter = Filter::of(schema, &e).unwrap_or_else(|x| panic!("{x}: {e}"));
        let found = filter.evaluate(&table, None).unwrap();
        let right: Vec<usize> = (0..rows.len()).filter(|&i| holds(&e, &rows[i]) == Some(true)).collect();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), right.clone(), "{}", e);
        // the spelling that is used as a key means the same
        let again = Filter::of(schema, &parse_text(&filter.canonical()["filter"]).unwrap()).unwrap();
        prop_assert_eq!(again.evaluate(&table, None).unwrap(), found.clone());
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
        let mut part = found;
        part.and(&odd);
        prop_assert_eq!(filter.evaluate_among(&table, None, odd), part);
    }
}
