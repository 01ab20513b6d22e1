//! Trial zones: they agree with a plain scan of the rows, with and without rows that are assumed; and withhold what summaries of the
//! same areas withhold.

use crate::common::service::Service;
use calamine::{Reader, Xlsx};
use geo::{Coord, Distance, Euclidean, Geodesic, Line, MapCoords, Point};
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use shigu::core::stats::quotient::Counts;
use std::collections::BTreeMap;

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap()
}

/// A row of the register, as the file has it.
#[derive(Clone)]
struct Row {
    id: String,
    class: String,
    at: Option<[f64; 2]>,
    revenue: Option<f64>,
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string("geodata/hangzhou/enterprises.geojson").unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let row = |f: &Value| Row {
        id: f["id"].as_str().unwrap().to_owned(),
        class: f["properties"]["cluster"].as_str().unwrap_or_default().to_owned(),
        at: f["geometry"]["coordinates"].as_array().map(|c| [c[0].as_f64().unwrap(), c[1].as_f64().unwrap()]),
        revenue: f["properties"]["revenue_2025"].as_f64(),
    };
    list(&file, "features").iter().map(row).collect()
}

/// Within so many metres of a point, by the geodesic.
fn near(row: &Row, [x, y]: [f64; 2], metres: f64) -> bool {
    row.at.is_some_and(|[a, b]| Geodesic.distance(Point::new(x, y), Point::new(a, b)) <= metres)
}

fn close(a: &Value, b: f64, what: &str) {
    let a = a.as_f64().unwrap_or_else(|| panic!("{what}: {a}"));
    assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{what}: {a} and {b}");
}

fn hhi(values: &[f64]) -> f64 {
    let sum: f64 = values.iter().sum();
    values.iter().map(|v| (v / sum).powi(2)).sum()
}

/// Compares one state of a trial with rows that are in it.
fn compare(found: &Value, state: &str, here: &[&Row], all: &[&Row]) {
    assert_eq!(found["count"][state], here.len(), "{state}");
    assert_eq!(found["whole"][state], all.len(), "{state}");
    let revenue: Vec<f64> = here.iter().filter_map(|r| r.revenue).collect();
    close(&found["totals"]["revenue"]["sum"][state], revenue.iter().sum(), state);
    close(&found["totals"]["revenue"]["hhi"][state], hhi(&revenue), state);
    let mut shares = Vec::new();
    let (mut refused, mut told) = (0, 0);
    for class in list(found, "classes") {
        let code = class["code"].as_str().unwrap_or_default();
        let of = |rows: &[&Row]| rows.iter().filter(|row| row.class == code).count() as u64;
        let (both, whole) = (of(here), of(all));
        assert_eq!(class["count"][state], both, "{state} {code}");
        shares.push(both as f64);
        close(&class["share"][state], both as f64 / here.len() as f64, code);
        let (area, rows) = (here.len() as u64, all.len() as u64);
        let lq = &class["lq"][state];
        close(&lq["lq"], (both as f64 / area as f64) / (whole as f64 / rows as f64), code);
        let expected = area as f64 * whole as f64 / rows as f64;
        close(&lq["lq_test"]["expected"], expected, code);
        if area < 10 || expected < 5.0 {
            assert_eq!(lq["lq_test"]["verdict"], "too_few", "{state} {code}");
            assert!(lq["lq_test"]["low"].is_null());
            refused += 1;
        } else {
            let test = Counts { both, area, class: whole, whole: rows }.test().unwrap();
            close(&lq["lq_test"]["low"], test.low.unwrap(), code);
            close(&lq["lq_test"]["high"], test.high.unwrap(), code);
            told += 1;
        }
    }
    assert!(refused + told > 5, "{state}");
    close(&found["class_mix_hhi"][state], hhi(&shares), state);
    compare_weighed(&found["weighed"][0], state, here, all);
}

/// The sum of some rows' figures, and that of their squares.
fn sums(rows: &[&Row], class: Option<&str>) -> [f64; 2] {
    let of = rows.iter().filter(|row| class.is_none_or(|class| row.class == class)).filter_map(|row| row.revenue);
    of.fold([0.0; 2], |[sum, squares], value| [sum + value, squares + value * value])
}

