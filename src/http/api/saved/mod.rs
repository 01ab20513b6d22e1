//! `/saved`: areas, views and scenarios under a name, kept in the data folder. What changes an item names the state that was
//! seen (`If-Match`); whoever comes second gets 412 with what is kept now. No figures are kept: they are computed for whoever asks.

mod briefing;
mod export;
mod response;

pub(crate) use briefing::{__path_briefing, briefing};
pub(crate) use export::{__path_export, export};

use crate::core::query::Question;
use crate::http::extract::change::{Change, seen};
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::quota::Limited;
use crate::http::extract::values::{Word, Words};
use crate::http::ogc::map::ViewSheet;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, blocking, json};
use crate::http::response::links::escaped;
use crate::service::accounts::{Denied, Permission};
use crate::service::saved::{SavedError, view_of};
use crate::service::store::{SavedContent, SavedItem, SavedKind};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use response::{SavedInfo, SavedList};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

impl Words for SavedKind {
    fn words() -> Vec<(&'static str, Self)> {
        [Self::Area, Self::View, Self::Scenario].map(|kind| (kind.name(), kind)).into()
    }
}

// the description does not follow a type with parameters of its own
type SavedKindWord = Word<SavedKind>;

/// Which of the items.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SavedParams {
    /// Those of a kind; all of them when left out.
    #[param(inline)]
    kind: Option<SavedKindWord>,
    /// Those in a folder and in the folders in it; all of them when left out.
    folder: Option<String>,
}

impl SavedParams {
    /// Whether an item is one of them.
    fn has(&self, item: &SavedItem) -> bool {
        let folder = |given: &str| {
            let given = given.trim_matches('/');
            let below = item.content.folder.strip_prefix(given);
            given.is_empty() || below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        };
        self.kind.as_ref().is_none_or(|Word(kind)| *kind == item.kind) && self.folder.as_deref().is_none_or(folder)
    }
}

/// What is said of an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedBody {
    /// Its name, 1 to 120 characters in one line.
    title: String,
    /// Names of folders separated by slashes; empty for none.
    #[serde(default)]
    folder: String,
    /// A remark, at most 4,000 characters.
    #[serde(default)]
    note: String,
    /// What it holds, at most 500,000 bytes of JSON. Of an area: `zone`, `polygon`, `circle` or `buffer`, perhaps with `combine` and `repair`, as
    /// in the body of `/summary`; of a view: `target`, and perhaps `map`, `question`, `annotations` and `points`; of a scenario: an object.
    #[schema(value_type = Object)]
    body: Box<RawValue>,
    /// Whether everybody who may read sees it.
    #[serde(default)]
    shared: bool,
}

/// An item to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSavedBody {
    /// What it is.
    kind: SavedKind,
    /// Its name, 1 to 120 characters in one line.
    title: String,
    /// Names of folders separated by slashes; empty for none.
    #[serde(default)]
    folder: String,
    /// A remark, at most 4,000 characters.
    #[serde(default)]
    note: String,
    /// What it holds, as in a change.
    #[schema(value_type = Object)]
    body: Box<RawValue>,
    /// Whether everybody who may read sees it.
    #[serde(default)]
    shared: bool,
}

/// Items in their order in a folder.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedOrderBody {
    /// The folder that they come into; empty for none.
    #[serde(default)]
    folder: String,
    /// Their ids, at most 500. Others in the folder stay where they are.
    ids: Vec<String>,
}

/// The items that the reader may see: the own ones and those that are shared, by folder and place. Without what they hold.
#[utoipa::path(get, path = "/saved", operation_id = "getSaved", tag = "saved", params(SavedParams), responses(
    (status = 200, body = SavedList),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    let wanted: SavedParams = params.only()?;
    let reader = context.saved_reader();
    let mut items = context.saved()?.list(&reader).await?;
    items.retain(|item| wanted.has(item));
    json(StatusCode::OK, &SavedList::of(&reader, &items))
}

