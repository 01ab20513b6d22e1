//! The data as they are now, against which drafts are judged.

use crate::core::model::Dataset;
use crate::data::features::Features;
use crate::data::intake::{Ground, RowIndex};
use crate::service::store::Base;
use std::sync::Mutex;

/// A table as it is now.
#[derive(Debug)]
pub(super) struct HeldTable {
    pub dataset: Dataset,
    pub ground: Ground,
    pub index: RowIndex,
    pub base: Base,
}

/// The other collections as they are now.
#[derive(Debug)]
pub(super) struct HeldFeatures {
    /// One check at a time: it puts what is to be in the place of what is.
    pub features: Mutex<Features>,
    pub base: Base,
}
