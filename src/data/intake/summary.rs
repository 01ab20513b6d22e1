//! What is said once of many rows: what was done to read them, new words, doubtful units, names that occur twice.

use super::diff::held;
use super::finding::{Finding, Findings, shorten};
use super::outcome::{Counts, NewWord, Seen};
use super::prepare::{Import, Taken};
use super::sheet::unit::Unit;
use super::sheet::{Kind, listed};
use crate::core::cancel;
use crate::core::model::Text;
use std::collections::{BTreeMap, HashMap};

/// Powers of ten between the usual old and new number from which on the unit is doubted.
const DOUBTFUL: f64 = 2.5;
/// The same where nearly all numbers differ by the same power.
const TENFOLD: f64 = 0.9;

impl Import<'_> {
    /// Words that are in no codelist, the commonest first.
    pub(super) fn new_words(&self, seen: &Seen) -> Vec<NewWord> {
        let mut words: Vec<NewWord> = seen
            .words
            .iter()
            .map(|((column, word), seen)| {
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
                    count: seen.count,
                    first_row: seen.row,
                    suggestion: alike.map(|(_, e)| e.code.clone()),
                    suggested_name: alike.map(|(_, e)| e.name.clone()),
                }
            })
            .collect();
        words.sort_by(|a, b| b.count.cmp(&a.count).then(a.first_row.cmp(&b.first_row)).then(a.word.cmp(&b.word)));
        words
    }

    /// What was done in many rows, said once.
    pub(super) fn sum_up(&self, seen: &Seen, counts: &Counts, findings: &mut Findings) {
        let all = [
            (
                seen.done.text_number,
                "numbers-as-text",
                "的数字以文本存放,已按数字读取",
                "have numbers stored as text, read as numbers",
            ),
            (
                seen.done.odd_date,
                "dates-as-text",
                "的日期以文本或序列号存放,已按日期读取",
                "have dates stored as text or serial numbers, read as dates",
            ),
            (
                seen.done.rounded,
                "values-rounded",
                "的小数位多于名录所存,已四舍五入",
                "have more decimals than the register keeps and were rounded",
            ),
            (seen.done.coded, "values-coded", "的文字已对应为代码", "have words that became codes"),
            (
                seen.done.none,
                "none-marked",
                "有“—”“/”“无”一类的记号,按未填读取",
                "have marks for none, such as —, which were read as no value",
            ),
            (
                seen.done.own_unit,
                "units-in-cells",
                "的数值自带单位,已按各自的单位换算",
                "have numbers with units of their own, which were converted",
            ),
            (
                seen.kept,
                "empty-kept",
                "有空单元格,名录中的原值不变",
                "have empty cells; the register keeps its values there",
            ),
            (
                seen.unlocated,
                "unlocated",
                "没有可用的坐标,只计入填报区域",
                "have no usable position and count for their declared zone only",
            ),
        ];
        for (n, code, zh, en) in all.into_iter().filter(|(n, ..)| *n > 0) {
            findings.add(Finding::info(code, Text::new(format!("{n} 行{zh}"), format!("{n} rows {en}"))));
        }
        let [exact, house, nearest] = seen.by_address;
        if exact + house + nearest > 0 {
            let n = exact + house + nearest;
            let text = Text::new(
                format!("{n} 行没有坐标,按地址由地名表定位:地址相同 {exact},门牌相同 {house},取最近门牌 {nearest}"),
                format!(
                    "{n} rows without position were located from their address by a table of places: {exact} the same address, {house} the same house number, {nearest} the nearest number"
                ),
            );
            findings.add(Finding::info("located-by-address", text));
        }
        if seen.done.in_zone > 0 {
            let (n, zone) = (seen.done.in_zone, self.zone.name());
            let text = Text::new(
                format!("{n} 行的日期是带时区的时刻,已按数据集的时区 {zone} 取日"),
                format!("{n} rows have instants for dates; their days are those of the dataset's time zone, {zone}"),
            );
            findings.add(Finding::info("dates-in-zone", text));
        }
        if self.replaces_sample {
            let n = self.schema.table.ids.len();
            findings.add(Finding::info(
                "sample-replaced",
                Text::new(
                    format!("现有名录是示例数据({n} 条虚构记录),将整体替换为本表的 {} 行", counts.rows),
                    format!("the register is sample data ({n} invented rows) and is replaced as a whole"),
                ),
            ));
        }
        for taken in &self.taken {
            self.doubt(taken, seen, findings);
        }
        self.same_names(findings);
    }

    /// Doubts the unit of a column whose numbers are usually some powers of ten away: from those that the register has for the
    /// same enterprises, else for each person from what is usual in the register.
    fn doubt(&self, taken: &Taken, seen: &Seen, findings: &mut Findings) {
        let head = shorten(&self.sheet.columns[taken.column].name);
        let times = |step: f64| {
            let times = 10f64.powf(step);
            if times >= 1.0 { format!("{times:.0}") } else { format!("1/{:.0}", 1.0 / times) }
        };
        let same = seen.steps.get(&taken.place).and_then(|s| middle(s)).filter(|(n, ..)| *n >= 3);
        if let Some((_, step, spread)) = same {
            // a tenth or ten times for nearly all is no year's growth
            if step.abs() >= DOUBTFUL || (step.abs() >= TENFOLD && spread <= 0.2) {
                let times = times(step);
                let text = Text::new(
                    format!("“{head}”列的数值一般是名录现值的 {times} 倍,像是单位写错"),
                    format!("“{head}” is usually {times} times what the register has: its unit seems wrong"),
                );
                findings.add(Finding::warning("unit-suspect", text).cell(taken.column, ""));
            }
            return;
        }
        let Some((n, here, _)) = seen.per_head.get(&taken.place).and_then(|s| middle(s)) else { return };
        let Some(usual) = self.usual_per_head(taken.place) else { return };
        let step = here - usual;
        if step.abs() >= if n >= 3 { DOUBTFUL } else { DOUBTFUL + 0.5 } {
            let times = times(step);
            let text = Text::new(
                format!("“{head}”列的人均数值约为名录通常水平的 {times} 倍,像是单位写错(如漏了“万”)"),
                format!(
                    "“{head}” for each person is some {times} times what is usual in the register: its unit seems wrong"
                ),
            );
            findings.add(Finding::warning("unit-suspect", text).cell(taken.column, ""));
        }
    }

    /// The power of ten of an amount for each person that is usual in the register.
    fn usual_per_head(&self, amount: usize) -> Option<f64> {
        const ROWS: usize = 4096;
        let heads = self.heads_of(amount)?;
        let table = self.schema.table;
        let step = table.ids.len().div_ceil(ROWS).max(1);
        let number = |row: usize, place: usize| held(table, row, place).as_f64().filter(|n| *n > 0.0);
        let all: Vec<f64> = (0..table.ids.len())
            .step_by(step)
            .filter_map(|row| Some((number(row, amount)? / number(row, heads)?).log10()))
            .collect();
        middle(&all).filter(|(n, ..)| *n >= 10).map(|(_, middle, _)| middle)
    }

    /// The property with the number of persons of the same year as an amount of money.
    pub(super) fn heads_of(&self, amount: usize) -> Option<usize> {
        let unit = |place: usize| {
            let unit = self.schema.spec.properties.get(place)?.unit.as_ref()?;
            Unit::of(&unit.zh).or_else(|| Unit::of(&unit.en))
        };
        if !unit(amount)?.is_money() {
            return None;
        }
        let name = &self.schema.spec.properties[amount].name;
        let metrics = &self.schema.register.metrics;
        let year = metrics.iter().find_map(|m| m.columns.iter().find(|(_, p)| *p == name).map(|(y, _)| *y))?;
        let heads = metrics.iter().filter_map(|m| self.schema.place(m.columns.get(&year)?));
        heads.into_iter().find(|p| unit(*p).is_some_and(|u| u.base == "person"))
    }

    /// Names that several rows with different codes have.
    fn same_names(&self, findings: &mut Findings) {
        let Some(column) = self.column_of(self.roles.name) else { return };
        let cells = &self.sheet.cells;
        let mut first: HashMap<&str, u32> = HashMap::with_capacity(cells.len());
        let mut again: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for row in (0..cells.len()).filter(|r| self.keys.superseded(*r).is_none()) {
            cancel::check();
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
}

/// How many numbers there are, the middle one, and how far half of them are from it at most.
fn middle(numbers: &[f64]) -> Option<(usize, f64, f64)> {
    let half = |mut list: Vec<f64>| {
        list.sort_by(f64::total_cmp);
        list.get(list.len() / 2).copied()
    };
    let middle = half(numbers.to_vec())?;
    let spread = half(numbers.iter().map(|n| (n - middle).abs()).collect())?;
    Some((numbers.len(), middle, spread))
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
