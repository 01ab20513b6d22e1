//! What the program writes, it reads: every file of rows, in both languages, imported again unchanged changes nothing.

use crate::common::copy_dataset;
use serde_json::{Value as Json, json};
use shigu::core::geometry::Crs;
use shigu::core::model::{Dataset, Lang, Role};
use shigu::core::query::{Disclosure, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::bulk::{Bulk, Format as BulkFormat};
use shigu::data::intake::{Class, Ground, Import, Options, Outcome, read, sheet};
use shigu::data::load::{Limits, Severity, Source, load};
use shigu::render::drawing::Fonts;
use shigu::render::report::{Format, Origin, RenderContext, Report};
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

pub fn dataset(folder: &Path) -> Dataset {
    let (dataset, findings) = load(&Source::Folder(folder.into()), &Limits::default());
    dataset.unwrap_or_else(|| panic!("{:?}", findings.findings))
}

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files of a collection's rows by what they are called; reports are of the register only.
fn files(dataset: &Dataset, collection: &str, disclosure: Disclosure) -> Vec<(String, Vec<u8>)> {
    let snapshot = Arc::new(Snapshot::new(dataset.clone()));
    let bound = Question::of(collection).bind(&snapshot, disclosure).unwrap();
    let selection = bound.select(0, usize::MAX);
    let mut all = Vec::new();
    for (name, format) in BulkFormat::ALL {
        let made = tempfile::NamedTempFile::new().unwrap();
        let file = (format == BulkFormat::GeoPackage).then(|| made.path());
        let mut bulk = Bulk::new(format, &selection, Crs::Crs84, file, "2026-01-01T00:00:00Z").unwrap();
        let mut bytes = Vec::new();
        while bulk.part(&selection, &mut bytes).unwrap() {}
        if let Some(file) = file {
            bytes = fs::read(file).unwrap();
        }
        all.push((name.to_owned(), bytes));
    }
    let register = dataset.by_role(Role::Register).unwrap().0;
    for lang in [Lang::Zh, Lang::En].into_iter().filter(|_| register.id == collection) {
        let report = Report::new(&bound, lang, Origin::default()).unwrap();
        for format in [Format::Csv, Format::Xlsx, Format::Geojson] {
            let bytes = report.render(format, RenderContext { map: None, fonts: &Fonts::default() }).unwrap();
            all.push((format!("report {format:?} {lang:?}"), bytes));
        }
    }
    all
}

fn outcome(dataset: &Dataset, bytes: &[u8], worksheet: Option<&str>) -> Result<Outcome, String> {
    let ground = Ground::of(dataset);
    let table =
        read(Cursor::new(bytes), dataset, worksheet, &sheet::Limits::default()).map_err(|e| format!("{e:?}"))?;
    let import = Import::prepare(&table, dataset, &ground, Options::default()).map_err(|e| format!("{e:?}"))?;
    Ok(import.check())
}

/// Each file of the register, imported again: every row is found and none changes.
pub fn nothing_changes(name: &str, dataset: &Dataset, disclosure: Disclosure) {
    let (register, rows) = dataset.by_role(Role::Register).unwrap();
    assert!(!rows.ids.is_empty());
    let mut wrong = Vec::new();
    for (file, bytes) in files(dataset, &register.id, disclosure) {
        let outcome = match outcome(dataset, &bytes, None) {
            Ok(outcome) => outcome,
            Err(refused) => {
                wrong.push(format!("{file}: {refused}"));
                continue;
            }
        };
        let c = outcome.counts;
        let rows_of = |class: &Class| outcome.rows.get(class).into_iter().flatten().take(3);
        let rows_of = |class| rows_of(&class).map(|r| format!("{} {} {:?}", r.id, r.name, r.changes));
        let mut said: Vec<String> = [Class::New, Class::Changed, Class::Moved].into_iter().flat_map(rows_of).collect();
        let bad = outcome.findings.iter().filter(|f| f.severity != Severity::Info).take(5);
        said.extend(bad.map(|f| format!("{} {:?} {:?}: {}", f.code, f.row, f.column, f.message.zh)));
        if !said.is_empty()
            || c.unchanged != rows.ids.len()
            || c.rows != c.unchanged
            || c.absent > 0
            || outcome.replaces_sample
        {
            wrong.push(format!("{file}: {c:?}\n    {}", said.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{name}\n{}", wrong.join("\n"));
}

#[test]
fn every_dataset_reads_its_own_files() {
    for name in ["geodata/hangzhou", "tests/data/tinyville", "tests/data/fourfold", "tests/data/solo"] {
        let dataset = dataset(&folder(name));
        nothing_changes(name, &dataset, Disclosure::Full);
    }
}

/// What a reader without single figures may take lacks columns; it empties none.
#[test]
fn files_without_protected_columns_change_nothing() {
    let dataset = dataset(&folder("geodata/hangzhou"));
    nothing_changes("hangzhou", &dataset, Disclosure::Aggregates);
}

/// A file of another collection is never taken for enterprises.
#[test]
fn files_of_other_collections_are_refused_by_name() {
    let mut tried = 0;
    for name in ["geodata/hangzhou", "tests/data/tinyville", "tests/data/fourfold"] {
        let dataset = dataset(&folder(name));
        for (spec, table) in dataset.collections().filter(|(c, _)| c.role != Role::Register) {
            for (file, bytes) in files(&dataset, &spec.id, Disclosure::Full) {
                let said = outcome(&dataset, &bytes, None).map(|o| o.counts);
                let said = said.expect_err(&format!("{name} {} {file}", spec.id));
                let named = said.contains("other-collection") && said.contains(&spec.title.zh);
                // lines and areas are no enterprises in any file that says what it holds; an empty one has no rows
                assert!(
                    named || said.contains("not-points") || table.ids.is_empty(),
                    "{name} {} {file}: {said}",
                    spec.id
                );
                tried += 1;
            }
        }
    }
    assert!(tried >= 50, "{tried}");
}

/// Outside China nobody has to choose between systems that are the same there.
#[test]
fn a_table_of_another_country_is_read_without_a_question() {
    let dataset = dataset(&folder("tests/data/solo"));
    let rows = "label,parish,trade,longitude,latitude\nMill A,Q1,kiln,10.0131234,50.0141234\nMill B,Q2,glass,10.1161234,50.0181234\n";
    let read = outcome(&dataset, rows.as_bytes(), None).unwrap();
    assert_eq!((read.counts.new, read.counts.problem), (2, 0));
    assert!(read.findings.iter().all(|f| f.code != "crs-undecided"), "{:?}", read.findings);
}

/// Names and values that files have to escape.
#[test]
fn hostile_text_comes_home() {
    let dir = tempfile::tempdir().unwrap();
    copy_dataset("geodata/hangzhou", dir.path());
    let manifest = dir.path().join("dataset.json");
    let mut json: Json = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    for collection in json["collections"].as_array_mut().unwrap().iter_mut().filter(|c| c["role"] == "register") {
        let tags = json!({"name": "tags", "title": {"zh": "标签", "en": "Tags"}, "type": "strings"});
        let day = json!({"name": "listed", "title": {"zh": "入库日期", "en": "Listed"}, "type": "date"});
        let ratio = json!({"name": "ratio", "title": {"zh": "占比", "en": "Ratio"}, "type": "number"});
        let seen = json!({"name": "seen", "title": {"zh": "核查时间", "en": "Seen at"}, "type": "datetime"});
        collection["properties"].as_array_mut().unwrap().extend([tags, day, ratio, seen]);
        collection["sample"] = json!(false);
    }
    fs::write(&manifest, json.to_string()).unwrap();
    let names = [
        "=1+1",
        "+86 科技",
        "-减号",
        "@at",
        "'=引号",
        "''=两个",
        "'单引号",
        "=\"0571\"",
        "\"双引号\"",
        "a,b;c|d/e、f",
        "_x0041_转义公司",
        "_x005F_x0041_",
        "&amp;<b>",
        "０全角",
        "甲  乙",
        "0571",
        "1e5",
        "1,234",
        "TRUE",
        "NULL",
        "N/A",
        "无",
        "—",
        "合计科技有限公司",
        "小计",
        "2021",
        "2021-01-01",
        "杭州（中国）",
        "杭州(中国)",
        "#N/A",
        "示例",
        "a\\b",
        "%41",
        "🏭",
        "é",
        "e\u{301}",
    ];
    let features: Vec<Json> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let tags = match i % 4 {
                0 => json!(["a", "b"]),
                1 => json!(["研发/销售", "x;y", "[z"]),
                2 => json!([]),
                _ => Json::Null,
            };
            let seen = [
                "2022-04-16T10:13:19Z",
                "2022-04-16T18:13:19+08:00",
                "2022-04-16T23:59:59.5Z",
                "2022-04-15T16:00:00Z",
                "1988-07-01T00:30:00+09:00",
                "2022-04-16T00:00:00Z",
            ];
            json!({"type": "Feature", "id": format!("H{i:02}"),
                "geometry": if i % 5 == 0 { Json::Null } else { json!({"type": "Point", "coordinates": [120.05 + i as f64 / 1000.0, 30.3 + 1e-7]}) },
                "properties": {"name": name, "cluster": if i % 3 == 0 { Json::Null } else { json!("robot") }, "cluster_secondary": ["home"],
                    "district": "330106", "founded": 1999, "size": "small", "above_scale": i % 2 == 0,
                    "location_class": if i % 5 == 0 { "none" } else { "address" }, "precision_m": if i % 5 == 0 { Json::Null } else { json!(1200) },
                    "revenue_2025": if i % 7 == 0 { Json::Null } else { json!(i as f64 * 1.01) }, "employees_2025": i, "sample": false,
                    "tags": tags, "seen": if i % 7 == 3 { Json::Null } else { json!(seen[i % seen.len()]) }, "listed": "1996-02-29", "ratio": 1.0 / (i as f64 + 3.0)}})
        })
        .collect();
    let file = json!({"type": "FeatureCollection", "features": features});
    fs::write(dir.path().join("enterprises.geojson"), file.to_string()).unwrap();
    nothing_changes("hostile", &dataset(dir.path()), Disclosure::Full);
}
