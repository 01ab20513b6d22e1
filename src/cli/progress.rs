//! How far a command has come: a bar on a terminal, a line for each file elsewhere.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Characters of the bar.
const BAR: usize = 30;

/// Steps done of all steps.
pub(super) struct Progress {
    steps: usize,
    done: AtomicUsize,
    terminal: bool,
}

impl Progress {
    pub(super) fn new(steps: usize) -> Self {
        let progress = Self { steps, done: AtomicUsize::new(0), terminal: std::io::stderr().is_terminal() };
        progress.draw("");
        progress
    }

    /// A file is there, whole.
    pub(super) fn wrote(&self, path: &Path) {
        if self.terminal {
            self.draw(&path.file_name().unwrap_or_default().to_string_lossy());
        } else {
            eprintln!("{}", path.display());
        }
    }

    /// A step is done.
    pub(super) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.draw("");
    }

    /// Leaves the line.
    pub(super) fn end(&self) {
        if self.terminal {
            eprintln!();
        }
    }

    fn draw(&self, what: &str) {
        if !self.terminal || self.steps == 0 {
            return;
        }
        let done = self.done.load(Ordering::Relaxed);
        let full = done * BAR / self.steps;
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR - full));
        let mut err = std::io::stderr().lock();
        // a terminal that can't be written to shows nothing anyway
        let _ = write!(err, "\r\x1b[K{bar} {done}/{} {what}", self.steps).and_then(|()| err.flush());
    }
}
