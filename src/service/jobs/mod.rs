//! Report jobs: files of many zones and formats, made one job after the other in the background (`request`,
//! `queue`, `worker`). The
//! table of jobs says how far each is ([`Reports`](crate::service::store::Reports)).

mod queue;
mod request;
mod resumed;
mod work;
mod worker;

pub use request::{ReportRequest, ReportRequestError};
pub use work::ReportWork;
pub use worker::{CurrentZone, FileError, Jobs, JobsError, Watch};
