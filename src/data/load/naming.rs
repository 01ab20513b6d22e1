//! Identifiers for collections that no manifest names.

use std::collections::HashSet;

/// Identifiers for files: their stems made fit for URLs, each its own.
pub fn identifiers(files: &[String]) -> Vec<String> {
    let mut used = HashSet::new();
    let fit = |file: &String| {
        let fit = |c: char| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
        let id: String = stem(file).chars().map(fit).take(64).collect();
        let id = id.trim_matches('-');
        if id.is_empty() { "collection".to_owned() } else { id.to_owned() }
    };
    files
        .iter()
        .map(|file| {
            let id = fit(file);
            let others = (2..).map(|n| format!("{id}-{n}"));
            std::iter::once(id.clone()).chain(others).find(|id| used.insert(id.clone())).unwrap_or(id)
        })
        .collect()
}

/// A file's name without its extension.
pub fn stem(file: &str) -> &str {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_fit_and_different() {
        let files = ["a b.geojson", "a-b.geojson", "企业.geojson", "...geojson", "a/../b.geojson"].map(String::from);
        assert_eq!(identifiers(&files), ["a-b", "a-b-2", "企业", "collection", "a----b"]);
    }
}
