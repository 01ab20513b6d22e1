//! The snapshot file: what is read from it answers as what was loaded, byte for byte; and a file that is damaged, foreign, older
//! or newer is never believed, whatever is wrong with it.

use crate::common;
use crate::versions;

use common::copy_dataset;
use common::service::Service;
use shigu::core::query::{Disclosure, Question};
use shigu::core::snapshot::{LAYOUT, Snapshot};
use shigu::data::load::{Limits, SnapshotFile, Source, load, open};
use shigu::service::store::{KEPT, OpenError, Store, backup};
use std::fs;
use std::hash::Hasher as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::{TempDir, tempdir};
use twox_hash::XxHash3_64;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cities of this repository that have a manifest.
fn cities() -> Vec<PathBuf> {
    let all = fs::read_dir(root().join("tests/data")).unwrap().map(|e| e.unwrap().path());
    let mut cities: Vec<PathBuf> = all.filter(|path| path.join("dataset.json").exists()).collect();
    cities.push(root().join("geodata/hangzhou"));
    cities.sort();
    assert!(cities.len() > 10, "the scan found hardly any city: {cities:?}");
    cities
}

fn loaded(source: &Source) -> Snapshot {
    let (dataset, report) = load(source, &Limits::default());
    Snapshot::new(dataset.unwrap_or_else(|| panic!("{}", report.render(shigu::core::model::Lang::En))))
}

/// The bytes of the snapshot file of a source.
fn bytes(source: &Source) -> Vec<u8> {
    let snapshot = loaded(source);
    snapshot.warm();
    let mut out = Vec::new();
    let file = SnapshotFile::of(&snapshot, source, &Limits::default()).unwrap();
    file.write(&mut out).unwrap();
    assert_eq!(out.len() as u64, file.bytes());
    out
}

fn tinyville() -> Source {
    Source::Folder(root().join("tests/data/tinyville"))
}

/// What is made while the first requests are served, and written to the file, is what the first question needs: with other keys both
/// would be worked out in vain, and once more for whoever asks.
#[test]
fn the_first_question_finds_what_was_prepared_for_it() {
    let mut metrics = 0;
    for city in cities() {
        let source = Source::Folder(city.clone());
        let (_folder, path) = file(&bytes(&source));
        let (restored, _) = open(&source, &Limits::default(), Some(&path));
        let (restored, warmed) = (Arc::new(restored.unwrap()), Arc::new(loaded(&source)));
        assert!(restored.is_restored());
        warmed.warm();
        for snapshot in [restored, warmed] {
            let prepared = snapshot.steps_kept();
            let kind = snapshot.describe().usual_kind().map(|kind| kind.id.clone());
            let first = Question::register().of_kind(kind).with_statistics(true).bind(&snapshot, Disclosure::Full);
            let answered = first.and_then(|first| first.zones()).is_ok();
            assert!(answered || prepared == 0, "{}", city.display());
            assert_eq!(snapshot.steps_kept(), prepared, "{}", city.display());
            metrics += prepared;
        }
    }
    assert!(metrics > 10, "hardly any city has a figure: {metrics}");
}

/// A file with these bytes.
fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("snapshot");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// Whether the bytes are taken for the snapshot of a source; the source is served in any case.
fn is_believed(bytes: &[u8], source: &Source) -> bool {
    let (_folder, path) = file(bytes);
    let (snapshot, _) = open(source, &Limits::default(), Some(&path));
    snapshot.unwrap().is_restored()
}

