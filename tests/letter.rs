//! HTTP to the letter (RFC 9110, 9112, Fetch): methods, ranges, origins, hosts, prefixes, limits.

use crate::common;

use axum::body::Body;
use axum::http::Request;
use common::service::{Answer, Service};
use serde_json::json;
use shigu::core::query::Disclosure;

fn city() -> Service {
    Service::hangzhou(Disclosure::Full)
}

fn at(public_url: Option<&str>) -> Service {
    const FOLDER: &str = "tests/data/tinyville";
    public_url.map_or_else(|| Service::open(FOLDER, Disclosure::Full), |url| Service::behind(FOLDER, url))
}

async fn send(s: &Service, method: &str, uri: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    s.send(request.body(Body::empty()).unwrap()).await
}

fn vary(answer: &Answer) -> Vec<String> {
    let lines = answer.headers.get_all("vary").iter().map(|v| v.to_str().unwrap().to_lowercase());
    lines.flat_map(|l| l.split(',').map(|w| w.trim().to_owned()).collect::<Vec<_>>()).collect()
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let s = city();
    for uri in [
        "/",
        "/?f=html",
        "/collections",
        "/summary",
        "/style.json",
        "/favicon.svg",
        "/report/city?format=csv",
        "/nosuch",
        "/api",
    ] {
        for coding in ["identity", "gzip"] {
            let with = [("accept-encoding", coding), ("x-request-id", "same")];
            let (get, head) = (send(&s, "GET", uri, &with).await, send(&s, "HEAD", uri, &with).await);
            assert_eq!((head.status, head.body.len()), (get.status, 0), "{uri}");
            let mut headers = head.headers.clone();
            if coding == "identity" {
                let length = headers.remove("content-length").unwrap_or_else(|| panic!("{uri} has no length"));
                assert_eq!(length, get.body.len().to_string().as_str(), "{uri}");
            } else {
                headers.remove("content-length");
            }
            let mut expected = get.headers.clone();
            expected.remove("content-length");
            assert_eq!(headers, expected, "{uri}");
        }
    }
}

#[tokio::test]
async fn answers_name_what_they_depend_on() {
    let s = city();
    for (uri, names) in [
        ("/collections", ["accept", "accept-language", "accept-encoding"].as_slice()),
        ("/collections/districts/items", &["accept", "accept-encoding"]),
        ("/?f=html", &["accept", "accept-encoding"]),
        ("/report/city?format=csv", &["accept", "accept-language", "accept-encoding"]),
        ("/nosuch", &["accept-language", "accept-encoding"]),
        ("/summary?year=1", &["accept-language"]),
    ] {
        for headers in [vec![], vec![("if-none-match", "*")]] {
            let answer = s.get_with(uri, &headers).await;
            let found = vary(&answer);
            assert!(names.iter().all(|n| found.contains(&(*n).to_owned())), "{uri} {}: {found:?}", answer.status);
            assert!(found.contains(&"origin".to_owned()), "the owner and other origins see different things");
        }
    }
    assert!(!vary(&s.get("/style.json").await).contains(&"accept-language".to_owned()), "it would only split caches");
    // one tag is one sequence of bytes
    let mut seen = std::collections::BTreeMap::new();
    for uri in ["/collections/platforms", "/report/330110?format=geojson"] {
        for lang in ["zh", "en"] {
            for accept in ["application/json, application/geo+json", "text/html, application/geo+json"] {
                for coding in ["identity", "gzip", "br", "zstd"] {
                    let a = s
                        .get_with(uri, &[("accept-language", lang), ("accept", accept), ("accept-encoding", coding)])
                        .await;
                    let tag = a.header("etag").to_owned();
                    assert!(tag.starts_with('"'), "{uri} {tag}");
                    let before = seen.insert((uri, tag.clone()), a.body.clone());
                    assert!(before.is_none_or(|b| b == a.body), "{uri}: {tag} names two representations");
                }
            }
        }
    }
    assert!(seen.len() >= 16 + 8, "{} tags", seen.len());
}

