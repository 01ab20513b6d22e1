//! The answer of `/zones/change` as the API's description has it.
#![allow(dead_code, reason = "only described here")]

use crate::http::api::profile::schema::Fact;
use crate::http::schemas::{ClassPart, Note, ProfileWeight, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// A change divided by shift-share (Dunn 1960): the parts add up to it, in the last decimal that is given.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShiftParts {
    /// What it would be at the rate of the whole.
    whole: f64,
    /// What it would be more at the rates of its classes in the whole.
    mix: f64,
    /// What is left: the zone's own.
    regional: f64,
}

/// The zone's own part divided (Esteban-Marquillas 1972).
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnParts {
    /// What it would be with the mix of the whole.
    competitive: f64,
    /// What comes of having more of what grows faster here, or less of what grows slower.
    allocation: f64,
}

/// Rows that were there at the end of both periods, and those that came and went, by the dates of the register.
#[derive(Serialize, ToSchema)]
pub(crate) struct RowFlow {
    /// Rows there in both.
    stayed: u64,
    /// Rows there in the later only.
    entered: u64,
    /// Rows there in the earlier only.
    left: u64,
    /// Sum of those that stayed in the earlier period; `null` of numbers of rows, and where it is withheld.
    stayed_before: Option<f64>,
    /// Their sum in the later.
    stayed_now: Option<f64>,
    /// Sum of those that entered, in the later.
    entered_now: Option<f64>,
    /// Sum of those that left, in the earlier.
    left_before: Option<f64>,
}

/// The change of the rows that have a value in both periods, with how many of how many rows had one in either.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlikeChange {
    /// The change, 0 for none; `null` where it is withheld or has no base.
    rate: Option<f64>,
    /// Whether it is withheld.
    withheld: bool,
    /// Rows with a value in both.
    both: u64,
    /// Rows with a value in the earlier period.
    reported_before: u64,
    /// Rows there in the earlier.
    rows_before: u64,
    /// Rows with a value in the later.
    reported: u64,
    /// Rows there in the later.
    rows: u64,
}

/// Describes a line of figures: its own members, then those of a change.
macro_rules! changed {
    ($(#[$about:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$about])*
        #[derive(Serialize, ToSchema)]
        pub(crate) struct $name {
            $($own)*
            /// Rows in the earlier period; `null` where the register has no dates.
            count_before: Option<u64>,
            /// Rows in the later.
            count: u64,
            /// The figure in the earlier period; `null` where it is withheld.
            before: Option<f64>,
            /// The figure in the later.
            now: Option<f64>,
            /// The change.
            change: Option<f64>,
            /// The change by the earlier figure, 0 for none; `null` where that is not above zero.
            rate: Option<f64>,
            /// Whether either figure is withheld.
            withheld: bool,
            /// The change divided.
            parts: Option<ShiftParts>,
            /// The zone's own part divided; `null` where it had nothing of the class.
            own: Option<OwnParts>,
            /// The change divided from period to period and added up (Barff and Knight 1988).
            dynamic: Option<ShiftParts>,
            /// Which rows came and went; `null` where the register has no dates.
            rows: Option<RowFlow>,
            /// The change of those that reported in both periods; `null` of numbers of rows, and where answers do not say it.
            alike: Option<AlikeChange>,
        }
    };
}

changed! {
    /// How a figure changed.
    Changed {}
}

changed! {
    /// How a class changed.
    ClassChange {
        /// Code; `null` for rows without a class.
        code: Option<String>,
        /// What it is where it is no class of the codelist, as in a summary.
        part: Option<ClassPart>,
        /// Name.
        name: Text,
        /// One character that stands for it.
        mark: String,
    }
}

/// A sentence by a stated rule.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeSentence {
    /// The rule, as the notes name it.
    rule: String,
    /// The sentence.
    text: Text,
    /// The figures that it was made from.
    facts: Vec<Fact>,
}

changed! {
    /// How an area changed.
    AreaChange {
        /// Zone id; empty where the reader drew it, and for the whole.
        id: String,
        /// Name.
        name: String,
        /// English name.
        name_en: String,
        /// Kind of the zone, as `/dataset` lists it; empty for other areas.
        zone_kind: String,
        /// Whether its outline is schematic (示意).
        schematic: bool,
        /// The change of each class, in the codelist's order.
        classes: Vec<ClassChange>,
        /// The classes of which a sum is withheld, taken together as one; `null` where there is none, or nothing can be said.
        together: Option<Changed>,
        /// What is to be said of it.
        findings: Vec<ChangeSentence>,
    }
}

/// How an area, or the zones of a kind, changed between two periods.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeAnswer {
    /// Revision of the data.
    revision: String,
    /// The later period, where it is a year; `null` where `period` is no year.
    year: Option<u16>,
    /// The later period: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// The earlier period.
    since: Option<String>,
    /// The periods that `since` can be.
    periods: Vec<String>,
    /// Whether the rows are invented (示例数据).
    sample: bool,
    /// The kind of the zones; `null` for one area.
    zone_kind: Option<String>,
    /// Whether the zones share no row, so that with what none of them holds they add up to the whole.
    partition: bool,
    /// What is counted or summed.
    weight: ProfileWeight,
    /// What can be chosen for `weight`.
    weights: Vec<ProfileWeight>,
    /// Decimals to which the parts add up.
    decimals: u8,
    /// Periods from the first to the last step of the parts that are added up; empty where there is one step only.
    steps: Vec<String>,
    /// Why there are no figures; `null` where there are.
    unavailable: Option<Note>,
    /// The whole.
    whole: Option<AreaChange>,
    /// The area in question, or the zones and what none of them holds.
    zones: Vec<AreaChange>,
    /// Rules and cautions.
    notes: Vec<Note>,
}
