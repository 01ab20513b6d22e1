//! Faults of the manifest and of the folder.

use super::folder::{Folder, tinyville};
use shigu::core::model::{Lang, Stated, Text};
use shigu::data::load::{Limits, Source, load};

const M: &str = "dataset.json";

fn change(from: &str, to: &str) -> Folder {
    Folder::tinyville().change(M, from, to)
}

#[test]
fn a_manifest_agrees_with_itself() {
    change("CRS84\"", "CRS83\"").fault().error("manifest-crs", M).about("crs");
    change("\"id\": \"tinyville\"", "\"id\": \"tiny ville\"").fault().error("bad-identifier", M);
    change("\"id\": \"water\",\n", "\"id\": \"水/系\",\n").fault().error("bad-identifier", M).says("水/系");
    change("\"id\": \"water\",\n", "\"id\": \"districts\",\n").faults().remove(0).error("duplicate-collection", M);
    let faults = change("\"role\": \"base\"", "\"role\": \"districts\"").faults();
    assert!(faults.iter().any(|t| t.code == "repeated-role" && t.en.contains("water, districts")), "{faults:#?}");
    change("\"secondary\": \"cluster_secondary\"", "\"secondary\": \"nobody\"")
        .fault()
        .error("undeclared-property", M)
        .says("nobody");
    change("\"precision_m\": \"precision_m\"", "\"precision_m\": \"size\"")
        .fault()
        .error("role-property-type", M)
        .says("size");
    change("\"2024\": \"revenue_2024\"", "\"2024\": \"umsatz\"").fault().error("undeclared-property", M).says("umsatz");
    change("\"valid_from\": \"2021-04-09\"", "\"valid_from\": \"2021-04-31\"").fault().error("bad-date", M);
    change("\"references\": \"layout\"", "\"references\": \"layouts\"")
        .fault()
        .error("unknown-reference", M)
        .says("layouts");
    change("\"codelists\": {\"clusters\":", "\"codelists\": {\"kluster\":")
        .faults()
        .remove(0)
        .error("unknown-codelist", M);
    change("\"name\": \"name\",\n", "\"name\": \"nom\",\n").fault().error("undeclared-property", M).says("nom");
    let published =
        |values: &str| change("\"schematic\": true,", &format!("\"schematic\": true, \"published\": {values},"));
    published("{\"grund\": \"official\"}").fault().error("undeclared-property", M).says("grund");
    published("{\"basis\": 1}").fault().error("role-property-type", M).says("basis");
    change("\"role\": \"register\"", "\"role\": \"features\"").fault().error("register-block", M);
    change("\"role\": \"lead\"", "\"role\": \"register\"").faults().remove(0).error("register-block", M);
    let colour = Folder::tinyville().change("clusters.json", "#0036AB", "blue").fault();
    colour.error("bad-colour", "clusters.json").of("vision");
}

#[test]
fn metrics_and_their_columns_say_the_same() {
    let metric = change("\"decimals\": 2,\n", "\"decimals\": 1,\n");
    let codes: Vec<_> = metric.faults().into_iter().map(|t| t.code).collect();
    assert_eq!(codes, ["metric-decimals"; 2]);
    let column = change("\"decimals\": 2, \"minimum\": 0, \"restricted\": true}", "\"decimals\": 2, \"minimum\": 0}");
    column.fault().error("metric-restricted", M).says("revenue_2024");
    let nine = change("\"decimals\": 1", "\"decimals\": 9");
    nine.fault().error("bad-decimals", M).about("collections.districts.properties.area_official_km2");
    let twice = change("\"name\": \"size\"", "\"name\": \"founded\"").faults();
    assert!(twice.iter().any(|t| t.code == "repeated-declaration"));
}

/// Vector tiles have attributes of their own, whose names no metric may have.
#[test]
fn a_metric_is_not_called_like_an_attribute_of_tiles() {
    for name in ["fid", "n", "name", "cluster"] {
        let fault = change("\"id\": \"revenue\"", &format!("\"id\": \"{name}\"")).fault();
        fault.error("reserved-metric", M).about("collections.enterprises").says(name);
    }
    let (dataset, findings) = change("\"id\": \"revenue\"", "\"id\": \"names\"").load();
    assert!(dataset.is_some(), "{findings:?}");
}

#[test]
fn units_and_subsets_fit_the_register() {
    change("\"factor\": 10000", "\"factor\": 0").fault().error("bad-unit", M).says("万元");
    change("{\"property\": \"above_scale\"}", "{\"property\": \"size\"}")
        .fault()
        .error("role-property-type", M)
        .says("size");
}

#[test]
fn a_manifest_that_cannot_be_read_says_where() {
    let first = |f: Folder| f.faults().into_iter().find(|t| t.file == M).unwrap();
    let t = first(change("\"crs\":", "\"srs\":")).error("bad-member", M).about("srs").says("unknown field `srs`");
    assert_eq!(t.line, Some(11));
    first(change("\"role\": \"base\"", "\"role\": \"king\""))
        .error("bad-member", M)
        .about("collections[0].role")
        .says("king");
    first(change("\"role\": \"base\",", "\"role\": \"base\"")).error("broken-json", M);
}

