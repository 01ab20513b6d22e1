//! Files that are no tables, named for what they are by their first bytes, with the way out.

use crate::core::model::Text;
use crate::data::intake::finding::Refusal;

/// What a file is, zh and en, and the way out, zh and en.
type Known = (&'static str, &'static str, Way);

/// Ways to a file that can be read.
#[derive(Clone, Copy)]
enum Way {
    Picture,
    Document,
    Archive,
    Drawing,
    Database,
    Raster,
    Sheet,
    Other,
}

impl Way {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Picture => (
                "请向提供单位要原始表格(xlsx 或 CSV);图片里的文字不会识别",
                "ask the sender for the table itself (xlsx or CSV); text in pictures is not read",
            ),
            Self::Document => (
                "请把其中的表格复制到 Excel,另存为 xlsx;或向提供单位要原始表格",
                "copy the table into a spreadsheet and save it as xlsx, or ask the sender for the table itself",
            ),
            Self::Archive => {
                ("请先解压,再上传其中的表格;或改用 zip 压缩", "unpack it and send the table inside, or pack it as ZIP")
            }
            Self::Drawing => (
                "请在 CAD 或 GIS 软件中导出为带属性的点:GeoJSON、Shapefile(zip)或 GeoPackage",
                "export points with their attributes from the CAD or GIS program: GeoJSON, a shapefile in a ZIP or GeoPackage",
            ),
            Self::Database => {
                ("请在原程序中把该表导出为 xlsx 或 CSV", "export the table from its program as xlsx or CSV")
            }
            Self::Raster => {
                ("栅格数据不是名录;请导出为点要素或表格", "raster data is no register; export points or a table")
            }
            Self::Sheet => (
                "请用 Excel 或 WPS 打开,另存为 xlsx 后再上传",
                "open it with a spreadsheet program, save it as xlsx and send that",
            ),
            Self::Other => (
                "支持 xlsx、xls、ods、csv、geojson、Shapefile 压缩包(zip)、gpkg、fgb、GeoParquet、kml、kmz",
                "xlsx, xls, ods, csv, geojson, shapefiles in a ZIP, gpkg, fgb, GeoParquet, kml and kmz are read",
            ),
        }
    }
}

/// First bytes and what they say.
const STARTS: [(&[u8], Known); 34] = [
    (b"\x89PNG\r\n\x1A\n", ("图片(PNG)", "a picture (PNG)", Way::Picture)),
    (b"\xFF\xD8\xFF", ("图片(JPEG)", "a picture (JPEG)", Way::Picture)),
    (b"GIF87a", ("图片(GIF)", "a picture (GIF)", Way::Picture)),
    (b"GIF89a", ("图片(GIF)", "a picture (GIF)", Way::Picture)),
    (b"II*\0", ("图片或栅格(TIFF)", "a picture or raster (TIFF)", Way::Raster)),
    (b"MM\0*", ("图片或栅格(TIFF)", "a picture or raster (TIFF)", Way::Raster)),
    (b"II+\0", ("图片或栅格(BigTIFF)", "a picture or raster (BigTIFF)", Way::Raster)),
    (b"\x89HDF\r\n\x1A\n", ("科学数据(HDF5 或 NetCDF)", "scientific data (HDF5 or NetCDF)", Way::Raster)),
    (b"%PDF", ("PDF 文件", "a PDF", Way::Document)),
    (b"{\\rtf", ("文字处理文档(RTF)", "a word processor's document (RTF)", Way::Document)),
    (b"Rar!\x1A\x07", ("RAR 压缩包", "a RAR archive", Way::Archive)),
    (b"7z\xBC\xAF\x27\x1C", ("7z 压缩包", "a 7z archive", Way::Archive)),
    (b"\x1F\x8B", ("gzip 压缩文件", "a gzip file", Way::Archive)),
    (b"BZh", ("bzip2 压缩文件", "a bzip2 file", Way::Archive)),
    (b"\xFD7zXZ\0", ("xz 压缩文件", "an xz file", Way::Archive)),
    (b"\x28\xB5\x2F\xFD", ("zstd 压缩文件", "a zstd file", Way::Archive)),
    (b"MSCF", ("CAB 压缩包", "a CAB archive", Way::Archive)),
    (b"AC10", ("AutoCAD 图纸(DWG)", "an AutoCAD drawing (DWG)", Way::Drawing)),
    (b"AC14", ("AutoCAD 图纸(DWG)", "an AutoCAD drawing (DWG)", Way::Drawing)),
    (b"AutoCAD Binary DXF", ("CAD 图纸(DXF)", "a CAD drawing (DXF)", Way::Drawing)),
    (b"\0\x01\0\0Standard Jet DB", ("Access 数据库(mdb)", "an Access database (mdb)", Way::Database)),
    (b"\0\x01\0\0Standard ACE DB", ("Access 数据库(accdb)", "an Access database (accdb)", Way::Database)),
    (b"ARROW1", ("Arrow/Feather 文件", "an Arrow or Feather file", Way::Database)),
    (b"ORC", ("ORC 文件", "an ORC file", Way::Database)),
    (b"Obj\x01", ("Avro 文件", "an Avro file", Way::Database)),
    (b"PGDMP", ("PostgreSQL 备份", "a PostgreSQL dump", Way::Database)),
    (b"\0\0\x27\x0A", ("单独的 .shp(或 .shx)", "a .shp or .shx by itself", Way::Drawing)),
    (b"PMTiles", ("地图瓦片(PMTiles)", "map tiles (PMTiles)", Way::Raster)),
    (b"MZ", ("程序", "a program", Way::Other)),
    (b"\x7FELF", ("程序", "a program", Way::Other)),
    (b"ID3", ("音频", "a sound", Way::Other)),
    (b"OggS", ("音频或视频", "a sound or video", Way::Other)),
    (b"\x1A\x45\xDF\xA3", ("视频", "a video", Way::Other)),
    (b"8BPS", ("图片(PSD)", "a picture (PSD)", Way::Picture)),
];

