//! `/cities`: what there is, without loading anything; as JSON and as a page that leads to each city.

use super::{Asked, CitiesApp, CityService, unknown};
use crate::core::geometry::Bounds;
use crate::core::model::{Lang, Text};
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{DocumentForm, FormParams, LangParams};
use crate::http::ogc::landing::own_links;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, to_json, vary};
use crate::http::response::html::{ErrorPage, PAGE, Page, facts, text};
use crate::http::response::links::{HTML, JSON, Link, announce};
use crate::http::schemas;
use crate::service::cities::{CityState, Listed, Shard};
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::fmt::Write as _;
use utoipa::ToSchema;

/// The cities of the service.
#[derive(Serialize, ToSchema)]
pub(super) struct CityList {
    /// Memory of the data of loaded cities; for who may read.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<MemoryInfo>,
    cities: Vec<CityInfo>,
    links: Vec<Link>,
}

/// Memory of the data of loaded cities.
#[derive(Serialize, ToSchema)]
struct MemoryInfo {
    /// Bytes that they take.
    bytes: u64,
    /// Bytes that they may take (`--cities-memory`).
    most: u64,
}

/// A city.
#[derive(Serialize, ToSchema)]
struct CityInfo {
    /// Its id: the name of its folder.
    id: String,
    #[schema(value_type = schemas::Text)]
    title: Text,
    #[schema(value_type = schemas::Text)]
    description: Text,
    /// West, south, east, north in degrees: of the data where they are loaded, else what the manifest says; null where neither is
    /// known, or the reader has to log in first.
    #[schema(value_type = Option<Vec<f64>>)]
    extent: Option<[f64; 4]>,
    /// `not loaded` (it is loaded when somebody asks for it), `loading`, `ready` or `failed`.
    state: &'static str,
    /// Why it failed: for the owner and for monitoring.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Text>)]
    reason: Option<Text>,
    /// Rows of its tables, where it is loaded.
    rows: Option<u64>,
    /// Bytes of memory that its data take, where it is loaded.
    bytes: Option<u64>,
    links: Vec<Link>,
}

const OFFERED: [(DocumentForm, &str); 2] = [(DocumentForm::Json, JSON), (DocumentForm::Html, HTML)];

/// The cities of the service.
#[utoipa::path(get, path = "/cities", operation_id = "getCities", tag = "data", params(FormParams, LangParams),
    responses((status = 200, description = "the cities", content((CityList = "application/json"), (String = "text/html")))))]
pub(super) async fn list(asked: Asked, headers: HeaderMap, params: Params) -> Answer {
    let (FormParams { f }, lang): (_, LangParams) = params.only()?;
    let (lang, html) = (lang.lang(&headers), negotiate::choose(f, &headers, &OFFERED)?.1 == DocumentForm::Html);
    let base = asked.front().base_url(&headers);
    let list = listed(&asked, &base, own_links(&format!("{base}/cities"), JSON, html));
    let (kind, body) = if html {
        let page = Page { lang, title: page_title(lang), root: "./", trail: &[], links: &list.links, query: "" };
        (PAGE, page.around(&content(&list, &page), "").into_bytes())
    } else {
        (JSON, to_json(&list)?)
    };
    // the states are those of this moment
    let mut response = ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], body).into_response();
    vary(response.headers_mut(), "accept");
    vary(response.headers_mut(), "accept-language");
    announce(&mut response, &list.links);
    Ok(response)
}

/// The address of a city with its slash, without which relative addresses of its page would miss.
pub(super) async fn to_city(asked: Asked, headers: HeaderMap, Path(id): Path<String>, uri: Uri) -> Answer {
    asked.cities().find(&id).ok_or_else(|| unknown(&id))?;
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    let to = format!("{}/cities/{id}/{query}", asked.front().base_url(&headers));
    Ok((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response())
}

/// Why a city does not answer, for a person who followed a link.
pub(super) fn refusal(app: &CitiesApp, problem: &Problem, request: &Request) -> Response {
    let headers = request.headers();
    let named = Params::parse(request.uri().query().unwrap_or("")).and_then(|mut params| params.take::<LangParams>());
    let lang = named.map_or_else(|_| negotiate::lang(headers), |named| named.lang(headers));
    let root = format!("{}/", app.0.front.base_url(headers));
    let page = Page { lang, title: page_title(lang), root: &root, trail: &[], links: &[], query: "" };
    let (words, all) = (text(problem.detail.get(lang)), page.say("城市列表", "All cities"));
    let content = format!("<p>{words}</p>\n<p><a href=\"{}cities\">{all}</a></p>", text(&root));
    let head = [(header::CONTENT_TYPE, PAGE), (header::CACHE_CONTROL, "no-store")];
    let mut response = (problem.status, head, page.around(&content, "")).into_response();
    response.extensions_mut().insert(ErrorPage);
    response
}

fn listed(asked: &Asked, base: &str, links: Vec<Link>) -> CityList {
    let (reads, all) = (asked.may_read().is_ok(), asked.cities().list());
    let bytes = all.iter().filter_map(|one| one.shard.as_ref()).map(|shard| shard.bytes()).sum();
    let memory = reads.then(|| MemoryInfo { bytes, most: asked.cities().budget() });
    CityList { memory, cities: all.into_iter().map(|one| info(one, base, reads, asked.told)).collect(), links }
}

/// What a reader may know of a city: titles are open, as on the way into a city.
fn info(one: Listed<CityService>, base: &str, reads: bool, told: bool) -> CityInfo {
    let Listed { city, state, shard } = one;
    let shard = shard.filter(|_| reads);
    let bounds = shard.as_ref().map(|shard| shard.snapshot().describe().bounds);
    let extent = bounds.filter(|b| !b.is_empty()).map(Bounds::to_array).or(city.extent);
    let address = format!("{base}/cities/{}/", city.id);
    let links =
        vec![Link::new(address.clone(), "item", JSON), Link::new(format!("{address}?f=html"), "alternate", HTML)];
    CityInfo {
        id: city.id.clone(),
        title: city.title.clone(),
        description: city.description.clone(),
        extent: extent.filter(|_| reads),
        state: state.name(),
        reason: if let CityState::Failed(why) = state { Some(why).filter(|_| told) } else { None },
        rows: shard.as_ref().map(|shard| shard.rows()),
        bytes: shard.as_ref().map(|shard| shard.bytes()),
        links,
    }
}

fn page_title(lang: Lang) -> &'static str {
    if lang == Lang::En { "Cities" } else { "城市" }
}

