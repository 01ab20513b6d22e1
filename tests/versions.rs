//! Versions of the register: made, served, compared, gone back to, given up, backed up; and refused with a reason.

use crate::common;

use common::service::Service;
use serde_json::json;
use shigu::core::query::Disclosure;
use shigu::data::intake::{Fate, Ground, Import, Options, System, read, sheet};
use shigu::data::load::{Limits, Source};
use shigu::service::store::{Base, CommitError, KEPT, OpenError, Provenance, Store, Version, backup, restore_in};
use std::fmt::Write as _;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::{TempDir, tempdir};

fn source() -> Source {
    Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville"))
}

fn open(folder: &Path) -> Result<Store, OpenError> {
    Store::open_in(folder, KEPT, source(), Limits::default()).map(|(store, _)| store)
}

pub fn store(folder: &Path) -> Store {
    open(folder).unwrap_or_else(|e| panic!("{}", e.text().en))
}

/// Real firms: number, place to the east, revenue.
fn table(firms: &[(u32, f64, f64)]) -> Vec<u8> {
    let mut text = String::from("企业名称,区县,经度,纬度,2025年营收(万元)\n");
    for (n, x, revenue) in firms {
        writeln!(text, "杭州第{n}智能有限公司,西区,{x:.5},30.05123,{revenue}").unwrap();
    }
    text.into_bytes()
}

fn from(note: &str) -> Provenance {
    let file = Some("名录.csv".to_owned());
    Provenance { actor: "王工".into(), file, note: note.into(), now: 1_795_000_000, ..Provenance::default() }
}

fn commit_to(store: &Store, base: Option<&Base>, firms: &[(u32, f64, f64)]) -> Result<Version, CommitError> {
    let (dataset, now) = store.dataset().unwrap();
    let ground = Ground::of(&dataset);
    let sheet = read(Cursor::new(table(firms)), &dataset, None, &sheet::Limits::default()).unwrap();
    let options = Options { file: "名录.csv".into(), system: Some(System::Wgs84), ..Options::default() };
    let import = Import::prepare(&sheet, &dataset, &ground, options).unwrap();
    store.commit(base.unwrap_or(&now), &import, &from("首次"))
}

pub fn commit(store: &Store, firms: &[(u32, f64, f64)]) -> Version {
    commit_to(store, None, firms).unwrap_or_else(|e| panic!("{}", e.text().en))
}

fn rows(store: &Store) -> usize {
    store.snapshot().describe().register().unwrap().rows
}

fn folders(data: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(data.join("versions")).unwrap().map(|e| e.unwrap().path());
    all.filter(|p| p.file_name().unwrap() != ".lock").collect()
}

const FIRST: [(u32, f64, f64); 3] = [(1, 120.01234, 10.25), (2, 120.02345, 20.0), (3, 120.03456, 30.0)];

/// A data folder with two versions.
fn two() -> (TempDir, Store) {
    let data = tempdir().unwrap();
    let store = store(data.path());
    commit(&store, &FIRST);
    commit(&store, &[(1, 120.01234, 11.5), (2, 120.08888, 20.0), (4, 120.05555, 1.0)]);
    (data, store)
}

#[test]
fn a_version_is_served_at_once_and_after_a_restart() {
    let (data, store) = two();
    let all = store.versions().unwrap();
    assert_eq!(all.iter().map(|v| (v.number, v.current)).collect::<Vec<_>>(), [(2, true), (1, false), (0, false)]);
    let (second, first) = (&all[0], &all[1]);
    let counts = |v: &Version| {
        let c = v.counts;
        [c.features, c.new, c.changed, c.moved, c.removed, c.unchanged]
    };
    assert_eq!(counts(first), [3, 3, 0, 0, 44, 0], "the sample is replaced");
    assert_eq!(counts(second), [4, 1, 1, 1, 0, 1]);
    assert_eq!((first.actor.as_str(), first.note.as_str(), first.created), ("王工", "首次", Some(1_795_000_000)));
    assert_eq!(store.snapshot().describe().revision, second.revision);
    let kept: Vec<_> =
        folders(data.path()).iter().map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert!(all[..2].iter().all(|v| kept.contains(v.sha256.as_ref().unwrap())) && kept.len() == 2);

    let again = self::store(data.path());
    assert_eq!(again.snapshot().describe().revision, second.revision);
    assert_eq!(again.current().version.as_ref(), Some(second));
    assert_eq!(rows(&again), 4);
    assert!(!again.snapshot().describe().sample());
}

