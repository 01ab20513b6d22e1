//! Long tables, a row for each firm and period, become the register's form: a row for each firm, a column for each figure
//! and period. Two forms are read: a column for each figure, or a column with the figure's name and one with its value.

use super::finding::{Finding, Refusal, shorten};
use super::folded::Folded;
use super::no_register;
use super::period;
use super::schema::{CREDIT_CODE, Schema};
use super::sheet::{Cells, Column, Kind, Limits, Row, Sheet, listed};
use super::vocabulary::{Target, Vocabulary};
use crate::core::cancel;
use crate::core::model::{Dataset, Period, Text};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Heads of columns of periods.
const PERIODS: [&str; 16] = [
    "时期",
    "报告期",
    "统计期",
    "统计时期",
    "统计时间",
    "期间",
    "所属期",
    "数据时间",
    "季度",
    "月份",
    "年月",
    "period",
    "quarter",
    "month",
    "reportingperiod",
    "timeperiod",
];
/// Heads of columns of years, whose quarter or month may stand in another.
const YEARS: [&str; 5] = ["年份", "年度", "年", "year", "统计年度"];
const QUARTERS: [&str; 3] = ["季度", "季", "quarter"];
const MONTHS: [&str; 3] = ["月份", "月", "month"];
/// Heads of columns of figures' names, of their values and of their units.
const NAMES: [&str; 7] = ["指标", "指标名称", "统计指标", "项目", "indicator", "metric", "measure"];
const VALUES: [&str; 9] = ["值", "数值", "指标值", "本期值", "本期数", "数据", "value", "amount", "figure"];
const UNITS: [&str; 3] = ["单位", "计量单位", "unit"];

/// Rows that say whether a column holds periods.
const LOOKED_AT: usize = 5_000;

/// What the columns of a long table are.
struct Shape {
    /// The columns of which the period is put together: one, or a year and its part.
    period: Vec<usize>,
    /// The part's word, where its cells are bare numbers.
    part: &'static str,
    /// The columns that say which firm a row is of.
    key: Vec<usize>,
    figures: Figures,
}

/// Where the figures stand.
enum Figures {
    /// A column for each.
    Columns(Vec<usize>),
    /// Their names, values and units.
    Named { name: usize, value: usize, unit: Option<usize> },
}

/// Head, unit and column of a figure.
type Figure<'a> = (&'a str, Option<&'a str>, usize);

impl Figures {
    /// Those that have columns of their own: the same in every row.
    fn fixed<'a>(&self, sheet: &'a Sheet) -> Vec<Figure<'a>> {
        let figure = |c: &usize| (&*sheet.columns[*c].name, sheet.columns[*c].unit.as_deref(), *c);
        if let Self::Columns(all) = self { all.iter().map(figure).collect() } else { vec![] }
    }

    /// The one that a row names.
    fn of_row<'a>(&self, cells: &'a Cells, row: usize) -> Option<Figure<'a>> {
        let Self::Named { name, value, unit } = self else { return None };
        let unit = unit.map(|c| cells.cell(row, c).text.trim()).filter(|u| !u.is_empty());
        Some((cells.cell(row, *name).text.trim(), unit, *value))
    }
}

/// Folds a long table; any other is left as it is. `wanted` is the planner's word: `Some(false)` leaves every table as it is.
pub fn fold(sheet: Sheet, dataset: &Dataset, wanted: Option<bool>) -> Result<Sheet, Refusal> {
    let schema = Schema::of(dataset).ok_or_else(no_register)?;
    let words = Vocabulary::new(&schema.spec, schema.register);
    if wanted == Some(false) {
        return Ok(sheet);
    }
    match Shape::of(&sheet, &schema, &words) {
        Some(shape) => folded(sheet, &shape),
        None => Ok(sheet),
    }
}

