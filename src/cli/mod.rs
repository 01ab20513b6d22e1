//! Commands: `serve`, `new`, `describe`, `check`, `import`, `versions`, `backup`, `accounts`, `template`, `export`, `map`, `basemap`, `generate`, `api`.
//! The only layer that reads the environment.

mod accounts;
mod args;
mod backup;
mod basemap;
mod check;
mod describe;
mod export;
mod generate;
mod import;
mod map;
mod new;
mod programs;
mod progress;
mod serve;
mod template;
mod versions;

use crate::core::query::Question;
use args::{Args, Command};
use clap::Parser;
use std::process::ExitCode;

/// Runs the command given on the command line.
pub fn run() -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        Command::Serve(args) => serve::run(*args),
        Command::New(args) => new::run(&args),
        Command::Describe(args) => describe::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Versions(args) => versions::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Accounts(args) => accounts::run(&args),
        Command::Template(args) => template::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Map(args) => map::run(&args),
        Command::Basemap(args) => basemap::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Api => write_out(None, |out| out.write_all(crate::http::openapi().as_bytes())),
    };
    done.unwrap_or_else(|message| {
        eprintln!("shigu: {message}");
        ExitCode::FAILURE
    })
}

/// How a command ends; the message goes to the terminal.
type Done = Result<ExitCode, String>;

/// A message in both languages.
fn both(text: &crate::core::model::Text) -> String {
    format!("{}\n       {}", text.zh, text.en)
}

/// Who runs the command, as versions name them.
fn actor() -> String {
    std::env::var("USER").ok().filter(|u| !u.is_empty()).unwrap_or_else(|| "owner".to_owned())
}

/// Writes to a file, or to standard output without one (or with `-`). A file appears whole or not at all.
fn write_out(
    path: Option<&std::path::Path>,
    write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
) -> Done {
    let Some(path) = path.filter(|p| *p != std::path::Path::new("-")) else {
        let mut out = std::io::stdout().lock();
        return write(&mut out).map(|()| ExitCode::SUCCESS).map_err(|e| format!("标准输出写入失败 / can't write: {e}"));
    };
    let fail = |e: std::io::Error| {
        format!("无法写入 {0},没有任何变化 / can't write {0}, nothing changed: {e}", path.display())
    };
    let part = path.with_added_extension("part");
    let whole = (|| {
        let mut out = std::io::BufWriter::new(std::fs::File::create(&part)?);
        write(&mut out)?;
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&part, path)
    })();
    if whole.is_err() {
        // the part is worthless; that it can't be removed adds nothing to the message
        let _ = std::fs::remove_file(&part);
    }
    whole.map(|()| ExitCode::SUCCESS).map_err(fail)
}

/// The register under the conditions of `--filter PROPERTY=VALUE`.
fn conditions(filters: &[String]) -> Result<Question, String> {
    filters.iter().try_fold(Question::register(), |question, filter| {
        let (property, value) = filter.split_once('=').ok_or(format!("--filter {filter}: PROPERTY=VALUE"))?;
        Ok(question.having(property, value))
    })
}
