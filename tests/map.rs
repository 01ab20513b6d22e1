//! Maps as scenes: what is drawn, where names stand, whether numbers, scale and legend are right.

use crate::common;

use common::decode;
use geo::{Distance, Geodesic, Point};
use proptest::prelude::*;
use resvg::usvg;
use shigu::core::geometry::mercator::TileId;
use shigu::core::model::Lang;
use shigu::core::query::{Bound, Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::{CollectionInfo, Snapshot};
use shigu::data::load::{Limits, Source, fonts, load};
use shigu::render::map::{Ask, Crs, Fonts, Ground, Item, MapError, Rect, Scene, png, svg};
use shigu::render::tiles::{Grid, encode};
use std::path::Path;
use std::sync::LazyLock;

static HANGZHOU: LazyLock<Embedded> = LazyLock::new(|| city("geodata/hangzhou"));
static TINYVILLE: LazyLock<Embedded> = LazyLock::new(|| city("tests/data/tinyville"));

fn city(folder: &str) -> Embedded {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    Snapshot::new(load(&Source::Folder(path), &Limits::default()).0.unwrap()).into()
}

/// A question for all collections, the register under conditions.
fn ask(s: &Embedded, zone: &str, conditions: &[(&str, &str)]) -> Ask {
    let register = register(s);
    let one = |(place, c): (usize, &CollectionInfo)| {
        let question = Question::of(c.spec.id.as_str());
        let question = if place == register { question.in_zone(zone) } else { question };
        let given = if place == register { conditions } else { &[] };
        let question = given.iter().fold(question, |q, (name, value)| q.having(*name, *value));
        s.bind(&question, Disclosure::Full).unwrap()
    };
    let queries: Vec<Bound> = s.describe().collections.iter().enumerate().map(one).collect();
    Ask { focus: Some(queries[register].clone()), ..Ask::new(queries) }
}

fn register(s: &Embedded) -> usize {
    s.describe().register.as_ref().unwrap().collection
}

fn apart(a: &Rect, b: &Rect) -> bool {
    a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1]
}

