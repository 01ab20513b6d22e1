//! The tests of the store beside a PostgreSQL server (`make test-postgres`): those of the other files run on it unchanged, those here ask what
//! only a server can do wrong.

use super::{DataFolder, Database, DatabaseError, params};
use crate::service::store::{CityFolders, Saved};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::mpsc;
use tempfile::TempDir;

fn server() -> Option<String> {
    std::env::var("SHIGU_TEST_POSTGRES").ok()
}

/// A folder with its database on the server, in a schema of its own; none where no server is named.
pub fn beside_a_server(path: &Path) -> Option<DataFolder> {
    let mut name = DefaultHasher::new();
    path.hash(&mut name);
    let address = format!("{}&options=-csearch_path%3Dt{:x}", server()?, name.finish());
    Some(DataFolder::new(path, Some(&address)).unwrap_or_else(|e| panic!("{}", e.text().en)))
}

/// A folder, and an address of a schema that nobody has.
fn fresh(schema: &str) -> (TempDir, String) {
    let server = server().expect("make test-postgres names a server");
    let folder = tempfile::tempdir().unwrap();
    let unique = folder.path().file_name().unwrap().to_string_lossy().to_lowercase().replace('.', "_");
    (folder, format!("{server}&options=-csearch_path%3D{schema}{unique}&application_name={schema}{unique}"))
}

fn open(folder: &TempDir, address: &str) -> Result<Database, DatabaseError> {
    Database::open(&DataFolder::new(folder.path(), Some(address))?)
}

#[test]
#[ignore = "needs a server: make test-postgres"]
fn tests_beside_a_server_are_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(folder.path()).unwrap();
    let version: String = database.read(|t| t.one("SELECT version()", &[], |row| row.get(0))).unwrap();
    assert!(version.starts_with("PostgreSQL "), "{version}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing is in the folder");
}

#[test]
#[ignore = "needs a server: make test-postgres"]
fn copies_that_start_at_once_take_each_step_once() {
    let (folder, address) = fresh("once");
    let keys: Vec<_> = std::thread::scope(|scope| {
        let start = || scope.spawn(|| open(&folder, &address).unwrap().noise_key().unwrap());
        let copies = [0; 6].map(|_| start());
        copies.map(|copy| copy.join().unwrap()).to_vec()
    });
    assert!(keys.iter().all(|key| *key == keys[0]), "one secret of the installation");
}

/// What is read and written back within a transaction is nobody else's meanwhile.
#[test]
#[ignore = "needs a server: make test-postgres"]
fn copies_write_one_after_the_other() {
    let (folder, address) = fresh("after");
    let copies = [0; 3].map(|_| open(&folder, &address).unwrap());
    let count = |t: &dyn super::Transaction| t.one("SELECT number FROM revocation", &[], |row| row.get::<_, i64>(0));
    std::thread::scope(|scope| {
        for copy in copies.iter().chain(&copies) {
            scope.spawn(move || {
                for _ in 0..20 {
                    let more = copy.write(|t| t.execute("UPDATE revocation SET number = ?1", params![count(t)? + 1]));
                    assert_eq!(more.unwrap(), 1);
                }
            });
        }
    });
    assert_eq!(copies[0].read(count).unwrap(), 120);
}

#[test]
#[ignore = "needs a server: make test-postgres"]
fn half_a_change_is_none() {
    let (folder, address) = fresh("half");
    let database = open(&folder, &address).unwrap();
    let failed = database.write(|t| {
        t.execute("UPDATE revocation SET number = 7", &[])?;
        // even where the failure is overlooked
        let _ = t.execute("UPDATE revocation SET one = 2", &[]);
        Ok(())
    });
    assert!(matches!(failed, Err(DatabaseError::Server { .. })), "{failed:?}");
    assert_eq!(database.revocations().unwrap(), 0);
}

/// The server was restarted, or a firewall has forgotten.
#[test]
#[ignore = "needs a server: make test-postgres"]
fn connections_that_have_ended_are_replaced() {
    let (folder, address) = fresh("ended");
    let (database, other) = (open(&folder, &address).unwrap(), Database::open(folder.path()).unwrap());
    database.save_link("?zone=1", 0).unwrap();
    let (name, _) = address.rsplit_once('&').unwrap();
    let name = name.rsplit_once("%3D").unwrap().1;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = ?1";
    let ended: i64 = other.read(|t| t.one(end, params![name], |row| row.get(0))).unwrap();
    assert!(ended > 0);
    assert!(matches!(database.save_link("?zone=1", 1).unwrap(), Saved::Known(_)));
}

