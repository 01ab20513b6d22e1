//! What the map looks like, and the map as a picture. `table` says how each role is drawn, once; read on in this order:
//! `style` (the table for MapLibre), `qgis` (for QGIS), `ask` and `frame` (the request), `sheet` (puts a picture together from `draw`
//! and `land`, `labels`, `legend`, `layout`, `furniture`, `heading`), `scene` (what comes out, a drawing that is written by `svg` and `png` of `drawing`)
//! and `polygons` (the same for a renderer that knows nothing but opaque polygons; `outline` and `mixing` make them).

mod annotation;
mod ask;
mod crowd;
mod draw;
mod fade;
mod frame;
mod furniture;
mod heading;
mod inset;
mod labels;
mod land;
mod layout;
mod legend;
mod mixing;
mod outline;
mod palette;
mod polygons;
mod qgis;
mod ramps;
mod scene;
mod seal;
mod shapes;
mod sheet;
mod style;
mod symbols;
mod table;
mod words;
mod zooms;

pub use crate::render::drawing::Fonts;
pub use annotation::{Annotation, AnnotationKind, NamedPoint, PointSet};
pub use ask::{Ask, Ground, TooLarge};
pub use fade::fading;
pub use frame::{Crs, Frame};
pub use palette::Theme;
pub use polygons::polygons;
pub use qgis::qgis;
pub use ramps::{ColorRamp, MISSING, RAMPS, WITHHELD, colors};
pub use scene::{Anchor, Group, Item, Line, Look, Rect, Scene, Stroke};
pub use sheet::MapError;
pub use style::style;
pub use zooms::Zooms;

/// A scene as SVG.
pub fn svg(scene: &Scene) -> String {
    crate::render::drawing::svg(&scene.drawing())
}

/// A scene as PNG.
pub fn png(scene: &Scene, fonts: &Fonts) -> Result<Vec<u8>, MapError> {
    Ok(crate::render::drawing::png(&scene.drawing(), fonts)?)
}
