//! `shigu check`: a table of the collections and every finding; `--repair` writes a folder with its geometry repaired.

use super::Done;
use super::args::{CheckArgs, ReportForm};
use super::import::{copy, failed};
use crate::core::model::Lang;
use crate::data::load::{Mended, Source, load, repaired};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(args: &CheckArgs) -> Done {
    let lang: Lang = args.lang.into();
    let mut source = args.folder.clone().map_or_else(|| args.data.current(), |folder| Ok(Source::Folder(folder)))?;
    let mut mended = Vec::new();
    if let Some(out) = &args.repair {
        mended = repair(&source, out)?;
        source = Source::Folder(out.clone());
    }
    let (_, report) = load(&source, &args.data.limits());
    if args.json || args.format == ReportForm::Json {
        let mut json = serde_json::to_value(&report).map_err(|e| e.to_string())?;
        if args.repair.is_some() {
            json["repairs"] = serde_json::to_value(&mended).map_err(|e| e.to_string())?;
        }
        println!("{}", serde_json::to_string_pretty(&json).map_err(|e| e.to_string())?);
    } else {
        for one in &mended {
            println!("{} {}: {}", one.file, one.feature, one.text.get(lang));
        }
        print!("{}", report.render(lang));
    }
    Ok(if report.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Copies a folder and repairs its files; the new folder appears whole or not at all.
fn repair(source: &Source, out: &Path) -> Result<Vec<Mended>, String> {
    if out.symlink_metadata().is_ok() {
        let shown = out.display();
        return Err(format!(
            "{shown} 已存在,没有写入任何内容;请换一个名称 / {shown} exists already, nothing was written; choose another name"
        ));
    }
    let part = out.with_added_extension("part");
    let write = || -> std::io::Result<Vec<Mended>> {
        if part.exists() {
            fs::remove_dir_all(&part)?;
        }
        fs::create_dir_all(&part)?;
        copy(source, &part)?;
        let mut all = Vec::new();
        files(&part, &part, &mut all)?;
        fs::rename(&part, out)?;
        Ok(all)
    };
    write().map_err(|e| {
        // the part is worthless; that it can't be removed adds nothing to the message
        let _ = fs::remove_dir_all(&part);
        failed(out, &e)
    })
}

/// Repairs the GeoJSON files of a folder and of those in it, in the order of their names.
fn files(root: &Path, folder: &Path, all: &mut Vec<Mended>) -> std::io::Result<()> {
    let mut entries = fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(root, &path, all)?;
        } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("geojson")) {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            if let Some((bytes, mended)) = repaired(&fs::read(&path)?, &name) {
                fs::write(&path, bytes)?;
                all.extend(mended);
            }
        }
    }
    Ok(())
}
