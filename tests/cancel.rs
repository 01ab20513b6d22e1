//! Work that nobody waits for any more ends: seen by the number of its checks, not by a clock. And an outline that no
//! computer could put together is refused with the number of its crossings.

use crate::common::service::Service;
use crate::common::{CLUSTERS, Firm, city, polygon};
use axum::http::StatusCode;
use geo::{LineString, MultiPolygon, Polygon};
use serde_json::json;
use shigu::core::cancel::{Cancel, Cancelled};
use shigu::core::filter::parse_text;
use shigu::core::geometry::Surface;
use shigu::core::geometry::mercator::TileId;
use shigu::core::model::Lang;
use shigu::core::query::{
    BaseArea, DenseMethod, Disclosure, DistanceChoice, Embedded, Engine, HotspotChoice, Question, class_distances,
    density, hot_areas, hot_hexagons,
};
use shigu::core::snapshot::Snapshot;
use shigu::data::bulk::{Bulk, Format as BulkFormat};
use shigu::render::drawing::Fonts;
use shigu::render::map::{Ask, Scene, svg};
use shigu::render::report::{Format, Origin};
use shigu::render::tiles::{Grid, encode};
use shigu::service::batch::ReportBundle;

/// Rows of the register: five windows of a filter.
const ROWS: u64 = 20_000;

fn engine() -> Embedded {
    let spread = |i: u64, k: u64| (i.wrapping_mul(k) % 10_007) as f64 / 10_007.0;
    let firms: Vec<Firm> = (0..ROWS)
        .map(|i| Firm {
            at: Some((119.0 + spread(i, 7_919), 29.0 + spread(i, 104_729))),
            declared: Some((i % 2) as usize),
            cluster: Some((i % 3) as usize),
            secondary: vec![],
            cents: Some(i as i64),
            staff: Some((i % 977) as i64),
        })
        .collect();
    let half = |west: f64| {
        let (a, b) = (west, west + 0.5);
        polygon(&[vec![(a, 29.0), (b, 29.0), (b, 30.0), (a, 30.0), (a, 29.0)]])
    };
    Embedded::from(Snapshot::new(city(&[half(119.0), half(119.5)], &[], &firms)))
}

fn filtered() -> Question {
    Question::register().filtered(parse_text(&format!("cluster = '{}' AND staff >= 3", CLUSTERS[1])).unwrap())
}

/// A ring of `n` corners around a place that does not cross itself.
fn ring(n: u32) -> MultiPolygon<f64> {
    let at = |i: u32| {
        let (a, r) = (std::f64::consts::TAU * f64::from(i % n) / f64::from(n), 0.3 + 0.1 * f64::from(i % 2));
        (119.5 + r * a.cos(), 29.5 + r * a.sin())
    };
    MultiPolygon(vec![Polygon::new((0..=n).map(at).collect::<LineString<f64>>(), vec![])])
}

/// What computes something long, by name, with the least number of checks that it makes on the way.
type Work = fn(&Embedded) -> Vec<u8>;

