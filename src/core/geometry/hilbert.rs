//! Hilbert order of the square of the world: near in the plane is near in the order.

/// Place of a position on the Hilbert curve through 2^32 x 2^32 units. The top `2z` bits are the place of the tile of
/// zoom `z` that holds the position, so every tile is one run of the order.
pub fn key(x: u32, y: u32) -> u64 {
    let (mut x, mut y, mut d) = (x, y, 0u64);
    for level in (0..32).rev() {
        let (rx, ry) = (x >> level & 1, y >> level & 1);
        d = d << 2 | u64::from((3 * rx) ^ ry);
        if ry == 0 {
            if rx == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    d
}

/// The keys of a tile: first and last.
pub fn span(z: u8, x: u32, y: u32) -> (u64, u64) {
    if z == 0 {
        return (0, u64::MAX);
    }
    let left = 64 - 2 * u32::from(z);
    let shift = 32 - u32::from(z);
    let first = key(x << shift, y << shift) >> left << left;
    (first, first | ((1 << left) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_tile_is_a_run_of_keys(x: u32, y: u32, other_x: u32, other_y: u32, z in 0u8..=26) {
            let shift = 32 - u32::from(z);
            let tile = |v: u32| if z == 0 { 0 } else { v >> shift };
            let (lo, hi) = span(z, tile(x), tile(y));
            let k = key(x, y);
            prop_assert!(lo <= k && k <= hi);
            let k = key(other_x, other_y);
            let same = tile(x) == tile(other_x) && tile(y) == tile(other_y);
            prop_assert_eq!(lo <= k && k <= hi, same);
        }
    }

    #[test]
    fn neighbours_on_the_curve_are_neighbours_in_the_plane() {
        let shift = 28;
        let mut cells: Vec<(u64, u32, u32)> =
            (0..16).flat_map(|x| (0..16).map(move |y| (key(x << shift, y << shift), x, y))).collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            assert_eq!(pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2), 1);
        }
    }
}
