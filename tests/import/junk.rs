//! Whatever stands in the cells: no panic, classes that add up, and a register that is JSON.

use super::material::{self, csv, with};
use proptest::prelude::*;
use shigu::core::model::Lang;
use shigu::data::intake::Options;

const WORDS: [&str; 30] = [
    "",
    "甲公司",
    "示例视觉智能企业0001号",
    "S00001",
    "余杭区",
    "330103",
    "江干区",
    "视觉智能",
    "智能视觉",
    "120.15",
    "30.27",
    "0",
    "-1",
    "1e308",
    "NaN",
    "9.133E+17",
    "91330000733796106P",
    "2021-02-30",
    "是",
    "１２",
    "合计",
    "#N/A",
    "120.1,30.2",
    "514433.6",
    "3350053.7",
    "40514433.6",
    "∞",
    "\u{0}",
    "\"",
    "=1+1",
];
const HEADS: [&str; 14] = [
    "企业名称",
    "编号",
    "统一社会信用代码",
    "区县",
    "所属集群",
    "兼属集群",
    "经度",
    "纬度",
    "坐标",
    "2025年营业收入(亿元)",
    "从业人数",
    "成立时间",
    "规模",
    "位置精度",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn nothing_in_a_table_breaks_it(
        heads in prop::sample::subsequence((1..HEADS.len()).collect::<Vec<_>>(), 1..10),
        rows in prop::collection::vec(prop::collection::vec(0..WORDS.len(), 10), 1..30),
        absent in any::<bool>(),
    ) {
        let mut table = vec![vec!["企业名称".to_owned()]];
        table[0].extend(heads.iter().map(|h| HEADS[*h].to_owned()));
        table.extend(rows.iter().map(|r| r.iter().take(heads.len() + 1).map(|w| WORDS[*w].to_owned()).collect()));
        let fate = if absent { shigu::data::intake::Absent::Remove } else { shigu::data::intake::Absent::Keep };
        let options = Options { absent: fate, ..Options::default() };
        let bytes = csv(&table);
        // a table of nothing but totals and blanks holds no rows
        if let Err(refused) = material::table(&bytes) {
            prop_assert_eq!(refused.code, "no-rows");
            return Ok(());
        }
        with(&bytes, options, |import| {
            let c = import.check().counts;
            assert_eq!(c.rows, c.new + c.changed + c.moved + c.problem + c.unchanged);
            assert!(!import.check().render(Lang::Zh).is_empty());
            let mut out = Vec::new();
            let written = import.write(&mut out).unwrap();
            assert_eq!(written.new, c.new);
            let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
            let features = read["features"].as_array().unwrap();
            assert_eq!(features.len(), written.features);
            let mut ids: Vec<&str> = features.iter().map(|f| f["id"].as_str().unwrap()).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), features.len(), "ids are unique");
            import.faults(Lang::Zh).unwrap();
        });
    }
}