/// No label on another, on a card, or cut by the edge.
fn well_placed(scene: &Scene) {
    let [left, top, right, bottom] = scene.map;
    for (i, a) in scene.labels.iter().enumerate() {
        assert!(a[0] >= left && a[1] >= top && a[2] <= right && a[3] <= bottom, "cut: {a:?} in {:?}", scene.map);
        for b in scene.labels[i + 1..].iter().chain(&scene.cards) {
            assert!(apart(a, b), "{a:?} on {b:?}");
        }
    }
    for (i, a) in scene.cards.iter().enumerate() {
        assert!(a[0] >= 0.0 && a[1] >= 0.0 && a[2] <= scene.size[0] && a[3] <= scene.size[1], "card cut: {a:?}");
        for b in &scene.cards[i + 1..] {
            assert!(apart(a, b), "cards {a:?} {b:?} of {:?}", scene.size);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn names_keep_clear_of_each_other(
        lon in 118.4f64..120.7, lat in 29.2f64..30.5, span in -2.5f64..0.4, width in 60u32..1600, height in 60u32..1200,
        sheet: bool, english: bool, mercator: bool, twice: bool,
    ) {
        let crs = if mercator { Crs::WebMercator } else { Crs::Crs84 };
        let (dx, dy) = (10f64.powf(span), 10f64.powf(span) * 0.7);
        let ((west, south), (east, north)) = (crs.project(lon - dx, lat - dy), crs.project(lon + dx, lat + dy));
        let mut ask = ask(&HANGZHOU, "city", &[]);
        (ask.crs, ask.bbox, ask.width, ask.height) = (crs, Some([west, south, east, north]), Some(width), Some(height));
        (ask.sheet, ask.lang, ask.ratio) = (sheet, if english { Lang::En } else { Lang::Zh }, if twice { 2.0 } else { 1.0 });
        let scene = Scene::draw(HANGZHOU.describe(), &ask).unwrap();
        well_placed(&scene);
        let xml = svg(&scene);
        usvg::roxmltree::Document::parse(&xml).unwrap();
    }
}

#[test]
fn every_zone_has_its_map() {
    for s in [&*HANGZHOU, &*TINYVILLE] {
        for zone in s.describe().zones.iter().map(|z| z.id.as_str()).chain(["city", "outside"]) {
            for (size, lang) in
                [([1000, 700], Lang::Zh), ([420, 320], Lang::En), ([1200, 900], Lang::En), ([794, 1123], Lang::Zh)]
            {
                let mut ask = ask(s, zone, &[]);
                (ask.width, ask.height, ask.lang) = (Some(size[0]), Some(size[1]), lang);
                let scene = Scene::draw(s.describe(), &ask).unwrap();
                well_placed(&scene);
                assert!(scene.group("legend").is_some(), "{zone} has no legend");
            }
        }
    }
}

/// What the boxes of labels are thought to be holds for the font that paints them.
#[test]
fn no_name_is_wider_than_it_is_thought_to_be() {
    let fonts = chinese();
    for (lang, zone) in [(Lang::Zh, "city"), (Lang::En, "city"), (Lang::En, "330108"), (Lang::Zh, "330110")] {
        let mut ask = ask(&HANGZHOU, zone, &[]);
        ask.lang = lang;
        let scene = Scene::draw(HANGZHOU.describe(), &ask).unwrap();
        let tree = usvg::Tree::from_str(
            &svg(&scene),
            &usvg::Options { fontdb: fonts.0.clone().into(), font_family: fonts.1.clone(), ..usvg::Options::default() },
        )
        .unwrap();
        let mut boxes = Vec::new();
        texts(tree.root(), &mut boxes);
        let names = scene.group("names").unwrap().items.len();
        assert!(boxes.len() > 2 * names, "{} texts for {names} names with halos", boxes.len());
        for line in &scene.group("names").unwrap().items {
            let Item::Text(line) = line else { panic!() };
            let found = boxes
                .iter()
                .find(|(said, _)| *said == line.text)
                .unwrap_or_else(|| panic!("{} is not there", line.text));
            let fits = scene
                .labels
                .iter()
                .any(|l| found.1.left() as f64 >= l[0] - 1.5 && found.1.right() as f64 <= l[2] + 1.5);
            assert!(fits, "{}: {:?}", line.text, found.1);
        }
    }
}

fn texts(group: &usvg::Group, out: &mut Vec<(String, usvg::Rect)>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(g) => texts(g, out),
            usvg::Node::Text(t) => {
                out.push((t.chunks().iter().map(usvg::TextChunk::text).collect(), t.abs_bounding_box()));
            }
            _ => {}
        }
    }
}

/// The fonts of this computer where one has Chinese.
fn chinese() -> (usvg::fontdb::Database, String) {
    let (faces, _) = fonts(None).expect("the fonts of this computer");
    let families =
        ["Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"];
    let there = |name: &&str| faces.faces().any(|f| f.families.iter().any(|(n, _)| n == name));
    let family = families.into_iter().find(there).expect("a Chinese font: make test-tools").to_owned();
    (faces, family)
}

/// The same filter gives the same numbers on the map, in tiles and in summaries.
#[test]
fn cells_are_those_of_the_tiles() {
    let s = &*HANGZHOU;
    for conditions in [vec![], vec![("cluster", "robot")], vec![("above_scale", "true"), ("cluster", "vision")]] {
        let (z, x, y) = (12u8, 3413u32, 1686u32);
        let tile = TileId::new(z, x, y).unwrap();
        let b = tile.bounds(0.0);
        let mut ask = ask(s, "city", &conditions);
        ask.crs = Crs::WebMercator;
        let ((west, south), (east, north)) = (ask.crs.project(b.west, b.south), ask.crs.project(b.east, b.north));
        // the tile fills the picture; a hair smaller, so that its neighbours have no part in it
        let hair = (east - west) * 1e-6;
        ask.bbox = Some([west + hair, south + hair, east - hair, north - hair]);
        (ask.width, ask.height, ask.sheet) = (Some(512), Some(512), false);
        let scene = Scene::draw(s.describe(), &ask).unwrap();
        let register = register(s);
        let bytes = encode(std::slice::from_ref(&ask.queries[register]), tile, Grid::new(8).unwrap());
        let layers = decode(&bytes);
        let features = layers.get("enterprises").map(|l| l.as_array().unwrap().clone()).unwrap_or_default();
        let mut numbers: Vec<u64> = features.iter().filter_map(|f| f["properties"]["n"].as_u64()).collect();
        let singles = features.len() - numbers.len();
        let count = |id: &str| scene.group(id).map_or(0, |g| g.items.len());
        assert_eq!((count("register-cell"), count("register-dot")), (numbers.len(), singles), "{conditions:?}");
        let said = scene.group("register-cell-count").map(|g| g.items.clone()).unwrap_or_default();
        let mut drawn: Vec<u64> = said
            .iter()
            .map(|i| if let Item::Text(l) = i { l.text.replace(',', "").parse().unwrap() } else { panic!() })
            .collect();
        numbers.sort_unstable();
        drawn.sort_unstable();
        assert_eq!(drawn, numbers, "{conditions:?}");
        assert!(conditions.len() > 1 || !drawn.is_empty(), "the tile has crowds");
        let summary = ask.queries[register].summarize().unwrap();
        assert_eq!(scene.matched, Some(summary.counts.matched));
    }
}