#[tokio::test]
async fn a_download_goes_on_where_it_broke_off() {
    let s = city();
    for uri in ["/favicon.svg", "/report/330110?format=csv", "/report/330110?format=xlsx"] {
        let whole = s.get(uri).await;
        let (etag, n) = (whole.header("etag").to_owned(), whole.body.len());
        assert_eq!(whole.header("accept-ranges"), "bytes", "{uri}");
        let part = s.get_with(uri, &[("range", "bytes=10-19"), ("if-range", &etag), ("accept-encoding", "gzip")]).await;
        assert_eq!((part.status.as_u16(), &part.body), (206, &whole.body.slice(10..20)), "{uri}");
        assert_eq!(part.header("content-range"), format!("bytes 10-19/{n}"));
        assert_eq!((part.header("etag"), part.header("content-encoding")), (etag.as_str(), ""));
        assert_eq!(part.header("content-type"), whole.header("content-type"));
        let rest = s.get_with(uri, &[("range", "bytes=20-")]).await;
        assert_eq!(rest.body, whole.body.slice(20..));
        for other in ["\"other\"", &format!("W/{etag}"), "Tue, 24 Nov 2026 00:00:00 GMT"] {
            let changed = s.get_with(uri, &[("range", "bytes=10-19"), ("if-range", other)]).await;
            assert_eq!((changed.status.as_u16(), changed.body.len()), (200, n), "{other}");
        }
        let beyond = s.get_with(uri, &[("range", &format!("bytes={n}-"))]).await;
        assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, format!("bytes */{n}").as_str()));
        assert_eq!(beyond.header("content-type"), "application/problem+json");
        assert_eq!(s.get_with(uri, &[("range", "bytes=0-1"), ("if-none-match", &etag)]).await.status, 304);
    }
    assert_eq!(s.get_with("/summary", &[("range", "bytes=0-1")]).await.status, 200, "numbers are not files");
}

#[tokio::test]
async fn listed_origins_read_what_anyone_may_and_write_nothing() {
    let s = Service::allowing("geodata/hangzhou", Disclosure::Aggregates, "*");
    let page = ("origin", "https://page.example");
    for uri in ["/collections", "/summary", "/nosuch", "/favicon.svg"] {
        assert_eq!(s.get_with(uri, &[page]).await.header("access-control-allow-origin"), "*", "{uri}");
    }
    assert!(s.get_with("/", &[page]).await.header("access-control-expose-headers").contains("etag"));
    let body = json!({}).to_string();
    let posted = Request::post("/summary").header(page.0, page.1).header("content-type", "application/json");
    let posted = s.send(posted.body(body.into()).unwrap()).await;
    assert_eq!((posted.status.as_u16(), posted.header("access-control-allow-origin")), (200, ""));
    for (uri, method, open) in
        [("/summary", "GET", true), ("/summary", "HEAD", true), ("/summary", "POST", false), ("/report", "GET", false)]
    {
        let preflight = send(&s, "OPTIONS", uri, &[page, ("access-control-request-method", method)]).await;
        assert_eq!((preflight.status.as_u16(), preflight.body.len()), (204, 0));
        assert_eq!(preflight.header("access-control-allow-origin"), if open { "*" } else { "" }, "{method} {uri}");
        assert_eq!(preflight.header("access-control-allow-methods"), if open { "GET, HEAD" } else { "" });
    }
    assert_eq!(send(&s, "OPTIONS", "/summary", &[]).await.header("allow"), "GET, HEAD, POST, OPTIONS");
    assert_eq!(send(&s, "OPTIONS", "*", &[]).await.status, 204);
    assert_eq!(send(&s, "OPTIONS", "/nosuch", &[]).await.status, 404);
}

