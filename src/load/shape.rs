//! The geometry of one feature: GeoJSON becomes `geo`, or findings that name the vertex.

use super::polygon::{self, Fault};
use super::report::{Place, Report};
use super::{Limits, diagnose};
use crate::geometry::Bounds;
use crate::model::{GeometryKind, Text};
use geo::orient::{Direction, Orient};
use geo::{Coord, Geometry, LineString, Polygon};
use geojson::{GeometryValue, Position};

/// Where a vertex stands in its geometry; all from 1, 0 where there is no such level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vertex {
    pub part: usize,
    pub ring: usize,
    pub vertex: usize,
}

impl Vertex {
    /// In words, zh and en.
    pub fn words(self) -> (String, String) {
        let levels = [(self.part, "部分", "part"), (self.ring, "环", "ring"), (self.vertex, "个顶点", "vertex")];
        let (mut zh, mut en) = (String::new(), String::new());
        for (n, in_zh, in_en) in levels.into_iter().filter(|(n, ..)| *n > 0) {
            zh = format!("{zh}第 {n} {in_zh}");
            en = format!("{en}{}{in_en} {n}", if en.is_empty() { "" } else { ", " });
        }
        (zh, en)
    }
}

/// Reads the geometries of one collection.
pub struct ShapeReader<'a> {
    pub kind: GeometryKind,
    pub limits: &'a Limits,
    /// The box around the districts, once it is known.
    pub city: Bounds,
    /// Geometries whose third coordinate was dropped.
    pub flattened: usize,
}

impl ShapeReader<'_> {
    /// The geometry of a feature; `None` where there is none or where it cannot be used.
    pub fn read(&mut self, raw: &str, place: Place, report: &mut Report) -> Option<Geometry<f64>> {
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
        let value = geometry.value;
        let mut seen = Seen::default();
        let mut at = Vertex::default();
        seen.visit(&value, &mut at);
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
        let rings = rings(&value, &mut Vertex::default(), place, report);
        if !(range && kind && rings) {
            return None;
        }
        let mut geometry = Geometry::<f64>::try_from(value).ok()?;
        settle(&mut geometry, place, report).then_some(geometry)
    }

    /// Whether all vertices are on the globe, and near the city rather than mirrored away from it.
    fn range(&self, seen: &Seen, place: Place, report: &mut Report) -> bool {
        let b = seen.bounds;
        let mirrored = Bounds { west: b.south, south: b.west, east: b.north, north: b.east };
        let on_globe = |b: &Bounds| b.west >= -180.0 && b.east <= 180.0 && b.south >= -90.0 && b.north <= 90.0;
        let far = on_globe(&b) && !self.city.is_empty() && !b.intersects(&self.city);
        let swapped = on_globe(&mirrored) && (!on_globe(&b) || (far && mirrored.intersects(&self.city)));
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

/// What a first walk over all positions finds.
struct Seen {
    vertices: usize,
    bounds: Bounds,
    solid: bool,
    short: Option<Vertex>,
    outside: Option<(Vertex, Coord<f64>)>,
    first_at: Vertex,
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
            first_at: Vertex::default(),
            first,
        }
    }
}

impl Seen {
    fn visit(&mut self, value: &GeometryValue, at: &mut Vertex) {
        use GeometryValue as V;
        match value {
            V::Point { coordinates } => self.position(coordinates, *at),
            V::MultiPoint { coordinates } | V::LineString { coordinates } => self.line(coordinates, *at),
            V::MultiLineString { coordinates } => {
                for (i, line) in coordinates.iter().enumerate() {
                    self.line(line, Vertex { part: i + 1, ..*at });
                }
            }
            V::Polygon { coordinates } => self.polygon(coordinates, *at),
            V::MultiPolygon { coordinates } => {
                for (i, polygon) in coordinates.iter().enumerate() {
                    self.polygon(polygon, Vertex { part: i + 1, ..*at });
                }
            }
            V::GeometryCollection { geometries } => {
                for (i, geometry) in geometries.iter().enumerate() {
                    self.visit(&geometry.value, &mut Vertex { part: i + 1, ..*at });
                }
            }
        }
    }

    fn polygon(&mut self, rings: &[Vec<Position>], at: Vertex) {
        for (i, ring) in rings.iter().enumerate() {
            self.line(ring, Vertex { ring: i + 1, ..at });
        }
    }

    fn line(&mut self, line: &[Position], at: Vertex) {
        for (i, p) in line.iter().enumerate() {
            self.position(p, Vertex { vertex: i + 1, ..at });
        }
    }