/// Questions of a city that touch all that a file holds, and what is made of it.
fn questions(snapshot: &Snapshot) -> Vec<String> {
    let about = snapshot.describe();
    let mut all: Vec<String> = [
        "/dataset",
        "/collections",
        "/zones?statistics=true",
        "/zones/lq",
        "/zones/profile",
        "/zones/pairs",
        "/zones/chain",
        "/zones/ratios",
        "/summary?statistics=true",
        "/summary/periods",
        "/hotspots/areas",
        "/hotspots/hexagons",
        "/style.json",
        "/report/city?format=html",
        "/report/city?format=csv",
        "/search?q=a&limit=50",
        "/search?q=%E6%99%BA%E8%83%BD&limit=50",
        "/search?q=01&limit=50",
    ]
    .map(str::to_owned)
    .into();
    all.extend(about.zones.iter().take(40).map(|z| format!("/summary?zone={}&statistics=true", z.id)));
    for table in &about.tables {
        all.push(format!("/summary?table={}&statistics=true", table.id));
        all.push(format!("/zones?table={}&statistics=true", table.id));
    }
    let (west, east) = (about.bounds.west, about.bounds.east);
    let (south, north) = (about.bounds.south, about.bounds.north);
    for collection in &about.collections {
        let id = &collection.spec.id;
        all.push(format!("/collections/{id}"));
        all.push(format!("/collections/{id}/items?limit=1000"));
        all.push(format!("/collections/{id}/items?limit=1000&sortby=-id"));
        all.push(format!("/collections/{id}/items?limit=50&bbox={west},{south},{},{north}", f64::midpoint(west, east)));
        for zoom in [6u8, 10, 12] {
            let n = f64::from(1 << zoom);
            let (x, y) = (f64::midpoint(west, east), f64::midpoint(south, north).to_radians());
            let (x, y) = ((x + 180.0) / 360.0 * n, (1.0 - y.tan().asinh() / std::f64::consts::PI) / 2.0 * n);
            all.push(format!("/xyz/{id}/{zoom}/{}/{}.mvt", x as u32, y as u32));
        }
    }
    all
}

/// A body without the moment at which it was made.
fn without_time(mut body: Vec<u8>) -> Vec<u8> {
    const STAMP: &[u8] = b"\"timeStamp\":\"";
    if let Some(at) = body.windows(STAMP.len()).position(|part| part == STAMP) {
        let end = body[at + STAMP.len()..].iter().position(|b| *b == b'"').unwrap();
        body.drain(at..at + STAMP.len() + end);
    }
    body
}

/// All answers of a store.
async fn answers(store: Store, disclosure: Disclosure) -> Vec<(String, u16, String, Vec<u8>)> {
    let snapshot = store.snapshot();
    let service = Service::over(Arc::new(store), disclosure);
    let mut all = Vec::new();
    for path in questions(&snapshot) {
        let answer = service.get(&path).await;
        let tag = answer.header("etag").to_owned();
        all.push((path, answer.status.as_u16(), tag, without_time(answer.body.to_vec())));
    }
    all
}

fn opened(data: &Path, source: &Source) -> Store {
    let (store, _) = Store::open_in(data, KEPT, source.clone(), Limits::default())
        .unwrap_or_else(|e| panic!("{source:?}: {}", e.text().en));
    store
}

/// A data folder's current version, loaded and then read from its file, compared in all answers.
async fn same_answers(data: &Path, source: &Source) {
    let first = opened(data, source);
    assert!(!first.snapshot().is_restored());
    first.snapshot().warm();
    first.keep_snapshot();
    let second = opened(data, source);
    assert!(second.snapshot().is_restored(), "{source:?} was not read from its file");
    assert_eq!(first.snapshot().warnings(), second.snapshot().warnings());
    // as text, since rows without position have a longitude that is no number
    let blocks = |store: &Store| format!("{:?}", store.snapshot().blocks().unwrap());
    assert!(blocks(&first) == blocks(&second), "{source:?}: what was read is not what was written");
    let name = second.snapshot().describe().manifest.id.clone();
    for disclosure in [Disclosure::Full, Disclosure::Aggregates] {
        let right = answers(opened_without(data, source), disclosure).await;
        let found = answers(opened(data, source), disclosure).await;
        let answered = right.iter().filter(|answer| answer.1 == 200).count();
        assert!(
            answered > 5 + second.snapshot().describe().collections.len() * 5,
            "{name}: hardly anything was answered"
        );
        for (right, found) in right.iter().zip(&found) {
            assert!(right == found, "{name}: {} differs: {} {} and {} {}", right.0, right.1, right.2, found.1, found.2);
        }
    }
}

