//! The papers of every dataset folder of the tests: their words are the folder's own or those of all papers, in the language
//! asked for, and no section of them is empty.

use crate::common;
use common::service::Service;
use serde_json::Value;
use shigu::core::query::Disclosure;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every folder that is a dataset: those of the tests, and the city that comes with the program.
fn folders() -> Vec<String> {
    let all = std::fs::read_dir(root().join("tests/data")).unwrap();
    let mut folders: Vec<String> = all
        .map(|entry| format!("tests/data/{}", entry.unwrap().file_name().to_str().unwrap()))
        .filter(|folder| root().join(folder).join("dataset.json").exists())
        .collect();
    folders.sort();
    folders.push("geodata/hangzhou".to_owned());
    folders
}

/// All text of a folder, in lower case.
fn own(folder: &str) -> String {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| ["json", "geojson", "csv"].iter().any(|own| e == *own)));
    let texts: Vec<String> = files.iter().map(|path| std::fs::read_to_string(path).unwrap().to_lowercase()).collect();
    texts.join("\n")
}

/// The words that a manifest and its codelists give to things: of rows, classes, levels, metrics, units and places.
fn words(folder: &str) -> BTreeSet<String> {
    fn texts(value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    match value {
                        Value::String(word) if ["zh", "en", "plural"].contains(&key.as_str()) => {
                            out.insert(word.to_lowercase());
                        }
                        _ => texts(value, out),
                    }
                }
            }
            Value::Array(all) => all.iter().for_each(|value| texts(value, out)),
            _ => {}
        }
    }
    let mut out = BTreeSet::new();
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(root().join(folder).join(name)).unwrap()).unwrap()
    };
    let manifest = read("dataset.json");
    texts(&manifest, &mut out);
    for list in manifest["codelists"].as_object().into_iter().flat_map(|lists| lists.values()) {
        texts(&read(list.as_str().unwrap())["entries"], &mut out);
    }
    let chinese = |word: &str| word.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    // sentences and single letters say nothing of whose they are
    out.retain(|word| {
        if chinese(word) { (2..=8).contains(&word.chars().count()) } else { word.len() >= 4 && word.len() <= 40 }
    });
    out
}

/// Words of any register that papers use of themselves, and that some folder gives to a property of its own.
const OF_PAPERS: &[&str] = &[
    "address",
    "area",
    "areas",
    "industries",
    "large",
    "planned",
    "water",
    "km²",
    "layer",
    "layout",
    "布局",
    "范围",
    "行业",
    "level",
    "location",
    "method",
    "name",
    "no position",
    "note",
    "note on the status",
    "number",
    "official area",
    "owner",
    "state",
    "数据日期",
    "更新日期",
    "period",
    "place",
    "position",
    "position precision",
    "precision",
    "register",
    "sample data",
    "share",
    "size",
    "small",
    "规模",
    "since",
    "source",
    "status",
    "test",
    "valid from",
    "version",
    "year",
    "later than the plan",
    "区域",
    "地址",
    "合计",
    "名称",
    "名录",
    "位置",
    "坐标",
    "备注",
    "年份",
    "开始",
    "所属",
    "来源",
    "状态",
    "现状",
    "种类",
    "类别",
    "编号",
    "说明",
    "依据",
    "图层",
    "面积",
    "平方公里",
    "级别",
    "规划",
    "数字",
    "示例",
    "示例数据",
    "用途",
    "平方千米",
    "图形面积",
    "已有",
    "状态说明",
    "位置精度",
    "精度",
    "规划之后出现",
];

/// The texts of a paper.
fn said(format: &str, bytes: &[u8]) -> String {
    let plain = |xml: &str| {
        // styles and scripts are no text
        let mut xml = xml.to_owned();
        for tag in ["style", "script"] {
            while let Some(from) = xml.find(&format!("<{tag}")) {
                let end = format!("</{tag}>");
                let to = xml[from..].find(&end).map_or(xml.len(), |at| from + at + end.len());
                xml.replace_range(from..to, " ");
            }
        }
        let parts = xml.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        let text = parts.collect::<Vec<_>>().join(" ");
        text.replace("&amp;", "&").replace("&lt;", "<").replace("&#39;", "'").replace("&quot;", "\"")
    };
    if format == "html" {
        return plain(&String::from_utf8_lossy(bytes));
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = String::new();
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).unwrap();
        let name = part.name().unwrap().into_owned();
        let text = ["document.xml", "sharedStrings.xml", "workbook.xml"].iter().any(|end| name.ends_with(end))
            || name.contains("worksheets/")
            || name.contains("charts/");
        if text {
            let mut xml = String::new();
            part.read_to_string(&mut xml).unwrap();
            out.push_str(&plain(&xml));
            out.push('\n');
        }
    }
    out
}

