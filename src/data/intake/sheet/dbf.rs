//! dBASE tables of shapefiles: fields of fixed width, in an encoding that is detected here.

use super::cells::Kind;
use super::encoding::other_than_gb;
use super::moment::of_iso;
use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// A field.
#[derive(Debug)]
pub struct Field {
    /// Its name, decoded.
    pub name: String,
    kind: u8,
    start: usize,
    length: usize,
}

/// A table over its bytes.
pub struct Dbf<'a> {
    /// The fields.
    pub fields: Vec<Field>,
    /// The encoding of the text.
    pub encoding: &'static Encoding,
    /// Whether nothing proves it, and it is only likeliest.
    pub guessed: bool,
    /// Cells that are no text in it.
    pub malformed: usize,
    /// The encoding that was declared and does not fit.
    pub refuted: Option<&'static str>,
    rows: &'a [u8],
    length: usize,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?).into())
}

impl<'a> Dbf<'a> {
    /// Reads the head. `declared` is what a `.cpg` says. `None` when it is no such table or is cut off.
    pub fn open(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Option<Self> {
        let rows = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
        let (head, length) = (u16_at(bytes, 8)?, u16_at(bytes, 10)?);
        let mut raw = Vec::new();
        let mut start = 1;
        for field in bytes.get(32..head)?.chunks_exact(32).take_while(|f| f[0] != 0x0D) {
            let name = field[..11].split(|b| *b == 0).next()?;
            let width = usize::from(field[16]);
            raw.push((name, Field { name: String::new(), kind: field[11], start, length: width }));
            start += width;
        }
        if raw.is_empty() || start > length {
            return None;
        }
        let rows = bytes.get(head..head.checked_add(rows.checked_mul(length)?)?)?;
        let marked = match bytes[29] {
            0x4D | 0x7A => Some(GB18030),
            // Western European code pages, which some programs write whatever the text is
            0x02 | 0x03 | 0x57 | 0x58 | 0x59 => Some(WINDOWS_1252),
            0x4F | 0x78 => Some(BIG5),
            0x13 | 0x7B => Some(SHIFT_JIS),
            0x4E | 0x79 => Some(EUC_KR),
            _ => None,
        };
        // a byte of the head is a weaker word than a file of its own
        let by_file = declared.is_some();
        let declared = declared.or(marked);
        let names: Vec<&[u8]> = raw.iter().map(|(name, _)| *name).collect();
        let fields: Vec<Field> = raw.into_iter().map(|(_, field)| field).collect();
        let mut dbf = Self { fields, encoding: UTF_8, guessed: false, malformed: 0, refuted: None, rows, length };
        let of = |e: &'static Encoding| (dbf.faults(e, &names), e);
        let (utf8, gbk) = (of(UTF_8), of(GB18030));
        // characters of three bytes that are all sound in UTF-8 are nothing else, whatever is declared
        let proved = utf8.0 == 0 && dbf.texts().any(|cell| cell.iter().any(|b| (0xE3..=0xE9).contains(b)));
        let mut best = declared.map_or(utf8, of);
        // where every byte is a letter, Chinese text is no fault
        let doubted = best.1.is_single_byte() && dbf.texts().any(|cell| !cell.is_ascii());
        if proved || (doubted && utf8.0 == 0) {
            best = utf8;
        } else if doubted && gbk.0 == 0 && dbf.is_chinese(&names) {
            best = gbk;
        }
        for next in [utf8, gbk] {
            if best.0 > 0 && next.0 < best.0 {
                best = next;
            }
        }
        // bytes of other encodings are nearly always text in this one, too
        let mut guessed = false;
        if best.1 == GB18030
            && let Some(other) = other_than_gb(dbf.texts().chain(names.iter().copied())).map(of)
            && other.0 <= best.0
        {
            (best, guessed) = (other, true);
        }
        (dbf.malformed, dbf.encoding) = best;
        dbf.guessed = guessed;
        dbf.refuted = declared
            .filter(|d| *d != dbf.encoding && (by_file || !d.is_single_byte() || dbf.texts().any(|c| !c.is_ascii())))
            .map(Encoding::name);
        for (field, name) in dbf.fields.iter_mut().zip(names) {
            field.name = text(name, dbf.encoding).into_owned();
        }
        Some(dbf)
    }

    /// Rows, deleted ones included.
    pub fn len(&self) -> usize {
        self.rows.len() / self.length
    }

    /// The cells of text.
    fn texts(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        let rows = self.rows;
        rows.chunks_exact(self.length).flat_map(move |row| {
            let fields = self.fields.iter().filter(|f| f.kind == b'C');
            fields.filter_map(move |f| row.get(f.start..f.start + f.length)).map(<[u8]>::trim_ascii_end)
        })
    }

    /// Whether most of what is not ASCII are common Chinese characters in GBK.
    fn is_chinese(&self, names: &[&[u8]]) -> bool {
        let (mut common, mut all) = (0usize, 0usize);
        for cell in self.texts().chain(names.iter().copied()).filter(|c| !c.is_ascii()) {
            for c in text(cell, GB18030).chars().filter(|c| !c.is_ascii()) {
                all += 1;
                common += usize::from(('\u{4E00}'..='\u{9FFF}').contains(&c));
            }
        }
        common * 3 >= all * 2
    }

    /// Names and cells of text that are none in an encoding. A last character that does not fit the field counts as
    /// none.
    fn faults(&self, encoding: &'static Encoding, names: &[&[u8]]) -> usize {
        let cells = self.texts();
        cells.chain(names.iter().copied()).filter(|cell| !cell.is_ascii() && broken(cell, encoding)).count()
    }

    /// A row's bytes; `None` where it is deleted.
    pub fn row(&self, row: usize) -> Option<&'a [u8]> {
        let bytes = &self.rows[row * self.length..(row + 1) * self.length];
        (bytes[0] != b'*').then_some(bytes)
    }

