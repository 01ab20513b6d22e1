//! `/map` and `/collections/{id}/map` (OGC API - Maps Part 1): maps drawn here.

use crate::core::model::Lang;
use crate::core::query::{Bound, Question};
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::layers::{find, layers};
use crate::http::extract::params::Params;
use crate::http::extract::{body, negotiate, place};
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply};
use crate::render::map::{Ask, Frame, Ground, Scene, png, polygons, svg};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use place::Reference;

/// Pixels of the standard's display are so many millimetres wide.
const STANDARD_MM: f64 = 0.28;

/// Draws outside the threads that serve requests, once a render permit is free.
pub(crate) async fn paint(context: Context, work: impl FnOnce(&Context) -> Answer + Send + 'static) -> Answer {
    let permits = context.0.permits.clone();
    permits.run(move || work(&context)).await?
}

/// A picture's encoding.
#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Png,
    Svg,
}

impl Encoding {
    fn media_type(self) -> &'static str {
        if self == Self::Png { "image/png" } else { "image/svg+xml" }
    }
}

/// What paints a PNG.
#[derive(Clone, Copy, Default, PartialEq)]
enum Renderer {
    #[default]
    Resvg,
    MaplibreRs,
}

/// The parameters of a map as the API's description has them.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "read by `picture`, described here")]
pub(crate) struct MapParams {
    /// What is shown: four numbers in `bbox-crs`. Without `legend` the picture is this box and nothing else; the districts, or the zone, when left out.
    bbox: Option<String>,
    /// CRS of `bbox`: CRS84 (default), EPSG:4326 or EPSG:3857, as URI or `[EPSG:3857]`.
    #[param(rename = "bbox-crs")]
    bbox_crs: Option<String>,
    /// CRS of the map: CRS84 (default), EPSG:4326 or EPSG:3857.
    crs: Option<String>,
    /// Pixels, 1 to 4096; true to scale when only one side is given, 1200 the longer one when none is.
    #[param(minimum = 1, maximum = 4096)]
    width: Option<u32>,
    /// Pixels, 1 to 4096.
    #[param(minimum = 1, maximum = 4096)]
    height: Option<u32>,
    /// Size of a pixel where the map is looked at; half of it draws lines and text twice as large. 0.05 to 1.
    #[param(rename = "mm-per-pixel", default = 0.28)]
    mm_per_pixel: Option<f64>,
    /// What is behind the map: `0xRRGGBB` or a W3C colour name.
    bgcolor: Option<String>,
    /// Whether nothing is behind it; true unless `bgcolor` or `legend` is given.
    transparent: Option<bool>,
    /// What is shown where the reference system does not reach; a map never goes there.
    #[param(rename = "void-color")]
    void_color: Option<String>,
    /// Whether nothing is shown there.
    #[param(rename = "void-transparent")]
    void_transparent: Option<bool>,
    /// Whether it's a sheet with title, legend, scale bar, north arrow and source.
    #[param(default = false)]
    legend: Option<bool>,
    /// `zh` (default) or `en`.
    lang: Option<String>,
    /// `png` or `svg`; else what `Accept` prefers.
    f: Option<String>,
    /// What paints the PNG: `resvg` (built in) or `maplibre-rs`, where that program is installed; it knows no transparency.
    #[param(default = "resvg")]
    renderer: Option<String>,
    /// Zone id: outlined, with its enterprises only.
    zone: Option<String>,
    /// Year of the figures.
    year: Option<u16>,
    /// Whether secondary clusters count too.
    secondary: Option<bool>,
    /// Revision; in links to a map of certain data.
    v: Option<String>,
}

