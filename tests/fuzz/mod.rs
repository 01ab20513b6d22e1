//! Arbitrary bytes for every reader of files, filters and questions: the corpus of this folder, the files of `tests/import` and
//! what chance makes of them. Nothing may panic: an answer or a refusal, whatever comes in.
//!
//! In tests each target runs its corpus and some hundred mutants, always the same. `make fuzz` gives each ten minutes and
//! another seed (`SHIGU_FUZZ_SECONDS`, `SHIGU_FUZZ_SEED`). What panics is written to `target/fuzz`; mended, it goes into
//! `corpus`, where every later run begins with it (ADR 56).

mod mutate;

use crate::import::material::{city, csv, head, xlsx};
use mutate::Mutator;
use shigu::core::filter::{parse_json, parse_text, to_json};
use shigu::core::model::Lang;
use shigu::core::query::{Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::intake::{Import, Options, read, sheet};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Mutants of each target in tests.
const MUTANTS: usize = 250;

static ENGINE: LazyLock<Embedded> = LazyLock::new(|| Snapshot::new(city().0.clone()).into());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder whose names end so.
fn files(folder: &str, ends: &[&str]) -> Vec<Vec<u8>> {
    let Ok(all) = std::fs::read_dir(root().join(folder)) else { return vec![] };
    let mut paths: Vec<PathBuf> = all.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let wanted = |p: &PathBuf| ends.is_empty() || ends.iter().any(|end| p.to_string_lossy().ends_with(end));
    paths.iter().filter(|p| wanted(p)).map(|p| std::fs::read(p).unwrap()).collect()
}

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Gives a target its corpus and mutants of it, and tells of each panic.
fn run(target: &str, seeds: Vec<Vec<u8>>, take: impl Fn(&[u8])) {
    let mut corpus = files(&format!("tests/fuzz/corpus/{target}"), &[]);
    corpus.extend(seeds);
    assert!(!corpus.is_empty(), "{target} has no corpus");
    let mut crashes: Vec<String> = Vec::new();
    // what never ends is left there
    let last = setting::<u64>("SHIGU_FUZZ_SECONDS").map(|_| {
        let folder = root().join("target/fuzz");
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(format!("last-{target}"))
    });
    let mut attempt = |bytes: &[u8]| {
        last.iter().for_each(|path| std::fs::write(path, bytes).unwrap());
        if catch_unwind(AssertUnwindSafe(|| take(bytes))).is_err() {
            let folder = root().join("target/fuzz").join(target);
            std::fs::create_dir_all(&folder).unwrap();
            let path = folder.join(format!("crash-{}", crashes.len()));
            std::fs::write(&path, bytes).unwrap();
            crashes.push(path.display().to_string());
        }
        crashes.len() < 20
    };
    corpus.iter().all(|bytes| attempt(bytes));
    let seconds: Option<u64> = setting("SHIGU_FUZZ_SECONDS");
    let mut mutator = Mutator::new(&corpus, setting("SHIGU_FUZZ_SEED").unwrap_or(20_261_128));
    let (begun, mut tried) = (Instant::now(), 0_usize);
    let goes_on = |tried: usize| match seconds {
        Some(seconds) => begun.elapsed() < Duration::from_secs(seconds),
        None => tried < MUTANTS,
    };
    while goes_on(tried) && attempt(&mutator.next()) {
        tried += 1;
    }
    if seconds.is_some() {
        println!("{target}: {tried} mutants of {} files, {} panics", corpus.len(), crashes.len());
    }
    assert_eq!(crashes, Vec::<String>::new(), "{target}");
}

/// Reads a department's file as far as it goes.
fn table(bytes: &[u8]) {
    let limits =
        sheet::Limits { memory_bytes: 64 << 20, held_bytes: 16 << 20, rows: 20_000, ..sheet::Limits::default() };
    let (dataset, ground) = city();
    let Ok(table) = read(Cursor::new(bytes), dataset, None, &limits) else { return };
    if table.cells.len() > 200 {
        return;
    }
    if let Ok(import) = Import::prepare(&table, dataset, ground, Options { file: "t".into(), ..Options::default() }) {
        let outcome = import.check();
        assert!(!outcome.render(Lang::Zh).is_empty());
        let _ = import.faults(Lang::En);
    }
}

/// Answers a question as far as it goes.
fn answer(question: &Question) {
    let Ok(bound) = ENGINE.bind(question, Disclosure::Aggregates) else { return };
    let _ = bound.summarize().map(|summary| serde_json::to_string(&summary).unwrap());
    let again = Question::from_json(question.to_json().as_bytes());
    assert!(again.is_ok_and(|again| again == *question), "{}", question.to_json());
}

fn imported(ends: &[&str]) -> Vec<Vec<u8>> {
    files("tests/import/files", ends)
}

fn rows() -> Vec<Vec<String>> {
    let row = |name: &str| ["", name, "余杭区", "", "1", "2", "2015", "120.1", "30.3"].map(str::to_owned).to_vec();
    vec![head(), row("甲公司"), row("乙公司")]
}

#[test]
fn geojson() {
    run("geojson", vec![], table);
}

#[test]
fn kml() {
    run("kml", imported(&[".kml", ".kmz"]), table);
}

#[test]
fn comma_separated() {
    run("csv", vec![csv(&rows())], table);
}

#[test]
fn pages() {
    run("pages", vec![], table);
}

#[test]
fn workbook() {
    run("workbook", vec![xlsx(&rows())], table);
}

#[test]
fn shapefile() {
    run("shapefile", imported(&["shape-gbk.zip", "shape-4549.zip"]), table);
}

#[test]
fn parquet() {
    run("parquet", imported(&[".parquet"]), table);
}

#[test]
fn geopackage() {
    run("geopackage", imported(&["layers.gpkg"]), table);
}

#[test]
fn flatgeobuf() {
    run("flatgeobuf", imported(&[".fgb"]), table);
}

fn filter(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(expr) = parse_text(&text) else { return };
    let printed = expr.to_string();
    assert_eq!(parse_text(&printed).unwrap_or_else(|e| panic!("{e}: {printed}")), expr, "{printed}");
    for collection in ["enterprises", "districts"] {
        answer(&Question::of(collection).filtered(expr.clone()));
    }
}

#[test]
fn well_known_text() {
    run("wkt", vec![], filter);
}

#[test]
fn cql2_text() {
    run("cql2", vec![], filter);
}

#[test]
fn cql2_json() {
    run("cql2-json", vec![], |bytes| {
        let Ok(expr) = parse_json(&String::from_utf8_lossy(bytes)) else { return };
        let written = to_json(&expr).to_string();
        assert_eq!(parse_json(&written).unwrap_or_else(|e| panic!("{e}: {written}")), expr, "{written}");
        answer(&Question::register().filtered(expr));
    });
}

#[test]
fn question() {
    run("question", vec![], |bytes| {
        if let Ok(question) = Question::from_json(bytes) {
            answer(&question);
        }
        if let Ok(question) = Question::from_url_query(&String::from_utf8_lossy(bytes)) {
            answer(&question);
        }
    });
}
