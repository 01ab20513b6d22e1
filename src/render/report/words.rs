//! The words of the two languages for what the data says in codes.

use crate::core::model::{Lang, Wording};
use crate::core::query::AreaKind;

/// What stands where something is not known.
pub(super) fn unknown(lang: Lang) -> &'static str {
    pick(lang, "暂缺", "not known")
}

pub(super) fn pick<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// The sort of an area that is no zone of the data; zones have the title of their kind.
pub(super) fn area_kind(words: &Wording, lang: Lang, kind: AreaKind) -> String {
    let (zh, en) = match kind {
        AreaKind::Combined => ("组合范围", "combined area"),
        AreaKind::Nearest => ("最近的{row}", "nearest {rows}"),
        AreaKind::City => ("{whole}", "{whole}"),
        AreaKind::Zone => ("区域", "zone"),
        AreaKind::Drawn => ("圈选范围", "drawn area"),
        AreaKind::Buffer => ("缓冲区", "buffer"),
        AreaKind::Circle => ("圆形范围", "circle"),
        AreaKind::Rest => ("不属于任何{zone}", "in no {zone}"),
    };
    words.fill(lang, pick(lang, zh, en))
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
    use super::full_width;

    #[test]
    fn marks_beside_chinese_are_wide() {
        assert_eq!(
            full_width("边界左、下含,右不含(半开);共 1,234 家:完"),
            "边界左、下含，右不含（半开）；共 1,234 家：完"
        );
    }
}
