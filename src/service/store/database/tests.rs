//! The tests of the store beside a PostgreSQL server (`make test-postgres`): those of the other files run on it unchanged, those here ask what
//! only a server can do wrong.

use super::{DataFolder, Database, DatabaseError, params};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
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
    assert!(matches!(database.save_link("?zone=1", 1).unwrap(), crate::service::store::Saved::Known(_)));
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
