//! Rows without position are located by their address: what is found, how that is said, and what is not guessed. The places
//! are read here by a plain JSON parser.

use serde_json::Value as Json;
use shigu::core::model::Dataset;
use shigu::data::intake::{Ground, Import, Options, Outcome, of_table, read, sheet};
use shigu::data::load::{Limits, Severity, Source, load};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn dataset(name: &str) -> Dataset {
    let (dataset, report) = load(&Source::Folder(folder(name)), &Limits::default());
    assert_eq!((report.errors(), report.warnings()), (0, 0), "{report:?}");
    dataset.unwrap()
}

/// Where the table of places has the row with this id.
fn place(city: &str, id: &str) -> [f64; 2] {
    let text = std::fs::read_to_string(folder(city).join("gazetteer.geojson")).unwrap();
    let all: Json = serde_json::from_str(&text).unwrap();
    let row = all["features"].as_array().unwrap().iter().find(|f| f["id"] == id).unwrap();
    [0, 1].map(|i| row["geometry"]["coordinates"][i].as_f64().unwrap())
}

/// The id of the place with this address as it stands in the file.
fn id(city: &str, address: &str) -> String {
    let text = std::fs::read_to_string(folder(city).join("gazetteer.geojson")).unwrap();
    let all: Json = serde_json::from_str(&text).unwrap();
    let row = all["features"].as_array().unwrap().iter().find(|f| f["properties"]["address"] == address);
    row.unwrap_or_else(|| panic!("{address}"))["id"].as_str().unwrap().to_owned()
}

/// What an import says, and the rows that it writes, by name.
fn import(city: &str, table: &str) -> (Outcome, BTreeMap<String, Json>) {
    let dataset = of_table(dataset(city), None).unwrap();
    let ground = Ground::of(&dataset);
    let sheet = read(Cursor::new(table.as_bytes()), &dataset, None, &sheet::Limits::default()).unwrap();
    let import = Import::prepare(&sheet, &dataset, &ground, Options::default()).unwrap();
    let outcome = import.check();
    let mut bytes = Vec::new();
    import.write(&mut bytes).unwrap();
    let written: Json = serde_json::from_slice(&bytes).unwrap();
    let rows = written["features"].as_array().unwrap().iter();
    (outcome, rows.map(|f| (f["properties"]["name"].as_str().unwrap().to_owned(), f.clone())).collect())
}

