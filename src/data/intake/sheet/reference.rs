//! What a file says of its reference system, as one of the systems that are supported; otherwise the name that it gives.

use crate::core::geometry::Crs;
use crate::data::intake::system::System;
use serde_json::Value as Json;

/// The system of well-known text, of ESRI's or OGC's dialect, or of another text: a URN, a PROJ string, PROJJSON.
pub fn of_text(text: &str) -> Result<System, String> {
    Crs::of_text(text).map(System::from)
}

/// The system of a code, and of its text, which must agree where both can be read.
pub fn of_either(authority: &str, code: &str, text: &str) -> Result<System, String> {
    Crs::of_both(authority, code, text).map(System::from)
}

/// The system of PROJJSON.
pub fn of_projjson(json: &Json) -> Result<System, String> {
    Crs::of_projjson(json).map(System::from)
}
