//! Opaque layers of one colour each that look like shapes of which some let through what is below.

use super::outline::{Area, Bounds, bounds, common, meet, without};
use i_overlay::i_shape::int::shape::IntShape;

/// Red, green, blue, each in 65,536ths of a step of 255: on a map many faint areas lie on one another, and each would be
/// off by half a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rgb([u32; 3]);

impl Rgb {
    pub(super) fn new(steps: [u8; 3]) -> Self {
        Self(steps.map(|s| u32::from(s) << 16))
    }

    /// In steps of 255.
    pub(super) fn steps(self) -> [u8; 3] {
        self.0.map(|v| ((v + (1 << 15)) >> 16) as u8)
    }

    /// This colour on another.
    fn on(self, under: Self, opacity: f64) -> Self {
        Self(
            [0, 1, 2]
                .map(|i| (f64::from(self.0[i]) * opacity + f64::from(under.0[i]) * (1.0 - opacity)).round() as u32),
        )
    }
}

/// Polygons of one colour.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) color: Rgb,
    pub(super) polygons: Vec<IntShape>,
    boxes: Vec<Bounds>,
}

/// Layers, bottom first.
#[derive(Debug, Default)]
pub(super) struct Stack {
    pub(super) layers: Vec<Layer>,
    /// Corners of all polygons.
    pub(super) corners: usize,
}

impl Stack {
    /// Lays an area on top. Where it lets through, what is seen below is laid on once more, in the mixed colour and cut
    /// to the area, in the same order: each spot shows the mixture with what was on top there.
    pub(super) fn lay(&mut self, area: Area, color: Rgb, opacity: f64) {
        if opacity >= 1.0 {
            return self.cover(area, color);
        }
        let boxes: Vec<Bounds> = area.iter().map(bounds).collect();
        let near = |b: &Bounds| boxes.iter().any(|own| meet(own, b));
        let mut mixtures = Vec::new();
        // what no layer has covered yet, from the top down
        let mut open = area.clone();
        for layer in self.layers.iter().rev() {
            let below = || layer.polygons.iter().zip(&layer.boxes).filter(|(_, b)| near(b)).map(|(p, _)| p);
            if open.is_empty() {
                break;
            }
            if below().next().is_none() || common(below(), &open).is_empty() {
                continue;
            }
            // all of it, also what is covered: pieces that only meet would leave gaps where their edges are rounded
            mixtures.push((common(below(), &area), color.on(layer.color, opacity)));
            open = without(&open, below());
        }
        for (area, color) in mixtures.into_iter().rev() {
            self.cover(area, color);
        }
    }

    /// Lays on what lets nothing through, as deep as it can go without changing what is seen, so that there are few
    /// layers: into the lowest one of its colour that is not below anything it touches.
    fn cover(&mut self, area: Area, color: Rgb) {
        let boxes: Vec<Bounds> = area.iter().map(bounds).collect();
        if boxes.is_empty() {
            return;
        }
        self.corners += area.iter().flatten().map(Vec::len).sum::<usize>();
        let whole =
            boxes.iter().fold(boxes[0], |a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
        let touches = |l: &Layer| l.boxes.iter().any(|b| meet(b, &whole) && boxes.iter().any(|own| meet(own, b)));
        let lowest = self.layers.iter().rposition(touches).unwrap_or(0);
        match self.layers[lowest..].iter_mut().find(|l| l.color == color) {
            Some(layer) => {
                layer.polygons.extend(area);
                layer.boxes.extend(boxes);
            }
            None => self.layers.push(Layer { color, polygons: area, boxes }),
        }
    }
}
