//! What only a dataset may name is in no source of the engine. The words are those of every folder in `geodata`; what the
//! format of datasets itself defines (`geodata/schema`) is no word of a dataset.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Words of a dataset that stand in sources all the same: the word, the file or folder, and why.
const EXCEPTIONS: [(&str, &str, &str); 45] = [
    ("note_en", "src/data/targets.rs", "a column of the file of indicators"),
    ("", "src/data/basemap/", "tags of OpenStreetMap and kinds of Protomaps"),
    ("", "src/data/generate", "makes the rows of that folder's sample register"),
    ("persons", "src/data/intake/sheet/unit.rs", "a unit of departments' tables"),
    ("employees", "src/data/intake/sheet/unit.rs", "the same in other words"),
    ("persons", "src/http/", "of the release by a second person"),
    ("persons", "src/cli/", "of the release by a second person"),
    ("persons", "src/service/", "of the release by a second person"),
    ("method", "src/render/hotspots.rs", "a member of the answers"),
    ("area_km2", "src/render/hotspots.rs", "a property of the answers"),
    ("area_km2", "src/render/report/trial.rs", "a member of the answers"),
    ("enterprises", "src/data/intake/sheet/unit.rs", "a unit of departments' tables"),
    ("万元", "src/data/intake/sheet/unit.rs", "a unit of departments' tables"),
    ("亿元", "src/data/intake/sheet/unit.rs", "a unit of departments' tables"),
    ("P25", "src/service/oidc/provider.rs", "inside the name of a curve"),
    ("P38", "src/service/oidc/provider.rs", "inside the name of a curve"),
    ("adcode", "src/data/intake/vocabulary.rs", "a head of departments' tables, by GB/T 2260"),
    ("none", "src/", "a value of many options"),
    ("existing", "src/", "a status of the format"),
    ("planned", "src/", "a status of the format"),
    ("later", "src/", "a status of the format"),
    ("status", "src/", "a property of zones and platforms in answers"),
    ("status_note", "src/", "a property of zones and platforms in answers"),
    ("status_note_en", "src/", "the same in English"),
    ("basis", "src/", "a property of zones and platforms in answers"),
    ("short_name", "src/render/map/", "the label of a platform on the map"),
    ("layout_role", "src/render/map/", "which platforms a map draws as nodes"),
    ("scenario", "src/service/store/saved.rs", "a kind of what is saved"),
    ("scenario", "src/render/report/trial.rs", "the trial zone that a row is assumed in, in a file of GeoJSON"),
    ("method", "src/http/metrics.rs", "that of HTTP, a label of Prometheus"),
    ("loading", "src/http/cities/list.rs", "a city that is being read"),
    ("level", "src/cli/beside.rs", "that of a line of the log"),
    ("level", "src/service/cities/questions/plan.rs", "what a city lacks of a question"),
    ("note", "src/", "a word of its own in requests and tables"),
    ("size", "src/render/map/qgis.rs", "an attribute of QGIS projects"),
    ("enterprise", "src/data/intake/vocabulary.rs", "a head of departments' tables"),
    ("unknown", "src/http/problem/", "a word of its own"),
    ("what", "src/service/store/accounts/audit.rs", "a column of the table of the audit"),
    ("clusters", "src/", "the codelist that the format names"),
    ("nodes", "src/render/map/", "a layer of the style, for the drawing `node`"),
    ("platform", "src/render/map/", "a picture of the style, for the role `platforms`"),
    ("platform", "src/core/snapshot/names.rs", "the property of a layout that names a platform"),
    ("as_of", "src/service/store/progress.rs", "a column of the table of the plan's progress"),
    ("evidence", "src/service/store/progress.rs", "a column of the table of the plan's progress"),
    ("under_way", "src/core/query/progress.rs", "how far an item of a plan is"),
];

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

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

/// Members and values that the schema of the format has.
fn of_the_format(schema: &Value, out: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                if key == "properties" {
                    out.extend(value.as_object().into_iter().flat_map(|p| p.keys().cloned()));
                }
                if key == "enum" {
                    out.extend(value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)));
                }
                of_the_format(value, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| of_the_format(item, out)),
        _ => {}
    }
}

