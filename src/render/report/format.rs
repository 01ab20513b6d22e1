//! The formats of files, registered: what is said of a format stands here and nowhere else. The interface, its
//! description, the command line and the page read it.

use crate::core::model::Text;

/// What is said of a format.
struct About {
    /// Its name, which is also the extension of its files.
    extension: &'static str,
    media_type: &'static str,
    /// What people call it: Chinese, English.
    title: (&'static str, &'static str),
    /// Whether it shows the map.
    map: bool,
    /// Whether it has all rows.
    rows: bool,
    /// Whether a browser shows it.
    shown: bool,
}

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident = $about:expr,)*) => {
        /// A file format.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Format {
            $($(#[$doc])* $name,)*
        }

        impl Format {
            /// All formats.
            pub const ALL: [Self; [$(stringify!($name)),*].len()] = [$(Self::$name),*];

            const fn about(self) -> About {
                match self {
                    $(Self::$name => $about,)*
                }
            }
        }
    };
}

formats! {
    /// Office Open XML document in the layout of official documents.
    Docx = About {
        extension: "docx",
        media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        title: ("Word 公文(DOCX)", "Word document (DOCX)"),
        map: true,
        rows: false,
        shown: false,
    },
    /// Office Open XML workbook: the whole summary.
    Xlsx = About {
        extension: "xlsx",
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        title: ("Excel 工作簿(XLSX)", "Excel workbook (XLSX)"),
        map: false,
        rows: true,
        shown: false,
    },
    /// PDF with the map as vectors.
    Pdf = About {
        extension: "pdf",
        media_type: "application/pdf",
        title: ("PDF", "PDF"),
        map: true,
        rows: false,
        shown: true,
    },
    /// A page that stands alone and prints well.
    Html = About {
        extension: "html",
        media_type: "text/html; charset=utf-8",
        title: ("网页(HTML)", "Web page (HTML)"),
        map: true,
        rows: false,
        shown: true,
    },
    /// Comma-separated values: the rows.
    Csv = About {
        extension: "csv",
        media_type: "text/csv; charset=utf-8; header=present",
        title: ("名录(CSV)", "Rows (CSV)"),
        map: false,
        rows: true,
        shown: false,
    },
    /// GeoJSON: the rows with their positions.
    Geojson = About {
        extension: "geojson",
        media_type: "application/geo+json",
        title: ("空间数据(GeoJSON)", "Spatial data (GeoJSON)"),
        map: false,
        rows: true,
        shown: false,
    },
    /// The map as a picture.
    Png = About {
        extension: "png",
        media_type: "image/png",
        title: ("地图图片(PNG)", "Map as picture (PNG)"),
        map: true,
        rows: false,
        shown: true,
    },
    /// The map as a vector picture.
    Svg = About {
        extension: "svg",
        media_type: "image/svg+xml",
        title: ("地图矢量图(SVG)", "Map as vectors (SVG)"),
        map: true,
        rows: false,
        shown: true,
    },
}

impl Format {
    /// The format of this name, which is also the file's extension.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.extension() == name)
    }

    /// File extension.
    pub const fn extension(self) -> &'static str {
        self.about().extension
    }

    /// Media type.
    pub const fn media_type(self) -> &'static str {
        self.about().media_type
    }

    /// What people call it.
    pub fn title(self) -> Text {
        let (zh, en) = self.about().title;
        Text::new(zh, en)
    }

    /// Whether it shows the map.
    pub const fn has_map(self) -> bool {
        self.about().map
    }

    /// Whether it has all rows.
    pub const fn has_rows(self) -> bool {
        self.about().rows
    }

    /// Whether a browser shows it; others are saved.
    pub const fn is_shown(self) -> bool {
        self.about().shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_format_is_told_from_the_others() {
        for say in
            [|f: Format| f.extension().to_owned(), |f: Format| f.media_type().to_owned(), |f: Format| f.title().zh]
        {
            let all: HashSet<String> = Format::ALL.into_iter().map(say).collect();
            assert_eq!(all.len(), Format::ALL.len(), "{all:?}");
        }
        assert!(Format::ALL.into_iter().all(|f| Format::named(f.extension()) == Some(f)));
    }
}
