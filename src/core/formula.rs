//! Text in CSV that a spreadsheet would take for a formula (CSV injection): written with an apostrophe before it, and read
//! back without.

use std::borrow::Cow;

/// What a spreadsheet takes for the beginning of a formula.
const SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a spreadsheet would calculate this, or [`unescape`] would change it.
fn is_escaped_or_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(SIGNS)
}

/// A text as a CSV field that no spreadsheet calculates. [`unescape`] gives the text back.
///
/// ```
/// use shigu_core::formula::{escape, unescape};
/// assert_eq!(escape("=1+1"), "'=1+1");
/// assert_eq!(unescape("'=1+1"), "=1+1");
/// assert_eq!(unescape(&escape("'=1+1")), "'=1+1");
/// assert_eq!(escape("it's"), "it's");
/// ```
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_escaped_or_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of a CSV field: without the apostrophe of [`escape`], and without the `="..."` by which other programs keep the
/// zeros of `="0571"`.
pub fn unescape(field: &str) -> Cow<'_, str> {
    if let Some(inside) = field.strip_prefix("=\"").and_then(|f| f.strip_suffix('"')) {
        // a formula of more than this one text stays what it is
        let whole = inside.replace("\"\"", "");
        if !whole.contains('"') {
            return Cow::Owned(inside.replace("\"\"", "\""));
        }
    }
    match field.strip_prefix('\'') {
        Some(text) if is_escaped_or_formula(text) => Cow::Borrowed(text),
        _ => Cow::Borrowed(field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_of_other_programs_are_read() {
        for (field, text) in [
            (r#"="0571""#, "0571"),
            (r#"="a ""b"" c""#, r#"a "b" c"#),
            (r#"="a"&"b""#, r#"="a"&"b""#),
            ("'-5", "-5"),
            ("'+86 571", "+86 571"),
            ("'tis", "'tis"),
            ("''", "''"),
            ("'", "'"),
            ("=\"", "=\""),
            ("", ""),
        ] {
            assert_eq!(unescape(field), text, "{field}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "['=+@a\"\t-]{0,6}") {
            let field = escape(&text);
            prop_assert_eq!(unescape(&field).into_owned(), text.clone());
            prop_assert!(!field.starts_with(SIGNS));
        }
    }
}
