//! `shigu versions`: the register's versions listed, two of them compared, one of them gone back to.

use super::args::VersionsArgs;
use super::{Done, actor, both};
use crate::core::columns::Moment;
use crate::core::model::Lang;
use crate::data::intake::{Comparison, Fate};
use crate::service::clock;
use crate::service::store::{CommitError, DataFolder, Provenance, Store, Version, VersionKind, restore_in};
use std::io::Write;
use std::process::ExitCode;

/// Rows that a comparison lists.
const LISTED: usize = 200;

pub(super) fn run(args: &VersionsArgs) -> Done {
    let folder = args.data.folder()?.ok_or_else(|| both(&CommitError::NoFolder.text()))?;
    if !folder.path().is_dir() {
        return Err(format!("--data-dir {0} 不存在 / --data-dir {0} does not exist", folder.path().display()));
    }
    let said = |e: CommitError| both(&e.text());
    if let Some(number) = args.restore {
        let from =
            Provenance { actor: actor(), note: args.note.clone(), now: clock::seconds(), ..Provenance::default() };
        let (base, limits) = (args.data.source(), args.data.limits());
        let made = restore_in(&folder, args.keep_versions, &base, &limits, number, &from).map_err(said)?;
        print(&line(&made, args.lang.into()));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some([from, to]) = args.compare.as_deref() {
        let opened = Store::open_in(&folder, args.keep_versions, args.data.source(), args.data.limits());
        let (store, _) = opened.map_err(|e| both(&e.text()))?;
        let changes = store
            .compare(args.of.table.as_deref(), *from, *to, |all| differences(all, args.lang.into()))
            .map_err(said)?;
        print(&changes);
        return Ok(ExitCode::SUCCESS);
    }
    let all = list(&folder)?;
    print(&all.iter().map(|v| line(v, args.lang.into())).collect::<Vec<_>>().join("\n"));
    Ok(ExitCode::SUCCESS)
}

fn list(folder: &DataFolder) -> Result<Vec<Version>, String> {
    crate::service::store::versions_in(folder).map_err(|e| both(&e.text()))
}

fn print(text: &str) {
    // a reader that has seen enough closes the pipe
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

fn line(v: &Version, lang: Lang) -> String {
    let say = |zh: &'static str, en: &'static str| if lang == Lang::Zh { zh } else { en };
    let mark = if v.current { "*" } else { " " };
    if v.kind == VersionKind::Seed {
        return format!("{mark} v0  {}", say("数据文件夹中的名录", "the register of the dataset folder"));
    }
    let at = v.created.map_or(String::new(), |s| Moment::instant(s.saturating_mul(1_000_000)).to_string());
    let what = match (v.of, &v.file) {
        (Some(of), _) => format!("{} v{of}", say("退回", "back to")),
        (None, _) if v.kind == VersionKind::Edit => {
            let released = v.released.as_ref();
            let by = released.map_or(String::new(), |by| format!("{}{by}", say(",发布者 ", ", published by ")));
            format!("{}{by}", say("在页面上修改", "edited on the page"))
        }
        (None, file) => format!("{} {}", say("导入", "import"), file.as_deref().unwrap_or("-")),
    };
    let c = v.counts;
    let counts = match lang {
        Lang::Zh => format!(
            "共 {} 条(新增 {} 变更 {} 迁址 {} 移除 {} 无变化 {},问题行 {})",
            c.features, c.new, c.changed, c.moved, c.removed, c.unchanged, c.left_out
        ),
        Lang::En => format!(
            "{} rows ({} new, {} changed, {} moved, {} removed, {} unchanged; {} rows left out)",
            c.features, c.new, c.changed, c.moved, c.removed, c.unchanged, c.left_out
        ),
    };
    let kept = if v.kept { "" } else { say("  内容已清除", "  content not kept") };
    let note = if v.note.is_empty() { String::new() } else { format!("  {}", v.note) };
    format!("{mark} v{}  {at}  {}  {what}  {counts}{kept}{note}", v.number, v.actor)
}

fn differences(all: &Comparison, lang: Lang) -> String {
    let fates = [
        (Fate::New, "新增", "new"),
        (Fate::Changed, "变更", "changed"),
        (Fate::Moved, "迁址", "moved"),
        (Fate::Removed, "移除", "removed"),
        (Fate::Unchanged, "无变化", "unchanged"),
    ];
    let word = |fate: Fate| fates.iter().find(|f| f.0 == fate).map_or("", |f| if lang == Lang::Zh { f.1 } else { f.2 });
    let counts: Vec<String> = fates.iter().map(|(fate, ..)| format!("{} {}", word(*fate), all.count(*fate))).collect();
    let mut out = vec![counts.join("  ")];
    let different = || all.pairs.iter().filter(|p| p.fate != Fate::Unchanged);
    for pair in different().take(LISTED) {
        let detail = all.detail(pair);
        let changes: Vec<String> =
            detail.changes.iter().map(|c| format!("{}: {} → {}", c.property, c.from, c.to)).collect();
        out.push(format!("{}  {}  {}  {}", word(pair.fate), detail.id, detail.name, changes.join("  ")));
    }
    let more = different().count().saturating_sub(LISTED);
    if more > 0 {
        out.push(format!("… +{more}"));
    }
    out.join("\n")
}
