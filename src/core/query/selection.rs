//! Rows of one collection that answer a question, and the properties that may leave with them.

use crate::model::{CollectionSpec, Table};
use crate::snapshot::RowSource;
use std::sync::Arc;

/// A page of rows. It holds what it reads from, so it can be kept and written part by part.
#[derive(Clone, Debug)]
pub struct Selection {
    of: Arc<dyn RowSource>,
    rows: Vec<u32>,
    columns: Vec<usize>,
    matched: usize,
    groups: Vec<usize>,
    metrics: Vec<Option<usize>>,
}

impl Selection {
    /// Some rows of a batch and the places of the properties that may leave with them; `matched` rows match in all.
    pub fn new(of: Arc<dyn RowSource>, rows: Vec<u32>, columns: Vec<usize>, matched: usize) -> Self {
        Self { of, rows, columns, matched, groups: vec![], metrics: vec![] }
    }

    /// The same of the register: of each row its class by its place in the question's reading, the place after the last for
    /// none; and per metric the column of the question's period, where it may leave with a row and is not a sum of columns.
    #[must_use]
    pub fn with_classes(self, groups: Vec<usize>, metrics: Vec<Option<usize>>) -> Self {
        Self { groups, metrics, ..self }
    }

    /// Other rows of the same batch, with the same properties.
    #[must_use]
    pub fn of_rows(&self, rows: Vec<u32>) -> Self {
        Self::new(self.of.clone(), rows, self.columns.clone(), self.matched)
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

    /// Of the register's rows, where they were wanted: their classes by their places in the question's reading, in the order of
    /// the rows; empty of other rows.
    pub fn groups(&self) -> &[usize] {
        &self.groups
    }

    /// Of the register: per metric the column of the question's period, where it may leave with a row.
    pub fn metrics(&self) -> &[Option<usize>] {
        &self.metrics
    }

    /// How many rows match, of which these may be a page.
    pub fn matched(&self) -> usize {
        self.matched
    }
}
