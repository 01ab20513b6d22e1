//! CQL2 JSON is read and written.

use super::error::{Path, Syntax};
use super::expr::{Array, Expr, MAX_DEPTH, Op};
use super::text::is_function;
use super::{geojson, wkt};
use crate::columns::Moment;
use serde_json::{Map, Value, json};

/// JSON of a filter at most, in bytes.
pub const MAX_JSON: usize = 64 << 10;

type Read<T> = Result<T, Syntax>;

/// Reads CQL2 JSON.
pub fn parse(text: &str) -> Read<Expr> {
    if text.len() > MAX_JSON {
        return Err(too_long());
    }
    let value: Value = serde_json::from_str(text).map_err(|e| {
        let place = format!("$ ({}:{})", e.line(), e.column());
        Syntax::at_path(&place, e, "JSON", "JSON")
    })?;
    expr(&value, &mut Path::default())
}

/// Reads CQL2 JSON that is part of a larger document.
pub fn from_value(value: &Value) -> Read<Expr> {
    if value.to_string().len() > MAX_JSON {
        return Err(too_long());
    }
    expr(value, &mut Path::default())
}

fn too_long() -> Syntax {
    let (zh, en) = (format!("不超过 {MAX_JSON} 字节"), format!("at most {MAX_JSON} bytes"));
    Syntax::at_path("$", "…", zh, en)
}

fn expr(value: &Value, path: &mut Path) -> Read<Expr> {
    if path.depth >= MAX_DEPTH {
        let (zh, en) = (format!("不超过 {MAX_DEPTH} 层嵌套"), format!("nesting of at most {MAX_DEPTH} levels"));
        return Err(Syntax::at_path("$…", "{", zh, en));
    }
    path.depth += 1;
    let out = match value {
        Value::String(s) => Ok(Expr::Text(s.clone())),
        Value::Bool(b) => Ok(Expr::Boolean(*b)),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(i), _) => Ok(Expr::Integer(i)),
            (None, Some(f)) => Ok(Expr::number(f)),
            _ => path.expected(value, "数", "a number"),
        },
        Value::Object(o) => object(value, o, path),
        _ => path.expected(value, "条件或值", "a condition or a value"),
    };
    path.depth -= 1;
    out
}

fn object(value: &Value, o: &Map<String, Value>, path: &mut Path) -> Read<Expr> {
    let text = |name: &str| o.get(name).map(|v| v.as_str());
    if let Some(op) = text("op") {
        let Some(op) = op else { return path.at(".op".into(), |p| p.expected(&o["op"], "文字", "text")) };
        let args = match o.get("args") {
            Some(Value::Array(args)) => args.as_slice(),
            None => &[],
            Some(other) => return path.at(".args".into(), |p| p.expected(other, "数组", "an array")),
        };
        return path.at(".args".into(), |p| call(value, op, args, p));
    }
    if let Some(name) = text("property") {
        return name
            .map_or_else(|| path.expected(value, "属性名", "a property's name"), |n| Ok(Expr::Property(n.into())));
    }
    let moment = |read: fn(&str) -> Option<Moment>, text: Option<&str>, spelt: &str| match text.and_then(read) {
        Some(m) => Ok(Expr::Moment(m)),
        None => path.expected(value, spelt, spelt),
    };
    if let Some(date) = text("date") {
        return moment(Moment::date, date, "YYYY-MM-DD");
    }
    if let Some(timestamp) = text("timestamp") {
        return moment(Moment::timestamp, timestamp, "YYYY-MM-DDTHH:MM:SSZ");
    }
    if let Some(ends) = o.get("interval") {
        return interval(ends, path);
    }
    if let Some(bbox) = o.get("bbox") {
        let numbers: Option<Vec<f64>> =
            bbox.as_array().map(|a| a.iter().map(Value::as_f64).collect()).unwrap_or_default();
        let found = numbers.and_then(|n| wkt::bbox_of(&n));
        return found.map(Expr::Bbox).map_or_else(|| path.expected(bbox, wkt::BOX.0, wkt::BOX.1), Ok);
    }
    if o.contains_key("type") {
        return geojson::read(value, path).map(Expr::Geometry);
    }
    path.expected(
        value,
        "op、property、date、timestamp、interval、bbox 或几何",
        "op, property, date, timestamp, interval, bbox or a geometry",
    )
}

