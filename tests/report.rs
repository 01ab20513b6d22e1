//! The files are opened again and compared with the answers that they were made of.

use crate::hangzhou;

use calamine::{Data, DataType, Range, Reader, Xlsx};
use hangzhou::{firm, generated, snapshot};
use serde_json::Value as Json;
use shigu::core::cancel::Cancel;
use shigu::core::model::Lang;
use shigu::core::query::{Disclosure, Question, Summary};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::fonts;
use shigu::render::drawing::Fonts;
use shigu::render::map::{Ask, Scene};
use shigu::render::report::{Format, Origin, RenderContext, Report};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Instant;

/// A point in 余杭 and one in 滨江.
const YUHANG: [f64; 2] = [119.98, 30.29];
const BINJIANG: [f64; 2] = [120.2, 30.19];

fn report(snapshot: &Arc<Snapshot>, zone: &str, disclosure: Disclosure, lang: Lang) -> Report {
    let bound = Question::register().in_zone(zone).bind(snapshot, disclosure).unwrap();
    let page = Some("http://127.0.0.1:8080/".into());
    Report::new(&bound, lang, Origin { page, ..Origin::default() }).unwrap()
}

fn faces() -> Fonts {
    let (faces, first) = fonts(None).expect("the fonts of this computer");
    Fonts::new(faces, first)
}

/// A file, with the map of its zone where it has one.
fn render(snapshot: &Arc<Snapshot>, zone: &str, report: &Report, format: Format) -> Vec<u8> {
    let bound = Question::register().in_zone(zone).bind(snapshot, Disclosure::Full).unwrap();
    let map = format.has_map().then(|| Scene::draw(snapshot.describe(), &Ask::about(&bound, Lang::Zh)).unwrap());
    let (map, fonts) = (map.map(Scene::into_drawing), faces());
    report.render(format, RenderContext { map: map.as_ref(), fonts: &fonts }).unwrap()
}

/// A file of tables.
fn table(report: &Report, format: Format) -> Vec<u8> {
    report.render(format, RenderContext { map: None, fonts: &Fonts::default() }).unwrap()
}

fn open(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn workbook(m: &Report) -> Xlsx<Cursor<Vec<u8>>> {
    open(table(m, Format::Xlsx))
}

fn text(s: &str) -> Data {
    Data::String(s.to_owned())
}

/// The row that begins with this text.
fn row<'a>(range: &'a Range<Data>, first: &str) -> &'a [Data] {
    range.rows().find(|r| r[0] == text(first)).unwrap_or_else(|| panic!("no row {first}"))
}

fn column(range: &Range<Data>, head: &str) -> usize {
    let heads = range.rows().next().unwrap();
    heads.iter().position(|h| *h == text(head)).unwrap_or_else(|| panic!("no column {head} in {heads:?}"))
}

fn assert_totals(range: &Range<Data>, summary: &Summary) {
    let total = row(range, "合计");
    assert_eq!(total[column(range, "企业数(家)")].as_f64(), Some(summary.counts.matched as f64));
    for (head, metric) in [("营业收入(万元)", "revenue"), ("从业人数(人)", "employees")] {
        assert_eq!(total[column(range, head)].as_f64(), summary.totals[metric].sum, "{head}");
    }
    for cluster in &summary.clusters {
        let cells = row(range, &cluster.name.zh);
        assert_eq!(cells[1].as_f64(), Some(cluster.count as f64));
        let revenue = &cluster.amounts["revenue"];
        assert_eq!(cells[column(range, "营业收入(万元)")].as_f64(), revenue.sum);
        assert_eq!(cells[column(range, "缺营业收入(家)")].as_f64(), Some(revenue.missing as f64));
    }
}

