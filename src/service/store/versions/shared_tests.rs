//! Content in an object store: a copy needs nothing but the store and its database, and nothing that a version needs is ever lost.

use super::super::objects::{GRACE, Memory, Objects};
use super::super::{DataFolder, OpenError};
use super::tests::{commit, register, renamed, tinyville};
use super::{CommitError, KEPT, Provenance, Version};
use crate::data::load::{Limits, Source};
use crate::service::clock;
use crate::service::store::Store;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const PLENTY: u64 = u64::MAX;

fn folder(path: &Path, memory: &Memory, cache: u64) -> DataFolder {
    let objects = Objects::on(Arc::new(memory.clone()), "memory".to_owned(), cache);
    DataFolder::from(path).with_objects(Some(Arc::new(objects)))
}

fn open(path: &Path, memory: &Memory, keep: usize, cache: u64) -> Result<Store, OpenError> {
    let source = Source::Folder(tinyville());
    Store::open_in(folder(path, memory, cache), keep, source, Limits::default()).map(|(store, _)| store)
}

fn publish(store: &Store, content: &[u8]) -> Result<u64, CommitError> {
    commit(store, 50, &|out| out.write_all(content))
}

/// A store at rest for longer than it takes after a failure.
fn rested() {
    std::thread::sleep(std::time::Duration::from_millis(550));
}

/// The contents on the disk of a copy.
fn here(path: &Path) -> Vec<String> {
    let names = fs::read_dir(path.join("versions")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.len() == 64).collect();
    names.sort();
    names
}

/// The contents in the store.
fn there(memory: &Memory) -> Vec<String> {
    let mut names: Vec<String> = memory
        .names()
        .iter()
        .filter_map(|name| Some(name.strip_prefix("versions/")?.split_once('/')?.0.to_owned()))
        .collect();
    names.dedup();
    names
}

fn sha256(version: &Version) -> String {
    version.sha256.clone().unwrap()
}

#[test]
fn a_copy_whose_disk_is_empty_serves_the_same() {
    let (data, memory) = (tempfile::tempdir().unwrap(), Memory::default());
    let store = open(data.path(), &memory, KEPT, PLENTY).unwrap();
    publish(&store, &register()).unwrap();
    publish(&store, &renamed("甲")).unwrap();
    // content before its row, and each of its files once
    let done = memory.state().done.clone();
    let puts: Vec<&String> = done.iter().filter(|d| d.starts_with("put versions/")).collect();
    assert_eq!(puts.len(), 4, "{done:?}");
    let revision = store.snapshot().describe().revision.clone();
    let compared = store.compare(None, 1, 2, |all| all.pairs.len()).unwrap();
    drop(store);
    fs::remove_dir_all(data.path().join("versions")).unwrap();
    let store = open(data.path(), &memory, KEPT, PLENTY).unwrap();
    assert_eq!(store.snapshot().describe().revision, revision);
    assert_eq!(here(data.path()).len(), 1, "what is not asked for is not fetched");
    assert_eq!(store.compare(None, 1, 2, |all| all.pairs.len()).unwrap(), compared);
    // a file that is damaged here is fetched again
    let current = data.path().join("versions").join(sha256(&store.version(2).unwrap()));
    fs::write(current.join("dataset.json"), "{").unwrap();
    store.reload().unwrap();
    assert_eq!(store.snapshot().describe().revision, revision);
    // back to the first, whose content is on no disk
    fs::remove_dir_all(data.path().join("versions")).unwrap();
    assert_eq!(store.restore(1, &Provenance::default()).unwrap().number, 3);
}

#[test]
fn what_is_damaged_or_missing_in_the_store_is_never_served() {
    let (data, memory) = (tempfile::tempdir().unwrap(), Memory::default());
    let store = open(data.path(), &memory, KEPT, PLENTY).unwrap();
    publish(&store, &register()).unwrap();
    drop(store);
    let whole = memory.state().objects.clone();
    let names: Vec<String> = memory.names().into_iter().filter(|name| name.starts_with("versions/")).collect();
    assert_eq!(names.len(), 2);
    let opened = |what: &str| {
        fs::remove_dir_all(data.path().join("versions")).unwrap();
        let refused = open(data.path(), &memory, KEPT, PLENTY).err();
        assert!(matches!(refused, Some(OpenError::Objects(_))), "{what}: {refused:?}");
        assert_eq!(fs::read_dir(data.path().join("versions")).unwrap().count(), 1, "{what}: nothing but the lock");
        memory.state().objects.clone_from(&whole);
    };
    for name in &names {
        memory.state().objects.get_mut(name).unwrap().0[7] ^= 1;
        opened("a bit");
        memory.state().objects.get_mut(name).unwrap().0.pop();
        opened("an end");
        memory.state().objects.remove(name);
        opened("a file");
        let moved = memory.state().objects.remove(name).unwrap();
        memory.state().objects.insert(format!("{}/../../escaped", name.rsplit_once('/').unwrap().0), moved);
        opened("a name that leads elsewhere");
    }
    memory.state().objects.retain(|name, _| !name.starts_with("versions/"));
    opened("all of it");
    assert!(open(data.path(), &memory, KEPT, PLENTY).is_ok(), "and then it is whole again");
}

