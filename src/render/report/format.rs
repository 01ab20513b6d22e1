//! The formats of files.

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Office Open XML document in the layout of official documents.
    Docx,
    /// Office Open XML workbook: the whole summary.
    Xlsx,
    /// PDF with the map as vectors.
    Pdf,
    /// A page that stands alone and prints well.
    Html,
    /// Comma-separated values: the enterprises.
    Csv,
    /// GeoJSON: the enterprises with their positions.
    Geojson,
    /// The map as a picture.
    Png,
    /// The map as a vector picture.
    Svg,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] =
        [Self::Docx, Self::Xlsx, Self::Pdf, Self::Html, Self::Csv, Self::Geojson, Self::Png, Self::Svg];

    /// The format of this name, which is also the file's extension.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.extension() == name)
    }

    /// File extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Geojson => "geojson",
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
            Self::Html => "text/html; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Geojson => "application/geo+json",
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
        }
    }

    /// Whether it shows the map.
    pub fn has_map(self) -> bool {
        matches!(self, Self::Docx | Self::Pdf | Self::Html | Self::Png | Self::Svg)
    }

    /// Whether it has a row for each enterprise.
    pub fn has_rows(self) -> bool {
        matches!(self, Self::Xlsx | Self::Csv | Self::Geojson)
    }
}
