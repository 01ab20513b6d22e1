//! One row, judged: its values, where it is, what is wrong with it, and what it would change.

use super::credit::{self, Fault};
use super::diff::{Change, Class, SAME_PLACE_M, alike, held, metres};
use super::finding::{Finding, shorten};
use super::keys::tidy_code;
use super::locate::{COARSE, Position, USUAL_PRECISION_M, locate};
use super::prepare::{Import, Taken};
use super::sheet::rollup::is_none;
use super::sheet::{Cell, Kind, is_fault};
use super::system::System;
use super::value::{Done, Trouble};
use crate::core::columns::Value;
use crate::core::geocode::How;
use crate::core::model::{Text, ValidSpec};
use crate::data::load::{CellValue, Severity};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// What a position counts as where nothing is said of it.
pub(super) const USUAL_CLASS: &str = "address";

/// A row of the file, judged.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// Its number in the file.
    pub number: u32,
    /// Its id in the register.
    pub id: Cow<'a, str>,
    /// The name it gives.
    pub name: Cow<'a, str>,
    /// Its row in the register.
    pub existing: Option<usize>,
    /// What becomes of it.
    pub class: Class,
    /// What was found.
    pub notes: Vec<Finding>,
    /// A value for each property; null where the file says nothing.
    pub values: Vec<CellValue<'a>>,
    /// Where it is.
    pub position: Option<Position<'a>>,
    /// How its address was found, where that is why it has a position.
    pub by_address: Option<How>,
    /// How far it moves.
    pub moved_m: Option<f64>,
    /// What changes.
    pub changes: Vec<Change>,
    /// What was done to read its values.
    pub done: Done,
    /// Words that are in no codelist: the column and the word.
    pub new_words: Vec<(usize, String)>,
    /// The district that it declares, by place.
    pub district: Option<usize>,
    /// Empty cells where the register has a value.
    pub kept: usize,
    /// Properties whose values the row takes away.
    pub cleared: Vec<usize>,
}

