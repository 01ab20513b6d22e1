//! From rows as they come out of a file to a table: the head, and of the rest what is a row of data.

use super::budget::{self, Excess};
use super::cells::{Cell, Cells, Kind, Row};
use super::clean::{Tidied, clean};
use super::head::{self, Head, LOOKED_AT};
use super::merged::{Area, Merges};
use super::rollup::{self, Guess, Left};
use super::{Column, Limits, Sheet, Words};
use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::{Finding, Refusal, shorten};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The refusal of a table without a head.
pub const NO_HEAD: &str = "no-head";

/// Takes the rows of a sheet one after the other.
pub struct Collector<'a> {
    limits: &'a Limits,
    known: &'a dyn Words,
    merges: Merges,
    /// Rows that were left out as they go on with the enterprise of the row above, and hold something more.
    continued: Vec<u32>,
    /// Rows that look like totals and were kept.
    like_totals: Vec<u32>,
    /// Rows with nothing but a name.
    bare: Vec<u32>,
    shared: Vec<(usize, u32, u32)>,
    below: Vec<String>,
    /// Cells of the widest row.
    width: usize,
    /// Rows compared with the sums above: doubtful ones, and those of a name and numbers.
    compared: [usize; 2],
    /// Rows with ditto marks.
    ditto: Vec<u32>,
    /// Names of the sheets that are read together, with what is added to the numbers of their rows.
    parts: Vec<(String, u32)>,
    /// The last row.
    last: u32,
    /// The head of the sheets before.
    before: Option<Head>,
    /// The group that the name of the sheet gives its rows.
    group: Option<String>,
    /// Columns with cells whose format scales.
    scaled: BTreeMap<usize, usize>,
    waiting: Vec<(u32, Row)>,
    head: Option<Head>,
    cells: Cells,
    row: Row,
    tidied: Tidied,
    skipped: Skipped,
}

#[derive(Default)]
struct Skipped {
    totals: Vec<u32>,
    sections: Vec<u32>,
    notes: Vec<u32>,
    examples: Vec<u32>,
    heads: Vec<u32>,
}

/// Head of the column with what the name of a sheet says of its rows.
pub const GROUP: &str = "所属区域";

/// Rows that are compared with the sum of those above, at most.
const COMPARED: usize = 50;

impl<'a> Collector<'a> {
    pub fn new(limits: &'a Limits, known: &'a dyn Words) -> Self {
        Self {
            limits,
            known,
            merges: Merges::default(),
            continued: Vec::new(),
            like_totals: Vec::new(),
            bare: Vec::new(),
            shared: Vec::new(),
            below: Vec::new(),
            width: 0,
            compared: [0, 0],
            ditto: Vec::new(),
            parts: Vec::new(),
            last: 0,
            before: None,
            group: None,
            scaled: BTreeMap::new(),
            waiting: Vec::new(),
            head: None,
            cells: Cells::default(),
            row: Row::default(),
            tidied: Tidied::default(),
            skipped: Skipped::default(),
        }
    }

    /// Says which cells of the sheet are merged, before its first row.
    pub fn merged(&mut self, areas: Vec<Area>) {
        self.merges = Merges::new(areas);
    }

