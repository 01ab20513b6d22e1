//! `/collections` and `/collections/{id}` (OGC API - Features Part 1).

use super::answer::{Answer, Asked};
use super::params::Params;
use super::problem::Problem;
use super::{App, negotiate};
use crate::model::{PropertyType, Text};
use crate::query::Disclosure;
use crate::snapshot::{Layer, Snapshot};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

/// CRS of all coordinates: longitude, latitude.
pub(super) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// A link to something else.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Link {
    /// Absolute address.
    pub(super) href: String,
    /// What it is to this resource.
    pub(super) rel: &'static str,
    /// Media type.
    #[serde(rename = "type")]
    pub(super) ty: &'static str,
}

impl Link {
    pub(super) fn new(href: String, rel: &'static str, ty: &'static str) -> Self {
        Self { href, rel, ty }
    }
}

/// The collections of the dataset.
#[derive(Serialize, ToSchema)]
pub(super) struct CollectionList {
    /// The collections, lowest layer first.
    collections: Vec<CollectionDocument>,
    /// Links.
    links: Vec<Link>,
}

/// A collection.
#[derive(Serialize, ToSchema)]
pub(super) struct CollectionDocument {
    id: String,
    title: String,
    description: String,
    /// Box around all features.
    extent: Option<Extent>,
    #[serde(rename = "itemType")]
    item_type: &'static str,
    crs: Vec<&'static str>,
    #[serde(rename = "storageCrs")]
    storage_crs: &'static str,
    /// The properties that can be read and asked for.
    properties: Vec<PropertyDocument>,
    /// Where the data comes from.
    source: Text,
    /// Its licence.
    licence: Option<String>,
    links: Vec<Link>,
}

/// Where a collection lies.
#[derive(Serialize, ToSchema)]
struct Extent {
    spatial: Spatial,
}

/// Boxes in CRS84.
#[derive(Serialize, ToSchema)]
struct Spatial {
    bbox: Vec<[f64; 4]>,
    crs: &'static str,
}

/// What a property means.
#[derive(Serialize, ToSchema)]
struct PropertyDocument {
    name: String,
    title: Text,
    #[serde(rename = "type")]
    ty: PropertyType,
    unit: Option<Text>,
    description: Option<Text>,
    codelist: Option<String>,
}

/// All collections.
#[utoipa::path(get, path = "/collections", tag = "data", responses((status = 200, body = CollectionList)))]
pub(super) async fn list(State(app): State<App>, headers: HeaderMap, params: Params) -> Answer {
    params.finish()?;
    let snapshot = app.snapshot();
    let asked = Asked { app: &app, snapshot: &snapshot, headers: &headers };
    let base = negotiate::base_url(&app, &headers);
    asked.json(|| {
        let collections = snapshot.layers.iter().map(|l| document(l, &base, app.disclosure())).collect();
        let links = vec![Link::new(format!("{base}/collections"), "self", "application/json")];
        Ok(CollectionList { collections, links })
    })
}

/// One collection.
#[utoipa::path(get, path = "/collections/{id}", tag = "data", params(("id" = String, Path)),
    responses((status = 200, body = CollectionDocument), (status = 404, body = super::problem::ProblemDocument)))]
pub(super) async fn one(State(app): State<App>, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let snapshot = app.snapshot();
    let (_, layer) = find(&snapshot, &id)?;
    let base = negotiate::base_url(&app, &headers);
    Asked { app: &app, snapshot: &snapshot, headers: &headers }.json(|| Ok(document(layer, &base, app.disclosure())))
}

/// The layer of a collection, or 404.
pub(super) fn find<'a>(snapshot: &'a Snapshot, id: &str) -> Result<(usize, &'a Layer), Problem> {
    snapshot.layer(id).ok_or_else(|| {
        let known = snapshot.layers.iter().map(|l| l.spec.id.as_str()).collect::<Vec<_>>().join(", ");
        Problem::not_found(
            format!("没有集合 {id},现有:{known}。"),
            format!("There is no collection {id}; known: {known}."),
        )
    })
}

fn document(layer: &Layer, base: &str, disclosure: Disclosure) -> CollectionDocument {
    let spec = &layer.spec;
    let own = format!("{base}/collections/{}", spec.id);
    let properties = disclosure.columns(spec).into_iter().map(|i| &spec.properties[i]).map(|p| PropertyDocument {
        name: p.name.clone(),
        title: p.title.clone(),
        ty: p.ty,
        unit: p.unit.clone(),
        description: p.description.clone(),
        codelist: p.codelist.clone(),
    });
    CollectionDocument {
        id: spec.id.clone(),
        title: spec.title.zh.clone(),
        description: spec.description.zh.clone(),
        extent: (!layer.bounds.is_empty())
            .then(|| Extent { spatial: Spatial { bbox: vec![layer.bounds.to_array()], crs: CRS84 } }),
        item_type: "feature",
        crs: vec![CRS84],
        storage_crs: CRS84,
        properties: properties.collect(),
        source: spec.source.clone(),
        licence: spec.licence.clone(),
        links: vec![
            Link::new(own.clone(), "self", "application/json"),
            Link::new(format!("{own}/items"), "items", "application/geo+json"),
            Link::new(
                format!("{own}/queryables"),
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                "application/schema+json",
            ),
            Link::new(format!("{base}/xyz/{}/tilejson.json", spec.id), "tiles", "application/json"),
        ],
    }
}
