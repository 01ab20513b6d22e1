//! `/map` and `/collections/{id}/map` (OGC API - Maps Part 1): maps drawn here.

use crate::core::json;
use crate::core::model::{Lang, Period, Text};
use crate::core::query::{Bound, Question};
use crate::core::snapshot::{ClassSpec, Description};
use crate::http::extract::choropleth::ChoroplethParams;
use crate::http::extract::context::Context;
use crate::http::extract::filter::{Conditions, FilterParams};
use crate::http::extract::layers::{find, layers};
use crate::http::extract::params::Params;
use crate::http::extract::shared::{CollectionsParams, TableParams};
use crate::http::extract::values::{Color, Corners, LangWord, PeriodText, Reference, Word, Words, Year};
use crate::http::extract::{body, negotiate, place};
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Reply};
use crate::render::map::{Annotation, Ask, Frame, Ground, PointSet, Scene, png, polygons, svg};
use crate::render::report::drawing_pdf;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Pixels of the standard's display are so many millimetres wide.
const STANDARD_MM: f64 = 0.28;
/// Dots to the inch of a printed picture.
const PRINTED_DPI: f64 = 300.0;
/// Characters of a title that fit on a sheet.
const LONGEST_TITLE: usize = 80;
/// Annotations on a map.
const MOST_ANNOTATIONS: usize = 200;

/// Draws outside the threads that serve requests, once a render permit is free.
pub(crate) async fn paint(context: Context, work: impl FnOnce(&Context) -> Answer + Send + 'static) -> Answer {
    let permits = context.0.resources.permits.clone();
    permits.run(move || work(&context)).await?
}

/// A picture's encoding.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Encoding {
    Png,
    Svg,
    Pdf,
}

impl Encoding {
    fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
            Self::Pdf => "application/pdf",
        }
    }
}

impl Words for Encoding {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("png", Self::Png), ("svg", Self::Svg), ("pdf", Self::Pdf)]
    }
}

/// A size of paper, its longer side first.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Paper {
    A4,
    A3,
}

impl Paper {
    fn millimetres(self) -> [f64; 2] {
        if self == Self::A4 { [297.0, 210.0] } else { [420.0, 297.0] }
    }
}

impl Words for Paper {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("a4", Self::A4), ("a3", Self::A3)]
    }
}

/// Which side of the paper is up.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Orientation {
    #[default]
    Landscape,
    Portrait,
}

impl Words for Orientation {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("landscape", Self::Landscape), ("portrait", Self::Portrait)]
    }
}

/// What paints a PNG.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Renderer {
    #[default]
    Resvg,
    MaplibreRs,
}

impl Words for Renderer {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("resvg", Self::Resvg), ("maplibre-rs", Self::MaplibreRs)]
    }
}

// the description does not follow a type with parameters of its own
type ReferenceWord = Word<Reference>;
type EncodingWord = Word<Encoding>;
type RendererWord = Word<Renderer>;
type PaperWord = Word<Paper>;
type OrientationWord = Word<Orientation>;

