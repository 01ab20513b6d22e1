//! What offices put into tables besides enterprises: totals, sections, merged cells, heads of several rows, several sheets.

use super::material::{check_it, table, with};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use serde_json::Value as Json;
use shigu::data::intake::{Class, Finding, Options, Outcome};
use shigu::data::load::Severity;

pub const HEAD: &str = "企业名称,区县,所属集群,营业收入(万元)2025年,从业人数2025年,成立时间,经度,纬度";
pub const ROWS: [&str; 5] = [
    "甲一科技有限公司,余杭区,视觉智能,1200.5,35,2015-06-01,120.01234,30.28123",
    "乙二机器人有限公司,滨江区,视觉智能,800,22,2018-03-12,120.19876,30.18765",
    "丙三软件有限公司,西湖区,视觉智能,450.25,18,2012-11-30,120.10345,30.26543",
    "丁四智能有限公司,萧山区,视觉智能,3000,120,2009-01-05,120.28765,30.17654",
    "戊五数据有限公司,临平区,视觉智能,95,6,2021-08-20,120.30123,30.42345",
];

/// A CSV of these lines.
pub fn lines(lines: &[&str]) -> Vec<u8> {
    (lines.join("\n") + "\n").into_bytes()
}

/// An import with the register that it writes.
pub struct Read {
    outcome: Outcome,
    features: Vec<Json>,
}

impl std::ops::Deref for Read {
    type Target = Outcome;

    fn deref(&self) -> &Outcome {
        &self.outcome
    }
}

pub fn check(bytes: &[u8]) -> Read {
    with(bytes, Options::default(), |import| {
        let mut out = Vec::new();
        import.write(&mut out).unwrap();
        let mut register: Json = serde_json::from_slice(&out).unwrap();
        let Json::Array(features) = register["features"].take() else { panic!("no features") };
        Read { outcome: check_it(import), features }
    })
}

/// The values of a property in the rows that are new, with their numbers in the file; numbers without needless decimals.
pub fn values(read: &Read, property: &str) -> Vec<(u32, String)> {
    assert!(read.replaces_sample, "all that is written is of the file");
    let rows: Vec<u32> = read.rows.get(&Class::New).into_iter().flatten().map(|r| r.row.unwrap()).collect();
    assert_eq!(rows.len(), read.features.len());
    let text = |value: &Json| match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Number(n) => n.as_f64().unwrap().to_string(),
        other => other.to_string(),
    };
    rows.into_iter().zip(read.features.iter().map(|f| text(&f["properties"][property]))).collect()
}

pub fn found<'a>(outcome: &'a Outcome, code: &str) -> Vec<&'a Finding> {
    outcome.findings.iter().filter(|f| f.code == code).collect()
}

/// Names of the rows that were read.
fn names(bytes: &[u8]) -> Vec<String> {
    let table = table(bytes).unwrap();
    let at = table.columns.iter().position(|c| c.name.contains("企业名称")).unwrap();
    (0..table.cells.len()).map(|row| table.cells.cell(row, at).text.to_owned()).collect()
}

/// The words of a property as they stand in the table.
fn column(bytes: &[u8], wanted: &str) -> Vec<String> {
    let table = table(bytes).unwrap();
    let at = table.columns.iter().position(|c| c.name == wanted).unwrap_or_else(|| panic!("{:?}", table.columns));
    (0..table.cells.len()).map(|row| table.cells.cell(row, at).text.to_owned()).collect()
}

