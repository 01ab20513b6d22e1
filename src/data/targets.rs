//! Targets of the plan that a layout makes others: value, year and remark of rows of the file of indicators.

use crate::core::model::{Indicator, Text};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashSet};

/// Stands for the targets where changes name a collection. No collection has such an id.
pub const TARGETS: &str = "@targets";
/// What of a target can be changed.
pub const PROPERTIES: [&str; 4] = ["value", "year", "note", "note_en"];
/// Characters of a remark.
const LONGEST_NOTE: usize = 500;
/// Years that a target may be of.
const YEARS: std::ops::RangeInclusive<i64> = 1900..=2200;

/// What becomes of a target: new values by property.
pub type TargetValues = BTreeMap<String, Json>;

/// What can be changed of a target, as it is in force; none where there is no such target.
pub fn held(rows: &[Indicator], id: &str) -> Option<TargetValues> {
    let row = find(rows, id)?;
    let values = [json!(row.value), json!(row.year), json!(row.note), json!(row.note_en)];
    Some(PROPERTIES.iter().map(|name| (*name).to_owned()).zip(values).collect())
}

/// The target of an id.
pub fn find<'a>(rows: &'a [Indicator], id: &str) -> Option<&'a Indicator> {
    rows.iter().find(|row| row.kind == "target" && row.id() == id)
}

/// Why values can't be those of a target.
pub fn unfit(values: &TargetValues) -> Option<Text> {
    let fits = |name: &str, value: &Json| match name {
        "value" => value.as_f64().is_some_and(f64::is_finite),
        "year" => value.is_null() || value.as_i64().is_some_and(|year| YEARS.contains(&year)),
        "note" | "note_en" => value.as_str().is_some_and(|text| text.chars().count() <= LONGEST_NOTE),
        _ => false,
    };
    let bad = values.iter().find(|(name, value)| !fits(name, value)).map(|(name, _)| name.as_str())?;
    Some(match bad {
        "value" => Text::new("目标值应为数字", "the value of a target is a number"),
        "year" => Text::new("年份应为 1900 到 2200,或不填", "the year is 1900 to 2200, or left out"),
        "note" | "note_en" => Text::new(
            format!("目标的说明最多 {LONGEST_NOTE} 字"),
            format!("the remark of a target has at most {LONGEST_NOTE} characters"),
        ),
        _ => Text::new(
            "目标只能改数值、年份和说明",
            "of a target value, year and remark can be changed, and nothing else",
        ),
    })
}

/// The rows with what becomes of targets, by their ids. `document`: where a changed one stands from now on.
pub fn edited(rows: &[Indicator], edits: &[(&str, &TargetValues)], document: Option<&str>) -> Vec<Indicator> {
    let mut out = rows.to_vec();
    let ids: Vec<String> = rows.iter().map(Indicator::id).collect();
    for (row, id) in out.iter_mut().zip(&ids).filter(|(row, _)| row.kind == "target") {
        let Some((_, values)) = edits.iter().find(|(own, _)| own == id) else { continue };
        let before = row.clone();
        let text = |name: &str| values.get(name).and_then(Json::as_str).map(str::to_owned);
        row.value = values.get("value").and_then(Json::as_f64).unwrap_or(row.value);
        if let Some(year) = values.get("year") {
            row.year = year.as_u64().and_then(|year| u16::try_from(year).ok());
        }
        row.note = text("note").unwrap_or_else(|| before.note.clone());
        // a remark in one language is not left beside another one in the other
        row.note_en = text("note_en")
            .unwrap_or_else(|| if row.note == before.note { before.note_en.clone() } else { String::new() });
        if let Some(document) = document.filter(|_| *row != before) {
            (row.source, row.source_en) = (document.to_owned(), String::new());
        }
    }
    out
}

/// Whether two rows would be one target: the ids that stand twice.
pub fn doubled(rows: &[Indicator]) -> HashSet<String> {
    let mut seen = HashSet::new();
    let targets = rows.iter().filter(|row| row.kind == "target").map(Indicator::id);
    targets.filter(|id| !seen.insert(id.clone())).collect()
}

/// The rows as the file has them.
pub fn text(rows: &[Indicator]) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| out.serialize(row))?;
    out.into_inner().map_err(|e| e.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, year: u16, value: f64) -> Indicator {
        let text = |text: &str| text.to_owned();
        Indicator {
            indicator: text("revenue"),
            title_zh: text("营业收入"),
            title_en: text("Revenue"),
            scope: text("人工智能, \"核心\""),
            scope_en: text("AI"),
            zone: String::new(),
            year: Some(year),
            value,
            unit: text("亿元"),
            kind: text(kind),
            comparator: text("ge"),
            source: text("规划"),
            note: text("目标"),
            unit_en: String::new(),
            source_en: text("Plan"),
            note_en: text("Target"),
        }
    }

    #[test]
    fn a_changed_target_is_another_value_of_the_same_row_and_cites_its_document() {
        let rows = [row("actual", 2025, 2900.0), row("target", 2025, 3000.0), row("target", 2030, 5000.0)];
        let id = rows[1].id();
        let values = TargetValues::from([("value".into(), json!(3200.5)), ("note".into(), json!("调整"))]);
        assert_eq!(held(&rows, &id).unwrap()["value"], json!(3000.0));
        assert_eq!(held(&rows, &rows[0].id()), None, "what has come about is no target");
        let out = edited(&rows, &[(id.as_str(), &values)], Some("杭政〔2026〕1 号"));
        assert_eq!((&out[0], &out[2]), (&rows[0], &rows[2]));
        let expected = Indicator {
            value: 3200.5,
            note: "调整".into(),
            note_en: String::new(),
            source: "杭政〔2026〕1 号".into(),
            source_en: String::new(),
            ..rows[1].clone()
        };
        assert_eq!(out[1], expected);
        let same = TargetValues::from([("value".into(), json!(3000))]);
        assert_eq!(edited(&rows, &[(id.as_str(), &same)], Some("x")), rows, "what is the same stands where it stood");
        let later = TargetValues::from([("year".into(), json!(2030))]);
        assert_eq!(doubled(&edited(&rows, &[(id.as_str(), &later)], None)).len(), 1);
        assert!(doubled(&rows).is_empty());
        // what is written is read again
        let mut reader = csv::Reader::from_reader(std::io::Cursor::new(text(&out).unwrap()));
        assert_eq!(reader.deserialize().collect::<Result<Vec<Indicator>, _>>().unwrap(), out);
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for (name, bad) in [
            ("value", json!("3000")),
            ("value", json!(null)),
            ("year", json!(25)),
            ("year", json!("2025")),
            ("note", json!("长".repeat(LONGEST_NOTE + 1))),
            ("kind", json!("actual")),
        ] {
            assert!(unfit(&TargetValues::from([(name.into(), bad.clone())])).is_some(), "{name} {bad}");
        }
        let fine = [("value", json!(1.5)), ("year", json!(null)), ("note", json!(""))];
        assert_eq!(unfit(&fine.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()), None);
    }
}
