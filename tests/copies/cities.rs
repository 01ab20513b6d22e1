//! Several cities at several copies that share a database and an object store and no folder: what is published in a city at one copy any
//! other serves, also the figures over all cities, and no state of one city is seen by another.

use super::entry::administrator;
use super::{Copy, Postgres, Shared, TINYVILLE, eventually, files, firms, s3, served};
use crate::cities::alike::{addresses, plain};
use crate::cities::{FOREIGN, Made, World, alone, put};
use serde_json::{Value, json};
use shigu::service::cities::aggregates;
use shigu::service::store::{CityFolders, ObjectSettings, Objects};
use std::fs;
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;

/// Cities by id and folder of tests/data: two with the same table, so that there are sums over both.
const CITIES: [(&str, &str); 4] =
    [("lanes", "lanes"), ("orchards", "orchards"), ("tiny-ville", "tinyville"), ("twin", "tinyville")];

impl Shared {
    fn cities() -> Self {
        let folder = TempDir::new().unwrap();
        CITIES.iter().for_each(|(id, of)| put(folder.path(), id, of));
        Self { cities: Some(folder), ..Self::objects(TINYVILLE) }
    }
}

impl Copy {
    /// The service of a city of it.
    fn city(&self, id: &str) -> Self {
        Self { child: None, port: self.port, below: format!("/cities/{id}"), said: String::new() }
    }
}

fn published(city: &Copy, n: u32) -> String {
    let id = city.checked(&firms(0..n));
    let made = city.publish(&id);
    assert_eq!(made.status, 201, "{}", made.text());
    made.cookies()
}

/// Ids of the cities that a copy has loaded.
fn loaded(copy: &Copy) -> Vec<String> {
    let list = copy.json("/cities");
    let ready = list["cities"].as_array().unwrap().iter().filter(|city| city["state"] == "ready");
    ready.map(|city| city["id"].as_str().unwrap().to_owned()).collect()
}

/// How many rows of a city the sums over cities are of.
fn rows(copy: &Copy, city: &str) -> Value {
    let one = copy.json("/cities/summary");
    let of_city = |across: &&Value| !across["parts"][0]["cities"][city].is_null();
    let across = one["rows"].as_array().unwrap().iter().find(of_city);
    across.map_or(Value::Null, |across| across["parts"][0]["cities"][city].clone())
}

/// Both soon say so.
fn assert_rows(copies: [&Copy; 2], city: &str, n: impl Into<Value>) {
    let n = n.into();
    eventually("the figures over cities", || copies.iter().all(|copy| rows(copy, city) == n));
}