/// How a row is to be located: the address of the place in the file, and what is said of it.
type Wanted = (&'static str, &'static str, &'static str, Option<(&'static str, &'static str, i64)>);

const LANES: [Wanted; 17] = [
    ("same", "", "柳堤路478号", Some(("柳堤路 478 号", "exact", 200))),
    ("wide", "1001", "临江市南岸区柳堤路４７８号", Some(("柳堤路 478 号", "exact", 200))),
    ("alias", "", "南岸新区柳堤路 12号", Some(("云山省临江市南岸区柳堤路12号", "exact", 200))),
    ("former", "", "城南县柳堤路12号", Some(("云山省临江市南岸区柳堤路12号", "exact", 200))),
    ("building", "", "柳堤路478号3幢", Some(("柳堤路478号3幢", "exact", 200))),
    ("room", "", "柳堤路478号5幢1201室", Some(("柳堤路 478 号", "house", 200))),
    ("lane", "", "柳堤路478弄12号", Some(("柳堤路478弄12号", "exact", 200))),
    ("numbered road", "", "云山省临江市南岸区2号大街501号", Some(("2号大街501号", "exact", 200))),
    ("nearest", "", "柳堤路43号", Some(("云山省临江市南岸区柳堤路40号", "nearest:3", 200))),
    ("lower of two", "", "柳堤路7号", Some(("云山省临江市南岸区柳堤路6号", "nearest:1", 200))),
    ("too far", "", "柳堤路90号", None),
    ("one of two by district", "1002", "人民路1号", Some(("北岸区人民路1号", "exact", 200))),
    ("one of two by its text", "", "南岸区人民路1号", Some(("南岸区人民路1号", "exact", 200))),
    ("two", "", "人民路1号", None),
    ("elsewhere", "1002", "中山路12号", Some(("中山路12号", "exact", 200))),
    ("in the other district", "1001", "中山路12号", None),
    ("name", "", "临江大学", Some(("环湖路66号", "exact", 200))),
];

#[test]
fn chinese_addresses_are_found_or_the_reason_is_said() {
    let mut table = "企业名称,所属区,经营地址\n".to_owned();
    table.extend(LANES.iter().map(|(name, district, address, _)| format!("{name},{district},{address}\n")));
    let (outcome, rows) = import("lanes", &table);
    compare("lanes", &LANES, &rows);
    let said =
        |code: &str| -> Vec<u32> { outcome.findings.iter().filter(|f| f.code == code).filter_map(|f| f.row).collect() };
    // the first row is the head
    let of = |name: &str| LANES.iter().position(|(n, ..)| *n == name).unwrap() as u32 + 2;
    assert_eq!(said("address-nearest"), [of("nearest"), of("lower of two")]);
    assert_eq!(said("address-ambiguous"), [of("two")]);
    assert_eq!(said("address-elsewhere"), [of("in the other district")]);
    assert_eq!(said("address-unknown"), [of("too far")]);
    let sum = outcome.findings.iter().find(|f| f.code == "located-by-address").unwrap();
    assert!(
        sum.message.zh.contains("14 行") && sum.message.zh.contains("地址相同 11,门牌相同 1,取最近门牌 2"),
        "{sum:?}"
    );
    let two = outcome.findings.iter().find(|f| f.code == "address-ambiguous").unwrap();
    assert!(two.message.zh.contains("“南岸区人民路1号”、“北岸区人民路1号”"), "{two:?}");
    assert!(outcome.findings.iter().all(|f| f.severity != Severity::Error), "{:?}", outcome.findings);
}

const HARBOUR: [Wanted; 10] = [
    ("same", "", "5 Harbour Street", Some(("5 Harbour Street, Alba County, Westland", "exact", 200))),
    ("short", "", "5 HARBOUR ST., Alba", Some(("5 Harbour Street, Alba County, Westland", "exact", 200))),
    ("turned", "", "Harbour St 5; Alba County 06001", Some(("5 Harbour Street, Alba County, Westland", "exact", 200))),
    ("flat", "", "Flat 3, 5 Harbour Street", Some(("5 Harbour Street, Alba County, Westland", "house", 200))),
    ("letter", "", "7B Mill Road", Some(("7b Mill Rd, Saint-Brannoc", "exact", 200))),
    ("no letter", "", "7c Mill Road", Some(("7 Mill Road, Saint-Brannoc", "house", 200))),
    ("accents", "", "LØVENSTRÆDE 12", Some(("Løvenstræde 12", "exact", 200))),
    ("nearest", "", "4 Harbour Street", Some(("3 Harbour Street, Alba County, Westland", "nearest:1", 200))),
    ("by district", "W02", "1 Church Rd", Some(("1 Church Road, Saint-Brannoc", "exact", 200))),
    ("two", "", "1 Church Rd", None),
];

#[test]
fn addresses_of_another_script_follow_the_words_of_the_dataset() {
    let mut table = "Name;County;Address\n".to_owned();
    table.extend(HARBOUR.iter().map(|(name, district, address, _)| format!("{name};{district};\"{address}\"\n")));
    let (_, rows) = import("harbour", &table);
    compare("harbour", &HARBOUR, &rows);
}

fn compare(city: &str, wanted: &[Wanted], rows: &BTreeMap<String, Json>) {
    for (name, _, address, found) in wanted {
        let row = &rows[*name];
        let properties = &row["properties"];
        let Some((place_address, how, precision)) = found else {
            assert_eq!((&row["geometry"], &properties["located_by"]), (&Json::Null, &Json::Null), "{name}: {address}");
            assert_eq!(properties["location_class"], "none", "{name}");
            continue;
        };
        let at = place(city, &id(city, place_address));
        for i in 0..2 {
            let got = row["geometry"]["coordinates"][i].as_f64().unwrap_or_else(|| panic!("{name}: {address} {row}"));
            assert!((got - at[i]).abs() < 1e-6, "{name}: {row}");
        }
        assert_eq!(
            (&properties["located_by"], &properties["precision_m"]),
            (&Json::from(*how), &Json::from(*precision)),
            "{name}: {address}"
        );
        assert_eq!((&properties["location_class"], &properties["source_x"]), (&Json::from("address"), &Json::Null));
    }
}

/// What has a position keeps it, in the file or in the register; who gets a position later is no more located by address.
#[test]
fn a_position_counts_before_an_address() {
    let (outcome, rows) =
        import("lanes", "企业名称,所属区,经营地址,经度,纬度\n甲,1001,柳堤路12号,110.09,30.01\n乙,1001,柳堤路12号,,\n");
    assert_eq!(rows["甲"]["geometry"]["coordinates"][0], 110.09);
    assert_eq!(rows["甲"]["properties"]["located_by"], Json::Null);
    assert_eq!(rows["乙"]["properties"]["located_by"], "exact");
    assert_eq!(outcome.count("located-by-address"), 1);
    // the register has this one at another place than the table of places
    let (outcome, rows) = import("lanes", "企业名称,经营地址\n南岸仪表厂,柳堤路12号\n北岸纸品社,中山路12号\n");
    assert_eq!(rows["南岸仪表厂"]["geometry"]["coordinates"][0], 110.02);
    assert_eq!(rows["南岸仪表厂"]["properties"]["located_by"], Json::Null);
    assert_eq!(rows["北岸纸品社"]["geometry"]["coordinates"][1], 30.14);
    assert_eq!((outcome.counts.changed, outcome.counts.moved), (2, 0));
}

fn shigu(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shigu")).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_new_folder_is_sound_and_a_later_position_ends_what_was_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let lanes = folder("lanes");
    std::fs::write(path("a.csv"), "企业名称,所属区,经营地址\n丙,1001,柳堤路12号\n").unwrap();
    let (a, first, second) = (path("a.csv"), path("first"), path("second"));
    let done = shigu(&["import", &a, "--geodata", lanes.to_str().unwrap(), "--out", &first]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let read = |folder: &str| -> Json {
        serde_json::from_str(&std::fs::read_to_string(Path::new(folder).join("firms.geojson")).unwrap()).unwrap()
    };
    let row = |all: &Json| {
        all["features"].as_array().unwrap().iter().find(|f| f["properties"]["name"] == "丙").unwrap().clone()
    };
    assert_eq!(row(&read(&first))["properties"]["located_by"], "exact");
    std::fs::write(path("b.csv"), "企业名称,经度,纬度\n丙,110.09,30.01\n").unwrap();
    let done = shigu(&["import", &path("b.csv"), "--geodata", &first, "--out", &second]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let after = row(&read(&second));
    assert_eq!(
        (&after["geometry"]["coordinates"][0], &after["properties"]["located_by"]),
        (&110.09.into(), &Json::Null)
    );
}

#[test]
fn the_command_says_where_an_address_is() {
    let lanes = folder("lanes");
    let ask = |more: &[&str]| shigu(&[&["geocode", "--geodata", lanes.to_str().unwrap()], more].concat());
    let found = ask(&["柳堤路478号", "--format", "json"]);
    let said: Json = serde_json::from_str(&text(&found.stdout)).unwrap();
    assert_eq!((found.status.code(), &said["located"]["how"]), (Some(0), &"exact".into()));
    assert_eq!(said["position"][0], Json::from(place("lanes", &id("lanes", "柳堤路 478 号"))[0]));
    let several = ask(&["人民路1号", "柳堤路43号"]);
    let shown = text(&several.stdout);
    assert_eq!(several.status.code(), Some(3));
    assert!(shown.contains("有 2 处") && shown.contains("相差 3 号"), "{shown}");
    let without = shigu(&["geocode", "--geodata", folder("solo").to_str().unwrap(), "x"]);
    assert!(text(&without.stderr).contains("没有地名表") && text(&without.stderr).contains("no table of places"));
}

/// Departments send tables of places like any others, and a correction of one moves what is found by it.
#[test]
fn a_table_of_places_is_imported_like_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (city, next) = (path("city"), path("next"));
    std::fs::create_dir(&city).unwrap();
    for entry in std::fs::read_dir(folder("lanes")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), Path::new(&city).join(entry.file_name())).unwrap();
    }
    let manifest = Path::new(&city).join("dataset.json");
    let mut of: Json = serde_json::from_str(&std::fs::read_to_string(&manifest).unwrap()).unwrap();
    of["collections"][2]["register"]["main"] = true.into();
    let places = &mut of["collections"][1];
    (places["role"], places["register"]) = ("register".into(), serde_json::json!({}));
    places["name"] = "address".into();
    std::fs::write(&manifest, of.to_string()).unwrap();
    std::fs::write(path("a.csv"), "编号,地址,经度,纬度\nn1,新堤路5号,110.05,30.07\n").unwrap();
    let done = shigu(&["import", &path("a.csv"), "--table", "gazetteer", "--geodata", &city, "--out", &next]);
    assert_eq!(done.status.code(), Some(0), "{}{}", text(&done.stdout), text(&done.stderr));
    let found = shigu(&["geocode", "--geodata", &next, "临江市新堤路5号", "柳堤路12号", "--format", "json"]);
    assert_eq!(found.status.code(), Some(0), "{}", text(&found.stdout));
    assert!(text(&found.stdout).contains("[110.05,30.07]"), "{}", text(&found.stdout));
}

