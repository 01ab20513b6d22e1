//! The workbook: sheets of the area, its classes, years, platforms, rows and methods; each where the dataset has such.

use super::cell::{Cell, Form, Sheet, Tables, WITHHELD};
use super::style::Style;
use super::xlsx_charts::{self, Place};
use super::{
    Material, ReportError, chain, change, children, clusters, enterprises, hotspots, method, overview, platforms,
    profile, quotients,
};
use crate::core::cancel;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Formula, IgnoreError, Workbook, Worksheet, XlsxError, utility::column_number_to_name,
};
use std::borrow::Cow;

/// Rows of a sheet, less its head.
const MAX_ROWS: usize = 1_048_575;
/// Beyond so many, rows wait in a temporary file for the workbook to be put together: in memory each takes some 5 kB. Their texts
/// stand in the cells: a table of shared texts costs a third more time where most of them occur once.
const HELD_ROWS: usize = 20_000;
/// How hard a workbook with so many rows is packed: a quarter larger than usual, in a quarter of the time.
const FAST: u8 = 2;
/// Characters of a cell.
const MAX_CHARS: usize = 32_767;
/// Whole numbers beyond this lose digits in a spreadsheet and are written as text.
const MAX_EXACT: f64 = 1e15;
/// Rows that decide how wide a column is.
const MEASURED_ROWS: usize = 300;

pub(super) fn render(material: &Material<'_>) -> Result<Vec<u8>, ReportError> {
    let rows = material.selection.rows().len();
    if rows > MAX_ROWS {
        return Err(ReportError::TooManyRows { rows, limit: MAX_ROWS });
    }
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&overview::title(material))?);
    if rows > HELD_ROWS {
        workbook.set_zip_compression_level(FAST);
    }
    let mut style = Style::new();
    let footer = footer(material);
    let finish = |worksheet: &mut Worksheet| {
        worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_footer(&footer);
    };
    // the rows are written while changes, profiles and hot areas are made, which come before them
    let long = rows > HELD_ROWS;
    let mut list = if long { workbook.new_worksheet_with_constant_memory()? } else { Worksheet::new() };
    let written = || write(&mut list, enterprises::sheet(*material), &mut style, long);
    let made = || {
        let _ = material.quotients();
        (material.profile(), material.change(), material.hotspots(), material.chains())
    };
    let (written, (profiles, changed, found, chains)) = cancel::both(written, made);
    written?;
    finish(&mut list);
    let mut add = |sheet: Sheet<'_>, chart: Option<ChartFn>| -> Result<(), XlsxError> {
        let heads: Vec<String> = sheet.heads.iter().map(|h| h.title.clone()).collect();
        let worksheet = workbook.add_worksheet();
        let place = write(worksheet, sheet, &mut style, false)?;
        chart.map_or(Ok(()), |chart| chart(material, &heads, place, worksheet))?;
        finish(worksheet);
        Ok(())
    };
    add(overview::sheet(material), None)?;
    if material.classified() {
        add(clusters::sheet(material), Some(xlsx_charts::of_clusters))?;
    }
    if let Some(quotients) = quotients::sheet(material) {
        add(quotients, None)?;
    }
    if let Some(years) = xlsx_charts::years(material) {
        add(years, Some(xlsx_charts::of_years))?;
    }
    for (kind, list) in material.children {
        add(children::sheet(material, *kind, list), None)?;
    }
    if material.platforms_title().is_some() {
        add(platforms::sheet(material), None)?;
    }
    if let Some(found) = changed {
        add(change::sheet(material, found), None)?;
    }
    if !chains.is_empty() {
        add(chain::sheet(material, chains), None)?;
    }
    if let Some(found) = profiles {
        add(profile::sheet(material, found), None)?;
        add(profile::pairs_sheet(material, found), None)?;
    }
    if let Some(found) = found {
        add(hotspots::sheet(material, found), None)?;
        if let Some(planned) = hotspots::planned_sheet(material, found) {
            add(planned, None)?;
        }
    }
    workbook.push_worksheet(list);
    let method = method::sheet(material);
    let worksheet = workbook.add_worksheet();
    write(worksheet, method, &mut style, false)?;
    finish(worksheet);
    Ok(workbook.save_to_buffer()?)
}

/// A workbook of some sheets.
pub(super) fn tables(tables: Tables<'_>) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&tables.title)?);
    let footer = foot(&tables.data, &tables.marks.join(" · "));
    let mut style = Style::new();
    for sheet in tables.sheets {
        let worksheet = workbook.add_worksheet();
        write(worksheet, sheet, &mut style, false)?;
        worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_footer(&footer);
    }
    Ok(workbook.save_to_buffer()?)
}

