//! Which encoding a text file has, detected from all of its bytes, and a reader that turns it into UTF-8.

use crate::core::cancel;
use crate::core::model::Text;
use crate::data::intake::finding::Finding;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{self, Read, Seek, SeekFrom};

/// The byte order mark of UTF-8.
const MARK: [u8; 3] = *b"\xEF\xBB\xBF";
/// Bytes that are looked at together.
pub const BLOCK: usize = 1 << 16;

/// The encoding of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Whether a byte order mark said so.
    pub marked: bool,
    /// Whether nothing proves it: other encodings fit, too, and this one is the likeliest.
    pub guessed: bool,
    /// Places that are no text in it.
    pub broken: usize,
}

impl Found {
    fn proved(encoding: &'static Encoding) -> Self {
        Self { encoding, marked: false, guessed: false, broken: 0 }
    }

    /// Its name for people.
    pub fn name(&self) -> &'static str {
        match (self.encoding.name(), self.marked) {
            ("gb18030", _) => "GB18030",
            ("UTF-8", true) => "UTF-8 (BOM)",
            (name, _) => name,
        }
    }
}

impl Found {
    /// What is to be said of it: nothing of sound UTF-8.
    pub fn finding(&self) -> Option<Finding> {
        let (name, n) = (self.name(), self.broken);
        if n > 0 {
            let text = Text::new(
                format!("文件是 {name} 编码,但有 {n} 处字符不完整(显示为“\u{FFFD}”),像是被截断过"),
                format!("the file is in {name}, but {n} characters are broken (shown as “\u{FFFD}”), perhaps cut off"),
            );
            return Some(Finding::warning("encoding", text));
        }
        match name {
            "UTF-8" | "UTF-8 (BOM)" => None,
            _ if self.guessed => {
                let text = Text::new(
                    format!("文件没有写明编码,最像 {name},已按此读取"),
                    format!("the file does not say its encoding; it looks most like {name} and was read as such"),
                );
                Some(Finding::warning("encoding", text))
            }
            "GB18030" => {
                let text = Text::new(
                    "文件像是 GBK 编码的文本,已按 GB18030 读取",
                    "the file looks like a text in GBK and was read as GB18030",
                );
                Some(Finding::info("encoding", text))
            }
            _ => {
                let text = Text::new(
                    format!("文件是 {name} 编码,已按此读取"),
                    format!("the file is in {name} and was read as such"),
                );
                Some(Finding::info("encoding", text))
            }
        }
    }
}

/// What takes a text from its beginning.
pub type Take<'t> = &'t mut dyn FnMut(&mut dyn Read) -> io::Result<()>;

/// Reads the whole file, twice where it is not UTF-8. `None` when it is in none of the encodings that offices use.
pub fn sniff<R: Read + Seek>(reader: &mut R) -> io::Result<Option<Found>> {
    detect(&mut |take: Take| {
        reader.seek(SeekFrom::Start(0))?;
        take(reader)
    })
}

/// The encoding of a text that can be read again and again: `again` gives it from its beginning.
pub fn detect(again: &mut dyn FnMut(Take) -> io::Result<()>) -> io::Result<Option<Found>> {
    let mut utf8 = Count::new(UTF_8);
    let mut by_mark = None;
    again(&mut |text| {
        let mut block = vec![0; BLOCK];
        let first = fill(text, &mut block)?;
        by_mark = by_start(&block[..first]);
        if by_mark.is_none_or(|found| found.encoding == UTF_8) {
            let start = if by_mark.is_some() { MARK.len() } else { 0 };
            utf8.feed(&block[start..first], first == start);
            pass(text, &mut |bytes, last| utf8.feed(bytes, last))?;
        }
        Ok(())
    })?;
    if let Some(found) = by_mark {
        if found.encoding != UTF_8 || utf8.bad == 0 || utf8.is_nearly_sound() {
            return Ok(Some(Found { broken: utf8.bad, ..found }));
        }
        // a mark that some program has put before a text in another encoding
        let unmarked = beyond_utf8(&mut |take| {
            again(&mut |text| {
                fill(text, &mut [0; MARK.len()])?;
                take(text)
            })
        })?;
        return Ok(unmarked.or(Some(Found { broken: utf8.bad, ..found })));
    }
    if utf8.bad == 0 {
        return Ok(Some(Found::proved(UTF_8)));
    }
    // a field that a program cut in the middle of a character is no other encoding
    if utf8.is_nearly_sound() {
        return Ok(Some(Found { broken: utf8.bad, ..Found::proved(UTF_8) }));
    }
    beyond_utf8(again)
}

