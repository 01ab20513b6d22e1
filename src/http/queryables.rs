//! `/collections/{id}/queryables`: what a filter can speak of, as a JSON Schema (OGC API - Features Part 3).

use super::answer::{Answer, Asked};
use super::collections::find;
use super::params::Params;
use super::{App, negotiate};
use crate::model::{Codelist, CollectionSpec, Geometries, GeometryKind, PropertySpec, PropertyType};
use crate::query::Disclosure;
use crate::snapshot::{Layer, Snapshot};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

const SCHEMA: &str = "application/schema+json";

/// What a filter can speak of: the collection's properties that may be asked for, `id` and `geometry`.
#[utoipa::path(get, path = "/collections/{id}/queryables", tag = "data", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/schema+json", body = serde_json::Value), (status = 404, body = super::problem::ProblemDocument)))]
pub(super) async fn queryables(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    params.finish()?;
    let snapshot = app.snapshot();
    let (_, layer) = find(&snapshot, &id)?;
    let own = format!("{}/collections/{id}/queryables", negotiate::base_url(&app, &headers));
    Asked { app: &app, snapshot: &snapshot, headers: &headers }
        .bytes(SCHEMA, || Ok(document(&snapshot, layer, app.disclosure(), &own).to_string().into_bytes()))
}

fn document(snapshot: &Snapshot, layer: &Layer, disclosure: Disclosure, own: &str) -> Value {
    let spec = &layer.spec;
    let mut properties = Map::new();
    for p in disclosure.columns(spec).into_iter().map(|i| &spec.properties[i]) {
        let codelist = p.codelist.as_ref().and_then(|c| snapshot.codelists.get(c));
        properties.insert(p.name.clone(), property(p, codelist));
    }
    // the collection's own property of that name is the one that is meant
    properties.entry("id").or_insert_with(|| json!({"title": "id", "type": "string", "x-ogc-role": "id"}));
    properties.entry("geometry").or_insert_with(
        || json!({"title": "geometry", "format": format(spec, &layer.table.geometries), "x-ogc-role": "primary-geometry"}),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": own,
        "type": "object",
        "title": spec.title.zh,
        "description": spec.description.zh,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn property(p: &PropertySpec, codelist: Option<&Codelist>) -> Value {
    let mut out = json!({"title": p.title.zh});
    let own = match p.ty {
        PropertyType::String => json!({"type": "string"}),
        PropertyType::Integer => json!({"type": "integer"}),
        PropertyType::Number => json!({"type": "number"}),
        PropertyType::Boolean => json!({"type": "boolean"}),
        PropertyType::Date => json!({"type": "string", "format": "date"}),
        PropertyType::Datetime => json!({"type": "string", "format": "date-time"}),
        PropertyType::Strings => json!({"type": "array", "items": {"type": "string"}}),
    };
    for (key, value) in own.as_object().into_iter().flatten() {
        out[key] = value.clone();
    }
    let codes: Option<Vec<&str>> = codelist.map(|c| c.entries.iter().map(|e| e.code.as_str()).collect());
    match (codes, p.ty) {
        (Some(codes), PropertyType::Strings) => out["items"]["enum"] = json!(codes),
        (Some(codes), _) => out["enum"] = json!(codes),
        _ => {}
    }
    let texts = [("description", p.description.as_ref()), ("x-ogc-unit", p.unit.as_ref())];
    for (key, text) in texts {
        if let Some(text) = text {
            out[key] = json!(text.zh);
        }
    }
    out
}

fn format(spec: &CollectionSpec, geometries: &Geometries) -> &'static str {
    match (spec.geometry, geometries) {
        (_, Geometries::Points { .. }) => "geometry-point",
        (GeometryKind::Point, _) => "geometry-point-or-multipoint",
        (GeometryKind::Line, _) => "geometry-linestring-or-multilinestring",
        (GeometryKind::Polygon, _) => "geometry-polygon-or-multipolygon",
        (GeometryKind::Any, _) => "geometry-any",
    }
}
