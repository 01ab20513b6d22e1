//! Exact sums over rows, by cluster: fixed point, so that totals over a partition equal the whole in any order.

use super::{Amount, Query};
use crate::columns::{Bitmap, Column};
use crate::model::Text;
use crate::snapshot::{Register, Snapshot};

/// One metric's column for the year asked.
struct MetricColumn<'a> {
    id: &'a str,
    unit: &'a Text,
    column: Option<&'a Column>,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    digits: i128,
    reported: u64,
}

/// Counts and sums over a set of rows, by cluster; the last cluster is "none".
pub struct Sums<'a> {
    metrics: Vec<MetricColumn<'a>>,
    counts: Vec<u64>,
    cells: Vec<Vec<Cell>>,
    all: (u64, Vec<Cell>),
}

impl<'a> Sums<'a> {
    /// Sums the rows; `None` for all rows of the register. Under `secondary` a row counts in each of its clusters but
    /// once in the total.
    pub fn over(snapshot: &'a Snapshot, register: &'a Register, query: &Query, rows: Option<&Bitmap>) -> Self {
        match rows {
            None => Self::of_rows(snapshot, register, query, 0..snapshot.layers[register.layer].len()),
            Some(set) => Self::of_rows(snapshot, register, query, set.iter()),
        }
    }

    /// Sums the rows given.
    pub fn of_rows(
        snapshot: &'a Snapshot,
        register: &'a Register,
        query: &Query,
        rows: impl Iterator<Item = usize>,
    ) -> Self {
        let table = &snapshot.layers[register.layer].table;
        let metrics: Vec<MetricColumn> = register
            .metrics
            .iter()
            .map(|m| MetricColumn {
                id: &m.id,
                unit: &m.unit,
                column: m.columns.get(&query.year).map(|&i| &table.columns[i]),
            })
            .collect();
        let groups = register.clusters + 1;
        let mut sums = Self {
            counts: vec![0; groups],
            cells: vec![vec![Cell::default(); metrics.len()]; groups],
            all: (0, vec![Cell::default(); metrics.len()]),
            metrics,
        };
        let codes: Vec<&str> =
            snapshot.clusters().map(|c| c.entries.iter().map(|e| &*e.code).collect()).unwrap_or_default();
        let secondary = register.secondary.filter(|_| query.secondary).map(|i| &table.columns[i]);
        let mut clusters = Vec::new();
        for row in rows {
            clusters.clear();
            clusters.push(usize::from(register.cluster_of[row]));
            if let Some(Column::Strings(lists, _)) = secondary {
                for word in lists.row(row) {
                    clusters.extend(codes.iter().position(|c| *c == word).filter(|c| !clusters.contains(c)));
                }
            }
            sums.add(row, &clusters);
        }
        sums
    }

    fn add(&mut self, row: usize, clusters: &[usize]) {
        self.all.0 += 1;
        clusters.iter().for_each(|&c| self.counts[c] += 1);
        for (m, metric) in self.metrics.iter().enumerate() {
            let Some(digits) = metric.column.and_then(|c| Register::digits(c, row)) else { continue };
            for &c in clusters {
                self.cells[c][m].digits += i128::from(digits);
                self.cells[c][m].reported += 1;
            }
            self.all.1[m].digits += i128::from(digits);
            self.all.1[m].reported += 1;
        }
    }

    /// Rows.
    pub fn matched(&self) -> u64 {
        self.all.0
    }

    /// Rows of a cluster, by its place in the codelist; the place after the last means "none".
    pub fn count(&self, cluster: usize) -> u64 {
        self.counts[cluster]
    }

    /// Identifiers of the metrics.
    pub fn metrics(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().map(|m| m.id)
    }

    /// The sum of a metric over all rows; `None` when there is no such metric.
    pub fn total(&self, metric: &str) -> Option<Amount> {
        let m = self.metrics.iter().position(|m| m.id == metric)?;
        Some(self.amount(m, self.all.1[m], self.all.0))
    }

    /// The sum of a metric over the rows of a cluster.
    pub fn cluster(&self, metric: &str, cluster: usize) -> Option<Amount> {
        let m = self.metrics.iter().position(|m| m.id == metric)?;
        Some(self.amount(m, self.cells[cluster][m], self.counts[cluster]))
    }

    fn amount(&self, metric: usize, cell: Cell, rows: u64) -> Amount {
        let MetricColumn { unit, column, .. } = &self.metrics[metric];
        let scale = column.map_or(1.0, Register::scale);
        Amount {
            sum: (cell.reported > 0).then(|| cell.digits as f64 / scale),
            unit: (*unit).clone(),
            reported: cell.reported,
            missing: rows - cell.reported,
            withheld: false,
        }
    }
}
