//! Small files that unpack to much: each is refused, or read in bounded memory, and the service goes on. They are made here:
//! blocks of a deflate stream that end with a full flush can stand in it as often as one likes.

use flate2::{Compress, Compression, Crc, FlushCompress};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rusqlite::Connection;
use shigu::core::cancel::{Cancel, Cancelled};
use shigu::data::intake::{read, sheet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const MB: usize = 1 << 20;
/// Resident memory that no import may take the service to.
const MOST_MB: u64 = 700;

/// A part of a package: what comes first, what is repeated and how often, what comes last.
struct Part<'a> {
    name: &'a str,
    first: Vec<u8>,
    again: Vec<u8>,
    times: usize,
    last: Vec<u8>,
}

impl<'a> Part<'a> {
    fn plain(name: &'a str, bytes: &(impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { name, first: bytes.as_ref().to_vec(), again: Vec::new(), times: 0, last: Vec::new() }
    }

    /// The unit is repeated until there are so many bytes.
    fn large(
        name: &'a str,
        first: &(impl AsRef<[u8]> + ?Sized),
        unit: &(impl AsRef<[u8]> + ?Sized),
        bytes: usize,
        last: &str,
    ) -> Self {
        let again = unit.as_ref().repeat((MB / unit.as_ref().len()).max(1));
        Self { name, first: first.as_ref().to_vec(), times: bytes / again.len(), again, last: last.as_bytes().to_vec() }
    }
}

fn deflated(out: &mut Compress, bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut packed = Vec::with_capacity(bytes.len() + bytes.len() / 8 + 1024);
    let before = out.total_in();
    out.compress_vec(bytes, &mut packed, flush).unwrap();
    assert_eq!((out.total_in() - before) as usize, bytes.len());
    packed
}

/// A ZIP with these parts.
fn zip(parts: &[Part]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let mut state = Compress::new(Compression::fast(), false);
        let mut packed = deflated(&mut state, &part.first, FlushCompress::Full);
        let again = deflated(&mut state, &part.again, FlushCompress::Full);
        let (mut crc, mut unit) = (Crc::new(), Crc::new());
        crc.update(&part.first);
        unit.update(&part.again);
        for _ in 0..part.times {
            packed.extend_from_slice(&again);
            crc.combine(&unit);
        }
        packed.extend(deflated(&mut state, &part.last, FlushCompress::Finish));
        let mut end = Crc::new();
        end.update(&part.last);
        crc.combine(&end);
        let length = part.first.len() + part.again.len() * part.times + part.last.len();
        let offset = out.len() as u32;
        let mut about = Vec::new();
        // version, flags, deflate, time and date
        for word in [20_u16, 0, 8, 0, 0x21] {
            about.extend(word.to_le_bytes());
        }
        for long in [crc.sum(), packed.len() as u32, length as u32] {
            about.extend(long.to_le_bytes());
        }
        about.extend((part.name.len() as u16).to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&about);
        out.extend([0, 0]);
        out.extend(part.name.as_bytes());
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&about);
        directory.extend([0; 12]);
        directory.extend(offset.to_le_bytes());
        directory.extend(part.name.as_bytes());
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((parts.len() as u16).to_le_bytes());
    out.extend((parts.len() as u16).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// A workbook with this sheet and these shared texts.
fn xlsx(sheet: Part, texts: Part) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation =
        |id: u8, kind: &str, to: &str| format!(r#"<Relationship Id="r{id}" Type="{OFFICE}/{kind}" Target="{to}"/>"#);
    let all = |inside: String| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>"#
        )
    };
    let book = format!(
        r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    zip(&[
        Part::plain(
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
        ),
        Part::plain("_rels/.rels", &all(relation(1, "officeDocument", "xl/workbook.xml"))),
        Part::plain("xl/workbook.xml", &book),
        Part::plain(
            "xl/_rels/workbook.xml.rels",
            &all(relation(1, "worksheet", "worksheets/sheet1.xml") + &relation(2, "sharedStrings", "sharedStrings.xml")),
        ),
        sheet,
        texts,
    ])
}