#[test]
fn districts_say_their_numbers() {
    let s = &*HANGZHOU;
    for conditions in [vec![], vec![("cluster", "robot")], vec![("founded", "1800")]] {
        let mut ask = ask(s, "city", &conditions);
        ask.width = Some(2400);
        let scene = Scene::draw(s.describe(), &ask).unwrap();
        let query = &ask.queries[register(s)];
        let partition = s.describe().district_kind().unwrap();
        let list = query.of_kind(&partition.id).unwrap().zones().unwrap();
        let said: Vec<&str> = scene.lines().map(|l| l.text.as_str()).collect();
        for zone in &list.zones {
            let at = said.iter().position(|t| *t == zone.name).unwrap_or_else(|| panic!("{} has no name", zone.name));
            let near = &said[at..said.len().min(at + 3)];
            assert!(near.contains(&format!("{} 家", zone.count).as_str()), "{}: {near:?}, {}", zone.name, zone.count);
        }
        let total = scene.matched.unwrap();
        assert_eq!(total, query.summarize().unwrap().counts.matched);
    }
}

#[test]
fn a_scale_bar_is_as_long_as_it_says() {
    for (crs, zone, width) in [
        (Crs::Crs84, "city", 1200),
        (Crs::WebMercator, "city", 900),
        (Crs::WebMercator, "330108", 700),
        (Crs::Crs84, "330127", 400),
    ] {
        let mut ask = ask(&HANGZHOU, zone, &[]);
        (ask.crs, ask.width) = (crs, Some(width));
        let scene = Scene::draw(HANGZHOU.describe(), &ask).unwrap();
        let (metres, pixels) = scene.scale_bar.unwrap();
        let frame = scene.frame;
        let (x, y) = (frame.width / 2.0, frame.height / 2.0);
        let at = |x: f64| Point::from(frame.degrees(x, y));
        let ground = Geodesic.distance(at(x - pixels / 2.0), at(x + pixels / 2.0));
        assert!((ground / metres - 1.0).abs() < 1e-3, "{zone}: {metres} m, on the ground {ground}");
        let lead = metres / 10f64.powf(metres.log10().floor());
        assert!([1.0, 2.0, 5.0].iter().any(|n| (lead - n).abs() < 1e-9), "{metres} is no round length");
        // and what is drawn is so long
        let bar = &scene.group("scale").unwrap().items[1];
        let Item::Path { parts, .. } = bar else { panic!("{bar:?}") };
        assert!((f64::from(parts[0][1].0 - parts[0][0].0) / 10.0 - pixels).abs() < 0.2);
    }
}

