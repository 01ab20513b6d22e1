//! At which zooms a dataset is drawn, from its extent and the number of its rows: a country and a village look alike
//! when each fills the window.

use super::frame::Crs;
use super::table::{REGISTER_FROM, Rule};
use crate::core::model::Role;
use crate::core::snapshot::Description;

/// The window, in CSS pixels, that the whole is fitted into.
const WINDOW: [f64; 2] = [1024.0, 768.0];
/// Pixels a side of a counted cell of the register.
const CELL: f64 = 64.0;
/// Pixels a side of a tile of zoom 0.
const TILE: f64 = 512.0;
/// The register is drawn at most so much nearer than the whole: a denser one is counted in cells.
const NEARER: f64 = 3.0;
/// Nothing begins nearer: maps end at zoom 18.
const LAST: f64 = 17.5;
/// The circumference of the world in metres of Web Mercator.
const WORLD: f64 = 40_075_016.685_578_49;

/// Zooms of an interactive map (512 pixels a tile).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zooms {
    /// At which the extent of the dataset fills a window of 1024 x 768 pixels; 0 to 16.
    pub whole: f64,
    /// From which the rows of the register are drawn, and the zones of the partition are no longer shaded by number.
    /// Without a partition rows are always drawn.
    pub rows: f64,
    /// Whether there is a partition to shade.
    partition: bool,
    /// By how much the zooms of the table are moved: they are those of a dataset whose rows are drawn from
    /// `REGISTER_FROM` on.
    pub(super) shift: f64,
}

impl Zooms {
    /// The zooms of a dataset.
    pub fn of(about: &Description) -> Self {
        let located = about.register().map_or(0, |r| r.located);
        let partition = about.collections.iter().any(|c| c.spec.role == Role::Districts);
        let view = about.view();
        let size = (!view.is_empty()).then(|| {
            let [west, south, east, north] = Crs::WebMercator.project_bounds(&view);
            [(east - west) / WORLD, (north - south) / WORLD]
        });
        Self::new(size, located, partition)
    }

    /// Of an extent, its sides as shares of the world's.
    fn new(size: Option<[f64; 2]>, located: usize, partition: bool) -> Self {
        let [width, height] = size.unwrap_or([1.0; 2]).map(|side| side.max(1e-9));
        let fits = |side: f64, pixels: f64| (pixels / TILE / side).log2();
        let whole = fits(width, WINDOW[0]).min(fits(height, WINDOW[1])).clamp(0.0, 16.0);
        // at which a cell holds one row on average
        let cells = width * height * (TILE / CELL).powi(2);
        let single = ((located.max(1) as f64 / cells).log2()).ceil() / 2.0;
        let halves = |zoom: f64| (zoom * 2.0).floor() / 2.0;
        let rows = single.clamp(halves(whole), halves((whole + NEARER).min(LAST)));
        Self { whole, rows, partition, shift: rows - REGISTER_FROM }
    }

    /// A zoom of the table as a zoom of this dataset.
    pub(super) fn at(self, zoom: f64) -> f64 {
        (zoom + self.shift).clamp(0.0, LAST)
    }

    /// From which zoom on a rule draws; `None` for always.
    pub(super) fn from(self, rule: &Rule<'_>) -> Option<f64> {
        let from = rule.from?;
        let always = !self.partition && rule.role == Role::Register && from <= REGISTER_FROM;
        (!always).then(|| self.at(from))
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::RULES;
    use super::*;

    /// A country, a province, a city and a village: the rows come between the whole and three zooms nearer, in the order of
    /// their density.
    #[test]
    fn zooms_follow_extent_and_density() {
        let mut before = 0.0;
        for side in [0.2, 0.02, 0.005, 0.0002, 0.000_002] {
            let mut fewer = 0.0;
            for rows in [0, 1, 100, 10_000, 1_000_000] {
                let zooms = Zooms::new(Some([side; 2]), rows, true);
                assert!(
                    zooms.rows >= zooms.whole - 0.5 && zooms.rows <= zooms.whole + NEARER,
                    "{side} {rows} {zooms:?}"
                );
                assert!(zooms.rows >= fewer && zooms.whole >= before, "{side} {rows} {zooms:?}");
                assert!((zooms.at(REGISTER_FROM) - zooms.rows).abs() < 1e-9);
                assert!(zooms.at(16.0) <= LAST);
                fewer = zooms.rows;
            }
            before = Zooms::new(Some([side; 2]), 0, true).whole;
        }
    }

    #[test]
    fn rows_without_a_partition_are_always_drawn_and_nothing_is_everywhere() {
        let first = RULES.iter().find(|rule| rule.role == Role::Register).unwrap();
        assert_eq!(Zooms::new(Some([0.01; 2]), 10, false).from(first), None);
        assert!(Zooms::new(Some([0.01; 2]), 10, true).from(first).is_some());
        let nowhere = Zooms::new(None, 0, true);
        assert!(nowhere.whole < 2.0 && nowhere.rows.is_finite() && nowhere.shift.is_finite());
        let point = Zooms::new(Some([0.0; 2]), 1, true);
        assert!((point.whole - 16.0).abs() < 1e-9 && (point.at(16.0) - LAST).abs() < 1e-9);
    }
}
