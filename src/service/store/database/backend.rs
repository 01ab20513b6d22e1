//! Where transactions are made: a file, or a server.

use super::error::DatabaseError;
use super::transaction::{StatementError, Work};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

/// Where transactions are made.
pub trait Backend: Send + Sync + Debug {
    /// Reads, all of one state.
    fn read(&self, work: Work) -> Result<(), StatementError>;

    /// Changes all or nothing; one after the other, whichever program changes.
    fn write(&self, work: Work) -> Result<(), StatementError>;

    /// What a failed statement means here.
    fn failed(&self, e: StatementError) -> DatabaseError;

    /// Whether several copies of the program are meant to share it.
    fn is_shared(&self) -> bool;

    /// Whether another program may have made a version since this was asked last.
    fn has_news(&self) -> bool {
        true
    }

    /// Copies everything, as it is at one moment, into a new SQLite file.
    fn copy_to(&self, path: &Path) -> Result<(), DatabaseError>;
}

/// A server's database with a schema for each of several cities.
pub trait Schemas: Send + Sync + Debug {
    /// The schema of a city, made when missing, brought to the schema of this program.
    fn city(&self, folder: &Path, id: &str) -> Result<Arc<dyn Backend>, DatabaseError>;

    /// What these cities have left under a name, by their ids.
    fn aggregates(&self, name: &str, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<u8>>, DatabaseError>;

    /// Whether it answers a question.
    fn answers(&self) -> Result<(), DatabaseError>;
}
