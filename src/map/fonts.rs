//! Fonts: which one has all of a picture's characters, and the scene's shapes and glyphs as that font draws them.

use super::scene::Scene;
use super::sheet::MapError;
use super::svg::svg;
use resvg::usvg::{FontResolver, Options, Tree, fontdb};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::sync::Arc;

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
    faces: Arc<fontdb::Database>,
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
    fn choose(&self, text: &[char]) -> Result<&str, MapError> {
        let mut best: Option<(usize, &str)> = None;
        for family in &self.families {
            let lacking = self.face(family).map_or(text.len(), |id| self.lacking(id, text).len());
            if best.is_none_or(|b| lacking < b.0) {
                best = Some((lacking, family));
            }
            if lacking == 0 {
                break;
            }
        }
        let mut rest = text.to_vec();
        if let Some((0, family)) = best {
            return Ok(family);
        }
        for face in self.faces.faces() {
            rest = self.lacking(face.id, &rest);
        }
        match best {
            Some((_, family)) if rest.is_empty() => Ok(family),
            _ => Err(MapError::NoFont(rest.iter().take(12).collect())),
        }
    }

    fn face(&self, family: &str) -> Option<fontdb::ID> {
        let families = [fontdb::Family::Name(family)];
        self.faces.query(&fontdb::Query { families: &families, ..fontdb::Query::default() })
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

/// A scene as shapes and glyph outlines.
pub(super) fn tree(scene: &Scene, fonts: &Fonts) -> Result<Tree, MapError> {
    let mut text: Vec<char> =
        scene.lines().flat_map(|l| l.text.chars()).filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    text.sort_unstable();
    text.dedup();
    let family = fonts.choose(&text)?;
    let mut options = Options { fontdb: fonts.faces.clone(), ..Options::default() };
    let regular = FontResolver::default_font_selector();
    options.font_resolver.select_font = Box::new(move |font, faces| {
        let named = [fontdb::Family::Name(family)];
        let weight = fontdb::Weight(font.weight());
        let query = fontdb::Query { families: &named, weight, ..fontdb::Query::default() };
        faces.query(&query).or_else(|| regular(font, faces))
    });
    Tree::from_str(&svg(scene), &options).map_err(|e| MapError::Picture(e.to_string()))
}