#[test]
fn while_the_store_is_away_reading_goes_on_and_nothing_is_published() {
    let (data, memory) = (tempfile::tempdir().unwrap(), Memory::default());
    let store = open(data.path(), &memory, KEPT, PLENTY).unwrap();
    publish(&store, &register()).unwrap();
    memory.state().away = true;
    let before = store.snapshot().describe().revision.clone();
    for _ in 0..2 {
        let refused = publish(&store, &renamed("甲")).unwrap_err();
        assert!(matches!(&refused, CommitError::Objects(e) if e.is_away()), "{refused:?}");
        assert_eq!(refused.code(), "object-store");
    }
    assert_eq!((store.number(), store.versions().unwrap().len()), (1, 2));
    store.reload().unwrap();
    // a copy that starts meanwhile serves what is on its disk
    let again = open(data.path(), &memory, KEPT, PLENTY).unwrap();
    assert_eq!(again.snapshot().describe().revision, before);
    memory.state().away = false;
    rested();
    assert_eq!(publish(&store, &renamed("甲")).unwrap(), 2);
    // one that can't read the later version looks again, and finds it once the store is back
    fs::remove_dir_all(data.path().join("versions")).unwrap();
    memory.state().away = true;
    for _ in 0..2 {
        assert!(again.catch_up().unwrap().unwrap().unwrap_err().is_away());
    }
    assert_eq!(again.number(), 1);
    memory.state().away = false;
    rested();
    again.catch_up().unwrap().unwrap().unwrap();
    assert_eq!(again.number(), 2);
}

#[test]
fn what_no_version_needs_goes_a_day_later_and_what_one_needs_stays() {
    let (data, memory) = (tempfile::tempdir().unwrap(), Memory::default());
    let store = open(data.path(), &memory, 1, PLENTY).unwrap();
    let kept = || store.kept.as_ref().unwrap();
    let now = crate::service::clock::seconds();
    let sweep = |at: i64| {
        memory.state().now = at;
        kept().sweep(at).unwrap();
    };
    for content in [register(), renamed("甲"), renamed("乙")] {
        memory.state().now = now;
        publish(&store, &content).unwrap();
    }
    // what somebody added who was stopped before its row
    let orphan = "f".repeat(64);
    memory.state().objects.insert(format!("versions/{orphan}/dataset.json"), (b"{}".to_vec(), now));
    let [first, second, third] = [1, 2, 3].map(|n| sha256(&store.version(n).unwrap()));
    let all = |some: &[&String]| {
        let mut all: Vec<String> = some.iter().map(|name| (*name).clone()).collect();
        all.sort();
        all
    };
    sweep(now);
    sweep(now + GRACE - 1);
    assert_eq!(there(&memory), all(&[&first, &second, &third, &orphan]));
    // the first is published again meanwhile
    assert_eq!(publish(&store, &register()).unwrap(), 4);
    sweep(now + GRACE);
    assert_eq!(there(&memory), all(&[&first, &third]), "the third is no longer needed since just now");
    sweep(now + 2 * GRACE + 1);
    assert_eq!(there(&memory), all(&[&first]));
    assert!(!memory.names().iter().any(|name| name.starts_with("unneeded/")), "{:?}", memory.names());
    assert_eq!(here(data.path()), [first]);
}

#[test]
fn a_disk_holds_what_was_used_last() {
    let (data, memory) = (tempfile::tempdir().unwrap(), Memory::default());
    let store = open(data.path(), &memory, KEPT, 0).unwrap();
    for name in ["甲", "乙", "丙", "丁", "戊"] {
        publish(&store, &renamed(name)).unwrap();
    }
    assert_eq!((here(data.path()).len(), there(&memory).len()), (3, 5));
    // what was removed is fetched, and takes the place of another
    store.compare(None, 1, 2, |_| ()).unwrap();
    let here_now = here(data.path());
    assert!(here_now.contains(&sha256(&store.version(1).unwrap())), "{here_now:?}");
    assert!(here_now.contains(&sha256(&store.version(5).unwrap())), "the current one");
    assert!(here_now.len() <= 4, "{here_now:?}");
}

