//! `shigu new`: a dataset folder from a file of boundaries and tables. It asks on a terminal what it can't decide, and takes
//! and lists defaults elsewhere.

use super::Done;
use super::args::NewArgs;
use super::import::failed;
use crate::core::model::{Lang, Text};
use crate::data::intake::{Finding, Ground, Import, Options, Outcome, Refusal, System, of_table};
use crate::data::load::{Limits, MANIFEST, Severity, Source, load, repaired};
use crate::data::new::{Boundaries, Decision, Draft, Entries, Key, Wishes};
use crate::service::clock;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Bytes of a file of boundaries.
const LARGEST: u64 = 512 << 20;
/// Seconds of a year, nearly.
const YEAR: u64 = 31_556_952;

pub(super) fn run(args: &NewArgs) -> Done {
    let lang: Lang = args.lang.into();
    let refused = |refusal: Refusal| refusal.render(lang);
    empty(&args.folder)?;
    let boundaries =
        Boundaries::read(&name(&args.boundaries), whole(&args.boundaries)?, args.layer.as_deref()).map_err(refused)?;
    let mut wishes = wishes(args);
    let asking = !args.yes && io::stdin().is_terminal();
    let mut tables = Vec::new();
    for table in &args.tables.0 {
        let path = &table.file;
        let system = table.crs.as_deref().map(super::system).transpose()?;
        let file = fs::File::open(path).map_err(|e| unread(path, &e))?;
        let reader = io::BufReader::with_capacity(1 << 16, file);
        let entries = Entries::read(&name(path), reader, table.sheet.as_deref(), system);
        let of = |text: String| if args.tables.0.len() > 1 { format!("{}: {text}", path.display()) } else { text };
        tables.push((entries.map_err(|refusal| of(refused(refusal)))?, system));
    }
    let entries: Vec<&Entries> = tables.iter().map(|(entries, _)| entries).collect();
    let draft = loop {
        let draft = Draft::new(&boundaries, &entries, &wishes).map_err(refused)?;
        // one question at a time: what is answered may decide others
        let open = draft.decisions.iter().find(|d| !d.certain).filter(|_| asking);
        let Some(open) = open else { break draft };
        let (key, answer) = ((open.table, open.key), ask(open, &entries, lang)?);
        wishes.values.insert(key, answer);
    };
    let part = args.folder.with_added_extension("part");
    let made = write(&part, &draft, &tables, lang).and_then(|outcomes| {
        if args.folder.exists() {
            // it is empty: nothing else goes
            fs::remove_dir(&args.folder).map_err(|e| failed(&args.folder, &e))?;
        }
        fs::rename(&part, &args.folder).map_err(|e| failed(&args.folder, &e))?;
        Ok(outcomes)
    });
    let outcomes = made.inspect_err(|_| {
        // the part is worthless; that it can't be removed adds nothing to the message
        let _ = fs::remove_dir_all(&part);
    })?;
    let said = report(args, &draft, &entries, &outcomes, asking, lang);
    // a reader that has seen enough closes the pipe
    let _ = io::stdout().lock().write_all(said.as_bytes());
    Ok(ExitCode::SUCCESS)
}

/// Refuses a folder with something in it.
fn empty(folder: &Path) -> Result<(), String> {
    let shown = folder.display();
    let refuse = || {
        Err(format!(
            "{shown} 已存在且不是空文件夹,没有写入任何内容;请换一个名称\n       {shown} exists and is no empty folder, nothing was written; choose another name"
        ))
    };
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                refuse()
            } else {
                Ok(())
            }
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) => refuse(),
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn unread(path: &Path, e: &io::Error) -> String {
    let shown = path.display();
    format!("打不开 {shown} / can't open {shown}: {e}")
}

fn whole(path: &Path) -> Result<Vec<u8>, String> {
    let length = fs::metadata(path).map_err(|e| unread(path, &e))?.len();
    if length > LARGEST {
        let (shown, mb) = (path.display(), LARGEST >> 20);
        return Err(format!("{shown} 超过 {mb} MB / {shown} has more than {mb} MB"));
    }
    fs::read(path).map_err(|e| unread(path, &e))
}

fn wishes(args: &NewArgs) -> Wishes {
    let given = [
        (Key::Title, &args.title),
        (Key::Id, &args.id),
        (Key::ZoneWord, &args.zone_word),
        (Key::BoundariesCrs, &args.boundaries_crs),
        (Key::ZoneId, &args.zone_id),
        (Key::ZoneName, &args.zone_name),
    ];
    let of_all = given.into_iter().filter_map(|(key, value)| Some(((None, key), value.clone()?)));
    let tables = args.tables.0.iter().enumerate();
    let of_tables = tables
        .flat_map(|(place, table)| table.values.iter().map(move |(key, value)| ((Some(place), *key), value.clone())));
    let year = 1970 + clock::seconds().max(0) as u64 / YEAR;
    Wishes {
        values: of_all.chain(of_tables).collect(),
        source: args.source.clone(),
        licence: args.licence.clone(),
        open: args.open,
        last_year: year as u16 - 1,
    }
}

/// The question of a decision, with the file that it is about where there are several.
fn question(decision: &Decision, tables: &[&Entries], lang: Lang) -> String {
    let question = decision.question.get(lang);
    let table = decision.table.and_then(|place| tables.get(place)).filter(|_| tables.len() > 1);
    table.map_or_else(|| question.to_owned(), |table| format!("{}: {question}", table.file))
}

