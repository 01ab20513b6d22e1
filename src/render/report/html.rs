//! The document as a page that stands alone: its style inside, pictures as SVG, no script, no other file.

use super::document::{Block, Document, Picture, Table};
use crate::core::model::Lang;
use crate::render::drawing::{escaped, svg};
use std::fmt::Write as _;

/// The style; `http` allows it by its digest.
pub(super) const STYLE: &str = include_str!("report.css");

pub(super) fn render(document: &Document) -> String {
    let lang = if document.lang == Lang::En { "en" } else { "zh-CN" };
    let title = escaped(&document.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main class=\"report\" lang=\"{lang}\">\n<h1>{title}</h1>\n<p class=\"about\">{}</p>\n",
        escaped(&document.subtitle)
    );
    if !document.marks.is_empty() {
        let marks: Vec<String> = document.marks.iter().map(|m| format!("<span>{}</span>", escaped(m))).collect();
        let _ = writeln!(out, "<p class=\"marks\">{}</p>", marks.join(" "));
    }
    for section in &document.sections {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>", escaped(&section.heading));
        section.blocks.iter().for_each(|b| block(&mut out, b));
        out.push_str("</section>\n");
    }
    let _ = write!(out, "<footer>{}</footer>\n</main>\n</body>\n</html>\n", escaped(&document.footer));
    out
}

fn block(out: &mut String, block: &Block) {
    // writing to memory can't fail
    let _ = match block {
        Block::Text(text) => writeln!(out, "<p class=\"text\">{}</p>", escaped(text)),
        Block::Note(text) => writeln!(out, "<p class=\"note\">{}</p>", escaped(text)),
        Block::List(lines) => {
            let items: Vec<String> = lines.iter().map(|l| format!("<li>{}</li>\n", escaped(l))).collect();
            writeln!(out, "<ol>\n{}</ol>", items.concat())
        }
        Block::Pairs(pairs) => {
            let one =
                |(what, text): &(String, String)| format!("<dt>{}</dt><dd>{}</dd>\n", escaped(what), linked(text));
            writeln!(out, "<dl>\n{}</dl>", pairs.iter().map(one).collect::<String>())
        }
        Block::Table(t) => return table(out, t),
        Block::Picture(Picture { caption, alt, drawing, .. }) => {
            let label = escaped(alt);
            let picture = svg(drawing).replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{label}\" "), 1);
            writeln!(out, "<figure>\n{picture}<figcaption>{}</figcaption>\n</figure>", escaped(caption))
        }
    };
}

/// The text, as a link where it is an address.
fn linked(text: &str) -> String {
    let said = escaped(text);
    if text.starts_with("http://") || text.starts_with("https://") {
        format!("<a href=\"{said}\">{said}</a>")
    } else {
        said
    }
}

/// Characters of a table's text in the width of a printed page.
const CHARACTERS: f64 = 84.0;

fn table(out: &mut String, table: &Table) {
    let heads: Vec<String> = table.heads.iter().map(|h| format!("<th scope=\"col\">{}</th>", escaped(h))).collect();
    let widths = table.widths(CHARACTERS);
    let column = |w: &f64| format!("<col style=\"width:{:.1}%\">", w / CHARACTERS * 100.0);
    let columns = widths.iter().map(column).collect::<Vec<_>>().concat();
    // a wide table scrolls inside its paper, so the keyboard must come into it
    let _ = writeln!(
        out,
        "<div class=\"scroll\" role=\"group\" aria-label=\"{0}\" tabindex=\"0\"><table>\n<caption>{0}</caption>\n<colgroup>{columns}</colgroup>\n<thead><tr>{1}</tr></thead>\n<tbody>",
        escaped(&table.caption),
        heads.concat()
    );
    for (i, row) in table.rows.iter().enumerate() {
        let class = if table.total && i + 1 == table.rows.len() { " class=\"total\"" } else { "" };
        let cell = |(text, number): (&String, &bool)| {
            let class = if *number { " class=\"number\"" } else { "" };
            format!("<td{class}>{}</td>", escaped(text))
        };
        let cells: String = row.iter().zip(&table.numeric).map(cell).collect();
        let _ = writeln!(out, "<tr{class}>{cells}</tr>");
    }
    out.push_str("</tbody>\n</table></div>\n");
}
