//! `/drafts`: what an account changes on the page, and what a layout is (`layout:` and its id in the place of the account). It is judged by the rules of an import, undone and done again, submitted,
//! and saved as a version. What changes a draft names the draft that was seen (`If-Match`).

mod release;
mod replace;
mod response;

pub(crate) use release::{__path_give_back, __path_publish, __path_submit, give_back, publish, submit};
pub(crate) use replace::{__path_replace, replace};

use crate::data::features::Official;
use crate::http::extract::change::{Change, seen};
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, json};
use crate::service::accounts::Permission;
use crate::service::drafts::{Drafts, DraftsError, JudgedDraft, RowEdit};
use crate::service::store::OF_LAYOUT;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use response::{DraftInfo, DraftList, DraftSummary};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;

/// Characters of the key of a change.
const LONGEST_KEY: usize = 300;
/// Changes of one step at most.
const MOST_CHANGES: usize = 2_000;

/// What becomes of a row of a table, or of a feature of another collection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditBody {
    /// The id of the collection: a table, or one whose features are edited (`editable` in `/dataset`).
    collection: String,
    /// The id of the row or feature; none for one that is to be added.
    #[serde(default)]
    id: Option<String>,
    /// Of a feature that is added: the id that it is to have; else the first that is free.
    #[serde(default)]
    new_id: Option<String>,
    /// New values by property; null takes a value away. What is not named stays.
    #[serde(default)]
    #[schema(value_type = Object)]
    values: BTreeMap<String, Json>,
    /// Its new place: longitude and latitude in WGS 84 degrees.
    #[serde(default)]
    position: Option<[f64; 2]>,
    /// Of a feature: its new geometry (GeoJSON, WGS 84), of the kind of its collection.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    geometry: Option<Json>,
    /// Whether it goes.
    #[serde(default)]
    remove: bool,
    /// Of a zone that goes: the zone that the rows which declare it are to declare. They are changed by the same version.
    #[serde(default)]
    successor: Option<String>,
    /// Where all areas of the collection come from: then the change is of the collection and not of a feature, and its key is
    /// the id of the collection. `POST /drafts/{owner}/replacements` makes it of a file.
    #[serde(default)]
    official: Option<Official>,
    /// Properties of which it was seen what others have made of them since, `geometry` for its place or geometry: then this counts.
    #[serde(default)]
    settled: Vec<String>,
}

impl EditBody {
    /// The same for the draft, if the key is that of what it changes.
    fn edit(self, key: &str) -> Result<RowEdit, Problem> {
        let Self { collection, id, new_id, values, position, geometry, remove, successor, official, settled } = self;
        let of_collection = official.as_ref().map(|_| collection.clone());
        let expected = of_collection.or_else(|| id.as_ref().map(|id| format!("{collection}:{id}")));
        let fits = key.chars().count() <= LONGEST_KEY && !key.chars().any(char::is_control);
        if !fits || expected.is_some_and(|expected| expected != key) {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad-key",
                format!("修改的键应为“集合:编号”,最多 {LONGEST_KEY} 字。"),
                format!("The key of a change is `collection:id`, at most {LONGEST_KEY} characters."),
            ));
        }
        let table = collection;
        Ok(RowEdit { table, id, new_id, values, position, geometry, remove, successor, official, settled })
    }
}

/// A change with its key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyedEdit {
    /// The key: `collection:id`; that of a new row or feature is chosen by the sender.
    key: String,
    /// What becomes of it; null takes the change back.
    edit: Option<EditBody>,
}

/// What one step of a draft says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepBody {
    /// The changes, each of another row or feature.
    changes: Vec<KeyedEdit>,
}

