//! Accounts over HTTP: the session (`session`), the accounts themselves (`people`), the audit log (`audit`).

pub(crate) mod audit;
pub(crate) mod people;
pub(crate) mod session;
