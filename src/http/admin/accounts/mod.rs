//! Accounts over HTTP: the session (`session`, by an identity provider `oidc`), the accounts themselves (`people`), the audit log (`audit`).

pub(crate) mod audit;
pub(crate) mod oidc;
pub(crate) mod people;
pub(crate) mod session;
