//! Dense areas, hexagons and densities: they agree with a plain scan of the rows, are withheld where few rows are behind them, and
//! say how they were made.

use crate::common::encoded;
use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::query::Disclosure;
use std::collections::{BTreeMap, BTreeSet};

fn list<'a>(of: &'a Value, member: &str) -> &'a [Value] {
    of[member].as_array().unwrap()
}

/// Positions of all rows of the register of Hangzhou, by id.
async fn positions(s: &Service, condition: &str) -> Vec<[f64; 2]> {
    let items = s.json(&format!("/collections/enterprises/items?limit=10000{condition}")).await;
    let position = |f: &Value| {
        let at = f["geometry"]["coordinates"].as_array()?;
        Some([at[0].as_f64().unwrap(), at[1].as_f64().unwrap()])
    };
    list(&items, "features").iter().filter_map(position).collect()
}

/// DBSCAN as it was published, by distances of all pairs: the sizes of its clusters without border points that two could have.
fn plain_cores(points: &[[f64; 2]], distance: f64, least: usize) -> Vec<BTreeSet<usize>> {
    // metres on the ellipsoid at the parallel in the middle of the points
    let (low, high) = points.iter().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p[1]), b.max(p[1])));
    let phi = f64::midpoint(low, high).to_radians();
    let e2 = 0.006_694_379_990_141_316;
    let w = 1.0 - e2 * phi.sin().powi(2);
    let (n, m) = (6_378_137.0 / w.sqrt(), 6_378_137.0 * (1.0 - e2) / w.powf(1.5));
    let at: Vec<[f64; 2]> = points.iter().map(|p| [p[0].to_radians() * n * phi.cos(), p[1].to_radians() * m]).collect();
    let near = |a: usize, b: usize| (at[a][0] - at[b][0]).hypot(at[a][1] - at[b][1]) <= distance;
    let neighbours: Vec<Vec<usize>> = (0..at.len()).map(|a| (0..at.len()).filter(|b| near(a, *b)).collect()).collect();
    let core: Vec<bool> = neighbours.iter().map(|all| all.len() >= least).collect();
    let mut seen = vec![false; at.len()];
    let mut out = Vec::new();
    for start in 0..at.len() {
        if !core[start] || seen[start] {
            continue;
        }
        let (mut open, mut cluster) = (vec![start], BTreeSet::new());
        seen[start] = true;
        while let Some(one) = open.pop() {
            cluster.insert(one);
            for &other in neighbours[one].iter().filter(|o| core[**o]) {
                if !std::mem::replace(&mut seen[other], true) {
                    open.push(other);
                }
            }
        }
        out.push(cluster);
    }
    out
}

#[tokio::test]
async fn areas_are_those_of_all_pairs() {
    let s = Service::hangzhou(Disclosure::Full);
    for (parameters, distance, least, condition) in
        [("", None, None, ""), ("distance=500&least=10", Some(500.0), Some(10), ""), ("", None, None, "&cluster=robot")]
    {
        let found = s.json(&format!("/hotspots/areas?{parameters}{condition}").replace("?&", "?")).await;
        let points = positions(&s, condition).await;
        assert_eq!(found["located"], points.len());
        let said: BTreeMap<&str, &Value> =
            list(&found, "parameters").iter().map(|p| (p["id"].as_str().unwrap(), p)).collect();
        assert_eq!(said["distance"]["derived"].is_null(), distance.is_some());
        assert_eq!(said["least"]["derived"].is_null(), least.is_some());
        let distance = distance.unwrap_or(said["distance"]["value"].as_f64().unwrap());
        let least = least.unwrap_or(said["least"]["value"].as_f64().unwrap() as usize);
        let plain = plain_cores(&points, distance, least);
        let mut cores: Vec<u64> = plain.iter().map(|c| c.len() as u64).collect();
        let areas: Vec<&Value> = list(&found, "features").iter().map(|f| &f["properties"]).collect();
        let mut ours: Vec<u64> = areas.iter().map(|a| a["core"].as_u64().unwrap()).collect();
        cores.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, cores, "{parameters}{condition}");
        assert!(ours.len() > 2);
        let counts: Vec<u64> = areas.iter().map(|a| a["count"].as_u64().unwrap()).collect();
        assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
        assert_eq!(found["dense"], counts.iter().sum::<u64>());
        for area in &areas {
            let parts: u64 = list(area, "zones").iter().map(|z| z["count"].as_u64().unwrap()).sum();
            assert!(parts <= area["count"].as_u64().unwrap());
            assert_eq!(area["planned"].as_u64().unwrap() + area["missed"].as_u64().unwrap(), area["count"]);
            let said = match (area["planned"].as_u64().unwrap(), area["missed"].as_u64().unwrap()) {
                (_, 0) => "planned",
                (0, _) => "missed",
                _ => "partly_planned",
            };
            assert_eq!(area["finding"], said);
        }
    }
}

