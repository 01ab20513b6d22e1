//! What the service keeps and does between requests: versions, accounts, links, jobs.

pub mod batch;
pub mod store;
