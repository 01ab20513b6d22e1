//! Statistics of tables and of points: location quotients with intervals, many tests at once, dense areas, hot and cold hexagons,
//! densities, concentration, colocation, shift-share. Pure functions of counts, figures and positions: what may leave the service is decided by
//! those who ask. Each says its formula, its source, its unit and when not to believe it.

pub mod choice;
pub mod colocation;
pub mod concentration;
pub mod dense;
pub mod density;
pub mod discoveries;
pub mod distances;
pub mod grid;
pub mod hexagons;
pub mod hierarchy;
pub mod moran;
pub mod plane;
pub mod quotient;
pub mod scale;
pub mod shift_share;
pub mod tails;
mod tree;

#[cfg(test)]
mod tests;
