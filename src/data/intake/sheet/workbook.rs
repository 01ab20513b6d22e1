//! Workbooks: XLSX cell by cell, XLS, XLSB and ODS sheet by sheet.

use super::cells::Kind;
use super::collect::{Collector, NO_HEAD, enough};
use super::package::{Form, encrypted};
use super::{Limits, Sheet, spread};
use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::{Finding, Refusal, shorten};
use calamine::{DataRef, DataType, ExcelDateTime, Ods, Reader, SheetType, SheetVisible, Xls, Xlsb, Xlsx};
use std::fmt::Write;
use std::io::{Read, Seek};

/// Sheets that are looked at for the one that is meant.
const MOST_SHEETS: usize = 64;

/// A reader of any workbook.
enum Book<R: Read + Seek> {
    Xlsx(Box<Xlsx<R>>),
    Xlsb(Box<Xlsb<R>>),
    Xls(Box<Xls<R>>),
    Ods(Box<Ods<R>>),
}

pub fn read<R: Read + Seek>(
    mut reader: R,
    form: Form,
    wanted: Option<&str>,
    limits: &Limits,
    known: &dyn Fn(&str) -> bool,
) -> Result<Sheet, Refusal> {
    let limits = &limits.less(spread::measure(&mut reader, form, limits)?)?;
    let mut book = open(reader, form)?;
    let names = book.sheets();
    let name = match wanted {
        Some(name) if names.iter().any(|n| n == name) => name.to_owned(),
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
    book.each_row(&name, &mut collector, false)?;
    let mut sheet = collector.finish().map_err(|refusal| refusal.among(&names))?;
    if wanted.is_none() && names.len() > 1 {
        let others: Vec<&str> = names.iter().filter(|n| **n != name).map(String::as_str).collect();
        let others = others.join("、");
        let text = Text::new(
            format!("读取了工作表“{name}”,未读取:{others}"),
            format!("the sheet “{name}” was read, not: {others}"),
        );
        sheet.findings.insert(0, Finding::info("sheet-chosen", text));
    }
    (sheet.name, sheet.names) = (Some(name), names);
    Ok(sheet)
}

fn open<R: Read + Seek>(reader: R, form: Form) -> Result<Book<R>, Refusal> {
    match form {
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
    let e = shorten(&e.to_string());
    Refusal::new("workbook-broken", Text::new(format!("工作簿读不出:{e}"), format!("the workbook can't be read: {e}")))
}

impl<R: Read + Seek> Book<R> {
    /// The sheets that a person sees.
    fn sheets(&self) -> Vec<String> {
        let all = match self {
            Self::Xlsx(b) => b.sheets_metadata(),
            Self::Xlsb(b) => b.sheets_metadata(),
            Self::Xls(b) => b.sheets_metadata(),
            Self::Ods(b) => b.sheets_metadata(),
        };
        all.iter()
            .filter(|s| s.typ == SheetType::WorkSheet && s.visible == SheetVisible::Visible)
            .map(|s| s.name.clone())
            .collect()
    }

    /// The sheet in whose head most names are known, the first of several.
    fn likely(&mut self, names: &[String], limits: &Limits, known: &dyn Fn(&str) -> bool) -> Result<String, Refusal> {
        let mut best: Option<(usize, &String)> = None;
        for name in names.iter().take(MOST_SHEETS) {
            cancel::check();
            let mut collector = Collector::new(limits, known);
            if names.len() > 1 {
                // a cover sheet of many rows has no head; another sheet may have one
                self.each_row(name, &mut collector, true)
                    .or_else(|e| if e.code == NO_HEAD { Ok(()) } else { Err(e) })?;
            }
            let n = collector.known_names();
            if best.is_none_or(|(most, _)| n > most) {
                best = Some((n, name));
            }
        }
        best.map(|(_, name)| name.clone()).ok_or_else(|| {
            Refusal::new("no-sheet", Text::new("工作簿里没有可见的工作表", "the workbook has no visible sheet"))
        })
    }

    /// Hands the rows of a sheet on; only those at the top where a glance is enough.
    fn each_row(&mut self, name: &str, to: &mut Collector, glance: bool) -> Result<(), Refusal> {
        match self {
            Self::Xlsx(book) => {
                let mut cells = book.worksheet_cells_reader(name).map_err(|e| failed(&e))?;
                each_cell(|| cells.next_cell().map_err(|e| failed(&e)), to, glance)
            }
            Self::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(name).map_err(|e| failed(&e))?;
                each_cell(|| cells.next_cell().map_err(|e| failed(&e)), to, glance)
            }
            Self::Xls(book) => whole(&book.worksheet_range(name).map_err(|e| failed(&e))?, to, glance),
            Self::Ods(book) => whole(&book.worksheet_range(name).map_err(|e| failed(&e))?, to, glance),
        }
    }
}

/// A sheet that is read cell by cell.
fn each_cell<'a>(
    mut next: impl FnMut() -> Result<Option<calamine::Cell<DataRef<'a>>>, Refusal>,
    to: &mut Collector,
    glance: bool,
) -> Result<(), Refusal> {
    let (mut row, mut rows) = (None, 0);
    while let Some(cell) = next()? {
        let (at, column) = cell.get_position();
        if let Some(before) = row.filter(|r| *r != at) {
            to.end_row(before + 1)?;
            rows += 1;
            if glance && enough(rows).is_break() {
                return Ok(());
            }
        }
        row = Some(at);
        put(to, column as usize, cell.get_value())?;
    }
    row.map_or(Ok(()), |last| to.end_row(last + 1))
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
        DataRef::DateTimeIso(s) => to.cell(column, Kind::Date, s.get(..10).unwrap_or(s)),
        DataRef::Error(e) => to.cell(column, Kind::Fault, &e.to_string()),
    }
}

fn date(to: &mut Collector, column: usize, at: ExcelDateTime) -> Result<(), Refusal> {
    if at.is_duration() || at.as_f64() < 1.0 {
        return to.cell(column, Kind::Number, &number(at.as_f64()));
    }
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    to.cell(column, Kind::Date, &format!("{year:04}-{month:02}-{day:02}"))
}

/// A number as a spreadsheet shows it: 15 digits, so that 0.1 + 0.2 is 0.3.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{}", value as i64);
    }
    if value.abs() >= 1e15 {
        // more digits than a spreadsheet keeps: what became of a long code
        return format!("{value:E}");
    }
    let mut text = format!("{value:.14e}");
    if let Ok(rounded) = text.parse::<f64>() {
        text.clear();
        let _ = write!(text, "{rounded}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_a_spreadsheet() {
        assert_eq!(number(307.150_000_000_000_03), "307.15");
        assert_eq!(number(120.0), "120");
        assert_eq!(number(9.133_000_025_393_29e17), "9.13300002539329E17");
        assert_eq!(number(-0.5), "-0.5");
    }
}