fn properties(title: &str) -> Result<DocProperties, XlsxError> {
    // no clock: the same material gives the same bytes
    let created = ExcelDateTime::from_ymd(2020, 1, 1)?;
    Ok(DocProperties::new().set_title(title).set_author("Shigu 视谷").set_creation_datetime(&created))
}

/// Puts charts on a sheet whose table has these heads and stands there.
type ChartFn = fn(&Material<'_>, &[String], Place, &mut Worksheet) -> Result<(), XlsxError>;

/// What every printed page says at its foot.
fn footer(material: &Material<'_>) -> String {
    let version = material.say("数据版本", "revision");
    let data = format!("{} {version} {}", material.about.manifest.id, material.summary.revision);
    foot(&data, &material.chips().join(" · "))
}

/// What every printed page says at its foot.
fn foot(data: &str, marks: &str) -> String {
    let data: String = data.replace('&', "&&").chars().take(120).collect();
    format!("&L{data}&C{marks}&R&P / &N")
}

fn write(worksheet: &mut Worksheet, sheet: Sheet<'_>, style: &mut Style, long: bool) -> Result<Place, XlsxError> {
    worksheet.set_name(sheet.name)?;
    let mut row = 0;
    if let Some((title, marks)) = &sheet.title {
        worksheet.write_string_with_format(row, 0, title, &style.title)?;
        for (column, mark) in (0..).zip(marks) {
            worksheet.write_string_with_format(row + 1, column, mark, &style.mark)?;
        }
        row += if marks.is_empty() { 2 } else { 3 };
    }
    let mut widths: Vec<usize> = sheet.heads.iter().map(|h| width(&h.title)).collect();
    let wrapped: Vec<bool> = sheet.heads.iter().map(|h| h.width.is_some()).collect();
    for (column, head) in (0..).zip(&sheet.heads) {
        worksheet.write_string_with_format(row, column, &head.title, &style.head)?;
    }
    worksheet.set_freeze_panes(row + 1, sheet.frozen)?.set_repeat_rows(row, row)?;
    let head_row = row;
    row += 1;
    let first = row;
    let usual = vec![None; if long { wrapped.len() } else { 0 }];
    let mut at = At { worksheet, style, wrapped: &wrapped, usual, first: row, row, in_total: false };
    for (n, cells) in sheet.rows.enumerate() {
        if n < MEASURED_ROWS {
            widths.iter_mut().zip(&cells).for_each(|(w, cell)| *w = (*w).max(printed_width(cell)));
        }
        at.write(&cells)?;
    }
    let last = at.row.saturating_sub(1).max(head_row);
    if let Some(total) = &sheet.total {
        at.in_total = true;
        widths.iter_mut().zip(total).for_each(|(w, cell)| *w = (*w).max(printed_width(cell)));
        at.write(total)?;
    }
    let place = Place { first, last, free: at.row + 1 + sheet.foot.len() as u32 };
    for (row, line) in (at.row + 1..).zip(&sheet.foot) {
        worksheet.write_string_with_format(row, 0, fit(line).as_ref(), &style.foot)?;
    }
    for (column, (head, width)) in (0..).zip(sheet.heads.iter().zip(widths)) {
        let width = head.width.map_or((width + 2).clamp(8, 42) as f64, f64::from);
        worksheet.set_column_width(column, width)?;
    }
    let columns = sheet.heads.len().saturating_sub(1) as u16;
    worksheet.ignore_error_range(0, 0, last, columns, IgnoreError::NumberStoredAsText)?;
    if sheet.frozen > 0 {
        worksheet.autofilter(head_row, 0, last, columns)?;
    }
    Ok(place)
}

/// What a cell of the body looks like.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Number(Form),
}

/// Where the next row goes.
struct At<'a> {
    worksheet: &'a mut Worksheet,
    style: &'a mut Style,
    wrapped: &'a [bool],
    /// Of a long sheet, what each column looks like: its cells then need no format of their own, of which the library computes a
    /// hash for each cell.
    usual: Vec<Option<Kind>>,
    /// First row of the table's body.
    first: u32,
    row: u32,
    in_total: bool,
}

