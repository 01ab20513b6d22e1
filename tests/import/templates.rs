//! The template: filled in as it says, it is imported without a finding.

use super::material::{city, table, with};
use calamine::{Reader, Xlsx};
use rust_xlsxwriter::Workbook;
use shigu::data::intake::{Options, System, complete_credit_code, template};
use shigu::data::load::Severity;
use std::io::Cursor;

#[test]
fn a_filled_template_is_imported_without_a_finding() {
    let bytes = template(&city().0).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
    let names = book.sheet_names();
    assert_eq!(names, ["名录", "填表说明", "选项"]);
    let head: Vec<String> =
        book.worksheet_range("名录").unwrap().rows().next().unwrap().iter().map(ToString::to_string).collect();
    let refused = table(&bytes).unwrap_err();
    assert_eq!(refused.code, "no-rows", "an empty template holds nothing");

    // as a person fills it: with the words of the drop-downs
    let mut filled = Workbook::new();
    let sheet = filled.add_worksheet();
    for (c, name) in (0..).zip(&head) {
        sheet.write_string(0, c, name).unwrap();
    }
    for r in 1..=3u32 {
        for (c, name) in (0..).zip(&head) {
            let text = match name.as_str() {
                "名称" => format!("杭州某某{r}有限公司"),
                "统一社会信用代码" => complete_credit_code(&format!("91330100MA2B{r:04}")).unwrap(),
                "申报区县" => "西湖区".to_owned(),
                "主集群" => "视觉智能".to_owned(),
                "兼属集群" => "智能机器人、智能计算".to_owned(),
                "规模" => "小型".to_owned(),
                "规上" => "否".to_owned(),
                "位置类别" => "楼宇".to_owned(),
                _ => String::new(),
            };
            let number = match name.as_str() {
                "成立年份" => Some(2015.0),
                "位置精度(米)" => Some(50.0),
                "经度(WGS84)" => Some(120.0712 + f64::from(r) * 0.001),
                "纬度(WGS84)" => Some(30.2101),
                _ if name.contains("营业收入") => Some(1234.56),
                _ if name.contains("从业人数") => Some(31.0),
                _ => None,
            };
            match number {
                Some(n) => _ = sheet.write_number(r, c, n).unwrap(),
                None => _ = sheet.write_string(r, c, text).unwrap(),
            }
        }
    }
    let filled = filled.save_to_buffer().unwrap();
    with(&filled, Options::default(), |import| {
        let outcome = import.check();
        let findings: Vec<_> = outcome.findings.iter().filter(|f| f.severity != Severity::Info).collect();
        assert!(findings.is_empty(), "{findings:?}");
        assert!(import.undecided().is_none());
        assert_eq!(import.verdict().unwrap().system, System::Wgs84);
        assert_eq!((outcome.counts.rows, outcome.counts.new), (3, 3));
        assert!(outcome.columns.iter().all(|c| c.property.is_some()), "{:?}", outcome.columns);
        let mut out = Vec::new();
        import.write(&mut out).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let p = &read["features"][0]["properties"];
        assert_eq!(
            (&p["size"], &p["location_class"], &p["district"]),
            (&"small".into(), &"building".into(), &"330106".into())
        );
        assert_eq!(p["cluster_secondary"], serde_json::json!(["robot", "computing"]));
        assert_eq!((&p["revenue_2025"], &p["above_scale"]), (&1234.56.into(), &false.into()));
    });
}
