//! Where a paragraph is broken into lines: between Chinese characters and between words, never before a closing mark or
//! after an opening one.

const CLOSING: &str = "，。、；：！？）》」』】〉”’％…—,.;:!?)]}%·";
const OPENING: &str = "（《「『【〈“‘([{≥≈";

fn wide(c: char) -> bool {
    c >= '\u{2E80}'
}

/// Whether a line may end after `a` when `b` comes next.
fn may_break(a: char, b: char) -> bool {
    if CLOSING.contains(b) || OPENING.contains(a) || b == ' ' {
        return false;
    }
    // addresses and query codes are long words
    a == ' ' || wide(a) || wide(b) || matches!(a, '/' | '&' | '?') || (CLOSING.contains(a) && OPENING.contains(b))
}

/// The lines of a text, the first `indent` narrower than the others. `width` gives a character's width.
pub(super) fn lines(text: &str, most: f32, indent: f32, width: impl Fn(char) -> f32) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut filled, mut room) = (0, 0.0, most - indent);
    // the last place where the line may end, and how full it is there
    let mut last: Option<(usize, f32)> = None;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|b| may_break(b, c)) {
            last = Some((at, filled));
        }
        let wide = width(c);
        // a blank may hang over the edge
        if filled + wide > room + 0.01 && c != ' ' && at > start {
            let (end, used) = last.filter(|(end, _)| *end > start).unwrap_or((at, filled));
            out.push(text[start..end].trim_end());
            (start, filled, room, last) = (end, filled - used, most, None);
        }
        filled += wide;
        before = Some(c);
    }
    out.push(text[start..].trim_end());
    out
}

/// How many places in a line can be widened to fill it.
pub(super) fn gaps(line: &str) -> usize {
    let pairs = line.chars().zip(line.chars().skip(1));
    pairs.filter(|(a, b)| can_widen(*a, *b)).count()
}

/// Whether the space between two characters may grow a little.
pub(super) fn can_widen(a: char, b: char) -> bool {
    a == ' ' || (wide(a) || wide(b)) && b != ' '
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, most: f32) -> Vec<&str> {
        lines(text, most, 0.0, |c| if wide(c) { 2.0 } else { 1.0 })
    }

    #[test]
    fn no_line_begins_with_a_closing_mark() {
        assert_eq!(broken("余杭区企业，营收", 10.0), ["余杭区企", "业，营收"]);
        assert_eq!(broken("余杭区（示意）范围", 10.0), ["余杭区（示", "意）范围"]);
        assert_eq!(broken("one two three", 7.0), ["one two", "three"]);
        assert_eq!(broken("共 612 家", 6.0), ["共 612", "家"]);
        assert_eq!(broken("", 6.0), [""]);
    }

    #[test]
    fn a_long_word_is_broken_where_it_must() {
        assert_eq!(broken("0123456789abcdef", 6.0), ["012345", "6789ab", "cdef"]);
        assert_eq!(broken("zone=1&year=2025", 8.0), ["zone=1&", "year=202", "5"]);
    }

    #[test]
    fn nothing_is_lost() {
        let text = "按家数，视觉智能（128 家，20.9%）、智能机器人（80 家）居前；HHI 为 0.142。";
        for most in 4..60 {
            let all: String = broken(text, most as f32).concat();
            assert_eq!(all.replace(' ', ""), text.replace(' ', ""), "{most}");
        }
    }
}
