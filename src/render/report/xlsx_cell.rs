//! What a cell of a workbook can hold.

use std::borrow::Cow;

/// Characters of a cell.
const MAX_CHARS: usize = 32_767;
/// Whole numbers beyond this lose digits in a spreadsheet and are written as text.
pub(super) const MAX_EXACT: f64 = 1e15;

/// Text as a cell can hold it: no character that XML forbids, no more than a cell's length.
pub(super) fn fit(text: &str) -> Cow<'_, str> {
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
    }
}
