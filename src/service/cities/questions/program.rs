//! An engine that is a program of its own (`engines/datafusion`): a question in, lines out, ended when nobody waits for it any more. What it
//! does wrong stays in its process, and what it says is believed where it can be an answer only.

use super::protocol::{EngineGroup, EngineQuestion, Line};
use crate::core::cancel;
use crate::render::child::Child;
use crate::service::clock;
use std::fmt::Debug;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How often it is looked whether the answer is still wanted.
const LOOK: Duration = Duration::from_millis(50);
/// It is given this long for an answer.
const PATIENCE: Duration = Duration::from_mins(10);
/// Bytes of a line at most.
const LONGEST_LINE: u64 = 64 << 10;
/// Lines that wait to be read.
const LINES: usize = 64;

/// What answers questions over the rows of all cities.
pub trait NationalEngine: Debug + Send + Sync {
    /// Answers a question; it says how many rows it has read. It ends soon after the work that it is part of is cancelled
    /// (`core::cancel`), and leaves nothing behind.
    fn answer(&self, question: &EngineQuestion, read: &dyn Fn(u64)) -> Result<Vec<EngineGroup>, EngineError>;
}

/// Why an engine has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// It can't be started; the system's words.
    #[error("it can't be started: {0}")]
    Missing(String),
    /// It says why not.
    #[error("it says: {0}")]
    Said(String),
    /// It ended without an answer; how, and its words.
    #[error("it ended without an answer ({0}): {1}")]
    Ended(String, String),
    /// It took too long and was ended.
    #[error("it took more than {} s and was ended", .0.as_secs())]
    TooLong(Duration),
    /// What it wrote is no answer.
    #[error("what it wrote is no answer: {0}")]
    Nonsense(String),
}

/// An engine that is installed.
#[derive(Clone, Debug)]
pub struct EngineProgram {
    path: PathBuf,
    patience: Duration,
}

impl EngineProgram {
    /// The program at a path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), patience: PATIENCE }
    }

    /// The same, given another time for an answer.
    #[must_use]
    pub fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl NationalEngine for EngineProgram {
    fn answer(&self, question: &EngineQuestion, read: &dyn Fn(u64)) -> Result<Vec<EngineGroup>, EngineError> {
        let asked = serde_json::to_vec(question).map_err(|e| EngineError::Nonsense(e.to_string()))?;
        let (mut child, output) = Child::start(&self.path, asked).map_err(|e| EngineError::Missing(e.to_string()))?;
        let lines = lines(output);
        let (mut groups, began) = (Vec::new(), clock::running());
        loop {
            // when nobody waits for the answer any more, the program is ended with it
            cancel::check();
            if clock::running().saturating_sub(began) > self.patience {
                return Err(EngineError::TooLong(self.patience));
            }
            let line = match lines.recv_timeout(LOOK) {
                Ok(line) => line?,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Err(ended(&mut child)),
            };
            match line {
                Line::Progress(rows) => read(rows),
                Line::Group(group) if groups.len() < question.limit => groups.push(group),
                Line::Group(_) => return Err(EngineError::Nonsense("more groups than were asked for".to_owned())),
                Line::Done(number) if number == groups.len() => return Ok(groups),
                Line::Done(number) => {
                    return Err(EngineError::Nonsense(format!("{number} groups, of which {} came", groups.len())));
                }
                Line::Error(why) => return Err(EngineError::Said(why)),
            }
        }
    }
}

/// How it ended that has closed its output.
fn ended(child: &mut Child) -> EngineError {
    let words = child.words();
    let status = child.ended().map_or_else(|| "it goes on".to_owned(), |status| status.to_string());
    EngineError::Ended(status, words)
}

/// The lines that come out of a pipe until it is closed, or until one is none of an answer.
fn lines(pipe: Option<impl Read + Send + 'static>) -> Receiver<Result<Line, EngineError>> {
    let (sender, receiver) = sync_channel(LINES);
    thread::spawn(move || pipe.map(|pipe| pass_on(pipe, &sender)));
    receiver
}

fn pass_on(pipe: impl Read, sender: &SyncSender<Result<Line, EngineError>>) {
    let mut pipe = BufReader::new(pipe);
    loop {
        let mut line = Vec::new();
        match pipe.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let read = serde_json::from_slice::<Line>(&line).map_err(|e| EngineError::Nonsense(e.to_string()));
        let ends = read.is_err();
        // nobody waits any more when time is up
        if sender.send(read).is_err() || ends {
            return;
        }
    }
}
