//! A filter in CQL2 JSON, decided feature by feature over the GeoJSON: what the standard says, written as plainly as can be,
//! without anything of the engine. `None` is unknown.

use super::cells::Cells;
use serde_json::Value;
use std::cell::RefCell;
use std::cmp::Ordering::{self, Equal, Greater, Less};
use std::collections::HashMap;
use std::rc::Rc;

/// What an expression comes out as for a feature.
#[derive(Clone, Debug, PartialEq)]
enum Is {
    Null,
    Truth(bool),
    Number(f64),
    Text(String),
    Time(Time),
    List(Vec<String>),
    Place(Rc<Cells>),
}

/// A day or an instant: days since 1900, and microseconds of the day for an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Time(i64, Option<i64>);

/// Whether a filter holds for a feature.
pub fn decide(filter: &Value, feature: &Value) -> Option<bool> {
    match value(filter, feature) {
        Is::Truth(truth) => Some(truth),
        Is::Null => None,
        other => panic!("{filter} is {other:?}, not a condition"),
    }
}

fn value(e: &Value, feature: &Value) -> Is {
    match e {
        Value::Null => Is::Null,
        Value::Bool(b) => Is::Truth(*b),
        Value::Number(n) => Is::Number(n.as_f64().unwrap()),
        Value::String(s) => Is::Text(s.clone()),
        Value::Array(items) => Is::List(items.iter().map(|i| i.as_str().unwrap().to_owned()).collect()),
        Value::Object(o) => match o.keys().next().unwrap().as_str() {
            "op" => call(o["op"].as_str().unwrap(), o["args"].as_array().unwrap(), feature),
            "property" => property(o["property"].as_str().unwrap(), feature),
            "date" | "timestamp" => Is::Time(time(o.values().next().unwrap().as_str().unwrap()).unwrap()),
            "bbox" | "type" => place(e),
            other => panic!("{other}: {e}"),
        },
    }
}

fn property(name: &str, feature: &Value) -> Is {
    match (name, &feature["geometry"]) {
        ("id", _) => Is::Text(feature["id"].as_str().unwrap().to_owned()),
        ("geometry", Value::Null) => Is::Null,
        ("geometry", geometry) => place(geometry),
        _ => match &feature["properties"][name] {
            // no text of the corpus looks like a day or an instant
            Value::String(s) => time(s).map_or(Is::Text(s.clone()), Is::Time),
            other => value(other, feature),
        },
    }
}

thread_local! {
    /// Cells by the text of their geometry: the same few are requested again and again.
    static PLACES: RefCell<HashMap<String, Rc<Cells>>> = RefCell::default();
}

fn place(e: &Value) -> Is {
    let cells = || Rc::new(if e["bbox"].is_array() { Cells::of_box(&e["bbox"]) } else { Cells::of(e) });
    Is::Place(PLACES.with_borrow_mut(|known| known.entry(e.to_string()).or_insert_with(cells).clone()))
}

