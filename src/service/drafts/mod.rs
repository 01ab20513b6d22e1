//! Drafts: what an account changes on the page, row by row (`change`), judged by the rules of an import against the data as
//! they are now (`judged`), and saved as one version (`steps`). Layouts are drafts with a name (`layouts`). Until then nothing changes for anybody else.

mod change;
mod error;
mod held;
mod judged;
mod layouts;
mod owner;
mod steps;
mod successors;
mod targets;

pub use change::{PLACE, RowEdit, StoredEdit};
pub use error::DraftsError;
pub use judged::{ChangeClass, ChangeFinding, ChangedField, DeclaredRows, DraftConflict, JudgedChange, JudgedDraft};
pub use layouts::{InForce, PlanChange, PlanContent, PlanFeature, PlanLayer, PlanLayout, PlanValue};
pub use steps::Drafts;
pub use targets::PlanTarget;
