//! `SOURCES.md` of a new folder: what is known of its files, and what somebody has to write.

use super::boundaries::{Boundaries, FILE as BOUNDARIES};
use super::decision::Wishes;
use super::entries::Entries;
use super::place::TablePlace;
use std::fmt::Write as _;

const TO_WRITE: &str = "(待填写 / to be written)";

/// The text.
pub fn text(boundaries: &Boundaries, tables: &[(&Entries, TablePlace)], wishes: &Wishes, title: &str) -> String {
    let source = wishes.source.as_deref().unwrap_or(TO_WRITE);
    let licence = wishes.licence.as_deref().unwrap_or(TO_WRITE);
    let mut out = format!(
        "# {title}: 数据来源 Sources\n\n\
         | 文件 file | 由 made of | 来源 source | 许可 licence |\n|---|---|---|---|\n\
         | `{}` | `{}` | {source} | {licence} |\n",
        BOUNDARIES, boundaries.file,
    );
    for (entries, place) in tables {
        let _ = writeln!(out, "| `{}` | `{}` | {TO_WRITE} | {TO_WRITE} |", place.file, entries.file);
    }
    out.push_str(
        "\n每个文件写明:谁、何时、以什么为依据制作,能否转发。\n\
         Of each file write who made it, when, from what, and whether it may be passed on.\n",
    );
    out
}
