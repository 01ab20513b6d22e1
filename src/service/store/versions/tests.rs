//! What goes wrong in the middle of a commit leaves everything as it was: a writer that fails, rows that are wrong, a full
//! disk, a power loss at any moment.

use super::super::recorder::{Left, Recorder};
use super::commit::{Content, ContentRows};
use super::retained::Kept;
use super::{CommitError, KEPT, Provenance};
use crate::data::load::{Limits, Source};
use crate::service::store::Store;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) fn tinyville() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville")
}

fn store(folder: &Path) -> Store {
    let opened = Store::open_in(folder, KEPT, Source::Folder(tinyville()), Limits::default());
    opened.unwrap_or_else(|e| panic!("{}", e.text().en)).0
}

/// The manifest with the register in another file.
fn manifest(text: &str, file: &str) -> Option<String> {
    let mut manifest: serde_json::Value = serde_json::from_str(text).ok()?;
    let register = manifest["collections"].as_array_mut()?.iter_mut().find(|c| c["role"] == "register")?;
    register["file"] = file.into();
    Some(manifest.to_string())
}

pub(super) fn commit(
    store: &Store,
    most: usize,
    write: &dyn Fn(&mut dyn Write) -> io::Result<()>,
) -> Result<u64, CommitError> {
    let content = Content {
        table: None,
        most,
        manifest: Box::new(manifest),
        rows: ContentRows::Text(Box::new(write)),
        features: None,
    };
    store.commit_content(&store.base(), &[content], None, &Provenance::default()).map(|v| v.number)
}

pub(super) fn register() -> Vec<u8> {
    std::fs::read(tinyville().join("enterprises.geojson")).unwrap()
}

/// Nothing has changed and nothing is left lying about.
fn unchanged(store: &Store, folder: &Path, revision: &str) {
    assert_eq!(store.snapshot().describe().revision, revision);
    assert_eq!(store.versions().unwrap().len(), 1, "only the seed");
    let left: Vec<_> = std::fs::read_dir(folder.join("versions")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, [".lock"]);
}

#[test]
fn a_write_that_fails_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let before = store.snapshot().describe().revision.clone();
    let full = commit(&store, 10, &|out| {
        out.write_all(&register()[..2000])?;
        Err(io::ErrorKind::StorageFull.into())
    });
    let e = full.unwrap_err();
    assert_eq!(e.code(), "no-space");
    assert!(e.text().zh.starts_with("提交失败,数据没有任何变化。原因:磁盘已满"), "{}", e.text().zh);
    unchanged(&store, folder.path(), &before);

    let wrong = String::from_utf8(register()).unwrap().replacen("\"vision\"", "\"nothing\"", 1);
    let refused = commit(&store, 10, &|out| out.write_all(wrong.as_bytes())).unwrap_err();
    assert_eq!(refused.code(), "register-refused");
    assert!(refused.text().zh.contains("nothing"), "{}", refused.text().zh);
    unchanged(&store, folder.path(), &before);

    let much = commit(&store, 10_000_000_000_000, &|_| Ok(())).unwrap_err();
    let said = much.text().zh;
    assert!(matches!(much, CommitError::NoSpace { .. }));
    assert!(said.starts_with("提交失败,数据没有任何变化。原因:磁盘剩余 ") && said.ends_with(" MB。"), "{said}");
    assert!(said.contains("需要 10000000020 MB"), "{said}");
    unchanged(&store, folder.path(), &before);

    // and then it can be done
    assert_eq!(commit(&store, 10, &|out| out.write_all(&register())).unwrap(), 1);
    assert_eq!(store.snapshot().describe().register().unwrap().rows, 44);
}

#[test]
fn a_version_that_can_not_be_read_is_tried_once() {
    let folder = tempfile::tempdir().unwrap();
    let (publishes, serves) = (store(folder.path()), store(folder.path()));
    assert!(serves.catch_up().unwrap().is_none(), "nothing is newer");
    assert_eq!(commit(&publishes, 10, &|out| out.write_all(&register())).unwrap(), 1);
    let within = |path: PathBuf| std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path());
    let content: Vec<_> =
        within(folder.path().join("versions")).filter(|path| path.is_dir()).flat_map(within).collect();
    assert!(!content.is_empty());
    for file in content {
        std::fs::write(file, "{").unwrap();
    }
    assert!(serves.catch_up().unwrap().unwrap().is_err());
    assert!(serves.catch_up().unwrap().is_none(), "it is not read again at each request");
    assert_eq!(serves.number(), 0);
}

pub(super) fn recorded(folder: &Path, keep: usize) -> (Recorder, Store) {
    let recorder = Recorder::of(folder, "SELECT count(*) FROM version");
    let kept = Kept::open_on(recorder.disk(), &recorder.data(), keep).unwrap();
    let opened = Store::open_kept(kept, Source::Folder(tinyville()), Limits::default());
    (recorder, opened.unwrap_or_else(|e| panic!("{}", e.text().en)).0)
}

/// The register with another name in it.
pub(super) fn renamed(name: &str) -> Vec<u8> {
    let mut value: serde_json::Value = serde_json::from_slice(&register()).unwrap();
    value["features"][0]["properties"]["name"] = name.into();
    value.to_string().into_bytes()
}

/// Opens what a power loss left, as the next start does: the version of the last row is served, whole.
pub(super) fn serves(left: &Left, revisions: &[String]) -> usize {
    let opened = Store::open_in(left.data(), KEPT, Source::Folder(tinyville()), Limits::default());
    let (store, _) = opened.unwrap_or_else(|e| panic!("{:?} after {:?}: {}", left.loss, left.after, e.text().en));
    let number = store.current().version.as_ref().unwrap().number as usize;
    assert_eq!(store.snapshot().describe().revision, revisions[number], "{:?} after {:?}", left.loss, left.after);
    number
}

