//! A version whose rows are packed as they are made is, byte by byte, the one that is made through GeoJSON.

use super::super::recorder::Recorder;
use super::commit::{Content, ContentRows};
use super::retained::Kept;
use super::tests::{recorded, serves};
use super::{Base, KEPT, Provenance, Version};
use crate::core::model::Role;
use crate::data::intake::{Absent, Ground, Import, NewRegister, Options, of_table, read, sheet};
use crate::data::load::{Limits, Source};
use crate::service::store::Store;
use serde_json::{Value as Json, json};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// How a version is made.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// Through GeoJSON, as it always was.
    Text,
    /// Of rows that are judged as they are wanted.
    Judging,
    /// Of rows that the check has judged.
    Checked,
}

/// What a commit of a file made, and what it did on the disk; none where the file can't be imported.
fn commit(source: &Source, table: &str, files: &[(&[u8], Absent)], way: Way) -> Option<(Version, Vec<String>)> {
    let folder = tempfile::tempdir().unwrap();
    let recorder = Recorder::of(folder.path(), "SELECT count(*) FROM version");
    let kept = Kept::open_on(recorder.disk(), &recorder.data(), KEPT).unwrap();
    let store = Store::open_kept(kept, source.clone(), Limits::default()).unwrap().0;
    let mut made = None;
    for (bytes, absent) in files {
        let (dataset, base) = store.dataset().unwrap();
        let dataset = of_table(dataset, Some(table)).unwrap();
        let limits = sheet::Limits { shapes: true, ..sheet::Limits::default() };
        let sheet = read(Cursor::new(bytes), &dataset, None, &limits).ok()?;
        let ground = Ground::of(&dataset);
        let options = Options { file: "名录".into(), absent: *absent, ..Options::default() };
        let import = Import::prepare(&sheet, &dataset, &ground, options).ok()?;
        recorder.take();
        let judged = || import.judgements.load(Relaxed);
        if way == Way::Checked {
            import.check();
            assert_eq!(judged(), import.rows());
        }
        let before = judged();
        let rows = if way == Way::Text {
            ContentRows::Text(Box::new(|out| NewRegister::new(&import, &[]).write(out).map(drop)))
        } else {
            ContentRows::Made(&import, &[])
        };
        let content = Content {
            table: Some(import.table()),
            most: 100,
            manifest: Box::new(|text, file| import.manifest(text, file)),
            rows,
            features: None,
        };
        let version = store.commit_content(&base, &[content], None, &Provenance::default()).unwrap();
        let operations = recorder.take().0;
        // what is judged once is not judged again, unless the version is made through a text
        let through_text = operations.iter().any(|o| o.ends_with("register.geojson"));
        assert!(way != Way::Checked || through_text || judged() == before, "{table}");
        made = Some((version, operations));
    }
    made
}

/// A register's own file with other values, rows that went, rows that are new and rows with faults.
fn changed(folder: &Path, file: &str, name: Option<&str>) -> Vec<u8> {
    let mut all: Json = serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    let features = all["features"].as_array_mut().unwrap();
    let like = features[0].clone();
    features.remove(0);
    if let Some(name) = name {
        features[0]["properties"][name] = json!("甲\"乙\\\u{2028}");
        let mut new = like.clone();
        (new["id"], new["properties"][name]) = (json!("new-1"), json!("新企业"));
        features.push(new);
        let mut bare = like;
        (bare["id"], bare["geometry"], bare["properties"][name]) = (json!("new-2"), Json::Null, json!(""));
        features.push(bare);
    }
    all.to_string().into_bytes()
}

#[test]
fn rows_packed_as_they_are_made_are_those_of_the_text() {
    let (mut compared, mut packed) = (0, 0);
    for folder in ["dated", "farms", "orchards", "quayside", "threetables", "tinyville", "wells"] {
        let (folder, source) = (data(folder), Source::Folder(data(folder)));
        let dataset = crate::data::load::load(&source, &Limits::default()).0.unwrap();
        for spec in dataset.manifest.collections.iter().filter(|c| c.role == Role::Register) {
            let own = std::fs::read(folder.join(&spec.file)).unwrap();
            let other = changed(&folder, &spec.file, spec.name.as_deref());
            let cases: [&[(&[u8], Absent)]; 2] =
                [&[(&other, Absent::Keep)], &[(&own, Absent::Remove), (&other, Absent::Remove)]];
            for (n, files) in cases.into_iter().enumerate() {
                let of = format!("{} {} case {n}", folder.display(), spec.id);
                let Some((made, operations)) = commit(&source, &spec.id, files, Way::Judging) else { continue };
                let (written, _) = commit(&source, &spec.id, files, Way::Text).unwrap();
                assert_eq!(made, written, "{of}");
                let (checked, _) = commit(&source, &spec.id, files, Way::Checked).unwrap();
                assert_eq!(checked, written, "{of}");
                compared += 1;
                packed += usize::from(!operations.iter().any(|o| o.ends_with("register.geojson")));
            }
        }
    }
    // what there is something to say about is made through text
    assert!(compared >= 10 && packed * 2 > compared, "{packed} of {compared}");
}

