//! The fonts of this computer, for pictures of maps.

use resvg::usvg::fontdb::Database;
use std::path::Path;

/// The fonts of this computer, and before them those of a file or folder that the operator chose; with the family to
/// prefer. `None` when the file holds no font.
pub fn fonts(chosen: Option<&Path>) -> Option<(Database, Option<String>)> {
    let mut faces = Database::new();
    let mut first = None;
    if let Some(path) = chosen {
        if path.is_dir() {
            faces.load_fonts_dir(path);
        } else {
            // whether it could be read shows in what is there
            let _ = faces.load_font_file(path);
        }
        first = faces.faces().next().and_then(|f| f.families.first()).map(|(name, _)| name.clone());
        first.as_ref()?;
    }
    faces.load_system_fonts();
    Some((faces, first))
}
