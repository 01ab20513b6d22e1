//! How much memory a row takes: stated in ARCHITECTURE.md ("Memory per row"), kept here.

use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, load};
use std::fmt::Write;

/// Bytes a row on the benchmark's schema, the index of names apart.
const AT_MOST: usize = 160;
/// As ARCHITECTURE.md says.
const STATED: usize = 119;

/// Rows like those of the benchmark's generator: nine properties, names and credit codes all different.
fn rows(n: usize) -> String {
    let mut out = String::from("{\"type\":\"FeatureCollection\",\"features\":[\n");
    let clusters =
        ["视觉智能", "智能网联汽车", "智能机器人", "智能家居", "智慧金融", "智慧医疗", "智慧教育", "智能计算"];
    let chance = |i: usize, salt: usize| (i.wrapping_add(salt).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) % 1_000_000;
    for i in 0..n {
        let (x, y) = (118.34 + chance(i, 1) as f64 * 2.38e-6, 29.18 + chance(i, 2) as f64 * 1.39e-6);
        let comma = if i > 0 { ",\n" } else { "" };
        write!(
            out,
            r#"{comma}{{"type":"Feature","id":{id},"geometry":{{"type":"Point","coordinates":[{x:.6},{y:.6}]}},"properties":{{"id":{id},"name":"杭州{name}{i:06}科技有限公司","uscc":"91330110MA{code:08}","cluster":"{cluster}","district":"3301{district:02}","founded":{founded},"employees":{employees},"revenue":{revenue:.2},"status":"存续"}}}}"#,
            id = i + 1,
            name = ["云海星", "辰华鼎", "天博宏"][i % 3],
            code = chance(i, 3) + i * 1_000_000 % 99_000_000,
            cluster = clusters[chance(i, 4) % 8],
            district = 2 + chance(i, 5) % 13,
            founded = 1999 + chance(i, 6) % 22,
            employees = 1 + chance(i, 7) % 3000,
            revenue = chance(i, 8) as f64 / 7.0,
        )
        .unwrap();
    }
    out + "\n]}\n"
}

#[test]
fn a_row_takes_what_the_page_says() {
    let dir = tempfile::tempdir().unwrap();
    let n = 20_000;
    std::fs::write(dir.path().join("enterprises.geojson"), rows(n)).unwrap();
    let (dataset, report) = load(&Source::Folder(dir.path().to_owned()), &Limits::default());
    assert_eq!(report.errors(), 0, "{}", report.render(shigu::core::model::Lang::En));
    let snapshot = Snapshot::new(dataset.unwrap());
    let bytes = snapshot.describe().collections[0].bytes / n;
    assert!(bytes <= AT_MOST, "{bytes} bytes a row");
    assert!(bytes.abs_diff(STATED) <= 5, "{bytes} bytes a row, ARCHITECTURE.md says {STATED}");
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/ARCHITECTURE.md")).unwrap();
    assert!(page.contains(&format!("**{STATED} bytes a row**")));
}
