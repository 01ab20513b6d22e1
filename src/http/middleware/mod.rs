//! What happens around every request, from the outside in: connections, envelope, CORS, identity, kept answers.

pub(crate) mod cache;
pub(crate) mod connections;
pub(crate) mod cors;
pub(crate) mod envelope;
pub(crate) mod identity;
mod proxied;
mod published;
mod recorded;
pub(crate) mod trust;
