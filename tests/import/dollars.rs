//! A register whose amounts are in thousands of US dollars: the same words, the other way round.

use super::own_files::{dataset, nothing_changes};
use super::tables::{HEAD, ROWS, lines};
use crate::common::copy_dataset;
use calamine::{Reader, Xlsx};
use serde_json::{Value as Json, json};
use shigu::core::model::Dataset;
use shigu::core::query::Disclosure;
use shigu::data::intake::{Ground, Import, Options, Outcome, read, sheet, template};
use shigu::data::load::Severity;
use std::fs;
use std::io::Cursor;
use std::sync::OnceLock;

/// Each unit and each short title of the manifest.
fn in_dollars(json: &mut Json) {
    match json {
        Json::Object(members) => {
            if members.get("unit").is_some_and(|u| u["zh"] == "万元") {
                members.insert("unit".to_owned(), json!({"zh": "千美元", "en": "USD thousand"}));
                if members.contains_key("short") {
                    members.insert("short".to_owned(), json!({"zh": "营收(千美元)", "en": "Revenue (USD thousand)"}));
                }
            }
            members.values_mut().for_each(in_dollars);
        }
        Json::Array(all) => all.iter_mut().for_each(in_dollars),
        _ => {}
    }
}

fn abroad() -> &'static (Dataset, Ground) {
    static ABROAD: OnceLock<(Dataset, Ground)> = OnceLock::new();
    ABROAD.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        copy_dataset("geodata/hangzhou", folder.path());
        let manifest = folder.path().join("dataset.json");
        let mut json: Json = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
        in_dollars(&mut json);
        assert!(json.to_string().contains("千美元") && !json["collections"].to_string().contains("万元\""));
        fs::write(&manifest, json.to_string()).unwrap();
        let dataset = dataset(folder.path());
        let ground = Ground::of(&dataset);
        (dataset, ground)
    })
}

/// The outcome, and the amounts of the register that would be written.
fn of(bytes: &[u8]) -> (Outcome, Vec<Option<f64>>) {
    let (dataset, ground) = abroad();
    let table = read(Cursor::new(bytes), dataset, None, &sheet::Limits::default()).unwrap_or_else(|e| panic!("{e:?}"));
    let import = Import::prepare(&table, dataset, ground, Options::default()).unwrap_or_else(|e| panic!("{e:?}"));
    let mut out = Vec::new();
    import.write(&mut out).unwrap();
    let register: Json = serde_json::from_slice(&out).unwrap();
    let amount = |f: &Json| f["properties"]["revenue_2025"].as_f64();
    (import.check(), register["features"].as_array().unwrap().iter().map(amount).collect())
}

