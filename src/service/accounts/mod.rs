//! Accounts: who sends a request (`authenticator`), what a reader may do (`permission`), how accounts are administered
//! (`administration`), what was done (`audit`) and how much was taken (`usage`). The rows are in [`store`](crate::service::store).

mod administration;
mod audit;
mod authenticator;
mod error;
mod patience;
mod permission;
mod throttle;
mod usage;

pub use administration::NewAccount;
pub use audit::{AuditAction, AuditActor, AuditLog};
pub use authenticator::{Accounts, Credential, Session};
pub use error::AccountsError;
pub use permission::{Denied, Permission, Reader};
pub use usage::usage_key;
