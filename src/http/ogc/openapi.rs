//! `/api`: the OpenAPI document with the collections of the dataset and their properties; also as a page. `web/openapi.json` is
//! the document without a dataset as `openapi30` makes it from the handlers (kept by a test); a release embeds it, and the page's
//! types are generated from it.

use crate::core::model::Lang;
use crate::core::query::Disclosure;
use crate::core::snapshot::{CollectionInfo, Description};
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{DocumentForm, FormParams, LangParams};
use crate::http::ogc::landing::own_links;
use crate::http::ogc::{api_page, queryables};
use crate::http::response::answer::{Answer, Form, Reply};
use crate::http::response::links::{HTML, JSON, OPENAPI, announce, escaped};
use axum::Extension;
use axum::http::HeaderMap;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// What the API is, whatever the dataset; made when it is first asked for.
#[derive(Clone)]
pub(crate) struct ApiDescription(Arc<LazyLock<Value>>);

impl ApiDescription {
    pub(crate) fn new(make: fn() -> Value) -> Self {
        Self(Arc::new(LazyLock::new(make)))
    }

    /// As JSON, of a service at this address.
    pub(crate) fn at(&self, base: &str) -> String {
        let mut document = Value::clone(&self.0);
        document["servers"] = json!([{"url": base}]);
        document.to_string()
    }

    /// As JSON, indented.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string_pretty(&**self.0).unwrap_or_default() + "\n"
    }
}

/// As it was written down from a build for tests, which holds it to be the same.
#[cfg(not(debug_assertions))]
pub(crate) fn written() -> Value {
    serde_json::from_str(include_str!("../../../web/openapi.json")).unwrap_or_default()
}

const OFFERED: [(DocumentForm, &str); 4] = [
    (DocumentForm::Json, OPENAPI),
    (DocumentForm::Json, "application/openapi+json;version=3.0"),
    (DocumentForm::Json, JSON),
    (DocumentForm::Html, HTML),
];

/// This document.
#[utoipa::path(get, path = "/api", operation_id = "getApi", tag = "service", params(FormParams, LangParams),
    responses((status = 200, description = "this document", content((Object = "application/vnd.oai.openapi+json;version=3.0"), (Object = "application/json"), (String = "text/html")))))]
pub(crate) async fn document(
    Extension(description): Extension<ApiDescription>,
    context: Context,
    headers: HeaderMap,
    params: Params,
) -> Answer {
    let (FormParams { f }, lang): (_, LangParams) = params.only()?;
    let (media_type, form) = negotiate::choose(f, &headers, &OFFERED)?;
    let (lang, html) = (lang.lang(&headers), form == DocumentForm::Html);
    let snapshot = context.describe();
    let base = negotiate::base_url(&context, &headers);
    let reply = Reply { context: &context, headers: &headers };
    let links = own_links(&format!("{base}/api"), OPENAPI, html);
    let document = || with_dataset(Value::clone(&description.0), snapshot, context.disclosure(), &base, lang);
    let mut response = if html {
        api_page::answer(&reply, &document(), &links, lang)
    } else {
        reply.form(Form::spoken(media_type, lang), || Ok(document().to_string().into_bytes()))
    }?;
    announce(&mut response, &links);
    Ok(response)
}

/// The document of this dataset: its collections by their ids, and the properties of each as the parameters that they
/// are. GDAL lets the server filter by just those that it finds under a collection's own path.
fn with_dataset(mut document: Value, about: &Description, disclosure: Disclosure, base: &str, lang: Lang) -> Value {
    document["servers"] = json!([{"url": base}]);
    document["info"]["description"] = json!(about.manifest.title.get(lang));
    let ids: Vec<&str> = about.collections.iter().map(|l| l.spec.id.as_str()).collect();
    let register = about.register();
    let items = document["paths"]["/collections/{collectionId}/items"].clone();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let layer = register.filter(|_| !path.contains("collectionId"));
            let own = layer.map_or(vec![], |l| properties(about, l, disclosure, lang, operation));
            let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else { continue };
            parameters.retain(|p| p["name"] != "property" || layer.is_none());
            parameters.extend(own);
            for p in parameters.iter_mut().filter(|p| p["name"] == "collectionId") {
                p["schema"]["enum"] = json!(ids);
            }
        }
    }
    for layer in &about.collections {
        let id = &layer.spec.id;
        let mut item = items.clone();
        let get = &mut item["get"];
        get["operationId"] = json!(format!("getFeatures.{id}"));
        get["summary"] = json!(format!("{}: {}", layer.spec.title.get(lang), get["summary"].as_str().unwrap_or("")));
        let own = properties(about, layer, disclosure, lang, get);
        if let Some(parameters) = get["parameters"].as_array_mut() {
            parameters.retain(|p| p["name"] != "collectionId" && p["name"] != "property");
            parameters.extend(own);
        }
        document["paths"][format!("/collections/{}/items", escaped(id))] = item;
    }
    document
}

/// The queryables of a collection as parameters of an operation that takes `property=value`.
fn properties(
    s: &Description,
    layer: &CollectionInfo,
    disclosure: Disclosure,
    lang: Lang,
    operation: &Value,
) -> Vec<Value> {
    let taken = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !taken.iter().any(|p| p["name"] == "property") {
        return vec![];
    }
    let free = |name: &str| name != "geometry" && !taken.iter().any(|p| p["name"] == name);
    let all = queryables::properties(s, layer, disclosure, lang);
    all.into_iter().filter(|(name, _)| free(name)).map(|(name, schema)| parameter(&name, schema)).collect()
}

fn parameter(name: &str, queryable: Value) -> Value {
    let title = queryable["title"].clone();
    // a list is requested by one of its members
    let schema = if queryable["type"] == "array" { queryable["items"].clone() } else { queryable };
    let mut kept = json!({});
    // names and aliases of a codelist are taken as well as its codes, so `enum` would say too little
    for key in ["type", "format"] {
        if let Some(value) = schema.get(key) {
            kept[key] = value.clone();
        }
    }
    json!({"name": name, "in": "query", "required": false, "description": title, "schema": kept})
}

type Map = serde_json::Map<String, Value>;
