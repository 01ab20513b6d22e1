//! The geometry of one feature: GeoJSON becomes `geo`, or findings that name the vertex.

use super::origin;
use super::report::{Place, Report};
use super::{Limits, diagnose, repair, rings};
use crate::core::geometry::validity::Spot;
use crate::core::geometry::{Bounds, Sound};
use crate::core::model::{GeometryKind, Text};
use crate::data::system::System;
use geo::{Coord, Geometry};
use geojson::{GeometryValue, Position};

/// Reads the geometries of one collection.
pub struct ShapeReader<'a> {
    pub kind: GeometryKind,
    pub limits: &'a Limits,
    /// The box around the districts, once it is known.
    pub city: Bounds,
    /// Geometries whose third coordinate was dropped.
    pub flattened: usize,
    /// The system of the positions, where it is not WGS 84.
    pub origin: Option<System>,
}

impl ShapeReader<'_> {
    /// The geometry of a feature; `None` where there is none or where it cannot be used.
    pub fn read(&mut self, raw: &str, place: Place, report: &mut Report) -> Option<Sound> {
        if raw == "null" {
            return None;
        }
        let geometry: geojson::Geometry = match serde_json::from_str(raw) {
            Ok(geometry) => geometry,
            Err(e) => {
                diagnose::geometry(raw, &e, place, report);
                return None;
            }
        };
        let mut value = geometry.value;
        if let Some(origin) = self.origin
            && let Err(at) = bring(&mut value, origin)
        {
            beyond(at, place, report);
            return None;
        }
        if self.kind == GeometryKind::Polygon {
            areas_of(&mut value, place, report);
        }
        let tidied = (rings::close(&mut value), rings::without_slivers(&mut value));
        let mut seen = Seen::default();
        seen.visit(&value, Spot::default());
        if let Some(short) = seen.short {
            diagnose::short_position(short, place, report);
            return None;
        }
        if seen.bounds.is_empty() {
            report.warning(place, "empty-geometry", || {
                (
                    Text::new(
                        "几何没有任何坐标,按无位置处理",
                        "the geometry has no coordinates; the feature is taken as unlocated",
                    ),
                    Text::new("补上坐标,或把 geometry 写成 null", "give it coordinates, or write null for geometry"),
                )
            });
            return None;
        }
        if seen.vertices > self.limits.vertices {
            report.error(place, "too-many-vertices", || {
                let (n, limit) = (seen.vertices, self.limits.vertices);
                (
                    Text::new(
                        format!("几何有 {n} 个顶点,上限为 {limit}"),
                        format!("the geometry has {n} vertices, more than {limit}"),
                    ),
                    Text::new("先简化几何", "simplify it first"),
                )
            });
            return None;
        }
        self.flattened += usize::from(seen.solid);
        let range = self.range(&seen, place, report);
        let kind = self.allowed(&value, place, report);
        let rings = rings::check(&value, Spot::default(), place, report);
        if !(range && kind && rings) {
            return None;
        }
        let mut geometry = match Sound::from_geojson(&value) {
            Ok(geometry) => geometry.into_inner(),
            // what has passed all of the above has an empty part, such as a polygon without a ring in a collection
            Err(defect) => {
                report.error(place, "bad-geometry", || {
                    let (zh, en) = defect.words();
                    let remedy = Text::new("补上坐标,或删去该部分", "give it coordinates, or remove this part");
                    (Text::new(format!("几何{zh}"), format!("the geometry: {en}")), remedy)
                });
                return None;
            }
        };
        if !rings::settle(&mut geometry, place, report) {
            return None;
        }
        tidy(tidied, &geometry, place, report);
        Sound::new(geometry).ok()
    }

    /// Whether a point can be taken without a word.
    pub fn takes_point(&self, x: f64, y: f64) -> bool {
        let on_globe = |x: f64, y: f64| Bounds::WORLD.contains(x, y);
        let in_city = |x: f64, y: f64| !self.city.is_empty() && self.city.contains(x, y);
        matches!(self.kind, GeometryKind::Any | GeometryKind::Point)
            && self.origin.is_none()
            && self.limits.vertices > 0
            && on_globe(x, y)
            && !(on_globe(y, x) && !in_city(x, y) && in_city(y, x))
    }

    /// Whether all vertices are on the globe, and near the city rather than mirrored away from it.
    fn range(&self, seen: &Seen, place: Place, report: &mut Report) -> bool {
        let b = seen.bounds;
        let mirrored = Bounds { west: b.south, south: b.west, east: b.north, north: b.east };
        let on_globe = |b: &Bounds| b.west >= -180.0 && b.east <= 180.0 && b.south >= -90.0 && b.north <= 90.0;
        let in_city = |b: &Bounds| !self.city.is_empty() && b.intersects(&self.city);
        let swapped = on_globe(&mirrored)
            && if on_globe(&b) {
                !in_city(&b) && in_city(&mirrored)
            } else {
                in_city(&mirrored) || (b.south + b.north).abs() > 180.0
            };
        if on_globe(&b) && !swapped {
            return true;
        }
        let (at, c) = seen.outside.unwrap_or((seen.first_at, seen.first));
        let (zh, en) = at.words();
        let shown = format!("({}, {})", c.x, c.y);
        if swapped {
            report.error(place, "lon-lat-swapped", || {
                (
                    Text::new(
                        format!("{zh} {shown} 疑似经纬度颠倒"),
                        format!("{en} {shown}: longitude and latitude look swapped"),
                    ),
                    Text::new(
                        "GeoJSON 坐标按 [经度, 纬度] 书写,请对调",
                        "GeoJSON writes [longitude, latitude]: exchange the two",
                    ),
                )
            });
            return false;
        }
        let projected = c.x.abs() > 1000.0 || c.y.abs() > 1000.0;
        report.error(place, "coordinate-range", || {
            let remedy = if projected {
                Text::new(
                    "坐标像是以米为单位的投影坐标,请先转换为 WGS 84 经纬度",
                    "these look like projected metres: convert them to WGS 84 longitude and latitude",
                )
            } else {
                Text::new(
                    "经度应在 -180..180,纬度应在 -90..90,请改正",
                    "longitude is in -180..180, latitude in -90..90: correct it",
                )
            };
            (Text::new(format!("{zh} {shown} 超出经纬度范围"), format!("{en} {shown} is outside the globe")), remedy)
        });
        false
    }

    fn allowed(&self, value: &GeometryValue, place: Place, report: &mut Report) -> bool {
        use GeometryValue as V;
        let fits = match self.kind {
            GeometryKind::Any => true,
            GeometryKind::Point => matches!(value, V::Point { .. } | V::MultiPoint { .. }),
            GeometryKind::Line => matches!(value, V::LineString { .. } | V::MultiLineString { .. }),
            GeometryKind::Polygon => matches!(value, V::Polygon { .. } | V::MultiPolygon { .. }),
        };
        if !fits {
            report.error(place, "geometry-kind", || {
                let (kind, found) = (format!("{:?}", self.kind).to_lowercase(), value.type_name());
                (
                    Text::new(
                        format!("几何是 {found},而清单规定为 {kind}"),
                        format!("the geometry is a {found}, but the manifest says {kind}"),
                    ),
                    Text::new(
                        "换成规定的几何,或在清单中改 geometry",
                        "use the declared geometry, or change geometry in the manifest",
                    ),
                )
            });
        }
        fits
    }
}

