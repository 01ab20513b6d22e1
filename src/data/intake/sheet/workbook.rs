//! Workbooks: XLSX and XLSB cell by cell, XLS and ODS sheet by sheet, HTML and SpreadsheetML all at once.

use super::cells::Kind;
use super::collect::{Collector, NO_HEAD, enough, listed};
use super::encoding::Found;
use super::marks::{self, Mark, Marks, Shared, What};
use super::merged::Area;
use super::package::{Form, encrypted};
use super::shown::{Shown, number};
use super::unit::{Unit, stated};
use super::written::{Room, Written};
use super::{Limits, Sheet, Words, binary, moment, pages, spread, spreadsheetml};
use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::{Finding, Refusal, shorten};
use calamine::{DataRef, DataType, ExcelDateTime, Ods, Reader, SheetType, SheetVisible, Xls, Xlsb, Xlsx};
use std::io::{Read, Seek};

/// Sheets that are looked at for the one that is meant.
const MOST_SHEETS: usize = 64;

/// A reader of any workbook.
enum Book<R: Read + Seek> {
    Xlsx(Box<Xlsx<Shared<R>>>),
    Xlsb(Box<Xlsb<Shared<R>>>),
    Xls(Box<Xls<Shared<R>>>),
    Ods(Box<Ods<Shared<R>>>),
    Written(Vec<Written>, Found),
}

/// Reads a workbook. A library that stumbles over damaged bytes costs the file and nothing else.
pub fn read<R: Read + Seek>(
    reader: R,
    form: Form,
    notable: &[String],
    wanted: Option<&str>,
    limits: &Limits,
    known: &dyn Words,
) -> Result<Sheet, Refusal> {
    let read = cancel::guarded(|| whole_book(reader, form, notable, wanted, limits, known));
    read.unwrap_or_else(|| Err(failed(&"its parts are damaged")))
}