#[test]
fn what_was_checked_against_something_else_is_refused() {
    let (data, store) = two();
    let old = store.base();
    commit(&store, &[(9, 120.01234, 1.0)]);
    let refused = commit_to(&store, Some(&old), &FIRST).unwrap_err();
    assert!(matches!(refused, CommitError::Stale { current: 3 }), "{refused}");
    assert!(refused.text().zh.contains("v3") && refused.code() == "stale");
    assert_eq!((store.versions().unwrap().len(), folders(data.path()).len()), (4, 3));

    // another program has made a version at the same time
    let other = self::store(data.path());
    commit(&other, &[(10, 120.01234, 1.0)]);
    let base = store.base();
    assert_eq!(base.version, 3);
    // preparing serves what the other has made, so the old base is stale and the new one is not
    assert!(matches!(commit_to(&store, Some(&base), &FIRST).unwrap_err(), CommitError::Stale { current: 4 }));
    assert_eq!(store.base().version, 4);
    assert_eq!(commit(&store, &FIRST).number, 5);
    // a reload does as well
    assert_eq!(other.base().version, 4);
    other.reload().unwrap();
    assert_eq!((other.base().version, rows(&other)), (5, rows(&store)));
}

#[test]
fn going_back_is_a_version_of_its_own() {
    let (data, store) = two();
    let first = store.version(1).unwrap();
    let back = store.restore(1, &from("退回")).unwrap();
    assert_eq!((back.number, back.of, &back.sha256), (3, Some(1), &first.sha256));
    assert_eq!((store.snapshot().describe().revision.as_str(), rows(&store)), (first.revision.as_str(), 3));
    assert_eq!([back.counts.new, back.counts.changed, back.counts.moved, back.counts.removed], [0, 1, 1, 1]);
    assert_eq!(folders(data.path()).len(), 2, "the content is there already");

    let seed = store.restore(0, &from("")).unwrap();
    assert_eq!((seed.number, seed.of, seed.sha256, rows(&store)), (4, Some(0), None, 44));
    assert_eq!(rows(&self::store(data.path())), 44);
    assert!(matches!(store.restore(9, &from("")).unwrap_err(), CommitError::Unknown(9)));
}

#[test]
fn two_versions_are_compared_by_id() {
    let (_data, store) = two();
    let changes = store.compare(None, 1, 2, |all| {
        let of = |fate: Fate| {
            let pair = all.pairs.iter().find(|p| p.fate == fate).unwrap();
            all.detail(pair)
        };
        let changed = of(Fate::Changed);
        assert_eq!(changed.name, "杭州第1智能有限公司");
        assert_eq!((&changed.changes[0].from, &changed.changes[0].to), (&json!(10.25), &json!(11.5)));
        let moved = of(Fate::Moved);
        assert_eq!((moved.from.unwrap().x, moved.to.unwrap().x), (120.02345, 120.08888));
        assert_eq!(of(Fate::New).name, "杭州第4智能有限公司");
        [Fate::New, Fate::Changed, Fate::Moved, Fate::Removed, Fate::Unchanged].map(|f| all.count(f))
    });
    assert_eq!(changes.unwrap(), [1, 1, 1, 0, 1]);
    assert_eq!(store.compare(None, 2, 1, |all| all.count(Fate::Removed)).unwrap(), 1);
    assert_eq!(store.compare(None, 0, 1, |all| all.count(Fate::Removed)).unwrap(), 44);
    assert!(matches!(store.compare(None, 1, 7, |_| ()).unwrap_err(), CommitError::Unknown(7)));
}

#[test]
fn old_versions_give_up_their_content_and_stay_listed() {
    let data = tempdir().unwrap();
    let (store, _) = Store::open_in(data.path(), 2, source(), Limits::default()).unwrap();
    for n in 1..=3 {
        commit(&store, &[(n, 120.01234, 1.0)]);
    }
    let kept = |store: &Store| -> Vec<(u64, bool)> {
        store.versions().unwrap().iter().rev().map(|v| (v.number, v.kept)).collect()
    };
    assert_eq!(kept(&store), [(0, true), (1, false), (2, true), (3, true)]);
    assert_eq!(folders(data.path()).len(), 2);
    let refused = store.restore(1, &from("")).unwrap_err();
    assert_eq!(refused.code(), "version-not-kept");
    assert!(refused.text().zh.contains("保留规则"));
    // what was gone back to stays, however old
    store.restore(2, &from("")).unwrap();
    for n in 5..=8 {
        commit(&store, &[(n, 120.01234, 1.0)]);
    }
    let now = kept(&store);
    assert!(now.contains(&(2, true)) && now.contains(&(8, true)) && now.contains(&(7, true)), "{now:?}");
    assert!(now.contains(&(5, false)) && now.contains(&(3, false)), "{now:?}");
    assert_eq!(folders(data.path()).len(), 3);
    store.restore(2, &from("")).unwrap();
}