#[test]
fn zones_have_ids_of_their_own() {
    let zones = |to: &str| {
        Folder::tinyville().change("platform-zones.geojson", "\"id\": \"P01\"", &format!("\"id\": \"{to}\""))
    };
    zones("T02").fault().error("duplicate-zone-id", "platform-zones.geojson").of("T02").at(2, 1).says("districts");
    zones("outside").fault().error("duplicate-zone-id", "platform-zones.geojson").of("outside");
    // twice in one file is that file's fault alone
    let twice = Folder::tinyville().change("platform-zones.geojson", "\"id\": \"P02\"", "\"id\": \"P01\"");
    twice.faults().remove(0).warning("duplicate-id", "platform-zones.geojson").of("P01");
    // points are no zones: a node may be called as a platform is
    assert!(
        Folder::tinyville().change("layout.geojson", "\"id\": \"node-P01\"", "\"id\": \"P01\"").faults().is_empty()
    );
}

#[test]
fn files_stay_inside_the_folder() {
    for name in ["../water.geojson", "/etc/passwd", "a/../../water.geojson", "", "./water.geojson", "..\\water.geojson"]
    {
        let t = change("\"water.geojson\"", &format!("{name:?}")).fault();
        t.error("file-outside-folder", if name.is_empty() { "dataset.json" } else { name });
    }
    change("\"water.geojson\"", "\"none.geojson\"").fault().error("file-missing", "none.geojson");
}

#[cfg(unix)]
#[test]
fn links_and_folders_are_no_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let inside = dir.path().join("city");
    std::fs::create_dir(&inside).unwrap();
    let file = r#"{"type":"FeatureCollection","features":[]}"#;
    std::fs::write(outside.path().join("secret"), file).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret"), inside.join("a.geojson")).unwrap();
    std::fs::create_dir(inside.join("b.geojson")).unwrap();
    std::fs::write(inside.join("c.geojson"), file).unwrap();
    std::os::unix::fs::symlink(inside.join("c.geojson"), inside.join("d.geojson")).unwrap();
    let (_, report) = load(&Source::Folder(inside), &Limits::default());
    let found: Vec<_> = report.findings.iter().map(|f| (f.file.as_str(), f.code)).collect();
    assert_eq!(found, [("a.geojson", "file-outside-folder"), ("b.geojson", "not-a-file")]);
}

#[test]
fn sizes_have_an_end() {
    let mut f = Folder::tinyville();
    f.limits.file_bytes = 20_000;
    f.fault().error("file-too-large", "enterprises.geojson").says("字节");
    // refused by its size alone: a sparse file of 3 GB is not read
    let dir = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(dir.path().join("big.geojson")).unwrap();
    file.set_len(3_000_000_000).unwrap();
    let start = std::time::Instant::now();
    let (_, report) = load(&Source::Folder(dir.path().to_owned()), &Limits::default());
    assert_eq!(report.findings[0].code, "file-too-large");
    assert!(start.elapsed().as_secs() < 180, "it hangs");
    let mut f = Folder::tinyville();
    f.limits.vertices = 5;
    let found: Vec<_> = f.faults().into_iter().filter_map(|t| Some((t.code, t.feature?))).collect();
    let long = ["T01", "T03", "P02", "belt-corridor"].map(|id| ("too-many-vertices".to_owned(), id.to_owned()));
    assert_eq!(found, [long[0].clone(), long[1].clone(), long[2].clone(), long[3].clone()]);
}

#[test]
fn folders_that_are_none() {
    let code = |path: std::path::PathBuf| {
        let (dataset, report) = load(&Source::Folder(path), &Limits::default());
        assert!(dataset.is_none());
        report.findings[0].code
    };
    assert_eq!(code(tinyville().join("nowhere")), "file-missing");
    assert_eq!(code(tinyville().join("plan.json")), "not-a-file");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(code(empty.path().to_owned()), "empty-folder");
}

#[test]
fn files_beside_the_manifest_are_mentioned() {
    let (dataset, report) = Folder::tinyville().put("more.geojson", "{}").load();
    assert!(dataset.is_some());
    assert!(report.findings.iter().any(|f| f.code == "file-not-listed" && f.file == "more.geojson"));
}

/// A reader in English meets no Chinese unit, title or scope, and no unit that is a number of another beside a figure.
#[test]
fn figures_of_the_built_in_plan_are_said_in_english() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/geodata/hangzhou");
    let (dataset, _) = load(&Source::Folder(folder.into()).without_register(), &Limits::default());
    let dataset = dataset.unwrap();
    let chinese = |text: &str| text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    for i in &dataset.indicators {
        for text in [i.unit_in(Lang::En), &i.title_en, &i.scope_en] {
            assert!(!chinese(text), "{}: {text}", i.indicator);
        }
        for (zh, en) in [(&i.source, &i.source_en), (&i.note, &i.note_en)] {
            assert!(!chinese(zh) || !en.is_empty(), "{}: {zh}", i.indicator);
        }
        let unit = Text::new(&i.unit, i.unit_in(Lang::En));
        let Stated { value, unit, .. } = Stated::of(&dataset.manifest.units, i.value, &unit, Lang::En);
        assert!(!unit.starts_with('×'), "{}: {value} {unit}", i.indicator);
    }
    let revenue = dataset.indicators.iter().find(|i| i.kind == "target").unwrap();
    let unit = Text::new(&revenue.unit, &revenue.unit_en);
    let said = Stated::of(&dataset.manifest.units, revenue.value, &unit, Lang::En);
    assert_eq!((said.value, said.decimals, said.unit.as_str()), (300.0, 0, "billion yuan"));
}
