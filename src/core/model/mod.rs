//! Inert nouns: what a dataset is made of. No behaviour beyond reading itself out.

mod class_tree;
mod codelist;
mod collection;
mod dataset;
mod divisions;
mod indicator;
mod lang;
mod maintenance;
mod manifest;
pub(crate) mod period;
mod plan;
mod register;
mod sites;
mod table;
mod terms;
mod unit;
mod validity;
mod zone;

pub use class_tree::ClassTree;
pub use codelist::{ClassLevel, Codelist, CodelistEntry, CodelistVersion, Mapping, spelling};
pub use collection::{
    BooleanWords, CollectionSpec, Draw, GeometryKind, GroupSymbol, LayerGroup, ParentSpec, PartSpec, PlacesSpec,
    PropertySpec, PropertyType, Role, ZoneSpec,
};
pub use dataset::{Dataset, Origin};
pub use divisions::{CededLand, DivisionAlias, Divisions, FormerDivision};
pub use indicator::Indicator;
pub use lang::{Lang, Text};
pub use maintenance::{Cadence, Maintenance, NoSpan, Span};
pub use manifest::{IndicatorCount, InsetSpec, Manifest, MapApproval, MapSpec, ZoneKind, ZoneKindSpec};
pub use period::{Granularity, NoPeriod, Period, year_and_period};
pub use plan::{ActsOn, Deadline, HalfYear, NoDeadline, NoHalfYear, PlanFault, PlanItem, TrackedList, TrackedPlan};
pub use register::{
    AllIndustries, Assign, DisclosureRules, InventedRule, InventedValue, MetricKind, MetricSpec, RegisterSpec,
    SubsetSpec, TableTerms,
};
pub use sites::{RatioPart, RatioSpec, SitesSpec};
pub use table::{Geometries, Table};
pub use terms::{Term, Terms, Wording, capital, within_sentence};
pub use unit::{ScaledUnit, Stated, UnitPair, UnitSpec, factor};
pub use validity::ValidSpec;
pub use zone::TimeZone;
