//! From rows as they come out of a file to a table: the head, and of the rest what is a row of data.

use super::budget::{self, Excess};
use super::cells::{Cells, Kind, Row};
use super::clean::{Tidied, clean};
use super::head::{self, Head, LOOKED_AT};
use super::{Column, Limits, Sheet};
use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::{Finding, Refusal, shorten};
use std::ops::ControlFlow;

/// The refusal of a table without a head.
pub const NO_HEAD: &str = "no-head";

/// Takes the rows of a sheet one after the other.
pub struct Collector<'a> {
    limits: &'a Limits,
    known: &'a dyn Fn(&str) -> bool,
    waiting: Vec<(u32, Row)>,
    head: Option<Head>,
    cells: Cells,
    row: Row,
    tidied: Tidied,
    skipped: Skipped,
    faults: usize,
}

#[derive(Default)]
struct Skipped {
    totals: Vec<u32>,
    notes: Vec<u32>,
    heads: Vec<u32>,
}

impl<'a> Collector<'a> {
    pub fn new(limits: &'a Limits, known: &'a dyn Fn(&str) -> bool) -> Self {
        Self {
            limits,
            known,
            waiting: Vec::new(),
            head: None,
            cells: Cells::default(),
            row: Row::default(),
            tidied: Tidied::default(),
            skipped: Skipped::default(),
            faults: 0,
        }
    }

    /// Adds a cell to the row that is being read.
    pub fn cell(&mut self, column: usize, kind: Kind, text: &str) -> Result<(), Refusal> {
        if column >= self.limits.columns {
            let limit = self.limits.columns;
            return Err(Refusal::new(
                "too-many-columns",
                Text::new(format!("表格超过 {limit} 列"), format!("the table has more than {limit} columns")),
            ));
        }
        if text.len() > budget::CELL {
            return Err(Excess::Cell(budget::CELL).refusal());
        }
        if self.row.bytes() + text.len() > budget::ROW {
            return Err(Excess::Row(budget::ROW).refusal());
        }
        self.row.fill(column);
        let text = clean(text, &mut self.tidied);
        self.faults += usize::from(kind == Kind::Fault);
        self.row.push(kind, &text);
        Ok(())
    }

    /// Ends the row; `Break` when nothing after it is wanted.
    pub fn end_row(&mut self, number: u32) -> Result<(), Refusal> {
        cancel::check();
        if self.head.is_some() {
            let row = std::mem::take(&mut self.row);
            let taken = self.take(number, &row);
            self.row = row;
            self.row.clear();
            return taken;
        }
        if self.row.filled().next().is_some() {
            self.waiting.push((number, std::mem::take(&mut self.row)));
        }
        self.row.clear();
        if self.waiting.len() == LOOKED_AT { self.begin() } else { Ok(()) }
    }

    /// How many names are known of the head; asked before the first row is taken for good.
    pub fn known_names(&self) -> usize {
        let head = self.head.clone().or_else(|| head::find(&self.waiting, self.known));
        head.map_or(0, |h| h.known)
    }

    fn begin(&mut self) -> Result<(), Refusal> {
        let Some(head) = head::find(&self.waiting, self.known) else {
            let shown: Vec<String> = self
                .waiting
                .first()
                .map(|(_, r)| r.filled().take(6).map(|c| shorten(c.text)).collect())
                .unwrap_or_default();
            return Err(Refusal::new(
                NO_HEAD,
                Text::new(
                    format!("前 {LOOKED_AT} 行里没有找到表头(第一行是:{})", shown.join("、")),
                    format!(
                        "no row of column names in the first {LOOKED_AT} rows (the first is: {})",
                        shown.join(", ")
                    ),
                ),
            ));
        };
        let waiting = std::mem::take(&mut self.waiting);
        let after = head.after;
        self.head = Some(head);
        waiting[after..].iter().try_for_each(|(number, row)| self.take(*number, row))
    }

    /// Takes a row below the head: data, or something that is counted and left out.
    fn take(&mut self, number: u32, row: &Row) -> Result<(), Refusal> {
        let mut filled = row.filled();
        let Some(first) = filled.next() else { return Ok(()) };
        let second = filled.next();
        if is_total(first.text, second.is_none_or(|c| c.kind == Kind::Number)) {
            self.skipped.totals.push(number);
        } else if second.is_none() && is_note(first.text) {
            self.skipped.notes.push(number);
        } else if self.is_head_again(row) {
            self.skipped.heads.push(number);
        } else {
            self.cells.push(number, row);
            return self.within_limits();
        }
        Ok(())
    }