/// Says how many rings were closed, and how many enclosed nothing.
fn tidy((closed, dropped): (usize, usize), geometry: &Geometry<f64>, place: Place, report: &mut Report) {
    let km2 = match geometry {
        Geometry::Polygon(p) => repair::km2_of(std::slice::from_ref(p)),
        Geometry::MultiPolygon(m) => repair::km2_of(&m.0),
        _ => 0.0,
    };
    let mut say = |zh: String, en: String| {
        let area = repair::shown(km2);
        report.warning(place, "geometry-repaired", || {
            (
                Text::new(format!("{zh};面积 {area} 平方公里"), format!("{en}; its area is {area} km2")),
                rings::may_stay(),
            )
        });
    };
    if closed > 0 {
        say(
            format!("{closed} 个环没有闭合,已把第一个位置重复写在最后"),
            format!("{closed} rings were not closed; their first position was repeated at the end"),
        );
    }
    if dropped > 0 {
        say(
            format!("{dropped} 个环不足 4 个位置、没有面积,已去掉"),
            format!("{dropped} rings have fewer than 4 positions and no area; they were left out"),
        );
    }
}

/// Makes the areas of a collection one geometry, as a repair by a GIS leaves them: what is no area there has none.
fn areas_of(value: &mut GeometryValue, place: Place, report: &mut Report) {
    use GeometryValue as V;
    let V::GeometryCollection { geometries } = value else { return };
    let mut areas = Vec::new();
    let mut others = 0;
    for geometry in &*geometries {
        match &geometry.value {
            V::Polygon { coordinates } => areas.push(coordinates.clone()),
            V::MultiPolygon { coordinates } => areas.extend(coordinates.iter().cloned()),
            V::GeometryCollection { .. } => return,
            _ => others += 1,
        }
    }
    if areas.is_empty() {
        return;
    }
    let parts = areas.len();
    *value = V::MultiPolygon { coordinates: areas };
    report.warning(place, "geometry-repaired", || {
        (
            Text::new(
                format!("GeometryCollection 中的 {parts} 个面已合为一个 MultiPolygon,另有 {others} 个点或线已去掉"),
                format!(
                    "the {parts} areas of a GeometryCollection were made a MultiPolygon; {others} points or lines were left out"
                ),
            ),
            rings::may_stay(),
        )
    });
}

