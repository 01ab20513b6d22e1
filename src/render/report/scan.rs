//! An address as a picture for cameras (ISO/IEC 18004).

use crate::render::drawing::{Drawing, Group, Item, Look};
use qrcode::{Color, EcLevel, QrCode};
use std::borrow::Cow;

/// Longer addresses would make a picture finer than a printed page shows.
const LONGEST: usize = 400;
/// As wide as the type area, so that documents show the code some 32 mm wide.
const WIDTH: f64 = 720.0;
const SIDE: f64 = 148.0;
/// Modules of white around it, as the standard wants.
const QUIET: usize = 4;

/// The picture; `None` where the address is too long for one.
pub(super) fn drawing(address: &str, title: &str) -> Option<Drawing<'static>> {
    let code = Some(address).filter(|a| a.len() <= LONGEST);
    let code = QrCode::with_error_correction_level(code?, EcLevel::M).ok()?;
    let (colors, n) = (code.to_colors(), code.width());
    let module = SIDE / (n + 2 * QUIET) as f64;
    let at = |modules: usize, from: f64| ((from + (modules + QUIET) as f64 * module) * 10.0).round() as i32;
    let (left, top) = ((WIDTH - SIDE) / 2.0, 0.0);
    let mut parts = Vec::new();
    for (y, row) in colors.chunks(n).enumerate() {
        let mut x = 0;
        while x < n {
            let run = row[x..].iter().take_while(|c| **c == Color::Dark).count();
            if run > 0 {
                let (west, east, north, south) = (at(x, left), at(x + run, left), at(y, top), at(y + 1, top));
                parts.push(vec![(west, north), (east, north), (east, south), (west, south)]);
            }
            x += run.max(1);
        }
    }
    let dark = Item::Path { parts, closed: true, look: Look::filled("#000000", 1.0) };
    Some(Drawing {
        size: [WIDTH, SIDE],
        ratio: 1.0,
        title: Cow::Owned(title.to_owned()),
        ground: Some(Cow::Borrowed("#FFFFFF")),
        clip: [0.0, 0.0, WIDTH, SIDE],
        groups: Cow::Owned(vec![Group { id: "scan".to_owned(), clipped: false, items: vec![dark] }]),
    })
}
