//! `/site-selection`: sites for a firm in the order of weighted wishes, and the classes that fit a site; who of the neighbouring stages is
//! near a feature; `/zones/ratios`.

mod schema;

use crate::core::filter::{Expr, Op};
use crate::core::geometry::Bounds;
use crate::core::model::Lang;
use crate::core::query::{
    Bound, Question, RankedSite, SiteSelection, SiteSpec, Wish, class_fits, partners, ratios, site_selection,
    sites_table,
};
use crate::http::extract::body;
use crate::http::extract::context::Context;
use crate::http::extract::layers::find;
use crate::http::extract::params::Params;
use crate::http::extract::shared::{FiguresParams, LangParams, TableParams};
use crate::http::extract::values::{Word, Words};
use crate::http::ogc::map::paint;
use crate::http::problem::Problem;
use crate::http::response::answer::{Answer, Form, Reply, blocking, named_paper};
use crate::render::drawing::Drawing;
use crate::render::map::{Annotation, AnnotationKind, Ask, Scene};
use crate::render::report::{PaperFile, SitePaper};
use crate::service::clock;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::HeaderMap;
use geo::Coord;
use schema::{ClassFitsAnswer, ClassFitsBody, PartnersAnswer, RatiosAnswer, SiteBody, SiteSelectionAnswer};
use serde::Deserialize;
use utoipa::IntoParams;

/// Metres within which partners are looked for where none are given.
const USUAL_DISTANCE: f64 = 5000.0;
/// Sites whose places in the order stand on the map of a paper.
const NUMBERED: usize = 20;
/// Degrees around them.
const PADDING: f64 = 0.05;

/// The forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SiteForm {
    Json,
    File(PaperFile),
}

impl Words for SiteForm {
    fn words() -> Vec<(&'static str, Self)> {
        let files = PaperFile::ALL.map(|file| (file.extension(), Self::File(file)));
        std::iter::once(("json", Self::Json)).chain(files).collect()
    }
}

// the description does not follow a type with parameters of its own
type SiteFormWord = Word<SiteForm>;

/// In which form.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SiteParams {
    /// The form of the answer; JSON when left out.
    #[param(inline)]
    f: Option<SiteFormWord>,
}

/// The request about the table of sites: the one that it names, else the first.
fn of_sites(context: Context, table: &TableParams) -> Result<(Context, String), Problem> {
    let known = sites_table(context.describe()).map(str::to_owned);
    let Some(id) = table.id().map(str::to_owned).or(known) else {
        return Err(Problem::not_found(
            "此数据集没有可选的地点:请在 dataset.json 中为某个统计表声明 register.sites。",
            "This dataset has no sites; declare register.sites of a table in dataset.json.",
        ));
    };
    Ok((context.of_table(&TableParams::of(Some(id.clone())))?, id))
}

