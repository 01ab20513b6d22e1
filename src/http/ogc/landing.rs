//! `/` for programs, and `/conformance` (OGC API - Common). For people `/` is the map (`page`).

use crate::core::model::Lang;
use crate::http::api::page;
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{DocumentForm, FormParams, LangParams};
use crate::http::response::answer::{Answer, Form, Reply, to_json};
use crate::http::response::html::{Page, facts, text};
use crate::http::response::links::{HTML, JSON, Link, MAP, OPENAPI, announce};
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

/// The conformance classes that the service passes. Each has its tests in `tests/conformance.rs`, which fails for a class
/// that has none.
pub const CONFORMANCE: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/collections-selection",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
    "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/dataset-map",
    "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/collection-map",
    "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/background",
    "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/collections-selection",
    "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/display-resolution",
    "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/png",
    "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/svg",
    "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/oas30",
];

/// The way into the service.
#[derive(Serialize, ToSchema)]
pub(crate) struct LandingPage {
    title: String,
    description: String,
    links: Vec<Link>,
}

/// The conformance classes that the service passes.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConformanceDeclaration {
    #[serde(rename = "conformsTo")]
    conforms_to: Vec<String>,
    links: Vec<Link>,
}

const OFFERED: [(DocumentForm, &str); 2] = [(DocumentForm::Json, JSON), (DocumentForm::Html, HTML)];

/// The way into the service: JSON for programs, the map for people (`Accept: text/html` or `f=html`).
#[utoipa::path(get, path = "/", operation_id = "getLandingPage", tag = "data", params(FormParams, LangParams),
    responses((status = 200, description = "links to everything", content((LandingPage = "application/json"), (String = "text/html")))))]
pub(crate) async fn landing(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let FormParams { f } = params.take()?;
    let (_, form) = negotiate::choose(f, &headers, &OFFERED)?;
    let base = negotiate::base_url(&context, &headers);
    if form == DocumentForm::Html {
        // the rest of the address is the state of the map, which the page reads
        return Ok(page::index(&headers, &links(&base, DocumentForm::Html)));
    }
    let lang = params.only::<LangParams>()?.lang(&headers);
    let about = context.describe();
    let links = links(&base, DocumentForm::Json);
    let reply = Reply { context: &context, headers: &headers };
    let mut response = reply.form(Form::spoken(JSON, lang), || {
        let m = &about.manifest;
        let (title, description) = (m.title.get(lang).to_owned(), m.description.get(lang).to_owned());
        to_json(&LandingPage { title, description, links: links.clone() })
    })?;
    announce(&mut response, &links);
    Ok(response)
}

fn links(base: &str, own: DocumentForm) -> Vec<Link> {
    let (this, other) = match own {
        DocumentForm::Json => (JSON, ("html", HTML)),
        DocumentForm::Html => (HTML, ("json", JSON)),
    };
    let mut links = vec![
        Link::new(format!("{base}/"), "self", this),
        Link::new(format!("{base}/?f={}", other.0), "alternate", other.1),
        Link::new(format!("{base}/api"), "service-desc", OPENAPI).titled("OpenAPI 3.0"),
        Link::new(format!("{base}/api?f=html"), "service-doc", HTML).titled("接口说明 / API"),
        Link::new(format!("{base}/conformance"), "conformance", JSON).titled("符合的标准 / Conformance"),
        Link::new(format!("{base}/collections"), "data", JSON).titled("数据集合 / Collections"),
        Link::new(format!("{base}/map"), MAP, "image/png").titled("地图 / Map"),
    ];
    links.extend(crate::http::ogc::tilesets::ways_in(base, Some(base)));
    links.push(Link::new(format!("{base}/qgis/shigu.qgs"), "related", "application/x-qgis-project").titled("QGIS"));
    links
}

/// What the service conforms to.
#[utoipa::path(get, path = "/conformance", operation_id = "getConformanceDeclaration", tag = "data", params(FormParams, LangParams),
    responses((status = 200, description = "the conformance classes", content((ConformanceDeclaration = "application/json"), (String = "text/html")))))]
pub(crate) async fn conformance(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let (FormParams { f }, lang): (_, LangParams) = params.only()?;
    let (lang, (_, form)) = (lang.lang(&headers), negotiate::choose(f, &headers, &OFFERED)?);
    let reply = Reply { context: &context, headers: &headers };
    let own = format!("{}/conformance", negotiate::base_url(&context, &headers));
    let links = own_links(&own, JSON, form == DocumentForm::Html);
    let mut response = match form {
        DocumentForm::Json => reply.form(Form::plain(JSON), || {
            let conforms_to = CONFORMANCE.iter().map(|&c| c.to_owned()).collect();
            to_json(&ConformanceDeclaration { conforms_to, links: links.clone() })
        }),
        DocumentForm::Html => {
            let title = if lang == Lang::En { "Conformance" } else { "符合的标准" };
            let page = Page { lang, title, root: "./", trail: &[], links: &links, query: "" };
            page.answer(&reply, || {
                let list = CONFORMANCE.iter().map(|c| format!("<code>{}</code>", text(c))).collect::<Vec<_>>();
                Ok(facts(&[(page.say("一致性类", "Classes"), list.join("<br>\n"))]))
            })
        }
    }?;
    announce(&mut response, &links);
    Ok(response)
}

/// `self` and `alternate` of a resource that is both JSON and a page.
pub(crate) fn own_links(own: &str, json: &'static str, html: bool) -> Vec<Link> {
    let form = |f| crate::http::response::links::in_form(own, f);
    let (data, page) = (("json", json), ("html", HTML));
    let (this, other) = if html { (page, data) } else { (data, page) };
    vec![
        Link::new(if html { form("html") } else { own.to_owned() }, "self", this.1),
        Link::new(form(other.0), "alternate", other.1),
    ]
}
