//! Reports of every format hold every metric, with the figures of a scan.

use super::scan::{METRICS, Workshop, places, sum, workshops};
use calamine::{Data, DataType, Range, Reader, Xlsx};
use shigu::core::model::Lang;
use shigu::core::query::{Disclosure, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, fonts, load};
use shigu::render::drawing::Fonts;
use shigu::render::map::{Ask, Scene};
use shigu::render::report::{Block, Document, Format, Origin, RenderContext, Report};
use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;

const TITLES: [(&str, &str); 4] = [
    ("Tax paid", "Tax paid (thousand crowns)"),
    ("Floor area", "Floor area (m²)"),
    ("Patents granted", "Patents granted (patents)"),
    ("Land in use", "Land in use (ha)"),
];

struct Made {
    snapshot: Arc<Snapshot>,
    report: Report,
    map: shigu::render::drawing::Drawing<'static>,
}

fn made(folder: &str, zone: &str) -> Made {
    let (dataset, report) = load(&Source::Folder(PathBuf::from(folder)), &Limits::default());
    let snapshot = Arc::new(Snapshot::new(dataset.unwrap_or_else(|| panic!("{report:?}"))));
    let bound = Question::register().in_zone(zone).bind(&snapshot, Disclosure::Full).unwrap();
    let report = Report::new(&bound, Lang::En, Origin::default()).unwrap();
    let map = Scene::draw(snapshot.describe(), &Ask::about(&bound, Lang::En)).unwrap().into_drawing();
    Made { snapshot, report, map }
}

impl Made {
    fn bytes(&self, format: Format) -> Vec<u8> {
        let (faces, first) = fonts(None).expect("the fonts of this computer");
        self.report.render(format, RenderContext { map: Some(&self.map), fonts: &Fonts::new(faces, first) }).unwrap()
    }

    fn document(&self) -> Document {
        self.report.document(Some(self.map.clone()))
    }

    fn sheet(&self, name: &str) -> Range<Data> {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(self.bytes(Format::Xlsx))).unwrap();
        book.worksheet_range(name).unwrap_or_else(|e| panic!("{name}: {e}"))
    }
}

fn column(range: &Range<Data>, head: &str) -> usize {
    let heads = range.rows().next().unwrap();
    heads.iter().position(|h| h.as_string().as_deref() == Some(head)).unwrap_or_else(|| panic!("no {head}: {heads:?}"))
}

/// The members of a zone, and the sum of a metric over some of them as a number.
fn members<'a>(zone: &str, all: &'a [Workshop]) -> Vec<&'a Workshop> {
    places().iter().find(|p| p.id == zone).unwrap().members(all)
}

fn value(rows: &[&Workshop], metric: usize, year: u16) -> (f64, u64) {
    let (digits, reported) = sum(rows, METRICS[metric], year);
    (digits as f64 / 10f64.powi(METRICS[metric].1 as i32), reported)
}

/// A number as people read it.
fn read(value: f64, decimals: u32) -> String {
    let text = format!("{value:.*}", decimals as usize);
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), String::new()), |(w, r)| (w, format!(".{r}")));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out + &rest
}

#[test]
fn workbooks_hold_every_metric() {
    let all = workshops();
    for zone in ["W2", "C1", "V2"] {
        let (made, here) = (made("tests/data/fourfold", zone), members(zone, &all));
        let clusters = made.sheet("Trades");
        let overview = made.sheet("Overview");
        for (metric, (title, head)) in TITLES.into_iter().enumerate() {
            let (place, missing) =
                (column(&clusters, head), column(&clusters, &format!("{title}: missing (workshops)")));
            for (row, trade) in clusters.rows().skip(1).zip(["loom", "kiln", "glass", "clock", "press"]) {
                let of: Vec<&Workshop> = here.iter().copied().filter(|w| w.trade.as_deref() == Some(trade)).collect();
                let (sum, reported) = value(&of, metric, 2023);
                assert!(row[place].as_f64().is_none_or(|v| (v - sum).abs() < 1e-6), "{zone} {trade} {title}: {row:?}");
                assert_eq!(row[place].as_f64().is_some(), reported > 0, "{zone} {trade} {title}");
                assert_eq!(row[missing].as_f64(), Some((of.len() as u64 - reported) as f64));
            }
            let total = overview.rows().find(|r| r[0].as_string() == Some(format!("{title}, sum"))).unwrap();
            let expected = value(&here, metric, 2023).0;
            assert!((total[1].as_f64().unwrap() - expected).abs() < 1e-6, "{zone} {title}");
        }
        let years = made.sheet("Years");
        let mut compared = 0;
        for (metric, (_, head)) in TITLES.into_iter().enumerate().filter(|(m, _)| METRICS[*m].2.len() > 1) {
            let place = column(&years, head);
            for row in years.rows().skip(1).take(3) {
                let year = row[0].as_f64().unwrap() as u16;
                if !METRICS[metric].2.contains(&year) {
                    assert!(row[place].is_empty(), "{head} has no {year}");
                    continue;
                }
                assert!((row[place].as_f64().unwrap() - value(&here, metric, year).0).abs() < 1e-6, "{head} {year}");
                compared += 1;
            }
        }
        assert_eq!(compared, 7, "three, two and two years");
    }
    let platforms = made("tests/data/fourfold", "city").sheet("Colleges");
    let area = members("C1", &all);
    let college = platforms.rows().find(|r| r[0].as_string().as_deref() == Some("C1")).unwrap();
    for (metric, (_, head)) in TITLES.into_iter().enumerate() {
        let cell = college[column(&platforms, head)].as_f64().unwrap();
        assert!((cell - value(&area, metric, 2023).0).abs() < 1e-6, "{head}");
    }
}

