//! `shigu import`: what the page's import does, without a server; the new register goes to a folder of its own.

use super::args::{AbsentArg, ImportArgs};
use super::{Done, actor, both, write_out};
use crate::core::model::{Lang, Text};
use crate::data::intake::{Absent, Ground, Import, Options, Outcome, Refusal, fold, of_table, read, sheet};
use crate::data::load::{Limits, MANIFEST, Severity, Source, built_in, load, manifest_text};
use crate::service::clock;
use crate::service::store::{Base, Provenance, Store};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Rows with errors were left out.
pub(super) const LEFT_OUT: u8 = 3;

pub(super) fn run(args: &ImportArgs) -> Done {
    let lang: Lang = args.lang.into();
    let options = options(args)?;
    let target = Target::of(args)?;
    let source = args.data.current()?;
    let (dataset, findings) = load(&source, &args.data.limits());
    let Some(dataset) = dataset else { return Err(findings.render(lang)) };
    let refused = |refusal: Refusal| say(&refusal, args);
    let dataset = match of_table(dataset, args.of.table.as_deref()) {
        Ok(dataset) => dataset,
        Err(refusal) => return refused(refusal),
    };
    let shown = args.file.display();
    let file = fs::File::open(&args.file).map_err(|e| format!("打不开 {shown} / can't open {shown}: {e}"))?;
    let table = match read(
        io::BufReader::with_capacity(1 << 16, file),
        &dataset,
        args.sheet.as_deref(),
        &sheet::Limits::default(),
    ) {
        Ok(table) => table,
        Err(refusal) => return refused(refusal),
    };
    let table = match fold(table, &dataset, options.fold_periods) {
        Ok(table) => table,
        Err(refusal) => return refused(refusal),
    };
    let ground = Ground::of(&dataset);
    let import = match Import::prepare(&table, &dataset, &ground, options) {
        Ok(import) => import,
        Err(refusal) => return refused(refusal),
    };
    let outcome = import.check();
    print(&outcome, args)?;
    if let Some(path) = &args.faults {
        match import.faults(lang) {
            Ok(Some(bytes)) => _ = write_out(Some(path), |out| out.write_all(&bytes))?,
            Ok(None) => {
                eprintln!("{}", text(lang, "没有问题行,未写出问题表", "no rows to mend; no workbook was written"));
            }
            Err(refusal) => return refused(refusal),
        }
    }
    if !args.dry_run {
        // the report stands already
        if let Some(refusal) = import.undecided() {
            return Err(refusal.render(lang));
        }
        target.write(&import, &source, args, outcome.counts.problem)?;
    }
    let left_out = outcome.worst() == Some(Severity::Error);
    Ok(if left_out { ExitCode::from(LEFT_OUT) } else { ExitCode::SUCCESS })
}

/// What becomes of the new register.
enum Target<'a> {
    /// Nothing, or a folder or file of its own.
    Output(Option<&'a Path>),
    /// A version in the data folder.
    Version(Box<Store>, Base),
}

impl<'a> Target<'a> {
    fn of(args: &'a ImportArgs) -> Result<Self, String> {
        let Some(folder) = args.data.folder()?.filter(|_| args.out.is_none() && !args.dry_run) else {
            return Ok(Self::Output(args.out.as_deref()));
        };
        let opened = Store::open_in(&folder, args.keep_versions, args.data.source(), args.data.limits());
        let (store, _) = opened.map_err(|e| both(&e.text()))?;
        let base = store.base();
        Ok(Self::Version(Box::new(store), base))
    }

    fn write(&self, import: &Import, source: &Source, args: &ImportArgs, left_out: usize) -> Result<(), String> {
        let lang = args.lang.into();
        match self {
            Self::Output(None) => Ok(()),
            Self::Output(Some(out)) => write(import, source, out, &args.data.limits(), lang),
            Self::Version(store, base) => {
                let file = args.file.file_name().map(|n| n.to_string_lossy().into_owned());
                let file_sha256 = Some(digest(&args.file).map_err(|e| failed(&args.file, &e))?);
                let (actor, note) = (actor(), args.note.clone());
                let from = Provenance {
                    actor,
                    file,
                    file_sha256,
                    note,
                    now: clock::seconds(),
                    left_out,
                    ..Provenance::default()
                };
                let made = store.commit(base, import, &from).map_err(|e| e.text().get(lang).to_owned())?;
                let number = made.number;
                eprintln!(
                    "{}",
                    text(lang, &format!("已提交为版本 v{number}"), &format!("committed as version {number}"))
                );
                Ok(())
            }
        }
    }
}

/// SHA-256 of a file.
fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut buffer, mut hash) = (fs::File::open(path)?, vec![0; 1 << 16], Sha256::new());
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            let nibbles = hash.finalize().into_iter().flat_map(|b| [b >> 4, b & 15]);
            return Ok(nibbles.filter_map(|n| char::from_digit(u32::from(n), 16)).collect());
        }
        hash.update(buffer.get(..n).unwrap_or_default());
    }
}

fn text<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// A refusal ends the command; as JSON it is still a report.
fn say(refusal: &Refusal, args: &ImportArgs) -> Done {
    if args.json {
        println!("{}", serde_json::json!({ "refused": refusal }));
        return Ok(ExitCode::FAILURE);
    }
    Err(refusal.render(args.lang.into()))
}

