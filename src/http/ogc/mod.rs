//! Resources of the OGC APIs (Features, Tiles, Maps, Styles) and their description.

pub(crate) mod api_page;
pub(crate) mod bulk;
pub(crate) mod collections;
pub(crate) mod feature_page;
pub(crate) mod feature_place;
pub(crate) mod feature_search;
pub(crate) mod geojson;
pub(crate) mod items;
pub(crate) mod landing;
pub(crate) mod map;
pub(crate) mod openapi;
#[cfg(debug_assertions)]
pub(crate) mod openapi30;
pub(crate) mod qgis;
pub(crate) mod queryables;
pub(crate) mod styles;
pub(crate) mod svg_preview;
pub(crate) mod tiles;
pub(crate) mod tilesets;
