//! What the descriptions of `data`'s types share: `core` does not describe its own.
#![allow(dead_code, reason = "only described here")]

use serde::Serialize;
use utoipa::ToSchema;

/// One text in both languages.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    /// Simplified Chinese.
    zh: String,
    /// English.
    en: String,
}
