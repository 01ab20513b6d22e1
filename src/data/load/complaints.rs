//! What is said about the value of a property.

use super::report::{Place, Report};
use super::text::shorten;
use super::value::Json;
use crate::core::model::{PropertySpec, PropertyType, Text};

pub fn wrong_type(spec: &PropertySpec, value: &Json, place: Place, report: &mut Report) {
    report.error(place, "wrong-type", || {
        let shown = value.to_string();
        let shown = shorten(&shown);
        let (zh, en) = type_name(spec.ty);
        let remedy = match (spec.ty, value) {
            (PropertyType::Integer | PropertyType::Number, Json::Str(s)) if s.trim().parse::<f64>().is_ok() => {
                Text::new("去掉数值两边的引号", "remove the quotes around the number")
            }
            (PropertyType::String, Json::Int(_) | Json::Float(_)) => {
                Text::new("代码和编号要加引号,写成文本", "write codes and numbers as text, in quotes")
            }
            _ => {
                Text::new(format!("改成{zh},没有值时写 null"), format!("make it {en}, or null where there is no value"))
            }
        };
        (
            Text::new(
                format!("{} 应为{zh},却是 {shown}", spec.name),
                format!("{} must be {en}, but is {shown}", spec.name),
            ),
            remedy,
        )
    });
}

pub fn required(absent: bool, place: Place, report: &mut Report) {
    let name = place.property.unwrap_or_default();
    report.error(place, "missing-property", || {
        let (zh, en) = if absent { ("缺少", "is missing") } else { ("为空", "is empty") };
        (
            Text::new(format!("必填属性 {name} {zh}"), format!("the required property {name} {en}")),
            Text::new("补上该值,或在清单中去掉 required", "fill it in, or drop required in the manifest"),
        )
    });
}

pub fn absurd(value: &str, place: Place, report: &mut Report) {
    let name = place.property.unwrap_or_default();
    report.error(place, "absurd-number", || {
        let value = shorten(value);
        (
            Text::new(format!("{name} 的值 {value} 大得不合理"), format!("{name} is {value}, which is absurdly large")),
            Text::new(
                "核对数值与单位;编号、信用代码请写成文本(加引号)",
                "check the figure and its unit; write codes and identifiers as text, in quotes",
            ),
        )
    });
}

pub fn too_many_words(place: Place, report: &mut Report) {
    let name = place.property.unwrap_or_default();
    report.error(place, "too-many-words", || {
        (
            Text::new(
                format!("列表属性 {name} 的不同取值过多"),
                format!("the list {name} has too many distinct words"),
            ),
            Text::new("列表只用于代码,自由文本请用 string", "use lists for codes, and string for free text"),
        )
    });
}

/// A type in words.
fn type_name(ty: PropertyType) -> (&'static str, &'static str) {
    match ty {
        PropertyType::String => ("文本", "text"),
        PropertyType::Integer => ("整数", "a whole number"),
        PropertyType::Number => ("数值", "a number"),
        PropertyType::Boolean => ("true 或 false", "true or false"),
        PropertyType::Datetime => ("时刻 YYYY-MM-DDTHH:MM:SSZ", "an instant YYYY-MM-DDTHH:MM:SSZ"),
        PropertyType::Date => ("日期 YYYY-MM-DD", "a date YYYY-MM-DD"),
        PropertyType::Strings => ("文本数组", "an array of text"),
    }
}
