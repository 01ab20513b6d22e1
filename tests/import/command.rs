//! `shigu import` and `shigu template` as a planner runs them.

use super::material::{cells, csv, firms, head};
use shigu::core::geometry::datum;
use std::path::Path;
use std::process::{Command, Output};

fn shigu(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shigu")).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A real register in GCJ-02: no names of the sample.
fn write_register(path: &Path) {
    let mut rows = vec![head()];
    for mut firm in firms().into_iter().step_by(4) {
        firm.id.clear();
        firm.name = firm.name.replace("示例", "杭州");
        firm.at = firm.at.map(|(x, y)| {
            let shifted = datum::gcj02(geo::Coord { x, y });
            (shifted.x, shifted.y)
        });
        rows.push(cells(&firm));
    }
    std::fs::write(path, csv(&rows)).unwrap();
}

#[test]
fn a_file_becomes_a_folder_that_check_accepts() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (file, out) = (path("名录.csv"), path("new"));
    write_register(Path::new(&file));

    let dry = shigu(&["import", &file, "--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{}", text(&dry.stderr));
    assert!(text(&dry.stdout).contains("→ 建议 GCJ-02"), "{}", text(&dry.stdout));
    assert!(!Path::new(&out).exists());

    let done = shigu(&["import", &file, "--out", &out]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let check = shigu(&["check", &out, "--json"]);
    assert_eq!(check.status.code(), Some(0), "{}", text(&check.stdout));
    let report: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let register = report["collections"].as_array().unwrap().iter().find(|c| c["id"] == "enterprises").unwrap();
    assert_eq!((&register["features"], &register["errors"]), (&1250.into(), &0.into()));

    // positions are back in WGS 84, with what stood in the file next to them
    let new: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(Path::new(&out).join("enterprises.geojson")).unwrap()).unwrap();
    let (first, was) = (&new["features"][0], &firms()[0]);
    let (x, y) = was.at.unwrap();
    let c = &first["geometry"]["coordinates"];
    assert!((c[0].as_f64().unwrap() - x).abs() < 1e-6 && (c[1].as_f64().unwrap() - y).abs() < 1e-6, "{c} {x} {y}");
    assert_eq!(first["properties"]["source_crs"], "gcj02");
    let source: f64 = first["properties"]["source_x"].as_str().unwrap().parse().unwrap();
    assert!((source - x - 0.0046).abs() < 0.0003);

    // the same file again changes nothing; nothing is ever written over
    let again = shigu(&["import", &file, "--geodata", &out, "--dry-run", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(report["counts"]["unchanged"], 1250, "{}", report["counts"]);
    assert_eq!(report["replaces_sample"], false);
    let refused = shigu(&["import", &file, "--out", &out]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("已存在"));
    let leftovers: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(leftovers.len(), 2, "{leftovers:?}");
}

#[test]
fn exit_codes_say_how_it_went() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (file, faults) = (path("a.csv"), path("faults.xlsx"));
    std::fs::write(&file, "企业名称,区县,成立年份\n甲,西湖区,3\n乙,西湖区,2003\n").unwrap();
    let wrong = shigu(&["import", &file, "--dry-run", "--faults", &faults, "--lang", "en"]);
    assert_eq!(wrong.status.code(), Some(3), "{}", text(&wrong.stderr));
    assert!(text(&wrong.stdout).contains("row 2: Year founded is 3, outside 1900–2026"), "{}", text(&wrong.stdout));
    assert!(Path::new(&faults).exists());
    std::fs::write(&file, "甲,乙\n1,2\n").unwrap();
    let nothing = shigu(&["import", &file, "--dry-run"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(text(&nothing.stderr).contains("[no-head]"), "{}", text(&nothing.stderr));
    let template = path("t.xlsx");
    assert_eq!(shigu(&["template", "-o", &template]).status.code(), Some(0));
    assert!(Path::new(&template).exists());
}
