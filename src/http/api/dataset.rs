//! `/dataset`: what the page needs to know before anything else.

use crate::core::geometry::Bounds;
use crate::core::model::{
    Codelist, CodelistEntry, CodelistVersion, GeometryKind, InsetSpec, LayerGroup, MapApproval, MetricKind, MetricSpec,
    Period, Role, Term, Text, TrackedPlan, UnitSpec, ValidSpec,
};
use crate::core::query::{Disclosure, says_dates};
use crate::core::snapshot::Description;
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::TableParams;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply, to_json};
use crate::http::response::links::JSON;
use crate::http::schemas;
use crate::render::map::Zooms;
use crate::service::store::Version;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A dataset in short.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own on the wire")]
pub(crate) struct DatasetInfo {
    /// Identifier.
    id: String,
    /// Title.
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// Description.
    #[schema(value_type = schemas::Text)]
    description: Text,
    /// What its rows, classes, whole and place are called.
    #[schema(value_type = schemas::Terms)]
    terms: TermsInfo,
    /// Revision of the data: 16 hexadecimal digits.
    revision: String,
    /// Whether the enterprises are invented (示例数据).
    sample: bool,
    /// Approval number of the base map (审图号).
    map_approval: Option<String>,
    /// Whether the law of the place asks for an approval: without a number maps are for internal use.
    map_approval_needed: bool,
    /// What maps of the whole show: west, south, east, north.
    bounds: Option<[f64; 4]>,
    /// Parts of the ground that maps of the whole show in a corner, such as islands far away.
    #[schema(value_type = Vec<schemas::Inset>)]
    insets: Vec<InsetSpec>,
    /// At which zooms a map draws it.
    zooms: ZoomInfo,
    /// Those of `periods` that are years.
    years: Vec<u16>,
    /// The latest of `periods`, where it is a year.
    default_year: Option<u16>,
    /// Periods for which there are figures, from the earliest end to the latest: years (`2025`), quarters (`2025Q3`) and
    /// months (`2025-03`), published or made of shorter ones: a flow's sum where all of them are there, a stock's last.
    #[schema(value_type = Vec<String>)]
    periods: Vec<Period>,
    /// The latest of which any metric is published.
    #[schema(value_type = Option<String>)]
    default_period: Option<Period>,
    /// The latest of which every metric has figures.
    #[schema(value_type = Option<String>)]
    latest_common_period: Option<Period>,
    /// `full` or `aggregates`.
    disclosure: &'static str,
    /// The clusters in the plan's order.
    #[schema(value_type = Vec<schemas::CodelistEntry>)]
    clusters: Vec<CodelistEntry>,
    /// What their classification is called.
    #[schema(value_type = Option<schemas::Text>)]
    clusters_title: Option<Text>,
    /// The levels of the classes, the topmost first; one where none stands above another.
    class_levels: Vec<ClassLevelInfo>,
    /// The level at which classes are counted where a question names none.
    class_level: Option<String>,
    /// Other versions of the classification, by which the same rows can be read.
    class_versions: Vec<ClassVersionInfo>,
    /// What is summed.
    metrics: Vec<MetricInfo>,
    /// In which units readers see sums that are kept in a unit of the metrics.
    #[schema(value_type = Vec<schemas::UnitSpec>)]
    units: Vec<UnitSpec>,
    /// Whether it has a plan: its own terms (`/plan`), or indicators (`/indicators`).
    plan: bool,
    indicators: bool,
    /// Whether items of its plan are followed (`/plan/items`).
    tracked: bool,
    /// Whether `/freshness` has more to say of its tables than that it is not known.
    dates: bool,
    /// The kinds of zones, in the order of their collections.
    zone_kinds: Vec<ZoneKindInfo>,
    /// The switches of the map.
    #[schema(value_type = Vec<schemas::LayerGroup>)]
    layer_groups: Vec<LayerGroup>,
    /// All tables that statistics are made of, the main one first; the others are chosen by `table`.
    tables: Vec<TableInfo>,
    /// Whether it states ratios of sums (`/zones/ratios`).
    ratios: bool,
    /// Collection of the enterprises.
    register: Option<String>,
    /// What its properties are for.
    register_columns: Option<RegisterColumns>,
    /// The collections, lowest layer first.
    collections: Vec<CollectionInfo>,
    /// The version of the register, where one has been made.
    version: Option<VersionInShort>,
}

/// The words of a dataset, with what stands where the manifest states none.
#[derive(Serialize)]
struct TermsInfo {
    row: Term,
    class: Term,
    whole: Text,
    place: Text,
}

