//! Periods as departments write them, in heads and cells: 2024年度, 2024Q3, 2024年三季度, 2024年第3季度, 2024-03, 202403,
//! 2024年3月, Q3 2024, Mar 2024. What is of several months together (1-9月, 上半年) is no period.

use super::sheet::{Cell, Kind};
use crate::core::model::Period;
use std::ops::Range;

/// Years that a text may mean.
const YEARS: Range<u16> = 1990..2100;

/// The first period in a text, and where it stands.
pub fn find(text: &str) -> Option<(Range<usize>, Period)> {
    let starts = text.char_indices().filter(|(at, c)| c.is_ascii_digit() && !ends_in_digit(&text[..*at]));
    for (at, _) in starts {
        let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
        let run = &text[at..at + digits];
        let end = at + digits;
        match digits {
            6 => {
                let (Some(year), Ok(month)) = (year_of(&run[..4]), run[4..].parse()) else { continue };
                if (1..=12).contains(&month) {
                    return Some((at..end, Period::Month(year, month)));
                }
            }
            4 => {
                let Some(year) = year_of(run) else { continue };
                let after = after_year(&text[end..], year)?;
                if let Some((length, period)) = after {
                    return Some((at..end + length, period));
                }
                if let Some((length, period)) = before_year(&text[..at], year) {
                    return Some((at - length..end, period));
                }
                let (rest, after) = (&text[end..], text[end..].trim_start());
                let word = ["年度", "年"].into_iter().find(|word| after.starts_with(word));
                let said = word.map_or(0, |word| rest.len() - after.len() + word.len());
                return Some((at..end + said, Period::Year(year)));
            }
            _ => {}
        }
    }
    None
}

/// The period that a text is, with nothing beside it but marks.
pub fn whole(text: &str) -> Option<Period> {
    let text = text.trim();
    let (at, period) = find(text)?;
    let rest = format!("{}{}", &text[..at.start], &text[at.end..]);
    let nothing = |c: char| c.is_whitespace() || matches!(c, '.' | '(' | ')' | '（' | '）' | '"');
    let rest = rest.trim_matches(nothing);
    (rest.is_empty() || matches!(rest, "末" | "底" | "年末" | "年底" | "全年" | "FY" | "fy")).then_some(period)
}

/// The period of a cell: as its text, or the month of a day.
pub fn of_cell(cell: Cell<'_>) -> Option<Period> {
    match cell.kind {
        Kind::Empty => None,
        Kind::Date => cell.text.get(..7).and_then(whole),
        _ => whole(cell.text),
    }
}

/// A text without the first period in it.
pub fn without(text: &str) -> Option<(String, Period)> {
    let (at, period) = find(text)?;
    Some((format!("{}{}", &text[..at.start], &text[at.end..]), period))
}

/// What the text after a year makes of it: its length, and the period; within, nothing where it leaves the year a year. No
/// answer where it is of several months together.
#[allow(clippy::option_option, reason = "the two absences differ: a year, or no period at all")]
fn after_year(text: &str, year: u16) -> Option<Option<(usize, Period)>> {
    let skipped =
        |text: &str| text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '年' | '度' | '_')).len();
    let rest = &text[text.len() - skipped(text)..];
    let used = |rest: &str| text.len() - rest.len();
    if ["上半年", "下半年", "前", "H1", "H2", "h1", "h2"].iter().any(|word| rest.starts_with(word)) {
        return None;
    }
    // a quarter: Q3, -Q3, 第三季度, 3季度, 三季
    let bare = rest.trim_start_matches(['-', '/', '.']).trim_start();
    if let Some(after) = bare.strip_prefix(['Q', 'q'])
        && let Some((quarter, after)) = number(after, 1)
        && (1..=4).contains(&quarter)
    {
        return Some(Some((used(after), Period::Quarter(year, quarter))));
    }
    let ordinal = rest.trim_start_matches('第');
    if let Some((quarter, after)) = number(ordinal, 1).or_else(|| chinese(ordinal))
        && let Some(after) = after.strip_prefix("季度").or_else(|| after.strip_prefix('季'))
    {
        return (1..=4).contains(&quarter).then(|| Some((used(after), Period::Quarter(year, quarter))));
    }
    // a month: 3月, 三月, -03, .03, /03, M03, Mar
    if let Some((month, after)) = number(rest, 2).or_else(|| chinese(rest)) {
        if after.starts_with(['-', '~', '—', '–', '～', '至', '到']) {
            return None;
        }
        let after = after.trim_start();
        if let Some(after) = after.strip_prefix("月份").or_else(|| after.strip_prefix('月')) {
            return (1..=12).contains(&month).then(|| Some((used(after), Period::Month(year, month))));
        }
    }
    if let Some(after) = text.strip_prefix('年').unwrap_or(text).strip_prefix(['-', '.', '/', '_', 'M', 'm'])
        && let Some((month, end)) = number(after, 2)
        && after.len() - end.len() == 2
        && (1..=12).contains(&month)
    {
        // a day is no month, and a second month makes a range
        return if end.starts_with(['-', '.', '/', '~', '至']) {
            None
        } else {
            Some(Some((used(end), Period::Month(year, month))))
        };
    }
    if let Some((month, after)) = english(rest) {
        return Some(Some((used(after), Period::Month(year, month))));
    }
    Some(None)
}

