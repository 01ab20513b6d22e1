//! Data in and out: dataset folders, tables that departments send, GeoParquet, bulk files, the sample register.

pub mod bulk;
pub mod generate;
pub mod geoparquet;
pub mod intake;
pub mod load;
pub(crate) mod schema;