/// Planned areas beside dense ones have the numbers that zones have, and in one zone are cut to what lies in it.
#[tokio::test]
async fn planned_areas_are_those_of_the_manifest() {
    let s = Service::hangzhou(Disclosure::Full);
    let found = s.json("/hotspots/areas").await;
    assert_eq!((&found["against"], &found["kinds"]), (&json!("platform"), &json!(["platform", "corridor"])));
    let zones = s.json("/zones?kind=platform").await;
    let located = s.json("/hotspots/areas?against=corridor").await;
    assert_eq!(located["against"], "corridor");
    assert_eq!(list(&found, "planned").len(), list(&zones, "zones").len());
    for planned in list(&found, "planned") {
        let zone = list(&zones, "zones").iter().find(|z| z["id"] == planned["id"]).unwrap();
        assert_eq!((&planned["count"], &planned["area_km2"]), (&zone["count"], &zone["area_km2"]));
        assert!(planned["empty_km2"].as_f64().unwrap() <= planned["area_km2"].as_f64().unwrap() + 1e-9);
        assert_eq!(planned["without_rows"], zone["count"] == 0);
    }
    let inside = s.json("/hotspots/areas?zone=330108").await;
    let (here, everywhere) = (list(&inside, "planned"), list(&found, "planned"));
    assert!(!here.is_empty() && here.len() < everywhere.len());
    for planned in here {
        let whole = everywhere.iter().find(|p| p["id"] == planned["id"]).unwrap();
        assert!(planned["area_km2"].as_f64().unwrap() <= whole["area_km2"].as_f64().unwrap() + 1e-6);
    }
    for (folder, kind) in [("fourfold", json!("campus")), ("twolevel", json!("park")), ("sectors", Value::Null)] {
        let found = Service::open(&format!("tests/data/{folder}"), Disclosure::Full).json("/hotspots/areas").await;
        assert_eq!(found["against"], kind, "{folder}");
        assert!(!list(&found, "features").is_empty(), "{folder}");
        assert_eq!(found["missed"].is_null(), kind.is_null());
        let names: Vec<&str> =
            list(&found, "features").iter().map(|f| f["properties"]["name"]["en"].as_str().unwrap()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }
}

#[tokio::test]
async fn hexagons_add_up_and_follow_their_p_values() {
    let s = Service::hangzhou(Disclosure::Full);
    let found = s.json("/hotspots/hexagons").await;
    let rows: Vec<&Value> = list(&found, "features").iter().map(|f| &f["properties"]).collect();
    assert_eq!(rows.iter().map(|r| r["count"].as_u64().unwrap()).sum::<u64>(), found["located"]);
    // the reference of the oracle: exact p-values call 34 to 46 of 1,909 hexagons hot, normal theory 135
    assert_eq!((&found["hexagons"]["all"], &found["hexagons"]["hot"]), (&json!(1909), &json!(34)));
    let mut p: Vec<f64> = rows.iter().map(|r| r["p"].as_f64().unwrap()).collect();
    p.sort_by(f64::total_cmp);
    let line = (0..p.len()).rev().find(|&i| p[i] <= 0.05 * (i + 1) as f64 / p.len() as f64).map_or(0.0, |i| p[i]);
    for row in &rows {
        let (upper, lower) = (row["upper"].as_f64().unwrap(), row["lower"].as_f64().unwrap());
        let p = row["p"].as_f64().unwrap();
        assert!((p - (2.0 * upper.min(lower)).min(1.0)).abs() < 1e-12);
        let heat = if p > line {
            "neither"
        } else if upper < lower {
            "hot"
        } else {
            "cold"
        };
        assert_eq!(row["heat"], heat);
        assert_eq!(row["quadrant"].is_null(), heat == "neither");
    }
    let fine = s.json("/hotspots/hexagons?resolution=8").await;
    assert!(list(&fine, "features").len() > rows.len());
}

#[tokio::test]
async fn the_density_adds_up_to_the_rows() {
    let s = Service::hangzhou(Disclosure::Full);
    let found = s.json("/hotspots/density").await;
    let bands: Vec<&Value> = list(&found, "features").iter().map(|f| &f["properties"]).collect();
    assert_eq!(bands.len(), 6);
    let (mut least, mut most) = (0.0, 0.0);
    for band in &bands {
        let (from, km2) = (band["from"].as_f64().unwrap(), band["area_km2"].as_f64().unwrap());
        let to = band["to"].as_f64().or(found["highest"].as_f64()).unwrap();
        assert!(from < to);
        (least, most) = (least + from * km2, most + to * km2);
    }
    // what lies below the thinnest band is not in any
    let located = found["located"].as_f64().unwrap();
    assert!(least < located && located * 0.8 < most, "{least} {located} {most}");
    let peaks = list(&found, "peaks");
    assert_eq!(peaks[0]["density"], found["highest"]);
    assert!(peaks.iter().all(|p| p["zone"]["id"].is_string()));
    assert!(peaks.is_sorted_by(|a, b| a["density"].as_f64() >= b["density"].as_f64()));
}

/// Whoever sees sums only gets no cell with fewer rows than a sum needs, and no number that names one.
#[tokio::test]
async fn few_rows_are_withheld() {
    let (owner, viewer) = (Service::hangzhou(Disclosure::Full), Service::hangzhou(Disclosure::Aggregates));
    let mut hidden = 0;
    for path in ["/hotspots/hexagons?resolution=8", "/hotspots/hexagons?resolution=8&zone=330108&cluster=vision"] {
        let (all, some) = (owner.json(path).await, viewer.json(path).await);
        assert_eq!((&all["minimum"], &some["minimum"]), (&json!(0), &json!(3)));
        let few: BTreeSet<&str> = list(&all, "features")
            .iter()
            .filter(|f| (1..3).contains(&f["properties"]["count"].as_u64().unwrap()))
            .map(|f| f["id"].as_str().unwrap())
            .collect();
        assert!(!few.is_empty());
        assert_eq!(some["withheld"], few.len());
        for (whole, shown) in list(&all, "features").iter().zip(list(&some, "features")) {
            assert_eq!(whole["id"], shown["id"]);
            let (a, b) = (&whole["properties"], &shown["properties"]);
            if few.contains(whole["id"].as_str().unwrap()) {
                assert_eq!(b["heat"], "withheld");
                let given = b.as_object().unwrap().iter().filter(|(k, v)| *k != "heat" && !v.is_null());
                assert_eq!(given.count(), 0, "{b}");
                hidden += 1;
            } else {
                assert_eq!((&a["count"], &a["heat"]), (&b["count"], &b["heat"]));
                assert!(b["around"].is_null() || a["around"] == b["around"]);
                assert_eq!(b["around"].is_null(), b["upper"].is_null());
            }
        }
        let in_hot = |of: &Value| {
            let hot = list(of, "features").iter().filter(|f| f["properties"]["heat"] == "hot");
            hot.map(|f| f["properties"]["count"].as_u64().unwrap()).sum::<u64>()
        };
        assert_eq!(some["hexagons"]["rows_in_hot"], in_hot(&some));
    }
    assert!(hidden > 100, "{hidden}");
    // pairs of neighbours are dense areas of two rows
    let path = "/hotspots/areas?distance=60&least=2";
    let (all, some) = (owner.json(path).await, viewer.json(path).await);
    let counts =
        |of: &Value| list(of, "features").iter().filter_map(|f| f["properties"]["count"].as_u64()).collect::<Vec<_>>();
    assert!(counts(&all).contains(&2));
    assert!(counts(&some).iter().all(|n| *n >= 3));
    let withheld: Vec<&Value> =
        list(&some, "features").iter().filter(|f| f["properties"]["withheld"] == true).collect();
    assert_eq!(some["withheld"], withheld.len());
    assert!(
        !withheld.is_empty() && withheld.iter().all(|f| f["geometry"].is_null() && f["properties"]["rank"].is_null())
    );
    assert_eq!(some["dense"], counts(&some).iter().sum::<u64>());
    for area in list(&some, "features").iter().map(|f| &f["properties"]) {
        for n in [&area["planned"], &area["missed"], &area["lead"]["count"]] {
            assert!(n.is_null() || n == 0 || n.as_u64().unwrap() >= 3, "{area}");
        }
    }
    // a density of few rows is no ground of a band
    let (all, some) = (owner.json("/hotspots/density").await, viewer.json("/hotspots/density").await);
    let km2 =
        |of: &Value| list(of, "features").iter().map(|f| f["properties"]["area_km2"].as_f64().unwrap()).sum::<f64>();
    assert!(km2(&some) <= km2(&all) && some["withheld"].as_u64().unwrap() > 0);
}

/// Nothing is said of few rows, and what is out of bounds is refused.
#[tokio::test]
async fn too_few_rows_and_wrong_parameters() {
    let s = Service::hangzhou(Disclosure::Full);
    for what in ["areas", "hexagons", "density"] {
        let few = s.json(&format!("/hotspots/{what}?filter={}", encoded("id IN ('S00001','S00002')"))).await;
        assert_eq!(few["features"], json!([]));
        assert!(list(&few, "notes").iter().any(|n| n["code"] == "too-few"), "{few}");
        let csv = s.get(&format!("/hotspots/{what}?f=csv&lang=en")).await;
        assert_eq!((csv.status, csv.header("content-type")), (200.try_into().unwrap(), "text/csv; charset=utf-8"));
        let text = String::from_utf8(csv.body.to_vec()).unwrap();
        assert!(text.starts_with('\u{feff}') && text.contains("\r\nrevision,") && text.contains("\r\nmethod,"));
        assert_eq!(s.get(&format!("/hotspots/{what}")).await.body, s.get(&format!("/hotspots/{what}")).await.body);
    }
    for wrong in [
        "areas?distance=5",
        "areas?distance=NaN",
        "areas?distance=1e9",
        "areas?least=1",
        "areas?against=district",
        "areas?against=nowhere",
        "hexagons?resolution=15",
        "hexagons?resolution=x",
        "density?bandwidth=0",
        "density?f=xlsx",
        "areas?zone=nowhere",
    ] {
        let answer = s.get(&format!("/hotspots/{wrong}")).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{wrong}: {}", answer.status);
    }
    let bare = Service::open("tests/data/bare", Disclosure::Full).get("/hotspots/areas").await;
    assert_eq!(bare.status, 404);
}

/// Areas by HDBSCAN* have at least the rows asked for, no core, and are set against the plan as those by DBSCAN are.
#[tokio::test]
async fn areas_of_unlike_densities_are_compared_alike() {
    let s = Service::hangzhou(Disclosure::Full);
    let usual = s.json("/hotspots/areas?method=hdbscan").await;
    let said = |of: &Value, id: &str| list(of, "parameters").iter().find(|p| p["id"] == id).map(|p| p["value"].clone());
    assert!(said(&usual, "distance").is_none() && said(&usual, "smallest").is_some());
    let found = s.json("/hotspots/areas?method=hdbscan&smallest=60&least=5").await;
    assert_eq!((said(&found, "smallest"), said(&found, "least")), (Some(json!(60.0)), Some(json!(5.0))));
    let areas: Vec<&Value> = list(&found, "features").iter().map(|f| &f["properties"]).collect();
    assert!(areas.len() > 3);
    for area in &areas {
        assert!(area["count"].as_u64().unwrap() >= 60 && area["core"].is_null());
        assert_eq!(area["planned"].as_u64().unwrap() + area["missed"].as_u64().unwrap(), area["count"]);
    }
    assert_eq!(found["dense"], areas.iter().map(|a| a["count"].as_u64().unwrap()).sum::<u64>());
    assert_ne!(found["method"], s.json("/hotspots/areas").await["method"]);
    for wrong in ["method=optics", "method=hdbscan&smallest=1"] {
        assert_eq!(s.get(&format!("/hotspots/areas?{wrong}")).await.status.as_u16(), 400, "{wrong}");
    }
}

/// The last of the events.
fn last(events: &[u8]) -> Value {
    let text = std::str::from_utf8(events).unwrap();
    let end = text.split("\n\n").find_map(|event| event.strip_prefix("event: end\ndata: ")).unwrap();
    serde_json::from_str(end).unwrap()
}

#[tokio::test]
async fn distances_of_a_class_say_what_their_curves_say() {
    let (s, viewer) = (Service::hangzhou(Disclosure::Full), Service::hangzhou(Disclosure::Aggregates));
    let path = "/hotspots/distances?zone=330106&class=vision&simulations=100";
    let found = s.json(path).await;
    let rows = s.json("/collections/enterprises/items?limit=10000&zone=330106&cluster=vision").await;
    let located = list(&rows, "features").iter().filter(|f| !f["geometry"].is_null()).count();
    assert_eq!((&found["count"], &found["simulations"], &found["of"]), (&json!(located), &json!(100), &json!(100)));
    let numbers = |of: &Value, curve: &str, name: &str| -> Vec<f64> {
        list(&of[curve], name).iter().map(|v| v.as_f64().unwrap()).collect()
    };
    for (curve, length) in [("density", 65), ("relative", 64)] {
        let [at, observed, low, high] =
            ["distances", "observed", "low", "high"].map(|name| numbers(&found, curve, name));
        assert!([&at, &observed, &low, &high].iter().all(|values| values.len() == length));
        for (name, outside) in [
            ("above", (&|i: usize| observed[i] > high[i]) as &dyn Fn(usize) -> bool),
            ("below", &|i| observed[i] < low[i]),
        ] {
            let ranges = list(&found[curve], name);
            for (i, at) in at.iter().enumerate() {
                let said =
                    ranges.iter().any(|r| (r["from"].as_f64().unwrap()..=r["to"].as_f64().unwrap()).contains(at));
                assert_eq!(said, outside(i), "{curve} {name} {at}");
            }
        }
    }
    // up to the median distance about half of all pairs, were the class as the whole; never more than all
    let step = found["density"]["distances"][1].as_f64().unwrap() / 1000.0;
    let part: f64 = numbers(&found, "density", "observed").iter().sum::<f64>() * step;
    assert!((0.3..1.05).contains(&part), "{part}");
    let finding = match (list(&found["density"], "above").len(), list(&found["density"], "below").len()) {
        (0, 0) => "no_difference",
        (0, _) => "dispersed",
        _ => "localised",
    };
    assert_eq!(found["finding"], finding);
    // whoever sees sums only sees the same: positions are in lists
    let theirs = viewer.json(path).await;
    assert_eq!((&theirs["density"], &theirs["relative"]), (&found["density"], &found["relative"]));
    let other = s.json(&format!("{path}&seed=2")).await;
    assert_eq!(other["density"]["observed"], found["density"]["observed"]);
    assert_ne!(other["density"]["high"], found["density"]["high"]);
    // watched, it is told before it is there, and kept then
    let watched = path.replace("distances?", "distances/events?");
    let events = s.get(&watched).await;
    assert_eq!(events.header("content-type"), "text/event-stream");
    let text = String::from_utf8(events.body.to_vec()).unwrap();
    let stages =
        ["waiting", "positions"].map(|stage| format!("event: stage\ndata: {{\"stage\":\"{stage}\"}}\n\n")).concat();
    assert!(text.starts_with(&format!("{stages}event: progress\ndata: ")), "{text}");
    assert!(text.matches("event: progress").count() >= 3, "{text}");
    assert_eq!(last(&events.body), found);
    let again = s.get(&watched).await;
    assert!(again.body.starts_with(b"event: end\n") && last(&again.body) == found);
    let csv = s.get(&format!("{path}&f=csv&lang=en")).await;
    let text = String::from_utf8(csv.body.to_vec()).unwrap();
    assert_eq!((text.matches("\r\nk_density_per_km,").count(), text.matches("\r\nm,").count()), (65, 64));
    assert!(text.contains("\r\nfinding,") && text.contains("\r\nmethod,"));
}

/// Few rows of a class are refused or read with caution, and so is a class that is all there is.
#[tokio::test]
async fn distances_of_few_rows_are_refused() {
    let s = Service::hangzhou(Disclosure::Full);
    let ids = |n: u32| (1..=n).map(|i| format!("'S{i:05}'")).collect::<Vec<_>>().join(",");
    let codes =
        |of: &Value| list(of, "notes").iter().map(|n| n["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let counts = s.json(&format!("/summary?filter={}", encoded(&format!("id IN ({})", ids(140))))).await;
    let mut seen = BTreeSet::new();
    for class in list(&counts, "clusters") {
        let (code, n) = (class["code"].as_str().unwrap(), class["count"].as_u64().unwrap());
        let path = format!(
            "/hotspots/distances?simulations=100&class={code}&filter={}",
            encoded(&format!("id IN ({})", ids(140)))
        );
        let found = s.json(&path).await;
        let located = found["count"].as_u64().unwrap();
        assert!(located <= n);
        assert_eq!(found["density"].is_null(), located < 10, "{code} {located}");
        assert_eq!((found["finding"].is_null(), found["simulations"] == 0), (located < 10, located < 10));
        assert_eq!(codes(&found).contains(&"small".to_owned()), (10..30).contains(&located));
        seen.insert(located < 10);
    }
    assert!(seen.contains(&false), "{counts}");
    let all = s.json("/hotspots/distances?simulations=100&class=vision&cluster=vision").await;
    assert!(all["density"].is_null() && all["sentence"]["en"].as_str().unwrap().contains("nothing to compare"));
    for wrong in
        ["class=nowhere", "", "class=vision&simulations=99", "class=vision&simulations=1e9", "class=vision&seed=-1"]
    {
        for of in ["distances", "distances/events"] {
            let answer = s.get(&format!("/hotspots/{of}?{wrong}")).await;
            assert_eq!(answer.status.as_u16(), 400, "{of}?{wrong}");
        }
    }
}

/// Who waits for dense areas hears at once what is done, and at last the answer of `/hotspots/areas`.
#[tokio::test]
async fn areas_are_watched_while_they_are_found() {
    let s = Service::hangzhou(Disclosure::Aggregates);
    for (method, stages) in [
        ("dbscan", ["waiting", "positions", "dense", "outlines"].as_slice()),
        ("hdbscan", ["waiting", "positions", "reaches", "tree", "hierarchy", "outlines"].as_slice()),
    ] {
        let events = s.get(&format!("/hotspots/areas/events?method={method}")).await;
        assert_eq!(events.header("content-type"), "text/event-stream");
        let text = String::from_utf8(events.body.to_vec()).unwrap();
        let said: Vec<String> =
            stages.iter().map(|stage| format!("event: stage\ndata: {{\"stage\":\"{stage}\"}}\n\n")).collect();
        let said = said.concat();
        assert!(text.starts_with(&format!("{said}event: end\ndata: ")), "{}", &text[..400]);
        assert_eq!(last(&events.body), s.json(&format!("/hotspots/areas?method={method}")).await);
    }
    assert_eq!(s.get("/hotspots/areas/events?least=1").await.status, 400);
}