/// What the text before a year makes of it: Q3 2024, Mar 2024, and its length.
fn before_year(text: &str, year: u16) -> Option<(usize, Period)> {
    let bare = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | '_' | '.' | ','));
    if let Some(quarter) = bare.chars().next_back().and_then(|c| c.to_digit(10)).filter(|q| (1..=4).contains(q)) {
        let before = &bare[..bare.len() - 1];
        if before.ends_with(['Q', 'q']) && !before[..before.len() - 1].ends_with(|c: char| c.is_ascii_alphanumeric()) {
            return Some((text.len() - before.len() + 1, Period::Quarter(year, quarter as u8)));
        }
    }
    let start = bare
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |at| at + bare[at..].chars().next().map_or(1, char::len_utf8));
    let (month, rest) = english(&bare[start..])?;
    rest.is_empty().then(|| (text.len() - start, Period::Month(year, month)))
}

fn year_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|year| YEARS.contains(year))
}

fn ends_in_digit(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
}

/// A number of at most so many digits, and what follows it.
fn number(text: &str, most: usize) -> Option<(u8, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let read = (1..=most).contains(&digits).then(|| text[..digits].parse().ok()).flatten()?;
    Some((read, &text[digits..]))
}

/// A Chinese number from 1 to 12, and what follows it.
fn chinese(text: &str) -> Option<(u8, &str)> {
    const NUMBERS: [&str; 12] = ["十二", "十一", "十", "九", "八", "七", "六", "五", "四", "三", "二", "一"];
    NUMBERS.iter().zip((1..=12).rev()).find_map(|(word, n)| Some((n, text.strip_prefix(word)?)))
}

/// The English name of a month, whole or of three letters, and what follows it.
fn english(text: &str) -> Option<(u8, &str)> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = text[..letters].to_ascii_lowercase();
    let is = |name: &&&str| word == **name || word == name[..3] || (word == "sept" && name.starts_with("sept"));
    let place = MONTHS.iter().position(|name| is(&name))?;
    Some((place as u8 + 1, &text[letters..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_departments_write_them() {
        let (year, third, march) = (Period::Year(2024), Period::Quarter(2024, 3), Period::Month(2024, 3));
        for (text, period) in [
            ("2024", year),
            ("2024年", year),
            ("2024年度", year),
            ("2024年末", year),
            ("FY2024", year),
            ("2024Q3", third),
            ("2024-Q3", third),
            ("2024 q3", third),
            ("2024年三季度", third),
            ("2024年第三季度", third),
            ("2024年第3季度", third),
            ("2024年3季度", third),
            ("2024三季", third),
            ("Q3 2024", third),
            ("2024-03", march),
            ("2024.03", march),
            ("2024/03", march),
            ("202403", march),
            ("2024年3月", march),
            ("2024年03月份", march),
            ("2024年三月", march),
            ("2024M03", march),
            ("2024_03", march),
            ("Mar 2024", march),
            ("March 2024", march),
            ("2024 March", march),
            ("2024年十二月", Period::Month(2024, 12)),
            ("2024年12月末", Period::Month(2024, 12)),
        ] {
            assert_eq!(whole(text), Some(period), "{text}");
            let head = format!("营业收入{text}");
            assert_eq!(find(&head).map(|f| f.1), Some(period), "{head}");
            let head = format!("{text}营业收入（万元）");
            assert_eq!(without(&head).map(|f| f.1), Some(period), "{head}");
        }
        assert_eq!(without("2024年三季度营业收入"), Some(("营业收入".into(), third)));
        assert_eq!(without("turnover Q3 2024 (t)"), Some(("turnover  (t)".into(), third)));
    }

    #[test]
    fn several_months_are_no_period() {
        for text in [
            "2024年1-9月",
            "2024年上半年",
            "2024年前三季度",
            "2024-03-31",
            "2024年5季度",
            "2024年13月",
            "20240331",
            "1789",
            "",
            "三季度",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[0-9年月季度第三Q\\-. Mar末]{0,14}|.{0,10}") {
            let _ = (find(&text), whole(&text), without(&text));
        }

        #[test]
        fn the_own_text_is_read(year in YEARS, part in 1u8..=12) {
            for period in [Period::Year(year), Period::Quarter(year, part.div_ceil(3)), Period::Month(year, part)] {
                prop_assert_eq!(whole(&period.to_string()), Some(period));
                let words = period.words();
                prop_assert_eq!((whole(&words.zh), whole(&words.en)), (Some(period), Some(period)));
            }
        }
    }
}
