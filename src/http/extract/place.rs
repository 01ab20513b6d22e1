//! Where a map is and what is behind it, as parameters say it: `crs`, `bbox` in `bbox-crs`, `bgcolor`.

use crate::http::extract::params::Params;
use crate::http::problem::Problem;
use crate::render::map::Crs;

pub(crate) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const EPSG4326: &str = "http://www.opengis.net/def/crs/EPSG/0/4326";
const EPSG3857: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";

/// A coordinate reference system by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference {
    pub(crate) uri: &'static str,
    pub(crate) crs: Crs,
    /// Whether latitude goes before longitude.
    pub(crate) north_first: bool,
}

const KNOWN: [(Reference, [&str; 3]); 3] = [
    (
        Reference { uri: CRS84, crs: Crs::Crs84, north_first: false },
        ["[OGC:CRS84]", "OGC:CRS84", "https://www.opengis.net/def/crs/OGC/1.3/CRS84"],
    ),
    (
        Reference { uri: EPSG4326, crs: Crs::Crs84, north_first: true },
        ["[EPSG:4326]", "EPSG:4326", "https://www.opengis.net/def/crs/EPSG/0/4326"],
    ),
    (
        Reference { uri: EPSG3857, crs: Crs::WebMercator, north_first: false },
        ["[EPSG:3857]", "EPSG:3857", "https://www.opengis.net/def/crs/EPSG/0/3857"],
    ),
];

/// Takes a parameter that names a coordinate reference system; CRS84 without one.
pub(crate) fn reference(params: &mut Params, name: &str) -> Result<Reference, Problem> {
    let Some(text) = params.text(name) else { return Ok(KNOWN[0].0) };
    let found = KNOWN.iter().find(|(r, others)| r.uri == text || others.contains(&text.as_str()));
    found.map(|(r, _)| *r).ok_or_else(|| {
        let all = KNOWN.map(|(r, _)| r.uri).join(", ");
        Problem::parameter(name, &format!("不支持“{text}”,可选 {all}"), &format!("{text:?} is not one of {all}"))
    })
}

/// Takes `bbox`, in `bbox-crs`, as west, south, east, north in the map's own system.
pub(crate) fn bbox(params: &mut Params, of: Reference) -> Result<Option<[f64; 4]>, Problem> {
    let given = reference(params, "bbox-crs")?;
    let Some(text) = params.text("bbox") else { return Ok(None) };
    let bad = || {
        Problem::parameter(
            "bbox",
            "应为 4 个数:最小 x,最小 y,最大 x,最大 y(按 bbox-crs 的坐标次序),有面积,在坐标系范围内,不跨 180 度经线",
            "four numbers: lower left and upper right corner in the axis order of bbox-crs, with an area, within the CRS, not across the antimeridian",
        )
    };
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|n| n.trim().parse().ok().filter(|f: &f64| f.is_finite())).collect();
    let ([a, b, c, d] | [a, b, _, c, d, _]) = numbers.ok_or_else(bad)?[..] else { return Err(bad()) };
    let [west, south, east, north] = if given.north_first { [b, a, d, c] } else { [a, b, c, d] };
    let (x, y) = match given.crs {
        Crs::Crs84 => (180.0, 90.0),
        Crs::WebMercator => (20_037_508.35, 20_048_966.11),
    };
    let inside = west >= -x && east <= x && south >= -y && north <= y;
    if !(inside && west < east && south < north) {
        return Err(bad());
    }
    if given.crs == of.crs {
        return Ok(Some([west, south, east, north]));
    }
    let ((west, south), (east, north)) = (given.crs.unproject(west, south), given.crs.unproject(east, north));
    let ((west, south), (east, north)) = (of.crs.project(west, south), of.crs.project(east, north));
    // a box at the pole, where Mercator has nothing
    if south < north { Ok(Some([west, south, east, north])) } else { Err(bad()) }
}

/// A colour as `#RRGGBB`: `0xRRGGBB`, or a W3C name in any case.
pub(crate) fn color(name: &str, text: &str) -> Result<String, Problem> {
    let hex = |digits: &str| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    if hex(digits) {
        return Ok(format!("#{}", digits.to_ascii_uppercase()));
    }
    let word = text.to_ascii_lowercase();
    let known = word.bytes().all(|b| b.is_ascii_lowercase()).then(|| word.parse::<svgtypes::Color>().ok()).flatten();
    known
        .map(|c| format!("#{:02X}{:02X}{:02X}", c.red, c.green, c.blue))
        .ok_or_else(|| Problem::parameter(name, "应为 0xRRGGBB 或 W3C 颜色名", "0xRRGGBB or a W3C colour name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_by_number_and_by_name() {
        assert_eq!(color("bgcolor", "0xff8000").unwrap(), "#FF8000");
        assert_eq!(color("bgcolor", "WhiteSmoke").unwrap(), "#F5F5F5");
        for bad in ["", "0xff", "#12345g", "rgb(1,2,3)", "nocolour", "\" onload=\""] {
            assert!(color("bgcolor", bad).is_err(), "{bad}");
        }
    }
}
