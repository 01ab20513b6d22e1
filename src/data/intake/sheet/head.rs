//! Where a table begins: the rows of column names below titles, and the units written below them.

use super::Words;
use super::cells::{Cell, Kind, Row};
use super::rollup::{is_figure, is_numbering};
use super::unit;

/// Rows at the top of a sheet among which the head is looked for.
pub const LOOKED_AT: usize = 40;
/// Rows that a head has at most.
const HIGHEST: usize = 5;

/// The head of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The first row after it, counted in the rows looked at.
    pub after: usize,
    /// Rows that make up the names.
    pub rows: usize,
    /// Name of each column; empty where there is none.
    pub names: Vec<String>,
    /// Unit of each column that a row of units gives.
    pub units: Vec<Option<String>>,
    /// What stands above the head: titles, dates, units of all columns.
    pub above: Vec<String>,
    /// Names that are known.
    pub known: usize,
    /// The column of the enterprises' names.
    pub key: Option<usize>,
    /// The column of the enterprises' ids.
    pub id: Option<usize>,
    /// The cells of its rows, by which it is recognised where it stands again.
    pub lines: Vec<Vec<String>>,
}

/// Names of columns that several rows make.
struct Names {
    columns: Vec<String>,
    units: Vec<Option<String>>,
    /// How well they are known, all together, and how many.
    sure: f64,
    known: usize,
}

/// Finds the head: the row in which most names are known, together with rows of names above or below it where they say
/// more than one. `merged` says that merged cells hold their text in each cell.
pub fn find(rows: &[(u32, Row)], words: &dyn Words, merged: bool) -> Option<Head> {
    let alone: Vec<Names> = rows.iter().map(|row| joined(std::slice::from_ref(row), words, merged)).collect();
    let best = (0..rows.len()).rev().max_by(|a, b| alone[*a].sure.total_cmp(&alone[*b].sure))?;
    let mut found = (best, 1, joined(&rows[best..=best], words, merged));
    for height in 2..=HIGHEST {
        for first in (best + 1).saturating_sub(height)..=best {
            let Some(part) = rows.get(first..first + height) else { continue };
            if !part[1..].iter().all(|(_, row)| is_name_row(row)) {
                continue;
            }
            let names = joined(part, words, merged);
            // not for less than a name that is known now
            if names.sure > found.2.sure + 0.3 {
                found = (first, height, names);
            }
        }
    }
    let (first, height, Names { columns: names, mut units, known, .. }) = found;
    if known == 0 {
        return None;
    }
    let mut above: Vec<String> =
        rows[..first].iter().flat_map(|(_, r)| r.filled().map(|c| c.text.to_owned())).collect();
    above.dedup();
    let mut after = first + height;
    while let Some((_, row)) = rows.get(after) {
        if is_unit_row(row) {
            for (unit, cell) in units.iter_mut().zip(row.iter()) {
                let own = Some(unit::bare(cell.text).to_owned()).filter(|u| !u.is_empty());
                *unit = own.or_else(|| unit.take());
            }
        } else if !is_numbering(row) {
            break;
        }
        after += 1;
    }
    let key = names.iter().position(|n| words.key(n));
    let id = names.iter().position(|n| words.id(n));
    let lines = rows[first..after].iter().map(|(_, r)| r.iter().map(|c| c.text.to_owned()).collect()).collect();
    Some(Head { after, rows: height, names, units, above, known, key, id, lines })
}

fn is_name(kind: Kind, text: &str) -> bool {
    (kind == Kind::Text && !is_figure(text)) || is_year(text)
}

/// Whether a row can be a lower row of a head.
fn is_name_row(row: &Row) -> bool {
    row.filled().next().is_some() && row.filled().all(|c| is_name(c.kind, c.text))
}