/// A level of the classes.
#[derive(Serialize, ToSchema)]
struct ClassLevelInfo {
    /// Id, or number from 1 at the top.
    id: String,
    /// What one of its classes is called, where the codelist says it.
    #[schema(value_type = Option<schemas::Text>)]
    title: Option<Text>,
    /// The English title of several.
    plural: Option<String>,
    /// How many classes it has.
    classes: usize,
}

/// A version of the classification.
#[derive(Serialize, ToSchema)]
struct ClassVersionInfo {
    id: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// First day of validity.
    valid_from: Option<String>,
    /// Last day of validity.
    valid_to: Option<String>,
    /// Its levels, the topmost first.
    levels: Vec<ClassLevelInfo>,
    /// Its classes.
    #[schema(value_type = Vec<schemas::CodelistEntry>)]
    clusters: Vec<CodelistEntry>,
}

/// The levels of a codelist.
fn class_levels(list: &Codelist) -> Vec<ClassLevelInfo> {
    let tree = list.tree();
    let level = |level: usize| ClassLevelInfo {
        id: list.level_word(level),
        title: list.levels.get(level).map(|l| l.title.clone()),
        plural: list.levels.get(level).and_then(|l| l.plural.clone()),
        classes: (0..list.entries.len()).filter(|place| tree.level(*place) == level).count(),
    };
    (0..tree.levels()).map(level).collect()
}

/// The versions of the classification.
fn class_versions(about: &Description) -> Vec<ClassVersionInfo> {
    let version = |v: &CodelistVersion| {
        let list = about.codelists.get(&v.codelist)?;
        Some(ClassVersionInfo {
            id: v.id.clone(),
            title: v.title.clone(),
            valid_from: v.valid_from.clone(),
            valid_to: v.valid_to.clone(),
            levels: class_levels(list),
            clusters: list.entries.clone(),
        })
    };
    about.clusters().into_iter().flat_map(|list| &list.versions).filter_map(version).collect()
}

/// A table that statistics are made of.
#[derive(Serialize, ToSchema)]
struct TableInfo {
    /// Its id: that of its collection.
    id: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// What its rows are called.
    #[schema(value_type = schemas::Term)]
    row: Term,
    /// Rows.
    count: usize,
    /// Rows with a position.
    located: usize,
    /// Whether the rows are invented (示例数据).
    sample: bool,
    /// Whether this answer is about it.
    shown: bool,
    /// What its properties are for, where its rows are sites that rows of another table may take.
    sites: Option<SitesInfo>,
}

/// What the properties of a table of sites are for: `/site-selection`.
#[derive(Serialize, ToSchema)]
struct SitesInfo {
    /// The table whose rows take sites.
    occupants: String,
    /// Metric: how much of a site there is.
    area: Option<String>,
    /// Metric: how much of it is vacant.
    vacant: Option<String>,
    /// Property: its price.
    price: Option<String>,
    /// Property: the classes that it is permitted for.
    classes: Option<String>,
    /// Property: what it is fitted with.
    facilities: Option<String>,
    /// Property: from when it can be taken.
    available: Option<String>,
}

/// Zooms of a map of 512 pixels a tile, from the extent and the number of rows.
#[derive(Serialize, ToSchema)]
struct ZoomInfo {
    /// At which the bounds fill a window of 1024 x 768 pixels.
    whole: f64,
    /// From which the rows of the register are drawn; before it the zones of the partition are shaded by number.
    rows: f64,
}

/// A version in short.
#[derive(Serialize, ToSchema)]
struct VersionInShort {
    /// Its number.
    number: u64,
    /// When it was made (RFC 3339, UTC).
    created: Option<String>,
    /// Name of the file that it was made from; null for a return to an earlier version.
    file: Option<String>,
}

/// A figure that is summed.
#[derive(Serialize, ToSchema)]
struct MetricInfo {
    id: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    #[schema(value_type = schemas::Text)]
    unit: Text,
    /// Decimals kept and shown.
    decimals: u8,
    /// Whether it is of a period or of a moment.
    #[schema(value_type = schemas::MetricKind)]
    kind: MetricKind,
    /// Whether a single enterprise's value leaves only inside sums.
    restricted: bool,
    /// Those of `periods` that are years.
    years: Vec<u16>,
    /// Periods for which there are figures, all of one length.
    #[schema(value_type = Vec<String>)]
    periods: Vec<Period>,
    /// Property of the register that holds the figures of a period.
    #[schema(value_type = BTreeMap<String, String>)]
    columns: BTreeMap<Period, String>,
}

