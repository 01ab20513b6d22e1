//! The faces that have a drawing's characters.

use super::PaintError;
use resvg::usvg::fontdb;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::sync::Arc;

/// A face's file.
#[derive(Clone)]
pub struct Typeface {
    /// The file.
    pub data: Arc<Vec<u8>>,
    /// Which face of the file.
    pub index: u32,
}

impl std::fmt::Debug for Typeface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "face {} of {} bytes", self.index, self.data.len())
    }
}

/// Faces that together have all characters of a text.
#[derive(Clone, Debug)]
pub struct Typefaces {
    /// For text.
    pub regular: Typeface,
    /// For what stands out, where the family has such a face.
    pub bold: Option<Typeface>,
    /// For characters that `regular` lacks.
    pub others: Vec<Typeface>,
}

/// Faces that are right for Chinese text, best first. Another face is taken only for a character that none of these has:
/// what it draws may be the Japanese or Korean form.
const FAMILIES: [&str; 12] = [
    "Source Han Sans SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Hiragino Sans GB",
    "HarmonyOS Sans SC",
    "Droid Sans Fallback",
    "SimSun",
];

/// Fonts that pictures are painted with.
#[derive(Clone, Debug, Default)]
pub struct Fonts {
    pub(super) faces: Arc<fontdb::Database>,
    /// The families to try, best first.
    families: Vec<String>,
}

impl Fonts {
    /// The fonts of a database. `first` is a family that goes before all others: one that the operator chose.
    pub fn new(faces: fontdb::Database, first: Option<String>) -> Self {
        let there = |name: &String| faces.faces().any(|f| f.families.iter().any(|(n, _)| n == name));
        let known = FAMILIES.iter().map(|n| (*n).to_owned());
        let mut families: Vec<String> = first.into_iter().chain(known).filter(there).collect();
        // any other face, upright and not of one width, may know the characters too
        let plain = |f: &&fontdb::FaceInfo| f.style == fontdb::Style::Normal && !f.monospaced;
        let mut others: Vec<String> =
            faces.faces().filter(plain).filter_map(|f| Some(f.families.first()?.0.clone())).collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|name| !families.contains(name));
        families.extend(others);
        Self { faces: Arc::new(faces), families }
    }

    /// The best family that has all of the characters, else the one that has most of them, when other faces have the
    /// rest.
    pub(super) fn choose(&self, text: &[char]) -> Result<&str, PaintError> {
        let mut best: Option<(usize, &str)> = None;
        for family in &self.families {
            let lacking =
                self.face(family, fontdb::Weight::NORMAL).map_or(text.len(), |id| self.lacking(id, text).len());
            if best.is_none_or(|b| lacking < b.0) {
                best = Some((lacking, family));
            }
            if lacking == 0 {
                break;
            }
        }
        if let Some((0, family)) = best {
            return Ok(family);
        }
        let (_, rest) = self.others(text);
        match best {
            Some((_, family)) if rest.is_empty() => Ok(family),
            _ => Err(PaintError::NoFont(rest.iter().take(12).collect())),
        }
    }

    /// Faces of any kind that together have the characters as far as any has them, and the characters that none has.
    fn others(&self, text: &[char]) -> (Vec<fontdb::ID>, Vec<char>) {
        let (mut used, mut rest) = (Vec::new(), text.to_vec());
        for face in self.faces.faces() {
            let lacking = self.lacking(face.id, &rest);
            if lacking.len() < rest.len() {
                used.push(face.id);
                rest = lacking;
            }
        }
        (used, rest)
    }

    /// The files of the faces that have all characters of a text, for whoever embeds them.
    pub fn typefaces(&self, text: &str) -> Result<Typefaces, PaintError> {
        let text = characters(text.chars());
        let family = self.choose(&text)?;
        let load = |id| {
            let copy = self.faces.with_face_data(id, |data, index| (Arc::new(data.to_vec()), index));
            copy.map(|(data, index)| Typeface { data, index })
        };
        let regular = self.face(family, fontdb::Weight::NORMAL).and_then(|id| Some((id, load(id)?)));
        let (id, regular) = regular.ok_or_else(|| PaintError::NoFont(text.iter().take(12).collect()))?;
        let bold = self.face(family, fontdb::Weight::BOLD).filter(|b| *b != id && self.lacking(*b, &text).is_empty());
        let others = self.others(&self.lacking(id, &text)).0.into_iter().filter_map(load).collect();
        Ok(Typefaces { bold: bold.and_then(load), regular, others })
    }

    fn face(&self, family: &str, weight: fontdb::Weight) -> Option<fontdb::ID> {
        let families = [fontdb::Family::Name(family)];
        self.faces.query(&fontdb::Query { families: &families, weight, ..fontdb::Query::default() })
    }

    /// The characters that a face has no glyph for.
    fn lacking(&self, id: fontdb::ID, text: &[char]) -> Vec<char> {
        let lacking = self.faces.with_face_data(id, |data, index| {
            let font = FontRef::from_index(data, index).ok()?;
            let map = font.charmap();
            Some(text.iter().copied().filter(|c| map.map(*c).is_none_or(|glyph| glyph == GlyphId::NOTDEF)).collect())
        });
        lacking.flatten().unwrap_or_else(|| text.to_vec())
    }
}

/// The different characters of a text that leave a mark.
pub(super) fn characters(text: impl Iterator<Item = char>) -> Vec<char> {
    let mut all: Vec<char> = text.filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