/// The names that rows make together: `指标(单位)` over `2023 年`. A name above reaches to the right as far as names are
/// below it and none begins above it.
fn joined(rows: &[(u32, Row)], words: &dyn Words, merged: bool) -> Names {
    let width = rows.iter().map(|(_, row)| row.len()).max().unwrap_or(0);
    let text = |level: usize, column: usize| {
        let cell = rows[level].1.cell(column);
        if is_name(cell.kind, cell.text) { cell.text } else { "" }
    };
    let mut reaching = vec![""; rows.len()];
    let mut new = Names { columns: Vec::with_capacity(width), units: Vec::with_capacity(width), sure: 0.0, known: 0 };
    let mut seen: Vec<String> = Vec::new();
    for column in 0..width {
        let mut begun = false;
        let mut path: Vec<&str> = Vec::with_capacity(rows.len());
        for (level, reaching) in reaching.iter_mut().enumerate() {
            let own = text(level, column);
            let below = (level + 1..rows.len()).any(|l| !text(l, column).is_empty());
            if !own.is_empty() || begun || merged || !below {
                *reaching = own;
            }
            begun |= !own.is_empty();
            if !reaching.is_empty() && path.last() != Some(reaching) {
                path.push(reaching);
            }
        }
        let (name, unit, sure) = resolve(&path, words);
        if sure > 0.0 && !seen.contains(&name) {
            new.sure += sure;
            new.known += 1;
            seen.push(name.clone());
        }
        new.columns.push(name);
        new.units.push(unit);
    }
    new
}

/// The name that the cells above a column make, its unit where one of them is a unit, and how well it is known. Headings of
/// groups that add nothing are left out when the rest is known.
fn resolve(path: &[&str], words: &dyn Words) -> (String, Option<String>, f64) {
    if let [only] = path {
        return ((*only).to_owned(), None, words.head(only));
    }
    let unit = path.iter().find(|p| unit::Unit::of(unit::bare(p)).is_some()).map(|u| unit::bare(u).to_owned());
    let parts: Vec<&str> =
        path.iter().copied().filter(|p| unit.is_none() || unit::Unit::of(unit::bare(p)).is_none()).collect();
    let whole: String = parts.concat();
    let mut best = (words.head(&whole), parts.len(), whole);
    if best.0 < 0.7 && (2..=HIGHEST).contains(&parts.len()) {
        // all choices of parts; later ones are more special
        for chosen in 1u32..1 << parts.len() {
            let some: String = (0..parts.len()).filter(|i| chosen & 1 << i != 0).map(|i| parts[i]).collect();
            let (sure, n) = (words.head(&some), chosen.count_ones() as usize);
            if sure > best.0 || (sure > 0.0 && sure >= best.0 && n >= best.1) {
                best = (sure, n, some);
            }
        }
    }
    let unit = unit.or_else(|| {
        let dropped = parts.iter().filter(|p| !best.2.contains(*p));
        dropped.filter_map(|p| unit::written(p)).find(|u| unit::Unit::of(u).is_some()).map(str::to_owned)
    });
    (best.2, unit, best.0)
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u16>().is_ok_and(|y| (1980..2100).contains(&y))
}

/// Whether all a row says is units.
pub fn is_unit_row(row: &Row) -> bool {
    // nearly every row is asked: one with a number or a long text is none, whatever else it holds
    let may = |c: &Cell| c.kind == Kind::Text && c.text.len() <= 60 && c.text.parse::<f64>().is_err();
    row.filled().next().is_some()
        && row.filled().all(|c| may(&c))
        && row.filled().all(|c| unit::Unit::of(unit::bare(c.text)).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<(u32, Row)> {
        let row = |line: &&str| {
            let mut row = Row::default();
            for cell in line.split('|') {
                row.push(if cell.parse::<f64>().is_ok() { Kind::Number } else { Kind::Text }, cell);
            }
            row
        };
        (1..).zip(lines.iter().map(row)).collect()
    }

    fn known(name: &str) -> bool {
        ["企业名称", "区县", "营业收入(万元)2023年", "营业收入(万元)2024年", "从业人数"].contains(&name)
    }

    #[test]
    fn heads_are_found_below_titles_and_over_two_rows() {
        let table = rows(&["2024年企业名录", "单位:万元", "", "企业名称|区县|从业人数", "||人", "甲|余杭区|3"]);
        let head = find(&table, &known, false).unwrap();
        assert_eq!((head.after, head.rows, head.known), (5, 1, 3));
        assert_eq!(head.units, [None, None, Some("人".to_owned())]);
        assert_eq!(head.above, ["2024年企业名录", "单位:万元"]);

        let table = rows(&["名录", "企业名称|区县|营业收入(万元)|", "||2023年|2024年", "甲|余杭区|1|2"]);
        let head = find(&table, &known, false).unwrap();
        assert_eq!((head.after, head.rows, head.known), (3, 2, 4));
        assert_eq!(head.names, ["企业名称", "区县", "营业收入(万元)2023年", "营业收入(万元)2024年"]);

        assert_eq!(find(&rows(&["a|b", "1|2"]), &known, false), None);
    }
}
