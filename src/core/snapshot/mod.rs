//! A dataset made ready for questions: Hilbert-ordered tables, spatial indexes, zone membership, names, a revision.
//! Never changed once built; a reload builds another.

mod bigrams;
mod description;
mod figures;
mod kept;
mod layer;
mod names;
mod order;
mod passing;
mod points;
mod prepared;
mod register;
mod scope;
mod shapes;
mod steps;
mod tally;
mod within;
mod zones;

pub use description::{CollectionInfo, Description, RegisterInfo, ZoneInfo};
pub use figures::{Figures, Totals};
pub use kept::Kept;
pub use layer::{Index, Layer, RowSource};
pub use names::{Hit, Names};
pub use passing::{Passing, Windows};
pub use points::Points;
pub use prepared::{Snapshot, revision};
pub use register::{Metric, Register};
pub use shapes::{Path, Shape, Shapes};
pub use steps::{LARGEST, Order, Steps};
pub use tally::Tally;
pub use zones::{Rest, Zone, Zones};
