//! Report documents: DOCX, PDF and HTML say what the summary says, in order, and honestly.

use crate::hangzhou;

use flate2::read::DeflateDecoder;
use hangzhou::{firm, generated, snapshot};
use shigu::core::filter::parse_text;
use shigu::core::model::Lang;
use shigu::core::query::{Bound, Disclosure, Question, Summary};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::fonts;
use shigu::render::drawing::Fonts;
use shigu::render::map::{Ask, Scene};
use shigu::render::report::{Block, Document, Format, Origin, RenderContext, Report, ReportError, Table};
use std::io::Read;
use std::sync::Arc;

const YUHANG: [f64; 2] = [119.98, 30.29];

struct Fixture {
    bound: Bound,
    report: Report,
    lang: Lang,
}

impl Fixture {
    fn new(snapshot: &Arc<Snapshot>, question: &Question, lang: Lang) -> Self {
        Self::of(question.bind(snapshot, Disclosure::Full).unwrap(), lang)
    }

    fn of(bound: Bound, lang: Lang) -> Self {
        let page = Some("https://shigu.test/".to_owned());
        let report = Report::new(&bound, lang, Origin { page, ..Origin::default() }).unwrap();
        Self { bound, report, lang }
    }

    fn map(&self) -> shigu::render::drawing::Drawing<'static> {
        Scene::draw(self.bound.describe(), &Ask::about(&self.bound, self.lang)).unwrap().into_drawing()
    }

    fn document(&self) -> Document {
        self.report.document(Some(self.map()))
    }

    fn bytes(&self, format: Format) -> Vec<u8> {
        let (map, (faces, first)) = (self.map(), fonts(None).unwrap());
        self.report.render(format, RenderContext { map: Some(&map), fonts: &Fonts::new(faces, first) }).unwrap()
    }
}

fn zone(id: &str) -> Question {
    Question::register().in_zone(id)
}

/// The first table, that of clusters.
fn clusters(document: &Document) -> &Table {
    let mut blocks = document.sections.iter().flat_map(|s| &s.blocks);
    blocks.find_map(|b| if let Block::Table(t) = b { Some(t) } else { None }).unwrap()
}

/// A number as people read it: thousands marks, this many decimals.
fn read(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), String::new()), |(w, r)| (w, format!(".{r}")));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out + &rest
}

/// The file of this name in a ZIP archive, by the archive's own directory.
fn part(zip: &[u8], name: &str) -> String {
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([zip[at], zip[at + 1]]));
    let u32_at = |at: usize| u32::from_le_bytes([zip[at], zip[at + 1], zip[at + 2], zip[at + 3]]) as usize;
    let end = zip.len() - 22;
    assert_eq!(&zip[end..end + 4], b"PK\x05\x06");
    let mut at = u32_at(end + 16);
    loop {
        assert_eq!(&zip[at..at + 4], b"PK\x01\x02", "no {name}");
        let (size, length) = (u32_at(at + 20), u16_at(at + 28));
        if &zip[at + 46..at + 46 + length] == name.as_bytes() {
            let local = u32_at(at + 42);
            let data = local + 30 + u16_at(local + 26) + u16_at(local + 28);
            let mut out = String::new();
            DeflateDecoder::new(&zip[data..data + size]).read_to_string(&mut out).unwrap();
            return out;
        }
        at += 46 + length + u16_at(at + 30) + u16_at(at + 32);
    }
}

/// The text of markup without its tags.
fn plain(markup: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in markup.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push('\u{1f}');
            }
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn assert_says(said: &str, summary: &Summary, what: &str) {
    let cell = |text: &str| format!("\u{1f}{text}\u{1f}");
    let count = read(summary.counts.matched as f64, 0);
    assert!(said.contains(&cell(&count)), "{what}: no {count}");
    if let Some(sum) = summary.totals["revenue"].sum {
        assert!(said.contains(&cell(&read(sum, 2))), "{what}: no {sum}");
    }
    for c in summary.clusters.iter().filter(|c| c.count > 0) {
        assert!(said.contains(&cell(&c.name.zh)), "{what}: no {}", c.name.zh);
        let sum = c.amounts.get("revenue").and_then(|r| r.sum);
        assert!(sum.is_none_or(|s| said.contains(&cell(&read(s, 2)))), "{what}: {} lacks {sum:?}", c.name.zh);
    }
}