fn whole_book<R: Read + Seek>(
    mut reader: R,
    form: Form,
    notable: &[String],
    wanted: Option<&str>,
    limits: &Limits,
    known: &dyn Words,
) -> Result<Sheet, Refusal> {
    let limits = &limits.less(spread::measure(&mut reader, form, limits)?)?;
    let shared = Shared::new(reader);
    let mut room = Room::new(limits);
    let mut book = open(shared.clone(), form, &mut room)?;
    let limits = &limits.less(room.held)?;
    let (names, hidden) = book.sheets();
    let (chosen, others) = match wanted {
        Some(name) if names.iter().any(|n| n == name) => (vec![name.to_owned()], false),
        Some(name) => {
            let (all, name) = (names.join("、"), shorten(name));
            return Err(Refusal::new(
                "sheet-unknown",
                Text::new(
                    format!("没有名为“{name}”的工作表;有:{all}"),
                    format!("there is no sheet “{name}”; there are: {all}"),
                ),
            )
            .among(&names));
        }
        None => book.likely(&names, limits, known)?,
    };
    let mut collector = Collector::new(limits, known);
    let mut unseen = Vec::new();
    for name in &chosen {
        let marks = book.marks(&shared, name, notable, limits)?;
        let offset = collector.sheet(name)?;
        unseen.extend(marks.hidden.iter().map(|row| row + offset));
        collector.merged(marks.areas.clone());
        book.each_row(name, &mut collector, &marks, false)?;
    }
    let parts = collector.parts();
    let scaled = collector.scaled();
    let mut sheet = collector.finish().map_err(|refusal| refusal.among(&names))?;
    for name in &chosen {
        let (above, below) = book.around(name);
        sheet.above.splice(0..0, above.iter().cloned());
        sheet.below.extend_from_slice(below);
    }
    for (column, cells) in scaled {
        let head = sheet.columns.get(column).map(|c| shorten(&c.name)).unwrap_or_default();
        let text = Text::new(
            format!("“{head}”列有 {cells} 个单元格的数字格式会缩放数值或附带单位,已按显示的数值和单位读取"),
            format!(
                "{cells} cells of “{head}” have a number format that scales or adds a unit; they were read as they are shown"
            ),
        );
        sheet.findings.push(Finding::warning("numbers-scaled", text).cell(column, ""));
    }
    unseen.retain(|row| sheet.cells.holds(*row));
    if !unseen.is_empty() {
        let (n, list) = (unseen.len(), listed(&unseen));
        let text = Text::new(
            format!("{n} 行是隐藏的(第 {list} 行),也已读取;不要的请删去"),
            format!("{n} rows are hidden (row {list}) and were read, too; delete those that are not wanted"),
        );
        sheet.findings.push(Finding::warning("rows-hidden", text));
    }
    if chosen.len() > 1 {
        let (zh, en): (Vec<String>, Vec<String>) = parts
            .iter()
            .map(|(name, offset)| (format!("“{name}”(行号加 {offset})"), format!("“{name}” (rows + {offset})")))
            .unzip();
        let text = Text::new(
            format!("{} 个工作表的表头相同,已合并读取:{}", parts.len(), zh.join("、")),
            format!("{} sheets have the same head and were read together: {}", parts.len(), en.join(", ")),
        );
        sheet.findings.insert(0, Finding::warning("sheets-joined", text));
    }
    let left: Vec<&str> = names.iter().filter(|n| !chosen.contains(n)).map(String::as_str).collect();
    if wanted.is_none() && !left.is_empty() {
        let (name, left) = (chosen.join("、"), left.join("、"));
        let text = Text::new(
            format!("读取了工作表“{name}”,未读取:{left}"),
            format!("the sheet “{name}” was read, not: {left}"),
        );
        let make = if others { Finding::warning } else { Finding::info };
        sheet.findings.insert(0, make("sheet-chosen", text));
    }
    if !hidden.is_empty() {
        let hidden = hidden.iter().map(|n| shorten(n)).collect::<Vec<_>>().join("、");
        let text = Text::new(format!("隐藏的工作表未读取:{hidden}"), format!("hidden sheets were not read: {hidden}"));
        sheet.findings.push(Finding::info("sheets-hidden", text));
    }
    if let Book::Written(_, found) = &book {
        sheet.encoding = Some(found.name());
        sheet.findings.splice(0..0, found.finding());
    }
    (sheet.name, sheet.names) = (Some(chosen.join("、")), names);
    Ok(sheet)
}

fn open<R: Read + Seek>(reader: Shared<R>, form: Form, room: &mut Room) -> Result<Book<R>, Refusal> {
    match form {
        Form::Page => pages::read(reader, room).map(|(sheets, found)| Book::Written(sheets, found)),
        Form::SpreadsheetMl => spreadsheetml::read(reader, room).map(|(sheets, found)| Book::Written(sheets, found)),
        Form::Xlsb => Xlsb::new(reader).map(|b| Book::Xlsb(Box::new(b))).map_err(|e| failed(&e)),
        Form::Xls => Xls::new(reader).map(|b| Book::Xls(Box::new(b))).map_err(|e| match e {
            calamine::XlsError::Password => encrypted(),
            e => failed(&e),
        }),
        Form::Ods => Ods::new(reader).map(|b| Book::Ods(Box::new(b))).map_err(|e| match e {
            calamine::OdsError::Password => encrypted(),
            e => failed(&e),
        }),
        _ => Xlsx::new(reader).map(|b| Book::Xlsx(Box::new(b))).map_err(|e| match e {
            calamine::XlsxError::Password => encrypted(),
            e => failed(&e),
        }),
    }
}

fn failed(e: &dyn std::fmt::Display) -> Refusal {
    let text = Text::new("工作簿已损坏或不完整,读不出", "the workbook is damaged or incomplete and can't be read");
    Refusal::broken("workbook-broken", text, e)
}

