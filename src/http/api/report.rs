//! `/report`: a zone's summary as a file to take away.

use crate::core::columns::Moment;
use crate::core::model::Lang;
use crate::core::query::Bound;
use crate::http::api::short_links;
use crate::http::extract::body;
use crate::http::extract::choropleth::ChoroplethParams;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{ClassParams, FiguresParams, LangParams, TableParams};
use crate::http::extract::values::Word;
use crate::http::ogc::map::paint;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply, confined, named};
use crate::render::report::{Format, Origin};
use crate::service::batch::ReportBundle;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

// the description does not follow a type with parameters of its own
type FormatWord = Word<Format>;

/// Which file.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileParams {
    /// The sort of file.
    #[param(inline, default = "xlsx")]
    format: Option<FormatWord>,
}

impl FileParams {
    fn format(&self) -> Format {
        self.format.map_or(Format::Xlsx, |Word(format)| format)
    }
}

/// Where the same is seen.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ViewParams {
    /// How files lead to the view of the page: the `s/…` of a short link, or the page's query from `?` on.
    view: Option<String>,
}

/// A zone's summary as DOCX, XLSX, PDF or HTML; its enterprises as CSV or GeoJSON; its map as PNG or SVG.
#[utoipa::path(get, path = "/report/{zone}", operation_id = "getReport", tag = "numbers",
    params(("zone" = String, Path, description = "zone id, city, outside or undeclared"), FileParams, LangParams, ChoroplethParams, TableParams, FiguresParams, ClassParams,
        ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, description = "the file; GET takes Range"),
        (status = 501, description = "no font has the characters", body = crate::http::problem::ProblemDocument),
        (status = 503, description = "too many maps are being drawn", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn get(context: Context, headers: HeaderMap, Path(zone): Path<String>, mut params: Params) -> Answer {
    let (file, lang, table, asked): (FileParams, LangParams, TableParams, ChoroplethParams) = params.take()?;
    let (figures, classes): (FiguresParams, ClassParams) = params.take()?;
    let (context, choropleth) = (context.of_table(&table)?, asked.read()?);
    let (format, lang) = (file.format(), lang.lang(&headers));
    let work = move |context: &Context| {
        let question = classes.of(figures.question()?).in_zone(zone);
        let bound = context.bind(&Conditions::read(params, context.describe())?.of(question))?;
        let bundle = ReportBundle::new(&bound, lang, origin(context, &headers))?.coloured(choropleth);
        send(&Reply { context, headers: &headers }, &bound, format, lang, &bundle)
    };
    // a file of many rows takes as much memory as a large picture: they wait for the same permits
    paint(context, work).await
}

/// The summary of an area that the reader drew, as a file.
#[utoipa::path(post, path = "/report", operation_id = "postReport", tag = "numbers", request_body = crate::http::extract::body::QueryBody,
    params(FileParams, LangParams, ChoroplethParams, ViewParams, TableParams),
    responses((status = 200, description = "the file; GET takes Range")))]
pub(crate) async fn post(context: Context, headers: HeaderMap, params: Params, bytes: Bytes) -> Answer {
    let (file, lang, ViewParams { view }, asked, table): (FileParams, LangParams, _, ChoroplethParams, TableParams) =
        params.only()?;
    let (context, choropleth) = (context.of_table(&table)?, asked.read()?);
    let (format, lang) = (file.format(), lang.lang(&headers));
    view.as_deref().map(leads_to_a_view).transpose()?;
    let question = body::read(&headers, &bytes)?;
    let work = move |context: &Context| {
        let bound = context.bind(&question)?;
        let origin = Origin { view, ..origin(context, &headers) };
        let bundle = ReportBundle::new(&bound, lang, origin)?.coloured(choropleth);
        send(&Reply { context, headers: &headers }, &bound, format, lang, &bundle)
    };
    paint(context, work).await
}

/// Where the page is that shows the same.
pub(crate) fn origin(context: &Context, headers: &HeaderMap) -> Origin {
    let page = Some(format!("{}/", negotiate::base_url(context, headers)));
    Origin { page, public: context.public_url().is_some(), day: Some(context.today()), ..Origin::default() }
}

/// A short link, or the page's query: what may stand after the page's address in a file.
fn leads_to_a_view(view: &str) -> Result<(), Problem> {
    let code = |code: &str| (1..=16).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if view.strip_prefix("s/").is_some_and(code) { Ok(()) } else { short_links::checked(view) }
}

fn send(reply: &Reply, bound: &Bound, format: Format, lang: Lang, bundle: &ReportBundle) -> Answer {
    let (media_type, headers) = (format.media_type(), reply.headers);
    if !negotiate::accepts(headers, media_type) {
        return Err(Problem::of_status(StatusCode::NOT_ACCEPTABLE));
    }
    // what is overdue is said in the file: it is another one from the day on which something more is
    let turned = bundle.report().freshness().and_then(|found| Moment::date(found.turned()?));
    let form = Form { ranged: true, day: turned.map_or(0, Moment::days), ..Form::spoken(media_type, lang) };
    let mut response = reply.form(form, || {
        if format.has_rows() {
            let collection = &bound.describe().collections[bound.collection()].spec.id;
            reply.context.took(collection, bound.count(), Some(bound.question()));
        }
        Ok(bundle.bytes(format, &reply.context.0.fonts)?)
    })?;
    named(&mut response, if format.is_shown() { "inline" } else { "attachment" }, &bundle.report().file_name(format));
    if format == Format::Html {
        confined(&mut response);
    }
    Ok(response)
}
