//! What the service keeps and does between requests: versions, accounts, links, imports, report jobs. It knows no HTTP.

pub mod accounts;
pub mod batch;
pub mod briefings;
pub mod budget;
pub mod cities;
pub mod clock;
pub mod consultations;
pub mod drafts;
pub mod health;
pub mod imports;
pub mod jobs;
pub mod machine;
pub mod oidc;
pub mod progress;
pub mod quota;
pub mod rounds;
pub mod saved;
pub mod store;
pub mod task;
