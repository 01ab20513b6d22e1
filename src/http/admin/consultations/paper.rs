//! The table of comments and what became of them (意见采纳情况表) as a file, with a map for each comment that has a place.

use super::consultations;
use crate::core::model::Lang;
use crate::http::admin::versions::moment;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::extract::values::{Word, Words};
use crate::http::ogc::map::{ViewSheet, paint};
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, attachment};
use crate::render::map::{Annotation, AnnotationKind};
use crate::render::report::{Adopted, AdoptionPaper, AdoptionRow, PaperFile};
use crate::service::accounts::Permission;
use crate::service::clock;
use crate::service::consultations::{Board, CommentRow, Stage};
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use geo::{BoundingRect, Geometry};
use serde::Deserialize;
use serde_json::Value as Json;
use utoipa::IntoParams;

/// Width and height of a map in pixels of 0.28 mm.
const MAP: [f64; 2] = [620.0, 400.0];
/// A map shows this many times the outline, and at least so many degrees.
const ROOM: f64 = 2.0;
const LEAST: f64 = 0.1;
/// Corners of an outline on a map.
const MOST_CORNERS: usize = 1_000;

// the description does not follow a type with parameters of its own
type FileWord = Word<PaperFile>;

/// The form of the table.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AdoptionParams {
    /// The form of the file.
    #[param(inline)]
    f: FileWord,
}

impl Words for PaperFile {
    fn words() -> Vec<(&'static str, Self)> {
        Self::ALL.into_iter().map(|file| (file.extension(), file)).collect()
    }
}

/// What became of the comments of a consultation: number, participant, comment, outcome, reason; with a map for each comment that has a
/// place (not in workbooks and CSV, which have its longitude and latitude).
#[utoipa::path(get, path = "/consultations/{round}/adoption", operation_id = "getAdoption", tag = "plan",
    params(("round" = String, Path), AdoptionParams, LangParams), responses(
    (status = 200, content((String = "text/csv"), (String = "text/html"), (Vec<u8> = "application/pdf"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    (status = 403, description = "no right to change data", body = ProblemDocument),
    (status = 404, description = "no such consultation", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing, or no font has the characters", body = ProblemDocument),
    (status = 503, description = "too many maps are being drawn", body = ProblemDocument)))]
pub(crate) async fn adoption(
    context: Context,
    headers: HeaderMap,
    Path(round): Path<String>,
    params: Params,
) -> Answer {
    context.allow(Permission::Edit)?;
    let (AdoptionParams { f: Word(file) }, lang): (AdoptionParams, LangParams) = params.only()?;
    let lang = lang.lang(&headers);
    let consultations = consultations(&context)?;
    let board = consultations.board(round).await?;
    paint(context, move |context| {
        let day: String = clock::now().to_string().chars().take(10).collect();
        let paper = of(context, &board, file.has_map(), lang, &day)?;
        let bytes = paper.render(file, &context.0.fonts)?;
        let head = [(header::CONTENT_TYPE, file.media_type()), (header::CACHE_CONTROL, "no-store")];
        let mut response = (head, bytes).into_response();
        let name = if lang == Lang::En { "comments" } else { "意见采纳情况表" };
        let name = format!("{}-{name}.{}", board.round.title.replace('/', "-"), file.extension());
        attachment(&mut response, &name);
        Ok(response)
    })
    .await
}

fn of<'a>(
    context: &Context,
    board: &'a Board,
    maps: bool,
    lang: Lang,
    day: &'a str,
) -> Result<AdoptionPaper<'a>, Problem> {
    let mut rows = Vec::new();
    for consulted in &board.rows {
        for comment in &consulted.comments {
            rows.push(row(context, board, &consulted.participant.name, comment, maps.then_some(rows.len() + 1), lang)?);
        }
    }
    let names = |all: &dyn Fn(Stage, bool) -> bool| {
        let of = board.rows.iter().filter(|row| all(row.stage, row.comments.is_empty()));
        of.map(|row| row.participant.name.clone()).collect::<Vec<_>>()
    };
    let about = context.describe();
    let revision: String = about.revision.chars().take(8).collect();
    Ok(AdoptionPaper {
        title: &board.round.title,
        layouts: board.content.plan.layouts.iter().map(|layout| layout.title.clone()).collect(),
        deadline: moment(board.round.deadline).chars().take(10).collect(),
        asked: board.rows.len(),
        content: names(&|stage, none| stage == Stage::Answered && none),
        silent: names(&|stage, _| matches!(stage, Stage::Unseen | Stage::Seen)),
        rows,
        lang,
        day,
        data: format!("{} {revision}", about.manifest.title.get(lang)),
    })
}

