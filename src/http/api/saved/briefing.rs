//! Saved views one after the other as one PDF, drawn for whoever asks.

use super::{SavedParams, chosen};
use crate::core::model::Lang;
use crate::http::admin::versions::moment;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::extract::shared::LangParams;
use crate::http::ogc::map::{ViewSheet, paint};
use crate::http::problem::{Problem, ProblemDocument};
use crate::http::response::answer::{Answer, attachment};
use crate::render::report::{briefing as pdf, briefing_page, briefing_sheet, note_lines};
use crate::service::saved::{SavedError, view_of};
use crate::service::store::{SavedItem, SavedKind};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;

/// Most views of one file: each is drawn anew.
const MOST_PAGES: usize = 40;

/// Which views.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BriefingParams {
    /// Ids of views, separated by commas, in the order of the pages; all of the folder when left out.
    ids: Option<String>,
    /// Title of the file; the folder when left out.
    title: Option<String>,
}

/// Saved views as one PDF: for each a page with its map, title, note, source and date. The maps and their figures are those of the reader
/// who asks, now.
#[utoipa::path(get, path = "/saved/briefing", operation_id = "getSavedBriefing", tag = "saved", params(BriefingParams, SavedParams, LangParams), responses(
    (status = 200, content((Vec<u8> = "application/pdf"))),
    (status = 404, description = "one of the ids is of no view of this reader, or there is none", body = ProblemDocument),
    (status = 422, description = "more views than a file may have", body = ProblemDocument),
    (status = 501, description = "the service keeps nothing, or no font has the characters", body = ProblemDocument),
    (status = 503, description = "too many maps are being drawn", body = ProblemDocument)))]
pub(crate) async fn briefing(context: Context, headers: HeaderMap, params: Params) -> Answer {
    let (BriefingParams { ids, title }, wanted, lang): (BriefingParams, SavedParams, LangParams) = params.only()?;
    let lang = lang.lang(&headers);
    let saved = context.saved()?.clone();
    let reader = context.saved_reader();
    let mut views = saved.list(&reader).await?;
    views.retain(|item| wanted.has(item) && item.kind == SavedKind::View);
    let views = chosen(views, ids.as_deref())?;
    if views.is_empty() {
        return Err(Problem::not_found("这里没有保存的视图。", "There are no saved views here."));
    }
    if views.len() > MOST_PAGES {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "too-many-pages",
            format!("一份文件最多 {MOST_PAGES} 个视图;请按文件夹分开打印。"),
            format!("A file has at most {MOST_PAGES} views; print by folder."),
        ));
    }
    let unnamed = if lang == Lang::En { "Briefing" } else { "汇报" };
    let title = title.or_else(|| wanted.folder.clone()).filter(|title| !title.trim().is_empty());
    let title: String = title.unwrap_or_else(|| unnamed.to_owned()).chars().take(120).collect();
    paint(context, move |context| {
        let mut pages = Vec::with_capacity(views.len());
        for (place, item) in (1..).zip(&views) {
            let view = view_of(&item.content.body).ok_or_else(|| SavedError::Unknown(item.id.clone()))?;
            let note = note_lines(&item.content.note);
            let sheet = ViewSheet {
                query: &view.map,
                question: view.question.as_ref(),
                title: &item.content.title,
                annotations: view.annotations,
                points: view.points,
                lang,
                size: briefing_sheet(note.len()),
            };
            let scene = sheet.draw(context)?;
            let foot = [left_foot(context, &title, item, lang), format!("{place} / {}", views.len())];
            pages.push(briefing_page(scene.into_drawing(), &note, foot));
        }
        let bytes = pdf(&title, &pages, lang, &context.0.fonts)?;
        let head = [(header::CONTENT_TYPE, "application/pdf"), (header::CACHE_CONTROL, "no-store")];
        let mut response = (StatusCode::OK, head, bytes).into_response();
        attachment(&mut response, &format!("{}.pdf", title.replace('/', "-")));
        Ok(response)
    })
    .await
}

/// What a page belongs to: the briefing, when the view was last changed, the data.
fn left_foot(context: &Context, title: &str, item: &SavedItem, lang: Lang) -> String {
    let about = context.describe();
    let day: String = moment(item.changed).chars().take(10).collect();
    let source = about.manifest.title.get(lang);
    let revision: String = about.revision.chars().take(8).collect();
    match lang {
        Lang::Zh => format!("{title} · 视图修改于 {day} · 数据:{source}({revision})"),
        Lang::En => format!("{title} · view changed {day} · data: {source} ({revision})"),
    }
}
