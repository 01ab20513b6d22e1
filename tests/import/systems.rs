//! The reference system of positions is recognised, and left open where nothing shows it.

use super::material::{Firm, city, csv, firms, with};
use geo::Coord;
use oorandom::Rand64;
use shigu::core::geometry::{Crs, datum};
use shigu::data::intake::{Certainty, Import, Options, System, Verdict};
use std::io::Write;

/// Systems as files come in them.
fn systems() -> [(System, bool); 8] {
    let plane = |code| System::of_epsg(code).unwrap();
    [
        (System::Wgs84, false),
        (System::Gcj02, false),
        (System::Bd09, false),
        (plane(4549), false),
        (plane(4528), false),
        (System::Gcj02, true),
        (System::Wgs84, true),
        (plane(4549), true),
    ]
}

fn forward(system: System, (x, y): (f64, f64)) -> (f64, f64) {
    let at = Coord { x, y };
    let pair = |c: Coord<f64>| (c.x, c.y);
    match system {
        System::Wgs84 => (x, y),
        System::Gcj02 => pair(datum::gcj02(at)),
        System::Bd09 => pair(datum::bd09(at)),
        System::Plane(crs) => pair(crs.east_north(at)),
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
        let (system, swapped) = systems()[n % systems().len()];
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

/// A ZIP with a point shapefile of these rows: names, districts, positions in the system of the `.prj`.
fn shapefile(rows: &[(String, String, (f64, f64))], prj: Option<&str>) -> Vec<u8> {
    let field = |text: &str, width: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(width, b' ');
        bytes
    };
    let mut shp = vec![0; 100];
    shp[..4].copy_from_slice(&9994_i32.to_be_bytes());
    shp[28..32].copy_from_slice(&1000_i32.to_le_bytes());
    shp[32] = 1;
    let mut dbf = vec![3, 126, 1, 1];
    dbf.extend((rows.len() as u32).to_le_bytes());
    dbf.extend((32_u16 + 2 * 32 + 1).to_le_bytes());
    dbf.extend((1_u16 + 60 + 20).to_le_bytes());
    dbf.extend([0; 20]);
    for (name, width) in [("name", 60_u8), ("district", 20)] {
        let mut descriptor = field("", 0);
        descriptor.extend(name.bytes());
        descriptor.resize(32, 0);
        (descriptor[11], descriptor[16]) = (b'C', width);
        dbf.extend(descriptor);
    }
    dbf.push(b'\r');
    for (n, (name, district, (x, y))) in (1_i32..).zip(rows) {
        shp.extend(n.to_be_bytes());
        shp.extend(10_i32.to_be_bytes());
        shp.extend(1_i32.to_le_bytes());
        shp.extend(x.to_le_bytes());
        shp.extend(y.to_le_bytes());
        dbf.push(b' ');
        dbf.extend(field(name, 60));
        dbf.extend(field(district, 20));
    }
    let words = (shp.len() / 2) as i32;
    shp[24..28].copy_from_slice(&words.to_be_bytes());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut part = |name: &str, bytes: &[u8]| {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    };
    part("points.shp", &shp);
    part("points.dbf", &dbf);
    part("points.cpg", b"UTF-8");
    if let Some(prj) = prj {
        part("points.prj", prj.as_bytes());
    }
    zip.finish().unwrap().into_inner()
}

/// Twelve located enterprises, far enough from borders that no system of web maps shows.
fn some() -> Vec<(String, String, (f64, f64))> {
    let firms = firms();
    let located = firms.into_iter().filter(|f| f.at.is_some() && f.district.is_some());
    located
        .step_by(40)
        .take(12)
        .enumerate()
        .map(|(i, f)| (format!("企业{i}"), f.district.unwrap(), f.at.unwrap()))
        .collect()
}

fn given_in(code: u32) -> Vec<(String, String, (f64, f64))> {
    let crs = Crs::of_epsg(code).unwrap();
    let place = |(x, y)| {
        let c = crs.east_north(Coord { x, y });
        (c.x, c.y)
    };
    some().into_iter().map(|(name, district, at)| (name, district, place(at))).collect()
}

/// ESRI's text of a plane, as its programs write it.
fn prj(datum: &str, spheroid: &str, meridian: f64, easting: f64, scale: f64) -> String {
    format!(
        r#"PROJCS["P",GEOGCS["G",DATUM["{datum}",SPHEROID["S",{spheroid}]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",{easting}],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",{scale}],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#
    )
}

const CHINA: (&str, &str) = ("D_China_2000", "6378137.0,298.257222101");

#[test]
fn a_plane_that_a_file_declares_is_read_by_its_parameters() {
    let wgs = ("D_WGS_1984", "6378137.0,298.257223563");
    let planes = [
        (wgs, 117.0, 500_000.0, 0.9996, 32650),
        (wgs, 123.0, 500_000.0, 0.9996, 32651),
        (CHINA, 120.0, 500_000.0, 1.0, 4549),
        (CHINA, 120.0, 40_500_000.0, 1.0, 4528),
        (CHINA, 117.0, 500_000.0, 1.0, 4548),
        (CHINA, 117.0, 39_500_000.0, 1.0, 4527),
        (CHINA, 117.0, 20_500_000.0, 1.0, 4498),
        (CHINA, 123.0, 21_500_000.0, 1.0, 4499),
        (CHINA, 114.0, 500_000.0, 1.0, 4547),
        (CHINA, 123.0, 500_000.0, 1.0, 4550),
    ];
    for ((datum, spheroid), meridian, easting, scale, code) in planes {
        let file = shapefile(&given_in(code), Some(&prj(datum, spheroid, meridian, easting, scale)));
        with(&file, Options::default(), |import| {
            let verdict = import.verdict().unwrap();
            assert_eq!(
                (verdict.system, verdict.certainty),
                (System::of_epsg(code).unwrap(), Certainty::Stated),
                "{code}"
            );
            assert!(import.undecided().is_none());
            placed(import, code);
        });
    }
    // a .prj without the zone's number over eastings that have it, and the other way about
    for (easting, code) in [(500_000.0, 4528), (40_500_000.0, 4549)] {
        let file = shapefile(&given_in(code), Some(&prj(CHINA.0, CHINA.1, 120.0, easting, 1.0)));
        with(&file, Options::default(), |import| {
            assert_eq!(import.verdict().unwrap().system, System::of_epsg(code).unwrap());
            placed(import, code);
        });
    }
}

/// Whether the register that is written has each enterprise where it is, to a centimetre.
fn placed(import: &Import, code: u32) {
    let mut out = Vec::new();
    import.write(&mut out).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let features = written["features"].as_array().unwrap();
    for (name, _, (x, y)) in some() {
        let found = features.iter().find(|f| f["properties"]["name"] == name.as_str()).unwrap();
        let at = &found["geometry"]["coordinates"];
        let (lon, lat) = (at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
        assert!((lon - x).abs() < 1.5e-7 && (lat - y).abs() < 1.5e-7, "{code} {name}: {lon} {lat}, not {x} {y}");
    }
}

#[test]
fn what_is_declared_and_not_supported_is_never_replaced() {
    let (xian, beijing) = (("D_Xian_1980", "6378140.0,298.257"), ("D_Beijing_1954", "6378245.0,298.3"));
    let declared = [
        prj(xian.0, xian.1, 120.0, 500_000.0, 1.0),
        prj(xian.0, xian.1, 120.0, 40_500_000.0, 1.0),
        prj(beijing.0, beijing.1, 120.0, 500_000.0, 1.0),
        prj("D_Unknown", "6378137.0,298.257222101", 120.0, 500_000.0, 1.0),
        prj(CHINA.0, CHINA.1, 120.0, 500_000.0, 1.0)
            .replace("Transverse_Mercator", "Hotine_Oblique_Mercator_Azimuth_Center"),
        prj(CHINA.0, CHINA.1, 120.0, 500_000.0, 1.0)
            .replace(r#"UNIT["Meter",1.0]"#, r#"UNIT["Foot_US",0.304800609601219]"#),
        r#"LOCAL_CS["杭州坐标系",UNIT["Meter",1.0]]"#.to_owned(),
    ];
    for prj in declared {
        // the numbers fit 4549 to the metre, which proves nothing
        let file = shapefile(&given_in(4549), Some(&prj));
        with(&file, Options::default(), |import| {
            let verdict = import.verdict().unwrap();
            assert_eq!(verdict.certainty, Certainty::Undecided, "{prj}");
            assert!(verdict.foreign.is_some());
            assert_eq!(import.undecided().unwrap().code, "crs-needed", "{prj}");
        });
        // the planner's own word counts, and what the file says is not forgotten
        let said = Options { system: System::of_epsg(4549), ..Options::default() };
        with(&file, said, |import| {
            assert!(import.undecided().is_none());
            assert_eq!(import.check().count("crs-overridden"), 1);
        });
    }
    for (heads, code) in [("经度(西安80)", 4549), ("X坐标(北京54)", 4549), ("坐标Y 独立坐标系", 4549)] {
        let mut lines = vec![["企业名称", "区县", heads, "纬度"].map(str::to_owned).to_vec()];
        lines.extend(given_in(code).into_iter().map(|(n, d, (x, y))| vec![n, d, x.to_string(), y.to_string()]));
        let wished = vec![(heads.to_owned(), "longitude".to_owned())];
        with(&csv(&lines), Options { columns: wished, ..Options::default() }, |import| {
            assert_eq!(import.undecided().unwrap().code, "crs-needed", "{heads}");
        });
    }
}

#[test]
fn a_plane_that_nobody_declares_is_concluded_only_where_one_fits_better() {
    let rows = |code: u32, n: usize| -> Vec<u8> {
        let mut lines = vec![["企业名称", "区县", "东坐标Y", "北坐标X"].map(str::to_owned).to_vec()];
        let rows = given_in(code).into_iter().take(n);
        lines.extend(rows.map(|(n, d, (x, y))| vec![n, d, format!("{x:.3}"), format!("{y:.3}")]));
        csv(&lines)
    };
    let wished = || {
        let columns = [("东坐标Y", "longitude"), ("北坐标X", "latitude")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        Options { columns: columns.to_vec(), ..Options::default() }
    };
    // 120°E: nothing else is there; said to be concluded, with what it may be instead
    for code in [4549, 4528] {
        with(&rows(code, 12), wished(), |import| {
            let verdict = import.verdict().unwrap();
            assert_eq!((verdict.system, verdict.certainty), (System::of_epsg(code).unwrap(), Certainty::Decided));
            assert!(verdict.text().zh.contains("西安80") && verdict.text().en.contains("Beijing 1954"));
            assert!(import.undecided().is_none());
        });
    }
    // 117°E of CGCS2000 and UTM 50 have the same meridian and lie 1.3 km apart: both are in the districts
    for code in [4548, 32650] {
        with(&rows(code, 12), wished(), |import| {
            let verdict = import.verdict().unwrap();
            let fits: Vec<System> = verdict.fits.iter().map(|f| f.system).collect();
            for both in [4548, 32650] {
                assert!(fits.contains(&System::of_epsg(both).unwrap()), "{code}: {fits:?}");
            }
            assert!(
                verdict.certainty == Certainty::Undecided || verdict.system == System::of_epsg(code).unwrap(),
                "{code} decided to be {:?}",
                verdict.system
            );
            assert_eq!(verdict.certainty, Certainty::Undecided);
            assert_eq!(import.undecided().unwrap().code, "crs-needed");
        });
    }
    // a few rows prove nothing
    with(&rows(4549, 3), wished(), |import| {
        assert_eq!(import.undecided().unwrap().code, "crs-needed");
    });
    // nor do metres without a district
    let bare: Vec<Vec<String>> = std::iter::once(["企业名称", "经度", "纬度"].map(str::to_owned).to_vec())
        .chain(given_in(4549).into_iter().map(|(n, _, (x, y))| vec![n, x.to_string(), y.to_string()]))
        .collect();
    with(&csv(&bare), Options::default(), |import| {
        assert_eq!(import.undecided().unwrap().code, "crs-needed");
    });
    // and a head that names the zone declares it, with or without the number before the eastings
    for (head, code) in
        [("经度(2000坐标系 3度带 40带)", 4528), ("经度(CGCS2000 中央子午线120)", 4549), ("经度 UTM50N", 32650)]
    {
        let mut lines = vec![["企业名称", "区县", head, "纬度"].map(str::to_owned).to_vec()];
        lines.extend(given_in(code).into_iter().take(3).map(|(n, d, (x, y))| vec![n, d, x.to_string(), y.to_string()]));
        let columns = vec![(head.to_owned(), "longitude".to_owned())];
        with(&csv(&lines), Options { columns, ..Options::default() }, |import| {
            let verdict = import.verdict().unwrap();
            assert_eq!(
                (verdict.system, verdict.certainty),
                (System::of_epsg(code).unwrap(), Certainty::Stated),
                "{head}"
            );
        });
    }
    // x is the northing in Chinese practice; without districts the numbers tell
    let mut lines = vec![["企业名称", "经度(EPSG:4549)", "纬度"].map(str::to_owned).to_vec()];
    lines.extend(given_in(4549).into_iter().map(|(n, _, (x, y))| vec![n, y.to_string(), x.to_string()]));
    with(&csv(&lines), Options::default(), |import| {
        let verdict = import.verdict().unwrap();
        assert_eq!((verdict.certainty, verdict.swapped), (Certainty::Stated, true));
        placed(import, 4549);
    });
}
