//! Several tables in one dataset: every question about each of them equals a plain scan over its file, by engine and over
//! HTTP; words, classes and metrics are the table's own, and restricted values stay where they are whichever table asks.

use crate::common;
use common::service::Service;
use serde_json::{Value, json};
use shigu::core::model::{Lang, Period};
use shigu::core::query::{Disclosure, Embedded, Engine, Question, beside, ledgers};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/threetables")
}

fn snapshot() -> Arc<Snapshot> {
    let (dataset, report) = load(&Source::Folder(folder()), &Limits::default());
    Arc::new(Snapshot::new(dataset.unwrap_or_else(|| panic!("{}", report.render(Lang::En)))))
}

fn of_table(snapshot: &Snapshot, id: &str) -> Embedded {
    snapshot.table(id).unwrap().into()
}

/// A table, the properties that hold class and declared zone, and a metric with its column.
type Table = (&'static str, &'static str, Option<&'static str>, Option<(&'static str, &'static str)>);
const TABLES: [Table; 3] = [
    ("companies", "bransch", Some("kommun"), Some(("turnover", "turnover_2024"))),
    ("parcels", "anvandning", None, Some(("hectares", "hectares_2024"))),
    ("grants", "program", Some("kommun"), None),
];

/// A row as the file has it: its place is its point, or the middle of its rectangle.
struct Row {
    place: Option<[f64; 2]>,
    properties: Value,
}

fn rows(table: &str) -> Vec<Row> {
    let text = std::fs::read(folder().join(format!("{table}.geojson"))).unwrap();
    let json: Value = serde_json::from_slice(&text).unwrap();
    let position = |p: &Value| [p[0].as_f64().unwrap(), p[1].as_f64().unwrap()];
    let row = |f: &Value| {
        let at = &f["geometry"]["coordinates"];
        let place = match f["geometry"]["type"].as_str() {
            Some("Point") => Some(position(at)),
            Some("Polygon") => {
                let (a, c) = (position(&at[0][0]), position(&at[0][2]));
                Some([f64::midpoint(a[0], c[0]), f64::midpoint(a[1], c[1])])
            }
            _ => None,
        };
        Row { place, properties: f["properties"].clone() }
    };
    json["features"].as_array().unwrap().iter().map(row).collect()
}

fn municipalities() -> Vec<(String, Vec<[f64; 2]>)> {
    let text = std::fs::read(folder().join("municipalities.geojson")).unwrap();
    let json: Value = serde_json::from_slice(&text).unwrap();
    let ring = |f: &Value| {
        let ring = f["geometry"]["coordinates"][0].as_array().unwrap();
        let ring = ring.iter().map(|p| [p[0].as_f64().unwrap(), p[1].as_f64().unwrap()]).collect();
        (f["id"].as_str().unwrap().to_owned(), ring)
    };
    json["features"].as_array().unwrap().iter().map(ring).collect()
}

fn inside(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let crossed = ring.windows(2).filter(|line| {
        let ([ax, ay], [bx, by]) = if line[0][1] <= line[1][1] { (line[0], line[1]) } else { (line[1], line[0]) };
        (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    });
    crossed.count() % 2 == 1
}

/// The rows of a table in each municipality, by a plain scan.
fn scan(rows: &[Row], declared: Option<&str>) -> BTreeMap<String, Vec<usize>> {
    let zones = municipalities();
    let mut held: BTreeMap<String, Vec<usize>> = zones.iter().map(|(id, _)| (id.clone(), vec![])).collect();
    for (i, row) in rows.iter().enumerate() {
        let id = match row.place {
            Some(at) => zones.iter().find(|(_, ring)| inside(ring, at)).map(|(id, _)| id.clone()),
            None => declared.and_then(|property| row.properties[property].as_str()).map(str::to_owned),
        };
        if let Some(rows) = id.and_then(|id| held.get_mut(&id)) {
            rows.push(i);
        }
    }
    held
}

#[test]
fn every_table_is_counted_and_summed_as_a_scan_does() {
    let snapshot = snapshot();
    for (table, class, declared, metric) in TABLES {
        let engine = of_table(&snapshot, table);
        let rows = rows(table);
        assert!(rows.len() >= 45, "{table}");
        let held = scan(&rows, declared);
        let all: Vec<usize> = (0..rows.len()).collect();
        let zones = held.iter().map(|(id, rows)| (id.as_str(), rows)).chain([("city", &all)]);
        let mut seen = 0;
        for (zone, of) in zones {
            let summary =
                engine.bind(&Question::register().in_zone(zone), Disclosure::Full).unwrap().summarize().unwrap();
            assert_eq!(summary.counts.matched, of.len() as u64, "{table} {zone}");
            seen += of.len();
            for row in &summary.clusters {
                let is = |i: &&usize| rows[**i].properties[class].as_str() == row.code.as_deref();
                assert_eq!(row.count, of.iter().filter(is).count() as u64, "{table} {zone} {:?}", row.code);
            }
            if let Some((metric, column)) = metric {
                let cents = |i: &usize| (rows[*i].properties[column].as_f64().unwrap_or(0.0) * 100.0).round() as i64;
                let sum: i64 = of.iter().map(cents).sum();
                let found = summary.totals[metric].sum.unwrap_or(0.0);
                assert_eq!((found * 100.0).round() as i64, sum, "{table} {zone} {metric}");
            } else {
                assert!(summary.totals.is_empty());
            }
        }
        assert!(seen > rows.len(), "{table}: rows in zones");
        let list = engine.bind(&Question::register(), Disclosure::Full).unwrap().zones().unwrap();
        let counted: Vec<(&str, u64)> = list.zones.iter().map(|z| (z.id.as_str(), z.count)).collect();
        let scanned: Vec<(&str, u64)> = held.iter().map(|(id, rows)| (id.as_str(), rows.len() as u64)).collect();
        assert_eq!(counted, scanned, "{table}");
    }
}

#[test]
fn a_table_has_words_classes_and_metrics_of_its_own() {
    let snapshot = snapshot();
    let main = snapshot.describe();
    let tables: Vec<&str> = main.tables.iter().map(|t| t.id.as_str()).collect();
    assert_eq!(tables, ["companies", "parcels", "grants"], "the one that is marked comes first");
    assert_eq!((main.table(), main.wording().row.plural.as_str()), (None, "companies"));
    let said = |id: &str| {
        let about = snapshot.table(id).unwrap().describe().clone();
        let codes = about.clusters().unwrap().entries.iter().map(|e| e.code.clone()).collect::<Vec<_>>().join(" ");
        (about.wording().row.plural, about.wording().class.en, codes, about.default_period(), about.revision)
    };
    let revision = main.revision.clone();
    let plain = |row: &str, class: &str, codes: &str, period| {
        (row.to_owned(), class.to_owned(), codes.to_owned(), period, revision.clone())
    };
    let of_2024 = Some(Period::Year(2024));
    assert_eq!(said("companies"), plain("companies", "branch", "timber paper steel", of_2024));
    assert_eq!(said("parcels"), plain("parcels", "use", "housing industry field", of_2024));
    assert_eq!(said("grants"), plain("grants", "programme", "green digital craft", None));
    assert!(snapshot.table("municipalities").is_none());
}

#[test]
fn a_collection_that_is_a_table_is_asked_as_that_table() {
    let snapshot = snapshot();
    let main = Embedded::from(snapshot.clone());
    for (table, _, declared, _) in TABLES {
        let held = scan(&rows(table), declared);
        for (zone, of) in &held {
            let question = Question::of(table).in_zone(zone.as_str());
            for engine in [&main, &of_table(&snapshot, "grants"), &of_table(&snapshot, table)] {
                let bound = engine.bind(&question, Disclosure::Full).unwrap();
                assert_eq!(bound.count(), of.len(), "{table} {zone}");
                assert_eq!(bound.summarize().unwrap().counts.matched, of.len() as u64, "{table} {zone}");
                // the question in its one spelling has the same answer anywhere
                assert_eq!(main.bind(bound.question(), Disclosure::Full).unwrap().count(), of.len());
            }
        }
    }
}

#[test]
fn restricted_values_stay_in_whichever_table_asks() {
    let snapshot = snapshot();
    for table in ["companies", "parcels", "grants"] {
        let engine = of_table(&snapshot, table);
        let bound = engine.bind(&Question::of("companies"), Disclosure::Aggregates).unwrap();
        let selection = bound.select(0, usize::MAX);
        let spec = selection.spec();
        let names: Vec<&str> = selection.columns().iter().map(|c| spec.properties[*c].name.as_str()).collect();
        assert!(names.contains(&"namn") && !names.iter().any(|n| n.starts_with("turnover")), "{table}: {names:?}");
        let asked = Question::of("companies").having("turnover_2024", "1");
        assert!(engine.bind(&asked, Disclosure::Aggregates).is_err(), "{table}");
        // sums are protected alike, whoever asks
        let sum = |engine: &Embedded, disclosure| {
            let bound = engine.bind(&Question::of("companies").in_zone("M1"), disclosure).unwrap();
            bound.summarize().unwrap().totals["turnover"].clone()
        };
        let main = Embedded::from(snapshot.clone());
        assert_eq!(sum(&engine, Disclosure::Aggregates), sum(&main, Disclosure::Aggregates));
        assert_eq!(sum(&engine, Disclosure::Full), sum(&main, Disclosure::Full));
    }
}

#[test]
fn readers_of_one_municipality_get_its_rows_of_every_table() {
    let snapshot = snapshot();
    let limited = Arc::new(snapshot.within(&["M1".into()]));
    for (table, _, declared, _) in TABLES {
        let held = scan(&rows(table), declared);
        let engine = of_table(&limited, table);
        let bound = engine.bind(&Question::register(), Disclosure::Full).unwrap();
        assert_eq!(bound.count(), held["M1"].len(), "{table}");
        let whole = bound.summarize().unwrap();
        assert_eq!(whole.city.count, rows(table).len() as u64, "{table}: the whole is that of the same table");
        assert!(engine.bind(&Question::register().in_zone("M2"), Disclosure::Full).is_err());
    }
}

#[test]
fn the_others_are_counted_beside_and_ledgers_towards_their_target() {
    let snapshot = snapshot();
    let main = Embedded::from(snapshot.clone());
    let grants = rows("grants");
    let held = scan(&grants, Some("kommun"));
    for (zone, of) in &held {
        let bound = main.bind(&Question::register().in_zone(zone.as_str()), Disclosure::Full).unwrap();
        let found: Vec<(String, u64)> = beside(&*bound).unwrap().into_iter().map(|c| (c.collection, c.count)).collect();
        let parcels = scan(&rows("parcels"), None)[zone].len() as u64;
        assert_eq!(found, [("parcels".into(), parcels), ("grants".into(), of.len() as u64)], "{zone}");
    }
    let awarded = |of: &[usize]| of.iter().filter(|i| grants[**i].properties["state"] == "awarded").count() as u64;
    let counts = ledgers(main.describe(), |q| main.bind(q, Disclosure::Aggregates)).unwrap();
    let counts: Vec<(&str, u64)> = counts.iter().map(|c| (c.zone.as_str(), c.count)).collect();
    let all: Vec<usize> = (0..grants.len()).collect();
    assert_eq!(counts, [("", awarded(&all)), ("M1", awarded(&held["M1"]))]);
    assert!(counts.iter().all(|(_, n)| *n > 0));
}

#[test]
fn a_manifest_has_one_main_table_and_counts_of_tables_that_there_are() {
    let text = std::fs::read_to_string(folder().join("dataset.json")).unwrap();
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut json: Value = serde_json::from_str(&text).unwrap();
        change(&mut json);
        let copy = tempfile::tempdir().unwrap();
        common::copy_dataset("tests/data/threetables", copy.path());
        std::fs::write(copy.path().join("dataset.json"), json.to_string()).unwrap();
        let (dataset, report) = load(&Source::Folder(copy.path().into()), &Limits::default());
        assert!(dataset.is_none());
        report.findings.iter().map(|f| f.code).collect::<Vec<_>>().join(" ")
    };
    let two = wrong(&|json| {
        json["collections"].as_array_mut().unwrap().iter_mut().filter(|c| c["role"] == "register").for_each(|c| {
            c["register"]["main"] = true.into();
        });
    });
    assert!(two.contains("repeated-main"), "{two}");
    let unknown = wrong(&|json| json["counts"][0]["table"] = "municipalities".into());
    assert!(unknown.contains("unknown-table"), "{unknown}");
    let unread = wrong(&|json| json["counts"][0]["filter"] = "state =".into());
    assert!(unread.contains("bad-count"), "{unread}");
}

/// Everything below is over HTTP.
const FOLDER: &str = "tests/data/threetables";

#[tokio::test]
async fn the_table_is_chosen_by_a_parameter_of_every_resource_about_it() {
    let s = Service::open(FOLDER, Disclosure::Full);
    let about = s.json("/dataset").await;
    let tables: Vec<&str> = about["tables"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
    assert_eq!((tables, &about["register"]), (vec!["companies", "parcels", "grants"], &json!("companies")));
    for (table, _, declared, _) in TABLES {
        let n = rows(table).len();
        let held = scan(&rows(table), declared);
        let of = |path: &str| format!("{path}{}table={table}", if path.contains('?') { '&' } else { '?' });
        let about = s.json(&of("/dataset")).await;
        assert_eq!((&about["register"], &about["tables"][0]["shown"]), (&json!(table), &json!(table == "companies")));
        let role = |id: &str| {
            let all = about["collections"].as_array().unwrap();
            all.iter().find(|c| c["id"] == id).unwrap()["role"].clone()
        };
        let roles: Vec<Value> = TABLES.iter().map(|t| role(t.0)).collect();
        assert_eq!(roles.iter().filter(|role| **role == "register").count(), 1);
        assert_eq!(role(table), "register");
        assert_eq!(s.json(&of("/summary")).await["counts"]["matched"], json!(n), "{table}");
        let here = s.json(&of("/summary?zone=M1")).await;
        assert_eq!(here["counts"]["matched"], json!(held["M1"].len()), "{table}");
        let beside: Vec<&str> =
            here["beside"].as_array().unwrap().iter().map(|b| b["collection"].as_str().unwrap()).collect();
        assert_eq!(beside.len(), 2);
        assert!(!beside.contains(&table));
        let drawn = json!({"circle": {"center": [-8.55, 41.14], "radius_m": 40_000}}).to_string();
        let posted = s.post(&of("/summary"), "application/json", drawn).await.json();
        let located = rows(table).iter().filter(|r| r.place.is_some()).count();
        assert_eq!(posted["counts"]["matched"], json!(located), "{table}: all of it lies in the circle");
        let zones = s.json(&of("/zones")).await;
        let counted: Vec<u64> =
            zones["zones"].as_array().unwrap().iter().map(|z| z["count"].as_u64().unwrap()).collect();
        assert_eq!(counted, held.values().map(|rows| rows.len() as u64).collect::<Vec<_>>(), "{table}");
        // items by the id of their collection, with the same rows
        let items = s.json(&format!("/collections/{table}/items?zone=M1&limit=1000")).await;
        assert_eq!(items["numberMatched"], json!(held["M1"].len()), "{table}");
        let csv = s.get(&of("/report/M1?format=csv")).await;
        assert_eq!(csv.status, 200);
        let lines = String::from_utf8(csv.body.to_vec()).unwrap().lines().filter(|l| !l.trim().is_empty()).count();
        assert!(lines > held["M1"].len(), "{table}: {lines}");
        let html = s.get(&of("/report/M1?format=html&lang=en")).await;
        let (html, word) = (String::from_utf8(html.body.to_vec()).unwrap(), about["terms"]["row"]["plural"].clone());
        assert!(html.contains(word.as_str().unwrap()) && html.contains("Other tables"), "{table}");
        // a target with its unit and source in the language of the paper
        assert!(html.contains("invented") && !html.contains('项') && !html.contains("虚构"), "{table}");
        for path in ["/style.json", "/search?q=a", "/map?width=64&height=64&f=svg", "/imports/template.xlsx"] {
            assert_eq!(s.get(&of(path)).await.status, 200, "{table} {path}");
        }
        let template = s.get(&of("/imports/template.xlsx")).await.body;
        assert!(!template.is_empty());
        let tile = s.get(&format!("/xyz/companies,parcels,grants/9/243/191.mvt?year=2024&v={table}")).await;
        assert_eq!(tile.status, 200);
    }
    // maps of some layers, whichever comes first, of each table and of a period that its figures have
    for table in ["companies", "parcels", "grants"] {
        for layers in
            ["companies,parcels,grants", "parcels,municipalities", "grants,companies", "municipalities", "grants"]
        {
            for more in ["", "&zone=M1", "&year=2024", "&secondary=true", "&zone=M1&class_level=1", "&year=1900"] {
                let path = format!("/map?width=96&height=96&f=svg&table={table}&collections={layers}{more}");
                // grants have no figures, hence no periods; nothing has any of 1900, and the message says what there is
                let known = !(more.contains("1900") || (table == "grants" && more.contains("year")));
                let answer = s.get(&path).await;
                assert_eq!(
                    answer.status,
                    if known { 200 } else { 400 },
                    "{path} {}",
                    String::from_utf8_lossy(&answer.body)
                );
            }
        }
    }
    for path in
        ["/dataset", "/summary", "/zones", "/search?q=a", "/style.json", "/map", "/report/M1", "/imports/template.xlsx"]
    {
        let mark = if path.contains('?') { '&' } else { '?' };
        let unknown = s.get(&format!("{path}{mark}table=municipalities")).await;
        assert_eq!(unknown.status, 400, "{path}");
        assert!(unknown.json()["detail_en"].as_str().unwrap().contains("companies, parcels, grants"), "{path}");
    }
    assert_eq!(s.get("/site?table=grants").await.status, 400, "a resource that has no table knows no such parameter");
    let counts = s.json("/indicators").await["counts"].clone();
    assert_eq!((counts[0]["table"].as_str(), counts[1]["zone"].as_str()), (Some("grants"), Some("M1")));
}

#[tokio::test]
async fn points_of_other_tables_have_a_symbol_of_their_own_on_every_map() {
    let service = Service::open(FOLDER, Disclosure::Full);
    let symbol_of = |description: &Value, id: &str| {
        let groups = description["layer_groups"].as_array().unwrap();
        groups.iter().find(|g| g["id"] == id).map(|g| g["symbol"].as_str().unwrap().to_owned())
    };
    let mut seen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (table, ..) in TABLES {
        let description = service.json(&format!("/dataset?table={table}")).await;
        let style = service.json(&format!("/style.json?table={table}")).await;
        let layers = style["layers"].as_array().unwrap();
        let layer = |id: &str| layers.iter().find(|l| l["id"] == format!("{id}-point").as_str());
        assert_eq!(symbol_of(&description, table), None, "the table shown has no switch");
        for other in ["companies", "grants"].into_iter().filter(|other| *other != table) {
            let symbol = symbol_of(&description, other).unwrap();
            // live map, switch and legend, and the map of the server show the same picture
            assert_eq!(layer(other).unwrap()["layout"]["icon-image"], format!("point-{symbol}").as_str(), "{table}");
            let path = format!("/map?width=600&height=600&f=svg&table={table}&collections=municipalities,{other}");
            let svg = String::from_utf8(service.get(&path).await.body.to_vec()).unwrap();
            let group = format!("<g id=\"{other}-point\"");
            let drawn = svg.split(&group).nth(1).and_then(|rest| rest.split("</g>").next()).unwrap_or_default();
            assert!(drawn.matches("<path").count() >= 20 && !drawn.contains("<circle"), "{table} {other}: {drawn}");
            seen.entry(other).or_default().push(symbol);
        }
        assert!(table == "parcels" || layer("parcels").is_none_or(|l| l["type"] == "circle"), "areas have no symbol");
    }
    let [companies, grants] = [&seen["companies"], &seen["grants"]];
    assert!(companies.iter().all(|s| *s == companies[0]) && grants.iter().all(|s| *s == grants[0]), "{seen:?}");
    assert_ne!(companies[0], grants[0]);
}

#[tokio::test]
async fn a_version_of_one_table_keeps_the_versions_of_the_others() {
    let data = tempfile::tempdir().unwrap();
    let open = || Service::in_data_folder(FOLDER, Disclosure::Full, data.path());
    let s = open();
    let publish = |table: &'static str, text: &'static str| {
        let s = &s;
        async move {
            let sent = s.post("/imports?file=a.csv", "application/octet-stream", text).await;
            assert_eq!(sent.status, 201, "{}", String::from_utf8_lossy(&sent.body));
            let id = sent.json()["id"].as_str().unwrap().to_owned();
            let options = json!({"crs": "wgs84", "table": table}).to_string();
            let begun = s.post(&format!("/imports/{id}/check"), "application/json", options).await;
            assert_eq!(begun.status, 202, "{}", String::from_utf8_lossy(&begun.body));
            let mut import = s.json(&format!("/imports/{id}")).await;
            for _ in 0..600 {
                if import["state"] != "checking" {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                import = s.json(&format!("/imports/{id}")).await;
            }
            assert_eq!(import["state"], "checked", "{import}");
            let made = s.post(&format!("/imports/{id}/publish"), "application/json", "{\"note\":\"\"}").await;
            assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
            made.json()
        }
    };
    let count = |s: &Service, table: &'static str| {
        let path = format!("/summary?table={table}");
        let s = s.0.clone();
        async move { Service(s).json(&path).await["counts"]["matched"].as_u64().unwrap() }
    };
    let before = [count(&s, "companies").await, count(&s, "parcels").await, count(&s, "grants").await];
    assert_eq!(before, [120, 60, 45]);
    publish("grants", "名称,市镇,经度,纬度\nBidrag A,Ålund,-8.65001,41.08001\nBidrag B,Brynå,-8.50001,41.08001\n")
        .await;
    assert_eq!([count(&s, "companies").await, count(&s, "grants").await], [120, 47]);
    publish("companies", "名称,市镇,经度,纬度\nBolaget Ny,Ålund,-8.65002,41.08002\n").await;
    assert_eq!([count(&s, "companies").await, count(&s, "grants").await], [121, 47]);
    // what was made before is there after a restart, of both tables
    drop(s);
    let s = open();
    assert_eq!([count(&s, "companies").await, count(&s, "parcels").await, count(&s, "grants").await], [121, 60, 47]);
    let changes = s.json("/versions/1/changes?table=grants").await;
    assert_eq!((&changes["matched"], &changes["counts"]["new"]), (&json!(2), &json!(2)));
    assert_eq!(s.json("/versions/2/changes?table=grants").await["matched"], json!(0));
    assert_eq!(s.json("/versions/2/changes").await["matched"], json!(1));
}

/// Who may see what, whichever table the address names: restricted figures of one table leave with no answer about another.
#[tokio::test]
async fn restricted_figures_leave_with_no_answer_about_any_table() {
    let s = Service::open(FOLDER, Disclosure::Aggregates);
    let figures: Vec<String> = rows("companies")
        .iter()
        .filter_map(|row| row.properties["turnover_2024"].as_f64())
        .filter(|v| *v > 100.0)
        .map(|v| format!("{v:.1}"))
        .collect();
    assert!(figures.len() > 30);
    for table in ["companies", "parcels", "grants"] {
        for path in [
            "/report/M1?format=csv",
            "/report/M1?format=geojson",
            "/report/M1?format=html",
            "/search?q=Bolaget&limit=100",
            "/zones?statistics=true",
        ] {
            let answer = s.get(&format!("{path}&table={table}")).await;
            assert_eq!(answer.status, 200, "{table} {path}");
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            // a value of its own: a cell, a member, the text of an element
            let alone = |f: &&String| {
                [
                    format!("\n{f},"),
                    format!(",{f},"),
                    format!(",{f}\r"),
                    format!(":{f},"),
                    format!(":{f}}}"),
                    format!(">{f}<"),
                ]
                .iter()
                .any(|cell| text.contains(cell.as_str()))
            };
            let found: Vec<&String> = figures.iter().filter(alone).collect();
            assert!(found.is_empty(), "{table} {path}: {found:?}");
        }
    }
    let items = s.json("/collections/companies/items?limit=1000").await;
    let all = items["features"].as_array().unwrap();
    assert!(all.len() == 120 && all.iter().all(|f| f["properties"].get("turnover_2024").is_none()));
    let asked = s.get("/collections/companies/items?turnover_2024=1").await;
    assert!(asked.status == 403 || asked.status == 400, "{}", asked.status);
}
