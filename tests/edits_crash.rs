//! Two accounts make thirty changes of rows and features: they add, correct, move, close, remove, reshape, rename, split and merge, undo
//! and do again, and change the same field. Meanwhile the program is killed: after an answer, and with a request under way. What was answered
//! for is there when it starts again; each releases the other's draft, and the data are in the end what a plain list of the changes says.

use serde_json::{Map, Value, json};
use shigu::service::store::Database;
use std::collections::BTreeMap;
use std::fs;
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
    /// Below `data` lie the dataset folder and the data folder.
    fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shigu"));
        command.env("SHIGU_GEODATA", data.join("town"));
        command.env("SHIGU_LOG", "warn").args(["serve", "--listen", "127.0.0.1:0", "--accounts", "--two-persons"]);
        command.args(["--data-dir", data.join("kept").to_str().unwrap()]).stdout(Stdio::piped()).stderr(Stdio::null());
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
    /// Features become others by one step: a zone is split, or two become one.
    Several(Vec<Change>),
}

/// What an account does next.
#[derive(Clone, Debug)]
enum Act {
    Do(Change),
    Undo,
    Redo,
}

impl Act {
    fn request(&self) -> (&'static str, String, Value) {
        match self {
            Self::Do(Change::Several(all)) => {
                let one = |change: &Change| {
                    let (rest, edit) = change.request();
                    json!({"key": rest.strip_prefix("/changes/").unwrap(), "edit": edit})
                };
                ("POST", "/changes".into(), json!({"changes": all.iter().map(one).collect::<Vec<_>>()}))
            }
            Self::Do(change) => {
                let (rest, body) = change.request();
                ("PUT", rest, body)
            }
            Self::Undo => ("POST", "/undo".into(), Value::Null),
            Self::Redo => ("POST", "/redo".into(), Value::Null),
        }
    }
}

/// The changes that count, and those that were undone: what undo and redo mean, told apart from the service.
#[derive(Default)]
struct History {
    done: Vec<Change>,
    undone: Vec<Change>,
}