impl<R: Read + Seek> Book<R> {
    /// The sheets that a person sees, and those that are hidden.
    fn sheets(&self) -> (Vec<String>, Vec<String>) {
        let all = match self {
            Self::Xlsx(b) => b.sheets_metadata(),
            Self::Xlsb(b) => b.sheets_metadata(),
            Self::Xls(b) => b.sheets_metadata(),
            Self::Ods(b) => b.sheets_metadata(),
            Self::Written(sheets, _) => {
                let (hidden, seen): (Vec<&Written>, Vec<&Written>) = sheets.iter().partition(|s| s.hidden);
                let names = |list: Vec<&Written>| list.into_iter().map(|s| s.name.clone()).collect();
                return (names(seen), names(hidden));
            }
        };
        let tables = all.iter().filter(|s| s.typ == SheetType::WorkSheet);
        let (seen, hidden): (Vec<_>, Vec<_>) = tables.partition(|s| s.visible == SheetVisible::Visible);
        let names = |list: Vec<&calamine::Sheet>| list.into_iter().map(|s| s.name.clone()).collect();
        (names(seen), names(hidden))
    }

    /// The sheet in whose head most names are known, the first of several, together with all that have the same head, as one
    /// for each district; and whether others that were left look like tables of this kind.
    fn likely(&mut self, names: &[String], limits: &Limits, known: &dyn Words) -> Result<(Vec<String>, bool), Refusal> {
        let mut heads: Vec<(&String, usize, Vec<String>, Vec<Unit>)> = Vec::new();
        for name in names.iter().take(MOST_SHEETS) {
            cancel::check();
            let mut collector = Collector::new(limits, known);
            if names.len() > 1 {
                // a cover sheet of many rows has no head; another sheet may have one
                self.each_row(name, &mut collector, &Marks::default(), true)
                    .or_else(|e| if e.code == NO_HEAD { Ok(()) } else { Err(e) })?;
            }
            let head = collector.looked_at();
            let (above, below) = self.around(name);
            let lines = head.iter().flat_map(|h| &h.above).chain(above).chain(below);
            let units = lines.flat_map(|line| stated(line)).collect();
            let (n, columns) = head.map_or((0, Vec::new()), |h| (h.known, h.names));
            heads.push((name, n, columns, units));
        }
        let best = (0..heads.len()).rev().max_by_key(|i| heads[*i].1).ok_or_else(|| {
            Refusal::new("no-sheet", Text::new("工作簿里没有可见的工作表", "the workbook has no visible sheet"))
        })?;
        let (_, most, columns, units) = &heads[best];
        let same = |i: &usize| {
            let (_, n, c, u) = &heads[*i];
            *i == best || (*n > 1 && c == columns && u == units)
        };
        let chosen: Vec<String> = (0..heads.len()).filter(same).map(|i| heads[i].0.clone()).collect();
        let others = heads.iter().any(|(name, n, ..)| *n > 1 && n * 2 >= *most && !chosen.contains(name));
        Ok((chosen, others))
    }

    /// What a sheet holds besides values.
    fn marks(&self, file: &Shared<R>, name: &str, notable: &[String], limits: &Limits) -> Result<Marks, Refusal> {
        let marks = match self {
            Self::Xlsx(_) => marks::read(file.clone(), name, notable, limits.memory_bytes).unwrap_or_default(),
            Self::Xls(book) => {
                let merged = book.merge_cells_by_sheet_name(name).unwrap_or_default();
                let area = |d: &calamine::Dimensions| Area {
                    top: d.start.0,
                    left: d.start.1,
                    bottom: d.end.0,
                    right: d.end.1,
                };
                Marks { areas: merged.iter().map(area).collect(), ..Marks::default() }
            }
            Self::Ods(_) => spread::marks(file.clone(), name, limits.memory_bytes).unwrap_or_default(),
            Self::Xlsb(_) => binary::read(file.clone(), name, limits.memory_bytes).unwrap_or_default(),
            Self::Written(sheets, _) => {
                let sheet = sheets.iter().find(|s| s.name == name);
                let (areas, hidden) = sheet.map_or_else(Default::default, |s| (s.areas.clone(), s.unseen.clone()));
                Marks { areas, hidden, ..Marks::default() }
            }
        };
        limits.less(marks.bytes())?;
        Ok(marks)
    }