fn call(op: &str, args: &[Value], feature: &Value) -> Is {
    let at = |i: usize| value(&args[i], feature);
    let truth = |t: Option<bool>| t.map_or(Is::Null, Is::Truth);
    match op {
        "and" | "or" => {
            let parts: Vec<_> = args.iter().map(|a| decide(a, feature)).collect();
            let decisive = op == "or";
            if parts.contains(&Some(decisive)) {
                Is::Truth(decisive)
            } else {
                truth((!parts.contains(&None)).then_some(!decisive))
            }
        }
        "not" => truth(decide(&args[0], feature).map(|t| !t)),
        "isNull" => Is::Truth(at(0) == Is::Null),
        "=" | "<>" | "<" | "<=" | ">" | ">=" => truth(compare(op, &at(0), &at(1))),
        "between" => {
            let ends = (compare(">=", &at(0), &at(1)), compare("<=", &at(0), &at(2)));
            truth(match ends {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            })
        }
        "in" => {
            let found: Vec<_> =
                args[1].as_array().unwrap().iter().map(|i| compare("=", &at(0), &value(i, feature))).collect();
            truth(if found.contains(&Some(true)) { Some(true) } else { (!found.contains(&None)).then_some(false) })
        }
        "like" => match (at(0), at(1)) {
            (Is::Text(text), Is::Text(pattern)) => Is::Truth(like(&chars(&text), &chars(&pattern))),
            _ => Is::Null,
        },
        "casei" | "accenti" => match at(0) {
            Is::Text(text) => Is::Text(text.chars().map(|c| fold(op, c)).collect()),
            _ => Is::Null,
        },
        "+" | "-" | "*" | "/" | "%" | "div" | "^" => match (at(0), at(1)) {
            (Is::Number(a), Is::Number(b)) => {
                let result = match op {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    "/" => a / b,
                    "%" => a - b * (a / b).trunc(),
                    "div" => (a / b).trunc(),
                    _ => a.powf(b),
                };
                if result.is_finite() { Is::Number(result) } else { Is::Null }
            }
            _ => Is::Null,
        },
        _ if op.starts_with("s_") => match (at(0), at(1)) {
            (Is::Place(a), Is::Place(b)) => Is::Truth(a.lies(op, &b)),
            _ => Is::Null,
        },
        _ if op.starts_with("t_") => match (span(&args[0], feature), span(&args[1], feature)) {
            (Some(a), Some(b)) => truth(lies(op, a, b)),
            _ => Is::Null,
        },
        _ if op.starts_with("a_") => match (at(0), at(1)) {
            (Is::List(a), Is::List(b)) => Is::Truth(match op {
                "a_equals" => a.iter().all(|x| b.contains(x)) && b.iter().all(|x| a.contains(x)),
                "a_contains" => b.iter().all(|x| a.contains(x)),
                "a_containedBy" => a.iter().all(|x| b.contains(x)),
                "a_overlaps" => a.iter().any(|x| b.contains(x)),
                other => panic!("{other} is no operator on arrays"),
            }),
            _ => Is::Null,
        },
        other => panic!("{other} is no operator"),
    }
}

fn compare(op: &str, a: &Is, b: &Is) -> Option<bool> {
    let order = match (a, b) {
        (Is::Null, _) | (_, Is::Null) => return None,
        (Is::Truth(a), Is::Truth(b)) => a.cmp(b),
        (Is::Number(a), Is::Number(b)) => a.partial_cmp(b).unwrap(),
        (Is::Text(a), Is::Text(b)) => chars(a).cmp(&chars(b)),
        (Is::Time(a), Is::Time(b)) => earlier(*a, *b),
        (Is::Time(a), Is::Text(b)) => earlier(*a, time(b).unwrap()),
        other => panic!("{other:?} cannot be compared"),
    };
    Some(match op {
        "=" => order == Equal,
        "<>" => order != Equal,
        "<" => order == Less,
        "<=" => order != Greater,
        ">" => order == Greater,
        _ => order != Less,
    })
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn like(text: &[char], pattern: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['%', rest @ ..], _) => (0..=text.len()).any(|i| like(&text[i..], rest)),
        (['_', rest @ ..], [_, left @ ..]) => like(left, rest),
        (['\\', c, rest @ ..], [t, left @ ..]) => c == t && like(left, rest),
        ([c, rest @ ..], [t, left @ ..]) if *c != '\\' => c == t && like(left, rest),
        _ => false,
    }
}

/// The letters of the corpus and what becomes of them; all that are not ASCII are named here.
fn fold(op: &str, c: char) -> String {
    let table: &[(&str, &str)] = if op == "casei" {
        &[("Åå", "å"), ("Éé", "é"), ("ß", "ss"), ("Δδ", "δ"), ("Ήή", "ή"), ("Λλ", "λ"), ("Οο", "ο"), ("Σσς", "σ")]
    } else {
        &[("Å", "A"), ("å", "a"), ("É", "E"), ("é", "e"), ("ή", "η"), ("Ή", "Η"), ("\u{301}", "")]
    };
    match table.iter().find(|(from, _)| from.contains(c)) {
        Some((_, to)) => (*to).to_owned(),
        None if op == "casei" => c.to_ascii_lowercase().to_string(),
        None => c.to_string(),
    }
}

