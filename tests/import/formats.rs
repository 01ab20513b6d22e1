//! Files of other programs (see files/SOURCES.md) give the same rows, values and positions as the CSV that they were made of.

use super::material::{check_it, city, table};
use shigu::data::intake::sheet::{Cell, Sheet};
use shigu::data::intake::{Certainty, Import, Options, Outcome, Refusal, System, read, sheet};
use std::fs;
use std::io::{Cursor, Write};

fn file(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/import/files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn column(sheet: &Sheet, names: &[&str]) -> Option<usize> {
    sheet.columns.iter().position(|c| names.contains(&c.name.as_str()))
}

/// Numbers by value, as files keep them in other digits.
fn same(a: Cell, b: Cell, within: f64) -> bool {
    match (a.text.parse::<f64>(), b.text.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= within,
        _ => a.text == b.text,
    }
}

fn outcome(sheet: &Sheet) -> Outcome {
    let (dataset, ground) = city();
    let import = Import::prepare(sheet, dataset, ground, Options::default()).unwrap_or_else(|e| panic!("{e:?}"));
    check_it(&import)
}

/// Compares a file with the CSV, column by column; `columns` of it are to be there, `plane` when it counts in metres.
fn like_the_csv(name: &str, columns: &[&str], plane: bool) -> Sheet {
    let (csv, read) =
        (table(&file("rows.csv")).unwrap(), table(&file(name)).unwrap_or_else(|e| panic!("{name} {e:?}")));
    assert_eq!(read.cells.len(), csv.cells.len(), "{name}");
    for wanted in columns {
        let ours = column(&read, &[wanted]).unwrap_or_else(|| panic!("{name}: no {wanted} in {:?}", read.columns));
        let theirs = column(&csv, &[wanted]).unwrap();
        for row in 0..csv.cells.len() {
            let (a, b) = (read.cells.cell(row, ours), csv.cells.cell(row, theirs));
            assert!(same(a, b, 0.0), "{name} row {row} {wanted}: {a:?} {b:?}");
        }
    }
    let (lon, lat) = (column(&read, &["longitude"]).unwrap(), column(&read, &["latitude"]).unwrap());
    let (x, y) = (column(&csv, &["经度"]).unwrap(), column(&csv, &["纬度"]).unwrap());
    for row in 0..csv.cells.len() {
        let number = |sheet: &Sheet, column| sheet.cells.cell(row, column).text.parse::<f64>().ok();
        let at = number(&read, lon).zip(number(&read, lat));
        let at = if plane {
            at.map(|(e, n)| System::of_epsg(4549).unwrap().locate(e, n).unwrap()).map(|c| (c.x, c.y))
        } else {
            at
        };
        match (at, number(&csv, x).zip(number(&csv, y))) {
            (Some(a), Some(b)) => {
                assert!((a.0 - b.0).abs() < 1e-8 && (a.1 - b.1).abs() < 1e-8, "{name} {row} {a:?} {b:?}");
            }
            (a, b) => assert_eq!(a, b, "{name} {row}"),
        }
    }
    let (a, b) = (outcome(&read), outcome(&csv));
    assert_eq!(a.counts.rows, b.counts.rows, "{name}");
    assert_eq!(a.counts.problem, b.counts.problem, "{name}");
    read
}

fn said(sheet: &Sheet, code: &str) -> bool {
    sheet.findings.iter().any(|f| f.code == code)
}

const SHORT: [&str; 5] = ["id", "name", "district", "cluster", "founded"];

#[test]
fn shapefiles_of_gdal() {
    for (name, encoding) in [
        ("shape-gbk.zip", "GB18030"),
        ("shape-utf8.zip", "UTF-8"),
        ("shape-gbk-bare.zip", "GB18030"),
        ("shape-4549.zip", "GB18030"),
    ] {
        let read = like_the_csv(name, &SHORT, name == "shape-4549.zip");
        assert_eq!(read.encoding, Some(encoding), "{name}");
        let system = match name {
            "shape-gbk-bare.zip" => None,
            "shape-4549.zip" => Some(System::of_epsg(4549).unwrap()),
            _ => Some(System::Wgs84),
        };
        assert_eq!(read.stated, system, "{name}");
        assert_eq!(said(&read, "crs-in-file"), system.is_some(), "{name}");
    }
    let (dataset, ground) = city();
    let read = table(&file("shape-4549.zip")).unwrap();
    let import = Import::prepare(&read, dataset, ground, Options::default()).unwrap();
    let verdict = import.verdict().unwrap();
    assert_eq!(verdict.system, System::of_epsg(4549).unwrap());
    assert!(matches!(verdict.certainty, Certainty::Stated | Certainty::Decided));
}

/// The parts of a package, changed by hand.
fn repacked(bytes: &[u8], mut change: impl FnMut(&str, &mut Vec<u8>) -> Option<String>) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..from.len() {
        let mut part = from.by_index(place).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut inside = Vec::new();
        std::io::copy(&mut part, &mut inside).unwrap();
        if let Some(name) = change(&name, &mut inside) {
            to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            to.write_all(&inside).unwrap();
        }
    }
    to.finish().unwrap().into_inner()
}