#[test]
fn what_is_wrong_with_a_table_of_places_is_said() {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder("lanes")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    let manifest = dir.path().join("dataset.json");
    let good: Json = serde_json::from_str(&std::fs::read_to_string(&manifest).unwrap()).unwrap();
    let codes = |change: &dyn Fn(&mut Json)| -> Vec<String> {
        let mut bad = good.clone();
        change(&mut bad);
        std::fs::write(&manifest, bad.to_string()).unwrap();
        let said = shigu(&["check", dir.path().to_str().unwrap(), "--json"]);
        let said: Json = serde_json::from_slice(&said.stdout).unwrap();
        let findings = said["findings"].as_array().unwrap().iter();
        findings.filter(|f| f["severity"] == "error").map(|f| f["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(codes(&|_| {}).is_empty());
    let restricted = |collection: usize, property: usize| {
        move |m: &mut Json| m["collections"][collection]["properties"][property]["restricted"] = true.into()
    };
    assert_eq!(codes(&restricted(1, 1)), ["places-restricted"]);
    assert_eq!(codes(&restricted(2, 2)), ["restricted-address"]);
    assert_eq!(codes(&|m| m["collections"][1]["geometry"] = "any".into()), ["places-points"]);
    assert_eq!(codes(&|m| m["collections"][1]["places"]["address"] = "nowhere".into()), ["undeclared-property"]);
    let nameless = |m: &mut Json| {
        m["collections"][1]["places"] = serde_json::json!({});
        m["collections"][1].as_object_mut().unwrap().remove("name");
    };
    assert_eq!(codes(&nameless), ["places-texts"]);
}
