//! What a sheet of a binary workbook (MS-XLSB) holds besides values, and calamine does not pass on: merged cells, hidden rows.

use super::budget::CELL;
use super::encoding::BLOCK;
use super::marks::{Marks, target};
use super::merged::Area;
use crate::core::cancel;
use encoding_rs::UTF_16LE;
use std::io::{BufRead, BufReader, Read, Seek};
use zip::ZipArchive;

/// Kinds of records.
const ROW: u16 = 0x0000;
const SHEET: u16 = 0x009C;
const MERGED: u16 = 0x00B0;

/// What the file says of a sheet: nothing where it can't be read, as calamine will say so.
pub fn read<R: Read + Seek>(reader: R, sheet: &str, most: u64) -> Option<Marks> {
    let mut archive = ZipArchive::new(reader).ok()?;
    let mut relation = None;
    each(&mut archive, "xl/workbook.bin", |kind, data| {
        if kind == SHEET
            && let Some((id, name)) = bundle(data)
            && name == sheet
        {
            relation = Some(id);
        }
        relation.is_none()
    })?;
    let path = target(&mut archive, "xl/_rels/workbook.bin.rels", &relation?)?;
    let mut marks = Marks::default();
    each(&mut archive, path.trim_start_matches('/'), |kind, data| {
        match kind {
            // zero height
            ROW if data.get(11).is_some_and(|flags| flags & 0x10 != 0) => {
                marks.hidden.extend(u32_at(data, 0).and_then(|row| row.checked_add(1)));
            }
            MERGED => {
                let all = (u32_at(data, 0), u32_at(data, 4), u32_at(data, 8), u32_at(data, 12));
                if let (Some(top), Some(bottom), Some(left), Some(right)) = all {
                    marks.areas.push(Area { top, left, bottom, right });
                }
            }
            _ => {}
        }
        marks.bytes() < most
    })?;
    Some(marks)
}

/// The relation and the name of a sheet.
fn bundle(data: &[u8]) -> Option<(String, String)> {
    let mut at = 8;
    let mut text = || {
        let length = usize::try_from(u32_at(data, at)?).ok()?.checked_mul(2)?;
        let bytes = data.get(at + 4..(at + 4).checked_add(length)?)?;
        at += 4 + length;
        Some(UTF_16LE.decode_without_bom_handling(bytes).0.into_owned())
    };
    Some((text()?, text()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

/// Follows the records of a part as long as they are wanted.
fn each<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    part: &str,
    mut take: impl FnMut(u16, &[u8]) -> bool,
) -> Option<()> {
    let at = archive.index_for_name(part)?;
    let mut part = BufReader::with_capacity(BLOCK, archive.by_index(at).ok()?);
    let mut data = Vec::new();
    loop {
        cancel::check();
        if part.fill_buf().ok()?.is_empty() {
            return Some(());
        }
        let mut byte = || {
            let mut one = [0];
            part.read_exact(&mut one).ok().map(|()| one[0])
        };
        let first = byte()?;
        let kind =
            if first & 0x80 == 0 { u16::from(first) } else { u16::from(first & 0x7F) | u16::from(byte()? & 0x7F) << 7 };
        let mut length = 0_usize;
        for place in 0..4 {
            let b = byte()?;
            length |= usize::from(b & 0x7F) << (7 * place);
            if b & 0x80 == 0 {
                break;
            }
        }
        if length > CELL {
            return None;
        }
        data.resize(length, 0);
        part.read_exact(&mut data).ok()?;
        if !take(kind, &data) {
            return Some(());
        }
    }
}
