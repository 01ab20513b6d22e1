//! How long each step takes on a sample register of 100,000 enterprises. Ratios between lines of one run are what
//! counts; times drift with the machine.

use divan::{Bencher, black_box};
use shigu::core::geometry::mercator::TileId;
use shigu::core::model::Lang;
use shigu::core::query::{BaseArea, Bound, Disclosure, Embedded, Engine, Question, SiteSpec, site_selection};
use shigu::core::snapshot::Snapshot;
use shigu::data::generate::{Options, generate};
use shigu::data::load::{Limits, Source, load};
use shigu::render::drawing::Fonts;
use shigu::render::report::{Format, Origin, RenderContext, Report};
use shigu::render::tiles::{Grid, encode};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

const ROWS: u64 = 100_000;

/// Hangzhou with a larger register, in a folder of its own.
static CITY: LazyLock<(tempfile::TempDir, Embedded)> = LazyLock::new(|| {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    let hangzhou = Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou");
    for entry in fs::read_dir(&hangzhou).expect("geodata/hangzhou").flatten() {
        fs::copy(entry.path(), dir.path().join(entry.file_name())).expect("a copy");
    }
    let ground = load(&Source::Folder(hangzhou).without_register(), &Limits::default()).0.expect("Hangzhou");
    let mut out = std::io::BufWriter::new(fs::File::create(dir.path().join("enterprises.geojson")).expect("a file"));
    generate(&ground, &Options { count: ROWS, seed: 1 }, &mut out).expect("a sample");
    drop(out);
    let dataset = load(&Source::Folder(dir.path().into()), &Limits::default()).0.expect("the larger city");
    (dir, Snapshot::new(dataset).into())
});

fn city() -> &'static Embedded {
    &CITY.1
}

fn bound(question: &Question) -> Bound {
    city().bind(question, Disclosure::Full).expect("a register")
}

fn main() {
    LazyLock::force(&CITY);
    divan::main();
}

#[divan::bench(sample_count = 5)]
fn load_folder() -> bool {
    load(&Source::Folder(CITY.0.path().into()), &Limits::default()).0.is_some()
}

#[divan::bench(sample_count = 5)]
fn build_snapshot(bencher: Bencher) {
    bencher
        .with_inputs(|| load(&Source::Folder(CITY.0.path().into()), &Limits::default()).0.expect("a dataset"))
        .bench_values(Snapshot::new);
}

#[divan::bench]
fn summarize_district(bencher: Bencher) {
    let asked = bound(&Question::register().in_zone("330110"));
    bencher.bench(|| black_box(&asked).summarize());
}

#[divan::bench(args = [12, 2000])]
fn summarize_drawn(bencher: Bencher, vertices: u32) {
    let corner = |i: u32| {
        let angle = std::f64::consts::TAU * f64::from(i) / f64::from(vertices);
        let r = 0.2 * (1.0 + 0.2 * (7.0 * angle).sin());
        (120.1 + r * angle.cos(), 30.25 + r * angle.sin())
    };
    let ring: Vec<(f64, f64)> = (0..vertices).map(corner).collect();
    let polygon = geo::MultiPolygon(vec![geo::Polygon::new(ring.into(), vec![])]);
    let asked = bound(
        &Question::register().within(BaseArea::Polygon(shigu::core::geometry::Surface::new(polygon).expect("a ring"))),
    );
    bencher.bench(|| black_box(&asked).summarize());
}

#[divan::bench]
fn all_districts(bencher: Bencher) {
    let kind = city().describe().district_kind().map(|k| k.id.clone());
    let asked = bound(&Question::register().of_kind(kind));
    bencher.bench(|| black_box(&asked).zones());
}

#[divan::bench]
fn filtered_page(bencher: Bencher) {
    let asked = bound(&Question::register().having("cluster", "robot").having("size", "small"));
    bencher.bench(|| black_box(&asked).select(1000, 1000));
}

#[divan::bench(args = [8, 10, 12, 14])]
fn tile(bencher: Bencher, z: u8) {
    let asked = bound(&Question::register());
    let shift = 32 - u32::from(z);
    let (x, y) = shigu::core::geometry::mercator::project(119.99, 30.28);
    let tile = TileId::new(z, x >> shift, y >> shift).expect("a tile");
    bencher.bench(|| encode(std::slice::from_ref(&asked), black_box(tile), Grid::Auto));
}

