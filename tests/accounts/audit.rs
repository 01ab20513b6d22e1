//! What leaves is written down by the rows that left, whatever the route; the same again is counted.

use super::World;
use serde_json::{Value, json};

/// Method, address, body, kind of the event, and how many rows a body holds.
type Case<'a> = (&'a str, &'a str, Value, &'a str, &'a dyn Fn(&[u8]) -> usize);

struct Log {
    world: World,
    editor: String,
    viewer: String,
}

impl Log {
    async fn new() -> Self {
        let world = World::new(true).await;
        let editor = world.account("e", "editor", Value::Null).await;
        let viewer = world.account("v", "viewer", Value::Null).await;
        Self { world, editor, viewer }
    }

    /// The latest event as its kind, what it says, how often and how many rows.
    async fn latest(&self) -> (String, String, u64, u64) {
        let log = self.world.get("/audit?limit=1", &self.world.administrator).await.json();
        let event = &log["events"][0];
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        (text("what"), text("detail"), event["times"].as_u64().unwrap(), event["rows"].as_u64().unwrap())
    }

    /// What a reader took of a kind, by the administrator's view.
    async fn usage(&self, name: &str, kind: &str) -> u64 {
        let list = self.world.get("/audit/usage", &self.world.administrator).await.json();
        let rows = list["usage"].as_array().unwrap().clone();
        rows.iter().filter(|u| u["name"] == name && u["kind"] == kind).map(|u| u["count"].as_u64().unwrap()).sum()
    }
}

#[tokio::test]
async fn rows_that_leave_are_written_down_whatever_the_route() {
    let log = Log::new().await;
    let (world, editor) = (&log.world, &log.editor);
    let features = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["features"].as_array().unwrap().len();
    let lines = |body: &[u8]| String::from_utf8_lossy(body).lines().count() - 1;
    let one = |_: &[u8]| 1;
    let area = json!({"circle": {"center": [120.2, 30.2], "radius_m": 2000.0}});
    let first = world.get("/collections/enterprises/items?limit=1", editor).await.json()["features"][0]["id"].clone();
    let feature = format!("/collections/enterprises/items/{}", first.as_str().unwrap());
    let count: [Case; 7] = [
        ("GET", "/collections/enterprises/items?zone=330108&limit=7", Value::Null, "rows", &features),
        ("GET", &feature, Value::Null, "rows", &one),
        ("POST", "/collections/enterprises/search?limit=5", area.clone(), "rows", &features),
        ("GET", "/collections/enterprises/items?zone=330108&f=csv", Value::Null, "export", &lines),
        ("GET", "/collections/enterprises/items?zone=330108&f=geojsonseq&limit=9", Value::Null, "export", &|b| {
            lines(b) + 1
        }),
        ("GET", "/report/330108?format=csv", Value::Null, "export", &lines),
        ("POST", "/report?format=geojson", area.clone(), "export", &features),
    ];
    for (method, uri, body, kind, counted) in count {
        let before = log.usage("e", "rows").await;
        let answer = world.send(method, uri, editor, &body).await;
        assert_eq!(answer.status, 200, "{uri}");
        let expected = counted(&answer.body) as u64;
        assert!(expected > 0, "{uri}");
        let (what, detail, times, rows) = log.latest().await;
        assert_eq!((what.as_str(), times, rows), (kind, 1, expected), "{uri}");
        assert!(uri.starts_with(detail.split('?').next().unwrap()), "{uri}: {detail}");
        assert_eq!(log.usage("e", "rows").await - before, expected, "{uri}");
        if method == "POST" {
            assert!(detail.contains("120.2"), "the question stands there: {detail}");
        }
    }
    // nothing of the register leaves with these
    let (before, event) = (log.usage("e", "rows").await, log.latest().await);
    for uri in ["/collections/districts/items", "/summary", "/zones", "/report/330108?format=svg", "/dataset"] {
        assert_eq!(world.get(uri, editor).await.status, 200, "{uri}");
    }
    assert_eq!(log.usage("e", "rows").await, before);
    assert_eq!((log.latest().await.0, event.0), ("export".to_owned(), "export".to_owned()));
    // pictures of the register in which single rows have restricted values
    assert_eq!(world.get("/xyz/enterprises/13/6829/3370.mvt", editor).await.status.as_u16(), 200);
    assert_eq!((log.usage("e", "tiles").await, log.usage("v", "tiles").await), (1, 0));
}

#[tokio::test]
async fn pages_of_a_question_are_one_event_and_rows_without_restricted_values_count_when_they_are_many() {
    let log = Log::new().await;
    let page = |offset: usize| format!("/collections/enterprises/items?zone=330108&limit=10&offset={offset}");
    for offset in [0, 10, 20, 20] {
        assert_eq!(log.world.get(&page(offset), &log.editor).await.status, 200);
    }
    let one = ("rows".to_owned(), "/collections/enterprises/items?zone=330108".to_owned(), 4, 40);
    assert_eq!(log.latest().await, one);
    // a viewer, and who has no account
    for (reader, name) in [(log.viewer.as_str(), "v"), ("", "anyone 127.0.0.1")] {
        let before = log.latest().await;
        let few = log.world.get("/collections/enterprises/items?limit=999", reader).await;
        assert_eq!(few.status, 200);
        assert_eq!(log.latest().await, before, "{name}: no event");
        assert_eq!(log.usage(name, "rows").await, 999, "but it is counted");
        assert_eq!(log.world.get("/collections/enterprises/items?limit=1000", reader).await.status, 200);
        assert_eq!(
            log.latest().await,
            ("rows".to_owned(), "/collections/enterprises/items".to_owned(), 1, 1000),
            "{name}"
        );
        assert_eq!(log.usage(name, "rows").await, 1999, "{name}");
    }
}

/// Different questions whose sums are protected stand in the usage of a reader; those of editors are not protected.
#[tokio::test]
async fn questions_whose_sums_are_protected_are_counted_by_reader() {
    let log = Log::new().await;
    let world = &log.world;
    for filter in ["founded%20%3E%202000", "founded%20%3E%202001", "founded%20%3E%202000"] {
        for who in [&log.viewer, &log.editor] {
            assert_eq!(world.get(&format!("/summary?filter={filter}"), who).await.status, 200);
        }
    }
    assert_eq!(world.get("/summary?zone=330108", &log.viewer).await.status, 200);
    assert_eq!((log.usage("v", "protected-questions").await, log.usage("e", "protected-questions").await), (2, 0));
}
