//! The system of a file by the places that the register has: an enterprise that has not moved is where it was.

use super::diff::{SAME_PLACE_M, metres};
use super::system::System;
use geo::Coord;
use std::cmp::Ordering;

/// A position as it stands in the file, and where the register has the same enterprise.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The columns called longitude (or east) and latitude (or north).
    pub at: (f64, f64),
    /// Longitude and latitude in WGS 84.
    pub held: Coord<f64>,
}

/// The system, and whether the columns are the other way about, in which at least half of the enterprises are where the
/// register has them, and more than in any other of these systems.
pub fn system(known: &[Known], systems: &[System]) -> Option<(System, bool)> {
    let hits = |system: System, swapped: bool| -> Vec<bool> {
        let same = |k: &Known| {
            let (east, north) = if swapped { (k.at.1, k.at.0) } else { k.at };
            system.locate(east, north).is_some_and(|at| metres(at, k.held) <= SAME_PLACE_M)
        };
        known.iter().map(same).collect()
    };
    let count = |hits: &[bool]| hits.iter().filter(|h| **h).count();
    let mut best: (System, bool, Vec<bool>) = (System::Wgs84, false, vec![]);
    let mut contested = false;
    for (system, swapped) in systems.iter().flat_map(|s| [(*s, false), (*s, true)]) {
        let hits = hits(system, swapped);
        match count(&hits).cmp(&count(&best.2)) {
            Ordering::Greater => (best, contested) = ((system, swapped, hits), false),
            // outside China its shifted systems are WGS 84: the same rows in the same places
            Ordering::Equal => contested |= hits != best.2,
            Ordering::Less => {}
        }
    }
    let (system, swapped, hits) = best;
    let n = count(&hits);
    (n > 0 && n * 2 >= known.len() && !contested).then_some((system, swapped))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::geometry::{Bounds, datum};

    fn system(known: &[Known]) -> Option<(System, bool)> {
        super::system(known, &System::likely(&Bounds { west: 119.0, south: 29.0, east: 121.0, north: 31.0 }))
    }

    #[test]
    fn places_that_stay_tell_the_system() {
        let held: Vec<Coord<f64>> = (0..5).map(|i| Coord { x: 120.1 + f64::from(i) * 0.01, y: 30.2 }).collect();
        let shifted = |at: &Coord<f64>| datum::gcj02(*at);
        let of = |f: &dyn Fn(&Coord<f64>) -> (f64, f64)| {
            held.iter().map(|h| Known { at: f(h), held: *h }).collect::<Vec<_>>()
        };
        assert_eq!(system(&of(&|h| (h.x, h.y))), Some((System::Wgs84, false)));
        assert_eq!(system(&of(&|h| (h.y, h.x))), Some((System::Wgs84, true)));
        assert_eq!(system(&of(&|h| (shifted(h).x, shifted(h).y))), Some((System::Gcj02, false)));
        // two of five stay: too few to say anything of the others
        let mut moved = of(&|h| (h.x, h.y));
        moved[..3].iter_mut().for_each(|k| k.at.0 += 0.1);
        assert_eq!(system(&moved), None);
        moved[0].at.0 -= 0.1;
        assert_eq!(system(&moved), Some((System::Wgs84, false)));
        assert_eq!(system(&[]), None);
    }
}
