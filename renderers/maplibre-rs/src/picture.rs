//! Samples of blocks -> PNG.

use crate::scene::Scene;

/// A picture that is put together from blocks.
pub struct Picture<'a> {
    scene: &'a Scene,
    rgb: Vec<u8>,
}

impl<'a> Picture<'a> {
    /// Nothing yet.
    pub fn new(scene: &'a Scene) -> Self {
        Self { scene, rgb: vec![0; scene.width as usize * scene.height as usize * 3] }
    }

    /// Puts a block in: each pixel is the mean of its samples, which come as red, green, blue, alpha, line by line.
    pub fn put(&mut self, [column, row]: [u32; 2], samples: &[u8]) {
        let [n, block] = [self.scene.samples, self.scene.block].map(|v| v as usize);
        let [width, height] = [self.scene.width, self.scene.height].map(|v| v as usize);
        let (left, top) = (column as usize * block, row as usize * block);
        let line = block * n * 4;
        let count = (n * n) as u32;
        for y in 0..block.min(height - top) {
            for x in 0..block.min(width - left) {
                let at = ((top + y) * width + left + x) * 3;
                for channel in 0..3 {
                    let first = y * n * line + x * n * 4 + channel;
                    let sum: u32 = (0..n * n).map(|i| u32::from(samples[first + i / n * line + i % n * 4])).sum();
                    self.rgb[at + channel] = ((sum + count / 2) / count) as u8;
                }
            }
        }
    }

    /// The file.
    pub fn png(&self) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.scene.width, self.scene.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgb)?;
        writer.finish()?;
        Ok(out)
    }
}
