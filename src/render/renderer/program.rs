//! Runs the renderer once per picture: scene in, PNG out.

use crate::core::cancel;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// No picture of the allowed size is larger, in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// So much of what the program complains about is kept.
const MOST_WORDS: u64 = 4 << 10;
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
        let mut command = Command::new(&self.path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = Running(command.spawn().map_err(|e| RendererError::Missing(e.to_string()))?);
        let child = &mut running.0;
        if let Some(mut input) = child.stdin.take() {
            // a program that reads no more has a reason, which its end tells
            thread::spawn(move || input.write_all(&scene));
        }
        let picture = bytes(child.stdout.take(), MOST_BYTES);
        let words = bytes(child.stderr.take(), MOST_WORDS);
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
        let words = words.recv_timeout(Duration::from_millis(500)).unwrap_or_default();
        let words = String::from_utf8_lossy(&words).trim().replace('\n', " ");
        match running.ended() {
            Some(status) if status.success() => Err(RendererError::Garbage(size[0], size[1])),
            Some(status) if status.code() == Some(NO_DRIVER) => Err(RendererError::NoDriver),
            Some(status) => Err(RendererError::Failed(status.to_string(), words)),
            None => Err(RendererError::Garbage(size[0], size[1])),
        }
    }
}

/// A child that doesn't outlive its picture.
struct Running(Child);

impl Running {
    /// How it ended, if it does so soon.
    fn ended(&mut self) -> Option<ExitStatus> {
        for _ in 0..50 {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What comes out of a pipe until it's closed, at most so many bytes; what comes after them is let go.
fn bytes(pipe: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut out = Vec::new();
        let Some(mut pipe) = pipe else { return };
        if pipe.by_ref().take(most).read_to_end(&mut out).is_ok() {
            // nobody waits any more when time is up
            let _ = sender.send(out);
            let _ = std::io::copy(&mut pipe, &mut std::io::sink());
        }
    });
    receiver
}

/// Whether bytes are a whole PNG of a size.
fn is_png(bytes: &[u8], [width, height]: [u32; 2]) -> bool {
    let head = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes()].concat();
    bytes.starts_with(&head) && bytes.ends_with(b"\0\0\0\0IEND\xAE\x42\x60\x82")
}
