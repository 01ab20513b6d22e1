//! Why a geometry cannot be read: the geojson crate has refused it, this module finds what is wrong and at which
//! vertex.

use super::document::{in_chinese, plain};
use super::report::{Place, Report};
use super::text::shorten;
use super::value::Json;
use crate::core::geometry::validity::Spot;
use crate::core::model::Text;

/// Says what is wrong with a geometry that `geojson` has refused with `e`.
pub fn geometry(raw: &str, e: &serde_json::Error, place: Place, report: &mut Report) {
    match serde_json::from_str::<Json>(raw) {
        Err(e) if plain(&e).starts_with("number out of range") => out_of_range(place, report),
        Err(e) => structure(&in_chinese(&plain(&e)), &plain(&e), place, report),
        Ok(json) => {
            if !explain(&json, Spot::default(), place, report) {
                structure(&in_chinese(&plain(e)), &plain(e), place, report);
            }
        }
    }
}

/// A position with fewer than two numbers.
pub fn short_position(at: Spot, place: Place, report: &mut Report) {
    let (zh, en) = at.words();
    report.error(place, "bad-position", || {
        (
            Text::new(format!("{zh}坐标不足两个数值"), format!("{en} position has fewer than two numbers")),
            Text::new("每个位置写成 [经度, 纬度]", "write each position as [longitude, latitude]"),
        )
    });
}

fn out_of_range(place: Place, report: &mut Report) {
    report.error(place, "absurd-number", || {
        (
            Text::new("坐标中有大得无法表示的数值", "a coordinate is too large to be a number"),
            Text::new("改正该坐标", "correct the coordinate"),
        )
    });
}

fn structure(zh: &str, en: &str, place: Place, report: &mut Report) {
    report.error(place, "bad-geometry", || {
        (
            Text::new(format!("几何读不出:{zh}"), format!("the geometry cannot be read: {en}")),
            Text::new("按 RFC 7946 改正 geometry", "correct the geometry by RFC 7946"),
        )
    });
}

/// Whether something was found and said.
fn explain(json: &Json, at: Spot, place: Place, report: &mut Report) -> bool {
    const TYPES: [(&str, usize); 6] = [
        ("Point", 0),
        ("MultiPoint", 1),
        ("LineString", 1),
        ("MultiLineString", 2),
        ("Polygon", 2),
        ("MultiPolygon", 3),
    ];
    let shown = |j: &Json| shorten(&j.to_string()).into_owned();
    let Json::Object(_) = json else {
        let found = shown(json);
        structure(
            &format!("geometry 应为对象或 null,却是 {found}"),
            &format!("geometry must be an object or null, but is {found}"),
            place,
            report,
        );
        return true;
    };
    let Some(ty) = json.member("type").and_then(Json::as_str) else {
        structure("缺少 type", "it has no type", place, report);
        return true;
    };
    if ty == "GeometryCollection" {
        let Some(Json::List(members)) = json.member("geometries") else {
            structure("缺少 geometries", "it has no geometries", place, report);
            return true;
        };
        return members.iter().enumerate().any(|(i, m)| explain(m, Spot { part: i + 1, ..at }, place, report));
    }
    let Some((_, level)) = TYPES.iter().find(|(name, _)| *name == ty) else {
        let ty = shorten(ty);
        structure(&format!("type {ty} 不是几何类型"), &format!("type {ty} is no geometry"), place, report);
        return true;
    };
    let Some(coordinates) = json.member("coordinates") else {
        structure("缺少 coordinates", "it has no coordinates", place, report);
        return true;
    };
    // a point of two missing numbers is how tables write that there is none
    let none = |c: &[Json]| c.is_empty() || (*level == 0 && c.iter().all(|one| matches!(one, Json::Null)));
    if matches!(coordinates, Json::List(c) if none(c)) {
        report.warning(place, "empty-geometry", || {
            (
                Text::new(
                    "几何没有任何坐标,按无位置处理",
                    "the geometry has no coordinates; the feature is taken as unlocated",
                ),
                Text::new("补上坐标,或把 geometry 写成 null", "give it coordinates, or write null for geometry"),
            )
        });
        return true;
    }
    let is_area = ty.ends_with("Polygon");
    let Some((at, found)) = first_fault(coordinates, *level, is_area, at) else { return false };
    let (zh, en) = at.words();
    let found = shown(found);
    report.error(place, "bad-position", || {
        (
            Text::new(
                format!("{zh}坐标不是 [经度, 纬度]:{found}"),
                format!("{en} position is not [longitude, latitude]: {found}"),
            ),
            Text::new(
                "坐标写成数值,不加引号,层数与几何类型一致",
                "write coordinates as numbers without quotes, nested as the type demands",
            ),
        )
    });
    true
}

/// The first thing, in the order of the file, that is not what its level demands.
fn first_fault<'j, 'a>(json: &'j Json<'a>, level: usize, is_area: bool, at: Spot) -> Option<(Spot, &'j Json<'a>)> {
    let Json::List(items) = json else { return Some((at, json)) };
    if level == 0 {
        let numbers = items.iter().all(|i| matches!(i, Json::Int(_) | Json::Float(_)));
        return (items.len() < 2 || !numbers).then_some((at, json));
    }
    items.iter().enumerate().find_map(|(i, item)| {
        let n = i + 1;
        let at = match (level, is_area) {
            (1, _) => Spot { vertex: n, ..at },
            (2, true) => Spot { ring: n, ..at },
            _ => Spot { part: n, ..at },
        };
        first_fault(item, level - 1, is_area, at)
    })
}
