//! `shigu check`: a table of the collections and every finding.

use super::Done;
use super::args::CheckArgs;
use crate::data::load::{Source, load};
use std::process::ExitCode;

pub(super) fn run(args: &CheckArgs) -> Done {
    let source = args.folder.clone().map_or_else(|| args.data.current(), |folder| Ok(Source::Folder(folder)))?;
    let (_, report) = load(&source, &args.data.limits());
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report).map_err(|e| e.to_string())?);
    } else {
        print!("{}", report.render(args.lang.into()));
    }
    Ok(if report.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
