//! What is in the table is whole on the disk; what is not in the table is not on the disk for long.

use super::super::objects::Memory;
use super::super::recorder::Recorder;
use super::*;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

fn job(id: &str, requested: i64) -> Job {
    Job {
        id: id.to_owned(),
        actor: "owner".to_owned(),
        whole: true,
        scope: None,
        requested,
        ended: None,
        state: JobState::Queued,
        question: r#"{"zones":["1"]}"#.to_owned(),
        revision: "r".to_owned(),
        resumed_by: None,
        fence: 0,
        total: 2,
        zip: None,
        error: None,
        done: 0,
        files: vec![],
    }
}

fn file(name: &str) -> JobFile {
    let (zone, format, query) = ("1".to_owned(), "csv".to_owned(), "zone=1".to_owned());
    JobFile { name: name.to_owned(), zone, format, query, bytes: 0, sha256: String::new(), fence: 0 }
}

fn running(reports: &Reports, id: &str, requested: i64) {
    reports.add(&job(id, requested), 0).unwrap();
    assert!(reports.begin(id).unwrap());
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(all) = fs::read_dir(folder) else { return vec![] };
    let mut names: Vec<String> = all.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_job_from_its_beginning_to_its_archive() {
    let data = tempfile::tempdir().unwrap();
    let reports = Reports::open(data.path(), 0).unwrap();
    running(&reports, "a", 5);
    assert!(!reports.begin("a").unwrap(), "it has begun");
    for name in ["乙.csv", "甲.csv"] {
        assert!(reports.keep("a", file(name), name.as_bytes()).unwrap());
    }
    assert!(reports.finish("a", 0, 9).unwrap());
    assert!(!reports.end("a", JobState::Cancelled, None, 10).unwrap(), "it is at its end");
    let made = reports.get("a").unwrap().unwrap();
    assert_eq!((made.state, made.ended, made.done), (JobState::Finished, Some(9), 2));
    // as sha256sum has it
    assert_eq!(made.files[0].sha256, "b16820f556850e494d93a833f3d59839dc1f360c74d8bf1ffd8ab81d6f74672e");
    assert_eq!(names(&data.path().join("reports/a")), ["all.zip", "乙.csv", "甲.csv"]);
    let archive = fs::read(reports.local(&job("a", 0), None)).unwrap();
    assert_eq!(made.zip, Some(archive.len() as u64));
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&archive)).unwrap();
    let held: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(held, ["乙.csv", "甲.csv", "manifest.json"]);
    let mut text = String::new();
    zip.by_name("甲.csv").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "甲.csv");
    // the same files make the same archive
    running(&reports, "b", 6);
    for name in ["甲.csv", "乙.csv"] {
        reports.keep("b", file(name), name.as_bytes()).unwrap();
    }
    assert!(reports.finish("b", 0, 99).unwrap());
    assert!(fs::read(reports.local(&job("b", 0), None)).unwrap() == archive);
    reports.remove("a").unwrap();
    assert_eq!(names(&data.path().join("reports/a")), Vec::<String>::new());
    assert_eq!(reports.list("owner", true).unwrap().len(), 1);
    assert_eq!(reports.list("owner", false).unwrap(), [], "it shows what only some may see");
    assert_eq!(reports.list("anyone", true).unwrap(), []);
}

#[test]
fn after_a_crash_only_what_is_whole_is_left_and_the_job_says_so() {
    let data = tempfile::tempdir().unwrap();
    let reports = Reports::open(data.path(), 0).unwrap();
    running(&reports, "a", 1);
    reports.keep("a", file("x.csv"), b"abc").unwrap();
    reports.add(&job("waits", 2), 0).unwrap();
    let folder = data.path().join("reports");
    fs::write(folder.join("a/y.csv.part"), b"ha").unwrap();
    fs::write(folder.join("a/unlisted.csv"), b"it was renamed, then came the crash").unwrap();
    fs::create_dir(folder.join("nobody")).unwrap();
    drop(reports);
    let reports = Reports::open(data.path(), 7).unwrap();
    for id in ["a", "waits"] {
        let job = reports.get(id).unwrap().unwrap();
        assert_eq!((job.state, job.ended), (JobState::Interrupted, Some(7)));
    }
    assert_eq!(names(&folder), [".lock", "a"]);
    assert_eq!(names(&folder.join("a")), ["x.csv"]);
    // a backup has no files
    running(&reports, "b", 8);
    reports.keep("b", file("z.csv"), b"abc").unwrap();
    assert!(reports.finish("b", 0, 9).unwrap());
    fs::remove_dir_all(folder.join("b")).unwrap();
    drop(reports);
    let job = Reports::open(data.path(), 10).unwrap().get("b").unwrap().unwrap();
    assert_eq!((job.state, job.zip, job.files.len()), (JobState::Interrupted, None, 0));
}

