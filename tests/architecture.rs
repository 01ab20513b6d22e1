//! The plan of the code, kept: layers import lower layers only, files of one folder do not import each other in a circle,
//! lower layers have no clock and no network, and each invariant of ARCHITECTURE.md names the test that enforces it.
//!
//! The first half reads the sources, the second half are the checks: a new one is a `#[test]` over `modules()`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Layers from the bottom up, each with the layers that it may import.
const LAYERS: [(&str, &[&str]); 6] = [
    ("core", &[]),
    ("data", &["core"]),
    ("render", &["core"]),
    ("service", &["core", "data", "render"]),
    ("http", &["core", "data", "render", "service"]),
    ("cli", &["core", "data", "render", "service", "http"]),
];
const LONGEST_FILE: usize = 800;

/// Circles that are still there, by one of their files each. Take an entry out when its circle is mended; add none.
const CIRCLES: [&str; 0] = [];

/// A file of `src` and what it imports.
struct Module {
    /// The file below `src`.
    file: String,
    /// Its whole text.
    text: String,
    /// The paths that it names, from the crate's root, without those inside strings, comments and test modules.
    paths: Vec<Vec<String>>,
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            out.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
    out
}

/// The modules of the program by their path, tests left out.
fn modules() -> BTreeMap<Vec<String>, Module> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut out = BTreeMap::new();
    for path in rust_files(&root) {
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let mut at: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if matches!(at.last().map(String::as_str), Some("mod" | "lib")) {
            at.pop();
        }
        if at.iter().any(|part| part == "tests") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let paths = paths(&at, file.ends_with("mod.rs"), &code(&text));
        out.insert(at, Module { file, text, paths });
    }
    assert!(out.len() > 100, "the scan found hardly any files: {}", out.len());
    out
}

/// A text without comments, without what stands in strings, and without the test module at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut out = String::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap();
        // every second piece between quotes is a string; one that goes over several lines hides nothing that matters
        let pieces = line.replace("\\\"", "").replace("'\"'", "");
        out.extend(pieces.split('"').step_by(2));
        out.push('\n');
    }
    out
}

/// The words of a path `a::b::{c, d::e}`, one path for each of its ends.
fn expand(tree: &str) -> Vec<Vec<String>> {
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.trim().split(" as ").next().unwrap();
        return vec![path.split("::").map(|w| w.trim().to_owned()).filter(|w| !w.is_empty()).collect()];
    };
    let head = expand(head.trim().trim_end_matches("::")).remove(0);
    let inside = &rest[..rest.rfind('}').unwrap()];
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (i, c) in inside.char_indices().chain([(inside.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    let tails = parts.into_iter().filter(|p| !p.trim().is_empty()).flat_map(expand);
    tails.map(|tail| head.iter().cloned().chain(tail).collect()).collect()
}

/// The paths that a module names, from the crate's root. What it only hands on (`pub use child::Item`) is left out.
fn paths(module: &[String], is_folder: bool, code: &str) -> Vec<Vec<String>> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut found = Vec::new();
    let mut body = String::new();
    for statement in code.split_inclusive(';') {
        let begins = statement.rfind("use ").filter(|i| !statement[..*i].ends_with(word));
        let is_use = begins.is_some_and(|i| !statement[i..].contains(['(', '=']));
        match begins.filter(|_| is_use) {
            Some(at) => {
                let handed_on = statement[..at].trim_end().lines().last().is_some_and(|l| l.trim().starts_with("pub"));
                let own = |p: &Vec<String>| !matches!(p[0].as_str(), "crate" | "super");
                let all = expand(statement[at + 4..].trim_end_matches(';'));
                found.extend(all.into_iter().filter(|p| !(handed_on && own(p))));
                body.push_str(&statement[..at]);
            }
            None => body.push_str(statement),
        }
    }
    for start in ["crate::", "super::"] {
        for (at, _) in body.match_indices(start).filter(|(at, _)| !body[..*at].ends_with(word)) {
            let end = body[at..].find(|c| !word(c)).map_or(body.len(), |n| at + n);
            found.extend(expand(&body[at..end]));
        }
    }
    let children: BTreeSet<&str> = body
        .match_indices("mod ")
        .filter_map(|(at, _)| body[at + 4..].split_once(';').map(|(name, _)| name.trim()))
        .filter(|name| is_folder && name.chars().all(|c| word(c) && c != ':'))
        .collect();
    for child in &children {
        let called = format!("{child}::");
        if body.match_indices(&called).any(|(at, _)| !body[..at].ends_with(word)) {
            found.push(vec!["self".to_owned(), (*child).to_owned()]);
        }
    }
    let absolute = |path: Vec<String>| {
        let ups = path.iter().take_while(|w| *w == "super").count();
        match path[0].as_str() {
            // `core` is a crate of its own
            "crate" if module[0] == "core" => Some([&module[..1], &path[1..]].concat()),
            "crate" => Some(path[1..].to_vec()),
            "super" => Some([&module[..module.len() - ups], &path[ups..]].concat()),
            "self" => Some([module, &path[1..]].concat()),
            name if children.contains(name) => Some([module, &path].concat()),
            _ => None,
        }
    };
    found.into_iter().filter_map(absolute).collect()
}

/// The files that each file imports. A file may use what the folders that it stands in have in common (their `mod.rs`).
fn imports(modules: &BTreeMap<Vec<String>, Module>) -> BTreeMap<&str, BTreeSet<&str>> {
    let file_of = |path: &[String]| (1..=path.len()).rev().find_map(|n| modules.get_key_value(&path[..n]));
    let mut out = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (at, module) in modules {
        let targets = module.paths.iter().filter_map(|p| file_of(p)).filter(|(target, _)| !at.starts_with(target));
        out.insert(&module.file, targets.map(|(_, target)| target.file.as_str()).collect());
    }
    out
}

/// What can be reached from a file, itself only where it is part of a circle.
fn reach<'a>(from: &'a str, imports: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        open.extend(imports[file].iter().filter(|f| seen.insert(**f)));
    }
    seen
}

