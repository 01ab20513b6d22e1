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

pub(in crate::core) use classes::Node;
pub(in crate::core) use figures::{Figures, Powers, Read, Totals};
pub(in crate::core) use layer::{Index, Layer};
pub(in crate::core) use names::Hit;
pub(in crate::core) use passing::{Passing, RowSet, Rows, Windows};
pub(in crate::core) use points::Points;
pub(in crate::core) use protection::{contributions, is_sensitive, keep_largest};
pub(in crate::core) use register::{Metric, Register};
pub(in crate::core) use steps::{Order, Steps};
pub(in crate::core) use tally::Tally;
pub(in crate::core) use validity::Span;
pub(in crate::core) use zones::{Rest, RestPart};

pub use classes::{
    Class, ClassFault, ClassName, ClassPart, ClassSpec, Classes, MOST as MOST_CLASSES, SplitCode, SplitPart,
    VersionInfo,
};
pub use description::{CollectionInfo, Description, RegisterInfo, TableInfo, ZoneInfo};
pub use layer::RowSource;
pub use prepared::{Snapshot, View, revision};
pub use protection::NoiseKey;
pub use shapes::{Path, Shape};