    fn position(&mut self, p: &Position, at: Vertex) {
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

/// Whether lines have two positions, and rings four and are closed.
fn rings(value: &GeometryValue, at: &mut Vertex, place: Place, report: &mut Report) -> bool {
    use GeometryValue as V;
    let mut parts = |n: usize, check: &mut dyn FnMut(usize, Vertex, &mut Report) -> bool| {
        (0..n).fold(true, |good, i| check(i, Vertex { part: i + 1, ..*at }, report) && good)
    };
    match value {
        V::Point { .. } | V::MultiPoint { .. } => true,
        V::LineString { coordinates } => line(coordinates, *at, place, report),
        V::MultiLineString { coordinates: c } => parts(c.len(), &mut |i, at, r| line(&c[i], at, place, r)),
        V::Polygon { coordinates } => polygon_rings(coordinates, *at, place, report),
        V::MultiPolygon { coordinates: c } => parts(c.len(), &mut |i, at, r| polygon_rings(&c[i], at, place, r)),
        V::GeometryCollection { geometries: g } => {
            parts(g.len(), &mut |i, mut at, r| rings(&g[i].value, &mut at, place, r))
        }
    }
}

fn line(line: &[Position], at: Vertex, place: Place, report: &mut Report) -> bool {
    let good = line.iter().any(|p| p.as_slice()[..2] != line[0].as_slice()[..2]);
    if !good {
        report.error(place, "line-too-short", || {
            let (zh, en) = at.words();
            (
                Text::new(format!("{zh}线至少要有两个不同的位置"), format!("{en} line needs two different positions")),
                Text::new("补上位置,或删去该线", "add positions, or remove the line"),
            )
        });
    }
    good
}

fn polygon_rings(rings: &[Vec<Position>], at: Vertex, place: Place, report: &mut Report) -> bool {
    let xy = |p: &Position| (p.as_slice()[0], p.as_slice()[1]);
    let mut good = !rings.is_empty();
    for (i, ring) in rings.iter().enumerate() {
        let (zh, en) = Vertex { ring: i + 1, ..at }.words();
        let mut distinct: Vec<_> = ring.iter().map(xy).collect();
        distinct.dedup();
        if let (Some(first), Some(last)) = (distinct.first(), distinct.last())
            && first != last
        {
            good = false;
            report.error(place, "ring-not-closed", || {
                (
                    Text::new(
                        format!("{zh}没有闭合:起点 ({}, {}),终点 ({}, {})", first.0, first.1, last.0, last.1),
                        format!(
                            "{en} is not closed: it begins at ({}, {}) and ends at ({}, {})",
                            first.0, first.1, last.0, last.1
                        ),
                    ),
                    Text::new("把第一个位置重复写在最后", "repeat the first position at the end"),
                )
            });
        } else if distinct.len() < 4 {
            good = false;
            report.error(place, "ring-too-short", || {
                (
                    Text::new(
                        format!("{zh}只有 {} 个位置,至少要有 4 个", distinct.len()),
                        format!("{en} has {} positions; it needs at least 4", distinct.len()),
                    ),
                    Text::new("补上顶点,或删去该环", "add vertices, or remove the ring"),
                )
            });
        }
    }
    if rings.is_empty() {
        report.error(place, "ring-too-short", || {
            let (zh, en) = at.words();
            (
                Text::new(format!("{zh}没有任何环"), format!("{en} has no ring")),
                Text::new("删去该部分", "remove this part"),
            )
        });
    }
    good
}

/// Drops repeated vertices, checks polygons, winds them by RFC 7946.
fn settle(geometry: &mut Geometry<f64>, place: Place, report: &mut Report) -> bool {
    match geometry {
        Geometry::LineString(l) => l.0.dedup(),
        Geometry::MultiLineString(m) => m.iter_mut().for_each(|l| l.0.dedup()),
        Geometry::Polygon(p) => return settle_polygons(std::slice::from_mut(p), false, place, report),
        Geometry::MultiPolygon(m) => return settle_polygons(&mut m.0, true, place, report),
        Geometry::GeometryCollection(g) => {
            return g.iter_mut().fold(true, |good, g| settle(g, place, report) && good);
        }
        _ => {}
    }
    true
}

fn settle_polygons(polygons: &mut [Polygon<f64>], multi: bool, place: Place, report: &mut Report) -> bool {
    for p in polygons.iter_mut() {
        let dedup = |l: &mut LineString<f64>| l.0.dedup();
        p.exterior_mut(dedup);
        p.interiors_mut(|rings| rings.iter_mut().for_each(dedup));
    }
    let mut good = true;
    for fault in polygon::faults(polygons) {
        good &= !fault.is_error();
        describe(&fault, multi, place, report);
    }
    if good {
        if let Some(at) = polygon::wrong_winding(polygons) {
            let (zh, en) = with_multi(at, multi).words();
            report.warning(place, "ring-winding", || {
                (
                    Text::new(
                        format!("{zh}方向不对,已改为外环逆时针、内环顺时针"),
                        format!("{en} was wound the wrong way; outer rings are now anticlockwise, holes clockwise"),
                    ),
                    Text::new(
                        "无需处理;可用修正后的文件替换",
                        "nothing to do; replace the file by a corrected one if you like",
                    ),
                )
            });
        }
        polygons.iter_mut().for_each(|p| *p = p.orient(Direction::Default));
    }
    good
}

fn with_multi(at: Vertex, multi: bool) -> Vertex {
    Vertex { part: if multi { at.part } else { 0 }, ..at }
}

fn describe(fault: &Fault, multi: bool, place: Place, report: &mut Report) {
    let (zh, en) = with_multi(fault.at, multi).words();
    let near = fault.near.map_or(String::new(), |c| format!(" ({:.6}, {:.6})", c.x, c.y));
    let (code, in_zh, in_en) = fault.kind.words();
    let say = || {
        let remedy = if fault.is_error() {
            Text::new("在 GIS 软件中修复几何(QGIS:修正几何图形)", "repair it in a GIS (QGIS: Fix geometries)")
        } else {
            Text::new("可以不改;如非本意请修复几何", "may stay; repair it if it is not meant")
        };
        (Text::new(format!("{zh}{in_zh}{near}"), format!("{en} {in_en}{near}")), remedy)
    };
    if fault.is_error() { report.error(place, code, say) } else { report.warning(place, code, say) }
}