/// The same, loaded again: the file lies elsewhere meanwhile.
fn opened_without(data: &Path, source: &Source) -> Store {
    let (there, away) = (data.join("snapshots"), data.join("away"));
    fs::rename(&there, &away).unwrap();
    let store = opened(data, source);
    assert!(!store.snapshot().is_restored());
    fs::rename(&away, &there).unwrap();
    store
}

#[tokio::test]
async fn every_city_answers_from_its_file_as_it_was_loaded() {
    for city in cities() {
        let data = tempdir().unwrap();
        same_answers(data.path(), &Source::Folder(city)).await;
    }
}

#[tokio::test]
async fn a_published_version_answers_from_its_file_as_it_was_loaded() {
    let data = tempdir().unwrap();
    let firms: Vec<(u32, f64, f64)> =
        (0..12_000).map(|n| (n, 120.0005 + f64::from(n % 97) * 0.001, f64::from(n * 7919 % 10_007))).collect();
    versions::commit(&versions::store(data.path()), &firms);
    same_answers(data.path(), &tinyville()).await;
}

#[test]
fn a_file_with_one_wrong_byte_is_not_believed() {
    let good = bytes(&tinyville());
    assert!(is_believed(&good, &tinyville()));
    // every byte of the head, and of each block and gap some
    let entries = u32::from_le_bytes(good[12..16].try_into().unwrap()) as usize;
    let head = 64 + entries * 32;
    let places: Vec<usize> = (0..64).chain((64..head).step_by(101)).collect();
    let blocks = directory(&good).into_iter().filter(|(_, bytes)| *bytes > 0);
    let place = |(nth, (at, bytes)): (usize, (usize, usize))| at + [0, bytes / 2, bytes - 1][nth % 3];
    let blocks: Vec<usize> = blocks.enumerate().map(place).collect();
    assert!(blocks.len() > 100, "hardly any block: {}", blocks.len());
    for at in places.into_iter().chain(blocks) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        assert!(!is_believed(&bad, &tinyville()), "byte {at} of {} was changed", good.len());
    }
}

/// Where each block lies, and how many bytes it has.
fn directory(bytes: &[u8]) -> Vec<(usize, usize)> {
    const WIDTHS: [usize; 11] = [0, 1, 1, 2, 2, 4, 4, 8, 8, 8, 1];
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
    let entries = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    (0..entries).map(|i| 64 + i * 32).map(|at| (number(at + 16), number(at + 8) * WIDTHS[number(at)])).collect()
}

/// Puts the digest right over head and directory, as if they had been written so.
fn seal(bytes: &mut [u8]) {
    let entries = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let end = bytes.len().min(64usize.saturating_add(entries.saturating_mul(32)));
    let mut digest = XxHash3_64::new();
    digest.write(&bytes[..56]);
    digest.write(&bytes[64..end]);
    bytes[56..64].copy_from_slice(&digest.finish().to_le_bytes());
}

#[test]
fn a_file_that_is_cut_off_or_longer_is_not_believed() {
    let good = bytes(&tinyville());
    let lengths = (0..70).chain((70..good.len()).step_by(4999)).chain([good.len() - 1]);
    for length in lengths {
        assert!(!is_believed(&good[..length], &tinyville()), "cut off after {length} bytes");
        // also where the head says so
        if length > 64 {
            let mut bad = good[..length].to_vec();
            bad[48..56].copy_from_slice(&(length as u64).to_le_bytes());
            seal(&mut bad);
            assert!(!is_believed(&bad, &tinyville()), "cut off after {length} bytes, with a head of that length");
        }
    }
    assert!(!is_believed(&[&good[..], b"x"].concat(), &tinyville()));
    assert!(!is_believed(&good.repeat(2), &tinyville()));
}