/// As copies are restarted one after the other: the first is gone, the second at work, and the first comes again.
#[test]
fn another_program_beside_it_interrupts_nothing() {
    let data = tempfile::tempdir().unwrap();
    let first = Reports::open(data.path(), 0).unwrap();
    running(&first, "a", 1);
    let second = Reports::open(data.path(), 2).unwrap();
    assert!(first.running("a", 0).unwrap());
    running(&second, "b", 2);
    second.keep("b", file("x.csv"), b"abc").unwrap();
    first.give_up(3).unwrap();
    // a build that can be gone on with nowhere: the next look says so
    assert!(second.look_after(3).unwrap());
    assert_eq!(second.get("a").unwrap().unwrap().state, JobState::Interrupted);
    drop(first);
    let again = Reports::open(data.path(), 4).unwrap();
    assert!(second.running("b", 0).unwrap() && names(&data.path().join("reports/b")) == ["x.csv"]);
    assert!(second.finish("b", 0, 5).unwrap());
    drop((second, again));
}

/// What another copy needs to go on.
fn resumable(id: &str, requested: i64) -> Job {
    let resumption = Resumption {
        revision: "whole".to_owned(),
        table: Some("firms".to_owned()),
        questions: vec![("1".to_owned(), serde_json::json!({"year": 2025}))],
        origin: Origin::default(),
    };
    Job { resumed_by: Some(resumption), ..job(id, requested) }
}

/// Its copy was killed, or only stood still: another takes it over, once, and nothing of the first comes after.
#[test]
fn a_job_that_nobody_answers_for_is_taken_over_once() {
    let data = tempfile::tempdir().unwrap();
    let [dead, alive, third] = [0; 3].map(|_| Reports::open(data.path(), 0).unwrap());
    dead.add(&resumable("a", 10), 0).unwrap();
    assert!(dead.begin("a").unwrap() && dead.keep("a", file("x.csv"), b"abc").unwrap());
    dead.add(&resumable("waits", 11), 0).unwrap();
    running(&alive, "b", 10);
    assert!(dead.look_after(12).is_ok_and(|any| !any), "it answers until 12 + LEASE");
    for now in [15, 12 + LEASE] {
        assert!(!alive.look_after(now).unwrap() && alive.take_over(9, now).unwrap().is_empty(), "{now}");
    }
    let now = 12 + LEASE + 1;
    assert_eq!(alive.take_over(0, now).unwrap(), [], "its queue is full");
    let taken = alive.take_over(1, now).unwrap();
    assert_eq!(taken.iter().map(|j| (&*j.id, j.fence, j.files.len())).collect::<Vec<_>>(), [("a", 1, 1)]);
    assert_eq!(taken[0].resumed_by, resumable("a", 10).resumed_by);
    assert_eq!(third.take_over(9, now).unwrap().iter().map(|j| &*j.id).collect::<Vec<_>>(), ["waits"]);
    assert_eq!(third.take_over(9, now).unwrap(), [], "somebody answers for each");
    assert!(alive.running("b", 0).unwrap(), "its own goes on");

    // the first is at the same file, before and after the second
    assert!(!dead.begin("a").unwrap() && !dead.running("a", 0).unwrap());
    assert!(!dead.keep("a", file("y.csv"), b"late").unwrap());
    assert!(alive.begin("a").unwrap());
    assert!(alive.keep("a", JobFile { fence: 1, ..file("y.csv") }, b"y").unwrap());
    assert!(!dead.keep("a", file("y.csv"), b"late").unwrap() && !dead.finish("a", 0, 40).unwrap());
    assert!(!dead.fail("a", 0, JobState::Failed, &Text::new("", ""), 40).unwrap());
    assert!(alive.finish("a", 1, 41).unwrap());
    assert_eq!(names(&data.path().join("reports/a")), ["1-all.zip", "1-y.csv", "x.csv"]);
    let made = alive.get("a").unwrap().unwrap();
    assert_eq!((made.state, made.done), (JobState::Finished, 2));
    let read = |file: Option<&JobFile>| fs::read(alive.local(&made, file)).unwrap();
    assert_eq!((read(Some(&made.files[0])), read(Some(&made.files[1]))), (b"abc".to_vec(), b"y".to_vec()));
    assert_eq!(made.zip, Some(read(None).len() as u64));
    // what can't be gone on with says why, and a start that is alone leaves what is whole
    assert!(third.fail("waits", 1, JobState::Interrupted, &Text::new("为何", "why"), 42).unwrap());
    drop((dead, alive, third));
    let again = Reports::open(data.path(), 43).unwrap();
    assert_eq!(again.get("a").unwrap().unwrap(), made);
    assert_eq!(names(&data.path().join("reports/a")), ["1-all.zip", "1-y.csv", "x.csv"]);
    assert_eq!(again.get("b").unwrap().unwrap().state, JobState::Interrupted, "of one copy alone");
}

