//! The base map: a tile service of the intranet (XYZ or WMTS), or a PMTiles file next to the program, of which readers
//! fetch ranges of bytes.

use crate::core::model::Text;
use crate::http::extract::context::Context;
use crate::http::extract::negotiate;
use crate::http::extract::params::Params;
use crate::http::problem::Problem;
use crate::http::response::answer::Answer;
use crate::http::response::file;
use axum::http::HeaderMap;
use serde::Serialize;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use utoipa::ToSchema;

/// A setting that can't be used: what is wrong with it.
pub type SettingError = Text;

/// Where readers find the file.
const ADDRESS: &str = "basemap.pmtiles";

/// What lies under the map, as the page reads it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Basemap {
    kind: BasemapKind,
    /// Address of a tile with `{z}`, `{x}` and `{y}`, or of the file.
    url: String,
    /// Who made it.
    attribution: Option<String>,
    /// Its approval number (审图号).
    approval: Option<String>,
    /// Zooms that it has.
    zooms: [u8; 2],
    #[serde(skip)]
    file: Option<PathBuf>,
}

/// How the base map comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BasemapKind {
    /// A picture per tile.
    Tiles,
    /// Pictures out of a PMTiles file.
    PmtilesRaster,
    /// Vector tiles out of a PMTiles file, in the layers of Protomaps.
    PmtilesVector,
}

impl Basemap {
    /// A template of addresses, or a PMTiles file.
    pub fn new(text: &str, attribution: Option<String>, approval: Option<String>) -> Result<Self, SettingError> {
        let (kind, url, zooms, file) = if text.starts_with("http://") || text.starts_with("https://") {
            (BasemapKind::Tiles, template(text)?, [0, 18], None)
        } else {
            let (kind, zooms) = header_of(Path::new(text))?;
            (kind, ADDRESS.to_owned(), zooms, Some(PathBuf::from(text)))
        };
        Ok(Self { kind, url, attribution, approval, zooms, file })
    }

    /// The origin that pictures come from, where it isn't ours.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.file.is_none().then(|| origin(&self.url)).flatten()
    }
}

/// A template in one spelling: WMTS names its places otherwise.
fn template(text: &str) -> Result<String, SettingError> {
    let wmts = [("{TileMatrix}", "{z}"), ("{TileRow}", "{y}"), ("{TileCol}", "{x}")];
    let url = wmts.iter().fold(text.to_owned(), |url, (from, to)| url.replace(from, to));
    let places = url.matches('{').count() == 3 && ["{z}", "{x}", "{y}"].iter().all(|p| url.contains(p));
    let plain = url.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`".contains(&b));
    if places && plain && origin(&url).is_some() {
        return Ok(url);
    }
    Err(Text {
        zh: format!(
            "--basemap {text} 应为含 {{z}}、{{x}}、{{y}} 各一次的瓦片网址(WMTS 的 {{TileMatrix}} 等也可),或一个 .pmtiles 文件"
        ),
        en: format!(
            "--basemap {text} must be a tile address with {{z}}, {{x}} and {{y}} once each (or WMTS's {{TileMatrix}} and so on), or a .pmtiles file"
        ),
    })
}

/// Kind and zooms out of the first bytes of a PMTiles file, version 3.
fn header_of(path: &Path) -> Result<(BasemapKind, [u8; 2]), SettingError> {
    let bad = |zh: &str, en: &str| Text {
        zh: format!("--basemap {}:{zh}", path.display()),
        en: format!("--basemap {}: {en}", path.display()),
    };
    let mut head = [0; 127];
    let read = File::open(path).and_then(|file| file.read_exact_at(&mut head, 0));
    read.map_err(|e| bad(&format!("文件无法读取({e})"), &format!("the file can't be read ({e})")))?;
    if &head[..8] != b"PMTiles\x03" {
        return Err(bad("不是 PMTiles 第 3 版文件", "not a PMTiles file of version 3"));
    }
    let kind = match head[99] {
        1 => BasemapKind::PmtilesVector,
        2..=5 => BasemapKind::PmtilesRaster,
        _ => return Err(bad("瓦片类型未知", "its kind of tiles is unknown")),
    };
    Ok((kind, [head[100].min(22), head[101].min(22)]))
}

/// The scheme, host and port at the beginning of an address; nothing that could end a directive of a content policy.
pub(crate) fn origin(address: &str) -> Option<&str> {
    let start = ["https://", "http://"].into_iter().find(|s| address.starts_with(s))?.len();
    let end = address[start..].find(['/', '?', '#']).map_or(address.len(), |at| start + at);
    negotiate::is_host(&address[start..end]).then_some(&address[..end])
}

/// The file of the base map, or a range of its bytes.
#[utoipa::path(get, path = "/basemap.pmtiles", operation_id = "getBasemap", tag = "map", responses(
    (status = 200, description = "the file", content_type = "application/vnd.pmtiles"), (status = 206, description = "the bytes asked for by Range"),
    (status = 404, description = "no file is configured", body = crate::http::problem::ProblemDocument)))]
pub(crate) async fn file(context: Context, headers: HeaderMap, params: Params) -> Answer {
    params.finish()?;
    let Some(path) = context.site().basemap.as_ref().and_then(|b| b.file.clone()) else {
        return Err(Problem::not_found(
            "没有配置底图文件,见 shigu serve --basemap。",
            "No base map file is configured; see shigu serve --basemap.",
        ));
    };
    file::file(&headers, path, "application/vnd.pmtiles").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let wmts = "https://t0.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}&tk=k";
        let map = Basemap::new(wmts, None, None).unwrap();
        assert!(map.url.ends_with("TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=k"), "{}", map.url);
        assert_eq!(map.origin(), Some("https://t0.tianditu.gov.cn"));
        for bad in [
            "https://a.example/{z}/{x}",
            "https://{s}.a.example/{z}/{x}/{y}",
            "https://a.example;x/{z}/{x}/{y}",
            "http://a.example/{z}/{x}/{y}\"",
            "nowhere.pmtiles",
            "Cargo.toml",
        ] {
            assert!(Basemap::new(bad, None, None).is_err(), "{bad}");
        }
    }
}
