//! Commands: `serve`, `service-check`, `new`, `describe`, `check`, `import`, `versions`, `backup`, `accounts`, `template`, `export`, `map`, `hotspots`, `geocode`, `basemap`, `generate`, `api`.
//! The only layer that reads the environment.

mod accounts;
mod args;
mod backup;
mod basemap;
mod beside;
mod check;
mod cities;
mod configured;
mod describe;
mod desktop;
mod export;
mod folder;
mod generate;
mod geocode;
mod hotspots;
mod import;
mod installation;
mod map;
mod new;
mod programs;
mod progress;
mod serve;
mod service_check;
mod template;
mod versions;

use crate::core::query::Question;
use crate::data::intake::System;
use args::{Args, Command};
use clap::{CommandFactory as _, FromArgMatches as _};
use configured::Given;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::process::ExitCode;

/// Runs the command given on the command line.
pub fn run() -> ExitCode {
    done(std::env::args_os().collect()).unwrap_or_else(|message| {
        eprintln!("shigu: {message}");
        ExitCode::FAILURE
    })
}

fn done(words: Vec<OsString>) -> Done {
    let words = if words.len() > 1 { words } else { desktop::words(words.into_iter().next().unwrap_or_default()) };
    let given = Given::new(words)?;
    let matches = Args::command().get_matches_from(&given.words);
    match Args::from_arg_matches(&matches).unwrap_or_else(|e| e.exit()).command {
        Command::Serve(args) if args.operating.print_config => {
            write_out(None, |out| out.write_all(given.print(&matches).as_bytes()))
        }
        Command::Serve(args) => serve::run(*args),
        Command::ServiceCheck(args) => Ok(service_check::run(&args, given.file.as_deref())),
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
        Command::Hotspots(args) => hotspots::run(&args),
        Command::Geocode(args) => geocode::run(&args),
        Command::Basemap(args) => basemap::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Api { cities } => {
            let text = if cities { crate::http::openapi_of_cities() } else { crate::http::openapi() };
            write_out(None, |out| out.write_all(text.as_bytes()))
        }
    }
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
fn write_out(path: Option<&Path>, write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Done {
    let Some(path) = path.filter(|p| *p != Path::new("-")) else {
        let mut out = std::io::stdout().lock();
        return write(&mut out).map(|()| ExitCode::SUCCESS).map_err(|e| format!("标准输出写入失败 / can't write: {e}"));
    };
    write_file(path, |out| write(out)).map(|()| ExitCode::SUCCESS)
}

/// Writes a file, which appears whole or not at all.
fn write_file<T>(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>) -> Result<T, String> {
    let fail =
        |e: io::Error| format!("无法写入 {0},没有任何变化 / can't write {0}, nothing changed: {e}", path.display());
    let part = path.with_added_extension("part");
    let whole = (|| {
        let mut out = BufWriter::new(File::create(&part)?);
        let written = write(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        std::fs::rename(&part, path)?;
        Ok(written)
    })();
    if whole.is_err() {
        // the part is worthless; that it can't be removed adds nothing to the message
        let _ = std::fs::remove_file(&part);
    }
    whole.map_err(fail)
}

/// The system that `--crs` names.
fn system(words: &str) -> Result<System, String> {
    System::named(words).map_err(|refusal| format!("--crs {words}: {}", both(&refusal.message)))
}

/// The box that `--bbox` names: west, south, east, north in degrees, each end apart; west above east where it goes over the
/// antimeridian, within the degrees of the globe then.
fn bbox(text: &str) -> Result<[f64; 4], String> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[west, south, east, north])
            if south < north && (west < east || (-180.0 <= east && east < west && west <= 180.0)) =>
        {
            Ok([west, south, east, north])
        }
        _ => {
            Err(format!("--bbox {text} 应为 西,南,东,北(度) / --bbox {text} must be west,south,east,north in degrees"))
        }
    }
}

/// The register under the conditions of `--filter PROPERTY=VALUE`.
fn conditions(filters: &[String]) -> Result<Question, String> {
    filters.iter().try_fold(Question::register(), |question, filter| {
        let (property, value) = filter.split_once('=').ok_or(format!("--filter {filter}: PROPERTY=VALUE"))?;
        Ok(question.having(property, value))
    })
}
