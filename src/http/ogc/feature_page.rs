//! Features as pages for people: a table of a page of them, and one alone, each with a small map.

use crate::core::columns::Value;
use crate::core::geometry::Bounds;
use crate::core::model::{Lang, PropertySpec, factor};
use crate::core::query::{Selection, write_value};
use crate::core::snapshot::Description;
use crate::http::ogc::svg_preview::SvgPreview;
use crate::http::response::answer::{Answer, Reply};
use crate::http::response::html::{Page, facts, linked, text};
use crate::http::response::links::{Link, escaped};

fn collections(lang: Lang) -> (String, String) {
    ("collections?f=html".into(), if lang == Lang::En { "Collections" } else { "数据集合" }.into())
}

fn collection(selection: &Selection, lang: Lang) -> (String, String) {
    (format!("collections/{}?f=html", escaped(&selection.spec().id)), selection.spec().title.get(lang).to_owned())
}

/// A page of features: map, table, way to the pages before and after. `at` is the first row's number and the query of
/// this page.
pub(crate) fn table(reply: &Reply, selection: &Selection, links: &[Link], lang: Lang, at: (usize, &str)) -> Answer {
    let trail = [collections(lang), collection(selection, lang)];
    let title = format!("{}: {}", selection.spec().title.get(lang), if lang == Lang::En { "features" } else { "要素" });
    let page = Page { lang, title: &title, root: "../../", trail: &trail, links, query: at.1 };
    page.answer(reply, || {
        let geometry = |row: &u32| selection.table().geometries.value(*row as usize);
        let mut bounds = Bounds::EMPTY;
        selection.rows().iter().filter_map(geometry).for_each(|g| bounds.join(&Bounds::of(&g)));
        let mut preview = SvgPreview::new(reply.context, &bounds, &title);
        selection.rows().iter().filter_map(geometry).for_each(|g| preview.feature(&g));
        let shown = if selection.rows().is_empty() {
            page.say("没有符合条件的要素", "No feature matches").to_owned()
        } else {
            let (first, last, all) = (at.0 + 1, at.0 + selection.rows().len(), selection.matched());
            if lang == Lang::En { format!("{first} to {last} of {all}") } else { format!("第 {first}–{last} 个,共 {all} 个") }
        };
        let way = |rel: &str, name: &str| {
            let link = links.iter().find(|l| l.rel == rel);
            link.map_or(String::new(), |l| format!("<a rel=\"{rel}\" href=\"{}\">{name}</a>", text(&query_of(&l.href))))
        };
        let ways = way("prev", page.say("上一页", "Previous")) + &way("next", page.say("下一页", "Next"));
        let head = |&c: &usize| {
            let p = &selection.spec().properties[c];
            format!("<th title=\"{}\">{}</th>", text(&p.name), text(p.title.get(lang)))
        };
        let heads: String = selection.columns().iter().map(head).collect();
        let rows: String = selection.rows().iter().map(|&row| table_row(reply.context.describe(), selection, row, lang)).collect();
        Ok(format!(
            "{}<p>{shown}</p>\n<p class=\"pages\">{ways}</p>\n<div class=\"wide\"><table>\n<tr><th>id</th>{heads}</tr>\n{rows}</table></div>\n\
             <p class=\"pages\">{ways}</p>\n",
            preview.finish()
        ))
    })
}

/// Another page under the same path, whatever the prefix.
fn query_of(href: &str) -> String {
    href.find('?').map_or(String::new(), |at| href[at..].to_owned())
}

fn table_row(about: &Description, selection: &Selection, row: u32, lang: Lang) -> String {
    let id = selection.table().ids.value(row as usize);
    let one = |&c: &usize| format!("<td>{}</td>", cell(about, selection, c, row, lang));
    let cells: String = selection.columns().iter().map(one).collect();
    format!("<tr><td><a href=\"items/{}?f=html\">{}</a></td>{cells}</tr>\n", escaped(id), text(id))
}

/// A feature alone: map and properties.
pub(crate) fn feature(reply: &Reply, selection: &Selection, links: &[Link], lang: Lang) -> Answer {
    let row = selection.rows()[0];
    let items = format!("collections/{}/items?f=html", escaped(&selection.spec().id));
    let features = if lang == Lang::En { "Features" } else { "要素" };
    let trail = [collections(lang), collection(selection, lang), (items, features.into())];
    let title =
        if lang == Lang::En { selection.source().name_en(row as usize) } else { selection.source().name(row as usize) };
    let page = Page { lang, title, root: "../../../", trail: &trail, links, query: "" };
    page.answer(reply, || {
        let map = selection.table().geometries.value(row as usize).map(|g| {
            let mut preview = SvgPreview::new(reply.context, &Bounds::of(&g), title);
            preview.feature(&g);
            preview.finish()
        });
        let nowhere = || format!("<p>{}</p>\n", page.say("没有位置", "No position"));
        let said = |&c: &usize| {
            let p: &PropertySpec = &selection.spec().properties[c];
            let unit = p.unit.as_ref().map_or(String::new(), |u| format!(" {}", text(&factor(u.get(lang)))));
            let value = cell(reply.context.describe(), selection, c, row, lang);
            (p.title.get(lang), if value.is_empty() { "–".into() } else { value + &unit })
        };
        let mut rows = vec![("id", text(selection.table().ids.value(row as usize)))];
        rows.extend(selection.columns().iter().map(said));
        Ok(map.unwrap_or_else(nowhere) + &facts(&rows))
    })
}

/// A value as people read it, as HTML: codes by their names.
fn cell(about: &Description, selection: &Selection, column: usize, row: u32, lang: Lang) -> String {
    let p = &selection.spec().properties[column];
    let codelist = p.codelist.as_ref().and_then(|c| about.codelists.get(c));
    let word = |w: &str| match codelist.and_then(|c| c.find(w)) {
        Some((_, entry)) => text(entry.name.get(lang)),
        None => linked(w),
    };
    match selection.table().columns[column].value(row as usize) {
        Value::Null => String::new(),
        Value::Text(t) => word(t),
        Value::Strings(lists, row) => lists.row(row).map(word).collect::<Vec<_>>().join(", "),
        other => {
            let mut out = Vec::new();
            write_value(&mut out, other);
            text(&String::from_utf8_lossy(&out))
        }
    }
}
