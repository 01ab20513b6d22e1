//! The pages of printed reports, read from the PDF itself: none but the last is left half empty, and no table's heads stand
//! without rows.

use flate2::read::ZlibDecoder;
use shigu::core::model::Lang;
use shigu::core::query::{Disclosure, Question};
use shigu::core::snapshot::Snapshot;
use shigu::data::load::{Limits, Source, fonts, load};
use shigu::render::drawing::Fonts;
use shigu::render::report::{Block, Format, Origin};
use shigu::service::batch::ReportBundle;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The type area of a page, from its upper edge, and how wide it is, in points.
const TOP: f64 = 82.0;
const BOTTOM: f64 = 765.9;
const WIDTH: f64 = 442.18;
/// The part of it that is filled at least, on every page but the last.
const FILLED: f64 = 0.65;

/// A box of one colour, all from the page's upper left corner.
#[derive(Clone, Copy, Debug)]
struct Fill {
    color: [f64; 3],
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// What is on a page: the lowest line of text above the foot, and the boxes.
#[derive(Debug, Default)]
struct Page {
    lowest: f64,
    fills: Vec<Fill>,
}

impl Page {
    fn filled(&self) -> f64 {
        (self.lowest - TOP) / (BOTTOM - TOP)
    }

    /// How many rows stand below each head of a table.
    fn rows(&self) -> Vec<usize> {
        let near = |a: f64, b: f64| (a - b).abs() < 0.01;
        let of = |f: &&Fill, red: f64| near(f.color[0], red) && near(f.right - f.left, WIDTH);
        let heads: Vec<&Fill> = self.fills.iter().filter(|f| of(f, 0.933)).collect();
        let mut rules: Vec<f64> =
            self.fills.iter().filter(|f| of(f, 0.541)).map(|f| f.top.midpoint(f.bottom)).collect();
        rules.sort_by(f64::total_cmp);
        rules.dedup_by(|a, b| near(*a, *b));
        let until = |i: usize| heads.get(i + 1).map_or(f64::INFINITY, |next| next.top - 1.0);
        (0..heads.len())
            .map(|i| rules.iter().filter(|y| **y > heads[i].bottom + 1.0 && **y < until(i)).count())
            .collect()
    }
}

/// A matrix of a content stream.
type Matrix = [f64; 6];

/// One matrix after another.
fn times(one: Matrix, other: Matrix) -> Matrix {
    let turned = |x: f64, y: f64| [x * other[0] + y * other[2], x * other[1] + y * other[3]];
    let (across, down, to) = (turned(one[0], one[1]), turned(one[2], one[3]), turned(one[4], one[5]));
    [across[0], across[1], down[0], down[1], to[0] + other[4], to[1] + other[5]]
}

/// A content stream without what its strings hold.
fn without_strings(stream: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    let keep = |c: &char| {
        let was = inside;
        inside = if inside { escaped || *c != ')' } else { *c == '(' };
        escaped = was && !escaped && *c == '\\';
        !was
    };
    stream.chars().filter(keep).collect()
}

/// Reads a content stream: positions of texts, and boxes that are filled.
fn page(stream: &str) -> Page {
    let (mut page, mut saved) = (Page::default(), Vec::new());
    let mut at: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let (mut color, mut path, mut numbers) = ([0.0; 3], Vec::new(), Vec::new());
    let place = |at: Matrix, x: f64, y: f64| (x * at[0] + y * at[2] + at[4], 841.89 - (x * at[1] + y * at[3] + at[5]));
    for word in without_strings(stream).split_ascii_whitespace() {
        if let Ok(number) = word.parse::<f64>() {
            numbers.push(number);
            continue;
        }
        let last = |n: usize| numbers.len().checked_sub(n).map(|from| &numbers[from..]);
        match word {
            "q" => saved.push((at, color)),
            "Q" => (at, color) = saved.pop().unwrap(),
            "cm" => at = times(last(6).unwrap().try_into().unwrap(), at),
            "rg" => color = last(3).unwrap().try_into().unwrap(),
            "m" | "l" => path.push(place(at, last(2).unwrap()[0], last(2).unwrap()[1])),
            "c" => path.push((f64::NAN, f64::NAN)),
            "f" | "f*" | "n" | "S" | "B" | "B*" => {
                let whole = path.len() == 4 && path.iter().all(|(x, _)| x.is_finite());
                if word.starts_with('f') && whole {
                    let fold =
                        |of: fn(&(f64, f64)) -> f64, by: fn(f64, f64) -> f64| path.iter().map(of).reduce(by).unwrap();
                    page.fills.push(Fill {
                        color,
                        left: fold(|p| p.0, f64::min),
                        top: fold(|p| p.1, f64::min),
                        right: fold(|p| p.0, f64::max),
                        bottom: fold(|p| p.1, f64::max),
                    });
                }
                path.clear();
            }
            // the array of glyphs stands right behind it
            _ if word.starts_with("Tm") => {
                let to = last(6).unwrap();
                let (_, y) = place(at, to[4], to[5]);
                page.lowest = if y < BOTTOM { page.lowest.max(y) } else { page.lowest };
            }
            _ => {}
        }
        numbers.clear();
    }
    page
}

/// The pages of a PDF, in their order.
fn pages(pdf: &[u8]) -> Vec<Page> {
    let find = |word: &[u8]| pdf.windows(word.len()).position(|w| w == word);
    let object = |id: &str| &pdf[find(format!("\n{id} 0 obj\n").as_bytes()).unwrap()..];
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(4000)]).into_owned();
    let kids = text(&pdf[find(b"/Kids[").unwrap() + 6..]);
    let kids = kids.split(']').next().unwrap().split(" 0 R").map(str::trim).filter(|id| !id.is_empty());
    let one = |id: &str| {
        let about = text(object(id));
        let contents = about.split("/Contents ").nth(1).unwrap().split(' ').next().unwrap();
        let stream = object(contents);
        let begin = stream.windows(7).position(|w| w == b"stream\n").unwrap() + 7;
        let mut bytes = Vec::new();
        ZlibDecoder::new(&stream[begin..]).read_to_end(&mut bytes).unwrap();
        page(&bytes.iter().map(|b| char::from(*b)).collect::<String>())
    };
    kids.map(one).collect()
}