    /// Begins a sheet of this name, and says what is added to the numbers of its rows: those of the sheets before.
    pub fn sheet(&mut self, name: &str) -> Result<u32, Refusal> {
        if !self.parts.is_empty() {
            if self.head.is_none() && !self.waiting.is_empty() {
                self.begin()?;
            }
            let head = self.head.take();
            self.before = self.before.take().or(head);
        }
        let bare = name.trim().trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | ' '));
        self.group = [name, bare].into_iter().find(|n| self.known.group(n)).map(str::to_owned);
        self.parts.push((name.to_owned(), self.last));
        Ok(self.last)
    }

    /// The sheets, with what is added to the numbers of their rows.
    pub fn parts(&self) -> Vec<(String, u32)> {
        self.parts.clone()
    }

    /// Counts a cell whose format shows another number.
    pub fn scaled_cell(&mut self, column: usize) {
        *self.scaled.entry(column).or_default() += 1;
    }

    /// Columns with such cells, and how many.
    pub fn scaled(&self) -> Vec<(usize, usize)> {
        self.scaled.iter().map(|(c, n)| (*c, *n)).collect()
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
        self.row.push(kind, &text);
        Ok(())
    }

    /// Ends the row; `Break` when nothing after it is wanted.
    pub fn end_row(&mut self, number: u32) -> Result<(), Refusal> {
        cancel::check();
        self.last = number.saturating_add(self.parts.last().map_or(0, |(_, offset)| *offset));
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

    /// The head, if it stands among the rows so far.
    pub fn looked_at(&self) -> Option<Head> {
        self.head.clone().or_else(|| head::find(&self.waiting, self.known, false))
    }

    fn begin(&mut self) -> Result<(), Refusal> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let merged = !self.merges.is_empty();
        let found = if merged {
            let mut merges = std::mem::take(&mut self.merges);
            let limit = self.limits.columns;
            let filled: Vec<(u32, Row)> = waiting
                .iter()
                .map(|(n, row)| (*n, merges.copy(n - 1, row, limit).unwrap_or_else(|| row.clone())))
                .collect();
            self.merges = merges;
            head::find(&filled, self.known, true)
        } else {
            head::find(&waiting, self.known, false)
        };
        let Some(head) = found else {
            let shown: Vec<String> =
                waiting.first().map(|(_, r)| r.filled().take(6).map(|c| shorten(c.text)).collect()).unwrap_or_default();
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
        if let Some(before) = &self.before
            && before.names != head.names
        {
            let name = self.parts.last().map(|(n, _)| shorten(n)).unwrap_or_default();
            return Err(Refusal::new(
                "sheets-differ",
                Text::new(
                    format!("工作表“{name}”的表头与前面的不同,不能合并读取"),
                    format!(
                        "the head of the sheet “{name}” is not that of the sheets before; they can't be read together"
                    ),
                ),
            ));
        }
        if is_transposed(&head, &waiting, self.known) {
            return Err(Refusal::new(
                "table-transposed",
                Text::new(
                    "表格是横排的:列名在第一列,每条记录占一列,不能直接读取;请转置后再导入(Excel:选择性粘贴 → 转置)",
                    "the table lies on its side: its first column holds the names of columns, and each record is a column; transpose it first (Excel: Paste Special, Transpose)",
                ),
            ));
        }
        self.merges.restart();
        for (number, row) in &waiting[..head.after] {
            self.merges.fill(number - 1, row, false, self.limits.columns);
        }
        let data = waiting.split_off(head.after);
        self.head = Some(head);
        data.iter().try_for_each(|(number, row)| self.take(*number, row))
    }

    /// Takes a row below the head: data, or something that is counted and left out.
    fn take(&mut self, number: u32, row: &Row) -> Result<(), Refusal> {
        let offset = self.parts.last().map_or(0, |(_, offset)| *offset);
        let filled = self.merges.fill(number.saturating_sub(1), row, false, self.limits.columns);
        if row.filled().next().is_none() {
            return Ok(());
        }
        let in_sheet = number;
        let number = number.saturating_add(offset);
        let key = self.head.as_ref().and_then(|h| h.key);
        let whole = filled.as_ref().map_or(row, |f| &f.row);
        if let (Some(key), Some(filled)) = (key, &filled)
            && filled.from_above.contains(&key)
        {
            self.continued.push(number);
            return Ok(());
        }
        // a row is classified by what it holds itself
        let id = self.head.as_ref().and_then(|h| h.id);
        let guess = rollup::guess(row, key, id, self.known);
        match guess {
            Guess::Left(left) => {
                self.leave(left, number, row);
                return Ok(());
            }
            Guess::Doubtful if self.is_sum(row, false) => {
                self.skipped.totals.push(number);
                return Ok(());
            }
            Guess::Bare if self.is_sum(row, true) => {
                self.skipped.totals.push(number);
                return Ok(());
            }
            Guess::Doubtful if key.is_none_or(|k| row.cell(k).kind != Kind::Empty) => self.like_totals.push(number),
            Guess::Doubtful | Guess::Bare | Guess::Data => {}
        }
        if self.is_head_again(row) || head::is_unit_row(row) || rollup::is_numbering(row) {
            self.skipped.heads.push(number);
            return Ok(());
        }
        if self.is_title_again(row) {
            self.skipped.notes.push(number);
            return Ok(());
        }
        if let Some(filled) = &filled {
            self.shared
                .extend(filled.shared.iter().map(|(column, last)| (*column, number, last + 1 + number - in_sheet)));
        } else if self.known_columns() >= 3 && row.filled().nth(1).is_none() {
            self.bare.push(number);
        }
        let said = self.without_ditto(number, whole, key);
        let whole = said.as_ref().unwrap_or(whole);
        self.width = self.width.max(whole.filled_len());
        match self
            .group
            .as_ref()
            .zip(self.head.as_ref())
            .filter(|(_, h)| !h.names.iter().any(|n| self.known.district(n)))
        {
            Some((group, head)) if whole.filled_len() <= head.names.len() => {
                let mut row = whole.clone();
                row.fill(head.names.len());
                row.push(Kind::Text, group);
                self.cells.push(number, &row);
            }
            _ => self.cells.push(number, whole),
        }
        self.within_limits()
    }

    fn known_columns(&self) -> usize {
        self.head.as_ref().map_or(0, |h| h.known)
    }

    fn leave(&mut self, left: Left, number: u32, row: &Row) {
        const NOTES: usize = 50;
        let list = match left {
            Left::Total => &mut self.skipped.totals,
            Left::Section => &mut self.skipped.sections,
            Left::Example => &mut self.skipped.examples,
            Left::Note => {
                if self.below.len() < NOTES {
                    self.below.extend(row.filled().map(|c| c.text.to_owned()));
                }
                &mut self.skipped.notes
            }
        };
        list.push(number);
    }

    /// Whether the numbers of a row are the sums of those above, since the last total or from the beginning: most of them,
    /// or `all` of at least two.
    fn is_sum(&mut self, row: &Row, all_of_them: bool) -> bool {
        const ROWS: usize = 5000;
        let compared = &mut self.compared[usize::from(all_of_them)];
        *compared += 1;
        if *compared > COMPARED || self.cells.len() < 2 {
            return false;
        }
        let since = self.skipped.totals.last().copied().unwrap_or(0);
        let number = |text: &str| text.replace([',', '\u{FF0C}'], "").parse::<f64>().ok();
        let (mut agree, mut differ) = (0, 0);
        for (column, cell) in row.iter().enumerate() {
            cancel::check();
            let Some(wanted) = number(cell.text) else { continue };
            let rows = (0..self.cells.len()).rev().take(ROWS);
            let values = rows.filter_map(|r| Some((self.cells.number(r), number(self.cells.cell(r, column).text)?)));
            let (mut part, mut all, mut n) = (0.0, 0.0, 0);
            for (at, value) in values {
                all += value;
                if at > since {
                    part += value;
                    n += 1;
                }
            }
            let near = |sum: f64| (sum - wanted).abs() <= 1e-6 * wanted.abs().max(1.0);
            if n >= 2 && (near(part) || near(all)) {
                agree += 1;
            } else {
                differ += 1;
            }
        }
        if all_of_them { agree >= 2 && differ == 0 } else { agree > 0 && agree > differ }
    }

    /// The row with what stands above in the place of its ditto marks. A name is never said so.
    fn without_ditto(&mut self, number: u32, row: &Row, key: Option<usize>) -> Option<Row> {
        let marked =
            |column: usize, cell: &Cell| cell.kind == Kind::Text && Some(column) != key && rollup::is_ditto(cell.text);
        let last = self.cells.len().checked_sub(1)?;
        if !row.iter().enumerate().any(|(column, cell)| marked(column, &cell)) {
            return None;
        }
        let mut new = Row::default();
        for (column, cell) in row.iter().enumerate() {
            let cell = if marked(column, &cell) { self.cells.cell(last, column) } else { cell };
            new.push(cell.kind, cell.text);
        }
        self.ditto.push(number);
        Some(new)
    }

    fn is_head_again(&self, row: &Row) -> bool {
        let Some(head) = &self.head else { return false };
        let filled = row.filled().count();
        let like = |line: &[String]| {
            let same = row.iter().zip(line).filter(|(c, n)| !n.is_empty() && c.text == **n).count();
            (same >= 2 && same * 2 > filled) || (same >= 1 && same == filled && head.rows > 1)
        };
        like(&head.names) || head.lines.iter().any(|line| like(line))
    }

    /// Whether a row is a title from above the head, as on each printed page.
    fn is_title_again(&self, row: &Row) -> bool {
        let Some(head) = &self.head else { return false };
        !head.above.is_empty() && row.filled().all(|c| head.above.iter().any(|a| a == c.text))
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
        if self.head.is_none() && !(self.waiting.is_empty() && self.before.is_some()) {
            self.begin()?;
        }
        let head = self.head.take();
        let mut head = head.or(self.before.take()).ok_or_else(empty)?;
        let by_sheet = self.parts.iter().any(|(name, _)| self.known.group(name) || self.group.is_some());
        if by_sheet && !head.names.iter().any(|n| self.known.district(n)) {
            head.names.push(GROUP.to_owned());
            head.units.push(None);
        }
        if self.cells.is_empty() {
            return Err(empty());
        }
        let mut findings = Vec::new();
        let skipped = [
            ("totals-skipped", "合计行", "rows of totals", &self.skipped.totals),
            ("sections-skipped", "分组标题行", "headings of sections", &self.skipped.sections),
            ("examples-skipped", "填写示例行", "rows of examples", &self.skipped.examples),
            ("notes-skipped", "注释行", "rows of notes", &self.skipped.notes),
            ("heads-skipped", "重复的表头行", "repeated heads", &self.skipped.heads),
        ];
        for (code, zh, en, rows) in skipped.into_iter().filter(|(.., rows)| !rows.is_empty()) {
            let (n, list) = (rows.len(), listed(rows));
            let text = Text::new(format!("跳过 {n} 个{zh}(第 {list} 行)"), format!("{n} {en} left out (row {list})"));
            findings.push(Finding::info(code, text));
        }
        if !self.ditto.is_empty() {
            let (n, list) = (self.ditto.len(), listed(&self.ditto));
            let text = Text::new(
                format!("{n} 行有“同上”一类的记号(第 {list} 行),已取上一行的内容"),
                format!("{n} rows have ditto marks (row {list}); what stands above was taken"),
            );
            findings.push(Finding::info("ditto-filled", text));
        }
        let doubtful = [
            (
                "row-like-total",
                "行像是合计或小计,但与上面各行之和不符,已按记录读取",
                "rows look like totals but are not the sums of those above, and were read as records",
                &self.like_totals,
            ),
            (
                "row-bare",
                "行只有一个单元格有内容,可能是分组标题,已按记录读取",
                "rows hold one cell only, perhaps headings of sections, and were read as records",
                &self.bare,
            ),
            (
                "rows-continued",
                "行的名称与上一行是合并单元格,视为同一条记录,只取第一行的数值",
                "rows share the merged name of the row above and were taken for the same record; the values of its first row count",
                &self.continued,
            ),
        ];
        for (code, zh, en, rows) in doubtful.into_iter().filter(|(.., rows)| !rows.is_empty()) {
            let (n, list) = (rows.len(), listed(rows));
            let text = Text::new(format!("{n} {zh}(第 {list} 行)"), format!("{n} {en} (row {list})"));
            findings.push(Finding::warning(code, text));
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
                Text::new(
                    format!("表头有 {} 行,已上下合并成列名", head.rows),
                    format!("the head has {} rows, which were joined to column names", head.rows),
                ),
            ));
        }
        let mut units = head.units.into_iter();
        let mut columns: Vec<Column> =
            head.names.into_iter().map(|name| Column { name, unit: units.next().flatten() }).collect();
        // cells beyond the head are columns without a name
        columns.resize_with(columns.len().max(self.width), Column::default);
        let (cells, above, below, shared) = (self.cells, head.above, self.below, self.shared);
        Ok(Sheet { columns, cells, above, below, shared, findings, ..Sheet::default() })
    }
}

