//! The oracle: a table as rows of plain values, and conditions read row by row as they are written.

use super::super::*;
use crate::columns::{Bitmap, Column, ColumnBuilder, ColumnType, Text, Value};
use crate::model::{CollectionSpec, Geometries, Table};

/// A row as people would write it down. Dates are text, which sorts like dates.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) word: Option<String>,
    pub(super) text: Option<String>,
    pub(super) int: Option<i64>,
    pub(super) num: Option<f64>,
    pub(super) dec: Option<i64>,
    pub(super) flag: Option<bool>,
    pub(super) list: Option<Vec<String>>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) at: Option<(i32, i32)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Text(String),
    Number(f64),
    Day(String),
    List(Vec<String>),
}

pub(super) const DAYS: [&str; 4] = ["2020-01-01", "2020-01-02", "2020-02-01", "2021-01-01"];

pub(super) fn spec() -> CollectionSpec {
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

pub(super) fn table(rows: &[Row], points: bool) -> Table {
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

pub(super) fn plain(e: &Expr, row: &Row) -> Plain {
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
pub(super) fn joined(parts: &[Expr], row: &Row, decides: bool) -> Option<bool> {
    let each: Vec<_> = parts.iter().map(|p| holds(p, row)).collect();
    if each.contains(&Some(decides)) { Some(decides) } else { (!each.contains(&None)).then_some(!decides) }
}

pub(super) fn compare(op: Op, a: &Plain, b: &Plain) -> Option<bool> {
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
pub(super) fn like(text: &[char], pattern: &[char]) -> bool {
    match (text, pattern) {
        (t, ['%', p @ ..]) => (0..=t.len()).any(|i| like(&t[i..], p)),
        ([_, t @ ..], ['_', p @ ..]) => like(t, p),
        ([a, t @ ..], [b, p @ ..]) => a == b && like(t, p),
        (t, p) => t.is_empty() && p.is_empty(),
    }
}

/// A condition, read as it is written.
pub(super) fn holds(e: &Expr, row: &Row) -> Option<bool> {
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
            (Op::IsNull, [a]) if is_condition(a) => Some(holds(a, row).is_none()),
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

pub(super) fn is_condition(e: &Expr) -> bool {
    match e {
        Expr::Boolean(_) => true,
        Expr::Property(p) => p == "flag",
        Expr::Call(op, _) => {
            let value = [Op::Casei, Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Rem, Op::IntDiv, Op::Pow];
            !value.contains(op)
        }
        _ => false,
    }
}
