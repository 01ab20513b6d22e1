//! Text as offices save it: encodings that are declared wrongly, quotes that swallow rows, separators; days, years, marks.

use super::material::table;
use super::tables::{HEAD, ROWS, check, found, lines, values};
use encoding_rs::GB18030;

#[test]
fn a_quote_without_its_like_swallows_no_rows() {
    let all: Vec<&str> = std::iter::once(HEAD).chain(ROWS).collect();
    for (row, at) in [(1, 0), (2, 0), (5, 0), (2, 10), (3, 16), (5, 4)] {
        let mut text: Vec<String> = all.iter().map(|l| (*l).to_owned()).collect();
        let comma = text[row].char_indices().filter(|(_, c)| *c == ',').nth(at % 8).map(|(i, _)| i + 1);
        let place = if at == 0 { 0 } else { comma.unwrap_or(0) };
        text[row].insert(place, '"');
        let outcome = check(&lines(&text.iter().map(String::as_str).collect::<Vec<_>>()));
        assert_eq!((outcome.counts.rows, outcome.counts.problem), (5, 0), "{row} {at} {:?}", outcome.findings);
        let said = found(&outcome, "quote-stray");
        assert!(said.len() == 1 && said[0].message.zh.contains(&format!("第 {} 行", row + 1)), "{row} {at} {said:?}");
        let number = |text: &str| text.parse::<f64>().unwrap().to_bits();
        assert_eq!(
            number(&values(&outcome, "revenue_2025")[row - 1].1),
            number(ROWS[row - 1].split(',').nth(3).unwrap())
        );
    }
    // sound quotes are none of it: line breaks, separators, doubled quotes, spaces before them
    let head = HEAD.replacen("营业收入(万元)2025年", "\"营业收入\n(万元)\n2025年\"", 1);
    let row = ROWS[0].replacen("甲一科技有限公司,余杭区", "\"甲\"\"一\"\"科技,有限公司\", \"余杭区\"", 1);
    let outcome = check(&lines(&[&head, &row, ROWS[1]]));
    assert_eq!((outcome.counts.new, outcome.count("quote-stray")), (2, 0), "{:?}", outcome.findings);
    assert_eq!(values(&outcome, "name")[0], (2, "甲\"一\"科技,有限公司".to_owned()));
}

#[test]
fn separators_and_line_ends() {
    let csv = lines(&[HEAD, ROWS[0], ROWS[1]]);
    let text = String::from_utf8(csv).unwrap();
    for (name, text) in [
        ("tab", text.replace(',', "\t")),
        ("semicolon", text.replace(',', ";")),
        ("bar", text.replace(',', "|")),
        ("sep", format!("sep=;\n{}", text.replace(',', ";"))),
        ("sep quoted", format!("\"sep=|\"\r\n{}", text.replace(',', "|"))),
        ("mac", text.replace('\n', "\r")),
        ("mixed", text.replacen('\n', "\r\n", 1).replacen('\n', "\r", 2)),
    ] {
        let outcome = check(text.as_bytes());
        assert_eq!((outcome.counts.new, outcome.counts.problem), (2, 0), "{name} {:?}", outcome.findings);
        assert_eq!(values(&outcome, "revenue_2025")[1].1, "800", "{name}");
    }
}

/// A shapefile's table: its bytes of text as they are.
fn dbf(language: u8, rows: &[[Vec<u8>; 2]]) -> Vec<u8> {
    let fields: [(&[u8], u8); 2] = [(b"name", 60), (b"district", 20)];
    let length = 1 + fields.iter().map(|f| usize::from(f.1)).sum::<usize>();
    let head = 32 + 32 * fields.len() + 1;
    let mut out = vec![3, 126, 1, 1];
    out.extend((rows.len() as u32).to_le_bytes());
    out.extend((head as u16).to_le_bytes());
    out.extend((length as u16).to_le_bytes());
    out.resize(32, 0);
    out[29] = language;
    for (name, width) in fields {
        let mut field = vec![0; 32];
        field[..name.len()].copy_from_slice(name);
        (field[11], field[16]) = (b'C', width);
        out.extend(field);
    }
    out.push(0x0D);
    for row in rows {
        out.push(b' ');
        for (cell, (_, width)) in row.iter().zip(fields) {
            let mut cell = cell.clone();
            cell.resize(usize::from(width), b' ');
            out.extend(cell);
        }
    }
    out.push(0x1A);
    out
}

fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Points of a shapefile, as many as there are rows.
fn points(n: usize) -> (Vec<u8>, Vec<u8>) {
    let head = |length: usize| {
        let mut head = vec![0; 100];
        head[..4].copy_from_slice(&9994_i32.to_be_bytes());
        head[24..28].copy_from_slice(&((length / 2) as i32).to_be_bytes());
        head[28..32].copy_from_slice(&1000_i32.to_le_bytes());
        head[32..36].copy_from_slice(&1_i32.to_le_bytes());
        head
    };
    let (mut shp, mut shx) = (head(100 + 28 * n), head(100 + 8 * n));
    for i in 0..n {
        shx.extend(((50 + 14 * i) as i32).to_be_bytes());
        shx.extend(10_i32.to_be_bytes());
        shp.extend((i as i32 + 1).to_be_bytes());
        shp.extend(10_i32.to_be_bytes());
        shp.extend(1_i32.to_le_bytes());
        shp.extend(120.01234_f64.to_le_bytes());
        shp.extend(30.28123_f64.to_le_bytes());
    }
    (shp, shx)
}