#[test]
fn a_head_that_announces_what_is_not_there_takes_no_memory() {
    let good = bytes(&tinyville());
    let huge = [u64::MAX, u64::MAX / 8, 1 << 61, 1 << 40, good.len() as u64 + 1];
    for entry in (0..directory(&good).len()).step_by(23) {
        for (member, numbers) in [(0, &[0, 11, u64::MAX][..]), (8, &huge), (16, &huge)] {
            for number in numbers {
                let mut bad = good.clone();
                let at = 64 + entry * 32 + member;
                bad[at..at + 8].copy_from_slice(&number.to_le_bytes());
                seal(&mut bad);
                assert!(!is_believed(&bad, &tinyville()), "entry {entry}, member {member}: {number}");
            }
        }
    }
    for count in [0, 1, u32::MAX, 1 << 20, (1 << 20) + 1] {
        let mut bad = good.clone();
        bad[12..16].copy_from_slice(&count.to_le_bytes());
        seal(&mut bad);
        assert!(!is_believed(&bad, &tinyville()), "{count} blocks");
    }
}

/// A file whose digests are right and whose blocks are not those of the dataset: it is refused, or what it says is served, but
/// nothing breaks.
#[test]
fn blocks_that_contradict_each_other_break_nothing() {
    let good = bytes(&tinyville());
    let blocks = directory(&good);
    let mut refused = 0;
    for (entry, (start, length)) in blocks.iter().enumerate().filter(|(_, block)| block.1 > 0) {
        let mut bad = good.clone();
        // numbers of all widths become large, texts stay texts
        let text = bad[64 + entry * 32] == 10;
        bad[*start..start + length].fill(if text { b'x' } else { 0x7f });
        let digest = XxHash3_64::oneshot(&bad[*start..start + length]);
        bad[64 + entry * 32 + 24..64 + entry * 32 + 32].copy_from_slice(&digest.to_le_bytes());
        seal(&mut bad);
        refused += usize::from(!is_believed(&bad, &tinyville()));
    }
    assert!(refused > blocks.len() / 4, "{refused} of {} were refused", blocks.len());
}

#[test]
fn a_file_of_another_city_or_of_other_files_is_not_believed() {
    let all = cities();
    let written: Vec<(Source, Vec<u8>)> = all
        .iter()
        .take(6)
        .map(|city| {
            let source = Source::Folder(city.clone());
            let bytes = bytes(&source);
            (source, bytes)
        })
        .collect();
    for (i, (source, _)) in written.iter().enumerate() {
        for (j, (_, bytes)) in written.iter().enumerate() {
            assert_eq!(is_believed(bytes, source), i == j, "the file of {:?} for {source:?}", written[j].0);
        }
    }
    // one letter of one file, or another limit
    let folder = tempdir().unwrap();
    copy_dataset("tests/data/tinyville", folder.path());
    let source = Source::Folder(folder.path().to_owned());
    let good = bytes(&source);
    assert!(is_believed(&good, &source));
    let (_kept, path) = file(&good);
    let limits = Limits { vertices: 999_999, ..Limits::default() };
    assert!(!open(&source, &limits, Some(&path)).0.unwrap().is_restored());
    for name in ["dataset.json", "enterprises.geojson", "districts.geojson"] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name), text.clone() + " ").unwrap();
        assert!(!is_believed(&good, &source), "{name} was changed");
        fs::write(folder.path().join(name), text).unwrap();
    }
    assert!(is_believed(&good, &source));
}

#[test]
fn what_is_no_longer_what_was_loaded_is_not_written() {
    let folder = tempdir().unwrap();
    copy_dataset("tests/data/tinyville", folder.path());
    let source = Source::Folder(folder.path().to_owned());
    let snapshot = loaded(&source);
    assert!(SnapshotFile::of(&snapshot, &source, &Limits::default()).is_some());
    let name = folder.path().join("enterprises.geojson");
    fs::write(&name, fs::read_to_string(&name).unwrap() + " ").unwrap();
    assert!(SnapshotFile::of(&snapshot, &source, &Limits::default()).is_none());
    assert!(SnapshotFile::of(&snapshot, &source.without_register(), &Limits::default()).is_none());
}

