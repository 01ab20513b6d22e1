//! Bytes to text, and places in a text as people count them.

use super::report::{Place, Report};
use crate::core::model::Text;
use std::borrow::Cow;

/// Longest piece of a value that is shown.
const SHOWN: usize = 40;

/// The text of a file. A byte order mark is taken off; what is not UTF-8 is an error.
pub fn decode<'a>(bytes: &'a [u8], file: &str, report: &mut Report) -> Option<&'a str> {
    let place = Place::file(file);
    let rest = bytes.strip_prefix(b"\xEF\xBB\xBF");
    if rest.is_some() {
        report.info(place, "utf8-bom", || {
            (
                Text::new(
                    "文件以 UTF-8 字节顺序标记(BOM)开头,已略去",
                    "the file begins with a UTF-8 byte order mark, which was skipped",
                ),
                Text::new("另存为不带 BOM 的 UTF-8", "save as UTF-8 without BOM"),
            )
        });
    }
    let bytes = rest.unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => {
            report.error(place, "empty-file", || {
                (Text::new("文件是空的", "the file is empty"), Text::new("重新导出该文件", "export the file again"))
            });
            None
        }
        Ok(text) => Some(text),
        Err(e) => {
            let (before, bad) = bytes.split_at(e.valid_up_to());
            let at = std::str::from_utf8(before).map_or((1, 1), |t| Cursor::new(t).advance(t.len()));
            let guess = guess(bytes, bad);
            report.error(place.at(at), "not-utf8", || {
                (
                    Text::new(
                        format!("文件不是 UTF-8 编码(字节 0x{:02X}),看来是 {guess}", bad[0]),
                        format!("the file is not UTF-8 (byte 0x{:02X}); it looks like {guess}", bad[0]),
                    ),
                    Text::new("用编辑器或 iconv 转成 UTF-8 再试", "convert it to UTF-8 with an editor or iconv"),
                )
            });
            None
        }
    }
}

/// The text with `null` for the numbers that JSON does not have (`NaN`, `Infinity`), as programs write them for missing
/// values; and the places where they stood. Borrowed where there are none.
pub fn without_nan(text: &str) -> (Cow<'_, str>, Vec<usize>) {
    let bytes = text.as_bytes();
    let found = ["NaN", "Infinity"].iter().any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some());
    if !found {
        return (Cow::Borrowed(text), Vec::new());
    }
    let (mut out, mut taken, mut places, mut at) = (String::new(), 0, Vec::new(), 0);
    let mut quoted = false;
    while let Some(next) = memchr::memchr3(b'"', b'N', b'I', &bytes[at..]) {
        at += next;
        let word = ["NaN", "Infinity"].into_iter().find(|word| bytes[at..].starts_with(word.as_bytes()));
        match (quoted, word) {
            (false, Some(word)) => {
                let start = at - usize::from(text[..at].ends_with('-'));
                // with a space that stands beside it, columns stay as they are
                let space = usize::from(word.len() < 4 && start == at && text[..start].ends_with(' '));
                out.push_str(&text[taken..start - space]);
                out.push_str("null");
                at += word.len();
                taken = at;
                places.push(start);
            }
            _ if bytes[at] == b'"' => {
                let slashes = bytes[..at].iter().rev().take_while(|b| **b == b'\\').count();
                quoted = !quoted || slashes % 2 == 1;
                at += 1;
            }
            _ => at += 1,
        }
    }
    if places.is_empty() {
        return (Cow::Borrowed(text), Vec::new());
    }
    out.push_str(&text[taken..]);
    (Cow::Owned(out), places)
}

fn guess(bytes: &[u8], bad: &[u8]) -> &'static str {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return "UTF-16";
    }
    let mut rest = &bad[..bad.len().min(1 << 16)];
    let mut pairs = 0;
    loop {
        rest = match rest {
            [0..=0x7F, tail @ ..] | [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39, tail @ ..] => tail,
            [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, tail @ ..] => {
                pairs += 1;
                tail
            }
            [] | [_] if pairs > 0 => return "GBK (GB 18030)",
            _ => return "Latin-1 / binary",
        };
    }
}

/// Walks forward through a text and counts lines and characters.
pub struct Cursor<'a> {
    text: &'a str,
    mark: Mark,
}

/// How far a [`Cursor`] has come.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub offset: usize,
    pub line: usize,
    pub column: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self::resume(text, Mark { offset: 0, line: 1, column: 1 })
    }

    /// Goes on from a mark.
    pub fn resume(text: &'a str, mark: Mark) -> Self {
        Self { text, mark }
    }

    /// How far it has come.
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Line and column (in characters) of a byte at or after the last one requested.
    pub fn advance(&mut self, to: usize) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let mark = &mut self.mark;
        let to = to.clamp(mark.offset, bytes.len());
        let passed = &bytes[mark.offset..to];
        if let Some(last) = memchr::memrchr(b'\n', passed) {
            mark.line += memchr::memchr_iter(b'\n', passed).count();
            mark.column = 1 + characters(&passed[last + 1..]);
        } else {
            mark.column += characters(passed);
        }
        mark.offset = to;
        (mark.line, mark.column)
    }
}

fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b & 0xC0 != 0x80).count()
}

/// The byte that serde_json means by line and column.
pub fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start = if line <= 1 {
        0
    } else {
        memchr::memchr_iter(b'\n', text.as_bytes()).nth(line - 2).map_or(text.len(), |i| i + 1)
    };
    (start + column.saturating_sub(1)).min(text.len())
}

/// Line and column, in characters, of a byte.
pub fn place_of(text: &str, offset: usize) -> (usize, usize) {
    Cursor::new(text).advance(offset)
}

/// A value as it is shown in a message: on one line, not too long, with nothing a terminal would obey.
pub fn shorten(value: &str) -> Cow<'_, str> {
    if value.len() <= SHOWN && !value.chars().any(unprintable) {
        return Cow::Borrowed(value);
    }
    let mut out = String::new();
    for (i, c) in value.chars().enumerate() {
        if i == SHOWN {
            out.push('…');
            break;
        }
        if unprintable(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Control characters and the marks that turn the direction of writing.
fn unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Whether this is a day of the calendar, `YYYY-MM-DD`.
pub fn is_date(s: &str) -> bool {
    let b = s.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return false;
    }
    let number = |range: std::ops::Range<usize>| {
        let digits = &s.as_bytes()[range];
        digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0u32, |n, d| n * 10 + u32::from(d - b'0')))
    };
    let (Some(y), Some(m), Some(d)) = (number(0..4), number(5..7), number(8..10)) else { return false };
    let leap = y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
    let days = match m {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 0,
    };
    (1..=days).contains(&d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_json_does_not_have_are_missing() {
        let read = |text: &str| {
            let (text, n) = without_nan(text);
            (text.into_owned(), n.len())
        };
        assert_eq!(
            read(r#"{"a": NaN,"b":[NaN,-Infinity, Infinity]}"#),
            (r#"{"a":null,"b":[null,null, null]}"#.into(), 4)
        );
        for same in [r#"{"a":"NaN"}"#, r#"{"a":"\"NaN"}"#, r#"{"a\\":"NaN, Infinity"}"#, "{}", "\"", "北N"] {
            assert_eq!(read(same), (same.to_owned(), 0));
        }
        assert_eq!(read(r#"{"a\\":NaN,"NaN":NaN}"#), (r#"{"a\\":null,"NaN":null}"#.into(), 2));
    }

    #[test]
    fn columns_are_characters() {
        let text = "一二\n三四x";
        assert_eq!(place_of(text, text.find('x').unwrap()), (2, 3));
        let mut c = Cursor::new(text);
        assert_eq!(c.advance(3), (1, 2));
        assert_eq!(c.advance(7), (2, 1));
        assert_eq!(c.advance(13), (2, 3));
        assert_eq!(offset_of(text, 2, 7), 13);
        assert_eq!(offset_of(text, 9, 7), text.len());
    }

    #[test]
    fn encodings_are_distinguished() {
        let decoded = |bytes: &[u8]| {
            let mut r = Report::new(9);
            let text = decode(bytes, "f", &mut r).map(str::to_owned);
            let f = r.findings.pop();
            (text, f.map(|f| (f.code, f.message.en, f.line, f.column)))
        };
        // 杭州 in GBK
        let (text, f) = decoded(b"{\n \"a\":\"\xBA\xBC\xD6\xDD\"}");
        let (code, message, line, column) = f.unwrap();
        assert_eq!((text, code, line, column), (None, "not-utf8", Some(2), Some(7)));
        assert!(message.contains("GBK") && message.contains("0xBA"), "{message}");
        assert!(decoded(b"\xFF\xFE{\0").1.unwrap().1.contains("UTF-16"));
        assert!(decoded(b"caf\xE9!").1.unwrap().1.contains("Latin-1"));
        assert_eq!(decoded(b" \n").1.unwrap().0, "empty-file");
        let (text, f) = decoded(b"\xEF\xBB\xBF{}");
        assert_eq!((text.as_deref(), f.unwrap().0), (Some("{}"), "utf8-bom"));
        assert_eq!(decoded("杭州".as_bytes()), (Some("杭州".into()), None));
    }

    #[test]
    fn shown_values_are_short_and_harmless() {
        assert_eq!(shorten("杭州"), "杭州");
        assert_eq!(shorten("a\u{1b}[31m"), "a\\u{1b}[31m");
        assert_eq!(shorten(&"长".repeat(50)), format!("{}…", "长".repeat(40)));
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        for good in ["2021-04-09", "2024-02-29", "2000-02-29", "1999-12-31"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "2021-02-29",
            "1900-02-29",
            "2021-13-01",
            "2021-00-10",
            "2021-04-31",
            "2021-4-9",
            "20210409",
            "2021-04-0x",
            "2021/04/09",
            "二〇二一-04",
            "2021-04-00",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