/// Whether the names of columns stand below each other: one in the head, the others at the beginning of the rows below it.
fn is_transposed(head: &Head, rows: &[(u32, Row)], known: &dyn Words) -> bool {
    let below = &rows[head.after.min(rows.len())..];
    let named = below.iter().filter(|(_, row)| known.head(row.cell(0).text) >= 0.5).count();
    head.known == 1 && head.names.len() >= 3 && named >= 2 && named * 2 > below.len()
}

/// For looking at a sheet without reading all of it.
pub fn enough(rows: usize) -> ControlFlow<()> {
    if rows < LOOKED_AT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

fn empty() -> Refusal {
    Refusal::new("no-rows", Text::new("表头下面没有数据", "there is no data below the head"))
}

/// Row numbers that a message shows.
const LISTED: usize = 20;

/// Row numbers as a message shows them.
pub fn listed(rows: &[u32]) -> String {
    let shown: Vec<String> = rows.iter().take(LISTED).map(u32::to_string).collect();
    format!("{}{}", shown.join("、"), if rows.len() > LISTED { "…" } else { "" })
}

/// Whether a text is the error of a formula, as a spreadsheet writes it into a CSV.
pub fn is_fault(text: &str) -> bool {
    const FAULTS: [&str; 18] = [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BUSY!",
        "#GETTING_DATA",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#EXTERNAL!",
        "#PYTHON!",
        "#DATA!",
    ];
    let code = |rest: &str| rest.len() == 3 && rest.bytes().all(|b| b.is_ascii_digit());
    match text.as_bytes().first() {
        Some(b'#') => FAULTS.contains(&text) || text.starts_with("#N/A "),
        // OpenDocument's own
        Some(b'E') => text.strip_prefix("Err:").is_some_and(code),
        _ => false,
    }
}
