//! `/collections` and `/collections/{id}` (OGC API - Features Parts 1 and 2).

use crate::core::geometry::Crs;
use crate::core::model::{Lang, PropertyType, Text};
use crate::core::snapshot::{CollectionInfo, Description};
use crate::data::bulk::Format;
use crate::http::extract::context::Context;
use crate::http::extract::layers::find;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{DocumentForm, FormParams, LangParams};
use crate::http::extract::{negotiate, time};
use crate::http::ogc::landing::own_links;
use crate::http::ogc::svg_preview::SvgPreview;
use crate::http::response::answer::{Answer, Form, Reply, to_json};
use crate::http::response::html::{Page, facts, linked, text};
use crate::http::response::links::{GEOJSON, HTML, JSON, Link, MAP, QUERYABLES, SCHEMA, announce, escaped};
use crate::http::schemas;
use axum::extract::Path;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

/// The collections of the dataset.
#[derive(Serialize, ToSchema)]
pub(crate) struct CollectionList {
    /// Links.
    links: Vec<Link>,
    /// The collections, lowest layer first.
    collections: Vec<CollectionDocument>,
    /// Reference systems in which all collections can be had.
    crs: Vec<String>,
}

/// A collection.
#[derive(Serialize, ToSchema)]
pub(crate) struct CollectionDocument {
    id: String,
    title: String,
    description: String,
    links: Vec<Link>,
    /// Where and when its features are.
    extent: Extent,
    #[serde(rename = "itemType")]
    item_type: &'static str,
    /// Reference systems in which the features can be had; the first is the one without `crs`.
    crs: Vec<String>,
    /// Reference system in which they are kept.
    #[serde(rename = "storageCrs")]
    storage_crs: String,
    /// The properties that can be read and asked for.
    properties: Vec<PropertyDocument>,
    /// Where the data comes from.
    #[schema(value_type = schemas::Text)]
    source: Text,
    /// Its licence.
    licence: Option<String>,
    /// The number under which its areas were approved (批准文号, 审图号).
    approval: Option<String>,
}

/// Where and when the features of a collection are.
#[derive(Serialize, ToSchema)]
struct Extent {
    #[serde(skip_serializing_if = "Option::is_none")]
    spatial: Option<Spatial>,
    temporal: Temporal,
}

/// Boxes in CRS84.
#[derive(Serialize, ToSchema)]
struct Spatial {
    #[schema(value_type = Vec<Vec<f64>>)]
    bbox: Vec<[f64; 4]>,
    crs: String,
}

/// Intervals in the Gregorian calendar; an end that is `null` is open or not known.
#[derive(Serialize, ToSchema)]
struct Temporal {
    #[schema(value_type = Vec<Vec<Option<String>>>)]
    interval: Vec<[Option<String>; 2]>,
    trs: &'static str,
}

/// What a property means.
#[derive(Serialize, ToSchema)]
struct PropertyDocument {
    name: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    #[serde(rename = "type")]
    #[schema(value_type = schemas::PropertyType)]
    ty: PropertyType,
    #[schema(value_type = Option<schemas::Text>)]
    unit: Option<Text>,
    #[schema(value_type = Option<schemas::Text>)]
    description: Option<Text>,
    codelist: Option<String>,
}

const OFFERED: [(DocumentForm, &str); 2] = [(DocumentForm::Json, JSON), (DocumentForm::Html, HTML)];

/// All collections.
#[utoipa::path(get, path = "/collections", operation_id = "getCollections", tag = "data", params(FormParams, LangParams),
    responses((status = 200, description = "the collections", content((CollectionList = "application/json"), (String = "text/html")))))]
