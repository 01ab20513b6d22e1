//! `shigu export --folder`: a version of the data folder as a dataset folder of its own, what was edited as GeoJSON.

use super::args::ExportArgs;
use super::import::{failed, new_folder};
use super::{Done, both, write_file};
use crate::core::model::Lang;
use crate::data::features;
use crate::data::load::{MANIFEST, Source, VERSION, load, manifest_text};
use crate::service::store::version_source;
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(args: &ExportArgs, out: &Path) -> Done {
    let (limits, lang): (_, Lang) = (args.data.limits(), args.lang.into());
    let source = match args.version.zip(args.data.folder()?) {
        Some((number, data)) => version_source(&data, &args.data.source(), number).map_err(|e| both(&e.text()))?,
        None => args.data.current()?,
    };
    new_folder(&source, out, &limits, lang, |part| match &source {
        Source::Version { base, .. } => held(args, &source, base, part),
        _ => Ok(()),
    })?;
    eprintln!("{}", out.display());
    Ok(ExitCode::SUCCESS)
}

/// Writes the collections that a version holds into a copy of the dataset folder.
fn held(args: &ExportArgs, source: &Source, base: &Source, part: &Path) -> Result<(), String> {
    let limits = args.data.limits();
    let (dataset, findings) = load(source, &limits);
    let dataset = dataset.ok_or_else(|| findings.render(args.lang.into()))?;
    let read = |source: &Source| {
        let text = manifest_text(source, &limits)?;
        serde_json::from_str::<Json>(&text).ok()
    };
    // a source that has just been loaded as a version has both
    let (own, mut manifest) = read(base).zip(read(source)).ok_or(MANIFEST)?;
    let none = Vec::new();
    let before = own["collections"].as_array().unwrap_or(&none);
    let collections = manifest["collections"].as_array_mut().into_iter().flatten();
    for ((place, described), (spec, table)) in collections.enumerate().zip(dataset.collections()) {
        if !spec.file.starts_with(VERSION) {
            continue;
        }
        let was = before.get(place).and_then(|c| c["file"].as_str()).unwrap_or_default();
        let alone = before.iter().filter(|c| c["file"] == was).count() == 1;
        let file = match was {
            name if alone && name.to_ascii_lowercase().ends_with(".geojson") => name.to_owned(),
            _ => format!("{}.geojson", spec.id),
        };
        let path = part.join(&file);
        write_file(&path, |to| features::write(to, spec, table))?;
        if alone && was != file {
            // nothing refers to it any longer
            let old = part.join(was);
            fs::remove_file(&old).map_err(|e| failed(&old, &e))?;
        }
        described["file"] = Json::String(file);
        // what is written has longitude and latitude
        described.as_object_mut().map(|described| described.remove("crs"));
    }
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| e.to_string())?;
    fs::write(part.join(MANIFEST), text + "\n").map_err(|e| failed(part, &e))
}