/// Brings all positions of a geometry to CRS84; `Err` with the first that the system does not reach.
fn bring(value: &mut GeometryValue, origin: System) -> Result<(), Coord<f64>> {
    use GeometryValue as V;
    let one = |p: &mut Position| {
        // what has one number only is said of later
        let [x, y, ..] = p.as_slice_mut() else { return Ok(()) };
        let at = Coord { x: *x, y: *y };
        let found = origin::locate(origin, at).ok_or(at)?;
        (*x, *y) = (found.x, found.y);
        Ok(())
    };
    let line = |line: &mut Vec<Position>| line.iter_mut().try_for_each(one);
    match value {
        V::Point { coordinates } => one(coordinates),
        V::MultiPoint { coordinates } | V::LineString { coordinates } => line(coordinates),
        V::MultiLineString { coordinates } | V::Polygon { coordinates } => coordinates.iter_mut().try_for_each(line),
        V::MultiPolygon { coordinates } => coordinates.iter_mut().flatten().try_for_each(line),
        V::GeometryCollection { geometries } => geometries.iter_mut().try_for_each(|g| bring(&mut g.value, origin)),
    }
}

fn beyond(at: Coord<f64>, place: Place, report: &mut Report) {
    report.error(place, "coordinate-range", || {
        let shown = format!("({}, {})", at.x, at.y);
        (
            Text::new(
                format!("坐标 {shown} 超出所写坐标系的范围"),
                format!("the position {shown} is beyond the reach of the stated system"),
            ),
            Text::new("核对坐标系与坐标的次序(东坐标在前)", "check the system and the order (easting first)"),
        )
    });
}

/// What a first walk over all positions finds.
struct Seen {
    vertices: usize,
    bounds: Bounds,
    solid: bool,
    short: Option<Spot>,
    outside: Option<(Spot, Coord<f64>)>,
    first_at: Spot,
    first: Coord<f64>,
}

impl Default for Seen {
    fn default() -> Self {
        let first = Coord { x: 0.0, y: 0.0 };
        Self {
            vertices: 0,
            bounds: Bounds::EMPTY,
            solid: false,
            short: None,
            outside: None,
            first_at: Spot::default(),
            first,
        }
    }
}

impl Seen {
    fn visit(&mut self, value: &GeometryValue, at: Spot) {
        use GeometryValue as V;
        match value {
            V::Point { coordinates } => self.position(coordinates, at),
            V::MultiPoint { coordinates } | V::LineString { coordinates } => self.line(coordinates, at),
            V::MultiLineString { coordinates } => {
                for (i, line) in coordinates.iter().enumerate() {
                    self.line(line, Spot { part: i + 1, ..at });
                }
            }
            V::Polygon { coordinates } => self.polygon(coordinates, at),
            V::MultiPolygon { coordinates } => {
                for (i, polygon) in coordinates.iter().enumerate() {
                    self.polygon(polygon, Spot { part: i + 1, ..at });
                }
            }
            V::GeometryCollection { geometries } => {
                for (i, geometry) in geometries.iter().enumerate() {
                    self.visit(&geometry.value, Spot { part: i + 1, ..at });
                }
            }
        }
    }

    fn polygon(&mut self, rings: &[Vec<Position>], at: Spot) {
        for (i, ring) in rings.iter().enumerate() {
            self.line(ring, Spot { ring: i + 1, ..at });
        }
    }

    fn line(&mut self, line: &[Position], at: Spot) {
        for (i, p) in line.iter().enumerate() {
            self.position(p, Spot { vertex: i + 1, ..at });
        }
    }

    fn position(&mut self, p: &Position, at: Spot) {
        let &[x, y, ref rest @ ..] = p.as_slice() else {
            self.short.get_or_insert(at);
            return;
        };
        let c = Coord { x, y };
        if self.vertices == 0 {
            (self.first, self.first_at) = (c, at);
        }
        self.vertices += 1;
        self.solid |= !rest.is_empty();
        if !Bounds::WORLD.contains(x, y) {
            self.outside.get_or_insert((at, c));
        }
        self.bounds.extend(c);
    }
}
