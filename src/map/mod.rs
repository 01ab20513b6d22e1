//! What the map looks like, and the map as a picture. `table` says how each role is drawn, once; read on in this order:
//! `style` (the table for MapLibre), `qgis` (for QGIS), `ask` and `frame` (what is asked), `sheet` (puts a picture together from `draw`
//! and `land`, `labels`, `legend`, `layout`, `furniture`, `heading`), `scene` (what comes out), `svg` and `png` (its writers),
//! `polygons` (the same for a renderer that knows nothing but opaque polygons; `outline` and `mixing` make them).

mod ask;
mod classes;
mod crowd;
mod draw;
mod fonts;
mod frame;
mod furniture;
mod heading;
mod labels;
mod land;
mod layout;
mod legend;
mod mixing;
mod outline;
mod palette;
mod png;
mod polygons;
mod qgis;
mod scene;
mod shapes;
mod sheet;
mod style;
mod svg;
mod symbols;
mod table;
mod words;

pub use ask::{Ask, Ground, TooLarge};
pub use fonts::Fonts;
pub use frame::{Crs, Frame};
pub use palette::Theme;
pub use png::png;
pub use polygons::polygons;
pub use qgis::qgis;
pub use scene::{Anchor, Group, Item, Line, Look, Rect, Scene, Stroke};
pub use sheet::MapError;
pub use style::style;
pub use svg::svg;
