//! Real pictures: beside those that shigu paints itself, and of scenes that say what must come out.
//! `SHIGU` names the main program (`make test-maplibre-rs` sets it).

use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Mean difference of the channels that two renderers' pictures may have, of 255. It is 0.4 to 0.6, and 1.3 where many faint
/// areas lie on one another: resvg mixes them in whole steps and rounds down.
const MEAN: f64 = 2.0;
/// Share of the pixels that may differ by more than a quarter of the range.
const FAR: f64 = 0.002;

/// Red, green, blue of each pixel.
struct Picture {
    width: usize,
    rgb: Vec<[u8; 3]>,
}

impl Picture {
    fn read(bytes: &[u8]) -> Self {
        let mut reader = png::Decoder::new(bytes).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let channels = info.color_type.samples();
        let rgb = pixels[..info.buffer_size()].chunks_exact(channels).map(|p| [p[0], p[1], p[2]]).collect();
        Self { width: info.width as usize, rgb }
    }

    fn at(&self, x: usize, y: usize) -> [u8; 3] {
        self.rgb[y * self.width + x]
    }

    /// Mean difference, and the share of pixels far apart, from the pixel `shift` further on.
    fn difference(&self, other: &Self, shift: usize) -> (f64, f64) {
        assert_eq!((self.width, self.rgb.len()), (other.width, other.rgb.len()));
        let apart = |(a, b): (&[u8; 3], &[u8; 3])| [0, 1, 2].map(|i| a[i].abs_diff(b[i]));
        let all: Vec<[u8; 3]> = self.rgb.iter().zip(&other.rgb[shift..]).map(apart).collect();
        let count = all.len() as f64;
        let sum: u64 = all.iter().flatten().map(|d| u64::from(*d)).sum();
        let far = all.iter().filter(|p| p.iter().any(|d| *d > 64)).count();
        (sum as f64 / count / 3.0, far as f64 / count)
    }
}

fn run(command: &mut Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()));
    let done = child.wait_with_output().unwrap();
    // a scene that is refused early isn't read to its end
    let _ = writer.join().unwrap();
    done
}

fn renderer() -> Command {
    Command::new(env!("CARGO_BIN_EXE_shigu-maplibre-rs"))
}

fn draw(scene: &Value) -> Picture {
    let done = run(&mut renderer(), &scene.to_string());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Picture::read(&done.stdout)
}

fn map(args: &[&str], out: &Path) -> Vec<u8> {
    let shigu = std::env::var_os("SHIGU").map(PathBuf::from).expect("SHIGU=path of the main program");
    let done = Command::new(shigu)
        .args(["map", "--maplibre-rs", env!("CARGO_BIN_EXE_shigu-maplibre-rs"), "--out"])
        .arg(out)
        .args(args)
        .output()
        .unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    std::fs::read(out).unwrap()
}

#[test]
fn maps_look_like_those_of_the_other_renderer() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let out = folder.join("map.png");
    for args in [
        &["--zone", "city", "--lang", "zh"][..],
        &["--zone", "330110", "--lang", "en"],
        &["--zone", "330110", "--lang", "zh", "--bare", "--width", "800"],
        &["--zone", "P13", "--lang", "zh", "--width", "1500"],
    ] {
        let real = Picture::read(&map(args, &out));
        let other = [args, &["--renderer", "maplibre-rs"]].concat();
        let bytes = map(&other, &out);
        assert_eq!(bytes, map(&other, &out), "{args:?}: the same bytes each time");
        let drawn = Picture::read(&bytes);
        let (mean, far) = real.difference(&drawn, 0);
        println!("{args:?}: {mean:.3} of 255 in the mean, {:.3} % of the pixels far apart", far * 100.0);
        assert!(mean < MEAN && far < FAR, "{args:?}: {mean} in the mean, {far} far apart");
        // the bound is narrow: a picture that is one pixel to the side is beyond it
        let (mean, far) = real.difference(&drawn, 1);
        assert!(mean > MEAN && far > FAR, "{args:?}: one pixel to the side is only {mean}, {far}");
    }
}

fn square(l: i32, t: i32, r: i32, b: i32) -> Vec<i32> {
    vec![l, t, r, t, r, b, l, b]
}

fn layer(color: &str, polygons: &[Vec<Vec<i32>>]) -> Value {
    json!({ "color": color, "polygons": polygons })
}

#[test]
fn holes_order_and_colours_are_exact() {
    let hole = vec![square(1024, 1024, 3072, 3072), square(1536, 1536, 2560, 2560)];
    // rings turning either way mean the same
    let turned = vec![vec![0, 0, 0, 512, 512, 512, 512, 0]];
    let layers = [
        layer("#102030", &[vec![square(0, 0, 4096, 4096)]]),
        layer("#ff0080", &[hole, turned]),
        layer("#00ff00", &[vec![square(2048, 2048, 2816, 2816)]]),
    ];
    let picture = draw(&json!({ "width": 64, "height": 64, "block": 64, "samples": 2, "layers": layers }));
    for ((x, y), color) in [
        ((60, 60), [0x10, 0x20, 0x30]),
        ((20, 20), [0xFF, 0, 0x80]),
        ((30, 30), [0x10, 0x20, 0x30]),
        ((38, 38), [0, 255, 0]),
        ((42, 42), [0, 255, 0]),
        ((46, 46), [0xFF, 0, 0x80]),
        ((3, 3), [0xFF, 0, 0x80]),
    ] {
        assert_eq!(picture.at(x, y), color, "at {x} {y}");
    }
}

