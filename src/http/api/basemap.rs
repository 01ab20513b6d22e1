//! The base map: a tile service of the intranet (XYZ or WMTS), one that is known by name, or a PMTiles file next to the
//! program, of which readers fetch ranges of bytes.

use crate::core::geometry::Bounds;
use crate::core::model::Text;
use crate::http::extract::context::Context;
use crate::http::extract::params::Params;
use crate::http::front;
use crate::http::problem::Problem;
use crate::http::response::answer::Answer;
use crate::http::response::file;
use crate::render::map::fading;
use axum::http::HeaderMap;
use serde::Serialize;
use std::fs::File;
use std::io::Read as _;
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
    /// Address of tiles with the names of places, which lie over everything else; where the service has them apart.
    labels: Option<String>,
    /// Who made it.
    attribution: Option<String>,
    /// Its approval number (审图号).
    approval: Option<String>,
    /// Zooms that it has.
    zooms: [u8; 2],
    /// Where it ends, so that its end does not look like a coast: a GeoJSON FeatureCollection of areas with a property `opacity`, to
    /// be filled in the colour of the ground. Null where it does not say that it ends.
    #[schema(value_type = Option<Object>)]
    fading: Option<serde_json::Value>,
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

/// A service that is known by name: its name, the layer of its tiles, that of its names of places.
const SERVICES: [(&str, &str, &str); 3] =
    [("tianditu:vec", "vec", "cva"), ("tianditu:img", "img", "cia"), ("tianditu:ter", "ter", "cta")];
/// Who made the tiles of these services.
const TIANDITU: &str = "国家地理信息公共服务平台(天地图)";
/// Metadata of more bytes than this are not read.
const METADATA: u64 = 1 << 20;

/// How an installation says what lies under the map.
#[derive(Clone, Debug, Default)]
pub struct BasemapSettings {
    /// A template of addresses, the name of a known service, or a PMTiles file.
    pub place: String,
    /// The key of a known service.
    pub key: Option<String>,
    /// Who made it; what a file says of itself where it is left out.
    pub attribution: Option<String>,
    /// Its approval number (审图号).
    pub approval: Option<String>,
}

impl Basemap {
    /// Checks the settings; a file has to be there.
    pub fn new(settings: BasemapSettings) -> Result<Self, SettingError> {
        let BasemapSettings { place, key, attribution, approval } = settings;
        if let Some((_, tiles, names)) = SERVICES.into_iter().find(|(name, ..)| *name == place) {
            let key = key.filter(|k| !k.is_empty() && k.bytes().all(|b| b.is_ascii_alphanumeric()));
            let key = key.ok_or_else(|| Text {
                zh: format!("--basemap {place} 需要密钥:在天地图网站申请后写入 --basemap-key(SHIGU_BASEMAP_KEY)"),
                en: format!("--basemap {place} needs a key: apply for one at tianditu.gov.cn and give it as --basemap-key (SHIGU_BASEMAP_KEY)"),
            })?;
            let address = |layer: &str| tianditu(layer, &key);
            let attribution = attribution.or_else(|| Some(TIANDITU.to_owned()));
            let (url, labels) = (address(tiles), Some(address(names)));
            return Ok(Self {
                kind: BasemapKind::Tiles,
                url,
                labels,
                attribution,
                approval,
                zooms: [1, 18],
                fading: None,
                file: None,
            });
        }
        if place.starts_with("http://") || place.starts_with("https://") {
            let (kind, url) = (BasemapKind::Tiles, template(&place)?);
            return Ok(Self {
                kind,
                url,
                labels: None,
                attribution,
                approval,
                zooms: [0, 18],
                fading: None,
                file: None,
            });
        }
        let file = PathBuf::from(place);
        let header = header_of(&file)?;
        let attribution = attribution.or(header.attribution);
        let (kind, zooms, url) = (header.kind, header.zooms, ADDRESS.to_owned());
        let fading = header.covers.and_then(fading);
        Ok(Self { kind, url, labels: None, attribution, approval, zooms, fading, file: Some(file) })
    }

    /// The origin that pictures come from, where it isn't ours.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.file.is_none().then(|| origin(&self.url)).flatten()
    }
}

/// Tiles of 天地图 in Web Mercator; its positions are those of CGCS2000.
fn tianditu(layer: &str, key: &str) -> String {
    format!(
        "https://t0.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default\
         &TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
    )
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
            "--basemap {text} 应为含 {{z}}、{{x}}、{{y}} 各一次的瓦片网址(WMTS 的 {{TileMatrix}} 等也可)、tianditu:vec(或 img、ter)或一个 .pmtiles 文件"
        ),
        en: format!(
            "--basemap {text} must be a tile address with {{z}}, {{x}} and {{y}} once each (or WMTS's {{TileMatrix}} and so on), tianditu:vec (or img, ter), or a .pmtiles file"
        ),
    })
}