#[test]
fn rows_hold_every_metric() {
    let made = made("tests/data/fourfold", "W3");
    let csv = String::from_utf8(made.bytes(Format::Csv)).unwrap();
    let mut lines = csv::Reader::from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
    let heads = lines.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = lines.records().map(Result::unwrap).collect();
    let all = workshops();
    let here = members("W3", &all);
    assert_eq!(rows.len(), here.len());
    for (metric, (title, head)) in TITLES.into_iter().enumerate() {
        let named = head.replacen(title, &format!("{title} 2023"), 1);
        let place = heads.iter().position(|h| h == named).unwrap_or_else(|| panic!("no {named}: {heads:?}"));
        let sum: f64 = rows.iter().filter_map(|r| r[place].parse::<f64>().ok()).sum();
        assert!((sum - value(&here, metric, 2023).0).abs() < 1e-6, "{named}");
    }
    let geojson: serde_json::Value = serde_json::from_slice(&made.bytes(Format::Geojson)).unwrap();
    let first = &geojson["features"][0]["properties"];
    assert!(METRICS.iter().all(|(m, ..)| first.get(format!("{m}_2023")).is_some()), "{first}");
}

/// What documents say: sentences, tables with their heads, captions of charts.
fn said(document: &Document) -> String {
    let mut out = String::new();
    for block in document.sections.iter().flat_map(|s| &s.blocks) {
        match block {
            Block::Text(text) | Block::Note(text) => out += text,
            Block::Table(t) => {
                t.rows.iter().chain([&t.heads]).flatten().for_each(|cell| out.extend(["|", cell.as_str()]));
            }
            Block::Picture(p) => out.extend([p.caption.as_str(), " ", p.alt.as_str()]),
            _ => {}
        }
        out.push('\n');
    }
    out
}

#[test]
fn documents_hold_every_metric() {
    let all = workshops();
    let (made, here) = (made("tests/data/fourfold", "C1"), members("C1", &all));
    let document = said(&made.document());
    let html = String::from_utf8(made.bytes(Format::Html)).unwrap();
    let docx = word(&made.bytes(Format::Docx));
    let pdf = pdf(&made.bytes(Format::Pdf));
    for (metric, (title, head)) in TITLES.into_iter().enumerate() {
        let sum = read(value(&here, metric, 2023).0, METRICS[metric].1);
        let sentence = format!("{}, sum: {sum} ", title.to_lowercase());
        for (name, text) in [("document", &document), ("html", &html), ("docx", &docx)] {
            assert!(text.contains(&sentence), "{name}: no “{sentence}”");
            assert!(text.contains(head), "{name}: no column {head}");
            let by_year = text.contains(&format!("{title} by year"));
            assert_eq!(by_year, METRICS[metric].2.len() > 1, "{name}: chart of {title}");
        }
        // lines of a page are set one by one
        let said = |text: &str| pdf.iter().any(|set| set.contains(text));
        assert!(said(&sum) && said(title), "pdf: {title} {sum}");
    }
    // the words of the manifest
    let overview = made.sheet("Overview");
    assert!(overview.rows().any(|r| r[3].as_string().is_some_and(|s| s.starts_with("Campus, id C1"))));
    assert!(html.contains("(crafts)"), "what the register is limited to");
    let clusters = made.sheet("Trades");
    column(&clusters, "Location quotient (within crafts)");
    for word in ["evenue", "mployees", "yuan", "AI ind", "营业收入"] {
        assert!(!html.contains(word) && !document.contains(word), "{word}");
    }
    assert!(made.snapshot.describe().manifest.id == "fourfold");
}

