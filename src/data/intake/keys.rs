//! Which row is which enterprise: by id, by credit code, by name; and which of several rows for one counts.

use super::credit;
use super::schema::Schema;
use super::sheet::{Cells, Kind};
use crate::core::cancel;
use crate::core::columns::Column;
use std::borrow::Cow;
use std::collections::HashMap;

const NONE: u32 = u32::MAX;

/// The columns by which enterprises are known.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyColumns {
    /// The id of the register.
    pub id: Option<usize>,
    /// The credit code.
    pub credit: Option<usize>,
    /// The name.
    pub name: Option<usize>,
}

/// What is known of each row of the file, and of each of the register.
#[derive(Debug)]
pub struct Keys {
    /// For each row of the file: the row of the register, and the later row that takes its place.
    rows: Vec<(u32, u32)>,
    /// For each row of the register: the row of the file.
    found: Vec<u32>,
    /// Rows of the file that are in the register.
    pub matched: usize,
}

impl Keys {
    /// Keys of a file whose rows are all new.
    pub fn all_new(self) -> Self {
        let rows = self.rows.into_iter().map(|(_, later)| (NONE, later)).collect();
        Self { rows, found: vec![NONE; self.found.len()], matched: 0 }
    }

    /// The row of the register that a row of the file is.
    pub fn existing(&self, row: usize) -> Option<usize> {
        let (existing, _) = self.rows[row];
        (existing != NONE).then_some(existing as usize)
    }

    /// The later row of the file for the same enterprise.
    pub fn superseded(&self, row: usize) -> Option<usize> {
        let (_, later) = self.rows[row];
        (later != NONE).then_some(later as usize)
    }

    /// The row of the file for a row of the register.
    pub fn found(&self, existing: usize) -> Option<usize> {
        Some(self.found[existing]).filter(|r| *r != NONE).map(|r| r as usize)
    }
}

/// A credit code as it is compared: capitals, no spaces.
pub fn tidy_code(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect())
}

/// Names are compared without spaces, and with one kind of brackets.
fn tidy_name(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| c.is_whitespace() || matches!(c, '(' | ')')) {
        return Cow::Borrowed(text);
    }
    let wide = |c| match c {
        '(' => '\u{FF08}',
        ')' => '\u{FF09}',
        c => c,
    };
    Cow::Owned(text.chars().filter(|c| !c.is_whitespace()).map(wide).collect())
}

/// Finds the enterprises of a file in the register.
pub fn keys(cells: &Cells, columns: KeyColumns, schema: &Schema) -> Keys {
    let table = schema.table;
    let ids: HashMap<&str, u32> = (0..).zip(table.ids.iter()).map(|(row, id)| (id, row)).collect();
    let texts = |property: Option<usize>| property.and_then(|p| table.columns.get(p));
    let mut codes: HashMap<&str, u32> = HashMap::new();
    if let Some(column) = texts(schema.place(super::schema::CREDIT_CODE)) {
        each_text(column, |row, code| _ = codes.insert(code, row));
    }
    // two enterprises of one name are found by neither's name
    let mut names: HashMap<Cow<str>, u32> = HashMap::new();
    if let Some(column) = texts(schema.spec.name.as_deref().and_then(|n| schema.place(n))) {
        each_text(column, |row, name| {
            names.entry(tidy_name(name)).and_modify(|r| *r = NONE).or_insert(row);
        });
    }
    let code_of: Vec<Option<&str>> = {
        let mut all = vec![None; table.ids.len()];
        codes.iter().for_each(|(code, row)| all[*row as usize] = Some(*code));
        all
    };

    let mut last: [HashMap<Cow<str>, u32>; 3] = Default::default();
    let mut rows = vec![(NONE, NONE); cells.len()];
    let mut found = vec![NONE; table.ids.len()];
    let cell = |row: usize, column: Option<usize>| column.map(|c| cells.cell(row, c)).filter(|c| c.kind != Kind::Empty);
    let keys_of = |row: usize| {
        let id = cell(row, columns.id).map(|c| c.text);
        // a damaged code is nobody's: dozens of enterprises share 9.133E+17
        let code = cell(row, columns.credit).map(|c| (tidy_code(c.text), c.kind == Kind::Number));
        let code = code.filter(|(code, number)| credit::check(code, *number).is_ok()).map(|(code, _)| code);
        let name = cell(row, columns.name).map(|c| tidy_name(c.text));
        (id, code, name)
    };
    let mut matched = 0;
    for row in 0..cells.len() {
        cancel::check();
        let (id, code, name) = keys_of(row);
        let by_name = || {
            let row = name.as_ref().and_then(|n| names.get(n)).copied().filter(|r| *r != NONE)?;
            // the same name with another code is another enterprise
            let other = code.as_ref().zip(code_of[row as usize]).is_some_and(|(a, b)| a != b);
            (!other).then_some(row)
        };
        let existing = id
            .and_then(|id| ids.get(id).copied())
            .or_else(|| code.as_ref().and_then(|c| codes.get(&**c).copied()))
            .or_else(by_name);
        let mut supersede = |before: Option<u32>| {
            if let Some(before) = before.filter(|b| *b != row as u32 && *b != NONE) {
                rows[before as usize].1 = row as u32;
            }
        };
        if let Some(existing) = existing {
            matched += 1;
            supersede(Some(std::mem::replace(&mut found[existing as usize], row as u32)));
        }
        let alone = id.is_none() && code.is_none();
        let keys = [id.map(Cow::Borrowed), code, name.filter(|_| alone)];
        for (last, key) in last.iter_mut().zip(keys) {
            if let Some(key) = key {
                supersede(last.insert(key, row as u32));
            }
        }
        rows[row].0 = existing.unwrap_or(NONE);
    }
    Keys { rows, found, matched }
}

fn each_text<'a>(column: &'a Column, mut with: impl FnMut(u32, &'a str)) {
    for row in 0..column.len() {
        cancel::check();
        if let Some(text) = column.text(row) {
            with(row as u32, text);
        }
    }
}
