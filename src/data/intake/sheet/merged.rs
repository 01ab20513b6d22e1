//! Merged cells: the value of the first counts for all of them.

use super::cells::{Kind, Row};

/// A rectangle of cells that are one: its first and last row and column, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// The first row.
    pub top: u32,
    /// The first column.
    pub left: u32,
    /// The last row.
    pub bottom: u32,
    /// The last column.
    pub right: u32,
}

/// Bytes that an area takes while a sheet is read.
pub const AREA: u64 = 64;

/// The merged cells of a sheet, while its rows are read from the top.
#[derive(Debug, Default)]
pub struct Merges {
    /// Those that were met, from the top.
    done: Vec<Area>,
    /// Those that are to come, the topmost last.
    rest: Vec<Area>,
    /// Those that reach the row, with their value.
    open: Vec<(Area, Kind, String)>,
}

/// A row with the values of merged cells.
#[derive(Debug, Default)]
pub struct Filled {
    /// The row.
    pub row: Row,
    /// Columns whose value stands in a row above.
    pub from_above: Vec<usize>,
    /// Columns with a number that counts for rows below, too, and the last of these rows.
    pub shared: Vec<(usize, u32)>,
}

impl Merges {
    /// Of these areas.
    pub fn new(mut areas: Vec<Area>) -> Self {
        areas.retain(|a| a.bottom > a.top || a.right > a.left);
        areas.sort_by_key(|a| std::cmp::Reverse((a.top, a.left)));
        Self { rest: areas, open: Vec::new(), done: Vec::new() }
    }

    /// Begins again with the first row.
    pub fn restart(&mut self) {
        self.open.clear();
        self.rest.extend(self.done.drain(..).rev());
    }

    /// A row of the head, with its merged cells filled in all directions.
    pub fn copy(&mut self, at: u32, row: &Row, width: usize) -> Option<Row> {
        self.fill(at, row, true, width).map(|filled| filled.row)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty() && self.open.is_empty()
    }

    /// The next row, from 0, with the values of merged cells; `None` where none reaches it. Numbers are not repeated to the
    /// right: an amount in two columns would be two amounts.
    pub fn fill(&mut self, at: u32, row: &Row, in_head: bool, width: usize) -> Option<Filled> {
        self.open.retain(|(area, ..)| area.bottom >= at);
        while self.rest.last().is_some_and(|a| a.top <= at) {
            let Some(area) = self.rest.pop() else { break };
            self.done.push(area);
            // of rows above that hold nothing, all of it is empty
            if area.top == at && area.bottom >= at {
                let cell = row.cell(area.left as usize);
                if cell.kind != Kind::Empty {
                    self.open.push((area, cell.kind, cell.text.to_owned()));
                }
            }
        }
        if self.open.is_empty() {
            return None;
        }
        let mut filled = Filled::default();
        let last = self.open.iter().map(|(a, ..)| a.right as usize + 1).max().unwrap_or(0).min(width);
        for column in 0..row.len().max(last) {
            let own = row.cell(column);
            let covers = |a: &Area| (a.left as usize..=a.right as usize).contains(&column);
            let over = self.open.iter().find(|(a, ..)| covers(a));
            let Some((area, kind, text)) = over else {
                filled.row.push(own.kind, own.text);
                continue;
            };
            let first = column == area.left as usize;
            if own.kind != Kind::Empty {
                if area.bottom > at && *kind == Kind::Number && area.top == at {
                    filled.shared.push((column, area.bottom));
                }
                filled.row.push(own.kind, own.text);
            } else if first || in_head || *kind != Kind::Number {
                filled.row.push(*kind, text);
                if area.top < at {
                    filled.from_above.push(column);
                }
            } else {
                filled.row.push(Kind::Empty, "");
            }
        }
        Some(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: &str) -> Row {
        let mut row = Row::default();
        for cell in line.split('|') {
            row.push(if cell.parse::<f64>().is_ok() { Kind::Number } else { Kind::Text }, cell);
        }
        row
    }

    fn texts(row: &Row) -> Vec<&str> {
        row.iter().map(|c| c.text).collect()
    }

    #[test]
    fn the_value_counts_for_the_whole_area() {
        let area = |top, left, bottom, right| Area { top, left, bottom, right };
        let mut merges = Merges::new(vec![area(1, 1, 2, 1), area(0, 0, 0, 2), area(1, 2, 2, 3), area(4, 0, 4, 0)]);
        let first = merges.fill(0, &row("标题||"), true, 9).unwrap();
        assert_eq!(texts(&first.row), ["标题", "标题", "标题"]);
        let second = merges.fill(1, &row("甲|余杭区|7|"), false, 9).unwrap();
        assert_eq!((texts(&second.row), second.shared), (vec!["甲", "余杭区", "7", ""], vec![(2, 2)]));
        let third = merges.fill(2, &row("乙"), false, 9).unwrap();
        assert_eq!((texts(&third.row), third.from_above), (vec!["乙", "余杭区", "7", ""], vec![1, 2]));
        assert!(merges.fill(3, &row("丙"), false, 9).is_none());
    }
}