fn time(text: &str) -> Option<Time> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    if text.len() < 10 || text.as_bytes()[4] != b'-' || text.as_bytes()[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let leap = |y: i64| i64::from(y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
    let months = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30];
    let days =
        (1900..year).map(|y| 365 + leap(y)).sum::<i64>() + months[..month as usize - 1].iter().sum::<i64>() + day;
    if text.len() == 10 {
        return Some(Time(days, None));
    }
    let zone = text[19..].find(['Z', '+', '-'])? + 19;
    let minutes = || Some(number(zone + 1, zone + 3)? * 60 + number(zone + 4, zone + 6)?);
    let offset = match &text[zone..=zone] {
        "Z" => 0,
        "-" => -minutes()?,
        _ => minutes()?,
    };
    let seconds: f64 = text[17..zone].parse().unwrap();
    let minutes = number(11, 13)? * 60 + number(14, 16)? - offset;
    let micros = minutes * 60_000_000 + (seconds * 1e6).round() as i64;
    Some(Time(days + micros.div_euclid(86_400_000_000), Some(micros.rem_euclid(86_400_000_000))))
}

/// A day and an instant are compared by the day in UTC.
fn earlier(a: Time, b: Time) -> Ordering {
    match (a.1, b.1) {
        (Some(_), Some(_)) => (a.0, a.1).cmp(&(b.0, b.1)),
        _ => a.0.cmp(&b.0),
    }
}

/// Begin and end, as far as it has them; `None` where one of them is null.
type Span = (Option<Time>, Option<Time>);

fn span(e: &Value, feature: &Value) -> Option<Span> {
    let end = |e: &Value| match e {
        Value::String(s) if s == ".." => Some(None),
        Value::String(s) => Some(time(s)),
        other => match value(other, feature) {
            Is::Time(t) => Some(Some(t)),
            _ => None,
        },
    };
    match &e["interval"] {
        Value::Array(ends) => Some((end(&ends[0])?, end(&ends[1])?)),
        _ => end(e).map(|t| (t, t)),
    }
}

/// OGC 21-065r2, table 9. An interval that ends before it begins lies to nothing.
fn lies(op: &str, a: Span, b: Span) -> Option<bool> {
    // days and instants in one order, with the open ends before and after all
    let begin = |s: Span| s.0.unwrap_or(Time(i64::MIN, None));
    let end = |s: Span| s.1.unwrap_or(Time(i64::MAX, None));
    let (a, b) = ((begin(a), end(a)), (begin(b), end(b)));
    let [a1b1, a1b2, a2b1, a2b2] = [earlier(a.0, b.0), earlier(a.0, b.1), earlier(a.1, b.0), earlier(a.1, b.1)];
    if earlier(a.0, a.1) == Greater || earlier(b.0, b.1) == Greater {
        return None;
    }
    Some(match op {
        "t_after" => a1b2 == Greater,
        "t_before" => a2b1 == Less,
        "t_disjoint" => a1b2 == Greater || a2b1 == Less,
        "t_intersects" => a1b2 != Greater && a2b1 != Less,
        "t_equals" => (a1b1, a2b2) == (Equal, Equal),
        "t_contains" => (a1b1, a2b2) == (Less, Greater),
        "t_during" => (a1b1, a2b2) == (Greater, Less),
        "t_finishedBy" => (a1b1, a2b2) == (Less, Equal),
        "t_finishes" => (a1b1, a2b2) == (Greater, Equal),
        "t_meets" => a2b1 == Equal,
        "t_metBy" => a1b2 == Equal,
        "t_overlappedBy" => (a1b1, a1b2, a2b2) == (Greater, Less, Greater),
        "t_overlaps" => (a1b1, a2b1, a2b2) == (Less, Greater, Less),
        "t_startedBy" => (a1b1, a2b2) == (Equal, Greater),
        "t_starts" => (a1b1, a2b2) == (Equal, Less),
        other => panic!("{other} is no temporal operator"),
    })
}
