//! TileJSON 3.0: what a set of tiles holds.

use crate::core::geometry::Bounds;
use crate::core::model::{PropertyType, Role};
use crate::core::query::Disclosure;
use crate::core::snapshot::Description;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Deepest zoom of the tiles; maps draw the tiles of this zoom larger beyond it.
pub(super) const MAX_TILE_ZOOM: u8 = 18;

/// A TileJSON 3.0 document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TileJson {
    /// `3.0.0`.
    pub tilejson: String,
    /// Name.
    pub name: String,
    /// Where the data comes from.
    pub attribution: String,
    /// Revision of the data.
    pub version: String,
    /// URL templates.
    pub tiles: Vec<String>,
    /// Layers.
    pub vector_layers: Vec<VectorLayer>,
    /// West, south, east, north.
    pub bounds: [f64; 4],
    /// Shallowest zoom.
    pub minzoom: u8,
    /// Deepest zoom.
    pub maxzoom: u8,
}

/// A layer of the tiles.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VectorLayer {
    /// Name.
    pub id: String,
    /// What it holds.
    pub description: String,
    /// Attribute -> type.
    pub fields: BTreeMap<String, String>,
}

/// Describes the tiles of the layers given, whose URLs follow `template`.
pub fn tilejson(about: &Description, layers: &[usize], disclosure: Disclosure, template: String) -> TileJson {
    let mut sources: Vec<&str> = layers.iter().map(|&i| about.collections[i].spec.source.zh.as_str()).collect();
    sources.dedup();
    TileJson {
        tilejson: "3.0.0".into(),
        name: about.manifest.title.zh.clone(),
        attribution: sources.join(";"),
        version: "1.0.0".into(),
        tiles: vec![template],
        vector_layers: vector_layers(about, layers, disclosure),
        bounds: bounds(about, layers).to_array(),
        minzoom: 0,
        maxzoom: MAX_TILE_ZOOM,
    }
}

/// The box around the layers; the world when they are empty.
pub(super) fn bounds(about: &Description, layers: &[usize]) -> Bounds {
    let mut bounds = Bounds::EMPTY;
    layers.iter().for_each(|&i| bounds.join(&about.collections[i].bounds));
    if bounds.is_empty() { Bounds::WORLD } else { bounds }
}

/// What stands in the tiles of the layers given.
pub(super) fn vector_layers(about: &Description, layers: &[usize], disclosure: Disclosure) -> Vec<VectorLayer> {
    let mut out = Vec::new();
    for &place in layers {
        let layer = &about.collections[place];
        // a tile of a table is that of the table, whichever is in question
        let spec = about.tables.iter().find(|t| t.collection == place).map_or(&layer.spec, |t| &t.spec);
        let mut fields: BTreeMap<String, String> = disclosure
            .columns(spec)
            .into_iter()
            .map(|i| &spec.properties[i])
            .filter(|p| p.ty != PropertyType::Strings)
            .map(|p| (p.name.clone(), type_name(p.ty).to_owned()))
            .collect();
        if spec.role == Role::Register {
            fields.clear();
            fields.extend(["name", "cluster"].map(|k| (k.to_owned(), "String".to_owned())));
            let metrics = spec.register.iter().flat_map(|r| &r.metrics);
            fields.extend(metrics.map(|m| (m.id.clone(), "Number".to_owned())));
        }
        fields.insert("fid".into(), "String".into());
        let id = layer.spec.id.clone();
        let description = layer.spec.title.zh.clone();
        if layer.points && spec.role == Role::Register {
            fields.extend(["second", "third"].map(|k| (k.to_owned(), "String".to_owned())));
            fields.insert("mix".into(), "Number".into());
        }
        if layer.points {
            fields.extend(["n", "cz"].map(|k| (k.to_owned(), "Number".to_owned())));
        } else {
            let fields = fields.clone();
            out.push(VectorLayer { id: format!("{id}-label"), description: format!("{description}(注记)"), fields });
        }
        out.push(VectorLayer { id, description, fields });
    }
    out
}

fn type_name(ty: PropertyType) -> &'static str {
    match ty {
        PropertyType::Integer | PropertyType::Number => "Number",
        PropertyType::Boolean => "Boolean",
        PropertyType::String | PropertyType::Date | PropertyType::Datetime | PropertyType::Strings => "String",
    }
}