#[test]
fn rows_that_are_no_enterprises_are_left_out_and_said() {
    let all = lines(&[
        HEAD,
        "一、余杭区,,,,,,,",
        ROWS[0],
        "余杭区小计,,,1200.5,35,,,",
        "（二）滨江区,,,,,,,",
        ROWS[1],
        ",滨江区合计,,800,22,,,",
        "西湖区,,,450.25,18,,,",
        ROWS[2],
        "合计（3家）,,,2450.75,75,,,",
        "其中：规上企业,,,2000,60,,,",
        "平均值,,,816.9,25,,,",
        "占比,,,35%,20%,,,",
        "Grand total,,,2450.75,75,,,",
        HEAD,
        "注：本表含规下企业,,,,,,,",
        "填表人：张三,审核人：李四,,,,,,",
        "第 1 页 共 1 页,,,,,,,",
    ]);
    let outcome = check(&all);
    assert_eq!(values(&outcome, "revenue_2025"), [(3, "1200.5".into()), (6, "800".into()), (9, "450.25".into())]);
    let rows = |code: &str| found(&outcome, code)[0].message.zh.clone();
    assert!(rows("totals-skipped").contains("第 4、7、8、10、11、12、13、14 行"), "{}", rows("totals-skipped"));
    assert!(rows("sections-skipped").contains("第 2、5 行"), "{}", rows("sections-skipped"));
    assert!(rows("heads-skipped").contains("第 15 行"));
    assert!(rows("notes-skipped").contains("第 16、17、18 行"));
    assert_eq!(outcome.counts.problem, 0, "{:?}", outcome.findings);
}

#[test]
fn enterprises_whose_names_hold_such_words_are_not_lost() {
    let names_of = [
        "杭州合计科技有限公司",
        "总计算机有限公司",
        "小计量仪器厂",
        "累计算法研究院",
        "注目科技有限公司",
        "共计云企业管理中心",
    ];
    let mut all = vec![HEAD.to_owned()];
    all.extend(names_of.iter().map(|n| ROWS[0].replace("甲一科技有限公司", n)));
    // with nothing but figures beside the name
    all.extend(names_of.iter().map(|n| format!("新{n},,,5,3,,,")));
    let bytes = all.join("\n").into_bytes();
    let read = names(&bytes);
    assert_eq!(read.len(), 2 * names_of.len());
    assert!(names_of.iter().all(|n| read.iter().any(|r| r == n)), "{read:?}");
    // a name that looks like a total and comes with all that an enterprise has is kept, and said where its numbers say nothing
    let doubtful = lines(&[HEAD, ROWS[0], ROWS[1], &ROWS[2].replace("丙三软件有限公司", "江南小计")]);
    assert_eq!(names(&doubtful).len(), 3);
    assert_eq!(check(&doubtful).count("row-like-total"), 1);
    // the sum of those above is a total
    let total = lines(&[HEAD, ROWS[0], ROWS[1], "江南小计,西湖区,视觉智能,2000.5,57,2015-01-01,,"]);
    assert_eq!(names(&total).len(), 2);
}

#[test]
fn examples_are_no_enterprises() {
    let sheet = lines(&[
        HEAD,
        &ROWS[1].replace("乙二机器人有限公司", "例如：某某有限公司"),
        &ROWS[2].replace("丙三", "示例："),
        ROWS[0],
    ]);
    assert_eq!(names(&sheet), ["甲一科技有限公司"]);
    assert!(found(&check(&sheet), "examples-skipped")[0].message.en.contains("row 2、3"));
}

fn write(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in (0..).zip(cells) {
        match cell.parse::<f64>() {
            _ if cell.is_empty() => {}
            Ok(n) => _ = sheet.write_number(row, column, n).unwrap(),
            Err(_) => _ = sheet.write_string(row, column, *cell).unwrap(),
        }
    }
}

fn data(sheet: &mut Worksheet, from: u32, rows: &[&str]) {
    for (row, line) in (from..).zip(rows) {
        write(sheet, row, &line.split(',').collect::<Vec<_>>());
    }
}

#[test]
fn the_value_of_a_merged_cell_counts_for_all_of_it() {
    let plain = Format::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write(sheet, 0, &HEAD.split(',').collect::<Vec<_>>());
    data(sheet, 1, &[ROWS[0], ROWS[1], ROWS[2]]);
    sheet.merge_range(1, 1, 3, 1, "余杭区", &plain).unwrap();
    sheet.merge_range(1, 2, 2, 2, "视觉智能", &plain).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    assert_eq!(column(&bytes, "区县"), ["余杭区"; 3]);
    assert_eq!(column(&bytes, "所属集群"), ["视觉智能"; 3]);

    // an amount for several enterprises is said; an enterprise of two rows is one
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write(sheet, 0, &HEAD.split(',').collect::<Vec<_>>());
    data(sheet, 1, &[ROWS[0], ROWS[1], ROWS[2], ""]);
    write(sheet, 4, &["", "", "", "77"]);
    sheet.merge_range(1, 3, 2, 3, "", &plain).unwrap();
    sheet.write_number(1, 3, 500.0).unwrap();
    sheet.merge_range(3, 0, 4, 0, "丙三软件有限公司", &plain).unwrap();
    let outcome = check(&book.save_to_buffer().unwrap());
    assert_eq!(values(&outcome, "revenue_2025"), [(2, "500".into()), (3, "500".into()), (4, "450.25".into())]);
    assert_eq!(found(&outcome, "numbers-merged")[0].column.as_deref(), Some("D"));
    assert!(found(&outcome, "rows-continued")[0].message.zh.contains("第 5 行"));
}