/// What a PMTiles file says of itself.
struct Header {
    kind: BasemapKind,
    zooms: [u8; 2],
    attribution: Option<String>,
    /// The box that it covers, where it states one.
    covers: Option<Bounds>,
}

/// What the first bytes of a PMTiles file, version 3, and its metadata say.
fn header_of(path: &Path) -> Result<Header, SettingError> {
    let bad = |zh: &str, en: &str| Text {
        zh: format!("--basemap {}:{zh}", path.display()),
        en: format!("--basemap {}: {en}", path.display()),
    };
    let mut head = [0; 127];
    let opened = File::open(path).and_then(|file| file.read_exact_at(&mut head, 0).map(|()| file));
    let opened = opened.map_err(|e| bad(&format!("文件无法读取({e})"), &format!("the file can't be read ({e})")))?;
    if &head[..8] != b"PMTiles\x03" {
        return Err(bad("不是 PMTiles 第 3 版文件", "not a PMTiles file of version 3"));
    }
    let kind = match head[99] {
        1 => BasemapKind::PmtilesVector,
        2..=5 => BasemapKind::PmtilesRaster,
        _ => return Err(bad("瓦片类型未知", "its kind of tiles is unknown")),
    };
    let zooms = [head[100].min(22), head[101].min(22)];
    Ok(Header { kind, zooms, attribution: attribution_in(&opened, &head), covers: covered(&head) })
}

/// The box that a file states; other programs leave it empty.
fn covered(head: &[u8; 127]) -> Option<Bounds> {
    let degrees = |at: usize| Some(f64::from(i32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?)) / 1e7);
    let b = Bounds { west: degrees(102)?, south: degrees(106)?, east: degrees(110)?, north: degrees(114)? };
    let world = Bounds::WORLD;
    let inside = b.west >= world.west && b.south >= world.south && b.east <= world.east && b.north <= world.north;
    (inside && b.west < b.east && b.south < b.north).then_some(b)
}

/// Who made the file, in its metadata; without marks of HTML, which other programs put links into.
fn attribution_in(file: &File, head: &[u8; 127]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Metadata {
        attribution: Option<String>,
    }
    let number = |at: usize| Some(u64::from_le_bytes(head.get(at..at + 8)?.try_into().ok()?));
    let (offset, length) = (number(24)?, number(32)?);
    if length > METADATA {
        return None;
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, offset).ok()?;
    if head[97] == 2 {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&*bytes).take(METADATA).read_to_end(&mut plain).ok()?;
        bytes = plain;
    }
    let text = serde_json::from_slice::<Metadata>(&bytes).ok()?.attribution?;
    let mut inside = false;
    let plain: String = text
        .chars()
        .filter(|c| {
            let kept = !inside && *c != '<';
            inside = if inside { *c != '>' } else { *c == '<' };
            kept
        })
        .collect();
    let plain = plain.replace("&copy;", "©").replace("&amp;", "&");
    Some(plain.trim().to_owned()).filter(|t| !t.is_empty())
}

/// The scheme, host and port at the beginning of an address; nothing that could end a directive of a content policy.
pub(crate) fn origin(address: &str) -> Option<&str> {
    let start = ["https://", "http://"].into_iter().find(|s| address.starts_with(s))?.len();
    let end = address[start..].find(['/', '?', '#']).map_or(address.len(), |at| start + at);
    front::is_host(&address[start..end]).then_some(&address[..end])
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
        let of = |place: &str| Basemap::new(BasemapSettings { place: place.to_owned(), ..BasemapSettings::default() });
        let map = of(wmts).unwrap();
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
            assert!(of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_known_service_needs_its_key() {
        let of = |key: Option<&str>| {
            let (place, key) = ("tianditu:vec".to_owned(), key.map(str::to_owned));
            Basemap::new(BasemapSettings { place, key, ..BasemapSettings::default() })
        };
        for bad in [None, Some(""), Some("a&b"), Some("a\"b")] {
            assert!(of(bad).is_err_and(|e| e.en.contains("--basemap-key")), "{bad:?}");
        }
        let map = of(Some("0a1b")).unwrap();
        assert!(map.url.contains("LAYER=vec&") && map.url.ends_with("&tk=0a1b"), "{}", map.url);
        assert!(map.labels.is_some_and(|l| l.contains("LAYER=cva&")));
        assert_eq!(origin(&map.url), Some("https://t0.tianditu.gov.cn"));
        assert_eq!(map.attribution.as_deref(), Some(TIANDITU));
    }
}
