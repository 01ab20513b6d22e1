//! The words of the two languages for what the data says in codes.

use crate::core::model::Lang;
use crate::core::query::AreaKind;

pub(super) fn pick<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// The sort of an area that is no zone of the data; zones have the title of their kind.
pub(super) fn area_kind(lang: Lang, kind: AreaKind) -> &'static str {
    let (zh, en) = match kind {
        AreaKind::Combined => ("组合范围", "combined area"),
        AreaKind::Nearest => ("最近的企业", "nearest enterprises"),
        AreaKind::City => ("全市", "whole city"),
        AreaKind::Zone => ("区域", "zone"),
        AreaKind::Drawn => ("圈选范围", "drawn area"),
        AreaKind::Circle => ("圆形范围", "circle"),
        AreaKind::Rest => ("不属于任何区县", "in no district"),
    };
    pick(lang, zh, en)
}

/// A title inside a sentence: its first letter small, but not that of an abbreviation.
pub(super) fn inside(title: &str) -> String {
    let mut chars = title.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(chars).collect(),
        _ => title.to_owned(),
    }
}

/// A number with thousands separators.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(d);
    }
    out
}

/// Chinese text with Chinese punctuation: marks next to a Chinese character are as wide as it.
pub(super) fn full_width(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let chinese = |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(|c| *c >= '\u{2E80}');
    let wide = |(i, c): (usize, &char)| {
        let mark =
            [(',', '，'), (';', '；'), (':', '：'), ('(', '（'), (')', '）')].iter().find(|(narrow, _)| narrow == c);
        mark.filter(|_| chinese(i.checked_sub(1)) || chinese(Some(i + 1))).map_or(*c, |(_, wide)| *wide)
    };
    chars.iter().enumerate().map(wide).collect()
}

#[cfg(test)]
mod tests {
    use super::{full_width, inside};

    #[test]
    fn titles_are_small_inside_a_sentence() {
        assert_eq!(["Floor area", "R&D", "GDP", "税收"].map(inside), ["floor area", "R&D", "GDP", "税收"]);
    }

    #[test]
    fn marks_beside_chinese_are_wide() {
        assert_eq!(
            full_width("边界左、下含,右不含(半开);共 1,234 家:完"),
            "边界左、下含，右不含（半开）；共 1,234 家：完"
        );
    }
}
