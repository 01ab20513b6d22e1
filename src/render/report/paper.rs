//! Files of what is no report of an area: sites in their order, a trial zone. A document with a map, or its tables.

use super::cell::Tables;
use super::document::Document;
use super::format::Format;
use super::{ReportError, csv, docx, html, pdf, xlsx};
use crate::render::drawing::Fonts;

/// The sort of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperFile {
    /// A document for word processors.
    Docx,
    /// The same for printing.
    Pdf,
    /// The same as a page.
    Html,
    /// A workbook.
    Xlsx,
    /// Tables one below the other.
    Csv,
}

impl PaperFile {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Docx, Self::Pdf, Self::Html, Self::Xlsx, Self::Csv];

    /// The format of reports that it is in.
    fn format(self) -> Format {
        match self {
            Self::Docx => Format::Docx,
            Self::Pdf => Format::Pdf,
            Self::Html => Format::Html,
            Self::Xlsx => Format::Xlsx,
            Self::Csv => Format::Csv,
        }
    }

    /// The end of its name, and its word in addresses.
    pub fn extension(self) -> &'static str {
        self.format().extension()
    }

    /// The media type; of CSV without a header, since it has several tables.
    pub fn media_type(self) -> &'static str {
        if self == Self::Csv { "text/csv; charset=utf-8" } else { self.format().media_type() }
    }

    /// Whether it shows the map.
    pub fn has_map(self) -> bool {
        self.format().has_map()
    }

    /// The bytes.
    pub(super) fn render<'a>(
        self,
        fonts: &Fonts,
        document: impl FnOnce() -> Document,
        tables: impl FnOnce() -> Tables<'a>,
    ) -> Result<Vec<u8>, ReportError> {
        match self {
            Self::Docx => docx::render(&document(), fonts),
            Self::Pdf => pdf::render(&document(), fonts),
            Self::Html => Ok(html::render(&document()).into_bytes()),
            Self::Xlsx => xlsx::tables(tables()),
            Self::Csv => Ok(csv::sheets(tables().sheets)?),
        }
    }
}
