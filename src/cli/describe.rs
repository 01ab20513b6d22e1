//! `shigu describe`: what a dataset folder holds, in plain words.

use super::Done;
use super::args::{DescribeArgs, ReportForm};
use crate::core::model::Lang;
use crate::data::describe::describe;
use crate::data::load::{Source, load};
use std::process::ExitCode;

pub(super) fn run(args: &DescribeArgs) -> Done {
    let lang: Lang = args.lang.into();
    let source = args.folder.clone().map_or_else(|| args.data.current(), |folder| Ok(Source::Folder(folder)))?;
    let (dataset, findings) = load(&source, &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(lang)) };
    let said = describe(&dataset);
    match args.format {
        ReportForm::Json => println!("{}", serde_json::to_string_pretty(&said).map_err(|e| e.to_string())?),
        ReportForm::Text => print!("{}", said.render(lang)),
    }
    Ok(ExitCode::SUCCESS)
}
