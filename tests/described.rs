//! Core types that leave the server are described apart from their definition (`src/http/schemas.rs`): answers over Tinyville
//! show that both say the same.

use crate::common;
use crate::levels::nation;

use common::service::Service;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shigu::core::model::{GeometryKind, GroupSymbol, MetricKind, PropertyType, Role};
use shigu::core::query::{Apart, Disclosure, Question, SetOp};
use std::collections::{BTreeMap, BTreeSet};

/// The description, and what of it has been met in answers.
struct Description {
    document: Value,
    /// Members met, by the name of the schema.
    members: BTreeMap<String, BTreeSet<String>>,
    /// Words of enumerations met, by the name of the schema.
    words: BTreeMap<String, BTreeSet<String>>,
}

impl Description {
    fn new() -> Self {
        let document = serde_json::from_str(&shigu::http::openapi()).unwrap();
        Self { document, members: BTreeMap::new(), words: BTreeMap::new() }
    }

    /// The schemas that mirror a type of `core`: those of one file.
    fn mirrors() -> BTreeSet<String> {
        let root = env!("CARGO_MANIFEST_DIR");
        let text = std::fs::read_to_string(format!("{root}/src/http/schemas.rs")).unwrap();
        let named = |line: &str| {
            let rest = line.strip_prefix("pub(crate) struct ").or_else(|| line.strip_prefix("pub(crate) enum "))?;
            Some(rest.split(' ').next().unwrap().to_owned())
        };
        let out: BTreeSet<String> = text.lines().filter_map(named).chain(["Text".to_owned()]).collect();
        assert!(out.len() > 20, "the scan found hardly any mirror: {out:?}");
        out
    }

    fn schema(&self, name: &str) -> Value {
        let schema = self.document["components"]["schemas"][name].clone();
        assert!(schema.is_object(), "there is no schema {name}");
        schema
    }

    /// Compares an answer with what the description says of the operation.
    fn answer(&mut self, method: &str, path: &str, value: &Value) {
        let content = &self.document["paths"][path][method]["responses"]["200"]["content"];
        let of = |media: &str| content[media]["schema"].clone();
        let schema = [of("application/json"), of("application/geo+json")].into_iter().find(Value::is_object);
        let schema = schema.unwrap_or_default();
        assert!(schema.is_object(), "{method} {path} is not described");
        self.compare(path, &schema, None, value);
    }

    fn compare(&mut self, at: &str, schema: &Value, name: Option<&str>, value: &Value) {
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        if let Some(target) = schema["$ref"].as_str() {
            let name = target.rsplit('/').next().unwrap();
            return self.compare(at, &self.schema(name), Some(name), value);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.compare(at, part, name, value);
        }
        match value {
            Value::Object(object) => {
                let known = schema.get("properties").and_then(Value::as_object);
                for member in schema["required"].as_array().into_iter().flatten() {
                    let member = member.as_str().unwrap();
                    assert!(object.contains_key(member), "{at}: {member} is required and not there");
                }
                for (member, value) in object {
                    let at = format!("{at}/{member}");
                    let more = schema.get("additionalProperties").filter(|s| s.is_object());
                    match known.and_then(|k| k.get(member)).or(more) {
                        Some(schema) => self.compare(&at, schema, None, value),
                        // GeoJSON and the like are described as some object
                        None => assert!(known.is_none(), "{at} is not described"),
                    }
                }
                if let (Some(name), Some(_)) = (name, known) {
                    self.members.entry(name.to_owned()).or_default().extend(object.keys().cloned());
                }
                let composed = schema.get("allOf").is_some();
                assert!(
                    composed || schema["type"] == "object",
                    "{at} is an object and described as {}",
                    schema["type"]
                );
            }
            Value::Array(items) => {
                assert_eq!(schema["type"], "array", "{at}");
                for (place, item) in items.iter().enumerate() {
                    self.compare(&format!("{at}/{place}"), &schema["items"], None, item);
                }
            }
            Value::String(word) => {
                let composed = schema.get("allOf").is_some();
                assert!(composed || schema["type"] == "string", "{at} is a text and described as {}", schema["type"]);
                if let Some(words) = schema["enum"].as_array() {
                    assert!(words.contains(value), "{at}: {word} is not among {words:?}");
                    self.words.entry(name.unwrap_or_default().to_owned()).or_default().insert(word.clone());
                }
            }
            Value::Number(number) => {
                let whole = !number.is_f64();
                let said = &schema["type"];
                assert!(said == "number" || whole && said == "integer", "{at}: {number} is described as {said}");
            }
            Value::Bool(_) => assert_eq!(schema["type"], "boolean", "{at}"),
            Value::Null => panic!("{at} is null and not described so"),
        }
    }
}