/// The legend lists what is drawn and nothing else.
#[test]
fn the_legend_is_of_this_map() {
    let entry = |scene: &Scene, id: &str| scene.legend.iter().any(|l| l == id);
    for s in [&*HANGZHOU, &*TINYVILLE] {
        for zone in ["city", s.describe().zones[0].id.as_str(), s.describe().zones.last().unwrap().id.as_str()] {
            let scene = Scene::draw(s.describe(), &ask(s, zone, &[])).unwrap();
            for id in &scene.legend {
                assert!(scene.group(id).is_some(), "{id} is listed and not drawn in {zone}");
            }
            for id in [
                "axis",
                "belt",
                "nodes",
                "platforms",
                "lead",
                "register-cell",
                "register-dot",
                "districts-shade",
                "zones-line",
                "water",
                "chosen",
            ] {
                assert_eq!(scene.group(id).is_some(), entry(&scene, id), "{id} in {zone}");
            }
        }
    }
    let mut none = ask(&HANGZHOU, "city", &[]);
    none.queries.retain(|q| HANGZHOU.describe().collections[q.collection()].spec.id == "water");
    let scene = Scene::draw(HANGZHOU.describe(), &none).unwrap();
    assert_eq!(scene.legend, ["water"]);
    assert!(
        !scene.lines().any(|l| l.text == "示意" || l.text == "示例数据"),
        "water is neither schematic nor a sample"
    );
}

#[test]
fn marks_say_what_a_map_may_be_used_for() {
    let said = |s: &Embedded, sheet: bool| -> Vec<String> {
        let scene = Scene::draw(s.describe(), &Ask { sheet, ..ask(s, "city", &[]) }).unwrap();
        scene
            .group("marks")
            .unwrap()
            .items
            .iter()
            .filter_map(|i| if let Item::Text(l) = i { Some(l.text.clone()) } else { None })
            .collect()
    };
    for sheet in [true, false] {
        let marks = said(&HANGZHOU, sheet);
        assert_eq!(marks[..3], ["内部资料 未经审图", "示例数据", "示意"]);
        assert_eq!(marks.len(), if sheet { 4 } else { 3 });
    }
    assert!(said(&HANGZHOU, true)[3].contains(&HANGZHOU.describe().revision[..8]));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville");
    let (dataset, _) = load(&Source::Folder(path), &Limits::default());
    let mut dataset = dataset.unwrap();
    dataset.manifest.map_approval = shigu::core::model::MapApproval::Number("浙S(2026)1号".into());
    assert_eq!(said(&Snapshot::new(dataset).into(), true)[0], "审图号：浙S(2026)1号");
}

#[test]
fn an_empty_filter_is_a_map_without_enterprises() {
    let scene = Scene::draw(HANGZHOU.describe(), &ask(&HANGZHOU, "330110", &[("founded", "1800")])).unwrap();
    assert!(scene.group("register-cell").is_none() && scene.group("register-dot").is_none());
    assert_eq!(scene.matched, Some(0));
    well_placed(&scene);
}

/// The pixels of a picture: red, green, blue, alpha.
fn pixel(bytes: &[u8], x: f64, y: f64) -> [u8; 4] {
    let picture = resvg::tiny_skia::Pixmap::decode_png(bytes).unwrap();
    let p = picture.pixel(x as u32, y as u32).unwrap().demultiply();
    [p.red(), p.green(), p.blue(), p.alpha()]
}

#[test]
fn pixels_have_the_colours_of_the_table() {
    let (faces, _) = chinese();
    let fonts = Fonts::new(faces, None);
    let s = &*HANGZHOU;
    let mut ask = Ask { sheet: false, ..ask(s, "city", &[]) };
    ask.ground = Ground::Transparent;
    let scene = Scene::draw(s.describe(), &ask).unwrap();
    let bytes = png(&scene, &fonts).unwrap();
    let at = |lon: f64, lat: f64| scene.frame.pixel_of(lon, lat);
    // in Yuhang, which has most enterprises; in Qiandao Lake; beyond the city
    let (x, y) = at(119.80, 30.45);
    assert_eq!(pixel(&bytes, x, y), [0x97, 0xA8, 0xC6, 255], "the deepest shade");
    let (x, y) = at(118.95, 29.55);
    assert_eq!(pixel(&bytes, x, y), [0xCF, 0xE2, 0xEC, 255], "water");
    let (x, y) = at(118.4, 30.5);
    assert_eq!(pixel(&bytes, x, y)[3], 0, "nothing");
    ask.ground = Ground::Color("#123456".into());
    let bytes = png(&Scene::draw(s.describe(), &ask).unwrap(), &fonts).unwrap();
    assert_eq!(pixel(&bytes, x, y), [0x12, 0x34, 0x56, 255]);
    assert_eq!(
        bytes,
        png(&Scene::draw(s.describe(), &ask).unwrap(), &fonts).unwrap(),
        "the same question, the same bytes"
    );
}

