//! A program of its own that works out one answer: it gets its input, and does not outlive whoever waits for it. What it does wrong stays in its
//! process.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// So much of what the program complains about is kept.
const MOST_WORDS: u64 = 4 << 10;

/// A program that runs, until this is dropped.
#[derive(Debug)]
pub struct Child {
    process: process::Child,
    words: Receiver<Vec<u8>>,
}

impl Child {
    /// Starts the program at a path and gives it its input; with it what it writes.
    pub fn start(path: &Path, input: Vec<u8>) -> io::Result<(Self, Option<impl Read + Send + 'static>)> {
        let mut command = Command::new(path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn()?;
        if let Some(mut pipe) = process.stdin.take() {
            // a program that reads no more has a reason, which its end tells
            thread::spawn(move || pipe.write_all(&input));
        }
        let (output, words) = (process.stdout.take(), bytes(process.stderr.take(), MOST_WORDS));
        Ok((Self { process, words }, output))
    }

    /// What it complained about, as one line: the beginning, once it has ended.
    pub fn words(&self) -> String {
        let words = self.words.recv_timeout(Duration::from_millis(500)).unwrap_or_default();
        String::from_utf8_lossy(&words).trim().replace('\n', " ")
    }

    /// How it ended, if it does so soon.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        for _ in 0..50 {
            if let Ok(Some(status)) = self.process.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What comes out of a pipe until it's closed, at most so many bytes; what comes after them is let go.
pub(super) fn bytes(pipe: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut out = Vec::new();
        let Some(mut pipe) = pipe else { return };
        if pipe.by_ref().take(most).read_to_end(&mut out).is_ok() {
            // nobody waits any more when time is up
            let _ = sender.send(out);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
    });
    receiver
}
