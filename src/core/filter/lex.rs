//! CQL2 text cut into words, literals and signs, each with the place where it stands.

use super::error::Syntax;

/// A piece of text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A keyword, property or function.
    Word(String),
    /// A property in double quotes.
    Name(String),
    /// A text literal.
    Text(String),
    /// A whole number without sign.
    Integer(i64),
    /// Any other number without sign.
    Number(f64),
    /// An operator or bracket.
    Sign(&'static str),
    /// Nothing more.
    End,
}

impl Token {
    /// How a message names it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(s) => s.clone(),
            Self::Name(s) => format!("\"{s}\""),
            Self::Text(s) => format!("'{s}'"),
            Self::Integer(i) => i.to_string(),
            Self::Number(f) => format!("{f:?}"),
            Self::Sign(s) => (*s).to_owned(),
            Self::End => String::new(),
        }
    }
}

const SIGNS: [&str; 15] = ["<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/", "%", "^"];

/// The words that begin a geometry.
pub(super) const KINDS: [&str; 7] =
    ["point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"];

/// Whether a name can begin with it (XML's names; letters of any script).
pub(super) fn begins_name(c: char) -> bool {
    c == ':' || c == '_' || c.is_alphabetic()
}

/// Whether a name can go on with it.
pub(super) fn continues_name(c: char) -> bool {
    begins_name(c) || c == '.' || c.is_numeric() || matches!(c, '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
}

/// The tokens of a text with their places, counted in characters from 1. The last one is `End`.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Syntax> {
    let chars: Vec<char> = text.chars().collect();
    let mut lexer = Lexer { chars, at: 0 };
    let mut out = Vec::new();
    loop {
        while lexer.peek(0).is_some_and(char::is_whitespace) {
            lexer.at += 1;
        }
        let at = lexer.at + 1;
        let token = lexer.token()?;
        out.push((at, token));
        if out.last().is_some_and(|(_, t)| *t == Token::End) {
            return Ok(out);
        }
    }
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn run(&mut self, test: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek(0).is_some_and(&test) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn token(&mut self) -> Result<Token, Syntax> {
        let Some(c) = self.peek(0) else { return Ok(Token::End) };
        if begins_name(c) {
            return Ok(Token::Word(self.run(continues_name)));
        }
        let digit_next = self.peek(1).is_some_and(|c| c.is_ascii_digit());
        if c.is_ascii_digit() || (c == '.' && digit_next) {
            return self.number();
        }
        match c {
            '\'' => return self.text(),
            '"' => return self.name(),
            _ => {}
        }
        let is_here = |s: &&&str| s.chars().enumerate().all(|(i, c)| self.peek(i) == Some(c));
        let Some(sign) = SIGNS.iter().find(is_here) else {
            return Err(Syntax::new(self.at + 1, c, "属性、字面值或运算符", "a property, a literal or an operator"));
        };
        self.at += sign.len();
        Ok(Token::Sign(sign))
    }

    fn number(&mut self) -> Result<Token, Syntax> {
        let start = self.at;
        let mut text = self.run(|c| c.is_ascii_digit());
        let mut whole = true;
        if self.peek(0) == Some('.') {
            whole = false;
            self.at += 1;
            text.push('.');
            text += &self.run(|c| c.is_ascii_digit());
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.peek(1), Some('+' | '-')));
            if self.peek(1 + sign).is_some_and(|c| c.is_ascii_digit()) {
                whole = false;
                text.push('e');
                text.extend((sign > 0).then(|| self.peek(1)).flatten());
                self.at += 1 + sign;
                text += &self.run(|c| c.is_ascii_digit());
            }
        }
        if let (true, Ok(i)) = (whole, text.parse()) {
            return Ok(Token::Integer(i));
        }
        let number = text.parse::<f64>().ok().filter(|f| f.is_finite());
        number
            .map(Token::Number)
            .ok_or_else(|| Syntax::new(start + 1, text, "有限的数", "a number that is not infinite"))
    }

    /// A text literal. A quote inside is written twice or after a backslash; backslashes right before a quote count
    /// double, all others stand for themselves (LIKE reads them).
    fn text(&mut self) -> Result<Token, Syntax> {
        let start = self.at;
        let mut out = String::new();
        self.at += 1;
        loop {
            out += &self.run(|c| c != '\'' && c != '\\');
            let slashes = self.run(|c| c == '\\').len();
            let quote = self.peek(0) == Some('\'');
            if !quote && self.peek(0).is_none() {
                return Err(Syntax::new(start + 1, "'", "结尾的单引号", "the closing quote"));
            }
            out.extend(std::iter::repeat_n('\\', if quote { slashes / 2 } else { slashes }));
            if quote {
                self.at += 1;
                if slashes % 2 == 1 {
                    out.push('\'');
                } else if self.peek(0) == Some('\'') {
                    self.at += 1;
                    out.push('\'');
                } else {
                    return Ok(Token::Text(out));
                }
            }
        }
    }

    /// A property in double quotes; a double quote inside is written twice.
    fn name(&mut self) -> Result<Token, Syntax> {
        let start = self.at;
        let mut out = String::new();
        self.at += 1;
        loop {
            out += &self.run(|c| c != '"');
            match (self.peek(0), self.peek(1)) {
                (None, _) => {
                    return Err(Syntax::new(start + 1, "\"", "结尾的双引号", "the closing double quote"));
                }
                (_, Some('"')) => {
                    self.at += 2;
                    out.push('"');
                }
                _ => {
                    self.at += 1;
                    return Ok(Token::Name(out));
                }
            }
        }
    }
}
