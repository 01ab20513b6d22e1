//! Units of measure as tables write them, and what makes one into another.

/// What is measured, and how many of the least unit one is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// `元`, `人` or another that is only ever itself.
    pub base: &'static str,
    /// How many of the base one is.
    pub factor: f64,
}

const BASES: [(&str, &str); 13] = [
    ("元", "元"),
    ("元人民币", "元"),
    ("yuan", "元"),
    ("人", "人"),
    ("人次", "人"),
    ("persons", "人"),
    ("家", "家"),
    ("户", "家"),
    ("个", "个"),
    ("米", "米"),
    ("m", "米"),
    ("年", "年"),
    ("%", "%"),
];
const FACTORS: [(&str, f64); 9] = [
    ("亿", 1e8),
    ("千万", 1e7),
    ("百万", 1e6),
    ("万", 1e4),
    ("千", 1e3),
    ("百", 1e2),
    ("10,000 ", 1e4),
    ("million ", 1e6),
    ("", 1.0),
];

impl Unit {
    /// The unit of these words, e.g. `万元`.
    pub fn of(words: &str) -> Option<Self> {
        let words = words.trim();
        FACTORS.iter().find_map(|(prefix, factor)| {
            let rest = words.strip_prefix(prefix)?;
            let (_, base) = BASES.iter().find(|(word, _)| *word == rest)?;
            Some(Self { base, factor: *factor })
        })
    }

    /// By what a number in this unit is multiplied to be one in `other`; `None` between things that don't compare.
    pub fn per(self, other: Self) -> Option<f64> {
        (self.base == other.base).then(|| self.factor / other.factor)
    }
}

/// A unit without brackets and without the word 单位 around it.
pub fn bare(text: &str) -> &str {
    let text = text.trim().trim_matches(['(', ')', '\u{FF08}', '\u{FF09}', '[', ']', '【', '】']).trim();
    ["计量单位", "金额单位", "单位", "unit"]
        .iter()
        .find_map(|w| text.strip_prefix(w))
        .map_or(text, |rest| rest.trim_start_matches([':', '\u{FF1A}', ' ']).trim())
}

/// The unit that a line above a table gives for all of it: `单位:万元`, `单位:万元、人` gives both.
pub fn stated(line: &str) -> Vec<Unit> {
    let Some(at) = line.find("单位").filter(|at| line[at + "单位".len()..].trim_start().starts_with([':', '\u{FF1A}']))
    else {
        return Vec::new();
    };
    let rest = line[at + "单位".len()..].trim_start_matches([':', '\u{FF1A}', ' ']);
    rest.split(['、', ',', '\u{FF0C}', '/', ';', '\u{FF1B}', ' ', ')', '\u{FF09}']).filter_map(Unit::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_converted() {
        let factor = |a: &str, b: &str| Unit::of(a).unwrap().per(Unit::of(b).unwrap());
        assert_eq!(factor("亿元", "万元"), Some(1e4));
        assert_eq!(factor("元", "万元"), Some(1e-4));
        assert_eq!(factor("万人", "人"), Some(1e4));
        assert_eq!(factor("万元", "10,000 yuan"), Some(1.0));
        assert_eq!(factor("万元", "人"), None);
        assert_eq!(Unit::of("企业名称"), None);
        assert_eq!(bare("(亿元)"), "亿元");
        assert_eq!(bare("单位:万元"), "万元");
        assert_eq!(stated("填报:某局  单位:万元、人"), [Unit::of("万元").unwrap(), Unit::of("人").unwrap()]);
        assert_eq!(stated("填报单位:某区经信局"), []);
    }
}