#[test]
fn without_a_chinese_font_there_is_no_picture() {
    let scene = Scene::draw(TINYVILLE.describe(), &ask(&TINYVILLE, "city", &[])).unwrap();
    let Err(MapError::NoFont(characters)) = png(&scene, &Fonts::default()) else { panic!("boxes were drawn") };
    assert!(!characters.is_empty());
    // a font that has Latin letters only
    let (faces, _) = chinese();
    let families = ["DejaVu Sans", "Liberation Sans", "Noto Sans", "Roboto", "Arial", "Helvetica"];
    let is_latin = |name: &str| families.contains(&name);
    let latin = faces.faces().find(|f| f.families.iter().any(|(n, _)| is_latin(n))).map(|f| f.source.clone());
    let latin = latin.unwrap_or_else(|| panic!("one of the fonts {families:?}"));
    let mut few = usvg::fontdb::Database::new();
    few.load_font_source(latin);
    let Err(MapError::NoFont(characters)) = png(&scene, &Fonts::new(few, None)) else { panic!("boxes were drawn") };
    assert!(characters.chars().all(|c| !c.is_ascii()), "{characters}");
}

#[test]
fn sizes_follow_the_box() {
    let mut ask = ask(&HANGZHOU, "city", &[]);
    ask.bbox = Some([119.0, 29.0, 121.0, 31.0]);
    ask.width = Some(1000);
    let [w, h] = ask.size(HANGZHOU.describe()).unwrap();
    // 2 degrees of longitude at 30 degrees are 0.866 of 2 degrees of latitude
    assert_eq!((w, h), (1000, 1155));
    ask.bbox = Some([119.0, 29.0, 119.1, 31.0]);
    assert!(ask.size(HANGZHOU.describe()).is_err(), "as high as 23,000 pixels");
}

/// Towards the end of what a background covers less and less of it shows, and beyond nothing; where it is whole nothing is drawn.
#[test]
fn a_background_fades_where_it_ends() {
    let s = &*HANGZHOU;
    let fading = |ask: &Ask| {
        let scene = Scene::draw(s.describe(), ask).unwrap();
        assert!(scene.group("water").is_some());
        scene.group("water-fade").map(|group| group.items.clone()).unwrap_or_default()
    };
    assert!(fading(&ask(s, "city", &[])).is_empty());
    for crs in [Crs::Crs84, Crs::WebMercator] {
        let ((west, south), (east, north)) = (crs.project(122.9, 30.9), crs.project(124.1, 31.2));
        let mut ask = Ask { crs, bbox: Some([west, south, east, north]), ..ask(s, "city", &[]) };
        (ask.width, ask.height, ask.sheet) = (Some(600), Some(150), false);
        let items = fading(&ask);
        // what is seen of the background at a longitude: no item lies there, or each lets its part through
        let shows = |lon: f64| {
            let at = ((lon - 122.9) / 1.2 * 6000.0) as i32;
            items.iter().fold(1.0, |left, item| {
                let Item::Path { parts, look, .. } = item else { panic!("{item:?}") };
                let inside = |ring: &[(i32, i32)]| ring.iter().any(|p| p.0 <= at) && ring.iter().any(|p| p.0 > at);
                let covered = parts.iter().filter(|ring| inside(ring)).count() % 2 == 1;
                if covered { left * (1.0 - look.fill.as_ref().unwrap().1) } else { left }
            })
        };
        let seen: Vec<f64> = (0..119).map(|i| shows(122.901 + f64::from(i) / 100.0)).collect();
        assert!((seen[0] - 1.0).abs() < 1e-9 && shows(123.601) < 1e-9, "{seen:?}");
        assert!(seen.windows(2).all(|w| w[0] >= w[1] - 1e-9 && w[0] - w[1] < 0.1), "{seen:?}");
        ask.ground = Ground::Transparent;
        assert!(fading(&ask).is_empty(), "there is nothing to fade into");
    }
}