fn holds(text: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return text.contains(word);
    }
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .any(|(at, found)| !letter(text[..at].chars().next_back()) && !letter(text[at + found.len()..].chars().next()))
}

/// Nothing of one folder is in the papers of another, whatever the language and the format; texts in English have no Chinese
/// but names that the folder has no English for.
#[tokio::test]
async fn words_of_papers_come_from_their_own_folder() {
    let folders = folders();
    let of: BTreeMap<&str, (String, BTreeSet<String>)> =
        folders.iter().map(|folder| (folder.as_str(), (own(folder), words(folder)))).collect();
    let every: BTreeSet<&String> = of.values().flat_map(|(_, words)| words).collect();
    assert!(every.len() > 300, "{}", every.len());
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let (mut papers, mut foreign) = (0, Vec::new());
    for (folder, (own, _)) in of.iter().filter(|(folder, _)| folder.starts_with("tests")) {
        // "declared district" of one folder is what papers say of another one's districts
        let told = |word: &str| {
            let bare = word.strip_prefix("declared ").or_else(|| word.strip_prefix('主')).unwrap_or(word);
            own.contains(word) || own.contains(bare)
        };
        let others: Vec<&&String> =
            every.iter().filter(|word| !told(word) && !OF_PAPERS.contains(&word.as_str())).collect();
        assert!(others.len() > 250, "{folder} {}", others.len());
        let service = Service::open(folder, Disclosure::Full);
        let about = service.json("/dataset").await;
        let tables: Vec<&str> = about["tables"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
        let zones = service.json("/zones").await;
        let zones = zones["zones"].as_array().unwrap().iter().filter_map(|z| z["id"].as_str());
        let zones: Vec<&str> = std::iter::once("city").chain(zones.take(2)).collect();
        for table in &tables {
            for (zone, lang) in zones.iter().flat_map(|zone| ["zh", "en"].map(|lang| (zone, lang))) {
                for format in ["html", "docx", "xlsx"] {
                    let path = format!("/report/{zone}?table={table}&lang={lang}&format={format}");
                    let answer = service.get(&path).await;
                    assert_eq!(answer.status, 200, "{folder} {path} {}", String::from_utf8_lossy(&answer.body));
                    let text = said(format, &answer.body);
                    assert!(!text.contains("{}") && !text.contains("NaN"), "{folder} {path}");
                    let lower = text.to_lowercase();
                    let found: Vec<&&&String> = others.iter().filter(|word| holds(&lower, word)).collect();
                    if !found.is_empty() {
                        foreign.push(format!("{folder} {path}: {found:?}"));
                    }
                    if lang == "en" {
                        // the program's own name, and the mark of rows without a class
                        let known = |run: &&str| ["", "视谷", "他"].contains(run) || own.contains(*run);
                        let left: Vec<&str> = text.split(|c| !han(c)).filter(|run| !known(run)).collect();
                        if !left.is_empty() {
                            foreign.push(format!("{folder} {path}: {left:?}"));
                        }
                    }
                    if format == "html" {
                        let html = String::from_utf8_lossy(&answer.body).into_owned();
                        let mut sections = html.split("<h2").skip(1);
                        assert!(sections.clone().count() >= 3, "{folder} {path}");
                        let full = |section: &str| {
                            ["<p", "<table", "<figure", "<ol", "<dl", "<svg"].iter().any(|tag| section.contains(tag))
                        };
                        assert!(sections.all(full), "{folder} {path}: an empty section");
                    }
                    papers += 1;
                }
            }
        }
    }
    assert!(papers > 150, "{papers}");
    foreign.sort();
    foreign.dedup();
    assert!(foreign.is_empty(), "{} of {papers} papers:\n{}", foreign.len(), foreign.join("\n"));
}
