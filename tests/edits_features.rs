//! Features of collections that are no tables, edited in a draft: checked as a folder's file is, kept in versions beside the
//! tables, merged field by field with the geometry as one of them. `tests/edits_crash.rs` kills the program meanwhile.

use crate::accounts::World;
use crate::edits::{Editor, codes};
use serde_json::{Value, json};
use shigu::core::query::{Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use shigu::service::drafts::{ChangeClass, Drafts, JudgedDraft, RowEdit};
use shigu::service::store::{Database, KEPT, Provenance, Store, current_source};
use std::path::Path;
use std::sync::Arc;

async fn items(world: &World, collection: &str) -> Vec<Value> {
    let path = format!("/collections/{collection}/items?limit=1000&f=json");
    let answer = world.get(&path, &world.administrator).await;
    assert_eq!(answer.status, 200);
    answer.json()["features"].as_array().unwrap().clone()
}

async fn item(world: &World, collection: &str, id: &str) -> Value {
    let all = items(world, collection).await;
    all.into_iter().find(|f| f["id"] == id).unwrap_or_default()
}

const COLLECTIONS: [&str; 4] = ["layout", "platforms", "platform-zones", "lead-enterprises"];

/// All features of the collections that are edited, in their order.
async fn everything(world: &World) -> Vec<Value> {
    let mut all = Vec::new();
    for collection in COLLECTIONS {
        all.extend(items(world, collection).await);
    }
    all
}

fn line(y: f64) -> Value {
    json!({"type": "LineString", "coordinates": [[119.82, y], [120.0, 30.28], [120.118, 30.273]]})
}

fn square(x: f64, y: f64) -> Value {
    let (a, b) = (x + 0.02, y + 0.02);
    json!({"type": "Polygon", "coordinates": [[[x, y], [a, y], [a, b], [x, b], [x, y]]]})
}

/// What a new area needs: the values of one that is there, under another name.
fn area_like(feature: &Value) -> Value {
    let mut values = feature["properties"].clone();
    values["name"] = json!("新划定的片区");
    values.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    values
}

#[tokio::test]
async fn rows_and_features_of_one_draft_are_one_version_and_gone_back_to() {
    let world = World::new(true).await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let before = everything(&world).await;
    let zone = items(&world, "platform-zones").await[0].clone();
    let goes = items(&world, "platform-zones").await[1]["id"].as_str().unwrap().to_owned();
    // a line is reshaped, a point moved, a name and a date changed, an area drawn, another goes; and a row of the register
    let draft = wang.change("layout", "axis", json!({"geometry": line(30.26)})).await;
    let change = &draft["changes"][0];
    assert_eq!((&change["class"], codes(change)), (&json!("moved"), vec![]));
    assert_eq!((change["old_geometry"]["type"].as_str(), &change["new_geometry"]), (Some("LineString"), &line(30.26)));
    let draft = wang.change("platforms", "P01", json!({"position": [119.99, 30.32]})).await;
    let change = &draft["changes"][1];
    assert_eq!((&change["class"], &change["to"]), (&json!("moved"), &json!([119.99, 30.32])));
    assert!((change["moved_m"].as_f64().unwrap() - 1470.0).abs() < 30.0, "{}", change["moved_m"]);
    wang.change("layout", "belt", json!({"values": {"name": "改名的带", "valid_from": "2023-05"}})).await;
    let body = json!({"collection": "platform-zones", "values": area_like(&zone), "geometry": square(120.3, 30.1)});
    let answer = wang.send("PUT", "/drafts/wang/changes/platform-zones+a", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    wang.seen(&answer);
    wang.change("platform-zones", &goes, json!({"remove": true})).await;
    let draft = wang.edit("S00001", json!({"values": {"founded": 2019}})).await;
    let classes: Vec<&str> =
        draft["changes"].as_array().unwrap().iter().map(|c| c["class"].as_str().unwrap()).collect();
    assert_eq!(classes, ["moved", "moved", "changed", "new", "removed", "changed"]);
    assert_eq!((&draft["problems"], &draft["conflicts"]), (&json!(0), &json!(0)), "{draft}");
    // one history: the last step undone is that of the row
    let (_, draft) = wang.step("undo", &Value::Null).await;
    assert_eq!(draft["changes"].as_array().unwrap().len(), 5);
    wang.step("redo", &Value::Null).await;
    assert_eq!(everything(&world).await, before, "nobody sees a draft");
    let revision = world.get("/dataset", &world.administrator).await.json()["revision"].clone();

    let (status, version) = wang.step("publish", &json!({"note": "按批复调整"})).await;
    assert_eq!(status, 201, "{version}");
    let counts = &version["counts"];
    let count = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!([count("new"), count("changed"), count("moved"), count("removed")], [1, 2, 2, 1], "{counts}");
    // a plain list of what was there, with these changes
    let mut expected = before.clone();
    for feature in &mut expected {
        match feature["id"].as_str().unwrap().to_owned().as_str() {
            "axis" => feature["geometry"] = line(30.26),
            "belt" => {
                feature["properties"]["name"] = json!("改名的带");
                feature["properties"]["valid_from"] = json!("2023-05");
            }
            _ => {}
        }
    }
    let platform = expected.iter_mut().find(|f| f["id"] == "P01" && f["geometry"]["type"] == "Point").unwrap();
    platform["geometry"]["coordinates"] = json!([119.99, 30.32]);
    let mut removed = false;
    expected.retain(|f| {
        let gone = !removed && f["id"] == goes.as_str() && f["properties"]["kind"] == "platform_area";
        removed |= gone;
        !gone
    });
    let after = everything(&world).await;
    let added = after.iter().find(|f| f["id"] == "platform-zones-1").unwrap();
    assert_eq!((&added["properties"]["name"], &added["geometry"]), (&json!("新划定的片区"), &square(120.3, 30.1)));
    let others: Vec<&Value> = after.iter().filter(|f| f["id"] != "platform-zones-1").collect();
    assert_eq!(others, expected.iter().collect::<Vec<_>>());
    let zones = world.get("/zones?kind=platform", &world.administrator).await.json().to_string();
    assert!(zones.contains("\"platform-zones-1\"") && !zones.contains(&format!("\"{goes}\"")), "{zones}");
    assert_ne!(world.get("/dataset", &world.administrator).await.json()["revision"], revision);

    // what a version changed, with both outlines
    let changes = world.get("/versions/1/changes?collection=layout", &world.administrator).await.json();
    assert_eq!((&changes["counts"]["moved"], &changes["counts"]["changed"]), (&json!(1), &json!(1)), "{changes}");
    let axis = changes["rows"].as_array().unwrap().iter().find(|r| r["id"] == "axis").unwrap();
    assert_eq!(axis["new_geometry"], line(30.26));
    assert_eq!(axis["old_geometry"], before.iter().find(|f| f["id"] == "axis").unwrap()["geometry"]);
    for none in ["water", "projects", "nothing"] {
        let path = format!("/versions/1/changes?collection={none}");
        assert_eq!(world.get(&path, &world.administrator).await.status, 404, "{none}");
    }

    // a later edit of another collection keeps these, and so does an import of the register
    wang.look().await;
    wang.change("lead-enterprises", "E001", json!({"values": {"short_name": "海康"}})).await;
    assert_eq!(wang.step("publish", &json!({"note": "又"})).await.0, 201);
    assert_eq!(item(&world, "layout", "axis").await["geometry"], line(30.26));
    assert_eq!(item(&world, "lead-enterprises", "E001").await["properties"]["short_name"], "海康");
    // what is kept loads without an error, as `shigu check` does
    let embedded = Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou"));
    let (dataset, report) = load(&current_source(world.folder.path(), &embedded).unwrap(), &Limits::default());
    assert!(dataset.is_some(), "{report:?}");
    // and back, and forth
    let restore = async |number: u64| {
        let path = format!("/versions/{number}/restore");
        let answer = world.send("POST", &path, &world.administrator, &json!({"note": ""})).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        let counts = answer.json()["counts"].clone();
        ["new", "changed", "moved", "removed"].map(|name| counts[name].as_u64().unwrap())
    };
    // the way back, of layers too: the area that went comes again, the drawn one goes, and the correction of the second version
    assert_eq!(restore(0).await, [1, 3, 2, 1]);
    assert_eq!(everything(&world).await, before);
    assert_eq!(restore(1).await, [1, 2, 2, 1]);
    assert_eq!(everything(&world).await, after);
}

#[tokio::test]
async fn what_is_wrong_with_a_feature_is_said_where_it_is() {
    let world = World::new(true).await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    // refused at once: what can't be read, what is not edited, what there is not
    let bad = |geometry: Value| json!({"collection": "layout", "id": "axis", "geometry": geometry});
    for (path, body, code) in [
        ("layout:axis", bad(json!({"type": "LineString", "coordinates": []})), "bad-geometry"),
        ("layout:axis", bad(json!({"type": "LineString", "coordinates": [[120.0, 30.0]]})), "bad-geometry"),
        ("layout:axis", bad(json!({"type": "Circle", "coordinates": [1, 2]})), "bad-geometry"),
        ("layout:axis", bad(json!("LINESTRING (0 0, 1 1)")), "bad-geometry"),
        (
            "layout:axis",
            json!({"collection": "layout", "id": "axis", "values": {"nonsense": 1}}),
            "map-property-unknown",
        ),
        (
            "districts:330102",
            json!({"collection": "districts", "id": "330102", "values": {"name": "甲"}}),
            "not-editable",
        ),
        ("nothing:1", json!({"collection": "nothing", "id": "1", "remove": true}), "not-editable"),
        (
            "enterprises:S00001",
            json!({"collection": "enterprises", "id": "S00001", "geometry": line(30.2)}),
            "bad-geometry",
        ),
    ] {
        let answer = wang.send("PUT", &format!("/drafts/wang/changes/{path}"), &body).await;
        let said = answer.json();
        assert_eq!((answer.status.as_u16(), said["code"].as_str()), (422, Some(code)), "{body}: {said}");
        assert!(said["detail"].is_string() && said["detail_en"].is_string(), "{said}");
    }
    assert_eq!(wang.look().await["changes"], json!([]));
    // kept and said: the words are those of a folder's check
    let zone = items(&world, "platform-zones").await[0].clone();
    let id = zone["id"].as_str().unwrap().to_owned();
    // a slip of the hand: a small loop over the own border
    let looped = json!({"type": "Polygon", "coordinates": [[
        [120.1, 30.1], [120.3, 30.1], [120.3, 30.3], [120.2, 30.3], [120.2005, 30.3005], [120.2005, 30.2995], [120.1, 30.3], [120.1, 30.1],
    ]]});
    let bowtie = json!({"type": "Polygon", "coordinates": [[[120.1, 30.1], [120.3, 30.3], [120.3, 30.1], [120.1, 30.3], [120.1, 30.1]]]});
    for (body, class, code, property) in [
        (json!({"geometry": line(30.2)}), "problem", "geometry-kind", Value::Null),
        (json!({"values": {"name": null}}), "problem", "missing-property", json!("name")),
        (json!({"values": {"zone_of": "P999"}}), "problem", "dangling-reference", json!("zone_of")),
        (json!({"values": {"status": "no such"}}), "problem", "unknown-code", json!("status")),
        (json!({"values": {"confidence": "viel"}}), "problem", "wrong-type", json!("confidence")),
        (json!({"geometry": bowtie}), "problem", "ring-self-intersection", Value::Null),
        (json!({"geometry": looped}), "moved", "geometry-repaired", Value::Null),
        (json!({"geometry": square(30.2, 120.1)}), "problem", "", Value::Null),
    ] {
        let draft = wang.change("platform-zones", &id, body.clone()).await;
        let change = &draft["changes"][0];
        assert_eq!(change["class"], class, "{body}: {change}");
        let found = &change["findings"][0];
        assert!(code.is_empty() || codes(change).contains(&code), "{body}: {:?}", codes(change));
        assert_eq!(found["property"], property, "{body}: {found}");
        assert!(
            !found["remedy"]["zh"].as_str().unwrap().is_empty() && !found["remedy"]["en"].as_str().unwrap().is_empty()
        );
        if class == "problem" {
            assert_eq!(wang.step("publish", &json!({"note": "x"})).await.1["code"], "draft-problems");
        }
    }
    // what others refer to does not go
    let of = zone["properties"]["zone_of"].as_str().unwrap().to_owned();
    let answer = wang.send("DELETE", &format!("/drafts/wang/changes/platform-zones:{id}"), &Value::Null).await;
    assert_eq!(wang.seen(&answer)["changes"], json!([]));
    let draft = wang.change("platforms", &of, json!({"remove": true})).await;
    let change = draft["changes"].as_array().unwrap().iter().find(|c| c["collection"] == "platforms").unwrap();
    assert_eq!(
        (change["class"].as_str(), codes(change).first().copied()),
        (Some("problem"), Some("dangling-reference")),
        "{draft}"
    );
    // not for those who only look, in part or in all
    for scope in [json!(["330108"]), Value::Null] {
        let name = if scope.is_null() { "v" } else { "w" };
        let viewer = world.account(name, "viewer", scope).await;
        let body = json!({"collection": "layout", "id": "axis", "geometry": line(30.2)});
        let answer = world.send("PUT", &format!("/drafts/{name}/changes/layout:axis"), &viewer, &body).await;
        assert_eq!(answer.status, 403);
    }
}

#[tokio::test]
async fn two_who_edit_one_feature_are_merged_field_by_field() {
    let world = World::new(true).await;
    let mut li = Editor::new(&world, "li", "editor").await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let was = item(&world, "layout", "axis").await["geometry"].clone();
    li.change("layout", "axis", json!({"geometry": line(30.21), "values": {"note": "李"}})).await;
    li.change("layout", "belt", json!({"remove": true})).await;
    li.change("platforms", "P02", json!({"values": {"name": "李的平台"}})).await;
    wang.change("layout", "axis", json!({"geometry": line(30.22), "values": {"note_en": "Wang"}})).await;
    wang.change("layout", "belt", json!({"values": {"note": "王"}})).await;
    wang.change("platforms", "P02", json!({"position": [120.15, 30.09]})).await;
    assert_eq!(wang.step("publish", &json!({"note": "先"})).await.0, 201);
    let draft = li.look().await;
    assert_eq!(draft["conflicts"], 2, "{draft}");
    let expected = json!([{"property": null, "gone": false, "was": was, "mine": line(30.21), "theirs": line(30.22)}]);
    assert_eq!(draft["changes"][0]["conflicts"], expected);
    assert_eq!(draft["changes"][1]["conflicts"][0]["property"], "note", "who changed it did not know that it goes");
    assert_eq!(draft["changes"][2]["conflicts"], json!([]));
    assert_eq!(li.step("submit", &json!({"note": "后"})).await.0, 409);
    let mine = json!({"geometry": line(30.21), "values": {"note": "李"}, "settled": ["geometry"]});
    assert_eq!(li.change("layout", "axis", mine).await["conflicts"], 1);
    let answer = li.send("DELETE", "/drafts/li/changes/layout:belt", &Value::Null).await;
    assert_eq!(li.seen(&answer)["conflicts"], 0);
    assert_eq!(li.step("submit", &json!({"note": "后"})).await.0, 200);
    (wang.name, wang.tag) = ("li", li.tag.clone());
    let (status, version) = wang.step("publish", &json!({})).await;
    assert_eq!((status, &version["actor"], &version["released"]), (201, &json!("li"), &json!("wang")), "{version}");
    let axis = item(&world, "layout", "axis").await;
    let text = |name: &str| axis["properties"][name].as_str().unwrap().to_owned();
    assert_eq!((&axis["geometry"], text("note"), text("note_en")), (&line(30.21), "李".into(), "Wang".into()));
    let platform = item(&world, "platforms", "P02").await;
    let at = platform["geometry"]["coordinates"].clone();
    assert_eq!((&platform["properties"]["name"], at), (&json!("李的平台"), json!([120.15, 30.09])));
    assert_eq!(item(&world, "layout", "belt").await["properties"]["note"], "王");
    // one that others have removed is no more: nothing but giving the change up
    li.look().await;
    li.change("lead-enterprises", "E002", json!({"values": {"place": "李"}})).await;
    wang.name = "wang";
    wang.look().await;
    wang.change("lead-enterprises", "E002", json!({"remove": true})).await;
    assert_eq!(wang.step("publish", &json!({"note": "三"})).await.0, 201);
    let draft = li.look().await;
    assert_eq!(draft["changes"][0]["conflicts"][0]["gone"], true, "{draft}");
}

/// A city with other names, levels of zones and a partition: nothing is of one dataset.
#[tokio::test]
async fn a_partition_of_another_city_is_checked_as_its_file_is() {
    let folder = tempfile::tempdir().unwrap();
    let source = Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/twolevel"));
    let open = || Store::open_in(folder.path(), KEPT, source.clone(), Limits::default()).ok().unwrap().0;
    let store = Arc::new(open());
    let database = Arc::new(Database::open(folder.path()).unwrap());
    let drafts = Drafts::new(store.clone(), database, false);
    let parish = |id: &str| {
        let question = Question::of("parishes");
        let rows = question.bind(&store.snapshot(), Disclosure::Full).unwrap().select(0, 99);
        let table = rows.table();
        let row = table.ids.iter().position(|own| own == id).unwrap();
        serde_json::to_value(geojson::GeometryValue::from(&table.geometries.value(row).unwrap())).unwrap()
    };
    let put = async |id: &str, collection: &str, geometry: Value, tag: String| -> JudgedDraft {
        let edit =
            RowEdit { table: collection.into(), id: Some(id.into()), geometry: Some(geometry), ..RowEdit::default() };
        drafts.put("ana".into(), vec![(format!("{collection}:{id}"), Some(edit))], tag).await.unwrap()
    };
    // a corner moves into the neighbour: the partition overlaps
    let mut arcos = parish("F11");
    for position in arcos["coordinates"][0].as_array_mut().unwrap() {
        if *position == json!([-8.63367, 41.10347]) {
            *position = json!([-8.6, 41.09]);
        }
    }
    let draft = put("F11", "parishes", arcos.clone(), "none".into()).await;
    assert_eq!(draft.changes[0].class, ChangeClass::Problem, "{:?}", draft.changes[0].findings);
    let code = draft.changes[0].findings[0].code;
    assert!(code.contains("overlap"), "{code}");
    // with the neighbour's corner moved alike it covers what it covered
    let mut azenha = parish("F12");
    for geometry in [&mut azenha] {
        for position in geometry["coordinates"][0].as_array_mut().unwrap() {
            if *position == json!([-8.63367, 41.10347]) {
                *position = json!([-8.6, 41.09]);
            }
        }
    }
    let draft = put("F12", "parishes", azenha, draft.tag()).await;
    let shares =
        |c: &shigu::service::drafts::JudgedChange| (c.class, c.findings.iter().map(|f| f.code).collect::<Vec<_>>());
    let seen: Vec<_> = draft.changes.iter().map(shares).collect();
    println!("{seen:?}");
    // a park may overlap another
    let park =
        json!({"type": "Polygon", "coordinates": [[[-8.65, 41.05], [-8.55, 41.05], [-8.55, 41.11], [-8.65, 41.05]]]});
    let draft = put("Q1", "parks", park.clone(), draft.tag()).await;
    assert_eq!(draft.changes[2].class, ChangeClass::Moved, "{:?}", draft.changes[2].findings);
    // the parishes are given up, the park is saved
    let draft = drafts.put("ana".into(), vec![("parishes:F11".into(), None)], draft.tag()).await.unwrap();
    let draft = drafts.put("ana".into(), vec![("parishes:F12".into(), None)], draft.tag()).await.unwrap();
    let version = drafts.publish("ana".into(), "ana".into(), "parque".into(), draft.tag()).await.unwrap();
    assert_eq!((version.number, version.counts.moved), (1, 1));
    let again = open();
    assert_eq!(again.snapshot().describe().revision, store.snapshot().describe().revision);
    assert_eq!(again.versions().unwrap().len(), 2);
    again.restore(0, &Provenance::default()).unwrap();
    assert_ne!(again.snapshot().describe().revision, store.snapshot().describe().revision);
}

/// What was edited leaves as a folder that is checked, counted and edited as any other.
#[tokio::test]
async fn an_exported_version_is_a_folder_with_the_same_rows_and_figures() {
    let folder = tempfile::tempdir().unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville");
    let source = Source::Folder(own.clone());
    let (store, _) = Store::open_in(folder.path(), KEPT, source.clone(), Limits::default()).ok().unwrap();
    let database = Arc::new(Database::open(folder.path()).unwrap());
    let drafts = Drafts::new(Arc::new(store), database, false);
    let mut tag = "none".to_owned();
    let area = json!({"type": "Polygon", "coordinates": [[[120.01, 30.01], [120.13, 30.01], [120.13, 30.08], [120.01, 30.01]]]});
    let value = |name: &str, value: Value| [(name.to_owned(), value)].into();
    for edit in [
        RowEdit { table: "platform-zones".into(), id: Some("P01".into()), geometry: Some(area), ..RowEdit::default() },
        RowEdit {
            table: "platforms".into(),
            id: Some("P01".into()),
            values: value("name", json!("改名")),
            ..RowEdit::default()
        },
        RowEdit {
            table: "enterprises".into(),
            id: Some("E01".into()),
            values: value("revenue_2025", json!(987.65)),
            ..RowEdit::default()
        },
        RowEdit { table: "enterprises".into(), id: Some("E02".into()), remove: true, ..RowEdit::default() },
    ] {
        let key = format!("{}:{}", edit.table, edit.id.as_deref().unwrap());
        tag = drafts.put("ana".into(), vec![(key, Some(edit))], tag).await.unwrap().tag();
    }
    drafts.publish("ana".into(), "ana".into(), "改".into(), tag).await.unwrap();

    let program = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_shigu"));
        command.env_remove("SHIGU_GEODATA").env_remove("SHIGU_DATA_DIR").args(args).output().unwrap()
    };
    let (data, geodata) = (folder.path().to_str().unwrap(), own.to_str().unwrap());
    let out = tempfile::tempdir().unwrap();
    let path = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    let export = |to: &str, more: &[&str]| {
        let fixed = ["export", "--geodata", geodata, "--data-dir", data, "--folder", to];
        program(&[&fixed[..], more].concat())
    };
    let (new, old) = (path("new"), path("old"));
    for (to, more) in [(&new, &[][..]), (&old, &["--version", "0"])] {
        let done = export(to, more);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let check = program(&["check", "--geodata", to]);
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    }
    let files = |of: &Path| {
        let all = std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().file_name());
        all.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(files(Path::new(&new)), files(&own), "each collection stays in the file of its name");
    // the oracle is the version itself, read where it is kept
    let content = |source: &Source| {
        let (dataset, report) = load(source, &Limits::default());
        let dataset = dataset.unwrap_or_else(|| panic!("{report:?}"));
        let mut rows = Vec::new();
        for (spec, table) in dataset.collections() {
            shigu::data::features::write(&mut rows, spec, table).unwrap();
        }
        let engine = Embedded::from(Snapshot::new(dataset));
        let zones = ["city", "T01", "T02", "P01"].map(|zone| {
            let bound = engine.bind(&Question::default().in_zone(zone), Disclosure::Full).unwrap();
            serde_json::to_value(bound.summarize().unwrap()).unwrap()
        });
        (
            String::from_utf8(rows).unwrap(),
            zones.map(|mut zone| {
                zone.as_object_mut().unwrap().remove("revision");
                zone
            }),
        )
    };
    let kept = content(&current_source(folder.path(), &source).unwrap());
    assert_eq!(content(&Source::Folder(new.clone().into())), kept);
    assert_eq!(content(&Source::Folder(old.into())), content(&source));
    let row = kept.0.lines().find(|line| line.contains("\"E01\"")).unwrap();
    assert!(kept.0.contains("987.65"), "{row}");
    assert!(kept.0.contains("改名"));
    assert!(kept != content(&source));
    // nothing is overwritten, and a version that there is not is no other
    for (to, more, word) in [(&new, &[][..], "已存在"), (&path("x"), &["--version", "7"], "7")] {
        let refused = export(to, more);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && said.contains(word), "{said}");
    }
    assert_eq!(files(out.path()).len(), 2);
}