#[test]
#[ignore = "needs a server: make test-postgres"]
fn a_database_that_is_not_ours_or_of_a_later_program_is_left_as_it_is() {
    let (folder, address) = fresh("other");
    let database = open(&folder, &address).unwrap();
    database.write(|t| t.execute("UPDATE shigu_schema SET version = 999", &[])).unwrap();
    assert!(matches!(open(&folder, &address), Err(DatabaseError::Newer { found: 999, .. })));
    database.write(|t| t.execute("DROP TABLE shigu_schema", &[])).unwrap();
    assert!(matches!(open(&folder, &address), Err(DatabaseError::Foreign(_))));
    // an empty database beside a folder that has a state
    let (folder, address) = fresh("lost");
    std::fs::write(folder.path().join(super::FILE), "a state").unwrap();
    assert!(matches!(open(&folder, &address), Err(DatabaseError::Lost { .. })));
    for (address, says) in [("postgres://shigu@127.0.0.1:1/x", "127.0.0.1"), ("no address", "")] {
        let error = open(&folder, address).unwrap_err();
        assert!(error.text().en.contains(says) && !error.text().zh.is_empty(), "{error}");
    }
    let secret = open(&folder, "postgres://shigu:geheim@127.0.0.1:1/x").unwrap_err();
    assert!(!format!("{secret:?} {secret} {}", secret.text().en).contains("geheim"), "{secret:?}");
}

/// Cities of one database, and two ids that nobody has.
fn cities(name: &str) -> (TempDir, String, [String; 2]) {
    let (folder, address) = fresh(name);
    let unique = folder.path().file_name().unwrap().to_string_lossy().to_lowercase().replace('.', "-");
    (folder, address, ["a", "b"].map(|id| format!("{id}{unique}")))
}

fn copy_of(folder: &TempDir, address: &str) -> CityFolders {
    CityFolders::new(folder.path(), Some(address), None, |_| Vec::new()).unwrap_or_else(|e| panic!("{}", e.text().en))
}

/// Connections are shared, tables are not.
#[test]
#[ignore = "needs a server: make test-postgres"]
fn cities_share_connections_and_nothing_else() {
    let (folder, address, ids) = cities("share");
    let copies = [0; 2].map(|_| copy_of(&folder, &address));
    let open = |copy: &CityFolders, id: &String| Database::open(copy.city(id).unwrap()).unwrap();
    let each: Vec<[Database; 2]> = copies.iter().map(|copy| [0, 1].map(|n| open(copy, &ids[n]))).collect();
    let count = |t: &dyn super::Transaction| t.one("SELECT number FROM revocation", &[], |row| row.get::<_, i64>(0));
    std::thread::scope(|scope| {
        for (n, database) in each.iter().chain(&each).chain(&each).flat_map(|of| of.iter().enumerate()) {
            scope.spawn(move || {
                for _ in 0..10 {
                    let more = database
                        .write(|t| t.execute("UPDATE revocation SET number = ?1", params![count(t)? + 1 + n as i64]));
                    assert_eq!(more.unwrap(), 1);
                }
            });
        }
    });
    let found = each.iter().map(|of| [0, 1].map(|n| of[n].read(count).unwrap()));
    assert_eq!(found.collect::<Vec<_>>(), [[60, 120]; 2]);
    assert_ne!(each[0][0].noise_key().unwrap(), each[0][1].noise_key().unwrap(), "each has secrets of its own");
    assert!(matches!(each[0][0].save_link("?zone=1", 0).unwrap(), Saved::New(_)));
    assert!(matches!(each[1][1].save_link("?zone=1", 0).unwrap(), Saved::New(_)), "nobody saved it there");
    assert!(matches!(each[1][0].save_link("?zone=1", 0).unwrap(), Saved::Known(_)));
    // all connections of a copy, and the one that hears the news
    let name = address.rsplit_once("application_name=").unwrap().1;
    let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = ?1";
    let open: i64 = each[0][0].read(|t| t.one(open, params![name], |row| row.get(0))).unwrap();
    assert!(open <= 2 * (16 + 1), "{open}");
    // an id that is no name in a database
    let long = "a".repeat(60);
    assert!(copies[0].city(&long).unwrap_err().to_string().contains(&long));
}

