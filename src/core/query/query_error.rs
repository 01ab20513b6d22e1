//! Why a question can't be answered.

use super::drawn::AreaError;
use crate::filter::FilterError;
use crate::model::{Period, Text};
use crate::snapshot::ClassFault;
use thiserror::Error;

/// Why a question can't be answered.
#[derive(Debug, Error)]
pub enum QueryError {
    /// The dataset has no register of enterprises, so there is nothing to sum.
    #[error("this dataset has no register")]
    NoRegister,
    /// No such zone.
    #[error("no zone {0}")]
    UnknownZone(String),
    /// A zone whose enterprises the reader may not see.
    #[error("the zone {0} is not in the reader's districts")]
    OutOfScope(String),
    /// No such kind of zones.
    #[error("no zones of the kind {id}; known: {known}")]
    UnknownKind {
        /// The id requested.
        id: String,
        /// The kinds there are.
        known: String,
    },
    /// No figures for that period.
    #[error("no figures for {period}; known: {known}")]
    UnknownPeriod {
        /// The period requested.
        period: Period,
        /// The periods there are.
        known: String,
    },
    /// Classes can't be read so.
    #[error("{}: {} is not one of {}", .0.parameter, .0.value, .0.known.en)]
    Classes(ClassFault),
    /// No such collection.
    #[error("no collection {id}; known: {known}")]
    UnknownCollection {
        /// The id requested.
        id: String,
        /// The collections there are.
        known: String,
    },
    /// No such feature.
    #[error("no feature {id} in {collection}")]
    UnknownFeature {
        /// The collection.
        collection: String,
        /// The id requested.
        id: String,
    },
    /// A condition `property=value` that can't be used.
    #[error(transparent)]
    Condition(FilterError),
    /// A CQL2 expression that can't be used.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// An order that can't be used.
    #[error(transparent)]
    Sort(FilterError),
    /// A figure of zones that is not there, or not under this question.
    #[error("{}", .0.en)]
    Choropleth(Text),
    /// Location quotients can't be of, or within, what was asked for: the parameter, and why.
    #[error("{parameter}: {}", .why.en)]
    Quotients {
        /// The parameter.
        parameter: &'static str,
        /// What is wrong with it.
        why: Text,
    },
    /// An earlier period that changes can't be counted from.
    #[error("since: {}", .0.en)]
    Since(Text),
    /// A trial zone that can't be worked out: the member of the question, and why.
    #[error("{member}: {}", .why.en)]
    Trial {
        /// The member.
        member: String,
        /// What is wrong with it.
        why: Text,
    },
    /// A search for sites that can't be answered: the member of the question, and why.
    #[error("{member}: {}", .why.en)]
    Sites {
        /// The member.
        member: String,
        /// What is wrong with it.
        why: Text,
    },
    /// Rows are moved by a reader who may not see them.
    #[error("rows can be moved by readers only who may see them")]
    MovesRows,
    /// A drawn area that means nothing.
    #[error(transparent)]
    Area(#[from] AreaError),
}

impl From<ClassFault> for QueryError {
    fn from(fault: ClassFault) -> Self {
        Self::Classes(fault)
    }
}
