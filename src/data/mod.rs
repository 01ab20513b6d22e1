//! Data in and out: dataset folders, targets of a plan, tables that departments send, GeoParquet, bulk files, the sample register, edited features, and a new
//! folder from a boundaries file and a table.

pub mod basemap;
pub mod bulk;
pub mod describe;
pub mod features;
pub mod generate;
pub mod geoparquet;
pub mod intake;
pub mod load;
pub mod new;
pub(crate) mod schema;
mod system;
pub mod targets;