const WORKS: [(&str, u64, Work); 15] = [
    ("summary", 60, |e| {
        let bound = e.bind(&filtered().with_statistics(true), Disclosure::Full).unwrap();
        serde_json::to_vec(&bound.summarize().unwrap()).unwrap()
    }),
    ("drawn", 2000, |e| {
        let question = filtered().within(BaseArea::Polygon(Surface::new(ring(2000)).unwrap()));
        let bound = e.bind(&question, Disclosure::Full).unwrap();
        serde_json::to_vec(&bound.summarize().unwrap()).unwrap()
    }),
    ("zones", 60, |e| {
        let bound = e.bind(&filtered().with_statistics(true).of_kind(Some("district".into())), Disclosure::Full);
        serde_json::to_vec(&bound.unwrap().zones().unwrap()).unwrap()
    }),
    ("relation", 5, |e| {
        let shape = "S_INTERSECTS(geometry, POLYGON((119.1 29.1, 119.9 29.2, 119.5 29.9, 119.1 29.1)))";
        let bound = e.bind(&Question::register().filtered(parse_text(shape).unwrap()), Disclosure::Full).unwrap();
        bound.count().to_string().into_bytes()
    }),
    ("sorted page", 10, |e| {
        let bound = e.bind(&filtered().sorted_by("-staff"), Disclosure::Full).unwrap();
        format!("{:?}", bound.select(100, 20).rows()).into_bytes()
    }),
    ("search", 5, |e| serde_json::to_vec(&e.search("企业1", 50, None)).unwrap()),
    ("tile", 60, |e| {
        let bound = e.bind(&filtered(), Disclosure::Full).unwrap();
        encode(&[bound], TileId::new(7, 106, 52).unwrap(), Grid::new(64).unwrap())
    }),
    ("map", 60, |e| {
        let bound = e.bind(&filtered(), Disclosure::Full).unwrap();
        svg(&Scene::draw(e.describe(), &Ask::about(&bound, Lang::En)).unwrap()).into_bytes()
    }),
    ("report", 3000, |e| {
        let bound = e.bind(&filtered(), Disclosure::Full).unwrap();
        let bundle = ReportBundle::new(&bound, Lang::En, Origin::default()).unwrap();
        bundle.bytes(Format::Xlsx, &Fonts::default()).unwrap()
    }),
    ("areas", 60, |e| {
        let bound = e.bind(&filtered(), Disclosure::Full).unwrap();
        serde_json::to_vec(&hot_areas(&bound, &HotspotChoice::default()).unwrap()).unwrap()
    }),
    ("persistent areas", 60, |e| {
        let bound = e.bind(&filtered(), Disclosure::Full).unwrap();
        let choice = HotspotChoice { method: DenseMethod::Hdbscan, ..HotspotChoice::default() };
        serde_json::to_vec(&hot_areas(&bound, &choice).unwrap()).unwrap()
    }),
    ("distances", 60, |e| {
        let some = Question::register().filtered(parse_text("staff >= 900").unwrap());
        let bound = e.bind(&some, Disclosure::Full).unwrap();
        let choice = DistanceChoice { class: CLUSTERS[1].into(), simulations: 100, seed: 1 };
        serde_json::to_vec(&class_distances(&bound, &choice, &mut |_| ()).unwrap()).unwrap()
    }),
    ("hexagons", 20, |e| {
        let bound = e.bind(&filtered(), Disclosure::Full).unwrap();
        serde_json::to_vec(&hot_hexagons(&bound, &HotspotChoice::default()).unwrap()).unwrap()
    }),
    ("density", 60, |e| {
        let bound = e.bind(&filtered(), Disclosure::Full).unwrap();
        serde_json::to_vec(&density(&bound, &HotspotChoice::default()).unwrap()).unwrap()
    }),
    ("bulk", 3000, |e| {
        let rows = e.bind(&filtered(), Disclosure::Full).unwrap().select(0, usize::MAX);
        let mut out = Vec::new();
        let crs = shigu::core::geometry::Crs::Crs84;
        let mut bulk = Bulk::new(BulkFormat::GeoParquet, &rows, crs, None, "2026-01-01T00:00:00Z").unwrap();
        while bulk.part(&rows, &mut out).unwrap() {}
        out
    }),
];

#[test]
fn every_long_computation_ends_where_it_is_cancelled_and_leaves_nothing_behind() {
    // two parts of different kinds, or as many of one kind as there are cores
    let threads = std::thread::available_parallelism().map_or(1, usize::from).clamp(2, 8) as u64;
    for (name, least, work) in WORKS {
        let whole = Cancel::default();
        let expected = whole.run(|| work(&engine())).unwrap();
        let checks = whole.checks();
        assert!(!expected.is_empty() && checks >= least, "{name} looks {checks} times only");
        // the same data, so that what the cancelled work left in caches would show in the answer after it
        let engine = engine();
        for at in [1, checks / 2, checks] {
            let cancel = Cancel::at(at);
            let done = cancel.run(|| work(&engine));
            // what was found out by the work before is not looked for again
            if done.is_err() {
                assert_eq!(done, Err(Cancelled), "{name}");
                // parts on threads of their own look once more each, and end there
                let others = match name {
                    // analyses beside each other and beside rows, parts of each on threads of their own
                    "report" => threads * (threads + 2),
                    "distances" | "areas" | "persistent areas" | "bulk" => threads,
                    _ => 0,
                };
                assert!((at..=at + others).contains(&cancel.checks()), "{name} goes on after check {at}");
            } else {
                assert!(cancel.checks() < at, "{name} had a result after check {at}");
            }
        }
        let first = Cancel::at(1);
        assert!(first.run(|| work(&self::engine())).is_err(), "{name} does not look at all");
        assert!(work(&engine) == expected, "{name} answers otherwise after it was cancelled");
    }
}

