//! Imports: a file is read and judged by a worker of its own (`worker`), as its sender says (`options`). Until it is
//! published nothing changes.

mod options;
mod worker;

pub use options::{AbsentOption, ImportOptions};
pub use worker::{CheckedImport, ImportWorker, ImportWorkers, WorkerState};