fn check(folder: &str, zones: &[&str], fonts: &Fonts) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (dataset, report) = load(&Source::Folder(folder.clone()), &Limits::default());
    let snapshot = Arc::new(Snapshot::new(dataset.unwrap_or_else(|| panic!("{report:?}"))));
    let mut seen = 0;
    for (zone, lang) in zones.iter().flat_map(|zone| [(zone, Lang::Zh), (zone, Lang::En)]) {
        let bound = Question::register().in_zone(*zone).bind(&snapshot, Disclosure::Full).unwrap();
        let bundle = ReportBundle::new(&bound, lang, Origin::default()).unwrap();
        let pdf = bundle.bytes(Format::Pdf, fonts).unwrap();
        let pages = pages(&pdf);
        let what = format!("{} {zone} {lang:?}", folder.display());
        let filled: Vec<String> = pages.iter().map(|p| format!("{:.2}", p.filled())).collect();
        for page in &pages[..pages.len() - 1] {
            assert!(page.filled() >= FILLED, "{what}: {filled:?}");
        }
        assert!(pages.iter().all(|p| p.lowest > TOP && p.lowest < BOTTOM), "{what}: {filled:?}");
        println!("{what}: {filled:?}");
        // heads on the pages, and the tables of the document
        let document = bundle.report().document(None);
        let blocks = document.sections.iter().flat_map(|s| &s.blocks);
        let tables = blocks.filter_map(|b| if let Block::Table(table) = b { Some(table) } else { None });
        let mut pieces = pages.iter().flat_map(Page::rows);
        for table in tables {
            let (mut left, mut least) = (table.rows.len(), 3);
            loop {
                let piece = pieces.next().unwrap_or_else(|| panic!("{what}: {}", table.caption));
                let enough = piece >= least.min(left) && (piece == left || left - piece >= 2);
                assert!(enough, "{what}: {}: {piece} of {left}", table.caption);
                (left, least) = (left - piece, 2);
                if left == 0 {
                    break;
                }
            }
        }
        assert_eq!(pieces.next(), None, "{what}");
        seen += pages.len();
    }
    seen
}

#[test]
fn no_page_is_half_empty_and_no_head_stands_without_rows() {
    let (faces, first) = fonts(None).expect("the fonts of this computer");
    let fonts = Fonts::new(faces, first);
    let mut seen = 0;
    for (folder, zones) in [
        ("geodata/hangzhou", &["city", "330110", "P13", "outside"][..]),
        ("tests/data/fourfold", &["city", "W2", "C1"]),
        ("tests/data/tinyville", &["city"]),
        ("tests/data/sectors", &["city"]),
        ("tests/data/solo", &["city", "Q1"]),
        ("tests/data/threetables", &["city"]),
        ("tests/data/twolevel", &["city"]),
        ("tests/data/dated", &["city"]),
        ("tests/data/quayside", &["city"]),
    ] {
        seen += check(folder, zones, &fonts);
    }
    assert!(seen > 80, "{seen} pages");
}
