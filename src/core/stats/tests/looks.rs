//! Long work looks often whether it was cancelled: seen by the steps that it takes between two looks, not by a clock. Steps are distances,
//! comparisons of sorts, and values of tables.

use super::{Metres, towns};
use crate::cancel::Cancel;
use crate::stats::colocation::colocation;
use crate::stats::dense::dbscan;
use crate::stats::density::{Raster, behind, raster};
use crate::stats::distances::{Distances, band, median_distance, some};
use crate::stats::hexagons::hexagons;
use crate::stats::hierarchy::{Asked, hdbscan};
use crate::stats::moran::{local_moran, nearest};
use crate::stats::plane::Plane;
use crate::stats::scale::{bandwidth, neighbour_distance};

const POINTS: usize = 30_000;
/// Some milliseconds of an ordinary computer. A sort of the points that does not look takes twice as many, a comparison of all pairs thousands of times.
const MOST: u64 = 1 << 18;

/// Points of every unlikeness: towns; one tower; many places within one distance; a lattice with ties everywhere.
fn kinds() -> [(&'static str, Vec<Metres>); 4] {
    let lattice = |step: f64| (0..POINTS).map(move |i| [(i % 173) as f64 * step, (i / 173) as f64 * step]).collect();
    [
        ("towns", towns(POINTS, 1)),
        ("a tower", vec![[10.0, 20.0]; POINTS]),
        ("one neighbourhood", lattice(0.5)),
        ("a lattice", lattice(100.0)),
    ]
}

/// Does the work, and says how often it looked.
fn looked<T>(what: &str, work: impl FnOnce() -> T) -> u64 {
    let cancel = Cancel::default();
    cancel.run(work).unwrap();
    assert!(cancel.checks() > 0, "{what} does not look");
    assert!(cancel.most_steps() <= MOST, "{what} takes {} steps between two looks", cancel.most_steps());
    cancel.checks()
}

#[test]
fn dense_areas_and_densities_look_often() {
    for (kind, points) in kinds() {
        for least in [5, 400] {
            looked(&format!("DBSCAN, {kind}, {least}"), || dbscan(&points, 300.0, least));
            let some = &points[..if least > 5 { 4000 } else { POINTS }];
            let asked = Asked { least, smallest: 20, nearest: 0.0 };
            looked(&format!("HDBSCAN*, {kind}, {least}"), || hdbscan(some, asked));
        }
        looked(&format!("distance, {kind}"), || neighbour_distance(&points, 8, 0.25));
        looked(&format!("bandwidth, {kind}"), || bandwidth(&points));
        let all = Raster { origin: [-1000.0, -1000.0], step: 200.0, columns: 100, rows: 100 };
        looked(&format!("density, {kind}"), || raster(&points, 1000.0, all));
        looked(&format!("rows behind it, {kind}"), || behind(&points, 1000.0, all));
        let class: Vec<usize> = (0..points.len()).map(|i| i % 3).collect();
        looked(&format!("colocation, {kind}"), || colocation(&points, &class, 3));
    }
}

#[test]
fn hexagons_and_places_look_often() {
    for (kind, points) in kinds() {
        let plane = Plane::at([120.0, 30.0]);
        let degrees: Vec<[f64; 2]> = points.iter().map(|at| plane.degrees(*at)).collect();
        for resolution in [5, 9] {
            looked(&format!("hexagons {resolution}, {kind}"), || hexagons(&degrees, resolution));
        }
    }
    let points: Vec<[f64; 3]> = towns(POINTS, 2).iter().map(|[x, y]| [*x, *y, 0.0]).collect();
    let values: Vec<f64> = points.iter().map(|at| at[0]).collect();
    looked("local Moran", || {
        let near = nearest(&points, 8).unwrap();
        local_moran(&values, &near, 8, 20_000, 1)
    });
}

#[test]
fn distances_look_often() {
    let (points, ones) = (towns(10_000, 3), vec![1.0; 10_000]);
    let all: Vec<u32> = (0..10_000).collect();
    let range = median_distance(&points).unwrap();
    looked("the range", || median_distance(&points));
    let mut curves = Vec::new();
    looked("distances", || {
        let mut of = Distances::new(&points, &ones, &some(&all, 300, 1), range).unwrap();
        of.count_around();
        curves = of.simulated(1, 0..60);
    });
    let many: Vec<&[f64]> = (0..5000).map(|i| &curves[i % 60].density[..]).collect();
    assert!(looked("a band", || band(&many)) > 5000);
}
