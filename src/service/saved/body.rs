//! What items hold, checked by their kind and brought into one spelling. Figures are in none of them: they are computed for
//! whoever asks.

use crate::core::json;
use crate::core::model::Text;
use crate::core::query::{AreaSpec, BaseArea, Question, saved_id};
use crate::render::map::{Annotation, PointSet};
use crate::service::store::{SavedContent, SavedKind, is_page_address};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// Most bytes of a body.
pub const LARGEST_BODY: usize = 500_000;
/// Most characters of a title.
const LONGEST_TITLE: usize = 120;
/// Most characters of a folder.
const LONGEST_FOLDER: usize = 200;
/// Most folders in one another.
const DEEPEST: usize = 8;
/// Most characters of a remark.
const LONGEST_NOTE: usize = 4_000;
/// Most bytes of the query of a map.
const LONGEST_MAP: usize = 16_000;
/// Most annotations of a view.
const MOST_ANNOTATIONS: usize = 200;

/// A view: where on the page it is, how the service draws it, and what is written on its map.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedView {
    /// The query and fragment of the page's address, from `?` or `#` on.
    pub target: String,
    /// The query of `/map` that draws the same, without its `?`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub map: String,
    /// The body of `/map`, where the area is a drawn one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub question: Option<Question>,
    /// What is written on the map.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
    /// Points that its maker brought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<PointSet>,
}

/// An item as it is kept, or what does not fit.
pub fn checked(kind: SavedKind, content: SavedContent) -> Result<SavedContent, Text> {
    let SavedContent { title, folder, note, body, shared } = content;
    let title = title.trim().to_owned();
    let plain = |text: &str| !text.chars().any(char::is_control);
    if title.is_empty() || title.chars().count() > LONGEST_TITLE || !plain(&title) {
        return Err(Text::new(
            format!("标题应为 1 至 {LONGEST_TITLE} 字,不换行。"),
            format!("The title has 1 to {LONGEST_TITLE} characters in one line."),
        ));
    }
    let folder = checked_folder(&folder)?;
    let lines = |c: char| c.is_control() && c != '\n' && c != '\t';
    if note.chars().count() > LONGEST_NOTE || note.chars().any(lines) {
        return Err(Text::new(
            format!("备注最多 {LONGEST_NOTE} 字。"),
            format!("The note has at most {LONGEST_NOTE} characters."),
        ));
    }
    if body.len() > LARGEST_BODY {
        return Err(Text::new(
            format!("内容有 {} 字节,最多 {LARGEST_BODY};请简化边界。", body.len()),
            format!("The body has {} bytes, at most {LARGEST_BODY}; simplify the outline.", body.len()),
        ));
    }
    let body = match kind {
        SavedKind::Area => area_body(&body)?,
        SavedKind::View => view_body(&body)?,
        SavedKind::Scenario => scenario_body(&body)?,
    };
    Ok(SavedContent { title, folder, note, body, shared })
}

/// The folder in its one spelling: names without spaces around them, separated by single slashes.
pub fn checked_folder(folder: &str) -> Result<String, Text> {
    let names: Vec<&str> = folder.split('/').map(str::trim).filter(|name| !name.is_empty()).collect();
    let folder = names.join("/");
    if folder.chars().count() > LONGEST_FOLDER || names.len() > DEEPEST || folder.chars().any(char::is_control) {
        return Err(Text::new(
            format!("文件夹最多 {LONGEST_FOLDER} 字、{DEEPEST} 层,用 / 分层。"),
            format!("A folder has at most {LONGEST_FOLDER} characters and {DEEPEST} levels, separated by /."),
        ));
    }
    Ok(folder)
}

/// The area of a question, and nothing else of one.
fn area_body(body: &str) -> Result<String, Text> {
    let question =
        Question::from_json(body.as_bytes()).map_err(|e| Text::new(format!("范围有误:{e}"), format!("Area: {e}")))?;
    let only = Question::register().within(question.area().clone().untitled()).repaired(question.repair());
    let outlined = |area: &BaseArea| match area {
        BaseArea::City | BaseArea::Nearest { .. } => false,
        BaseArea::Zone(id) => saved_id(id).is_none(),
        BaseArea::Polygon(_) | BaseArea::Circle { .. } | BaseArea::Buffer { .. } => true,
    };
    let whole = only.area().parts().all(outlined);
    if !whole || only != question {
        return Err(Text::new(
            "body 应为范围:zone、polygon、circle、buffer 之一,可加 combine、repair,不含其他条件。",
            "body is an area: one of zone, polygon, circle and buffer, perhaps with combine and repair, and no other condition.",
        ));
    }
    Ok(only.to_json())
}

/// The area that an item holds.
pub fn area_of(body: &str) -> Option<(AreaSpec, bool)> {
    let question = Question::from_json(body.as_bytes()).ok()?;
    Some((question.area().clone(), question.repair()))
}