fn refused(bytes: &[u8]) -> &'static str {
    table(bytes).unwrap_err().code
}

#[test]
fn shapefiles_that_are_not_as_they_should_be() {
    let good = file("shape-gbk.zip");
    let only = |part: &'static str, edit: fn(&mut Vec<u8>)| {
        repacked(&good, |name, bytes| {
            if name.ends_with(part) {
                edit(bytes);
            }
            Some(name.to_owned())
        })
    };
    let all = table(&good).unwrap().cells.len();
    // the first record is marked as deleted: its row and its shape go, the others keep their places
    let deleted = only(".dbf", |b| {
        let head = usize::from(u16::from_le_bytes([b[8], b[9]]));
        b[head] = b'*';
    });
    let (left, before) = (table(&deleted).unwrap(), table(&good).unwrap());
    assert_eq!((left.cells.len(), left.cells.number(0)), (all - 1, 2));
    assert!(said(&left, "rows-deleted"));
    for column in 0..left.columns.len() {
        assert_eq!(left.cells.cell(5, column), before.cells.cell(6, column));
    }
    // a .cpg that lies
    let lie = table(&only(".cpg", |b| *b = b"UTF-8".to_vec())).unwrap();
    assert_eq!((lie.encoding, said(&lie, "encoding")), (Some("GB18030"), true));
    let other = table(&only(".prj", |b| *b = b"GEOGCS[\"GCS_Beijing_1954\"]".to_vec())).unwrap();
    assert_eq!((other.stated, said(&other, "crs-in-file-unknown")), (None, true));
    // a null shape has no position
    let null = table(&only(".shp", |b| b[108..112].fill(0))).unwrap();
    let lon = column(&null, &["longitude"]).unwrap();
    assert_eq!(null.cells.cell(0, lon).text, "");

    assert_eq!(refused(&only(".shp", |b| b[32] = 5)), "not-points");
    assert_eq!(refused(&only(".shp", |b| b.truncate(128))), "shapefile-broken");
    assert_eq!(refused(&only(".shp", |b| b.truncate(130))), "shapefile-broken");
    assert_eq!(refused(&only(".dbf", |b| b.truncate(500))), "shapefile-broken");
    assert_eq!(
        refused(&repacked(&good, |n, _| n.strip_suffix(".dbf").is_none().then(|| n.to_owned()))),
        "shapefile-part-missing"
    );
    // two layers: one has to be named
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for folder in ["甲", "乙"] {
        let mut from = zip::ZipArchive::new(Cursor::new(&good)).unwrap();
        for place in 0..from.len() {
            let mut part = from.by_index(place).unwrap();
            let name = format!("{folder}/{}", part.name().unwrap());
            to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::copy(&mut part, &mut to).unwrap();
        }
    }
    let two = to.finish().unwrap().into_inner();
    let refusal = table(&two).unwrap_err();
    assert_eq!(refusal.code, "layers-several");
    assert!(refusal.message.zh.contains("甲/企业") && refusal.message.zh.contains("乙/企业"), "{refusal:?}");
    let second = read(Cursor::new(&two), &city().0, Some("乙/企业"), &sheet::Limits::default()).unwrap();
    assert_eq!((second.cells.len(), second.name.as_deref()), (all, Some("乙/企业")));
    let small = sheet::Limits { held_bytes: 1000, ..sheet::Limits::default() };
    assert_eq!(read(Cursor::new(&good), &city().0, None, &small).unwrap_err().code, "file-too-large");
}

