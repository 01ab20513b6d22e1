//! Long tables, a row for each firm and period, become columns; what contradicts itself is a finding; nothing is taken before
//! somebody has said that it is folded.

use shigu::core::model::Dataset;
use shigu::data::intake::{Ground, Import, Options, Outcome, fold, read, sheet};
use shigu::data::load::{Limits, Source, load};
use std::fmt::Write as _;
use std::io::Cursor;
use std::path::PathBuf;

fn dataset(folder: &str) -> Dataset {
    let (dataset, report) = load(&Source::Folder(PathBuf::from(folder)), &Limits::default());
    dataset.unwrap_or_else(|| panic!("{report:?}"))
}

/// Checks a table; its new register's features, the outcome, and why it may not be taken.
fn imported(
    folder: &str,
    text: &str,
    fold_periods: Option<bool>,
) -> (Vec<serde_json::Value>, Outcome, Option<&'static str>) {
    let dataset = dataset(folder);
    let ground = Ground::of(&dataset);
    let table = read(Cursor::new(text.as_bytes()), &dataset, None, &sheet::Limits::default()).unwrap();
    let table = fold(table, &dataset, fold_periods).unwrap();
    let options = Options { file: "t".to_owned(), fold_periods, ..Options::default() };
    let import = Import::prepare(&table, &dataset, &ground, options).unwrap_or_else(|e| panic!("{e:?}"));
    let outcome = import.check();
    let mut written = Vec::new();
    import.write(&mut written).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&written).unwrap();
    (read["features"].as_array().unwrap().clone(), outcome, import.undecided().map(|r| r.code))
}

fn row<'a>(features: &'a [serde_json::Value], id: &str) -> &'a serde_json::Value {
    &features.iter().find(|f| f["id"] == id).unwrap_or_else(|| panic!("no {id}"))["properties"]
}

#[test]
fn periods_of_a_column_become_columns() {
    for (head, spell) in [
        ("报告期", ["2024-01", "2024-02", "2024-03"]),
        ("月份", ["2024年1月", "2024年2月", "2024年3月"]),
        ("Period", ["Jan 2024", "Feb 2024", "Mar 2024"]),
        ("统计期", ["202401", "202402", "202403"]),
    ] {
        let mut text = format!("编号,名称,{head},捕捞量(吨),船员数(人)\n");
        for (place, period) in spell.iter().enumerate() {
            for (id, name) in [("B001", "x"), ("B002", "y"), ("B003", "z")] {
                let _ = writeln!(text, "{id},{name},{period},{}.5,{}", 100 * (place + 1), 10 + place);
            }
        }
        let (features, outcome, undecided) = imported("tests/data/quayside", &text, None);
        assert_eq!(undecided, Some("long-table"), "{head}");
        assert_eq!(outcome.counts.rows, 3);
        assert_eq!(outcome.count("long-table"), 1);
        for id in ["B001", "B002", "B003"] {
            let p = row(&features, id);
            assert_eq!((&p["catch_2024_01"], &p["catch_2024_03"]), (&100.5.into(), &300.5.into()), "{head} {id}");
            assert_eq!((&p["crew_2024_01"], &p["crew_2024_03"]), (&10.into(), &12.into()));
        }
        assert_eq!(imported("tests/data/quayside", &text, Some(true)).2, None, "it was confirmed");
    }
}

#[test]
fn a_year_and_its_quarter_may_stand_apart() {
    let mut text = "名称,教区,年份,季度,销售额(千英镑),用工人数(人)\n".to_owned();
    for (quarter, spelt) in ["1", "二季度", "第三季度", "4"].iter().enumerate() {
        let _ = writeln!(text, "Pippin 901,V1,2023,{spelt},{}.25,{}", quarter + 1, quarter + 20);
        let _ = writeln!(text, "Perry 902,V2,2023,{spelt},{}.75,{}", quarter + 5, quarter + 30);
    }
    let (features, outcome, _) = imported("tests/data/orchards", &text, Some(true));
    assert_eq!((outcome.counts.rows, outcome.counts.new), (2, 2), "{:?}", outcome.findings);
    let found = features.iter().find(|f| f["properties"]["label"] == "Perry 902").unwrap();
    let p = &found["properties"];
    assert_eq!((&p["sales_2023q1"], &p["sales_2023q4"], &p["hands_2023q2"]), (&5.75.into(), &8.75.into(), &31.into()));
}