/// Keeps an item under a name.
#[utoipa::path(post, path = "/saved", operation_id = "postSaved", tag = "saved", request_body = NewSavedBody, responses(
    (status = 201, description = "it is kept", body = SavedInfo, headers(("ETag" = String), ("Location" = String))),
    (status = 401, description = "whoever is not logged in keeps nothing", body = ProblemDocument),
    (status = 403, description = "no right to save or to share, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "there is no such zone", body = ProblemDocument),
    (status = 422, description = "title, folder, note or body do not fit", body = ProblemDocument),
    (status = 429, description = "too many from one address", body = ProblemDocument, headers(("Retry-After" = u64))),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument),
    (status = 507, description = "too many are kept for this reader", body = ProblemDocument)))]
pub(crate) async fn add(context: Context, headers: HeaderMap, change: Change<NewSavedBody>) -> Answer {
    may_save(&context)?;
    let saved = context.saved()?.clone();
    let NewSavedBody { kind, title, folder, note, body, shared } = change.body()?;
    let spent = context.spend(Limited::Saved)?;
    let content =
        understood(&context, kind, SavedContent { title, folder, note, body: body.get().to_owned(), shared }).await?;
    let item = spent.ended(saved.add(&context.saved_reader(), kind, content).await)?;
    let location = format!("{}/saved/{}", negotiate::base_url(&context, &headers), escaped(&item.id));
    let answer = one_answer(&context, StatusCode::CREATED, &item)?;
    Ok(([(header::LOCATION, location)], answer).into_response())
}

/// An item with what it holds.
#[utoipa::path(get, path = "/saved/{id}", operation_id = "getSavedItem", tag = "saved", params(("id" = String, Path)), responses(
    (status = 200, body = SavedInfo, headers(("ETag" = String))),
    (status = 404, description = "no such item for this reader", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    let item = context.saved()?.one(&context.saved_reader(), id).await?;
    one_answer(&context, StatusCode::OK, &item)
}

/// Changes an item that is still what was seen. The own, and, who may edit, those that are shared.
#[utoipa::path(put, path = "/saved/{id}", operation_id = "putSavedItem", tag = "saved", request_body = SavedBody,
    params(("id" = String, Path), ("If-Match" = String, Header, description = "the tag of the item")), responses(
    (status = 200, body = SavedInfo, headers(("ETag" = String))),
    (status = 401, description = "whoever is not logged in keeps nothing", body = ProblemDocument),
    (status = 403, description = "another's item, no right to share, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such item for this reader, or no such zone", body = ProblemDocument),
    (status = 412, description = "another changed it since; `current` is what it is now", body = ProblemDocument),
    (status = 422, description = "title, folder, note or body do not fit", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 507, description = "too much is kept for this reader", body = ProblemDocument)))]
pub(crate) async fn change(
    context: Context,
    headers: HeaderMap,
    Path(id): Path<String>,
    change: Change<SavedBody>,
) -> Answer {
    may_save(&context)?;
    let (saved, reader) = (context.saved()?.clone(), context.saved_reader());
    let item = saved.one(&reader, id.clone()).await?;
    let tag = seen(&headers)?;
    let SavedBody { title, folder, note, body, shared } = change.body()?;
    let content = SavedContent { title, folder, note, body: body.get().to_owned(), shared };
    let content = understood(&context, item.kind, content).await?;
    let item = saved.change(&reader, id, tag, content).await.map_err(|e| refused(&context, e))?;
    one_answer(&context, StatusCode::OK, &item)
}

/// Removes an item that is still what was seen. It can be restored for 30 days.
#[utoipa::path(delete, path = "/saved/{id}", operation_id = "deleteSavedItem", tag = "saved",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "the tag of the item")), responses(
    (status = 204, description = "it is removed"),
    (status = 401, description = "whoever is not logged in keeps nothing", body = ProblemDocument),
    (status = 403, description = "another's item, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such item for this reader", body = ProblemDocument),
    (status = 412, description = "another changed it since; `current` is what it is now", body = ProblemDocument),
    (status = 428, description = "no If-Match", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn remove(context: Context, headers: HeaderMap, Path(id): Path<String>, _: Change) -> Answer {
    may_save(&context)?;
    let saved = context.saved()?;
    let tag = seen(&headers)?;
    saved.remove(&context.saved_reader(), id, tag).await.map_err(|e| refused(&context, e))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Restores an item that was removed.
#[utoipa::path(post, path = "/saved/{id}/restore", operation_id = "restoreSavedItem", tag = "saved", params(("id" = String, Path)), responses(
    (status = 200, body = SavedInfo, headers(("ETag" = String))),
    (status = 401, description = "whoever is not logged in keeps nothing", body = ProblemDocument),
    (status = 403, description = "another's item, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "no such item was removed, or it is forgotten", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument),
    (status = 507, description = "too much is kept for this reader", body = ProblemDocument)))]
