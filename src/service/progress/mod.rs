//! How far the items of a plan are, as who may edit states it: what is taken, and why not.

mod error;

pub use error::ProgressError;

use crate::core::columns::Moment;
use crate::core::model::{Deadline, Text};
use crate::core::query::{ItemStatus, ProgressEntry};
use crate::service::clock;
use crate::service::store::{Database, ProgressAdded};
use crate::service::task::blocking;
use std::sync::Arc;

/// Characters of what shows how far an item is.
pub const LONGEST_EVIDENCE: usize = 2_000;
/// Characters of who is responsible.
pub const LONGEST_DEPARTMENT: usize = 120;

/// What is stated of an item.
#[derive(Clone, Debug)]
pub struct Statement {
    /// How far it is.
    pub status: ItemStatus,
    /// The day of which that is.
    pub as_of: String,
    /// What shows it.
    pub evidence: String,
    /// Who is responsible; empty where it stays as it was.
    pub department: String,
    /// When it is due; empty where it stays as it was.
    pub deadline: String,
}

/// The entries of a data folder. Clones share everything.
#[derive(Clone, Debug)]
pub struct Progress(Arc<Database>);

impl Progress {
    /// The entries of a data folder.
    pub fn new(database: Arc<Database>) -> Self {
        Self(database)
    }

    /// All entries in the order in which they were written down.
    pub async fn entries(&self) -> Result<Vec<ProgressEntry>, ProgressError> {
        let database = self.0.clone();
        Ok(blocking(move || database.progress()).await??)
    }

    /// Writes down how far an item is, if the latest entry of it is still the one that was seen: 0 where there was none. `today` is the
    /// day that it is where the dataset is.
    pub async fn state(
        &self,
        item: String,
        statement: Statement,
        seen: u64,
        today: &str,
        actor: String,
    ) -> Result<u64, ProgressError> {
        let Statement { status, as_of, evidence, department, deadline } = checked(statement, today)?;
        let deadline: Option<Deadline> = deadline.parse().ok();
        let new = ProgressEntry {
            number: 0,
            item,
            status,
            as_of,
            evidence,
            department,
            deadline,
            made: clock::seconds(),
            made_by: actor,
        };
        let database = self.0.clone();
        match blocking(move || database.add_progress(&new, seen)).await?? {
            ProgressAdded::Kept(number) => Ok(number),
            ProgressAdded::Stale => Err(ProgressError::Stale),
            ProgressAdded::Full => Err(ProgressError::Full),
        }
    }
}

/// A statement as it is kept, or what does not fit.
fn checked(statement: Statement, today: &str) -> Result<Statement, ProgressError> {
    let unfit = |zh: String, en: String| Err(ProgressError::Unfit(Text { zh, en }));
    let Statement { status, as_of, evidence, department, deadline } = statement;
    let [as_of, evidence, department, deadline] =
        [as_of, evidence, department, deadline].map(|text| text.trim().to_owned());
    // days are in the order of their texts
    if Moment::date(&as_of).is_none() || as_of.len() != 10 || as_of.as_str() > today {
        return unfit(
            "请填状态的日期(如 2026-06-30),不晚于今天。".to_owned(),
            "Give the day of which the status is, such as 2026-06-30, not after today.".to_owned(),
        );
    }
    let lines = |c: char| c.is_control() && c != '\n' && c != '\t';
    if evidence.chars().count() > LONGEST_EVIDENCE || evidence.chars().any(lines) {
        return unfit(
            format!("依据最多 {LONGEST_EVIDENCE} 字。"),
            format!("The evidence has at most {LONGEST_EVIDENCE} characters."),
        );
    }
    if status == ItemStatus::Done && evidence.is_empty() {
        return unfit(
            "“已完成”须写明依据(文件、报道、验收意见等)。".to_owned(),
            "What is done needs evidence: a document, a report, an acceptance.".to_owned(),
        );
    }
    if department.chars().count() > LONGEST_DEPARTMENT || department.chars().any(char::is_control) {
        return unfit(
            format!("责任单位最多 {LONGEST_DEPARTMENT} 字,不换行。"),
            format!("Who is responsible has at most {LONGEST_DEPARTMENT} characters in one line."),
        );
    }
    if !deadline.is_empty() && deadline.parse::<Deadline>().is_err() {
        return unfit(
            "时限应为日期或年、季、月,如 2026-12-31、2026、2026Q3、2026-06。".to_owned(),
            "A deadline is a day, a year, a quarter or a month, such as 2026-12-31, 2026, 2026Q3, 2026-06.".to_owned(),
        );
    }
    Ok(Statement { status, as_of, evidence, department, deadline })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused() {
        let today = "2026-06-30";
        let fine = Statement {
            status: ItemStatus::Done,
            as_of: "2026-06-30".into(),
            evidence: " 验收 ".into(),
            department: String::new(),
            deadline: "2026Q3".into(),
        };
        assert_eq!(checked(fine.clone(), today).unwrap().evidence, "验收");
        for bad in [
            Statement { evidence: " ".into(), ..fine.clone() },
            Statement { evidence: "长".repeat(LONGEST_EVIDENCE + 1), ..fine.clone() },
            Statement { as_of: "2026-07-01".into(), ..fine.clone() },
            Statement { as_of: "2026-6-1".into(), ..fine.clone() },
            Statement { as_of: String::new(), ..fine.clone() },
            Statement { department: "a\nb".into(), ..fine.clone() },
            Statement { deadline: "soon".into(), ..fine.clone() },
        ] {
            assert!(matches!(checked(bad.clone(), today), Err(ProgressError::Unfit(_))), "{bad:?}");
        }
        let begun = Statement { status: ItemStatus::UnderWay, evidence: String::new(), ..fine };
        assert!(checked(begun, today).is_ok());
    }
}