/// A refusal says what is wrong and what to do in both languages, and nothing of a library that gave up: no two English words stand in the
/// Chinese, but in what is quoted of the file.
fn in_own_words(refusal: &Refusal) {
    let own: String = refusal.message.zh.split('“').map(|part| part.rsplit('”').next().unwrap()).collect();
    let words = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase());
    let all: Vec<&str> = own.split(|c: char| c == ' ' || c == '(' || c == ':' || !c.is_ascii()).collect();
    assert!(!all.windows(2).any(|two| two.iter().all(|word| words(word))), "{refusal:?}");
    for library in ["EOCD", "Zip", "ZIP error", "I/O", "Xml", "Thrift", "Utf8", "EOF"] {
        assert!(!refusal.message.en.contains(library) && !own.contains(library), "{refusal:?}");
    }
    for text in [&refusal.message, &refusal.remedy] {
        assert!(!text.zh.is_empty() && !text.en.is_empty(), "{refusal:?}");
    }
}

#[test]
fn what_a_library_says_is_not_said_to_planners() {
    let mut refused = 0;
    let mut look = |bytes: &[u8]| {
        if let Err(refusal) = table(bytes) {
            in_own_words(&refusal);
            refused += 1;
        }
    };
    for name in ["shape-gbk.zip", "rows.kml", "rows.kmz", "rows.gpkg", "rows.fgb", "rows.parquet", "merged.xls"] {
        let good = file(name);
        for length in [60, good.len() / 3, good.len() / 2, good.len() - 30] {
            look(&good[..length]);
        }
        let mut damaged = good.clone();
        damaged[good.len() / 4..good.len() / 2].fill(7);
        look(&damaged);
    }
    // a workbook that is none: the beginning of a package, and one whose parts are damaged
    look(b"PK\x03\x04 and no directory");
    let workbook = package(&[("xl/workbook.xml", b"<workbook".as_slice())]);
    look(&workbook);
    look(&package(&[("content.xml", b"<office:document".as_slice())]));
    let old = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(), &[0; 600]].concat();
    look(&old);
    look(&kml("<Placemark><name>a</name><Point><coordinates>somewhere in town</coordinates></Point></Placemark>"));
    look(br#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name" 1}}]}"#);
    assert!(refused > 25, "{refused}");
}

fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        to.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(bytes).unwrap();
    }
    to.finish().unwrap().into_inner()
}

/// Cut at every length of its beginning and end and with bytes changed: a table or a refusal, nothing else. The parts of
/// packages are damaged inside, where their checksums do not save the reader.
fn survives(bytes: &[u8], step: usize) {
    for length in (0..bytes.len()).filter(|l| *l < 600 || bytes.len() - l < 200 || l % step == 0) {
        if let Err(refusal) = table(&bytes[..length]) {
            in_own_words(&refusal);
        }
    }
    let mut chance = oorandom::Rand64::new(20_261_126);
    for _ in 0..600 {
        let mut broken = bytes.to_vec();
        for _ in 0..chance.rand_range(1..5) {
            let within = if chance.rand_float() < 0.5 { bytes.len().min(900) } else { bytes.len() };
            broken[chance.rand_range(0..within as u64) as usize] = chance.rand_u64() as u8;
        }
        let _ = table(&broken);
    }
}