/// The encoding of a text that is no UTF-8.
fn beyond_utf8(again: &mut dyn FnMut(Take) -> io::Result<()>) -> io::Result<Option<Found>> {
    let (mut gb, mut pairs) = (Count::new(GB18030), Pairs::default());
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    again(&mut |text| {
        pass(text, &mut |bytes, last| {
            gb.feed(bytes, last);
            pairs.feed(bytes);
            detector.feed(bytes, last);
        })
    })?;
    if gb.bad == 0 && pairs.are_simplified() {
        return Ok(Some(Found::proved(GB18030)));
    }
    if gb.is_nearly_sound() && pairs.are_simplified() {
        return Ok(Some(Found { broken: gb.bad, ..Found::proved(GB18030) }));
    }
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess != GBK && guess != GB18030 {
        let mut other = Count::new(guess);
        again(&mut |text| pass(text, &mut |bytes, last| other.feed(bytes, last)))?;
        if other.bad == 0 && (!guess.is_single_byte() || other.is_western()) {
            return Ok(Some(Found { guessed: true, ..Found::proved(guess) }));
        }
    }
    // characters that are rare
    Ok((gb.bad == 0).then_some(Found { guessed: true, ..Found::proved(GB18030) }))
}

/// The encoding of words that are neither UTF-8 nor, by their characters, GB18030; `None` where it is nevertheless likeliest.
pub fn other_than_gb<'w>(words: impl Iterator<Item = &'w [u8]>) -> Option<&'static Encoding> {
    let mut pairs = Pairs::default();
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    for word in words {
        pairs.feed(word);
        pairs.feed(b"\n");
        detector.feed(word, false);
        detector.feed(b"\n", false);
    }
    detector.feed(b"", true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    (!pairs.are_simplified() && guess != GBK && guess != GB18030).then_some(guess)
}

fn pass(text: &mut dyn Read, take: &mut dyn FnMut(&[u8], bool)) -> io::Result<()> {
    let mut block = vec![0; BLOCK];
    loop {
        cancel::check();
        let read = text.read(&mut block)?;
        take(&block[..read], read == 0);
        if read == 0 {
            return Ok(());
        }
    }
}

/// Counts what is text in an encoding.
struct Count {
    decoder: Decoder,
    text: Vec<u8>,
    /// Places that are none.
    bad: usize,
    /// Bytes of characters beyond ASCII, in UTF-8, and of all.
    wide: usize,
    all: usize,
    /// Characters that no text has.
    controls: usize,
}

impl Count {
    fn new(encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { decoder, text: vec![0; 3 * BLOCK + 16], bad: 0, wide: 0, all: 0, controls: 0 }
    }

    fn feed(&mut self, mut bytes: &[u8], last: bool) {
        loop {
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.text, last);
            bytes = &bytes[read..];
            let text = &self.text[..written];
            self.all += written;
            self.wide += text.iter().filter(|b| !b.is_ascii()).count();
            let control = |b: &u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1A);
            // the second block of controls is C2 80 to C2 9F
            let second = text.windows(2).filter(|w| w[0] == 0xC2 && w[1] < 0xA0).count();
            self.controls += text.iter().filter(|b| control(b)).count() + second;
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.bad += 1,
            }
        }
    }

    /// Whether text in an encoding of single bytes, in which any bytes are text, can be meant: words with some letters beyond
    /// ASCII, and nothing that no text has.
    fn is_western(&self) -> bool {
        self.controls == 0 && self.wide / 2 <= self.all / 4
    }

    /// Whether there are so few faults that the encoding is beyond doubt: one of fifty characters of three bytes.
    fn is_nearly_sound(&self) -> bool {
        self.wide >= 60 && self.bad * 150 <= self.wide
    }
}