pub(crate) async fn restore(context: Context, Path(id): Path<String>, _: Change) -> Answer {
    may_save(&context)?;
    let item = context.saved()?.restore(&context.saved_reader(), id).await?;
    one_answer(&context, StatusCode::OK, &item)
}

/// Puts items into a folder in an order, all of them or none: moves them, renames a folder, orders a briefing.
#[utoipa::path(post, path = "/saved/order", operation_id = "orderSaved", tag = "saved", request_body = SavedOrderBody, responses(
    (status = 200, description = "all items that the reader may see, in their new order", body = SavedList),
    (status = 401, description = "whoever is not logged in keeps nothing", body = ProblemDocument),
    (status = 403, description = "another's item, or asked by a page of another origin", body = ProblemDocument),
    (status = 404, description = "one of them is not there for this reader", body = ProblemDocument),
    (status = 422, description = "the folder does not fit, or an id is given twice", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn order(context: Context, change: Change<SavedOrderBody>) -> Answer {
    may_save(&context)?;
    let (saved, reader) = (context.saved()?, context.saved_reader());
    let SavedOrderBody { folder, ids } = change.body()?;
    saved.order(&reader, folder, ids).await?;
    let items = saved.list(&reader).await?;
    json(StatusCode::OK, &SavedList::of(&reader, &items))
}

/// Refuses whoever keeps nothing: logging in helps where there are accounts.
fn may_save(context: &Context) -> Result<(), Problem> {
    context.allow(Permission::Read)?;
    match context.saved_reader().saves() {
        true => Ok(()),
        false if context.accounts().is_some() => Err(Denied::NotLoggedIn.into()),
        false => Err(Denied::Permission(Permission::Edit).into()),
    }
}

/// What is to be kept, where it means something for the data that the reader sees: saved areas in an area are copied into it.
async fn understood(context: &Context, kind: SavedKind, content: SavedContent) -> Result<SavedContent, Problem> {
    if kind == SavedKind::View
        && let Some(view) = view_of(&content.body)
    {
        ViewSheet::check(&view.map)?;
    }
    if kind != SavedKind::Area {
        return Ok(content);
    }
    let context = context.clone();
    blocking(move || {
        let given = Question::from_json(content.body.as_bytes())?;
        let question = context.with_saved_areas(&given)?.into_owned();
        let area = question.area().clone().untitled();
        let question = question.within(area);
        context.bind_stated(&question)?;
        Ok(SavedContent { body: question.to_json(), ..content })
    })
    .await
}

/// Why a change was refused; where another came before, with what is kept now.
fn refused(context: &Context, e: SavedError) -> Problem {
    let current = match &e {
        SavedError::Changed(item) => Some(SavedInfo::whole(&context.saved_reader(), item)),
        _ => None,
    };
    match current {
        Some(current) => Problem::from(e).beside(&current),
        None => e.into(),
    }
}

/// Those of some items that ids separated by commas name, in that order; all of them without ids.
fn chosen(items: Vec<SavedItem>, ids: Option<&str>) -> Result<Vec<SavedItem>, SavedError> {
    let Some(ids) = ids else { return Ok(items) };
    let one =
        |id: &str| items.iter().find(|item| item.id == id).cloned().ok_or_else(|| SavedError::Unknown(id.to_owned()));
    ids.split(',').map(one).collect()
}

fn one_answer(context: &Context, status: StatusCode, item: &SavedItem) -> Result<Response, Problem> {
    let head: [(HeaderName, String); 1] = [(header::ETAG, format!("\"{}\"", item.tag()))];
    Ok((head, json(status, &SavedInfo::whole(&context.saved_reader(), item))?).into_response())
}