/// The parameters of a map.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MapParams {
    /// What is shown: four numbers in `bbox-crs`, west above east over the antimeridian. Without `legend` the picture is this box and nothing else; the districts, or the zone, when left out.
    #[param(style = Form, explode = false, min_items = 4, max_items = 6, value_type = Option<Vec<f64>>)]
    bbox: Option<Corners>,
    /// CRS of `bbox`: CRS84 (default), EPSG:4326 or EPSG:3857, as URI or `[EPSG:3857]`.
    #[serde(rename = "bbox-crs")]
    #[param(inline)]
    bbox_crs: Option<ReferenceWord>,
    /// CRS of the map: CRS84 (default), EPSG:4326 or EPSG:3857.
    #[param(inline)]
    crs: Option<ReferenceWord>,
    /// Pixels, 1 to 4096; true to scale when only one side is given, 1200 the longer one when none is.
    #[param(minimum = 1, maximum = 4096)]
    width: Option<u32>,
    /// Pixels, 1 to 4096.
    #[param(minimum = 1, maximum = 4096)]
    height: Option<u32>,
    /// Size of a pixel where the map is looked at; half of it draws lines and text twice as large. 0.05 to 1.
    #[serde(rename = "mm-per-pixel")]
    #[param(default = 0.28)]
    mm_per_pixel: Option<f64>,
    /// What is behind the map: `0xRRGGBB` or a W3C colour name.
    #[param(value_type = Option<String>)]
    bgcolor: Option<Color>,
    /// Whether nothing is behind it; true unless `bgcolor` or `legend` is given.
    transparent: Option<bool>,
    /// What is shown where the reference system does not reach; a map never goes there.
    #[serde(rename = "void-color")]
    #[param(value_type = Option<String>)]
    #[allow(dead_code, reason = "a map never reaches beyond where its reference system holds: nothing of it is void")]
    void_color: Option<Color>,
    /// Whether nothing is shown there.
    #[serde(rename = "void-transparent")]
    #[allow(dead_code, reason = "as above")]
    void_transparent: Option<bool>,
    /// Whether it's a sheet with title, legend, scale bar, north arrow and source.
    #[param(default = false)]
    legend: Option<bool>,
    /// A sheet as large as a paper, at 300 dots to the inch or as many as fit; instead of `width`, `height` and `mm-per-pixel`.
    #[param(inline)]
    paper: Option<PaperWord>,
    /// Which side of the paper is up.
    #[param(inline, default = "landscape")]
    orientation: Option<OrientationWord>,
    /// Title of a sheet, at most 80 characters; the dataset's own when left out.
    title: Option<String>,
    /// Whether a sheet has a legend of what is drawn.
    #[param(default = true)]
    key: Option<bool>,
    /// Whether a sheet has a box for the seal and the approval number, or a line to write it on.
    #[param(default = false)]
    seal: Option<bool>,
    /// What is written on the map: JSON, a list of annotations as the body of a saved view has them.
    annotations: Option<String>,
    /// The language of a sheet.
    #[param(inline, default = "zh")]
    lang: Option<LangWord>,
    /// The form of the picture; else what `Accept` prefers.
    #[param(inline)]
    f: Option<EncodingWord>,
    /// What paints the PNG: `resvg` (built in) or `maplibre-rs`, where that program is installed; it knows no transparency.
    #[param(inline, default = "resvg")]
    renderer: Option<RendererWord>,
    /// Zone id: outlined, with its enterprises only.
    zone: Option<String>,
    /// Year of the figures; the same as `period`.
    #[param(value_type = Option<u16>)]
    year: Option<Year>,
    /// Period of the figures: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    #[param(value_type = Option<String>)]
    period: Option<PeriodText>,
    /// What districts are coloured by, as `/choropleth` has it; where given they are coloured however near the map is.
    choropleth: Option<String>,
    /// Layer groups that are drawn: ids of `layer_groups` of `/dataset`, separated by commas, or a comma alone for none; what belongs to none always is.
    /// All of them when left out.
    layers: Option<String>,
    /// Whether secondary clusters count too.
    secondary: Option<bool>,
    /// Level of the classes: an id of `class_levels` of `/dataset`, or a number from 1 at the top.
    class_level: Option<String>,
    /// Code or name of a class whose parts are in question.
    class_parent: Option<String>,
    /// Version of the classification: an id of `class_versions` of `/dataset`.
    class_version: Option<String>,
    /// Revision; in links to a map of certain data.
    #[allow(dead_code, reason = "makes the address another for other data, and means nothing else")]
    v: Option<String>,
}