fn content(list: &CityList, page: &Page) -> String {
    if list.cities.is_empty() {
        let (zh, en) = (
            "还没有城市。请管理员把各城市的数据文件夹放入 --cities 指定的文件夹,再重新加载(SIGHUP)。",
            "There are no cities yet. The administrator puts a dataset folder for each into the folder of --cities, and has the service look again (SIGHUP).",
        );
        return format!("<p>{}</p>\n", text(page.say(zh, en)));
    }
    let loaded = list.cities.iter().filter(|one| one.state == CityState::Ready.name()).count();
    let n = list.cities.len();
    let mut said = match page.lang {
        Lang::En => format!("{n} cities, {loaded} loaded"),
        Lang::Zh => format!("共 {n} 个城市,已加载 {loaded} 个"),
    };
    if let Some(MemoryInfo { bytes, most }) = &list.memory {
        let (bytes, most) = (size(*bytes), size(*most));
        let _ = match page.lang {
            Lang::En => write!(said, "; {bytes} of {most} memory"),
            Lang::Zh => write!(said, ";内存 {bytes},上限 {most}"),
        };
    }
    let cities: String = list.cities.iter().map(|one| card(one, page)).collect();
    format!("<p>{}</p>\n<ul class=\"cities\">\n{cities}</ul>\n", text(&said))
}

fn card(one: &CityInfo, page: &Page) -> String {
    let (other, code) = if page.lang == Lang::En { (Lang::Zh, "zh-CN") } else { (Lang::En, "en") };
    let (title, second) = (one.title.get(page.lang), one.title.get(other));
    let mut out = format!("<li{}>\n", if one.state == "failed" { " class=\"failed\"" } else { "" });
    let _ = writeln!(out, "<h2><a href=\"cities/{}/\">{}</a></h2>", one.id, text(title));
    if second != title {
        let _ = writeln!(out, "<p lang=\"{code}\">{}</p>", text(second));
    }
    let description = one.description.get(page.lang);
    if !description.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", text(description));
    }
    let number = |n: Option<u64>| n.map_or_else(String::new, grouped);
    out += &facts(&[
        (page.say("状态", "State"), text(state_in_words(one.state, page))),
        (page.say("标识", "Id"), format!("<code>{}</code>", text(&one.id))),
        (page.say("范围", "Extent"), one.extent.map_or_else(String::new, |e| text(&degrees(e)))),
        (page.say("记录", "Rows"), number(one.rows)),
        (page.say("内存", "Memory"), one.bytes.map_or_else(String::new, size)),
    ]);
    if let Some(reason) = &one.reason {
        let (why, reason) = (page.say("原因", "Why"), text(reason.get(page.lang).trim()));
        let _ = writeln!(out, "<details><summary>{why}</summary><pre tabindex=\"0\">{reason}</pre></details>");
    }
    out + "</li>\n"
}

fn state_in_words<'t>(state: &'t str, page: &Page) -> &'t str {
    match state {
        "not loaded" => page.say("未加载(打开时加载)", "not loaded (it is when opened)"),
        "loading" => page.say("正在加载", "loading"),
        "ready" => page.say("可用", "ready"),
        _ => page.say("无法提供", "can't be served"),
    }
}

fn degrees([west, south, east, north]: [f64; 4]) -> String {
    format!("{west:.3}°, {south:.3}° – {east:.3}°, {north:.3}°")
}

/// Bytes in MB; of few in kB.
fn size(bytes: u64) -> String {
    match bytes {
        ..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..100_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        100_000_000.. => format!("{} MB", grouped(bytes / 1_000_000)),
    }
}

/// Digits in groups of three.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