/// Sites (premises, land) under hard conditions, in the order of weighted wishes: with what each wish adds to the score of each, and how
/// often each is among the first three under other weights.
#[utoipa::path(post, path = "/site-selection", operation_id = "postSiteSelection", tag = "numbers", request_body = SiteBody,
    params(SiteParams, TableParams, LangParams),
    responses((status = 200, content((SiteSelectionAnswer = "application/json"), (String = "text/html"), (String = "text/csv"), (Vec<u8> = "application/pdf"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"))),
        (status = 503, description = "too many maps are being drawn", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn post(context: Context, headers: HeaderMap, mut params: Params, bytes: Bytes) -> Answer {
    let (SiteParams { f }, table, lang): (SiteParams, TableParams, LangParams) = params.take()?;
    params.finish()?;
    let (context, id) = of_sites(context, &table)?;
    let lang = lang.lang(&headers);
    let spec: SiteSpec = body::json(&headers, &bytes)?;
    body::of_register(&spec.question)?;
    let Some(Word(SiteForm::File(file))) = f else {
        return blocking(move || {
            let bound = context.bind(&spec.question.clone().about(&*id))?;
            Reply { context: &context, headers: &headers }.json(|| select(&context, &bound, &spec))
        })
        .await;
    };
    let work = move |context: &Context| {
        let bound = context.bind(&spec.question.clone().about(&*id))?;
        let form = Form { stamped: true, ..Form::spoken(file.media_type(), lang) };
        let mut name = String::new();
        let mut response = Reply { context, headers: &headers }.form(form, || {
            let found = select(context, &bound, &spec)?;
            let map = if file.has_map() { Some(map_of(&bound, &found, lang)?) } else { None };
            let day = clock::now().to_string().chars().take(10).collect::<String>();
            let paper = SitePaper { found: &found, bound: &bound, lang, day: &day };
            name = paper.title();
            Ok(paper.render(file, map, &context.0.fonts)?)
        })?;
        named_paper(&mut response, &name, file);
        Ok(response)
    };
    // a paper has a map: it waits for a permit as maps do
    paint(context, work).await
}

/// The sites in their order; the rows that leave are counted.
fn select(context: &Context, bound: &Bound, spec: &SiteSpec) -> Result<SiteSelection, Problem> {
    let found = site_selection(bound, spec)?;
    context.took(&found.table, found.sites.len(), Some(bound.question()));
    Ok(found)
}

/// The map of the first sites, each with its place in the order.
fn map_of(bound: &Bound, found: &SiteSelection, lang: Lang) -> Result<Drawing<'static>, Problem> {
    let number = |site: &RankedSite| {
        Some(Annotation { kind: AnnotationKind::Text, text: site.rank.to_string(), points: vec![site.position?] })
    };
    let annotations = found.sites.iter().take(NUMBERED).filter_map(number).collect();
    // of all sites and tables only those that are listed
    let ids = found.sites.iter().map(|site| Expr::Text(site.id.clone())).collect();
    let listed = Expr::Call(Op::In, vec![Expr::Property("id".to_owned()), Expr::List(ids)]);
    let bound = bound.ask(&Question::of(&*found.table).filtered(listed))?;
    let about = bound.describe();
    let ask = Ask::about(&bound, lang);
    let is_table = |place: usize| about.tables.iter().any(|table| table.collection == place);
    let queries = ask.queries.iter().filter(|q| q.collection() == bound.collection() || !is_table(q.collection()));
    let mut around = Bounds::EMPTY;
    for [x, y] in found.sites.iter().take(NUMBERED).filter_map(|site| site.position) {
        around.extend(Coord { x: x - PADDING, y: y - PADDING });
        around.extend(Coord { x: x + PADDING, y: y + PADDING });
    }
    let bbox = (!around.is_empty()).then(|| ask.crs.project_bounds(&around));
    let ask = Ask { queries: queries.cloned().collect(), focus: None, annotations, bbox, ..ask };
    Ok(Scene::draw(about, &ask)?.into_drawing())
}

/// A site, and what counts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FitSpec {
    site: String,
    wishes: Vec<Wish>,
    #[serde(default)]
    seed: u64,
}

/// The reverse question: the classes in the order in which they fit a site, by the wishes that tell classes apart.
#[utoipa::path(post, path = "/site-selection/classes", operation_id = "postSiteClasses", tag = "numbers", request_body = ClassFitsBody,
    params(TableParams), responses((status = 200, body = ClassFitsAnswer)))]
pub(crate) async fn classes(context: Context, headers: HeaderMap, mut params: Params, bytes: Bytes) -> Answer {
    let table: TableParams = params.take()?;
    params.finish()?;
    let (context, id) = of_sites(context, &table)?;
    let spec: FitSpec = body::json(&headers, &bytes)?;
    blocking(move || {
        let bound = context.bind(&Question::of(&*id))?;
        Reply { context: &context, headers: &headers }.json(|| {
            context.took(&id, 1, None);
            Ok(class_fits(&bound, &spec.site, &spec.wishes, spec.seed)?)
        })
    })
    .await
}

/// Whose partners, and how near.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartnersParams {
    /// code or name of the class; that of the row itself when left out, and of others the first that has stages
    class: Option<String>,
    /// code or name of the stage, whose neighbouring stages are listed; that of the row itself when left out, and of others all stages
    stage: Option<String>,
    /// metres, 1 to 500,000
    #[param(default = 5000, minimum = 1, maximum = 500_000)]
    distance_m: Option<f64>,
}

/// The rows of the neighbouring stages near a row or a site, of the register only.
#[utoipa::path(get, path = "/collections/{collectionId}/items/{featureId}/partners", operation_id = "getPartners", tag = "data",
    params(("collectionId" = String, Path, description = "id of a collection"), ("featureId" = String, Path, description = "id of a feature"),
        PartnersParams),
    responses((status = 200, body = PartnersAnswer)))]
pub(crate) async fn near(
    context: Context,
    headers: HeaderMap,
    Path((id, fid)): Path<(String, String)>,
    params: Params,
) -> Answer {
    let PartnersParams { class, stage, distance_m } = params.only()?;
    let metres = distance_m.unwrap_or(USUAL_DISTANCE);
    find(&context, &id)?;
    blocking(move || {
        let bound = context.bind(&Question::of(&*id))?;
        Reply { context: &context, headers: &headers }.json(|| {
            let found = partners(&bound, &fid, (class.as_deref(), stage.as_deref()), metres)?;
            let found = found.ok_or_else(|| {
                Problem::not_found(
                    format!("集合 {id} 中没有编号为 {fid} 的要素。"),
                    format!("Collection {id} has no feature {fid}."),
                )
            })?;
            context.took(&found.table, found.stages.iter().map(|stage| stage.nearest.len()).sum(), None);
            Ok(found)
        })
    })
    .await
}

/// Which zones.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RatiosParams {
    /// a kind of zones of `/dataset`; the one that divides the whole when left out
    kind: Option<String>,
}

/// The ratios of sums of two tables that the dataset states, such as floor per person, by zone.
#[utoipa::path(get, path = "/zones/ratios", operation_id = "getRatios", tag = "numbers", params(RatiosParams, FiguresParams),
    responses((status = 200, body = RatiosAnswer)))]
pub(crate) async fn by_zone(context: Context, headers: HeaderMap, mut params: Params) -> Answer {
    let (RatiosParams { kind }, figures): (_, FiguresParams) = params.take()?;
    params.finish()?;
    let question = figures.question()?.of_kind(kind);
    blocking(move || {
        let bound = context.bind(&question)?;
        Reply { context: &context, headers: &headers }.json(|| Ok(ratios(&bound)?))
    })
    .await
}
