//! Reports made in batches: a copy that starts or stops beside it interrupts nothing, and that of a copy that is gone is made by another.

use super::{Copy, Shared, eventually, files};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const HANGZHOU: &str = "geodata/hangzhou";

fn begin(copy: &Copy) -> String {
    // enough that something is left when the first files are there
    let districts = copy.json("/collections/districts/items?limit=6");
    let zones = districts["features"].as_array().unwrap().iter().map(|f| f["id"].clone()).collect::<Vec<_>>();
    let asked = json!({"zones": zones, "formats": ["docx", "csv"]});
    let made = copy.post("/reports", "", &asked);
    assert_eq!(made.status, 202, "{}", made.text());
    made.json()["id"].as_str().unwrap().to_owned()
}

fn job(copy: &Copy, id: &str) -> Value {
    copy.json(&format!("/reports/{id}"))
}

/// Waits long: maps are drawn by a program that is not optimized.
fn finished(copy: &Copy, id: &str) -> Value {
    let start = Instant::now();
    loop {
        let job = job(copy, id);
        let state = job["state"].as_str().unwrap();
        if state == "finished" {
            return job;
        }
        assert!(matches!(state, "queued" | "running"), "{job}");
        assert!(start.elapsed() < Duration::from_mins(5), "{job}");
        sleep(Duration::from_millis(100));
    }
}

/// Names and digests of a job's files.
fn made(job: &Value) -> Vec<(String, String)> {
    let text = |file: &Value, name: &str| file[name].as_str().unwrap().to_owned();
    job["files"].as_array().unwrap().iter().map(|file| (text(file, "name"), text(file, "sha256"))).collect()
}

/// Every file is what its row says, and nothing else lies there but the one that a copy was killed over: in its place, and not in a row yet.
fn is_whole(shared: &Shared, copy: &Copy, job: &Value) {
    let id = job["id"].as_str().unwrap();
    for (name, digest) in made(job) {
        let escaped = name.bytes().fold(String::new(), |mut all, b| {
            write!(all, "%{b:02X}").unwrap();
            all
        });
        let file = copy.get(&format!("/reports/{id}/files/{escaped}"), "");
        let found = Sha256::digest(&file.body).iter().fold(String::new(), |mut all, b| {
            write!(all, "{b:02x}").unwrap();
            all
        });
        assert_eq!((file.status, found), (200, digest), "{name}");
    }
    let archive = copy.get(&format!("/reports/{id}/all.zip"), "");
    assert_eq!((archive.status, json!(archive.body.len())), (200, job["zip"].clone()));
    if !shared.is_one_folder() {
        return;
    }
    let kept = files(&shared.folder_of(0).join("reports").join(id));
    let whole = kept.iter().filter(|name| !is_of(name, "part")).count();
    let (rows, killed) = (job["total"].as_u64().unwrap() as usize + 1, 1);
    assert!((rows..=rows + killed).contains(&whole), "{kept:?}");
}

/// B starts and stops while A makes a job; then A is killed, and B goes on; B is stopped, and C ends it. The files are those of a copy
/// that nothing happened to.
fn a_job_goes_on_at_another_copy(shared: &Shared) {
    let mut a = shared.copy(&[]);
    let id = begin(&a);
    shared.copy(&[]).stop();
    eventually("the first file", || job(&a, &id)["done"].as_u64().unwrap() >= 1);
    let b = shared.copy(&[]);
    assert_eq!(job(&b, &id)["state"], "running");
    a.kill();
    let (killed, before) = (Instant::now(), job(&b, &id)["done"].as_u64().unwrap());
    eventually("the job is taken over", || job(&b, &id)["done"].as_u64().unwrap() > before);
    println!("the next file after {:.1} s", killed.elapsed().as_secs_f64());
    let c = shared.copy(&[]);
    b.stop();
    let (stopped, before) = (Instant::now(), job(&c, &id)["done"].as_u64().unwrap());
    eventually("the job is taken over again", || {
        let job = job(&c, &id);
        job["done"].as_u64().unwrap() > before || job["state"] == "finished"
    });
    println!("the next file after {:.1} s", stopped.elapsed().as_secs_f64());
    let done = finished(&c, &id);
    is_whole(shared, &c, &done);
    let undisturbed = begin(&c);
    let undisturbed = finished(&c, &undisturbed);
    // docx files name the page, which is another copy's address
    let tables = |job: &Value| made(job).into_iter().filter(|(name, _)| is_of(name, "csv")).collect::<Vec<_>>();
    assert_eq!(tables(&done), tables(&undisturbed));
    let names = |job: &Value| made(job).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&done), names(&undisturbed));
}

/// Whether a file has an extension.
fn is_of(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

#[test]
fn a_job_goes_on_at_another_copy_in_a_folder() {
    a_job_goes_on_at_another_copy(&Shared::folder(HANGZHOU));
}

#[cfg(feature = "postgres")]
#[test]
#[ignore = "needs PostgreSQL: make test-postgres"]
fn a_job_goes_on_at_another_copy_over_postgres() {
    a_job_goes_on_at_another_copy(&Shared::postgres(HANGZHOU));
}

#[cfg(all(feature = "postgres", feature = "objects"))]
#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn a_job_goes_on_at_another_copy_over_objects() {
    a_job_goes_on_at_another_copy(&Shared::objects(HANGZHOU));
}

/// A copy that only stood still comes too late: nothing of it counts, and it spoils nothing.
#[cfg(feature = "postgres")]
#[test]
#[ignore = "needs PostgreSQL: make test-postgres"]
fn a_copy_that_stood_still_comes_too_late_over_postgres() {
    let shared = &Shared::postgres(HANGZHOU);
    let a = shared.copy(&[]);
    let id = begin(&a);
    eventually("the first file", || job(&a, &id)["done"].as_u64().unwrap() >= 1);
    let b = shared.copy(&[]);
    super::signal("STOP", a.process());
    let before = job(&b, &id)["done"].as_u64().unwrap();
    eventually("the job is taken over", || job(&b, &id)["done"].as_u64().unwrap() > before);
    super::signal("CONT", a.process());
    let done = finished(&b, &id);
    // what the first was at is refused and removed
    eventually("no other file", || {
        files(&shared.data.path().join("data/reports").join(&id)).len() == done["total"].as_u64().unwrap() as usize + 1
    });
    is_whole(shared, &b, &done);
    is_whole(shared, &a, &done);
}