impl At<'_> {
    fn write(&mut self, cells: &[Cell<'_>]) -> Result<(), XlsxError> {
        for (column, cell) in (0..).zip(cells) {
            self.cell(column, cell)?;
        }
        self.row += 1;
        Ok(())
    }

    /// Whether a cell of the body looks as its column does; the first one decides what that is.
    fn is_usual(&mut self, column: u16, kind: Kind) -> Result<bool, XlsxError> {
        let Some(usual) = self.usual.get_mut(usize::from(column)).filter(|_| !self.in_total) else { return Ok(false) };
        if usual.is_none() {
            *usual = Some(kind);
            let format = match kind {
                Kind::Text if self.wrapped[usize::from(column)] => &self.style.wrapped,
                Kind::Text => &self.style.text,
                Kind::Number(form) => self.style.number(form, false),
            };
            self.worksheet.set_column_format(column, format)?;
        }
        Ok(*usual == Some(kind))
    }

    fn cell(&mut self, column: u16, cell: &Cell<'_>) -> Result<(), XlsxError> {
        match cell {
            Cell::Text(t) if self.is_usual(column, Kind::Text)? => {
                self.worksheet.write_string(self.row, column, fit(t).as_ref())?;
                return Ok(());
            }
            Cell::Integer(i, _) if (*i as f64).abs() > MAX_EXACT => {}
            Cell::Integer(..) | Cell::Decimal(..) | Cell::Number(..) => {
                if let Some((value, form)) = cell.number().filter(|(value, _)| value.is_finite())
                    && self.is_usual(column, Kind::Number(form))?
                {
                    self.worksheet.write_number(self.row, column, value)?;
                    return Ok(());
                }
            }
            _ => {}
        }
        let Self { worksheet, style, row, first, in_total, .. } = self;
        let row = *row;
        let text = match (*in_total, self.wrapped[usize::from(column)]) {
            (true, _) => &style.total_text,
            (_, true) => &style.wrapped,
            _ => &style.text,
        };
        match cell {
            Cell::Empty if *in_total => worksheet.write_blank(row, column, text)?,
            Cell::Empty => worksheet,
            Cell::Text(t) => worksheet.write_string_with_format(row, column, fit(t).as_ref(), text)?,
            Cell::Integer(i, _) if (*i as f64).abs() > MAX_EXACT => {
                worksheet.write_string_with_format(row, column, i.to_string(), text)?
            }
            Cell::Withheld => worksheet.write_string_with_format(row, column, WITHHELD, &style.withheld)?,
            Cell::Sum(value, form) if row > *first => {
                let name = column_number_to_name(column);
                let formula = Formula::new(format!("=SUM({name}{}:{name}{row})", *first + 1));
                let formula = formula.set_result(value.to_string());
                worksheet.write_formula_with_format(row, column, formula, style.number(*form, *in_total))?
            }
            Cell::Integer(..) | Cell::Decimal(..) | Cell::Number(..) | Cell::Sum(..) => match cell.number() {
                Some((value, form)) if value.is_finite() => {
                    worksheet.write_number_with_format(row, column, value, style.number(form, *in_total))?
                }
                _ => worksheet,
            },
        };
        Ok(())
    }
}

/// Text as a cell can hold it: no character that XML forbids, no more than a cell's length.
fn fit(text: &str) -> Cow<'_, str> {
    let forbidden = |c: char| matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.len() <= MAX_CHARS && !text.contains(forbidden) {
        return Cow::Borrowed(text);
    }
    // a character beyond the basic plane counts as two
    let mut left = MAX_CHARS - 1;
    let mut kept: String = text
        .chars()
        .filter(|c| !forbidden(*c))
        .take_while(|c| {
            let room = left.checked_sub(c.len_utf16());
            left = room.unwrap_or(0);
            room.is_some()
        })
        .collect();
    if kept.len() < text.len() && left < 2 {
        kept.push('…');
    }
    Cow::Owned(kept)
}

/// Width of a cell in characters.
fn printed_width(cell: &Cell<'_>) -> usize {
    match cell.number() {
        // separators and decimals that the format adds
        Some((v, _)) => v.abs().log10().max(0.0) as usize * 4 / 3 + 5,
        None => width(&cell.plain()),
    }
}

/// Width of text in characters; a Chinese character is two wide.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2E80}' { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_fits_a_cell() {
        assert_eq!(fit("视谷"), "视谷");
        assert_eq!(fit("a\u{FFFF}b"), "ab");
        let long = "谷".repeat(40_000);
        assert_eq!(fit(&long).chars().count(), MAX_CHARS);
        assert!(fit(&"𠮷".repeat(30_000)).encode_utf16().count() <= MAX_CHARS);
        let many_bytes = "谷".repeat(20_000);
        assert_eq!(fit(&many_bytes), many_bytes);
        assert_eq!(width("集群(家)"), 8);
    }
}