#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn what_one_copy_publishes_in_a_city_another_serves() {
    let shared = Shared::cities();
    let (mut a, b) = (shared.copy(&[]), shared.copy(&[]));
    let (of_a, of_b) = (a.city("tiny-ville"), b.city("tiny-ville"));
    // the figures of a city are there for a copy that has never loaded it
    for (id, _) in CITIES {
        assert_eq!(a.city(id).get("/dataset", "").status, 200);
    }
    assert_rows([&a, &b], "twin", served(&a.city("twin"), ""));
    let known = |copy: &Copy| copy.json("/cities/summary")["unknown"] == json!([]);
    eventually("the figures of all", || known(&a) && known(&b));
    for path in ["/cities/summary", "/cities/zones", "/cities/tiles/0/0/0.mvt"] {
        let [of_a, of_b] = [&a, &b].map(|copy| copy.get(path, ""));
        assert_eq!((of_a.status, of_a.body), (of_b.status, of_b.body), "{path}");
    }
    for n in [10, 30] {
        published(&of_a, n);
        assert_eq!(rows(&a, "tiny-ville"), n, "at once, where it was published");
        eventually("the figures, at the other", || rows(&b, "tiny-ville") == n);
    }
    assert!(loaded(&b).is_empty(), "nothing is loaded for it");
    assert_eq!(served(&of_b, ""), 30);
    assert_eq!(loaded(&b), ["tiny-ville"], "and nothing of others");
    // whoever publishes sees it at once at the other, which hears of it
    let cookie = published(&of_a, 50);
    assert_eq!(served(&of_b, &cookie), 50);
    published(&of_a, 70);
    let at = Instant::now();
    eventually("the version, at the other", || served(&of_b, "") == 70);
    println!("seen by others after {:.2} s", at.elapsed().as_secs_f64());
    assert_rows([&a, &b], "tiny-ville", 70);
    // what is left in a city is there, at every copy, and in no other
    let link = of_a.post("/links", "", &json!({"target": "?lang=en"}));
    assert!([200, 201].contains(&link.status), "{}", link.text());
    let saved = json!({"kind": "view", "title": "看这里", "body": {"target": "?lang=en"}});
    assert_eq!(of_a.post("/saved", "", &saved).status, 201);
    assert!(of_b.json("/saved").to_string().contains("看这里"));
    for id in ["twin", "lanes", "orchards"] {
        for copy in [&a, &b] {
            assert!(!copy.city(id).json("/saved").to_string().contains("看这里"), "{id}");
            assert_eq!(copy.city(id).json("/versions")["versions"].as_array().unwrap().len(), 1, "{id}");
        }
    }
    // a file that one has checked another publishes; a job that was made at one is another's as well
    let id = of_a.checked(&firms(0..90));
    let made = of_a.post("/reports", "", &json!({"zones": ["T02"], "formats": ["csv"]}));
    assert_eq!(made.status, 202, "{}", made.text());
    let job = format!("/reports/{}", made.json()["id"].as_str().unwrap());
    eventually("the report", || of_b.json(&job)["state"] == "finished");
    a.kill();
    fs::remove_dir_all(shared.folder_of(0)).unwrap();
    assert_eq!(of_b.publish(&id).status, 201);
    // a copy that comes with an empty disk
    let c = shared.copy(&[]);
    let of_c = c.city("tiny-ville");
    assert_rows([&b, &c], "tiny-ville", 90);
    assert!(loaded(&c).is_empty());
    assert_eq!(served(&of_c, ""), 90);
    let download = |city: &Copy| {
        let found = city.get(&format!("{job}/all.zip"), "");
        assert_eq!(found.status, 200, "{}", found.text());
        found.body
    };
    assert!(download(&of_b) == download(&of_c));
    // what it has fetched it will read quicker when it loads the city again
    let kept = shared.folder_of(2).join("cities/tiny-ville/snapshots");
    eventually("the snapshot file", || files(&kept).iter().any(|name| name.len() == 64));
    let back = of_c.post("/versions/1/restore", "", &json!({"note": "back"}));
    assert_eq!(back.status, 201, "{}", back.text());
    assert_rows([&b, &c], "tiny-ville", 10);
    // connections are those of the copies, not of the cities
    let server = shared.server();
    let open: usize =
        server.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shigu'").parse().unwrap();
    assert!(open <= 2 * (16 + 1), "{open}");
    let schemas =
        server.ask("SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname ~ '^city_'");
    assert_eq!(schemas, "city_lanes city_orchards city_tiny-ville city_twin");
    let in_public = server.ask("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace");
    assert_eq!(in_public, "0");
}

#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn a_schema_that_is_dropped_touches_no_other_city() {
    let shared = Shared::cities();
    let (a, b) = (shared.copy(&[]), shared.copy(&[]));
    for (id, _) in CITIES {
        assert_eq!(a.city(id).get("/dataset", "").status, 200);
    }
    assert_eq!(a.json("/cities/summary")["unknown"], json!([]));
    published(&a.city("twin"), 10);
    // where it meets a transaction of a copy, that is the one that gives in
    shared.server().ask("SET deadlock_timeout = '1min'; DROP SCHEMA city_lanes CASCADE");
    let save = |copy: &Copy, id: &str| copy.city(id).post("/links", "", &json!({"target": "?lang=en"})).status;
    for n in 0..5 {
        assert_eq!(save(&a, "lanes"), 503);
        assert_eq!(a.city("lanes").get("/dataset", "").status, 200, "what is in memory is read");
        assert!([200, 201].contains(&save(&a, "orchards")));
        published(&a.city("twin"), 20 + n);
        assert_eq!(served(&a.city("twin"), ""), u64::from(20 + n));
        assert_rows([&a, &b], "twin", 20 + n);
    }
    assert_eq!(b.json("/cities/summary")["unknown"], json!(["lanes"]));
    // it would begin anew, but for its files in the object store, which are those of the schema that is gone
    assert_eq!(save(&b, "lanes"), 503);
    let list = b.json("/cities");
    let lanes = list["cities"].as_array().unwrap().iter().find(|city| city["id"] == "lanes").unwrap();
    let reason = lanes["reason"]["en"].as_str().unwrap();
    assert!(reason.contains("s3://shigu/city/cities/lanes") && reason.contains("another database"), "{list}");
}

