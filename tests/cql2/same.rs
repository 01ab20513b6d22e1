//! One filter gives the same rows in items, summary, zones, tiles and reports, however it is written.

use crate::common::decode;
use crate::common::encoded;
use crate::common::service::Service;
use serde_json::{Value, json};
use shigu::core::filter::{parse_text, to_json};
use shigu::core::query::Disclosure;

const FILTERS: [&str; 10] = [
    "cluster = '智能机器人' AND founded >= 2015",
    "cluster IN ('robot', 'vision') AND NOT above_scale",
    "cluster <> 'robot' OR size = 'small'",
    "name LIKE '%9_号' OR CASEI(name) LIKE '%机器人%'",
    "S_WITHIN(geometry, POLYGON((119.9 30.2, 120.3 30.2, 120.2 30.4, 119.9 30.2)))",
    "S_INTERSECTS(geometry, BBOX(120, 30.1, 120.2, 30.3)) AND founded BETWEEN 2010 AND 2020",
    "NOT S_INTERSECTS(geometry, BBOX(120, 30.1, 120.2, 30.3)) AND founded % 2 = 0",
    "geometry IS NULL AND founded > 2000 + 5 * 3",
    "A_OVERLAPS(cluster_secondary, ('robot', 'vision')) OR cluster_secondary IS NULL",
    "employees_2025 > employees_2024 AND revenue_2025 / employees_2025 > 100",
];

fn matched(items: &Value) -> u64 {
    items["numberMatched"].as_u64().unwrap()
}

#[tokio::test]
async fn the_same_rows_everywhere() {
    let s = Service::hangzhou(Disclosure::Full);
    let mut found = 0;
    for filter in FILTERS {
        let parameter = format!("filter={}", encoded(filter));
        let items = s.json(&format!("/collections/enterprises/items?limit=10000&{parameter}")).await;
        let n = matched(&items);
        found += u64::from(n > 0 && n < 5000);

        let json = to_json(&parse_text(filter).unwrap());
        let in_json = format!("filter-lang=cql2-json&filter={}", encoded(&json.to_string()));
        assert_eq!(matched(&s.json(&format!("/collections/enterprises/items?limit=1&{in_json}")).await), n, "{filter}");

        let summary = s.json(&format!("/summary?{parameter}")).await;
        assert_eq!(summary["counts"]["matched"], n, "{filter}");
        assert_eq!(
            parse_text(summary["filter"]["filter"].as_str().unwrap()).unwrap().normal().to_string(),
            summary["filter"]["filter"]
        );
        for body in [json!({"filter": filter}), json!({"filter": json})] {
            let posted = s.post("/summary", "application/json", body.to_string()).await.json();
            assert_eq!(posted, summary, "{filter}");
        }

        let zones = s.json(&format!("/zones?kind=district&{parameter}")).await;
        let parts = zones["zones"].as_array().unwrap().iter().chain(zones["rest"].as_array().unwrap());
        assert_eq!(parts.map(|z| z["count"].as_u64().unwrap()).sum::<u64>(), n, "{filter}");
        assert_eq!(zones["city"]["count"], n, "{filter}");

        let geojson = s.get(&format!("/report/city?format=geojson&{parameter}")).await.json();
        let ids = |v: &Value| {
            let mut ids: Vec<String> = v["features"].as_array().unwrap().iter().map(|f| f["id"].to_string()).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(ids(&geojson), ids(&items), "{filter}");

        // tiles draw the located rows
        let drawn = format!("({filter}) AND geometry IS NOT NULL AND (precision_m IS NULL OR precision_m <= 1500)");
        let drawn = s.json(&format!("/collections/enterprises/items?limit=1&filter={}", encoded(&drawn))).await;
        let tile = s.get(&format!("/xyz/enterprises/0/0/0.mvt?{parameter}")).await;
        let layers = decode(&tile.body);
        let features = layers.get("enterprises").and_then(Value::as_array).cloned().unwrap_or_default();
        let rows: u64 = features.iter().map(|f| f["properties"]["n"].as_u64().unwrap_or(1)).sum();
        assert_eq!(rows, matched(&drawn), "{filter}");

        // together with bbox, zone and property=value
        let narrow = "zone=330110&bbox=119.9,30.2,120.1,30.4&size=small";
        let both = s.json(&format!("/collections/enterprises/items?limit=10000&{narrow}&{parameter}")).await;
        let one = s.json(&format!("/collections/enterprises/items?limit=10000&{narrow}")).await;
        let (all, one, both) = (ids(&items), ids(&one), ids(&both));
        let common: Vec<String> = all.into_iter().filter(|id| one.contains(id)).collect();
        assert_eq!(both, common, "{filter}");
    }
    assert!(found >= 9, "the filters select nothing or everything");
}

#[tokio::test]
async fn secondary_clusters_count_in_any_condition_on_the_cluster() {
    let s = Service::hangzhou(Disclosure::Full);
    let count =
        async |q: &str| s.json(&format!("/summary?secondary=true&{q}")).await["counts"]["matched"].as_u64().unwrap();
    let plain = count("cluster=robot").await;
    for same in [
        "cluster = 'robot'",
        "cluster IN ('robot')",
        "NOT (cluster <> 'robot')",
        "cluster LIKE 'robot'",
        "cluster = 'robot' OR A_CONTAINS(cluster_secondary, ('robot'))",
    ] {
        assert_eq!(count(&format!("filter={}", encoded(same))).await, plain, "{same}");
    }
    assert_eq!(
        plain + count(&format!("filter={}", encoded("cluster <> 'robot'"))).await,
        count(&format!("filter={}", encoded("cluster IS NOT NULL OR cluster = 'robot'"))).await
    );
}

#[tokio::test]
async fn links_keep_the_filter() {
    let s = Service::hangzhou(Disclosure::Full);
    let first = s
        .json(&format!("/collections/enterprises/items?limit=7&filter={}", encoded("name LIKE '%1号' AND id <> 'x&y'")))
        .await;
    let next =
        first["links"].as_array().unwrap().iter().find(|l| l["rel"] == "next").unwrap()["href"].as_str().unwrap();
    let second = s.json(next.strip_prefix("http://shigu.test").unwrap()).await;
    assert_eq!(second["numberMatched"], first["numberMatched"]);
    assert_ne!(second["features"][0]["id"], first["features"][0]["id"]);
}
