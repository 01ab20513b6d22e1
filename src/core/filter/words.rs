//! Text as filters compare it: without regard to case or accents, and by pattern.

use unicode_normalization::UnicodeNormalization;

/// Full case folding by way of both cases: `ß`, `ẞ` and `SS` become `ss`, both sigmas one. Only the dotless `ı` stays
/// itself, as in Unicode's table.
pub(super) fn casei(text: &str) -> String {
    let lower = text.chars().flat_map(char::to_lowercase);
    let upper = lower.flat_map(|c| {
        let keep = (c == 'ı').then_some(c);
        c.to_uppercase().filter(move |_| keep.is_none()).chain(keep)
    });
    upper.flat_map(char::to_lowercase).collect()
}

/// The text without combining marks of the Latin, Greek and Cyrillic blocks; marks that make other letters (dakuten,
/// Indic vowels) stay.
pub(super) fn accenti(text: &str) -> String {
    let is_accent = |c: &char| matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}');
    text.nfd().filter(|c| !is_accent(c)).nfc().collect()
}

/// A LIKE pattern: `%` any characters, `_` one character, a backslash makes the next one stand for itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece {
    Any,
    One,
    Char(char),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            pieces.push(match c {
                '%' => Piece::Any,
                '_' => Piece::One,
                '\\' => Piece::Char(chars.next().unwrap_or('\\')),
                c => Piece::Char(c),
            });
        }
        Self(pieces)
    }

    /// Whether the whole text is like this. Goes back to the last `%` only, so it takes length times length at most.
    pub(super) fn matches(&self, text: &str) -> bool {
        let (mut piece, mut rest) = (0, text.chars());
        let mut back: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let mut ahead = rest.clone();
            match (self.0.get(piece), ahead.next()) {
                (Some(Piece::Any), _) => {
                    piece += 1;
                    back = Some((piece, rest.clone()));
                    continue;
                }
                (None, None) => return true,
                (Some(Piece::One), Some(_)) => {}
                (Some(Piece::Char(p)), Some(c)) if *p == c => {}
                _ => {
                    let Some((after, from)) = &mut back else { return false };
                    if from.next().is_none() {
                        return false;
                    }
                    (piece, rest) = (*after, from.clone());
                    continue;
                }
            }
            (piece, rest) = (piece + 1, ahead);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folding() {
        for (a, b) in [
            ("Straße", "STRASSE"),
            ("ẞ", "ss"),
            ("Οδος", "ΟΔΟΣ"),
            ("ς", "σ"),
            ("KØBENHAVN", "københavn"),
            ("ŉ", "ʼN"),
            ("余杭AI", "余杭ai"),
        ] {
            assert_eq!(casei(a), casei(b));
        }
        assert_ne!(casei("ı"), casei("i"));
        assert_eq!(accenti("Chișinău é ø が 값"), "Chisinau e ø が 값");
        assert_eq!(accenti("Beyonce\u{301}"), accenti("Beyoncé"));
    }

    /// The rule as it is written.
    fn plain(pattern: &[Piece], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            ([Piece::Any, p @ ..], t) => (0..=t.len()).any(|i| plain(p, &t[i..])),
            ([Piece::One, p @ ..], [_, t @ ..]) => plain(p, t),
            ([Piece::Char(c), p @ ..], [d, t @ ..]) => c == d && plain(p, t),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn patterns(pattern in "[ab%_\\\\]{0,8}", text in "[ab%_\\\\]{0,10}") {
            let p = Pattern::new(&pattern);
            let chars: Vec<char> = text.chars().collect();
            prop_assert_eq!(p.matches(&text), plain(&p.0, &chars));
        }
    }
}