#[test]
fn what_was_cancelled_takes_no_more_files() {
    let data = tempfile::tempdir().unwrap();
    let reports = Reports::open(data.path(), 0).unwrap();
    running(&reports, "a", 1);
    assert!(reports.keep("a", file("x.csv"), b"abc").unwrap());
    assert!(reports.end("a", JobState::Cancelled, None, 2).unwrap());
    assert!(!reports.keep("a", file("y.csv"), b"abc").unwrap());
    assert!(!reports.finish("a", 0, 3).unwrap());
    assert_eq!(names(&data.path().join("reports/a")), ["x.csv"]);
    reports.remove("a").unwrap();
    assert!(!reports.keep("a", file("y.csv"), b"abc").unwrap());
    assert_eq!(names(&data.path().join("reports")), [".lock"]);
}

#[test]
fn old_jobs_go_and_so_do_the_oldest_of_too_many() {
    let data = tempfile::tempdir().unwrap();
    let reports = Reports::open(data.path(), 0).unwrap();
    for n in 0..=MOST_JOBS {
        running(&reports, &format!("j{n:03}"), n as i64);
        assert!(reports.finish(&format!("j{n:03}"), 0, n as i64).unwrap());
    }
    reports.prune(200).unwrap();
    assert_eq!(reports.all().unwrap().len(), MOST_JOBS);
    assert!(reports.get("j000").unwrap().is_none(), "the oldest");
    for day in 1..7 {
        reports.prune(day * 24 * 3600).unwrap();
    }
    reports.prune(KEPT_FOR + 49).unwrap();
    assert!(reports.get("j049").unwrap().is_none() && reports.get("j050").unwrap().is_some());
    assert!(matches!(reports.add(&job("large", 0), 1 << 60), Err(ReportsError::NoSpace { .. })));
    assert!(reports.get("large").unwrap().is_none());
}

/// Rows that make files valid: those of files, and archives of finished jobs.
const VALID: &str =
    "SELECT (SELECT count(*) FROM report_file) + (SELECT count(*) FROM report_job WHERE state = 'finished')";

#[test]
fn files_and_archive_are_on_stable_storage_before_their_rows() {
    let data = tempfile::tempdir().unwrap();
    let recorder = Recorder::of(data.path(), VALID);
    let reports = Reports::open_on(recorder.disk(), &recorder.data(), 0).unwrap();
    assert_eq!(recorder.take().0, ["create folder /reports", "sync folder /"]);
    running(&reports, "a", 1);
    assert!(reports.keep("a", file("x.csv"), b"abc").unwrap());
    assert!(reports.keep("a", file("y.csv"), b"defg").unwrap());
    assert!(reports.finish("a", 0, 2).unwrap());
    let written = |name: &str| {
        let made = format!("create /reports/a/{name}.part");
        let synced = format!("sync /reports/a/{name}.part");
        [made, synced, format!("rename to /reports/a/{name}"), "sync folder /reports/a".into(), "INSERT".into()]
    };
    let mut expected = vec!["create folder /reports/a".to_owned(), "sync folder /reports".to_owned()];
    expected.extend(["x.csv", "y.csv", "all.zip"].map(written).concat());
    let (operations, all) = recorder.take();
    assert_eq!(operations, expected);

    // whatever is lost, each row has its file, and the next start takes nothing away from a job
    let mut seen = BTreeSet::new();
    for left in &all {
        let place = format!("{:?} after {:?}", left.loss, left.after);
        let folder = left.folder.path();
        let database = rusqlite::Connection::open(folder.join(Database::file_name())).unwrap();
        let mut rows = database.prepare("SELECT name, sha256 FROM report_file").unwrap();
        let rows = rows.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?))).unwrap();
        let rows: Vec<(String, String)> = rows.map(Result::unwrap).collect();
        for (name, sha256) in &rows {
            let bytes =
                fs::read(folder.join("reports/a").join(name)).unwrap_or_else(|e| panic!("{place}: {name}: {e}"));
            assert_eq!(hex(&Sha256::digest(bytes)), *sha256, "{place}: {name}");
        }
        let state: String = database.query_row("SELECT state FROM report_job", [], |r| r.get(0)).unwrap();
        let job = Reports::open(left.data(), 3).unwrap().get("a").unwrap().unwrap();
        assert_eq!(job.files.len(), rows.len(), "{place}");
        assert_eq!(job.state == JobState::Finished, state == "finished", "{place}");
        if job.state == JobState::Finished {
            let archive = fs::File::open(folder.join("reports/a/all.zip")).unwrap();
            assert_eq!(zip::ZipArchive::new(archive).unwrap().len(), 3, "{place}");
        }
        seen.insert((rows.len(), state));
    }
    let states = [(0, "running"), (1, "running"), (2, "running"), (2, "finished")];
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), states.map(|(n, s)| (n, s.to_owned())).into());
}

