//! One table with merged cells, a hidden row and dates in every kind of workbook: the value counts for all cells of a merge.

use super::tables::{check, found, values};
use std::fs;
use std::io::{Cursor, Write};

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The cells of each row, and what is merged: row, column, last row, last column.
const ROWS: [&[(usize, &str)]; 6] = [
    &[(0, "2025年重点企业名录")],
    &[(0, "企业名称"), (1, "区县"), (2, "营业收入(万元)"), (4, "成立时间")],
    &[(2, "2024年"), (3, "2025年")],
    &[(0, "甲一科技有限公司"), (1, "余杭区"), (2, "1"), (3, "1200.5"), (4, "2015-06-01")],
    &[(0, "乙二机器人有限公司"), (2, "2"), (3, "800"), (4, "2018-03-12")],
    &[(0, "丙三软件有限公司"), (1, "西湖区"), (2, "3"), (3, "450.25"), (4, "2012-11-30")],
];
const MERGED: [[usize; 4]; 6] = [[0, 0, 0, 4], [1, 0, 2, 0], [1, 1, 2, 1], [1, 2, 1, 3], [1, 4, 2, 4], [3, 1, 4, 1]];
/// The row that is not shown, from 0.
const HIDDEN: usize = 4;

fn is_right(bytes: &[u8], what: &str, hidden: bool) {
    let outcome = check(bytes);
    assert_eq!(
        values(&outcome, "revenue_2025"),
        [(4, "1200.5".into()), (5, "800".into()), (6, "450.25".into())],
        "{what} {:?}",
        outcome.findings
    );
    let of = |property: &str| values(&outcome, property).into_iter().map(|(_, v)| v).collect::<Vec<_>>();
    assert_eq!(of("district"), ["330110", "330110", "330106"], "{what}");
    assert_eq!(of("founded"), ["2015", "2018", "2012"], "{what}");
    let said = found(&outcome, "rows-hidden");
    assert_eq!(said.len(), usize::from(hidden), "{what}");
    assert!(said.iter().all(|f| f.message.zh.contains("第 5 行")), "{said:?}");
}

/// A record of MS-XLSB.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut all = if kind < 128 { vec![kind as u8] } else { vec![(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8] };
    let n = data.len();
    all.extend(if n < 128 { vec![n as u8] } else { vec![(n & 0x7F) as u8 | 0x80, (n >> 7) as u8] });
    all.extend_from_slice(data);
    all
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let bytes: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
    [&(units.len() as u32).to_le_bytes()[..], &bytes].concat()
}

fn u32s(all: &[usize]) -> Vec<u8> {
    all.iter().flat_map(|n| (*n as u32).to_le_bytes()).collect()
}

fn xlsb(target: &str) -> Vec<u8> {
    let mut sheet = [record(0x81, &[]), record(0x94, &[0; 16]), record(0x91, &[])].concat();
    for (r, cells) in ROWS.iter().enumerate() {
        let mut head = [u32s(&[r]), vec![0; 13]].concat();
        head[11] = if r == HIDDEN { 0x10 } else { 0 };
        sheet.extend(record(0, &head));
        for (c, text) in *cells {
            let place = u32s(&[*c, 0]);
            sheet.extend(match text.parse::<f64>() {
                Ok(n) => record(5, &[place, n.to_le_bytes().to_vec()].concat()),
                Err(_) => record(6, &[place, wide(text)].concat()),
            });
        }
    }
    sheet.extend([record(0x92, &[]), record(0xB1, &u32s(&[MERGED.len()]))].concat());
    MERGED
        .iter()
        .for_each(|[top, left, bottom, right]| sheet.extend(record(0xB0, &u32s(&[*top, *bottom, *left, *right]))));
    sheet.extend([record(0xB2, &[]), record(0x82, &[])].concat());
    let bundle = |id: &str, name: &str| record(0x9C, &[vec![0; 8], wide(id), wide(name)].concat());
    let book =
        [record(0x83, &[]), bundle("r1", "名录"), record(0x90, &[]), record(0x9D, &[]), record(0x84, &[])].concat();
    let relations = format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="{target}"/></Relationships>"#
    );
    let parts: [(&str, &[u8]); 3] = [
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", relations.as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet),
    ];
    zip(&parts)
}

#[test]
fn binary_workbooks() {
    is_right(&xlsb("worksheets/sheet1.bin"), "xlsb", true);
    // damaged anywhere: a table or a refusal
    let good = xlsb("worksheets/sheet1.bin");
    for at in (0..good.len()).step_by(3) {
        let mut bad = good.clone();
        bad[at] ^= 0x5A;
        let _ = super::material::table(&bad);
    }
    assert_eq!(super::material::table(&xlsb("worksheets/sheet9.bin")).unwrap_err().code, "workbook-broken");
}

/// OpenDocument: what is merged is covered, or left out, or holds a hidden text; rows and cells are repeated by a number.
fn ods(covered: &str, before: &str) -> Vec<u8> {
    let mut rows = String::new();
    for (r, cells) in ROWS.iter().enumerate() {
        let visibility = if r == HIDDEN { " table:visibility=\"collapse\"" } else { "" };
        rows.extend(["<table:table-row", visibility, ">"]);
        for c in 0..5 {
            let text = cells.iter().find(|(at, _)| *at == c).map(|(_, text)| *text);
            let span = MERGED.iter().find(|m| m[0] == r && m[1] == c);
            let inside =
                MERGED.iter().any(|m| (m[0]..=m[2]).contains(&r) && (m[1]..=m[3]).contains(&c)) && span.is_none();
            let spans = span.map_or(String::new(), |m| {
                format!(
                    " table:number-columns-spanned=\"{}\" table:number-rows-spanned=\"{}\"",
                    m[3] - m[1] + 1,
                    m[2] - m[0] + 1
                )
            });
            let cell = match text {
                _ if inside => covered.to_owned(),
                None => "<table:table-cell/>".to_owned(),
                Some(t) if t.len() == 10 && t.as_bytes()[4] == b'-' => format!(
                    "<table:table-cell{spans} office:value-type=\"date\" office:date-value=\"{t}T08:30:00\"><text:p>{t}</text:p></table:table-cell>"
                ),
                Some(t) if t.parse::<f64>().is_ok() => format!(
                    "<table:table-cell{spans} office:value-type=\"float\" office:value=\"{t}\"><text:p>{t}</text:p></table:table-cell>"
                ),
                Some(t) => format!(
                    "<table:table-cell{spans} office:value-type=\"string\"><text:p>{t}</text:p></table:table-cell>"
                ),
            };
            rows.push_str(&cell);
        }
        rows += "<table:table-cell table:number-columns-repeated=\"1019\"/></table:table-row>";
    }
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="名录">{before}{rows}<table:table-row table:number-rows-repeated="1048570" table:visibility="collapse"><table:table-cell table:number-columns-repeated="1024"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest = r#"<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;
    zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ])
}

#[test]
fn open_document() {
    is_right(&ods("<table:covered-table-cell/>", ""), "covered", true);
    is_right(
        &ods(
            "<table:covered-table-cell office:value-type=\"string\"/>",
            "<table:table-column table:number-columns-repeated=\"5\"/>",
        ),
        "typed",
        true,
    );
}

#[test]
fn excel_97() {
    let file = format!("{}/tests/import/files/merged.xls", env!("CARGO_MANIFEST_DIR"));
    is_right(&fs::read(file).unwrap(), "xls", false);
}
