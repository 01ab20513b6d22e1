//! What files say of their reference system, read by its parameters: well-known text, PROJJSON, PROJ strings, and the
//! codes and URNs of the EPSG register. Names decide about the datum only.

use super::wkt::Node;
use super::{Crs, Datum, Plane};
use serde_json::Value as Json;

/// A system that is not supported: the name that was given.
pub type Unsupported = String;

/// A system by its parts.
#[derive(Debug, Default)]
struct Said {
    name: String,
    datum: String,
    /// Semi-major axis and inverse flattening.
    ellipsoid: Option<(f64, f64)>,
    prime_meridian: f64,
    /// Of a plane.
    method: Option<String>,
    parameters: Vec<(String, f64)>,
    /// Metres of the unit of length, radians of the unit of angles.
    metre: f64,
    degree: f64,
    /// A shift to WGS 84 that the text itself brings along.
    shifted: bool,
    /// Whether the text itself says that it is Web Mercator, which some can but name.
    web_mercator: bool,
}

const DEGREE: f64 = 0.017_453_292_519_943_3;

impl Crs {
    /// The system of anything that files and people write: a code, a URN or URI, well-known text, PROJJSON, a PROJ string.
    pub fn of_text(text: &str) -> Result<Self, Unsupported> {
        let text = text.trim();
        if text.starts_with('{') {
            let json: Result<Json, _> = serde_json::from_str(text);
            return json.map_err(|_| shown(text)).and_then(|json| Self::of_projjson(&json));
        }
        if text.contains('[') && !text.starts_with('[') {
            return Self::of_wkt(text);
        }
        if text.contains("+proj=") {
            return proj(text).settle();
        }
        let text = text.trim_matches(['[', ']', '<', '>']);
        let mut parts = text.rsplit([':', '/', '#']).map(str::trim);
        let code = parts.next().unwrap_or_default();
        if code.eq_ignore_ascii_case("CRS84") || code.eq_ignore_ascii_case("CRS84H") {
            return Ok(Self::Crs84);
        }
        let upper = text.to_ascii_uppercase();
        let authority = ["EPSG", "ESRI"].into_iter().find(|a| upper.contains(a));
        authority.map_or_else(|| Err(shown(text)), |a| Self::of_code(a, code))
    }

    /// The system of an authority's code.
    pub fn of_code(authority: &str, code: &str) -> Result<Self, Unsupported> {
        let authority = authority.trim().to_ascii_uppercase();
        let number: Option<u32> = code.trim().parse().ok();
        let found = match (authority.as_str(), number) {
            ("OGC", _) if matches!(code.to_ascii_uppercase().as_str(), "CRS84" | "CRS84H") => Some(Self::Crs84),
            // ESRI's own codes of Web Mercator; others of its list are those of EPSG
            ("EPSG" | "ESRI", Some(102_100 | 102_113 | 900_913)) => Some(Self::WebMercator),
            ("EPSG" | "ESRI", Some(code)) => Self::of_epsg(code),
            _ => None,
        };
        found.ok_or_else(|| match number.and_then(Self::foreign_datum) {
            Some(name) => format!("{name} ({authority}:{code})"),
            None => shown(&format!("{authority}:{code}")),
        })
    }

    /// The system of a code and a text, of which either may be unusable; where both can be used, they must agree.
    pub fn of_both(authority: &str, code: &str, text: &str) -> Result<Self, Unsupported> {
        let by_code = Self::of_code(authority, code);
        if text.is_empty() {
            return by_code;
        }
        match (by_code, Self::of_text(text)) {
            (Ok(a), Ok(b)) if a.same_place(b) => Ok(a),
            (Ok(a), Ok(b)) => Err(format!("{authority}:{code} ({a}) ≠ {b}")),
            // names without parameters, or damaged text
            (Ok(a), Err(_)) if Node::read(text).is_none() => Ok(a),
            (Err(said), Ok(_)) if code.parse().ok().and_then(Self::foreign_datum).is_some() => Err(said),
            (Err(_), Ok(b)) => Ok(b),
            (_, Err(name)) => Err(name),
        }
    }

    /// Whether the same numbers, x to the east, are the same place in both.
    pub fn same_place(self, other: Self) -> bool {
        let plain = |crs: Self| match crs {
            Self::Wgs84 | Self::Cgcs2000 => Self::Crs84,
            Self::Plane(p) => Self::Plane(Plane { datum: Datum::Wgs84, code: None, ..p }),
            other => other,
        };
        plain(self) == plain(other)
    }

