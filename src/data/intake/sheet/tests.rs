//! Tables of every form, made by hand or by another library, with what departments put above, below and between.

use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn known(name: &str) -> bool {
    ["企业名称", "区县", "营业收入2023年", "营业收入2024年", "成立日期", "代码", "name", "id", "longitude"]
        .contains(&name)
}

fn open(bytes: &[u8]) -> Result<Sheet, Refusal> {
    super::read(Cursor::new(bytes), None, &Limits::default(), &known)
}

fn rows(sheet: &Sheet) -> Vec<(u32, Vec<&str>)> {
    let row = |r| (0..sheet.columns.len()).map(|c| sheet.cells.cell(r, c).text).collect();
    (0..sheet.cells.len()).map(|r| (sheet.cells.number(r), row(r))).collect()
}

fn codes(sheet: &Sheet) -> Vec<&str> {
    sheet.findings.iter().map(|f| f.code).collect()
}

#[test]
fn a_workbook_as_county_offices_send_it() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("封面").unwrap().write_string(0, 0, "某区经信局").unwrap();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.set_name("名录").unwrap();
    sheet.merge_range(0, 0, 0, 4, "2024年企业名录", &plain).unwrap();
    sheet.write_string(1, 4, "单位:万元").unwrap();
    sheet.merge_range(2, 0, 3, 0, "企业名称", &plain).unwrap();
    sheet.merge_range(2, 1, 3, 1, "区县", &plain).unwrap();
    sheet.merge_range(2, 2, 2, 3, "营业收入", &plain).unwrap();
    sheet.write_string(3, 2, "2023年").unwrap().write_string(3, 3, "2024年").unwrap();
    sheet.merge_range(2, 4, 3, 4, "成立日期", &plain).unwrap();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_string(4, 0, " 甲公司　").unwrap().write_string(4, 1, "余杭区").unwrap();
    sheet.write_number(4, 2, 307.15).unwrap().write_number(4, 3, 0.1 + 0.2).unwrap();
    sheet.write_datetime_with_format(4, 4, ExcelDateTime::from_ymd(2021, 4, 9).unwrap(), &date).unwrap();
    sheet.write_string(6, 0, "乙公司").unwrap().write_string(6, 2, "１２３").unwrap();
    sheet.write_string(7, 0, "合 计").unwrap().write_number(7, 2, 430.15).unwrap();
    sheet.write_string(8, 0, "注:含规下企业").unwrap();
    let read = open(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(read.name.as_deref(), Some("名录"));
    let names: Vec<&str> = read.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["企业名称", "区县", "营业收入2023年", "营业收入2024年", "成立日期"]);
    assert_eq!(
        rows(&read),
        [(5, vec!["甲公司", "余杭区", "307.15", "0.3", "2021-04-09"]), (7, vec!["乙公司", "", "123", "", ""])]
    );
    assert_eq!(read.cells.cell(0, 4).kind, Kind::Date);
    assert_eq!(read.above, ["2024年企业名录", "单位:万元"]);
    assert_eq!(
        codes(&read),
        ["sheet-chosen", "totals-skipped", "notes-skipped", "wide-characters", "spaces-trimmed", "head-joined"]
    );
    assert!(read.findings[1].message.zh.contains("第 8 行"), "{:?}", read.findings[1]);
    let other = super::read(Cursor::new(book.save_to_buffer().unwrap()), Some("没有"), &Limits::default(), &known);
    assert_eq!(other.unwrap_err().code, "sheet-unknown");
}

#[test]
fn a_long_code_that_became_a_number_shows_it() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "企业名称").unwrap().write_string(0, 1, "代码").unwrap();
    sheet.write_string(1, 0, "甲").unwrap().write_number(1, 1, 913_300_002_539_329_145.0).unwrap();
    let read = open(&book.save_to_buffer().unwrap()).unwrap();
    let cell = read.cells.cell(0, 1);
    assert_eq!(cell.kind, Kind::Number);
    assert_eq!(crate::data::intake::check_credit_code(cell.text, true), Err(crate::data::intake::CreditFault::Rounded));
}

