//! CQL2 text, the innermost level: literals, properties, functions, brackets.

use super::expr::{Expr, Op};
use super::lex::Token;
use super::text::{KEYWORDS, Parser, Read, is_function};
use crate::columns::Moment;

impl Parser {
    /// What needs no brackets.
    pub(super) fn factor(&mut self) -> Read<Expr> {
        let token = self.peek().clone();
        match token {
            Token::Sign("(") => {
                self.next();
                let inner = self.deeper(Self::or)?;
                self.need(")")?;
                Ok(inner)
            }
            Token::Sign(sign @ ("+" | "-")) => {
                self.next();
                if let Some(number) = self.take_number() {
                    return Ok(Expr::number_of(&number, sign == "-"));
                }
                if sign == "+" {
                    return self.expected("数", "a number");
                }
                let operand = self.deeper(Self::power)?;
                Ok(Expr::Call(Op::Mul, vec![Expr::Integer(-1), operand]))
            }
            Token::Integer(_) | Token::Number(_) => {
                let number = self.take_number().unwrap_or(Token::End);
                Ok(Expr::number_of(&number, false))
            }
            Token::Text(text) => {
                self.next();
                Ok(Expr::Text(text))
            }
            Token::Name(name) => {
                self.next();
                Ok(Expr::Property(name))
            }
            Token::Word(word) => self.word(word),
            _ => self.expected("属性、字面值或条件", "a property, a literal or a condition"),
        }
    }

    fn take_number(&mut self) -> Option<Token> {
        let token = self.peek().clone();
        let is_number = matches!(token, Token::Integer(_) | Token::Number(_));
        if is_number {
            self.next();
        }
        is_number.then_some(token)
    }

    /// A number with its sign.
    pub(super) fn signed(&mut self) -> Read<f64> {
        let negative = self.take_sign("-");
        if !negative {
            self.take_sign("+");
        }
        let number = match self.take_number() {
            Some(Token::Integer(i)) => i as f64,
            Some(Token::Number(f)) => f,
            _ => return self.expected("数", "a number"),
        };
        Ok(if negative { -number } else { number })
    }

    fn word(&mut self, word: String) -> Read<Expr> {
        let lower = word.to_ascii_lowercase();
        let called = *self.ahead(1) == Token::Sign("(");
        match lower.as_str() {
            "true" | "false" => {
                self.next();
                return Ok(Expr::Boolean(lower == "true"));
            }
            _ if self.begins_geometry(&lower) => return self.geometry(&lower),
            _ if KEYWORDS.contains(&lower.as_str()) => {
                return self.expected("属性、字面值或条件", "a property, a literal or a condition");
            }
            _ => {}
        }
        self.next();
        if !called {
            return Ok(Expr::Property(word));
        }
        self.next();
        match lower.as_str() {
            "date" | "timestamp" => {
                let moment = self.moment(lower == "date", lower == "timestamp")?;
                self.need(")")?;
                Ok(moment)
            }
            "interval" => {
                let start = self.end_of_interval()?;
                self.need(",")?;
                let end = self.end_of_interval()?;
                self.need(")")?;
                Ok(Expr::Interval(Box::new([start, end])))
            }
            "bbox" | "envelope" => self.bbox(),
            name => match Op::named(name).filter(|(op, _)| op.is_function()) {
                Some((op, count)) => {
                    let array = matches!(op, Op::Array(_));
                    let parts = self.list(count, |p| if array { p.array() } else { p.or() })?;
                    if parts.len() == count {
                        Ok(Expr::Call(op, parts))
                    } else {
                        self.expected("恰当个数的参数", "as many operands as it takes")
                    }
                }
                None if is_function(&word) => Ok(Expr::Function(word, self.list(0, Self::or)?)),
                None => self.expected("函数", "a function"),
            },
        }
    }

    fn array(&mut self) -> Read<Expr> {
        if self.take_sign("(") { Ok(Expr::List(self.list(0, Self::or)?)) } else { self.sum() }
    }

    fn moment(&mut self, date: bool, timestamp: bool) -> Read<Expr> {
        let read = |text: &str| {
            let day = date.then(|| Moment::date(text)).flatten();
            day.or_else(|| timestamp.then(|| Moment::timestamp(text)).flatten())
        };
        let moment = match self.peek() {
            Token::Text(text) => read(text),
            _ => None,
        };
        let Some(moment) = moment else {
            let (day, instant) = ("'YYYY-MM-DD'", "'YYYY-MM-DDTHH:MM:SSZ'");
            let spelt =
                if date && timestamp { format!("{day}, {instant}") } else { (if date { day } else { instant }).into() };
            return self.expected(&spelt, &spelt);
        };
        self.next();
        Ok(Expr::Moment(moment))
    }

    fn end_of_interval(&mut self) -> Read<Expr> {
        match self.peek() {
            Token::Text(text) if text == ".." => {
                self.next();
                Ok(Expr::Open)
            }
            Token::Text(_) => self.moment(true, true),
            _ => match self.deeper(Self::factor)? {
                end @ (Expr::Property(_) | Expr::Function(..)) => Ok(end),
                _ => self.expected("'..'、日期、时刻或属性", "'..', a date, a timestamp or a property"),
            },
        }
    }
}

impl Expr {
    fn number_of(token: &Token, negative: bool) -> Self {
        match *token {
            Token::Integer(i) => Self::Integer(if negative { -i } else { i }),
            Token::Number(f) => Self::number(if negative { -f } else { f }),
            _ => Self::Integer(0),
        }
    }
}
