//! `/versions`: the register as it was at any time, what is different between two of them, and going back to one.

use crate::core::columns::Moment;
use crate::core::query::Disclosure;
use crate::data::intake::{Comparison, Detail, Fate};
use crate::http::admin::checked_note;
use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{PageParams, TableParams};
use crate::http::extract::values::{Word, Words, whole};
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, blocking, json, lasting};
use crate::service::accounts::Permission;
use crate::service::clock;
use crate::service::store::{Provenance, Version, VersionCounts, VersionKind};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

impl Words for Fate {
    fn words() -> Vec<(&'static str, Self)> {
        vec![
            ("new", Self::New),
            ("changed", Self::Changed),
            ("moved", Self::Moved),
            ("removed", Self::Removed),
            ("unchanged", Self::Unchanged),
        ]
    }
}

/// One version of the register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionInfo {
    /// Its number, from 1; 0 is the register of the dataset folder.
    number: u64,
    /// When it was made (RFC 3339, UTC); null for 0.
    created: Option<String>,
    /// Who made it; empty for readers without rights of their own.
    actor: String,
    /// Name of the file that it was made from.
    file: Option<String>,
    /// SHA-256 of that file; null for readers without rights of their own, who could try out figures in a short file.
    file_sha256: Option<String>,
    /// What whoever made it says about it; empty for readers without rights of their own.
    note: String,
    /// Who released it, where that was another than who made it; null for readers without rights of their own.
    released: Option<String>,
    /// The number of the document by which a layout was put into force.
    document: Option<String>,
    /// The date of that, `YYYY-MM-DD`.
    decided: Option<String>,
    /// How it came about.
    kind: VersionKind,
    /// The version that was gone back to.
    of: Option<u64>,
    /// In figures, compared with the version before.
    counts: VersionCounts,
    /// Revision of the whole dataset when it was made.
    revision: String,
    /// SHA-256 of its content; null for readers without rights of their own.
    sha256: Option<String>,
    /// Bytes of its content; null for readers without rights of their own.
    bytes: Option<u64>,
    /// Whether its content is still there.
    kept: bool,
    /// Whether it is the one that is served.
    current: bool,
}

impl VersionInfo {
    pub(crate) fn of(v: Version, disclosure: Disclosure) -> Self {
        let full = disclosure == Disclosure::Full;
        let open = |text: String| if full { text } else { String::new() };
        Self {
            number: v.number,
            created: v.created.map(moment),
            actor: open(v.actor),
            file: v.file,
            file_sha256: v.file_sha256.filter(|_| full),
            note: open(v.note),
            released: v.released.filter(|_| full),
            document: v.document,
            decided: v.decided,
            kind: v.kind,
            of: v.of,
            counts: v.counts,
            revision: v.revision,
            sha256: v.sha256.filter(|_| full),
            bytes: full.then_some(v.bytes),
            kept: v.kept,
            current: v.current,
        }
    }
}

/// Seconds since 1970 as RFC 3339.
pub(crate) fn moment(seconds: i64) -> String {
    Moment::instant(seconds.saturating_mul(1_000_000)).to_string()
}

/// All versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionList {
    /// Number of the one that is served.
    current: u64,
    /// The latest first.
    versions: Vec<VersionInfo>,
}

/// What is different between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changes {
    /// The earlier one.
    from: u64,
    /// The later one.
    to: u64,
    /// Enterprises by what has become of them.
    counts: BTreeMap<&'static str, usize>,
    /// Enterprises of the classes asked for.
    matched: usize,
    /// A page of them.
    rows: Vec<ChangedRow>,
}

/// An enterprise in two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedRow {
    /// Its id.
    id: String,
    /// Its name, the later one.
    name: String,
    /// What has become of it.
    class: Fate,
    /// Longitude and latitude in the earlier version.
    from: Option<[f64; 2]>,
    /// Longitude and latitude in the later version.
    to: Option<[f64; 2]>,
    /// Other values that are different; restricted ones only where the reader sees them.
    changes: Vec<ChangedValue>,
    /// Of a feature that is no row of a table: its geometry in the earlier version (GeoJSON); null for rows.
    #[schema(value_type = Option<Object>)]
    old_geometry: Option<Json>,
    /// Of such a feature: its geometry in the later version; null for rows.
    #[schema(value_type = Option<Object>)]
    new_geometry: Option<Json>,
}

