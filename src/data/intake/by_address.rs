//! Rows with an address and no position are located by the dataset's tables of places.

use super::addresses::{Addresses, Answer, Here};
use super::divisions::{self, Declared};
use super::finding::{Finding, shorten};
use super::judge::{Judged, USUAL_CLASS};
use super::locate::Position;
use super::prepare::Import;
use super::sheet::Kind;
use crate::core::geocode::How;
use crate::core::model::{Dataset, GeometryKind, Text};
use crate::data::load::CellValue;
use std::borrow::Cow;

/// How a row was found, in the words of the register.
fn code(how: How) -> String {
    match how {
        How::Exact => "exact".to_owned(),
        How::House => "house".to_owned(),
        How::Nearest { off, .. } => format!("nearest:{off}"),
    }
}

impl<'a> Import<'a> {
    /// The tables of places, where rows of the file have addresses and no positions.
    pub(super) fn addresses_of(&self, dataset: &'a Dataset) -> Option<Addresses<'a>> {
        let column = self.column_of(self.roles.address)?;
        // who edits a row says where it is by a point
        let usable = self.options.exact.is_none() && self.schema.spec.geometry == GeometryKind::Point;
        let cells = &self.sheet.cells;
        let wanting = |row: &usize| {
            self.positions.and_then(|p| p.cells(cells, *row)).is_none() && cells.cell(*row, column).kind != Kind::Empty
        };
        if usable && (0..cells.len()).any(|row| wanting(&row)) { Addresses::of(dataset) } else { None }
    }

    /// Locates a row that has no position, neither in the file nor in the register, by its address.
    pub(super) fn by_address<'b>(&'b self, row: usize, judged: &mut Judged<'b>) {
        let Some((addresses, property)) = self.addresses.as_ref().zip(self.roles.address) else { return };
        let given = self.positions.is_some_and(|columns| columns.cells(&self.sheet.cells, row).is_some());
        let held = judged.existing.is_some_and(|e| self.schema.table.geometries.point(e).is_some());
        let Some(text) = judged.values[property].as_str().filter(|_| !given && !held) else { return };
        let declared = self.column_of(self.roles.district).and_then(|column| {
            let cell = self.sheet.cells.cell(row, column);
            match divisions::read(cell.text, &self.districts, self.divisions) {
                // one that was divided says no more where the place is
                Declared::Former { now, others: [] } | Declared::District(now) => Some(now),
                Declared::Former { .. } | Declared::Unknown => None,
            }
        });
        let answer = addresses.answer(text, declared, &self.districts);
        let (n, shown) = (judged.number, shorten(text));
        let column = self.column_of(self.roles.address).unwrap_or_default();
        let note = match &answer {
            Answer::Here(Here { how: How::Nearest { number, off }, name, .. }) => {
                let name = shorten(name);
                Some((
                    "address-nearest",
                    format!("地址“{shown}”不在地名表中,取同路最近的门牌 {number}(“{name}”),相差 {off} 号"),
                    format!(
                        "the address “{shown}” is in no table of places; the nearest number of the road, {number} (“{name}”), was taken: {off} away"
                    ),
                ))
            }
            Answer::Here(_) => None,
            Answer::Several { places, apart, first } => {
                let list: Vec<_> = first.iter().map(|name| format!("“{}”", shorten(name))).collect();
                let (zh, en) = (list.join("、"), list.join(", "));
                Some((
                    "address-ambiguous",
                    format!("地址“{shown}”在地名表中有 {places} 处,最远相距 {apart:.0} 米({zh}),未定位"),
                    format!(
                        "the address “{shown}” is {places} places, up to {apart:.0} m apart ({en}); it was not located"
                    ),
                ))
            }
            Answer::Elsewhere(name) => {
                let name = shorten(name);
                Some((
                    "address-elsewhere",
                    format!("地址“{shown}”只在另一区域找到(“{name}”),未定位"),
                    format!("the address “{shown}” was found in another zone only (“{name}”); it was not located"),
                ))
            }
            Answer::Unknown => Some((
                "address-unknown",
                format!("地址“{shown}”不在地名表中,未定位"),
                format!("the address “{shown}” is in no table of places; it was not located"),
            )),
        };
        if let Some((code, zh, en)) = note {
            let text = Text::new(format!("第 {n} 行 {zh}"), format!("row {n}: {en}"));
            judged.notes.push(Finding::warning(code, text).row(n).cell(column, &shown));
        }
        if let Answer::Here(here) = answer {
            judged.position =
                Some(Position { at: here.at, source: [Cow::Owned(shown), Cow::Borrowed("")], coarse_m: 0 });
            judged.by_address = Some(here.how);
            let [.., located_by] = self.roles.added;
            let said = [
                (located_by, CellValue::Str(Cow::Owned(code(here.how)))),
                (self.roles.class, CellValue::from(USUAL_CLASS)),
                (self.roles.precision, CellValue::Int(here.precision_m)),
            ];
            for (place, value) in said {
                if let Some(place) = place {
                    judged.values[place] = value;
                }
            }
        }
    }
}
