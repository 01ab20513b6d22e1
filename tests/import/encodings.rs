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

/// A shapefile of two rows whose text has these bytes.
fn shape(firms: [[&[u8]; 2]; 2], language: u8, cpg: Option<&str>) -> Vec<u8> {
    let (shp, shx) = points(2);
    let dbf = dbf(language, &firms.map(|row| row.map(<[u8]>::to_vec)));
    let mut parts: Vec<(&str, &[u8])> = vec![("a.shp", &shp), ("a.shx", &shx), ("a.dbf", &dbf)];
    parts.extend(cpg.map(|c| ("a.cpg", c.as_bytes())));
    package(&parts)
}

#[test]
fn tables_of_other_places_are_read_as_they_are() {
    let texts: [(&'static encoding_rs::Encoding, [[&str; 2]; 2]); 4] = [
        (encoding_rs::BIG5, [["臺灣積體電路製造股份有限公司", "餘杭區"], ["鴻海精密工業股份有限公司", "濱江區"]]),
        (encoding_rs::SHIFT_JIS, [["トヨタ自動車株式会社", "余杭区"], ["ソニーグループ株式会社", "西湖区"]]),
        (
            encoding_rs::WINDOWS_1252,
            [["Société Générale de Développement", "Orléans"], ["Müller Präzision GmbH", "Köln"]],
        ),
        (encoding_rs::EUC_KR, [["삼성전자 주식회사", "서울"], ["현대자동차 주식회사", "부산"]]),
    ];
    for (encoding, firms) in texts {
        let name = encoding.name();
        let csv = format!("name,district\n{}\n{}\n", firms[0].join(","), firms[1].join(","));
        let read = table(&encoding.encode(&csv).0).unwrap_or_else(|e| panic!("{name} {e:?}"));
        if encoding != encoding_rs::EUC_KR {
            // the bytes of Korean are those of simplified Chinese
            assert_eq!((read.cells.cell(0, 0).text, read.cells.cell(1, 1).text), (firms[0][0], firms[1][1]), "{name}");
            assert_eq!(read.encoding, Some(name));
            let said = read.findings.iter().find(|f| f.code == "encoding").expect("told");
            assert!(
                said.severity == shigu::data::load::Severity::Warning && said.message.zh.contains(name),
                "{said:?}"
            );
        }
        let bytes = firms.map(|row| row.map(|c| encoding.encode(c).0.into_owned()));
        let bytes: [[&[u8]; 2]; 2] = [[&bytes[0][0], &bytes[0][1]], [&bytes[1][0], &bytes[1][1]]];
        let (language, number) = match name {
            "Big5" => (0x78, "950"),
            "Shift_JIS" => (0x7B, "932"),
            "EUC-KR" => (0x79, "CP949"),
            _ => (0x57, "ANSI 1252"),
        };
        for (language, cpg) in [(language, None), (0, Some(name)), (0, Some(number)), (0, None)] {
            if language == 0 && cpg.is_none() && encoding == encoding_rs::EUC_KR {
                continue;
            }
            let read = table(&shape(bytes, language, cpg)).unwrap_or_else(|e| panic!("{name} {e:?}"));
            let at = read.columns.iter().position(|c| c.name == "name").unwrap();
            assert_eq!(read.cells.cell(0, at).text, firms[0][0], "{name} {language} {cpg:?}");
            assert_eq!(read.encoding, Some(name), "{language} {cpg:?}");
        }
    }
}

#[test]
fn chinese_text_in_every_encoding_that_has_it() {
    // characters of four bytes in GB18030, beyond the BMP in UTF-16, rare ones of GBK
    let name = "杭州㙓堃𠮷镕喆有限公司";
    let text = format!(
        "企业名称,区县,营业收入(万元)2025年\n{name},余杭区,1200.5\n{},滨江区,800\n",
        ROWS[1].split(',').next().unwrap()
    );
    let units = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    for (bytes, encoding) in [
        (text.as_bytes().to_vec(), "UTF-8"),
        (marked(b"\xEF\xBB\xBF", text.as_bytes()), "UTF-8 (BOM)"),
        (GB18030.encode(&text).0.into_owned(), "GB18030"),
        (units(u16::to_le_bytes), "UTF-16LE"),
        (units(u16::to_be_bytes), "UTF-16BE"),
        (marked(b"\xFF\xFE", &units(u16::to_le_bytes)), "UTF-16LE"),
        (marked(b"\xFE\xFF", &units(u16::to_be_bytes)), "UTF-16BE"),
        // tabs, as Excel writes "Unicode text"
        (
            marked(b"\xFF\xFE", &text.replace(',', "\t").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
            "UTF-16LE",
        ),
    ] {
        let outcome = check(&bytes);
        assert_eq!(values(&outcome, "name")[0].1, name, "{encoding}");
        assert_eq!(values(&outcome, "revenue_2025")[0].1, "1200.5", "{encoding}");
        assert_eq!(table(&bytes).unwrap().encoding, Some(encoding));
    }
    // simplified characters in few words, rare ones among them: still GBK
    for words in ["甲", "喆堃犇", "镕基", "吉"] {
        let text = format!("企业名称,区县\n{words},余杭区\n");
        let read = table(&GB18030.encode(&text).0).unwrap();
        assert_eq!((read.encoding, read.cells.cell(0, 0).text), (Some("GB18030"), words));
    }
}

#[test]
fn a_character_that_was_cut_is_no_other_encoding() {
    let rows: String = (0..40).map(|n| format!("第{n}家智能科技有限公司,余杭区\n")).collect::<Vec<_>>().concat();
    let text = format!("企业名称,区县\n{rows}");
    // a field that ends in the middle of a character
    let cut = |bytes: &[u8], word: &[u8], less: usize| {
        let at = bytes.windows(word.len()).position(|w| w == word).unwrap() + word.len();
        [&bytes[..at - less], &bytes[at..]].concat()
    };
    let utf8 = cut(text.as_bytes(), "第7家智能科技有限公司".as_bytes(), 1);
    let gbk = GB18030.encode(&text).0.into_owned();
    let gbk = cut(&gbk, &GB18030.encode("第7家智能科技有限公司").0, 1);
    for (bytes, encoding) in [(utf8, "UTF-8"), (gbk, "GB18030")] {
        let read = table(&bytes).unwrap_or_else(|e| panic!("{encoding} {e:?}"));
        assert_eq!((read.cells.len(), read.encoding), (40, Some(encoding)));
        assert_eq!(read.cells.cell(8, 0).text, "第8家智能科技有限公司");
        assert_eq!(
            read.findings.iter().filter(|f| f.code == "encoding" || f.code == "characters-lost").count(),
            2,
            "{:?}",
            read.findings
        );
    }
    // what an earlier program has lost is said, whatever the format
    for name in ["甲\u{FFFD}科技有限公司", "锟斤拷科技有限公司"] {
        for bytes in [
            lines(&["企业名称,区县", &format!("{name},余杭区")]),
            super::material::xlsx(&[vec!["企业名称".into(), "区县".into()], vec![name.into(), "余杭区".into()]]),
        ] {
            let outcome = check(&bytes);
            let said = found(&outcome, "characters-lost");
            assert!(said.len() == 1 && said[0].message.zh.contains("第 2 行"), "{name} {:?}", outcome.findings);
        }
    }
}

#[test]
fn dates_of_workbooks_are_days_and_years() {
    // plain, with a format, from 1904, as ISO 8601, seconds before midnight
    let row = |cell: &str| {
        let text = |at: &str, t: &str| format!(r#"<c r="{at}" t="inlineStr"><is><t>{t}</t></is></c>"#);
        let head = text("A1", "企业名称") + &text("B1", "区县") + &text("C1", "成立时间");
        format!(
            r#"<row r="1">{head}</row><row r="2">{}{}{cell}</row>"#,
            text("A2", "甲一科技有限公司"),
            text("B2", "余杭区")
        )
    };
    let styles = r#"<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts>"#;
    for cell in [
        r#"<c r="C2"><v>44295</v></c>"#,
        r#"<c r="C2" s="1"><v>44295</v></c>"#,
        r#"<c r="C2" s="1"><v>44295.354166666664</v></c>"#,
        r#"<c r="C2" s="1"><v>44196.99995</v></c>"#,
        r#"<c r="C2" t="d"><v>2021-04-09</v></c>"#,
        r#"<c r="C2" t="d"><v>2021-04-09T08:30:00</v></c>"#,
        r#"<c r="C2" t="d"><v>2020-12-31T16:00:00Z</v></c>"#,
        r#"<c r="C2"><v>1617897600000</v></c>"#,
        r#"<c r="C2" t="inlineStr"><is><t>2021-04-09 08:30:00</t></is></c>"#,
        r#"<c r="C2" t="inlineStr"><is><t>2021/4/9</t></is></c>"#,
        r#"<c r="C2" t="inlineStr"><is><t>2021年4月9日</t></is></c>"#,
        r#"<c r="C2"><v>20210409</v></c>"#,
        r#"<c r="C2"><v>2021</v></c>"#,
    ] {
        let outcome = check(&super::material::workbook(&row(cell), styles));
        assert_eq!(values(&outcome, "founded"), [(2, "2021".to_owned())], "{cell} {:?}", outcome.findings);
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
