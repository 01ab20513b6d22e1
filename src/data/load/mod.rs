//! load: a folder becomes `(Option<Dataset>, Report)`. The only module of `data` that reads files.
//!
//! The order of loading: manifest (or what can be inferred without one) -> codelists -> districts -> the other
//! collections, feature by feature -> what only shows across files. Every finding is collected; one error is enough
//! to refuse the dataset, and never enough to stop looking.

mod across;
mod aside;
mod cell;
mod checker;
mod codelists;
mod collection;
mod complaints;
mod coverage;
mod declared;
mod diagnose;
mod document;
mod fast_path;
mod feature;
mod folder;
mod fonts;
mod hierarchy;
mod infer;
mod levels;
mod loader;
mod made;
mod mend;
mod naming;
mod origin;
mod overlay;
mod packed;
mod pieces;
mod plan;
mod properties;
mod render;
mod repair;
mod report;
mod rings;
mod rows;
mod scan;
mod shape;
mod sites;
mod stages;
mod stored;
mod stream;
mod suspect;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod value;
mod whole;

pub(in crate::data) use checker::{Checker, Rechecked};
pub use declared::MANIFEST;
pub use folder::{VERSION, built_in};
pub use fonts::fonts;
pub use loader::manifest;
pub use made::{MadeRow, Maker, Making};
pub use mend::{Mended, repaired};
pub use overlay::{EDITED, EDITED_INDICATORS, INDICATORS, manifest_text};
pub use report::{CollectionReport, Finding, Report, Severity, Suppressed};
pub use stored::{SnapshotFile, open, restore};
pub(in crate::data) use suspect::author;
pub(in crate::data) use text::is_date;
pub use value::Json as CellValue;

use crate::core::model::{Dataset, PropertySpec, Table};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a dataset comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The folder that is built into the binary.
    Embedded,
    /// A folder.
    Folder(PathBuf),
    /// Another source whose register is taken as empty, whatever its file holds: a sample register is made from it.
    WithoutRegister(Box<Source>),
    /// Another source some of whose collections are a version's: a folder with the `dataset.json` of then, of which the parts
    /// of these collections count, and their files. All else is the other source's, as it is now.
    Version {
        /// All else.
        base: Box<Source>,
        /// The folder of the version.
        folder: PathBuf,
    },
}

impl Source {
    /// The same source with an empty register.
    #[must_use]
    pub fn without_register(self) -> Self {
        match self {
            Self::WithoutRegister(_) => self,
            other => Self::WithoutRegister(Box::new(other)),
        }
    }
}

/// What is refused for its size.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one file (never more than 4 GiB).
    pub file_bytes: u64,
    /// Nested JSON below a feature.
    pub depth: usize,
    /// Findings of each severity that are kept in full for one file; at least one of each code is.
    pub findings_per_file: usize,
    /// Vertices of one geometry.
    pub vertices: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 2_000_000_000, depth: 8, findings_per_file: 100, vertices: 1_000_000 }
    }
}

/// The properties of the features of a GeoJSON text, with the types that a folder without manifest has them read in.
pub(in crate::data) fn properties(text: &str) -> Vec<PropertySpec> {
    let guess = infer::guess(text, &Limits::default());
    guess.conclude("", "", &mut Report::new(1)).0.properties
}

/// Reads a dataset and says everything that was found. There is a dataset exactly when there is no error.
///
/// ```
/// use shigu::data::load::{Limits, Source, load};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(
///     folder.path().join("parks.geojson"),
///     r#"{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "P1",
///         "geometry": {"type": "Point", "coordinates": [120.1, 30.2]}, "properties": {"name": "East park"}}]}"#,
/// )?;
/// let (dataset, report) = load(&Source::Folder(folder.path().into()), &Limits::default());
/// assert_eq!(report.errors(), 0);
/// assert_eq!(dataset.map(|d| d.tables[0].ids.len()), Some(1));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn load(source: &Source, limits: &Limits) -> (Option<Dataset>, Report) {
    loader::walk(source, limits, BTreeMap::new())
}

/// The same where GeoParquet files, by name, were just written from these tables. A file is read as ever, but its rows are compared
/// with those of its table and let go: the table takes their place where it has the same.
pub fn load_made(source: &Source, limits: &Limits, made: BTreeMap<String, Table>) -> (Option<Dataset>, Report) {
    loader::walk(source, limits, made)
}
