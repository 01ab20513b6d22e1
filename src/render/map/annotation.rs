//! What a reader writes on a map: texts, arrows and outlined areas; and the points that a reader brings.

use super::frame::Frame;
use super::labels::{LEADING, Spot, Wish};
use super::scene::{Anchor, Item, Line, Look, Point, path};
use crate::core::model::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most characters of a text.
const LONGEST_TEXT: usize = 200;
/// Most corners of an area.
const MOST_CORNERS: usize = 1_000;
/// Most points that a reader brings.
const MOST_POINTS: usize = 5_000;
/// Characters of a point's name that stand on a map.
const SHOWN_NAME: usize = 24;

/// What an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AnnotationKind {
    /// A text at a point.
    Text,
    /// An arrow from the first point to the second, with its text at the first.
    Arrow,
    /// An outlined area with its text inside; the last corner leads to the first.
    Area,
}

/// Something that a reader wrote on a map.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Annotation {
    /// What it is.
    pub kind: AnnotationKind,
    /// What it says, at most 200 characters; arrows and areas may say nothing.
    pub text: String,
    /// Longitude and latitude in WGS 84 degrees: one point of a text, two of an arrow, 3 to 1,000 of an area.
    pub points: Vec<[f64; 2]>,
}

impl Annotation {
    /// Says what does not fit.
    pub fn check(&self) -> Result<(), Text> {
        let fits = match self.kind {
            AnnotationKind::Text => self.points.len() == 1 && !self.text.trim().is_empty(),
            AnnotationKind::Arrow => self.points.len() == 2,
            AnnotationKind::Area => (3..=MOST_CORNERS).contains(&self.points.len()),
        };
        let on_earth = |[x, y]: &[f64; 2]| (-180.0..=180.0).contains(x) && (-90.0..=90.0).contains(y);
        if !fits || !self.points.iter().all(on_earth) {
            return Err(Text::new(
                "标注应为:文字 1 点并有内容,箭头 2 点,范围 3 至 1000 点;坐标为经纬度。",
                "An annotation is a text with one point, an arrow with two, or an area with 3 to 1,000, in longitude and latitude.",
            ));
        }
        if self.text.chars().count() > LONGEST_TEXT || self.text.chars().any(char::is_control) {
            return Err(Text::new(
                format!("标注文字最多 {LONGEST_TEXT} 字,不换行。"),
                format!("The text of an annotation has at most {LONGEST_TEXT} characters in one line."),
            ));
        }
        Ok(())
    }
}

/// A point that a reader brings.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedPoint {
    /// What it is called, at most 200 characters; it may have no name.
    #[serde(default)]
    pub name: String,
    /// Longitude and latitude in WGS 84 degrees.
    pub at: [f64; 2],
}

/// Points that a reader brings: dots over the map, with their names where these find room.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PointSet {
    /// What they are, at most 120 characters: their line in the legend.
    pub title: String,
    /// The points, at most 5,000.
    pub points: Vec<NamedPoint>,
}

impl PointSet {
    /// Says what does not fit.
    pub fn check(&self) -> Result<(), Text> {
        let line = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
        let on_earth = |[x, y]: [f64; 2]| (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y);
        let fits = self.points.len() <= MOST_POINTS && line(&self.title, 120);
        if fits && self.points.iter().all(|point| on_earth(point.at) && line(&point.name, LONGEST_TEXT)) {
            return Ok(());
        }
        Err(Text::new(
            format!("点位最多 {MOST_POINTS} 个,坐标为经纬度;名称最多 {LONGEST_TEXT} 字,不换行。"),
            format!(
                "At most {MOST_POINTS} points in longitude and latitude, with names of at most {LONGEST_TEXT} characters in one line."
            ),
        ))
    }
}

/// The dots that a frame shows of a reader's points, and their names, which want a place beside them.
pub(super) fn dots(set: &PointSet, frame: &Frame, origin: Point, scale: f64) -> (Vec<Item>, Vec<Wish>) {
    let (radius, size) = (4.5 * scale, 12.0 * scale);
    let (mut items, mut wishes) = (vec![], vec![]);
    for (order, point) in (0..).zip(&set.points) {
        let (x, y) = place(point.at, frame, origin);
        let inside = x >= origin.0 && x <= origin.0 + frame.width && y >= origin.1 && y <= origin.1 + frame.height;
        if !inside {
            continue;
        }
        items.push(Item::Circle { at: (x, y), radius, look: Look::filled(INK, 1.0).and_line(HALO, 1.5) });
        if !point.name.is_empty() {
            let mut name: String = point.name.chars().take(SHOWN_NAME).collect();
            if point.name.chars().nth(SHOWN_NAME).is_some() {
                name.push('…');
            }
            wishes.push(Wish {
                lines: vec![(name, size)],
                color: INK.to_owned(),
                halo: (HALO.to_owned(), 2.5),
                bold: false,
                places: Spot::around((x, y), radius + 2.0, size * LEADING),
                shy: false,
                // after what the plan and the districts are called, before single rows
                rank: (4, order),
            });
        }
    }
    (items, wishes)
}