impl Import<'_> {
    /// Judges a row.
    pub(super) fn judge(&self, row: usize) -> Judged<'_> {
        #[cfg(test)]
        self.judgements.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let cells = &self.sheet.cells;
        let n = cells.number(row);
        let mut judged = Judged {
            number: n,
            id: Cow::Borrowed(""),
            name: Cow::Borrowed(""),
            existing: self.keys.existing(row),
            class: Class::Unchanged,
            notes: Vec::new(),
            values: vec![CellValue::Null; self.schema.spec.properties.len()],
            position: None,
            by_address: None,
            moved_m: None,
            changes: Vec::new(),
            done: Done::default(),
            new_words: Vec::new(),
            district: None,
            kept: 0,
            cleared: Vec::new(),
        };
        for taken in &self.taken {
            let cell = cells.cell(row, taken.column);
            if cell.kind == Kind::Empty {
                let cleared = self.options.exact.as_ref().is_some_and(|exact| exact.clears(row, taken.place));
                if cleared && judged.existing.is_some() {
                    judged.cleared.push(taken.place);
                } else {
                    judged.kept += usize::from(judged.existing.is_some());
                }
                continue;
            }
            if Some(taken.place) == self.roles.added[0] {
                if cell.kind == Kind::Text && is_none(cell.text) {
                    judged.done.none += 1;
                    continue;
                }
                judged.values[taken.place] = self.credit(n, taken.column, cell, &mut judged.notes);
            } else if Some(taken.place) != self.roles.district {
                self.value(row, taken, cell, &mut judged);
            }
        }
        if let Some(CellValue::Str(name)) = self.roles.name.map(|p| &judged.values[p]) {
            judged.name = name.clone();
        }
        if judged.name.is_empty() {
            let text = Text::new(format!("第 {n} 行 没有名称"), format!("row {n}: no name"));
            let column = self.column_of(self.roles.name).unwrap_or_default();
            judged.notes.push(Finding::error("name-missing", text).row(n).cell(column, ""));
        }
        if judged.existing.is_none() && is_fault(&judged.name) {
            let shown = shorten(&judged.name);
            let text = Text::new(
                format!("第 {n} 行 名称 公式出错({shown})"),
                format!("row {n}: the name holds a formula's error ({shown})"),
            );
            let column = self.column_of(self.roles.name).unwrap_or_default();
            judged.notes.push(Finding::error("formula-fault", text).row(n).cell(column, &judged.name));
        }
        self.superseded(row, &mut judged);
        if let Some(columns) = self.positions {
            // where no position can be read at all, each row says so
            let how = self.verdict.as_ref().map_or((System::Wgs84, false), |v| (v.system, v.swapped));
            judged.position = locate(columns, cells, row, how, &self.districts.bounds(), &mut judged.notes);
        }
        self.by_address(row, &mut judged);
        self.known_place(&mut judged);
        self.district(row, &mut judged);
        self.about_position(&mut judged);
        self.validity(&mut judged);
        self.exactly(row, &mut judged);
        self.compare(&mut judged);
        self.of_own_zones(row, &mut judged);
        judged.id = self.id(row, &judged);
        if judged.notes.iter().any(|f| f.severity == Severity::Error) {
            judged.class = Class::Problem;
        }
        judged
    }

    fn id<'b>(&'b self, row: usize, judged: &Judged<'b>) -> Cow<'b, str> {
        if let Some(existing) = judged.existing {
            return Cow::Borrowed(self.schema.table.ids.value(existing));
        }
        let own = self.id_column.map(|c| self.sheet.cells.cell(row, c).text).filter(|t| !t.is_empty());
        match (own, self.roles.added[0].map(|p| &judged.values[p])) {
            (Some(own), _) => Cow::Borrowed(own),
            (None, Some(CellValue::Str(code))) => code.clone(),
            _ => {
                // the same name gives the same id in every import
                let digest = Sha256::digest(judged.name.as_bytes());
                let number = digest.iter().take(6).fold(0u64, |n, b| n << 8 | u64::from(*b));
                Cow::Owned(format!("n-{number:012x}"))
            }
        }
    }

    /// A position with few decimals is exact where the register has the enterprise at just this place.
    fn known_place(&self, judged: &mut Judged) {
        let Some(position) = judged.position.as_mut().filter(|p| p.coarse_m > 0) else { return };
        let held = judged.existing.and_then(|e| self.schema.table.geometries.point(e));
        if held.is_some_and(|held| metres(held, position.at) <= SAME_PLACE_M) {
            position.coarse_m = 0;
            judged.notes.retain(|n| n.code != COARSE);
        }
    }

    fn superseded(&self, row: usize, judged: &mut Judged) {
        let Some(later) = self.keys.superseded(row) else { return };
        let (n, later) = (judged.number, self.sheet.cells.number(later));
        let code = self.roles.added[0].filter(|p| !judged.values[*p].is_null());
        let (zh, en) = if code.is_some() {
            ("信用代码相同", "the same credit code")
        } else {
            ("是同一条记录", "the same record")
        };
        let column = code.or(self.roles.name).and_then(|p| self.column_of(Some(p))).unwrap_or_default();
        let text = Text::new(
            format!("两行{zh}({n}、{later} 行),已取 {later} 行;可改"),
            format!("rows {n} and {later} have {en}; row {later} was taken"),
        );
        let shown = self.sheet.cells.cell(row, column).text;
        judged.notes.push(Finding::error("duplicate", text).row(n).cell(column, shown));
    }

    fn credit<'b>(&self, n: u32, column: usize, cell: Cell<'b>, notes: &mut Vec<Finding>) -> CellValue<'b> {
        let code = tidy_code(cell.text);
        let head = self.roles.added[0].map_or("", |p| self.schema.spec.properties[p].title.zh.as_str());
        let fault = match credit::check(&code, cell.kind == Kind::Number) {
            Ok(()) => return CellValue::Str(code),
            Err(fault) => fault,
        };
        let shown = shorten(cell.text);
        let (id, zh, en) = match fault {
            Fault::Rounded => (
                "credit-rounded",
                format!("被 Excel 当作数字,15 位以后的数字已丢失({shown})"),
                format!("was taken for a number by a spreadsheet and lost its last digits ({shown})"),
            ),
            Fault::Length(length) => (
                "credit-length",
                format!("应为 18 位,现为 {length} 位({shown})"),
                format!("has {length} characters instead of 18 ({shown})"),
            ),
            Fault::Character(c, at) => (
                "credit-character",
                format!("第 {at} 位的“{c}”不是代码用字({shown})"),
                format!("has “{c}” at place {at}, which no code has ({shown})"),
            ),
            Fault::Organisation(c) => (
                "credit-organisation",
                format!("主体标识码的校验位不对({shown},第 17 位应为 {c})"),
                format!("has a wrong check digit of its organisation code ({shown}: the 17th should be {c})"),
            ),
            Fault::Check(c) => (
                "credit-check",
                format!("校验位不对({shown},末位应为 {c})"),
                format!("has a wrong check digit ({shown}: the last should be {c})"),
            ),
        };
        let text = Text::new(format!("第 {n} 行 {head} {zh}"), format!("row {n}: the credit code {en}"));
        notes.push(Finding::error(id, text).row(n).cell(column, cell.text));
        CellValue::Null
    }

    fn value<'b>(&'b self, row: usize, taken: &'b Taken, cell: Cell<'b>, judged: &mut Judged<'b>) {
        let n = judged.number;
        let spec = &taken.reading.spec;
        let wished = self.options.values.get(cell.text);
        let cell = wished.map_or(cell, |text| Cell { kind: Kind::Text, text });
        let beside = taken.beside.map(|b| (self.sheet.cells.cell(row, b.column), b.currency_only));
        let read = match beside.filter(|(c, _)| c.kind != Kind::Empty) {
            Some((unit, currency_only)) => taken.reading.read_beside(cell, unit.text, currency_only),
            None => taken.reading.read(cell),
        };
        let trouble = match read {
            Ok((value, done)) => {
                judged.values[taken.place] = value;
                judged.done += done;
                judged.kept += usize::from(done.none > 0 && judged.existing.is_some());
                return;
            }
            Err(trouble) => trouble,
        };
        let (zh, en, shown) = (&spec.title.zh, &spec.title.en, shorten(cell.text));
        let said = |code, a: &str, b: &str| {
            let text = Text::new(format!("第 {n} 行 {zh} {a}({shown})"), format!("row {n}: {en} {b} ({shown})"));
            Finding::error(code, text)
        };
        let finding = match trouble {
            Trouble::NotANumber => said("number-unreadable", "不是数字", "is no number"),
            Trouble::NotWhole => said("number-not-whole", "不是整数", "is no whole number"),
            Trouble::OutOfRange(value) => {
                let bound = |b: Option<f64>| b.map_or("…".to_owned(), |b| b.to_string());
                let range = format!("{}–{}", bound(spec.minimum), bound(spec.maximum));
                said("out-of-range", &format!("{value} 超出 {range}"), &format!("is {value}, outside {range}"))
            }
            Trouble::NotADate => said("date-unreadable", "不是日期", "is no date"),
            Trouble::NotABoolean => said("boolean-unreadable", "应为是或否", "should be 是 or 否"),
            Trouble::NotAChoice(list) => {
                let list = list.join("、");
                said("choice-unknown", &format!("应为 {list} 之一"), &format!("should be one of {list}"))
            }
            Trouble::Formula => said("formula-fault", "公式出错", "holds a formula's error"),
            Trouble::NoResult => said(
                "formula-no-result",
                "是公式,但文件没有存下计算结果",
                "is a formula whose result is not in the file",
            ),
            Trouble::OtherCurrency => said("unit-currency", "是另一种货币", "is in another currency"),
            Trouble::NotACode(words) => {
                judged.new_words.extend(words.into_iter().map(|w| (taken.column, w)));
                let text = Text::new(
                    format!("第 {n} 行 {zh}“{shown}”不在代码表中,按未填处理"),
                    format!("row {n}: {en} “{shown}” is in no codelist and was taken for empty"),
                );
                Finding::warning("word-new", text)
            }
        };
        judged.notes.push(finding.row(n).cell(taken.column, cell.text));
    }

    /// Metres to which a row's position is right.
    pub(super) fn precision(&self, judged: &Judged) -> f64 {
        let given = self.roles.precision.and_then(|p| judged.values[p].as_i64());
        let coarse = judged.position.as_ref().map_or(0, |p| i64::from(p.coarse_m));
        given.unwrap_or(USUAL_PRECISION_M).max(coarse) as f64
    }

    /// Class and precision of the location, and the original coordinates.
    fn about_position<'b>(&'b self, judged: &mut Judged<'b>) {
        let Some(position) = &judged.position else {
            // the register keeps the position that it has
            let located = judged.existing.is_some_and(|e| self.schema.table.geometries.point(e).is_some());
            if let Some(class) = self.roles.class.filter(|_| !located) {
                judged.values[class] = CellValue::from("none");
            }
            if let Some(precision) = self.roles.precision.filter(|_| !located) {
                judged.values[precision] = CellValue::Null;
            }
            return;
        };
        let n = judged.number;
        let coarse = position.coarse_m;
        let [_, x, y, crs, _] = self.roles.added;
        // an edit has no file whose coordinates could be kept as they stand there
        let [first, second] = &position.source;
        let original = [(x, first.clone()), (y, second.clone()), (crs, Cow::Borrowed(self.system.as_ref()))];
        let from_file = self.options.exact.is_none() && judged.by_address.is_none();
        for (place, text) in original.into_iter().filter(|_| from_file) {
            if let Some(place) = place {
                judged.values[place] = CellValue::Str(text);
            }
        }
        if let Some(class) = self.roles.class {
            if coarse >= 1000 {
                judged.values[class] = CellValue::from("area");
            } else if judged.values[class].as_str() == Some("none") {
                let column = self.column_of(Some(class)).unwrap_or_default();
                let text = Text::new(
                    format!("第 {n} 行 位置类别为 none 却有坐标,按 {USUAL_CLASS} 处理"),
                    format!("row {n}: the class of location is none, yet there is a position; read as {USUAL_CLASS}"),
                );
                judged.notes.push(Finding::warning("class-mended", text).row(n).cell(column, ""));
                judged.values[class] = CellValue::from(USUAL_CLASS);
            }
        }
        if let Some(precision) = self.roles.precision.filter(|_| coarse > 0) {
            judged.values[precision] = CellValue::Int(coarse.into());
        }
        let mapped = self.column_of(self.roles.district).is_some() && judged.district.is_some();
        let metres = self.precision(judged).min(1000.0);
        let agrees = !judged
            .notes
            .iter()
            .any(|f| matches!(f.code, "near-border" | "district-mismatch" | "division-former-border"));
        if let Some(p) =
            judged.position.as_ref().filter(|p| mapped && agrees && self.districts.near_border(p.at, metres))
        {
            let shown = p.source.join(", ");
            let text = Text::new(
                format!("第 {n} 行 距区域界不到 {metres:.0} 米(位置精度)"),
                format!("row {n}: within {metres:.0} m (the precision) of a border"),
            );
            let column = self.positions.map_or(0, super::locate::Columns::first);
            judged.notes.push(Finding::info("near-border", text).row(n).cell(column, &shown));
        }
    }

    /// Whether the row ends after it begins; what it says nothing about is as the register has it.
    fn validity(&self, judged: &mut Judged) {
        let Some(valid) = &self.schema.register.valid else { return };
        let value = |name: &Option<String>| {
            let place = self.schema.place(name.as_deref()?)?;
            let said = &judged.values[place];
            let held = judged
                .existing
                .filter(|_| said.is_null() && !judged.cleared.contains(&place))
                .map(|row| held(self.schema.table, row, place));
            Some((place, held.unwrap_or_else(|| said.clone())))
        };
        let day = |value: &CellValue, end: bool| {
            let year = value.as_i64().map(Value::Integer);
            ValidSpec::day(year.or_else(|| value.as_str().map(Value::Text))?, end)
        };
        let Some(((from, begins), (to, ends))) = value(&valid.from).zip(value(&valid.to)) else { return };
        let (Some(begins), Some(ends)) = (day(&begins, false), day(&ends, true)) else { return };
        if ends.compare(begins).is_gt() {
            return;
        }
        let title = |place: usize| &self.schema.spec.properties[place].title;
        let n = judged.number;
        let text = Text::new(
            format!("第 {n} 行 {} {ends} 不晚于{} {begins}", title(to).zh, title(from).zh),
            format!("row {n}: {} {ends} is not after {} {begins}", title(to).en, title(from).en),
        );
        let column = self.column_of(Some(to)).or(self.column_of(Some(from))).unwrap_or_default();
        judged.notes.push(Finding::error("ends-before-it-begins", text).row(n).cell(column, &ends.to_string()));
    }

    /// What the row changes; what it says nothing about stays.
    fn compare<'b>(&'b self, judged: &mut Judged<'b>) {
        let table = self.schema.table;
        let set = |judged: &mut Judged<'b>, place: Option<usize>, value: CellValue<'b>| {
            if let Some(place) = place.filter(|p| judged.values[*p].is_null()) {
                judged.values[place] = value;
            }
        };
        let Some(existing) = judged.existing else {
            judged.class = Class::New;
            set(judged, self.roles.sample, CellValue::Bool(false));
            if judged.position.is_some() {
                set(judged, self.roles.class, CellValue::from(USUAL_CLASS));
                set(judged, self.roles.precision, CellValue::Int(USUAL_PRECISION_M));
            }
            return;
        };
        let old = table.geometries.point(existing);
        let held_precision = self.roles.precision.and_then(|p| held(table, existing, p).as_f64()).unwrap_or(0.0);
        let precision = match self.roles.precision.and_then(|p| judged.values[p].as_f64()) {
            Some(given) => given.max(held_precision),
            None => held_precision.max(judged.position.as_ref().map_or(0.0, |p| f64::from(p.coarse_m))),
        };
        let exact = self.options.exact.is_some();
        let moved = match (old, judged.position.as_ref()) {
            // who moves a point on the map means it, however little that is
            (Some(old), Some(new)) if exact => Some(metres(old, new.at)).filter(|m| *m > 0.0),
            (Some(old), Some(new)) => Some(metres(old, new.at)).filter(|m| *m > precision.max(1.0)),
            (None, Some(_)) => Some(0.0),
            _ => None,
        };
        if moved.is_none() && judged.position.is_some() {
            // within the precision the place is the same, and so is all that is known of it
            judged.position = None;
            for place in self.roles.added[1..].iter().chain([&self.roles.class, &self.roles.precision]) {
                let Some(place) = *place else { continue };
                if self.column_of(Some(place)).is_none() {
                    judged.values[place] = CellValue::Null;
                }
            }
        }
        if moved.is_some() && !(exact && old.is_some()) {
            set(judged, self.roles.class, CellValue::from(USUAL_CLASS));
            set(judged, self.roles.precision, CellValue::Int(USUAL_PRECISION_M));
        }
        for (place, value) in judged.values.iter().enumerate().filter(|(_, v)| !v.is_null()) {
            let from = held(table, existing, place);
            if !alike(&from, value) {
                let property = self.schema.spec.properties[place].name.clone();
                judged.changes.push(Change { property, from: from.to_json(), to: value.to_json() });
            }
        }
        if let Some(located_by) = self.roles.added[4].filter(|p| !exact && judged.values[*p].is_null())
            && moved.is_some()
        {
            // it is where it is said to be, and no more where its address was found
            judged.cleared.push(located_by);
        }
        if exact && moved.is_some() {
            // those of the place that it had are not those of the new one
            judged.cleared.extend(self.roles.added[1..].iter().flatten());
        }
        for place in judged.cleared.clone() {
            let from = held(table, existing, place);
            if !from.is_null() && !alike(&from, &CellValue::Null) {
                let property = self.schema.spec.properties[place].name.clone();
                judged.changes.push(Change { property, from: from.to_json(), to: Json::Null });
            }
        }
        judged.moved_m = moved;
        judged.class = match (moved, judged.changes.is_empty()) {
            // a position where there was none is a change, not a move
            (Some(m), _) if m > 0.0 => Class::Moved,
            (Some(_), _) | (None, false) => Class::Changed,
            (None, true) => Class::Unchanged,
        };
    }
}
