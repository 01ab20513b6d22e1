//! Resources that change the service: accounts, imports, versions.

pub(crate) mod accounts;
pub(crate) mod imports;
pub(crate) mod versions;