/// A comment with its map, where it is drawn: `number` is what stands on it.
fn row(
    context: &Context,
    board: &Board,
    unit: &str,
    CommentRow { comment, files, place, carried }: &CommentRow,
    number: Option<usize>,
    lang: Lang,
) -> Result<AdoptionRow, Problem> {
    let shape = board.content.shape(comment);
    let shape = shape.as_ref().and_then(geometry);
    let around = shape.as_ref().and_then(BoundingRect::bounding_rect);
    let map = match (&shape, around, number) {
        (Some(shape), Some(around), Some(number)) => {
            let (x, y) = around.center().x_y();
            let [w, h] = [around.width(), around.height()].map(|side| (side * ROOM).max(LEAST) / 2.0);
            let query = format!("bbox={},{},{},{}", x - w, y - h, x + w, y + h);
            let title = place.get(lang);
            let sheet = ViewSheet {
                query: &query,
                question: None,
                title,
                annotations: outlines(shape, &number.to_string()),
                points: None,
                lang,
                size: MAP,
            };
            Some(sheet.draw(context)?.into_drawing())
        }
        _ => None,
    };
    Ok(AdoptionRow {
        unit: unit.to_owned(),
        place: place.get(lang).to_owned(),
        text: comment.text.clone(),
        adopted: match comment.verdict.as_deref() {
            Some("adopted") => Adopted::Adopted,
            Some("partly") => Adopted::Partly,
            Some(_) => Adopted::Declined,
            None => Adopted::Open,
        },
        reason: comment.reason.clone(),
        version: *carried,
        files: files.len(),
        late: comment.late,
        at: around.map(|around| {
            let (x, y) = around.center().x_y();
            [x, y].map(|degrees| (degrees * 1e6).round() / 1e6)
        }),
        map,
    })
}

/// A geometry that is kept as JSON.
pub(crate) fn geometry(shape: &Json) -> Option<Geometry<f64>> {
    let read: geojson::Geometry = serde_json::from_value(shape.clone()).ok()?;
    Geometry::try_from(read).ok()
}

/// What stands on a map of an outline: its parts, each with the number of the comment. A line is an area that goes back on itself.
pub(crate) fn outlines(shape: &Geometry<f64>, number: &str) -> Vec<Annotation> {
    let area = |points: Vec<[f64; 2]>| {
        let every = points.len().div_ceil(MOST_CORNERS).max(1);
        let points: Vec<[f64; 2]> = points.into_iter().step_by(every).collect();
        (points.len() > 2).then(|| Annotation { kind: AnnotationKind::Area, text: number.to_owned(), points })
    };
    let of = |line: &geo::LineString<f64>| line.coords().map(|c| [c.x, c.y]).collect::<Vec<_>>();
    let line = |line: &geo::LineString<f64>| {
        let there = of(line);
        area(there.iter().chain(there.iter().rev().skip(1)).copied().collect())
    };
    // a number on the point would hide it
    let point = |at: &geo::Point<f64>| Annotation {
        kind: AnnotationKind::Arrow,
        text: number.to_owned(),
        points: vec![[at.x() + LEAST / 6.0, at.y() + LEAST / 6.0], [at.x(), at.y()]],
    };
    match shape {
        Geometry::Polygon(one) => area(of(one.exterior())).into_iter().collect(),
        Geometry::MultiPolygon(all) => all.iter().filter_map(|one| area(of(one.exterior()))).collect(),
        Geometry::LineString(one) => line(one).into_iter().collect(),
        Geometry::MultiLineString(all) => all.iter().filter_map(line).collect(),
        Geometry::Point(at) => vec![point(at)],
        Geometry::MultiPoint(all) => all.iter().map(point).collect(),
        _ => vec![],
    }
}
