//! No metric, kind of zones or city of one dataset is named in the sources of the engine.

use std::fs;
use std::path::{Path, PathBuf};

/// What only a manifest may name.
const NEVER: [&str; 9] = [
    "revenue",
    "employees",
    "ZoneKind::",
    "\"district\" =>",
    "\"platform\" =>",
    "platform-zones",
    "lead-enterprises",
    "营业收入",
    "AI industr",
];

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn sources_name_no_metric_and_no_kind() {
    let mut all = Vec::new();
    files(Path::new("src"), &mut all);
    // the sample register of `generate` is made for the sample's own columns; tests have datasets of their own
    let free = |path: &PathBuf| !path.starts_with("src/data/generate") && !path.to_string_lossy().ends_with("tests.rs");
    all.retain(free);
    assert!(all.len() > 200, "{} files were read", all.len());
    let mut found = Vec::new();
    for path in &all {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (n, line) in (1..).zip(code.lines()) {
            let lower = line.to_lowercase();
            let named = NEVER.iter().filter(|word| lower.contains(&word.to_lowercase()));
            found.extend(named.map(|word| format!("{}:{n} names {word}", path.display())));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
