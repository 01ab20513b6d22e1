//! CQL2 text is read: recursive descent over the tokens, with the depth counted.

use super::error::Syntax;
use super::expr::{Expr, MAX_DEPTH, Op};
use super::lex::{KINDS, Token, begins_name, continues_name, tokens};

/// Text of a filter at most, in bytes.
pub const MAX_TEXT: usize = 8 << 10;

/// Words that are no property names unless they are quoted.
pub(super) const KEYWORDS: [&str; 11] =
    ["and", "or", "not", "like", "between", "in", "is", "null", "true", "false", "div"];

/// Reads CQL2 text.
pub fn parse(text: &str) -> Result<Expr, Syntax> {
    if text.len() > MAX_TEXT {
        let (zh, en) = (format!("不超过 {MAX_TEXT} 字节"), format!("at most {MAX_TEXT} bytes"));
        return Err(Syntax::new(1, format!("{} B", text.len()), zh, en));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expr = parser.or()?;
    if *parser.peek() != Token::End {
        return parser.expected("AND、OR 或结尾", "AND, OR or the end");
    }
    if expr.depth() > MAX_DEPTH {
        return Err(too_deep(1));
    }
    Ok(expr)
}

fn too_deep(at: usize) -> Syntax {
    let (zh, en) = (format!("不超过 {MAX_DEPTH} 层嵌套"), format!("nesting of at most {MAX_DEPTH} levels"));
    Syntax::new(at, "(", zh, en)
}

pub(super) struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
}

/// What reading gives.
pub(super) type Read<T> = Result<T, Syntax>;

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, n: usize) -> &Token {
        self.tokens.get(self.at + n).map_or(&Token::End, |(_, t)| t)
    }

    /// The token after the one here.
    pub(super) fn after(&self) -> &Token {
        self.ahead(1)
    }

    pub(super) fn place(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |(at, _)| *at)
    }

    pub(super) fn next(&mut self) {
        self.at += 1;
    }

    pub(super) fn expected<T>(&self, zh: &str, en: &str) -> Read<T> {
        Err(Syntax::new(self.place(), self.peek().shown(), zh, en))
    }

    pub(super) fn is_word(&self, ahead: usize, word: &str) -> bool {
        matches!(self.ahead(ahead), Token::Word(w) if w.eq_ignore_ascii_case(word))
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let here = self.is_word(0, word);
        self.at += usize::from(here);
        here
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let here = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.at += usize::from(here);
        here
    }

    pub(super) fn need(&mut self, sign: &str) -> Read<()> {
        if self.take_sign(sign) { Ok(()) } else { self.expected(sign, sign) }
    }

    /// Reads something that stands one level deeper.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_DEPTH {
            return Err(too_deep(self.place()));
        }
        self.depth += 1;
        let out = read(self);
        self.depth -= 1;
        out
    }

    /// `item, item, …)`, at least `least` of them.
    pub(super) fn list<T>(&mut self, least: usize, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut out = Vec::new();
        if least == 0 && self.take_sign(")") {
            return Ok(out);
        }
        loop {
            out.push(self.deeper(&mut read)?);
            if self.take_sign(")") {
                break;
            }
            if !self.take_sign(",") {
                return self.expected(", 或 )", ", or )");
            }
        }
        if out.len() < least { self.expected("更多的项", "more items") } else { Ok(out) }
    }

    pub(super) fn or(&mut self) -> Read<Expr> {
        self.joined(Op::Or, "or", Self::and)
    }

    fn and(&mut self) -> Read<Expr> {
        self.joined(Op::And, "and", Self::not)
    }

    fn joined(&mut self, op: Op, word: &str, read: fn(&mut Self) -> Read<Expr>) -> Read<Expr> {
        let first = read(self)?;
        if !self.is_word(0, word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(read(self)?);
        }
        Ok(Expr::Call(op, parts))
    }

    fn not(&mut self) -> Read<Expr> {
        if self.take_word("not") {
            let inner = self.deeper(Self::not)?;
            return Ok(Expr::Call(Op::Not, vec![inner]));
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Read<Expr> {
        let left = self.sum()?;
        if let Token::Sign(sign @ ("=" | "<>" | "<" | "<=" | ">" | ">=")) = *self.peek() {
            self.next();
            let right = self.sum()?;
            let op = Op::named(sign).map_or(Op::Eq, |(op, _)| op);
            return Ok(Expr::Call(op, vec![left, right]));
        }
        if self.take_word("is") {
            let negated = self.take_word("not");
            if !self.take_word("null") {
                return self.expected("NULL", "NULL");
            }
            return Ok(negate(negated, Expr::Call(Op::IsNull, vec![left])));
        }
        let follows = |p: &Self, n| ["like", "between", "in"].iter().any(|w| p.is_word(n, w));
        let negated = self.is_word(0, "not") && follows(self, 1);
        self.at += usize::from(negated);
        let parts = if self.take_word("like") {
            (Op::Like, vec![left, self.sum()?])
        } else if self.take_word("between") {
            let low = self.sum()?;
            if !self.take_word("and") {
                return self.expected("AND", "AND");
            }
            (Op::Between, vec![left, low, self.sum()?])
        } else if self.take_word("in") {
            self.need("(")?;
            let items = self.list(1, Self::or)?;
            (Op::In, vec![left, Expr::List(items)])
        } else {
            return Ok(left);
        };
        Ok(negate(negated, Expr::Call(parts.0, parts.1)))
    }

    pub(super) fn sum(&mut self) -> Read<Expr> {
        self.chain(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Read<Expr> {
        self.chain(&["*", "/", "%", "div"], Self::power)
    }

    fn chain(&mut self, signs: &[&str], read: fn(&mut Self) -> Read<Expr>) -> Read<Expr> {
        let mut left = read(self)?;
        let mut links = 0;
        while let Some(sign) = signs.iter().find(|s| self.take_sign(s) || (**s == "div" && self.take_word("div"))) {
            links += 1;
            if links > MAX_DEPTH {
                return Err(too_deep(self.place()));
            }
            let op = Op::named(sign).map_or(Op::Add, |(op, _)| op);
            left = Expr::Call(op, vec![left, read(self)?]);
        }
        Ok(left)
    }

    pub(super) fn power(&mut self) -> Read<Expr> {
        let base = self.factor()?;
        if !self.take_sign("^") {
            return Ok(base);
        }
        let exponent = self.deeper(Self::power)?;
        Ok(Expr::Call(Op::Pow, vec![base, exponent]))
    }
}

/// Whether a function can be called so: a name that nothing else is called by.
pub(super) fn is_function(name: &str) -> bool {
    let word = name.to_ascii_lowercase();
    let other = ["date", "timestamp", "interval", "bbox", "envelope"].contains(&word.as_str());
    let taken =
        other || KEYWORDS.contains(&word.as_str()) || KINDS.contains(&word.as_str()) || Op::named(&word).is_some();
    !taken && name.chars().next().is_some_and(begins_name) && name.chars().all(continues_name)
}

fn negate(negated: bool, expr: Expr) -> Expr {
    if negated { Expr::Call(Op::Not, vec![expr]) } else { expr }
}
