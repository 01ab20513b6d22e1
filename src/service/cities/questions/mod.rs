//! Questions over the rows of all cities that no aggregate answers (ADR 116): a free condition, sums, medians and quartiles by city, zone and
//! class, rankings. The rows of each city lie in a Parquet file (`rows`, `kept`); a question is checked and planned against all of them
//! (`plan`), an engine works it out (`program`), one after the other (`jobs`).

mod jobs;
mod kept;
mod plan;
mod program;
mod protocol;
mod rows;

pub use jobs::{AskError, Asked, QuestionState, Questions};
pub use kept::{KeptRows, RowsFolder};
pub use plan::{
    GROUPS, Lack, MOST_FIGURES, MOST_GROUPS, NationalAnswer, NationalGroup, NationalQuestion, Plan, Planned,
    PlannedFigure, QuestionRefused, WantedFigure,
};
pub use program::{EngineError, EngineProgram, NationalEngine};
pub use protocol::{By, EngineFigure, EngineFile, EngineGroup, EngineQuestion, Statistic};
pub use rows::{RowsAbout, RowsError, ZoneTitle};
