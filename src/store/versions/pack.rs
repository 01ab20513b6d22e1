//! The register as it is kept.

use super::CommitError;
use super::files::Part;
use crate::model::{CollectionSpec, Table};

/// Writes a table into a file.
pub fn pack(part: &Part, name: &str, spec: &CollectionSpec, table: &Table) -> Result<(), CommitError> {
    let _ = (part, name, spec, table);
    Ok(())
}
