//! Two accounts make thirty changes of rows and features while the program is killed: after an answer, and with a request under way. What was
//! answered for is there when it starts again, and the data are in the end what a plain list of the changes says.

use serde_json::{Map, Value, json};
use shigu::service::store::Database;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

const PASSWORD: &str = "一个够长的口令 1234";

struct Service {
    child: Child,
    port: u16,
}

impl Service {
    fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shigu"));
        command.env("SHIGU_GEODATA", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville"));
        command.env("SHIGU_LOG", "warn").args(["serve", "--listen", "127.0.0.1:0", "--accounts"]);
        command.args(["--data-dir", data.to_str().unwrap()]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).and_then(|r| r.split_whitespace().next());
        Self { child, port: port.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap() }
    }

    /// Sends a request; HTTP/1.0, so the connection closes after the answer.
    fn send(&self, method: &str, path: &str, head: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\n{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        stream
    }

    fn ask(&self, method: &str, path: &str, head: &str, body: &str) -> (u16, String, Value) {
        let mut answer = Vec::new();
        self.send(method, path, head, body).read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let body = serde_json::from_slice(&answer[end + 4..]).unwrap_or(Value::Null);
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head, body)
    }

    /// The signal that no program can catch.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn session(head: &str) -> String {
    let cookie = head.lines().find_map(|l| l.strip_prefix("set-cookie: ")).expect("a session");
    cookie.split(';').next().unwrap().to_owned()
}

/// An account with its session and the draft that it has seen.
struct Editor {
    name: &'static str,
    cookie: String,
    tag: String,
}

impl Editor {
    fn new(service: &Service, administrator: &str, name: &'static str, role: &str) -> Self {
        let head = format!("Cookie: {administrator}\r\n");
        let (status, _, made) =
            service.ask("POST", "/accounts", &head, &json!({"name": name, "role": role}).to_string());
        assert_eq!(status, 201, "{made}");
        let token = made["link"].as_str().unwrap().split("claim=").nth(1).unwrap();
        let body = json!({"token": token, "password": PASSWORD}).to_string();
        let (_, head, _) = service.ask("POST", "/session/claim", "", &body);
        Self { name, cookie: session(&head), tag: "none".into() }
    }

    fn head(&self) -> String {
        format!("Cookie: {}\r\nIf-Match: \"{}\"\r\n", self.cookie, self.tag)
    }

    fn ask(&mut self, service: &Service, method: &str, rest: &str, body: &Value) -> (u16, Value) {
        let (path, body) = (format!("/drafts/{}{rest}", self.name), body.to_string());
        let (status, _, answer) = service.ask(method, &path, &self.head(), &body);
        if let Some(tag) = answer["tag"].as_str() {
            tag.clone_into(&mut self.tag);
        }
        (status, answer)
    }
}

