//! The answer of `/zones/chain` as the API's description has it.
#![allow(dead_code, reason = "only described here")]

use crate::http::schemas::{ClassName, Note, ProfileWeight, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// A stage of the class.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainStage {
    /// Code.
    code: String,
    /// Name.
    name: Text,
    /// What sort of stage it is, such as upstream, where the codelist says it.
    kind: Option<Text>,
    /// Its column in the diagram, from 0: one behind the last of the stages that feed it; one that nothing feeds stands right before
    /// the first that it feeds.
    column: usize,
    /// The stages that feed it.
    after: Vec<String>,
}

/// A stage in an area.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainCell {
    /// Code of the stage; `null` for rows of the class without one of its stages.
    stage: Option<String>,
    /// Rows. A stage without any is a gap: not seen in the register.
    count: u64,
    /// The figure; `null` where no row has a value or it is withheld.
    value: Option<f64>,
    /// Whether the sum is withheld.
    withheld: bool,
}

/// A row of a stage that an area lacks.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainCandidate {
    /// Id.
    id: String,
    /// Name; the id where the reader may not see it.
    name: Text,
    /// Metres from the border of the area to its position.
    metres: f64,
    /// Longitude and latitude.
    position: Option<[f64; 2]>,
}

/// A zone that has rows of a stage that an area lacks.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainNear {
    /// Zone id.
    id: String,
    /// Name.
    name: String,
    /// English name.
    name_en: String,
    /// Kind of the zone, as `/dataset` lists it.
    zone_kind: String,
    /// Rows of the stage.
    count: u64,
    /// Metres between the outlines; 0 where they touch.
    metres: f64,
}

/// What is nearest of a stage that an area lacks.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainGap {
    /// Code of the stage.
    stage: String,
    /// Its nearest rows, at most 5.
    nearest: Vec<ChainCandidate>,
    /// Its rows without a position, which are near to nothing.
    unlocated: usize,
    /// The nearest zones that have some, at most 3.
    zones: Vec<ChainNear>,
}

/// The chain in an area.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainArea {
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
    /// Whether it has rows besides that the reader, who is limited to districts, does not see.
    partial: bool,
    /// Rows of the class.
    count: u64,
    /// The figure of the class.
    value: Option<f64>,
    /// Whether the sum is withheld.
    withheld: bool,
    /// The stages, in the order of the answer's stages.
    stages: Vec<ChainCell>,
    /// Rows of the class without one of its stages: they make it up with the stages.
    unstaged: ChainCell,
    /// The stages of which it has no row.
    missing: Vec<String>,
}

/// The chain of a class in an area, or in the zones of a kind.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChainAnswer {
    /// Revision of the data.
    revision: String,
    /// The period, where it is a year; `null` where `period` is no year.
    year: Option<u16>,
    /// The period: a year (`2025`), a quarter (`2025Q3`) or a month (`2025-03`).
    period: Option<String>,
    /// Whether the rows are invented (示例数据).
    sample: bool,
    /// The class; `null` where there are no stages.
    class: Option<ClassName>,
    /// The classes that have stages.
    classes: Vec<ClassName>,
    /// What the list of stages is called.
    title: Text,
    /// Whether the stages are drawn up for illustration (示意).
    schematic: bool,
    /// Where they come from.
    source: Text,
    /// The property that holds the stage of a row.
    property: Option<String>,
    /// The kind of the zones; `null` for one area.
    zone_kind: Option<String>,
    /// Whether the zones share no row, so that with what none of them holds they add up to the whole.
    partition: bool,
    /// What is counted or summed.
    weight: ProfileWeight,
    /// What can be chosen for `weight`.
    weights: Vec<ProfileWeight>,
    /// The stages, in the codelist's order.
    stages: Vec<ChainStage>,
    /// Why there are none; `null` where there are.
    unavailable: Option<Note>,
    /// The whole.
    whole: Option<ChainArea>,
    /// The area in question, or the zones and what none of them holds.
    zones: Vec<ChainArea>,
    /// What is nearest of the stages that the area in question lacks; of many zones nothing.
    gaps: Vec<ChainGap>,
    /// Rules and cautions.
    notes: Vec<Note>,
}
