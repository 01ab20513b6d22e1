//! What may be done with a draft by whose it is: an account's, or a layout's.

use super::change::RowEdit;
use super::error::DraftsError;
use crate::core::model::Text;
use crate::data::intake::Refusal;
use crate::data::targets::TARGETS;
use crate::service::store::OF_LAYOUT;

/// Refuses what a layout does not change: rows of tables, and layers as a whole; and targets where it is no layout, since they are put
/// into force by a document.
pub(super) fn of_layers<'a>(
    owner: &str,
    mut edits: impl Iterator<Item = &'a RowEdit>,
    is_table: impl Fn(&str) -> bool,
) -> Result<(), DraftsError> {
    let is_layout = owner.starts_with(OF_LAYOUT);
    let refused_one = edits.find(|edit| match (is_layout, edit.table == TARGETS) {
        (true, true) => false,
        (true, false) => edit.official.is_some() || is_table(&edit.table),
        (false, is_target) => is_target,
    });
    match refused_one {
        None => Ok(()),
        Some(_) if is_layout => Err(refused(
            "layers-only",
            "方案只修改图层要素与规划目标,不改统计表的记录,也不整套替换图层".to_owned(),
            "a layout changes features of layers and targets of the plan, neither rows of tables nor a layer as a whole"
                .to_owned(),
        )),
        Some(_) => Err(refused(
            "layouts-only",
            "规划目标只在方案里修改,经发文生效".to_owned(),
            "targets of the plan are changed in a layout, which a document puts into force".to_owned(),
        )),
    }
}

/// A layout is neither released nor given back: it is put into force.
pub(super) fn not_layout(owner: &str) -> Result<(), DraftsError> {
    if owner.starts_with(OF_LAYOUT) { Err(DraftsError::Unknown(owner.to_owned())) } else { Ok(()) }
}

pub(super) fn refused(code: &'static str, zh: String, en: String) -> DraftsError {
    let remedy = Text::new("请改正后再试", "mend it and try again");
    Refusal::new(code, Text::new(zh, en)).with_remedy(remedy).into()
}