    fn is_head_again(&self, row: &Row) -> bool {
        let Some(head) = &self.head else { return false };
        let same = row.iter().zip(&head.names).filter(|(c, n)| !n.is_empty() && c.text == **n).count();
        same >= 2 && same * 2 > row.filled().count()
    }

    fn within_limits(&self) -> Result<(), Refusal> {
        let limits = self.limits;
        let over = if self.cells.len() > limits.rows {
            Some((format!("{} 行", limits.rows), format!("{} rows", limits.rows)))
        } else if self.cells.count() > limits.cells {
            Some((format!("{} 个单元格", limits.cells), format!("{} cells", limits.cells)))
        } else {
            None
        };
        let Some((zh, en)) = over else { return limits.bear(&self.cells) };
        Err(Refusal::new(
            "table-too-large",
            Text::new(format!("表格超过上限 {zh}"), format!("the table is over the limit of {en}")),
        ))
    }

    /// The table, with findings about what was left out or tidied.
    pub fn finish(mut self) -> Result<Sheet, Refusal> {
        if self.head.is_none() {
            self.begin()?;
        }
        let head = self.head.take().ok_or_else(empty)?;
        if self.cells.is_empty() {
            return Err(empty());
        }
        let mut findings = Vec::new();
        let skipped = [
            ("totals-skipped", "合计行", "rows of totals", &self.skipped.totals),
            ("notes-skipped", "注释行", "rows of notes", &self.skipped.notes),
            ("heads-skipped", "重复的表头行", "repeated heads", &self.skipped.heads),
        ];
        for (code, zh, en, rows) in skipped.into_iter().filter(|(.., rows)| !rows.is_empty()) {
            let (n, list) = (rows.len(), listed(rows));
            let text = Text::new(format!("跳过 {n} 个{zh}(第 {list} 行)"), format!("{n} {en} left out (row {list})"));
            findings.push(Finding::info(code, text));
        }
        let tidied = [
            (
                self.tidied.wide,
                "wide-characters",
                "全角字母或数字,已按半角读取",
                "full-width letters or digits, read as usual ones",
            ),
            (
                self.tidied.spaces,
                "spaces-trimmed",
                "多余的空格或不可见字符,已去掉",
                "spaces or invisible characters around, taken off",
            ),
        ];
        for (n, code, zh, en) in tidied.into_iter().filter(|(n, ..)| *n > 0) {
            let text = Text::new(format!("{n} 个单元格有{zh}"), format!("{n} cells have {en}"));
            findings.push(Finding::info(code, text));
        }
        if head.rows > 1 {
            findings.push(Finding::info(
                "head-joined",
                Text::new("表头有两行,已上下合并成列名", "the head has two rows, which were joined to column names"),
            ));
        }
        let mut units = head.units.into_iter();
        let columns = head.names.into_iter().map(|name| Column { name, unit: units.next().flatten() }).collect();
        Ok(Sheet { columns, cells: self.cells, above: head.above, findings, ..Sheet::default() })
    }
}

/// For looking at a sheet without reading all of it.
pub fn enough(rows: usize) -> ControlFlow<()> {
    if rows < LOOKED_AT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

fn empty() -> Refusal {
    Refusal::new("no-rows", Text::new("表头下面没有数据", "there is no data below the head"))
}

/// Row numbers as a message shows them.
pub fn listed(rows: &[u32]) -> String {
    let shown: Vec<String> = rows.iter().take(5).map(u32::to_string).collect();
    format!("{}{}", shown.join("、"), if rows.len() > 5 { "…" } else { "" })
}

/// `合计` and its like alone in the first cell; `余杭区小计` where only numbers follow.
fn is_total(first: &str, numbers_follow: bool) -> bool {
    let word: String = first.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '\u{FF1A}')).collect();
    let sums = ["合计", "总计", "小计", "共计", "总数", "累计"];
    sums.contains(&word.as_str())
        || (numbers_follow && word.chars().count() <= 10 && sums[..3].iter().any(|s| word.ends_with(s)))
}

fn is_note(only: &str) -> bool {
    [
        "注:",
        "注\u{FF1A}",
        "备注",
        "说明",
        "填表",
        "填报",
        "制表",
        "审核",
        "统计负责人",
        "联系人",
        "资料来源",
        "数据来源",
    ]
    .iter()
    .any(|w| only.starts_with(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_notes_are_no_data() {
        assert!(is_total("合 计", false));
        assert!(is_total("余杭区小计", true));
        assert!(!is_total("余杭区小计", false));
        assert!(!is_total("总计算机有限公司", true));
        assert!(is_note("注:本表含规下企业"));
        assert!(!is_note("注目科技"));
    }
}
