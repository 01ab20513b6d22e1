//! The report as text for a terminal.

use super::diff::Class;
use super::finding::{Finding, Refusal};
use super::outcome::{NewWord, Outcome, RowReport};
use crate::core::model::Lang;
use crate::data::load::Severity;
use std::fmt::Write;

/// Findings of one kind, and rows of one class, that are printed.
const SHOWN: usize = 8;

fn say<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// A number with its thousands marked.
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

impl Refusal {
    /// The refusal in one language: what, and what to do.
    pub fn render(&self, lang: Lang) -> String {
        let remedy = self.remedy.get(lang);
        let space = if remedy.is_empty() { "" } else { "\n  → " };
        format!("{} [{}]{space}{remedy}", self.message.get(lang), self.code)
    }
}

impl Outcome {
    /// The line that sums the import up.
    pub fn headline(&self, lang: Lang) -> String {
        let c = self.counts;
        let n = thousands;
        let absent = if c.absent > 0 {
            let word = say(lang, " · 疑似注销 ", " · perhaps closed ");
            format!("{word}{}", n(c.absent))
        } else {
            String::new()
        };
        match lang {
            Lang::Zh => format!(
                "{} 行:新增 {} · 变更 {} · 迁址 {}{absent} · 有问题 {} · 无变化 {}",
                n(c.rows),
                n(c.new),
                n(c.changed),
                n(c.moved),
                n(c.problem),
                n(c.unchanged)
            ),
            Lang::En => format!(
                "{} rows: new {} · changed {} · moved {}{absent} · with errors {} · unchanged {}",
                n(c.rows),
                n(c.new),
                n(c.changed),
                n(c.moved),
                n(c.problem),
                n(c.unchanged)
            ),
        }
    }

    /// The report in one language.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = self.file.clone();
        for part in [self.sheet.as_deref(), self.encoding].into_iter().flatten() {
            let _ = write!(out, " · {part}");
        }
        out.push('\n');
        for column in &self.columns {
            let Some(property) = &column.property else { continue };
            let title = column.title.as_ref().map(|t| format!(" {}", t.get(lang))).unwrap_or_default();
            let unit = column.unit.as_ref().map(|u| format!("({u})")).unwrap_or_default();
            let percent = (column.confidence * 100.0).round();
            let reason = column.reason.get(lang);
            let _ =
                writeln!(out, "  {:<3} {} → {property}{title}{unit}  {percent}% {reason}", column.column, column.head);
        }
        if let Some(verdict) = &self.verdict_text {
            let _ = writeln!(out, "{}{}", say(lang, "坐标系:", "Positions: "), verdict.get(lang));
        }
        let _ = writeln!(out, "\n{}\n", self.headline(lang));
        if !self.complete_for.is_empty() && self.counts.absent > 0 {
            let list = self.complete_for.join("、");
            let fate = if self.removes_absent {
                say(lang, "将删除", "they go")
            } else {
                say(lang, "保留不动", "they stay")
            };
            let head = say(lang, "疑似注销按这些区域核对", "Perhaps closed, in");
            let _ = writeln!(out, "{head}:{list};{fate}\n");
        }
        self.words(lang, &mut out);
        for severity in [Severity::Error, Severity::Warning, Severity::Info] {
            self.findings(severity, lang, &mut out);
        }
        for (class, word) in
            [(Class::Moved, say(lang, "迁址", "moved")), (Class::Changed, say(lang, "变更", "changed"))]
        {
            let empty = Vec::new();
            let rows = self.rows.get(&class).unwrap_or(&empty);
            rows.iter().take(SHOWN).for_each(|r| row(word, r, &mut out));
        }
        out
    }

    fn words(&self, lang: Lang, out: &mut String) {
        let mut columns: Vec<&str> = self.new_words.iter().map(|w| w.column.as_str()).collect();
        columns.sort_unstable();
        columns.dedup();
        for column in columns {
            let words: Vec<&NewWord> = self.new_words.iter().filter(|w| w.column == column).collect();
            let shown: Vec<String> = words
                .iter()
                .take(SHOWN)
                .map(|w| {
                    let to = w.suggested_name.as_ref().zip(w.suggestion.as_ref()).map(|(name, code)| {
                        format!(" [{}{} --value {}={code}]", say(lang, "对应到 ", "perhaps "), name.get(lang), w.word)
                    });
                    format!("{}({}){}", w.word, w.count, to.unwrap_or_default())
                })
                .collect();
            let (n, list) = (words.len(), shown.join("、"));
            let more = if n > SHOWN { "…" } else { "" };
            let _ = match lang {
                Lang::Zh => writeln!(out, "“{column}”出现 {n} 个新值:{list}{more}"),
                Lang::En => writeln!(out, "“{column}” has {n} new values: {list}{more}"),
            };
        }
    }

    fn findings(&self, severity: Severity, lang: Lang, out: &mut String) {
        let mark = match severity {
            Severity::Error => say(lang, "错误", "error"),
            Severity::Warning => say(lang, "提醒", "warning"),
            Severity::Info => say(lang, "说明", "note"),
        };
        for tally in self.tallies.iter().filter(|t| t.severity == severity && t.code != "word-new") {
            let same: Vec<&Finding> =
                self.findings.iter().filter(|f| f.severity == severity && f.code == tally.code).collect();
            // what is only good to know of single rows is said once
            let shown = if severity == Severity::Info { 1 } else { SHOWN };
            for f in same.iter().take(shown) {
                let _ = writeln!(out, "{mark} {}  [{}]", f.message.get(lang), f.code);
            }
            let more = tally.count.saturating_sub(same.len().min(shown));
            if more > 0 {
                let _ = match lang {
                    Lang::Zh => writeln!(out, "     另有 {} 处", thousands(more)),
                    Lang::En => writeln!(out, "     and {} more", thousands(more)),
                };
            }
            if let Some(remedy) =
                same.first().map(|f| f.remedy.get(lang)).filter(|r| !r.is_empty() && severity != Severity::Info)
            {
                let _ = writeln!(out, "     → {remedy}");
            }
        }
    }
}

fn row(word: &str, row: &RowReport, out: &mut String) {
    let changes: Vec<String> = row.changes.iter().map(|c| format!("{} {} → {}", c.property, c.from, c.to)).collect();
    let moved = row.moved_m.map(|m| format!(" {m} m")).unwrap_or_default();
    let number = row.row.map(|n| n.to_string()).unwrap_or_default();
    let _ = writeln!(out, "{word} {number} {} {}{moved}  {}", row.id, row.name, changes.join("; "));
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_marked() {
        assert_eq!([0, 999, 1000, 1_234_567].map(super::thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