/// A value in two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedValue {
    /// The property.
    property: String,
    /// In the earlier version.
    #[schema(value_type = Object)]
    old: Json,
    /// In the later version.
    #[schema(value_type = Object)]
    new: Json,
}

// the description does not follow a type with parameters of its own
type FateWord = Word<Fate>;

/// Which differences.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangesParams {
    /// The earlier version [default: the one before].
    from: Option<u64>,
    /// What has become of the enterprises [default: anything but `unchanged`].
    #[param(inline)]
    class: Option<FateWord>,
    /// Id of the one enterprise whose change is wanted.
    id: Option<String>,
    /// A collection whose features are edited (`editable` in `/dataset`), instead of the table.
    collection: Option<String>,
}

/// Why the version is gone back to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreBody {
    /// Remark, at most 500 characters.
    #[serde(default)]
    note: String,
}

/// The versions of the register, the latest first; number 0 is the register of the dataset folder.
#[utoipa::path(get, path = "/versions", operation_id = "getVersions", tag = "service", responses(
    (status = 200, body = VersionList),
    (status = 501, description = "the service keeps no versions: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    blocking(move || {
        let store = context.store();
        let versions: Vec<VersionInfo> =
            store.versions()?.into_iter().map(|v| VersionInfo::of(v, context.disclosure())).collect();
        let current = versions.iter().find(|v| v.current).map_or(0, |v| v.number);
        json(StatusCode::OK, &VersionList { current, versions })
    })
    .await
}

/// A version of the register.
#[utoipa::path(get, path = "/versions/{number}", operation_id = "getVersion", tag = "service", params(("number" = u64, Path)), responses(
    (status = 200, body = VersionInfo),
    (status = 404, description = "no such version", body = ProblemDocument),
    (status = 501, description = "the service keeps no versions", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(number): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let number = numbered(&number)?;
    blocking(move || json(StatusCode::OK, &VersionInfo::of(context.store().version(number)?, context.disclosure())))
        .await
}

/// What is different in a version, enterprise by enterprise.
#[utoipa::path(get, path = "/versions/{number}/changes", operation_id = "getVersionChanges", tag = "service",
    params(("number" = u64, Path), ChangesParams, PageParams, TableParams), responses(
    (status = 200, body = Changes),
    (status = 404, description = "no such version", body = ProblemDocument),
    (status = 410, description = "its content is no longer kept", body = ProblemDocument),
    (status = 501, description = "the service keeps no versions", body = ProblemDocument)))]
pub(crate) async fn changes(context: Context, Path(number): Path<String>, params: Params) -> Answer {
    let to = numbered(&number)?;
    let (ChangesParams { from, class, id, collection }, page, table): (_, PageParams, TableParams) = params.only()?;
    let context = context.of_table(&table)?;
    let of_features = collection.is_some();
    if let Some(id) = &collection
        && !context.describe().collection(id).is_some_and(|(_, c)| c.spec.can_change())
    {
        let shown: String = id.chars().take(40).collect();
        return Err(Problem::not_found(
            format!("没有可修改的集合 {shown},见 /dataset 的 editable 与 replaceable。"),
            format!(
                "There is no collection {shown} that can be changed; editable and replaceable in /dataset say which are."
            ),
        ));
    }
    let (from, class) = (from.unwrap_or(to.saturating_sub(1)), class.map(|Word(class)| class));
    let (offset, limit) = page.page()?;
    if context.reader().scope().is_some() {
        let (zh, en) = (
            "您的权限限于部分区域,不能查看整个名录的逐条变化。",
            "Your right is limited to zones; changes of the whole register are not shown.",
        );
        return Err(Problem::new(StatusCode::FORBIDDEN, "no-right", zh, en));
    }
    blocking(move || {
        let full = context.disclosure() == Disclosure::Full;
        let compared = collection.as_deref().or(table.id());
        let changes = context.store().compare(compared, from, to, |all| {
            let wanted = |fate: Fate| class.map_or(fate != Fate::Unchanged, |c| c == fate);
            let named = |pair| id.as_deref().is_none_or(|id| all.is(pair, id));
            let matching = || all.pairs.iter().filter(|p| wanted(p.fate) && named(p));
            let row = |pair| row(all.detail(pair), pair.fate, all, full, of_features);
            Changes {
                from,
                to,
                counts: Fate::words().into_iter().map(|(name, fate)| (name, all.count(fate))).collect(),
                matched: matching().count(),
                rows: matching().skip(offset).take(limit).map(row).collect(),
            }
        })?;
        if let Some(register) = context.describe().register() {
            context.took(&register.spec.id, changes.rows.len(), None);
        }
        json(StatusCode::OK, &changes)
    })
    .await
}

