//! The reference system of positions is recognised, and left open where nothing shows it.

use super::material::{Firm, city, csv, firms, with};
use geo::Coord;
use oorandom::Rand64;
use shigu::core::geometry::{Crs, datum};
use shigu::data::intake::{Certainty, Import, Options, System, Verdict};

/// Systems as files come in them.
const SYSTEMS: [(System, bool); 8] = [
    (System::Wgs84, false),
    (System::Gcj02, false),
    (System::Bd09, false),
    (System::Epsg4549, false),
    (System::Epsg4528, false),
    (System::Gcj02, true),
    (System::Wgs84, true),
    (System::Epsg4549, true),
];

fn forward(system: System, (x, y): (f64, f64)) -> (f64, f64) {
    let at = Coord { x, y };
    let plane = |zone: f64| {
        let c = Crs::GaussKruger120.project(at);
        (c.y + zone * 1e6, c.x)
    };
    let pair = |c: Coord<f64>| (c.x, c.y);
    match system {
        System::Wgs84 => (x, y),
        System::Gcj02 => pair(datum::gcj02(at)),
        System::Bd09 => pair(datum::bd09(at)),
        System::Epsg4549 => plane(0.0),
        System::Epsg4528 => plane(40.0),
        other => panic!("{other:?}"),
    }
}

/// A file of located enterprises: in a system, with a share of wrong districts, positions some 50 m off.
fn file(chance: &mut Rand64, all: &[&Firm], system: System, swapped: bool, rows: usize, wrong: f64) -> Vec<u8> {
    let (dataset, _) = city();
    let (_, districts) = dataset.by_role(shigu::core::model::Role::Districts).unwrap();
    let ids: Vec<&str> = districts.ids.iter().collect();
    let mut lines = vec![["企业名称", "区县", "经度", "纬度"].map(str::to_owned).to_vec()];
    for row in 0..rows {
        let firm = all[chance.rand_range(0..all.len() as u64) as usize];
        let mut off = || (chance.rand_float() + chance.rand_float() - 1.0) * 0.001;
        let (x, y) = firm.at.unwrap();
        let (mut a, mut b) = forward(system, (x + off(), y + off()));
        if swapped {
            (a, b) = (b, a);
        }
        let district = if chance.rand_float() < wrong {
            ids[chance.rand_range(0..ids.len() as u64) as usize]
        } else {
            firm.district.as_deref().unwrap_or_default()
        };
        let fine = |n: f64| if n > 1000.0 { format!("{n:.2}") } else { format!("{n:.6}") };
        lines.push(vec![format!("企业{row}"), district.to_owned(), fine(a), fine(b)]);
    }
    csv(&lines)
}

fn verdict(bytes: &[u8]) -> Verdict {
    with(bytes, Options::default(), |i: &Import| i.verdict().unwrap().clone())
}

#[test]
fn ninety_nine_of_a_hundred_files_are_recognised() {
    let firms = firms();
    let all: Vec<&Firm> = firms.iter().filter(|f| f.at.is_some() && f.district.is_some()).collect();
    let mut chance = Rand64::new(20_261_125);
    let mut wrong = Vec::new();
    for n in 0..100 {
        let (system, swapped) = SYSTEMS[n % SYSTEMS.len()];
        let rows = [300, 400, 600, 900, 1500][n % 5];
        let share = 0.01 + 0.19 * chance.rand_float();
        let found = verdict(&file(&mut chance, &all, system, swapped, rows, share));
        let decided = found.certainty == Certainty::Decided;
        let right = (found.system, found.swapped) == (system, swapped);
        // too few points near borders may leave it open, and then the report says so
        assert!(right || !decided, "{n} {rows} rows: {system:?} decided to be {found:?}");
        if !right || !decided {
            wrong.push(format!("{n} {rows} rows: {system:?} taken for {found:?}"));
        }
    }
    assert!(wrong.len() <= 1, "{}", wrong.join("\n"));
}

#[test]
fn far_from_borders_nothing_is_decided_and_nothing_written() {
    // the middle of a large district: all three systems agree on every point
    let lines: Vec<Vec<String>> = std::iter::once(["企业名称", "区县", "经度", "纬度"].map(str::to_owned).to_vec())
        .chain((0..400).map(|i| {
            let (x, y) = (119.0 + f64::from(i % 20) * 1e-3, 29.6 + f64::from(i / 20) * 1e-3);
            vec![format!("企业{i}"), "淳安县".to_owned(), format!("{x:.5}"), format!("{y:.5}")]
        }))
        .collect();
    let bytes = csv(&lines);
    with(&bytes, Options::default(), |import| {
        assert_eq!(import.verdict().unwrap().certainty, Certainty::Undecided);
        assert_eq!(import.undecided().unwrap().code, "crs-needed");
        assert!(import.check().verdict_text.unwrap().zh.contains("不足以判断"));
    });
    let said = Options { system: Some(System::Gcj02), ..Options::default() };
    with(&bytes, said, |import| {
        assert_eq!(import.verdict().unwrap().certainty, Certainty::Given);
        assert!(import.undecided().is_none());
    });
}

#[test]
fn what_a_file_says_holds_until_the_borders_say_otherwise() {
    let firms = firms();
    let all: Vec<&Firm> = firms.iter().filter(|f| f.at.is_some() && f.district.is_some()).collect();
    let mut chance = Rand64::new(7);
    let stated = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("经度", "经度(WGS84)").into_bytes();
    let few = verdict(&stated(file(&mut chance, &all, System::Wgs84, false, 12, 0.0)));
    assert_eq!((few.system, few.certainty), (System::Wgs84, Certainty::Stated));
    let lie = stated(file(&mut chance, &all, System::Gcj02, false, 900, 0.05));
    with(&lie, Options::default(), |import| {
        let found = import.verdict().unwrap();
        assert_eq!((found.system, found.certainty), (System::Gcj02, Certainty::Decided));
        assert_eq!(import.check().count("crs-contradicts"), 1);
    });
}
