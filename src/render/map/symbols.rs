//! The small pictures: diamonds by status, the lead square, discs with a cluster's character. The page draws the same
//! (`web/src/map/symbols.ts`).

use super::palette::ink_on;
use super::scene::{Anchor, Item, Line, Look, Point, boxed, path};
use super::table::Marker;
use std::f64::consts::{FRAC_PI_2, PI};

/// Filled = existing, half = added after the plan, hollow = planned.
pub(super) fn diamond((x, y): Point, side: f64, status: &str, color: &str, ground: &str) -> Vec<Item> {
    let corners = |r: f64| [(x, y - r), (x + r, y), (x, y + r), (x - r, y)];
    let line = if side > 14.0 { 2.0 } else { 1.8 };
    let r = side / 2.0 - line / 2.0;
    let fill = if status == "existing" { color } else { ground };
    let mut items = vec![
        path(&corners(side / 2.0 + 2.4), true, Look::filled(ground, 1.0)),
        path(&corners(r), true, Look::filled(fill, 1.0).and_line(color, line)),
    ];
    if status == "later" {
        items.push(path(&[(x, y - r), (x, y + r), (x - r, y)], true, Look::filled(color, 1.0)));
    }
    items
}

/// A lead enterprise.
pub(super) fn square((x, y): Point, color: &str, ground: &str) -> Vec<Item> {
    let of = |r: f64, color: &str| boxed([x - r, y - r, x + r, y + r], Look::filled(color, 1.0));
    vec![of(5.0, ground), of(3.5, color), of(1.25, ground)]
}

/// The symbol of a layer, `radius` pixels about a point.
pub(super) fn marker((x, y): Point, radius: f64, shape: Marker, color: &str, ground: &str) -> Item {
    // corners about the middle, the first upwards, by turns at these distances
    let about = |corners: u32, radii: &[f64]| -> Vec<Point> {
        let corner = |i: u32| {
            let (sin, cos) = (f64::from(i) * 2.0 * PI / f64::from(corners) - FRAC_PI_2).sin_cos();
            let r = radii[i as usize % radii.len()] * radius;
            (x + r * cos, y + r * sin)
        };
        (0..corners).map(corner).collect()
    };
    let corners = match shape {
        Marker::Triangle => about(3, &[1.4]),
        // the same seen from above
        Marker::Wedge => about(3, &[-1.4]),
        Marker::Star => about(10, &[1.45, 0.6]),
        Marker::Cross => {
            let (arm, half) = (radius * 1.15, radius * 0.42);
            let quarter = [(-half, -arm), (half, -arm), (half, -half)];
            let turned = |n: usize, (a, b): Point| match n {
                0 => (a, b),
                1 => (-b, a),
                2 => (-a, -b),
                _ => (b, -a),
            };
            (0..4).flat_map(|n| quarter.map(|at| turned(n, at))).map(|(a, b)| (x + a, y + b)).collect()
        }
    };
    path(&corners, true, Look::filled(color, 1.0).and_line(ground, 1.0))
}

/// The width of a ring, as a share of its radius.
const RING: f64 = 0.25;

/// A ring of colours, each so many twelfths of it, clockwise from the top.
pub(super) fn ring((x, y): Point, radius: f64, parts: &[(String, u8)]) -> Vec<Item> {
    // three edges for each twelfth
    let at = |step: u32, r: f64| {
        let (sin, cos) = (f64::from(step) * PI / 18.0 - FRAC_PI_2).sin_cos();
        (x + r * cos, y + r * sin)
    };
    let mut from = 0;
    let mut items = Vec::new();
    for (color, twelfths) in parts.iter().filter(|(_, twelfths)| *twelfths > 0) {
        let until = from + 3 * u32::from(*twelfths);
        let inner = (from..=until).rev().map(|step| at(step, radius * (1.0 - RING)));
        let corners: Vec<Point> = (from..=until).map(|step| at(step, radius)).chain(inner).collect();
        items.push(path(&corners, true, Look::filled(color, 1.0)));
        from = until;
    }
    items
}

/// A disc with the character of a cluster.
pub(super) fn mark(at: Point, size: f64, text: &str, color: &str, ground: &str) -> Vec<Item> {
    let disc = |radius: f64, color: &str| Item::Circle { at, radius, look: Look::filled(color, 1.0) };
    let size_of_text = size * 0.6;
    let text = Line {
        text: text.to_owned(),
        at: (at.0, at.1 + size_of_text * 0.37),
        size: size_of_text,
        anchor: Anchor::Middle,
        color: ink_on(color).to_owned(),
        halo: None,
        bold: true,
    };
    vec![disc(size / 2.0 - 0.5, ground), disc(size / 2.0 - 1.6, color), Item::Text(text)]
}
