//! Where counted cells stand; tiles and drawn maps place them alike.

use crate::core::geometry::mercator::EXTENT;

/// Where a counted cell stands, in tile units, given the mean of its rows and any position inside it: two fifths of the
/// way from the cell's middle to the mean. So it leans to where the rows are, and circles up to three fifths of a cell
/// wide never touch.
pub fn cell_place(mean: (i32, i32), inside: (i32, i32), bits: u8) -> (i32, i32) {
    let side = (EXTENT >> bits) as i32;
    let lean = |mean: i32, inside: i32| {
        let middle = inside.div_euclid(side) * side + side / 2;
        middle + (mean - middle) * 2 / 5
    };
    (lean(mean.0, inside.0), lean(mean.1, inside.1))
}
