//! Where transactions are made: a file, or a server.

use super::error::DatabaseError;
use super::transaction::{StatementError, Work};
use std::fmt::Debug;
use std::path::Path;

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

    /// Copies everything, as it is at one moment, into a new SQLite file.
    fn copy_to(&self, path: &Path) -> Result<(), DatabaseError>;
}
