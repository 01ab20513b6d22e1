//! What a job is made of, bound to the data of its request.

use crate::core::model::Lang;
use crate::core::query::Bound;
use crate::render::report::{Format, Origin};
use crate::service::store::JobFile;

/// What is made for a job. All questions are bound to the snapshot of the request, so all files of the job are of one
/// revision.
#[derive(Debug)]
pub struct ReportWork {
    /// The question of each zone, by the zone's id.
    pub questions: Vec<(String, Bound)>,
    /// A file of each format for each zone.
    pub formats: Vec<Format>,
    /// Language of the files.
    pub lang: Lang,
    /// Where the page is that shows the same.
    pub origin: Origin,
    /// Files that are whole already, where another copy of the program began.
    pub made: Vec<JobFile>,
    /// The fencing token: what is kept under it counts as long as no other copy has taken the job over.
    pub fence: i64,
}
