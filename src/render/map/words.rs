//! How much space text takes, and where lines break: estimates that hold for the fonts of the stack, since who reads an
//! SVG may have another font than who wrote it.

/// What a character takes of its size, in em: the widest of Noto Sans CJK, Source Han Sans, Segoe UI, Arial and DejaVu.
fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' | ' ' | 'I' | '’' | '·' => 0.36,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' | '"' | '*' => 0.47,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.0,
        'A'..='Z' | '&' | '+' | '<' | '=' | '>' | '~' => 0.8,
        // Latin letters with marks, en dash
        '\u{0}'..='\u{24f}' | '\u{2013}' => 0.66,
        _ => 1.0,
    }
}

/// Width of a line in pixels at a size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// Breaks a name into lines of about `most` em, alike in length. Latin words stay whole; a bracket is not parted from
/// what it holds on, nor does a line begin with a stop.
pub(super) fn wrap(text: &str, most: f64) -> Vec<String> {
    let pieces = pieces(text);
    let lines = (width(text, 1.0) / most).ceil().max(1.0);
    let target = width(text, 1.0) / lines;
    let mut out: Vec<String> = vec![String::new()];
    let mut filled = 0.0;
    for piece in pieces {
        let wide = width(piece.trim_end(), 1.0);
        let line = out.len() - 1;
        // half a piece over the target is no better than half a piece under it
        if !out[line].is_empty() && filled + wide / 2.0 >= target && out.len() < lines as usize
            || !out[line].is_empty() && filled + wide > most * 1.15
        {
            let length = out[line].trim_end().len();
            out[line].truncate(length);
            out.push(String::new());
            filled = 0.0;
        }
        filled += width(piece, 1.0);
        if let Some(line) = out.last_mut() {
            line.push_str(piece);
        }
    }
    out.iter().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect()
}

/// The parts between which a line may be broken.
fn pieces(text: &str) -> Vec<&str> {
    let wide = |c: char| advance(c) >= 1.0 && !c.is_ascii();
    let closing = |c: char| matches!(c, '）' | ')' | '，' | '。' | '、' | '》' | '”' | '；' | '：');
    let opening = |c: char| matches!(c, '（' | '(' | '《' | '“');
    let mut cuts = vec![0];
    let mut before: Option<char> = None;
    let mut depth = 0;
    for (i, c) in text.char_indices() {
        if let Some(b) = before {
            let may = b == ' ' || wide(b) || wide(c);
            if may && !closing(c) && !opening(b) && c != ' ' && depth == 0 {
                cuts.push(i);
            }
        }
        depth += i32::from(opening(c)) - i32::from(closing(c) && depth > 0 && matches!(c, '）' | ')' | '》' | '”'));
        before = Some(c);
    }
    cuts.push(text.len());
    // a bracket that holds a sentence may be broken after all
    let parts: Vec<&str> = cuts.windows(2).map(|w| &text[w[0]..w[1]]).collect();
    parts
        .into_iter()
        .flat_map(|p| if width(p, 1.0) > 12.0 { p.split_inclusive(' ').collect() } else { vec![p] })
        .collect()
}

/// A number with so many decimals, and thousands marks.
pub(super) fn number(value: f64, decimals: u8) -> String {
    let text = format!("{:.*}", usize::from(decimals), value.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let point = if part.is_empty() { "" } else { "." };
    let sign = if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { "-" } else { "" };
    format!("{sign}{}{point}{part}", grouped(whole.parse().unwrap_or(u64::MAX)))
}

/// A number with thousands marks.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The line cut to a width at a size, with an ellipsis where something is left out.
pub(super) fn fitted(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if width(&out, size) + size > most {
            out.pop();
            break;
        }
    }
    out.trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_break_where_a_reader_would() {
        assert_eq!(wrap("云城人工智能创新城（示意）", 9.0), ["云城人工智能", "创新城（示意）"]);
        assert_eq!(wrap("余杭区", 9.0), ["余杭区"]);
        assert_eq!(wrap("Cloud City AI Innovation Town", 9.0), ["Cloud City AI", "Innovation Town"]);
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(fitted("杭州市人工智能", 10.0, 45.0), "杭州市…");
    }
}