#[test]
fn the_scan_sees_what_is_imported() {
    let text = "//! crate::no::comment\nuse super::{Kind, plan::{self, Test as T}};\npub use child::Item;\nmod child;\n\
        fn f() -> crate::core::model::Text { child::g(\"crate::no::string\", super::super::x::y()) }\n\
        #[cfg(test)]\nmod tests {\n    use crate::no::test;\n}\n";
    let at: Vec<String> = ["http", "ogc"].map(str::to_owned).to_vec();
    let mut found: Vec<String> = paths(&at, true, &code(text)).into_iter().map(|p| p.join("::")).collect();
    found.sort_unstable();
    let right = ["core::model::Text", "http::Kind", "http::ogc::child", "http::plan::Test", "http::plan::self", "x::y"];
    assert_eq!(found, right);
    let core = ["core", "filter"].map(str::to_owned);
    assert_eq!(paths(&core, true, "use crate::model::Text;"), [["core", "model", "Text"].map(str::to_owned)]);
}

#[test]
fn layers_import_lower_layers_only() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for Module { file, paths, .. } in modules().values() {
        let Some((layer, _)) = file.split_once('/') else { continue };
        let allowed = LAYERS.iter().find(|(name, _)| *name == layer);
        let (_, allowed) =
            allowed.unwrap_or_else(|| panic!("src/{layer} is no layer: give it one here and in ARCHITECTURE.md"));
        for target in paths.iter().filter_map(|p| p.first()) {
            assert!(LAYERS.iter().any(|(name, _)| name == target), "{file} imports crate::{target}, which is no layer");
            seen.insert(layer.to_owned());
            if target != layer && !allowed.contains(&target.as_str()) {
                wrong.push(format!("{file}: {layer} imports {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "imports must go down:\n{}", wrong.join("\n"));
    assert_eq!(seen.len(), LAYERS.len(), "the scan found hardly any imports: is it broken? {seen:?}");
}

#[test]
fn files_do_not_import_each_other_in_a_circle() {
    let modules = modules();
    let imports = imports(&modules);
    let reach: BTreeMap<&str, BTreeSet<&str>> = imports.keys().map(|file| (*file, reach(file, &imports))).collect();
    let mut circles = BTreeSet::new();
    for (file, _) in reach.iter().filter(|(file, to)| to.contains(*file)) {
        let circle: Vec<&str> = reach[file].iter().copied().filter(|other| reach[other].contains(file)).collect();
        circles.insert(circle);
    }
    let known = |circle: &Vec<&str>| CIRCLES.iter().any(|file| circle.contains(file));
    let new: Vec<String> = circles.iter().filter(|c| !known(c)).map(|c| c.join(" ")).collect();
    assert!(new.is_empty(), "circles of imports:\n{}", new.join("\n"));
    let mended: Vec<&&str> = CIRCLES.iter().filter(|file| !circles.iter().any(|c| c.contains(file))).collect();
    assert!(mended.is_empty(), "no circle any more, so take it out of the list: {mended:?}");
}

#[test]
fn files_say_what_they_are_for_and_stay_readable() {
    for Module { file, text, .. } in modules().values() {
        assert!(text.starts_with("//! "), "{file} does not open with a line that says what it is for");
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{file} has {lines} lines: a newcomer would not find what they look for");
    }
}

/// One request, one revision: handlers, caches and middleware see the data of the request's context only.
#[test]
fn only_the_request_context_takes_a_snapshot() {
    let mut seen = 0;
    for Module { file, text, .. } in modules().values().filter(|m| m.file.starts_with("http/")) {
        let code: String = code(text).split_whitespace().collect();
        for taken in ["store.current()", "store().current()", "store.snapshot()", "store().snapshot()"] {
            let found = code.matches(taken).count();
            seen += found;
            // what is said of a city is no answer to a request to it
            let takes = ["http/extract/context.rs", "http/cities/mod.rs"].contains(&file.as_str());
            assert!(found == 0 || takes, "{file} takes a snapshot: use Context");
        }
    }
    assert_eq!(seen, 2, "the context takes the snapshot once, a city what is said of it");
}

#[test]
fn lower_layers_are_synchronous_and_have_no_clock() {
    for Module { file, text, .. } in modules().values() {
        let layer = file.split('/').next().unwrap();
        if ["core", "data", "render", "service"].contains(&layer) {
            // the service's clock is one file; its tasks and queues run in parallel to the requests
            let clock = layer == "service" && file == "service/clock.rs";
            let timeless = ["SystemTime", "Instant::now"].iter().filter(|_| !clock);
            let synchronous = ["async fn", "tokio::"].iter().filter(|_| layer != "service");
            for word in timeless.chain(synchronous).chain(&["std::env::"]) {
                assert!(!text.contains(word), "{file} uses {word}; a higher layer may");
            }
            if file != "render/child.rs" {
                assert!(!text.contains("process::"), "{file} deals with processes: render::child does");
            }
            if !file.starts_with("data/load/") && !file.starts_with("service/") {
                assert!(!text.contains("std::fs"), "{file} touches files; only load and service may");
            }
        }
    }
}

/// The items of the list under a heading of a page, each as one line.
fn items(page: &str, heading: &str) -> Vec<String> {
    let section = page.split("\n## ").find(|s| s.starts_with(heading));
    let mut out = Vec::<String>::new();
    for line in section.unwrap_or_else(|| panic!("no heading {heading}")).lines().skip(1) {
        let number = line.split_once(". ").is_some_and(|(n, _)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        if number || line.starts_with("- ") {
            out.push(line.to_owned());
        } else if let Some(item) = out.last_mut().filter(|_| line.starts_with(' ')) {
            item.push_str(line);
        }
    }
    out
}

#[test]
fn each_invariant_names_the_test_that_enforces_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let invariants = items(&page, "Invariants");
    assert!(invariants.len() >= 8, "the scan found hardly any invariants: {invariants:?}");
    for invariant in invariants {
        names_its_tests(root, &invariant);
    }
}

/// The same of each threat in docs/threat-model.md.
#[test]
fn each_threat_names_the_test_of_what_stands_against_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let threats: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(threats.len() > 10, "{threats:?}");
    threats.iter().for_each(|threat| names_its_tests(root, threat));
}

/// Whether a text names tests, and all that it names are there.
fn names_its_tests(root: &Path, text: &str) {
    let words = text.split('`').skip(1).step_by(2);
    let folders = ["tests/", "web/tests/", "web/stories/", "src/", "benches/"];
    let tests: Vec<&str> = words.filter(|w| folders.iter().any(|folder| w.starts_with(folder))).collect();
    assert!(!tests.is_empty(), "names no test: {text}");
    for test in tests {
        let (file, function) = test.split_once("::").unwrap_or((test, ""));
        assert!(root.join(file).exists(), "{file} does not exist: {text}");
        if !function.is_empty() {
            let source = fs::read_to_string(root.join(file)).unwrap();
            assert!(source.contains(&format!("fn {function}(")), "{file} has no {function}: {text}");
        }
    }
}

#[test]
fn each_test_file_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [cargo, it] = ["Cargo.toml", "tests/it.rs"].map(|file| fs::read_to_string(root.join(file)).unwrap());
    let tests = fs::read_dir(root.join("tests")).unwrap().map(|entry| entry.unwrap().path());
    for path in tests.filter(|p| p.extension().is_some_and(|e| e == "rs")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let run = it.contains(&format!("mod {name};\n")) || cargo.contains(&format!("path = \"tests/{name}.rs\""));
        assert!(run, "tests/{name}.rs is neither a module of tests/it.rs nor a [[test]] of Cargo.toml: it never runs");
    }
}

#[test]
fn only_http_and_cli_know_http() {
    let mut seen = 0;
    for Module { file, text, .. } in modules().values() {
        let layer = file.split('/').next().unwrap();
        let words = ["axum::", "hyper::", "tower::", "http::", "HeaderMap", "StatusCode"];
        let found: Vec<&str> = words.into_iter().filter(|word| text.contains(word)).collect();
        match layer {
            "core" | "data" | "render" | "service" => {
                assert!(found.is_empty(), "{file} knows HTTP by {found:?}; only http and cli may");
            }
            _ => seen += found.len(),
        }
    }
    assert!(seen > 20, "the scan hardly finds HTTP in http: is it broken?");
}

/// How answers are described is a matter of `http`: `core` holds the types, `http/schemas.rs` their description.
#[test]
fn the_core_knows_no_description_of_the_api() {
    let (mut core, mut above) = (0, 0);
    for Module { file, text, .. } in modules().values() {
        let found = ["utoipa", "ToSchema"].into_iter().find(|word| text.contains(word));
        if file.starts_with("core/") {
            core += 1;
            assert!(found.is_none(), "{file} knows {found:?}: describe its types in http/schemas.rs");
        } else {
            above += usize::from(found.is_some());
        }
    }
    assert!(core > 20 && above > 20, "the scan read {core} files of core and found {above} descriptions above it");
}

/// What answers a question may lie elsewhere one day: above `core`, a crate of its own, nobody looks into a snapshot.
#[test]
fn a_snapshot_is_opaque_above_the_core() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut fields = 0;
    for file in ["prepared", "layer", "zones", "register"] {
        let text = fs::read_to_string(src.join(format!("core/snapshot/{file}.rs"))).unwrap();
        let field = |line: &&str| line.starts_with("    pub") && line.trim_end().ends_with(',') && line.contains(": ");
        for line in text.lines().filter(field) {
            fields += 1;
            assert!(line.starts_with("    pub(crate) "), "{file}.rs: {line}");
        }
    }
    assert!(fields > 20, "the scan found {fields} fields only: is it broken?");
}

/// Errors of lower layers become problems in one folder, and work leaves the threads that serve by one function.
#[test]
fn there_is_one_place_for_problems_and_one_for_threads() {
    let (mut problems, mut threads) = (0, 0);
    for Module { file, text, .. } in modules().values() {
        let made = text.matches("for Problem {").count() - text.matches("IntoResponse for Problem {").count();
        problems += made;
        assert!(made == 0 || file.starts_with("http/problem/"), "{file} makes problems of errors: http/problem does");
        let begun = text.matches("spawn_blocking").count();
        threads += begun;
        assert!(begun == 0 || file == "service/task.rs", "{file} has a thread of its own: service::task::blocking");
    }
    assert!(problems > 15 && threads > 0, "the scan found {problems} problems and {threads} threads: is it broken?");
}
