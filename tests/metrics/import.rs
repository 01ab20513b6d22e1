//! Tables of departments: the template asks for every metric, and heads are understood by the manifest's words.

use calamine::{Reader, Xlsx};
use shigu::core::model::Dataset;
use shigu::data::intake::{Ground, Import, Options, read, sheet, template};
use shigu::data::load::{Limits, Source, load};
use std::io::Cursor;
use std::path::PathBuf;

fn fourfold() -> Dataset {
    let (dataset, report) = load(&Source::Folder(PathBuf::from("tests/data/fourfold")), &Limits::default());
    dataset.unwrap_or_else(|| panic!("{report:?}"))
}

const COLUMNS: [(&str, &str); 8] = [
    ("tax_2021", "2021 年入库税收(千克朗)"),
    ("tax_2022", "2022 年入库税收(千克朗)"),
    ("tax_2023", "2023 年入库税收(千克朗)"),
    ("floor_2022", "2022 年楼面面积(平方米)"),
    ("floor_2023", "2023 年楼面面积(平方米)"),
    ("patents_2023", "2023 年授权专利(件)"),
    ("land_2021", "2021 年占用土地(公顷)"),
    ("land_2023", "2023 年占用土地(公顷)"),
];

#[test]
fn the_template_asks_for_every_metric_and_year() {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(template(&fourfold()).unwrap())).unwrap();
    let range = book.worksheet_range("名录").unwrap();
    let heads: Vec<String> = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
    for (_, head) in COLUMNS {
        assert!(heads.iter().any(|h| h == head), "no {head}: {heads:?}");
    }
}

/// Reads a table and returns the values of the first row of the new register that has this name.
fn imported(heads: &[&str], cells: &[&str], name: &str) -> serde_json::Value {
    let dataset = fourfold();
    let ground = Ground::of(&dataset);
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(heads).unwrap();
    out.write_record(cells).unwrap();
    let bytes = out.into_inner().unwrap();
    let table =
        read(Cursor::new(&bytes), &dataset, None, &sheet::Limits::default()).unwrap_or_else(|e| panic!("{e:?}"));
    let options = Options { file: "t".to_owned(), ..Options::default() };
    let import = Import::prepare(&table, &dataset, &ground, options).unwrap_or_else(|e| panic!("{e:?}"));
    let outcome = import.check();
    assert!(outcome.columns.iter().all(|c| c.property.is_some()), "{:?}", outcome.columns);
    let mut written = Vec::new();
    import.write(&mut written).unwrap();
    let read: serde_json::Value = serde_json::from_slice(&written).unwrap();
    let features = read["features"].as_array().unwrap();
    assert_eq!(features.len(), 121, "one is new, all others stay");
    let found = features.iter().find(|f| f["properties"]["label"] == name);
    found.unwrap_or_else(|| panic!("no {name}"))["properties"].clone()
}

#[test]
fn a_table_under_the_templates_heads_fills_every_metric() {
    let heads: Vec<&str> = ["作坊名称", "所在坊"].into_iter().chain(COLUMNS.map(|c| c.1)).collect();
    let row = imported(&heads, &["新作坊", "榆坊", "1.234", "2.5", "3", "10.5", "11", "7", "0.25", "1.75"], "新作坊");
    assert_eq!(row["ward"], "W1");
    let expected = [1.234, 2.5, 3.0, 10.5, 11.0, 7.0, 0.25, 1.75];
    for ((property, _), expected) in COLUMNS.into_iter().zip(expected) {
        assert_eq!(row[property].as_f64(), Some(expected), "{property}");
    }
}

#[test]
fn other_names_of_the_manifest_are_understood() {
    let heads = ["企业名称", "所在坊", "2023年纳税额", "建筑面积2022", "2023专利数", "2021年用地面积"];
    let row = imported(&heads, &["别名作坊", "桤坊", "9.125", "88.5", "4", "2.25"], "别名作坊");
    for (property, expected) in [("tax_2023", 9.125), ("floor_2022", 88.5), ("patents_2023", 4.0), ("land_2021", 2.25)]
    {
        assert_eq!(row[property].as_f64(), Some(expected), "{property}: {row}");
    }
}