/// Long work is divided among the cores that there are: whoever asks a computer with one core gets the bytes of one with eight.
#[test]
fn the_same_question_has_the_same_bytes_on_any_number_of_threads() {
    for (name, _, work) in WORKS {
        let on = |threads: usize| Cancel::on_threads(threads).run(|| work(&engine())).unwrap();
        let one = on(1);
        for threads in [2, 3, 8] {
            assert!(on(threads) == one, "{name} differs on {threads} threads");
        }
    }
}

/// Edges that go nearly straight through the middle: each crosses nearly all others.
fn star(n: u32, round: f64) -> serde_json::Value {
    let step = n / 2 - 1;
    let at = |i: u32| {
        let a = std::f64::consts::TAU * f64::from(i * step % n) / f64::from(n);
        json!([120.15 + round * a.cos(), 30.25 + round * a.sin()])
    };
    json!({"type": "Polygon", "coordinates": [(0..=n).map(at).collect::<Vec<_>>()]})
}

/// Strips side by side, upright or level.
fn comb(n: u32, upright: bool) -> serde_json::Value {
    let strip = |i: u32| {
        let at = |part: f64| 0.2 * (f64::from(i) + part) / f64::from(n);
        let ring = [(0.0, 0.0), (0.5, 0.0), (0.5, 0.2), (0.0, 0.2), (0.0, 0.0)];
        let corner = |&(a, b): &(f64, f64)| {
            let (x, y) = if upright { (at(a), b) } else { (b, at(a)) };
            json!([120.0 + x, 30.2 + y])
        };
        // a ring that is level is wound the other way round
        let mut ring: Vec<_> = ring.iter().map(corner).collect();
        if !upright {
            ring.reverse();
        }
        json!([ring])
    };
    json!({"type": "MultiPolygon", "coordinates": (0..n).map(strip).collect::<Vec<_>>()})
}

#[tokio::test]
async fn outlines_that_cross_too_often_are_refused_before_they_are_put_together() {
    let service = Service::open("tests/data/tinyville", Disclosure::Full);
    let post = async |body: serde_json::Value| service.post("/summary", "application/json", body.to_string()).await;
    let refused = async |body: serde_json::Value| {
        let answer = post(body).await;
        let document = answer.json();
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{document}");
        let said = [&document["detail"], &document["detail_en"]].map(|d| d.as_str().unwrap().to_owned());
        assert!(said.iter().all(|d| d.contains("100000") && d.contains("100001")), "{said:?}");
    };
    refused(json!({"polygon": star(4001, 0.1), "repair": true})).await;
    for op in ["union", "intersection", "difference"] {
        refused(json!({"polygon": comb(200, true), "combine": [{"op": op, "polygon": comb(200, false)}]})).await;
    }
    // what is only large is answered
    let fine = post(json!({"polygon": star(101, 0.1), "repair": true})).await;
    assert_eq!(fine.status, 200, "{}", fine.json());
    let both = json!({"polygon": comb(50, true), "combine": [{"op": "union", "polygon": comb(50, false)}]});
    assert_eq!(post(both).await.status, 200);
    // the same in a filter, where relations split edges as overlays do
    let line = star(4001, 0.1)["coordinates"][0].clone();
    let rounded: Vec<serde_json::Value> = line
        .as_array()
        .unwrap()
        .iter()
        .map(|p| json!([p[0].as_f64().unwrap() as f32, p[1].as_f64().unwrap() as f32]))
        .collect();
    let shape = json!({"type": "LineString", "coordinates": &rounded[..rounded.len().min(1500)]});
    let filter = json!({"op": "s_crosses", "args": [{"property": "geometry"}, shape]});
    let answer = post(json!({"filter": filter})).await;
    assert_eq!(answer.status, 400, "{}", answer.json());
    assert!(answer.json()["detail_en"].as_str().unwrap().contains("at most 100000 crossings"), "{}", answer.json());
}