/// One change, as a plain list has it.
#[derive(Clone, Debug)]
enum Change {
    Set(&'static str, &'static str, Value),
    Move(&'static str, [f64; 2]),
    Add(String, Value, [f64; 2]),
    Remove(&'static str),
    /// Of a feature of another collection: values, a geometry, or null that it goes.
    Feature(&'static str, &'static str, Value),
    /// A feature is added to a collection; the id is that which it gets.
    Draw(&'static str, &'static str, Value),
}

impl Change {
    fn request(&self) -> (String, Value) {
        let known = |id: &str, mut body: Value| {
            body["collection"] = json!("enterprises");
            body["id"] = json!(id);
            (format!("/changes/enterprises:{id}"), body)
        };
        match self {
            Self::Set(id, property, value) => known(id, json!({"values": {*property: value}})),
            Self::Move(id, at) => known(id, json!({"position": at})),
            Self::Remove(id) => known(id, json!({"remove": true})),
            Self::Feature(collection, id, body) => {
                let mut body = if body.is_null() { json!({"remove": true}) } else { body.clone() };
                (body["collection"], body["id"]) = (json!(collection), json!(id));
                (format!("/changes/{collection}:{id}"), body)
            }
            Self::Draw(collection, id, body) => {
                let mut body = body.clone();
                body["collection"] = json!(collection);
                (format!("/changes/{collection}+{id}"), body)
            }
            Self::Add(key, values, at) => {
                let body = json!({"collection": "enterprises", "values": values, "position": at});
                (format!("/changes/enterprises+{key}"), body)
            }
        }
    }

    fn apply(&self, rows: &mut BTreeMap<String, Value>) {
        match self {
            Self::Set(id, property, value) => rows.get_mut(*id).unwrap()["properties"][*property] = value.clone(),
            Self::Move(id, at) => rows.get_mut(*id).unwrap()["geometry"]["coordinates"] = json!(at),
            Self::Remove(id) => drop(rows.remove(*id).unwrap()),
            Self::Feature(collection, id, Value::Null) => drop(rows.remove(&format!("{collection}:{id}")).unwrap()),
            Self::Feature(collection, id, body) => {
                let row = rows.get_mut(&format!("{collection}:{id}")).unwrap();
                for (property, value) in body["values"].as_object().into_iter().flatten() {
                    row["properties"][property] = value.clone();
                }
                if !body["geometry"].is_null() {
                    row["geometry"] = body["geometry"].clone();
                }
            }
            Self::Draw(collection, id, body) => {
                let row = json!({"properties": body["values"], "geometry": body["geometry"]});
                rows.insert(format!("{collection}:{id}"), row);
            }
            Self::Add(_, values, at) => {
                let name = values["name"].as_str().unwrap().to_owned();
                rows.insert(name, json!({"properties": values, "geometry": {"type": "Point", "coordinates": at}}));
            }
        }
    }
}

/// Six changes of features: a line is reshaped, a point moved and named, one goes or is drawn, and one is changed again.
fn features(of: usize) -> Vec<Change> {
    let line = |y: f64| json!({"type": "LineString", "coordinates": [[120.02, y], [120.15, y + 0.01], [120.28, y]]});
    let square = json!({"type": "Polygon", "coordinates":
        [[[120.01, 30.01], [120.03, 30.01], [120.03, 30.03], [120.01, 30.03], [120.01, 30.01]]]});
    let drawn = json!({"name": "新园区", "name_en": "New park", "kind": "platform_area", "basis": "schematic",
        "confidence": 0.5, "source": "测试", "status": "planned", "zone_of": "P03"});
    let (axis, node) = [("axis", "node-P01"), ("belt", "node-P02")][of];
    vec![
        Change::Feature("layout", axis, json!({"geometry": line(30.05)})),
        Change::Feature("layout", node, json!({"values": {"name": "改名的节点", "valid_from": "2022-03-01"}})),
        [
            Change::Draw("platform-zones", "platform-zones-1", json!({"values": drawn, "geometry": square})),
            Change::Feature("lead-enterprises", "L02", Value::Null),
        ][of]
            .clone(),
        Change::Feature(
            "platforms",
            ["P01", "P02"][of],
            json!({"geometry": {"type": "Point", "coordinates": [120.123_456_7, 30.055]}}),
        ),
        Change::Feature("layout", axis, json!({"geometry": line(30.06), "values": {"status_note": null}})),
        Change::Feature(
            "platforms",
            "P03",
            [json!({"values": {"source": "甲"}}), json!({"values": {"status": "planned"}})][of].clone(),
        ),
    ]
}

fn changes(of: usize) -> Vec<Change> {
    const IDS: [[&str; 8]; 2] = [
        ["E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08"],
        ["E11", "E12", "E13", "E14", "E15", "E16", "E17", "E18"],
    ];
    let ids = IDS[of];
    let mut all: Vec<Change> = (0..2).map(|n| Change::Set(ids[n], "founded", json!(1990 + n))).collect();
    all.extend((0..2_u32).map(|n| {
        let name = format!("小城新设 {of}{n} 号");
        let at = [f64::from(120_011 + n * 2) / 1e3, 30.012 + [0.0, 0.003][of]];
        Change::Add(format!("k{n}"), json!({"name": name, "cluster": "vision", "revenue_2025": 12.5}), at)
    }));
    all.extend(features(of));
    all.extend([Change::Move(ids[5], [120.0223, 30.0334]), Change::Remove(ids[6])]);
    // the same field of a row again, and values taken away
    all.extend([
        Change::Set(ids[0], "founded", json!(2001)),
        Change::Set(ids[7], "employees_2025", Value::Null),
        Change::Set(ids[1], "founded", Value::Null),
    ]);
    assert_eq!(all.len(), 15);
    all
}

/// All rows and features as the service has them, by collection and id; rows of the register by their id, new ones by name.
fn rows(service: &Service, cookie: &str) -> BTreeMap<String, Value> {
    let head = format!("Cookie: {cookie}\r\n");
    let mut all = BTreeMap::new();
    for collection in ["enterprises", "layout", "platforms", "platform-zones", "lead-enterprises"] {
        let (status, _, items) =
            service.ask("GET", &format!("/collections/{collection}/items?limit=1000&f=json"), &head, "");
        assert_eq!(status, 200, "{items}");
        let key = |f: &Value| {
            let id = f["id"].as_str().unwrap();
            match collection {
                "enterprises" if id.starts_with('E') => id.to_owned(),
                "enterprises" => f["properties"]["name"].as_str().unwrap().to_owned(),
                _ => format!("{collection}:{id}"),
            }
        };
        all.extend(items["features"].as_array().unwrap().iter().map(|f| (key(f), f.clone())));
    }
    all
}

/// What follows from the place.
const FOLLOWS: &str = "district";

/// What a plain list says of rows, and no more of new ones than that.
fn compare(expected: &BTreeMap<String, Value>, found: &BTreeMap<String, Value>) {
    assert_eq!(expected.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>());
    for (id, row) in expected {
        assert_eq!(row["geometry"], found[id]["geometry"], "{id}");
        let found: &Map<String, Value> = found[id]["properties"].as_object().unwrap();
        for (property, value) in row["properties"].as_object().unwrap() {
            // a list without entries is none
            let none = |value: &Value| value.as_array().is_some_and(Vec::is_empty) || value.is_null();
            let found = found.get(property).unwrap_or(&Value::Null);
            if property != FOLLOWS && !(none(value) && none(found)) {
                assert_eq!(value, found, "{id} {property}");
            }
        }
    }
}

#[test]
#[allow(clippy::needless_range_loop, reason = "the step is of both lists")]
fn thirty_changes_of_two_accounts_outlive_kills() {
    let data = tempfile::tempdir().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let mut service = Service::start(data.path());
    let token = Database::open(data.path()).unwrap().offer_claim(None, now).unwrap();
    let body = json!({"token": token, "name": "管理员", "password": PASSWORD}).to_string();
    let (_, head, _) = service.ask("POST", "/session/claim", "", &body);
    let administrator = session(&head);
    let mut editors = [
        Editor::new(&service, &administrator, "li", "editor"),
        Editor::new(&service, &administrator, "wang", "reviewer"),
    ];
    let mut expected = rows(&service, &administrator);
    assert!(expected.len() > 40);
    let all = [changes(0), changes(1)];
    let mut kills = 0;
    for step in 0..15 {
        for (place, editor) in editors.iter_mut().enumerate() {
            let (rest, body) = all[place][step].request();
            if (step * 2 + place) % 7 == 3 {
                // it is killed with the change under way: then it is there or not, and is sent again where it is not
                let path = format!("/drafts/{}{rest}", editor.name);
                let under_way = service.send("PUT", &path, &editor.head(), &body.to_string());
                std::thread::sleep(std::time::Duration::from_millis((step * 3) as u64));
                service.kill();
                drop(under_way);
                service = Service::start(data.path());
                kills += 1;
                let before = editor.tag.clone();
                let (status, draft) = editor.ask(&service, "GET", "", &Value::Null);
                assert_eq!(status, 200, "{draft}");
                if draft["tag"] != json!(before) {
                    assert_eq!(draft["undo"], step + 1, "one step more, or none");
                    continue;
                }
            }
            let (status, draft) = editor.ask(&service, "PUT", &rest, &body);
            assert_eq!((status, &draft["undo"]), (200, &json!(step + 1)), "{} {rest}: {draft}", editor.name);
        }
    }
    assert_eq!(kills, 4);
    let [mut li, mut wang] = editors;
    // a step undone and done again changes nothing
    for what in ["/undo", "/undo", "/redo", "/redo"] {
        assert_eq!(li.ask(&service, "POST", what, &Value::Null).0, 200);
    }
    let rows_of = |changes: &[Change]| {
        let mut keys: Vec<String> = changes.iter().map(|c| c.request().0).collect();
        keys.sort();
        keys.dedup();
        keys.len()
    };
    let (_, draft) = wang.ask(&service, "GET", "", &Value::Null);
    assert_eq!(draft["changes"].as_array().unwrap().len(), rows_of(&all[1]));
    assert_eq!(draft["problems"], 0, "{draft}");
    compare(&expected, &rows(&service, &administrator));

    let (status, version) = wang.ask(&service, "POST", "/publish", &json!({"note": "甲"}));
    assert_eq!((status, &version["number"]), (201, &json!(1)), "{version}");
    service.kill();
    service = Service::start(data.path());
    all[1].iter().for_each(|change| change.apply(&mut expected));
    compare(&expected, &rows(&service, &administrator));
    let (_, draft) = wang.ask(&service, "GET", "", &Value::Null);
    assert_eq!(draft["changes"], json!([]), "what became a version is no draft any more");

    let (status, draft) = li.ask(&service, "POST", "/submit", &json!({"note": "乙"}));
    assert_eq!((status, &draft["conflicts"]), (200, &json!(0)), "{draft}");
    service.kill();
    service = Service::start(data.path());
    let head = format!("Cookie: {}\r\nIf-Match: \"{}\"\r\n", wang.cookie, li.tag);
    let (status, _, version) = service.ask("POST", "/drafts/li/publish", &head, "{}");
    assert_eq!((status, &version["number"], &version["actor"]), (201, &json!(2), &json!("li")), "{version}");
    all[0].iter().for_each(|change| change.apply(&mut expected));
    compare(&expected, &rows(&service, &administrator));
    service.kill();
    service = Service::start(data.path());
    compare(&expected, &rows(&service, &administrator));
}
