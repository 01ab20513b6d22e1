//! CQL2 text is written: one spelling for each tree, with no more brackets than are needed.

use super::expr::{Expr, Op};
use super::lex::{begins_name, continues_name};
use super::text::KEYWORDS;
use super::wkt;
use std::fmt::{self, Display};

/// How tightly an expression holds together, from OR to what needs no brackets.
fn level(e: &Expr) -> u8 {
    match e {
        Expr::Call(op, _) => match op {
            Op::Or => 1,
            Op::And => 2,
            Op::Not => 3,
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Like | Op::Between | Op::In | Op::IsNull => 4,
            Op::Add | Op::Sub => 5,
            Op::Mul | Op::Div | Op::Rem | Op::IntDiv => 6,
            Op::Pow => 7,
            _ => 8,
        },
        _ => 8,
    }
}

/// An expression, in brackets when it holds together less than its place asks for.
struct At<'a>(&'a Expr, u8);

impl Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if level(self.0) < self.1 { write!(f, "({})", self.0) } else { self.0.fmt(f) }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(op, parts) => call(f, *op, parts),
            Self::Function(name, parts) => {
                f.write_str(name)?;
                list(f, parts, ", ", 1)
            }
            Self::Property(name) => property(f, name),
            Self::Text(text) => text_literal(f, text),
            Self::Integer(i) => write!(f, "{i}"),
            Self::Number(x) => write!(f, "{x:?}"),
            Self::Boolean(b) => f.write_str(if *b { "TRUE" } else { "FALSE" }),
            Self::Moment(m) if m.is_day() => write!(f, "DATE('{m}')"),
            Self::Moment(m) => write!(f, "TIMESTAMP('{m}')"),
            Self::Interval(ends) => write!(f, "INTERVAL({}, {})", End(&ends[0]), End(&ends[1])),
            Self::Open => f.write_str("'..'"),
            Self::List(items) => list(f, items, ", ", 1),
            Self::Geometry(g) => wkt::write(f, g),
            Self::Bbox([w, s, e, n]) => write!(f, "BBOX({w}, {s}, {e}, {n})"),
        }
    }
}

/// An end of an interval: dates and timestamps stand there without their word.
struct End<'a>(&'a Expr);

impl Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expr::Moment(m) => write!(f, "'{m}'"),
            other => At(other, 8).fmt(f),
        }
    }
}

fn call(f: &mut fmt::Formatter<'_>, op: Op, parts: &[Expr]) -> fmt::Result {
    let own = level(&Expr::Call(op, vec![]));
    match (op, parts) {
        (Op::And | Op::Or, _) => joined(f, parts, if op == Op::And { " AND " } else { " OR " }, own + 1),
        (Op::Not, [Expr::Call(inner @ (Op::Like | Op::Between | Op::In | Op::IsNull), parts)]) => {
            predicate(f, *inner, parts, true)
        }
        (Op::Not, [a]) => write!(f, "NOT {}", At(a, 3)),
        (Op::Like | Op::Between | Op::In | Op::IsNull, _) => predicate(f, op, parts, false),
        (Op::Pow, [a, b]) => write!(f, "{} ^ {}", At(a, 8), At(b, 7)),
        (Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge, [a, b]) => {
            write!(f, "{} {} {}", At(a, 5), op.name(), At(b, 5))
        }
        (_, [a, b]) if !op.is_function() => write!(f, "{} {} {}", At(a, own), op.name(), At(b, own + 1)),
        _ => {
            f.write_str(&op.name().to_ascii_uppercase())?;
            list(f, parts, ", ", 1)
        }
    }
}

fn predicate(f: &mut fmt::Formatter<'_>, op: Op, parts: &[Expr], negated: bool) -> fmt::Result {
    let not = if negated { "NOT " } else { "" };
    match (op, parts) {
        (Op::IsNull, [a]) => write!(f, "{} IS {not}NULL", At(a, 5)),
        (Op::Between, [a, low, high]) => {
            write!(f, "{} {not}BETWEEN {} AND {}", At(a, 5), At(low, 5), At(high, 5))
        }
        (Op::In, [a, items]) => write!(f, "{} {not}IN {items}", At(a, 5)),
        (_, [a, pattern]) => write!(f, "{} {not}LIKE {}", At(a, 5), At(pattern, 5)),
        _ => Ok(()),
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expr], between: &str, level: u8) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        f.write_str(if i > 0 { between } else { "" })?;
        At(part, level).fmt(f)?;
    }
    Ok(())
}

fn list(f: &mut fmt::Formatter<'_>, parts: &[Expr], between: &str, level: u8) -> fmt::Result {
    f.write_str("(")?;
    joined(f, parts, between, level)?;
    f.write_str(")")
}

fn property(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.chars().next().is_some_and(begins_name)
        && name.chars().all(continues_name)
        && !KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(name))
        && !["z", "m", "zm", "empty"].iter().any(|k| k.eq_ignore_ascii_case(name));
    if plain { f.write_str(name) } else { write!(f, "\"{}\"", name.replace('"', "\"\"")) }
}

/// Quotes are doubled, and so are backslashes right before a quote or the end.
fn text_literal(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut out = String::from("'");
    let mut slashes = 0;
    for c in text.chars().chain(['\'']) {
        match c {
            '\\' => slashes += 1,
            '\'' => {
                out.extend(std::iter::repeat_n('\\', slashes));
                slashes = 0;
                out.push_str("''");
                continue;
            }
            _ => slashes = 0,
        }
        out.push(c);
    }
    // the quote that ends the text was written twice like any other
    out.pop();
    f.write_str(&out)
}