#[test]
fn names_and_values_in_columns_of_their_own() {
    let text = "编号,名称,报告期,指标,数值,单位\n\
        R001,a,2024Q1,销售额,12.5,千英镑\nR001,a,2024Q1,用工人数,7,人\nR001,a,2024Q2,销售额,13.5,千英镑\n\
        R002,b,2024Q1,销售额,22.5,千英镑\nR002,b,2024Q2,用工人数,9,人\nR002,b,2023,果园面积,3.5,公顷\n";
    let (features, outcome, _) = imported("tests/data/orchards", text, Some(true));
    assert_eq!(outcome.counts.rows, 2, "{:?}", outcome.findings);
    let (a, b) = (row(&features, "R001"), row(&features, "R002"));
    assert_eq!((&a["sales_2024q1"], &a["hands_2024q1"], &a["sales_2024q2"]), (&12.5.into(), &7.into(), &13.5.into()));
    assert_eq!((&b["hands_2024q2"], &b["land_2023"]), (&9.into(), &3.5.into()));
}

#[test]
fn what_contradicts_itself_is_a_finding() {
    let text = "编号,名称,报告期,捕捞量(吨)\nB001,x,2024-01,1.5\nB001,x,2024-02,2.5\nB001,x,2024-01,9.5\nB002,y,2024-01,3.5\nB002,y,2024-02,3.5\nB002,y,2024-02,3.5\n\
        B003,z,2024-01,4.5\nB003,z,2024-02,4.5\nB004,w,2024-01,4.5\nB004,w,2024-02,4.5\nB005,v,2024-01,4.5\nB005,v,2024-02,4.5\nB006,u,2024-01,4.5\nB006,u,2024-02,4.5\n\
        B007,t,2024-01,4.5\nB007,t,2024-02,4.5\nB008,s,2024-01,4.5\nB008,s,2024-02,4.5\nB009,r,2024-01,4.5\nB009,q,2024-02,4.5\n";
    let (features, outcome, _) = imported("tests/data/quayside", text, Some(true));
    assert_eq!((outcome.count("period-twice"), outcome.count("long-differs")), (1, 1), "{:?}", outcome.findings);
    let twice = outcome.findings.iter().find(|f| f.code == "period-twice").unwrap();
    assert_eq!(twice.row, Some(4));
    assert!(twice.message.en.contains("1.5 in row 2 and 9.5 in row 4"), "{}", twice.message.en);
    assert_eq!(row(&features, "B001")["catch_2024_01"], 1.5);
}

#[test]
fn a_table_without_periods_and_one_with_a_year_of_foundation_stay_as_they_are() {
    let plain = "编号,名称,2024年1月捕捞量(吨)\nB001,x,1.5\nB002,y,2.5\n";
    let (features, outcome, undecided) = imported("tests/data/quayside", plain, None);
    assert_eq!((outcome.count("long-table"), undecided), (0, None));
    assert_eq!(row(&features, "B001")["catch_2024_01"], 1.5);
    let long = "编号,名称,报告期,捕捞量(吨)\nB001,x,2024-01,1.5\nB001,x,2024-02,2.5\nB002,y,2024-01,2.5\n";
    let dataset = dataset("tests/data/quayside");
    let table = read(Cursor::new(long.as_bytes()), &dataset, None, &sheet::Limits::default()).unwrap();
    let rows = table.cells.len();
    assert_eq!(fold(table, &dataset, Some(false)).unwrap().cells.len(), rows, "as it was asked for");
}

#[test]
fn heads_with_quarters_are_read_in_every_spelling() {
    for head in
        ["2024年三季度销售额(千英镑)", "销售额2024Q3(千英镑)", "2024年第3季度销售额(千英镑)", "sales Q3 2024 (千英镑)"]
    {
        let (features, outcome, _) =
            imported("tests/data/orchards", &format!("编号,名称,{head}\nR001,a,77.25\n"), None);
        assert_eq!(row(&features, "R001")["sales_2024q3"], 77.25, "{head}: {:?}", outcome.columns);
    }
}
