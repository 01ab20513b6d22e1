//! One property of one collection: JSON values become cells, or findings.

use super::complaints::{absurd, required, too_many_words, wrong_type};
use super::report::{Place, Report};
use super::text::{is_date, shorten};
use super::value::{Json, fixed};
use crate::core::columns::{Column, ColumnBuilder, ColumnType, Moment, Value};
use crate::core::model::{Codelist, CodelistEntry, PropertySpec, PropertyType, Text};
use std::borrow::Cow;

/// Larger figures are taken for a mistake.
pub const ABSURD: f64 = 1e12;
/// Largest number of decimals a column can keep for figures up to [`ABSURD`].
pub const MAX_DECIMALS: u8 = 6;

/// Builds a column from the values of a property.
pub struct CellReader<'s> {
    spec: &'s PropertySpec,
    /// Whose codes, names and aliases are taken.
    codelist: Option<&'s Codelist>,
    /// Whether text takes any value, written as JSON (inferred schemas).
    lenient: bool,
    builder: ColumnBuilder,
    mapped: usize,
    rounded: usize,
    rounded_first: String,
}

impl<'s> CellReader<'s> {
    pub fn new(spec: &'s PropertySpec, codelist: Option<&'s Codelist>, lenient: bool) -> Self {
        let ty = match (spec.ty, spec.decimals) {
            (PropertyType::String | PropertyType::Date | PropertyType::Datetime, _) => ColumnType::Text,
            (PropertyType::Integer, _) => ColumnType::Integer,
            (PropertyType::Number, Some(n)) => ColumnType::Decimal(n.min(MAX_DECIMALS)),
            (PropertyType::Number, None) => ColumnType::Number,
            (PropertyType::Boolean, _) => ColumnType::Boolean,
            (PropertyType::Strings, _) => ColumnType::Strings,
        };
        let builder = ColumnBuilder::new(ty);
        Self { spec, codelist, lenient, builder, mapped: 0, rounded: 0, rounded_first: String::new() }
    }

    /// Another for more rows of the same property.
    pub fn fresh(&self) -> Self {
        let builder = self.builder.fresh();
        Self { builder, rounded_first: String::new(), mapped: 0, rounded: 0, ..*self }
    }

    /// Adds the cells of another; `false` when they cannot stand in one column.
    #[must_use]
    pub fn append(&mut self, other: Self) -> bool {
        self.mapped += other.mapped;
        if self.rounded == 0 {
            self.rounded_first = other.rounded_first;
        }
        self.rounded += other.rounded;
        self.builder.append(other.builder)
    }

