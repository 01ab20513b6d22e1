//! The document as PDF: text that can be searched, maps and charts as vectors, the faces inside, bookmarks.
//!
//! Read in this order: `faces`, `lines` (where lines break), `flow` (what stands where), `pages` (where pages end), `paint`.

mod faces;
mod flow;
mod lines;
mod pages;
mod paint;

use super::ReportError;
use super::document::{Block, Document};
use crate::core::model::Lang;
use crate::render::drawing::{Drawing, Fonts};
use faces::Faces;
use flow::{Flow, PAPER, WIDTH};
use krilla::action::LinkAction;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::destination::XyzDestination;
use krilla::geom::{Point, Rect};
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use pages::Mark;
use paint::Setting;

/// How high the map is best drawn, for one of its width, so that its page is full.
pub(super) fn map_shape(document: &Document, fonts: &Fonts) -> Result<Option<f64>, ReportError> {
    let faces = faces(document, fonts)?;
    Ok(Flow::new(&faces, document, true).map.map(|height| f64::from(height / WIDTH)))
}

fn faces(document: &Document, fonts: &Fonts) -> Result<Faces, ReportError> {
    let faces = Faces::new(fonts.typefaces(&all_text(document))?);
    faces.ok_or_else(|| ReportError::Pdf("a font file can't be read".into()))
}

pub(super) fn render(document: &Document, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
    let faces = faces(document, fonts)?;
    let flow = Flow::new(&faces, document, false);
    let mut pdf = krilla::Document::new();
    for marks in &flow.pages {
        let size = PageSettings::from_wh(PAPER[0], PAPER[1]).ok_or_else(|| ReportError::Pdf("no page".into()))?;
        let mut page = pdf.start_page_with(size);
        let mut surface = page.surface();
        for mark in marks {
            match mark {
                Mark::Text { at, size, bold, color, text, gap } => {
                    let set = Setting { size: *size, bold: *bold, gap: *gap };
                    paint::line(&mut surface, &faces, text, *at, set, color);
                }
                Mark::Fill { rect, color } => paint::area(&mut surface, *rect, color),
                Mark::Drawing { at, scale, drawing } => paint::drawing(&mut surface, &faces, drawing, *at, *scale),
                Mark::Link { .. } => {}
            }
        }
        surface.finish();
        for mark in marks {
            if let Mark::Link { rect: [left, top, right, bottom], address } = mark
                && let Some(rect) = Rect::from_ltrb(*left, *top, *right, *bottom)
            {
                let target = Target::Action(LinkAction::new(address.clone()).into());
                page.add_annotation(Annotation::new_link(LinkAnnotation::new(rect, target), Some(address.clone())));
            }
        }
        page.finish();
    }
    let mut outline = Outline::new();
    for (heading, page, y) in &flow.headings {
        let place = XyzDestination::new(*page, Point::from_xy(0.0, (y - 8.0).max(0.0)));
        outline.push_child(OutlineNode::new((*heading).to_owned(), place));
    }
    pdf.set_outline(outline);
    // no date: the same document gives the same bytes
    let about = Metadata::new()
        .title(document.title.clone())
        .description(document.marks.join(" · "))
        .language(if document.lang == Lang::En { "en" } else { "zh-CN" }.to_owned())
        .creator("Shigu 视谷".to_owned());
    pdf.set_metadata(about);
    pdf.finish().map_err(|e| ReportError::Pdf(format!("{e:?}")))
}

/// A drawing as a page of its own, as wide and high as it in points.
pub(super) fn page(drawing: &Drawing<'_>, points: [f32; 2], lang: Lang, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
    pages(&drawing.title, std::slice::from_ref(drawing), points, lang, fonts)
}

/// Drawings as pages of a size in points; where there are several, with a bookmark for each.
pub(super) fn pages(
    title: &str,
    drawings: &[Drawing<'_>],
    [width, height]: [f32; 2],
    lang: Lang,
    fonts: &Fonts,
) -> Result<Vec<u8>, ReportError> {
    let text: String = drawings.iter().flat_map(Drawing::lines).map(|line| line.text.as_str()).collect();
    let faces = Faces::new(fonts.typefaces(&text)?);
    let faces = faces.ok_or_else(|| ReportError::Pdf("a font file can't be read".into()))?;
    let mut pdf = krilla::Document::new();
    for drawing in drawings {
        let size = PageSettings::from_wh(width, height).ok_or_else(|| ReportError::Pdf("no page".into()))?;
        let mut page = pdf.start_page_with(size);
        let mut surface = page.surface();
        paint::drawing(&mut surface, &faces, drawing, [0.0, 0.0], width / drawing.size[0] as f32);
        surface.finish();
        page.finish();
    }
    if drawings.len() > 1 {
        let mut outline = Outline::new();
        for (place, drawing) in drawings.iter().enumerate() {
            let top = XyzDestination::new(place, Point::from_xy(0.0, 0.0));
            outline.push_child(OutlineNode::new(drawing.title.to_string(), top));
        }
        pdf.set_outline(outline);
    }
    let about = Metadata::new()
        .title(title.to_owned())
        .language(if lang == Lang::En { "en" } else { "zh-CN" }.to_owned())
        .creator("Shigu 视谷".to_owned());
    pdf.set_metadata(about);
    pdf.finish().map_err(|e| ReportError::Pdf(format!("{e:?}")))
}

/// A text in lines of a width.
pub(super) fn broken(text: &str, most: f32, width: impl Fn(char) -> f32) -> Vec<&str> {
    lines::lines(text, most, 0.0, width)
}

/// Every character that is set.
fn all_text(document: &Document) -> String {
    let mut out = [&document.title, &document.subtitle, &document.footer].map(String::as_str).concat();
    out.push_str("0123456789./· 　");
    out.extend(document.marks.iter().map(String::as_str));
    for section in &document.sections {
        out.push_str(&section.heading);
        for block in &section.blocks {
            match block {
                Block::Text(text) | Block::Note(text) => out.push_str(text),
                Block::List(lines) => out.extend(lines.iter().map(String::as_str)),
                Block::Pairs(pairs) => pairs.iter().for_each(|(a, b)| out.extend([a.as_str(), b.as_str()])),
                Block::Table(table) => {
                    out.push_str(&table.caption);
                    out.extend(table.heads.iter().chain(table.rows.iter().flatten()).map(String::as_str));
                }
                Block::Picture(picture) => {
                    out.push_str(&picture.caption);
                    out.extend(picture.drawing.lines().map(|l| l.text.as_str()));
                }
            }
        }
    }
    out
}