/// The drafts that the reader may see: the own one, and, who may publish, those that are submitted.
#[utoipa::path(get, path = "/drafts", operation_id = "getDrafts", tag = "data", responses(
    (status = 200, body = DraftList), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    let all = drafts(&context)?.list(context.actor(), context.reader().may(Permission::Publish)).await?;
    let drafts = all.into_iter().map(|(row, changes)| DraftSummary::of(row, changes)).collect();
    json(StatusCode::OK, &DraftList { own: context.actor(), drafts })
}

/// A draft with its changes, judged against the data as they are now. The own one is there, and empty, before anything is
/// changed.
#[utoipa::path(get, path = "/drafts/{owner}", operation_id = "getDraft", tag = "data", params(("owner" = String, Path)), responses(
    (status = 200, body = DraftInfo, headers(("ETag" = String))),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 404, description = "no such draft for this reader", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(owner): Path<String>, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    let releases = context.reader().may(Permission::Publish);
    let judged = drafts(&context)?.get(owner, context.actor(), releases).await?;
    answer(&context, judged)
}

/// Says what becomes of a row or a feature, in the place of what was said of it before. The key of one that is there is
/// `collection:id`; that of a new one is chosen by the sender.
#[utoipa::path(put, path = "/drafts/{owner}/changes/{key}", operation_id = "putDraftChange", tag = "data",
    params(("owner" = String, Path), ("key" = String, Path), ("If-Match" = String, Header, description = "the tag of the draft")),
    request_body = EditBody, responses(
    (status = 200, body = DraftInfo, headers(("ETag" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft of this reader", body = ProblemDocument),
    (status = 409, description = "the draft is submitted", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 422, description = "the change can't be made", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn put(
    context: Context,
    headers: HeaderMap,
    Path((owner, key)): Path<(String, String)>,
    change: Change<EditBody>,
) -> Answer {
    let own = changing(&context, owner).await?;
    let edit = change.body()?.edit(&key)?;
    let judged = drafts(&context)?.put(own, vec![(key, Some(edit))], seen(&headers)?).await?;
    answer(&context, judged)
}

/// Says what becomes of several rows and features by one step, which is undone as one: neighbours that share a border, the two
/// parts of a zone, zones that become one. All of it is kept, or nothing.
#[utoipa::path(post, path = "/drafts/{owner}/changes", operation_id = "postDraftChanges", tag = "data",
    params(("owner" = String, Path), ("If-Match" = String, Header, description = "the tag of the draft")),
    request_body = StepBody, responses(
    (status = 200, body = DraftInfo, headers(("ETag" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft or change of this reader", body = ProblemDocument),
    (status = 409, description = "the draft is submitted", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 422, description = "a change can't be made", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn step(
    context: Context,
    headers: HeaderMap,
    Path(owner): Path<String>,
    change: Change<StepBody>,
) -> Answer {
    let own = changing(&context, owner).await?;
    let StepBody { changes } = change.body()?;
    let mut keys = HashSet::new();
    if changes.is_empty() || changes.len() > MOST_CHANGES || !changes.iter().all(|one| keys.insert(one.key.as_str())) {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad-step",
            format!("一步应有 1 至 {MOST_CHANGES} 处修改,每处的键不同。"),
            format!("A step has 1 to {MOST_CHANGES} changes, each with a key of its own."),
        ));
    }
    let edited = changes.into_iter().map(|KeyedEdit { key, edit }| {
        let edit = edit.map(|edit| edit.edit(&key)).transpose()?;
        Ok((key, edit))
    });
    let said = edited.collect::<Result<Vec<_>, Problem>>()?;
    let judged = drafts(&context)?.put(own, said, seen(&headers)?).await?;
    answer(&context, judged)
}

/// Takes a change back.
#[utoipa::path(delete, path = "/drafts/{owner}/changes/{key}", operation_id = "deleteDraftChange", tag = "data",
    params(("owner" = String, Path), ("key" = String, Path), ("If-Match" = String, Header, description = "the tag of the draft")), responses(
    (status = 200, body = DraftInfo, headers(("ETag" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft or change of this reader", body = ProblemDocument),
    (status = 409, description = "the draft is submitted", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn withdraw(
    context: Context,
    headers: HeaderMap,
    Path((owner, key)): Path<(String, String)>,
    _: Change,
) -> Answer {
    let own = changing(&context, owner).await?;
    let judged = drafts(&context)?.put(own, vec![(key, None)], seen(&headers)?).await?;
    answer(&context, judged)
}

/// Undoes the last step.
#[utoipa::path(post, path = "/drafts/{owner}/undo", operation_id = "undoDraft", tag = "data",
    params(("owner" = String, Path), ("If-Match" = String, Header, description = "the tag of the draft")), responses(
    (status = 200, body = DraftInfo, headers(("ETag" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft of this reader", body = ProblemDocument),
    (status = 409, description = "there is no step to undo, or the draft is submitted", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn undo(context: Context, headers: HeaderMap, Path(owner): Path<String>, _: Change) -> Answer {
    let own = changing(&context, owner).await?;
    let judged = drafts(&context)?.turn(own, true, seen(&headers)?).await?;
    answer(&context, judged)
}

/// Does the step that was undone last again.
#[utoipa::path(post, path = "/drafts/{owner}/redo", operation_id = "redoDraft", tag = "data",
    params(("owner" = String, Path), ("If-Match" = String, Header, description = "the tag of the draft")), responses(
    (status = 200, body = DraftInfo, headers(("ETag" = String))),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft of this reader", body = ProblemDocument),
    (status = 409, description = "there is no step to do again, or the draft is submitted", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn redo(context: Context, headers: HeaderMap, Path(owner): Path<String>, _: Change) -> Answer {
    let own = changing(&context, owner).await?;
    let judged = drafts(&context)?.turn(own, false, seen(&headers)?).await?;
    answer(&context, judged)
}

/// Gives the own draft up. Nothing has changed by it.
#[utoipa::path(delete, path = "/drafts/{owner}", operation_id = "deleteDraft", tag = "data",
    params(("owner" = String, Path), ("If-Match" = String, Header, description = "the tag of the draft")), responses(
    (status = 204, description = "it is gone"),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such draft of this reader", body = ProblemDocument),
    (status = 412, description = "the draft was changed since", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn delete(context: Context, headers: HeaderMap, Path(owner): Path<String>, _: Change) -> Answer {
    let own = own(&context, owner)?;
    drafts(&context)?.remove(own, context.actor(), seen(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(in crate::http::admin) fn drafts(context: &Context) -> Result<&Drafts, DraftsError> {
    context.0.drafts.as_ref().ok_or(DraftsError::NoFolder)
}

/// The owner of a draft that the reader may change: nobody changes another's.
fn own(context: &Context, owner: String) -> Result<String, Problem> {
    context.allow(Permission::Edit)?;
    if owner == context.actor() { Ok(owner) } else { Err(DraftsError::Unknown(owner).into()) }
}

/// The owner of a draft that the reader may change: the own one, or a layout, which is written down.
async fn changing(context: &Context, owner: String) -> Result<String, Problem> {
    context.allow(Permission::Edit)?;
    if owner == context.actor() {
        return Ok(owner);
    }
    if !owner.starts_with(OF_LAYOUT) {
        return Err(DraftsError::Unknown(owner).into());
    }
    drafts(context)?.editing(&owner, context.actor()).await?;
    Ok(owner)
}

/// A draft with its tag. Rows of the register leave with it.
fn answer(context: &Context, judged: JudgedDraft) -> Answer {
    for collection in judged.changes.iter().map(|change| change.collection.as_str()) {
        context.took(collection, 1, None);
    }
    let head: [(HeaderName, String); 2] =
        [(header::ETAG, format!("\"{}\"", judged.tag())), (header::CACHE_CONTROL, "no-store".to_owned())];
    let body = json(StatusCode::OK, &DraftInfo::of(judged))?;
    Ok((head, body).into_response())
}