fn kept(data: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(data.join("snapshots")) else { return vec![] };
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn there_is_one_file_and_it_goes_with_its_version() {
    let data = tempdir().unwrap();
    let store = versions::store(data.path());
    assert!(kept(data.path()).is_empty(), "it is written when somebody says so");
    store.keep_snapshot();
    assert_eq!(kept(data.path()), ["seed"]);
    let first = versions::commit(&store, &[(1, 120.01, 5.0)]);
    store.keep_snapshot();
    assert_eq!(kept(data.path()), [first.sha256.clone().unwrap()]);
    // what was read from the file is not written again
    let path = data.path().join("snapshots").join(first.sha256.clone().unwrap());
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    let again = versions::store(data.path());
    assert!(again.snapshot().is_restored());
    again.keep_snapshot();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    // a damaged one is
    let good = fs::read(&path).unwrap();
    let mut bad = good.clone();
    let last = bad.len() - 1;
    bad[last] ^= 1;
    fs::write(&path, &bad).unwrap();
    let repaired = versions::store(data.path());
    assert!(!repaired.snapshot().is_restored());
    repaired.keep_snapshot();
    assert_eq!(fs::read(&path).unwrap(), good);
    // another version takes its place; what was left in the making goes at the next start
    let second = versions::commit(&store, &[(1, 120.01, 5.0), (2, 120.02, 7.0)]);
    fs::write(data.path().join("snapshots/.part-x"), "half").unwrap();
    store.keep_snapshot();
    assert_eq!(kept(data.path()), [".part-x".to_owned(), second.sha256.clone().unwrap()]);
    drop(versions::store(data.path()));
    assert_eq!(kept(data.path()), [second.sha256.clone().unwrap()]);
    // no backup has it, and without it everything goes on
    let copies = tempdir().unwrap();
    backup(data.path(), &copies.path().join("copy")).unwrap();
    assert!(kept(&copies.path().join("copy")).is_empty());
    fs::remove_dir_all(data.path().join("snapshots")).unwrap();
    let without = versions::store(data.path());
    assert_eq!(without.snapshot().describe().revision, store.snapshot().describe().revision);
    // nothing can be written there: no fault
    fs::write(data.path().join("snapshots"), "in the way").unwrap();
    without.keep_snapshot();
    drop(versions::store(data.path()));
}

/// What the blocks of a small city are, by one number. Where it changes, [`LAYOUT`] has to be raised, and this with it.
#[test]
fn the_layout_is_the_one_that_its_number_says() {
    let snapshot = loaded(&tinyville());
    snapshot.warm();
    let mut digest = XxHash3_64::new();
    digest.write(format!("{:?}", snapshot.blocks().unwrap()).as_bytes());
    assert_eq!((LAYOUT, format!("{:016x}", digest.finish())), (1, "07a3dd10018075e5".to_owned()));
}

#[test]
fn a_version_that_is_damaged_or_gone_is_refused_with_a_snapshot_file_too() {
    let data = tempdir().unwrap();
    let store = versions::store(data.path());
    let version = versions::commit(&store, &[(1, 120.01, 5.0)]);
    store.keep_snapshot();
    let folder = data.path().join("versions").join(version.sha256.unwrap());
    let open = || Store::open_in(data.path(), KEPT, tinyville(), Limits::default()).map(|(store, _)| store);
    assert!(open().unwrap().snapshot().is_restored());
    for name in ["register.parquet", "dataset.json"] {
        let good = fs::read(folder.join(name)).unwrap();
        fs::write(folder.join(name), [&good[..], b" "].concat()).unwrap();
        assert!(matches!(open(), Err(OpenError::Damaged(1))), "{name}");
        fs::write(folder.join(name), good).unwrap();
    }
    assert!(open().unwrap().snapshot().is_restored());
    fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(open(), Err(OpenError::Absent(1, _))));
}