/// Where a position is on the sheet.
fn place([lon, lat]: [f64; 2], frame: &Frame, origin: Point) -> Point {
    let [west, south, east, north] = frame.bbox;
    let (x, y) = frame.crs.project(lon, lat);
    (origin.0 + (x - west) / (east - west) * frame.width, origin.1 + (north - y) / (north - south) * frame.height)
}

/// The colour of what is written: dark on the light map and unlike all that the map itself has.
pub(super) const INK: &str = "#7a1f5c";
const HALO: &str = "#ffffff";

/// What a frame shows of annotations, areas first and texts last.
pub(super) fn items(all: &[Annotation], frame: &Frame, origin: Point, scale: f64) -> Vec<Item> {
    let size = 14.0 * scale;
    let said = |text: &str, at: Point| {
        let (halo, color) = (Some((HALO.to_owned(), 3.0)), INK.to_owned());
        Item::Text(Line { text: text.to_owned(), at, size, anchor: Anchor::Middle, color, halo, bold: true })
    };
    let (mut shapes, mut texts) = (vec![], vec![]);
    for one in all {
        let points: Vec<Point> = one.points.iter().map(|at| place(*at, frame, origin)).collect();
        let at = match (one.kind, points.as_slice()) {
            (AnnotationKind::Text, [at, ..]) => (at.0, at.1 + size * 0.35),
            (AnnotationKind::Arrow, [from, to, ..]) => {
                shapes.push(path(&[*from, *to], false, Look::lined(HALO, 5.0)));
                shapes.push(path(&[*from, *to], false, Look::lined(INK, 2.5)));
                shapes.push(path(&head(*from, *to), true, Look::filled(INK, 1.0)));
                // on the side of the tail that the arrow does not go to
                (from.0, if to.1 > from.1 { from.1 - size * 0.5 } else { from.1 + size * 1.2 })
            }
            (AnnotationKind::Area, [_, _, _, ..]) => {
                shapes.insert(0, path(&points, true, Look::filled(INK, 0.08).and_line(INK, 2.5)));
                let (left, right) = extent(points.iter().map(|p| p.0));
                let (top, bottom) = extent(points.iter().map(|p| p.1));
                (left.midpoint(right), top.midpoint(bottom) + size * 0.35)
            }
            _ => continue,
        };
        if !one.text.is_empty() {
            texts.push(said(&one.text, at));
        }
    }
    shapes.extend(texts);
    shapes
}

/// The head of an arrow.
fn head(from: Point, to: Point) -> [Point; 3] {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let long = dx.hypot(dy).max(1e-9);
    let (ux, uy) = (dx / long, dy / long);
    let foot = (to.0 - ux * 13.0, to.1 - uy * 13.0);
    [to, (foot.0 - uy * 5.5, foot.1 + ux * 5.5), (foot.0 + uy * 5.5, foot.1 - ux * 5.5)]
}

fn extent(all: impl Iterator<Item = f64>) -> (f64, f64) {
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), n| (least.min(n), most.max(n)))
}

#[cfg(test)]
mod tests {
    use super::super::frame::Crs;
    use super::*;

    fn one(kind: AnnotationKind, text: &str, points: &[[f64; 2]]) -> Annotation {
        Annotation { kind, text: text.into(), points: points.to_vec() }
    }

    #[test]
    fn dots_stand_where_they_lie_and_only_on_the_map() {
        let frame = Frame { crs: Crs::Crs84, bbox: [120.0, 30.0, 121.0, 31.0], width: 100.0, height: 100.0 };
        let point = |name: &str, at| NamedPoint { name: name.into(), at };
        let points = vec![point("a", [120.5, 30.5]), point("", [120.0, 31.0]), point("far", [122.0, 30.5])];
        let set = PointSet { title: "own".into(), points };
        assert_eq!(set.check(), Ok(()));
        let (items, wishes) = dots(&set, &frame, (10.0, 20.0), 1.0);
        let at: Vec<Point> =
            items.iter().filter_map(|i| if let Item::Circle { at, .. } = i { Some(*at) } else { None }).collect();
        assert_eq!(at, [(60.0, 70.0), (10.0, 20.0)]);
        assert_eq!(wishes.len(), 1, "what has no name wants no place");
        let wrong = |at| PointSet { title: String::new(), points: vec![point("", at)] }.check().is_err();
        assert!(wrong([181.0, 0.0]) && wrong([0.0, f64::NAN]) && !wrong([0.0, 0.0]));
    }

    #[test]
    fn what_is_written_stands_where_it_was_written() {
        let frame = Frame { crs: Crs::Crs84, bbox: [120.0, 30.0, 121.0, 31.0], width: 100.0, height: 100.0 };
        let all = [
            one(AnnotationKind::Text, "a", &[[120.5, 30.5]]),
            one(AnnotationKind::Arrow, "", &[[120.0, 30.0], [121.0, 31.0]]),
            one(AnnotationKind::Area, "b", &[[120.0, 30.0], [121.0, 30.0], [121.0, 31.0]]),
        ];
        let items = items(&all, &frame, (10.0, 20.0), 1.0);
        assert_eq!(items.len(), 6, "an area, three parts of an arrow, two texts");
        let at: Vec<f64> =
            items.iter().filter_map(|i| if let Item::Text(l) = i { Some(l.at.0) } else { None }).collect();
        assert_eq!(at, [60.0, 60.0]);
    }
}