/// Asks on the terminal; an empty answer takes what is proposed, `-` takes none.
fn ask(decision: &Decision, tables: &[&Entries], lang: Lang) -> Result<String, String> {
    let mut out = io::stderr().lock();
    let choices = match decision.choices.as_slice() {
        [] => String::new(),
        all => format!("\n  {}", all.join(" | ")),
    };
    let (taken, hint) = match lang {
        Lang::Zh => ("回车采用", "- 为不选"),
        Lang::En => ("Enter for", "- for none"),
    };
    let (question, reason) = (question(decision, tables, lang), decision.reason.get(lang));
    let shown = if decision.value.is_empty() { "-" } else { &decision.value };
    let failed = |e: io::Error| e.to_string();
    write!(out, "{question}{choices}\n  [{taken} {shown}: {reason}; {hint}] > ").map_err(failed)?;
    out.flush().map_err(failed)?;
    let mut answer = String::new();
    let n = io::stdin().read_line(&mut answer).map_err(failed)?;
    if n == 0 {
        return Err("没有回答 / no answer".to_owned());
    }
    Ok(match answer.trim() {
        "" => decision.value.clone(),
        "-" => String::new(),
        words => words.to_owned(),
    })
}

/// Writes the draft into a folder beside, imports the tables into it one after the other, and loads the whole as `shigu check`
/// does.
fn write(part: &Path, draft: &Draft, tables: &[(Entries, Option<System>)], lang: Lang) -> Result<Vec<Outcome>, String> {
    let at = |e: io::Error| failed(part, &e);
    if part.exists() {
        fs::remove_dir_all(part).map_err(at)?;
    }
    fs::create_dir_all(part).map_err(at)?;
    for (name, bytes) in &draft.files {
        let path = part.join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(at)?;
        fs::write(path, bytes).map_err(at)?;
    }
    let source = Source::Folder(part.to_path_buf());
    let read = || {
        let (dataset, findings) = load(&source, &Limits::default());
        dataset.ok_or_else(|| findings.render(lang))
    };
    let mut outcomes = Vec::new();
    for ((entries, system), table) in tables.iter().zip(&draft.tables) {
        let refused = |refusal: Refusal| format!("{}: {}", entries.file, refusal.render(lang));
        let dataset = of_table(read()?, Some(&table.id)).map_err(refused)?;
        let (file, columns) = (entries.file.clone(), table.columns.clone());
        let options = Options { file, system: *system, columns, ..Options::default() };
        let ground = Ground::of(&dataset);
        let import = Import::prepare(&entries.sheet, &dataset, &ground, options).map_err(refused)?;
        outcomes.push(import.check());
        if let Some(refusal) = import.undecided() {
            return Err(refused(refusal));
        }
        let manifest = fs::read_to_string(part.join(MANIFEST)).map_err(at)?;
        let file = import.register_file();
        let manifest =
            import.manifest(&manifest, &file).and_then(|text| Draft::after_import(&text, &table.id, &entries.file));
        let mut rows = Vec::new();
        import.write(&mut rows).map_err(at)?;
        // areas may have slips that boundaries have, too
        let rows = repaired(&rows, &file).map_or(rows, |(new, _)| new);
        fs::write(part.join(&file), rows).map_err(at)?;
        fs::write(part.join(MANIFEST), manifest.ok_or(MANIFEST)?).map_err(at)?;
    }
    read()?;
    Ok(outcomes)
}

/// What was found and taken, what to look at, and how to go on.
fn report(args: &NewArgs, draft: &Draft, tables: &[&Entries], outcomes: &[Outcome], asked: bool, lang: Lang) -> String {
    let pick = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let mut out = String::new();
    let heading = |out: &mut String, zh: &str, en: &str| {
        out.push_str(&pick(zh, en));
        out.push('\n');
    };
    let folder = args.folder.display();
    heading(&mut out, &format!("已生成数据文件夹 {folder}"), &format!("The dataset folder {folder} is made."));
    out.push('\n');
    heading(&mut out, "采用的设置(可用参数改写)", "What was taken (a flag takes another)");
    for decision in &draft.decisions {
        let value = if decision.value.is_empty() { "-" } else { &decision.value };
        let (question, reason) = (question(decision, tables, lang), decision.reason.get(lang));
        let default = if decision.certain || asked { String::new() } else { pick(" [默认]", " [default]") };
        let _ = writeln!(out, "  {question}: {value}{default}\n      {reason}  {}", decision.key.flag());
    }
    if !args.open && !outcomes.is_empty() {
        out.push_str(&pick(
            "  单条记录的数值只以合计形式提供(--open 则人人可见)\n",
            "  Figures of single rows leave in sums only (--open lets every reader see them)\n",
        ));
    }
    let shown: Vec<&Finding> = draft.findings.iter().take(30).collect();
    if !shown.is_empty() {
        out.push('\n');
        heading(&mut out, "读取时发现", "Found while reading");
        for finding in shown {
            let mark = if finding.severity == Severity::Info { " " } else { "!" };
            let _ = writeln!(out, "  {mark} {}", finding.message.get(lang));
        }
    }
    for (table, outcome) in tables.iter().zip(outcomes) {
        out.push('\n');
        if tables.len() > 1 {
            let _ = writeln!(out, "{}", table.file);
        }
        out.push_str(outcome.render(lang).trim_end());
        out.push('\n');
    }
    out.push('\n');
    heading(&mut out, "接下来请核对", "To look at next");
    for end in &draft.open_ends {
        let _ = writeln!(out, "  - {}", end.get(lang));
    }
    out.push_str(&pick(
        &format!("  - shigu describe {folder}   说明文件夹里有什么\n  - shigu check {folder}      全部检查结果\n\n打开:\n  shigu serve --geodata {folder}\n"),
        &format!("  - shigu describe {folder} --lang en   says what the folder holds\n  - shigu check {folder} --lang en      lists every finding\n\nTo open it:\n  shigu serve --geodata {folder}\n"),
    ));
    out
}
