//! Data folders of earlier programs open; one of a later program is refused with the command that goes back to before it.

use crate::accounts::PASSWORD;
use crate::common::service::Service;
use crate::program::{shigu, text};
use axum::body::Body;
use axum::http::Request;
use rusqlite::Connection;
use serde_json::json;
use shigu::http::Authentication;
use shigu::service::store::Database;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The file's header says whose it is.
const APPLICATION: i32 = 0x5368_6775;

/// The steps of the schema, as the program takes them.
fn steps() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/service/store/schema");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A copy of a folder that the program of its time left (tests/data/kept/make.sh).
fn kept(schema: &str) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("data");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kept").join(schema), &folder);
    (dir, folder)
}

fn versions(folder: &Path) -> (bool, String) {
    let mut command = shigu();
    command.args(["versions", "--geodata", "tests/data/tinyville", "--data-dir", folder.to_str().unwrap()]);
    let out = command.output().unwrap();
    (out.status.success(), text(&out.stdout) + &text(&out.stderr))
}

#[test]
fn a_database_of_every_earlier_schema_is_brought_up_to_date_and_kept_as_it_was() {
    let steps = steps();
    for taken in 1..=steps.len() {
        let folder = TempDir::new().unwrap();
        let connection = Connection::open(folder.path().join("shigu.sqlite3")).unwrap();
        steps[..taken].iter().for_each(|sql| connection.execute_batch(sql).unwrap());
        connection.pragma_update(None, "application_id", APPLICATION).unwrap();
        connection.pragma_update(None, "user_version", taken as i64).unwrap();
        drop(connection);
        Database::open(folder.path()).unwrap_or_else(|e| panic!("schema {taken}: {}", e.text().en)).answers().unwrap();
        let before = folder.path().join(format!("shigu.before-{}.sqlite3", taken + 1));
        assert_eq!(before.is_file(), taken < steps.len(), "schema {taken}");
    }
}

#[tokio::test]
async fn what_was_kept_before_is_there_after() {
    let (_dir, folder) = kept("011");
    let service = Service::with_accounts("tests/data/tinyville", &folder, Authentication::default());
    let body = json!({"name": "管理员", "password": PASSWORD}).to_string();
    let request = Request::post("/session").header("content-type", "application/json");
    let entered = service.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(entered.status, 200, "{}", entered.json());
    let cookie = entered.header("set-cookie").split(';').next().unwrap().to_owned();
    let read = async |uri: &str| service.get_with(uri, &[("cookie", &cookie)]).await.json().to_string();
    assert!(read("/versions").await.contains("升级前的版本"));
    assert!(read("/collections/enterprises/items?limit=100").await.contains("测试一号"));
    assert!(read("/saved").await.contains("升级前的区域"));
    assert!(read("/audit").await.contains("管理员"));
    let (fine, listed) = versions(&folder);
    assert!(fine && listed.starts_with("* v1"), "{listed}");
}

#[test]
fn a_folder_of_a_later_program_is_refused_with_the_command_that_goes_back() {
    let (dir, folder) = kept("011");
    assert!(versions(&folder).0, "brought up to date");
    // what a later program does: it copies the file, takes another step, and publishes
    let (file, known) = (folder.join("shigu.sqlite3"), steps().len());
    let connection = Connection::open(&file).unwrap();
    let before = folder.join(format!("shigu.before-{}.sqlite3", known + 1));
    connection.execute("VACUUM INTO ?1", [before.to_str().unwrap()]).unwrap();
    connection
        .execute_batch("CREATE TABLE of_tomorrow (x INTEGER) STRICT; INSERT INTO of_tomorrow VALUES (7)")
        .unwrap();
    connection.pragma_update(None, "user_version", known as i64 + 1).unwrap();
    drop(connection);
    let content = fs::read(&file).unwrap();
    let (fine, said) = versions(&folder);
    assert!(!fine && said.contains("较新版本") && said.contains("later version"), "{said}");
    assert_eq!(fs::read(&file).unwrap(), content, "the file was changed");
    // both languages give the same command, and it does what it says
    let commands: Vec<&str> = said.lines().map(str::trim).filter(|line| line.starts_with("cp -a")).collect();
    assert!(commands.len() == 2 && commands[0] == commands[1], "{said}");
    assert!(Command::new("sh").args(["-c", commands[0]]).status().unwrap().success());
    let (fine, listed) = versions(&folder);
    assert!(fine && listed.starts_with("* v1"), "{listed}");
    assert!(!before.exists(), "the next upgrade makes a copy of its own");
    let newer = Connection::open(dir.path().join("data.newer/shigu.sqlite3")).unwrap();
    let kept: i64 = newer.query_row("SELECT x FROM of_tomorrow", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 7, "what was made since is kept aside");
    // without a copy there is nothing to go back to, and no command
    let alone = TempDir::new().unwrap();
    fs::write(alone.path().join("shigu.sqlite3"), content).unwrap();
    let (fine, said) = versions(alone.path());
    assert!(!fine && said.contains("later version") && !said.contains("cp -a"), "{said}");
}
