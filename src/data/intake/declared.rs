//! The declared district of a row, with today's map and the row's position in mind.

use super::diff::{self, SAME_PLACE_M};
use super::divisions::{self, Declared};
use super::finding::{Finding, shorten};
use super::judge::Judged;
use super::prepare::Import;
use super::sheet::Kind;
use crate::core::model::Text;
use crate::data::load::CellValue;

/// The cell of the district that findings point to.
struct Cell<'a> {
    row: u32,
    column: usize,
    text: &'a str,
}

impl Cell<'_> {
    fn warning(&self, code: &'static str, zh: &str, en: &str) -> Finding {
        let n = self.row;
        let text = Text::new(format!("第 {n} 行 {zh}"), format!("row {n}: {en}"));
        Finding::warning(code, text).row(n).cell(self.column, self.text)
    }
}

impl Import<'_> {
    /// Reads the declared district and compares it with the position.
    pub(super) fn district<'b>(&'b self, row: usize, judged: &mut Judged<'b>) {
        let Some((place, column)) = self.roles.district.and_then(|p| Some((p, self.column_of(Some(p))?))) else {
            return;
        };
        let cell = self.sheet.cells.cell(row, column);
        if cell.kind == Kind::Empty {
            return;
        }
        if let Some(zone) = self.options.exact.as_ref().and_then(|exact| exact.zone(row)) {
            judged.district = self.districts.by_id(zone);
            judged.values[place] = CellValue::from(zone);
            return;
        }
        let text = self.options.values.get(cell.text).map_or(cell.text, String::as_str);
        let cell = Cell { row: judged.number, column, text: cell.text };
        let found = judged.position.as_ref().map(|p| self.districts.around(p.at));
        let declared = match divisions::read(text, &self.districts, self.divisions) {
            Declared::District(d) if self.is_held(place, d, judged) => {
                judged.district = Some(d);
                judged.values[place] = CellValue::from(self.districts.id(d));
                return;
            }
            Declared::District(d) => d,
            Declared::Former { now, others } => self.former(&cell, now, others, found.flatten(), judged),
            Declared::Unknown => {
                let shown = shorten(cell.text);
                judged.notes.push(cell.warning(
                    "district-unknown",
                    &format!("区域“{shown}”不认识,按未填处理"),
                    &format!("the zone “{shown}” is unknown and was taken for empty"),
                ));
                return;
            }
        };
        let taken = match found {
            Some(Some(found)) if found != declared => self.elsewhere(&cell, declared, found, judged),
            Some(None) => {
                let name = self.districts.name(declared);
                judged.notes.push(cell.warning(
                    "outside-city",
                    &format!("填的是 {name},位置却在范围之外"),
                    &format!("declared as {name} but located outside the area"),
                ));
                declared
            }
            Some(Some(_)) => declared,
            None => {
                self.ambiguous(&cell, declared, judged);
                declared
            }
        };
        judged.district = Some(taken);
        judged.values[place] = CellValue::from(self.districts.id(taken));
    }

    /// Whether the register holds this district, at the place that the row gives: then the row says nothing new, and
    /// what is odd about the two was accepted before.
    fn is_held(&self, place: usize, district: usize, judged: &Judged) -> bool {
        let Some(existing) = judged.existing else { return false };
        let column = self.schema.table.columns.get(place);
        column.and_then(|c| c.text(existing)) == Some(self.districts.id(district))
            && judged.position.as_ref().is_none_or(|new| {
                self.schema
                    .table
                    .geometries
                    .point(existing)
                    .is_some_and(|old| diff::metres(old, new.at) <= SAME_PLACE_M)
            })
    }

    /// A district that is no more: who has the place now.
    fn former(&self, cell: &Cell, now: usize, others: &[String], found: Option<usize>, judged: &mut Judged) -> usize {
        let by_point = found.filter(|d| *d == now || others.iter().any(|o| o == self.districts.id(*d)));
        let taken = by_point.unwrap_or(now);
        let (shown, to) = (shorten(cell.text), self.districts.name(taken));
        judged.notes.push(if by_point.is_some() || others.is_empty() {
            cell.warning(
                "division-former",
                &format!("“{shown}”已于区划调整时撤销,按 {to} 处理"),
                &format!("“{shown}” is no more since the reform of administrative units; read as {to}"),
            )
        } else {
            cell.warning(
                "division-former-unsure",
                &format!("“{shown}”已撤销并分入几个区,没有坐标可判,暂按 {to} 处理"),
                &format!("“{shown}” was divided among several zones; without a position it is read as {to}"),
            )
        });
        taken
    }

    /// A position in another district than the declared one: which of them is taken.
    fn elsewhere(&self, cell: &Cell, declared: usize, found: usize, judged: &mut Judged) -> usize {
        let (a, b) = (self.districts.name(declared), self.districts.name(found));
        if let Some(land) = divisions::ceded(self.divisions, self.districts.id(declared), self.districts.id(found)) {
            let date = &land.date;
            judged.notes.push(cell.warning(
                "division-former-border",
                &format!("填的是 {a},位置在 {b}:像是 {date} 以前的区划,按 {b} 处理"),
                &format!("declared as {a} but located in {b}: seems to be the map before {date}; read as {b}"),
            ));
            return found;
        }
        let metres = self.precision(judged);
        let near = judged.position.as_ref().is_some_and(|p| self.districts.near_border(p.at, metres));
        judged.notes.push(if near {
            cell.warning(
                "near-border",
                &format!("填的是 {a},位置在 {b},距区域界不到 {metres:.0} 米(位置精度)"),
                &format!("declared as {a} but located in {b}, within {metres:.0} m (the precision) of the border"),
            )
        } else {
            cell.warning(
                "district-mismatch",
                &format!("填的是 {a},位置却在 {b}"),
                &format!("declared as {a} but located in {b}"),
            )
        });
        declared
    }

    /// A row without position in a file that names former districts.
    fn ambiguous(&self, cell: &Cell, declared: usize, judged: &mut Judged) {
        if !self.former_map {
            return;
        }
        let land = divisions::ceded_by(self.divisions, self.districts.id(declared));
        if let Some((land, other)) = land.and_then(|land| Some((land, self.districts.by_id(&land.to)?))) {
            let date = &land.date;
            let (a, b) = (self.districts.name(declared), self.districts.name(other));
            judged.notes.push(cell.warning(
                "division-ambiguous",
                &format!("{a} 于 {date} 划出 {b};本表含旧区划,该行没有坐标,无法判断"),
                &format!("{a} ceded {b} on {date}; the file uses former zones and this row has no position to tell"),
            ));
        }
    }
}
