//! The file of settings of `shigu serve` (ADR 92): each key is a flag without its dashes. What it says is put before what the command
//! line says, unless a flag or a variable says it already, so that clap checks all of it as one.

use super::args::Args;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory as _};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Where the file is looked for where none is named.
const USUAL: &str = "/etc/shigu/shigu.toml";
/// Commands that read it.
const READERS: [&str; 2] = ["serve", "service-check"];
/// Settings that are no settings of the service.
const NOT_IN_A_FILE: [&str; 4] = ["config", "print-config", "open", "help"];
/// Values that are not shown, and that may stand in a file of their own: `KEY-file`.
const SECRET: [&str; 3] = ["database", "basemap-key", "s3-secret-key"];

/// What a command was given.
#[derive(Debug)]
pub(super) struct Given {
    /// Words of a command line.
    pub(super) words: Vec<OsString>,
    /// The file that was read.
    pub(super) file: Option<PathBuf>,
    /// The flags that come from it.
    keys: Vec<String>,
}

impl Given {
    /// The words of the command line, and before them those that the file of settings stands for.
    pub(super) fn new(mut words: Vec<OsString>) -> Result<Self, String> {
        let reader = words.get(1).and_then(|w| w.to_str()).filter(|w| READERS.contains(w));
        let Some(reader) = reader.map(str::to_owned) else { return Ok(Self { words, file: None, keys: vec![] }) };
        let Some((path, text)) = file_of(&words)? else { return Ok(Self { words, file: None, keys: vec![] }) };
        let table: Table = toml::from_str(&text)
            .map_err(|e| format!("{0} 不是 TOML 文件 / {0} is no TOML file:\n{e}", path.display()))?;
        let command = Args::command();
        let command = command.find_subcommand(&reader).ok_or("serve")?;
        let (mut keys, mut more) = (Vec::new(), Vec::new());
        for (key, value) in &table {
            let wrong = |why: String| format!("{}: {key}: {why}", path.display());
            let (flag, value) = resolve(command, key, value).map_err(wrong)?;
            if said(&words, &flag.0) || flag.1.is_some_and(|variable| std::env::var_os(variable).is_some()) {
                continue;
            }
            more.extend(word(&flag.0, flag.2, &value).map_err(wrong)?);
            keys.push(flag.0);
        }
        words.splice(2..2, more);
        Ok(Self { words, file: Some(path), keys })
    }

    /// The settings that are in force, as a file of settings, with where each comes from. Secrets are not shown.
    pub(super) fn print(&self, matches: &ArgMatches) -> String {
        let Some((name, matches)) = matches.subcommand() else { return String::new() };
        let command = Args::command();
        let mut out = String::new();
        for arg in command.find_subcommand(name).into_iter().flat_map(Command::get_arguments) {
            let Some(long) = arg.get_long().filter(|long| !NOT_IN_A_FILE.contains(long)) else { continue };
            let Some(source) = matches.value_source(arg.get_id().as_str()) else { continue };
            let from = match source {
                ValueSource::DefaultValue => "默认 / default".to_owned(),
                ValueSource::EnvVariable => arg.get_env().unwrap_or_default().to_string_lossy().into_owned(),
                _ if self.keys.iter().any(|key| key == long) => {
                    self.file.as_deref().unwrap_or(Path::new("")).display().to_string()
                }
                _ => format!("--{long}"),
            };
            let line = if SECRET.contains(&long) {
                format!("# {long}: 已设置,不显示 / set, not shown")
            } else if takes_value(arg) {
                let raw = matches.get_raw(arg.get_id().as_str()).into_iter().flatten();
                let value = raw.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(",");
                let number = value.parse::<i64>().is_ok_and(|number| number.to_string() == value);
                let value = if number { value } else { format!("{value:?}") };
                format!("{long} = {value}")
            } else {
                format!("{long} = {}", matches.get_flag(arg.get_id().as_str()))
            };
            // a default that is said is no default any more: it would want what goes with it
            let aside = if source == ValueSource::DefaultValue { "# " } else { "" };
            out.extend([aside, &line, "  # ", &from, "\n"]);
        }
        out
    }
}

