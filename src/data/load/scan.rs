//! A reader of JSON that knows the plain forms by itself and leaves every other to serde_json: what it reads, it reads
//! as serde_json does.

use super::text::offset_of;
use super::value::{Json, Key};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Walks through a text. `None`: not in plain form (or broken, or at its end); somebody else must look.
pub struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { text, bytes: text.as_bytes(), at }
    }

    /// The next byte that is no white space; 0 at the end.
    #[inline]
    pub fn peek(&mut self) -> u8 {
        while let Some(&b) = self.bytes.get(self.at) {
            if !matches!(b, b' ' | b'\n' | b'\r' | b'\t') {
                return b;
            }
            self.at += 1;
        }
        0
    }

    /// Steps over a byte, if it is the next.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == byte).then(|| self.at += 1)
    }

    /// After a member: `true` where the object or array ends.
    #[inline]
    pub fn ends(&mut self, end: u8) -> Option<bool> {
        let next = self.peek();
        (next == b',' || next == end).then(|| {
            self.at += 1;
            next == end
        })
    }

    /// The text from a byte to here.
    pub fn since(&self, from: usize) -> &'a str {
        &self.text[from..self.at]
    }

    /// A string without escapes.
    #[inline]
    pub fn plain(&mut self) -> Option<&'a str> {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = 0x8080_8080_8080_8080;
        if self.peek() != b'"' {
            return None;
        }
        let from = self.at + 1;
        let mut at = from;
        let rest = &self.bytes[from..];
        // the high bit of each byte that is zero, and perhaps of bytes above it
        let zeros = |v: u64| v.wrapping_sub(ONES) & !v & HIGH;
        for eight in rest.as_chunks::<8>().0 {
            let word = u64::from_le_bytes(*eight);
            let quotes = zeros(word ^ (ONES * u64::from(b'"')));
            let escapes = zeros(word ^ (ONES * u64::from(b'\\')));
            let controls = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
            let found = quotes | escapes | controls;
            if found != 0 {
                at += (found.trailing_zeros() / 8) as usize;
                break;
            }
            at += 8;
        }
        loop {
            match self.bytes.get(at)? {
                b'"' => break,
                b'\\' | 0..0x20 => return None,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        Some(&self.text[from..at])
    }

    /// An object's key and its colon.
    #[inline]
    pub fn key(&mut self) -> Option<Cow<'a, str>> {
        let key = match self.plain() {
            Some(key) => Cow::Borrowed(key),
            None => self.other::<Key>()?.0,
        };
        self.eat(b':')?;
        Some(key)
    }

    /// A number of at most 17 digits without exponent.
    #[inline]
    pub fn number(&mut self) -> Option<Json<'a>> {
        const POWERS: [f64; 18] =
            [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17];
        let mut at = self.at;
        let negative = self.bytes.get(at) == Some(&b'-');
        at += usize::from(negative);
        let mut digits = 0u64;
        let mut run = |at: &mut usize| {
            let from = *at;
            while let Some(d) = self.bytes.get(*at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
                digits = digits.wrapping_mul(10).wrapping_add(d.into());
                *at += 1;
            }
            *at - from
        };
        let first = at;
        let whole = run(&mut at);
        let mut decimals = 0;
        let point = self.bytes.get(at) == Some(&b'.');
        if point {
            at += 1;
            decimals = run(&mut at);
        }
        let plain = whole > 0
            && whole + decimals < POWERS.len()
            && !(whole > 1 && self.bytes[first] == b'0')
            && !(point && decimals == 0)
            && !matches!(self.bytes.get(at), None | Some(b'e' | b'E'));
        if !plain || (negative && digits == 0 && !point) || (point && digits >= 1 << 53) {
            return None;
        }
        self.at = at;
        Some(if point {
            // both are exact, so that the quotient is the number nearest to what is written
            let number = digits as f64 / POWERS[decimals];
            Json::Float(if negative { -number } else { number })
        } else {
            Json::Int(if negative { -(digits as i64) } else { digits as i64 })
        })
    }

    /// Any value, and whether it was a simple one: no list with something in it, no object.
    #[inline]
    pub fn value(&mut self) -> Option<(Json<'a>, bool)> {
        let simple = match self.peek() {
            b'"' => self.plain().map(|s| Json::Str(Cow::Borrowed(s))),
            b'-' | b'0'..=b'9' => self.number(),
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'[' if self.bytes.get(self.at + 1) == Some(&b']') => {
                self.at += 2;
                Some(Json::List(Vec::new()))
            }
            _ => None,
        };
        if let Some(value) = simple {
            return Some((value, true));
        }
        let value = self.other::<Json>()?;
        let simple = !matches!(value, Json::List(_) | Json::Object(_));
        Some((value, simple))
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Option<Json<'a>> {
        self.bytes[self.at..].starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            value
        })
    }

    /// What serde_json reads here.
    #[cold]
    fn other<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let mut values = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter::<T>();
        let value = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(value)
    }

    /// The text of any value. `Ok(None)`: the text ends inside of it.
    pub fn raw(&mut self) -> Result<Option<&'a str>, serde_json::Error> {
        let rest = &self.text[self.at..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        match values.next() {
            Some(Ok(raw)) => {
                self.at += values.byte_offset();
                Ok(Some(raw.get()))
            }
            // a number or an escape that is cut off is not distinguished from a wrong one
            Some(Err(e)) if !e.is_eof() && offset_of(rest, e.line(), e.column()) + 8 < rest.len() => Err(e),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers and strings as they may stand in a file, right and wrong.
    fn piece() -> impl Strategy<Value = String> {
        const KNOWN: [&str; 13] =
            ["null", "nul", "true", "false", "[]", "[ ]", "{}", "[1,\"a\"]", "{\"a\":[{}]}", "-", "-0", "-0.0", "."];
        let number = "-?(0|[1-9][0-9]{0,20}|0[0-9])(\\.[0-9]{0,20})?([eE][+-]?[0-9]{1,3})?";
        let string = "\"([a-z杭\\x00-\\x22]|\\\\[\"\\\\/bfnrtu]|\\\\u[0-9a-fD]{4}){0,20}\"";
        prop_oneof![number, string, proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn values_are_those_of_serde_json(piece in piece(), space in "[ \n\r\t\x0b]{0,2}") {
            let text = format!("{space}{piece}{space},");
            let mut scanner = Scanner::new(&text, 0);
            let read = scanner.value().map(|v| v.0).filter(|_| scanner.peek() == b',');
            let by_serde = serde_json::from_str::<Json>(&text[..text.len() - 1]).ok();
            prop_assert_eq!(format!("{read:?}"), format!("{by_serde:?}"));
            if let (Some(Json::Float(a)), Some(Json::Float(b))) = (read, by_serde) {
                prop_assert_eq!(a.to_bits(), b.to_bits());
            }
        }

        #[test]
        fn decimals_are_those_of_serde_json(digits in any::<i64>(), point in 1usize..16) {
            let mut text = digits.to_string();
            text.insert(text.len().saturating_sub(point).max(usize::from(digits < 0) + 1), '.');
            let by_serde: f64 = serde_json::from_str(&text).unwrap_or_default();
            text.push(',');
            let mut scanner = Scanner::new(&text, 0);
            if let Some((Json::Float(f), _)) = scanner.value() {
                prop_assert_eq!(f.to_bits(), by_serde.to_bits());
            }
        }
    }
}
