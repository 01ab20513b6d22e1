//! intake: a department's table becomes a new state of the register, in three steps that change nothing by themselves.
//!
//! [`sheet`] reads any file into a table; [`Import::prepare`] decides what its columns and coordinates mean and which rows
//! are which enterprises; [`Import::check`] says what would change and what is wrong, row by row. Only then
//! [`Import::write`] writes the new register. Every row is judged by one function, whoever asks.

mod compare;
mod credit;
mod declared;
mod diff;
mod divisions;
mod faults;
mod finding;
mod judge;
mod keys;
mod known;
mod listing;
mod locate;
mod mapping;
mod outcome;
mod places;
mod prepare;
mod publish;
mod remedies;
mod render;
mod schema;
pub mod sheet;
mod summary;
mod system;
mod template;
mod value;
mod verdict;
mod vocabulary;

pub use compare::{Comparison, Detail, Fate, Pair, State};
pub use credit::{Fault as CreditFault, check as check_credit_code, complete as complete_credit_code};
pub use diff::{Change, Class};
pub use finding::{Finding, Findings, Refusal, Tally};
pub use listing::{Checked, Preview};
pub use mapping::ColumnReport;
pub use outcome::{Counts, NewWord, Outcome, RowReport};
pub use places::Ground;
pub use prepare::{Absent, Import, Options};
pub use publish::Written;
pub use system::{System, unsupported};
pub use template::template;
pub use verdict::{Certainty, Choice, Fit, Verdict};

use crate::core::model::{Dataset, Text};
use std::io::{Read, Seek};

/// Reads the table of a file for a dataset's register.
pub fn read<R: Read + Seek>(
    reader: R,
    dataset: &Dataset,
    worksheet: Option<&str>,
    limits: &sheet::Limits,
) -> Result<sheet::Sheet, Refusal> {
    let schema = schema::Schema::of(dataset).ok_or_else(no_register)?;
    let words = vocabulary::Vocabulary::new(&schema.spec, schema.register);
    sheet::read(reader, worksheet, limits, &|name| {
        words.meaning(name, None).is_some_and(|m| m.confidence >= 0.7) || words.is_metric(name)
    })
}

fn no_register() -> Refusal {
    Refusal::new("no-register", Text::new("数据集里没有企业名录集合", "the dataset has no register of enterprises"))
}