/// Pairs of bytes of GB18030, and how many of them GB 2312 has, too: nearly all in any simplified Chinese text, and far fewer
/// where the bytes are of Big5, Shift_JIS or a Western code page.
#[derive(Default)]
struct Pairs {
    lead: Option<u8>,
    all: usize,
    common: usize,
}

impl Pairs {
    fn feed(&mut self, bytes: &[u8]) {
        for &b in bytes {
            match self.lead.take() {
                Some(lead) => {
                    self.all += 1;
                    self.common += usize::from((0xA1..=0xF7).contains(&lead) && b >= 0xA1);
                    // four bytes: the third begins the second pair
                    if b.is_ascii_digit() {
                        self.common += 1;
                    }
                }
                None if b >= 0x80 => self.lead = Some(b),
                None => {}
            }
        }
    }

    fn are_simplified(&self) -> bool {
        self.common * 100 >= self.all * 85
    }
}

/// What the start of a text says of its encoding.
pub fn by_start(head: &[u8]) -> Option<Found> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Some(Found { marked: true, ..Found::proved(encoding) });
    }
    // text in UTF-16 has a zero in every second byte of its digits, commas and line ends
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let encoding = if odd > even { UTF_16LE } else { UTF_16BE };
    (odd.max(even) > head.len() / 16).then_some(Found::proved(encoding))
}

/// Reads until the block is full or the file ends.
fn fill(reader: &mut dyn Read, block: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < block.len() {
        match reader.read(&mut block[length..])? {
            0 => break,
            n => length += n,
        }
    }
    Ok(length)
}

/// A reader of UTF-8 over one of another encoding; a byte order mark is taken off, that of UTF-8 before any encoding.
pub struct Decoding<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Text that is decoded and not read yet: readers may ask for less than a character.
    text: Vec<u8>,
    start: usize,
    end: usize,
    begun: bool,
    ended: bool,
}

impl<R: Read> Decoding<R> {
    /// Decodes from where `inner` stands.
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        // a byte of any encoding becomes three at most, and what the decoder held back a few more
        let (raw, text) = (vec![0; BLOCK], vec![0; 3 * BLOCK + 16]);
        Self { inner, decoder, raw, text, start: 0, end: 0, begun: false, ended: false }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        cancel::check();
        while self.start == self.end && !self.ended {
            let read = self.inner.read(&mut self.raw)?;
            self.ended = read == 0;
            let first = !std::mem::replace(&mut self.begun, true);
            let raw = &self.raw[..read];
            let raw = raw.strip_prefix(&MARK).filter(|_| first && self.decoder.encoding() != UTF_8).unwrap_or(raw);
            let (_, _, written, _) = self.decoder.decode_to_utf8(raw, &mut self.text, self.ended);
            (self.start, self.end) = (0, written);
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
        assert_eq!(read(&[b"\xEF\xBB\xBF".as_slice(), &GB18030.encode(&text).0].concat()), whole("GB18030"));
        let units = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        assert_eq!(read(&units(u16::to_le_bytes)), whole("UTF-16LE"));
        assert_eq!(read(&[b"\xFE\xFF".as_slice(), &units(u16::to_be_bytes)].concat()), whole("UTF-16BE"));
        assert_eq!(read(b"a,b\n1,2\n").0, "UTF-8");
        assert_eq!(sniff(&mut Cursor::new(b"\xFF\xFF\x80\x81\xFF")).unwrap(), None);
    }
}