#[test]
fn a_power_loss_at_any_moment_leaves_the_old_version_or_the_new_one_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, store) = recorded(folder.path(), 1);
    let mut revisions = vec![store.snapshot().describe().revision.clone()];
    // to the content of the first version is gone back by the last one; the second gives its content up
    for content in [register(), renamed("甲"), renamed("乙")] {
        let (_, before) = recorder.take();
        before.iter().for_each(|left| assert_eq!(serves(left, &revisions), revisions.len() - 1));
        commit(&store, 50, &|out| out.write_all(&content)).unwrap();
        revisions.push(store.snapshot().describe().revision.clone());
        assert_ne!(revisions[revisions.len() - 1], revisions[revisions.len() - 2]);
        let (operations, left) = recorder.take();
        assert_eq!(left.len(), operations.len() * 2);
        let served: Vec<usize> = left.iter().map(|left| serves(left, &revisions)).collect();
        assert!(served.is_sorted());
        let (old, new) = (revisions.len() - 2, revisions.len() - 1);
        assert!(served.contains(&old) && served.contains(&new) && served.iter().all(|n| [old, new].contains(n)));
    }
}

/// The order of a commit: content, names in the folder, the folder's name, and only then the row that makes it current.
#[test]
fn a_version_is_on_stable_storage_before_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, store) = recorded(folder.path(), 1);
    let (operations, _) = recorder.take();
    assert_eq!(operations, ["create folder /versions", "sync folder /"]);
    let part = "/versions/.part-version";
    let written = |name: &str| [format!("create {part}/{name}"), format!("sync {part}/{name}")];
    for content in [register(), renamed("甲")] {
        commit(&store, 50, &|out| out.write_all(&content)).unwrap();
        let (operations, _) = recorder.take();
        let mut expected = vec![format!("create folder {part}")];
        expected.extend(["register.geojson", "dataset.json", "register.parquet", "dataset.json"].map(written).concat());
        expected.push(format!("remove {part}/register.geojson"));
        expected.push(format!("sync folder {part}"));
        expected.push("rename to /versions/<sha256>".to_owned());
        expected.push("sync folder /versions".to_owned());
        expected.push("INSERT".to_owned());
        // what the first one wrote is removed only when the second is current
        if store.versions().unwrap().len() > 2 {
            expected.push("remove folder /versions/<sha256>".to_owned());
        }
        assert_eq!(operations, expected);
    }
}

/// A folder that another program gave its name, and was stopped before that was on stable storage.
#[test]
fn a_content_that_is_there_already_is_brought_to_stable_storage_too() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, store) = recorded(folder.path(), KEPT);
    let made = commit(&store, 50, &|out| out.write_all(&register())).unwrap();
    commit(&store, 50, &|out| out.write_all(&renamed("甲"))).unwrap();
    recorder.take();
    assert_eq!((made, commit(&store, 50, &|out| out.write_all(&register())).unwrap()), (1, 3));
    let (operations, _) = recorder.take();
    let row = operations.iter().position(|o| o == "INSERT").unwrap();
    assert!(operations[..row].ends_with(&["sync folder /versions".to_owned()]), "{operations:?}");
    assert!(!operations.iter().any(|o| o.starts_with("rename")));
}

#[test]
fn a_disk_that_is_full_at_any_moment_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, store) = recorded(folder.path(), KEPT);
    let before = store.snapshot().describe().revision.clone();
    let (mut space, mut refused) = (0, 0);
    loop {
        recorder.limit_space(space);
        match commit(&store, 50, &|out| out.write_all(&register())) {
            Ok(number) => {
                assert_eq!(number, 1);
                break;
            }
            Err(e) => {
                assert_eq!(e.code(), "no-space", "{space} bytes: {e}");
                assert!(e.text().zh.starts_with("提交失败,数据没有任何变化。原因:磁盘已满"), "{}", e.text().zh);
                unchanged(&store, folder.path(), &before);
            }
        }
        (space, refused) = (space + 2_500, refused + 1);
    }
    assert!(refused > 5, "{refused} disks were too small");
    assert_ne!(store.snapshot().describe().revision, before);
}

/// The snapshot file saves time and nothing else: a full disk or a power loss while it is written leaves what there was.
#[test]
fn a_snapshot_file_is_whole_or_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let (recorder, store) = recorded(folder.path(), KEPT);
    commit(&store, 50, &|out| out.write_all(&register())).unwrap();
    store.keep_snapshot();
    commit(&store, 50, &|out| out.write_all(&renamed("甲"))).unwrap();
    let revisions: Vec<String> = store.versions().unwrap().iter().rev().map(|v| v.revision.clone()).collect();
    let kept = || {
        let files = std::fs::read_dir(folder.path().join("snapshots")).unwrap();
        files.map(|e| e.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let sha256 = |place: usize| store.versions().unwrap()[place].sha256.clone().unwrap();
    assert_eq!(kept(), [sha256(1)]);
    recorder.limit_space(3_000);
    store.keep_snapshot();
    assert_eq!(kept(), [sha256(1)], "no room: the one of before stays, and no part of the new one");
    recorder.limit_space(u64::MAX);
    recorder.take();
    store.keep_snapshot();
    assert_eq!(kept(), [sha256(0)]);
    let (operations, left) = recorder.take();
    assert!(operations.iter().any(|o| o.starts_with("rename")), "{operations:?}");
    assert!(left.iter().all(|left| serves(left, &revisions) == 2));
    let opened = Store::open_in(recorder.data(), KEPT, Source::Folder(tinyville()), Limits::default()).unwrap().0;
    assert!(opened.snapshot().is_restored());
}
