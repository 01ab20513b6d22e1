//! Answers one question over the rows of many cities with DataFusion: JSON on standard input, JSON lines on standard output
//! (how far it is, the groups, the end or an error). What may be asked, by whom and what leaves is decided by Shigu: this program
//! is given the columns that it may read, and reads no others.

mod filter;
#[path = "../../../src/service/cities/questions/protocol.rs"]
mod protocol;
mod run;

use protocol::{EngineQuestion, Line};
use std::io::{Read, Write};
use std::process::ExitCode;

/// A question is no longer than this, in bytes.
const MOST: u64 = 64 << 20;

fn main() -> ExitCode {
    match answered() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&Line::Error(error));
            ExitCode::FAILURE
        }
    }
}

fn answered() -> Result<(), String> {
    let mut text = Vec::new();
    std::io::stdin().take(MOST).read_to_end(&mut text).map_err(|e| e.to_string())?;
    let question: EngineQuestion = serde_json::from_slice(&text).map_err(|e| e.to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(question.threads.max(1))
        .enable_time()
        .build()
        .map_err(|e| e.to_string())?;
    runtime.block_on(run::answer(&question, &say)).map_err(|e| e.to_string())
}

/// Writes a line. Nobody reads any more where that fails: the question was given up.
fn say(line: &Line) {
    let mut out = std::io::stdout().lock();
    let written = serde_json::to_writer(&mut out, line).map_err(std::io::Error::from);
    if written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).is_err() {
        std::process::exit(2);
    }
}