#[test]
fn heads_of_several_rows_become_names() {
    let plain = Format::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 7, "杭州市企业名录", &plain).unwrap();
    for (column, name) in [(0, "企业名称"), (1, "区县"), (2, "所属集群"), (5, "成立时间")] {
        sheet.merge_range(2, column, 4, column, name, &plain).unwrap();
    }
    sheet.merge_range(2, 3, 2, 4, "主要经济指标", &plain).unwrap();
    sheet.merge_range(2, 6, 2, 7, "位置", &plain).unwrap();
    write(sheet, 3, &["", "", "", "营业收入", "从业人数", "", "经度", "纬度"]);
    write(sheet, 4, &["", "", "", "2025年(万元)", "2025年(人)"]);
    sheet.merge_range(3, 6, 4, 6, "经度", &plain).unwrap();
    sheet.merge_range(3, 7, 4, 7, "纬度", &plain).unwrap();
    data(sheet, 5, &ROWS);
    let outcome = check(&book.save_to_buffer().unwrap());
    let taken =
        |outcome: &Outcome| -> Vec<String> { outcome.columns.iter().filter_map(|c| c.property.clone()).collect() };
    let all = ["name", "district", "cluster", "revenue_2025", "employees_2025", "founded", "longitude", "latitude"];
    assert_eq!(taken(&outcome), all);
    assert_eq!((outcome.counts.rows, outcome.counts.new, outcome.counts.problem), (5, 5, 0));
    assert_eq!(outcome.count("unit-assumed"), 0, "{:?}", outcome.findings);

    for head in [
        // as text, without merged cells
        vec![
            "2025年名录,,,,,,,",
            "企业名称,区县,所属集群,主要经济指标,,成立时间,位置,",
            ",,,营业收入,从业人数,,经度,纬度",
            ",,,2025年(万元),2025年(人),,,",
        ],
        // years over metrics, units in a row of their own, columns numbered
        vec![
            "企业名称,区县,所属集群,2025年,,成立时间,经度,纬度",
            ",,,营业收入,从业人数,,,",
            ",,,万元,人,,,",
            "甲,乙,丙,1,2,3,4,5",
        ],
        // each level repeated, as exports write merged cells
        vec![
            "企业名称,区县,所属集群,营业收入,从业人数,成立时间,经度,纬度",
            "企业名称,区县,所属集群,2025年(万元),2025年(人),成立时间,经度,纬度",
        ],
        vec!["企业名称,区县,所属集群,营业收入,从业人数,成立时间,经度,纬度", "", ",,,2025,2025,,,", ",,,(万元),(人),,,"],
    ] {
        let outcome = check(&lines(&[head.as_slice(), &ROWS].concat()));
        assert_eq!(taken(&outcome), all, "{head:?}");
        assert_eq!(
            (outcome.counts.rows, outcome.counts.problem, outcome.count("unit-assumed")),
            (5, 0, 0),
            "{head:?} {:?}",
            outcome.findings
        );
        assert_eq!(values(&outcome, "revenue_2025")[0].1, "1200.5", "{head:?}");
    }
}