/// The words of all folders in `geodata`: identifiers, which count between quotes, and names, which count anywhere.
#[derive(Default)]
struct Words {
    identifiers: BTreeMap<String, &'static str>,
    names: BTreeMap<String, &'static str>,
}

impl Words {
    fn identifier(&mut self, word: &Value, what: &'static str) {
        if let Some(word) = word.as_str().filter(|w| !w.is_empty()) {
            self.identifiers.entry(word.to_owned()).or_insert(what);
        }
    }

    fn name(&mut self, text: &Value, what: &'static str) {
        let both = [text, &text["zh"], &text["en"]].into_iter().filter_map(Value::as_str);
        // one character is a word of the language
        for word in both.filter(|w| w.chars().count() > 1) {
            self.names.entry(word.to_owned()).or_insert(what);
        }
    }

    fn folder(&mut self, folder: &Path) {
        let manifest = read(&folder.join("dataset.json"));
        let list = |v: &Value| v.as_array().cloned().unwrap_or_default();
        self.identifier(&manifest["id"], "dataset");
        list(&manifest["zone_kinds"]).iter().for_each(|k| self.identifier(&k["id"], "kind of zones"));
        list(&manifest["layer_groups"]).iter().for_each(|g| self.identifier(&g["id"], "layer group"));
        list(&manifest["units"]).iter().for_each(|u| {
            [&u["zh"], &u["en"]].iter().for_each(|pair| self.name(&pair["large"]["name"], "unit"));
        });
        for (name, file) in manifest["codelists"].as_object().into_iter().flatten() {
            for entry in list(&read(&folder.join(file.as_str().unwrap()))["entries"]) {
                self.identifier(&entry["code"], "code");
                // sizes and kinds of organisations are called by words of the language
                if name == "clusters" {
                    self.name(&entry["name"]["zh"], "cluster");
                }
            }
        }
        if let Some(file) = manifest["divisions"].as_str() {
            let divisions = read(&folder.join(file));
            list(&divisions["above"]).iter().for_each(|name| self.name(name, "province or city"));
            for former in list(&divisions["former"]) {
                list(&former["names"]).iter().for_each(|name| self.name(name, "former district"));
                self.name(&former["code"], "former district");
            }
        }
        for collection in list(&manifest["collections"]) {
            self.identifier(&collection["id"], "collection");
            list(&collection["parts"]).iter().for_each(|p| self.identifier(&p["value"], "part"));
            for p in list(&collection["properties"]) {
                self.identifier(&p["name"], "property");
                let values = p["pattern"].as_str().and_then(|p| p.strip_prefix("^(")?.strip_suffix(")$"));
                values.into_iter().flat_map(|v| v.split('|')).for_each(|v| self.identifier(&v.into(), "value"));
            }
            for metric in list(&collection["register"]["metrics"]) {
                self.identifier(&metric["id"], "metric");
                self.name(&metric["title"]["zh"], "metric");
                self.name(&metric["unit"], "unit");
                for (year, column) in metric["columns"].as_object().into_iter().flatten() {
                    let prefix = column.as_str().unwrap().trim_end_matches(year.as_str());
                    self.name(&prefix.into(), "columns of a metric");
                }
            }
            self.name(&collection["register"]["scope"], "scope");
            if ["districts", "zones", "platforms"].iter().any(|role| collection["role"] == *role) {
                let features = read(&folder.join(collection["file"].as_str().unwrap()));
                for feature in list(&features["features"]) {
                    self.name(&feature["id"], "zone");
                    ["name", "name_en"]
                        .iter()
                        .filter_map(|key| collection[*key].as_str())
                        .for_each(|property| self.name(&feature["properties"][property], "zone"));
                }
            }
        }
    }
}

/// The city of a dataset by the words of its districts: `杭州市` and `Hangzhou`.
fn city(folder: &Path) -> Vec<String> {
    let id = folder.file_name().unwrap().to_string_lossy().into_owned();
    let capital = id[..1].to_uppercase() + &id[1..];
    vec![capital]
}