fn print(outcome: &Outcome, args: &ImportArgs) -> Result<(), String> {
    let report = if args.json {
        serde_json::to_string_pretty(outcome).map_err(|e| e.to_string())?
    } else {
        outcome.render(args.lang.into())
    };
    // a reader that has seen enough closes the pipe
    let _ = writeln!(io::stdout().lock(), "{}", report.trim_end());
    Ok(())
}

fn options(args: &ImportArgs) -> Result<Options, String> {
    let pair = |flag: &str, given: &String| {
        let (a, b) = given.split_once('=').ok_or(format!("{flag} {given}: 应为 A=B / A=B is wanted"))?;
        Ok::<_, String>((a.to_owned(), b.to_owned()))
    };
    let system = args.crs.as_deref().map(super::system).transpose()?;
    let name = args.file.file_name().unwrap_or(args.file.as_os_str());
    Ok(Options {
        file: name.to_string_lossy().into_owned(),
        system,
        columns: args.columns.iter().map(|c| pair("--map", c)).collect::<Result<_, _>>()?,
        values: args.values.iter().map(|v| pair("--value", v)).collect::<Result<_, _>>()?,
        fold_periods: args.fold_periods,
        absent: match args.absent {
            AbsentArg::Keep => Absent::Keep,
            AbsentArg::Remove => Absent::Remove,
        },
        ..Options::default()
    })
}

/// Writes the register alone, or a dataset folder with a copy of all other files; either appears whole or not at all.
fn write(import: &Import, source: &Source, out: &Path, limits: &Limits, lang: Lang) -> Result<(), String> {
    if out.extension().is_some_and(|e| e == "geojson") {
        is_new(out, lang)?;
        write_out(Some(out), |to| import.write(to).map(drop))?;
        return Ok(());
    }
    new_folder(source, out, limits, lang, |part| folder(import, source, part, limits))
}

fn is_new(out: &Path, lang: Lang) -> Result<(), String> {
    if out.symlink_metadata().is_err() {
        return Ok(());
    }
    let shown = out.display();
    let said = Text::new(
        format!("{shown} 已存在,没有写入任何内容;请换一个名称"),
        format!("{shown} exists already, nothing was written; choose another name"),
    );
    Err(said.get(lang).to_owned())
}

/// Makes a dataset folder: a copy of the source's files, of which `change` replaces some. What was written is loaded, and the
/// folder appears whole or not at all.
pub(super) fn new_folder(
    source: &Source,
    out: &Path,
    limits: &Limits,
    lang: Lang,
    change: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), String> {
    is_new(out, lang)?;
    let part = out.with_added_extension("part");
    let at = |e: io::Error| failed(&part, &e);
    let made = || {
        // what a command that was cut off has left behind
        if part.exists() {
            fs::remove_dir_all(&part).map_err(at)?;
        }
        fs::create_dir_all(&part).map_err(at)?;
        copy(source, &part).map_err(at)?;
        change(&part)?;
        let (dataset, findings) = load(&Source::Folder(part.clone()), limits);
        dataset.ok_or_else(|| findings.render(lang))?;
        fs::rename(&part, out).map_err(|e| failed(out, &e))
    };
    made().inspect_err(|_| {
        // the part is worthless; that it can't be removed adds nothing to the message
        let _ = fs::remove_dir_all(&part);
    })
}

pub(super) fn failed(path: &Path, e: &io::Error) -> String {
    let shown = path.display();
    format!("写入 {shown} 失败,数据没有任何变化 / can't write {shown}, nothing changed: {e}")
}

fn folder(import: &Import, source: &Source, part: &Path, limits: &Limits) -> Result<(), String> {
    let manifest = part.join(MANIFEST);
    let text = manifest_text(source, limits).unwrap_or_default();
    let file = import.register_file();
    let new = import
        .manifest(&text, &file)
        .ok_or_else(|| format!("{MANIFEST} 里没有名录集合,不能写入 / {MANIFEST} declares no register to write to"))?;
    fs::write(&manifest, new).map_err(|e| failed(part, &e))?;
    write_out(Some(&part.join(file)), |to| import.write(to).map(drop)).map(drop)
}

/// Copies a dataset folder, whatever else stands in it included.
pub(super) fn copy(source: &Source, to: &Path) -> io::Result<()> {
    match source {
        Source::WithoutRegister(other) | Source::Version { base: other, .. } => copy(other, to),
        Source::Embedded => built_in().try_for_each(|(name, bytes)| {
            let path = to.join(&*name);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, bytes)
        }),
        Source::Folder(from) => copy_folder(from, to, &to.canonicalize()?),
    }
}

fn copy_folder(from: &Path, to: &Path, new: &Path) -> io::Result<()> {
    let entries: Vec<PathBuf> = fs::read_dir(from)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    for path in entries {
        let Some(name) = path.file_name() else { continue };
        let target = to.join(name);
        // the new folder may lie in the old one
        if path.canonicalize()? == new || name.to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            fs::create_dir_all(&target)?;
            copy_folder(&path, &target, new)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