#[test]
fn text_files_in_four_encodings_and_three_separators() {
    let text = "单位:万元\r\n\r\n企业名称,区县,营业收入2023年\r\n\"甲\r\n公司\",余杭区,\"1,234\"\r\n\r\n㙓公司,西湖区,5\r\n合计,,6\r\n";
    let expected = [(5, vec!["甲 公司", "余杭区", "1,234"]), (7, vec!["㙓公司", "西湖区", "5"])];
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let all = [
        (text.as_bytes().to_vec(), "UTF-8", 0),
        ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), "UTF-8 (BOM)", 0),
        (encoding_rs::GB18030.encode(text).0.into_owned(), "GB18030", 1),
        ([b"\xFF\xFE", utf16.as_slice()].concat(), "UTF-16LE", 1),
    ];
    for (bytes, name, said) in all {
        let read = open(&bytes).unwrap();
        let shown = rows(&read);
        // a line break inside a cell moves no row: the numbers are those of the spreadsheet
        assert_eq!(
            shown.iter().map(|(_, r)| r).collect::<Vec<_>>(),
            expected.iter().map(|(_, r)| r).collect::<Vec<_>>()
        );
        assert_eq!(shown.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [4, 6], "{name}");
        assert_eq!(read.encoding, Some(name));
        assert_eq!(codes(&read).iter().filter(|c| **c == "encoding").count(), said);
    }
    for separator in ["\t", ";"] {
        let text = format!("企业名称{separator}区县\n甲{separator}余杭区,西湖区\n");
        assert_eq!(rows(&open(text.as_bytes()).unwrap()), [(2, vec!["甲", "余杭区,西湖区"])]);
    }
}

#[test]
fn geojson_and_sequences() {
    let feature = |id: u32, more: &str| {
        format!(
            r#"{{"type":"Feature","id":"S{id}","geometry":{{"type":"Point","coordinates":[120.1,30.2]}},"properties":{{"name":"甲{id}"{more}}}}}"#
        )
    };
    let collection = format!(
        r#"{{"type":"FeatureCollection","features":[{},{}]}}"#,
        feature(1, ""),
        feature(2, r#","list":["a","b"]"#)
    );
    let sequence = format!("\x1E{}\n\x1E{}\n", feature(1, ""), feature(2, r#","list":["a","b"]"#));
    for text in [collection, sequence] {
        let read = open(text.as_bytes()).unwrap();
        let names: Vec<&str> = read.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["id", "name", "longitude", "latitude", "list"]);
        assert_eq!(
            rows(&read),
            [(1, vec!["S1", "甲1", "120.1", "30.2", ""]), (2, vec!["S2", "甲2", "120.1", "30.2", "a;b"])]
        );
    }
    assert_eq!(open(b"{\"type\":\"FeatureCollection\",\"features\":[{]}").unwrap_err().code, "geojson-broken");
}

fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_open_document() {
    let cell = |text: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
    };
    let row = |a: &str, b: &str| format!("<table:table-row>{}{}</table:table-row>", cell(a), cell(b));
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="表">{}{}</table:table></office:spreadsheet></office:body></office:document-content>"#,
        row("企业名称", "区县"),
        row("甲", "余杭区")
    );
    let manifest = r#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;
    let bytes = package(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest.as_bytes()),
        ("content.xml", content.as_bytes()),
    ]);
    let read = open(&bytes).unwrap();
    assert_eq!((read.name.as_deref(), rows(&read)), (Some("表"), vec![(2, vec!["甲", "余杭区"])]));
}

#[test]
fn what_can_not_be_read_is_refused_with_its_reason() {
    // a compound file with the stream that encrypted workbooks have
    let mut locked = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    locked.resize(70_000, 0);
    locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let refused = open(&locked).unwrap_err();
    assert_eq!((refused.code, refused.message.zh.as_str()), ("encrypted", "文件加了密码,请另存为不加密的副本。"));

    let bomb = package(&[("xl/workbook.xml", b"<x/>"), ("xl/worksheets/sheet1.xml", &vec![b' '; 8 << 20])]);
    assert!(bomb.len() < 100_000);
    let limits = Limits { unpacked_bytes: 4 << 20, ..Limits::default() };
    assert_eq!(super::read(Cursor::new(&bomb), None, &limits, &known).unwrap_err().code, "unpacks-too-large");

    let limits = Limits { rows: 2, columns: 3, ..Limits::default() };
    let small = |text: &str| super::read(Cursor::new(text.as_bytes()), None, &limits, &known).unwrap_err().code;
    assert_eq!(small("企业名称,区县\na,b\nc,d\ne,f\n"), "table-too-large");
    assert_eq!(small("企业名称,区县,x,y\na,b\n"), "too-many-columns");
    assert_eq!(small("企业名称,区县\n"), "no-rows");
    assert_eq!(small(""), "no-rows");
    assert_eq!(open(b"PK\x03\x04broken").unwrap_err().code, "package-broken");
    assert_eq!(open(&package(&[("readme.txt", b"x")])).unwrap_err().code, "format-unknown");
    assert_eq!(open(b"\xFF\xFF\x80\x81\xFF").unwrap_err().code, "encoding-unknown");
    assert_eq!(open(&package(&[("xl/workbook.xml", b"<x")])).unwrap_err().code, "workbook-broken");
}

mod never_panics {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), magic in 0..4usize) {
            let starts: [&[u8]; 4] = [b"", b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"{"];
            let _ = open(&[starts[magic], &bytes].concat());
        }

        #[test]
        fn on_any_table(text in "[,\"\n\t企业名称区县合计0-9.E+甲]{0,200}") {
            let _ = open(format!("企业名称,区县\n{text}").as_bytes());
        }
    }
}
