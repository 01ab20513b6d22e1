//! `/layouts`: alternatives of what is in force, each a draft with a name. Who may edit makes and changes them (the draft of a layout is
//! `/drafts/layout:{layout}`), who may publish puts one into force with the document that says so.

pub(crate) mod paper;

use crate::core::columns::Moment;
use crate::http::admin::consultations::consultations;
use crate::http::admin::drafts::drafts;
use crate::http::admin::versions::{VersionInfo, created, moment};
use crate::http::admin::{checked_note, unfit};
use crate::http::extract::change::{Change, seen};
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::problem::ProblemDocument;
use crate::http::response::answer::{Answer, json};
use crate::service::accounts::Permission;
use crate::service::drafts::{InForce, PlanContent};
use crate::service::store::Layout;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Characters of a document's number.
const LONGEST_DOCUMENT: usize = 120;

/// A layout.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LayoutInfo {
    /// Its id.
    id: String,
    /// The owner of its draft: `/drafts/{owner}` has what it changes.
    owner: String,
    /// Its title.
    title: String,
    /// What is said of it.
    note: String,
    /// When it was made (RFC 3339, UTC).
    created: String,
    /// Who made it.
    created_by: String,
    /// Who changed it.
    editors: Vec<String>,
    /// How many features it changes; 0 once it is in force.
    changes: usize,
    /// The version that put it into force.
    version: Option<u64>,
}

impl LayoutInfo {
    fn of(layout: Layout, changes: usize) -> Self {
        Self {
            owner: layout.owner(),
            created: moment(layout.created),
            id: layout.id,
            title: layout.title,
            note: layout.note,
            created_by: layout.created_by,
            editors: layout.editors,
            changes,
            version: layout.version,
        }
    }
}

/// All layouts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LayoutList {
    /// In the order in which they were made.
    layouts: Vec<LayoutInfo>,
}

/// What a layout is called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LayoutBody {
    /// Its title: 1 to 80 characters.
    title: String,
    /// What is said of it: at most 2,000 characters.
    #[serde(default)]
    note: String,
    /// Of a new one: the id of the layout whose changes it begins with.
    #[serde(default)]
    like: Option<String>,
}

/// How a layout is put into force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InForceBody {
    /// Number of the document: 1 to 120 characters.
    document: String,
    /// Its date, `YYYY-MM-DD`.
    decided: String,
    /// Remark of the version, at most 500 characters; the layout's title when left out.
    #[serde(default)]
    note: String,
}

/// Which layouts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BesideParams {
    /// Ids of 1 to 5 layouts, separated by commas.
    ids: String,
}

/// All layouts.
#[utoipa::path(get, path = "/layouts", operation_id = "getLayouts", tag = "plan", responses(
    (status = 200, body = LayoutList),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    let all = drafts(&context)?.layouts().await?.into_iter();
    json(StatusCode::OK, &LayoutList { layouts: all.map(|(layout, n)| LayoutInfo::of(layout, n)).collect() })
}

/// Makes a layout: it begins with what is in force, or with what another changes.
#[utoipa::path(post, path = "/layouts", operation_id = "postLayout", tag = "plan", request_body = LayoutBody, responses(
    (status = 201, body = LayoutInfo),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such layout to begin with", body = ProblemDocument),
    (status = 422, description = "title or note do not fit, or there are too many", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn make(context: Context, change: Change<LayoutBody>) -> Answer {
    context.allow(Permission::Edit)?;
    let drafts = drafts(&context)?;
    let LayoutBody { title, note, like } = change.body()?;
    let made = drafts.add_layout(title, note, like, context.actor()).await?;
    json(StatusCode::CREATED, &LayoutInfo::of(made, 0))
}

/// Gives a layout another title and note.
#[utoipa::path(put, path = "/layouts/{layout}", operation_id = "putLayout", tag = "plan", params(("layout" = String, Path)),
    request_body = LayoutBody, responses(
    (status = 200, body = LayoutInfo),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such layout", body = ProblemDocument),
    (status = 422, description = "title or note do not fit", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn rename(context: Context, Path(layout): Path<String>, change: Change<LayoutBody>) -> Answer {
    context.allow(Permission::Edit)?;
    let drafts = drafts(&context)?;
    let LayoutBody { title, note, .. } = change.body()?;
    json(StatusCode::OK, &LayoutInfo::of(drafts.rename_layout(layout, title, note).await?, 0))
}

/// Gives up a layout that is not in force, and what it changes. Consultations about it keep what their participants see.
#[utoipa::path(delete, path = "/layouts/{layout}", operation_id = "deleteLayout", tag = "plan", params(("layout" = String, Path)), responses(
    (status = 204, description = "it is gone"),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such layout, or it is in force", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn remove(context: Context, Path(layout): Path<String>, _: Change) -> Answer {
    context.allow(Permission::Edit)?;
    drafts(&context)?.remove_layout(layout).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Layouts beside what is in force: the layers, and what each layout makes of their features.
#[utoipa::path(get, path = "/layouts/beside", operation_id = "getLayoutsBeside", tag = "plan", params(BesideParams), responses(
    (status = 200, body = PlanContent),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 404, description = "no such layout", body = ProblemDocument),
    (status = 409, description = "a layout is in conflict with what others changed since", body = ProblemDocument),
    (status = 422, description = "a layout has errors, or these are too many", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn beside(context: Context, params: Params) -> Answer {
    context.allow(Permission::Edit)?;
    let BesideParams { ids } = params.only()?;
    let consultations = consultations(&context)?;
    let ids = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
    json(StatusCode::OK, &consultations.plan(ids).await?)
}

/// Puts a layout into force as a version that says by which document and when. What others changed since in the same places is a
/// conflict, and then nothing is saved.
#[utoipa::path(post, path = "/layouts/{layout}/in-force", operation_id = "putLayoutInForce", tag = "plan",
    params(("layout" = String, Path), ("If-Match" = String, Header, description = "the tag of the layout's draft")),
    request_body = InForceBody, responses(
    (status = 201, description = "it is served now", body = VersionInfo, headers(("Location" = String))),
    (status = 403, description = "no right to publish, another has to, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such layout, or it changes nothing", body = ProblemDocument),
    (status = 409, description = "it is in conflict with what others changed since", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 422, description = "changes have errors, or number or date of the document are missing", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 507, description = "the disk is full", body = ProblemDocument)))]
pub(crate) async fn put_in_force(
    context: Context,
    headers: HeaderMap,
    Path(layout): Path<String>,
    change: Change<InForceBody>,
) -> Answer {
    context.allow(Permission::Publish)?;
    let drafts = drafts(&context)?;
    let InForceBody { document, decided, note } = change.body()?;
    let (document, note) = (document.trim().to_owned(), checked_note(note)?);
    let day = Moment::date(&decided).is_some();
    if !day || !(1..=LONGEST_DOCUMENT).contains(&document.chars().count()) {
        return Err(unfit(
            format!("请填文号(1 到 {LONGEST_DOCUMENT} 字)与日期(如 2026-12-31)。"),
            format!(
                "Give the number of the document (1 to {LONGEST_DOCUMENT} characters) and its date, such as 2026-12-31."
            ),
        ));
    }
    let how = InForce { note, document, decided };
    let version = drafts.put_in_force(layout, context.actor(), how, seen(&headers)?).await?;
    created(&context, &negotiate::base_url(&context, &headers), version)
}