#[test]
fn numbers_that_are_left_out_are_said_aloud() {
    let numbered =
        |extra: &str| lines(&[&format!("{HEAD}{extra}"), &format!("{},7", ROWS[0]), &format!("{},8", ROWS[1])]);
    // under an unknown name, under none, beyond the head
    for (extra, what) in [(",用电量", "用电量"), (",", "I 列没有列名"), ("", "I 列没有列名")] {
        let outcome = check(&numbered(extra));
        let said = found(&outcome, "column-unknown");
        assert_eq!(said.len(), 1, "{extra} {:?}", outcome.findings);
        assert_eq!(said[0].severity, Severity::Warning);
        assert!(said[0].message.zh.contains(what) && said[0].message.zh.contains("2 个数值"), "{:?}", said[0]);
    }
    // words under an unknown name are mentioned, running numbers are nothing
    let words = lines(&[&format!("{HEAD},法定代表人"), &format!("{},张三", ROWS[0])]);
    assert_eq!(found(&check(&words), "column-unknown")[0].severity, Severity::Info);
    let running = lines(&[&format!("{HEAD},序号"), &format!("{},1", ROWS[0])]);
    assert_eq!(check(&running).count("column-unknown"), 0);
}

#[test]
fn sheets_with_the_same_head_are_read_together() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "填表说明").unwrap();
    for (name, row) in ["余杭区", "滨江区", "西湖区"].iter().zip(ROWS) {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        write(sheet, 0, &HEAD.split(',').collect::<Vec<_>>());
        data(sheet, 1, &[row, "合计,,,1,1,,,"]);
    }
    let outcome = check(&book.save_to_buffer().unwrap());
    assert_eq!(values(&outcome, "name").iter().map(|v| v.0).collect::<Vec<_>>(), [2, 5, 8]);
    assert_eq!(values(&outcome, "revenue_2025")[2], (8, "450.25".into()));
    let said = found(&outcome, "sheets-joined")[0];
    assert!(said.message.zh.contains("“滨江区”(行号加 3)"), "{}", said.message.zh);
    assert!(found(&outcome, "sheet-chosen")[0].message.zh.contains("说明"));

    // the district is the name of the sheet only
    let without =
        |line: &str| line.split(',').enumerate().filter(|(i, _)| *i != 1).map(|(_, c)| c).collect::<Vec<_>>().join(",");
    let mut book = Workbook::new();
    for (name, row) in ["余杭区", "滨江区"].iter().zip(ROWS) {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        data(sheet, 0, &[&without(HEAD), &without(row)]);
    }
    let outcome = check(&book.save_to_buffer().unwrap());
    assert_eq!(values(&outcome, "district"), [(2, "330110".into()), (4, "330108".into())]);

    // another unit in a title: not together, and no small thing
    let mut book = Workbook::new();
    for (name, unit) in [("甲", "单位:万元"), ("乙", "单位:亿元")] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_string(0, 0, unit).unwrap();
        data(sheet, 1, &[&HEAD.replace("(万元)", ""), ROWS[0]]);
    }
    let outcome = check(&book.save_to_buffer().unwrap());
    assert_eq!(found(&outcome, "sheet-chosen")[0].severity, Severity::Warning);
    assert_eq!(outcome.counts.rows, 1);
}

#[test]
fn what_is_hidden_is_said() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("名录").unwrap();
    write(sheet, 0, &HEAD.split(',').collect::<Vec<_>>());
    data(sheet, 1, &ROWS);
    sheet.set_row_hidden(3).unwrap();
    let sheet = book.add_worksheet().set_name("旧表").unwrap();
    sheet.set_hidden(true);
    let outcome = check(&book.save_to_buffer().unwrap());
    assert!(found(&outcome, "rows-hidden")[0].message.zh.contains("第 4 行"));
    assert!(found(&outcome, "sheets-hidden")[0].message.zh.contains("旧表"));
    assert_eq!(outcome.counts.rows, 5);
}

