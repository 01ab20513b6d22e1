//! Imports: a department's file is taken (`receive`), read and judged by a worker of its own (`worker`) as its sender says
//! (`options`), submitted and published (`steps`). Until it is published nothing changes.

mod error;
mod options;
mod receive;
mod status;
mod steps;
mod worker;

pub use error::ImportsError;
pub use options::{AbsentOption, ImportOptions};
pub(super) use receive::file_name;
pub use status::{ImportState, ImportStatus};
pub use steps::{Imports, import_template};
