//! What is asked and what is answered. Shigu has the same types in `src/service/cities/questions/protocol.rs`.

use serde::{Deserialize, Serialize};

/// A question over files of rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The files, one of each city.
    pub files: Vec<File>,
    /// What rows are grouped by.
    pub by: Vec<By>,
    /// What is worked out for each group.
    pub figures: Vec<Figure>,
    /// By which figure groups are ordered; the number of rows where it is none of them.
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
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its id.
    pub city: String,
    /// Path of the Parquet file.
    pub path: String,
    /// A condition in CQL2 JSON.
    pub filter: Option<serde_json::Value>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    City,
    Zone,
    Class,
}

impl By {
    /// The name of its column.
    pub fn name(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Zone => "zone",
            Self::Class => "class",
        }
    }
}

/// What is worked out of the values of a column.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// What.
    #[serde(rename = "as")]
    pub of: Measure,
    /// Decimals of its sums.
    pub decimals: u8,
}

/// What is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    Sum,
    Q1,
    Median,
    Q3,
}

/// A line of the answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// Rows that were read.
    Progress(usize),
    /// A group.
    Group(Group),
    /// The end: how many groups there were.
    Done(usize),
    /// It can't be answered.
    Error(String),
}

/// A group of rows.
#[derive(Debug, Serialize)]
pub struct Group {
    /// What it is a group of, in the order of the question; none where rows have nothing there.
    pub of: Vec<Option<String>>,
    /// Rows.
    pub rows: i64,
    /// Of each figure the number of values, and what was worked out as text.
    pub figures: Vec<(i64, Option<String>)>,
}
