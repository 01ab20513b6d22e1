//! The answer of `/zones/movements` as the API's description has it.
#![allow(dead_code, reason = "only described here")]

use crate::http::api::change::ChangeAnswer;
use crate::http::schemas::{ClassPart, Note, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// A class of an area by what became of its rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClassSince {
    /// Code; `null` for rows without a class.
    code: Option<String>,
    /// What it is where it is no class of the codelist.
    #[schema(required = false)]
    part: Option<ClassPart>,
    name: Text,
    /// Rows there on the first day.
    before: u64,
    /// Rows there later that were not there on the first day, also those that have ceased again.
    new: u64,
    /// Rows that are no longer there on the last day.
    ceased: u64,
    /// Rows there on the last day.
    now: u64,
}

/// Rows that changed places between two versions of the data.
#[derive(Serialize, ToSchema)]
pub(crate) struct Moves {
    /// They came from elsewhere.
    arrived: u64,
    /// They went elsewhere.
    departed: u64,
}

/// An area by what became of its rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct AreaSince {
    /// The zone; empty for the whole, the rest and areas of the reader's own.
    id: String,
    name: String,
    name_en: String,
    zone_kind: String,
    schematic: bool,
    before: u64,
    new: u64,
    ceased: u64,
    now: u64,
    /// Rows that changed places, into it and out of it; `null` where that is not known.
    moves: Option<Moves>,
    /// Its classes that had or have rows.
    classes: Vec<ClassSince>,
}

/// How a figure changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct FigureSince {
    /// Whether its latest period ended after the first day: else nothing new of it is known, and the change is an older one.
    is_new: bool,
    change: ChangeAnswer,
}

/// What happened since a day.
#[derive(Serialize, ToSchema)]
pub(crate) struct MovementsAnswer {
    /// Revision of the data.
    revision: String,
    /// The first day.
    since: String,
    /// The last day.
    until: String,
    /// Whether the rows are invented (示例数据).
    sample: bool,
    /// The kind of the zones; `null` for one area.
    zone_kind: Option<String>,
    /// Whether the zones share no row.
    partition: bool,
    /// Why numbers of rows are not known; `null` where they are.
    unavailable: Option<Note>,
    whole: Option<AreaSince>,
    zones: Vec<AreaSince>,
    /// Rows that changed places, wherever; `null` where that is not known.
    moved: Option<u64>,
    /// The figures that documents have.
    figures: Vec<FigureSince>,
    notes: Vec<Note>,
}
