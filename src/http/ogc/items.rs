//! `/collections/{id}/items` and one item (OGC API - Features Parts 1 to 3).

use crate::core::geometry::Crs;
use crate::core::query::{Engine, FeatureWriter, Question, Selection};
use crate::core::snapshot::Description;
use crate::data::bulk::Format;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::layers::find;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{Binary, CrsParams, LangParams, PageParams, PlaceParams, SortParams};
use crate::http::extract::space;
use crate::http::extract::space::Place;
use crate::http::extract::values::{During, PeriodText, Word, Words, Year};
use crate::http::ogc::bulk;
use crate::http::ogc::bulk::Wanted;
use crate::http::ogc::feature_page;
use crate::http::ogc::geojson::{Feature, FeatureCollection};
use crate::http::ogc::landing::own_links;
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, Form, Reply, computed};
use crate::http::response::links::{GEOJSON, HTML, JSON, Link, announce, escaped, in_form};
use crate::service::clock;
use axum::extract::Path;
use axum::http::HeaderMap;
use serde::Deserialize;
use std::io::Write as _;
use utoipa::IntoParams;

/// The forms of a feature.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum FeatureForm {
    GeoJson,
    Html,
}

/// A client that takes JSON only gets GeoJSON under that name.
const OFFERED: [(FeatureForm, &str); 3] =
    [(FeatureForm::GeoJson, GEOJSON), (FeatureForm::GeoJson, JSON), (FeatureForm::Html, HTML)];

impl Words for FeatureForm {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("json", Self::GeoJson), ("geojson", Self::GeoJson), ("html", Self::Html)]
    }
}

/// The forms of many features: the same, and files.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ItemsForm {
    Page(FeatureForm),
    File(Format),
}

impl ItemsForm {
    fn offered() -> Vec<(Self, &'static str)> {
        let files = Format::ALL.map(|(_, format)| (Self::File(format), format.media_type()));
        OFFERED.map(|(form, media_type)| (Self::Page(form), media_type)).into_iter().chain(files).collect()
    }
}

impl Words for ItemsForm {
    fn words() -> Vec<(&'static str, Self)> {
        let files = Format::ALL.map(|(name, format)| (name, Self::File(format)));
        FeatureForm::words().into_iter().map(|(name, form)| (name, Self::Page(form))).chain(files).collect()
    }
}

// the description does not follow a type with parameters of its own
type FeatureFormWord = Word<FeatureForm>;
type ItemsFormWord = Word<ItemsForm>;

/// What a feature can be had as.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeatureFormParams {
    /// The form of the answer; without it `Accept` decides.
    #[param(inline)]
    f: Option<FeatureFormWord>,
}

/// What features can be had as.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ItemsFormParams {
    /// The form of the answer; without it `Accept` decides. The last five are files (GeoJSON text sequence, CSV, FlatGeobuf,
    /// GeoParquet, GeoPackage) of all features that match, unless `limit` is given.
    #[param(inline)]
    f: Option<ItemsFormWord>,
}

/// Which zone.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ZoneParams {
    /// Zone id; also `city`, `outside`, `undeclared`.
    zone: Option<String>,
}

/// Which time of the register.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeriodParams {
    /// Of the register: the year at whose end the features are there; the latest when left out, where `datetime` is left out
    /// too. A register without dates is as it stands in every year.
    #[param(value_type = Option<u16>)]
    pub(crate) year: Option<Year>,
    /// Period, in the same sense: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    #[param(value_type = Option<String>)]
    pub(crate) period: Option<PeriodText>,
}

/// A page of features.
#[utoipa::path(get, path = "/collections/{collectionId}/items", operation_id = "getFeatures", tag = "data",
    params(("collectionId" = String, Path, description = "id of a collection"), PageParams, SortParams, PlaceParams, CrsParams,
        ZoneParams, PeriodParams, ("property" = Option<String>, Query, description = "any queryable = value"), FilterParams, ItemsFormParams, LangParams),
    responses((status = 200, description = "a page of features, or a file of all that match", content((FeatureCollection = "application/geo+json"), (String = "text/html"),
        (String = "application/geo+json-seq"), (String = "text/csv"), (Binary = "application/flatgeobuf"), (Binary = "application/vnd.apache.parquet"),
        (Binary = "application/geopackage+sqlite3"))),
        (status = 503, description = "too many files are being downloaded", body = ProblemDocument)))]
pub(crate) async fn page(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    let (layer, _) = find(&context, &id)?;
    computed(context.cost(&[layer], params.bytes()), move || selected(&context, &headers, &id, params)).await
}