#[test]
fn what_the_bytes_prove_counts_more_than_what_is_declared() {
    let firms = [["甲一科技有限公司", "余杭区"], ["浙江乙二机器人有限公司", "滨江区"]];
    let (shp, shx) = points(firms.len());
    let utf8 = firms.map(|row| row.map(|c| c.as_bytes().to_vec()));
    let gbk = firms.map(|row| row.map(|c| GB18030.encode(c).0.into_owned()));
    for (bytes, language, cpg, encoding) in [
        (&utf8, 0x4D, None, "UTF-8"),
        (&utf8, 0, Some("GBK"), "UTF-8"),
        (&utf8, 0x4D, Some("936"), "UTF-8"),
        (&utf8, 0x57, None, "UTF-8"),
        (&utf8, 0, Some("ISO-8859-1"), "UTF-8"),
        (&utf8, 0, Some("UTF-8"), "UTF-8"),
        (&gbk, 0, Some("UTF-8"), "GB18030"),
        (&gbk, 0, Some("ISO-8859-1"), "GB18030"),
        (&gbk, 0x57, None, "GB18030"),
        (&gbk, 0x03, Some("windows-1252"), "GB18030"),
        (&gbk, 0x4D, None, "GB18030"),
        (&gbk, 0, None, "GB18030"),
    ] {
        let dbf = dbf(language, bytes);
        let mut parts: Vec<(&str, &[u8])> = vec![("a.shp", &shp), ("a.shx", &shx), ("a.dbf", &dbf)];
        parts.extend(cpg.map(|c| ("a.cpg", c.as_bytes())));
        let read = table(&package(&parts)).unwrap_or_else(|e| panic!("{language} {cpg:?} {e:?}"));
        let at = read.columns.iter().position(|c| c.name == "name").unwrap();
        assert_eq!(read.cells.cell(0, at).text, firms[0][0], "{language} {cpg:?}");
        assert_eq!(read.encoding, Some(encoding), "{language} {cpg:?}");
    }
}

#[test]
fn marks_for_none_are_no_values() {
    for mark in ["—", "－", "--", "-", "/", "无", "暂无", "不详", "N/A", "NULL", "n/a", "……", "不适用", "(空)", "——"]
    {
        let rows = [
            ROWS[0].replace("1200.5", mark),
            ROWS[1].replace(",22,", &format!(",{mark},")),
            ROWS[2].replace("2012-11-30", mark),
            ROWS[3].replace("视觉智能", mark),
        ];
        let mut all = vec![HEAD];
        all.extend(rows.iter().map(String::as_str));
        let outcome = check(&lines(&all));
        assert_eq!(
            (outcome.counts.new, outcome.counts.problem, outcome.count("word-new")),
            (4, 0, 0),
            "{mark} {:?}",
            outcome.findings
        );
        assert_eq!(values(&outcome, "revenue_2025")[0].1, "", "{mark}");
        assert!(found(&outcome, "none-marked")[0].message.zh.starts_with("4 行"), "{mark}");
    }
    let outcome = check(&lines(&[HEAD, &ROWS[0].replace("1200.5", "约三千")]));
    assert_eq!(outcome.count("number-unreadable"), 1);
}

#[test]
fn years_and_days_in_every_usual_spelling() {
    for given in [
        "2021",
        "2021年",
        "2021 年",
        "202103",
        "20210305",
        "2021．3．5",
        "2021.3",
        "2021.03",
        "2021.10",
        "44260.5",
        "44260",
        "2021年3月",
        "2021-03",
        "2021/3/5 0:00",
        "2021年度",
        "二〇二一年",
        "２０２１年",
        "2021年第一季度",
        "2021Q1",
        "Mar 5 2021",
        "2020-12-31T16:00:00Z",
        "2020-12-31T16:00:00.000Z",
        "2021-01-01T00:00:00+08:00",
        "1609430400000",
        "44196.9995023",
    ] {
        let outcome = check(&lines(&[HEAD, &ROWS[0].replace("2015-06-01", given)]));
        assert_eq!(values(&outcome, "founded"), [(2, "2021".to_owned())], "{given} {:?}", outcome.findings);
    }
    for given in ["去年", "2021-13-45", "1066", "3"] {
        assert_eq!(check(&lines(&[HEAD, &ROWS[0].replace("2015-06-01", given)])).counts.problem, 1, "{given}");
    }
    let said = check(&lines(&[HEAD, &ROWS[0].replace("2015-06-01", "2020-12-31T16:00:00Z")]));
    assert!(found(&said, "dates-in-zone")[0].message.zh.contains("Asia/Shanghai"));
}
