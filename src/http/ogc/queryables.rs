//! `/collections/{id}/queryables`: what a filter can speak of, as a JSON Schema (OGC API - Features Part 3).

use crate::core::model::{Codelist, CodelistEntry, CollectionSpec, GeometryKind, Lang, PropertySpec, PropertyType};
use crate::core::query::Disclosure;
use crate::core::snapshot::{CollectionInfo, Description};
use crate::http::extract::context::Context;
use crate::http::extract::layers::find;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{JsonForm, JsonParams, LangParams};
use crate::http::response::answer::{Answer, Form, Reply};
use crate::http::response::links::{JSON, SCHEMA, escaped};
use axum::extract::Path;
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

const OFFERED: [(JsonForm, &str); 2] = [(JsonForm, SCHEMA), (JsonForm, JSON)];

/// What a filter can speak of: the collection's properties that may be asked for, `id` and `geometry`.
#[utoipa::path(get, path = "/collections/{collectionId}/queryables", operation_id = "getQueryables", tag = "data",
    params(("collectionId" = String, Path, description = "id of a collection"),
        JsonParams, LangParams),
    responses((status = 200, description = "a JSON Schema", content_type = "application/schema+json", body = Object)))]
pub(crate) async fn queryables(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    let (JsonParams { f }, lang): (_, LangParams) = params.only()?;
    let (lang, (media_type, JsonForm)) = (lang.lang(&headers), negotiate::choose(f, &headers, &OFFERED)?);
    let (_, layer) = find(&context, &id)?;
    let own = format!("{}/collections/{}/queryables", negotiate::base_url(&context, &headers), escaped(&id));
    Reply { context: &context, headers: &headers }.form(Form::spoken(media_type, lang), || {
        Ok(document(context.describe(), layer, context.disclosure(), &own, lang).to_string().into_bytes())
    })
}

fn document(about: &Description, layer: &CollectionInfo, disclosure: Disclosure, own: &str, lang: Lang) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": own,
        "type": "object",
        "title": layer.spec.title.get(lang),
        "description": layer.spec.description.get(lang),
        "properties": properties(about, layer, disclosure, lang),
        "additionalProperties": false,
    })
}

/// The queryables by their names, each as a JSON Schema.
pub(crate) fn properties(
    about: &Description,
    layer: &CollectionInfo,
    disclosure: Disclosure,
    lang: Lang,
) -> Map<String, Value> {
    let spec = &layer.spec;
    let mut properties = Map::new();
    for p in disclosure.columns(spec).into_iter().map(|i| &spec.properties[i]) {
        let codelist = p.codelist.as_ref().and_then(|c| about.codelists.get(c));
        properties.insert(p.name.clone(), property(p, codelist, lang));
    }
    // the collection's own property of that name is the one that is meant
    properties.entry("id").or_insert_with(|| json!({"title": "id", "type": "string", "x-ogc-role": "id"}));
    properties.entry("geometry").or_insert_with(
        || json!({"title": "geometry", "format": format(spec, layer.points), "x-ogc-role": "primary-geometry"}),
    );
    properties
}

fn property(p: &PropertySpec, codelist: Option<&Codelist>, lang: Lang) -> Value {
    let mut out = json!({"title": p.title.get(lang)});
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
    if let Some(list) = codelist {
        let named = |e: &CodelistEntry| json!({"const": e.code, "title": e.name.get(lang)});
        let named: Vec<Value> = list.entries.iter().map(named).collect();
        match p.ty {
            PropertyType::Strings => out["items"]["oneOf"] = json!(named),
            _ => out["oneOf"] = json!(named),
        }
    }
    if p.derived {
        out["readOnly"] = json!(true);
    }
    let limits = [("minimum", p.minimum), ("maximum", p.maximum)];
    limits.into_iter().filter_map(|(key, limit)| Some((key, limit?))).for_each(|(key, limit)| out[key] = json!(limit));
    // what the manifest says beyond JSON Schema: whose ids the values are
    let words = [("pattern", p.pattern.as_ref()), ("x-references", p.references.as_ref())];
    words.into_iter().filter_map(|(key, word)| Some((key, word?))).for_each(|(key, word)| out[key] = json!(word));
    let texts = [("description", p.description.as_ref()), ("x-ogc-unit", p.unit.as_ref())];
    for (key, text) in texts {
        if let Some(text) = text {
            out[key] = json!(text.get(lang));
        }
    }
    out
}

fn format(spec: &CollectionSpec, points: bool) -> &'static str {
    match (spec.geometry, points) {
        (_, true) => "geometry-point",
        (GeometryKind::Point, _) => "geometry-point-or-multipoint",
        (GeometryKind::Line, _) => "geometry-linestring-or-multilinestring",
        (GeometryKind::Polygon, _) => "geometry-polygon-or-multipolygon",
        (GeometryKind::Any, _) => "geometry-any",
    }
}