#[test]
fn damaged_files_are_named_and_never_passed_over() {
    for damage in 0..3 {
        let (data, store) = two();
        let folder = data.path().join("versions").join(store.version(2).unwrap().sha256.unwrap());
        drop(store);
        let file = folder.join("register.parquet");
        match damage {
            0 => std::fs::remove_file(file).unwrap(),
            1 => {
                let mut bytes = std::fs::read(&file).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(&file, bytes).unwrap();
            }
            _ => std::fs::remove_dir_all(folder).unwrap(),
        }
        let Err(refused) = open(data.path()) else { panic!("a damaged version was served") };
        assert!(matches!(refused, OpenError::Damaged(2) | OpenError::Absent(2, _)), "{refused}");
        assert!(refused.text().zh.contains("v2") && refused.text().zh.contains("备份"), "{}", refused.text().zh);
        // the way out that the message names
        let made = restore_in(data.path(), KEPT, &source(), &Limits::default(), 1, &from("")).unwrap();
        assert_eq!((made.number, rows(&self::store(data.path()))), (3, 3));
    }
}

#[test]
fn what_a_crash_left_is_removed_and_what_is_not_ours_is_not() {
    let (data, store) = two();
    drop(store);
    let versions = data.path().join("versions");
    for name in [".part-version", &"a".repeat(64), "notes"] {
        std::fs::create_dir(versions.join(name)).unwrap();
        std::fs::write(versions.join(name).join("x"), "x").unwrap();
    }
    assert_eq!(rows(&self::store(data.path())), 4);
    assert_eq!(folders(data.path()).len(), 3);
    assert!(versions.join("notes/x").exists());
}

#[test]
fn a_backup_is_gone_back_to_by_copying_it() {
    let (data, store) = two();
    let to = data.path().join("backup");
    backup(data.path(), &to).unwrap();
    commit(&store, &[(7, 120.01234, 1.0)]);
    drop(store);
    let from_backup = self::store(&to);
    assert_eq!((from_backup.base().version, rows(&from_backup)), (2, 4));
    assert_eq!(from_backup.versions().unwrap().len(), 3);
    assert_eq!(commit(&from_backup, &FIRST).number, 3);
}

#[test]
fn the_folder_of_another_city_is_refused() {
    let (data, _) = two();
    let hangzhou = Source::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou"));
    let Err(OpenError::Refused(report)) = Store::open_in(data.path(), KEPT, hangzhou, Limits::default()) else {
        panic!("a register of another city was served");
    };
    assert!(report.findings.iter().any(|f| f.code == "version-foreign"), "{report:?}");
}

