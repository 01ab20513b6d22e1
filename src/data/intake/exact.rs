//! What a table that is made of edits says besides its cells: no cell can take a value away.

use std::collections::{BTreeSet, HashSet};

/// What a table that is made of edits says besides its cells.
#[derive(Clone, Debug, Default)]
pub struct Exact {
    /// For each row of the table: properties whose values are taken away.
    pub(super) cleared: Vec<BTreeSet<usize>>,
    /// For each row of the table: whether it is to be added.
    pub(super) added: Vec<bool>,
    /// For each row of the table: the zone that it is to declare, whatever the rules of a file make of it.
    pub(super) zones: Vec<Option<String>>,
    /// Rows of the register that go.
    pub(super) removed: HashSet<usize>,
}

impl Exact {
    /// Whether a row of the table takes a value away.
    pub(super) fn clears(&self, row: usize, property: usize) -> bool {
        self.cleared.get(row).is_some_and(|all| all.contains(&property))
    }

    /// The zone that a row of the table is to declare.
    pub(super) fn zone(&self, row: usize) -> Option<&str> {
        self.zones.get(row)?.as_deref()
    }

    /// Whether a row of the register goes.
    pub(super) fn removes(&self, existing: usize) -> bool {
        self.removed.contains(&existing)
    }
}