#[test]
fn totals_are_the_summarys_in_every_district() {
    let snapshot = snapshot(&generated(2000), true);
    for zone in snapshot.describe().zones.iter().map(|z| z.id.as_str()).chain(["city", "outside", "undeclared"]) {
        let m = &report(&snapshot, zone, Disclosure::Full, Lang::Zh);
        let mut book = workbook(m);
        // planned areas stand beside dense ones where the area holds any
        let mut sheets = book.sheet_names();
        sheets.retain(|name| name != "规划范围与热点");
        // profiles are of all zones: the report about the whole has them
        assert_eq!(sheets.iter().any(|name| name == "画像"), zone == "city", "{zone}");
        assert_eq!(sheets.iter().any(|name| name == "邻近与同处"), zone == "city", "{zone}");
        sheets.retain(|name| name != "画像" && name != "邻近与同处");
        assert_eq!(
            sheets,
            ["概况", "集群", "区位熵", "历年", "产业平台", "变化", "产业链", "热点区域", "企业", "口径"]
        );
        assert_totals(&book.worksheet_range("集群").unwrap(), m.summary());
        let rows = book.worksheet_range("企业").unwrap();
        assert_eq!(rows.height() as u64, m.summary().counts.matched + 1, "{zone}");
        let sum: f64 = rows.rows().skip(1).filter_map(|r| r[column(&rows, "2025 年营业收入(万元)")].as_f64()).sum();
        assert!((sum - m.summary().totals["revenue"].sum.unwrap_or(0.0)).abs() < 0.005, "{zone}");
    }
}

/// Rows beyond some number are written and packed in pieces; every cell is that of the CSV file.
#[test]
fn a_long_register_is_a_workbook_like_a_short_one() {
    let snapshot = snapshot(&generated(22_000), true);
    let m = &report(&snapshot, "city", Disclosure::Full, Lang::Zh);
    let bytes = table(m, Format::Xlsx);
    for threads in [1, 3] {
        let again = Cancel::on_threads(threads).run(|| table(m, Format::Xlsx)).unwrap();
        assert!(bytes == again, "the same bytes on {threads} threads");
    }
    let mut book = open(bytes);
    let rows = book.worksheet_range("企业").unwrap();
    let csv = String::from_utf8(table(m, Format::Csv)).unwrap();
    let mut lines = csv::Reader::from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
    let heads: Vec<Data> = lines.headers().unwrap().iter().map(text).collect();
    assert_eq!(rows.rows().next(), Some(heads.as_slice()));
    let mut n = 0;
    for (row, line) in rows.rows().skip(1).zip(lines.records().map(Result::unwrap)) {
        for (cell, field) in row.iter().zip(&line) {
            match cell {
                Data::Empty => assert_eq!(field, "", "{line:?}"),
                Data::String(_) => assert_eq!(*cell, text(field), "{line:?}"),
                number => assert_eq!(number.as_f64(), field.parse().ok(), "{line:?}"),
            }
        }
        n += 1;
    }
    assert_eq!((n, rows.height()), (22_000, 22_001));
}

#[test]
fn the_total_is_a_live_sum_with_its_result() {
    let snapshot = snapshot(&generated(500), true);
    let m = &report(&snapshot, "city", Disclosure::Full, Lang::Zh);
    let mut book = workbook(m);
    let formulas = book.worksheet_formula("集群").unwrap();
    let found: Vec<&String> = formulas.rows().flatten().filter(|f| !f.is_empty()).collect();
    assert_eq!(
        found,
        ["SUM(B2:B9)", "SUM(C2:C9)", "SUM(D2:D9)", "SUM(E2:E9)", "SUM(F2:F9)", "SUM(G2:G9)", "SUM(H2:H9)"]
    );
    for other in ["概况", "历年", "产业平台", "企业", "口径"] {
        assert!(book.worksheet_formula(other).unwrap().rows().flatten().all(String::is_empty), "{other}");
    }
    let overview = book.worksheet_range("概况").unwrap();
    assert_eq!(overview.get_value((1, 0)), Some(&text("示例数据")));
    assert_eq!(row(&overview, "企业数")[1].as_f64(), Some(500.0));
    assert_eq!(row(&overview, "数据版本")[3], text(&snapshot.describe().revision));
    let method = book.worksheet_range("口径").unwrap();
    assert!(row(&method, "示例数据")[1].to_string().contains("不列规划指标"));
}

