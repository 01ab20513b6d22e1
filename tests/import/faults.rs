//! Twelve planted kinds of fault, each named with its row, and more of the same kinds counted in full.

use super::material::{cells, check, check_it, csv, firms, head, table, with, xlsx};
use calamine::{Data, Reader, Xlsx};
use shigu::core::model::Lang;
use shigu::data::intake::{Finding, Import, Options, complete_credit_code};
use shigu::data::load::Severity;
use std::io::Cursor;

/// A table of 60 sound rows: the columns of `HEAD` and a credit code.
fn sound() -> Vec<Vec<String>> {
    let mut rows = vec![head()];
    rows[0].push("统一社会信用代码".to_owned());
    let located = firms().into_iter().filter(|f| f.at.is_some() && f.cluster.is_some() && f.revenue.is_some());
    for (n, firm) in located.take(60).enumerate() {
        let mut row = cells(&firm);
        row.push(complete_credit_code(&format!("91330100MA2A{n:04}")).unwrap());
        rows.push(row);
    }
    rows
}

const REVENUE: usize = 4;
const EMPLOYEES: usize = 5;
const FOUNDED: usize = 6;
const LON: usize = 7;
const LAT: usize = 8;
const CODE: usize = 9;

#[test]
fn twelve_planted_faults_are_named_with_their_rows() {
    let mut rows = sound();
    let code = rows[3][CODE].clone();
    let last = if code.ends_with('0') { "1" } else { "0" };
    rows[3][CODE] = format!("{}{last}", &code[..17]);
    rows[5][CODE] = "9.133E+17".to_owned();
    rows[7][3] = "智能视觉".to_owned();
    (rows[9][LON], rows[9][LAT]) = (rows[9][LAT].clone(), rows[9][LON].clone());
    rows[11][REVENUE] = "约三千".to_owned();
    rows[13][FOUNDED] = "1066".to_owned();
    rows[15][1] = String::new();
    rows[17][2] = "江干区".to_owned();
    rows[19][2] = "天堂区".to_owned();
    (rows[21][LON], rows[21][LAT]) = ("116.4".to_owned(), "39.9".to_owned());
    rows[23][LAT] = String::new();
    let again = rows[25].clone();
    rows.push(again);
    let planted = [
        ("credit-check", 4),
        ("credit-rounded", 6),
        ("word-new", 8),
        ("coordinates-swapped", 10),
        ("number-unreadable", 12),
        ("out-of-range", 14),
        ("name-missing", 16),
        ("district-unknown", 20),
        ("coordinate-far", 22),
        ("coordinate-half", 24),
        ("duplicate", 26),
    ];
    for bytes in [csv(&rows), xlsx(&rows)] {
        let outcome = check(&bytes);
        for (code, row) in planted {
            let found: Vec<Option<u32>> = outcome.findings.iter().filter(|f| f.code == code).map(|f| f.row).collect();
            assert_eq!(found, [Some(row)], "{code}");
        }
        let former: Vec<&Finding> =
            outcome.findings.iter().filter(|f| f.code.starts_with("division-former") && f.row == Some(18)).collect();
        assert_eq!(former.len(), 1, "{former:?}");
        let said = |code: &str| outcome.findings.iter().find(|f| f.code == code).unwrap().message.zh.clone();
        assert_eq!(said("duplicate"), "两行信用代码相同(26、62 行),已取 62 行;可改");
        assert!(said("credit-check").starts_with("第 4 行 统一社会信用代码 校验位不对(91330100MA2A"));
        assert!(said("coordinates-swapped").contains("像是填反了"));
        let word = &outcome.new_words[0];
        assert_eq!((word.word.as_str(), word.count, word.suggestion.as_deref()), ("智能视觉", 1, Some("vision")));
        assert!(outcome.render(Lang::Zh).contains("“所属集群”出现 1 个新值:智能视觉(1) [对应到 视觉智能"));
        assert_eq!(outcome.counts.problem, 8);
        assert!(outcome.findings.iter().all(|f| !f.message.zh.is_empty() && !f.message.en.is_empty()));
        assert!(outcome.findings.iter().all(|f| !f.remedy.zh.is_empty()), "{:?}", outcome.findings);
    }
}

