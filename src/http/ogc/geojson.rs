//! Features as the API's description has them; `items` writes them without going through these types.
#![allow(dead_code, reason = "only described here")]

use crate::http::response::links::Link;
use serde::Serialize;
use utoipa::ToSchema;

/// GeoJSON (RFC 7946), with the links of OGC API - Features.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeatureCollection {
    #[schema(value_type = FeatureCollectionType)]
    r#type: &'static str,
    features: Vec<Feature>,
    /// Features that match, on all pages.
    #[serde(rename = "numberMatched")]
    number_matched: u64,
    /// Features on this page.
    #[serde(rename = "numberReturned")]
    number_returned: u64,
    /// When the answer was made.
    #[serde(rename = "timeStamp")]
    #[schema(format = DateTime)]
    time_stamp: String,
    /// `self`, `alternate`, `collection`, `next` where there is more, `prev`.
    links: Vec<Link>,
}

#[derive(Serialize, ToSchema)]
enum FeatureCollectionType {
    FeatureCollection,
}

/// A GeoJSON feature.
#[derive(Serialize, ToSchema)]
pub(crate) struct Feature {
    #[schema(value_type = FeatureType)]
    r#type: &'static str,
    id: String,
    /// A GeoJSON geometry in the reference system asked for.
    #[schema(value_type = Option<Object>, required = true)]
    geometry: Option<serde_json::Value>,
    /// What the collection's queryables name.
    #[schema(value_type = Object)]
    properties: serde_json::Value,
    /// `self`, `alternate`, `collection`; on a page of features none.
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<Vec<Link>>,
}

#[derive(Serialize, ToSchema)]
enum FeatureType {
    Feature,
}