#[test]
fn totals_are_the_summarys_for_zones_years_and_filters() {
    let snapshot = snapshot(&generated(2000), true);
    let mut questions: Vec<Question> = ["city", "330110", "330127", "P13", "outside"].map(zone).to_vec();
    questions.push(zone("330110").in_year(Some(2021)));
    questions.push(zone("330108").having("cluster", "vision"));
    questions.push(zone("330108").having("above_scale", "true"));
    for query in questions {
        let fixture = Fixture::new(&snapshot, &query, Lang::Zh);
        let summary = fixture.report.summary();
        let what = format!("{} {:?} {:?}", summary.zone.name, summary.period, summary.filter);
        let document = fixture.document();
        let table = clusters(&document);
        let (total, column) = (table.rows.last().unwrap(), |head| table.heads.iter().position(|h| h == head).unwrap());
        assert!(table.total, "{what}");
        assert_eq!(total[column("企业数")], read(summary.counts.matched as f64, 0), "{what}");
        let revenue = summary.totals["revenue"].sum.map_or_else(|| "—".to_owned(), |s| read(s, 2));
        assert_eq!(total[column("营收(万元)")], revenue, "{what}");
        assert_eq!(total[column("缺数")], read(summary.totals["revenue"].missing as f64, 0), "{what}");
        assert_says(&plain(&part(&fixture.bytes(Format::Docx), "word/document.xml")), summary, &format!("docx {what}"));
        let html = String::from_utf8(fixture.bytes(Format::Html)).unwrap();
        assert_says(&plain(&html), summary, &format!("html {what}"));
    }
}

#[test]
fn large_and_growth_are_questions_of_their_own() {
    let snapshot = snapshot(&generated(2000), true);
    let fixture = Fixture::new(&snapshot, &zone("330110"), Lang::Zh);
    let table = clusters(&fixture.document()).clone();
    let column = |head| table.heads.iter().position(|h| h == head).unwrap();
    let summary = |question: &Question| question.bind(&snapshot, Disclosure::Full).unwrap().summarize().unwrap();
    let large = summary(&zone("330110").having("above_scale", "true"));
    let total = table.rows.last().unwrap();
    assert_eq!(total[column("规上")], read(large.counts.matched as f64, 0));
    // like for like: over the enterprises that have a value in both years, and that number beside it
    let both = zone("330110").filtered(parse_text("revenue_2024 IS NOT NULL AND revenue_2025 IS NOT NULL").unwrap());
    let revenue = |s: &Summary| s.totals["revenue"].sum.unwrap();
    let [now, before] = [2025, 2024].map(|year| summary(&both.clone().in_year(Some(year))));
    let change = (revenue(&now) / revenue(&before) - 1.0) * 100.0;
    assert_eq!(total[column("两年有数")], read(now.totals["revenue"].reported as f64, 0));
    assert_eq!(total[column("较上年")], format!("{change:+.1}%"));
    for (i, cluster) in large.clusters.iter().enumerate() {
        assert_eq!(table.rows[i][column("规上")], read(cluster.count as f64, 0), "{}", cluster.name.zh);
    }
}

#[test]
fn the_document_of_a_district() {
    let snapshot = snapshot(&generated(800), true);
    for (lang, name) in [(Lang::Zh, "document_zh"), (Lang::En, "document_en")] {
        let fixture = Fixture::new(&snapshot, &zone("330110"), lang);
        // the revision changes with every change of the engine's version
        let (long, text) = (&snapshot.describe().revision, serde_json::to_string(&fixture.document()).unwrap());
        let text = text.replace(long, "[revision]").replace(&long[..8], "[revision]");
        insta::assert_json_snapshot!(name, serde_json::from_str::<serde_json::Value>(&text).unwrap());
    }
}

#[test]
fn a_sample_is_never_set_against_the_plan() {
    let firms = generated(300);
    let said = |sample: bool, id: &str| {
        let snapshot = snapshot(&firms, sample);
        let fixture = Fixture::new(&snapshot, &zone(id), Lang::Zh);
        plain(&String::from_utf8(fixture.bytes(Format::Html)).unwrap())
    };
    let sample = said(true, "city");
    assert!(sample.contains("不与规划目标对比") && sample.contains("示例数据") && sample.contains("内部资料 未经审图"));
    assert!(!sample.contains("人工智能产业营业收入"));
    let real = said(false, "city");
    assert!(real.contains("人工智能产业营业收入") && real.contains("≥ 3000"));
    assert!(!real.contains("\u{1f}示例数据\u{1f}"), "a real register wears the mark of a sample");
    assert!(said(false, "330127").contains("不能按区拆分"));
}

#[test]
fn withheld_sums_stay_withheld_in_documents() {
    let mut firms: Vec<_> = (0..5)
        .map(|i| firm(&format!("v{i}"), "甲", Some(YUHANG), Some("330110"), Some("vision"), Some(100.0)))
        .collect();
    firms.push(firm("lone", "乙", Some(YUHANG), Some("330110"), Some("finance"), Some(77_777.77)));
    let snapshot = snapshot(&firms, true);
    let fixture = Fixture::of(zone("330110").bind(&snapshot, Disclosure::Aggregates).unwrap(), Lang::Zh);
    let table = clusters(&fixture.document()).clone();
    let column = |head| table.heads.iter().position(|h| h == head).unwrap();
    let finance = table.rows.iter().find(|r| r[0] == "智慧金融").unwrap();
    assert_eq!((finance[column("营收(万元)")].as_str(), finance[column("较上年")].as_str()), ("…", "—"));
    for format in [Format::Docx, Format::Html] {
        let bytes = fixture.bytes(format);
        let said =
            if format == Format::Docx { part(&bytes, "word/document.xml") } else { String::from_utf8(bytes).unwrap() };
        assert!(!said.replace(',', "").contains("77777.77"), "{format:?}");
    }
}

