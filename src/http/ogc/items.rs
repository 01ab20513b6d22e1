//! `/collections/{id}/items` and one item (OGC API - Features Parts 1 to 3).

use crate::core::geometry::Crs;
use crate::core::query::{Engine, Question, Selection, write_feature_in};
use crate::data::bulk::Format;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::layers::find;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::space;
use crate::http::extract::space::Place;
use crate::http::extract::time;
use crate::http::ogc::bulk;
use crate::http::ogc::bulk::Wanted;
use crate::http::ogc::feature_page;
use crate::http::ogc::landing::own_links;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply, blocking};
use crate::http::response::links::{GEOJSON, HTML, JSON, Link, announce, escaped, in_form};
use crate::service::clock;
use axum::extract::Path;
use axum::http::HeaderMap;
use std::io::Write as _;

/// Rows on a page by default.
const DEFAULT_LIMIT: u64 = 100;
/// More rows are never on one page; a larger `limit` is cut to this.
const MAX_LIMIT: u64 = 10_000;

/// What features are answered as.
#[derive(Clone, Copy, PartialEq)]
enum As {
    GeoJson,
    Html,
    File(Format),
}

/// The forms of a feature; a client that takes JSON only gets GeoJSON under that name.
const OFFERED: [(&str, &str, As); 4] = [
    ("json", GEOJSON, As::GeoJson),
    ("geojson", GEOJSON, As::GeoJson),
    ("json", JSON, As::GeoJson),
    ("html", HTML, As::Html),
];

/// The forms of many: the same, and files.
fn offered() -> Vec<(&'static str, &'static str, As)> {
    let files = Format::ALL.map(|(name, format)| (name, format.media_type(), As::File(format)));
    OFFERED.into_iter().chain(files).collect()
}

/// A page of features.
#[utoipa::path(get, path = "/collections/{collectionId}/items", operation_id = "getFeatures", tag = "data",
    params(("collectionId" = String, Path, description = "id of a collection"), crate::http::extract::describe::PageParams, crate::http::extract::describe::SortParams, crate::http::extract::describe::PlaceParams, crate::http::extract::describe::CrsParams,
        ("zone" = Option<String>, Query, description = "zone id; also city, outside, undeclared"),
        ("property" = Option<String>, Query, description = "any queryable = value"), FilterParams, crate::http::extract::describe::ItemsFormParams),
    responses((status = 200, description = "a page of features, or a file of all that match", content((crate::http::extract::describe::FeatureCollection = "application/geo+json"), (String = "text/html"),
        (String = "application/geo+json-seq"), (String = "text/csv"), (crate::http::extract::describe::Binary = "application/flatgeobuf"), (crate::http::extract::describe::Binary = "application/vnd.apache.parquet"),
        (crate::http::extract::describe::Binary = "application/geopackage+sqlite3"))),
        (status = 503, description = "too many files are being downloaded", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn page(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    blocking(move || selected(&context, &headers, &id, params)).await
}

fn selected(context: &Context, headers: &HeaderMap, id: &str, mut params: Params) -> Answer {
    find(context, id)?;
    let given = params.clone();
    let (media_type, form) = negotiate::choose(&mut params, headers, &offered())?;
    let lang = negotiate::requested_lang(&mut params, headers)?;
    let crs = space::crs(&mut params, "crs")?;
    let (offset, limit) = rows(&mut params)?;
    let sortby = params.text("sortby");
    let bound = context.bind(&sorted(read(id, params)?, sortby.as_deref()))?;
    let reply = Reply { context, headers };
    if let As::File(format) = form {
        let limit = limit.map_or(usize::MAX, |l| usize::try_from(l).unwrap_or(usize::MAX));
        return bulk::answer(&reply, &bound, &Wanted { format, crs, offset, limit });
    }
    let (limit, html) = (page_of(limit), form == As::Html);
    let address = Address::new(&negotiate::base_url(context, headers), id, &given, limit);
    let form = Form { stamped: true, ..Form::plain(media_type) };
    let mut links = Vec::new();
    let mut response = if html {
        let selection = bound.select(offset, limit);
        links = address.links(&selection, offset, HTML);
        feature_page::table(&reply, &selection, &links, lang, (offset, &address.query(offset)))
    } else {
        reply.form(form, || {
            let selection = bound.select(offset, limit);
            links = address.links(&selection, offset, media_type);
            Ok(write(&selection, &links, crs))
        })
    }?;
    announce(&mut response, &links);
    space::content_crs(&mut response, crs);
    Ok(response)
}

/// One feature.
#[utoipa::path(get, path = "/collections/{collectionId}/items/{featureId}", operation_id = "getFeature", tag = "data",
    params(("collectionId" = String, Path, description = "id of a collection"), ("featureId" = String, Path, description = "id of a feature"),
        crate::http::extract::describe::CrsParams, crate::http::extract::describe::FormParams),
    responses((status = 200, description = "the feature", content((crate::http::extract::describe::Feature = "application/geo+json"), (String = "text/html")))))]
