//! Number formats of spreadsheets that show another number than the cell holds, or a unit beside it: `0!.0,"万元"`.

use super::unit::Unit;
use std::fmt::Write as _;

/// How one kind of number is shown.
#[derive(Clone, Debug, PartialEq)]
struct Section {
    /// The comparison and the number, where the section is for some numbers only.
    condition: Option<(Comparison, f64)>,
    /// By what the number is multiplied to be shown.
    scale: f64,
    /// The unit that stands beside it.
    unit: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
    Equal,
    Other,
}

/// How a format shows numbers, where it is not as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown(Vec<Section>);

impl Shown {
    /// Of a format code; `None` where numbers look as they are.
    pub fn of(code: &str) -> Option<Self> {
        if code.len() > 512 {
            return None;
        }
        let sections: Vec<Section> = sections(code).into_iter().map(section).collect::<Option<_>>()?;
        let odd = |s: &Section| (s.scale - 1.0).abs() > f64::EPSILON || s.unit.is_some();
        sections.iter().any(odd).then_some(Self(sections))
    }

    /// The number as it is shown, and the unit beside it.
    pub fn number(&self, value: f64) -> (f64, Option<&str>) {
        let holds = |s: &&Section| match s.condition {
            None => true,
            Some((Comparison::Below, n)) => value < n,
            Some((Comparison::AtMost, n)) => value <= n,
            Some((Comparison::Above, n)) => value > n,
            Some((Comparison::AtLeast, n)) => value >= n,
            Some((Comparison::Equal, n)) => (value - n).abs() < f64::EPSILON,
            Some((Comparison::Other, n)) => (value - n).abs() >= f64::EPSILON,
        };
        self.0.iter().find(holds).map_or((value, None), |s| (value * s.scale, s.unit.as_deref()))
    }
}

/// Whether a format code shows numbers as days.
pub fn is_date(code: &str) -> bool {
    let first = sections(code).into_iter().next().unwrap_or_default();
    let mut chars = first.chars();
    let (mut day, mut bare) = (false, String::new());
    while let Some(c) = chars.next() {
        match c {
            '"' => chars.by_ref().take_while(|c| *c != '"').for_each(drop),
            '\\' | '!' | '_' | '*' => drop(chars.next()),
            '[' => chars.by_ref().take_while(|c| *c != ']').for_each(drop),
            c => bare.extend(c.to_lowercase()),
        }
    }
    if !bare.starts_with("general") && !bare.contains(['0', '#', '?']) {
        // months and minutes are the same letter
        day = bare.contains(['y', 'd', 'e']) || (bare.contains('m') && !bare.contains(['h', 's']));
    }
    day
}

/// The sections of a format.
fn sections(code: &str) -> Vec<&str> {
    let (mut parts, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in code.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' | '!' if !quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                parts.push(&code[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&code[from..]);
    parts.truncate(2);
    parts
}

/// `None` for dates and times.
fn section(code: &str) -> Option<Section> {
    let (mut condition, mut commas, mut digits) = (None, 0_i32, 0_usize);
    // digits after a point that is only text, and whether they go on
    let (mut inserted, mut after_text_point, mut decimals) = (0_i32, false, false);
    let mut literal = String::new();
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        let mut text = None;
        match c {
            '0' | '#' | '?' => {
                digits += 1;
                commas = 0;
                inserted += i32::from(after_text_point && !decimals);
            }
            ',' if digits > 0 => commas += 1,
            '.' => decimals = true,
            '"' => text = Some(chars.by_ref().take_while(|c| *c != '"').collect::<String>()),
            '\\' | '!' => text = chars.next().map(String::from),
            '_' | '*' => _ = chars.next(),
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                if let Some(money) = inside.strip_prefix('$') {
                    literal.push_str(money.split('-').next().unwrap_or_default());
                } else if let Some(found) = comparison(&inside) {
                    condition = Some(found);
                }
            }
            'y' | 'm' | 'd' | 'h' | 's' | 'Y' | 'M' | 'D' | 'H' | 'S' | '年' | '月' | '日' => return None,
            '%' | 'E' | '@' => return Some(Section { condition, scale: 1.0, unit: None }),
            ' ' | '-' | '+' | '(' | ')' | ',' | '/' => {}
            c => text = Some(c.to_string()),
        }
        match text.as_deref() {
            Some(".") if digits > 0 => after_text_point = true,
            Some(text) => literal.push_str(text),
            None => {}
        }
    }
    let literal = literal.trim();
    // `¥` says the currency and no multiple
    let sign = ["¥", "\u{FFE5}"].contains(&literal);
    let unit = (!sign && Unit::of(literal).is_some()).then(|| literal.to_owned());
    Some(Section { condition, scale: 0.001_f64.powi(commas) * 0.1_f64.powi(inserted), unit })
}

fn comparison(text: &str) -> Option<(Comparison, f64)> {
    let all = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("<>", Comparison::Other),
        ("<", Comparison::Below),
        (">", Comparison::Above),
        ("=", Comparison::Equal),
    ];
    all.iter().find_map(|(sign, c)| Some((*c, text.strip_prefix(sign)?.trim().parse().ok()?)))
}

/// A number as a spreadsheet shows it: 15 digits, so that 0.1 + 0.2 is 0.3.
pub fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{}", value as i64);
    }
    if value.abs() >= 1e15 {
        // more digits than a spreadsheet keeps: what became of a long code
        return format!("{value:E}");
    }
    let mut text = format!("{value:.14e}");
    if let Ok(rounded) = text.parse::<f64>() {
        text.clear();
        let _ = write!(text, "{rounded}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_a_spreadsheet() {
        assert_eq!(number(307.150_000_000_000_03), "307.15");
        assert_eq!(number(120.0), "120");
        assert_eq!(number(9.133_000_025_393_29e17), "9.13300002539329E17");
        assert_eq!(number(-0.5), "-0.5");
    }

    #[test]
    fn formats_that_scale_are_known() {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * b.abs();
        for (code, value, shown, unit) in [
            ("0!.0,\"万元\"", 12_000_002.0, 1_200.000_2, Some("万元")),
            ("0!.0,", 12_000_002.0, 1_200.000_2, None),
            ("0\\.0,\"万\"", 50_000.0, 5.0, Some("万")),
            ("0\".\"0000", 12_000_000.0, 1200.0, None),
            ("#,##0,", 12_000.0, 12.0, None),
            ("#,##0.00,,\"百万元\"", 3_000_000.0, 3.0, Some("百万元")),
            ("0.00\"亿元\"", 1.2, 1.2, Some("亿元")),
            ("0.00亿元", 1.2, 1.2, Some("亿元")),
            ("[$US$-409]#,##0.00", 5.0, 5.0, Some("US$")),
            ("[>=100000000]0!.00,,\"亿\";[>=10000]0!.0,\"万\"", 50_000.0, 5.0, Some("万")),
            ("#,##0_);(#,##0,)", 5.0, 5.0, None),
        ] {
            let format = Shown::of(code).unwrap_or_else(|| panic!("{code}"));
            let (number, beside) = format.number(value);
            assert!(near(number, shown) && beside == unit, "{code} {number} {beside:?}");
        }
        for code in [
            "General",
            "0.00",
            "#,##0.00",
            "0%",
            "yyyy-mm-dd",
            "@",
            "¥#,##0.00",
            "[$¥-804]#,##0",
            "0\"号\"",
            "h:mm:ss",
            "yyyy\"年\"m\"月\"",
            "0.00E+00",
            "[Red]0",
        ] {
            assert_eq!(Shown::of(code), None, "{code}");
        }
    }
}
