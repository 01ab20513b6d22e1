//! The document as Office Open XML in the layout of official documents (GB/T 9704): A4, 22 lines of 28 characters, the
//! fonts by the names that office computers know, with what to take where they are missing.

mod body;
mod parts;

use super::ReportError;
use super::document::{Block, Document, Picture};
use crate::core::cancel;
use crate::render::drawing::{Fonts, png};
use std::io::{Cursor, Write};
use std::ops::Range;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

pub(super) fn render(document: &Document, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
    let pictures: Vec<&Picture> = pictures(document).collect();
    let paint = |place: Range<usize>| png(&pictures[place.start].drawing, fonts);
    let pictures = cancel::pieces(pictures.len(), 1, paint).into_iter().collect::<Result<Vec<_>, _>>()?;
    let links = links(document);
    let texts = [
        ("[Content_Types].xml", parts::CONTENT_TYPES.to_owned()),
        ("_rels/.rels", parts::RELATIONS.to_owned()),
        ("docProps/core.xml", parts::core(document)),
        ("docProps/app.xml", parts::APP.to_owned()),
        ("word/document.xml", body::document(document)),
        ("word/_rels/document.xml.rels", parts::relations(pictures.len(), &links)),
        ("word/styles.xml", parts::styles(document.lang)),
        ("word/settings.xml", parts::SETTINGS.to_owned()),
        ("word/fontTable.xml", parts::FONTS.to_owned()),
        ("word/numbering.xml", parts::numbering(lists(document))),
        ("word/header1.xml", parts::header(document)),
        ("word/footer1.xml", parts::footer("right")),
        ("word/footer2.xml", parts::footer("left")),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // no clock: the same document gives the same bytes
    let packed = SimpleFileOptions::default().last_modified_time(DateTime::default());
    let plain = packed.compression_method(CompressionMethod::Stored);
    for (name, text) in texts {
        zip.start_file(name, packed.compression_method(CompressionMethod::Deflated))?;
        zip.write_all(text.as_bytes()).map_err(zip::result::ZipError::from)?;
    }
    for (i, bytes) in pictures.iter().enumerate() {
        zip.start_file(format!("word/media/image{}.png", i + 1), plain)?;
        zip.write_all(bytes).map_err(zip::result::ZipError::from)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn blocks(document: &Document) -> impl Iterator<Item = &Block> {
    document.sections.iter().flat_map(|s| &s.blocks)
}

fn lists(document: &Document) -> usize {
    blocks(document).filter(|b| matches!(b, Block::List(_))).count()
}

fn pictures(document: &Document) -> impl Iterator<Item = &Picture> {
    blocks(document).filter_map(|b| if let Block::Picture(p) = b { Some(p) } else { None })
}

/// Addresses, in the order in which they are met.
fn links(document: &Document) -> Vec<&str> {
    let pairs = blocks(document).filter_map(|b| if let Block::Pairs(p) = b { Some(p) } else { None });
    pairs.flatten().map(|(_, text)| text.as_str()).filter(|t| is_link(t)).collect()
}

fn is_link(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}
