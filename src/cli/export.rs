//! `shigu export`: does without a server what the page's button does.

use super::args::{ExportArgs, FormatArg};
use super::{Done, write_out};
use crate::load::load;
use crate::query::{Disclosure, Query};
use crate::report::{Format, Report};
use crate::snapshot::Snapshot;
use std::path::PathBuf;

pub(super) fn run(args: &ExportArgs) -> Done {
    let (dataset, findings) = load(&args.data.source(), &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(args.lang.into())) };
    let snapshot = Snapshot::new(dataset);
    let format = match args.format {
        FormatArg::Xlsx => Format::Xlsx,
        FormatArg::Csv => Format::Csv,
        FormatArg::Geojson => Format::Geojson,
    };
    let report = report(args, &snapshot).map_err(|e| e.to_string())?;
    let bytes = report.render(format).map_err(|e| e.to_string())?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(report.file_name(format)));
    let done = write_out(Some(&out), |w| w.write_all(&bytes))?;
    eprintln!("{}", out.display());
    Ok(done)
}

fn report<'a>(args: &ExportArgs, snapshot: &'a Snapshot) -> Result<Report<'a>, Box<dyn std::error::Error>> {
    let conditions: Vec<(&str, &str)> = args
        .filters
        .iter()
        .map(|f| f.split_once('=').ok_or(format!("--filter {f}: PROPERTY=VALUE")))
        .collect::<Result<_, _>>()?;
    // the owner of the files reads them anyway
    let mut query = Query::register(snapshot, Disclosure::Full)?
        .with_filter(snapshot, conditions)?
        .in_zone(snapshot, &args.zone)?;
    if let Some(year) = args.year {
        query = query.with_year(snapshot, year)?;
    }
    Ok(Report::new(snapshot, &query, args.lang.into(), None)?)
}