/// Those who write in one city and wait for one another leave connections to the others.
#[test]
#[ignore = "needs a server: make test-postgres"]
fn writers_of_one_city_keep_no_other_waiting() {
    let (folder, address, ids) = cities("wait");
    let copy = copy_of(&folder, &address);
    let [a, b] = ids.map(|id| Database::open(copy.city(&id).unwrap()).unwrap());
    let (go, gone) = mpsc::channel::<()>();
    let (begun, begins) = mpsc::channel();
    std::thread::scope(|scope| {
        // dropped where this fails, so that nobody waits for it
        let go = go;
        let (holding, begun) = (&a, begun.clone());
        scope.spawn(move || {
            // on a loaded machine the server may end it
            let _ = holding.write(|_| {
                begun.send(()).unwrap();
                let _ = gone.recv();
                Ok(())
            });
        });
        begins.recv().unwrap();
        let waiting: Vec<_> = (0..40)
            .map(|n| {
                scope.spawn({
                    let a = &a;
                    move || a.save_link(&format!("?zone={n}"), 0)
                })
            })
            .collect();
        // they wait as long as this takes, and longer; where all connections were theirs, this would wait for them
        b.save_link("?zone=1", 0).unwrap();
        b.read(|t| t.one("SELECT count(*) FROM link", &[], |row| row.get::<_, i64>(0))).unwrap();
        assert!(waiting.iter().all(|one| !one.is_finished()));
        go.send(()).unwrap();
        waiting.into_iter().for_each(|one| drop(one.join().unwrap()));
    });
}

/// What is left for answers over cities is in the schema of each, and goes with it.
#[test]
#[ignore = "needs a server: make test-postgres"]
fn a_schema_that_is_dropped_takes_what_is_its_own() {
    let (folder, address, ids) = cities("drop");
    let (copy, other) = (copy_of(&folder, &address), copy_of(&folder, &address));
    let [a, b] = ids.clone().map(|id| copy.city(&id).unwrap());
    let [of_a, of_b] = [&a, &b].map(|folder| folder.shared().unwrap().unwrap());
    of_a.leave(0, &[("sums", b"of a".to_vec()), ("more", b"x".to_vec())]).unwrap();
    of_b.leave(3, &[("sums", b"of b".to_vec())]).unwrap();
    of_b.leave(2, &[("sums", b"of b before".to_vec())]).unwrap();
    // of this version or a later one
    assert_eq!([2, 3, 4].map(|n| of_b.left(n, "sums").unwrap().is_some()), [true, true, false]);
    let left = |ids: &[String]| {
        let left = other.left("sums", &ids.iter().cloned().collect()).unwrap();
        left.into_values().map(|bytes| String::from_utf8(bytes).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((left(&ids), left(&ids[1..])), (vec!["of a".to_owned(), "of b".to_owned()], vec!["of b".to_owned()]));
    let sql = format!("DROP SCHEMA \"city_{}\" CASCADE", ids[0]);
    of_b.write(|t| t.execute(&sql, &[])).unwrap();
    for _ in 0..20 {
        assert!(of_a.save_link("?zone=1", 0).is_err() && of_a.noise_key().is_err());
        of_b.save_link("?zone=1", 0).unwrap();
    }
    assert_eq!(left(&ids), ["of b"]);
    // loaded again it begins anew
    let again = Database::open(other.city(&ids[0]).unwrap()).unwrap();
    assert!(matches!(again.save_link("?zone=1", 0).unwrap(), Saved::New(_)));
}

/// One connection of a copy hears of versions in all cities.
#[test]
#[ignore = "needs a server: make test-postgres"]
fn copies_hear_of_a_version_in_the_city_where_it_is() {
    let (folder, address, ids) = cities("news");
    let (copy, other) = (copy_of(&folder, &address), copy_of(&folder, &address));
    let [a, b] = ids.clone().map(|id| Database::open(copy.city(&id).unwrap()).unwrap());
    let writer = Database::open(other.city(&ids[0]).unwrap()).unwrap();
    let insert = "INSERT INTO version (number, created, actor, note, kind, features, new, changed, moved, removed, unchanged, left_out, \
         revision, bytes, kept, edited) VALUES (?1, 0, '', '', 'import', 0, 0, 0, 0, 0, 0, 0, '', 0, 1, 0)";
    let (now, second) = (crate::service::clock::running, std::time::Duration::from_secs(1));
    let until = |what: &dyn Fn() -> bool, end: std::time::Duration| {
        while now() < end {
            if what() {
                return true;
            }
            std::thread::sleep(second / 200);
        }
        false
    };
    // a look finds everything every two seconds: what is heard comes before. The connection may just be about to come about.
    let heard = (1..20).any(|n| {
        assert!(until(&|| a.has_news(), now() + 10 * second));
        let looked = now();
        if a.has_news() {
            std::thread::sleep(second / 2);
            return false;
        }
        writer.write(|t| t.execute(insert, params![n])).unwrap();
        until(&|| a.has_news() && now() < looked + 3 * second / 2, looked + 3 * second / 2)
    });
    assert!(heard);
    // nothing was heard of the other, which looks now and then all the same
    let looks = (0..100).filter(|_| {
        std::thread::sleep(second / 100);
        b.has_news()
    });
    assert!(looks.count() < 50);
}