/// One metric has no second table and no chart of years; none leaves the part out.
#[test]
fn a_single_metric_and_none_make_reports_too() {
    let solo = made("tests/data/solo", "Q1");
    let document = said(&solo.document());
    assert!(document.contains("output, sum: 120.0 t") && document.contains("|Output (t)"), "{document}");
    assert!(!document.contains("Other figures by cluster") && !document.contains("by year"), "{document}");
    column(&solo.sheet("Classes"), "Output (t)");
    solo.bytes(Format::Pdf);

    let folder = std::env::temp_dir().join(format!("shigu-none-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    for file in std::fs::read_dir("tests/data/solo").unwrap() {
        let file = file.unwrap().path();
        std::fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
    }
    let manifest = folder.join("dataset.json");
    let mut value: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&manifest).unwrap()).unwrap();
    value["collections"][1]["register"]["metrics"] = serde_json::json!([]);
    std::fs::write(&manifest, value.to_string()).unwrap();
    let none = made(folder.to_str().unwrap(), "Q1");
    let document = said(&none.document());
    assert!(document.contains("records in Upper parish") && !document.contains(", sum:"), "{document}");
    let heads = none.sheet("Classes").rows().next().unwrap().len();
    assert_eq!(heads, 5 + 4, "cluster, number, share, of city, quotient; its interval, p-value and what may be said");
    none.bytes(Format::Docx);
    std::fs::remove_dir_all(folder).unwrap();
}

/// The text of a DOCX.
fn word(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut markup = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut markup).unwrap();
    let mut inside = false;
    let text: String = markup
        .chars()
        .filter(|c| {
            inside |= *c == '<';
            let keep = !inside;
            inside &= *c != '>';
            keep
        })
        .collect();
    text.replace("&amp;", "&")
}

/// The text of a PDF, once with the characters of each of its fonts: glyphs are numbered by font.
fn pdf(bytes: &[u8]) -> Vec<String> {
    assert!(bytes.starts_with(b"%PDF-"));
    let find = |from: usize, word: &[u8]| bytes[from..].windows(word.len()).position(|w| w == word).map(|at| from + at);
    let (mut streams, mut from) = (Vec::new(), 0);
    while let Some(start) = find(from, b"stream\n").map(|at| at + 7) {
        let Some(end) = find(start, b"endstream") else { break };
        let mut text = Vec::new();
        // pictures and fonts are streams, too
        let _ = flate2::read::ZlibDecoder::new(&bytes[start..end]).read_to_end(&mut text);
        streams.push(text);
        from = end + 9;
    }
    let has = |stream: &[u8], word: &[u8]| stream.windows(word.len()).any(|w| w == word);
    let units = |hex: &str| -> Vec<u16> {
        let all = hex.as_bytes().chunks(4).filter_map(|c| std::str::from_utf8(c).ok());
        all.filter_map(|c| u16::from_str_radix(c, 16).ok()).collect()
    };
    let pair = |line: &str| {
        let words: Vec<&str> = line.split('<').skip(1).filter_map(|w| w.split('>').next()).collect();
        let [glyph, character] = words[..] else { return None };
        Some((*units(glyph).first()?, String::from_utf16_lossy(&units(character))))
    };
    let fonts: Vec<HashMap<u16, String>> = streams
        .iter()
        .filter(|s| has(s, b"begincmap"))
        .map(|s| String::from_utf8_lossy(s).lines().filter_map(pair).collect())
        .collect();
    let glyphs: Vec<u16> = streams.iter().filter(|s| has(s, b"BT ")).flat_map(|s| glyphs(s)).collect();
    assert!(!fonts.is_empty() && glyphs.len() > 500, "{} fonts, {} glyphs", fonts.len(), glyphs.len());
    let set = |font: &HashMap<u16, String>| glyphs.iter().filter_map(|g| font.get(g).map(String::as_str)).collect();
    fonts.iter().map(set).collect()
}

/// The glyphs that a page sets: two bytes each, in strings in brackets.
fn glyphs(page: &[u8]) -> Vec<u16> {
    let (mut out, mut bytes, mut inside) = (Vec::new(), page.iter().copied().peekable(), false);
    while let Some(byte) = bytes.next() {
        match (inside, byte) {
            (false, b'(') => inside = true,
            (false, _) => {}
            (true, b')') => inside = false,
            (true, b'\\') => out.push(match bytes.next().unwrap_or_default() {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'f' => 12,
                first @ b'0'..=b'7' => {
                    let mut octal = u32::from(first - b'0');
                    for _ in 0..2 {
                        let Some(digit) = bytes.next_if(|b| (b'0'..=b'7').contains(b)) else { break };
                        octal = octal * 8 + u32::from(digit - b'0');
                    }
                    octal as u8
                }
                other => other,
            }),
            (true, other) => out.push(other),
        }
    }
    out.chunks(2).filter_map(|pair| Some(u16::from_be_bytes([*pair.first()?, *pair.get(1)?]))).collect()
}