#[test]
fn a_full_disk_leaves_no_half_file_and_says_so() {
    let data = tempfile::tempdir().unwrap();
    let recorder = Recorder::of(data.path(), VALID);
    let reports = Reports::open_on(recorder.disk(), &recorder.data(), 0).unwrap();
    running(&reports, "a", 1);
    recorder.limit_space(5);
    assert!(reports.keep("a", file("x.csv"), b"abc").unwrap());
    let full = reports.keep("a", file("y.csv"), b"defg").unwrap_err();
    assert!(full.text().zh.starts_with("磁盘已满,已停止"), "{}", full.text().zh);
    assert_eq!(names(&data.path().join("reports/a")), ["x.csv"]);
    recorder.limit_space(100);
    let full = reports.finish("a", 0, 2).unwrap_err();
    assert_eq!(names(&data.path().join("reports/a")), ["x.csv"], "{full}");
    assert_eq!(reports.get("a").unwrap().unwrap().zip, None);
    recorder.limit_space(u64::MAX);
    assert!(reports.finish("a", 0, 3).unwrap());
}

/// The disk of a copy is lost, and the copy starts again: the store has the files, and leases say whose a job is.
#[test]
fn with_an_object_store_a_disk_may_be_lost() {
    let (data, memory) = (tempfile::tempdir().unwrap(), Memory::default());
    let objects = Arc::new(Objects::on(Arc::new(memory.clone()), "memory".to_owned(), 0));
    let folder = DataFolder::from(data.path()).with_objects(Some(objects));
    let reports = Reports::open(folder.clone(), 0).unwrap();
    running(&reports, "a", 5);
    for name in ["乙.csv", "甲.csv"] {
        assert!(reports.keep("a", file(name), name.as_bytes()).unwrap());
    }
    let lost = || fs::remove_dir_all(data.path().join("reports/a")).unwrap();
    let seen = |path: &Path| (fs::read(path).unwrap(), fs::metadata(path).unwrap().modified().unwrap());
    let first = reports.get("a").unwrap().unwrap().files.remove(0);
    let made = seen(&reports.path(&job("a", 5), Some(&first)).unwrap());
    lost();
    drop(reports);
    let reports = Reports::open(folder.clone(), 6).unwrap();
    let a = reports.get("a").unwrap().unwrap();
    assert_eq!((a.state, a.files.len()), (JobState::Running, 2), "others may be at work on it");
    // the archive of files that are on no disk
    assert!(reports.finish("a", 0, 9).unwrap());
    let a = reports.get("a").unwrap().unwrap();
    let archive = seen(&reports.path(&a, None).unwrap());
    lost();
    assert_eq!(seen(&reports.path(&a, Some(&first)).unwrap()), made, "the same, also its tag");
    assert_eq!(seen(&reports.path(&a, None).unwrap()), archive);
    // damaged, or away
    lost();
    let name = format!("reports/a/{}", first.sha256);
    memory.state().objects.get_mut(&name).unwrap().0[0] ^= 1;
    assert!(matches!(reports.path(&a, Some(&first)), Err(ReportsError::Objects(ObjectsError::Damaged { .. }))));
    memory.state().objects.get_mut(&name).unwrap().0[0] ^= 1;
    memory.state().away = true;
    assert!(reports.path(&a, Some(&first)).unwrap_err().is_away());
    memory.state().away = false;
    std::thread::sleep(Duration::from_millis(550));
    reports.path(&a, Some(&first)).unwrap();
    // what is on this disk alone is added, what no job needs goes a day later
    memory.state().objects.remove(&name);
    memory.state().objects.insert("reports/b/late".to_owned(), (vec![1], 9));
    reports.sweep_objects(9).unwrap();
    assert_eq!(memory.names().len(), 4, "{:?}", memory.names());
    reports.sweep_objects(9 + GRACE).unwrap();
    assert_eq!(memory.names().len(), 3, "{:?}", memory.names());
    // dropped at another copy
    reports.delete("a").unwrap();
    reports.sweep_objects(9 + 2 * GRACE).unwrap();
    assert_eq!((memory.names(), names(&data.path().join("reports"))), (vec![], vec![".lock".to_owned()]));
}
