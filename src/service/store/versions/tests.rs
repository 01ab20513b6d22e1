//! What goes wrong in the middle of a commit leaves everything as it was: a writer that fails, rows that are wrong, no room.

use super::commit::Content;
use super::{CommitError, KEPT, Provenance};
use crate::data::load::{Limits, Source};
use crate::service::store::Store;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

fn tinyville() -> PathBuf {
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

fn commit(store: &Store, most: usize, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> Result<u64, CommitError> {
    let content = Content { most, manifest: &manifest, write };
    store.commit_content(&store.base(), &content, &Provenance::default()).map(|v| v.number)
}

fn register() -> Vec<u8> {
    std::fs::read(tinyville().join("enterprises.geojson")).unwrap()
}

/// Nothing has changed and nothing is left lying about.
fn unchanged(store: &Store, folder: &Path, revision: &str) {
    assert_eq!(store.snapshot().revision, revision);
    assert_eq!(store.versions().unwrap().len(), 1, "only the seed");
    let left: Vec<_> = std::fs::read_dir(folder.join("versions")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, [".lock"]);
}

#[test]
fn a_write_that_fails_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let before = store.snapshot().revision.clone();
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
    assert_eq!(store.snapshot().register().unwrap().0.len(), 44);
}
