//! `shigu export`: does without a server what the page's button does, for one zone or for many;
//! or writes the dataset as a folder.

use super::args::ExportArgs;
use super::map::{faces, said};
use super::progress::Progress;
use super::{Done, conditions, write_out};
use crate::core::query::{Bound, Disclosure, Embedded, Engine};
use crate::data::load::load;
use crate::render::drawing::Fonts;
use crate::render::map::MapError;
use crate::render::report::{Format, Origin, ReportError};
use crate::service::batch::{Names, ReportBundle, ReportBundleError, districts, each_format, of_kind};
use crate::service::clock;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// So many zones at once at most: each paints pictures of some 10 MB and holds a font.
const WORKERS: usize = 4;

pub(super) fn run(args: &ExportArgs) -> Done {
    if let Some(out) = &args.folder {
        return super::folder::run(args, out);
    }
    let (dataset, findings) = load(&args.data.current()?, &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(args.lang.into())) };
    let engine = Embedded::from(args.of.snapshot(dataset)?);
    let formats = args.formats.clone();
    let about = engine.describe();
    let zones = match &args.kind {
        Some(kind) => of_kind(about, kind).ok_or_else(|| {
            let known = about.zone_kinds.iter().map(|k| k.id.as_str()).collect::<Vec<_>>().join(", ");
            format!("没有区域类别 {kind},现有:{known} / no zones of the kind {kind}; known: {known}")
        })?,
        None if args.all_districts => districts(about),
        None => args.zone.clone(),
    };
    if zones.is_empty() {
        return Err("这一类没有区域,未写文件 / there are no such zones: nothing was written".into());
    }
    // what is wrong with the question shows before the first file is written
    let queries = zones.iter().map(|z| query(args, &engine, z)).collect::<Result<Vec<_>, _>>();
    let queries = queries.map_err(|e| e.to_string())?;
    let fonts = if formats.iter().any(|f| f.has_map()) { faces(args.font.as_deref())? } else { Fonts::default() };
    let job = Job { args, formats: &formats, fonts: &fonts };
    let single = queries.len() == 1 && formats.len() == 1;
    let folder = args.out.as_deref().filter(|out| !single || out.is_dir());
    if let Some(out) = folder.filter(|_| !single) {
        std::fs::create_dir_all(out).map_err(|e| format!("无法建立文件夹 / can't create {}: {e}", out.display()))?;
    }
    match (&queries[..], single && folder.is_none()) {
        ([query], true) => {
            let (name, bytes) = job.files(query)?.remove(0);
            let out = args.out.clone().unwrap_or(name.into());
            let done = write_out(Some(&out), |w| w.write_all(&bytes))?;
            eprintln!("{}", out.display());
            Ok(done)
        }
        _ => job.all(&queries, folder.unwrap_or(Path::new("."))),
    }
}

fn query(args: &ExportArgs, engine: &dyn Engine, zone: &str) -> Result<Bound, Box<dyn std::error::Error>> {
    let question = conditions(&args.filters)?.in_zone(zone).in_period(args.period).by_classes(args.classes.spec());
    // the owner of the files reads them anyway
    Ok(engine.bind(&question, Disclosure::Full)?)
}

/// What is to be made.
struct Job<'a> {
    args: &'a ExportArgs,
    formats: &'a [Format],
    fonts: &'a Fonts,
}

impl Job<'_> {
    /// The files of a question: their names and bytes.
    fn files(&self, query: &Bound) -> Result<Vec<(String, Vec<u8>)>, String> {
        let bundle = ReportBundle::new(query, self.args.lang.into(), Self::origin(query));
        let bundle = bundle.map_err(|e| e.to_string())?;
        let file = |format: Format| match bundle.bytes(format, self.fonts) {
            Ok(bytes) => Ok((bundle.report().file_name(format), bytes)),
            Err(ReportBundleError::Report(ReportError::Paint(e))) => Err(said(&MapError::from(e))),
            Err(ReportBundleError::Map(e)) => Err(said(&e)),
            Err(ReportBundleError::Report(e)) => Err(e.to_string()),
        };
        let mut files = Vec::new();
        each_format(self.formats, file, |_, file| {
            files.push(file);
            Ok(())
        })?;
        Ok(files)
    }

    fn origin(query: &Bound) -> Origin {
        let day = clock::today(&query.describe().manifest.time_zone());
        Origin { day: Some(day), ..Origin::default() }
    }

    /// All files of all questions, on several cores. Each appears whole or not at all; the first failure ends it.
    fn all(&self, queries: &[Bound], folder: &Path) -> Done {
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(WORKERS).min(queries.len());
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
        let progress = Progress::new(queries.len());
        let names = Mutex::new(Names::default());
        let one = |query: &Bound| -> Result<(), String> {
            for (name, bytes) in self.files(query)? {
                let name = names.lock().unwrap_or_else(PoisonError::into_inner).apart(name);
                let path = folder.join(name);
                write_out(Some(&path), |w| w.write_all(&bytes))?;
                progress.wrote(&path);
            }
            progress.step();
            Ok(())
        };
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(query) = queries.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let Err(e) = one(query) else { continue };
                        next.store(queries.len(), Ordering::Relaxed);
                        failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
                    }
                });
            }
        });
        progress.end();
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(e) => Err(e),
            None => Ok(ExitCode::SUCCESS),
        }
    }
}