pub(crate) async fn list(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let (FormParams { f }, lang): (_, LangParams) = params.only()?;
    let (lang, html) = (lang.lang(&headers), negotiate::choose(f, &headers, &OFFERED)?.1 == DocumentForm::Html);
    let about = context.describe();
    let reply = Reply { context: &context, headers: &headers };
    let base = negotiate::base_url(&context, &headers);
    let links = own_links(&format!("{base}/collections"), JSON, html);
    let mut response = if html {
        let title = if lang == Lang::En { "Collections" } else { "数据集合" };
        let page = Page { lang, title, root: "./", trail: &[], links: &links, query: "" };
        page.answer(&reply, || Ok(list_page(about, &page)))
    } else {
        reply.form(Form::spoken(JSON, lang), || {
            let collections = about.collections.iter().map(|c| document(&context, c, &base, lang)).collect();
            to_json(&CollectionList { links: links.clone(), collections, crs: crs(about) })
        })
    }?;
    announce(&mut response, &links);
    Ok(response)
}

fn list_page(about: &Description, page: &Page) -> String {
    let row = |l: &CollectionInfo| {
        let (id, title) = (escaped(&l.spec.id), text(l.spec.title.get(page.lang)));
        format!(
            "<tr><td><a href=\"collections/{id}?f=html\">{title}</a></td><td>{}</td><td>{}</td></tr>\n",
            l.rows,
            text(l.spec.description.get(page.lang))
        )
    };
    format!(
        "<p>{}</p>\n<div class=\"wide\"><table><tr><th>{}</th><th>{}</th><th>{}</th></tr>\n{}</table></div>\n",
        text(about.manifest.description.get(page.lang)),
        page.say("集合", "Collection"),
        page.say("要素", "Features"),
        page.say("说明", "Description"),
        about.collections.iter().map(row).collect::<String>()
    )
}

/// One collection.
#[utoipa::path(get, path = "/collections/{collectionId}", operation_id = "describeCollection", tag = "data",
    params(("collectionId" = String, Path, description = "id of a collection"), FormParams, LangParams),
    responses((status = 200, description = "the collection", content((CollectionDocument = "application/json"), (String = "text/html")))))]
pub(crate) async fn one(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    let (FormParams { f }, lang): (_, LangParams) = params.only()?;
    let (lang, html) = (lang.lang(&headers), negotiate::choose(f, &headers, &OFFERED)?.1 == DocumentForm::Html);
    let (_, layer) = find(&context, &id)?;
    let reply = Reply { context: &context, headers: &headers };
    let base = negotiate::base_url(&context, &headers);
    let links = links(layer, &base, html);
    let mut response = if html {
        let trail =
            [("collections?f=html".to_owned(), if lang == Lang::En { "Collections" } else { "数据集合" }.into())];
        let title = layer.spec.title.get(lang);
        let page = Page { lang, title, root: "../", trail: &trail, links: &links, query: "" };
        page.answer(&reply, || Ok(one_page(&context, layer, &page)))
    } else {
        reply.form(Form::spoken(JSON, lang), || to_json(&document(&context, layer, &base, lang)))
    }?;
    announce(&mut response, &links);
    Ok(response)
}

fn one_page(context: &Context, layer: &CollectionInfo, page: &Page) -> String {
    let disclosure = context.disclosure();
    let (spec, lang) = (&layer.spec, page.lang);
    let id = escaped(&spec.id);
    let mut preview = SvgPreview::new(context, &layer.bounds, page.title);
    preview.extent(&layer.bounds);
    let [from, to] = time::extent(context, &layer.spec.id).map(|end| end.unwrap_or_else(|| "..".into()));
    let interval = if from == to && from == ".." { String::new() } else { text(&format!("{from} / {to}")) };
    let systems: Vec<String> = crs(context.describe()).iter().map(|uri| format!("<code>{uri}</code>")).collect();
    let systems = systems.join("<br>\n");
    let about = facts(&[
        (page.say("说明", "Description"), text(spec.description.get(lang))),
        (page.say("要素", "Features"), format!("<a href=\"{id}/items?f=html\">{}</a>", layer.rows)),
        (page.say("来源", "Source"), linked(spec.source.get(lang))),
        (page.say("批准文号", "Approval number"), text(spec.approval.as_deref().unwrap_or(""))),
        (page.say("许可", "Licence"), linked(spec.licence.as_deref().unwrap_or(""))),
        (page.say("时间", "Time"), interval),
        (
            page.say("范围", "Extent"),
            if layer.bounds.is_empty() { String::new() } else { format!("{:?}", layer.bounds.to_array()) },
        ),
        (page.say("坐标系", "Reference systems"), systems),
        (page.say("可查询属性", "Queryables"), format!("<a href=\"{id}/queryables\">JSON Schema</a>")),
    ]);
    let row = |i: usize| {
        let p = &spec.properties[i];
        let of = |t: &Option<Text>| text(t.as_ref().map_or("", |t| t.get(lang)));
        let ty = serde_json::to_value(p.ty).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let (name, title) = (text(&p.name), text(p.title.get(lang)));
        format!(
            "<tr><td><code>{name}</code></td><td>{title}</td><td>{ty}</td><td>{}</td><td>{}</td></tr>\n",
            of(&p.unit),
            of(&p.description)
        )
    };
    format!(
        "{}{about}<h2>{}</h2>\n<div class=\"wide\"><table><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>\n{}</table></div>\n",
        preview.finish(),
        page.say("属性", "Properties"),
        page.say("名称", "Name"),
        page.say("含义", "Meaning"),
        page.say("类型", "Type"),
        page.say("单位", "Unit"),
        page.say("说明", "Description"),
        disclosure.columns(spec).into_iter().map(row).collect::<String>()
    )
}