fn odd_names() -> Vec<Json> {
    let names = ["=1+1", "+86", "-3", "@SUM(A1)", "\tx", "a,\"b\"\nc", "'quoted"];
    let mut firms: Vec<Json> = (0..)
        .zip(names)
        .map(|(i, name)| firm(&format!("00{i}"), name, Some(YUHANG), Some("330110"), Some("vision"), Some(-1.5)))
        .collect();
    firms.push(firm("=id", "无坐标", None, Some("330110"), None, None));
    firms.push(firm("x", "滨江", Some(BINJIANG), Some("330110"), Some("robot"), Some(0.1)));
    firms
}

#[test]
fn text_stays_text_and_codes_become_words() {
    let snapshot = snapshot(&odd_names(), true);
    let m = &report(&snapshot, "330110", Disclosure::Full, Lang::Zh);
    let mut book = workbook(m);
    let rows = book.worksheet_range("企业").unwrap();
    assert_eq!(rows.height(), 1 + 8);
    let cell = |id: &str, head: &str| row(&rows, id)[column(&rows, head)].clone();
    for (id, name) in [("000", "=1+1"), ("001", "+86"), ("002", "-3"), ("003", "@SUM(A1)"), ("=id", "无坐标")] {
        assert_eq!(cell(id, "名称"), text(name));
    }
    assert_eq!((cell("000", "申报区县代码"), cell("000", "申报区县")), (text("330110"), text("余杭区")));
    assert_eq!((cell("000", "主集群"), cell("=id", "主集群")), (text("视觉智能"), Data::Empty));
    assert_eq!((cell("000", "兼属集群"), cell("000", "规模")), (text("智能机器人;智能家居"), text("小型")));
    assert_eq!((cell("000", "规上"), cell("000", "示例数据")), (text("是"), text("是")));
    assert_eq!(
        (cell("000", "2025 年营业收入(万元)"), cell("000", "成立年份")),
        (Data::Float(-1.5), Data::Float(2019.0))
    );
    assert_eq!((cell("000", "经度(WGS 84)"), cell("=id", "经度(WGS 84)")), (Data::Float(119.98), Data::Empty));

    let bytes = table(m, Format::Csv);
    assert!(bytes.starts_with("\u{FEFF}编号,名称,".as_bytes()));
    let lines = String::from_utf8(bytes.clone()).unwrap();
    assert!(lines.ends_with("\r\n") && lines.contains("\"a,\"\"b\"\"\nc\""));
    let mut reader = csv::Reader::from_reader(&bytes[3..]);
    let heads = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len() as u64, m.summary().counts.matched);
    let field = |id: &str, head: &str| {
        let record = records.iter().find(|r| &r[0] == id).unwrap();
        record[heads.iter().position(|h| h == head).unwrap()].to_owned()
    };
    for (id, name) in [("000", "'=1+1"), ("001", "'+86"), ("002", "'-3"), ("003", "'@SUM(A1)"), ("004", "'\tx")] {
        assert_eq!(field(id, "名称"), name);
    }
    assert_eq!((field("006", "名称"), field("'=id", "名称")), ("'quoted".into(), "无坐标".into()));
    assert_eq!(field("000", "2025 年营业收入(万元)"), "-1.50");
    assert_eq!((field("000", "位置精度(米)"), field("000", "2020 年营业收入(万元)")), ("1200".into(), String::new()));
}

