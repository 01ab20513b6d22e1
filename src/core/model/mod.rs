//! Inert nouns: what a dataset is made of. No behaviour beyond reading itself out.

mod codelist;
mod dataset;
mod divisions;
mod indicator;
mod lang;
mod manifest;
mod table;
mod terms;
mod zone;

pub use codelist::{Codelist, CodelistEntry};
pub use dataset::{Dataset, Origin};
pub use divisions::{CededLand, DivisionAlias, Divisions, FormerDivision};
pub use indicator::Indicator;
pub use lang::{Lang, Text};
pub use manifest::{
    Assign, BooleanWords, CollectionSpec, DisclosureRules, Draw, GeometryKind, GroupSymbol, InventedRule,
    InventedValue, LayerGroup, Manifest, MetricKind, MetricSpec, ParentSpec, PartSpec, PropertySpec, PropertyType,
    RegisterSpec, Role, ScaledUnit, SubsetSpec, UnitPair, UnitSpec, ZoneKind, ZoneKindSpec, ZoneSpec,
};
pub use table::{Geometries, Table};
pub use terms::{Term, Terms, Wording, capital, within_sentence};
pub use zone::TimeZone;