fn interval(ends: &Value, path: &mut Path) -> Read<Expr> {
    let end = |value: &Value, path: &mut Path| match value {
        Value::String(s) if s == ".." => Ok(Expr::Open),
        Value::String(s) if Moment::parse(s).is_some() => Ok(Moment::parse(s).map_or(Expr::Open, Expr::Moment)),
        Value::Object(_) => match expr(value, path)? {
            end @ (Expr::Property(_) | Expr::Function(..)) => Ok(end),
            _ => path.expected(value, "属性", "a property"),
        },
        _ => path.expected(value, "\"..\"、日期、时刻或属性", "\"..\", a date, a timestamp or a property"),
    };
    match ends.as_array().map(Vec::as_slice) {
        Some([a, b]) => path.at(".interval".into(), |p| {
            let ends = [p.at("[0]".into(), |p| end(a, p))?, p.at("[1]".into(), |p| end(b, p))?];
            Ok(Expr::Interval(Box::new(ends)))
        }),
        _ => path.expected(ends, "两个端点", "two ends"),
    }
}

fn call(value: &Value, name: &str, args: &[Value], path: &mut Path) -> Read<Expr> {
    let Some((op, count)) = Op::named(name) else {
        if !is_function(name) {
            return path.expected(value, "运算符或函数", "an operator or a function");
        }
        return Ok(Expr::Function(name.to_owned(), path.each(args, expr)?));
    };
    if (count > 0 && args.len() != count) || (count == 0 && args.len() < 2) {
        let count = if count == 0 { "≥ 2".to_owned() } else { count.to_string() };
        return path.expected(value, &format!("{count} 个 args"), &format!("{count} args"));
    }
    let list = |v: &Value, p: &mut Path, least: usize| match v.as_array() {
        Some(items) if items.len() >= least => Ok(Expr::List(p.each(items, expr)?)),
        _ => p.expected(v, "数组", "an array"),
    };
    let parts = match (op, args) {
        (Op::In, [value, items]) => {
            vec![path.at("[0]".into(), |p| expr(value, p))?, path.at("[1]".into(), |p| list(items, p, 1))?]
        }
        (Op::Array(Array::Equals | Array::Contains | Array::ContainedBy | Array::Overlaps), _) => {
            path.each(args, |v, p| if v.is_array() { list(v, p, 0) } else { expr(v, p) })?
        }
        _ => path.each(args, expr)?,
    };
    Ok(Expr::Call(op, parts))
}

/// Writes CQL2 JSON.
pub fn to_value(expr: &Expr) -> Value {
    let all = |parts: &[Expr]| parts.iter().map(to_value).collect::<Vec<_>>();
    match expr {
        Expr::Call(op, parts) => json!({"op": op.name(), "args": all(parts)}),
        Expr::Function(name, parts) => json!({"op": name, "args": all(parts)}),
        Expr::Property(name) => json!({"property": name}),
        Expr::Text(text) => json!(text),
        Expr::Integer(i) => json!(i),
        Expr::Number(f) => json!(f),
        Expr::Boolean(b) => json!(b),
        Expr::Moment(m) if m.is_day() => json!({"date": m.to_string()}),
        Expr::Moment(m) => json!({"timestamp": m.to_string()}),
        Expr::Interval(ends) => {
            let end = |e: &Expr| if let Expr::Moment(m) = e { json!(m.to_string()) } else { to_value(e) };
            json!({"interval": [end(&ends[0]), end(&ends[1])]})
        }
        Expr::Open => json!(".."),
        Expr::List(items) => json!(all(items)),
        Expr::Geometry(g) => geojson::write(g),
        Expr::Bbox(b) => json!({"bbox": b}),
    }
}