#[test]
fn csv_and_geojson_hold_the_selection() {
    let snapshot = snapshot(&generated(800), true);
    let m = &report(&snapshot, "330110", Disclosure::Full, Lang::Zh);
    let csv = table(m, Format::Csv);
    let ids: Vec<String> = csv::Reader::from_reader(&csv[3..]).records().map(|r| r.unwrap()[0].to_owned()).collect();
    let bound = Question::register().in_zone("330110").bind(&snapshot, Disclosure::Full).unwrap();
    let selection = bound.select(0, usize::MAX);
    let mut expected: Vec<&str> = selection.rows().iter().map(|&r| selection.table().ids.value(r as usize)).collect();
    expected.sort_unstable();
    assert_eq!(ids, expected);

    let json: Json = serde_json::from_slice(&table(m, Format::Geojson)).unwrap();
    assert_eq!(json["type"], "FeatureCollection");
    let about = &json["shigu"];
    assert_eq!(
        (&about["sample"], &about["year"], &about["zone"]["id"]),
        (&true.into(), &2025.into(), &"330110".into())
    );
    assert_eq!(about["revision"], snapshot.describe().revision);
    let features = json["features"].as_array().unwrap();
    assert_eq!(features.iter().map(|f| f["id"].as_str().unwrap()).collect::<Vec<_>>(), expected);
    let unlocated = features.iter().filter(|f| f["geometry"].is_null()).count() as u64;
    assert_eq!(unlocated, m.summary().counts.unlocated);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let firms = generated(200);
    let files = || {
        let snapshot = snapshot(&firms, true);
        let m = report(&snapshot, "330106", Disclosure::Full, Lang::En);
        Format::ALL.map(|f| render(&snapshot, "330106", &m, f))
    };
    let first = files();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(first, files());
}

/// What the files of a question share is kept with the data: no other question, reader or language shows in a file that is made later.
#[test]
fn a_file_made_after_others_is_the_one_made_first() {
    let firms = generated(200);
    let formats = [Format::Xlsx, Format::Html, Format::Csv];
    let asked: Vec<_> = ["330106", "330110"]
        .into_iter()
        .flat_map(|zone| [Disclosure::Full, Disclosure::Aggregates].map(|disclosure| (zone, disclosure)))
        .flat_map(|(zone, disclosure)| [Lang::Zh, Lang::En].map(|lang| (zone, disclosure, lang)))
        .collect();
    let made = |snapshot: &Arc<Snapshot>, (zone, disclosure, lang): (&str, Disclosure, Lang)| {
        formats.map(|format| render(snapshot, zone, &report(snapshot, zone, disclosure, lang), format))
    };
    let kept = snapshot(&firms, true);
    for of in asked {
        let alone = snapshot(&firms, true);
        assert!(made(&kept, of) == made(&alone, of), "{of:?}");
    }
}

#[test]
fn withheld_sums_and_restricted_columns_do_not_leave() {
    let mut firms = odd_names();
    firms.push(firm("lone", "一家", Some(YUHANG), Some("330110"), Some("finance"), Some(77_777.77)));
    let snapshot = snapshot(&firms, true);
    let m = &report(&snapshot, "330110", Disclosure::Aggregates, Lang::Zh);
    let mut book = workbook(m);
    let clusters = book.worksheet_range("集群").unwrap();
    let revenue = column(&clusters, "营业收入(万元)");
    assert_eq!(row(&clusters, "智慧金融")[revenue], text("…"));
    assert_eq!(row(&clusters, "视觉智能")[revenue], text("…"));
    assert!(clusters.rows().any(|r| r[0].to_string().starts_with("… 保密不显示")));
    // the total can't be a live sum of cells that are not shown
    let formulas = book.worksheet_formula("集群").unwrap();
    let letter = char::from(b'A' + u8::try_from(revenue).unwrap());
    assert!(formulas.rows().flatten().all(|f| !f.contains(&format!("({letter}"))));
    assert_eq!(row(&clusters, "合计")[revenue].as_f64(), m.summary().totals["revenue"].sum);
    for format in [Format::Xlsx, Format::Csv, Format::Geojson, Format::Html] {
        let bytes = render(&snapshot, "330110", m, format);
        let leaked = match format {
            Format::Xlsx => {
                let mut book = open(bytes);
                let names = book.sheet_names();
                names
                    .iter()
                    .any(|n| book.worksheet_range(n).unwrap().rows().flatten().any(|c| c.as_f64() == Some(77_777.77)))
            }
            _ => String::from_utf8(bytes).unwrap().replace(',', "").contains("77777.77"),
        };
        assert!(!leaked, "{format:?}");
    }
}