/// The same of quotients weighed by revenue.
fn compare_weighed(found: &Value, state: &str, here: &[&Row], all: &[&Row]) {
    assert_eq!(found["weight"]["id"], "revenue");
    let (mut refused, mut told) = (0, 0);
    for class in list(found, "classes") {
        let code = class["code"].as_str().unwrap();
        let [[b, b2], [a, a2], [c, c2], [w, w2]] =
            [sums(here, Some(code)), sums(here, None), sums(all, Some(code)), sums(all, None)];
        let lq = &class["lq"][state];
        close(&class["sum"][state], b, code);
        let quotient = (b / a) / (c / w);
        close(&lq["lq"], quotient, code);
        let rows = |rows: &[&Row]| rows.iter().filter(|row| row.class == code).count() as f64;
        let expected = here.len() as f64 * rows(all) / all.len() as f64;
        close(&lq["lq_test"]["expected"], expected, code);
        if here.len() < 10 || expected < 5.0 || b * b < 10.0 * b2 || a * a < 10.0 * a2 {
            assert_eq!(lq["lq_test"]["verdict"], "too_few", "{state} {code}");
            refused += 1;
            continue;
        }
        // each row adds its value times how the logarithm changes with it
        let parts = [
            (b2, 1.0 / b - 1.0 / a - 1.0 / c + 1.0 / w),
            (a2 - b2, 1.0 / w - 1.0 / a),
            (c2 - b2, 1.0 / w - 1.0 / c),
            (w2 - a2 - c2 + b2, 1.0 / w),
        ];
        let deviation = parts.iter().map(|(squares, step)| squares * step * step).sum::<f64>().sqrt();
        for (end, z) in [("low", -1.959_963_984_540_054), ("high", 1.959_963_984_540_054)] {
            let (ours, theirs) = (lq["lq_test"][end].as_f64().unwrap(), quotient * f64::exp(z * deviation));
            assert!((ours / theirs - 1.0).abs() < 1e-6, "{state} {code} {end}: {ours} {theirs}");
        }
        told += 1;
    }
    assert!(refused + told > 5 && told > 0, "{state} {refused} {told}");
}

/// The intervals of the reference (`cluster-science/small200.json`, `lq_exact95`), which two routes agree on there.
#[test]
fn intervals_are_those_of_the_reference() {
    for (both, area, class, whole, lq, low) in [
        (60, 80, 100, 200, 1.5, 1.281_273_048_19),
        (10, 80, 40, 200, 0.625, 0.308_010_482_792),
        (20, 60, 40, 200, 1.666_666_666_67, 1.084_347_227_16),
        (25, 40, 60, 200, 2.083_333_333_33, 1.526_715_840_78),
    ] {
        let counts = Counts { both, area, class, whole };
        assert!((counts.quotient().unwrap() - lq).abs() < 1e-9, "{counts:?}");
        assert!((counts.test().unwrap().low.unwrap() - low).abs() < 1e-9, "{counts:?}");
    }
}

const CENTRE: [f64; 2] = [120.2, 30.2];
const MOVED_TO: [f64; 2] = [120.21, 30.21];

#[expect(clippy::needless_pass_by_value, reason = "calls read as the body does")]
fn body(assumed: Value) -> Value {
    json!({
        "question": {"circle": {"center": MOVED_TO, "radius_m": 5000}, "year": 2025},
        "baseline": {"circle": {"center": CENTRE, "radius_m": 4000}},
        "assumed": assumed,
        "weights": ["revenue"],
    })
}

