//! The end of a background: towards the edge of what it covers it fades into the ground, so that nobody takes its end for a
//! coast.

use super::ask::Ground;
use super::draw::Painter;
use super::palette::Ink;
use super::scene::{Item, Look};
use crate::core::geometry::Bounds;
use serde_json::{Value, json};

/// Of the shorter side of the box, the part along each edge that fades.
const PART: f64 = 0.1;
/// Steps of the fading; between two of them hardly anything is seen.
const STEPS: u32 = 12;
/// Web Mercator ends here, and with it the tiles of the world.
const LAST: f64 = 85.0;

/// Boxes around one another, and how opaque the ground lies on all that is beyond each: together in even steps, and beyond the
/// last wholly. An edge of the world is no end.
fn steps(covers: Bounds) -> impl Iterator<Item = (Bounds, f64)> {
    let Bounds { west, south, east, north } = covers;
    let width = PART * (east - west).min(north - south);
    let inset = move |ends: bool, far: f64| if ends { width * far } else { 0.0 };
    (0..STEPS).map(move |step| {
        let (left, far) = (STEPS - step, 1.0 - f64::from(step) / f64::from(STEPS - 1));
        let inner = Bounds {
            west: west + inset(west > -180.0, far),
            south: south + inset(south > -LAST, far),
            east: east - inset(east < 180.0, far),
            north: north - inset(north < LAST, far),
        };
        (inner, 1.0 / f64::from(left))
    })
}

/// The fading of a background that covers a box, as GeoJSON: areas with a property `opacity`, the innermost first, to be filled
/// in the colour of the ground without smooth edges. None where it covers the world.
pub fn fading(covers: Bounds) -> Option<Value> {
    let Bounds { west, south, east, north } = covers;
    if west <= -180.0 && south <= -LAST && east >= 180.0 && north >= LAST {
        return None;
    }
    let ring = |b: &Bounds| {
        json!([[b.west, b.south], [b.east, b.south], [b.east, b.north], [b.west, b.north], [b.west, b.south]])
    };
    let features: Vec<Value> = steps(covers)
        .map(|(inner, opacity)| {
            json!({"type": "Feature", "properties": {"opacity": opacity},
                "geometry": {"type": "Polygon", "coordinates": [ring(&Bounds::WORLD), ring(&inner)]}})
        })
        .collect();
    Some(json!({"type": "FeatureCollection", "features": features}))
}

impl Painter<'_> {
    /// The fading of a background where the picture shows its end; none where nothing is to lie below.
    pub(super) fn fade(&self, covers: Bounds) -> Vec<Item> {
        let color = match &self.ask.ground {
            Ground::Transparent => return vec![],
            Ground::Color(color) => color,
            Ground::Style => self.ink(Ink::Sea),
        };
        let tenths = |v: f64| (v * 10.0).round() as i32;
        let rect = |[left, top, right, bottom]: [f64; 4]| {
            let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
            corners.map(|at| self.at(at)).map(|(x, y)| (tenths(x), tenths(y))).to_vec()
        };
        let (width, height) = (self.frame.width, self.frame.height);
        let whole = [0.0, 0.0, width, height];
        let turns = self.frame.turns();
        let hole = |inner: Bounds| {
            let seen = turns.iter().map(move |frame| {
                let (left, top) = frame.pixel_of(inner.west, inner.north);
                let (right, bottom) = frame.pixel_of(inner.east, inner.south);
                [left.max(0.0), top.max(0.0), right.min(width), bottom.min(height)]
            });
            seen.filter(|b| b[0] < b[2] && b[1] < b[3]).collect::<Vec<_>>()
        };
        let beyond = steps(covers).map(|(inner, opacity)| (hole(inner), opacity));
        beyond
            .filter(|(holes, _)| !holes.contains(&whole))
            .map(|(holes, opacity)| Item::Path {
                parts: std::iter::once(whole).chain(holes).map(rect).collect(),
                closed: true,
                look: Look::filled(color, opacity),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_even_and_the_last_covers_wholly() {
        let covers = Bounds { west: 117.0, south: 28.0, east: 123.0, north: 32.0 };
        let all: Vec<_> = steps(covers).collect();
        let mut seen = 1.0;
        for (i, (inner, opacity)) in all.iter().enumerate() {
            seen *= 1.0 - opacity;
            let expected = 1.0 - (i + 1) as f64 / all.len() as f64;
            assert!((seen - expected).abs() < 1e-9, "{i}: {seen}");
            if let Some((outer, _)) = all.get(i + 1) {
                assert!(outer.west < inner.west && outer.south < inner.south, "{inner:?} {outer:?}");
                assert!(outer.east > inner.east && outer.north > inner.north, "{inner:?} {outer:?}");
            }
        }
        assert_eq!(all[all.len() - 1].0, covers);
        assert!((all[0].0.west - 117.4).abs() < 1e-9, "{:?}", all[0]);
    }

    #[test]
    fn an_edge_of_the_world_is_no_end() {
        assert!(fading(Bounds::WORLD).is_none());
        assert!(fading(Bounds { south: -85.0, north: 85.0, ..Bounds::WORLD }).is_none());
        let half = Bounds { west: 0.0, ..Bounds::WORLD };
        assert!(fading(half).is_some());
        for (inner, _) in steps(half) {
            assert_eq!((inner.south, inner.east, inner.north), (-90.0, 180.0, 90.0));
        }
    }
}
