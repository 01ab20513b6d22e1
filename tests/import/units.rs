//! Units: in heads, above and below tables, in cells, in number formats; other currencies; numbers that can't be meant.

use super::material::{cells, csv, firms, head, workbook};
use super::tables::{HEAD, ROWS, Read, check, found, lines, values};
use rust_xlsxwriter::{Format, Workbook};
use shigu::data::load::Severity;

/// The rows under another head of the revenue, whose numbers are divided by `per`.
fn under(name: &str, per: f64) -> Vec<String> {
    let mut all = vec![HEAD.replace("营业收入(万元)2025年", &format!("\"{name}\""))];
    all.extend(ROWS.map(|row| {
        let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
        cells[3] = (cells[3].parse::<f64>().unwrap() / per).to_string();
        cells.join(",")
    }));
    all
}

fn of(all: &[String]) -> Read {
    check(&lines(&all.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn is_right(outcome: &Read, what: &str) {
    let revenue: Vec<String> = values(outcome, "revenue_2025").into_iter().map(|(_, v)| v).collect();
    assert_eq!(revenue, ["1200.5", "800", "450.25", "3000", "95"], "{what} {:?}", outcome.findings);
    assert_eq!((outcome.count("unit-assumed"), outcome.count("unit-suspect")), (0, 0), "{what} {:?}", outcome.findings);
}

#[test]
fn units_are_read_wherever_a_head_has_them() {
    for (name, per) in [
        ("2025年营业收入（人民币亿元）", 1e4),
        ("2025年营业收入（亿元人民币）", 1e4),
        ("2025年营业收入（亿）", 1e4),
        ("2025年营业收入[亿元]", 1e4),
        ("2025年营业收入【单位：亿元】", 1e4),
        ("营业收入(2025年；亿元)", 1e4),
        ("2025年营业收入/元", 1e-4),
        ("2025年营业收入-千元", 0.1),
        ("2025年营业收入_千元", 0.1),
        ("2025年营业收入 百万元", 100.0),
        ("2025年营业收入：元", 1e-4),
        ("2025年营业收入亿元", 1e4),
        ("2025年营业收入(RMB million)", 100.0),
        ("2025年营业收入(10,000 yuan)", 1.0),
        ("2025年营业收入(万)", 1.0),
        ("营业收入（万元）（2025年）", 1.0),
    ] {
        is_right(&of(&under(name, per)), name);
    }
}

#[test]
fn units_are_read_above_and_below_a_table() {
    for line in [
        "2025年名录,,,,,,,金额单位:人民币亿元",
        "\"单位:亿元、人\",,,,,,,",
        "单位：亿元,,,,,,,",
        "杭州市企业名录(单位：亿元),,,,,,,",
        "杭州市企业名录（亿元）,,,,,,,",
        "货币单位 亿元,,,,,,,",
        "计量单位:亿元;人,,,,,,,",
        "Unit: 100 million yuan,,,,,,,",
    ] {
        let mut all = under("2025年营业收入", 1e4);
        all.insert(0, line.to_owned());
        is_right(&of(&all), line);
    }
    let mut all = under("2025年营业收入", 1e4);
    all.push("注：金额单位为亿元。,,,,,,,".to_owned());
    is_right(&of(&all), "a note");
    // a reporting body is no unit
    let mut all = under("2025年营业收入", 1.0);
    all.insert(0, "填报单位：某区经信局,,,,,,,".to_owned());
    assert_eq!(of(&all).count("unit-assumed"), 1);
}

#[test]
fn other_currencies_and_unknown_units_are_refused_by_name() {
    for (name, code, word) in [
        ("2025年营业收入（万美元）", "unit-currency", "万美元"),
        ("2025年营业收入（百万美元）", "unit-currency", "百万美元"),
        ("2025年营业收入(USD thousand)", "unit-currency", "USD thousand"),
        ("2025年营业收入/港元", "unit-currency", "港元"),
        ("2025年营业收入（亿日元）", "unit-currency", "亿日元"),
        ("2025年营业收入(万欧元)", "unit-currency", "万欧元"),
        ("2025年营业收入(人)", "unit-other", "人"),
        ("2025年营业收入(万格里元)", "unit-unknown", "万格里元"),
    ] {
        let outcome = of(&under(name, 1.0));
        let said = found(&outcome, code);
        assert_eq!(said.len(), 1, "{name} {:?}", outcome.findings);
        assert_eq!(said[0].severity, Severity::Error);
        assert!(said[0].message.zh.contains(word), "{:?}", said[0]);
        assert!(values(&outcome, "revenue_2025").iter().all(|(_, v)| v.is_empty()), "{name}");
        assert_eq!(outcome.count("unit-assumed"), 0, "{name}");
    }
    let mut all = under("2025年营业收入", 1.0);
    all.insert(0, "单位：万美元,,,,,,,".to_owned());
    assert_eq!(of(&all).count("unit-currency"), 1);
}

#[test]
fn numbers_with_their_own_units() {
    let mut all = under("2025年营业收入(元)", 1.0);
    for (row, cell) in (1..).zip(["1200.5万元", "0.08亿元", "￥450.25万", "3000万（人民币）", "人民币95万元"])
    {
        let old = all[row].split(',').nth(3).unwrap().to_owned();
        all[row] = all[row].replacen(&format!(",{old},"), &format!(",{cell},"), 1);
    }
    let outcome = of(&all);
    is_right(&outcome, "in cells");
    assert_eq!(outcome.count("units-in-cells"), 1);
    all[1] = all[1].replace("1200.5万元", "120万美元");
    assert_eq!(found(&of(&all), "unit-currency")[0].row, Some(2));
    let people = lines(&[HEAD, &ROWS[0].replace(",35,", ",35人,")]);
    assert_eq!(values(&check(&people), "employees_2025")[0].1, "35");
}

#[test]
fn formats_that_scale_are_read_as_they_are_shown() {
    let revenue = |format: &str, name: &str, times: f64| {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let head = HEAD.replace("营业收入(万元)2025年", name);
        head.split(',').enumerate().for_each(|(c, n)| _ = sheet.write_string(0, c as u16, n).unwrap());
        let shown = Format::new().set_num_format(format);
        for (r, row) in (1..).zip(ROWS) {
            for (c, cell) in (0..).zip(row.split(',')) {
                match cell.parse::<f64>() {
                    Ok(n) if c == 3 => _ = sheet.write_number_with_format(r, c, n * times, &shown).unwrap(),
                    Ok(n) => _ = sheet.write_number(r, c, n).unwrap(),
                    Err(_) => _ = sheet.write_string(r, c, cell).unwrap(),
                }
            }
        }
        check(&book.save_to_buffer().unwrap())
    };
    for (format, name, times, scaled) in [
        ("0!.0,\"万元\"", "营业收入(万元)2025年", 1e4, 1),
        ("0!.0,", "营业收入(万元)2025年", 1e4, 1),
        ("0\\.0000", "营业收入(万元)2025年", 1e4, 1),
        ("#,##0.00,,\"百万元\"", "2025年营业收入(万元)", 1e4, 1),
        ("#,##0,\"千元\"", "2025年营业收入", 1e4, 1),
        ("0.00\"亿元\"", "2025年营业收入", 1e-4, 1),
        ("[>=100000000]0!.00,,\"亿元\";[>=10000]0!.0,\"万元\";0\"元\"", "2025年营业收入", 1e4, 1),
        ("#,##0.00", "营业收入(万元)2025年", 1.0, 0),
        ("¥#,##0.00", "营业收入(万元)2025年", 1.0, 0),
    ] {
        let outcome = revenue(format, name, times);
        is_right(&outcome, format);
        assert_eq!(outcome.count("numbers-scaled"), scaled, "{format}");
    }
    assert_eq!(revenue("[$$-409]#,##0", "营业收入(万元)2025年", 1.0).count("unit-currency"), 5);
    // cells that are placed by their order alone
    let styles = r#"<numFmts count="1"><numFmt numFmtId="164" formatCode="0!.0,&quot;万元&quot;"/></numFmts>"#;
    let rows = r#"<row><c t="inlineStr"><is><t>企业名称</t></is></c><c t="inlineStr"><is><t>2025年营业收入</t></is></c></row><row><c t="inlineStr"><is><t>甲有限公司</t></is></c><c s="1"><v>12005000</v></c></row>"#;
    assert_eq!(values(&check(&workbook(rows, styles)), "revenue_2025"), [(2, "1200.5".into())]);
}

#[test]
fn amounts_that_can_not_be_meant_are_doubted() {
    // plain yuan under 万元: for each person thousands of times the usual
    let wrong = of(&under("营业收入(万元)2025年", 1e-4));
    let said = found(&wrong, "unit-suspect");
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].severity, said[0].column.as_deref()), (Severity::Warning, Some("D")));
    // one row says it, too
    let one = under("营业收入(万元)2025年", 1e-4);
    assert_eq!(of(&one[..2]).count("unit-suspect"), 1);
    // 亿元 under 万元
    assert_eq!(of(&under("营业收入(万元)2025年", 1e4)).count("unit-suspect"), 1);
    assert_eq!(of(&under("营业收入(万元)2025年", 1.0)).count("unit-suspect"), 0);

    // against what the register has for the same enterprises: tenfold, and ten thousand times
    let register = |times: f64, n: usize| {
        let mut rows = vec![head()];
        for firm in firms().iter().filter(|f| f.revenue.is_some()).take(n) {
            let mut row = cells(firm);
            row[4] = (firm.revenue.unwrap() * times).to_string();
            rows.push(row);
        }
        // so that the file is of this register
        rows.extend(firms().iter().filter(|f| f.revenue.is_none()).map(cells));
        check(&csv(&rows)).count("unit-suspect")
    };
    assert_eq!([1.0, 1.3, 10.0, 1e4, 1e-4].map(|times| register(times, 5)), [0, 0, 1, 1, 1]);
}
