//! What the map looks like: one style table, by the role of a collection, light and dark.

mod style;

pub use style::{Theme, style};
