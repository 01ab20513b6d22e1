//! `/imports`: a department's file on its way in. It is sent, checked by a worker, looked at row by row, submitted
//! or published as a version of the register. Until then nothing changes.

mod receive;
mod response;
mod steps;

pub(crate) use receive::{__path_receive, receive};
pub(crate) use steps::NoteBody;
pub(crate) use steps::{__path_check, __path_publish, __path_submit, check, publish, submit};

use crate::data::intake::{Class, Preview};
use crate::http::extract::change::Change;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{LangParams, PageParams, TableParams};
use crate::http::extract::values::{Word, Words};
use crate::http::problem::ProblemDocument;
use crate::http::response::answer::{Answer, attachment, json};
use crate::render::report::Format;
use crate::service::accounts::Permission;
use crate::service::imports::{Imports, ImportsError, import_template};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use response::ImportInfo;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Classes of rows; `None` are the enterprises that the file does not name.
impl Words for Option<Class> {
    fn words() -> Vec<(&'static str, Self)> {
        vec![
            ("new", Some(Class::New)),
            ("changed", Some(Class::Changed)),
            ("moved", Some(Class::Moved)),
            ("problem", Some(Class::Problem)),
            ("unchanged", Some(Class::Unchanged)),
            ("absent", None),
        ]
    }
}

/// All files on their way in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportList {
    /// The latest first; without their reports.
    imports: Vec<ImportInfo>,
}

/// Rows of an import.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportRows {
    /// Rows of the class in all.
    matched: usize,
    /// A page of them.
    rows: Vec<Preview>,
}

/// The word for a class of rows.
type RowClass = Word<Option<Class>>;

/// Which rows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowsParams {
    /// What becomes of the rows; `absent` are enterprises that the file does not name.
    #[param(inline)]
    class: RowClass,
}

/// The files on their way in, the latest first.
#[utoipa::path(get, path = "/imports", operation_id = "getImports", tag = "data", responses(
    (status = 200, body = ImportList), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing: it runs without --data-dir", body = ProblemDocument)))]
pub(crate) async fn list(context: Context, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    let imports = imports(&context)?.list().await?.into_iter().map(ImportInfo::in_list).collect();
    json(StatusCode::OK, &ImportList { imports })
}

/// A file on its way in, with what it would do once it is checked.
#[utoipa::path(get, path = "/imports/{id}", operation_id = "getImport", tag = "data", params(("id" = String, Path)), responses(
    (status = 200, body = ImportInfo), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn one(context: Context, Path(id): Path<String>, params: Params) -> Answer {
    params.finish()?;
    context.allow(Permission::Edit)?;
    json(StatusCode::OK, &ImportInfo::of(imports(&context)?.get(id).await?))
}

/// Rows of a class, in the order of the file.
#[utoipa::path(get, path = "/imports/{id}/rows", operation_id = "getImportRows", tag = "data",
    params(("id" = String, Path), RowsParams, PageParams), responses(
    (status = 200, body = ImportRows), (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 409, description = "it is to be checked first", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn rows(context: Context, Path(id): Path<String>, params: Params) -> Answer {
    context.allow(Permission::Edit)?;
    let (RowsParams { class: Word(class) }, page): (_, PageParams) = params.only()?;
    let (offset, limit) = page.page()?;
    let (matched, rows) = imports(&context)?.rows(id, class, offset, limit).await?;
    json(StatusCode::OK, &ImportRows { matched, rows })
}

/// The rows to mend, as a workbook: each as it stands in the file, its cells marked, the reasons beside it.
#[utoipa::path(get, path = "/imports/{id}/faults.xlsx", operation_id = "getImportFaults", tag = "data",
    params(("id" = String, Path), LangParams), responses(
    (status = 200, description = "the workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 204, description = "no row is to be mended"),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 409, description = "it is to be checked first", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn faults(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    context.allow(Permission::Edit)?;
    let lang = params.only::<LangParams>()?.lang(&headers);
    Ok(to_mend(imports(&context)?.faults(id, lang).await?))
}

/// The workbook of rows to mend; nothing where there are none.
pub(in crate::http::admin) fn to_mend(made: Option<Vec<u8>>) -> Response {
    made.map_or_else(|| StatusCode::NO_CONTENT.into_response(), |bytes| workbook(bytes, "问题行.xlsx"))
}

/// An empty table to fill in, with drop-downs and notes.
#[utoipa::path(get, path = "/imports/template.xlsx", operation_id = "getImportTemplate", tag = "data", params(TableParams), responses(
    (status = 200, description = "the workbook", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 422, description = "the dataset has no register", body = ProblemDocument)))]
pub(crate) async fn blank(context: Context, params: Params) -> Answer {
    let table: TableParams = params.only()?;
    let context = context.of_table(&table)?;
    let id = table.id().map(str::to_owned);
    Ok(workbook(import_template(context.store(), id).await?, "名录模板.xlsx"))
}

/// Drops a file. What it became stays.
#[utoipa::path(delete, path = "/imports/{id}", operation_id = "deleteImport", tag = "data", params(("id" = String, Path)), responses(
    (status = 204, description = "it is gone"),
    (status = 403, description = "no right to change data, or asked by a page of another origin", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing", body = ProblemDocument)))]
pub(crate) async fn delete(context: Context, Path(id): Path<String>, _: Change) -> Answer {
    context.allow(Permission::Edit)?;
    imports(&context)?.remove(id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn imports(context: &Context) -> Result<&Imports, ImportsError> {
    context.0.imports.as_ref().ok_or(ImportsError::NoFolder)
}

pub(in crate::http::admin) fn workbook(bytes: Vec<u8>, name: &str) -> Response {
    let head = [(header::CONTENT_TYPE, Format::Xlsx.media_type()), (header::CACHE_CONTROL, "no-store")];
    let mut response = (head, bytes).into_response();
    attachment(&mut response, name);
    response
}