#[tokio::test]
async fn versions_over_http() {
    let (_data, store) = two();
    let store = Arc::new(store);
    let owner = Service::over(store.clone(), Disclosure::Full);
    let anyone = Service::over(store.clone(), Disclosure::Aggregates);

    let list = owner.json("/versions").await;
    assert_eq!((&list["current"], list["versions"].as_array().unwrap().len()), (&json!(2), 3));
    let second = &list["versions"][0];
    assert_eq!(second["created"], "2026-11-18T11:06:40Z");
    assert_eq!(
        (&second["kind"], &second["actor"], &second["file"]),
        (&json!("import"), &json!("王工"), &json!("名录.csv"))
    );
    assert_eq!(anyone.json("/versions/2").await["actor"], "");
    assert_eq!(owner.json("/versions/0").await["kind"], "seed");
    for missing in
        ["/versions/9", "/versions/x", "/versions/-1", "/versions/99999999999999999999", "/versions/9/changes"]
    {
        assert_eq!(owner.get(missing).await.status, 404, "{missing}");
    }
    assert_eq!(owner.get("/versions?x=1").await.status, 400);

    let changes = owner.json("/versions/2/changes").await;
    assert_eq!(changes["counts"], json!({"changed": 1, "moved": 1, "new": 1, "removed": 0, "unchanged": 1}));
    assert_eq!((&changes["from"], &changes["matched"]), (&json!(1), &json!(3)));
    let changed = owner.json("/versions/2/changes?class=changed&limit=1").await;
    assert_eq!(changed["rows"][0]["changes"][0], json!({"property": "revenue_2025", "old": 10.25, "new": 11.5}));
    // what leaves only inside sums does not leave here
    let changes = anyone.json("/versions/2/changes?class=changed").await;
    assert_eq!((&changes["matched"], &changes["rows"][0]["changes"]), (&json!(1), &json!([])));
    assert_eq!(owner.json("/versions/2/changes?from=0&class=removed").await["matched"], 44);
    assert_eq!(owner.get("/versions/2/changes?class=odd").await.status, 400);

    let before = owner.get("/dataset").await;
    assert_eq!(before.json()["version"]["number"], 2);
    let tag = before.header("etag").to_owned();
    let (json, note) = ("application/json", json!({"note": "退回"}).to_string());
    assert_eq!(anyone.post("/versions/1/restore", json, note.clone()).await.status, 403);
    assert_eq!(owner.post("/versions/1/restore", "text/plain", note.clone()).await.status, 415);
    assert_eq!(owner.post("/versions/7/restore", json, note.clone()).await.status, 404);
    let long = json!({"note": "长".repeat(501)}).to_string();
    assert_eq!(owner.post("/versions/1/restore", json, long).await.status, 422);
    let foreign = axum::http::Request::post("/versions/1/restore").header("origin", "http://evil.example");
    let foreign = foreign.header("content-type", json).body(note.clone().into()).unwrap();
    assert_eq!(owner.send(foreign).await.status, 403);
    assert_eq!(owner.json("/versions").await["current"], 2, "none of these changed anything");

    let made = owner.post("/versions/1/restore", json, note).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    assert_eq!(made.header("location"), "http://shigu.test/versions/3");
    assert_eq!(
        (&made.json()["kind"], &made.json()["of"], &made.json()["note"]),
        (&json!("restore"), &json!(1), &json!("退回"))
    );
    let now = owner.get_with("/dataset", &[("if-none-match", &tag)]).await;
    assert_eq!((now.status.as_u16(), &now.json()["version"]["number"]), (200, &json!(3)));
    assert_eq!(now.json()["revision"], owner.json("/versions/1").await["revision"]);
    // the same data, another version: nobody is told that nothing has changed
    let tag = now.header("etag").to_owned();
    store.restore(1, &from("")).unwrap();
    assert_eq!(owner.get_with("/dataset", &[("if-none-match", &tag)]).await.status, 200);
}

#[tokio::test]
async fn without_a_folder_there_are_no_versions() {
    let service = Service::open("tests/data/tinyville", Disclosure::Full);
    for path in ["/versions", "/versions/1", "/versions/1/changes"] {
        let answer = service.get(path).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (501, &json!("keeps-nothing")), "{path}");
    }
    assert_eq!(service.json("/dataset").await["version"], json!(null));
}

/// The names in a folder, those of SQLite's own files left out.
fn names(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

#[test]
fn a_lost_database_is_no_empty_one() {
    let folder = tempdir().unwrap();
    drop({
        let store = store(folder.path());
        commit(&store, &[(1, 120.01234, 10.25)]);
        store
    });
    let (file, versions) = (folder.path().join("shigu.sqlite3"), folder.path().join("versions"));
    let content = names(&versions);
    assert_eq!(content.len(), 2, "a version and a lock: {content:?}");
    let kept = std::fs::read(&file).unwrap();
    let refused = |what: &str| {
        let before = names(folder.path());
        let texts = [
            open(folder.path()).map(drop).unwrap_err().text(),
            shigu::service::store::current_source(folder.path(), &source()).map(drop).unwrap_err().text(),
            shigu::service::store::Database::open(folder.path()).map(drop).unwrap_err().text(),
        ];
        for text in texts {
            let said = format!("{} {}", text.zh, text.en);
            assert!(
                said.contains(file.to_str().unwrap()) && said.contains(versions.to_str().unwrap()),
                "{what}: {said}"
            );
            assert!(text.zh.contains("备份") && text.en.contains("backup"), "{what}: {said}");
        }
        assert_eq!((names(folder.path()), names(&versions)), (before, content.clone()), "{what} changed something");
    };
    for own in ["shigu.sqlite3", "shigu.sqlite3-wal", "shigu.sqlite3-shm"] {
        let _ = std::fs::remove_file(folder.path().join(own));
    }
    refused("a missing file");
    std::fs::write(&file, b"").unwrap();
    refused("an empty file");
    std::fs::remove_file(&file).unwrap();
    rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE a (x); DROP TABLE a;").unwrap();
    refused("a database without tables");
    // as it was, it is served; without the versions that it names it is not
    std::fs::write(&file, kept).unwrap();
    assert_eq!(store(folder.path()).base().version, 1);
    std::fs::rename(&versions, folder.path().join("elsewhere")).unwrap();
    let Err(e) = open(folder.path()) else { panic!("a version without content was served") };
    assert!(matches!(e, OpenError::Absent(1, _)), "{e}");
    let text = e.text();
    assert!([&text.zh, &text.en].iter().all(|t| t.contains(versions.to_str().unwrap()) && t.contains("--restore")));
}

#[test]
fn a_copy_of_what_was_shows_that_something_is_lost() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("shigu.before-5.sqlite3"), b"a copy").unwrap();
    let Err(e) = open(folder.path()) else { panic!("an empty database was made beside a copy") };
    assert!(e.text().en.contains("shigu.before-5.sqlite3"), "{e}");
    assert_eq!(names(folder.path()), ["shigu.before-5.sqlite3"]);
    // a folder in which nothing was kept is begun anew
    let fresh = tempdir().unwrap();
    assert_eq!(store(fresh.path()).base().version, 0);
    assert_eq!(store(fresh.path()).base().version, 0);
}

