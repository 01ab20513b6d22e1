//! What becomes of a row, and what it changes.

use super::sheet::{Tidied, clean};
use super::value::current;
use crate::core::columns::Moment;
use crate::core::geometry::measure::distance;
use crate::core::model::Table;
use crate::data::load::CellValue;
use geo::Coord;
use serde::Serialize;
use serde_json::Value as Json;
use std::borrow::Cow;

/// What becomes of a row of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ImportClass)]
pub enum Class {
    /// 新增: not in the register yet.
    New,
    /// 变更: other values, same place.
    Changed,
    /// 迁址: farther from its place than the precision; other values may differ too.
    Moved,
    /// 有问题: an error keeps it out.
    Problem,
    /// 无变化.
    Unchanged,
}

/// One property that changes.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportChange)]
pub struct Change {
    /// The property.
    pub property: String,
    /// What the register holds.
    pub from: Json,
    /// What the file says.
    pub to: Json,
}

/// Metres within which a place is the same.
pub const SAME_PLACE_M: f64 = 1.0;

/// Metres between two places.
pub fn metres(a: Coord<f64>, b: Coord<f64>) -> f64 {
    distance(a, b)
}

/// The value that the register holds; null for a property that it doesn't have yet.
pub fn held(table: &Table, row: usize, property: usize) -> CellValue<'_> {
    table.columns.get(property).map_or(CellValue::Null, |c| current(c, row))
}

/// Whether two values are the same: numbers by value, whatever they are written as; texts as they are after the tidying of
/// cells, which the register may never have had.
pub fn same(a: &Json, b: &Json) -> bool {
    alike(&a.into(), &b.into())
}

/// The same of the values of cells.
pub(super) fn alike(a: &CellValue, b: &CellValue) -> bool {
    if let Some((a, b)) = a.as_f64().zip(b.as_f64()) {
        return (a - b).abs() <= 1e-9 * a.abs().max(1.0);
    }
    match (a, b) {
        (CellValue::List(a), CellValue::Null) | (CellValue::Null, CellValue::List(a)) => a.is_empty(),
        (CellValue::Str(a), CellValue::Str(b)) => {
            // one instant has many spellings
            let instant = |text: &str| Moment::timestamp(text).map(Moment::micros);
            a == b || tidy(a) == tidy(b) || instant(a).is_some_and(|at| instant(b) == Some(at))
        }
        _ => a == b,
    }
}

fn tidy(text: &str) -> Cow<'_, str> {
    clean(text, &mut Tidied::default())
}
