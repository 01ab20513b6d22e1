//! The report of an import: counts that add up, rows by what becomes of them, and all findings with their true numbers.

use super::diff::{Change, Class, held};
use super::finding::{Finding, Findings, Tally, shorten};
use super::judge::Judged;
use super::mapping::ColumnReport;
use super::prepare::{Absent, Import};
use super::sheet::{Kind, listed};
use super::verdict::Verdict;
use crate::load::Severity;
use crate::model::{PropertyType, Text};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Pairs of old and new numbers by which a column's unit is doubted.
const COMPARED: usize = 4096;
/// Powers of ten between the usual old and new number from which on the unit is doubted.
const DOUBTFUL: f64 = 2.5;
/// Distinct new words that are kept.
const WORDS: usize = 1000;

/// How many rows there are of each class; the classes add up to the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows of data in the file.
    pub rows: usize,
    /// 新增.
    pub new: usize,
    /// 变更.
    pub changed: usize,
    /// 迁址.
    pub moved: usize,
    /// 有问题.
    pub problem: usize,
    /// 无变化.
    pub unchanged: usize,
    /// 疑似注销: enterprises of the register that the file does not name.
    pub absent: usize,
}

/// A row as the report lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowReport {
    /// Row in the file; none for an enterprise that the file does not name.
    pub row: Option<u32>,
    /// Its id in the register.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How far it moves, in metres.
    pub moved_m: Option<f64>,
    /// What changes.
    pub changes: Vec<Change>,
}

/// A word that is in no codelist.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewWord {
    /// Name of the column.
    pub column: String,
    /// The word.
    pub word: String,
    /// Rows that have it.
    pub count: usize,
    /// The first of them.
    pub first_row: u32,
    /// Code of the entry that it resembles.
    pub suggestion: Option<String>,
    /// Name of that entry.
    pub suggested_name: Option<Text>,
}

/// What an import would do.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The file.
    pub file: String,
    /// Its worksheet.
    pub sheet: Option<String>,
    /// Its encoding, where it is text.
    pub encoding: Option<&'static str>,
    /// How rows divide.
    pub counts: Counts,
    /// Whether the file takes the place of invented enterprises.
    pub replaces_sample: bool,
    /// Whether enterprises that the file does not name go.
    pub removes_absent: bool,
    /// Names of the districts for which the file is taken to be complete.
    pub complete_for: Vec<String>,
    /// Every column of the file.
    pub columns: Vec<ColumnReport>,
    /// The system of the positions.
    pub verdict: Option<Verdict>,
    /// The verdict in words.
    pub verdict_text: Option<Text>,
    /// Words that are in no codelist.
    pub new_words: Vec<NewWord>,
    /// How often each kind of finding occurs.
    pub tallies: Vec<Tally>,
    /// The first findings of each kind.
    pub findings: Vec<Finding>,
    /// The first rows of each class, unchanged ones left out.
    pub rows: BTreeMap<Class, Vec<RowReport>>,
    /// The first enterprises that the file does not name.
    pub absent: Vec<RowReport>,
}

impl Outcome {
    /// The worst that was found.
    pub fn worst(&self) -> Option<Severity> {
        self.tallies.iter().map(|t| t.severity).min()
    }

    /// How many findings have this code.
    pub fn count(&self, code: &str) -> usize {
        self.tallies.iter().filter(|t| t.code == code).map(|t| t.count).sum()
    }
}

#[derive(Default)]
struct Seen {
    text_numbers: usize,
    odd_dates: usize,
    rounded: usize,
    coded: usize,
    kept: usize,
    unlocated: usize,
    districts: HashMap<usize, usize>,
    words: HashMap<(usize, String), (usize, u32)>,
    /// For each column: powers of ten between old and new numbers.
    steps: HashMap<usize, Vec<f64>>,
}