fn selected(context: &Context, headers: &HeaderMap, id: &str, mut params: Params) -> Answer {
    let given = params.clone();
    let (ItemsFormParams { f }, lang, crs): (_, LangParams, CrsParams) = params.take()?;
    let (page, sort): (PageParams, SortParams) = params.take()?;
    let (media_type, form) = negotiate::choose(f, headers, &ItemsForm::offered())?;
    let (lang, crs) = (lang.lang(headers), crs.crs(context.describe())?);
    let (offset, limit) = page.rows()?;
    let bound = context.bind(&sort.of(read(id, params, context.describe())?))?;
    let reply = Reply { context, headers };
    if let ItemsForm::File(format) = form {
        let limit = limit.map_or(usize::MAX, |l| usize::try_from(l).unwrap_or(usize::MAX));
        return bulk::answer(&reply, &bound, &Wanted { format, crs, offset, limit });
    }
    let ((offset, limit), html) = (page.page()?, form == ItemsForm::Page(FeatureForm::Html));
    let address = Address::new(&negotiate::base_url(context, headers), id, &given, limit);
    let form = Form { stamped: true, ..Form::plain(media_type) };
    let mut links = Vec::new();
    let mut response = if html {
        let selection = bound.select(offset, limit);
        context.took(id, selection.rows().len(), Some(bound.question()));
        links = address.links(&selection, offset, HTML);
        feature_page::table(&reply, &selection, &links, lang, (offset, &address.query(offset)))
    } else {
        reply.form(form, || {
            let selection = bound.select(offset, limit);
            context.took(id, selection.rows().len(), Some(bound.question()));
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
        CrsParams, FeatureFormParams, LangParams),
    responses((status = 200, description = "the feature", content((Feature = "application/geo+json"), (String = "text/html")))))]
pub(crate) async fn one(
    context: Context,
    headers: HeaderMap,
    Path((id, fid)): Path<(String, String)>,
    params: Params,
) -> Answer {
    let (FeatureFormParams { f }, lang, crs): (_, LangParams, CrsParams) = params.only()?;
    let (media_type, form) = negotiate::choose(f, &headers, &OFFERED)?;
    let (lang, crs, html) = (lang.lang(&headers), crs.crs(context.describe())?, form == FeatureForm::Html);
    find(&context, &id)?;
    let selection = context.engine().feature(&id, &fid, context.disclosure()).ok_or_else(|| {
        Problem::not_found(
            format!("集合 {id} 中没有编号为 {fid} 的要素。"),
            format!("Collection {id} has no feature {fid}."),
        )
    })?;
    context.took(&id, selection.rows().len(), None);
    let reply = Reply { context: &context, headers: &headers };
    let above = format!("{}/collections/{}", negotiate::base_url(&context, &headers), escaped(&id));
    let own = format!("{above}/items/{}", escaped(&fid));
    let own = if crs == Crs::Crs84 { own } else { format!("{own}?crs={}", escaped(&crs.uri())) };
    let mut links = own_links(&own, GEOJSON, html);
    links.push(Link::new(above, "collection", JSON));
    let mut response = if html {
        feature_page::feature(&reply, &selection, &links, lang)
    } else {
        reply.form(Form::plain(media_type), || {
            let mut out = Vec::new();
            FeatureWriter::new(&selection, crs).write(&mut out, selection.rows()[0]);
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

/// The question that the parameters ask.
fn read(collection: &str, mut params: Params, about: &Description) -> Result<Question, Problem> {
    let (ZoneParams { zone }, place): (_, PlaceParams) = params.take()?;
    let (datetime, place) = (place.datetime, Place::new(&place, about)?);
    // another collection may have a property of that name
    let of_register = about.register().is_some_and(|register| register.spec.id == collection);
    let of_register = of_register.then(|| params.take::<PeriodParams>()).transpose()?;
    let period = of_register.map(|PeriodParams { year, period }| PeriodText::named(year, period)).transpose()?;
    let question = Question::of(collection).in_zone(zone.unwrap_or_else(|| "city".into()));
    let question = question.in_period(period.flatten());
    // the conditions come first: the place may add to them
    let question = place.of(Conditions::read(params, about)?.of(question));
    Ok(match datetime {
        Some(During(datetime)) => question.during(datetime),
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
    let writer = FeatureWriter::new(selection, crs);
    for (i, &row) in selection.rows().iter().enumerate() {
        out.extend_from_slice(if i == 0 { b"\n" } else { b",\n" });
        writer.write(&mut out, row);
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
