//! Where counted cells stand, and how far their circles may reach; tiles and drawn maps place them alike.

use crate::geometry::mercator::EXTENT;

/// Where a cell of so many rows stands, in tile units, given the mean of its rows and any position inside it: at the mean, but so far
/// inside the cell that its circle stays there ([`cell_reach`]). So circles show where rows are, and never touch.
pub fn cell_place(mean: (i32, i32), inside: (i32, i32), bits: u8, count: u64) -> (i32, i32) {
    let side = (EXTENT >> bits) as i32;
    let reach = side * cell_reach(count) / 640;
    let within = |mean: i32, inside: i32| {
        let start = inside.div_euclid(side) * side;
        mean.clamp(start + reach, start + side - reach)
    };
    (within(mean.0, inside.0), within(mean.1, inside.1))
}

/// How far the circle of a cell of so many rows reaches at most, in 640ths of the cell's side: tenths of a pixel where a cell has 64.
pub fn cell_reach(count: u64) -> i32 {
    (100 + 12 * count.max(1).ilog2() as i32).min(300)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cell_stands_at_the_mean_of_its_rows_or_as_near_as_its_circle_stays_inside(x in 0i32..4096, y in 0i32..4096, bits in 0u8..7, count in 2u64..100_000, dx in 0i32..4096, dy in 0i32..4096) {
            let side = (EXTENT >> bits) as i32;
            let start = |v: i32| v / side * side;
            let mean = (start(x) + dx % side, start(y) + dy % side);
            let reach = side * cell_reach(count) / 640;
            let place = cell_place(mean, (x, y), bits, count);
            for (at, mean, inside) in [(place.0, mean.0, x), (place.1, mean.1, y)] {
                let (low, high) = (start(inside) + reach, start(inside) + side - reach);
                prop_assert!((low..=high).contains(&at));
                prop_assert_eq!(at == mean, (low..=high).contains(&mean));
            }
        }
    }
}