async fn ask(s: &Service, body: &Value) -> Value {
    let answer = s.post("/trial", "application/json", body.to_string()).await;
    assert_eq!(answer.status, 200, "{body}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

#[tokio::test]
async fn numbers_are_those_of_a_plain_scan() {
    let s = Service::hangzhou(Disclosure::Full);
    let rows = rows();
    // a ring of 360 corners is a little less than the circle: rows between them would be told apart by luck
    let clear = |at: [f64; 2], r: f64| rows.iter().all(|row| near(row, at, r * 0.9999) == near(row, at, r * 1.0001));
    assert!(clear(CENTRE, 4000.0) && clear(MOVED_TO, 5000.0));
    let all: Vec<&Row> = rows.iter().collect();
    let before: Vec<&Row> = rows.iter().filter(|row| near(row, CENTRE, 4000.0)).collect();
    let now: Vec<&Row> = rows.iter().filter(|row| near(row, MOVED_TO, 5000.0)).collect();
    assert!(before.len() > 50 && now.len() > 50, "{} {}", before.len(), now.len());

    let found = ask(&s, &body(json!([]))).await;
    compare(&found, "baseline", &before, &all);
    compare(&found, "real", &now, &all);
    assert!(found["count"]["assumed"].is_null() && found["lead"].is_object());
    assert_eq!(found["count"]["change"], now.len() as i64 - before.len() as i64);
    let sum = &found["totals"]["revenue"]["sum"];
    close(&sum["change"], sum["real"].as_f64().unwrap() - sum["baseline"].as_f64().unwrap(), "change");

    // two are added, one of them outside; one inside is moved out, one outside in, and one without figures from a place inside to
    // another
    let one = |inside: bool| rows.iter().find(|r| r.revenue.is_some() && near(r, MOVED_TO, 5000.0) == inside).unwrap();
    let (leaves, enters) = (one(true), one(false));
    let stays = rows.iter().rev().find(|r| near(r, MOVED_TO, 5000.0) && r.id != leaves.id).unwrap();
    let far = [119.5, 30.1];
    let assumed = json!([
        {"kind": "added", "name": "新厂", "class": "robot", "figures": {"revenue": 12.5}, "position": MOVED_TO},
        {"kind": "added", "class": "vision", "figures": {"revenue": 3.0}, "position": far},
        {"kind": "moved", "id": leaves.id, "position": far},
        {"kind": "moved", "id": enters.id, "position": MOVED_TO},
        {"kind": "moved", "id": stays.id, "position": MOVED_TO},
    ]);
    let mut changed = rows.clone();
    let mut place = |id: &str, at: [f64; 2]| changed.iter_mut().find(|r| r.id == id).unwrap().at = Some(at);
    place(&leaves.id, far);
    place(&enters.id, MOVED_TO);
    place(&stays.id, MOVED_TO);
    let added = |class: &str, at: [f64; 2], revenue: f64| Row {
        id: String::new(),
        class: class.to_owned(),
        at: Some(at),
        revenue: Some(revenue),
    };
    changed.extend([added("robot", MOVED_TO, 12.5), added("vision", far, 3.0)]);
    let found = ask(&s, &body(assumed)).await;
    let with: Vec<&Row> = changed.iter().filter(|row| near(row, MOVED_TO, 5000.0)).collect();
    compare(&found, "real", &now, &all);
    compare(&found, "assumed", &with, &changed.iter().collect::<Vec<_>>());
    compare(&found, "baseline", &before, &all);
    assert_eq!(found["count"]["change"], with.len() as i64 - before.len() as i64);
    let marks: Vec<&Value> = list(&found, "notes").iter().map(|note| &note["code"]).collect();
    assert!(marks.contains(&&json!("trial")) && marks.contains(&&json!("assumed")), "{marks:?}");
    let kinds: Vec<&Value> = list(&found, "assumed").iter().map(|row| &row["kind"]).collect();
    assert_eq!(kinds, ["added", "added", "moved", "moved", "moved"]);
}

/// Metres about a parallel, first principles.
fn metres([x, y]: [f64; 2], [x0, y0]: [f64; 2]) -> Coord<f64> {
    let (a, e2) = (6_378_137.0, 0.006_694_379_990_141_316_f64);
    let w: f64 = 1.0 - e2 * y0.to_radians().sin().powi(2);
    let east = (x - x0).to_radians() * y0.to_radians().cos() * a / w.sqrt();
    Coord { x: east, y: (y - y0).to_radians() * a * (1.0 - e2) / w.powf(1.5) }
}

/// Distances are those between a circle and what lies beyond it: to the centre, less the radius.
#[tokio::test]
async fn distances_and_overlaps_are_those_of_a_plain_scan() {
    let s = Service::hangzhou(Disclosure::Full);
    let found = ask(&s, &body(json!([]))).await;
    let text = std::fs::read_to_string("geodata/hangzhou/layout.geojson").unwrap();
    let layout: Value = serde_json::from_str(&text).unwrap();
    let mut nearest: BTreeMap<String, f64> = BTreeMap::new();
    for f in list(&layout, "features").iter().filter(|f| f["geometry"]["type"] != "Polygon") {
        let geometry: geojson::Geometry = serde_json::from_value(f["geometry"].clone()).unwrap();
        let geometry = geo::Geometry::<f64>::try_from(geometry).unwrap();
        let flat = geometry.map_coords(|c| metres([c.x, c.y], MOVED_TO));
        let centre = Point::new(0.0, 0.0);
        let far = match flat {
            geo::Geometry::Point(p) => Euclidean.distance(centre, p),
            geo::Geometry::LineString(line) => {
                line.lines().map(|l: Line<f64>| Euclidean.distance(&centre, &l)).fold(f64::MAX, f64::min)
            }
            other => panic!("{other:?}"),
        };
        let kind = f["properties"]["kind"].as_str().unwrap().to_owned();
        let at = nearest.entry(kind).or_insert(f64::MAX);
        *at = at.min((far - 5000.0).max(0.0));
    }
    assert!(nearest.len() == 3, "{nearest:?}");
    let mut compared = 0;
    for distance in list(&found, "distances") {
        let Some(expected) = nearest.get(distance["part"].as_str().unwrap()) else { continue };
        let metres = distance["nearest"]["metres"].as_f64().unwrap();
        // the ring lies within a metre of the circle
        assert!((metres - expected).abs() <= 1.0 + expected * 1e-3, "{distance}: {expected}");
        compared += 1;
    }
    assert_eq!(compared, 3);

    // rows and ground of an overlap are those of the intersection
    assert!(list(&found, "overlaps").len() > 2);
    for overlap in list(&found, "overlaps") {
        let both = json!({"circle": {"center": MOVED_TO, "radius_m": 5000}, "year": 2025,
            "combine": [{"op": "intersection", "zone": overlap["id"]}]});
        let summary = s.post("/summary", "application/json", both.to_string()).await.json();
        assert_eq!(overlap["count"], summary["counts"]["matched"], "{overlap}");
        close(&overlap["area_km2"], summary["zone"]["area_km2"].as_f64().unwrap(), "ground");
    }
}

/// Who may not see rows gets the protected sums of `/summary`, none of an area of few rows, and moves none.
#[tokio::test]
async fn readers_of_sums_get_those_of_summaries() {
    let s = Service::hangzhou(Disclosure::Aggregates);
    let found = ask(&s, &body(json!([{"kind": "added", "figures": {"revenue": 5.0}, "position": MOVED_TO}]))).await;
    let area = json!({"circle": {"center": MOVED_TO, "radius_m": 5000}, "year": 2025, "statistics": true});
    let summary = s.post("/summary", "application/json", area.to_string()).await.json();
    for (id, total) in found["totals"].as_object().unwrap() {
        let own = &summary["totals"][id];
        assert_eq!(total["sum"]["real"], own["sum"], "{id}");
        assert_eq!(total["hhi"]["real"], own["statistics"]["hhi"], "{id}");
        assert_eq!(total["protected"], own["protected"], "{id}");
    }
    assert_eq!(found["totals"]["revenue"]["protected"], true);
    // a circle with five rows that have a figure
    let mut far: Vec<f64> = rows()
        .iter()
        .filter(|row| row.revenue.is_some())
        .filter_map(|row| row.at.map(|[x, y]| Geodesic.distance(Point::new(x, y), Point::new(CENTRE[0], CENTRE[1]))))
        .collect();
    far.sort_by(f64::total_cmp);
    let small = json!({"question": {"circle": {"center": CENTRE, "radius_m": f64::midpoint(far[4], far[5])}},
        "baseline": {"circle": {"center": CENTRE, "radius_m": 4000}},
        "assumed": [{"kind": "added", "figures": {"revenue": 5.0}, "position": CENTRE}]});
    let found = ask(&s, &small).await;
    assert!((5..10).contains(&found["count"]["real"].as_u64().unwrap()), "{}", found["count"]);
    assert_eq!(found["totals"]["revenue"]["withheld"], true);
    for (id, total) in found["totals"].as_object().unwrap() {
        let known = [&total["sum"], &total["hhi"]].map(|v| (v["real"].is_null(), v["change"].is_null()));
        assert!(known.iter().all(|k| *k == (true, true)), "{id} {total}");
        assert!(total["sum"]["assumed"].is_null(), "{id} {total}");
    }
    let moved = body(json!([{"kind": "moved", "id": "S00001", "position": CENTRE}]));
    let refused = s.post("/trial", "application/json", moved.to_string()).await;
    assert_eq!((refused.status.as_u16(), refused.json()["code"].clone()), (403, json!("moves-rows")));
}

#[tokio::test]
async fn what_means_nothing_is_refused_with_the_member() {
    let s = Service::hangzhou(Disclosure::Full);
    let circle = json!({"circle": {"center": CENTRE, "radius_m": 3000}});
    let added = |member: Value| {
        let mut row = json!({"kind": "added", "position": CENTRE});
        member.as_object().unwrap().iter().for_each(|(name, value)| row[name] = value.clone());
        json!({"question": circle, "assumed": [row]})
    };
    let many: Vec<Value> = (0..101).map(|_| json!({"kind": "added", "position": CENTRE})).collect();
    let cases = [
        (json!({"question": {"zone": "city"}}), "question"),
        (json!({"question": {"zone": "outside"}}), "question"),
        (json!({"question": {"nearest": {"center": CENTRE, "k": 50}}}), "question"),
        (json!({"question": circle, "baseline": {"zone": "city"}}), "baseline"),
        (json!({"question": circle, "baseline": {"zone": "330108", "year": 2024}}), "baseline"),
        (json!({"question": circle, "weights": ["revenue", "no-such"]}), "weights[1]"),
        (json!({"question": circle, "weights": ["revenue", "revenue"]}), "weights[1]"),
        (added(json!({"class": "no-such"})), "assumed[0].class"),
        (added(json!({"figures": {"no-such": 1.0}})), "assumed[0].figures.no-such"),
        (added(json!({"figures": {"revenue": -1.0}})), "assumed[0].figures.revenue"),
        (added(json!({"position": [500.0, 30.0]})), "assumed[0].position"),
        (added(json!({"name": "名".repeat(81)})), "assumed[0].name"),
        (
            json!({"question": circle, "assumed": [{"kind": "moved", "id": "no-such", "position": CENTRE}]}),
            "assumed[0].id",
        ),
        (
            json!({"question": circle, "assumed": [
                {"kind": "moved", "id": "S00001", "position": CENTRE}, {"kind": "moved", "id": "S00001", "position": CENTRE}]}),
            "assumed[1].id",
        ),
        (json!({"question": circle, "assumed": many}), "assumed"),
        (
            json!({"question": {"circle": circle["circle"], "filter": {"cluster": "robot"}},
                "assumed": [{"kind": "added", "position": CENTRE}]}),
            "assumed",
        ),
    ];
    for (body, member) in cases {
        let answer = s.post("/trial", "application/json", body.to_string()).await;
        let problem = answer.json();
        assert_eq!(answer.status, 400, "{body}: {problem}");
        let said = [&problem["detail"], &problem["detail_en"]].map(|text| text.as_str().unwrap().to_owned());
        assert!(said.iter().all(|text| text.contains(member)) && said[1].is_ascii(), "{member}: {said:?}");
    }
    for body in [r#"{"question":{},"unknown":1}"#, r#"{"question":[]}"#, "[]", r#"{"assumed":[]}"#] {
        assert_eq!(s.post("/trial", "application/json", body).await.status, 400, "{body}");
    }
    let form = s.post("/trial?f=odt", "application/json", json!({"question": circle}).to_string()).await;
    assert_eq!(form.status, 400);
}

/// Files say that it is a trial, what is assumed, of which source and year, and when they were made.
#[tokio::test]
async fn files_say_what_they_are() {
    let s = Service::hangzhou(Disclosure::Full);
    let body = body(json!([{"kind": "added", "name": "=1+1", "class": "robot", "position": MOVED_TO}])).to_string();
    let file = async |f: &str, lang: &str| {
        let answer = s.post(&format!("/trial?f={f}&lang={lang}"), "application/json", body.clone()).await;
        assert_eq!(answer.status, 200, "{f}: {}", String::from_utf8_lossy(&answer.body));
        assert!(answer.header("content-disposition").contains(&format!("trial.{f}")));
        answer
    };
    let text = String::from_utf8(file("csv", "zh").await.body.to_vec()).unwrap();
    for word in ["推演", "假设新增", "来源", "2025", "生成日期", "区位熵", "'=1+1"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!text.contains(",=1+1"), "a formula");
    let english = String::from_utf8(file("csv", "en").await.body.to_vec()).unwrap();
    assert!(english.contains("Trial zone") && english.contains("assumed: added") && english.contains("Made on"));
    let geojson = file("geojson", "zh").await.json();
    assert_eq!((&geojson["shigu"]["trial"], &geojson["shigu"]["assumed"]), (&json!(true), &json!(true)));
    assert_eq!(list(&geojson, "features").len(), 2);
    assert_eq!(geojson["features"][0]["geometry"]["type"], "MultiPolygon");
    assert_eq!(geojson["features"][1]["properties"]["assumed"], true);
    let bytes = file("xlsx", "zh").await.body.to_vec();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(book.sheet_names(), ["推演", "分类", "加权区位熵", "重叠与距离", "假设", "说明"]);
    // every class in each state, with the interval of the answer
    let found = ask(&s, &serde_json::from_str(&body).unwrap()).await;
    let classes = list(&found["weighed"][0], "classes");
    let sheet = book.worksheet_range("加权区位熵").unwrap();
    let rows: Vec<_> = sheet.rows().filter(|row| row[0] == "营业收入").collect();
    assert_eq!(rows.len(), classes.len() * 3);
    for (rows, class) in rows.chunks(3).zip(classes) {
        assert!(rows.iter().all(|row| row[1] == *class["name"]["zh"].as_str().unwrap()), "{rows:?}");
        for (row, state) in rows.iter().zip(["baseline", "real", "assumed"]) {
            let (lq, low) = (&class["lq"][state], &class["lq"][state]["lq_test"]["low"]);
            let number = |at: usize| row[at].to_string().parse::<f64>().ok();
            assert_eq!(number(6), low.as_f64(), "{row:?} {lq}");
            assert_eq!(number(5), lq["lq"].as_f64().filter(|_| low.is_number()), "{row:?} {lq}");
        }
    }
    let notes = book.worksheet_range("说明").unwrap();
    let all: Vec<String> = notes.rows().flatten().map(ToString::to_string).collect();
    for word in ["来源", "时期", "生成日期"] {
        assert!(all.iter().any(|cell| cell == word), "{word}: {all:?}");
    }
    // and again the same
    for f in ["xlsx", "docx", "pdf", "html"] {
        assert_eq!(file(f, "zh").await.body, file(f, "zh").await.body, "{f}");
    }
    let page = String::from_utf8(file("html", "zh").await.body.to_vec()).unwrap();
    for word in [
        "推演",
        "含假设",
        "示例数据",
        "加权区位熵",
        "主要变化",
        "推演范围与推演前的范围",
        "假设新增",
        "不说明效果",
        "来源",
        "2025",
    ] {
        assert!(page.contains(word), "{word}");
    }
    let page = String::from_utf8(file("html", "en").await.body.to_vec()).unwrap();
    let (count, found) = (page.contains("the trial zone holds"), ask(&s, &serde_json::from_str(&body).unwrap()).await);
    assert!(count && page.contains("What would change") && page.contains("With what is assumed"));
    // its figures are those of the answer
    for state in ["baseline", "assumed"] {
        let n = found["count"][state].as_u64().unwrap();
        assert!(page.contains(&format!(">{n}<")) || n >= 1000, "{state} {n}");
    }
    assert!(!page.contains("Scenarios"));
}

/// Scenarios stand beside the trial zone with their figures and the difference from it, as they are answered alone.
#[tokio::test]
async fn scenarios_stand_beside_one_another() {
    let s = Service::hangzhou(Disclosure::Full);
    let circle = |r: u32| json!({"circle": {"center": MOVED_TO, "radius_m": r}, "year": 2025});
    let one = |title: &str, r: u32| json!({"title": title, "question": circle(r), "baseline": {"circle": {"center": CENTRE, "radius_m": 4000}}});
    let asked = |beside: Value| {
        let mut all = one("甲案", 5000);
        all["beside"] = beside;
        all
    };
    let post =
        async |f: &str, body: Value| s.post(&format!("/trial?f={f}"), "application/json", body.to_string()).await;
    let mut counts = Vec::new();
    for r in [5000, 3000, 6000] {
        counts.push(ask(&s, &json!({"question": circle(r)})).await["count"]["real"].as_i64().unwrap());
    }
    let both = asked(json!([one("乙案", 3000), one("丙案", 6000)]));
    let bytes = post("xlsx", both.clone()).await.body.to_vec();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("方案对照").unwrap();
    let row = sheet.rows().find(|row| row[0] == "企业数").unwrap();
    let numbers: Vec<i64> =
        row[2..].iter().filter_map(|cell| cell.to_string().parse::<f64>().ok()).map(|v| v as i64).collect();
    assert_eq!(numbers, [counts[0], counts[1], counts[1] - counts[0], counts[2], counts[2] - counts[0]]);
    let page = String::from_utf8(post("html", both.clone()).await.body.to_vec()).unwrap();
    for word in ["方案对照", "甲案", "乙案", "丙案"] {
        assert!(page.contains(word), "{word}");
    }
    // weighed quotients of each scenario stand below those of the first
    let sheet = book.worksheet_range("加权区位熵").unwrap();
    let outlines: Vec<String> = sheet.rows().filter(|row| row[0] == "营业收入").map(|row| row[2].to_string()).collect();
    assert!(
        outlines.len() > 8 && outlines.chunks(4).all(|four| four == ["推演前", "推演", "乙案", "丙案"]),
        "{outlines:?}"
    );
    for f in ["docx", "pdf"] {
        assert_eq!(post(f, both.clone()).await.status, 200, "{f}");
    }
    let small = one("乙案", 3000);
    for (f, body, member) in [
        ("json", both, "beside"),
        ("html", asked(json!([small, small, small, small])), "beside"),
        ("html", asked(json!([{"title": "长".repeat(121), "question": circle(3000)}])), "beside[0].title"),
        ("html", asked(json!([{"question": {"zone": "city"}}])), "beside[0].question"),
        ("html", asked(json!([{"question": circle(3000), "beside": [small]}])), "beside[0].beside"),
    ] {
        let answer = post(f, body).await;
        assert_eq!(answer.status, 400, "{member}");
        assert!(answer.json()["detail_en"].as_str().unwrap().contains(member), "{member}: {}", answer.json());
    }
}

/// Beside one another they withhold what they withhold alone.
#[tokio::test]
async fn scenarios_side_by_side_withhold_sums() {
    let s = Service::hangzhou(Disclosure::Aggregates);
    let circle = |r: u32| json!({"question": {"circle": {"center": CENTRE, "radius_m": r}, "year": 2025}});
    let mut small = circle(200);
    small["weights"] = json!(["revenue"]);
    let few = ask(&s, &small).await;
    assert_eq!(few["totals"]["revenue"]["withheld"], true, "{}", few["count"]);
    for class in list(&few["weighed"][0], "classes") {
        let lq = &class["lq"]["real"];
        assert!(lq["lq"].is_null() && lq["lq_test"].is_null() && class["withheld"] == true, "{class}");
    }
    let mut body = circle(5000);
    body["beside"] = json!([circle(200)]);
    let bytes = s.post("/trial?f=xlsx", "application/json", body.to_string()).await.body.to_vec();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("方案对照").unwrap();
    let row = sheet.rows().find(|row| row[0].to_string().starts_with("营业收入")).unwrap();
    let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
    assert!(cells[2].parse::<f64>().is_ok() && cells[3..].iter().all(|cell| cell.parse::<f64>().is_err()), "{cells:?}");
}
