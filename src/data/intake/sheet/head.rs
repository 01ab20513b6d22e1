//! Where a table begins: the row (or two) of column names below titles, and the units written below them.

use super::cells::{Kind, Row};
use super::unit;

/// Rows at the top of a sheet among which the head is looked for.
pub const LOOKED_AT: usize = 40;

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
}

/// Finds the head: the row in which most names are known, together with a row of names above or below it where two say
/// more than one.
pub fn find(rows: &[(u32, Row)], known: &dyn Fn(&str) -> bool) -> Option<Head> {
    let count = |names: &[String]| {
        let mut seen: Vec<&String> = names.iter().filter(|n| known(n)).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len()
    };
    let alone: Vec<usize> = rows.iter().map(|(_, row)| count(&names(row))).collect();
    let most = *alone.iter().max()?;
    let best = alone.iter().position(|n| *n == most)?;
    let mut found = (most, best, 1, names(&rows[best].1));
    for first in [best.checked_sub(1), Some(best)].into_iter().flatten() {
        let Some([(_, upper), (_, lower)]) = rows.get(first..first + 2) else { continue };
        if !lower.filled().all(|c| c.kind == Kind::Text || is_year(c.text)) {
            continue;
        }
        let both = joined(upper, lower);
        let n = count(&both);
        if n > found.0 {
            found = (n, first, 2, both);
        }
    }
    let (known, first, height, names) = found;
    if known == 0 {
        return None;
    }
    let above = rows[..first].iter().flat_map(|(_, r)| r.filled().map(|c| c.text.to_owned())).collect();
    let mut after = first + height;
    let mut units = vec![None; names.len()];
    if let Some((_, row)) = rows.get(after).filter(|(_, row)| is_unit_row(row)) {
        for (unit, cell) in units.iter_mut().zip(row.iter()) {
            *unit = Some(unit::bare(cell.text).to_owned()).filter(|u| !u.is_empty());
        }
        after += 1;
    }
    Some(Head { after, rows: height, names, units, above, known })
}

fn names(row: &Row) -> Vec<String> {
    row.iter()
        .map(|c| if c.kind == Kind::Text || is_year(c.text) { c.text.to_owned() } else { String::new() })
        .collect()
}

/// A name over two rows: `指标(单位)` over `2023 年`. A name above reaches to the right as far as names are below it.
fn joined(upper: &Row, lower: &Row) -> Vec<String> {
    let mut reaching = "";
    (0..upper.len().max(lower.len()))
        .map(|column| {
            let (above, below) = (upper.cell(column).text, lower.cell(column).text);
            if !above.is_empty() || below.is_empty() {
                reaching = above;
            }
            format!("{reaching}{below}")
        })
        .collect()
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u16>().is_ok_and(|y| (1980..2100).contains(&y))
}

/// Whether all a row says is units.
pub fn is_unit_row(row: &Row) -> bool {
    let mut filled = row.filled().peekable();
    filled.peek().is_some() && filled.all(|c| c.kind == Kind::Text && unit::Unit::of(unit::bare(c.text)).is_some())
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
        let head = find(&table, &known).unwrap();
        assert_eq!((head.after, head.rows, head.known), (5, 1, 3));
        assert_eq!(head.units, [None, None, Some("人".to_owned())]);
        assert_eq!(head.above, ["2024年企业名录", "单位:万元"]);

        let table = rows(&["名录", "企业名称|区县|营业收入(万元)|", "||2023年|2024年", "甲|余杭区|1|2"]);
        let head = find(&table, &known).unwrap();
        assert_eq!((head.after, head.rows, head.known), (3, 2, 4));
        assert_eq!(head.names, ["企业名称", "区县", "营业收入(万元)2023年", "营业收入(万元)2024年"]);

        assert_eq!(find(&rows(&["a|b", "1|2"]), &known), None);
    }
}