/// What the properties of the register are for.
#[derive(Serialize, ToSchema)]
struct RegisterColumns {
    /// Id of the district that the row declares, or of a zone of a level above or below.
    district: Option<String>,
    /// Code of the class.
    cluster: Option<String>,
    /// Codes of secondary clusters.
    secondary: Option<String>,
    /// Code of the stage of its class (`/zones/chain`).
    stage: Option<String>,
    /// How the position was found.
    location_class: Option<String>,
    /// How exact the position is, in metres.
    precision_m: Option<String>,
    /// From when and until when a row counts; `null` where the register has no dates and is as it stands in every year.
    #[schema(value_type = Option<schemas::Valid>)]
    valid: Option<ValidSpec>,
    /// What the register is limited to, such as an industry.
    #[schema(value_type = Option<schemas::Text>)]
    scope: Option<Text>,
}

/// A kind of zones.
#[derive(Serialize, ToSchema)]
struct ZoneKindInfo {
    id: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    /// What its zones are called inside a sentence.
    #[schema(value_type = schemas::Term)]
    term: Term,
    /// The collections that hold their outlines.
    collections: Vec<String>,
    /// Whether they share no ground: with what no zone holds, they add up to the whole, and those below a zone to that zone.
    partition: bool,
    /// Whether they are the districts: what the register declares, and to what readers can be limited.
    districts: bool,
    /// The kind of the zones above them.
    parent: Option<String>,
    /// How many kinds are above it.
    level: usize,
    /// How many zones it has.
    count: usize,
}

/// A collection in short.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of the collection by itself")]
struct CollectionInfo {
    id: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    #[schema(value_type = schemas::Role)]
    role: Role,
    #[schema(value_type = schemas::GeometryKind)]
    geometry: GeometryKind,
    /// Property that holds the name.
    name: Option<String>,
    /// Property that holds the English name.
    name_en: Option<String>,
    /// Features.
    count: usize,
    /// Features with a geometry.
    located: usize,
    sample: bool,
    schematic: bool,
    /// Whether its features can be edited in a draft, attributes and geometry; rows of tables always can.
    editable: bool,
    /// Whether all its areas can be replaced by those of a file in a draft.
    replaceable: bool,
    /// Whether its points are places with addresses, which the search finds.
    places: bool,
    #[schema(value_type = schemas::Text)]
    source: Text,
    licence: Option<String>,
    /// The number under which its areas were approved (批准文号, 审图号).
    approval: Option<String>,
    valid_from: Option<String>,
}

/// What the dataset is and holds.
#[utoipa::path(get, path = "/dataset", operation_id = "getDataset", tag = "data", params(TableParams),
    responses((status = 200, body = DatasetInfo)))]
pub(crate) async fn dataset(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let context = context.of_table(&params.only()?)?;
    if !negotiate::accepts(&headers, JSON) {
        return Err(Problem::of_status(StatusCode::NOT_ACCEPTABLE));
    }
    let version = context.version().filter(|v| v.number > 0);
    let form = Form { version: version.map_or(0, |v| v.number), ..Form::plain(JSON) };
    Reply { context: &context, headers: &headers }
        .form(form, || to_json(&describe(context.describe(), version, context.disclosure())))
}

fn tables(s: &Description) -> Vec<TableInfo> {
    let table = |t: &crate::core::snapshot::TableInfo| {
        let of = &s.collections[t.collection];
        TableInfo {
            id: t.id.clone(),
            title: of.spec.title.clone(),
            row: t.row.clone(),
            count: of.rows,
            located: of.located,
            sample: of.spec.sample,
            shown: s.register.as_ref().is_some_and(|r| r.collection == t.collection),
            sites: t.spec.register.as_ref().and_then(|r| r.sites.clone()).map(|sites| SitesInfo {
                occupants: sites.occupants,
                area: sites.area,
                vacant: sites.vacant,
                price: sites.price,
                classes: sites.classes,
                facilities: sites.facilities,
                available: sites.available,
            }),
        }
    };
    s.tables.iter().map(table).collect()
}

fn metric(m: &MetricSpec) -> MetricInfo {
    MetricInfo {
        id: m.id.clone(),
        title: m.title.clone(),
        unit: m.unit.clone(),
        decimals: m.decimals,
        kind: m.kind,
        restricted: m.restricted,
        years: m.columns.keys().filter_map(|p| p.whole_year()).collect(),
        periods: m.columns.keys().copied().collect(),
        columns: m.columns.clone(),
    }
}