/// The file and its text: the one that is named, by `--config` or `SHIGU_CONFIG`, else the usual one where it is. An empty name is none.
fn file_of(words: &[OsString]) -> Result<Option<(PathBuf, String)>, String> {
    let named = words.iter().enumerate().find_map(|(at, word)| match word.to_str()?.strip_prefix("--config")? {
        "" => words.get(at + 1).cloned(),
        rest => rest.strip_prefix('=').map(OsString::from),
    });
    let named = named.or_else(|| std::env::var_os("SHIGU_CONFIG"));
    let path = PathBuf::from(named.as_deref().unwrap_or(OsStr::new(USUAL)));
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(_) if path.as_os_str().is_empty() => Ok(None),
        Err(e) if named.is_none() => {
            // somebody who is not the service's user starts a service of their own
            if e.kind() != std::io::ErrorKind::NotFound {
                eprintln!("{USUAL} 读不出,不采用 / can't be read and is left out: {e}");
            }
            Ok(None)
        }
        Err(e) => Err(format!("配置文件 {0} 读不出 / the file of settings {0} can't be read: {e}", path.display())),
    }
}

/// A flag: its name, its variable, and whether it takes a value.
type Flag = (String, Option<OsString>, bool);

/// The flag that a key stands for, and what the file says of it.
fn resolve(command: &Command, key: &str, value: &Value) -> Result<(Flag, Value), String> {
    let name = key.replace('_', "-");
    let known = |name: &str| {
        let arg = command.get_arguments().find(|a| a.get_long() == Some(name) && !NOT_IN_A_FILE.contains(&name))?;
        Some((name.to_owned(), arg.get_env().map(OsStr::to_owned), takes_value(arg)))
    };
    if let Some(flag) = known(&name) {
        return Ok((flag, value.clone()));
    }
    let secret = name.strip_suffix("-file").filter(|stem| SECRET.contains(stem)).and_then(known);
    if let Some(flag) = secret {
        let file = value.as_str().ok_or("应为文件名 / must be the name of a file")?;
        let text = fs::read_to_string(file).map_err(|e| format!("{file} 读不出 / can't be read: {e}"))?;
        return Ok((flag, Value::String(text.trim().to_owned())));
    }
    let all = command.get_arguments().filter_map(Arg::get_long).filter(|long| !NOT_IN_A_FILE.contains(long));
    let nearest = all.max_by(|a, b| strsim::jaro(a, &name).total_cmp(&strsim::jaro(b, &name))).unwrap_or_default();
    Err(format!("没有这个设置,是否指 {nearest}? / there is no such setting; {nearest} perhaps?"))
}

/// What a value is on a command line; nothing where it says no more than saying nothing does.
fn word(flag: &str, takes_value: bool, value: &Value) -> Result<Option<OsString>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        _ => Err("应为文字或整数 / must be a text or a whole number".to_owned()),
    };
    match (takes_value, value) {
        (false, Value::Boolean(on)) => Ok(on.then(|| format!("--{flag}").into())),
        (false, _) => Err("应为 true 或 false / must be true or false".to_owned()),
        (true, Value::Array(all)) => {
            let all = all.iter().map(one).collect::<Result<Vec<_>, _>>()?;
            Ok((!all.is_empty()).then(|| format!("--{flag}={}", all.join(",")).into()))
        }
        (true, value) => one(value).map(|text| Some(format!("--{flag}={text}").into())),
    }
}

/// Whether the command line says a flag itself.
fn said(words: &[OsString], flag: &str) -> bool {
    let of = |word: &OsString| {
        let rest = word.to_str()?.strip_prefix("--")?.strip_prefix(flag)?;
        (rest.is_empty() || rest.starts_with('=')).then_some(())
    };
    words.iter().any(|word| of(word).is_some())
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}