/// The refusal of a file that begins so, where that says what it is.
pub fn by_start(start: &[u8]) -> Option<Refusal> {
    let after = |at: usize, with: &[u8]| start.get(at..).is_some_and(|rest| rest.starts_with(with));
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let bitmap = start.starts_with(b"BM") && start.get(6..10) == Some(&[0; 4]);
    let known = match () {
        () if after(0, b"RIFF") && after(8, b"WEBP") => ("图片(WebP)", "a picture (WebP)", Way::Picture),
        () if after(4, b"ftyphei") || after(4, b"ftypmif1") || after(4, b"ftypavif") => {
            ("图片(HEIC)", "a picture (HEIC)", Way::Picture)
        }
        () if after(4, b"ftyp") => ("视频", "a video", Way::Other),
        () if bitmap => ("图片(BMP)", "a picture (BMP)", Way::Picture),
        () if text.starts_with(b"<svg") || memchr::memmem::find(text, b"<svg ").is_some_and(|at| at < 400) => {
            ("图片(SVG)", "a picture (SVG)", Way::Picture)
        }
        () if text.starts_with(b"0") && dxf(text) => ("CAD 图纸(DXF)", "a CAD drawing (DXF)", Way::Drawing),
        () if text.starts_with(b"Version ") && memchr::memmem::find(text, b"Columns").is_some() => {
            ("MapInfo 交换文件(MIF)", "a MapInfo interchange file (MIF)", Way::Drawing)
        }
        () if text.starts_with(b"!table") => {
            ("MapInfo 表(TAB)的表头", "the head of a MapInfo table (TAB)", Way::Drawing)
        }
        () if is_mail(text) => {
            ("单个文件网页(MHTML),常被存为 .xls", "a web page in one file (MHTML), often called .xls", Way::Sheet)
        }
        () if memchr::memmem::find(text, b"progid=\"Word.Document\"").is_some() => {
            ("Word 2003 XML 文档", "a Word document in XML (2003)", Way::Document)
        }
        () if memchr::memmem::find(text, b"<office:document").is_some() => {
            ("OpenDocument 的单个 XML(fods 等)", "OpenDocument in one XML (fods and its like)", Way::Sheet)
        }
        () if text.starts_with(b"<osm") || memchr::memmem::find(text, b"<osm ").is_some_and(|at| at < 200) => {
            ("OpenStreetMap XML", "OpenStreetMap XML", Way::Drawing)
        }
        () if memchr::memmem::find(text, b"<gpx").is_some_and(|at| at < 400) => {
            ("GPX 航迹", "a GPX track", Way::Drawing)
        }
        () if [&b"<gml:"[..], b"<wfs:FeatureCollection"].iter().any(|w| memchr::memmem::find(text, w).is_some()) => {
            ("GML", "GML", Way::Drawing)
        }
        () => {
            // a table may begin with a word that is such a mark: text has no zeros
            let binary = |with: &[u8]| {
                let word = with.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
                !word || [&b"%PDF"[..], b"{\\rtf"].contains(&with) || start.contains(&0)
            };
            STARTS.iter().find(|(with, _)| start.starts_with(with) && binary(with)).map(|(_, known)| *known)?
        }
    };
    Some(named(known))
}

