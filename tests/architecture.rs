//! The plan of the house, kept: arrows point down, files say what they are for and stay short.

use std::collections::BTreeMap;
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
const LONGEST_FILE: usize = 400;

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

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let name = |p: &PathBuf| p.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    rust_files(&root).into_iter().map(|p| (name(&p), fs::read_to_string(&p).unwrap())).collect()
}

/// The rooms that a file names in `crate::room` paths, `use crate::{...}` lists included.
fn imports(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let word =
            |s: &str| s.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if let Some(list) = rest.strip_prefix('{') {
            let list = &list[..list.find("};").unwrap_or(list.len())];
            let mut depth = 0;
            let mut start = 0;
            for (i, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        out.push(word(&list[start..i]));
                        start = i + 1;
                    }
                    _ => {}
                }
            }
            out.push(word(&list[start..]));
        } else {
            out.push(word(rest));
        }
    }
    out.retain(|w| !w.is_empty());
    out
}

#[test]
fn layers_import_lower_layers_only() {
    let mut wrong = Vec::new();
    let mut seen = BTreeMap::new();
    for (file, text) in sources() {
        let Some((layer, _)) = file.split_once('/') else { continue };
        let allowed = LAYERS.iter().find(|(name, _)| *name == layer);
        let (_, allowed) =
            allowed.unwrap_or_else(|| panic!("src/{layer} is no layer: give it one here and in ARCHITECTURE.md"));
        for target in imports(&text) {
            assert!(
                LAYERS.iter().any(|(name, _)| *name == target),
                "{file} imports crate::{target}, which is no layer"
            );
            *seen.entry(layer.to_owned()).or_insert(0) += 1;
            if target != layer && !allowed.contains(&&*target) {
                wrong.push(format!("{file}: {layer} imports {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "imports must go down:\n{}", wrong.join("\n"));
    assert_eq!(seen.len(), LAYERS.len(), "the scan found hardly any imports: is it broken? {seen:?}");
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    for (file, text) in sources() {
        assert!(text.starts_with("//! "), "{file} does not open with a line that says what it is for");
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{file} has {lines} lines: a newcomer would not find the one they look for");
    }
}

#[test]
fn lower_layers_are_synchronous_and_have_no_clock() {
    for (file, text) in sources() {
        let layer = file.split('/').next().unwrap();
        if ["core", "data", "render", "service"].contains(&layer) {
            for word in ["async fn", "SystemTime", "Instant::now", "std::env::", "tokio::"] {
                assert!(!text.contains(word), "{file} uses {word}; only http and cli may");
            }
            if !file.starts_with("render/renderer/") {
                assert!(!text.contains("process::"), "{file} deals with processes; only renderer may");
            }
            if !file.starts_with("data/load/") && !file.starts_with("service/store/") {
                assert!(!text.contains("std::fs"), "{file} touches files; only load and store may");
            }
        }
    }
}
