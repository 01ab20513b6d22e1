//! The PostgreSQL server is away, or killed: reading goes on, what changes something is refused and may be sent again, nothing that was
//! acknowledged is lost, nothing is there twice, and all copies find the server again by themselves.
//! `SHIGU_CRASHES` says how often it is killed, `SHIGU_AWAY` how many seconds it is away.

use super::entry::{account, administrator};
use super::{Copy, Postgres, Shared, TINYVILLE, eventually, firms, served};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What readers ask again and again.
const READS: [&str; 4] = ["/dataset", "/summary?zone=T02", "/collections/enterprises/items?limit=5&f=html", "/readyz"];

fn reads(copy: &Copy, cookie: &str) {
    for path in READS {
        let answer = copy.get(path, cookie);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

fn link(copy: &Copy, cookie: &str, n: usize) -> super::Answer {
    copy.post("/links", cookie, &json!({"target": format!("?zone=T02&n={n}")}))
}

/// The server is stopped, stands still, and is killed; longer than sessions are believed without looking.
#[test]
#[ignore = "needs PostgreSQL: make test-postgres"]
fn reading_goes_on_while_the_server_is_away() {
    let shared = Shared::postgres(TINYVILLE);
    let copies = [shared.copy(&["--accounts"]), shared.copy(&["--accounts"])];
    let first = administrator(&copies[0]);
    let sessions = ["甲", "乙"].map(|name| account(&copies[0], &first, name, "viewer"));
    let server = shared.server();
    let away: [(&str, fn(&Postgres), fn(&Postgres)); 3] = [
        ("stopped", Postgres::stop, Postgres::restart),
        ("standing still", |s| s.signal("STOP"), |s| s.signal("CONT")),
        ("killed", Postgres::kill, Postgres::restart),
    ];
    for (how, go, come) in away {
        // sessions are looked up again once the server has been back for 2 seconds, and believed for 2 minutes from then
        thread::sleep(Duration::from_secs(3));
        for (copy, session) in copies.iter().zip(&sessions) {
            reads(copy, session);
            let kept = link(copy, session, 1);
            assert!(kept.status < 300, "before it is {how}: {} {}", kept.status, kept.text());
        }
        go(server);
        let start = Instant::now();
        let (mut slowest, mut n) = (Duration::ZERO, 0);
        while start.elapsed() < super::away() {
            for (copy, session) in copies.iter().zip(&sessions) {
                let asked = Instant::now();
                reads(copy, session);
                // what a reader waits for is waited for a moment, not as long as a server that stands still may take
                (slowest, n) = (slowest.max(asked.elapsed()), n + READS.len());
            }
            thread::sleep(Duration::from_millis(50));
        }
        // nobody knows who was not seen before, and what has to be recorded does not leave
        assert_eq!(copies[1].get("/dataset", &sessions[0]).status, 503, "{how}");
        assert_eq!(copies[0].get("/report/T02?format=csv", &sessions[0]).status, 503, "{how}");
        let refused = link(&copies[0], &sessions[0], 2);
        assert_eq!(refused.status, 503, "{how}: {}", refused.text());
        assert!(refused.header("retry-after").is_some(), "{}", refused.head);
        assert!(refused.text().contains(r#""code":"database""#), "{how}: {}", refused.text());
        come(server);
        let back = Instant::now();
        for (copy, session) in copies.iter().zip(&sessions) {
            eventually("the server, again", || link(copy, session, 2).status < 300);
        }
        println!(
            "{how} for {:?}: {n} reads, the slowest {slowest:.1?}; changes again after {:.1?}",
            super::away(),
            back.elapsed()
        );
    }
}

/// Killed while copies publish, take files, keep links and record what is taken away.
#[test]
#[ignore = "needs PostgreSQL: make test-postgres"]
fn nothing_acknowledged_is_lost_or_there_twice() {
    let kills: usize = std::env::var("SHIGU_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let shared = Shared::postgres(TINYVILLE);
    // who sits at the machine may send as much as they like; of readers it is recorded what they take
    let (copies, read) = ([shared.copy(&[]), shared.copy(&[])], shared.copy(&["--accounts"]));
    let session = administrator(&read);
    let done = AtomicBool::new(false);
    let (versions, files, links, taken, back) = thread::scope(|scope| {
        let publishing = scope.spawn(|| publish_until(&copies, &done));
        let sending = scope.spawn(|| {
            let mut files = Vec::new();
            for n in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let text = firms(0..1 + n % 7);
                let kind = "application/octet-stream";
                let sent = copies[1].try_send("POST", "/imports?file=b.csv", "", kind, text.as_bytes());
                let sent = sent.expect("a copy answers whatever the server does");
                assert!([201, 503].contains(&sent.status), "{}", sent.text());
                if sent.status == 201 {
                    let id = sent.json()["id"].as_str().unwrap().to_owned();
                    // few wait at a time
                    if n % 2 == 1 || files.len() == 12 {
                        let gone = || copies[0].send("DELETE", &format!("/imports/{id}"), "", &Value::Null).status;
                        while ![204, 404].contains(&gone()) {}
                    } else {
                        files.push(id);
                    }
                }
            }
            files
        });
        let linking = scope.spawn(|| {
            let mut links = HashSet::new();
            for n in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let made = link(&copies[n % 2], "", n);
                assert!([200, 201, 503].contains(&made.status), "{}", made.text());
                if made.status == 201 {
                    assert!(links.insert(made.json()["code"].as_str().unwrap().to_owned()), "{}", made.text());
                }
            }
            links
        });
        let taking = scope.spawn(|| {
            let mut taken = 0;
            while !done.load(Ordering::Relaxed) {
                let file = read.get("/report/T02?format=csv", &session);
                // what can't be recorded does not leave
                assert!([200, 503].contains(&file.status), "{}", file.text());
                taken += usize::from(file.status == 200);
            }
            taken
        });
        let mut back = Vec::new();
        for n in 0..kills {
            thread::sleep(Duration::from_millis(1500 + 137 * (n as u64 % 9)));
            shared.server().kill();
            let killed = Instant::now();
            shared.server().restart();
            eventually("changes, again", || link(&copies[n % 2], "", 1_000_000 + n).status < 300);
            back.push(killed.elapsed());
        }
        thread::sleep(Duration::from_secs(1));
        done.store(true, Ordering::Relaxed);
        let (versions, files) = (publishing.join().unwrap(), sending.join().unwrap());
        (versions, files, linking.join().unwrap(), taking.join().unwrap(), back)
    });
    // a copy that knows nothing but what is kept
    let fresh = shared.copy(&[]);
    let all = fresh.json("/versions");
    let all = all["versions"].as_array().unwrap();
    assert_eq!(all.len(), versions + 1, "each acknowledged version once, and the seed");
    assert_eq!(served(&fresh, ""), versions as u64);
    for id in &files {
        assert_eq!(fresh.get(&format!("/imports/{id}"), "").status, 200, "{id}");
    }
    for code in &links {
        assert_eq!(fresh.get(&format!("/s/{code}"), "").status, 302, "{code}");
    }
    let recorded = exports(&read, &session);
    assert!(recorded >= taken, "{taken} files left, {recorded} are recorded");
    println!(
        "{kills} kills: {versions} versions, {} files, {} links, {taken} files taken ({recorded} recorded); back after {back:.1?}",
        files.len(),
        links.len()
    );
}

/// Publishes one firm more each time; what is not acknowledged is looked up and, where it was not done, done again. How many.
fn publish_until(copies: &[Copy; 2], done: &AtomicBool) -> usize {
    let (mut versions, session) = (0, "");
    'more: while !done.load(Ordering::Relaxed) {
        let copy = &copies[versions % 2];
        let text = firms(0..versions as u32 + 1);
        let kind = "application/octet-stream";
        let sent = copy.try_send("POST", "/imports?file=a.csv", session, kind, text.as_bytes()).unwrap();
        if sent.status != 201 {
            thread::sleep(Duration::from_millis(20));
            continue;
        }
        let id = sent.json()["id"].as_str().unwrap().to_owned();
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < Duration::from_mins(2), "{id} does not become a version");
            let import = copy.get(&format!("/imports/{id}"), session);
            if import.status != 200 {
                thread::sleep(Duration::from_millis(20));
                continue;
            }
            match import.json()["state"].as_str().unwrap() {
                "published" => break,
                "checked" => {
                    let made = copy.post(&format!("/imports/{id}/publish"), session, &json!({}));
                    assert!([201, 409, 503].contains(&made.status), "{}", made.text());
                    if made.status == 201 {
                        versions += 1;
                        continue 'more;
                    }
                }
                "checking" => thread::sleep(Duration::from_millis(20)),
                _ => drop(copy.post(&format!("/imports/{id}/check"), session, &json!({"crs": "wgs84"}))),
            }
        }
        // it was done, though nobody heard of it
        versions += 1;
    }
    versions
}

/// How many events of the audit log say that a report left.
fn exports(copy: &Copy, session: &str) -> usize {
    let (mut count, mut before) = (0, json!(i64::MAX));
    loop {
        let page = copy.get(&format!("/audit?limit=1000&before={before}"), session).json();
        let events = page["events"].as_array().unwrap();
        let of = |event: &&Value| event["detail"].as_str().is_some_and(|detail| detail.starts_with("/report/T02"));
        count += events.iter().filter(of).map(|event| event["times"].as_u64().unwrap_or(1) as usize).sum::<usize>();
        before = page["next"].clone();
        if before.is_null() {
            return count;
        }
    }
}