/// The map of the dataset. Conditions are on the register.
#[utoipa::path(get, path = "/map", tag = "map",
    params(MapParams, ("collections" = Option<String>, Query, description = "ids of the collections to draw, separated by commas"),
        ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, content((Vec<u8> = "image/png"), (String = "image/svg+xml")), headers(
        ("Content-Crs" = String, description = "CRS of the map, where it isn't CRS84"), ("Content-Bbox" = String, description = "what the map shows, in that CRS"))),
        (status = 400, body = crate::http::problem::ProblemDocument), (status = 501, description = "no font has the characters, or the renderer is not installed", body = crate::http::problem::ProblemDocument),
        (status = 503, description = "too many maps are being drawn", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn dataset(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let about = context.describe();
    let layers = match params.text("collections") {
        Some(ids) => layers(&context, &ids)?,
        None => (0..about.collections.len()).collect(),
    };
    let (picture, params) = Picture::read(&headers, params)?;
    let register = about.register.as_ref().map(|r| r.collection).filter(|place| layers.contains(place));
    let of = |place: usize| Question::of(about.collections[place].spec.id.as_str());
    let narrowed = match register {
        None => {
            params.finish()?;
            None
        }
        Some(place) => Some((place, Conditions::read(params)?.of(picture.question(of(place))))),
    };
    let one = |&place: &usize| match &narrowed {
        Some((register, question)) if *register == place => context.bind(question),
        _ => context.bind(&of(place)),
    };
    let queries = layers.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let focus = layers.first().map(|&place| context.bind(&picture.question(of(place)))).transpose()?;
    picture.draw(context, headers, queries, focus).await
}

/// The map of a collection, under conditions on its properties.
#[utoipa::path(get, path = "/collections/{collectionId}/map", tag = "map",
    params(("collectionId" = String, Path), MapParams, ("property" = Option<String>, Query, description = "any property of the collection = value"), FilterParams),
    responses((status = 200, content((Vec<u8> = "image/png"), (String = "image/svg+xml"))), (status = 400, body = crate::http::problem::ProblemDocument),
        (status = 404, body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn collection(context: Context, headers: HeaderMap, Path(id): Path<String>, params: Params) -> Answer {
    find(&context, &id)?;
    let (picture, params) = Picture::read(&headers, params)?;
    let question = picture.question(Question::of(id));
    let bound = context.bind(&Conditions::read(params)?.of(question))?;
    picture.draw(context, headers, vec![bound.clone()], Some(bound)).await
}

/// The map of an area that the reader drew.
#[utoipa::path(post, path = "/map", tag = "map", request_body = crate::http::extract::body::QueryBody, params(MapParams),
    responses((status = 200, content((Vec<u8> = "image/png"), (String = "image/svg+xml"))), (status = 400, body = crate::http::problem::ProblemDocument),
        (status = 422, body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, params: Params, bytes: Bytes) -> Answer {
    let (picture, params) = Picture::read(&headers, params)?;
    params.finish()?;
    let bound = context.bind(&body::read(&headers, &bytes)?)?;
    let others = context.describe().collections.iter().enumerate().filter(|(place, _)| *place != bound.collection());
    let queries = others.map(|(_, c)| bound.ask(&Question::of(c.spec.id.as_str())));
    let queries = queries.chain([Ok(bound.clone())]).collect::<Result<Vec<_>, _>>()?;
    picture.draw(context, headers, queries, Some(bound)).await
}

/// What is asked of a picture, its queries apart.
struct Picture {
    ask: Ask,
    encoding: Encoding,
    renderer: Renderer,
    reference: Reference,
    zone: Option<String>,
    year: Option<u16>,
    secondary: bool,
}

impl Picture {
    /// Takes the parameters of the picture; the others are conditions.
    fn read(headers: &HeaderMap, mut params: Params) -> Result<(Self, Params), Problem> {
        let mut ask = Ask::new(vec![]);
        let reference = place::reference(&mut params, "crs")?;
        ask.crs = reference.crs;
        ask.bbox = place::bbox(&mut params, reference)?;
        for (name, side) in [("width", &mut ask.width), ("height", &mut ask.height)] {
            *side = params.value::<u32>(name, "整数", "a whole number")?;
            if side.is_some_and(|pixels| !(1..=Ask::LONGEST).contains(&pixels)) {
                let most = Ask::LONGEST;
                return Err(Problem::parameter(
                    name,
                    &format!("应为 1 到 {most} 像素"),
                    &format!("from 1 to {most} pixels"),
                ));
            }
        }
        if let Some(mm) = params.value::<f64>("mm-per-pixel", "数字", "a number")? {
            if !(0.05..=1.0).contains(&mm) {
                return Err(Problem::parameter("mm-per-pixel", "应为 0.05 到 1 毫米", "from 0.05 to 1 mm"));
            }
            ask.ratio = STANDARD_MM / mm;
        }
        let mut flag = |name| params.value::<bool>(name, " true 或 false", "true or false");
        ask.sheet = flag("legend")?.unwrap_or(false);
        let transparent = flag("transparent")?;
        let secondary = flag("secondary")?.unwrap_or(false);
        let color = params.text("bgcolor").map(|text| place::color("bgcolor", &text)).transpose()?;
        let renderers = [("resvg", Renderer::Resvg), ("maplibre-rs", Renderer::MaplibreRs)];
        let renderer = params.choice("renderer", &renderers)?.unwrap_or_default();
        let opaque = renderer == Renderer::MaplibreRs;
        ask.ground = match (transparent, color) {
            (Some(true), _) if opaque => {
                return Err(Problem::parameter(
                    "transparent",
                    "maplibre-rs 不支持透明,请去掉 transparent 或 renderer",
                    "maplibre-rs knows no transparency; leave out transparent or renderer",
                ));
            }
            (Some(true), _) => Ground::Transparent,
            (_, Some(color)) => Ground::Color(color),
            (Some(false), None) => Ground::Style,
            (None, None) if ask.sheet || opaque => Ground::Style,
            (None, None) => Ground::Transparent,
        };
        // a map never reaches beyond where its reference system holds, so that nothing of it is void
        if let Some(text) = params.text("void-color") {
            place::color("void-color", &text)?;
        }
        params.value::<bool>("void-transparent", " true 或 false", "true or false")?;
        ask.lang = params.choice("lang", &[("zh", Lang::Zh), ("en", Lang::En)])?.unwrap_or_default();
        let named = params.choice("f", &[("png", Encoding::Png), ("svg", Encoding::Svg)])?;
        if named == Some(Encoding::Svg) && opaque {
            return Err(Problem::parameter("f", "maplibre-rs 只输出 png", "maplibre-rs draws png only"));
        }
        let encodings = if opaque { &[Encoding::Png][..] } else { &[Encoding::Png, Encoding::Svg] };
        let accepted = || encodings.iter().copied().find(|e| negotiate::accepts(headers, e.media_type()));
        let encoding = named.or_else(accepted).ok_or_else(|| Problem::of_status(StatusCode::NOT_ACCEPTABLE))?;
        let (zone, year) = (params.text("zone"), params.value("year", "年份", "a year")?);
        // makes the address another for other data, and means nothing else
        params.text("v");
        Ok((Self { ask, encoding, renderer, reference, zone, year, secondary }, params))
    }

    /// A question in the zone and year of the picture.
    fn question(&self, question: Question) -> Question {
        let question = question.in_year(self.year).with_secondary(self.secondary);
        match &self.zone {
            Some(zone) => question.in_zone(zone.as_str()),
            None => question,
        }
    }

    /// Draws off the threads that serve, when it's this picture's turn.
    async fn draw(
        mut self,
        context: Context,
        mut headers: HeaderMap,
        queries: Vec<Bound>,
        focus: Option<Bound>,
    ) -> Answer {
        (self.ask.queries, self.ask.focus) = (queries, focus);
        // `f` goes before `Accept`, which has been looked at otherwise
        headers.remove(header::ACCEPT);
        paint(context, move |context| self.answer(context, &headers)).await
    }

    fn answer(&self, context: &Context, headers: &HeaderMap) -> Answer {
        let mut frame = None;
        let reply = Reply { context, headers };
        let mut response = reply.bytes(self.encoding.media_type(), || {
            let scene = Scene::draw(context.describe(), &self.ask)?;
            frame = Some(scene.frame);
            match self.encoding {
                Encoding::Png if self.renderer == Renderer::MaplibreRs => {
                    let program = context.0.renderer.as_ref().ok_or_else(Problem::no_renderer)?;
                    Ok(program.draw(polygons(&scene, &context.0.fonts)?, scene.pixels())?)
                }
                Encoding::Png => Ok(png(&scene, &context.0.fonts)?),
                Encoding::Svg => Ok(svg(&scene).into_bytes()),
            }
        })?;
        for (name, value) in frame.map(|f| self.placed(&f)).unwrap_or_default() {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        Ok(response)
    }

    /// Where the map is: of a sheet, the map on it.
    fn placed(&self, frame: &Frame) -> Vec<(&'static str, String)> {
        let [west, south, east, north] = frame.bbox;
        let corners = if self.reference.north_first { [south, west, north, east] } else { [west, south, east, north] };
        let bbox = corners.map(|c| c.to_string()).join(",");
        let mut out = vec![("content-bbox", bbox)];
        if self.reference.uri != place::CRS84 {
            out.push(("content-crs", format!("<{}>", self.reference.uri)));
        }
        out
    }
}