impl Import<'_> {
    /// Judges every row and says what would change. Nothing is written.
    pub fn check(&self) -> Outcome {
        let mut findings = Findings::new(self.options.findings_per_code);
        self.sheet
            .findings
            .iter()
            .chain(&self.mapping.findings)
            .chain(&self.findings)
            .for_each(|f| findings.add(f.clone()));
        let mut counts = Counts { rows: self.sheet.cells.len(), ..Counts::default() };
        let mut rows: BTreeMap<Class, Vec<RowReport>> = BTreeMap::new();
        let mut seen = Seen::default();
        for row in 0..self.sheet.cells.len() {
            let judged = self.judge(row);
            *counts.of(judged.class) += 1;
            self.see(&judged, &mut seen);
            let list = rows.entry(judged.class).or_default();
            if judged.class != Class::Unchanged && list.len() < self.options.rows_per_class {
                list.push(RowReport {
                    row: Some(judged.number),
                    id: judged.id,
                    name: judged.name,
                    moved_m: judged.moved_m.map(f64::round),
                    changes: judged.changes,
                });
            }
            judged.notes.into_iter().for_each(|f| findings.add(f));
        }
        let complete_for = self.complete_for(&seen);
        let absent = self.absent(&complete_for, &mut counts);
        self.sum_up(&seen, &counts, &mut findings);
        rows.remove(&Class::Unchanged);
        Outcome {
            file: self.options.file.clone(),
            sheet: self.sheet.name.clone(),
            encoding: self.sheet.encoding,
            counts,
            replaces_sample: self.replaces_sample,
            removes_absent: self.options.absent == Absent::Remove,
            complete_for: complete_for.iter().map(|d| self.districts.name(*d).to_owned()).collect(),
            columns: self.mapping.columns.clone(),
            verdict: self.verdict.clone(),
            verdict_text: self.verdict.as_ref().map(Verdict::text),
            new_words: self.new_words(&seen),
            tallies: findings.tallies(),
            findings: findings.kept().to_vec(),
            rows,
            absent,
        }
    }

    fn see(&self, judged: &Judged, seen: &mut Seen) {
        let done = judged.done;
        seen.text_numbers += usize::from(done.text_number && self.sheet.encoding.is_none());
        seen.odd_dates += usize::from(done.odd_date);
        seen.rounded += usize::from(done.rounded);
        seen.coded += usize::from(done.coded);
        seen.kept += usize::from(judged.kept > 0);
        seen.unlocated += usize::from(judged.position.is_none() && judged.existing.is_none());
        if let Some(district) = judged.district {
            *seen.districts.entry(district).or_default() += 1;
        }
        for word in &judged.new_words {
            if let Some((count, _)) = seen.words.get_mut(word) {
                *count += 1;
            } else if seen.words.len() < WORDS {
                seen.words.insert(word.clone(), (1, judged.number));
            }
        }
        for taken in self.taken.iter().filter(|t| t.reading.spec.unit.is_some()) {
            let steps = seen.steps.entry(taken.place).or_default();
            let Some(existing) = judged.existing.filter(|_| steps.len() < COMPARED) else { continue };
            let old = held(self.schema.table, existing, taken.place).as_f64();
            if let Some((old, new)) = old.zip(judged.values[taken.place].as_f64()).filter(|(a, b)| *a > 0.0 && *b > 0.0)
            {
                steps.push((new / old).log10());
            }
        }
    }

    /// The districts of which the file names at least a tenth of what the register has there.
    pub(super) fn covered(&self, named: &HashMap<usize, usize>) -> Vec<usize> {
        let mut has: HashMap<usize, usize> = HashMap::new();
        for row in 0..self.schema.table.ids.len() {
            if let Some(d) = self.declared_in_register(row) {
                *has.entry(d).or_default() += 1;
            }
        }
        let mut covered: Vec<usize> =
            named.iter().filter(|(d, n)| **n * 10 >= has.get(d).copied().unwrap_or(0)).map(|(d, _)| *d).collect();
        covered.sort_unstable();
        covered
    }

    fn complete_for(&self, seen: &Seen) -> Vec<usize> {
        if self.replaces_sample { Vec::new() } else { self.covered(&seen.districts) }
    }

    /// The district that the register declares for a row.
    pub(super) fn declared_in_register(&self, row: usize) -> Option<usize> {
        let column = self.schema.table.columns.get(self.roles.district?)?;
        self.districts.by_id(column.text(row)?)
    }

    fn absent(&self, complete_for: &[usize], counts: &mut Counts) -> Vec<RowReport> {
        let table = self.schema.table;
        let mut list = Vec::new();
        for row in 0..table.ids.len() {
            let covered = self.declared_in_register(row).is_some_and(|d| complete_for.contains(&d));
            if !covered || self.keys.found(row).is_some() {
                continue;
            }
            counts.absent += 1;
            if list.len() < self.options.rows_per_class {
                let name = self.roles.name.and_then(|p| table.columns.get(p)?.text(row)).unwrap_or_default();
                list.push(RowReport {
                    row: None,
                    id: table.ids.value(row).to_owned(),
                    name: name.to_owned(),
                    moved_m: None,
                    changes: Vec::new(),
                });
            }
        }
        list
    }

    fn new_words(&self, seen: &Seen) -> Vec<NewWord> {
        let mut words: Vec<NewWord> = seen
            .words
            .iter()
            .map(|((column, word), (count, first_row))| {
                let list = self.taken.iter().find(|t| t.column == *column).and_then(|t| t.reading.codelist.as_ref());
                let alike = list.and_then(|list| {
                    let best = list.entries.iter().map(|e| {
                        let names = e.aliases.iter().chain([&e.name.zh]);
                        (names.map(|n| likeness(n, word)).fold(0.0, f64::max), e)
                    });
                    best.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness >= 0.5)
                });
                NewWord {
                    column: shorten(&self.sheet.columns[*column].name),
                    word: shorten(word),
                    count: *count,
                    first_row: *first_row,
                    suggestion: alike.map(|(_, e)| e.code.clone()),
                    suggested_name: alike.map(|(_, e)| e.name.clone()),
                }
            })
            .collect();
        words.sort_by(|a, b| b.count.cmp(&a.count).then(a.first_row.cmp(&b.first_row)).then(a.word.cmp(&b.word)));
        words
    }

    /// What was done in many rows, said once.
    fn sum_up(&self, seen: &Seen, counts: &Counts, findings: &mut Findings) {
        let all = [
            (
                seen.text_numbers,
                "numbers-as-text",
                "的数字以文本存放,已按数字读取",
                "have numbers stored as text, read as numbers",
            ),
            (
                seen.odd_dates,
                "dates-as-text",
                "的日期以文本或序列号存放,已按日期读取",
                "have dates stored as text or serial numbers, read as dates",
            ),
            (
                seen.rounded,
                "values-rounded",
                "的小数位多于名录所存,已四舍五入",
                "have more decimals than the register keeps and were rounded",
            ),
            (seen.coded, "values-coded", "的文字已对应为代码", "have words that became codes"),
            (
                seen.kept,
                "empty-kept",
                "有空单元格,名录中的原值不变",
                "have empty cells; the register keeps its values there",
            ),
            (
                seen.unlocated,
                "unlocated",
                "没有可用的坐标,只计入填报区县",
                "have no usable position and count for their declared district only",
            ),
        ];
        for (n, code, zh, en) in all.into_iter().filter(|(n, ..)| *n > 0) {
            findings.add(Finding::info(code, Text::new(format!("{n} 行{zh}"), format!("{n} rows {en}"))));
        }
        if self.replaces_sample {
            let n = self.schema.table.ids.len();
            findings.add(Finding::info(
                "sample-replaced",
                Text::new(
                    format!("现有名录是示例数据({n} 家虚构企业),将整体替换为本表的 {} 行", counts.rows),
                    format!("the register is sample data ({n} invented enterprises) and is replaced as a whole"),
                ),
            ));
        }
        for taken in &self.taken {
            let Some(steps) = seen.steps.get(&taken.place).filter(|s| s.len() >= 20) else { continue };
            let mut steps = steps.clone();
            steps.sort_by(f64::total_cmp);
            let middle = steps[steps.len() / 2];
            if middle.abs() >= DOUBTFUL {
                let (head, times) = (shorten(&self.sheet.columns[taken.column].name), 10f64.powf(middle));
                let times = if times >= 1.0 { format!("{times:.0}") } else { format!("1/{:.0}", 1.0 / times) };
                let text = Text::new(
                    format!("“{head}”列的数值一般是名录现值的 {times} 倍,像是单位写错"),
                    format!("“{head}” is usually {times} times what the register has: its unit seems wrong"),
                );
                findings.add(Finding::warning("unit-suspect", text).cell(taken.column, ""));
            }
        }
        self.same_names(findings);
    }

    /// Names that several rows with different codes have.
    fn same_names(&self, findings: &mut Findings) {
        let Some(column) = self.column_of(self.roles.name) else { return };
        let cells = &self.sheet.cells;
        let mut first: HashMap<&str, u32> = HashMap::with_capacity(cells.len());
        let mut again: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for row in (0..cells.len()).filter(|r| self.keys.superseded(*r).is_none()) {
            let cell = cells.cell(row, column);
            if cell.kind == Kind::Empty {
                continue;
            }
            let number = cells.number(row);
            if let Some(before) = first.insert(cell.text, number) {
                let rows = again.entry(cell.text).or_insert_with(|| vec![before]);
                rows.push(number);
            }
        }
        for (name, rows) in again {
            let (name, list) = (shorten(name), listed(&rows));
            let text = Text::new(
                format!("{} 行都叫“{name}”,代码不同({list} 行)", rows.len()),
                format!("{} rows are called “{name}” and have different codes (rows {list})", rows.len()),
            );
            findings.add(Finding::warning("same-name", text).row(rows[0]).cell(column, &name));
        }
    }

    /// Which properties the new register has values for.
    pub(super) fn used(&self) -> Vec<bool> {
        let [credit, x, y, crs] = self.roles.added;
        let positions = self.verdict.is_some();
        (0..self.schema.spec.properties.len())
            .map(|i| {
                let added = if Some(i) == credit { self.column_of(credit).is_some() } else { positions };
                i < self.schema.own || ([credit, x, y, crs].contains(&Some(i)) && added)
            })
            .collect()
    }

    /// Whether a property of the register is a list.
    pub(super) fn is_list(&self, place: usize) -> bool {
        self.schema.spec.properties[place].ty == PropertyType::Strings
    }
}

impl Counts {
    fn of(&mut self, class: Class) -> &mut usize {
        match class {
            Class::New => &mut self.new,
            Class::Changed => &mut self.changed,
            Class::Moved => &mut self.moved,
            Class::Problem => &mut self.problem,
            Class::Unchanged => &mut self.unchanged,
        }
    }
}

/// Share of characters that two words have in common, whatever their order.
fn likeness(a: &str, b: &str) -> f64 {
    let mut left: Vec<char> = b.chars().collect();
    let total = a.chars().count() + left.len();
    let common =
        a.chars().filter(|c| left.iter().position(|l| l == c).map(|at| left.swap_remove(at)).is_some()).count();
    if total == 0 { 0.0 } else { 2.0 * common as f64 / total as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_another_order_are_alike() {
        assert!((likeness("智能视觉", "视觉智能") - 1.0).abs() < 1e-12);
        assert!(likeness("智慧医疗", "视觉智能") < 0.5);
        assert!((likeness("", "") - 0.0).abs() < 1e-12);
    }
}
