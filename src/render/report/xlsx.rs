//! The workbook: sheets of the area, its classes, years, platforms, rows and methods; each where the dataset has such.

use super::cell::{Cell, Sheet, Tables, WITHHELD};
use super::enterprises::Enterprises;
use super::style::Style;
use super::xlsx_cell::{MAX_EXACT, fit};
use super::xlsx_charts::{self, Place};
use super::{
    Material, ReportError, chain, change, children, clusters, hotspots, method, overview, platforms, profile,
    quotients, xlsx_rows,
};
use crate::core::cancel;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Formula, IgnoreError, Workbook, Worksheet, XlsxError, utility::column_number_to_name,
};

/// Rows of a sheet, less its head.
const MAX_ROWS: usize = 1_048_575;
/// Beyond so many, rows are written and packed in pieces ([`xlsx_rows`]): as cells of the library each takes some 5 kB.
const HELD_ROWS: usize = 2_000;
/// Rows that decide how wide a column is.
const MEASURED_ROWS: usize = 300;

pub(super) fn render(material: &Material<'_>) -> Result<Vec<u8>, ReportError> {
    let rows = material.selection.rows().len();
    if rows > MAX_ROWS {
        return Err(ReportError::TooManyRows { rows, limit: MAX_ROWS });
    }
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&overview::title(material))?);
    let mut style = Style::new();
    let footer = footer(material);
    let finish = |worksheet: &mut Worksheet| {
        worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_footer(&footer);
    };
    let (table, places) = (Enterprises::new(*material), material.rows());
    // what takes long is made at once: rows of the list where the library holds them, and the analyses
    let long = rows > HELD_ROWS;
    let mut list = Worksheet::new();
    let written = || {
        if long {
            return write_frame(&mut list, &table, &places, &mut style);
        }
        write(&mut list, table.sheet(&places), &mut style).map(drop)
    };
    let (written, ()) = cancel::both(written, || material.analyse());
    written?;
    let (profiles, changed, chains, found) =
        (material.profile(), material.change(), material.chains(), material.hotspots());
    finish(&mut list);
    let mut add = |sheet: Sheet<'_>, chart: Option<ChartFn>| -> Result<(), XlsxError> {
        let heads: Vec<String> = sheet.heads.iter().map(|h| h.title.clone()).collect();
        let worksheet = workbook.add_worksheet();
        let place = write(worksheet, sheet, &mut style)?;
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
    let list = workbook.worksheets().len();
    let method = method::sheet(material);
    let worksheet = workbook.add_worksheet();
    write(worksheet, method, &mut style)?;
    finish(worksheet);
    let bytes = workbook.save_to_buffer()?;
    Ok(if long { xlsx_rows::fill(bytes, list, &table, &places)? } else { bytes })
}

/// A workbook of some sheets.
pub(super) fn tables(tables: Tables<'_>) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&tables.title)?);
    let footer = foot(&tables.data, &tables.marks.join(" · "));
    let mut style = Style::new();
    for sheet in tables.sheets {
        let worksheet = workbook.add_worksheet();
        write(worksheet, sheet, &mut style)?;
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

/// Everything of the sheet of rows but these.
fn write_frame(
    worksheet: &mut Worksheet,
    table: &Enterprises<'_>,
    rows: &[u32],
    style: &mut Style,
) -> Result<(), XlsxError> {
    let sheet = table.sheet(&[]);
    let mut widths = Widths::of(&sheet);
    rows.iter().take(MEASURED_ROWS).for_each(|row| widths.measure(&table.cells(*row)));
    worksheet.set_name(&sheet.name)?;
    write_heads(worksheet, &sheet, 0, style)?;
    let last = rows.len() as u32;
    xlsx_rows::write_looks(worksheet, table, last, style)?;
    set_columns(worksheet, &sheet, &widths, (0, last))
}

/// How wide the columns of a sheet are, in characters.
struct Widths(Vec<usize>);

impl Widths {
    fn of(sheet: &Sheet<'_>) -> Self {
        Self(sheet.heads.iter().map(|head| width(&head.title)).collect())
    }

    fn measure(&mut self, cells: &[Cell<'_>]) {
        self.0.iter_mut().zip(cells).for_each(|(w, cell)| *w = (*w).max(printed_width(cell)));
    }
}

fn write_heads(worksheet: &mut Worksheet, sheet: &Sheet<'_>, row: u32, style: &Style) -> Result<(), XlsxError> {
    for (column, head) in (0..).zip(&sheet.heads) {
        worksheet.write_string_with_format(row, column, &head.title, &style.head)?;
    }
    worksheet.set_freeze_panes(row + 1, sheet.frozen)?.set_repeat_rows(row, row)?;
    Ok(())
}

/// Widths, filter and remarks of the columns of a table from its head to its last row.
fn set_columns(
    worksheet: &mut Worksheet,
    sheet: &Sheet<'_>,
    widths: &Widths,
    (head_row, last): (u32, u32),
) -> Result<(), XlsxError> {
    for (column, (head, width)) in (0..).zip(sheet.heads.iter().zip(&widths.0)) {
        let width = head.width.map_or((width + 2).clamp(8, 42) as f64, f64::from);
        worksheet.set_column_width(column, width)?;
    }
    let columns = sheet.heads.len().saturating_sub(1) as u16;
    worksheet.ignore_error_range(0, 0, last, columns, IgnoreError::NumberStoredAsText)?;
    if sheet.frozen > 0 {
        worksheet.autofilter(head_row, 0, last, columns)?;
    }
    Ok(())
}

fn write(worksheet: &mut Worksheet, mut sheet: Sheet<'_>, style: &mut Style) -> Result<Place, XlsxError> {
    worksheet.set_name(&sheet.name)?;
    let mut row = 0;
    if let Some((title, marks)) = &sheet.title {
        worksheet.write_string_with_format(row, 0, title, &style.title)?;
        for (column, mark) in (0..).zip(marks) {
            worksheet.write_string_with_format(row + 1, column, mark, &style.mark)?;
        }
        row += if marks.is_empty() { 2 } else { 3 };
    }
    let mut widths = Widths::of(&sheet);
    let wrapped: Vec<bool> = sheet.heads.iter().map(|h| h.width.is_some()).collect();
    write_heads(worksheet, &sheet, row, style)?;
    let head_row = row;
    row += 1;
    let first = row;
    let mut at = At { worksheet, style, wrapped: &wrapped, first: row, row, in_total: false };
    for (n, cells) in sheet.rows.by_ref().enumerate() {
        if n < MEASURED_ROWS {
            widths.measure(&cells);
        }
        at.write(&cells)?;
    }
    let last = at.row.saturating_sub(1).max(head_row);
    if let Some(total) = &sheet.total {
        at.in_total = true;
        widths.measure(total);
        at.write(total)?;
    }
    let place = Place { first, last, free: at.row + 1 + sheet.foot.len() as u32 };
    for (row, line) in (at.row + 1..).zip(&sheet.foot) {
        worksheet.write_string_with_format(row, 0, fit(line).as_ref(), &style.foot)?;
    }
    set_columns(worksheet, &sheet, &widths, (head_row, last))?;
    Ok(place)
}

/// Where the next row goes.
struct At<'a> {
    worksheet: &'a mut Worksheet,
    style: &'a mut Style,
    wrapped: &'a [bool],
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

    fn cell(&mut self, column: u16, cell: &Cell<'_>) -> Result<(), XlsxError> {
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
    fn a_chinese_character_is_two_wide() {
        assert_eq!(width("集群(家)"), 8);
    }
}
