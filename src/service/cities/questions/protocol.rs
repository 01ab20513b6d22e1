//! What an engine is asked and what it answers. `engines/datafusion` is compiled with this file, too: it imports nothing of the service.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A question over files of rows: all columns that it names may be read for whoever asks.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EngineQuestion {
    /// The files, one of each city.
    pub files: Vec<EngineFile>,
    /// What rows are grouped by.
    pub by: Vec<By>,
    /// What is worked out for each group.
    pub figures: Vec<EngineFigure>,
    /// By which figure groups are ordered; none: by the number of rows.
    pub order: Option<usize>,
    /// Whether the largest come first.
    pub descending: bool,
    /// Groups at most.
    pub limit: usize,
    /// Bytes of memory that may be taken.
    pub memory: usize,
    /// Threads.
    pub threads: usize,
}

/// The rows of a city.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EngineFile {
    /// Its id.
    pub city: String,
    /// Path of the Parquet file.
    pub path: String,
    /// A condition in CQL2 JSON: names are those of columns, words of codelists are codes.
    pub filter: Option<Value>,
    /// A column of truth values: the rows that count.
    pub there: Option<String>,
    /// The column of zones.
    pub zone: Option<String>,
    /// The column of classes.
    pub class: Option<String>,
    /// The column of each figure.
    pub columns: Vec<String>,
}

/// What rows are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// City.
    City,
    /// Zone of the level; with the city.
    Zone,
    /// Class.
    Class,
}

/// What is worked out of the values of a column.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EngineFigure {
    /// What.
    #[serde(rename = "as")]
    pub of: Statistic,
    /// Decimals of the values.
    pub decimals: u8,
}

/// What is worked out of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    /// Their sum.
    Sum,
    /// Lower quartile, interpolated as spreadsheets do.
    Q1,
    /// Median.
    Median,
    /// Upper quartile.
    Q3,
}

/// A line of the answer.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// Rows that were read.
    Progress(u64),
    /// A group.
    Group(EngineGroup),
    /// The end: how many groups there were.
    Done(usize),
    /// It can't be answered.
    Error(String),
}

/// A group of rows.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EngineGroup {
    /// What it is a group of, in the order of the question; none where rows have nothing there.
    pub of: Vec<Option<String>>,
    /// Rows.
    pub rows: u64,
    /// Of each figure the number of values, and what was worked out as text.
    pub figures: Vec<(u64, Option<String>)>,
}