    fn of_wkt(text: &str) -> Result<Self, Unsupported> {
        let quoted = || text.split('"').nth(1).filter(|n| !n.is_empty()).map_or_else(|| shown(text), shown);
        let Some(tree) = Node::read(text) else { return Err(quoted()) };
        let planes = ["PROJCS", "PROJCRS", "PROJECTEDCRS"];
        let degrees = ["GEOGCS", "GEOGCRS", "GEOGRAPHICCRS", "GEODCRS", "GEODETICCRS", "BASEGEOGCRS", "BASEGEODCRS"];
        let Some(root) = tree.find(&planes).or_else(|| tree.find(&degrees)) else { return Err(quoted()) };
        let Some(base) = root.find(&degrees) else { return Err(quoted()) };
        let datum = base.find(&["DATUM", "TRF", "GEODETICDATUM", "ENSEMBLE"]);
        let ellipsoid = base.find(&["SPHEROID", "ELLIPSOID"]).and_then(|e| Some((e.number(1)?, e.number(2)?)));
        let method = root.find(&["PROJECTION", "METHOD"]).map(|n| n.name().to_owned());
        let is_plane = planes.contains(&root.keyword.as_str());
        let conversion = root.child(&["CONVERSION"]).unwrap_or(root);
        let unit = |node: &Node, names: &[&str]| node.child(names).and_then(|u| u.number(1));
        let axis_unit = root.find(&["CS"]).and(root.child(&["LENGTHUNIT", "UNIT"])).and_then(|u| u.number(1));
        let in_axis = root.child(&["AXIS"]).and_then(|a| unit(a, &["LENGTHUNIT", "UNIT"]));
        let parameters = conversion.nodes.iter().filter(|n| n.keyword == "PARAMETER");
        let shift = base.find(&["TOWGS84"]).or_else(|| tree.find(&["TOWGS84"]));
        let bound = tree.find(&["ABRIDGEDTRANSFORMATION"]).is_some();
        let extension = root.child(&["EXTENSION"]).and_then(|e| e.values.get(1)).copied().unwrap_or_default();
        let spherical = extension.contains("+a=6378137") && extension.contains("+b=6378137");
        let said = Said {
            name: quoted(),
            datum: datum.map(Node::name).unwrap_or_default().to_owned(),
            ellipsoid,
            prime_meridian: base.find(&["PRIMEM"]).and_then(|p| p.number(1)).unwrap_or(0.0),
            method: if is_plane { Some(method.unwrap_or_default()) } else { None },
            parameters: parameters.filter_map(|p| Some((p.name().to_owned(), p.number(1)?))).collect(),
            metre: if is_plane {
                unit(root, &["UNIT", "LENGTHUNIT"]).or(axis_unit).or(in_axis).unwrap_or(1.0)
            } else {
                1.0
            },
            degree: unit(base, &["UNIT", "ANGLEUNIT"]).unwrap_or(DEGREE),
            shifted: bound || shift.is_some_and(|s| (0..s.values.len()).any(|i| s.number(i) != Some(0.0))),
            web_mercator: root.code() == Some(("EPSG", "3857")) || (spherical && is_plane),
        };
        said.settle()
    }