pub(crate) async fn one(
    context: Context,
    headers: HeaderMap,
    Path((id, fid)): Path<(String, String)>,
    mut params: Params,
) -> Answer {
    let (media_type, form) = negotiate::choose(&mut params, &headers, &OFFERED)?;
    let html = form == As::Html;
    let lang = negotiate::requested_lang(&mut params, &headers)?;
    let crs = space::crs(&mut params, "crs")?;
    params.finish()?;
    find(&context, &id)?;
    let selection = context.engine().feature(&id, &fid, context.disclosure()).ok_or_else(|| {
        Problem::not_found(
            format!("集合 {id} 中没有编号为 {fid} 的要素。"),
            format!("Collection {id} has no feature {fid}."),
        )
    })?;
    let reply = Reply { context: &context, headers: &headers };
    let above = format!("{}/collections/{}", negotiate::base_url(&context, &headers), escaped(&id));
    let own = format!("{above}/items/{}", escaped(&fid));
    let own = if crs == Crs::Crs84 { own } else { format!("{own}?crs={}", escaped(crs.uri())) };
    let mut links = own_links(&own, GEOJSON, html);
    links.push(Link::new(above, "collection", JSON));
    let mut response = if html {
        feature_page::feature(&reply, &selection, &links, lang)
    } else {
        reply.form(Form::plain(media_type), || {
            let mut out = Vec::new();
            write_feature_in(&mut out, &selection, selection.rows()[0], crs);
            out.pop();
            out.extend_from_slice(b",\"links\":");
            // writing to memory can't fail
            let _ = serde_json::to_writer(&mut out, &links);
            out.push(b'}');
            Ok(out)
        })
    }?;
    announce(&mut response, &links);
    space::content_crs(&mut response, crs);
    Ok(response)
}

/// Takes `offset` and `limit` of a page.
pub(crate) fn paging(params: &mut Params) -> Result<(usize, usize), Problem> {
    let (offset, limit) = rows(params)?;
    Ok((offset, page_of(limit)))
}

/// Rows on a page.
fn page_of(limit: Option<u64>) -> usize {
    limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT) as usize
}

/// Takes `offset` and `limit`.
fn rows(params: &mut Params) -> Result<(usize, Option<u64>), Problem> {
    let limit = count(params, "limit")?;
    if limit == Some(0) {
        return Err(Problem::parameter("limit", "应至少为 1", "must be at least 1"));
    }
    let offset = count(params, "offset")?.unwrap_or(0);
    if offset > i64::MAX as u64 {
        return Err(Problem::parameter("offset", "过大", "too large"));
    }
    Ok((offset as usize, limit))
}

/// The question with its rows in the order that `sortby` asks for.
pub(crate) fn sorted(question: Question, sortby: Option<&str>) -> Question {
    match sortby {
        Some(sortby) => question.sorted_by(sortby),
        None => question,
    }
}