const SHEET: &str = "xl/worksheets/sheet1.xml";
const TEXTS: &str = "xl/sharedStrings.xml";

fn head() -> String {
    let cell = |at: &str, text: &str| format!(r#"<c r="{at}1" t="inlineStr"><is><t>{text}</t></is></c>"#);
    format!("<worksheet><sheetData><row r=\"1\">{}{}</row>", cell("A", "企业名称"), cell("B", "区县"))
}

/// A workbook of Excel 97 whose stream holds these records.
fn xls(records: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let mut stream = file.create_stream("/Workbook").unwrap();
    for (kind, data) in records {
        stream.write_all(&kind.to_le_bytes()).unwrap();
        stream.write_all(&(data.len() as u16).to_le_bytes()).unwrap();
        stream.write_all(data).unwrap();
    }
    drop(stream);
    file.into_inner().into_inner()
}

fn words(all: &[u16]) -> Vec<u8> {
    all.iter().flat_map(|w| w.to_le_bytes()).collect()
}

/// The records of a workbook with one sheet: what stands before the sheet, and its cells.
fn xls_records(globals: Vec<(u16, Vec<u8>)>, cells: Vec<(u16, Vec<u8>)>) -> Vec<u8> {
    let begin = |kind: u16| (0x0809, words(&[0x0600, kind, 0, 0, 0, 0, 0, 0]));
    let before: usize = 20 + globals.iter().map(|(_, d)| d.len() + 4).sum::<usize>() + 4 + 9 + 4;
    // the sheet's place, that it is seen and a worksheet, its name
    let sheet = [&(before as u32).to_le_bytes()[..], &[0, 0, 1, 0, b'a']].concat();
    let mut all = vec![begin(5)];
    all.extend(globals);
    all.extend([(0x0085, sheet), (0x000A, vec![]), begin(0x10)]);
    all.extend(cells);
    all.push((0x000A, vec![]));
    xls(&all)
}

/// A record of a binary workbook (MS-XLSB): its kind, the length of what follows, and what of it is given here.
fn record(kind: u16, length: usize, data: &[u8]) -> Vec<u8> {
    let mut all = if kind < 128 { vec![kind as u8] } else { vec![(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8] };
    all.extend(
        [length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14 & 0x7F | 0x80, length >> 21].map(|b| b as u8),
    );
    all.extend_from_slice(data);
    all
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    [&(units.len() as u32).to_le_bytes()[..], &words(&units)].concat()
}

/// A binary workbook whose sheet has this name and these cells, with what stands after the list of sheets.
fn xlsb(name: &str, after: &[u8], cells: Part) -> Vec<u8> {
    let sheet = [&[0; 8][..], &wide("r1"), &wide(name)].concat();
    let book = [
        record(0x83, 0, &[]),
        record(0x9C, sheet.len(), &sheet),
        record(0x90, 0, &[]),
        after.to_vec(),
        record(0x9D, 0, &[]),
        record(0x84, 0, &[]),
    ];
    let relations = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/></Relationships>"#;
    zip(&[Part::plain("xl/workbook.bin", &book.concat()), Part::plain("xl/_rels/workbook.bin.rels", relations), cells])
}

const BINARY: &str = "xl/worksheets/sheet1.bin";

/// What stands before the cells of a binary sheet, and a head of two columns.
fn binary_head() -> Vec<u8> {
    let text = |column: u32, text: &str| {
        let data = [&column.to_le_bytes()[..], &[0; 4], &wide(text)].concat();
        record(6, data.len(), &data)
    };
    [
        record(0x81, 0, &[]),
        record(0x94, 16, &[0; 16]),
        record(0x91, 0, &[]),
        record(0, 25, &[0; 25]),
        text(0, "企业名称"),
        text(1, "区县"),
    ]
    .concat()
}

/// An SQLite database that says it is a GeoPackage with one table of names.
fn geopackage(more: impl FnOnce(&Connection)) -> Vec<u8> {
    let mut database = Connection::open_in_memory().unwrap();
    let tables = "CREATE TABLE gpkg_contents(table_name TEXT, data_type TEXT);
        INSERT INTO gpkg_contents VALUES ('rows', 'attributes');
        CREATE TABLE rows(\"企业名称\" TEXT); CREATE TABLE spare(a BLOB);";
    database.execute_batch(tables).unwrap();
    more(&database);
    database.serialize("main").unwrap().to_vec()
}

/// More tables than any file has, each of many columns: SQLite holds ten times their bytes.
fn tables() -> Vec<u8> {
    geopackage(|database| {
        let columns: String = (0..200).fold(String::new(), |s, i| format!("{s},a{i:x}"));
        database.execute_batch("PRAGMA writable_schema = ON; BEGIN").unwrap();
        let mut row = database.prepare("INSERT INTO sqlite_schema VALUES ('table', ?1, ?1, 2, ?2)").unwrap();
        for i in 0..30_000 {
            row.execute([format!("t{i}"), format!("CREATE TABLE t{i}({})", &columns[1..])]).unwrap();
        }
        database.execute_batch("COMMIT").unwrap();
    })
}

/// A page with four rows that stands in the tree of its table 27 million times.
fn one_page_everywhere() -> Vec<u8> {
    const PAGE: usize = 4096;
    let mut root = 0;
    let mut bytes = geopackage(|database| {
        assert_eq!(database.query_row("PRAGMA page_size", [], |r| r.get::<_, u32>(0)).unwrap(), PAGE as u32);
        for _ in 0..4 {
            database.execute("INSERT INTO rows VALUES (?)", ["a".repeat(900)]).unwrap();
        }
        database.execute("INSERT INTO spare VALUES (zeroblob(?))", [5 * PAGE as u32]).unwrap();
        let at = "SELECT rootpage FROM sqlite_schema WHERE name = 'rows'";
        root = database.query_row(at, [], |r| r.get::<_, u32>(0)).unwrap() as usize;
    });
    let pages = bytes.len() / PAGE;
    let place = |page: usize| (page - 1) * PAGE..page * PAGE;
    let leaf = bytes[place(root)].to_vec();
    bytes[place(pages)].copy_from_slice(&leaf);
    let tree = |child: usize| {
        let mut page = vec![0; PAGE];
        // a page inside a tree, its number of cells, where they begin, the last child
        page[0] = 5;
        page[3..5].copy_from_slice(&300_u16.to_be_bytes());
        page[5..7].copy_from_slice(&(PAGE as u16 - 300 * 5).to_be_bytes());
        page[8..12].copy_from_slice(&(child as u32).to_be_bytes());
        for cell in 0..300 {
            let at = PAGE - (cell + 1) * 5;
            page[12 + cell * 2..14 + cell * 2].copy_from_slice(&(at as u16).to_be_bytes());
            page[at..at + 4].copy_from_slice(&(child as u32).to_be_bytes());
            page[at + 4] = 1;
        }
        page
    };
    for (page, child) in [(root, pages - 1), (pages - 1, pages - 2), (pages - 2, pages)] {
        bytes[place(page)].copy_from_slice(&tree(child));
    }
    bytes
}

/// A package in a package in a package, the innermost of zeros.
fn packages() -> Vec<u8> {
    let mut bytes = zip(&[Part::large("zeros.xlsx", "", &[0], 1000 * MB, "")]);
    for level in 0..4 {
        let name = format!("{level}.zip");
        bytes = zip(&[Part::plain(&name, &bytes)]);
    }
    bytes
}

/// One column of bytes, and rows of lists.
fn parquet(rows: &[&[u8]], listed: usize) -> Vec<u8> {
    let message = "message m { required binary geometry; repeated binary words (STRING); }";
    let geo = r#"{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":[]}}}"#;
    let properties = WriterProperties::builder()
        .set_compression(parquet::basic::Compression::ZSTD(parquet::basic::ZstdLevel::default()))
        .set_data_page_size_limit(1 << 30)
        .set_key_value_metadata(Some(vec![KeyValue::new("geo".to_owned(), geo.to_owned())]))
        .build();
    let schema = Arc::new(parse_message_type(message).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let values: Vec<ByteArray> = rows.iter().map(|r| ByteArray::from(r.to_vec())).collect();
    column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    if listed > 0 {
        // all of them are of the one row
        let levels: Vec<i16> = (0..listed).map(|i| i16::from(i > 0)).collect();
        let words = vec![ByteArray::from("a"); listed];
        column.typed::<ByteArrayType>().write_batch(&words, Some(&vec![1; listed]), Some(&levels)).unwrap();
    } else {
        let none = vec![0; rows.len()];
        column.typed::<ByteArrayType>().write_batch(&[], Some(&none), Some(&none)).unwrap();
    }
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

/// A dBASE table of `rows` rows of one field, and points for them.
fn shapefile() -> Vec<u8> {
    let rows = 4_000_000_u32;
    let mut head = vec![3, 26, 1, 1];
    head.extend(rows.to_le_bytes());
    head.extend(words(&[65, 255]));
    head.resize(32, 0);
    head.extend(b"name\0\0\0\0\0\0\0C\0\0\0\0\xFE\0");
    head.resize(64, 0);
    head.push(13);
    // the size field is a byte: written as text it has to be one of ASCII
    head[48] = 126;
    head[10] = 127;
    let head: String = head.into_iter().map(char::from).collect();
    let mut shp = vec![0, 0, 0x27, 0x0A];
    shp.resize(100, 0);
    shp[28] = 0x03;
    shp[32] = 1;
    let shp: String = shp.into_iter().map(char::from).collect();
    zip(&[
        Part::large("a.shp", &shp, "\0\0\0\x01\0\0\0\x02\0\0\0\0", 300 * MB, ""),
        Part::large("a.dbf", &head, &"a".repeat(127), 300 * MB, ""),
    ])
}

/// Every bomb: its name, its bytes, what is said of it; none where it can be read.
#[allow(clippy::too_many_lines, reason = "one after the other")]
fn bombs() -> Vec<(&'static str, Vec<u8>, Option<&'static str>)> {
    let texts = || Part::plain(TEXTS, "<sst/>");
    let sheet = || Part::plain(SHEET, &format!("{}</sheetData></worksheet>", head()));
    let ods = |columns: u32, rows: u32, text: usize| {
        let cell = format!(
            r#"<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}"><text:p>{}</text:p></table:table-cell>"#,
            "a".repeat(text)
        );
        let content = format!(
            r#"<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="a"><table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#
        );
        let manifest = r#"<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;
        zip(&[
            Part::plain("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            Part::plain("META-INF/manifest.xml", manifest),
            Part::plain("content.xml", &content),
        ])
    };
    let number = |row: u16, column: u16| (0x0203, [words(&[row, column, 0]), 1.5_f64.to_le_bytes().to_vec()].concat());
    let long = {
        // one shared text of 8,000 characters
        let mut sst = [1_u32.to_le_bytes(), 1_u32.to_le_bytes()].concat();
        sst.extend(8000_u16.to_le_bytes());
        sst.push(0);
        sst.extend([b'a'; 8000]);
        vec![(0x00FC, sst)]
    };
    let labels = (0..60_000_u16).flat_map(|row| [0, 1].map(|c| (0x00FD, words(&[row, c, 0, 0, 0])))).collect();
    let mark = format!("<Placemark><name>{}</name></Placemark>", "a".repeat(4000));
    let deep = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"properties\":{{\"a\":{}",
        "[".repeat(4 * MB)
    );
    let collections = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"properties\":{{}},\"geometry\":{}",
        "{\"type\":\"GeometryCollection\",\"geometries\":[".repeat(100_000)
    );
    let objects = format!("{{\"type\":\"FeatureCollection\",\"features\":{}", "{\"a\":".repeat(MB));
    let long_names = {
        // a list that names the sheet 75,000 times, and a formula that does
        let list = [&75_000_u32.to_le_bytes()[..], &vec![0; 12 * 75_000]].concat();
        record(0x16A, list.len(), &list)
    };
    let length = 250 * MB;
    let cell = [&[0; 8][..], &((length / 2) as u32).to_le_bytes()].concat();
    let row = record(0, 25, &[&[1, 0, 0, 0][..], &[0; 21]].concat());
    let wide_feature = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"geometry\":{{\"type\":\"LineString\",\"coordinates\":[{}[1,2]]}},\"properties\":{{}}}}]}}",
        "[1,2],".repeat(4 * MB)
    );
    let names = (0..200_000).fold(String::new(), |mut s, i| {
        write!(s, "\"n{i}\":1,").unwrap();
        s
    });
    let named = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"geometry\":null,\"properties\":{{{names}\"z\":1}}}}]}}"
    );
    vec![
        (
            "a cell of 1 GB",
            xlsx(
                Part::large(
                    SHEET,
                    &format!("{}<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>", head()),
                    "a ",
                    1000 * MB,
                    "</t></is></c></row></sheetData></worksheet>",
                ),
                texts(),
            ),
            Some("cell-too-large"),
        ),
        (
            "a cell of a million pieces",
            xlsx(
                Part::large(
                    SHEET,
                    &format!("{}<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is>", head()),
                    "<r><t>aaaaaaaa</t></r>",
                    500 * MB,
                    "</is></c></row></sheetData></worksheet>",
                ),
                texts(),
            ),
            Some("cell-too-large"),
        ),
        (
            "half a gigabyte of shared texts",
            xlsx(
                sheet(),
                Part::large(TEXTS, "<sst>", &format!("<si><t>{}</t></si>", "a".repeat(500)), 600 * MB, "</sst>"),
            ),
            Some("table-too-large"),
        ),
        (
            "a list that says it is long",
            xlsx(sheet(), Part::plain(TEXTS, r#"<sst uniqueCount="99999999999999"/>"#)),
            Some("table-too-large"),
        ),
        (
            "a style of 150 MB",
            xlsx(
                sheet(),
                Part::large(
                    "xl/styles.xml",
                    "<styleSheet><numFmts>",
                    r#"<numFmt numFmtId="200" formatCode="0.00"/>"#,
                    150 * MB,
                    "</numFmts></styleSheet>",
                ),
            ),
            Some("table-too-large"),
        ),
        ("cells repeated sideways and down", ods(16_000, 1_000_000, 1000), Some("table-too-large")),
        ("a text repeated", ods(200, 5000, 100_000), Some("table-too-large")),
        (
            "two cells far apart",
            xls_records(vec![], vec![number(0, 0), number(65_535, 65_535)]),
            Some("table-too-large"),
        ),
        ("a shared text in each cell", xls_records(long, labels), Some("table-too-large")),
        (
            "a KMZ of one name",
            zip(&[Part::large(
                "doc.kml",
                "<kml><Document><Placemark><name>",
                "a ",
                1000 * MB,
                "</name></Placemark></Document></kml>",
            )]),
            Some("cell-too-large"),
        ),
        (
            "a KMZ of many names",
            zip(&[Part::large("doc.kml", "<kml><Document>", &mark, 600 * MB, "</Document></kml>")]),
            Some("table-too-large"),
        ),
        // just what may be held: it is judged, or refused for what is in it
        (
            "a KMZ of fewer names",
            zip(&[Part::large("doc.kml", "<kml><Document>", &mark, 300 * MB, "</Document></kml>")]),
            None,
        ),
        (
            "a binary workbook with a cell of 250 MB",
            xlsb(
                "a",
                &[],
                Part::large(
                    BINARY,
                    &[binary_head(), row, record(6, length + 12, &cell)].concat(),
                    &"企".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
                    length,
                    "",
                ),
            ),
            Some("cell-too-large"),
        ),
        (
            "a binary workbook that names its sheet often",
            xlsb(&"a".repeat(50_000), &long_names, Part::plain(BINARY, &binary_head())),
            Some("table-too-large"),
        ),
        ("a GeoPackage of 30,000 tables", tables(), Some("table-too-large")),
        ("a GeoPackage of one page", one_page_everywhere(), Some("table-too-large")),
        ("packages in packages", packages(), Some("package-broken")),
        ("collections in collections", collections.into_bytes(), Some("geojson-broken")),
        ("objects in objects", objects.into_bytes(), Some("geojson-broken")),
        ("a shapefile", shapefile(), Some("file-too-large")),
        ("a page of 140 MB", parquet(&[&vec![b'a'; 140 * MB]], 0), Some("unpacks-too-large")),
        ("a list of 5 million words", parquet(&[b"a"], 5 * MB), Some("unpacks-too-large")),
        (
            "a CSV of one cell",
            format!("企业名称,区县\n\"{}\",b\n", "a".repeat(16 * MB)).into_bytes(),
            Some("row-too-large"),
        ),
        // the quote is taken for stray, and every line for a row
        (
            "a CSV of an open quote",
            format!("企业名称,区县\n\"{}", "a\n".repeat(8 * MB)).into_bytes(),
            Some("table-too-large"),
        ),
        ("brackets without end", deep.into_bytes(), Some("geojson-broken")),
        ("one feature of 24 MB", wide_feature.into_bytes(), Some("row-too-large")),
        ("a feature of 200,000 names", named.into_bytes(), Some("table-too-large")),
        (
            "a gzip of zeros",
            {
                let mut state = Compress::new_gzip(Compression::fast(), 15);
                deflated(&mut state, &vec![0; 100 * MB], FlushCompress::Finish)
            },
            Some("format-other"),
        ),
    ]
}

/// The program with a data folder.
struct Service {
    child: Child,
    port: u16,
    _data: TempDir,
}

impl Service {
    fn start() -> Self {
        let data = TempDir::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_shigu"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("SHIGU_LOG", "error")
            .args(["serve", "--listen", "127.0.0.1:0", "--geodata", "tests/data/tinyville", "--data-dir"])
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.split("127.0.0.1:").nth(1).and_then(|r| r.split_whitespace().next()).unwrap();
        Self { port: port.parse().unwrap(), child, _data: data }
    }

    fn ask(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> serde_json::Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the service is there");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let body = if head.to_lowercase().contains("transfer-encoding: chunked") {
            body.split_once("\r\n").unwrap().1.rsplit_once("\r\n0").map_or(body, |b| b.0)
        } else {
            body
        };
        serde_json::from_str(body).unwrap_or(serde_json::Value::Null)
    }

    /// Sends a file and has it checked: its state afterwards.
    fn import(&self, bytes: &[u8]) -> serde_json::Value {
        let sent = self.ask("POST", "/imports?file=bomb", "application/octet-stream", bytes);
        let id = sent["id"].as_str().unwrap_or_else(|| panic!("{sent}")).to_owned();
        self.ask("POST", &format!("/imports/{id}/check"), "application/json", b"null");
        loop {
            let import = self.ask("GET", &format!("/imports/{id}"), "application/json", b"");
            if import["state"] != "checking" {
                self.ask("DELETE", &format!("/imports/{id}"), "application/json", b"");
                return import;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The most memory that was resident at any time.
    fn peak_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() >> 10
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes some 20 s: much has to be unpacked to be counted, in a build without optimisation.
#[test]
fn small_files_that_unpack_to_much_are_refused_in_bounded_memory() {
    let service = Service::start();
    let mut wrong = Vec::new();
    for (name, bytes, expected) in bombs() {
        assert!(bytes.len() < 40 * MB, "{name} is no bomb: {} bytes", bytes.len());
        let before = service.peak_mb();
        let import = service.import(&bytes);
        let said = import["refusal"]["code"].as_str();
        if said != expected {
            wrong.push(format!("{name}: {import}"));
        }
        println!("{name}: {} kB, {said:?}, peak {before} to {} MB", bytes.len() >> 10, service.peak_mb());
    }
    assert_eq!(wrong, Vec::<String>::new());
    let peak = service.peak_mb();
    assert!(peak < MOST_MB, "{peak} MB were resident");
    assert_eq!(service.ask("GET", "/readyz", "text/plain", b""), serde_json::Value::Null);
}

/// `DELETE` cancels the check of a file. How long that takes is told by what is read until the reader looks the next time,
/// not by a clock: it looks at each piece that it unpacks, and does no more than what leads from one look to the next.
#[test]
fn reading_a_bomb_ends_where_it_is_cancelled() {
    let dataset = &crate::import::material::city().0;
    let mut ended = Vec::new();
    for (name, bytes, _) in bombs() {
        let looks = 300;
        let cancel = Cancel::at(looks);
        let done = cancel.run(|| read(Cursor::new(&bytes), dataset, None, &sheet::Limits::default()).map(|_| ()));
        if done == Err(Cancelled) {
            // SQLite is interrupted first and looked after then
            assert!(cancel.checks() <= looks + 1, "{name}: {} looks", cancel.checks());
            ended.push(name);
        } else {
            assert!(cancel.checks() < looks, "{name} went on: {} looks", cancel.checks());
        }
    }
    assert!(ended.len() >= 12 && ended.contains(&"a GeoPackage of one page"), "{ended:?}");
}

#[test]
fn reading_ends_where_the_import_is_cancelled() {
    let dataset = &crate::import::material::city().0;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/files");
    let names = ["rows.csv", "rows.kml", "rows.kmz", "rows.gpkg", "rows.fgb", "rows.parquet", "shape-utf8.zip"];
    let mut files = names.map(|name| (name, std::fs::read(folder.join(name)).unwrap())).to_vec();
    let rows = (2..20)
        .fold(head(), |s, i| format!("{s}<row r=\"{i}\"><c r=\"A{i}\" t=\"inlineStr\"><is><t>甲</t></is></c></row>"));
    let sheet = Part::plain(SHEET, &format!("{rows}</sheetData></worksheet>"));
    files.push(("rows.xlsx", xlsx(sheet, Part::plain(TEXTS, "<sst/>"))));
    let text = [&[0; 8][..], &wide("甲")].concat();
    let row =
        |i: u32| [record(0, 25, &[&i.to_le_bytes()[..], &[0; 21]].concat()), record(6, text.len(), &text)].concat();
    let cells: Vec<u8> = (1..20).flat_map(row).collect();
    let end = [record(0x92, 0, &[]), record(0x82, 0, &[])].concat();
    files.push(("rows.xlsb", xlsb("a", &[], Part::plain(BINARY, &[binary_head(), cells, end].concat()))));
    let feature =
        r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[120.1,30.1]},"properties":{"name":"甲"}}"#;
    let features = vec![feature; 20].join(",");
    files.push(("rows.geojson", format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#).into_bytes()));
    let mut formats = 0;
    for (name, bytes) in files {
        let reading = || read(Cursor::new(&bytes), dataset, None, &sheet::Limits::default()).map(|s| s.cells.len());
        let whole = Cancel::default();
        let rows = whole.run(reading).unwrap().unwrap();
        assert!(whole.checks() > rows as u64, "{name} looks {} times for {rows} rows", whole.checks());
        for at in [1, whole.checks() / 2, whole.checks()] {
            let cancel = Cancel::at(at);
            assert_eq!((cancel.run(reading), cancel.checks()), (Err(Cancelled), at), "{name}");
        }
        formats += 1;
    }
    assert_eq!(formats, 10);
}
