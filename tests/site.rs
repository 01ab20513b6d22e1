//! What an installation adds: a base map in ranges of bytes, an origin of tiles, pages that may frame the map; and nothing
//! beyond that in the content policy.

use crate::common;

use common::service::Service;
use proptest::prelude::*;
use shigu::core::query::Disclosure;
use shigu::http::{Basemap, BasemapSettings, SettingError, Site};
use std::fmt::Write as _;
use std::path::PathBuf;
use tempfile::{TempDir, tempdir};

/// A file that begins as a PMTiles file of pictures does, with bytes that tell where they stand.
fn pmtiles(kind: u8, length: usize) -> (TempDir, PathBuf, Vec<u8>) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("base.pmtiles");
    let mut bytes: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
    bytes[..8].copy_from_slice(b"PMTiles\x03");
    bytes[99..102].copy_from_slice(&[kind, 4, 14]);
    std::fs::write(&path, &bytes).unwrap();
    (folder, path, bytes)
}

fn placed(place: &str) -> Result<Basemap, SettingError> {
    Basemap::new(BasemapSettings { place: place.to_owned(), ..BasemapSettings::default() })
}

fn with(basemap: &str) -> Service {
    let (place, attribution, approval) = (basemap.to_owned(), Some("某图".into()), Some("浙S(2025)1号".into()));
    let basemap = Basemap::new(BasemapSettings { place, key: None, attribution, approval }).unwrap();
    Service::with_site("tests/data/tinyville", Site { basemap: Some(basemap), ..Site::default() })
}

#[tokio::test]
async fn a_file_is_served_in_ranges() {
    let (_folder, path, bytes) = pmtiles(2, 700_001);
    let service = with(path.to_str().unwrap());
    let info = service.json("/site").await;
    assert_eq!(info["basemap"]["kind"], "pmtiles-raster");
    assert_eq!(info["basemap"]["url"], "basemap.pmtiles");
    assert_eq!(info["basemap"]["zooms"], serde_json::json!([4, 14]));
    assert!(!info.to_string().contains(path.to_str().unwrap()), "no paths of the machine leave");

    let whole = service.get("/basemap.pmtiles").await;
    assert_eq!((whole.status.as_u16(), whole.header("accept-ranges")), (200, "bytes"));
    assert_eq!(whole.body, bytes);
    let tag = whole.header("etag").to_owned();
    for (range, from, to) in
        [("bytes=0-126", 0, 127), ("bytes=127-600000", 127, 600_001), ("bytes=-5", 699_996, 700_001)]
    {
        let part = service.get_with("/basemap.pmtiles", &[("range", range), ("accept-encoding", "br, gzip")]).await;
        assert_eq!((part.status.as_u16(), part.header("content-encoding")), (206, ""), "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {from}-{}/700001", to - 1));
        assert_eq!(part.header("etag"), tag);
        assert_eq!(part.body, bytes[from..to], "{range}");
    }
    assert_eq!(service.get_with("/basemap.pmtiles", &[("range", "bytes=700001-")]).await.status, 416);
    assert_eq!(service.get_with("/basemap.pmtiles", &[("if-none-match", &tag)]).await.status, 304);
    assert_eq!(service.post("/basemap.pmtiles", "application/json", "{}").await.status, 405);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(service.get("/basemap.pmtiles").await.status, 503);
}

#[tokio::test]
async fn the_policy_opens_for_what_is_configured_and_for_nothing_else() {
    let policy = |answer: &common::service::Answer| answer.header("content-security-policy").to_owned();
    let plain = Service::open("tests/data/tinyville", Disclosure::Full).get("/").await;
    assert!(policy(&plain).contains("default-src 'self'; img-src 'self' data: blob:;"));
    assert!(policy(&plain).ends_with("frame-ancestors 'self'"));
    assert_eq!(Service::open("tests/data/tinyville", Disclosure::Full).get("/basemap.pmtiles").await.status, 404);

    let tiles = with("https://tiles.example:8443/{z}/{x}/{y}.png?tk=k").get("/site").await;
    assert!(policy(&tiles).contains("connect-src 'self' https://tiles.example:8443;"), "{}", policy(&tiles));
    assert!(policy(&tiles).contains("img-src 'self' data: blob: https://tiles.example:8443;"));
    assert!(!policy(&tiles).contains("unsafe"));
    assert_eq!(tiles.json()["basemap"]["approval"], "浙S(2025)1号");

    let (_folder, path, _) = pmtiles(1, 200);
    let local = with(path.to_str().unwrap()).get("/site").await;
    assert_eq!(policy(&local), policy(&plain), "a file of our own needs nothing");

    let site = Site::default().embedded_by("https://portal.example").unwrap();
    let framed = Service::with_site("tests/data/tinyville", site).get("/").await;
    assert!(policy(&framed).ends_with("frame-ancestors 'self' https://portal.example"));
}

#[test]
fn files_that_are_no_base_map_are_refused_with_a_reason() {
    let (_folder, path, _) = pmtiles(9, 300);
    assert!(placed(path.to_str().unwrap()).unwrap_err().zh.contains("瓦片类型未知"));
    std::fs::write(&path, b"short").unwrap();
    assert!(placed(path.to_str().unwrap()).unwrap_err().en.contains("can't be read"));
    std::fs::write(&path, vec![7; 300]).unwrap();
    assert!(placed(path.to_str().unwrap()).unwrap_err().zh.contains("不是 PMTiles"));
}

proptest! {
    /// Whatever is written into the settings, a policy has the directives that it should and no others.
    #[test]
    fn settings_add_no_directives(text in "[a-z0-9:/.,; *'{}\\-]{0,40}") {
        let framed = Site::default().embedded_by(&text);
        let basemap = placed(&format!("https://{text}/{{z}}/{{x}}/{{y}}")).ok();
        let mut all = String::new();
        for origin in framed.map(|s| s.embed_origins).unwrap_or_default() {
            let _ = write!(all, "{origin} ");
        }
        prop_assert!(!all.contains([';', '*', '\'', '{']), "{all}");
        prop_assert!(basemap.is_none() || !text.split('/').next().unwrap().contains([';', '*', '\'']));
    }
}