#[test]
fn errors_and_formulas_without_results_cost_their_row_only() {
    // rust_xlsxwriter can't write the newer errors: the parts of a workbook by hand
    for fault in ["#SPILL!", "#CALC!", "#FIELD!", "#BUSY!", "#GETTING_DATA", "#BLOCKED!", "#CONNECT!", "#N/A"] {
        for placed in [true, false] {
            let cell = |row: usize, column: usize, text: &str| {
                let at =
                    if placed { format!(r#" r="{}{row}""#, char::from(b'A' + column as u8)) } else { String::new() };
                match text {
                    t if t.starts_with('#') => format!(r#"<c{at} t="e"><f>X()</f><v>{t}</v></c>"#),
                    t if t.parse::<f64>().is_ok() => format!("<c{at}><v>{t}</v></c>"),
                    t => format!(r#"<c{at} t="inlineStr"><is><t>{t}</t></is></c>"#),
                }
            };
            let all = [HEAD.to_owned(), ROWS[0].to_owned(), ROWS[1].replace("800", fault), ROWS[2].to_owned()];
            let row = |(r, line): (usize, &String)| {
                let cells: String = line.split(',').enumerate().map(|(c, t)| cell(r, c, t)).collect();
                format!(r#"<row r="{r}">{cells}</row>"#)
            };
            let rows: Vec<String> = (1..).zip(&all).map(row).collect();
            let rows = rows.concat();
            let outcome = check(&super::material::workbook(&rows, ""));
            assert_eq!(
                (outcome.counts.rows, outcome.counts.new, outcome.counts.problem),
                (3, 2, 1),
                "{fault} {placed}"
            );
            let said = found(&outcome, "formula-fault");
            assert_eq!((said[0].row, said[0].value.as_deref()), (Some(3), Some(fault)), "{placed} {said:?}");
            assert!(values(&outcome, "revenue_2025").iter().all(|(_, v)| v == "1200.5" || v == "450.25"));
        }
    }
    // as a spreadsheet writes it into a CSV
    let outcome =
        check(&lines(&[HEAD, ROWS[0], &ROWS[1].replace("800", "#REF!"), &ROWS[2].replace("丙三软件有限公司", "#N/A")]));
    assert_eq!(found(&outcome, "formula-fault").iter().map(|f| f.row).collect::<Vec<_>>(), [Some(3), Some(4)]);
    assert_eq!(outcome.counts.new, 1);

    let row = |r: usize, revenue: &str| {
        format!(
            r#"<row r="{r}"><c r="A{r}" t="inlineStr"><is><t>企业{r}有限公司</t></is></c><c r="B{r}" t="inlineStr"><is><t>余杭区</t></is></c>{revenue}</row>"#
        )
    };
    let head = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>企业名称</t></is></c><c r="B1" t="inlineStr"><is><t>区县</t></is></c><c r="C1" t="inlineStr"><is><t>营业收入(万元)2025年</t></is></c></row>"#;
    let rows = [
        head.to_owned(),
        row(2, r#"<c r="C2"><f>1+2</f><v></v></c>"#),
        row(3, r#"<c r="C3"><f>1+2</f></c>"#),
        row(4, r#"<c r="C4"><f t="shared" si="0"/><v/></c>"#),
        row(5, r#"<c r="C5"><f>1+2</f><v>3</v></c>"#),
        // a formula whose result is an empty text
        row(6, r#"<c r="C6" t="str"><f>""</f><v></v></c>"#),
    ];
    let outcome = check(&super::material::workbook(&rows.concat(), ""));
    let said: Vec<Option<u32>> = found(&outcome, "formula-no-result").iter().map(|f| f.row).collect();
    assert_eq!(said, [Some(2), Some(3), Some(4)]);
    assert_eq!(values(&outcome, "revenue_2025"), [(5, "3".into()), (6, String::new())]);

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    data(sheet, 0, &[HEAD, ROWS[0]]);
    sheet.write_formula(1, 3, Formula::new("=1000+2").set_result("1002")).unwrap();
    assert_eq!(values(&check(&book.save_to_buffer().unwrap()), "revenue_2025")[0].1, "1002");
}

#[test]
fn a_point_in_well_known_text_is_a_position() {
    for point in [
        "POINT (120.01234 30.28123)",
        "POINT Z (120.01234 30.28123 5)",
        "SRID=4326;Point(120.01234 30.28123)",
        "MULTIPOINT ((120.01234 30.28123))",
    ] {
        for name in ["坐标", "WKT", "geometry"] {
            let table = lines(&[&format!("{name},企业名称,区县"), &format!("{point},甲一科技有限公司,余杭区")]);
            let read = check(&table);
            let at = &read.features[0]["geometry"]["coordinates"];
            assert_eq!(at.to_string(), "[120.01234,30.28123]", "{point} {name} {:?}", read.findings);
        }
    }
    let line = lines(&["WKT,企业名称,区县", "\"LINESTRING (120 30, 121 31)\",甲一科技有限公司,余杭区"]);
    assert_eq!(check(&line).count("coordinate-unreadable"), 1);
}
