//! Paints a scene as PNG.

use super::fonts::{Fonts, tree};
use super::scene::Scene;
use super::sheet::MapError;
use resvg::tiny_skia::{Pixmap, Transform};

/// A scene as PNG.
pub fn png(scene: &Scene, fonts: &Fonts) -> Result<Vec<u8>, MapError> {
    let failed = |why: &dyn std::fmt::Display| MapError::Picture(why.to_string());
    let tree = tree(scene, fonts)?;
    let [width, height] = scene.pixels();
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| failed(&"no room for the pixels"))?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| failed(&e))
}