#[test]
fn sources_name_no_metric_and_no_kind() {
    let mut format = BTreeSet::new();
    of_the_format(&read(Path::new("geodata/schema/dataset.schema.json")), &mut format);
    let mut words = Words::default();
    let mut folders = 0;
    for entry in fs::read_dir("geodata").unwrap() {
        let folder = entry.unwrap().path();
        if folder.join("dataset.json").exists() {
            words.folder(&folder);
            city(&folder).into_iter().for_each(|name| words.name(&name.into(), "city"));
            folders += 1;
        }
    }
    words.identifiers.retain(|word, _| !format.contains(word));
    assert!(folders > 0 && words.identifiers.len() > 60 && words.names.len() > 60, "{folders} folders");
    for word in ["revenue", "district", "platform-zones", "large", "robot", "above_scale"] {
        assert!(words.identifiers.contains_key(word) || format.contains(word), "{word} is not looked for");
    }
    for word in
        ["余杭区", "330110", "万元", "亿元", "营业收入", "revenue_", "杭州市", "下城区", "Hangzhou", "AI industries"]
    {
        assert!(words.names.contains_key(word), "{word} is not looked for");
    }

    let mut all = Vec::new();
    files(Path::new("src"), &mut all);
    all.retain(|path| !["tests.rs", "/tests/"].iter().any(|part| path.to_string_lossy().contains(part)));
    assert!(all.len() > 200, "{} files were read", all.len());
    let (mut found, mut used) = (Vec::new(), BTreeSet::new());
    for path in &all {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let shown = path.to_string_lossy().replace('\\', "/");
        let mut look = |n: usize, word: &str, what: &str| {
            let excused =
                EXCEPTIONS.iter().position(|(w, file, _)| (w.is_empty() || *w == word) && shown.starts_with(file));
            match excused {
                Some(place) => _ = used.insert(place),
                None => found.push(format!("{shown}:{n} names the {what} {word}")),
            }
        };
        // comments explain by examples
        for (n, line) in (1..).zip(code.lines()).filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for quoted in line.split('"').skip(1).step_by(2) {
                if let Some(what) = words.identifiers.get(quoted) {
                    look(n, quoted, what);
                }
            }
            for (word, what) in words.names.iter().filter(|(word, _)| line.contains(word.as_str())) {
                look(n, word, what);
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    let unused: Vec<_> = (0..EXCEPTIONS.len()).filter(|i| !used.contains(i)).map(|i| EXCEPTIONS[i]).collect();
    assert!(unused.is_empty(), "exceptions that nothing needs: {unused:#?}");
}

/// Words that texts of the engine do not hold: they are those of one dataset, and `terms` of the manifest states them.
const SAID: [&str; 20] = [
    "杭州",
    "Hangzhou",
    "人工智能",
    "全市",
    "市域",
    "区县",
    "企业",
    "平台",
    "集群",
    "万元",
    "亿元",
    " 家",
    "家)",
    "家）",
    "(家",
    "（家",
    "enterprises",
    "above_scale",
    "revenue",
    "employees",
];

/// Files that hold such words for another reason.
const READING: [(&str, &str); 4] = [
    ("src/http/api/basemap.rs", "the name of a service"),
    ("src/data/intake/vocabulary.rs", "heads that departments write in their tables"),
    ("src/data/intake/sheet/rollup.rs", "totals and groups that departments write in their tables"),
    ("src/data/intake/sheet/unit.rs", "units that departments write in their tables"),
];

#[test]
fn texts_use_the_words_of_the_dataset() {
    let mut all = Vec::new();
    files(Path::new("src"), &mut all);
    all.retain(|path| !["tests.rs", "/tests/"].iter().any(|part| path.to_string_lossy().contains(part)));
    let (mut found, mut used, mut texts) = (Vec::new(), BTreeSet::new(), 0);
    for path in &all {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let shown = path.to_string_lossy().replace('\\', "/");
        for (n, line) in (1..).zip(code.lines()).filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for quoted in line.split('"').skip(1).step_by(2) {
                texts += 1;
                for word in SAID.iter().filter(|word| quoted.contains(**word)) {
                    match READING.iter().position(|(file, _)| shown.starts_with(file)) {
                        Some(place) => _ = used.insert(place),
                        None => found.push(format!("{shown}:{n} says {word}")),
                    }
                }
            }
        }
    }
    assert!(texts > 3000, "{texts} texts were read");
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(used.len(), READING.len(), "files that need no exception");
}