fn describe(s: &Description, version: Option<&Version>, disclosure: Disclosure) -> DatasetInfo {
    let register = s.register();
    let spec = register.and_then(|c| c.spec.register.as_ref());
    let periods = s.register.as_ref().map(|r| r.periods.clone()).unwrap_or_default();
    let years = |periods: &[Period]| periods.iter().filter_map(|p| p.whole_year()).collect();
    let metrics = spec.iter().flat_map(|r| &r.metrics).map(metric);
    let collections = s.collections.iter().map(|l| CollectionInfo {
        id: l.spec.id.clone(),
        title: l.spec.title.clone(),
        role: l.spec.role,
        geometry: l.spec.geometry,
        name: l.spec.name.clone(),
        name_en: l.spec.name_en.clone(),
        count: l.rows,
        located: l.located,
        sample: l.spec.sample,
        schematic: l.spec.schematic,
        editable: l.spec.is_editable(),
        replaceable: l.spec.is_replaceable(),
        places: l.spec.places.is_some(),
        source: l.spec.source.clone(),
        licence: l.spec.licence.clone(),
        approval: l.spec.approval.clone(),
        valid_from: l.spec.valid_from.clone(),
    });
    let mut of_kind = vec![0; s.zone_kinds.len()];
    s.zones.iter().for_each(|zone| of_kind[zone.kind] += 1);
    let zone_kinds = s.zone_kinds.iter().enumerate().map(|(place, k)| ZoneKindInfo {
        id: k.id.clone(),
        title: k.title.clone(),
        term: k.term.clone(),
        collections: k.collections.iter().map(|&c| s.collections[c].spec.id.clone()).collect(),
        partition: k.partition,
        districts: k.districts,
        parent: k.parent.clone(),
        level: k.level,
        count: of_kind[place],
    });
    let zooms = Zooms::of(s);
    DatasetInfo {
        id: s.manifest.id.clone(),
        title: s.manifest.title.clone(),
        description: s.manifest.description.clone(),
        terms: TermsInfo {
            row: s.manifest.terms.row.clone(),
            class: s.manifest.terms.class.clone(),
            whole: s.manifest.terms.whole.clone(),
            place: s.manifest.place().clone(),
        },
        revision: s.revision.clone(),
        sample: s.sample(),
        map_approval: s.manifest.map_approval.number().map(str::to_owned),
        map_approval_needed: s.manifest.map_approval != MapApproval::NotNeeded,
        bounds: Some(s.view()).filter(|view| !view.is_empty()).map(Bounds::to_array),
        insets: if s.scope.is_none() { s.manifest.map.insets.clone() } else { vec![] },
        zooms: ZoomInfo { whole: zooms.whole, rows: zooms.rows },
        years: years(&periods),
        default_year: s.default_period().and_then(Period::whole_year),
        default_period: s.default_period(),
        latest_common_period: s.register.as_ref().and_then(|r| r.latest_common),
        periods,
        disclosure: if disclosure == Disclosure::Full { "full" } else { "aggregates" },
        clusters: s.clusters().map(|c| c.entries.clone()).unwrap_or_default(),
        clusters_title: s.clusters().map(|c| c.title.clone()),
        class_levels: s.clusters().map(class_levels).unwrap_or_default(),
        class_level: s.clusters().map(|_| s.classes.level_word().to_owned()),
        class_versions: class_versions(s),
        metrics: metrics.collect(),
        units: s.manifest.units.clone(),
        plan: s.plan.is_some(),
        indicators: !s.indicators.is_empty(),
        dates: says_dates(s),
        tracked: s.plan.as_ref().is_some_and(|plan| matches!(TrackedPlan::of(plan), Ok(Some(_)))),
        zone_kinds: zone_kinds.collect(),
        layer_groups: s.manifest.layer_groups(),
        tables: tables(s),
        ratios: !s.manifest.ratios.is_empty(),
        register: register.map(|c| c.spec.id.clone()),
        register_columns: spec.map(|r| RegisterColumns {
            district: r.district.clone(),
            cluster: r.cluster.clone(),
            secondary: r.secondary.clone(),
            stage: r.stage.clone(),
            location_class: r.location_class.clone(),
            precision_m: r.precision_m.clone(),
            valid: r.valid.clone(),
            scope: r.scope.clone(),
        }),
        collections: collections.collect(),
        version: version.map(|v| VersionInShort {
            number: v.number,
            created: v.created.map(crate::http::admin::versions::moment),
            file: v.file.clone(),
        }),
    }
}
