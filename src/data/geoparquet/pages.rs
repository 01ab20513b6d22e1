//! The heads of a file's pages, read before anything is unpacked: what a page says of its size is what the library makes room
//! for. Of the compact protocol of Thrift only what has to be skipped is known here.

use parquet::file::metadata::ColumnChunkMetaData;

/// What the pages of a column chunk are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Bytes of the largest, unpacked.
    pub largest: u64,
    /// Values in all, those of lists one by one.
    pub values: u64,
    /// Values of the largest dictionary: each is held by itself.
    pub entries: u64,
}

/// Reads the heads of a column chunk's pages; `None` where they can't be read or do not fit into the chunk.
pub fn pages(file: &[u8], chunk: &ColumnChunkMetaData) -> Option<Pages> {
    let (start, length) = chunk.byte_range();
    let chunk = file.get(usize::try_from(start).ok()?..usize::try_from(start.checked_add(length)?).ok()?)?;
    let (mut at, mut found) = (0, Pages::default());
    while at < chunk.len() {
        let mut head = Head { bytes: &chunk[at..], at: 0 };
        let page = head.page()?;
        at = at.checked_add(head.at)?.checked_add(usize::try_from(page.packed).ok()?)?;
        if at > chunk.len() {
            return None;
        }
        found.largest = found.largest.max(u64::try_from(page.unpacked).ok()?);
        found.entries = found.entries.max(u64::try_from(page.entries).ok()?);
        found.values = found.values.checked_add(u64::try_from(page.values).ok()?)?;
    }
    Some(found)
}

#[derive(Default)]
struct Page {
    unpacked: i64,
    packed: i64,
    /// Of data pages.
    values: i64,
    /// Of dictionaries.
    entries: i64,
}

/// Structures inside each other.
const DEEPEST: u8 = 8;

struct Head<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Head<'_> {
    fn page(&mut self) -> Option<Page> {
        let mut page = Page::default();
        self.fields(|head, field, kind| {
            match (field, kind) {
                (2, 5) => page.unpacked = head.integer()?,
                (3, 5) => page.packed = head.integer()?,
                // a dictionary, or a page of data of either version: how many values it has comes first
                (5 | 7 | 8, 12) => {
                    let dictionary = field == 7;
                    head.fields(|head, field, kind| match (field, kind) {
                        (1, 5) => {
                            let values = head.integer()?;
                            if dictionary {
                                page.entries = values;
                            } else {
                                page.values = values;
                            }
                            Some(())
                        }
                        _ => head.skip(kind, DEEPEST),
                    })?;
                }
                _ => head.skip(kind, DEEPEST)?,
            }
            Some(())
        })?;
        Some(page)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut out = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            out |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(out);
            }
        }
        None
    }

    /// A whole number in zigzag.
    fn integer(&mut self) -> Option<i64> {
        let n = self.varint()?;
        Some((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    /// The fields of a structure: their numbers and kinds.
    fn fields(&mut self, mut each: impl FnMut(&mut Self, i64, u8) -> Option<()>) -> Option<()> {
        let mut field = 0_i64;
        loop {
            let head = self.byte()?;
            let kind = head & 0x0F;
            if kind == 0 {
                return Some(());
            }
            field = match head >> 4 {
                0 => self.integer()?,
                step => field.checked_add(i64::from(step))?,
            };
            each(self, field, kind)?;
        }
    }

    fn skip(&mut self, kind: u8, deep: u8) -> Option<()> {
        let deep = deep.checked_sub(1)?;
        match kind {
            // true and false stand in the head of the field
            1 | 2 => {}
            3 => _ = self.byte()?,
            4..=6 => _ = self.varint()?,
            7 => self.over(8)?,
            8 => {
                let length = usize::try_from(self.varint()?).ok()?;
                self.over(length)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let length = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                for _ in 0..length {
                    // in a list they take a byte each
                    if matches!(head & 0x0F, 1 | 2) { _ = self.byte()? } else { self.skip(head & 0x0F, deep)? }
                }
            }
            12 => self.fields(|head, _, kind| head.skip(kind, deep))?,
            _ => return None,
        }
        Some(())
    }

    fn over(&mut self, length: usize) -> Option<()> {
        self.at = self.at.checked_add(length).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }
}
