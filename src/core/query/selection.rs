//! Rows of one collection that answer a question, and the properties that may leave with them.

use crate::core::model::{CollectionSpec, Table};
use crate::core::snapshot::RowSource;
use std::sync::Arc;

/// A page of rows. It holds what it reads from, so it can be kept and written part by part.
#[derive(Clone, Debug)]
pub struct Selection {
    of: Arc<dyn RowSource>,
    rows: Vec<u32>,
    columns: Vec<usize>,
    matched: usize,
}

impl Selection {
    /// Some rows of a batch and the places of the properties that may leave with them; `matched` rows match in all.
    pub fn new(of: Arc<dyn RowSource>, rows: Vec<u32>, columns: Vec<usize>, matched: usize) -> Self {
        Self { of, rows, columns, matched }
    }

    /// The batch that holds the rows, others besides.
    pub fn source(&self) -> &Arc<dyn RowSource> {
        &self.of
    }

    /// What the manifest says about the collection.
    pub fn spec(&self) -> &CollectionSpec {
        self.of.spec()
    }

    /// The columns of the batch.
    pub fn table(&self) -> &Table {
        self.of.table()
    }

    /// The rows, by their places in the batch, in the order that was requested.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The properties that may leave, by their places in the schema.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// How many rows match, of which these may be a page.
    pub fn matched(&self) -> usize {
        self.matched
    }
}