/// What a register is called by and limited to is the folder's to say, also of versions that were made before it said so.
#[test]
fn earlier_versions_take_words_and_scope_from_the_folder() {
    let (folder, data) = (tempdir().unwrap(), tempdir().unwrap());
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville");
    for file in std::fs::read_dir(&original).unwrap().map(|f| f.unwrap().path()) {
        std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let path = folder.path().join("dataset.json");
    let whole: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let place = whole["collections"].as_array().unwrap().iter().position(|c| c["role"] == "register").unwrap();
    let write = |manifest: &serde_json::Value| std::fs::write(&path, manifest.to_string()).unwrap();
    let open = || {
        let source = Source::Folder(folder.path().to_owned());
        Store::open_in(data.path(), KEPT, source, Limits::default())
            .map_or_else(|e| panic!("{}", e.text().en), |(store, _)| store)
    };
    // as an older build declared it
    let mut bare = whole.clone();
    for metric in bare["collections"][place]["register"]["metrics"].as_array_mut().unwrap() {
        metric.as_object_mut().unwrap().remove("aliases");
    }
    for property in bare["collections"][place]["properties"].as_array_mut().unwrap() {
        property.as_object_mut().unwrap().retain(|key, _| key != "aliases" && key != "words");
    }
    bare["collections"][place]["register"].as_object_mut().unwrap().remove("subset");
    bare["collections"][place]["register"]["metrics"][0]["aliases"] = json!(["营收"]);
    write(&bare);
    commit(&open(), &[(1, 120.05, 5.0), (2, 120.15, 6.0)]);

    let register =
        |store: &Store| store.dataset().unwrap().0.by_role(shigu::core::model::Role::Register).unwrap().0.clone();
    let spec = register(&open());
    assert!(
        spec.register.as_ref().unwrap().subset.is_none()
            && spec.register.as_ref().unwrap().metrics[1].aliases.is_empty()
    );

    let mut later = whole.clone();
    later["collections"][place]["register"]["scope"] = json!({"zh": "手工业", "en": "crafts"});
    later["collections"][place]["register"]["metrics"][0]["title"] = json!({"zh": "改名", "en": "renamed"});
    write(&later);
    let store = open();
    assert_eq!(store.current().version.as_ref().unwrap().number, 1);
    let spec = register(&store);
    let own = spec.register.as_ref().unwrap();
    assert_eq!(own.scope.as_ref().unwrap().en, "crafts");
    assert!(own.metrics[0].aliases.contains(&"主营业务收入".to_owned()) && own.metrics[1].aliases.len() > 5);
    assert_eq!(own.metrics[0].title.en, "Revenue", "what was counted is the version's");
    assert_eq!(own.subset.as_ref().unwrap().property, "above_scale");
    let property = spec.property("above_scale").unwrap().1;
    assert_eq!((property.aliases.len(), property.words.no.len()), (5, 3));
    // a department's words are understood again
    commit(&store, &[(1, 120.05, 7.0)]);

    // a property that the version does not have can't be counted apart
    later["collections"][place]["properties"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "listed", "title": {"zh": "上市", "en": "Listed"}, "type": "boolean"}));
    later["collections"][place]["register"]["subset"] = json!({"property": "listed"});
    write(&later);
    assert!(register(&open()).register.unwrap().subset.is_none());
}