/// The map of the dataset. Conditions are on the register.
#[utoipa::path(get, path = "/map", tag = "map",
    params(MapParams, CollectionsParams, TableParams,
        ("property" = Option<String>, Query, description = "any property of the register = value"), FilterParams),
    responses((status = 200, content((Vec<u8> = "image/png"), (String = "image/svg+xml"), (Vec<u8> = "application/pdf")), headers(
        ("Content-Crs" = String, description = "CRS of the map, where it isn't CRS84"), ("Content-Bbox" = String, description = "what the map shows, in that CRS"))),
        (status = 400, body = crate::http::problem::ProblemDocument), (status = 501, description = "no font has the characters, or the renderer is not installed", body = crate::http::problem::ProblemDocument),
        (status = 503, description = "too many maps are being drawn", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn dataset(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (map, CollectionsParams { collections }, table): (MapParams, _, TableParams) = params.take()?;
    let context = context.of_table(&table)?;
    let about = context.describe();
    let layers = match collections {
        Some(ids) => layers(&context, &ids)?,
        None => (0..about.collections.len()).collect(),
    };
    let picture = Picture::new(&headers, map)?;
    picture.knows(about)?;
    let register = about.register.as_ref().map(|r| r.collection).filter(|place| layers.contains(place));
    let of = |place: usize| Question::of(about.collections[place].spec.id.as_str());
    let narrowed = match register {
        None => {
            params.finish()?;
            None
        }
        Some(place) => Some((place, Conditions::read(params, about)?.of(picture.question(of(place))))),
    };
    // the area and the period are those of the register, whichever layers are drawn
    let focus = about.register.as_ref().map(|r| r.collection).or_else(|| layers.first().copied());
    let focus = focus.map(|place| picture.question(of(place)));
    let one = |place: usize| match &narrowed {
        Some((register, question)) if *register == place => question.clone(),
        _ => of(place),
    };
    let questions: Vec<Question> = layers.into_iter().map(one).collect();
    let bind = move |context: &Context| {
        let queries = questions.iter().map(|q| context.bind(q)).collect::<Result<Vec<_>, _>>()?;
        Ok((queries, focus.map(|q| context.bind(&q)).transpose()?))
    };
    picture.draw(context, headers, bind).await
}

/// The map of a collection, under conditions on its properties.
#[utoipa::path(get, path = "/collections/{collectionId}/map", tag = "map",
    params(("collectionId" = String, Path), MapParams, ("property" = Option<String>, Query, description = "any property of the collection = value"), FilterParams),
    responses((status = 200, content((Vec<u8> = "image/png"), (String = "image/svg+xml"), (Vec<u8> = "application/pdf"))), (status = 400, body = crate::http::problem::ProblemDocument),
        (status = 404, body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn collection(
    context: Context,
    headers: HeaderMap,
    Path(id): Path<String>,
    mut params: Params,
) -> Answer {
    find(&context, &id)?;
    let picture = Picture::new(&headers, params.take()?)?;
    let question = Conditions::read(params, context.describe())?.of(picture.question(Question::of(id)));
    let bind = move |context: &Context| {
        let bound = context.bind(&question)?;
        Ok((vec![bound.clone()], Some(bound)))
    };
    picture.draw(context, headers, bind).await
}

/// A question about an area, and points to draw over its map.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only described here")]
pub(crate) struct MapBody {
    #[serde(flatten)]
    question: body::QueryBody,
    /// Points that the reader brings.
    points: Option<PointSet>,
}

/// The map of an area that the reader drew, perhaps with points that the reader brings.
#[utoipa::path(post, path = "/map", tag = "map", request_body = MapBody, params(MapParams, TableParams),
    responses((status = 200, content((Vec<u8> = "image/png"), (String = "image/svg+xml"), (Vec<u8> = "application/pdf"))), (status = 400, body = crate::http::problem::ProblemDocument),
        (status = 422, body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, params: Params, bytes: Bytes) -> Answer {
    let (map, table): (MapParams, TableParams) = params.only()?;
    let context = context.of_table(&table)?;
    let mut picture = Picture::new(&headers, map)?;
    picture.knows(context.describe())?;
    let (points, rest) = body::without(&headers, &bytes, "points")?;
    let question = body::read(&headers, &rest)?;
    if let Some(points) = points {
        picture.ask.points = points;
        let wrong = |why: Text| Problem::parameter("points", &why.zh, &why.en);
        picture.ask.points.check().map_err(wrong)?;
    }
    picture.draw(context, headers, move |context| bind_all(context, &question)).await
}

fn annotations(text: &str) -> Result<Vec<Annotation>, Problem> {
    let read = json::from_str::<Vec<Annotation>>(text);
    let all = read.map_err(|e| {
        Problem::parameter("annotations", &format!("不是标注的列表:{e}"), &format!("no list of annotations: {e}"))
    })?;
    if all.len() > MOST_ANNOTATIONS {
        return Err(Problem::parameter("annotations", "至多 200 处", "at most 200"));
    }
    let wrong = |why: Text| Problem::parameter("annotations", &why.zh, &why.en);
    all.iter().try_for_each(Annotation::check).map_err(wrong)?;
    Ok(all)
}

/// A sheet of a saved view.
pub(crate) struct ViewSheet<'a> {
    /// The query of `/map`.
    pub(crate) query: &'a str,
    /// What it is about, where the query does not say it.
    pub(crate) question: Option<&'a Question>,
    pub(crate) title: &'a str,
    pub(crate) annotations: Vec<Annotation>,
    pub(crate) points: Option<PointSet>,
    pub(crate) lang: Lang,
    /// Width and height in pixels of 0.28 mm.
    pub(crate) size: [f64; 2],
}

impl ViewSheet<'_> {
    fn params(query: &str) -> Result<(MapParams, TableParams), Problem> {
        Params::parse(query)?.only()
    }

    /// Refuses a query that `/map` would refuse.
    pub(crate) fn check(query: &str) -> Result<(), Problem> {
        let (map, _) = Self::params(query)?;
        Picture::new(&HeaderMap::new(), map).map(drop)
    }

    /// Draws it for whoever asks.
    pub(crate) fn draw(self, context: &Context) -> Result<Scene, Problem> {
        let (map, table) = Self::params(self.query)?;
        let context = context.clone().of_table(&table)?;
        let [width, height] = self.size.map(|side| Some(side as u32));
        let map = MapParams { paper: None, mm_per_pixel: None, renderer: None, width, height, ..map };
        let mut picture = Picture::new(&HeaderMap::new(), MapParams { legend: Some(true), ..map })?;
        let question = match self.question {
            Some(question) => question.clone(),
            None => picture.question(Question::register()),
        };
        // a view that was kept without them shows what readers see before they switch any; a group that is no more fails nothing
        picture.ask.groups.get_or_insert_with(|| Ask::at_first(context.describe()));
        (picture.ask.queries, picture.ask.focus) = bind_all(&context, &question)?;
        picture.ask.title = Some(self.title.chars().take(LONGEST_TITLE).collect());
        (picture.ask.annotations, picture.ask.lang) = (self.annotations, self.lang);
        picture.ask.points = self.points.unwrap_or_default();
        picture.ask.ground = Ground::Style;
        Ok(Scene::draw(context.describe(), &picture.ask)?)
    }
}

/// A question about the register, and everything else that a map shows.
fn bind_all(context: &Context, question: &Question) -> Result<(Vec<Bound>, Option<Bound>), Problem> {
    let bound = context.bind(question)?;
    let others = bound.describe().collections.iter().enumerate().filter(|(place, _)| *place != bound.collection());
    let queries = others.map(|(_, c)| bound.ask(&Question::of(c.spec.id.as_str())));
    let queries = queries.chain([Ok(bound.clone())]).collect::<Result<Vec<_>, _>>()?;
    Ok((queries, Some(bound)))
}

/// What is asked of a picture, its queries apart.
struct Picture {
    ask: Ask,
    encoding: Encoding,
    renderer: Renderer,
    reference: Reference,
    zone: Option<String>,
    period: Option<Period>,
    secondary: bool,
    classes: ClassSpec,
}

impl Picture {
    /// What the parameters ask for.
    fn new(headers: &HeaderMap, params: MapParams) -> Result<Self, Problem> {
        let mut ask = Ask::new(vec![]);
        let reference = |given: Option<Word<Reference>>| given.map_or_else(Reference::default, |Word(r)| r);
        let (given, reference) = (reference(params.bbox_crs), reference(params.crs));
        ask.crs = reference.crs;
        ask.bbox = params.bbox.map(|corners| place::bbox(corners, given, reference)).transpose()?;
        for (name, side) in [("width", params.width), ("height", params.height)] {
            if side.is_some_and(|pixels| !(1..=Ask::LONGEST).contains(&pixels)) {
                let most = Ask::LONGEST;
                return Err(Problem::parameter(
                    name,
                    &format!("应为 1 到 {most} 像素"),
                    &format!("from 1 to {most} pixels"),
                ));
            }
        }
        (ask.width, ask.height) = (params.width, params.height);
        if let Some(mm) = params.mm_per_pixel {
            if !(0.05..=1.0).contains(&mm) {
                return Err(Problem::parameter("mm-per-pixel", "应为 0.05 到 1 毫米", "from 0.05 to 1 mm"));
            }
            ask.ratio = STANDARD_MM / mm;
        }
        ask.groups = params.layers.map(|ids| ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect());
        ask.choropleth = ChoroplethParams { choropleth: params.choropleth }.read()?;
        ask.sheet = params.legend.unwrap_or(params.paper.is_some());
        if let Some(Word(paper)) = params.paper {
            if params.width.is_some() || params.height.is_some() || params.mm_per_pixel.is_some() {
                let (zh, en) = (
                    "纸张已定大小,请去掉 width、height、mm-per-pixel",
                    "sets the size; leave out width, height and mm-per-pixel",
                );
                return Err(Problem::parameter("paper", zh, en));
            }
            let [long, short] = paper.millimetres().map(|mm| mm / STANDARD_MM);
            let upright = params.orientation.is_some_and(|Word(o)| o == Orientation::Portrait);
            let [width, height] = if upright { [short, long] } else { [long, short] };
            ask.ratio = (STANDARD_MM / 25.4 * PRINTED_DPI).min(f64::from(Ask::LONGEST) / long);
            (ask.width, ask.height) = (Some((width * ask.ratio) as u32), Some((height * ask.ratio) as u32));
        }
        ask.title = params.title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
        if ask.title.as_ref().is_some_and(|title| title.chars().count() > LONGEST_TITLE) {
            return Err(Problem::parameter("title", "至多 80 个字", "at most 80 characters"));
        }
        ask.annotations = params.annotations.as_deref().map(annotations).transpose()?.unwrap_or_default();
        (ask.legend, ask.seal) = (params.key.unwrap_or(true), params.seal.unwrap_or(false));
        let renderer = params.renderer.map_or_else(Renderer::default, |Word(r)| r);
        let opaque = renderer == Renderer::MaplibreRs;
        ask.ground = match (params.transparent, params.bgcolor) {
            (Some(true), _) if opaque => {
                return Err(Problem::parameter(
                    "transparent",
                    "maplibre-rs 不支持透明,请去掉 transparent 或 renderer",
                    "maplibre-rs knows no transparency; leave out transparent or renderer",
                ));
            }
            (Some(true), _) => Ground::Transparent,
            (_, Some(Color(color))) => Ground::Color(color),
            (Some(false), None) => Ground::Style,
            (None, None) if ask.sheet || opaque => Ground::Style,
            (None, None) => Ground::Transparent,
        };
        ask.lang = params.lang.map_or_else(Lang::default, |Word(lang)| lang);
        let named = params.f.map(|Word(encoding)| encoding);
        if named.is_some_and(|encoding| encoding != Encoding::Png) && opaque {
            return Err(Problem::parameter("f", "maplibre-rs 只输出 png", "maplibre-rs draws png only"));
        }
        let encodings = if opaque { &[Encoding::Png][..] } else { &[Encoding::Png, Encoding::Svg, Encoding::Pdf] };
        let accepted = || encodings.iter().copied().find(|e| negotiate::accepts(headers, e.media_type()));
        let encoding = named.or_else(accepted).ok_or_else(|| Problem::of_status(StatusCode::NOT_ACCEPTABLE))?;
        let classes =
            ClassSpec { level: params.class_level, parent: params.class_parent, version: params.class_version };
        let (zone, period) = (params.zone, PeriodText::named(params.year, params.period)?);
        Ok(Self {
            ask,
            encoding,
            renderer,
            reference,
            zone,
            period,
            secondary: params.secondary.unwrap_or(false),
            classes,
        })
    }

    /// Refuses layer groups that the dataset does not have.
    fn knows(&self, about: &Description) -> Result<(), Problem> {
        let known: Vec<String> = about.manifest.layer_groups().into_iter().map(|group| group.id).collect();
        let mut asked = self.ask.groups.iter().flatten();
        match asked.find(|id| !known.contains(id)) {
            None => Ok(()),
            Some(id) => {
                let all = known.join(", ");
                let (zh, en) =
                    (format!("没有图层 {id},可用:{all}"), format!("there is no layer {id}; there are {all}"));
                Err(Problem::parameter("layers", &zh, &en))
            }
        }
    }

    /// A question in the zone and period of the picture.
    fn question(&self, question: Question) -> Question {
        let question = question.in_period(self.period).with_secondary(self.secondary).by_classes(self.classes.clone());
        match &self.zone {
            Some(zone) => question.in_zone(zone.as_str()),
            None => question,
        }
    }

    /// Binds and draws off the threads that serve, when it's this picture's turn: a filter looks at every row.
    async fn draw(
        mut self,
        context: Context,
        mut headers: HeaderMap,
        bind: impl FnOnce(&Context) -> Result<(Vec<Bound>, Option<Bound>), Problem> + Send + 'static,
    ) -> Answer {
        // `f` goes before `Accept`, which has been looked at otherwise
        headers.remove(header::ACCEPT);
        let work = move |context: &Context| {
            (self.ask.queries, self.ask.focus) = bind(context)?;
            self.answer(context, &headers)
        };
        paint(context, work).await
    }

    fn answer(&self, context: &Context, headers: &HeaderMap) -> Answer {
        let mut frame = None;
        let reply = Reply { context, headers };
        let mut response = reply.bytes(self.encoding.media_type(), || {
            self.ask.check(context.describe())?;
            let scene = Scene::draw(context.describe(), &self.ask)?;
            frame = Some(scene.frame);
            match self.encoding {
                Encoding::Png if self.renderer == Renderer::MaplibreRs => {
                    let program = context.0.renderer.as_ref().ok_or_else(Problem::no_renderer)?;
                    Ok(program.draw(polygons(&scene, &context.0.fonts)?, scene.pixels())?)
                }
                Encoding::Png => Ok(png(&scene, &context.0.fonts)?),
                Encoding::Svg => Ok(svg(&scene).into_bytes()),
                Encoding::Pdf => {
                    let points = scene.size.map(|side| (side * STANDARD_MM / 25.4 * 72.0) as f32);
                    Ok(drawing_pdf(&scene.drawing(), points, self.ask.lang, &context.0.fonts)?)
                }
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
        let [west, south, east, north] = frame.wrapped();
        let corners = if self.reference.north_first { [south, west, north, east] } else { [west, south, east, north] };
        let bbox = corners.map(|c| c.to_string()).join(",");
        let mut out = vec![("content-bbox", bbox)];
        if !self.reference.is_default() {
            out.push(("content-crs", format!("<{}>", self.reference.uri)));
        }
        out
    }
}
