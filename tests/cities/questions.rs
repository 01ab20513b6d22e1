//! Questions over the rows of all cities without the true engine: who may ask what, what an engine is given, and what becomes of engines
//! that fail. The engines here are scripts that obey the protocol as far as the case needs it, and one that notes what it is asked.

use super::{Made, World, text};
use crate::common::eventually;
use crate::common::service::{Answer, Service};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use shigu::http::Peer;
use shigu::service::cities::questions::{EngineError, EngineGroup, EngineProgram, EngineQuestion, NationalEngine};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// Notes what it is asked, and answers with one group.
#[derive(Debug, Default)]
struct Noted(Mutex<Vec<EngineQuestion>>);

impl NationalEngine for Noted {
    fn answer(&self, question: &EngineQuestion, read: &dyn Fn(u64)) -> Result<Vec<EngineGroup>, EngineError> {
        read(3);
        self.0.lock().unwrap().push(question.clone());
        let figures = question.figures.iter().map(|_| (0, None)).collect();
        Ok(vec![EngineGroup { of: question.by.iter().map(|_| None).collect(), rows: 0, figures }])
    }
}

/// A service of two cities that are loaded, with an engine.
async fn world(engine: Arc<dyn NationalEngine>, made: Made) -> World {
    let world = World::new(
        &[("east", "orchards"), ("west", "orchards"), ("port", "quayside")],
        Made { engine: Some(engine), ..made },
    );
    for city in ["east", "west", "port"] {
        assert!(world.get(&format!("/cities/{city}/conformance")).await.status.is_success());
    }
    world
}

/// A program of one script.
fn script(folder: &Path, lines: &str) -> EngineProgram {
    let path = folder.join("engine");
    fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    EngineProgram::at(path)
}

async fn ask(service: &Service, body: &Value) -> Answer {
    service.send_as("POST", "/cities/questions", "", body).await
}

/// A request from another machine.
async fn elsewhere(service: &Service, method: &str, uri: &str, body: &Value) -> Answer {
    let request = Request::builder().method(method).uri(uri).header("host", "shigu.test");
    let mut request = request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
    request.extensions_mut().insert(Peer("10.1.2.3".parse().unwrap()));
    service.send(request).await
}