/// The owner on the server's own machine sees restricted figures; a page of another origin in the same browser must not.
#[tokio::test]
async fn a_strange_page_sees_nothing() {
    let s = city();
    let uri = "/collections/enterprises/items?limit=5";
    let sees = async |headers: &[(&str, &str)]| {
        let answer = s.get_with(uri, headers).await;
        (
            String::from_utf8_lossy(&answer.body).contains("revenue_2025"),
            answer.header("access-control-allow-origin").to_owned(),
        )
    };
    let (yes, no) = ((true, String::new()), (false, String::new()));
    assert_eq!(sees(&[]).await, yes);
    assert_eq!(sees(&[("origin", "http://shigu.test")]).await, yes, "its own page");
    assert_eq!(sees(&[("host", "127.0.0.1:8080")]).await, yes);
    assert_eq!(sees(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8080")]).await, yes);
    assert_eq!(sees(&[("origin", "https://page.example")]).await, no);
    assert_eq!(sees(&[("origin", "null")]).await, no);
    assert_eq!(sees(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:9")]).await, no);
    assert_eq!(sees(&[("host", "rebound.example")]).await, no, "a name pointed at this machine");
    // kept answers and validators do not mix the two
    let first = s.get_with("/summary?zone=330127&year=2020", &[]).await;
    let foreign = s
        .get_with(
            "/summary?zone=330127&year=2020",
            &[("origin", "https://page.example"), ("if-none-match", first.header("etag"))],
        )
        .await;
    assert_eq!(foreign.status, 403);
}

#[tokio::test]
async fn requests_that_are_refused_at_once() {
    let s = city();
    let refused = async |status: u16, code: &str, request: axum::http::request::Builder| {
        let answer = s.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str().unwrap()), (status, code));
        assert_eq!(answer.header("content-type"), "application/problem+json");
    };
    let get = |uri: &str| Request::get(uri);
    refused(400, "bad-path", get("/collections/%ff")).await;
    refused(400, "bad-path", get("/collections/%00/items")).await;
    refused(400, "bad-path", get("/a%2")).await;
    refused(400, "bad-parameter", get("/search?q=%ff")).await;
    refused(400, "bad-parameter", get("/search?q=%00")).await;
    refused(400, "bad-parameter", get("/healthz?x=1")).await;
    refused(404, "not-found", get("/assets/%252e%252e/Cargo.toml")).await;
    refused(414, "uri-too-long", get(&format!("/search?q={}", "a".repeat(9000)))).await;
    refused(431, "headers-too-large", get("/").header("cookie", "a".repeat(17 << 10))).await;
    refused(413, "body-too-large", Request::post("/summary").header("content-length", "99999999999")).await;
    refused(400, "bad-host", get("/").header("host", "a/b")).await;
    refused(400, "bad-host", get("/").header("host", "a").header("host", "b")).await;
    refused(400, "bad-host", get("/").header("host", "")).await;
    refused(405, "method-not-allowed", Request::delete("/collections/districts/items/330110")).await;
    refused(405, "method-not-allowed", Request::builder().method("PROPFIND").uri("/")).await;
    refused(406, "not-acceptable", get("/collections").header("accept", "application/json;q=0, text/html;q=0")).await;
    refused(406, "not-acceptable", get("/collections/districts/items").header("accept", "image/*")).await;
}

#[tokio::test]
async fn addresses_behind_a_proxy() {
    // the proxy may take the prefix off or leave it on
    let s = at(Some("https://gis.example/shigu"));
    for prefix in ["", "/shigu"] {
        let landing = s.json(&format!("{prefix}/")).await;
        for l in landing["links"].as_array().unwrap() {
            let href = l["href"].as_str().unwrap();
            assert!(href.starts_with("https://gis.example/shigu/"), "{href}");
            let below = href.strip_prefix("https://gis.example/shigu").unwrap();
            assert_eq!(s.get(&format!("{prefix}{below}")).await.status, 200, "{href}");
        }
        let page = s.json(&format!("{prefix}/collections/districts/items?limit=1")).await;
        let next = page["links"].as_array().unwrap().iter().find(|l| l["rel"] == "next").unwrap()["href"].clone();
        assert!(next.as_str().unwrap().starts_with("https://gis.example/shigu/collections/districts/items?"), "{next}");
        assert_eq!(s.json(&format!("{prefix}/api")).await["servers"][0]["url"], "https://gis.example/shigu");
    }
    let without_slash = s.get("/shigu").await;
    assert_eq!((without_slash.status.as_u16(), without_slash.header("location")), (308, "https://gis.example/shigu/"));
    assert_eq!(s.get("/shigux/").await.status, 404);
    // a proxy's own headers and strange hosts never reach a link
    let tricks = [("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example"), ("host", "evil.example")];
    let body = s.get_with("/collections", &tricks).await.body;
    assert!(!String::from_utf8_lossy(&body).contains("evil.example"));
    // without an address of its own it is the host that was asked
    let s = at(None);
    let landing = s.get_with("/", &[("host", "127.0.0.1:8080")]).await.json();
    assert_eq!(landing["links"][0]["href"], "http://127.0.0.1:8080/");
    let tag = async |host: &str| s.get_with("/collections", &[("host", host)]).await.header("etag").to_owned();
    assert_ne!(tag("127.0.0.1:1").await, tag("127.0.0.1:2").await, "other links are other bytes");
}
