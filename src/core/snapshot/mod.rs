//! A dataset made ready for questions: Hilbert-ordered tables, spatial indexes, zone membership, names, a revision.
//! Never changed once built; a reload builds another.

mod bigrams;
mod classes;
mod derived;
mod description;
mod figures;
mod gazetteers;
mod kept;
mod layer;
mod names;
mod order;
mod passing;
mod points;
mod prepared;
mod protected;
mod protection;
mod register;
mod scope;
mod shapes;
mod steps;
mod tally;
mod validity;
mod within;
mod zones;

pub(crate) use classes::Node;
pub(crate) use figures::{Figures, Powers, Read, Totals};
pub(crate) use layer::{Index, Layer};
pub(crate) use names::Hit;
pub(crate) use passing::{Passing, RowSet, Rows, Windows};
pub(crate) use points::Points;
pub(crate) use protection::{contributions, is_sensitive, keep_largest};
pub(crate) use register::{Metric, Register};
pub(crate) use steps::{Order, Steps};
pub(crate) use tally::{Tally, Total};
pub(crate) use validity::Span;
pub(crate) use zones::{Rest, RestPart};

pub use classes::{
    Class, ClassFault, ClassName, ClassPart, ClassSpec, Classes, MOST as MOST_CLASSES, SplitCode, SplitPart,
    VersionInfo,
};
pub use description::{CollectionInfo, Description, Newest, RegisterInfo, TableInfo, ZoneInfo};
pub use kept::WorkedOut;
pub use layer::RowSource;
pub use prepared::{LAYOUT, Snapshot, View, revision};
pub use protection::NoiseKey;
pub use shapes::{Path, Shape};