impl Shape {
    fn of(sheet: &Sheet, schema: &Schema, words: &Vocabulary) -> Option<Self> {
        let heads: Vec<String> = sheet.columns.iter().map(|c| super::vocabulary::plain(&c.name)).collect();
        let is = |column: usize, list: &[&str]| list.contains(&heads[column].as_str());
        let all = 0..sheet.columns.len();
        let meaning = |column: usize| words.meaning(&sheet.columns[column].name, None).filter(|m| m.confidence > 0.6);
        // a property with periods in it, such as the year of foundation, is a property
        let free: Vec<usize> = all.filter(|c| meaning(*c).is_none_or(|m| m.target == Target::Nothing)).collect();
        let (period, part) = period_columns(sheet, &free, &is)?;
        let free: Vec<usize> = free.into_iter().filter(|c| !period.contains(c)).collect();
        let figures = Self::figures(sheet, words, &free, &is)?;
        let column = |target: Option<Target>| {
            target.and_then(|target| (0..sheet.columns.len()).find(|c| meaning(*c).is_some_and(|m| m.target == target)))
        };
        let place = |name: Option<&str>| name.and_then(|name| schema.place(name)).map(Target::Property);
        let name = column(place(schema.spec.name.as_deref()));
        let district = column(place(schema.register.district.as_deref()));
        let code = column(Some(Target::Id)).or_else(|| column(place(Some(CREDIT_CODE))));
        let key: Vec<usize> = code.map_or_else(|| name.into_iter().chain(district).collect(), |code| vec![code]);
        let shape = Self { period, part, key, figures };
        (!shape.key.is_empty() && shape.repeats(sheet)).then_some(shape)
    }

    fn figures(
        sheet: &Sheet,
        words: &Vocabulary,
        free: &[usize],
        is: &impl Fn(usize, &[&str]) -> bool,
    ) -> Option<Figures> {
        let columns: Vec<usize> = free
            .iter()
            .copied()
            .filter(|c| !words.periods_of(&sheet.columns[*c].name).is_empty())
            .filter(|c| period::find(&sheet.columns[*c].name).is_none())
            .collect();
        if !columns.is_empty() {
            return Some(Figures::Columns(columns));
        }
        let named = |column: usize| share(&sheet.cells, column, |text| !words.periods_of(text).is_empty()) >= 0.6;
        let name =
            free.iter().copied().find(|c| is(*c, &NAMES)).or_else(|| free.iter().copied().find(|c| named(*c)))?;
        let value = free.iter().copied().find(|c| is(*c, &VALUES))?;
        let unit = free.iter().copied().find(|c| is(*c, &UNITS));
        named(name).then_some(Figures::Named { name, value, unit })
    }

    /// The firm of a row, where it says one.
    fn firm(&self, cells: &Cells, row: usize) -> Option<String> {
        let key: Vec<&str> = self.key.iter().map(|c| cells.cell(row, *c).text.trim()).collect();
        key.first().filter(|first| !first.is_empty()).map(|_| key.join("\u{1}"))
    }

    /// The period of a row, where it is one.
    fn period(&self, cells: &Cells, row: usize) -> Option<Period> {
        match self.period[..] {
            [one] => period::of_cell(cells.cell(row, one)),
            [year, part] => period::whole(&put_together(cells, row, (year, part), self.part)),
            _ => None,
        }
    }

    /// Whether firms stand in several rows, one for each period, or all rows are of one period.
    fn repeats(&self, sheet: &Sheet) -> bool {
        let cells = &sheet.cells;
        let (mut firms, mut periods, mut rows) = (BTreeSet::new(), BTreeSet::new(), 0_usize);
        for row in 0..cells.len().min(LOOKED_AT) {
            cancel::check();
            let (Some(firm), Some(period)) = (self.firm(cells, row), self.period(cells, row)) else { continue };
            firms.insert(firm);
            periods.insert(period);
            rows += 1;
        }
        let named = matches!(self.figures, Figures::Named { .. });
        rows > 0
            && (periods.len() == 1
                || named
                || firms.len() * 10 <= rows * 9
                || (firms.len() < rows && periods.len() <= 24))
    }
}

/// The columns of the period: one with periods in it, or one of years and one of quarters or months.
fn period_columns(
    sheet: &Sheet,
    free: &[usize],
    is: &impl Fn(usize, &[&str]) -> bool,
) -> Option<(Vec<usize>, &'static str)> {
    let cells = &sheet.cells;
    let periods = |column: usize| share_of(cells, column, |cell| period::of_cell(cell).is_some()) >= 0.95;
    let find = |heads: &[&str]| free.iter().copied().find(|c| is(*c, heads));
    if let Some(year) = find(&YEARS) {
        for (heads, part) in [(&QUARTERS[..], "季度"), (&MONTHS[..], "月")] {
            let Some(other) = find(heads).filter(|other| *other != year && !periods(*other)) else { continue };
            let rows = cells.len().min(LOOKED_AT);
            let read = (0..rows).filter(|row| period::whole(&put_together(cells, *row, (year, other), part)).is_some());
            if read.count() * 100 >= rows * 95 {
                return Some((vec![year, other], part));
            }
        }
        if periods(year) {
            return Some((vec![year], ""));
        }
    }
    let by_head = find(&PERIODS).filter(|c| periods(*c));
    let by_cells = || {
        free.iter()
            .copied()
            .find(|c| sheet.columns[*c].name.chars().count() <= 12 && periods(*c) && !has_figures(cells, *c))
    };
    by_head.or_else(by_cells).map(|column| (vec![column], ""))
}

