//! How finely points are distinguished in a tile.

/// Into how many cells a side a tile of points is cut. A cell with one row holds the row itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grid {
    /// 64 x 64 cells; up to `Grid::ALL_ROWS` matching rows all go as themselves.
    Auto,
    /// This many cells a side in the register's layer, whatever the number of rows: a map that draws a counted circle
    /// per cell asks for few.
    Cells(u32),
}

impl Grid {
    /// The sides that can be requested.
    pub const SIDES: [u32; 4] = [8, 16, 32, 64];
    /// So many rows stay under 150 kB.
    pub(super) const ALL_ROWS: usize = 1800;

    /// A grid with `side` cells a side, if that is one of [`Grid::SIDES`].
    pub fn new(side: u32) -> Option<Self> {
        Self::SIDES.contains(&side).then_some(Self::Cells(side))
    }
}