/// A number of rows, however large: beyond what can be counted it is the largest that can.
fn count(params: &mut Params, name: &str) -> Result<Option<u64>, Problem> {
    let Some(text) = params.text(name) else { return Ok(None) };
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Problem::parameter(
            name,
            &format!("值“{text}”不是非负整数"),
            &format!("{text:?} is not a whole number"),
        ));
    }
    Ok(Some(text.parse().unwrap_or(u64::MAX)))
}

/// The question that the parameters ask.
fn read(collection: &str, mut params: Params) -> Result<Question, Problem> {
    let (place, datetime) = (Place::read(&mut params)?, time::datetime(&mut params)?);
    let question = Question::of(collection).in_zone(params.text("zone").unwrap_or_else(|| "city".into()));
    // the conditions come first: the place may add to them
    let question = place.of(Conditions::read(params)?.of(question));
    Ok(match datetime {
        Some(datetime) => question.during(datetime),
        None => question,
    })
}

/// Where the pages of an answer are.
struct Address {
    items: String,
    collection: String,
    /// The question, without the page and the form.
    pairs: String,
    /// The form and language that were requested by name.
    form: String,
    limit: usize,
}

impl Address {
    fn new(base: &str, id: &str, given: &Params, limit: usize) -> Self {
        let collection = format!("{base}/collections/{}", escaped(id));
        let (mut pairs, mut form) = (String::new(), String::new());
        for (name, value) in given.rest().filter(|(n, _)| !matches!(*n, "limit" | "offset")) {
            let of = if matches!(name, "f" | "lang") { &mut form } else { &mut pairs };
            of.extend(["&", &escaped(name), "=", &escaped(value)]);
        }
        Self { items: format!("{collection}/items"), collection, pairs, form, limit }
    }

    /// The query of the page that begins at a row.
    fn query(&self, offset: usize) -> String {
        format!("limit={}&offset={offset}{}", self.limit, self.pairs)
    }

    fn page(&self, offset: usize) -> String {
        format!("{}?{}{}", self.items, self.query(offset), self.form)
    }

    fn links(&self, selection: &Selection, offset: usize, media_type: &'static str) -> Vec<Link> {
        let plain = format!("{}?{}", self.items, self.query(offset));
        let other = if media_type == HTML { ("json", GEOJSON) } else { ("html", HTML) };
        let mut links = vec![
            Link::new(self.page(offset), "self", media_type),
            Link::new(in_form(&plain, other.0), "alternate", other.1),
            Link::new(self.collection.clone(), "collection", JSON),
        ];
        let next = offset.saturating_add(self.limit);
        if offset + selection.rows().len() < selection.matched() && offset < selection.matched() {
            links.push(Link::new(self.page(next), "next", media_type));
        }
        if offset > 0 {
            links.push(Link::new(
                self.page(offset.min(selection.matched()).saturating_sub(self.limit)),
                "prev",
                media_type,
            ));
        }
        links
    }
}

pub(crate) fn write(selection: &Selection, links: &[Link], crs: Crs) -> Vec<u8> {
    let mut out = Vec::with_capacity(selection.rows().len() * 400 + 512);
    out.extend_from_slice(br#"{"type":"FeatureCollection","features":["#);
    for (i, &row) in selection.rows().iter().enumerate() {
        out.extend_from_slice(if i == 0 { b"\n" } else { b",\n" });
        write_feature_in(&mut out, selection, row, crs);
    }
    // writing to memory can't fail
    let _ = write!(
        out,
        "\n],\"numberMatched\":{},\"numberReturned\":{},\"timeStamp\":\"{}\",\"links\":",
        selection.matched(),
        selection.rows().len(),
        clock::now()
    );
    let _ = serde_json::to_writer(&mut out, links);
    out.push(b'}');
    out
}
