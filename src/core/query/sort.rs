//! The order of rows: by properties, each ascending or descending; rows without a value stand last either way, and rows
//! that are alike stay in the table's order, so that pages never share a row.

use super::query_error::QueryError;
use super::question::SortBy;
use super::resolved::{Query, SortKey};
use crate::cancel;
use crate::columns::{Bitmap, Column, Integers, Text as Texts};
use crate::filter::{FilterError, Mismatch};
use crate::model::{PropertyType, Text};
use crate::snapshot::{Layer, Snapshot};
use std::cmp::Ordering;

impl Query {
    /// The same question with its rows in an order; by codelists where a property has one.
    pub(super) fn sorted(mut self, snapshot: &Snapshot, keys: &[SortBy]) -> Result<Self, QueryError> {
        let layer = &snapshot.layers[self.layer];
        let key = |SortBy { property: name, descending }: &SortBy| -> Result<SortKey, QueryError> {
            let descending = *descending;
            let Some((property, spec)) = layer.spec.property(name) else {
                if name == "id" {
                    return Ok(SortKey { property: None, descending });
                }
                let shown = self.disclosure.columns(&layer.spec);
                let known = shown.into_iter().map(|i| layer.spec.properties[i].name.as_str());
                let known = known.collect::<Vec<_>>().join(", ");
                return Err(QueryError::Sort(FilterError::UnknownProperty { name: name.clone(), known }));
            };
            if !self.disclosure.shows(&layer.spec, property) {
                return Err(QueryError::Sort(FilterError::Restricted { name: name.clone() }));
            }
            if spec.ty == PropertyType::Strings {
                let (found, expected) = (Text::new("多值", "a list"), Text::new("单值属性", "a property of one value"));
                let mismatch = Mismatch { part: name.clone(), found, expected };
                return Err(QueryError::Sort(FilterError::Type(Box::new(mismatch))));
            }
            Ok(SortKey { property: Some(property), descending })
        };
        self.sort = keys.iter().map(key).collect::<Result<_, _>>()?;
        Ok(self)
    }
}

/// A page of rows in the order of the keys. Only the page itself is sorted; the other rows are only partitioned from
/// it.
pub(super) fn page(
    snapshot: &Snapshot,
    layer: &Layer,
    keys: &[SortKey],
    rows: impl Iterator<Item = usize>,
    offset: usize,
    limit: usize,
) -> Vec<u32> {
    let keys: Vec<Key> = keys.iter().map(|key| Key::new(snapshot, layer, *key)).collect();
    let Some(first) = keys.first() else { return rows.skip(offset).take(limit).map(|row| row as u32).collect() };
    let entry = |(nth, row): (usize, usize)| {
        if nth.is_multiple_of(4096) {
            cancel::check();
        }
        (first.code(row), row as u32)
    };
    let mut entries: Vec<(Code, u32)> = rows.enumerate().map(entry).collect();
    let end = offset.saturating_add(limit).min(entries.len());
    if offset >= end {
        return vec![];
    }
    let compare = |a: &(Code, u32), b: &(Code, u32)| {
        let (x, y) = (a.1 as usize, b.1 as usize);
        let by = |key: &Key| key.code(x).cmp(&key.code(y)).then_with(|| key.exact(x, y));
        let further = keys[1..].iter().map(by);
        let first = a.0.cmp(&b.0).then_with(|| first.exact(x, y));
        std::iter::once(first).chain(further).find(|o| o.is_ne()).unwrap_or(Ordering::Equal).then(x.cmp(&y))
    };
    if end < entries.len() {
        entries.select_nth_unstable_by(end, compare);
        entries.truncate(end);
    }
    if offset > 0 {
        entries.select_nth_unstable_by(offset, compare);
    }
    let page = &mut entries[offset..];
    page.sort_unstable_by(compare);
    page.iter().map(|(_, row)| *row).collect()
}

/// What a row is compared by first: rows without a value last, then a number that ascends with the value.
type Code = (bool, u64);

/// A key with the cells it reads.
struct Key<'a> {
    cells: Cells<'a>,
    valid: Option<&'a Bitmap>,
    descending: bool,
}

enum Cells<'a> {
    /// Dictionary codes, and the rank of each word.
    Ranks(&'a Integers, Vec<u64>),
    Text(&'a Texts),
    Integers(&'a Integers),
    Numbers(&'a [f64]),
    Booleans(&'a Bitmap),
    /// Nothing that has an order.
    Unordered,
}

impl<'a> Key<'a> {
    fn new(snapshot: &Snapshot, layer: &'a Layer, key: SortKey) -> Self {
        let SortKey { property, descending } = key;
        let Some(property) = property else {
            return Self { cells: Cells::Text(&layer.table.ids), valid: None, descending };
        };
        let column = &layer.table.columns[property];
        let cells = match column {
            Column::Words(words, _) => {
                let codelist = layer.spec.properties[property].codelist.as_ref();
                let codelist = codelist.and_then(|name| snapshot.description.codelists.get(name));
                let place = |word: &str| {
                    codelist.and_then(|c| c.entries.iter().position(|e| e.code == word)).unwrap_or(usize::MAX)
                };
                let mut order: Vec<usize> = (0..words.words.len()).collect();
                order.sort_by_key(|&i| (place(&words.words[i]), &words.words[i]));
                let mut ranks = vec![0; order.len()];
                order.iter().zip(0u64..).for_each(|(&i, rank)| ranks[i] = rank);
                Cells::Ranks(&words.codes, ranks)
            }
            Column::Text(text, _) => Cells::Text(text),
            Column::Integer(v, _) => Cells::Integers(v),
            Column::Decimal(d, _) => Cells::Integers(&d.digits),
            Column::Number(v, _) => Cells::Numbers(v),
            Column::Boolean(b, _) => Cells::Booleans(b),
            Column::Strings(..) => Cells::Unordered,
        };
        Self { cells, valid: column.valid(), descending }
    }

    #[inline]
    fn code(&self, row: usize) -> Code {
        if self.valid.is_some_and(|v| !v.contains(row)) {
            return (true, 0);
        }
        let code = match &self.cells {
            Cells::Ranks(codes, ranks) => ranks[codes.get(row) as usize],
            Cells::Text(text) => {
                let mut first = [0; 8];
                first.iter_mut().zip(text.value(row).bytes()).for_each(|(to, b)| *to = b);
                u64::from_be_bytes(first)
            }
            Cells::Integers(v) => v.get(row) as u64 ^ 1 << 63,
            // the bits of a float ascend with it once the sign is seen to; -0 is 0
            Cells::Numbers(v) => match (v[row] + 0.0).to_bits() {
                bits if bits >> 63 == 1 => !bits,
                bits => bits | 1 << 63,
            },
            Cells::Booleans(b) => b.contains(row).into(),
            Cells::Unordered => 0,
        };
        (false, if self.descending { !code } else { code })
    }

    /// What the codes, being alike, don't tell: texts beyond their first bytes.
    fn exact(&self, a: usize, b: usize) -> Ordering {
        match &self.cells {
            Cells::Text(text) => {
                let order = text.value(a).cmp(text.value(b));
                if self.descending { order.reverse() } else { order }
            }
            _ => Ordering::Equal,
        }
    }
}
