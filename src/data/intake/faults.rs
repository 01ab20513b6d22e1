//! The rows to be corrected, as a workbook: each as it is in the file, the cell marked, the reason in a column of its
//! own.

use super::finding::{Finding, Refusal};
use super::prepare::Import;
use super::sheet::Kind;
use crate::core::cancel;
use crate::core::model::{Lang, Text};
use crate::data::load::Severity;
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, Note, Workbook, XlsxError};
use std::fmt::Write;

/// Rows that the workbook holds; a list that no one reads to its end helps nobody.
const ROWS: u32 = 100_000;
/// Characters of a cell.
const CHARACTERS: usize = 32_000;

impl Import<'_> {
    /// The workbook of rows with errors, and with warnings after them; `None` when there are none. Its head is that
    /// of the file, so that it can be mended and imported as it is.
    pub fn faults(&self, lang: Lang) -> Result<Option<Vec<u8>>, Refusal> {
        self.write_faults(lang).map_err(|e| {
            let text = Text::new("问题表写不出", "the list of rows to mend can't be written");
            Refusal::broken("faults-failed", text, &e)
        })
    }

    fn write_faults(&self, lang: Lang) -> Result<Option<Vec<u8>>, XlsxError> {
        let mut workbook = Workbook::new();
        let created = ExcelDateTime::from_ymd(2020, 1, 1)?;
        workbook.set_properties(&DocProperties::new().set_author("Shigu 视谷").set_creation_datetime(&created));
        let (name, number, reason, remedy) = match lang {
            Lang::Zh => ("问题行", "原行号", "问题", "处理"),
            Lang::En => ("Rows to mend", "Row in the file", "Problem", "What to do"),
        };
        let head = Format::new().set_bold().set_background_color(Color::RGB(0x00E8_ECF2));
        let wrap = Format::new().set_text_wrap();
        let marks = [Color::RGB(0x00FF_C7CE), Color::RGB(0x00FF_EB9C)].map(|c| Format::new().set_background_color(c));
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        let columns = &self.sheet.columns;
        let reason_column = columns.len() as u16;
        for (c, column) in (0..).zip(columns) {
            let unit = column.unit.as_ref().map(|u| format!("({u})")).unwrap_or_default();
            sheet.write_string_with_format(0, c, format!("{}{unit}", column.name), &head)?;
        }
        for (c, text) in (reason_column..).zip([reason, remedy, number]) {
            sheet.write_string_with_format(0, c, text, &head)?;
        }
        sheet.set_column_width(reason_column, 60)?.set_column_width(reason_column + 1, 40)?;
        sheet.set_freeze_panes(1, 0)?;
        let mut at = 0;
        for wanted in [Severity::Error, Severity::Warning] {
            for row in 0..self.sheet.cells.len() {
                cancel::check();
                if at >= ROWS {
                    break;
                }
                let notes = self.judge(row).notes;
                if notes.iter().map(|f| f.severity).min() != Some(wanted) {
                    continue;
                }
                at += 1;
                self.fault(sheet, at, row, &notes, lang, &marks)?;
                let (reasons, remedies) = words(&notes, lang);
                sheet.write_string_with_format(at, reason_column, reasons, &wrap)?;
                sheet.write_string_with_format(at, reason_column + 1, remedies, &wrap)?;
                sheet.write_number(at, reason_column + 2, f64::from(self.sheet.cells.number(row)))?;
            }
        }
        if at == 0 {
            return Ok(None);
        }
        sheet.autofilter(0, 0, at, reason_column + 2)?;
        workbook.save_to_buffer().map(Some)
    }

    fn fault(
        &self,
        sheet: &mut rust_xlsxwriter::Worksheet,
        at: u32,
        row: usize,
        notes: &[Finding],
        lang: Lang,
        marks: &[Format; 2],
    ) -> Result<(), XlsxError> {
        let plain = Format::new();
        for c in 0..self.sheet.columns.len() {
            let cell = self.sheet.cells.cell(row, c);
            let about: Vec<&Finding> =
                notes.iter().filter(|f| f.at == Some(c) && f.severity != Severity::Info).collect();
            let format = match about.iter().map(|f| f.severity).min() {
                Some(Severity::Error) => &marks[0],
                Some(_) => &marks[1],
                None => &plain,
            };
            let column = c as u16;
            match cell.kind {
                Kind::Empty => _ = sheet.write_blank(at, column, format)?,
                Kind::Number if cell.text.len() <= 15 => {
                    _ = sheet.write_number_with_format(
                        at,
                        column,
                        cell.text.parse::<f64>().unwrap_or_default(),
                        format,
                    )?;
                }
                _ => _ = sheet.write_string_with_format(at, column, fit(cell.text), format)?,
            }
            if let Some(worst) = about.first() {
                sheet.insert_note(at, column, &Note::new(worst.message.get(lang)).set_author("视谷"))?;
            }
        }
        Ok(())
    }
}

fn words(notes: &[Finding], lang: Lang) -> (String, String) {
    let (mut reasons, mut remedies) = (String::new(), String::new());
    for f in notes.iter().filter(|f| f.severity != Severity::Info) {
        let line = if reasons.is_empty() { "" } else { "\n" };
        let _ = write!(reasons, "{line}{}", f.message.get(lang));
        let remedy = f.remedy.get(lang);
        if !remedies.contains(remedy) {
            let line = if remedies.is_empty() { "" } else { "\n" };
            let _ = write!(remedies, "{line}{remedy}");
        }
    }
    (fit(&reasons), fit(&remedies))
}

fn fit(text: &str) -> String {
    text.chars().take(CHARACTERS / 2).collect()
}