fn crs(about: &Description) -> Vec<String> {
    about.systems().iter().map(|crs| crs.uri()).collect()
}

fn links(layer: &CollectionInfo, base: &str, html: bool) -> Vec<Link> {
    let id = escaped(&layer.spec.id);
    let own = format!("{base}/collections/{id}");
    let mut links = own_links(&own, JSON, html);
    links.extend([
        Link::new(format!("{own}/items"), "items", GEOJSON).titled("GeoJSON"),
        Link::new(format!("{own}/items?f=html"), "items", HTML).titled("HTML"),
    ]);
    let file = |(f, format): (&str, Format)| {
        Link::new(format!("{own}/items?f={f}"), "items", format.media_type()).titled(format.title())
    };
    links.extend(Format::ALL.map(file));
    links.extend([
        Link::new(format!("{own}/queryables"), QUERYABLES, SCHEMA),
        Link::new(format!("{own}/map"), MAP, "image/png").titled("PNG"),
    ]);
    links.extend(crate::http::ogc::tilesets::ways_in(&own, None));
    links.extend([
        Link::new(format!("{base}/xyz/{id}/tilejson.json"), "tiles", JSON).titled("TileJSON"),
        Link::new(format!("{base}/collections"), "up", JSON),
    ]);
    let licence = layer.spec.licence.as_deref().filter(|l| l.starts_with("https://") || l.starts_with("http://"));
    links.extend(licence.map(|l| Link::new(l.to_owned(), "license", HTML)));
    links
}

fn document(context: &Context, layer: &CollectionInfo, base: &str, lang: Lang) -> CollectionDocument {
    let disclosure = context.disclosure();
    let spec = &layer.spec;
    let properties = disclosure.columns(spec).into_iter().map(|i| &spec.properties[i]).map(|p| PropertyDocument {
        name: p.name.clone(),
        title: p.title.clone(),
        ty: p.ty,
        unit: p.unit.clone(),
        description: p.description.clone(),
        codelist: p.codelist.clone(),
    });
    let spatial = Spatial { bbox: vec![layer.bounds.to_array()], crs: Crs::Crs84.uri() };
    let gregorian = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian";
    CollectionDocument {
        id: spec.id.clone(),
        title: spec.title.get(lang).to_owned(),
        description: spec.description.get(lang).to_owned(),
        links: links(layer, base, false),
        extent: Extent {
            spatial: (!layer.bounds.is_empty()).then_some(spatial),
            temporal: Temporal { interval: vec![time::extent(context, &spec.id)], trs: gregorian },
        },
        item_type: "feature",
        crs: crs(context.describe()),
        storage_crs: Crs::Crs84.uri(),
        properties: properties.collect(),
        source: spec.source.clone(),
        licence: spec.licence.clone(),
        approval: spec.approval.clone(),
    }
}
