//! What is tidied in every cell, and counted: spaces around it, and full-width letters and digits.

use std::borrow::Cow;

/// How many cells were tidied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Cells with spaces around, or with invisible characters inside.
    pub spaces: usize,
    /// Cells with full-width letters or digits.
    pub wide: usize,
}

/// Full-width letters, digits and the signs of numbers as their usual forms. Brackets stay: names are written with them.
fn narrow(c: char) -> Option<char> {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xFEE0),
        _ => None,
    }
}

fn invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
        || (c.is_control() && !matches!(c, '\n' | '\t'))
}

/// The text of a cell, tidied. Line breaks inside become spaces.
pub fn clean<'a>(text: &'a str, tidied: &mut Tidied) -> Cow<'a, str> {
    let plain = |b: &u8| (0x21..0x7F).contains(b);
    if text.as_bytes().iter().all(plain) {
        return Cow::Borrowed(text);
    }
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || invisible(c));
    let breaks = |c: char| matches!(c, '\n' | '\t' | '\u{A0}' | '\u{3000}');
    let spaces = trimmed.len() < text.len() || trimmed.contains(|c| invisible(c) || breaks(c));
    let wide = trimmed.contains(|c| narrow(c).is_some());
    tidied.spaces += usize::from(spaces && !trimmed.is_empty());
    tidied.wide += usize::from(wide);
    if !wide && !trimmed.contains(|c| invisible(c) || breaks(c)) {
        return Cow::Borrowed(trimmed);
    }
    let each = |c: char| if breaks(c) { ' ' } else { narrow(c).unwrap_or(c) };
    Cow::Owned(trimmed.chars().filter(|c| !invisible(*c)).map(each).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_tidied_and_counted() {
        let mut t = Tidied::default();
        assert_eq!(clean("91330100799655058B", &mut t), "91330100799655058B");
        assert_eq!(clean("杭州（中国）", &mut t), "杭州（中国）");
        assert_eq!(t, Tidied::default());
        assert_eq!(clean("　１２３．５Ａ ", &mut t), "123．5A");
        assert_eq!(clean("\u{FEFF}甲\u{200B}乙\n丙", &mut t), "甲乙 丙");
        assert_eq!(t, Tidied { spaces: 2, wide: 1 });
        assert_eq!(clean(" \u{3000} ", &mut t), "");
        assert_eq!(t.spaces, 2, "a cell of spaces only is empty, not tidied");
    }
}