#[test]
fn sound_rows_have_no_faults() {
    let outcome = check(&xlsx(&sound()));
    let bad: Vec<&Finding> = outcome
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error || (f.severity == Severity::Warning && f.row.is_some()))
        .filter(|f| !["district-mismatch", "outside-city", "near-border", "division-former-border"].contains(&f.code))
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(outcome.counts.problem, 0);
}

#[test]
fn a_flood_is_counted_in_full_and_kept_in_part() {
    let mut rows = sound();
    let like = rows[1].clone();
    for n in 0..3000 {
        let mut row = like.clone();
        (row[0], row[1], row[CODE]) = (String::new(), format!("甲{n}"), String::new());
        row[EMPLOYEES] = "很多".to_owned();
        rows.push(row);
    }
    let outcome = check(&csv(&rows));
    assert_eq!(outcome.count("number-unreadable"), 3000);
    assert_eq!(outcome.findings.iter().filter(|f| f.code == "number-unreadable").count(), 100);
}

#[test]
fn the_rows_to_mend_come_back_as_a_workbook() {
    let mut rows = sound();
    rows[11][REVENUE] = "约三千".to_owned();
    rows[13][FOUNDED] = "1066".to_owned();
    let bytes = xlsx(&rows);
    let back = with(&bytes, Options::default(), |i: &Import| i.faults(Lang::Zh)).unwrap().unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(back.clone())).unwrap();
    let range = book.worksheet_range("问题行").unwrap();
    let reason_column = rows[0].len() as u32;
    let text = |r: u32, c: u32| range.get_value((r, c)).cloned().unwrap_or(Data::Empty).to_string();
    assert_eq!(text(0, 1), "企业名称");
    assert_eq!(text(1, reason_column), "第 12 行 2025 年营业收入 不是数字(约三千)");
    assert_eq!((text(1, REVENUE as u32).as_str(), text(1, reason_column + 2).as_str()), ("约三千", "12"));
    assert!(text(2, reason_column).contains("1066"));
    // its own head is read again, so that it can be mended and imported
    assert!(table(&back).unwrap().columns.iter().any(|c| c.name == "企业名称"));
    let none =
        with(&xlsx(&sound()[..1].iter().chain(&sound()[1..2]).cloned().collect::<Vec<_>>()), Options::default(), |i| {
            i.check().counts.problem
        });
    assert_eq!(none, 0);
}

#[test]
fn a_column_in_another_unit_is_doubted() {
    let mut rows = sound();
    for row in &mut rows[1..] {
        let yuan: f64 = row[REVENUE].parse::<f64>().unwrap() * 10.0;
        row[REVENUE] = format!("{}", (yuan * 1000.0).round());
    }
    assert_eq!(check(&csv(&rows)).count("unit-suspect"), 1);
    rows[0][REVENUE] = "2025年营业收入(元)".to_owned();
    let report = check(&csv(&rows));
    assert_eq!((report.count("unit-suspect"), report.count("unit-converted")), (0, 1));
    assert_eq!(report.counts.changed + report.counts.unchanged, 60);
    let revenue = |c: &shigu::data::intake::RowReport| c.changes.iter().any(|c| c.property == "revenue_2025");
    assert!(!report.rows.values().flatten().any(revenue), "converted numbers are the register's own");
}

#[test]
fn words_and_columns_can_be_said() {
    let mut rows = sound();
    rows[7][3] = "智能视觉".to_owned();
    rows[0][3] = "甲栏".to_owned();
    let mut options = Options { columns: vec![("甲栏".to_owned(), "cluster".to_owned())], ..Options::default() };
    options.values.insert("智能视觉".to_owned(), "vision".to_owned());
    let outcome = with(&csv(&rows), options, check_it);
    assert_eq!(outcome.count("word-new"), 0);
    assert_eq!(outcome.columns[3].property.as_deref(), Some("cluster"));
}
