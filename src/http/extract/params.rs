//! Query strings, strictly: every parameter once, known, and of its type; anything else is a 400 that names it.

use crate::http::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// The parameters of a request. Structs take those that they name (`query`); the `rest` are conditions or refused.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
    /// The names that were looked for.
    known: Vec<&'static str>,
}

/// More parameters than any honest request has.
const MOST: usize = 64;

impl Params {
    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return Err(Problem::parameter(
                    &name.escape_default().to_string(),
                    "编码不是有效的 UTF-8",
                    "not valid percent-encoded UTF-8",
                ));
            };
            if pairs.iter().any(|(n, _)| *n == name) {
                return Err(Problem::parameter(&name, "出现了两次", "given twice"));
            }
            pairs.push((name, value));
        }
        if pairs.len() > MOST {
            return Err(Problem::parameter(&pairs[MOST].0, "参数过多", "too many parameters"));
        }
        Ok(Self { pairs, known: Vec::new() })
    }

    /// Takes a parameter that the request may have.
    pub(super) fn known(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let at = self.pairs.iter().position(|(n, _)| n == name)?;
        Some(self.pairs.swap_remove(at).1)
    }

    /// How many bytes the parameters have that were not taken.
    pub(crate) fn bytes(&self) -> usize {
        self.pairs.iter().map(|(n, v)| n.len() + v.len() + 2).sum()
    }

    /// The parameters that were not taken.
    pub(crate) fn rest(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Refuses parameters that were not taken.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        let Some((name, _)) = self.pairs.first() else { return Ok(()) };
        if self.known.is_empty() {
            return Err(Problem::parameter(name, "没有这个参数", "no such parameter"));
        }
        let known = self.known.join(", ");
        let (zh, en) = (format!("没有这个参数,可用:{known}"), format!("no such parameter; known: {known}"));
        Err(Problem::parameter(name, &zh, &en))
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or(""))
    }
}

/// Percent-decoding of `application/x-www-form-urlencoded`; `None` when the bytes are not UTF-8 text.
fn decode(text: &str) -> Option<String> {
    percent_decode(text, false)
}

/// Percent-decoding of a path, where `+` is a plus; `None` when the bytes are not UTF-8 text.
pub(crate) fn decode_path(text: &str) -> Option<String> {
    percent_decode(text, true)
}

fn percent_decode(text: &str, path: bool) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'+' if !path => out.push(b' '),
            b'%' => {
                let hex = bytes.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok())?;
                out.push(u8::from_str_radix(hex, 16).ok()?);
                i += 2;
            }
            b => out.push(b),
        }
        i += 1;
    }
    String::from_utf8(out).ok().filter(|s| !s.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn strict() {
        assert!(Params::parse("a=1&a=2").is_err());
        assert!(Params::parse("a=%ff").is_err());
        assert!(Params::parse("a=%2").is_err());
        let mut p = Params::parse("q=%E4%BD%99%E6%9D%AD+x&bbox=1%2C2%2C3%2C4").unwrap();
        assert_eq!(p.known("q").unwrap(), "余杭 x");
        assert_eq!(p.known("bbox").unwrap(), "1,2,3,4");
        assert!(p.finish().is_ok());
        assert!(Params::parse("x=1").unwrap().finish().is_err());
        assert_eq!(decode_path("/a+b%2Bc").unwrap(), "/a+b+c");
        assert!(decode_path("/%ff").is_none() && decode_path("/%00").is_none());
    }

    proptest! {
        #[test]
        fn nothing_panics(s in ".{0,80}") {
            let _ = (Params::parse(&s), decode_path(&s));
        }
    }
}
