//! Former administrative divisions: what departments' tables may still call the districts of today.

use super::Text;
use serde::Deserialize;

/// The divisions before reforms, and what districts are written after.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Divisions {
    /// Where the JSON Schema stands; read by editors only.
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// Where it is from.
    pub source: Text,
    /// Names of what the districts belong to, the largest first: `province city district` and `city district` are read as
    /// `district`.
    pub above: Vec<String>,
    /// Other names of the districts of today.
    pub aliases: Vec<DivisionAlias>,
    /// Divisions that are no more.
    pub former: Vec<FormerDivision>,
    /// Land that a district gave to another and kept its code.
    pub ceded: Vec<CededLand>,
}

/// Other names of a district.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DivisionAlias {
    /// Its id.
    pub id: String,
    /// What tables may call it, besides its names and its id.
    pub names: Vec<String>,
}

/// A division that is no more.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerDivision {
    /// Its code, where it had one.
    #[serde(default)]
    pub code: Option<String>,
    /// Its names.
    pub names: Vec<String>,
    /// Codes of the districts that have its territory now, the largest part first.
    pub now: Vec<String>,
}

/// Land that went from one district to another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CededLand {
    /// Code of the district that gave it.
    pub from: String,
    /// Code of the district that has it.
    pub to: String,
    /// Since when, `YYYY-MM-DD`.
    pub date: String,
}
