//! The fast path of a feature into its row: features in plain form (a point, simple values) without a finding. All
//! others are read by `Rows::feature`.

use super::infer::Guess;
use super::report::{Place, Report};
use super::rows::Numbering;
use super::rows::Rows;
use super::scan::Scanner;
use super::text::Cursor;
use super::value::{Json, depth};
use std::borrow::Cow;

/// Reads feature after feature and reuses its buffers.
pub struct FastPath<'a> {
    values: Vec<Option<Json<'a>>>,
    unknown: Vec<Cow<'a, str>>,
}

/// What a feature in plain form says besides its properties.
#[derive(Default)]
struct Plain<'a> {
    id: Option<Cow<'a, str>>,
    point: Option<(f64, f64)>,
    solid: bool,
}

impl<'a> FastPath<'a> {
    pub fn new() -> Self {
        Self { values: Vec::new(), unknown: Vec::new() }
    }

    /// Reads the feature that begins here. `Ok(false)`: the text ends inside of it, nothing was taken. `Err`: it is
    /// broken.
    pub fn feature(
        &mut self,
        scanner: &mut Scanner<'a>,
        cursor: &mut Cursor<'a>,
        rows: &mut Rows,
        guess: Option<&mut Guess>,
        report: &mut Report,
    ) -> Result<bool, serde_json::Error> {
        let from = scanner.at;
        if let Some(plain) = self.plain(scanner, rows, guess.is_some()) {
            self.take(&plain, cursor.advance(from), rows, guess, report);
            return Ok(true);
        }
        scanner.at = from;
        let Some(raw) = scanner.raw()? else { return Ok(false) };
        if let Some(guess) = guess {
            guess.feature(raw, rows.task.limits);
        }
        rows.feature(raw, cursor.advance(from), None, report);
        Ok(true)
    }

    fn take(
        &mut self,
        plain: &Plain<'a>,
        at: (usize, usize),
        rows: &mut Rows,
        guess: Option<&mut Guess>,
        report: &mut Report,
    ) {
        rows.seen += 1;
        let id = plain.id.as_deref().unwrap_or_default();
        rows.ids.push(id);
        rows.places.push((at.0 as u32, at.1 as u32));
        let place = Place::file(&rows.task.spec.file).at(at).feature(id);
        self.unknown.iter().for_each(|key| rows.cells.unknown(key, id));
        if let Some(guess) = guess {
            guess.count(plain.id.is_some());
            let values = self.values.iter().enumerate();
            values.filter_map(|(i, v)| Some((i, v.as_ref()?))).for_each(|(i, v)| guess.value(i, v));
        }
        rows.cells.push(&self.values, place, report);
        match plain.point {
            Some((x, y)) => rows.geometries.push_point(x, y),
            None => rows.geometries.push(None),
        }
        rows.shapes.flattened += usize::from(plain.solid);
    }

    /// A feature in plain form; its properties go to `self`.
    fn plain(&mut self, s: &mut Scanner<'a>, rows: &Rows, strict: bool) -> Option<Plain<'a>> {
        self.values.clear();
        self.values.resize_with(rows.cells.len(), || None);
        self.unknown.clear();
        let own_id = rows.task.inferred != Some(Numbering::ByPosition);
        let mut plain = Plain::default();
        let (mut ty, mut id, mut geometry, mut properties) = (false, false, false, false);
        s.eat(b'{')?;
        loop {
            let key = s.key()?;
            let seen = match &*key {
                "type" => {
                    s.peek();
                    if s.plain()? != "Feature" {
                        return None;
                    }
                    &mut ty
                }
                "id" if own_id => {
                    plain.id = Some(Self::id(s)?);
                    &mut id
                }
                "geometry" => {
                    if s.peek() == b'{' {
                        Self::point(s, rows, &mut plain)?;
                    } else if !matches!(s.value()?.0, Json::Null) {
                        return None;
                    }
                    &mut geometry
                }
                "properties" => {
                    if s.peek() == b'{' {
                        self.properties(s, rows, strict)?;
                    } else if !matches!(s.value()?.0, Json::Null) {
                        return None;
                    }
                    &mut properties
                }
                _ => return None,
            };
            if std::mem::replace(seen, true) {
                return None;
            }
            if s.ends(b'}')? {
                break;
            }
        }
        (ty && (id || !own_id)).then_some(plain)
    }

    fn id(s: &mut Scanner<'a>) -> Option<Cow<'a, str>> {
        s.peek();
        let from = s.at;
        match s.value()?.0 {
            Json::Str(id) if !id.trim().is_empty() => Some(id),
            // a whole number in plain form is its own text
            Json::Int(n) => {
                let text = s.since(from);
                Some(if text.len() < 18 { Cow::Borrowed(text) } else { Cow::Owned(n.to_string()) })
            }
            _ => None,
        }
    }

    fn point(s: &mut Scanner<'a>, rows: &Rows, plain: &mut Plain<'a>) -> Option<()> {
        if rows.task.limits.depth < 2 {
            return None;
        }
        s.eat(b'{')?;
        let (mut ty, mut at) = (false, None);
        loop {
            match &*s.key()? {
                "type" if !ty => ty = s.plain()? == "Point",
                "coordinates" if at.is_none() => at = Some(Self::position(s, &mut plain.solid)?),
                _ => return None,
            }
            if s.ends(b'}')? {
                break;
            }
        }
        plain.point = at.filter(|&(x, y)| ty && rows.shapes.takes_point(x, y));
        plain.point.map(drop)
    }

    fn position(s: &mut Scanner<'a>, solid: &mut bool) -> Option<(f64, f64)> {
        let number = |s: &mut Scanner<'a>| {
            s.peek();
            match s.number()? {
                Json::Int(i) => Some(i as f64),
                Json::Float(f) => Some(f),
                _ => None,
            }
        };
        s.eat(b'[')?;
        let x = number(s)?;
        s.eat(b',')?;
        let y = number(s)?;
        while !s.ends(b']')? {
            number(s)?;
            *solid = true;
        }
        Some((x, y))
    }

    fn properties(&mut self, s: &mut Scanner<'a>, rows: &Rows, strict: bool) -> Option<()> {
        s.eat(b'{')?;
        if s.peek() == b'}' {
            s.at += 1;
            return (rows.task.limits.depth > 0).then_some(());
        }
        let mut next = 0;
        loop {
            let key = s.key()?;
            s.peek();
            let from = s.at;
            let (value, simple) = s.value()?;
            // the feature and its properties are open around the value; the feature does not count
            let levels = 1 + if simple { usize::from(matches!(value, Json::List(_))) } else { depth(s.since(from)) };
            if levels > rows.task.limits.depth.min(100) {
                return None;
            }
            // files keep the order of the schema more often than not
            let named = |i: usize| rows.cells.name(i).is_some_and(|name| name == key);
            let found = if named(next) { Some(next) } else { (0..rows.cells.len()).find(|&i| named(i)) };
            if let Some(i) = found {
                next = i + 1;
                if self.values[i].replace(value).is_some() {
                    return None;
                }
            } else if strict {
                return None;
            } else {
                self.unknown.push(key);
            }
            if s.ends(b'}')? {
                return Some(());
            }
        }
    }
}