/// A table for tinyville: the name of its first enterprise.
fn import_into(store: &Store, name: &str) -> Version {
    let (dataset, base) = store.dataset().unwrap();
    let text = format!(
        "企业名称,区县,经度,纬度,2025年营收(万元)\n{name},西区,120.01234,30.05123,10.25\n乙企业,西区,120.02,30.05,7\n"
    );
    let sheet = read(Cursor::new(text.into_bytes()), &dataset, None, &sheet::Limits::default()).unwrap();
    let ground = Ground::of(&dataset);
    let import =
        Import::prepare(&sheet, &dataset, &ground, Options { file: "名录.csv".into(), ..Options::default() }).unwrap();
    store.commit(&base, &import, &Provenance::default()).unwrap()
}

/// Manifest and rows, their names, the folder's name, and only then the row that makes it current.
#[test]
fn a_packed_version_is_on_stable_storage_before_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, store) = recorded(folder.path(), KEPT);
    recorder.take();
    import_into(&store, "甲企业");
    let part = "/versions/.part-version";
    let written = |name: &str| [format!("create {part}/{name}"), format!("sync {part}/{name}")];
    let mut expected = vec![format!("create folder {part}")];
    expected.extend(["dataset.json", "register.parquet"].map(written).concat());
    expected.push(format!("sync folder {part}"));
    expected.extend(["rename to /versions/<sha256>", "sync folder /versions", "INSERT"].map(str::to_owned));
    assert_eq!(recorder.take().0, expected);
}

#[test]
fn a_power_loss_while_rows_are_packed_leaves_the_old_version_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, store) = recorded(folder.path(), 1);
    let mut revisions = vec![store.snapshot().describe().revision.clone()];
    for name in ["甲企业", "丙企业", "丁企业"] {
        recorder.take();
        import_into(&store, name);
        revisions.push(store.snapshot().describe().revision.clone());
        let (_, left) = recorder.take();
        let served: Vec<usize> = left.iter().map(|left| serves(left, &revisions)).collect();
        let (old, new) = (revisions.len() - 2, revisions.len() - 1);
        assert!(served.is_sorted() && served.contains(&old) && served.contains(&new), "{served:?}");
    }
}

/// What is refused is refused in the words for a text.
#[test]
fn what_is_refused_is_said_of_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, store) = recorded(folder.path(), KEPT);
    let (dataset, base) = store.dataset().unwrap();
    // the id of one new enterprise is the credit code of another, by which that one gets its id
    let text = "编号,企业名称,统一社会信用代码,区县,经度,纬度\n\
        91330100MB0000019B,甲企业,,西区,120.01234,30.05123\n,乙企业,91330100MB0000019B,西区,120.02,30.05\n";
    let sheet = read(Cursor::new(text.as_bytes()), &dataset, None, &sheet::Limits::default()).unwrap();
    let ground = Ground::of(&dataset);
    let import = Import::prepare(&sheet, &dataset, &ground, Options::default()).unwrap();
    recorder.take();
    let mut bytes = Vec::new();
    import.write(&mut bytes).unwrap();
    let text = ContentRows::Text(Box::new(move |out| out.write_all(&bytes)));
    let refused = |rows| {
        let content = Content {
            table: None,
            most: 9,
            manifest: Box::new(|text, file| import.manifest(text, file)),
            rows,
            features: None,
        };
        store.commit_content(&base, &[content], None, &Provenance::default()).map(|v| v.sha256).map_err(|e| e.text().zh)
    };
    let made = refused(ContentRows::Made(&import, &[]));
    assert_eq!(made, refused(text));
    assert!(made.unwrap_err().contains("91330100MB0000019B"));
    assert!(recorder.take().0.iter().any(|o| o.ends_with("register.geojson")));
}

#[test]
fn what_was_checked_is_judged_once_and_only_while_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (_recorder, store) = recorded(folder.path(), KEPT);
    let (dataset, base) = store.dataset().unwrap();
    let ground = Ground::of(&dataset);
    let text = |money: u32| {
        format!(
            "企业名称,区县,经度,纬度,2025年营收(万元)\n甲企业,西区,120.01234,30.05123,{money}\n乙企业,西区,120.02,30.05,x\n"
        )
    };
    let sheet = read(Cursor::new(text(7).into_bytes()), &dataset, None, &sheet::Limits::default()).unwrap();
    let import = || Import::prepare(&sheet, &dataset, &ground, Options::default()).unwrap();
    let (checked, unchecked) = (import(), import());
    assert_eq!(checked.check().counts.problem, 1);
    // what was checked against other data is refused, and what was kept stays
    let other = Base { revision: "another".into(), ..base.clone() };
    assert!(store.commit(&other, &checked, &Provenance::default()).is_err());
    let made = store.commit(&base, &checked, &Provenance::default()).unwrap();
    assert_eq!((checked.judgements.load(Relaxed), unchecked.judgements.load(Relaxed)), (2, 0));
    // a copy that has not checked, or a program that was started again, judges and makes the same
    let other = tempfile::tempdir().unwrap();
    let (_recorder, store) = recorded(other.path(), KEPT);
    let again = store.commit(&base, &unchecked, &Provenance::default()).unwrap();
    assert_eq!((again.sha256, again.revision), (made.sha256, made.revision));
    assert!(unchecked.judgements.load(Relaxed) > 0);
}