fn dxf(text: &[u8]) -> bool {
    let mut lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    lines.next() == Some(b"0") && lines.next() == Some(b"SECTION")
}

/// Whether text begins with the head of a message: how Office saves a web page in one file.
fn is_mail(text: &[u8]) -> bool {
    let head = text[..text.len().min(600)].to_ascii_lowercase();
    let says = |words: &[u8]| memchr::memmem::find(&head, words);
    says(b"mime-version:").is_some_and(|at| at < 400) && says(b"content-type:").is_some()
}

/// The refusal of a web page that has no table: what a system gives out when nobody is logged in, or the frame around pages
/// in a folder beside it.
pub fn page_without_table(frames: bool) -> Refusal {
    if frames {
        named((
            "网页的框架,表格在旁边的文件夹里(.files)",
            "the frame of a web page whose tables stand in a folder beside it",
            Way::Sheet,
        ))
    } else {
        named((
            "没有表格的网页,可能是登录页或出错页",
            "a web page without a table, perhaps of a login or an error",
            Way::Database,
        ))
    }
}

/// The refusal of XML that is nothing that is read.
pub fn other_xml() -> Refusal {
    named(("XML 数据", "XML data", Way::Database))
}

/// The refusal of a ZIP with such parts, where they say what it is.
pub fn by_parts(names: &[String]) -> Option<Refusal> {
    let any = |ends: &[&str]| names.iter().any(|n| ends.iter().any(|end| n.ends_with(end)));
    let known = if any(&["word/document.xml"]) {
        ("Word 文档(docx)", "a Word document (docx)", Way::Document)
    } else if any(&["ppt/presentation.xml"]) {
        ("幻灯片(pptx)", "slides (pptx)", Way::Document)
    } else if any(&["ofd.xml"]) {
        ("OFD 版式文件", "an OFD document", Way::Document)
    } else if any(&[".gdbtable", "/gdb", ".gdbindexes"]) {
        ("Esri 文件地理数据库(.gdb)", "an Esri file geodatabase (.gdb)", Way::Database)
    } else if any(&["android manifest.xml", "androidmanifest.xml", ".class"]) {
        ("程序包", "a program", Way::Other)
    } else if any(&[".dwg", ".dxf"]) {
        ("装有 CAD 图纸的压缩包", "a ZIP with CAD drawings", Way::Drawing)
    } else if any(&[".mif", ".tab"]) {
        ("装有 MapInfo 表的压缩包", "a ZIP with MapInfo tables", Way::Drawing)
    } else if any(&[".mdb", ".accdb"]) {
        ("装有 Access 数据库的压缩包", "a ZIP with an Access database", Way::Database)
    } else if any(&[".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".webp"]) {
        ("装有图片的压缩包", "a ZIP of pictures", Way::Picture)
    } else if any(&[".pdf", ".doc", ".docx", ".wps", ".ofd", ".ppt", ".pptx"]) {
        ("装有文档的压缩包", "a ZIP of documents", Way::Document)
    } else if any(&[".rar", ".7z", ".gz", ".tar"]) {
        ("装有其他压缩包的压缩包", "a ZIP of other archives", Way::Archive)
    } else {
        return None;
    };
    Some(named(known))
}

/// The refusal of a compound file of Microsoft's with such streams, where they say what it is.
pub fn by_streams(has: impl Fn(&str) -> bool) -> Option<Refusal> {
    let known = if has("/WordDocument") {
        ("Word 文档(doc)", "a Word document (doc)", Way::Document)
    } else if has("/PowerPoint Document") {
        ("幻灯片(ppt)", "slides (ppt)", Way::Document)
    } else if has("/__properties_version1.0") {
        ("Outlook 邮件(msg)", "an Outlook message (msg)", Way::Document)
    } else {
        return None;
    };
    Some(named(known))
}

fn named((zh, en, way): Known) -> Refusal {
    let (way_zh, way_en) = way.words();
    let text =
        Text::new(format!("文件是{zh},不是表格或矢量数据"), format!("the file is {en}, no table and no vector data"));
    Refusal::new("format-other", text).with_remedy(Text::new(way_zh, way_en))
}
