//! Packages of one table, and files that are no tables at all: read, or named for what they are with the way out.

use super::material::{city, csv, head, table, xlsx};
use shigu::data::intake::{read, sheet};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        out.start_file(*name, SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/import/files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn rows() -> Vec<Vec<String>> {
    let row = |name: &str| ["", name, "余杭区", "", "1", "2", "2015", "120.1", "30.3"].map(str::to_owned).to_vec();
    vec![head(), row("甲公司"), row("乙公司")]
}

#[test]
fn a_package_of_one_table_is_that_table() {
    let (text, book) = (csv(&rows()), xlsx(&rows()));
    let json = br#"{"type":"Feature","properties":{"name":"x"},"geometry":null}"#;
    let kml = b"<kml><Placemark><name>x</name></Placemark></kml>";
    let mac = ("__MACOSX/._t.csv", &b"\0\x05\x16\x07"[..]);
    let inner = zip(&[("t.csv", &text)]);
    for (parts, rows) in [
        (vec![("名录.csv", &text[..])], 2),
        (vec![("2025/名录/名录.csv", &text[..])], 2),
        (vec![("名录.XLSX", &book[..])], 2),
        (vec![("a/名录.xlsx", &book[..]), ("a/~$名录.xlsx", b"x"), ("a/.DS_Store", b"x"), ("a/Thumbs.db", b"x")], 2),
        (vec![("t.csv", &text[..]), mac], 2),
        (vec![("t.csv", &text[..]), ("说明.txt", b"x"), ("说明.docx", b"x"), ("图.png", b"x"), ("readme.md", b"x")], 2),
        (vec![("t.txt", &text[..])], 2),
        (vec![("t.geojson", &json[..])], 1),
        (vec![("t.json", &json[..]), ("LICENSE", b"x")], 1),
        (vec![("t.kml", &kml[..])], 1),
        (vec![("inner.zip", &inner[..])], 2),
        (vec![("rows.gpkg", &file("rows.gpkg")[..])], 80),
        (vec![("rows.fgb", &file("rows.fgb")[..])], 77),
        (vec![("rows.kmz", &file("rows.kmz")[..])], 80),
        (vec![("rows.parquet", &file("rows.parquet")[..])], 80),
        (vec![("shape.zip", &file("shape-gbk.zip")[..])], 80),
    ] {
        let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
        let read = table(&zip(&parts)).unwrap_or_else(|e| panic!("{names:?}: {e}"));
        assert_eq!(read.cells.len(), rows, "{names:?}");
        let kml = names == ["t.kml"];
        assert_eq!(read.findings.iter().any(|f| f.code == "file-unpacked"), !kml, "{names:?}");
    }
}

#[test]
fn of_several_tables_one_has_to_be_named() {
    let text = csv(&rows());
    let package = zip(&[("余杭.csv", &text), ("滨江.csv", &text[..text.len() / 2]), ("__MACOSX/._余杭.csv", b"x")]);
    let refused = table(&package).unwrap_err();
    assert_eq!((refused.code, refused.sheets().join(" ")), ("files-several", "余杭.csv 滨江.csv".to_owned()));
    assert!(refused.message.zh.contains("余杭.csv") && refused.remedy.zh.contains("--sheet"));
    let read = |name: &str| read(Cursor::new(&package), &city().0, Some(name), &sheet::Limits::default());
    assert_eq!(read("余杭.csv").unwrap().cells.len(), 2);
    assert_eq!(read("西湖.csv").unwrap_err().code, "files-several");
    // a sheet of the one workbook
    let book = zip(&[("a.xlsx", &xlsx(&rows()))]);
    let of = |name| super::material::city_read(&book, name);
    assert_eq!(of("Sheet1").unwrap().cells.len(), 2);
    assert_eq!(of("别的").unwrap_err().code, "sheet-unknown");
}

#[test]
fn packages_of_nothing_that_is_read_and_bombs() {
    for (parts, code, said) in [
        (vec![("a.pdf", &b"%PDF"[..])], "format-other", "文档"),
        (vec![("a.png", b"x"), ("b.jpg", b"x")], "format-other", "图片"),
        (vec![("word/document.xml", b"x"), ("[Content_Types].xml", b"x")], "format-other", "Word"),
        (vec![("ppt/presentation.xml", b"x")], "format-other", "幻灯片"),
        (vec![("OFD.xml", b"x"), ("Doc_0/Document.xml", b"x")], "format-other", "OFD"),
        (vec![("x.gdb/a00000001.gdbtable", b"x")], "format-other", "gdb"),
        (vec![("a.dwg", b"x")], "format-other", "CAD"),
        (vec![("a.mdb", b"x")], "format-other", "Access"),
        (vec![("a.rar", b"x")], "format-other", "压缩包"),
        (vec![("a.mid", b"x"), ("a.mif", b"x")], "format-other", "MapInfo"),
        (vec![("readme.md", b"x")], "format-unknown", "readme.md"),
        (vec![("__MACOSX/._a.csv", b"x")], "format-unknown", "压缩包"),
    ] {
        let refused = table(&zip(&parts)).unwrap_err();
        assert_eq!(refused.code, code, "{parts:?}: {refused:?}");
        assert!(refused.message.zh.contains(said), "{parts:?}: {refused:?}");
    }
    let deep = (0..6).fold(zip(&[("t.csv", &csv(&rows()))]), |inner, _| zip(&[("t.zip", &inner)]));
    assert_eq!(table(&deep).unwrap_err().code, "package-broken");
    let large = zip(&[("t.csv", &vec![b'a'; 3 << 20])]);
    let small = sheet::Limits { memory_bytes: 4 << 20, ..sheet::Limits::default() };
    assert_eq!(read(Cursor::new(&large), &city().0, None, &small).unwrap_err().code, "file-too-large");
}

#[test]
fn what_is_no_table_is_named() {
    let after = |magic: &[u8]| [magic, b"\0\0\0\0rest of it"].concat();
    let mut bitmap = b"BM\x10\0\0\0\0\0\0\0\x36\0\0\0".to_vec();
    bitmap.extend([0; 40]);
    for (bytes, zh, en) in [
        (after(b"\x89PNG\r\n\x1A\n"), "图片(PNG)", "a picture"),
        (after(b"\xFF\xD8\xFF\xE0"), "图片(JPEG)", "a picture"),
        (after(b"GIF89a"), "图片(GIF)", "a picture"),
        (bitmap, "图片(BMP)", "a picture"),
        (after(b"RIFF\x10\0\0\0WEBP"), "图片(WebP)", "a picture"),
        (after(b"\0\0\0\x18ftypheic"), "图片(HEIC)", "a picture"),
        (after(b"II*\0"), "TIFF", "TIFF"),
        (b"<svg xmlns='x'/>".to_vec(), "图片(SVG)", "a picture"),
        (b"%PDF-1.7\nx".to_vec(), "PDF", "a PDF"),
        (b"{\\rtf1\\ansi x}".to_vec(), "RTF", "RTF"),
        (after(b"Rar!\x1A\x07\x01"), "RAR", "a RAR archive"),
        (after(b"7z\xBC\xAF\x27\x1C"), "7z", "a 7z archive"),
        (after(b"\x1F\x8B\x08"), "gzip", "gzip"),
        (after(b"AC1032"), "DWG", "DWG"),
        (b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n".to_vec(), "DXF", "DXF"),
        (after(b"\0\x01\0\0Standard Jet DB"), "Access", "Access"),
        (after(b"\0\x01\0\0Standard ACE DB"), "Access", "Access"),
        (after(b"\0\0\x27\x0A"), ".shp", ".shp"),
        (after(b"ARROW1\0\0"), "Arrow", "Arrow"),
        (b"<?xml version=\"1.0\"?><gpx version=\"1.1\"></gpx>".to_vec(), "GPX", "GPX"),
        (after(b"MZ\x90"), "程序", "a program"),
    ] {
        let refused = table(&bytes).unwrap_err();
        assert_eq!(refused.code, "format-other", "{zh}: {refused:?}");
        assert!(refused.message.zh.contains(zh) && refused.message.en.contains(en), "{refused:?}");
        assert!(!refused.remedy.zh.is_empty() && !refused.remedy.en.is_empty(), "{zh}");
    }
    // tables that begin with such a word are tables
    for first in ["MZ号", "ORC", "BMW", "AC10", "ID3", "GIF89a", "ARROW1"] {
        let text = format!("{first},企业名称,区县\n1,甲公司,余杭区\n");
        assert_eq!(table(text.as_bytes()).unwrap_or_else(|e| panic!("{first}: {e}")).cells.len(), 1, "{first}");
    }
}
