//! A scene as opaque polygons looks like the scene: compared with what resvg paints, and by the rule of mixing colours.

use proptest::prelude::*;
use resvg::tiny_skia::{self, Color, FillRule, Paint, PathBuilder, Pixmap, Transform};
use serde::Deserialize;
use shigu::core::model::Lang;
use shigu::core::query::{Bound, Disclosure, Embedded, Engine, Question};
use shigu::core::snapshot::{CollectionInfo, Snapshot};
use shigu::data::load::{Limits, Source, fonts, load};
use shigu::render::map::{Ask, Fonts, Ground, Group, Item, Look, Scene, Stroke, png, polygons};
use std::path::Path;
use std::sync::LazyLock;

static HANGZHOU: LazyLock<Embedded> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou");
    Snapshot::new(load(&Source::Folder(path), &Limits::default()).0.unwrap()).into()
});
static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let (faces, first) = fonts(None).expect("the fonts of this computer");
    Fonts::new(faces, first)
});

/// What the renderer reads.
#[derive(Deserialize)]
struct Picture {
    width: u32,
    height: u32,
    block: u32,
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Layer {
    color: String,
    polygons: Vec<Vec<Vec<i32>>>,
}

impl Layer {
    fn rgb(&self) -> [u8; 3] {
        [1, 3, 5].map(|i| u8::from_str_radix(&self.color[i..i + 2], 16).unwrap())
    }
}

fn read(scene: &Scene) -> Picture {
    serde_json::from_slice(&polygons(scene, &FONTS).unwrap()).unwrap()
}

fn ask(zone: &str, lang: Lang) -> Ask {
    let s = &*HANGZHOU;
    let register = s.describe().register.as_ref().unwrap().collection;
    let one = |(place, c): (usize, &CollectionInfo)| {
        let question = Question::of(c.spec.id.as_str());
        let question = if place == register { question.in_zone(zone) } else { question };
        s.bind(&question, Disclosure::Full).unwrap()
    };
    let queries: Vec<Bound> = s.describe().collections.iter().enumerate().map(one).collect();
    Ask { focus: Some(queries[register].clone()), lang, width: Some(500), ..Ask::new(queries) }
}

/// Paints polygons without knowing what they mean: four samples a pixel each way, the topmost layer wins.
fn painted(picture: &Picture) -> Vec<[f64; 3]> {
    const N: u32 = 4;
    let mut pixels = Pixmap::new(picture.width * N, picture.height * N).unwrap();
    let unit = (picture.block * N) as f32 / 4096.0;
    for layer in &picture.layers {
        let [r, g, b] = layer.rgb();
        let mut paint = Paint { anti_alias: false, ..Paint::default() };
        paint.set_color(Color::from_rgba8(r, g, b, 255));
        for polygon in &layer.polygons {
            let mut path = PathBuilder::new();
            for ring in polygon {
                for (i, c) in ring.chunks(2).enumerate() {
                    let (x, y) = (c[0] as f32 * unit, c[1] as f32 * unit);
                    if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
                }
                path.close();
            }
            let path = path.finish().unwrap();
            pixels.fill_path(&path, &paint, FillRule::EvenOdd, Transform::identity(), None);
        }
    }
    let sample = |x: u32, y: u32| pixels.pixel(x, y).unwrap();
    let mean = |i: u32| {
        let (x, y) = (i % picture.width * N, i / picture.width * N);
        let samples = (0..N * N).map(|s| sample(x + s % N, y + s / N));
        let sum = samples.fold([0.0; 3], |a, p| {
            [a[0] + f64::from(p.red()), a[1] + f64::from(p.green()), a[2] + f64::from(p.blue())]
        });
        sum.map(|v| v / f64::from(N * N))
    };
    (0..picture.width * picture.height).map(mean).collect()
}

/// Mean difference of the channels, and the share of pixels that differ by more than a quarter of the range.
fn difference(scene: &Scene, painted: &[[f64; 3]]) -> (f64, f64) {
    let real = tiny_skia::Pixmap::decode_png(&png(scene, &FONTS).unwrap()).unwrap();
    assert_eq!(real.pixels().len(), painted.len());
    let apart = |(p, q): (&tiny_skia::PremultipliedColorU8, &[f64; 3])| {
        [p.red(), p.green(), p.blue()].iter().zip(q).map(|(a, b)| (f64::from(*a) - b).abs()).collect::<Vec<f64>>()
    };
    let all: Vec<Vec<f64>> = real.pixels().iter().zip(painted).map(apart).collect();
    let mean = all.iter().flatten().sum::<f64>() / (all.len() * 3) as f64;
    let far = all.iter().filter(|p| p.iter().any(|d| *d > 64.0)).count() as f64 / all.len() as f64;
    (mean, far)
}

#[test]
fn polygons_look_like_the_picture() {
    for (zone, lang) in [("city", Lang::Zh), ("330110", Lang::En), ("P13", Lang::Zh)] {
        let scene = Scene::draw(HANGZHOU.describe(), &ask(zone, lang)).unwrap();
        let picture = read(&scene);
        assert_eq!([picture.width, picture.height], scene.pixels());
        assert!(picture.block <= 1024);
        let (mean, far) = difference(&scene, &painted(&picture));
        // resvg mixes colours in whole steps and rounds down: that is 1 step where many faint areas lie on one another
        assert!(mean < 2.0 && far < 0.002, "{zone}: {mean} of 255 in the mean, {far} of the pixels far apart");
    }
}

#[test]
fn the_same_scene_gives_the_same_polygons() {
    let scene = Scene::draw(HANGZHOU.describe(), &ask("330110", Lang::Zh)).unwrap();
    assert_eq!(polygons(&scene, &FONTS).unwrap(), polygons(&scene, &FONTS).unwrap());
}

/// A large picture is drawn in blocks, so that a unit is never more than a quarter of a pixel.
#[test]
fn a_unit_is_a_quarter_of_a_pixel_or_less() {
    for (width, block) in [(300, 300), (1024, 1024), (1025, 513), (1200, 600), (4096, 1024)] {
        let mut ask = Ask { sheet: false, ..ask("city", Lang::Zh) };
        (ask.width, ask.height) = (Some(width), Some(200));
        let picture = read(&Scene::draw(HANGZHOU.describe(), &ask).unwrap());
        assert_eq!((picture.width, picture.block), (width, block));
    }
}

#[test]
fn without_a_ground_it_is_white() {
    let mut ask = Ask { sheet: false, ground: Ground::Transparent, ..ask("city", Lang::Zh) };
    (ask.width, ask.height) = (Some(100), Some(80));
    ask.queries.truncate(0);
    let picture = read(&Scene::draw(HANGZHOU.describe(), &ask).unwrap());
    assert_eq!(picture.layers[0].color, "#ffffff");
}

/// A shape, with corners in tenths of a pixel: whether it's a disc, its box, its colour and its opacity.
type Shape = (bool, [i32; 4], [u8; 3], f64);

fn shape() -> impl Strategy<Value = Shape> {
    let corner = || (0i32..600, 0i32..400, 5i32..200, 5i32..150);
    let opacity = prop_oneof![Just(1.0), (1u16..1000).prop_map(|thousandths| f64::from(thousandths) / 1000.0)];
    // few colours, so that layers of one colour are put together
    let color = prop_oneof![Just([0, 90, 200]), Just([250, 20, 20]), Just([255, 255, 255])];
    (any::<bool>(), corner(), color, opacity)
        .prop_map(|(disc, (x, y, w, h), color, opacity)| (disc, [x, y, x + 2 * w, y + 2 * h], color, opacity))
}

/// How far inside a shape a spot is, in pixels; negative outside.
fn depth((disc, [l, t, r, b], ..): &Shape, x: f64, y: f64) -> f64 {
    let [l, t, r, b] = [l, t, r, b].map(|v| f64::from(*v) / 10.0);
    if *disc {
        return f64::from((r - l) as f32) / 2.0 - (x - f64::midpoint(l, r)).hypot(y - f64::midpoint(t, b));
    }
    (x - l).min(r - x).min(y - t).min(b - y)
}

fn item((disc, [l, t, r, b], [red, green, blue], opacity): &Shape) -> Item {
    let look = Look { fill: Some((format!("#{red:02X}{green:02X}{blue:02X}"), *opacity)), stroke: None };
    if *disc {
        let [l, t, r, b] = [l, t, r, b].map(|v| f64::from(*v) / 10.0);
        return Item::Circle { at: (f64::midpoint(l, r), f64::midpoint(t, b)), radius: (r - l) / 2.0, look };
    }
    Item::Path { parts: vec![vec![(*l, *t), (*r, *t), (*r, *b), (*l, *b)]], closed: true, look }
}

/// Whether a spot, in units, is in a polygon: even-odd.
fn holds(polygon: &[Vec<i32>], x: f64, y: f64) -> bool {
    let crosses = |ring: &Vec<i32>| {
        let corners: Vec<(f64, f64)> = ring.chunks(2).map(|c| (f64::from(c[0]), f64::from(c[1]))).collect();
        let edges = (0..corners.len()).map(|i| (corners[i], corners[(i + 1) % corners.len()]));
        edges.filter(|(a, b)| (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0).count()
    };
    polygon.iter().map(crosses).sum::<usize>() % 2 == 1
}

/// A sheet with nothing on it but its marks, which are covered by what is put on top here.
static EMPTY: LazyLock<Scene> = LazyLock::new(|| {
    let mut ask = Ask { sheet: false, ground: Ground::Color("#204060".into()), ..ask("city", Lang::Zh) };
    (ask.width, ask.height) = (Some(64), Some(48));
    let mut scene = Scene::draw(HANGZHOU.describe(), &ask).unwrap();
    let mark = scene.lines().next().cloned().expect("a mark");
    // one character, out of sight: a picture without any needs no font, and is none that there is
    let at = (-500.0, -500.0);
    scene.groups = vec![Group {
        id: "mark".into(),
        clipped: false,
        items: vec![Item::Text(shigu::render::map::Line { at, ..mark })],
    }];
    scene
});

/// Lines have their width, dashes and ends, and both sides of a clip have what is theirs.
#[test]
fn lines_cover_what_they_should() {
    let mut scene = EMPTY.clone();
    let stroke = Stroke {
        color: "#ff0000".into(),
        width: 4.0,
        opacity: 1.0,
        dash: vec![10.0, 6.0],
        round_join: false,
        round_cap: false,
    };
    let look = Look { fill: None, stroke: Some(stroke) };
    let line = Item::Path { parts: vec![vec![(0, 200), (640, 200)]], closed: false, look };
    scene.map = [0.0, 0.0, 40.0, 48.0];
    scene.groups.push(Group { id: "line".into(), clipped: true, items: vec![line] });
    let picture = read(&scene);
    let unit = 4096.0 / f64::from(picture.block);
    for tenth in 0..640 {
        let x = f64::from(tenth) / 10.0 + 0.05;
        for y in [17.9, 18.1, 20.0, 21.9, 22.1] {
            let top = picture.layers.iter().rfind(|l| l.polygons.iter().any(|p| holds(p, x * unit, y * unit))).unwrap();
            let red = x < 40.0 && x % 16.0 < 10.0 && (y - 20.0f64).abs() < 2.0;
            assert_eq!(top.color == "#ff0000", red, "at {x} {y}: {}", top.color);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn colours_mix_as_they_should(shapes in prop::collection::vec(shape(), 1..8)) {
        let mut scene = EMPTY.clone();
        let items = shapes.iter().map(item).collect();
        scene.groups.push(Group { id: "shapes".into(), clipped: false, items });
        let picture = read(&scene);
        let unit = 4096.0 / f64::from(picture.block);
        for i in 0..16 * 12 {
            let (x, y) = (f64::from(i % 16) * 4.0 + 2.03, f64::from(i / 16) * 4.0 + 2.07);
            // edges are where they are to a unit, arcs to half of one more
            if shapes.iter().any(|s| depth(s, x, y).abs() < 0.06) {
                continue;
            }
            let over = |under: [f64; 3], (.., color, opacity): &Shape| {
                [0, 1, 2].map(|i| f64::from(color[i]) * opacity + under[i] * (1.0 - opacity))
            };
            let here = shapes.iter().filter(|s| depth(s, x, y) > 0.0);
            let right = here.fold([32.0, 64.0, 96.0], over);
            let top = picture.layers.iter().rfind(|l| l.polygons.iter().any(|p| holds(p, x * unit, y * unit)));
            let found = top.expect("the ground is everywhere").rgb();
            for (a, b) in found.iter().zip(right) {
                prop_assert!((f64::from(*a) - b).abs() < 0.51, "at {x} {y}: {found:?}, not {right:?}");
            }
        }
    }
}
