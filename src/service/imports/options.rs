//! What a planner says about a file before it is checked.

use crate::data::intake::{Absent, Options, Refusal, System};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The planner's own words about a file; what is left out is found out from the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = OptionsBody)]
pub struct ImportOptions {
    /// Id of the table that it is for; the main one where none is said.
    pub table: Option<String>,
    /// Name of the worksheet or layer.
    pub worksheet: Option<String>,
    /// Whether all but the worksheet is taken from what was said of the last file with the same columns.
    pub as_before: bool,
    /// System of the positions: `wgs84`, `gcj02`, `bd09`, or a plane by its EPSG code: CGCS2000 Gauss-Kruger
    /// (`epsg:4491` to `epsg:4554`), UTM (`epsg:32601` to `epsg:32760`), Web Mercator (`epsg:3857`).
    pub crs: Option<String>,
    /// Column -> property, `id`, `longitude`, `latitude`; `-` leaves a column out.
    pub columns: BTreeMap<String, String>,
    /// Word in the file -> code.
    pub values: BTreeMap<String, String>,
    /// What becomes of enterprises that the file does not name.
    pub absent: AbsentOption,
    /// Whether a table with a row for each enterprise and period is folded to a row for each enterprise. Where such a table
    /// is recognised and nothing is said, it is folded and shown, and not taken before this is said.
    pub fold_periods: Option<bool>,
}

/// What becomes of enterprises that the file does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AbsentBody)]
pub enum AbsentOption {
    /// They stay.
    #[default]
    Keep,
    /// They go.
    Remove,
}

impl ImportOptions {
    /// The same for the intake.
    pub fn for_intake(&self, file: &str) -> Result<Options, Refusal> {
        let system = self.crs.as_deref().map(System::named);
        Ok(Options {
            file: file.to_owned(),
            system: system.transpose()?,
            columns: self.columns.clone().into_iter().collect(),
            values: self.values.clone().into_iter().collect(),
            absent: match self.absent {
                AbsentOption::Keep => Absent::Keep,
                AbsentOption::Remove => Absent::Remove,
            },
            fold_periods: self.fold_periods,
            ..Options::default()
        })
    }

    /// What is worth remembering for the next file with the same columns: the worksheet's name changes with the month, and
    /// what goes is decided each time.
    #[must_use]
    pub fn lasting(&self) -> Self {
        Self { worksheet: None, as_before: false, absent: AbsentOption::Keep, ..self.clone() }
    }
}
