//! How figures over all cities are kept: they outlast the program, follow the data, and what is damaged is left out until it is made
//! again.

use super::{Made, World, put};
use rusqlite::Connection;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use shigu::service::cities::Aggregates;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn readers() -> Made {
    Made { disclosure: Disclosure::Aggregates, ..Made::of_owner() }
}

async fn world() -> World {
    let world = World::new(&[("a", "twolevel"), ("b", "twolevel")], readers());
    for id in ["a", "b"] {
        assert_eq!(world.get(&format!("/cities/{id}/conformance")).await.status, 200);
    }
    assert_eq!(unknown(&world).await, json!([]));
    world.app.cities().close();
    world
}

async fn unknown(world: &World) -> Value {
    world.service.json("/cities/zones").await["unknown"].clone()
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("aggregates.sqlite3")
}

#[tokio::test]
async fn what_is_damaged_is_left_out_and_made_again() {
    let world = world().await;
    let before = world.service.json("/cities/zones").await;
    let tile = world.get("/cities/tiles/0/0/0.mvt").await.body;
    let mut world = world;
    for (table, uri) in [("figures", "/cities/zones"), ("cells", "/cities/tiles/0/0/0.mvt"), ("city", "/cities/zones")]
    {
        world = world.again(readers());
        assert_eq!(world.service.json("/cities/zones").await, before, "kept");
        assert!(world.ready().await.is_empty());
        // a bit of every row of the second city, behind the program's back
        let column = if table == "city" { "about" } else { "body" };
        let connection = Connection::open(file(world.data.path())).unwrap();
        let of = if table == "city" { "id = 'b'" } else { "city = (SELECT number FROM city WHERE id = 'b')" };
        let bodies: Vec<Vec<u8>> = connection
            .prepare(&format!("SELECT {column} FROM {table} WHERE {of}"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(!bodies.is_empty());
        for mut body in bodies {
            let old = body.clone();
            body[0] ^= 1;
            let sql = format!("UPDATE {table} SET {column} = ?1 WHERE {column} = ?2 AND {of}");
            connection.execute(&sql, [&body, &old]).unwrap();
        }
        connection.execute("UPDATE change SET number = number + 1", []).unwrap();
        drop(connection);
        let answer = world.get(uri).await;
        assert!(answer.status.is_success(), "{table}");
        assert_eq!(unknown(&world).await, json!(["b"]), "{table}");
        // it says it again when it is loaded
        assert_eq!(world.get("/cities/b/conformance").await.status, 200);
        assert_eq!(world.service.json("/cities/zones").await, before, "{table}");
        assert_eq!(world.get("/cities/tiles/0/0/0.mvt").await.body, tile, "{table}");
    }
    // rows of one place put into another are not believed either
    let connection = Connection::open(file(world.data.path())).unwrap();
    let swap = "UPDATE figures SET body = (SELECT body FROM figures AS o WHERE o.city = figures.city AND o.level = figures.level AND o.period = '2023' AND o.class = figures.class) WHERE period = ''";
    assert!(connection.execute(swap, []).unwrap() > 0);
    drop(connection);
    let moved = world.service.json("/cities/zones").await;
    assert!(moved["unknown"].as_array().unwrap().contains(&json!("a")), "{moved}");
}

#[tokio::test]
async fn a_file_that_is_none_is_set_aside() {
    for spoilt in [b"no database at all, but text that is long enough to be one".repeat(40), {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("of-others");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x); PRAGMA application_id = 7;").unwrap();
        fs::read(path).unwrap()
    }] {
        let world = world().await;
        let World { folder, data, service, app } = world;
        drop((service, app));
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{end}", file(data.path()).display()));
        }
        fs::write(file(data.path()), &spoilt).unwrap();
        let aggregates = Aggregates::open(Some(data.path())).unwrap();
        assert!(aggregates.cities().unwrap().is_empty());
        let aside = data.path().join("aggregates.sqlite3.aside");
        assert_eq!(fs::read(aside).unwrap(), spoilt, "nothing of others is lost");
        drop((aggregates, folder));
    }
}

#[tokio::test]
async fn figures_follow_the_data_and_the_cities() {
    let world = world().await;
    // other data at the same place: they are others when the city is loaded again
    put(world.folder.path(), "b", "quayside");
    let world = world.again(readers());
    assert_eq!(unknown(&world).await, json!([]), "as it was when it was loaded last");
    assert_eq!(world.get("/cities/b/conformance").await.status, 200);
    let zones = world.service.json("/cities/zones").await;
    let dataset = world.service.json("/cities/b/dataset").await;
    assert_eq!(zones["cities"][1]["row"]["en"], dataset["tables"][0]["row"]["en"]);
    let aggregates = Aggregates::open(Some(world.data.path())).unwrap();
    aggregates.retain(&BTreeSet::from(["a".to_owned()])).unwrap();
    assert_eq!(aggregates.cities().unwrap().keys().collect::<Vec<_>>(), ["a"]);
    // a loaded city whose figures are gone says them again
    assert_eq!(unknown(&world).await, json!([]));
}