#[test]
fn an_empty_zone_makes_a_report_too() {
    let snapshot = snapshot(&[firm("x", "滨江", Some(BINJIANG), None, Some("robot"), None)], true);
    let m = &report(&snapshot, "330127", Disclosure::Full, Lang::Zh);
    let mut book = workbook(m);
    let clusters = book.worksheet_range("集群").unwrap();
    assert_eq!(row(&clusters, "合计")[1].as_f64(), Some(0.0));
    assert_eq!(row(&clusters, "合计")[column(&clusters, "营业收入(万元)")], Data::Empty);
    assert_eq!(book.worksheet_range("企业").unwrap().height(), 1);
    assert_eq!(String::from_utf8(table(m, Format::Csv)).unwrap().lines().count(), 1);
    let json: Json = serde_json::from_slice(&table(m, Format::Geojson)).unwrap();
    assert_eq!(json["features"].as_array().map(Vec::len), Some(0));
}

#[test]
fn indicators_stand_beside_a_real_register_only() {
    let find = |sample: bool| {
        let snapshot = snapshot(&odd_names(), sample);
        let m = &report(&snapshot, "city", Disclosure::Full, Lang::Zh);
        let range = workbook(m).worksheet_range("概况").unwrap();
        range.rows().filter(|r| r[0] == text("人工智能产业营业收入")).count()
    };
    assert_eq!(find(true), 0);
    assert!(find(false) > 1);
}

#[test]
fn english_reports_are_english() {
    let snapshot = snapshot(&generated(300), true);
    let m = &report(&snapshot, "330110", Disclosure::Full, Lang::En);
    let mut book = workbook(m);
    let mut sheets = book.sheet_names();
    sheets.retain(|name| name != "Planned and dense");
    assert_eq!(
        sheets,
        [
            "Overview",
            "Clusters",
            "Quotients",
            "Years",
            "Industrial platforms",
            "Change",
            "Chains",
            "Hot areas",
            "Enterprises",
            "Method"
        ]
    );
    let chinese = |t: &str| t.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    for sheet in ["Overview", "Clusters", "Quotients", "Method"] {
        for cell in book.worksheet_range(sheet).unwrap().rows().flatten() {
            let cell = cell.to_string();
            assert!(!chinese(&cell.replace("Shigu 视谷", "")), "{sheet}: {cell}");
        }
    }
    let rows = book.worksheet_range("Enterprises").unwrap();
    assert_eq!(rows.get_value((0, 1)), Some(&text("Name")));
    assert!(row(&book.worksheet_range("Clusters").unwrap(), "Total")[1].as_f64().unwrap() > 0.0);
}

#[test]
fn file_names_say_zone_year_revision_and_sample() {
    let snapshot = snapshot(&[], true);
    let names = |lang| report(&snapshot, "330110", Disclosure::Full, lang).file_name(Format::Xlsx);
    let version = &snapshot.describe().revision[..8];
    assert_eq!(names(Lang::Zh), format!("余杭区-统计小结-2025-{version}-示例数据.xlsx"));
    assert!(names(Lang::En).ends_with(&format!("-summary-2025-{version}-sample.xlsx")));
    assert_eq!(Format::named("csv").map(Format::media_type), Some("text/csv; charset=utf-8; header=present"));
    assert_eq!(Format::named("exe"), None);
}

#[test]
fn five_thousand_rows_in_every_format() {
    let snapshot = snapshot(&generated(5000), true);
    for format in Format::ALL {
        let start = Instant::now();
        let size = render(&snapshot, "city", &report(&snapshot, "city", Disclosure::Full, Lang::Zh), format).len();
        let took = start.elapsed();
        eprintln!("{}: {size} bytes in {took:?}", format.extension());
        assert!(size > 100_000 || !format.has_rows(), "{format:?}: {size} bytes for 5,000 rows");
    }
}
