//! A job that another copy of the program has left is gone on with: its questions are bound again, to the same data for the same
//! reader. Files that are whole already stay.

use super::request::{ReportRequest, ReportRequestError};
use super::work::ReportWork;
use crate::core::model::Text;
use crate::core::query::{Disclosure, QueryError, Question, QuestionError};
use crate::service::store::{Job, OpenError, Store};
use std::sync::Arc;
use thiserror::Error;

/// Why a job can't be gone on with.
#[derive(Debug, Error)]
pub(super) enum ResumeError {
    /// The data that it is made of is not there any more.
    #[error("its data is not there any more")]
    NoData,
    /// The data can't be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Another build kept it in a form that is not understood.
    #[error(transparent)]
    Request(#[from] ReportRequestError),
    /// The same of a question.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// The question has no answer.
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl ResumeError {
    /// What to do about it.
    pub(super) fn text(&self) -> Text {
        let (zh, en) = match self {
            Self::NoData => ("所用的数据已不在", "the data that it was made of is not there any more"),
            Self::Open(_) => ("所用的数据读不出", "the data that it was made of can't be read"),
            Self::Request(_) | Self::Question(_) | Self::Query(_) => ("其条件无法读出", "its conditions can't be read"),
        };
        Text::new(
            format!("制作这批文件的一份服务已停止,其他各份不能继续({zh});已完成的文件仍可下载,请重新导出。"),
            format!(
                "The copy of the service that made these files has stopped, and no other can go on ({en}). Finished files can be downloaded; export again."
            ),
        )
    }
}

/// What is made for a job that was taken over.
pub(super) fn resumed(store: &Store, job: &Job) -> Result<ReportWork, ResumeError> {
    let given = job.resumed_by.as_ref().ok_or(ResumeError::NoData)?;
    let ReportRequest { formats, lang, .. } = ReportRequest::from_json(&job.question)?;
    let whole = store.at(&given.revision)?.ok_or(ResumeError::NoData)?;
    let seen = job.scope.as_ref().map_or_else(|| whole.clone(), |scope| Arc::new(whole.within(scope)));
    let seen = match &given.table {
        Some(table) => Arc::new(seen.table(table).ok_or(ResumeError::NoData)?),
        None => seen,
    };
    // all files of a job are of one revision
    if seen.describe().revision != job.revision {
        return Err(ResumeError::NoData);
    }
    let disclosure = if job.whole { Disclosure::Full } else { Disclosure::Aggregates };
    let bound = |(zone, question): &(String, serde_json::Value)| {
        let question = Question::from_json(question.to_string().as_bytes())?;
        Ok::<_, ResumeError>((zone.clone(), question.bind(&seen, disclosure)?))
    };
    let questions = given.questions.iter().map(bound).collect::<Result<Vec<_>, _>>()?;
    Ok(ReportWork { questions, formats, lang, origin: given.origin.clone(), made: job.files.clone(), fence: job.fence })
}