/// maplibre-rs draws no more than some 180 levels; each of these layers covers a part of the one before.
#[test]
fn there_can_be_many_layers() {
    let color = |i: i32| format!("#{:02x}{:02x}40", i / 250, i % 250);
    let layers: Vec<Value> = (0..1500).map(|i| layer(&color(i), &[vec![square(i * 2, 0, 4096, 4096)]])).collect();
    let picture = draw(&json!({ "width": 256, "height": 8, "block": 256, "samples": 1, "layers": layers }));
    for x in [0, 5, 60, 120, 180, 187] {
        // units 16x to 16x + 16 hold the steps 8x to 8x + 8, two units each
        let step = x as i32 * 8 + 4;
        let [r, g, _] = picture.at(x, 4);
        let found = i32::from(r) * 250 + i32::from(g);
        assert!((found - step).abs() <= 5, "{found} at {x}, not {step}");
    }
    assert_eq!(picture.at(255, 4), [1499u32 as u16 as i32 / 250, 1499 % 250, 0x40].map(|v| v as u8));
}

/// The same polygons in one block and in many; some are larger than a block, turn back into it, or touch its edge.
#[test]
fn blocks_join() {
    let units = |scale: i32| {
        let comb: Vec<i32> = (0..16).flat_map(|i| [i * 256, if i % 2 == 0 { 300 } else { 3900 }]).collect();
        let comb = [comb, vec![4096, 4090, -500, 4090]].concat();
        let diamond = vec![2048, 100, 4000, 2048, 2048, 4000, 100, 2048];
        let eye = square(2000, 2000, 2100, 2100);
        let polygons = [
            ("#203040", vec![square(-900, -900, 5000, 5000)]),
            ("#c08040", vec![comb]),
            ("#60c0a0", vec![diamond, eye]),
        ];
        let scaled = |rings: Vec<Vec<i32>>| rings.iter().map(|r| r.iter().map(|v| v * scale).collect()).collect();
        polygons.map(|(color, rings)| layer(color, &[scaled(rings)])).to_vec()
    };
    let whole = draw(&json!({ "width": 256, "height": 256, "block": 256, "samples": 2, "layers": units(1) }));
    let pieces = draw(&json!({ "width": 256, "height": 256, "block": 64, "samples": 2, "layers": units(4) }));
    let (mean, _) = whole.difference(&pieces, 0);
    let most =
        whole.rgb.iter().zip(&pieces.rgb).flat_map(|(a, b)| [0, 1, 2].map(|i| a[i].abs_diff(b[i]))).max().unwrap();
    assert!(mean < 0.1 && most < 40, "{mean} in the mean, {most} at most");
}

#[test]
fn what_is_no_scene_is_refused_in_a_line() {
    let scene =
        |layers: Value| json!({ "width": 8, "height": 8, "block": 8, "samples": 1, "layers": layers }).to_string();
    for (text, why) in [
        (String::new(), "EOF"),
        ("nonsense".into(), "expected"),
        (scene(json!([{ "color": "red", "polygons": [] }])), "no colour"),
        (scene(json!([{ "color": "#123456", "polygons": [[[1, 2, 3, 4]]] }])), "three corners"),
        (scene(json!([{ "color": "#123456", "polygons": [[[0, 0, 9, 0, 9_000_000, 9]]] }])), "far outside"),
        (json!({ "width": 0, "height": 8, "block": 8, "samples": 1, "layers": [] }).to_string(), "a size is 0"),
        (json!({ "width": 9000, "height": 8, "block": 9000, "samples": 1, "layers": [] }).to_string(), "more than"),
    ] {
        let done = run(&mut renderer(), &text);
        let words = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!((done.status.code(), done.stdout.len()), (Some(2), 0), "{text}: {words}");
        assert!(words.contains(why) && words.trim().lines().count() == 1, "{text}: {words}");
    }
}

#[test]
fn without_a_driver_it_says_so() {
    let scene = json!({ "width": 8, "height": 8, "block": 8, "samples": 1, "layers": [] }).to_string();
    let nowhere = [("WGPU_BACKEND", "vulkan"), ("VK_ICD_FILENAMES", "/nowhere"), ("VK_DRIVER_FILES", "/nowhere")];
    let done = run(renderer().envs(nowhere), &scene);
    assert_eq!(done.status.code(), Some(3), "{}", String::from_utf8_lossy(&done.stderr));
    // nothing to draw is a white picture
    assert_eq!(draw(&serde_json::from_str(&scene).unwrap()).at(4, 4), [255; 3]);
}