    /// Hands the rows of a sheet on; only those at the top where a glance is enough.
    fn each_row(&mut self, name: &str, to: &mut Collector, marks: &Marks, glance: bool) -> Result<(), Refusal> {
        match self {
            Self::Xlsx(book) => {
                let mut cells = book.worksheet_cells_reader(name).map_err(|e| failed(&e))?;
                let next = || match cells.next_cell() {
                    Ok(Some(cell)) => Ok(Step::Cell(cell)),
                    Ok(None) => Ok(Step::End),
                    // an error of a newer formula: where it stands, the marks say
                    Err(calamine::XlsxError::CellError(_)) => Ok(Step::Unknown),
                    Err(e) => Err(failed(&e)),
                };
                each_cell(next, to, marks, glance)
            }
            Self::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(name).map_err(|e| failed(&e))?;
                let next = || cells.next_cell().map(|c| c.map_or(Step::End, Step::Cell)).map_err(|e| failed(&e));
                each_cell(next, to, marks, glance)
            }
            Self::Xls(book) => whole(&book.worksheet_range(name).map_err(|e| failed(&e))?, to, glance),
            Self::Ods(book) => whole(&book.worksheet_range(name).map_err(|e| failed(&e))?, to, glance),
            Self::Written(sheets, _) => {
                sheets.iter().find(|s| s.name == name).map_or(Ok(()), |s| s.each_row(to, glance))
            }
        }
    }

    /// What stands above and below a sheet, and is no row of it.
    fn around(&self, name: &str) -> (&[String], &[String]) {
        match self {
            Self::Written(sheets, _) => {
                let sheet = sheets.iter().find(|s| s.name == name);
                sheet.map_or((&[], &[]), |s| (s.above.as_slice(), s.below.as_slice()))
            }
            _ => (&[], &[]),
        }
    }
}

/// What a reader of cells gives next.
enum Step<'a> {
    Cell(calamine::Cell<DataRef<'a>>),
    /// An error that calamine does not know.
    Unknown,
    End,
}

/// A sheet that is read cell by cell.
fn each_cell<'a>(
    mut next: impl FnMut() -> Result<Step<'a>, Refusal>,
    to: &mut Collector,
    marks: &Marks,
    glance: bool,
) -> Result<(), Refusal> {
    let (mut row, mut rows) = (None, 0);
    // cells after one that was not known and says no place stand one further
    let mut shift = (0, 0);
    let mut marked = marks.cells.iter().peekable();
    loop {
        let step = next()?;
        let (at, column, value) = match &step {
            Step::End => break,
            Step::Unknown => {
                let mut faults = marked.by_ref().filter(|m| matches!(m.what, What::Fault(..)));
                let Some(fault) = faults.next() else { continue };
                (fault.at.0, fault.at.1, None)
            }
            Step::Cell(cell) => {
                let (at, column) = cell.get_position();
                (at, column + if shift.0 == at { shift.1 } else { 0 }, Some(cell.get_value()))
            }
        };
        if let Some(before) = row.filter(|r| *r != at) {
            to.end_row(before + 1)?;
            rows += 1;
            if glance && enough(rows).is_break() {
                return Ok(());
            }
        }
        row = Some(at);
        let Some(value) = value else {
            let text = marks.cells.iter().find(|m| m.at == (at, column));
            if let Some(Mark { what: What::Fault(text, unplaced), .. }) = text {
                to.cell(column as usize, Kind::Fault, text)?;
                if *unplaced {
                    shift = (at, if shift.0 == at { shift.1 + 1 } else { 1 });
                }
            }
            continue;
        };
        while marked.peek().is_some_and(|m| m.at < (at, column) && !matches!(m.what, What::Fault(..))) {
            marked.next();
        }
        match marked.peek().filter(|m| m.at == (at, column)).map(|m| &m.what) {
            Some(What::NoResult) => to.cell(column as usize, Kind::Fault, "=")?,
            Some(What::Shown(format)) => shown(to, column as usize, value, marks.formats.get(format))?,
            _ => put(to, column as usize, value)?,
        }
    }
    row.map_or(Ok(()), |last| to.end_row(last + 1))
}