/// What a question has become in the end.
pub(super) async fn ended(service: &Service, taken: &Answer) -> Value {
    assert_eq!(taken.status, 202, "{}", taken.json());
    let location = taken.header("location").to_owned();
    let path = location[location.find("/cities/").unwrap()..].to_owned();
    loop {
        let now = service.json(&path).await;
        if !["waiting", "running"].contains(&now["state"].as_str().unwrap()) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_name_what_every_city_gives_row_by_row_and_nothing_else() {
    let noted = Arc::new(Noted::default());
    let world = world(noted.clone(), Made::of_owner()).await;
    let restricted = [
        json!({"figures": [{"metric": "sales", "statistic": "sum"}]}),
        json!({"cities": ["east"], "by": ["zone"], "figures": [{"metric": "hands", "statistic": "sum"}, {"metric": "sales", "statistic": "median"}]}),
        json!({"filter": "sales_2024q3 > 80"}),
        json!({"filter": "NOT (hands_2024q3 > 2 OR sales_2024q3 IS NULL)", "by": ["city"]}),
        json!({"filter": {"op": "in", "args": [{"property": "sales_2022q3"}, [42.72, 1]]}}),
    ];
    for body in &restricted {
        let refused = elsewhere(&world.service, "POST", "/cities/questions", body).await;
        assert_eq!((refused.status.as_u16(), text(&refused.json()["code"])), (403, "restricted".into()), "{body}");
        assert!(
            text(&refused.json()["detail"]).contains("sales") && text(&refused.json()["detail_en"]).contains("sales")
        );
    }
    assert!(noted.0.lock().unwrap().is_empty(), "an engine was asked for what may not leave");
    let open = json!({"filter": "parish = 'V1' AND hands_2024q3 BETWEEN 2 AND 9", "by": ["class", "zone"],
        "figures": [{"metric": "hands", "statistic": "median"}, {"metric": "land", "statistic": "sum"}]});
    let taken = elsewhere(&world.service, "POST", "/cities/questions", &open).await;
    assert_eq!(taken.status, 202, "{}", taken.json());
    eventually("the engine is asked", || !noted.0.lock().unwrap().is_empty());
    let asked = noted.0.lock().unwrap()[0].clone();
    assert_eq!(asked.files.iter().map(|f| f.city.as_str()).collect::<Vec<_>>(), ["east", "west"]);
    for file in &asked.files {
        assert_eq!(file.columns, ["hands_2024q3", "land_2023"]);
        assert!(!serde_json::to_string(file).unwrap().contains("sales"), "{file:?}");
    }
    // the owner asks for all of it, and nobody else sees what the owner has asked
    for body in &restricted {
        let taken = ask(&world.service, body).await;
        let path = format!("/cities/questions/{}", text(&taken.json()["id"]));
        assert_eq!(taken.status, 202, "{}", taken.json());
        for method in ["GET", "DELETE"] {
            assert_eq!(elsewhere(&world.service, method, &path, &Value::Null).await.status, 404);
        }
        assert_eq!(world.get(&path).await.status, 200);
    }
    // a page of another origin asks nothing
    let request =
        Request::post("/cities/questions").header("origin", "https://else.test").header("host", "localhost:8080");
    let request = request.header("content-type", "application/json").body(Body::from("{}")).unwrap();
    assert_eq!(world.service.send(request).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_and_what_a_city_lacks_is_said() {
    let noted = Arc::new(Noted::default());
    let world = world(noted.clone(), Made::of_owner()).await;
    let sum = |metric: &str| json!([{"metric": metric, "statistic": "sum"}]);
    for (body, status) in [
        (json!({"limit": 0}), 400),
        (json!({"limit": 10_001}), 400),
        (json!({"x": 1}), 400),
        (json!({"cities": ["nowhere"]}), 400),
        (json!({"figures": sum("nothing")}), 400),
        (json!({"order": {"figure": 0}}), 400),
        (json!({"filter": "nothing = 1"}), 400),
        (json!({"filter": "hands_2024q3 = 'x'"}), 400),
        (json!({"filter": "hands_2024q3 >"}), 400),
        (json!({"filter": {"label": "x"}}), 400),
        (json!({"filter": "CASEI(label) = 'x'"}), 400),
        (json!({"filter": "label LIKE 'x%'"}), 400),
        (json!({"filter": "S_INTERSECTS(geometry, POINT(0 0))"}), 400),
        (json!({"filter": "id = 'R001'"}), 400),
        (json!({"by": ["street"]}), 400),
    ] {
        let refused = ask(&world.service, &body).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.json());
        assert!(refused.header("content-type").contains("problem+json"));
    }
    assert!(noted.0.lock().unwrap().is_empty());
    for (body, lacking) in [
        (json!({"figures": sum("crew")}), json!({"east": "figure", "west": "figure"})),
        (json!({"filter": "quay = 'K1'"}), json!({"east": "filter", "west": "filter"})),
        (json!({"period": "2024Q3"}), json!({"port": "period"})),
        (json!({"by": ["zone"], "level": "parish"}), Value::Null),
    ] {
        let done = ended(&world.service, &ask(&world.service, &body).await).await;
        assert!(lacking.is_null() || done["result"]["lacking"] == lacking, "{body}: {done}");
    }
    // a city that was never loaded is unknown
    let fresh = World::new(&[("east", "orchards")], Made { engine: Some(noted), ..Made::of_owner() });
    let done = ended(&fresh.service, &ask(&fresh.service, &json!({})).await).await;
    assert_eq!((&done["result"]["unknown"], &done["result"]["groups"]), (&json!(["east"]), &json!([])), "{done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_fails_is_a_failed_question_and_the_next_is_asked() {
    let folder = TempDir::new().unwrap();
    let group = r#"{"group":{"of":["east"],"rows":1,"figures":[]}}"#;
    for (name, lines) in [
        ("killed", "cat > /dev/null; echo '{\"progress\":1}'; kill -9 $$".to_owned()),
        ("ends", "cat > /dev/null; exit 0".to_owned()),
        ("never reads", "exit 3".to_owned()),
        ("no JSON", "cat > /dev/null; echo nonsense; sleep 60".to_owned()),
        ("another line", "cat > /dev/null; echo '{\"what\":1}'; sleep 60".to_owned()),
        ("a line without end", "cat > /dev/null; yes x | tr -d '\\n'".to_owned()),
        ("an error", "cat > /dev/null; echo '{\"error\":\"no\"}'".to_owned()),
        ("too few groups", format!("cat > /dev/null; echo '{group}'; echo '{{\"done\":2}}'")),
        ("a group twice", format!("cat > /dev/null; echo '{group}'; echo '{group}'; echo '{{\"done\":2}}'")),
        ("too many groups", format!("cat > /dev/null; for i in 1 2 3 4; do echo '{group}'; done; echo '{{\"done\":4}}'")),
        ("an unknown city", "cat > /dev/null; echo '{\"group\":{\"of\":[\"x\"],\"rows\":1,\"figures\":[]}}'; echo '{\"done\":1}'".to_owned()),
        ("more rows than there are", "cat > /dev/null; echo '{\"group\":{\"of\":[\"east\"],\"rows\":999,\"figures\":[]}}'; echo '{\"done\":1}'".to_owned()),
        ("figures that nobody asked for", "cat > /dev/null; echo '{\"group\":{\"of\":[\"east\"],\"rows\":1,\"figures\":[[1,\"2\"]]}}'; echo '{\"done\":1}'".to_owned()),
    ] {
        let world = world(Arc::new(script(folder.path(), &lines)), Made::of_owner()).await;
        let body = json!({"by": ["city"], "limit": 2});
        for _ in 0..2 {
            let done = ended(&world.service, &ask(&world.service, &body).await).await;
            assert_eq!((&done["state"], &done["result"]), (&json!("failed"), &Value::Null), "{name}: {done}");
            assert!(["zh", "en"].iter().all(|lang| !text(&done["failure"][lang]).is_empty()), "{name}");
            let file = world.get(&format!("/cities/questions/{}?f=csv", text(&done["id"]))).await;
            assert_eq!(file.status, 409);
        }
    }
    let missing = EngineProgram::at(folder.path().join("missing"));
    let world = world(Arc::new(missing), Made::of_owner()).await;
    assert_eq!(ended(&world.service, &ask(&world.service, &json!({})).await).await["state"], "failed");
    let slow = Arc::new(script(folder.path(), "sleep 60").within(Duration::from_millis(100)));
    let world = self::world(slow, Made::of_owner()).await;
    assert_eq!(ended(&world.service, &ask(&world.service, &json!({})).await).await["state"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_cancelled_ends_its_engine_and_few_wait() {
    let folder = TempDir::new().unwrap();
    let pid = folder.path().join("pid");
    let engine = script(
        folder.path(),
        &format!("cat > /dev/null; echo '{{\"progress\":7}}'; echo $$ > {}; exec sleep 600", pid.display()),
    );
    let world = world(Arc::new(engine), Made::of_owner()).await;
    let first = ask(&world.service, &json!({})).await;
    let path = |taken: &Answer| format!("/cities/questions/{}", text(&taken.json()["id"]));
    eventually("the engine begins", || fs::read_to_string(&pid).is_ok_and(|pid| pid.ends_with('\n')));
    loop {
        let now = world.service.json(&path(&first)).await;
        if now["progress"]["rows"] == 7 {
            assert_eq!((&now["state"], &now["progress"]["of"]), (&json!("running"), &json!(168)));
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let process = format!("/proc/{}", fs::read_to_string(&pid).unwrap().trim());
    assert!(Path::new(&process).exists());
    let mut waiting = Vec::new();
    let busy = loop {
        let next = ask(&world.service, &json!({})).await;
        if next.status != 202 {
            break next;
        }
        waiting.push(path(&next));
    };
    assert_eq!(
        (waiting.len(), busy.status.as_u16(), text(&busy.json()["code"])),
        (15, 503, "too-many-questions".into())
    );
    assert!(!busy.header("retry-after").is_empty());
    for path in waiting.iter().chain([&path(&first)]) {
        assert_eq!(world.send("DELETE", path, "", &Value::Null).await.status, 204);
        assert_eq!(world.service.json(path).await["state"], "cancelled");
    }
    eventually("the engine ends", || !Path::new(&process).exists());
    // one that has ended is forgotten
    assert_eq!(world.send("DELETE", &waiting[0], "", &Value::Null).await.status, 204);
    assert_eq!(world.get(&waiting[0]).await.status, 404);
    // readers leave half of the places to the owner
    let mut taken = Vec::new();
    loop {
        let next = elsewhere(&world.service, "POST", "/cities/questions", &json!({})).await;
        if next.status != 202 {
            break;
        }
        taken.push(path(&next));
    }
    let of_owner = ask(&world.service, &json!({})).await;
    assert_eq!((taken.len(), of_owner.status.as_u16()), (8, 202));
    // the runtime waits for what is under way
    for path in taken.iter().rev().chain([&path(&of_owner)]) {
        assert_eq!(world.send("DELETE", path, "", &Value::Null).await.status, 204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_engine_it_is_said_how_to_have_one_and_with_accounts_who_may_ask() {
    let world = World::foreign(Made::of_owner());
    for answer in [ask(&world.service, &json!({})).await, world.get("/cities/questions/x").await] {
        assert_eq!((answer.status.as_u16(), text(&answer.json()["code"])), (501, "no-engine".into()));
        assert!(text(&answer.json()["detail_en"]).contains("make datafusion"));
    }
    let noted: Arc<dyn NationalEngine> = Arc::new(Noted::default());
    let closed = World::foreign(Made { engine: Some(noted.clone()), ..Made::with_accounts(false) });
    for answer in [ask(&closed.service, &json!({})).await, closed.get("/cities/questions/x").await] {
        assert_eq!(answer.status, 401);
    }
    let open = World::foreign(Made { engine: Some(noted), ..Made::with_accounts(true) });
    assert_eq!(ask(&open.service, &json!({})).await.status, 202);
}

/// The files are the owner's alone, of these data, removed when nobody has them, and never believed when they are damaged.
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_kept_of_these_data_and_not_believed_when_damaged() {
    let noted = Arc::new(Noted::default());
    let world = world(noted.clone(), Made::of_owner()).await;
    let rows = world.data.path().join("rows");
    let files = || {
        let mut all: Vec<_> = fs::read_dir(&rows).unwrap().map(|e| e.unwrap().path()).collect();
        all.sort();
        all
    };
    assert!(files().is_empty(), "nobody has asked");
    let done = ended(&world.service, &ask(&world.service, &json!({})).await).await;
    assert_eq!(done["result"]["cities"].as_object().unwrap().len(), 3);
    assert_eq!(files().len(), 6);
    for file in files() {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
    // what no program of this version has written is removed; what it has is there without loading a city
    fs::write(rows.join("left.parquet"), "x").unwrap();
    let other = rows.join("west.json");
    fs::write(&other, fs::read_to_string(&other).unwrap().replacen("\"form\":1", "\"form\":0", 1)).unwrap();
    let world = world.again(Made { engine: Some(noted.clone()), ..Made::of_owner() });
    assert_eq!(files().len(), 4);
    let done = ended(&world.service, &ask(&world.service, &json!({})).await).await;
    assert_eq!(done["result"]["unknown"], json!(["west"]), "{done}");
    assert_eq!(done["result"]["cities"].as_object().unwrap().keys().collect::<Vec<_>>(), ["east", "port"]);
    // one byte of a file is another
    let east = files()
        .into_iter()
        .find(|f| f.to_string_lossy().contains("/east.") && f.extension().unwrap() == "parquet")
        .unwrap();
    let mut bytes = fs::read(&east).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::write(&east, bytes).unwrap();
    let done = ended(&world.service, &ask(&world.service, &json!({})).await).await;
    assert_eq!(done["result"]["lacking"], json!({"east": "damaged"}), "{done}");
    let asked: Vec<String> = noted.0.lock().unwrap().last().unwrap().files.iter().map(|f| f.city.clone()).collect();
    assert_eq!(asked, ["port"]);
}
