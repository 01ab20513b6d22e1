//! Versions of the register: each an immutable folder named by its content, and a row that says who, when, what of.
//!
//! The latest row is the current version, so one `INSERT` is all that makes a version current; going back is a version of its
//! own with the content of an older one. Number 0 is the seed: the register of the dataset folder.

mod backup;
mod coming;
mod commit;
mod error;
mod files;
#[cfg(test)]
mod made_tests;
mod pack;
mod retained;
mod rows;
mod shared;
#[cfg(test)]
mod shared_tests;
mod snapshots;
#[cfg(test)]
mod tests;

pub use backup::backup;
pub use commit::{StatedTargets, restore_in};
pub use error::CommitError;
pub(in crate::service) use files::free;
pub(super) use retained::Kept;
pub use retained::{KEPT, OpenError, current_source, version_source, versions_in};

use serde::Serialize;

/// How a version came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum VersionKind {
    /// The register of the dataset folder; not made by anybody here.
    Seed,
    /// A department's file was taken in.
    Import,
    /// Rows were edited on the page.
    Edit,
    /// An earlier version was gone back to.
    Restore,
}

/// A version in figures. Rows are compared with the version before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct VersionCounts {
    /// Enterprises in all.
    pub features: usize,
    /// 新增.
    pub new: usize,
    /// 变更.
    pub changed: usize,
    /// 迁址.
    pub moved: usize,
    /// 移除.
    pub removed: usize,
    /// 无变化.
    pub unchanged: usize,
    /// Rows of the file that errors kept out.
    pub left_out: usize,
}

/// One version of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1; 0 is the seed.
    pub number: u64,
    /// When it was made, in seconds since 1970; none for the seed.
    pub created: Option<i64>,
    /// Who made it.
    pub actor: String,
    /// Name of the file that it was made from.
    pub file: Option<String>,
    /// SHA-256 of that file.
    pub file_sha256: Option<String>,
    /// What whoever made it says about it.
    pub note: String,
    /// Who released it, where that was another than who made it.
    pub released: Option<String>,
    /// The number of the document by which it was put into force.
    pub document: Option<String>,
    /// The date of that, `YYYY-MM-DD`.
    pub decided: Option<String>,
    /// How it came about.
    pub kind: VersionKind,
    /// The version that was gone back to.
    pub of: Option<u64>,
    /// In figures.
    pub counts: VersionCounts,
    /// Revision of the whole dataset when it was made; empty for the seed.
    pub revision: String,
    /// SHA-256 of its content, which names its folder; none for the seed and for a return to it.
    pub sha256: Option<String>,
    /// Bytes of its folder.
    pub bytes: u64,
    /// Whether its content is still there.
    pub kept: bool,
    /// Whether it is the one that is served.
    pub current: bool,
}

/// What an import was checked against. A commit against anything but the current state is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Number of the version.
    pub version: u64,
    /// Revision of the dataset.
    pub revision: String,
}

/// Who makes a version, out of what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Who.
    pub actor: String,
    /// Name of the file.
    pub file: Option<String>,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub file_sha256: Option<String>,
    /// Remark.
    pub note: String,
    /// Now, in seconds since 1970.
    pub now: i64,
    /// Rows of the file that errors kept out (`Outcome::counts.problem`).
    pub left_out: usize,
    /// The draft that it is made of, by id and serial; it is given up by the same stroke.
    pub draft: Option<(String, u64)>,
    /// The incoming file that it is made of, by id; it is marked as published by the same stroke, once.
    pub import: Option<String>,
    /// Deliveries of a round that it is made of, by id; they are marked by the same stroke, if each is still the latest of its
    /// participant and in no version.
    pub deliveries: Vec<String>,
    /// Who releases it, where that is another than who made it.
    pub released: Option<String>,
    /// The number of the document by which it is put into force.
    pub document: Option<String>,
    /// The date of that, `YYYY-MM-DD`.
    pub decided: Option<String>,
}
