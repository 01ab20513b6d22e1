//! `/report`: a zone's summary as a file to take away.

use super::answer::{Answer, Asked, Form, attachment};
use super::body;
use super::filter::{Conditions, FilterParams};
use super::params::Params;
use super::problem::Problem;
use super::summary::{blocking, read};
use super::{App, negotiate};
use crate::model::Lang;
use crate::query::Query;
use crate::report::{Format, Report};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};

const FORMATS: [(&str, Format); 3] = [("xlsx", Format::Xlsx), ("csv", Format::Csv), ("geojson", Format::Geojson)];

/// A zone's summary as XLSX, CSV or GeoJSON.
#[utoipa::path(get, path = "/report/{zone}", operation_id = "getReport", tag = "numbers",
    params(("zone" = String, Path, description = "zone id, city, outside or undeclared"), super::describe::FileParams,
        super::describe::LangParams, ("year" = Option<u16>, Query), ("secondary" = Option<bool>, Query),
        ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, description = "the file; GET takes Range",
        content((String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "text/csv"), (Object = "application/geo+json")))))]
pub(super) async fn get(
    State(app): State<App>,
    headers: HeaderMap,
    Path(zone): Path<String>,
    mut params: Params,
) -> Answer {
    let (format, lang) = wanted(&headers, &mut params)?;
    blocking(move || {
        let snapshot = app.snapshot();
        let query = read(&app, &snapshot, &mut params)?;
        let query = Conditions::read(params)?.narrow(query, &snapshot)?.in_zone(&snapshot, &zone)?;
        send(&Asked { app: &app, snapshot: &snapshot, headers: &headers }, &query, format, lang)
    })
    .await
}

/// The summary of an area that the reader drew, as a file.
#[utoipa::path(post, path = "/report", operation_id = "postReport", tag = "numbers", request_body = super::body::QueryBody,
    params(super::describe::FileParams, super::describe::LangParams),
    responses((status = 200, description = "the file; GET takes Range",
        content((String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "text/csv"), (Object = "application/geo+json")))))]
pub(super) async fn post(State(app): State<App>, headers: HeaderMap, mut params: Params, bytes: Bytes) -> Answer {
    let (format, lang) = wanted(&headers, &mut params)?;
    params.finish()?;
    let body = body::read(&headers, &bytes)?;
    blocking(move || {
        let snapshot = app.snapshot();
        let query = body.query(&app, &snapshot)?;
        send(&Asked { app: &app, snapshot: &snapshot, headers: &headers }, &query, format, lang)
    })
    .await
}

fn wanted(headers: &HeaderMap, params: &mut Params) -> Result<(Format, Lang), Problem> {
    let lang = params.choice("lang", &[("zh", Lang::Zh), ("en", Lang::En)])?;
    let format = params.choice("format", &FORMATS)?.unwrap_or(Format::Xlsx);
    Ok((format, lang.unwrap_or_else(|| negotiate::lang(headers))))
}

fn send(asked: &Asked, query: &Query, format: Format, lang: Lang) -> Answer {
    let link = format!("{}/", negotiate::base_url(asked.app, asked.headers));
    let report = Report::new(asked.snapshot, query, lang, Some(link))?;
    let (media_type, headers) = (format.media_type(), asked.headers);
    if !negotiate::accepts(headers, media_type) {
        return Err(Problem::of_status(StatusCode::NOT_ACCEPTABLE));
    }
    let form = Form { ranged: true, ..Form::spoken(media_type, lang) };
    let mut response = asked.form(form, || report.render(format).map_err(Problem::from))?;
    attachment(&mut response, &report.file_name(format));
    Ok(response)
}
