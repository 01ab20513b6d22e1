//! maplibre-rs without a window: a tile in, its pixels out.

use crate::scene::Scene;
use crate::tile;
use maplibre::context::MapContext;
use maplibre::headless::environment::HeadlessEnvironment;
use maplibre::headless::{HeadlessPlugin, create_headless_renderer, map::HeadlessMap};
use maplibre::kernel::Kernel;
use maplibre::plugin::Plugin;
use maplibre::render::graph::RenderGraph;
use maplibre::render::resource::Head;
use maplibre::render::{RenderPlugin, RenderStageLabel};
use maplibre::schedule::Schedule;
use maplibre::tcs::system::{System, SystemContainer};
use maplibre::tcs::world::World;
use maplibre::vector::{DefaultVectorTransferables, VectorPlugin};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// What maplibre-rs draws on.
pub struct Canvas {
    runtime: tokio::runtime::Runtime,
    map: HeadlessMap,
    pixels: Rc<RefCell<Vec<u8>>>,
}

impl Canvas {
    /// A square canvas for blocks of a scene. Panics, as maplibre-rs does, where there is no driver.
    pub fn new(scene: &Scene) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without threads");
        let side = scene.block * scene.samples;
        let (kernel, renderer) = runtime.block_on(create_headless_renderer(side, None));
        let pixels = Rc::new(RefCell::new(Vec::new()));
        let plugins: Vec<Box<dyn Plugin<HeadlessEnvironment>>> = vec![
            Box::new(RenderPlugin),
            Box::<VectorPlugin<DefaultVectorTransferables>>::default(),
            Box::new(HeadlessPlugin::new(false)),
            Box::new(Reader(pixels.clone())),
        ];
        let map = HeadlessMap::new(tile::style(scene), renderer, kernel, plugins);
        let map = map.unwrap_or_else(|_| unreachable!("maplibre-rs 0.0.3 makes no error here"));
        Self { runtime, map, pixels }
    }

    /// Draws a block: red, green, blue, alpha of each sample, line by line.
    pub fn draw(&mut self, scene: &Scene, block: [u32; 2]) -> Vec<u8> {
        let (bytes, names) = tile::tile(scene, block);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let layers = self.runtime.block_on(self.map.process_tile(bytes, &names));
        self.map.render_tile(layers);
        self.pixels.take()
    }
}

/// Takes the pixels away once a frame is drawn: maplibre-rs itself only writes them to a file in the current folder.
struct Reader(Rc<RefCell<Vec<u8>>>);

impl Plugin<HeadlessEnvironment> for Reader {
    fn build(&self, schedule: &mut Schedule, _: Rc<Kernel<HeadlessEnvironment>>, _: &mut World, _: &mut RenderGraph) {
        let system = SystemContainer::new(Reader(self.0.clone()));
        schedule.add_system_to_stage(RenderStageLabel::Cleanup, system);
    }
}

impl System for Reader {
    fn name(&self) -> Cow<'static, str> {
        "reader".into()
    }

    fn run(&mut self, context: &mut MapContext) {
        let surface = context.renderer.state().surface();
        let Head::Headless(head) = surface.head() else { return };
        let used = surface.size().width() as usize * 4;
        let mapped = head.map_async(context.renderer.device()).get_mapped_range();
        // lines are filled up to what the GPU can copy
        let lines = mapped.chunks_exact(head.bytes_per_row().get() as usize);
        *self.0.borrow_mut() = lines.flat_map(|line| &line[..used]).copied().collect();
        drop(mapped);
        head.unmap();
    }
}