/// The view that an item holds.
pub fn view_of(body: &str) -> Option<SavedView> {
    json::from_slice(body.as_bytes()).ok()
}

fn view_body(body: &str) -> Result<String, Text> {
    let wrong = |e: &dyn std::fmt::Display| Text::new(format!("视图有误:{e}"), format!("View: {e}"));
    let view: SavedView = json::from_slice(body.as_bytes()).map_err(|e| wrong(&e))?;
    if !is_page_address(&view.target) {
        return Err(Text::new(
            "target 应为本页网址中从 ? 或 # 开始的部分,并已按网址编码。",
            "target is the page's address from ? or # on, percent-encoded.",
        ));
    }
    let graphic = view.map.bytes().all(|b| b.is_ascii_graphic());
    if view.map.len() > LONGEST_MAP || !graphic {
        return Err(Text::new("map 应为 /map 的查询参数。", "map is the query of /map."));
    }
    if view.annotations.len() > MOST_ANNOTATIONS {
        return Err(Text::new(
            format!("一个视图最多 {MOST_ANNOTATIONS} 处标注。"),
            format!("A view has at most {MOST_ANNOTATIONS} annotations."),
        ));
    }
    view.annotations.iter().try_for_each(Annotation::check)?;
    view.points.as_ref().map_or(Ok(()), PointSet::check)?;
    serde_json::to_string(&view).map_err(|e| wrong(&e))
}

fn scenario_body(body: &str) -> Result<String, Text> {
    let wrong = |_| Text::new("body 应为 JSON 对象。", "body is a JSON object.");
    let body: Box<RawValue> = serde_json::from_str(body).map_err(wrong)?;
    if !body.get().starts_with('{') {
        return Err(Text::new("body 应为 JSON 对象。", "body is a JSON object."));
    }
    Ok(body.get().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: SavedKind, body: &str) -> Result<String, Text> {
        let (title, folder, note) = ("t".to_owned(), String::new(), String::new());
        checked(kind, SavedContent { title, folder, note, body: body.to_owned(), shared: false }).map(|c| c.body)
    }

    #[test]
    fn an_area_is_an_area_and_nothing_else() {
        let square = r#"{"polygon":{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,1]]]}}"#;
        for fine in [
            r#"{"zone":"330110"}"#,
            r#"{"circle":{"center":[120.0,30.0],"radius_m":500.0}}"#,
            square,
            r#"{"zone":"330110","combine":[{"op":"difference","zone":"330108"}]}"#,
        ] {
            let once = read(SavedKind::Area, fine).unwrap();
            assert_eq!(read(SavedKind::Area, &once).unwrap(), once, "{fine}");
        }
        for bad in [
            "{}",
            "[]",
            r#"{"zone":"city"}"#,
            r#"{"zone":"saved:1"}"#,
            r#"{"zone":"330110","year":2025}"#,
            r#"{"zone":"330110","filter":{"cluster":"robot"}}"#,
            r#"{"nearest":{"center":[120.0,30.0],"k":3}}"#,
            r#"{"zone":"330110","count":7}"#,
        ] {
            assert!(read(SavedKind::Area, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_view_leads_to_the_page_itself() {
        let fine = r#"{"target":"?zone=330110#11/30/120","annotations":[{"kind":"text","text":"here","points":[[120.0,30.0]]}]}"#;
        assert_eq!(read(SavedKind::View, fine).unwrap(), fine);
        let points = r#"{"target":"?a","points":{"title":"own","points":[{"name":"","at":[120.0,30.0]}]}}"#;
        assert_eq!(read(SavedKind::View, points).unwrap(), points);
        for bad in [
            r#"{"target":"//elsewhere"}"#,
            r#"{"target":"?a","map":"a b"}"#,
            r#"{"target":"?a","annotations":[{"kind":"arrow","text":"","points":[[1.0,1.0]]}]}"#,
            r#"{"target":"?a","annotations":[{"kind":"text","text":"","points":[[1.0,1.0]]}]}"#,
            r#"{"target":"?a","annotations":[{"kind":"text","text":"a","points":[[1.0,91.0]]}]}"#,
            r#"{"target":"?a","count":7}"#,
            r#"{"target":"?a","points":{"title":"own","points":[{"name":"","at":[120.0,91.0]}]}}"#,
        ] {
            assert!(read(SavedKind::View, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn folders_have_one_spelling() {
        assert_eq!(checked_folder(" a / b//c ").unwrap(), "a/b/c");
        assert_eq!(checked_folder("/").unwrap(), "");
        assert!(checked_folder("a/b/c/d/e/f/g/h/i").is_err());
        assert!(checked_folder("a\nb").is_err());
    }
}