    /// The system of PROJJSON, the JSON of a reference system.
    pub fn of_projjson(json: &Json) -> Result<Self, Unsupported> {
        let id = |json: &Json| {
            let code = match &json["id"]["code"] {
                Json::String(code) => code.clone(),
                Json::Number(code) => code.to_string(),
                _ => return None,
            };
            Some((json["id"]["authority"].as_str()?.to_owned(), code))
        };
        // of a compound system the part on the ground; of one with a transformation what it is made from
        let json = json["components"].get(0).unwrap_or(json);
        if json["type"] == "BoundCRS" {
            return Err(shown(json["source_crs"]["name"].as_str().unwrap_or("BoundCRS")));
        }
        let by_id = id(json).map(|(authority, code)| Self::of_code(&authority, &code));
        let is_plane = json["type"] == "ProjectedCRS";
        let base = if is_plane { &json["base_crs"] } else { json };
        let frame = if base["datum"].is_object() { &base["datum"] } else { &base["datum_ensemble"] };
        let number = |value: &Json| value.as_f64().or_else(|| value["value"].as_f64());
        let conversion = &json["conversion"];
        let parameters = conversion["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        // a parameter in another unit has an object for it
        let odd = parameters.iter().any(|p| p["unit"].is_object());
        let axis = &json["coordinate_system"]["axis"][0]["unit"];
        let said = Said {
            name: json["name"].as_str().unwrap_or("PROJJSON").to_owned(),
            datum: frame["name"].as_str().unwrap_or_default().to_owned(),
            ellipsoid: number(&frame["ellipsoid"]["semi_major_axis"])
                .zip(number(&frame["ellipsoid"]["inverse_flattening"])),
            prime_meridian: number(&frame["prime_meridian"]["longitude"]).unwrap_or(0.0),
            method: is_plane
                .then(|| conversion.pointer("/method/name").and_then(Json::as_str).unwrap_or_default().to_owned()),
            parameters: parameters
                .iter()
                .filter_map(|p| Some((p["name"].as_str()?.to_owned(), p["value"].as_f64()?)))
                .collect(),
            metre: if odd || (is_plane && !(axis.is_null() || axis == "metre")) { 0.0 } else { 1.0 },
            degree: DEGREE,
            shifted: false,
            web_mercator: false,
        };
        if said.datum.is_empty() && !is_plane || is_plane && conversion.is_null() {
            return by_id.unwrap_or_else(|| Err(shown(&said.name)));
        }
        match (by_id, said.settle()) {
            (Some(Ok(a)), Ok(b)) if a.same_place(b) => Ok(a),
            (Some(Ok(a)), Ok(b)) => Err(format!("{a} ≠ {b}")),
            // PROJJSON of Web Mercator is recognised by its method
            (_, read) => read,
        }
    }
}

fn shown(text: &str) -> String {
    text.trim().chars().take(80).collect()
}

/// The parts of a PROJ string.
fn proj(text: &str) -> Said {
    let value = |key: &str| {
        text.split_whitespace()
            .find_map(|w| w.strip_prefix('+')?.strip_prefix(key)?.strip_prefix('='))
            .unwrap_or_default()
    };
    let number = |key: &str| value(key).parse::<f64>().ok().filter(|n| n.is_finite());
    let (datum, ellipsoid) = (value("datum"), value("ellps"));
    let axes = match (ellipsoid, number("a").zip(number("rf"))) {
        (_, Some(axes)) => Some(axes),
        ("GRS80", _) => Some((6_378_137.0, 298.257_222_101)),
        ("WGS84", _) => Some((6_378_137.0, 298.257_223_563)),
        ("krass", _) => Some((6_378_245.0, 298.3)),
        _ => None,
    };
    let method = match value("proj") {
        "longlat" | "latlong" => None,
        "merc" if number("a") == Some(6_378_137.0) && number("b") == Some(6_378_137.0) => {
            Some("webmercator".to_owned())
        }
        other => Some(other.to_owned()),
    };
    let mut parameters: Vec<(String, f64)> = [
        ("lon_0", "centralmeridian"),
        ("lat_0", "latitudeoforigin"),
        ("k", "scalefactor"),
        ("k_0", "scalefactor"),
        ("x_0", "falseeasting"),
        ("y_0", "falsenorthing"),
    ]
    .into_iter()
    .filter_map(|(key, name)| Some((name.to_owned(), number(key)?)))
    .collect();
    let mut known = method.clone();
    if let (Some("utm"), Some(zone)) = (method.as_deref(), number("zone").filter(|z| (1.0..=60.0).contains(z))) {
        let south = text.split_whitespace().any(|w| w == "+south");
        let northing = if south { 10_000_000.0 } else { 0.0 };
        let utm = [
            ("centralmeridian", zone * 6.0 - 183.0),
            ("scalefactor", 0.9996),
            ("falseeasting", 500_000.0),
            ("falsenorthing", northing),
        ];
        parameters = utm.map(|(name, n)| (name.to_owned(), n)).to_vec();
        known = Some("tmerc".to_owned());
    }
    // the strings say no datum but WGS 84: the ellipsoid is all there is, and GRS 80's is that of many datums
    let named = if datum.is_empty() && ellipsoid == "WGS84" { "WGS84" } else { datum };
    Said {
        name: shown(text),
        datum: named.to_owned(),
        ellipsoid: axes,
        prime_meridian: if value("pm").is_empty() { 0.0 } else { f64::NAN },
        web_mercator: method.as_deref() == Some("webmercator"),
        method: known,
        parameters,
        metre: if matches!(value("units"), "" | "m") && value("to_meter").is_empty() { 1.0 } else { 0.0 },
        degree: DEGREE,
        shifted: value("towgs84").split(',').any(|n| !n.is_empty() && n.parse() != Ok(0.0))
            || !value("axis").is_empty(),
    }
}

impl Said {
    /// The system of the parts, or its name.
    fn settle(self) -> Result<Crs, Unsupported> {
        self.system().ok_or_else(|| shown(&self.name))
    }