#[test]
fn a_folder_from_before_is_moved_into_the_store_and_nothing_is_removed_until_it_is() {
    let (data, memory) = (tempfile::tempdir().unwrap(), Memory::default());
    let source = Source::Folder(tinyville());
    let (store, _) = Store::open_in(data.path(), KEPT, source, Limits::default()).unwrap();
    for name in ["甲", "乙", "丙", "丁", "戊"] {
        publish(&store, &renamed(name)).unwrap();
    }
    drop(store);
    let store = open(data.path(), &memory, KEPT, 0).unwrap();
    let kept = store.kept.as_ref().unwrap();
    kept.make_room();
    assert_eq!((here(data.path()).len(), there(&memory).len()), (5, 0), "they are on this disk alone");
    store.sweep().unwrap();
    assert_eq!((here(data.path()).len(), there(&memory).len()), (3, 5));
}

#[test]
fn a_backup_is_whole_without_the_store() {
    let (data, memory) = (tempfile::tempdir().unwrap(), Memory::default());
    let store = open(data.path(), &memory, KEPT, 0).unwrap();
    for name in ["甲", "乙", "丙", "丁", "戊"] {
        publish(&store, &renamed(name)).unwrap();
    }
    assert_eq!(here(data.path()).len(), 3, "two are in the store alone");
    let to = data.path().join("copy");
    super::backup(folder(data.path(), &memory, 0), &to).unwrap();
    assert_eq!(here(&to), there(&memory));
    let (copy, _) = Store::open_in(&to, KEPT, Source::Folder(tinyville()), Limits::default()).unwrap();
    assert_eq!(copy.snapshot().describe().revision, store.snapshot().describe().revision);
}

#[test]
fn two_installations_never_share_a_store() {
    let (one, other, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Memory::default());
    open(one.path(), &memory, KEPT, PLENTY).unwrap();
    let refused = open(other.path(), &memory, KEPT, PLENTY).unwrap_err();
    assert!(refused.text().en.contains("another database"), "{}", refused.text().en);
    open(one.path(), &memory, KEPT, PLENTY).unwrap();
}

/// Two copies of the program on one folder, the first of which has published something and gone back to what was before.
fn two_copies(path: &Path) -> (Store, Store, Version) {
    let open = || {
        let source = Source::Folder(tinyville());
        Store::open_in(path, KEPT, source, Limits::default()).unwrap().0
    };
    let (one, other) = (open(), open());
    publish(&one, &register()).unwrap();
    one.restore(0, &Provenance::default()).unwrap();
    other.catch_up().unwrap().unwrap().unwrap();
    let first = one.version(1).unwrap();
    assert!(first.sha256.is_some() && other.number() == 2);
    (one, other, first)
}

#[test]
fn what_is_coming_is_read_before_it_is_current() {
    let data = tempfile::tempdir().unwrap();
    let (one, other, first) = two_copies(data.path());
    let kept = one.kept.as_ref().unwrap();
    let coming = kept.announce(9, 2);
    // a copy does not answer itself
    one.catch_up().unwrap();
    assert!(other.catch_up().unwrap().is_none());
    let start = clock::running();
    let later = std::time::Duration::from_millis(200);
    std::thread::scope(|scope| {
        let reads = scope.spawn(|| {
            std::thread::sleep(later);
            assert!(other.catch_up().unwrap().is_none());
        });
        coming.wait(&sha256(&first));
        assert!(clock::running() >= start + later, "nobody was waited for");
        reads.join().unwrap();
    });
    drop(coming);
    one.restore(1, &Provenance::default()).unwrap();
    // were it read now, it would not be found
    fs::rename(data.path().join("versions").join(sha256(&first)), data.path().join("elsewhere")).unwrap();
    other.catch_up().unwrap().unwrap().unwrap();
    assert_eq!((other.number(), one.number()), (3, 3));
    assert_eq!(other.snapshot().describe().revision, one.snapshot().describe().revision);
}

#[test]
fn who_makes_a_version_waits_for_nobody_who_is_not_there() {
    let data = tempfile::tempdir().unwrap();
    let (one, other, first) = two_copies(data.path());
    let kept = one.kept.as_ref().unwrap();
    let all = || kept.database.announced().unwrap().is_some();
    // nobody answers
    let coming = kept.announce(9, 2);
    assert!(all());
    coming.wait(&sha256(&first));
    drop(coming);
    assert!(!all());
    // one answers and stands still; what it would read is not there, and what is made of another version is not read
    for base in [2, 7] {
        let coming = kept.announce(9, base);
        other.catch_up().unwrap();
        coming.wait("0000");
        let (answered, read) = {
            let ahead = other.kept.as_ref().unwrap().ahead.lock().unwrap();
            (ahead.answered.is_some(), ahead.read.is_some())
        };
        assert_eq!((answered, read), (base == 2, false));
        other.catch_up().unwrap();
    }
    other.catch_up().unwrap();
    assert!(other.kept.as_ref().unwrap().ahead.lock().unwrap().answered.is_none(), "what was given up is remembered");
    // few rows are not announced
    let coming = kept.announce(0, 2);
    assert!(!all());
    drop(coming);
    publish(&one, &renamed("新名")).unwrap();
    assert_eq!(one.number(), 3);
}
