//! What may be done with a draft by whose it is: an account's, or a layout's.

use super::change::RowEdit;
use super::error::DraftsError;
use crate::core::model::Text;
use crate::data::intake::Refusal;
use crate::service::store::OF_LAYOUT;

/// Refuses what a layout does not change: rows of tables, and layers as a whole.
pub(super) fn of_layers<'a>(
    owner: &str,
    mut edits: impl Iterator<Item = &'a RowEdit>,
    is_table: impl Fn(&str) -> bool,
) -> Result<(), DraftsError> {
    if owner.starts_with(OF_LAYOUT) && edits.any(|edit| edit.official.is_some() || is_table(&edit.table)) {
        return Err(refused(
            "layers-only",
            "方案只修改图层要素,不改统计表的记录,也不整套替换图层".to_owned(),
            "a layout changes features of layers, neither rows of tables nor a layer as a whole".to_owned(),
        ));
    }
    Ok(())
}

/// A layout is neither released nor given back: it is put into force.
pub(super) fn not_layout(owner: &str) -> Result<(), DraftsError> {
    if owner.starts_with(OF_LAYOUT) { Err(DraftsError::Unknown(owner.to_owned())) } else { Ok(()) }
}

pub(super) fn refused(code: &'static str, zh: String, en: String) -> DraftsError {
    let remedy = Text::new("请改正后再试", "mend it and try again");
    Refusal::new(code, Text::new(zh, en)).with_remedy(remedy).into()
}
