//! Conditions: CQL2 JSON as an expression of DataFusion. Shigu has bound it to the city's own schema: names are those of columns, words
//! are codes, types fit. Numbers compare as in Shigu: whole ones as such, all others as floating point numbers.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchema, DataFusionError, Result, plan_err};
use datafusion::prelude::{Expr, lit};
use datafusion::scalar::ScalarValue;
use serde_json::Value;
use std::ops::Not;

/// A condition.
pub fn condition(value: &Value, schema: &DFSchema) -> Result<Expr> {
    if value.get("property").is_some() || value.is_boolean() {
        return Ok(operand(value, schema)?.0);
    }
    let (Some(op), Some(args)) = (value["op"].as_str(), value["args"].as_array()) else {
        return plan_err!("no condition: {value}");
    };
    let compare = |a: &Value, b: &Value, op: fn(Expr, Expr) -> Expr| {
        let (a, b) = alike(operand(a, schema)?, operand(b, schema)?);
        Ok::<Expr, DataFusionError>(op(a, b))
    };
    match (op, args.as_slice()) {
        ("and" | "or", parts) => {
            let both = if op == "and" { Expr::and } else { Expr::or };
            let parts = parts.iter().map(|part| condition(part, schema)).collect::<Result<Vec<_>>>()?;
            parts.into_iter().reduce(both).map_or_else(|| plan_err!("{op} of nothing"), Ok)
        }
        ("not", [part]) => Ok(condition(part, schema)?.not()),
        ("isNull", [part]) => Ok(operand(part, schema)?.0.is_null()),
        ("=", [a, b]) => compare(a, b, Expr::eq),
        ("<>", [a, b]) => compare(a, b, Expr::not_eq),
        ("<", [a, b]) => compare(a, b, Expr::lt),
        ("<=", [a, b]) => compare(a, b, Expr::lt_eq),
        (">", [a, b]) => compare(a, b, Expr::gt),
        (">=", [a, b]) => compare(a, b, Expr::gt_eq),
        ("between", [a, low, high]) => Ok(compare(a, low, Expr::gt_eq)?.and(compare(a, high, Expr::lt_eq)?)),
        ("in", [a, Value::Array(all)]) => {
            let any = all.iter().map(|one| compare(a, one, Expr::eq)).collect::<Result<Vec<_>>>()?;
            any.into_iter().reduce(Expr::or).map_or_else(|| plan_err!("in of nothing"), Ok)
        }
        _ => plan_err!("{op} is not known"),
    }
}

/// What a value is.
#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Whole,
    Number,
    Other,
}

fn operand(value: &Value, schema: &DFSchema) -> Result<(Expr, Sort)> {
    if let Some(name) = value.get("property").and_then(Value::as_str) {
        let column = Expr::Column(Column::new_unqualified(name));
        return Ok(match schema.field_with_unqualified_name(name)?.data_type() {
            DataType::Int64 => (column, Sort::Whole),
            DataType::Float64 => (column, Sort::Number),
            DataType::Decimal128(..) | DataType::Decimal64(..) | DataType::Decimal32(..) => {
                (datafusion::prelude::cast(column, DataType::Float64), Sort::Number)
            }
            _ => (column, Sort::Other),
        });
    }
    if let Some(day) = value.get("date").and_then(Value::as_str) {
        return Ok((lit(ScalarValue::Utf8(Some(day.to_owned())).cast_to(&DataType::Date32)?), Sort::Other));
    }
    match value {
        Value::String(text) => Ok((lit(text.as_str()), Sort::Other)),
        Value::Bool(truth) => Ok((lit(*truth), Sort::Other)),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(whole), _) => Ok((lit(whole), Sort::Whole)),
            (None, Some(number)) => Ok((lit(number), Sort::Number)),
            _ => plan_err!("{n} is too large"),
        },
        _ => plan_err!("no value: {value}"),
    }
}

/// Two values so that they compare.
fn alike(a: (Expr, Sort), b: (Expr, Sort)) -> (Expr, Expr) {
    let number = |(e, sort): (Expr, Sort)| {
        if sort == Sort::Whole { datafusion::prelude::cast(e, DataType::Float64) } else { e }
    };
    if [a.1, b.1].contains(&Sort::Number) { (number(a), number(b)) } else { (a.0, b.0) }
}