    /// The value of a field in a row; `None` for kinds that are kept in other files.
    pub fn value(&self, field: &Field, row: &[u8]) -> Option<(Kind, String)> {
        let raw = &row[field.start..field.start + field.length];
        let bare = |b: &u8| !matches!(*b, b' ' | 0);
        let from = raw.iter().position(bare).unwrap_or(raw.len());
        let raw = &raw[from..raw.iter().rposition(bare).map_or(from, |last| last + 1)];
        let plain = || text(raw, self.encoding).into_owned();
        Some(match field.kind {
            // a program writes stars where a number does not fit
            b'N' | b'F' if raw.is_empty() || raw.contains(&b'*') => (Kind::Empty, String::new()),
            b'N' | b'F' => number(&plain()),
            b'D' if raw.len() == 8 && raw.iter().all(u8::is_ascii_digit) && raw != b"00000000" => {
                let text = plain();
                of_iso(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
            }
            b'L' => match raw.first() {
                Some(b'T' | b't' | b'Y' | b'y' | b'1') => (Kind::Boolean, "true".to_owned()),
                Some(b'F' | b'f' | b'N' | b'n' | b'0') => (Kind::Boolean, "false".to_owned()),
                _ => (Kind::Empty, String::new()),
            },
            b'C' | b'D' => (Kind::Text, plain()),
            _ => return None,
        })
    }
}

/// A number without the zeros that fill its field; long codes keep their digits.
fn number(text: &str) -> (Kind, String) {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && text.contains(['.', 'e', 'E']) && digits <= 17 => {
            (Kind::Number, value.to_string())
        }
        Ok(value) if value.is_finite() => (Kind::Number, text.to_owned()),
        _ => (Kind::Text, text.to_owned()),
    }
}

/// Whether bytes are no text of an encoding, but for a last character that is cut.
fn broken(bytes: &[u8], encoding: &'static Encoding) -> bool {
    (0..4.min(bytes.len()))
        .all(|cut| encoding.decode_without_bom_handling_and_without_replacement(&bytes[..bytes.len() - cut]).is_none())
}

/// Text without a last character that is cut.
fn text<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Cow<'a, str> {
    (0..4.min(bytes.len()))
        .find_map(|cut| encoding.decode_without_bom_handling_and_without_replacement(&bytes[..bytes.len() - cut]))
        .unwrap_or_else(|| encoding.decode_without_bom_handling(bytes).0)
}
