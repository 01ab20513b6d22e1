//! Days and times as cells hold them: `2021-04-09`, or `2021-04-09T08:30:00` where the time is not midnight.

use super::cells::Kind;
use calamine::{ExcelDateTime, ExcelDateTimeType};

/// Seconds before midnight that a program writes which counts local time of a hundred years ago.
const NEARLY: u32 = 90;
const DAY: u32 = 86_400;

/// The day and time of a spreadsheet's serial number, in the system of 1900 or of 1904; `None` for a time alone.
pub fn of_serial(serial: f64, in_1904: bool) -> Option<String> {
    let at = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, in_1904);
    // what is below the first day of 1900 is a time alone; in 1904 day 0 is the first
    (serial >= f64::from(u8::from(!in_1904)) && serial < 2_958_466.0).then(|| of_excel(&at))
}

/// The same of one that a library has read.
pub fn of_excel(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
    let seconds = u32::from(hour) * 3600 + u32::from(minute) * 60 + u32::from(second);
    let seconds = seconds + u32::from(milli >= 500);
    let text = format!("{year:04}-{month:02}-{day:02}");
    if seconds > DAY - NEARLY {
        let next = jiff::civil::Date::new(year as i16, month as i8, day as i8).and_then(jiff::civil::Date::tomorrow);
        return next.map_or(text, |d| d.to_string());
    }
    if seconds == 0 { text } else { format!("{text}T{}", time(seconds)) }
}

fn time(seconds: u32) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A text of ISO 8601 as the day and time that it is; the text itself where it is none, or an instant with its zone, which is
/// another day elsewhere.
pub fn of_iso(text: &str) -> (Kind, String) {
    let own = || (Kind::Text, text.to_owned());
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    let marks = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    if !marks || !digits(0..4) || !digits(5..7) || !digits(8..10) {
        return own();
    }
    let rest = text.get(10..).unwrap_or_default();
    let Some(of_day) = rest.strip_prefix(['T', 't', ' ']) else {
        return if rest.is_empty() { (Kind::Date, text.to_owned()) } else { own() };
    };
    if of_day.ends_with(['Z', 'z']) || of_day.contains(['+', '-']) {
        return own();
    }
    let midnight = of_day.chars().all(|c| matches!(c, '0' | ':' | '.' | ' '));
    let written = of_day.trim_end_matches(['0', ' ']).trim_end_matches('.');
    let whole = of_day.split_once('.').map_or(of_day, |(whole, _)| if written.contains('.') { written } else { whole });
    (Kind::Date, if midnight { text[..10].to_owned() } else { format!("{}T{}", &text[..10], whole.trim()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_days_and_times() {
        for (serial, in_1904, wanted) in [
            (44_295.0, false, Some("2021-04-09")),
            (42_833.0, true, Some("2021-04-09")),
            (44_295.354_166_666_664, false, Some("2021-04-09T08:30:00")),
            (44_295.5, false, Some("2021-04-09T12:00:00")),
            (44_294.999_95, false, Some("2021-04-09")),
            (44_294.999_502_3, false, Some("2021-04-09")),
            (1.0, false, Some("1900-01-01")),
            (59.0, false, Some("1900-02-28")),
            (61.0, false, Some("1900-03-01")),
            (0.0, true, Some("1904-01-01")),
            (2_958_465.0, false, Some("9999-12-31")),
            (0.5, false, None),
            (-3.0, false, None),
            (2_958_466.0, false, None),
            (f64::NAN, false, None),
        ] {
            assert_eq!(of_serial(serial, in_1904).as_deref(), wanted, "{serial} {in_1904}");
        }
    }

    #[test]
    fn texts_of_iso_keep_their_time() {
        for (text, kind, wanted) in [
            ("2021-04-09", Kind::Date, "2021-04-09"),
            ("2021-04-09T00:00:00.000", Kind::Date, "2021-04-09"),
            ("2021-04-09 00:00:00", Kind::Date, "2021-04-09"),
            ("2021-04-09T08:30:00.000", Kind::Date, "2021-04-09T08:30:00"),
            ("2021-04-09T08:30:00.25", Kind::Date, "2021-04-09T08:30:00.25"),
            ("2021-04-09T08:30:10", Kind::Date, "2021-04-09T08:30:10"),
            ("2021-04-09 08:30", Kind::Date, "2021-04-09T08:30"),
            ("2021-04-09T00:00:00Z", Kind::Text, "2021-04-09T00:00:00Z"),
            ("2021-04-09T00:00:00+08:00", Kind::Text, "2021-04-09T00:00:00+08:00"),
            ("2021-04-0999", Kind::Text, "2021-04-0999"),
            ("2021-4-9", Kind::Text, "2021-4-9"),
            ("", Kind::Text, ""),
        ] {
            assert_eq!(of_iso(text), (kind, wanted.to_owned()), "{text}");
        }
    }
}