/// A city that is asked for while the server is away is not taken for broken.
#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn cities_go_on_while_the_database_is_away() {
    let shared = Shared::cities();
    let a = shared.copy(&[]);
    published(&a.city("twin"), 10);
    let sums = a.json("/cities/summary");
    shared.server().stop();
    for _ in 0..5 {
        assert_eq!(served(&a.city("twin"), ""), 10);
        let cold = a.city("lanes").get("/dataset", "");
        assert_eq!((cold.status, cold.json()["code"].clone()), (503, json!("not-ready")), "{}", cold.text());
        assert_eq!(a.json("/cities/summary"), sums, "what is known stays");
    }
    assert_eq!(a.get("/healthz", "").status, 503);
    shared.server().restart();
    let at = Instant::now();
    eventually("the city, again", || a.city("lanes").get("/dataset", "").status == 200);
    println!(
        "a city that was asked for meanwhile is loaded {:.2} s after the server is back",
        at.elapsed().as_secs_f64()
    );
    published(&a.city("twin"), 30);
    assert_ne!(a.json("/cities/summary"), sums);
}

/// Accounts are those of a city: who administers one is nobody in another, whichever copy is asked.
#[test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
fn who_administers_a_city_is_nobody_in_another_at_any_copy() {
    let shared = Shared::cities();
    let (a, b) = (shared.copy(&["--accounts"]), shared.copy(&["--accounts"]));
    let mut twin = a.city("twin");
    assert_eq!(twin.get("/session", "").status, 200);
    // the link of the first administrator is in the log once the city is loaded
    let log = fs::read_to_string(shared.data.path().join("log-0")).unwrap();
    twin.said = log.split_once("/cities/twin/?").unwrap().1.to_owned();
    let session = administrator(&twin);
    for copy in [&a, &b] {
        assert_eq!(copy.city("twin").get("/accounts", &session).status, 200);
        for id in ["tiny-ville", "lanes", "orchards"] {
            for path in ["/accounts", "/dataset", "/versions", "/drafts"] {
                assert_eq!(copy.city(id).get(path, &session).status, 401, "{id}{path}");
            }
        }
    }
    assert_eq!(b.city("twin").send("DELETE", "/session", &session, &Value::Null).status, 204);
    eventually("the end of the session, at the other", || a.city("twin").get("/dataset", &session).status == 401);
}

/// Every described address of three foreign cities.
#[tokio::test]
#[ignore = "needs PostgreSQL and a server of S3: make test-postgres"]
async fn a_city_answers_as_it_does_with_a_file_of_its_own() {
    let (postgres, s3) = (Postgres::start(), s3::S3::start());
    let (folder, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    FOREIGN.iter().for_each(|of| put(folder.path(), of, of));
    let environment = s3.environment().map(|(name, value)| (name.to_owned(), value));
    let settings =
        ObjectSettings { address: "s3://shigu/province".to_owned(), s3: environment.to_vec(), cache: 1 << 30 };
    let objects = Arc::new(Objects::open(&settings).unwrap());
    let folders = CityFolders::new(data.path(), Some(&postgres.address()), Some(objects), aggregates).unwrap();
    let world = World::keeping(folder, data, Made::of_owner(), folders);
    let embedded = World::foreign(Made::of_owner());
    for city in FOREIGN {
        let (of_alone, mut answered) = (TempDir::new().unwrap(), 0);
        for address in addresses(&alone(city, of_alone.path(), &Made::of_owner())).await {
            let address = format!("/cities/{city}{address}");
            let (one, other) = (embedded.get(&address).await, world.get(&address).await);
            let (expected, found) = (plain(&one, ""), plain(&other, ""));
            assert_eq!((found.0, &found.1), (expected.0, &expected.1), "{address}");
            assert!(
                found.2 == expected.2,
                "{address}:\n{}\n{}",
                String::from_utf8_lossy(&found.2[..found.2.len().min(2000)]),
                String::from_utf8_lossy(&expected.2[..expected.2.len().min(2000)])
            );
            answered += usize::from(one.status == 200);
        }
        assert!(answered > 60, "{city}: {answered}");
    }
    assert_eq!(world.service.json("/cities/summary").await, embedded.service.json("/cities/summary").await);
}
