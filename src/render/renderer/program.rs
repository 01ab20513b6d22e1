//! Runs the renderer once per picture: scene in, PNG out.

use crate::core::cancel;
use crate::render::child::{Child, bytes};
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// No picture of the allowed size is larger, in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// How the program says that there is no graphics driver.
const NO_DRIVER: i32 = 3;
/// It is given this long for a picture: a request is given up after 30 s.
const PATIENCE: Duration = Duration::from_secs(25);
/// How often it is looked whether the picture is still wanted.
const LOOK: Duration = Duration::from_millis(50);

/// A renderer that is installed.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    patience: Duration,
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RendererError {
    /// It can't be started; the system's words.
    #[error("it can't be started: {0}")]
    Missing(String),
    /// It found no graphics driver.
    #[error("it found no graphics driver")]
    NoDriver,
    /// It gave up; how, and its words.
    #[error("it gave up ({0}): {1}")]
    Failed(String, String),
    /// It took too long and was ended.
    #[error("it took more than {} ms and was ended", .0.as_millis())]
    TooLong(Duration),
    /// What it wrote is no picture of the size that was requested.
    #[error("what it wrote is no PNG of {0} x {1} pixels")]
    Garbage(u32, u32),
}

impl Program {
    /// The program at a path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), patience: PATIENCE }
    }

    /// The same, given another time for a picture.
    #[must_use]
    pub fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Has a scene drawn. Waits for the program's end, or ends it.
    pub fn draw(&self, scene: Vec<u8>, size: [u32; 2]) -> Result<Vec<u8>, RendererError> {
        let (mut child, output) = Child::start(&self.path, scene).map_err(|e| RendererError::Missing(e.to_string()))?;
        let picture = bytes(output, MOST_BYTES);
        // both pipes are closed when it ends; one that closes them and goes on is ended when there is a picture
        let mut left = self.patience;
        let picture = loop {
            // when nobody waits for the picture any more, the program is ended with it
            cancel::check();
            let now = left.min(LOOK);
            match picture.recv_timeout(now) {
                Ok(picture) => break picture,
                Err(RecvTimeoutError::Disconnected) => return Err(RendererError::Garbage(size[0], size[1])),
                Err(RecvTimeoutError::Timeout) if left > now => left -= now,
                Err(RecvTimeoutError::Timeout) => return Err(RendererError::TooLong(self.patience)),
            }
        };
        if is_png(&picture, size) {
            return Ok(picture);
        }
        let words = child.words();
        match child.ended() {
            Some(status) if status.success() => Err(RendererError::Garbage(size[0], size[1])),
            Some(status) if status.code() == Some(NO_DRIVER) => Err(RendererError::NoDriver),
            Some(status) => Err(RendererError::Failed(status.to_string(), words)),
            None => Err(RendererError::Garbage(size[0], size[1])),
        }
    }
}

/// Whether bytes are a whole PNG of a size.
fn is_png(bytes: &[u8], [width, height]: [u32; 2]) -> bool {
    let head = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes()].concat();
    bytes.starts_with(&head) && bytes.ends_with(b"\0\0\0\0IEND\xAE\x42\x60\x82")
}