impl History {
    fn act(&mut self, act: &Act) {
        match act {
            Act::Do(change) => {
                self.done.push(change.clone());
                self.undone.clear();
            }
            Act::Undo => self.undone.push(self.done.pop().unwrap()),
            Act::Redo => self.done.push(self.undone.pop().unwrap()),
        }
    }
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
            Self::Several(_) => unreachable!("a step is sent as one"),
            Self::Add(key, values, at) => {
                let body = json!({"collection": "enterprises", "values": values, "position": at});
                (format!("/changes/enterprises+{key}"), body)
            }
        }
    }

    fn apply(&self, rows: &mut BTreeMap<String, Value>) {
        match self {
            // what ended before the last period is in no list of it
            Self::Set(id, "closed", _) | Self::Remove(id) => drop(rows.remove(*id).unwrap()),
            Self::Set(id, property, value) => rows.get_mut(*id).unwrap()["properties"][*property] = value.clone(),
            Self::Move(id, at) => rows.get_mut(*id).unwrap()["geometry"]["coordinates"] = json!(at),
            Self::Several(all) => all.iter().for_each(|change| change.apply(rows)),
            Self::Feature(collection, id, Value::Null) => drop(rows.remove(&format!("{collection}:{id}")).unwrap()),
            Self::Feature(collection, id, body) if body["remove"] == true => {
                rows.remove(&format!("{collection}:{id}")).unwrap();
                // who was of the zone is of the other, whatever it is
                let follow = |value: &mut Value| {
                    if *value == json!(id) {
                        *value = body["successor"].clone();
                    }
                };
                for row in rows.values_mut() {
                    follow(&mut row["properties"]["district"]);
                    row["properties"]["districts"].as_array_mut().into_iter().flatten().for_each(follow);
                }
            }
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

fn block(x: f64, u: f64) -> Value {
    json!([[[x, 30.0], [u, 30.0], [u, 30.1], [x, 30.1], [x, 30.0]]])
}

/// Fifteen of each account.
fn acts(of: usize) -> Vec<Act> {
    let line = |y: f64| json!({"type": "LineString", "coordinates": [[120.02, y], [120.15, 30.07], [120.28, y]]});
    let square = json!({"type": "Polygon", "coordinates":
        [[[120.01, 30.01], [120.03, 30.01], [120.03, 30.03], [120.01, 30.03], [120.01, 30.01]]]});
    let drawn = json!({"name": "新园区", "name_en": "New park", "kind": "platform_area", "basis": "schematic",
        "confidence": 0.5, "source": "测试", "status": "planned", "zone_of": "P03"});
    let add = |x: f64| {
        let values = json!({"name": format!("小城新设 {of} 号"), "cluster": "vision", "revenue_2025": 12.5});
        Change::Add("k".into(), values, [x, 30.012])
    };
    let renamed = |id: &'static str| {
        Change::Feature("layout", id, json!({"values": {"name": "改名的节点", "valid_from": "2022-03-01"}}))
    };
    let polygon = |coordinates: Value| json!({"type": "Polygon", "coordinates": coordinates});
    let acts = match of {
        // a zone is split, a row closed; what was undone is forgotten by the next
        0 => vec![
            Act::Do(Change::Set("E01", "founded", json!(1990))),
            Act::Do(Change::Set("E20", "founded", json!(1998))),
            Act::Do(add(120.011)),
            Act::Do(Change::Feature("layout", "axis", json!({"geometry": line(30.05)}))),
            Act::Do(Change::Several(vec![
                Change::Feature("districts", "T02", json!({"geometry": polygon(block(120.1, 120.15))})),
                Change::Draw(
                    "districts",
                    "T04",
                    json!({"new_id": "T04", "geometry": polygon(block(120.15, 120.2)),
                    "values": {"name": "新区", "name_en": "New district"}}),
                ),
            ])),
            Act::Undo,
            Act::Redo,
            Act::Do(renamed("node-P01")),
            Act::Do(Change::Draw("platform-zones", "platform-zones-1", json!({"values": drawn, "geometry": square}))),
            Act::Do(Change::Move("E06", [120.0223, 30.0334])),
            Act::Undo,
            Act::Do(Change::Remove("E07")),
            Act::Do(Change::Set("E08", "closed", json!(2024))),
            Act::Do(Change::Set("E01", "founded", json!(2001))),
            Act::Do(Change::Feature("platforms", "P03", json!({"values": {"source": "甲"}}))),
        ],
        // zones become one, values are taken away
        _ => vec![
            Act::Do(Change::Set("E11", "founded", json!(1990))),
            Act::Do(add(120.015)),
            Act::Do(Change::Feature("layout", "belt", json!({"geometry": line(30.06)}))),
            Act::Do(Change::Several(vec![
                Change::Feature(
                    "districts",
                    "T01",
                    json!({"geometry": {"type": "MultiPolygon",
                    "coordinates": [block(120.0, 120.1), block(120.2, 120.3)]}}),
                ),
                Change::Feature("districts", "T03", json!({"remove": true, "successor": "T01"})),
            ])),
            Act::Do(renamed("node-P02")),
            Act::Do(Change::Feature("lead-enterprises", "L02", Value::Null)),
            Act::Do(Change::Set("E20", "founded", json!(1999))),
            Act::Undo,
            Act::Redo,
            Act::Do(Change::Feature(
                "platforms",
                "P02",
                json!({"geometry": {"type": "Point", "coordinates": [120.123_456_7, 30.055]}}),
            )),
            Act::Do(Change::Move("E16", [120.0223, 30.0334])),
            Act::Do(Change::Remove("E17")),
            Act::Do(Change::Set("E18", "employees_2025", Value::Null)),
            Act::Do(Change::Set("E11", "founded", Value::Null)),
            Act::Do(Change::Feature("platforms", "P03", json!({"values": {"status": "planned"}}))),
        ],
    };
    assert_eq!(acts.len(), 15);
    acts
}

/// Tinyville with districts that are edited, and with an end of rows.
fn town(folder: &Path) {
    fs::create_dir(folder).unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville");
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let path = folder.join("dataset.json");
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for collection in manifest["collections"].as_array_mut().unwrap() {
        if collection["id"] == "districts" {
            collection["reference"] = json!(false);
        } else if collection["id"] == "enterprises" {
            collection["register"]["valid"]["to"] = json!("closed");
            let closed = json!({"name": "closed", "title": {"zh": "终止年份", "en": "Closed"}, "type": "integer"});
            collection["properties"].as_array_mut().unwrap().push(closed);
        }
    }
    fs::write(path, manifest.to_string()).unwrap();
}

/// All rows and features as the service has them, by collection and id; rows of the register by their id, new ones by name.
fn rows(service: &Service, cookie: &str) -> BTreeMap<String, Value> {
    let head = format!("Cookie: {cookie}\r\n");
    let mut all = BTreeMap::new();
    for collection in ["enterprises", "districts", "layout", "platforms", "platform-zones", "lead-enterprises"] {
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

/// Whether a value follows from the place, and no list says it: of rows that are new or were moved.
fn follows(id: &str, property: &str) -> bool {
    property == "district" && (id == "E16" || id.starts_with("小城新设"))
}

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
            if !(follows(id, property) || none(value) && none(found)) {
                assert_eq!(value, found, "{id} {property}");
            }
        }
    }
}

