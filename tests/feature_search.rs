//! `POST /collections/{id}/search`, `sortby`, combined areas and the places of faults, as a client sees them.

use crate::common;

use common::service::{Answer, Service};
use serde_json::{Value, json};
use shigu::core::query::Disclosure;

const SEARCH: &str = "/collections/enterprises/search";

async fn post(s: &Service, uri: &str, body: &Value) -> Answer {
    s.post(uri, "application/json", body.to_string()).await
}

async fn post_json(s: &Service, uri: &str, body: &Value) -> Value {
    let answer = post(s, uri, body).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

fn ids(page: &Value) -> Vec<String> {
    page["features"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn rows_of_a_drawn_area_are_those_of_its_summary() {
    let s = Service::hangzhou(Disclosure::Full);
    let square = json!([[[120.1, 30.2], [120.3, 30.2], [120.3, 30.4], [120.1, 30.4], [120.1, 30.2]]]);
    let body = json!({"polygon": {"type": "Polygon", "coordinates": square}, "filter": "above_scale = TRUE AND founded >= 2015"});
    let summary = post_json(&s, "/summary", &body).await;
    let matched = summary["counts"]["matched"].as_u64().unwrap();
    assert!(matched > 20);
    let all = post_json(&s, &format!("{SEARCH}?limit=10000"), &body).await;
    assert_eq!((all["numberMatched"].as_u64(), all["numberReturned"].as_u64()), (Some(matched), Some(matched)));
    let properties = all["features"].as_array().unwrap().iter().map(|f| &f["properties"]);
    let sum: f64 = properties.clone().filter_map(|p| p["revenue_2025"].as_f64()).sum();
    assert!((sum - summary["totals"]["revenue"]["sum"].as_f64().unwrap()).abs() < 1e-3);
    assert!(properties.clone().all(|p| p["above_scale"] == true && p["founded"].as_i64().unwrap() >= 2015));
    // the pages in an order are the whole in that order
    let uri = |offset: usize, limit: usize| format!("{SEARCH}?sortby=-revenue_2025,name&offset={offset}&limit={limit}");
    let whole = post_json(&s, &uri(0, 10_000), &body).await;
    let revenue: Vec<Option<f64>> =
        whole["features"].as_array().unwrap().iter().map(|f| f["properties"]["revenue_2025"].as_f64()).collect();
    assert!(revenue.is_sorted_by(|a, b| b.is_none() || a >= b), "not descending with nulls last");
    let mut pages = Vec::new();
    for offset in (0..matched as usize).step_by(17) {
        pages.extend(ids(&post_json(&s, &uri(offset, 17), &body).await));
    }
    assert_eq!(pages, ids(&whole));
    // the same order by GET
    let get = s.json("/collections/enterprises/items?sortby=-revenue_2025&limit=5&cluster=vision").await;
    let same =
        post_json(&s, &format!("{SEARCH}?sortby=-revenue_2025&limit=5"), &json!({"filter": {"cluster": "vision"}}))
            .await;
    assert_eq!(ids(&get), ids(&same));
    assert!(
        get["links"]
            .as_array()
            .unwrap()
            .iter()
            .any(|l| l["rel"] == "next" && l["href"].as_str().unwrap().contains("sortby=-revenue_2025"))
    );
}

#[tokio::test]
async fn an_order_that_means_nothing_is_refused() {
    let s = Service::hangzhou(Disclosure::Full);
    for bad in ["nosuch", "-", "", "name,", "cluster_secondary", "--name", "geometry"] {
        let answer = s.get(&format!("/collections/enterprises/items?sortby={bad}")).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (400, Some("bad-parameter")), "{bad}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("sortby"), "{bad}");
    }
    assert_eq!(s.get("/collections/enterprises/items?sortby=%2Bname&limit=1").await.status, 200);
    assert_eq!(s.get("/collections/platforms/items?sortby=id&limit=1").await.status, 200);
    // an order tells what it is ordered by
    let anyone = Service::hangzhou(Disclosure::Aggregates);
    assert_eq!(anyone.get("/collections/enterprises/items?sortby=revenue_2025").await.status, 403);
    assert_eq!(post(&anyone, &format!("{SEARCH}?sortby=-revenue_2025"), &json!({})).await.status, 403);
    let row = &post_json(&anyone, &format!("{SEARCH}?limit=1"), &json!({})).await["features"][0]["properties"];
    assert!(row.get("revenue_2025").is_none() && row.get("name").is_some(), "{row}");
}

#[tokio::test]
async fn areas_are_put_together() {
    let s = Service::hangzhou(Disclosure::Full);
    let count = |v: &Value| v["counts"]["matched"].as_u64().unwrap();
    let zone = async |id: &str| count(&s.json(&format!("/summary?zone={id}")).await);
    let (yuhang, xihu) = (zone("330110").await, zone("330106").await);
    let with = |op: &str, id: &str| json!({"zone": "330110", "outline": true, "combine": [{"op": op, "zone": id}]});
    let both = post_json(&s, "/summary", &with("union", "330106")).await;
    assert_eq!((count(&both), both["overlap"]["count"].as_u64()), (yuhang + xihu, Some(0)));
    assert_eq!(both["zone"]["kind"], "combined");
    assert_eq!(both["zone"]["name"], "余杭区 并 西湖区");
    assert_eq!(count(&post_json(&s, "/summary", &with("difference", "330106")).await), yuhang);
    let none = post_json(&s, "/summary", &with("intersection", "330106")).await;
    assert_eq!((count(&none), &none["zone"]["bbox"]), (0, &Value::Null));
    // what a platform shares with a district and what it does not make up the platform
    let platforms = s.json("/zones?kind=platform").await["zones"].clone();
    let largest = platforms.as_array().unwrap().iter().max_by_key(|z| z["count"].as_u64()).unwrap();
    let id = largest["id"].as_str().unwrap();
    let of = |op: &str| json!({"zone": id, "combine": [{"op": op, "zone": "330110"}]});
    let (inside, beyond) =
        (post_json(&s, "/summary", &of("intersection")).await, post_json(&s, "/summary", &of("difference")).await);
    assert_eq!(count(&inside) + count(&beyond), largest["count"].as_u64().unwrap());
    let km2 = |v: &Value| v["zone"]["area_km2"].as_f64().unwrap();
    // a geodesic cut in two is two geodesics, not quite where the one was
    let whole = largest["area_km2"].as_f64().unwrap();
    assert!((km2(&inside) + km2(&beyond) - whole).abs() < 1e-4 * whole);
    // all platforms at once, each enterprise once, and what several hold is said
    let steps: Vec<Value> =
        platforms.as_array().unwrap().iter().map(|z| json!({"op": "union", "zone": z["id"]})).collect();
    let all = post_json(&s, "/summary", &json!({"zone": id, "combine": steps[..steps.len().min(16)]})).await;
    assert!(all["notes"].as_array().unwrap().iter().any(|n| n["code"] == "overlap"), "{}", all["notes"]);
    assert!(
        all["overlap"]["count"].as_u64().unwrap() >= largest["count"].as_u64().unwrap(),
        "it was united with itself"
    );
    // the rows and the file are those of the numbers
    let rows = post_json(&s, &format!("{SEARCH}?limit=1"), &of("intersection")).await;
    assert_eq!(rows["numberMatched"].as_u64(), Some(count(&inside)));
    let file = post(&s, "/report?format=csv", &of("intersection")).await;
    assert_eq!(file.status, 200);
    for (bad, status) in [
        (json!({"combine": [{"op": "union"}]}), 400),
        (json!({"combine": [{"op": "xor", "zone": "330110"}]}), 400),
        (json!({"combine": [{"op": "union", "zone": "330110", "circle": {"center": [120, 30], "radius_m": 5}}]}), 400),
        (json!({"combine": [{"op": "union", "zone": "nosuch"}]}), 404),
        (json!({"combine": vec![json!({"op": "union", "zone": "330110"}); 17]}), 400),
    ] {
        assert_eq!(post(&s, "/summary", &bad).await.status, status, "{bad}");
    }
    // without full disclosure a combination is a drawn area: few enterprises give no sum
    let anyone = Service::hangzhou(Disclosure::Aggregates);
    let point =
        s.json("/collections/enterprises/items?limit=1").await["features"][0]["geometry"]["coordinates"].clone();
    let small =
        json!({"zone": "330110", "combine": [{"op": "intersection", "circle": {"center": point, "radius_m": 20}}]});
    let few = post_json(&anyone, "/summary", &small).await;
    assert!(count(&few) < 10 && few["totals"]["revenue"]["sum"].is_null());
}

#[tokio::test]
async fn faults_say_their_place() {
    let s = Service::hangzhou(Disclosure::Full);
    let crossing = json!({"polygon": {"type": "Polygon", "coordinates": [[[120, 30], [121, 31], [121, 30], [120, 31], [120, 30]]]}});
    let refused = post(&s, "/summary", &crossing).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["position"]), (422, &json!([120.5, 30.5])));
    let mut repaired = crossing.clone();
    (repaired["repair"], repaired["outline"]) = (json!(true), json!(true));
    let outline = post_json(&s, "/summary", &repaired).await["zone"]["outline"].clone();
    assert_eq!(
        (outline["type"].as_str(), outline["coordinates"].as_array().map(Vec::len)),
        (Some("MultiPolygon"), Some(2))
    );
    // what was repaired is taken as it is, and means the same
    let again = post_json(&s, "/summary", &json!({"polygon": outline})).await;
    assert_eq!(again["counts"], post_json(&s, "/summary", &repaired).await["counts"]);
    let filter = post(&s, "/summary", &json!({"filter": "founded >= AND"})).await;
    assert_eq!((filter.status.as_u16(), &filter.json()["character"]), (400, &json!(12)));
    assert!(s.get("/summary?foo=1").await.json().get("character").is_none());
}