fn row(detail: Detail, class: Fate, all: &Comparison, full: bool, of_features: bool) -> ChangedRow {
    let place = |c: geo::Coord<f64>| [c.x, c.y];
    let shape = |geometry: Option<geo::Geometry<f64>>| {
        geometry.filter(|_| of_features).and_then(|g| serde_json::to_value(geojson::GeometryValue::from(&g)).ok())
    };
    let shown = |property: &str| full || !all.restricts(property);
    let changes = detail.changes.into_iter().filter(|c| shown(&c.property));
    ChangedRow {
        id: detail.id,
        name: detail.name,
        class,
        from: detail.from.map(place),
        to: detail.to.map(place),
        changes: changes.map(|c| ChangedValue { property: c.property, old: c.from, new: c.to }).collect(),
        old_geometry: shape(detail.old_geometry),
        new_geometry: shape(detail.new_geometry),
    }
}

/// Makes the content of an earlier version current again, as a version of its own.
#[utoipa::path(post, path = "/versions/{number}/restore", operation_id = "restoreVersion", tag = "service",
    params(("number" = u64, Path)), request_body = RestoreBody, responses(
    (status = 201, description = "it is served now", body = VersionInfo, headers(("Location" = String))),
    (status = 403, description = "no right to publish, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such version", body = ProblemDocument),
    (status = 409, description = "another version has been made meanwhile", body = ProblemDocument),
    (status = 410, description = "its content is no longer kept", body = ProblemDocument),
    (status = 422, description = "the remark is too long, or the content no longer fits the dataset folder", body = ProblemDocument),
    (status = 501, description = "the service keeps no versions", body = ProblemDocument),
    (status = 507, description = "the disk is full", body = ProblemDocument)))]
pub(crate) async fn restore(
    context: Context,
    headers: HeaderMap,
    Path(number): Path<String>,
    change: Change<RestoreBody>,
) -> Answer {
    context.allow(Permission::Publish)?;
    let number = numbered(&number)?;
    let note = checked_note(change.body()?.note)?;
    let base = negotiate::base_url(&context, &headers);
    lasting(move || {
        let now = clock::seconds();
        let from = Provenance { actor: context.actor(), note, now, ..Provenance::default() };
        created(&context, &base, context.store().restore(number, &from)?)
    })
    .await
}

/// A version that was made, and where it is.
pub(super) fn created(context: &Context, base: &str, version: Version) -> Answer {
    let location = format!("{base}/versions/{}", version.number);
    let answer = json(StatusCode::CREATED, &VersionInfo::of(version, context.disclosure()))?;
    Ok(([(header::LOCATION, location)], answer).into_response())
}

fn numbered(text: &str) -> Result<u64, Problem> {
    let number = whole(text).filter(|n: &u64| i64::try_from(*n).is_ok());
    number.ok_or_else(|| {
        let shown: String = text.chars().take(20).collect();
        Problem::not_found(
            format!("没有版本 {shown},全部版本见 /versions。"),
            format!("There is no version {shown}; /versions lists them."),
        )
    })
}