    fn system(&self) -> Option<Crs> {
        let plain = |text: &str| -> String { text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect() };
        let method = self.method.as_deref().map(plain);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let parameter = |names: &[&str]| {
            self.parameters.iter().find(|(name, _)| names.contains(&plain(name).as_str())).map(|(_, value)| *value)
        };
        let or = |names: &[&str], usual: f64| parameter(names).unwrap_or(usual);
        let meridian = parameter(&["centralmeridian", "longitudeofnaturalorigin", "longitudeoforigin"]);
        let latitude = or(&["latitudeoforigin", "latitudeofnaturalorigin"], 0.0);
        let scale = or(&["scalefactor", "scalefactoratnaturalorigin"], 1.0);
        let (easting, northing) = (or(&["falseeasting"], 0.0), or(&["falsenorthing"], 0.0));
        let spherical = ["mercatorauxiliarysphere", "popularvisualisationpseudomercator", "webmercator"];
        if method.as_deref().is_some_and(|m| spherical.contains(&m) || self.web_mercator) {
            let bare = [meridian.unwrap_or(0.0), easting, northing].iter().all(|n| close(*n, 0.0));
            // ESRI's name is of other spheres, too
            let sphere = close(or(&["auxiliaryspheretype"], 0.0), 0.0) && close(or(&["standardparallel1"], 0.0), 0.0);
            return (bare && sphere && close(self.metre, 1.0)).then_some(Crs::WebMercator);
        }
        let datum = self.datum()?;
        if !close(self.prime_meridian, 0.0) || (self.degree - DEGREE).abs() > 1e-10 || self.shifted {
            return None;
        }
        let Some(method) = method else {
            return Some(if datum == Datum::Wgs84 { Crs::Wgs84 } else { Crs::Cgcs2000 });
        };
        let transverse = ["transversemercator", "gausskruger", "gausskrüger", "gaussboaga", "tmerc", "etmerc"];
        let range = |n: f64, most: f64| n.abs() <= most;
        let meridian = meridian.filter(|m| range(*m, 180.0))?;
        let sound = transverse[..3].contains(&method.as_str()) || transverse[4..].contains(&method.as_str());
        let usable = sound
            && close(self.metre, 1.0)
            && range(latitude, 90.0)
            && (0.5..=2.0).contains(&scale)
            && range(easting, 1e9)
            && range(northing, 1e9);
        let plane = Plane { datum, meridian, latitude, scale, easting, northing, code: None };
        usable.then(|| Crs::Plane(plane.coded()))
    }

    /// The datum by its name, with an ellipsoid that does not contradict it.
    fn datum(&self) -> Option<Datum> {
        let name: String = self.datum.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        let says = |any: &[&str]| any.iter().any(|w| name.contains(w));
        let datum = if says(&["wgs1984", "wgs84", "worldgeodeticsystem1984"]) {
            Datum::Wgs84
        } else if says(&[
            "china2000",
            "cgcs2000",
            "chinageodeticcoordinatesystem2000",
            "chinesegeodetic",
            "国家大地坐标系2000",
            "2000国家大地坐标系",
        ]) {
            Datum::Cgcs2000
        } else {
            return None;
        };
        // "not specified (based on WGS 84 ellipsoid)" is of no datum
        let unknown = says(&["notspecified", "basedon"]);
        // either flattening may stand for the other: a tenth of a millimetre lies between them
        let fits =
            self.ellipsoid.is_none_or(|(a, rf)| (a - 6_378_137.0).abs() < 1e-3 && (rf - 298.257_222).abs() < 1e-4);
        (!unknown && fits).then_some(datum)
    }
}