#[test]
#[allow(clippy::needless_range_loop, reason = "the step is of both lists")]
fn thirty_changes_of_two_accounts_outlive_kills() {
    let data = tempfile::tempdir().unwrap();
    town(&data.path().join("town"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let mut service = Service::start(data.path());
    let token = Database::open(&data.path().join("kept")).unwrap().offer_claim(None, now).unwrap();
    let body = json!({"token": token, "name": "管理员", "password": PASSWORD}).to_string();
    let (_, head, _) = service.ask("POST", "/session/claim", "", &body);
    let administrator = session(&head);
    let mut editors = [
        Editor::new(&service, &administrator, "li", "reviewer"),
        Editor::new(&service, &administrator, "wang", "reviewer"),
    ];
    let mut expected = rows(&service, &administrator);
    assert!(expected.len() > 40);
    let of_t03 =
        |rows: &BTreeMap<String, Value>| rows.values().filter(|r| r["properties"]["district"] == "T03").count();
    assert!(of_t03(&expected) > 3);
    let all = [acts(0), acts(1)];
    let mut histories = [History::default(), History::default()];
    let mut kills = 0;
    for step in 0..15 {
        for (place, editor) in editors.iter_mut().enumerate() {
            let (method, rest, body) = all[place][step].request();
            let mut kept = false;
            if (step * 2 + place) % 7 == 3 {
                // it is killed with the change under way: then it is there or not, and is sent again where it is not
                let path = format!("/drafts/{}{rest}", editor.name);
                let under_way = service.send(method, &path, &editor.head(), &body.to_string());
                std::thread::sleep(std::time::Duration::from_millis((step * 3) as u64));
                service.kill();
                drop(under_way);
                service = Service::start(data.path());
                kills += 1;
                let before = editor.tag.clone();
                let (status, draft) = editor.ask(&service, "GET", "", &Value::Null);
                assert_eq!(status, 200, "{draft}");
                kept = draft["tag"] != json!(before);
            }
            if !kept {
                let (status, draft) = editor.ask(&service, method, &rest, &body);
                assert_eq!(status, 200, "{} {rest}: {draft}", editor.name);
            }
            histories[place].act(&all[place][step]);
            let (_, draft) = editor.ask(&service, "GET", "", &Value::Null);
            let steps = (&draft["undo"], &draft["redo"]);
            let [done, undone] = [&histories[place].done, &histories[place].undone].map(|all| json!(all.len()));
            assert_eq!(steps, (&done, &undone), "{} {step}: {draft}", editor.name);
        }
    }
    assert_eq!(kills, 4);
    let [mut li, mut wang] = editors;
    let head = |of: &Editor, cookie: &str| format!("Cookie: {cookie}\r\nIf-Match: \"{}\"\r\n", of.tag);
    for editor in [&mut li, &mut wang] {
        let (_, draft) = editor.ask(&service, "GET", "", &Value::Null);
        assert_eq!((&draft["problems"], &draft["conflicts"]), (&json!(0), &json!(0)), "{draft}");
    }
    compare(&expected, &rows(&service, &administrator));

    // nobody releases the own draft
    let (status, draft) = wang.ask(&service, "POST", "/submit", &json!({"note": "甲"}));
    assert_eq!(status, 200, "{draft}");
    assert_eq!(wang.ask(&service, "POST", "/publish", &json!({})).0, 403);
    let (status, _, version) = service.ask("POST", "/drafts/wang/publish", &head(&wang, &li.cookie), "{}");
    assert_eq!((status, &version["number"], &version["actor"]), (201, &json!(1), &json!("wang")), "{version}");
    service.kill();
    service = Service::start(data.path());
    histories[1].done.iter().for_each(|change| change.apply(&mut expected));
    compare(&expected, &rows(&service, &administrator));
    assert_eq!(of_t03(&expected), 0, "who was of a merged zone is of the other");
    wang.tag = "none".into();
    let (_, draft) = wang.ask(&service, "GET", "", &Value::Null);
    assert_eq!(draft["changes"], json!([]), "what became a version is no draft any more");

    // both have changed one field: it is shown, decided, and the decision outlives a kill
    let (status, said) = li.ask(&service, "POST", "/submit", &json!({"note": "乙"}));
    assert_eq!((status, &said["code"]), (409, &json!("draft-conflicts")), "{said}");
    let mine = json!({"collection": "enterprises", "id": "E20", "values": {"founded": 1998}, "settled": ["founded"]});
    let (status, draft) = li.ask(&service, "PUT", "/changes/enterprises:E20", &mine);
    assert_eq!((status, &draft["conflicts"], &draft["problems"]), (200, &json!(0), &json!(0)), "{draft}");
    let (status, draft) = li.ask(&service, "POST", "/submit", &json!({"note": "乙"}));
    assert_eq!(status, 200, "{draft}");
    service.kill();
    service = Service::start(data.path());
    let (status, _, version) = service.ask("POST", "/drafts/li/publish", &head(&li, &wang.cookie), "{}");
    assert_eq!((status, &version["number"], &version["actor"]), (201, &json!(2), &json!("li")), "{version}");
    histories[0].done.iter().for_each(|change| change.apply(&mut expected));
    compare(&expected, &rows(&service, &administrator));
    service.kill();
    service = Service::start(data.path());
    compare(&expected, &rows(&service, &administrator));
    // and who made and who released each is there, too
    let (_, _, list) = service.ask("GET", "/versions", &format!("Cookie: {administrator}\r\n"), "");
    let said: Vec<_> = list["versions"].as_array().unwrap().iter().filter(|one| one["number"] != 0).collect();
    let said: Vec<_> = said.iter().map(|one| ["actor", "released", "note"].map(|what| one[what].as_str())).collect();
    let [by_li, by_wang] = [("li", "wang", "乙"), ("wang", "li", "甲")].map(|(a, b, c)| [a, b, c].map(Some));
    assert_eq!(said, [by_li, by_wang], "{list}");
}
