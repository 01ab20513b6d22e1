//! Lines and rings: long enough, closed, valid, wound by RFC 7946.

use super::report::{Place, Report};
use crate::core::geometry::validity::{self, Fault, Spot};
use crate::core::model::Text;
use geo::orient::{Direction, Orient};
use geo::{Geometry, LineString, Polygon};
use geojson::{GeometryValue, Position};

/// Whether lines have two positions, and rings four and are closed.
pub fn check(value: &GeometryValue, at: Spot, place: Place, report: &mut Report) -> bool {
    use GeometryValue as V;
    let mut parts = |n: usize, check: &mut dyn FnMut(usize, Spot, &mut Report) -> bool| {
        (0..n).filter(|&i| !check(i, Spot { part: i + 1, ..at }, report)).count() == 0
    };
    match value {
        V::Point { .. } | V::MultiPoint { .. } => true,
        V::LineString { coordinates } => line(coordinates, at, place, report),
        V::MultiLineString { coordinates: c } => parts(c.len(), &mut |i, at, r| line(&c[i], at, place, r)),
        V::Polygon { coordinates } => polygon_rings(coordinates, at, place, report),
        V::MultiPolygon { coordinates: c } => parts(c.len(), &mut |i, at, r| polygon_rings(&c[i], at, place, r)),
        V::GeometryCollection { geometries: g } => parts(g.len(), &mut |i, at, r| check(&g[i].value, at, place, r)),
    }
}

fn line(line: &[Position], at: Spot, place: Place, report: &mut Report) -> bool {
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

fn polygon_rings(rings: &[Vec<Position>], at: Spot, place: Place, report: &mut Report) -> bool {
    let xy = |p: &Position| (p.as_slice()[0], p.as_slice()[1]);
    let mut good = !rings.is_empty();
    for (i, ring) in rings.iter().enumerate() {
        let (zh, en) = Spot { ring: i + 1, ..at }.words();
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
pub fn settle(geometry: &mut Geometry<f64>, place: Place, report: &mut Report) -> bool {
    match geometry {
        Geometry::LineString(l) => l.0.dedup(),
        Geometry::MultiLineString(m) => m.iter_mut().for_each(|l| l.0.dedup()),
        Geometry::Polygon(p) => return settle_polygons(std::slice::from_mut(p), false, place, report),
        Geometry::MultiPolygon(m) => return settle_polygons(&mut m.0, true, place, report),
        Geometry::GeometryCollection(g) => {
            return g.iter_mut().map(|g| settle(g, place, report)).filter(|good| !good).count() == 0;
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
    for fault in validity::faults(polygons) {
        good &= !fault.is_error();
        describe(&fault, multi, place, report);
    }
    if good {
        if let Some(at) = validity::wrong_winding(polygons) {
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
        for p in polygons.iter_mut() {
            *p = p.orient(Direction::Default);
        }
    }
    good
}

fn with_multi(at: Spot, multi: bool) -> Spot {
    Spot { part: if multi { at.part } else { 0 }, ..at }
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
