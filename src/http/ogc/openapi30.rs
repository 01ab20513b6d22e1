//! The OpenAPI document as it is collected from the handlers, in builds for tests: OpenAPI 3.1 as the code generator writes it, said in
//! 3.0.3, which clients read (GDAL, QGIS, the conformance class `oas30`); and what every operation has, so that no handler needs
//! to say it: the ways in which it can fail.

use crate::http::problem;
use crate::render::report::Format as ReportFormat;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Shigu 视谷",
        description = "Industrial-cluster and spatial-layout GIS",
        license(name = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "data", description = "Collections and their features (OGC API - Features), search"),
        (name = "numbers", description = "Counts and sums of zones and drawn areas"),
        (name = "map", description = "Tiles and styles"),
        (name = "saved", description = "Areas, views and scenarios under a name"),
        (name = "rounds", description = "Figures asked of participants by a day"),
        (name = "plan", description = "The plan in its own terms"),
        (name = "accounts", description = "Who comes in, and what was done"),
        (name = "service", description = "The service itself")
    ),
    components(schemas(problem::ProblemDocument))
)]
struct Document;

/// Paths of the router, and what they are in the document: the router takes a whole segment only.
const PUBLISHED: [(&str, &str); 1] = [("/xyz/{collections}/{z}/{x}/{y}", "/xyz/{collections}/{z}/{x}/{y}.mvt")];

/// The whole document of these resources.
pub(crate) fn collected(resources: OpenApiRouter) -> Value {
    let document = OpenApiRouter::with_openapi(Document::openapi()).merge(resources).into_openapi();
    let mut document = serde_json::to_value(document).unwrap_or_default();
    for (path, method) in [("/report", "post"), ("/report/{zone}", "get")] {
        if document["paths"].get(path).is_some() {
            document["paths"][path][method]["responses"]["200"]["content"] = files();
        }
    }
    if let Some(paths) = document["paths"].as_object_mut() {
        for (routed, published) in PUBLISHED {
            if let Some(item) = paths.remove(routed) {
                paths.insert(published.to_owned(), item);
            }
        }
        paths.sort_keys();
    }
    convert(document)
}

/// The formats of reports by their media types.
fn files() -> Value {
    let file = json!({"schema": {"type": "string", "format": "binary"}});
    let essence = |format: ReportFormat| format.media_type().split(';').next().unwrap_or_default().to_owned();
    ReportFormat::ALL.into_iter().map(|format| (essence(format), file.clone())).collect::<Map<_, _>>().into()
}

/// Brings a document from 3.1 to 3.0.3 and completes it.
fn convert(mut document: Value) -> Value {
    document["openapi"] = json!("3.0.3");
    document["servers"] = json!([{"url": "./"}]);
    schemas(&mut document);
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete(path, method, operation);
        }
    }
    document["components"]["responses"]["Problem"] = json!({
        "description": "What is wrong, and with which parameter (RFC 9457); Chinese unless Accept-Language prefers English",
        "content": problem_document(),
    });
    document
}

fn failed() -> Value {
    json!({"$ref": "#/components/responses/Problem"})
}

fn problem_document() -> Value {
    json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}})
}

/// Says every schema in the terms of 3.0: `nullable` for null, no siblings of `$ref`, none of the keywords that 3.1 added.
fn schemas(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(schemas),
        Value::Object(object) => {
            object.values_mut().for_each(schemas);
            object.remove("propertyNames");
            nullable(object);
            merge_default(object);
            if object.contains_key("$ref") && object.len() > 1 {
                let reference = object.remove("$ref");
                object.insert("allOf".into(), json!([{"$ref": reference}]));
            }
        }
        _ => {}
    }
}

fn nullable(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get("type") {
        let one = types.iter().find(|t| *t != "null").cloned();
        object.insert("type".into(), one.unwrap_or_else(|| json!("string")));
        object.insert("nullable".into(), json!(true));
    }
    let Some(Value::Array(choices)) = object.get_mut("oneOf") else { return };
    let before = choices.len();
    choices.retain(|c| c["type"] != "null");
    if choices.len() == before {
        return;
    }
    object.insert("nullable".into(), json!(true));
    if let Some(Value::Array(choices)) = object.get("oneOf")
        && let [Value::Object(only)] = choices.as_slice()
    {
        let only = only.clone();
        object.remove("oneOf");
        object.extend(only);
    }
}

/// The generator writes an inline schema with a default as both of two schemas, the second an object.
fn merge_default(object: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = object.get("allOf") else { return };
    if let [Value::Object(schema), Value::Object(default)] = parts.as_slice()
        && default.contains_key("default")
    {
        let (schema, default) = (schema.clone(), default["default"].clone());
        object.remove("allOf");
        object.extend(schema);
        object.insert("default".into(), default);
    }
}

fn complete(path: &str, method: &str, operation: &mut Value) {
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        if parameter["name"] == "property" {
            *parameter = json!({
                "name": "property", "in": "query", "style": "form", "explode": true,
                "description": parameter["description"],
                "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            });
        }
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    let mut failures = vec!["400", "406", "414", "431", "500", "504"];
    if path.contains('{')
        || matches!(path, "/map" | "/plan" | "/choropleth" | "/basemap.pmtiles")
        || path.starts_with("/zones")
        || path.starts_with("/summary")
        || path.starts_with("/hotspots")
        || path.starts_with("/report")
    {
        failures.push("404");
    }
    if path.ends_with("/items")
        || matches!(path, "/summary" | "/summary/periods" | "/choropleth")
        || path.starts_with("/zones")
        || path.starts_with("/hotspots")
        || path.starts_with("/report")
        || path.starts_with("/xyz")
    {
        failures.push("403");
    }
    if path.ends_with("/map") {
        failures.extend(["501", "503"]);
    }
    if path.ends_with("/items") {
        failures.push("503");
    }
    if matches!(method, "post" | "put" | "patch") {
        failures.extend(["413", "415", "422"]);
    }
    for (status, response) in responses.iter_mut() {
        if status.starts_with(['4', '5']) {
            // what a handler says of a failure of its own says more than the general words
            if response["description"].as_str().is_some_and(|words| !words.is_empty()) {
                response["content"] = problem_document();
            } else {
                *response = failed();
            }
            continue;
        }
        if response["description"].as_str().is_none_or(str::is_empty) {
            response["description"] = json!(if status == "204" { "nothing here" } else { "the answer" });
        }
        if method == "get" {
            response["headers"]["ETag"] = json!({
                "description": "names this representation in its content coding", "schema": {"type": "string"}
            });
        }
        if path.contains("/items") {
            response["headers"]["Content-Crs"] = json!({
                "description": "the reference system of the coordinates, in angle brackets", "schema": {"type": "string"}
            });
        }
    }
    if method == "get" {
        responses.insert("304".into(), json!({"description": "the reader has it (If-None-Match)"}));
    }
    for status in failures {
        responses.entry(status).or_insert_with(failed);
    }
    responses.sort_keys();
}
