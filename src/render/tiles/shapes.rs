//! Lines, polygons and mixed collections. Vertices that cannot be seen are left out and positions are rounded to the tile's
//! units before anything is cut, alike for both sides of a shared border, so neighbours stay neighbours at every zoom.

use super::cells::{RegisterWriter, plain_attributes};
use super::mvt::{Commands, Kind, LayerWriter};
use crate::core::cancel;
use crate::core::geometry::clip::{self, Point};
use crate::core::geometry::mercator::{EXTENT, TileId};
use crate::core::geometry::simplify::Position;
use crate::core::model::Role;
use crate::core::query::{BoundQuestion, Selection};
use crate::core::snapshot::{Path, Shape};

/// Units beyond the tile's edge that are kept, so that outlines and wide lines are drawn whole.
const BUFFER: i32 = EXTENT as i32 / 32;
const MIN: i32 = -BUFFER;
pub(super) const MAX: i32 = EXTENT as i32 + BUFFER;

/// Rows that are no points.
pub(super) fn write(out: &mut Vec<u8>, bound: &dyn BoundQuestion, tile: TileId) {
    let near = bound.near(&tile.bounds(f64::from(BUFFER) / f64::from(EXTENT)));
    let (source, columns) = (&**near.source(), near.columns());
    if source.spec().role == Role::Register {
        return register(out, bound, &near, tile);
    }
    let mut w = LayerWriter::new(&source.spec().id);
    let mut labels = LayerWriter::new(&format!("{}-label", source.spec().id));
    for row in near.rows().iter().map(|row| *row as usize) {
        cancel::check();
        for shape in source.shapes(row) {
            if let Some((kind, commands)) = commands(shape, tile) {
                plain_attributes(&mut w, source, columns, row);
                w.feature(kind, &commands.bytes);
            }
        }
        if let Some(at) = source.label(row).map(|p| tile.local(p)).filter(|at| holds(*at)) {
            plain_attributes(&mut labels, source, columns, row);
            labels.point(at);
        }
    }
    w.finish(out);
    labels.finish(out);
}

/// The register's rows with what is said of its points elsewhere, so that both are drawn and clicked alike.
fn register(out: &mut Vec<u8>, bound: &dyn BoundQuestion, near: &Selection, tile: TileId) {
    let (source, id) = (&**near.source(), &near.spec().id);
    let mut w = RegisterWriter::new(id, source, bound.classes(), near.metrics());
    let mut labels = RegisterWriter::new(&format!("{id}-label"), source, bound.classes(), near.metrics());
    for (row, group) in near.rows().iter().map(|row| *row as usize).zip(near.groups()) {
        cancel::check();
        for shape in source.shapes(row) {
            if let Some((kind, commands)) = commands(shape, tile) {
                w.attributes(row, *group);
                w.layer.feature(kind, &commands.bytes);
            }
        }
        if let Some(at) = source.label(row).map(|p| tile.local(p)).filter(|at| holds(*at)) {
            labels.attributes(row, *group);
            labels.layer.point(at);
        }
    }
    w.layer.finish(out);
    labels.layer.finish(out);
}

/// Whether a position is in the tile itself: a label stands in one tile.
fn holds((x, y): Point) -> bool {
    (0..EXTENT as i32).contains(&x) && (0..EXTENT as i32).contains(&y)
}

/// The part of a shape in the tile; `None` when nothing is left.
pub(super) fn commands(shape: &Shape, tile: TileId) -> Option<(Kind, Commands)> {
    let mut commands = Commands::default();
    let rounded = |positions: &mut dyn Iterator<Item = Position>| {
        let mut points: Vec<Point> = positions.map(|p| tile.local(p)).collect();
        points.dedup();
        points
    };
    let local = |path: &Path| rounded(&mut path.at(tile.z));
    let kind = match shape {
        Shape::Points(points) => {
            let inside = |p: &Point| (MIN..=MAX).contains(&p.0) && (MIN..=MAX).contains(&p.1);
            let points: Vec<Point> = rounded(&mut points.iter().copied()).into_iter().filter(inside).collect();
            if !points.is_empty() {
                commands.points(&points);
            }
            Kind::Point
        }
        Shape::Lines(lines) => {
            for part in lines.iter().flat_map(|l| clip::line(&local(l), MIN, MAX)) {
                commands.line(&part);
            }
            Kind::Line
        }
        Shape::Polygons(polygons) => {
            for polygon in polygons {
                write_polygon(&mut commands, polygon.iter().map(|r| clip::ring(&local(r), MIN, MAX)));
            }
            Kind::Polygon
        }
    };
    (!commands.bytes.is_empty()).then_some((kind, commands))
}

/// The exterior ring clockwise on the screen, holes against it (MVT 2.1, section 4.3.3.3). Without its exterior ring a
/// polygon is gone, holes and all.
fn write_polygon(commands: &mut Commands, rings: impl Iterator<Item = Vec<Point>>) {
    for (i, mut ring) in rings.enumerate() {
        let area = if ring.len() < 3 { 0 } else { clip::doubled_area(&ring) };
        if area == 0 {
            if i == 0 {
                return;
            }
            continue;
        }
        if (area > 0) != (i == 0) {
            ring.reverse();
        }
        commands.ring(&ring);
    }
}
