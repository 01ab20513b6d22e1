//! Inert nouns: what a dataset is made of. No behaviour beyond reading itself out.

mod dataset;
mod indicator;
mod lang;
mod manifest;
mod table;

pub use dataset::{Dataset, Origin};
pub use indicator::Indicator;
pub use lang::{Lang, Text};
pub use manifest::{
    Codelist, CodelistEntry, CollectionSpec, DisclosureRules, Draw, GeometryKind, GroupSymbol, LayerGroup, Manifest,
    MetricKind, MetricSpec, PartSpec, PropertySpec, PropertyType, RegisterSpec, Role, ZoneKind, ZoneKindSpec, ZoneSpec,
};
pub use table::{Geometries, Table};
