//! Which encoding a text file has, detected from all of its bytes, and a reader that turns it into UTF-8.

use crate::core::cancel;
use encoding_rs::{Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes that are looked at together.
pub const BLOCK: usize = 1 << 16;

/// The encoding of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Whether a byte order mark said so.
    pub marked: bool,
}

impl Found {
    /// Its name for people.
    pub fn name(&self) -> &'static str {
        match (self.encoding.name(), self.marked) {
            ("gb18030", _) => "GB18030",
            ("UTF-8", true) => "UTF-8 (BOM)",
            (name, _) => name,
        }
    }
}

/// Reads the whole file once. `None` when it is in none of the encodings that offices use.
pub fn sniff<R: Read + Seek>(reader: &mut R) -> io::Result<Option<Found>> {
    let mut block = vec![0; BLOCK];
    reader.seek(SeekFrom::Start(0))?;
    let first = fill(reader, &mut block)?;
    if let Some(found) = by_start(&block[..first]) {
        return Ok(Some(found));
    }
    for encoding in TRIED {
        reader.seek(SeekFrom::Start(0))?;
        if fits(&mut *reader, encoding)? {
            return Ok(Some(Found { encoding, marked: false }));
        }
    }
    Ok(None)
}

/// The encodings that only the whole text proves, in this order.
pub const TRIED: [&Encoding; 2] = [UTF_8, GB18030];

/// What the start of a text says of its encoding.
pub fn by_start(head: &[u8]) -> Option<Found> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Some(Found { encoding, marked: true });
    }
    // text in UTF-16 has a zero in every second byte of its digits, commas and line ends
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let encoding = if odd > even { UTF_16LE } else { UTF_16BE };
    (odd.max(even) > head.len() / 16).then_some(Found { encoding, marked: false })
}

/// Whether all of a text is text in an encoding.
pub fn fits(reader: impl Read, encoding: &'static Encoding) -> io::Result<bool> {
    let mut block = vec![0; BLOCK];
    let mut text = Decoding::new(reader, encoding);
    while text.read(&mut block)? > 0 && text.malformed == 0 {}
    Ok(text.malformed == 0)
}

/// Reads until the block is full or the file ends.
fn fill(reader: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < block.len() {
        match reader.read(&mut block[length..])? {
            0 => break,
            n => length += n,
        }
    }
    Ok(length)
}

/// A reader of UTF-8 over one of another encoding; a byte order mark is taken off.
pub struct Decoding<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Text that is decoded and not read yet: readers may ask for less than a character.
    text: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    /// Blocks with places that are no text in this encoding.
    pub malformed: usize,
}

impl<R: Read> Decoding<R> {
    /// Decodes from where `inner` stands.
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        // a byte of any encoding becomes three at most, and what the decoder held back a few more
        let (raw, text) = (vec![0; BLOCK], vec![0; 3 * BLOCK + 16]);
        Self { inner, decoder, raw, text, start: 0, end: 0, ended: false, malformed: 0 }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        cancel::check();
        while self.start == self.end && !self.ended {
            let read = self.inner.read(&mut self.raw)?;
            self.ended = read == 0;
            let (_, _, written, replaced) = self.decoder.decode_to_utf8(&self.raw[..read], &mut self.text, self.ended);
            (self.start, self.end) = (0, written);
            self.malformed += usize::from(replaced);
        }
        let length = out.len().min(self.end - self.start);
        out[..length].copy_from_slice(&self.text[self.start..self.start + length]);
        self.start += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// The name of the encoding and a digest of the text, which is too long to be shown.
    fn read(bytes: &[u8]) -> (&'static str, usize, String) {
        let mut reader = Cursor::new(bytes);
        let found = sniff(&mut reader).unwrap().expect("an encoding");
        reader.seek(SeekFrom::Start(0)).unwrap();
        let mut text = String::new();
        Decoding::new(reader, found.encoding).read_to_string(&mut text).unwrap();
        (found.name(), text.len(), text.chars().take(60).collect())
    }

    #[test]
    fn encodings_are_distinguished() {
        let text = "企业名称,区县\n杭州㙓堃𠮷有限公司,余杭区\n".repeat(9000);
        let whole = |name: &'static str| (name, text.len(), text.chars().take(60).collect::<String>());
        assert_eq!(read(text.as_bytes()), whole("UTF-8"));
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        assert_eq!(read(&marked), whole("UTF-8 (BOM)"));
        assert_eq!(read(&GB18030.encode(&text).0), whole("GB18030"));
        let units = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        assert_eq!(read(&units(u16::to_le_bytes)), whole("UTF-16LE"));
        assert_eq!(read(&[b"\xFE\xFF".as_slice(), &units(u16::to_be_bytes)].concat()), whole("UTF-16BE"));
        assert_eq!(read(b"a,b\n1,2\n").0, "UTF-8");
        assert_eq!(sniff(&mut Cursor::new(b"\xFF\xFF\x80\x81\xFF")).unwrap(), None);
    }
}