#[test]
fn an_empty_zone_says_so() {
    let snapshot = snapshot(&[firm("x", "丙", Some(YUHANG), None, Some("robot"), None)], true);
    let fixture = Fixture::new(&snapshot, &zone("330127"), Lang::Zh);
    let html = String::from_utf8(fixture.bytes(Format::Html)).unwrap();
    assert!(html.contains("范围内没有符合条件的企业。") && !html.contains("NaN") && !html.contains("inf"));
    assert!(fixture.bytes(Format::Pdf).starts_with(b"%PDF-"));
}

#[test]
fn markup_in_names_is_text() {
    let odd = "<b>&\"'</b>\u{1}";
    let snapshot = snapshot(&[firm("x", odd, Some(YUHANG), Some("330110"), Some("robot"), Some(5.0))], true);
    let query = zone("330110").having("name", odd);
    let fixture = Fixture::new(&snapshot, &query, Lang::Zh);
    let html = String::from_utf8(fixture.bytes(Format::Html)).unwrap();
    assert!(html.contains("&lt;b&gt;&amp;") && !html.contains("<b>") && !html.contains("<script"));
    // widths of columns are ours
    assert_eq!(html.matches(" style=").count(), html.matches("<col style=\"width:").count());
    assert!(!part(&fixture.bytes(Format::Docx), "word/document.xml").contains("<b>"));
}

#[test]
fn every_list_of_a_document_begins_with_one() {
    let snapshot = snapshot(&generated(2000), true);
    let fixture = Fixture::new(&snapshot, &zone("330110"), Lang::Zh);
    let lists: Vec<usize> = fixture
        .document()
        .sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter_map(|block| if let Block::List(lines) = block { Some(lines.len()) } else { None })
        .collect();
    assert!(lists.len() > 1, "{lists:?}");
    let bytes = fixture.bytes(Format::Docx);
    let named = |text: &str, before: &str| -> Vec<String> {
        text.split(before).skip(1).map(|rest| rest[..rest.find('"').unwrap()].to_owned()).collect()
    };
    let mut numbers = named(&part(&bytes, "word/document.xml"), "<w:numId w:val=\"");
    assert_eq!(numbers.len(), lists.iter().sum::<usize>());
    numbers.dedup();
    assert_eq!(numbers.len(), lists.len());
    let numbering = part(&bytes, "word/numbering.xml");
    for number in numbers {
        let own = format!(
            "<w:num w:numId=\"{number}\"><w:abstractNumId w:val=\"0\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"1\"/>"
        );
        assert!(numbering.contains(&own), "{number}");
    }
}

#[test]
fn no_font_is_an_error_not_boxes() {
    let snapshot = snapshot(&generated(50), true);
    let fixture = Fixture::new(&snapshot, &zone("330110"), Lang::Zh);
    let map = fixture.map();
    for format in [Format::Docx, Format::Pdf, Format::Png] {
        let failed = fixture.report.render(format, RenderContext { map: Some(&map), fonts: &Fonts::default() });
        assert!(matches!(failed, Err(ReportError::Paint(shigu::render::drawing::PaintError::NoFont(_)))), "{format:?}");
    }
    let without = fixture.report.render(Format::Html, RenderContext { map: None, fonts: &Fonts::default() }).unwrap();
    assert!(!String::from_utf8(without).unwrap().contains("三、空间布局"));
}

#[test]
fn the_query_code_asks_the_same_again() {
    let snapshot = snapshot(&generated(400), true);
    let query = zone("330108").having("cluster", "vision");
    let fixture = Fixture::new(&snapshot, &query.in_year(Some(2023)), Lang::Zh);
    let html = String::from_utf8(fixture.bytes(Format::Html)).unwrap();
    let said = plain(&html);
    assert!(said.contains("zone=330108&year=2023&cluster=vision"), "no query code");
    assert!(html.contains("href=\"https://shigu.test/?zone=330108&amp;year=2023&amp;cluster=vision\""));
}

/// The page takes a cluster and a filter from its address: other conditions become part of the filter.
#[test]
fn the_link_leads_to_a_view_of_the_same_rows() {
    let snapshot = snapshot(&generated(400), true);
    let link = |question: &Question| {
        let html = String::from_utf8(Fixture::new(&snapshot, question, Lang::Zh).bytes(Format::Html)).unwrap();
        let link = html.split("href=\"https://shigu.test/").nth(1)?.split('"').next()?.replace("&amp;", "&");
        Question::from_url_query(link.strip_prefix('?')?).ok()
    };
    let rows = |question: &Question| {
        let rows = question.bind(&snapshot, Disclosure::Full).unwrap().select(0, usize::MAX);
        rows.rows().to_vec()
    };
    let big = zone("330108").having("cluster", "视觉智能").having("above_scale", "true").having("size", "medium");
    let view = link(&big).expect("a link");
    assert_eq!(view.conditions().keys().collect::<Vec<_>>(), ["cluster"]);
    assert!(view.filter().is_some() && !rows(&big).is_empty());
    assert_eq!(rows(&view), rows(&big));
    assert!(link(&zone("330108").with_secondary(true)).is_none(), "the page has no view of it");
}