#[divan::bench(args = ["机器", "示例智能机器人企业00123", "zzz"])]
fn search_names(bencher: Bencher, text: &str) {
    bencher.bench(|| city().search(black_box(text), 20, None));
}

#[divan::bench(sample_count = 10)]
fn district_xlsx(bencher: Bencher) {
    let asked = bound(&Question::register().in_zone("330110"));
    let fonts = Fonts::default();
    bencher.bench(|| {
        let report = Report::new(&asked, Lang::Zh, Origin::default());
        report.map(|r| r.render(Format::Xlsx, RenderContext { map: None, fonts: &fonts }))
    });
}

/// Hangzhou with 100,000 premises, in a folder of its own.
static SITES: LazyLock<(tempfile::TempDir, Embedded)> = LazyLock::new(|| {
    let dir = tempfile::TempDir::new().expect("a temporary folder");
    let hangzhou = Path::new(env!("CARGO_MANIFEST_DIR")).join("geodata/hangzhou");
    for entry in fs::read_dir(&hangzhou).expect("geodata/hangzhou").flatten() {
        fs::copy(entry.path(), dir.path().join(entry.file_name())).expect("a copy");
    }
    let path = dir.path().join("premises.geojson");
    let file = fs::read(&path).expect("premises");
    let mut all: serde_json::Value = serde_json::from_slice(&file).expect("premises");
    let few = all["features"].as_array().expect("premises").clone();
    let copy = |i: u64| {
        let mut row = few[(i as usize) % few.len()].clone();
        row["id"] = format!("Z{i:06}").into();
        for (axis, step) in [(0, 7919), (1, 104_729)] {
            let at = row["geometry"]["coordinates"][axis].as_f64().expect("a number");
            let off = (i.wrapping_mul(step) % 4001) as f64 / 4001.0 - 0.5;
            row["geometry"]["coordinates"][axis] = (((at + off * 0.1) * 1e5).round() / 1e5).into();
        }
        row["properties"]["permitted"] = serde_json::Value::Null;
        row
    };
    all["features"] = (0..ROWS).map(copy).collect();
    fs::write(path, all.to_string()).expect("a file");
    let dataset = load(&Source::Folder(dir.path().into()), &Limits::default()).0.expect("the larger city");
    (dir, Snapshot::new(dataset).into())
});

/// Ten wishes for each of 100,000 premises, the order and the draws.
#[divan::bench(sample_count = 10)]
fn sites_ten_wishes(bencher: Bencher) {
    let spec: SiteSpec = serde_json::from_str(
        r#"{"class": "robot", "wishes": [
            {"by": "partners", "distance_m": 3000}, {"by": "partners", "distance_m": 1000}, {"by": "quotient"},
            {"by": "quotient", "kind": "platform"}, {"by": "growth", "metric": "revenue"}, {"by": "zone", "kind": "platform"},
            {"by": "distance", "collection": "layout"}, {"by": "distance", "collection": "platforms"},
            {"by": "value", "property": "rent", "prefer": "less"}, {"by": "value", "metric": "vacant_area"}]}"#,
    )
    .expect("a question");
    let asked = SITES.1.bind(&Question::of("premises"), Disclosure::Full).expect("premises");
    bencher.bench(|| site_selection(black_box(&asked), &spec));
}

/// What a plain scan needs for one of these wishes: the partners within 3 km of each of 100,000 premises.
#[divan::bench(sample_count = 2)]
fn sites_one_wish_by_plain_scan(bencher: Bencher) {
    let points = |question: &Question| -> Vec<[f64; 2]> {
        let rows = SITES.1.bind(question, Disclosure::Full).expect("rows").select(0, usize::MAX);
        let place = |row: &u32| rows.table().geometries.point(*row as usize).map(|at| [at.x, at.y]);
        rows.rows().iter().filter_map(place).collect()
    };
    let (sites, firms) = (points(&Question::of("premises")), points(&Question::register().having("cluster", "robot")));
    bencher.bench(|| {
        let near = |site: &[f64; 2]| {
            let scale = [111_320.0 * site[1].to_radians().cos(), 110_850.0];
            let far =
                |firm: &&[f64; 2]| ((firm[0] - site[0]) * scale[0]).hypot((firm[1] - site[1]) * scale[1]) <= 3000.0;
            firms.iter().filter(far).count()
        };
        sites.iter().map(near).collect::<Vec<_>>()
    });
}