/// Whether the cells are plain numbers that happen to read as years.
fn has_figures(cells: &Cells, column: usize) -> bool {
    share_of(cells, column, |cell| cell.kind == Kind::Number) > 0.5
}

fn put_together(cells: &Cells, row: usize, (year, part): (usize, usize), word: &str) -> String {
    let year = cells.cell(row, year).text.trim().trim_end_matches("年度").trim_end_matches('年');
    let part = cells.cell(row, part).text.trim();
    let bare = part.chars().all(|c| c.is_ascii_digit());
    format!("{year}年{part}{}", if bare { word } else { "" })
}

fn share(cells: &Cells, column: usize, holds: impl Fn(&str) -> bool) -> f64 {
    share_of(cells, column, |cell| holds(cell.text))
}

/// Of the cells that hold something, the part that is so.
fn share_of(cells: &Cells, column: usize, holds: impl Fn(super::sheet::Cell<'_>) -> bool) -> f64 {
    let rows = (0..cells.len().min(LOOKED_AT)).map(|row| cells.cell(row, column));
    let (mut filled, mut hits) = (0_usize, 0_usize);
    for cell in rows.filter(|cell| cell.kind != Kind::Empty) {
        filled += 1;
        hits += usize::from(holds(cell));
    }
    if filled == 0 { 0.0 } else { hits as f64 / filled as f64 }
}

/// A figure of a firm as it was read.
struct Value {
    kind: Kind,
    text: String,
    row: u32,
}

/// A firm on its way into one row.
struct Firm {
    first: usize,
    /// By column of the new table.
    values: HashMap<usize, Value>,
}

fn folded(sheet: Sheet, shape: &Shape) -> Result<Sheet, Refusal> {
    let cells = &sheet.cells;
    let gone: Vec<usize> = match &shape.figures {
        Figures::Columns(columns) => shape.period.iter().chain(columns).copied().collect(),
        Figures::Named { name, value, unit } => {
            shape.period.iter().copied().chain([*name, *value]).chain(*unit).collect()
        }
    };
    let kept: Vec<usize> = (0..sheet.columns.len()).filter(|c| !gone.contains(c)).collect();
    let mut columns: Vec<Column> = kept.iter().map(|c| sheet.columns[*c].clone()).collect();
    let fixed = shape.figures.fixed(&sheet);
    let mut places: BTreeMap<(String, Period), usize> = BTreeMap::new();
    let mut firms: Vec<Firm> = Vec::new();
    let mut by_key: HashMap<String, usize> = HashMap::new();
    let mut told = Told::default();
    for row in 0..cells.len() {
        cancel::check();
        let number = cells.number(row);
        let new = |firms: &mut Vec<Firm>| {
            firms.push(Firm { first: row, values: HashMap::new() });
            firms.len() - 1
        };
        let firm = match shape.firm(cells, row) {
            Some(key) => *by_key.entry(key).or_insert_with(|| new(&mut firms)),
            None => new(&mut firms),
        };
        if kept.iter().any(|c| differs(cells, (firms[firm].first, row), *c)) {
            told.differing.push(number);
        }
        let Some(period) = shape.period(cells, row) else {
            told.without.push(number);
            continue;
        };
        told.periods.insert(period);
        let of_row = shape.figures.of_row(cells, row);
        for &(head, unit, column) in fixed.iter().chain(&of_row) {
            let cell = cells.cell(row, column);
            if cell.kind == Kind::Empty || head.is_empty() {
                continue;
            }
            let place = *places.entry((head.to_owned(), period)).or_insert_with(|| {
                columns.push(Column { name: format!("{period} {head}"), unit: unit.map(str::to_owned) });
                columns.len() - 1
            });
            let value = Value { kind: cell.kind, text: cell.text.to_owned(), row: number };
            match firms[firm].values.get(&place) {
                Some(other) if other.text != value.text => told.twice(&columns[place].name, other, &value),
                _ => _ = firms[firm].values.insert(place, value),
            }
        }
    }
    let limits = Limits::default();
    if columns.len() > limits.columns {
        let (n, most) = (columns.len(), limits.columns);
        return Err(Refusal::new(
            "table-too-large",
            Text::new(
                format!("长表归并后有 {n} 列,超过上限 {most}"),
                format!("folded, the long table has {n} columns, over the limit of {most}"),
            ),
        ));
    }
    let folded = Folded {
        head: shape.period.iter().map(|c| shorten(&sheet.columns[*c].name)).collect::<Vec<_>>().join(" + "),
        periods: told.periods.iter().copied().collect(),
        rows: (cells.len(), firms.len()),
    };
    let mut out = Cells::default();
    let mut line = Row::default();
    for firm in &firms {
        line.clear();
        for column in &kept {
            let cell = cells.cell(firm.first, *column);
            line.push(cell.kind, cell.text);
        }
        for place in kept.len()..columns.len() {
            match firm.values.get(&place) {
                Some(value) => line.push(value.kind, &value.text),
                None => line.push(Kind::Empty, ""),
            }
        }
        out.push(cells.number(firm.first), &line);
    }
    let column = shape.period[0];
    let mut findings = sheet.findings.clone();
    findings.push(Finding::warning("long-table", folded.text()));
    findings.extend(told.findings(&sheet.columns[column].name));
    let place = |c: &usize| kept.iter().position(|k| k == c);
    let shared = sheet.shared.iter().filter_map(|(c, a, b)| Some((place(c)?, *a, *b))).collect();
    let shapes = firms.iter().filter_map(|firm| sheet.shapes.get(firm.first).cloned()).collect();
    Ok(Sheet { columns, cells: out, shared, shapes, findings, folded: Some(folded), ..sheet })
}

/// Whether two rows of a firm say something else in a column that is no figure.
fn differs(cells: &Cells, (first, row): (usize, usize), column: usize) -> bool {
    let [a, b] = [first, row].map(|row| cells.cell(row, column));
    a.kind != Kind::Empty && b.kind != Kind::Empty && a.text != b.text
}

/// What is to be told of a folded table.
#[derive(Default)]
struct Told {
    periods: BTreeSet<Period>,
    /// Rows without a period.
    without: Vec<u32>,
    /// Rows whose other columns differ from the firm's first row.
    differing: Vec<u32>,
    twice: Vec<Finding>,
}

impl Told {
    fn twice(&mut self, head: &str, other: &Value, value: &Value) {
        let (head, a, b) = (shorten(head), shorten(&other.text), shorten(&value.text));
        let (first, row) = (other.row, value.row);
        let text = Text::new(
            format!("同一时期出现两次且数值不同:“{head}”在第 {first} 行为 {a},在第 {row} 行为 {b};采用第 {first} 行"),
            format!(
                "twice for one period with other values: “{head}” is {a} in row {first} and {b} in row {row}; row {first} was taken"
            ),
        );
        self.twice.push(Finding::error("period-twice", text).row(row));
    }

    fn findings(self, head: &str) -> Vec<Finding> {
        let mut out = self.twice;
        let head = shorten(head);
        if !self.without.is_empty() {
            let (n, list) = (self.without.len(), listed(&self.without));
            let text = Text::new(
                format!("{n} 行的“{head}”不是年、季度或月,其数值未采用(第 {list} 行)"),
                format!("in {n} rows “{head}” is no year, quarter or month; their figures were left out (row {list})"),
            );
            out.push(Finding::error("period-unread", text));
        }
        if !self.differing.is_empty() {
            let (n, list) = (self.differing.len(), listed(&self.differing));
            let text = Text::new(
                format!("{n} 行的名称、区域等与同一对象的首行不同,以首行为准(第 {list} 行)"),
                format!(
                    "{n} rows differ from the first of their kind in name, zone or the like; the first was taken (row {list})"
                ),
            );
            out.push(Finding::warning("long-differs", text));
        }
        out
    }
}

/// Why a folded table can't be taken yet.
pub(super) fn unconfirmed(folded: &Folded) -> Refusal {
    Refusal::new("long-table", folded.text())
}