/// The words that a type of `core` reads, as its own error lists them.
fn words<T: DeserializeOwned>() -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(json!("no such word")).err().expect("a word that no type has").to_string();
    error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

/// A dataset whose classes have levels and versions.
async fn levels_of_classes(description: &mut Description) {
    let levels = Service::open("tests/data/sectors", Disclosure::Full);
    for (path, query) in [
        ("/dataset", ""),
        ("/summary", "?class_parent=C39"),
        ("/summary", "?class_version=fields-2021"),
        ("/zones", "?kind=district&statistics=true&class_level=group"),
    ] {
        let answer = levels.json(&format!("{path}{query}")).await;
        description.answer("get", path, &answer);
    }
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one answer after the other")]
async fn answers_are_as_they_are_described() {
    let s = Service::open("tests/data/tinyville", Disclosure::Full);
    let mut description = Description::new();
    for (path, query) in [
        ("/dataset", ""),
        ("/collections", ""),
        ("/indicators", ""),
        ("/systems", ""),
        ("/systems", "?code=32650"),
        ("/search", "?q=xc"),
        ("/search", "?q=E&limit=100"),
        ("/zones", ""),
        ("/zones", "?kind=district&statistics=true"),
        ("/choropleth", "?kind=district"),
        ("/choropleth", "?kind=district&cluster=robot&choropleth=as:lq,cut:quantile,ramp:brown-teal"),
        ("/zones/lq", ""),
        ("/zones/lq", "?weight=revenue"),
        ("/summary/lq", "?zone=T02&weight=revenue"),
        ("/zones/profile", ""),
        ("/zones/profile", "?weight=revenue"),
        ("/zones/pairs", ""),
        ("/zones/chain", ""),
        ("/zones/change", ""),
        ("/zones/change", "?weight=revenue"),
        ("/zones/change", "?weight=revenue&zone=T02"),
        ("/summary", "?growth=true"),
        ("/zones/ranking", "?kind=district"),
        ("/summary/periods", "?zone=T02"),
        ("/summary", ""),
        ("/summary", "?zone=outside"),
        ("/summary", "?zone=T02&statistics=true&secondary=true"),
        ("/summary", "?zone=T02&spread=true"),
    ] {
        let answer = s.json(&format!("{path}{query}")).await;
        description.answer("get", path, &answer);
    }
    // a city with a part far from the rest
    let folder = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir("tests/data/bare").unwrap().map(|f| f.unwrap().path()) {
        std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let path = folder.path().join("dataset.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    manifest["map"] = json!({"insets": [{"title": {"zh": "远方", "en": "Far"}, "bbox": [1.0, 1.0, 2.0, 2.0]}]});
    std::fs::write(&path, manifest.to_string()).unwrap();
    let far = Service::open(folder.path().to_str().unwrap(), Disclosure::Full).json("/dataset").await;
    assert_eq!(far["insets"].as_array().map(Vec::len), Some(1));
    description.answer("get", "/dataset", &far);
    // a zone below another
    let below = Service::open("tests/data/twolevel", Disclosure::Full).json("/summary?zone=F11").await;
    description.answer("get", "/summary", &below);
    levels_of_classes(&mut description).await;
    // months beside those of the year before and the ones right before
    let months = Service::open("tests/data/quayside", Disclosure::Full);
    description.answer("get", "/summary", &months.json("/summary?period=2024-02&growth=true").await);
    // location quotients of every kind
    let many = Service::open("geodata/hangzhou", Disclosure::Full);
    for path in ["/hotspots/areas", "/hotspots/hexagons", "/hotspots/density"] {
        description.answer("get", path, &many.json(path).await);
    }
    description.answer("get", "/hotspots/areas", &many.json("/hotspots/areas?method=hdbscan").await);
    for of in ["zone=330106&class=vision", "zone=330182&class=home"] {
        let asked = format!("/hotspots/distances?simulations=100&{of}");
        description.answer("get", "/hotspots/distances", &many.json(&asked).await);
    }
    let viewer = Service::hangzhou(Disclosure::Aggregates);
    description.answer("get", "/hotspots/hexagons", &viewer.json("/hotspots/hexagons?zone=330108").await);
    description.answer("get", "/hotspots/areas", &viewer.json("/hotspots/areas?least=2&distance=40").await);
    let folder = tempfile::tempdir().unwrap();
    nation::write(folder.path(), &nation::Size { provinces: 6, cities: 6, counties: 0, rows: 600 });
    let nation = Service::open(folder.path().to_str().unwrap(), Disclosure::Full);
    let local = nation.json("/choropleth?kind=city&choropleth=by:output,cut:moran").await;
    description.answer("get", "/choropleth", &local);
    description.answer("get", "/zones/ranking", &months.json("/zones/ranking?choropleth=by:catch,as:growth").await);
    description.answer("get", "/zones/change", &many.json("/zones/change?weight=revenue").await);
    for query in ["", "?weight=revenue&class=robot", "?zone=330127&class=home"] {
        description.answer("get", "/zones/chain", &many.json(&format!("/zones/chain{query}")).await);
    }
    description.answer(
        "get",
        "/zones/change",
        &viewer.json("/zones/change?weight=revenue&filter=founded%20%3E%202010").await,
    );
    description.answer("get", "/zones/lq", &many.json("/zones/lq?kind=district").await);
    let square = json!({"type": "Polygon",
        "coordinates": [[[120.1, 30.0], [120.2, 30.0], [120.2, 30.1], [120.1, 30.1], [120.1, 30.0]]]});
    for body in [
        json!({"polygon": square, "statistics": true, "outline": true}),
        json!({"circle": {"center": [120.15, 30.05], "radius_m": 3000}}),
        json!({"buffer": {"collection": "districts", "id": "T01", "distance_m": 3000}}),
        json!({"nearest": {"center": [120.15, 30.05], "k": 3}}),
        json!({"zone": "T01", "outline": true, "combine": [{"op": "union", "zone": "T02"}]}),
    ] {
        let answer = s.post("/summary", "application/json", body.to_string()).await;
        assert_eq!(answer.status, 200, "{body}: {}", String::from_utf8_lossy(&answer.body));
        description.answer("post", "/summary", &answer.json());
        let answer = s.post("/summary/lq", "application/json", body.to_string()).await;
        assert_eq!(answer.status, 200);
        description.answer("post", "/summary/lq", &answer.json());
        let answer = s.post("/summary/periods", "application/json", body.to_string()).await;
        assert_eq!(answer.status, 200, "{body}: {}", String::from_utf8_lossy(&answer.body));
        description.answer("post", "/summary/periods", &answer.json());
        let answer = s.post("/zones/change?weight=revenue", "application/json", body.to_string()).await;
        assert_eq!(answer.status, 200, "{body}: {}", String::from_utf8_lossy(&answer.body));
        description.answer("post", "/zones/change", &answer.json());
        let answer = s.post("/zones/chain", "application/json", body.to_string()).await;
        description.answer("post", "/zones/chain", &answer.json());
    }
    let trial = json!({
        "question": {"circle": {"center": [120.17, 30.2], "radius_m": 9000}, "year": 2025},
        "baseline": {"zone": "330108"},
        "assumed": [
            {"kind": "added", "name": "A", "class": "robot", "figures": {"revenue": 5.0}, "position": [120.17, 30.2]},
            {"kind": "moved", "id": "S00001", "position": [120.17, 30.2]},
        ],
    });
    let answer = many.post("/trial", "application/json", trial.to_string()).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    description.answer("post", "/trial", &answer.json());
    let answer = s.post("/points", "application/octet-stream", "120.1,30.2,a\nb\n").await;
    description.answer("post", "/points", &answer.json());
    let wishes =
        json!([{"by": "partners", "distance_m": 5000}, {"by": "quotient"}, {"by": "zone", "kind": "platform"}]);
    let sites = json!({"class": "robot", "stage": "robotbody", "wishes": wishes, "limit": 3});
    let answer = many.post("/site-selection", "application/json", sites.to_string()).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    description.answer("post", "/site-selection", &answer.json());
    let answer = many
        .post("/site-selection/classes", "application/json", json!({"site": "Z001", "wishes": wishes}).to_string())
        .await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    description.answer("post", "/site-selection/classes", &answer.json());
    for (path, template) in [
        ("/collections/enterprises/items/S00400/partners", "/collections/{collectionId}/items/{featureId}/partners"),
        ("/zones/ratios", "/zones/ratios"),
    ] {
        description.answer("get", template, &many.json(path).await);
    }
    let several = Service::open("tests/data/threetables", Disclosure::Full);
    for path in ["/dataset", "/summary", "/indicators"] {
        description.answer("get", path, &several.json(path).await);
    }
    // no mirror has what no answer has
    let read = ["GroupSymbol", "Role", "GeometryKind", "PropertyType", "MetricKind", "SetOp", "Apart"];
    for name in Description::mirrors() {
        let schema = description.schema(&name);
        if let Some(described) = schema["properties"].as_object() {
            let described: BTreeSet<String> = described.keys().cloned().collect();
            assert_eq!(description.members.get(&name), Some(&described), "members of {name}");
        } else if !read.contains(&name.as_str()) {
            let described: BTreeSet<String> =
                schema["enum"].as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned()).collect();
            assert_eq!(description.words.get(&name), Some(&described), "words of {name}");
        }
    }
}

#[test]
fn enumerations_have_the_words_that_are_read() {
    let description = Description::new();
    for (name, words) in [
        ("GroupSymbol", words::<GroupSymbol>()),
        ("Role", words::<Role>()),
        ("GeometryKind", words::<GeometryKind>()),
        ("PropertyType", words::<PropertyType>()),
        ("MetricKind", words::<MetricKind>()),
        ("SetOp", words::<SetOp>()),
    ] {
        let described = description.schema(name)["enum"].as_array().unwrap().clone();
        let described: BTreeSet<String> = described.iter().map(|w| w.as_str().unwrap().to_owned()).collect();
        assert!(words.len() > 1, "{name}: {words:?}");
        assert_eq!(described, words, "{name}");
    }
    let apart = json!([Apart::Zero, Apart::Missing, Apart::Withheld]);
    let mut described = description.schema("Apart")["enum"].as_array().unwrap().clone();
    described.sort_by_key(|word| apart.as_array().unwrap().iter().position(|one| one == word));
    assert_eq!(Value::from(described), apart);
}

/// The members that the reader of a body knows, as its own error lists them.
fn members(body: &Value) -> BTreeSet<String> {
    let error = Question::from_json(body.to_string().as_bytes()).expect_err("a member that no body has").to_string();
    error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

/// `core` reads a body, `http` describes it.
#[test]
fn a_body_has_the_members_that_are_read() {
    let description = Description::new();
    let none = json!({"no such member": 1});
    for (name, read, elsewhere) in [
        ("QueryBody", members(&none), &["collection", "kind", "parent"][..]),
        ("Step", members(&json!({"combine": [none]})), &[]),
        ("CircleBody", members(&json!({"circle": none})), &[]),
        ("BufferBody", members(&json!({"buffer": none})), &[]),
        ("NearestBody", members(&json!({"nearest": none})), &[]),
    ] {
        assert!(read.len() > 1, "{name}: {read:?}");
        let schema = description.schema(name);
        let described: BTreeSet<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
        let read: BTreeSet<String> = read.into_iter().filter(|m| !elsewhere.contains(&m.as_str())).collect();
        assert_eq!(described, read, "{name}");
    }
}
