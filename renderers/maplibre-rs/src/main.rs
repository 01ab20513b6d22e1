//! Draws with maplibre-rs: polygons as JSON on standard input, a PNG on standard output. What goes wrong is one line on
//! standard error; the status says what it was (`NO_INPUT`, `NO_DRIVER`, or 101 when maplibre-rs gave up).

mod canvas;
mod picture;
mod scene;
mod tile;

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

/// The scene can't be read.
const NO_INPUT: u8 = 2;
/// There is no graphics driver.
const NO_DRIVER: u8 = 3;
/// A scene of more bytes is none that Shigu sends.
const MOST: u64 = 256 << 20;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|what| eprintln!("maplibre-rs: {}", what.to_string().replace('\n', " "))));
    let mut text = String::new();
    let read = std::io::stdin().lock().take(MOST).read_to_string(&mut text);
    let scene = read.map_err(|e| e.to_string()).and_then(|_| scene::Scene::read(&text));
    let scene = match scene {
        Ok(scene) => scene,
        Err(why) => {
            eprintln!("no scene on standard input: {why}");
            return NO_INPUT.into();
        }
    };
    // maplibre-rs panics where it finds no driver, and hardly for another reason before it has anything to draw
    let Ok(mut canvas) = std::panic::catch_unwind(|| canvas::Canvas::new(&scene)) else {
        return NO_DRIVER.into();
    };
    let [columns, rows] = scene.blocks();
    let mut picture = picture::Picture::new(&scene);
    for block in (0..rows).flat_map(|row| (0..columns).map(move |column| [column, row])) {
        picture.put(block, &canvas.draw(&scene, block));
    }
    match picture.png().and_then(|png| std::io::stdout().lock().write_all(&png)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("no picture on standard output: {why}");
            ExitCode::FAILURE
        }
    }
}