#[test]
fn damaged_shapefiles_end_in_a_refusal() {
    let good = file("shape-gbk.zip");
    survives(&good, 97);
    let mut chance = oorandom::Rand64::new(7);
    for _ in 0..600 {
        let damaged = repacked(&good, |name, bytes| {
            if chance.rand_float() < 0.5 {
                let within = if chance.rand_float() < 0.7 { bytes.len().min(300) } else { bytes.len() };
                bytes[chance.rand_range(0..within as u64) as usize] = chance.rand_u64() as u8;
            }
            if chance.rand_float() < 0.1 {
                bytes.truncate(chance.rand_range(0..bytes.len() as u64) as usize);
            }
            Some(name.to_owned())
        });
        let _ = table(&damaged);
    }
}

#[test]
fn kml_of_gdal_and_kmz() {
    for name in ["rows.kml", "plain.kml", "rows.kmz"] {
        let read = like_the_csv(name, &SHORT, false);
        assert_eq!((read.stated, read.encoding), (Some(System::Wgs84), Some("UTF-8")), "{name}");
    }
}

fn kml(inside: &str) -> Vec<u8> {
    format!(r#"<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>"#)
        .into()
}

#[test]
fn kml_by_hand() {
    let text = kml(concat!(
        "<Folder><name>不是企业</name><Placemark><name>甲 &amp; 乙&#x20;厂</name>",
        "<description><![CDATA[<b>电话</b> 1 &lt; 2]]></description>",
        r#"<ExtendedData><Data name="区&amp;县"><displayName>x</displayName><value>滨江区</value></Data></ExtendedData>"#,
        "<Point><coordinates> 120.2,30.2,5 </coordinates></Point></Placemark>",
        "<Placemark><name>面</name><Polygon><outerBoundaryIs><LinearRing><coordinates>1,2 3,4</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>",
        "<Placemark><name>无</name></Placemark></Folder>",
    ));
    let read = table(&text).unwrap();
    let cell = |row, name: &str| read.cells.cell(row, column(&read, &[name]).unwrap()).text.to_owned();
    assert_eq!(
        (read.cells.len(), cell(0, "name"), cell(0, "description")),
        (3, "甲 & 乙 厂".into(), "电话 1 &lt; 2".into())
    );
    assert_eq!(
        (cell(0, "区&县"), cell(0, "longitude"), cell(1, "longitude")),
        ("滨江区".into(), "120.2".into(), String::new())
    );
    assert!(said(&read, "not-a-point"));
    // what a file declares itself is not expanded, and nothing outside is fetched
    let bomb = format!(
        r#"<!DOCTYPE kml [<!ENTITY a "{}"><!ENTITY b SYSTEM "file:///etc/passwd">]>{}"#,
        "x".repeat(500),
        String::from_utf8(kml("<Placemark><name>&b;&a;</name></Placemark>")).unwrap().split_once("?>").unwrap().1
    );
    assert_eq!(refused(bomb.as_bytes()), "kml-broken");
    let deep = kml(&format!("{}{}", "<Folder>".repeat(10_000), "</Folder>".repeat(10_000)));
    assert_eq!(refused(&deep), "kml-broken");
    assert_eq!(refused(&kml("<Placemark><Point><coordinates>east</coordinates></Point></Placemark>")), "kml-broken");
    assert_eq!(refused(&kml("")), "no-rows");
    let whole = kml("<Placemark><name>a</name></Placemark>");
    assert_eq!(refused(&whole[..whole.len() - 8]), "kml-broken", "cut off");
    for name in ["rows.kml", "rows.kmz"] {
        survives(&file(name), 997);
    }
}

#[test]
fn geopackages_of_gdal() {
    for name in ["rows.gpkg", "rows-4549.gpkg"] {
        let plane = name == "rows-4549.gpkg";
        let read = like_the_csv(name, &SHORT, plane);
        assert_eq!(read.stated, Some(if plane { System::of_epsg(4549).unwrap() } else { System::Wgs84 }), "{name}");
        assert_eq!(read.name.as_deref(), Some("企业"));
        assert_eq!(read.names, if plane { vec!["企业", "说明"] } else { vec!["企业"] });
        // the program's own row numbers are nobody's column
        assert!(column(&read, &["fid"]).is_none());
    }
    // the only table with geometries is read; another only when it is requested
    let bytes = file("rows-4549.gpkg");
    let read_named = |name| read(Cursor::new(&bytes), &city().0, Some(name), &sheet::Limits::default());
    let other = read_named("说明").unwrap();
    assert_eq!((other.cells.len(), other.stated, column(&other, &["longitude"])), (1, None, None));
    let refusal = read_named("别的").unwrap_err();
    assert_eq!((refusal.code, refusal.sheets().join(" ")), ("sheet-unknown", "企业 说明".to_owned()));
    // as QGIS leaves a file that it has open
    let mut logged = file("rows.gpkg");
    logged[18..20].fill(2);
    let logged = table(&logged).unwrap();
    assert_eq!((logged.cells.len(), said(&logged, "geopackage-log")), (80, true));
    let small = sheet::Limits { held_bytes: 1000, ..sheet::Limits::default() };
    assert_eq!(read(Cursor::new(&bytes), &city().0, None, &small).unwrap_err().code, "file-too-large");
}

/// An SQLite database that statements make.
fn database(statements: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.gpkg");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch(statements).unwrap();
    drop(database);
    fs::read(path).unwrap()
}

const CONTENTS: &str = "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
    CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
    CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
    INSERT INTO gpkg_contents VALUES ('t', 'features');
    INSERT INTO gpkg_geometry_columns VALUES ('T', 'Geom', 7);";

#[test]
fn geopackages_by_hand() {
    assert_eq!(refused(&database("CREATE TABLE t (a)")), "not-geopackage");
    assert_eq!(refused(&database(CONTENTS)), "no-rows", "declared, not there");
    // a box of 48 bytes before a big-endian point with height; an empty point; a line; rubbish; none
    let made = database(&format!(
        r#"{CONTENTS} INSERT INTO gpkg_spatial_ref_sys VALUES (7, 'NONE', 1, 'LOCAL_CS["某地"]');
        CREATE TABLE t (fid INTEGER PRIMARY KEY, "a""b" TEXT, "是" BOOLEAN, "日" DATE, geom BLOB, c AS (1 / 0), d BLOB);
        INSERT INTO t VALUES (1, 'x', 1, '2021-04-09', unhex('47500004' || '00000007' || '{box3}' || '0000000001' || '405E0CCCCCCCCCCD' || '403E333333333333'), NULL);
        INSERT INTO t VALUES (2, 'y', 0, '去年', unhex('47500011' || '07000000' || '0101000000' || '000000000000F87F' || '000000000000F87F'), x'00');
        INSERT INTO t VALUES (3, 'z', NULL, NULL, unhex('47500001' || '07000000' || '010200000000000000'), NULL);
        INSERT INTO t VALUES (4, NULL, NULL, NULL, x'4750', NULL);
        INSERT INTO t VALUES (9, 5, 2.5, NULL, NULL, NULL);"#,
        box3 = "00".repeat(48)
    ));
    let read = table(&made).unwrap();
    let cell = |row, name: &str| read.cells.cell(row, column(&read, &[name]).unwrap()).text.to_owned();
    let all = |name| (0..5).map(|row| cell(row, name)).collect::<Vec<_>>();
    assert_eq!(all("a\"b"), ["x", "y", "z", "", "5"]);
    assert_eq!(all("是"), ["true", "false", "", "", "2.5"]);
    assert_eq!(all("日"), ["2021-04-09", "去年", "", "", ""]);
    assert_eq!(all("longitude"), ["120.2", "", "", "", ""]);
    assert!(column(&read, &["c"]).is_none() && column(&read, &["fid"]).is_none());
    let codes: Vec<&str> = read.findings.iter().map(|f| f.code).collect();
    assert_eq!(codes, ["crs-in-file-unknown", "geometry-broken", "fields-unread", "not-a-point"]);
    assert!(read.findings[0].message.zh.contains("某地"));
}

/// Nothing that a database says of itself is run: views, virtual tables and what is computed without end.
#[test]
fn databases_that_would_run_something() {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n";
    assert_eq!(refused(&database(&format!("{CONTENTS} CREATE VIEW t AS {endless}"))), "no-rows");
    let instead = format!(
        "CREATE VIEW gpkg_contents AS SELECT 't' AS table_name, 'features' AS data_type, ({endless}) AS x; CREATE TABLE t (a)"
    );
    assert!(["geopackage-broken", "not-geopackage"].contains(&refused(&database(&instead))));
    let computed =
        format!("{CONTENTS} CREATE TABLE t (a TEXT, b AS (hex(zeroblob(400000000)))); INSERT INTO t VALUES ('x')");
    let read = table(&database(&computed)).unwrap();
    assert_eq!((read.cells.len(), read.columns.len()), (1, 1));
    let long = format!("{CONTENTS} CREATE TABLE t (a TEXT); INSERT INTO t VALUES (hex(zeroblob(20000000)))");
    assert_eq!(refused(&database(&long)), "geopackage-broken");
}

#[test]
fn flatgeobufs_of_gdal() {
    let csv = table(&file("rows.csv")).unwrap();
    // GDAL leaves features without geometry out of this format
    let rows = |sheet: &Sheet, place: [&str; 2]| {
        let places: Vec<usize> = SHORT.iter().chain(&place).map(|n| column(sheet, &[n]).unwrap()).collect();
        let row = |row| places.iter().map(|p| sheet.cells.cell(row, *p).text.to_owned()).collect::<Vec<_>>();
        (0..sheet.cells.len()).map(row).filter(|r| !r[5].is_empty()).collect::<Vec<_>>()
    };
    let mut theirs = rows(&csv, ["经度", "纬度"]);
    for name in ["rows.fgb", "rows-index.fgb"] {
        let read = table(&file(name)).unwrap();
        assert_eq!((read.stated, read.name.as_deref()), (Some(System::Wgs84), Some("企业")));
        assert_eq!(read.cells.len(), 77, "{name}");
        let mut ours = rows(&read, ["longitude", "latitude"]);
        if name == "rows-index.fgb" {
            // behind an index the rows stand in another order
            assert_ne!(ours, theirs);
            ours.sort();
            theirs.sort();
        }
        assert_eq!(ours, theirs, "{name}");
        assert_eq!(outcome(&read).counts.problem, outcome(&csv).counts.problem);
    }

    let good = file("rows.fgb");
    let changed = |edit: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        edit(&mut bytes);
        refused(&bytes)
    };
    assert_eq!(changed(&|b| b.truncate(b.len() - 1)), "flatgeobuf-broken");
    assert_eq!(changed(&|b| b.truncate(11)), "flatgeobuf-broken");
    // a length that no file has room for
    let first = 12 + u32::from_le_bytes(good[8..12].try_into().unwrap()) as usize;
    assert_eq!(changed(&|b| b[first..first + 4].fill(0xFF)), "flatgeobuf-broken");
    assert_eq!(changed(&|b| b[8..12].fill(0xFF)), "flatgeobuf-broken");
}

#[test]
fn geoparquets_of_geopandas() {
    for name in ["rows.parquet", "rows-4549.parquet"] {
        let plane = name == "rows-4549.parquet";
        let read = like_the_csv(name, &SHORT, plane);
        assert_eq!(read.stated, Some(if plane { System::of_epsg(4549).unwrap() } else { System::Wgs84 }), "{name}");
    }
    let good = file("rows.parquet");
    assert_eq!(refused(&good[..good.len() - 1]), "parquet-broken");
    let mut other = good.clone();
    let at = other.windows(5).rposition(|w| w == b"\"WKB\"").unwrap();
    other[at + 1..at + 4].copy_from_slice(b"XYZ");
    assert_eq!(refused(&other), "not-geoparquet");
}

#[test]
fn damaged_files_of_many_rows_end_in_a_refusal() {
    for name in ["rows.gpkg", "rows.fgb", "rows-index.fgb", "rows.parquet"] {
        survives(&file(name), 499);
    }
}