    pub fn spec(&self) -> &'s PropertySpec {
        self.spec
    }

    /// Adds an empty cell about which there is nothing to say.
    pub fn skip(&mut self) {
        self.builder.push_null();
    }

    /// Adds the cell of a feature; `None` where the feature has no such member.
    pub fn push(&mut self, value: Option<&Json>, place: Place, report: &mut Report) {
        let place = place.property(&self.spec.name);
        let before = self.builder.len();
        match value {
            None | Some(Json::Null) => {
                if self.spec.required {
                    required(value.is_none(), place, report);
                }
            }
            Some(value) => self.push_value(value, place, report),
        }
        if self.builder.len() == before {
            self.builder.push_null();
        }
    }

    fn push_value(&mut self, value: &Json, place: Place, report: &mut Report) {
        // A refused push leaves the row without a cell; `push` then closes it with a null.
        let pushed = match (self.spec.ty, value) {
            (PropertyType::String, Json::Str(s)) => {
                if self.spec.required && s.trim().is_empty() {
                    return required(false, place, report);
                }
                let Some(word) = self.code_of(s, place, report) else { return };
                self.builder.push(Value::Text(&word)).is_ok()
            }
            (PropertyType::String, other) if self.lenient => self.builder.push(Value::Text(&other.to_string())).is_ok(),
            (PropertyType::Date, Json::Str(s)) if is_date(s) => self.builder.push(Value::Text(s)).is_ok(),
            (PropertyType::Datetime, Json::Str(s)) if Moment::timestamp(s).is_some() => {
                self.builder.push(Value::Text(s)).is_ok()
            }
            (PropertyType::Boolean, Json::Bool(b)) => self.builder.push(Value::Boolean(*b)).is_ok(),
            (PropertyType::Integer | PropertyType::Number, Json::Int(_) | Json::Float(_) | Json::Decimal(..)) => {
                return self.push_number(value, place, report);
            }
            (PropertyType::Strings, Json::List(items)) => {
                let Some(words) = items.iter().map(Json::as_str).collect::<Option<Vec<_>>>() else {
                    return wrong_type(self.spec, value, place, report);
                };
                let words: Option<Vec<_>> = words.into_iter().map(|w| self.code_of(w, place, report)).collect();
                let Some(words) = words else { return };
                let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
                if !self.builder.push_strings(&words) {
                    too_many_words(place, report);
                }
                return;
            }
            _ => false,
        };
        if !pushed {
            wrong_type(self.spec, value, place, report);
        }
    }

    /// The code that a word stands for; itself where there is no codelist.
    fn code_of<'v>(&mut self, word: &'v str, place: Place, report: &mut Report) -> Option<Cow<'v, str>>
    where
        's: 'v,
    {
        let Some(codelist) = self.codelist else { return Some(Cow::Borrowed(word)) };
        if let Some((_, CodelistEntry { code, .. })) = codelist.find(word) {
            self.mapped += usize::from(code != word);
            return Some(Cow::Borrowed(code));
        }
        report.error(place, "unknown-code", || {
            let (word, list) = (shorten(word), self.spec.codelist.as_deref().unwrap_or_default());
            let mut codes: Vec<&str> = codelist.entries.iter().map(|e| &*e.code).collect();
            codes.sort_unstable();
            codes.truncate(12);
            let codes = codes.join(", ");
            (
                Text::new(
                    format!("{} 的值“{word}”不在代码表 {list} 中", self.spec.name),
                    format!("{} is “{word}”, which codelist {list} does not have", self.spec.name),
                ),
                Text::new(
                    format!("改用 {codes} 之一,或在代码表里给该条加上别名;没有值时写 null"),
                    format!(
                        "use one of {codes}, or add it as an alias in the codelist; write null where there is no value"
                    ),
                ),
            )
        });
        None
    }

    fn push_number(&mut self, value: &Json, place: Place, report: &mut Report) {
        let number = match value {
            Json::Int(i) => *i as f64,
            Json::Float(f) => *f,
            Json::Decimal(digits, decimals) => fixed(*digits, *decimals),
            _ => f64::NAN,
        };
        if !number.is_finite() || number.abs() > ABSURD {
            return absurd(&value.to_string(), place, report);
        }
        let (low, high) = (self.spec.minimum, self.spec.maximum);
        if low.is_some_and(|m| number < m) || high.is_some_and(|m| number > m) {
            report.error(place, "out-of-range", || {
                let end = |m: Option<f64>| m.map_or("…".to_owned(), |m| m.to_string());
                let range = format!("{} … {}", end(low), end(high));
                (
                    Text::new(
                        format!("{} 的值 {value} 不在 {range} 之内", self.spec.name),
                        format!("{} is {value}, not in {range}", self.spec.name),
                    ),
                    Text::new("核对数值与单位", "check the figure and its unit"),
                )
            });
            return;
        }
        let whole = number.fract() == 0.0;
        let pushed = match (self.spec.ty, value, self.spec.decimals) {
            (PropertyType::Integer, Json::Int(i), _) => self.builder.push(Value::Integer(*i)),
            (PropertyType::Integer, ..) if whole => self.builder.push(Value::Integer(number as i64)),
            (PropertyType::Integer, ..) => return wrong_type(self.spec, value, place, report),
            (PropertyType::Number, Json::Decimal(digits, own), Some(decimals)) if *own == decimals => {
                self.builder.push(Value::Decimal(*digits, *own))
            }
            (_, _, Some(decimals)) => {
                let decimals = decimals.min(MAX_DECIMALS);
                let scaled = number * 10f64.powi(i32::from(decimals));
                let digits = scaled.round();
                if (scaled - digits).abs() > (scaled.abs() * 4.0 * f64::EPSILON).max(1e-6) {
                    self.rounded += 1;
                    if self.rounded == 1 {
                        self.rounded_first = format!("{value} ({})", place.feature.unwrap_or_default());
                    }
                }
                self.builder.push(Value::Decimal(digits as i64, decimals))
            }
            _ => self.builder.push(Value::Number(number)),
        };
        debug_assert!(pushed.is_ok());
    }

    /// The finished column, after saying what was done to its values.
    pub fn finish(self, place: Place, report: &mut Report) -> Column {
        let place = place.property(&self.spec.name);
        let name = &self.spec.name;
        if self.mapped > 0 {
            let (n, list) = (self.mapped, self.spec.codelist.as_deref().unwrap_or_default());
            report.info(place, "codes-mapped", || {
                (
                    Text::new(
                        format!("{name} 有 {n} 个值以名称或别名给出,已换成代码表 {list} 的代码"),
                        format!("{name}: {n} values given by name or alias became codes of {list}"),
                    ),
                    Text::new("无需处理", "nothing to do"),
                )
            });
        }
        if self.rounded > 0 {
            let (n, first, decimals) = (self.rounded, &self.rounded_first, self.spec.decimals.unwrap_or(0));
            report.warning(place, "decimals-lost", || {
                (
                    Text::new(
                        format!("{name} 有 {n} 个值的小数多于 {decimals} 位,已四舍五入,首个为 {first}"),
                        format!("{name}: {n} values had more than {decimals} decimals and were rounded, first {first}"),
                    ),
                    Text::new(
                        "在清单中调大 decimals,或先行取整",
                        "raise decimals in the manifest, or round beforehand",
                    ),
                )
            });
        }
        self.builder.finish()
    }
}