/// A number as its format shows it.
fn shown(to: &mut Collector, column: usize, value: &DataRef, format: Option<&Shown>) -> Result<(), Refusal> {
    let (DataRef::Float(_) | DataRef::Int(_), Some(format)) = (value, format) else { return put(to, column, value) };
    let plain = value.as_f64().unwrap_or_default();
    let (as_shown, unit) = format.number(plain);
    if unit.is_none() && (as_shown - plain).abs() <= f64::EPSILON * plain.abs() {
        return put(to, column, value);
    }
    to.scaled_cell(column);
    match unit {
        None => to.cell(column, Kind::Number, &number(as_shown)),
        Some(unit) => to.cell(column, Kind::Text, &format!("{}{unit}", number(as_shown))),
    }
}

/// A sheet that is read at once.
fn whole<T: Cellish>(range: &calamine::Range<T>, to: &mut Collector, glance: bool) -> Result<(), Refusal> {
    let (first, left) = range.start().unwrap_or_default();
    let limit = if glance { super::head::LOOKED_AT } else { usize::MAX };
    for (number, row) in (first + 1..).zip(range.rows()).take(limit) {
        for (column, cell) in (left as usize..).zip(row) {
            if !cell.is_empty() {
                put(to, column, &cell.as_data_ref())?;
            }
        }
        to.end_row(number)?;
    }
    Ok(())
}

/// Both kinds of cells that calamine returns.
trait Cellish: DataType + calamine::CellType {
    fn as_data_ref(&self) -> DataRef<'_>;
}

impl Cellish for calamine::Data {
    fn as_data_ref(&self) -> DataRef<'_> {
        match self {
            Self::Int(i) => DataRef::Int(*i),
            Self::Float(f) => DataRef::Float(*f),
            Self::String(s) => DataRef::SharedString(s),
            Self::Bool(b) => DataRef::Bool(*b),
            Self::DateTime(d) => DataRef::DateTime(*d),
            Self::DateTimeIso(s) => DataRef::DateTimeIso(s.clone()),
            Self::DurationIso(s) => DataRef::DurationIso(s.clone()),
            Self::Error(e) => DataRef::Error(e.clone()),
            Self::Empty => DataRef::Empty,
        }
    }
}

impl Cellish for DataRef<'_> {
    fn as_data_ref(&self) -> DataRef<'_> {
        self.clone()
    }
}

fn put(to: &mut Collector, column: usize, value: &DataRef) -> Result<(), Refusal> {
    match value {
        DataRef::Empty => Ok(()),
        DataRef::Int(i) => to.cell(column, Kind::Number, &i.to_string()),
        DataRef::Float(f) => to.cell(column, Kind::Number, &number(*f)),
        DataRef::String(s) | DataRef::DurationIso(s) => to.cell(column, Kind::Text, s),
        DataRef::SharedString(s) => to.cell(column, Kind::Text, s),
        DataRef::Bool(b) => to.cell(column, Kind::Boolean, if *b { "true" } else { "false" }),
        DataRef::DateTime(d) => date(to, column, *d),
        DataRef::DateTimeIso(s) => {
            let (kind, text) = moment::of_iso(s);
            to.cell(column, kind, &text)
        }
        DataRef::Error(e) => to.cell(column, Kind::Fault, &e.to_string()),
    }
}

fn date(to: &mut Collector, column: usize, at: ExcelDateTime) -> Result<(), Refusal> {
    if at.is_duration() || at.as_f64() < 1.0 {
        return to.cell(column, Kind::Number, &number(at.as_f64()));
    }
    to.cell(column, Kind::Date, &moment::of_excel(&at))
}