fn under(name: &str, per: f64) -> Vec<u8> {
    let mut all = vec![HEAD.replace("营业收入(万元)2025年", &format!("\"{name}\""))];
    all.extend(ROWS.map(|row| {
        let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
        cells[3] = (cells[3].parse::<f64>().unwrap() / per).to_string();
        cells.join(",")
    }));
    lines(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

const AMOUNTS: [Option<f64>; 5] = [Some(1200.5), Some(800.0), Some(450.25), Some(3000.0), Some(95.0)];

fn near(read: &[Option<f64>], what: &str) {
    let same = read.len() == 5 && read.iter().zip(AMOUNTS).all(|(a, b)| (a.unwrap() - b.unwrap()).abs() < 1e-6);
    assert!(same, "{what}: {read:?}");
}

#[test]
fn amounts_in_any_multiple_of_the_currency_are_scaled() {
    for (name, per) in [
        ("2025年营业收入(千美元)", 1.0),
        ("2025年营业收入（USD thousand）", 1.0),
        ("2025年营业收入(thousand USD)", 1.0),
        ("2025年营业收入(USD '000)", 1.0),
        ("2025年营业收入(US$ k)", 1.0),
        ("2025年营业收入(美元)", 1e-3),
        ("2025年营业收入/美金", 1e-3),
        ("2025年营业收入($)", 1e-3),
        ("2025年营业收入（万美元）", 10.0),
        ("2025年营业收入万美元", 10.0),
        ("2025年营业收入[百万美元]", 1000.0),
        ("2025年营业收入(USD million)", 1000.0),
        ("2025年营业收入(US$ mn)", 1000.0),
        ("2025年营业收入(亿美元)", 1e5),
        ("2025年营业收入(USD bn)", 1e6),
        ("2025年营业收入(千)", 1.0),
    ] {
        let (outcome, amounts) = of(&under(name, per));
        near(&amounts, &format!("{name} {:?}", outcome.findings));
        assert_eq!((outcome.count("unit-assumed"), outcome.counts.problem), (0, 0), "{name} {:?}", outcome.findings);
    }
    // above the table, in a cell, in a number format
    let mut text = "单位：百万美元,,,,,,,\n".as_bytes().to_vec();
    text.extend(under("2025年营业收入", 1000.0));
    near(&of(&text).1, "above");
    let cell = String::from_utf8(under("2025年营业收入(千美元)", 1.0)).unwrap().replace(",1200.5,", ",120.05万美元,");
    near(&of(cell.as_bytes()).1, "in a cell");
    // without a unit it is the register's, and that is said in its words
    let (outcome, amounts) = of(&under("2025年营业收入", 1.0));
    near(&amounts, "none");
    let said = outcome.findings.iter().find(|f| f.code == "unit-assumed").expect("told");
    assert!(said.message.zh.contains("千美元") && said.message.en.contains("USD thousand"), "{said:?}");
}

#[test]
fn another_currency_is_refused_by_name() {
    for (name, word) in [
        ("2025年营业收入(万元)", "万元"),
        ("2025年营业收入（人民币亿元）", "人民币亿元"),
        ("2025年营业收入(RMB million)", "RMB million"),
        ("2025年营业收入(元)", "元"),
        ("2025年营业收入(万港元)", "万港元"),
        ("2025年营业收入(EUR thousand)", "EUR thousand"),
    ] {
        let (outcome, amounts) = of(&under(name, 1.0));
        let said: Vec<_> = outcome.findings.iter().filter(|f| f.code == "unit-currency").collect();
        assert_eq!((said.len(), said[0].severity), (1, Severity::Error), "{name} {:?}", outcome.findings);
        assert!(said[0].message.zh.contains(word), "{:?}", said[0]);
        assert!(amounts.iter().all(Option::is_none), "{name} {amounts:?}");
    }
    let mut text = "单位:万元,,,,,,,\n".as_bytes().to_vec();
    text.extend(under("2025年营业收入", 1.0));
    assert!(of(&text).0.count("unit-currency") > 0);
}

#[test]
fn its_template_and_its_own_files_come_home() {
    let (dataset, _) = abroad();
    nothing_changes("dollars", dataset, Disclosure::Full);
    let bytes = template(dataset).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let head = book.worksheet_range_at(0).unwrap().unwrap();
    let head: Vec<String> = head.rows().next().unwrap().iter().map(ToString::to_string).collect();
    assert!(head.iter().any(|h| h.contains("千美元")) && head.iter().all(|h| !h.contains("万元")), "{head:?}");
    let cells = |name: &String| match name.as_str() {
        "名称" => "甲一科技有限公司".to_owned(),
        "申报区县" => "西湖区".to_owned(),
        n if n.contains("营业收入") => "1200.5".to_owned(),
        _ => String::new(),
    };
    let filled = super::material::csv(&[head.clone(), head.iter().map(cells).collect()]);
    let (outcome, amounts) = of(&filled);
    assert_eq!(amounts, [Some(1200.5)]);
    let bad: Vec<_> = outcome.findings.iter().filter(|f| f.severity != Severity::Info).collect();
    assert!(bad.iter().all(|f| f.code == "unlocated"), "{bad:?}");
}
