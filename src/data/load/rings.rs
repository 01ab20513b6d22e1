//! Lines and rings: long enough, closed, valid, wound by RFC 7946.

use super::repair::{self, Outcome};
use super::report::{Place, Report};
use crate::core::geometry::validity::{self, Fault, Spot};
use crate::core::model::Text;
use geo::orient::{Direction, Orient};
use geo::{Geometry, LineString, MultiPolygon, Polygon};
use geojson::{GeometryValue, Position};

/// Positions of the shortest ring that encloses something, its end included.
pub const LEAST: usize = 4;

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
        } else if distinct.len() < LEAST {
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

/// Repeats the first position of open rings at their end, as long as they have three different ones.
pub fn close(value: &mut GeometryValue) -> usize {
    let one = |ring: &mut Vec<Position>| {
        let xy = |p: &Position| p.as_slice().get(..2).map(<[f64]>::to_vec);
        let mut distinct: Vec<_> = ring.iter().map(xy).collect();
        distinct.dedup();
        let open = distinct.len() >= LEAST - 1 && distinct.first() != distinct.last();
        // what lacks a coordinate is said later
        if open && distinct.iter().all(Option::is_some) {
            ring.extend(ring.first().cloned());
            return 1;
        }
        0
    };
    match value {
        GeometryValue::Polygon { coordinates } => coordinates.iter_mut().map(one).sum(),
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter_mut().flatten().map(one).sum(),
        GeometryValue::GeometryCollection { geometries } => geometries.iter_mut().map(|g| close(&mut g.value)).sum(),
        _ => 0,
    }
}

/// Leaves out rings that enclose nothing, as long as something remains: traces of a generalisation. Open rings are left.
pub fn without_slivers(value: &mut GeometryValue) -> usize {
    let enclosing = |ring: &Vec<Position>| {
        let mut distinct: Vec<&[f64]> = ring.iter().filter_map(|p| p.as_slice().get(..2)).collect();
        distinct.dedup();
        let open = distinct.len() > 2 && distinct.first() != distinct.last();
        // what lacks a coordinate is said later
        let whole = ring.iter().all(|p| p.as_slice().len() >= 2);
        open || !whole || distinct.len() >= LEAST
    };
    let holes = |polygon: &mut Vec<Vec<Position>>| {
        let before = polygon.len();
        let mut first = true;
        polygon.retain(|ring| std::mem::take(&mut first) || enclosing(ring));
        before - polygon.len()
    };
    match value {
        GeometryValue::Polygon { coordinates } => holes(coordinates),
        GeometryValue::MultiPolygon { coordinates } => {
            let before = coordinates.len();
            let solid = |polygon: &Vec<Vec<Position>>| polygon.first().is_some_and(enclosing);
            if coordinates.iter().any(solid) {
                coordinates.retain(solid);
            }
            before - coordinates.len() + coordinates.iter_mut().map(holes).sum::<usize>()
        }
        _ => 0,
    }
}

/// Drops repeated vertices, checks polygons, repairs them where that hardly changes them, winds them by RFC 7946.
pub fn settle(geometry: &mut Geometry<f64>, place: Place, report: &mut Report) -> bool {
    match geometry {
        Geometry::LineString(l) => l.0.dedup(),
        Geometry::MultiLineString(m) => m.iter_mut().for_each(|l| l.0.dedup()),
        Geometry::Polygon(p) => {
            let one = std::slice::from_mut(p);
            match settle_polygons(one, false, place, report) {
                Settled::Sound => {}
                Settled::Broken => return false,
                Settled::Repaired(all) => *geometry = all.into(),
            }
        }
        Geometry::MultiPolygon(m) => match settle_polygons(&mut m.0, true, place, report) {
            Settled::Sound => {}
            Settled::Broken => return false,
            Settled::Repaired(all) => *m = all,
        },
        Geometry::GeometryCollection(g) => {
            return g.iter_mut().map(|g| settle(g, place, report)).filter(|good| !good).count() == 0;
        }
        _ => {}
    }
    true
}

/// What to do about geometry that was repaired.
pub fn may_stay() -> Text {
    Text::new(
        "可以不改;shigu check --repair 可写出修复后的文件夹",
        "may stay; `shigu check --repair` writes a folder with the repaired geometry",
    )
}

enum Settled {
    Sound,
    Repaired(MultiPolygon<f64>),
    Broken,
}

fn settle_polygons(polygons: &mut [Polygon<f64>], multi: bool, place: Place, report: &mut Report) -> Settled {
    for p in polygons.iter_mut() {
        let dedup = |l: &mut LineString<f64>| l.0.dedup();
        p.exterior_mut(dedup);
        p.interiors_mut(|rings| rings.iter_mut().for_each(dedup));
    }
    let faults = validity::faults(polygons);
    if faults.iter().any(Fault::is_error) {
        let outcome = repair::repair(polygons);
        let Outcome::Repaired(repaired) = outcome else {
            faults.iter().for_each(|fault| describe(fault, multi, Some(&outcome), place, report));
            return Settled::Broken;
        };
        for fault in &faults {
            let (zh, en) = spoken(fault, multi);
            report.warning(place, "geometry-repaired", || {
                let (made_zh, made_en) = repaired.made();
                (Text::new(format!("{zh};{made_zh}"), format!("{en}; {made_en}")), may_stay())
            });
        }
        return Settled::Repaired(repaired.area);
    }
    faults.iter().for_each(|fault| describe(fault, multi, None, place, report));
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
    Settled::Sound
}

fn with_multi(at: Spot, multi: bool) -> Spot {
    Spot { part: if multi { at.part } else { 0 }, ..at }
}

/// A fault in words: where, what, and near which position.
fn spoken(fault: &Fault, multi: bool) -> (String, String) {
    let (zh, en) = with_multi(fault.at, multi).words();
    let near = fault.near.map_or(String::new(), |c| format!(" ({:.6}, {:.6})", c.x, c.y));
    let (_, in_zh, in_en) = fault.kind.words();
    (format!("{zh}{in_zh}{near}"), format!("{en} {in_en}{near}"))
}

/// Says a fault; with why it is not repaired, where that was tried.
fn describe(fault: &Fault, multi: bool, tried: Option<&Outcome>, place: Place, report: &mut Report) {
    let (code, ..) = fault.kind.words();
    let say = || {
        let (mut zh, mut en) = spoken(fault, multi);
        let remedy = if fault.is_error() {
            Text::new(
                "用 shigu check --repair 写出修复后的文件夹,或在 GIS 软件中修复几何(QGIS:修正几何图形)",
                "`shigu check --repair` writes a repaired folder; or repair it in a GIS (QGIS: Fix geometries)",
            )
        } else {
            Text::new("可以不改;如非本意请修复几何", "may stay; repair it if it is not meant")
        };
        match tried {
            Some(Outcome::Changed(change)) => {
                let (left_zh, left_en) = change.left();
                (zh, en) = (format!("{zh};{left_zh}"), format!("{en}; {left_en}"));
                (
                    Text::new(zh, en),
                    Text::new("在 GIS 软件中修复几何(QGIS:修正几何图形)", "repair it in a GIS (QGIS: Fix geometries)"),
                )
            }
            Some(Outcome::Impossible) => (
                Text::new(zh, en),
                Text::new("在 GIS 软件中修复几何(QGIS:修正几何图形)", "repair it in a GIS (QGIS: Fix geometries)"),
            ),
            _ => (Text::new(zh, en), remedy),
        }
    };
    if fault.is_error() { report.error(place, code, say) } else { report.warning(place, code, say) }
}
