//! An index of names by pairs of characters: the commonest Chinese query has two characters, for which word and trigram
//! indexes have no answer. Names themselves stay in their column; pinyin initials stand in an arena of their own.

use crate::cancel;
use crate::columns::{Column, InPieces, Pieces, Taken, Text};
use crate::geocode::plain;
use memchr::memmem::Finder;
use pinyin::ToPinyin;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::ops::Range;

/// Places of a pair that are distinguished, in characters from the name's start; later ones count as the last.
const PLACES: u32 = 32;
/// With fewer entries to go through another thread costs more than it does.
const WORTH_THREADS: usize = 200_000;

/// Where a pair stands: the row and the place in its name, ascending, as gaps between rows with the place in the low
/// bits.
#[derive(Debug, Default)]
struct List {
    bytes: Vec<u8>,
    last: u32,
    len: u32,
}

impl List {
    fn push(&mut self, row: u32, place: usize) {
        let place = place.min(PLACES as usize - 1) as u64;
        let mut v = u64::from(row - self.last) * u64::from(PLACES) + place;
        while v >= 0x80 {
            self.bytes.push(v as u8 | 0x80);
            v >>= 7;
        }
        self.bytes.push(v as u8);
        self.last = row;
        self.len += 1;
    }

    fn iter(&self) -> Entries<'_> {
        Entries { bytes: &self.bytes, row: 0 }
    }
}

/// What is left of a list, as keys: the row times [`PLACES`], and the place in its name.
struct Entries<'a> {
    bytes: &'a [u8],
    /// The key of the last row's first place.
    row: u64,
}

impl Iterator for Entries<'_> {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        let first = u64::from(*self.bytes.first()?);
        let second = u64::from(self.bytes.get(1).copied().unwrap_or_default());
        // most numbers take one byte or two, and no processor foresees which: both are taken without a branch
        let more = first >> 7;
        let (v, rest) = if more & second >> 7 == 0 {
            ((first & 0x7f) | ((second << 7) * more), self.bytes.get(1 + more as usize..)?)
        } else {
            long(self.bytes)?
        };
        self.bytes = rest;
        self.row += v & !LATE;
        Some(self.row | v & LATE)
    }
}

/// A number of any length, and what follows it.
fn long(mut bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (mut v, mut shift) = (0u64, 0);
    loop {
        let (&byte, rest) = bytes.split_first()?;
        bytes = rest;
        v |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return Some((v, bytes));
        }
    }
}

/// The last place that is distinguished, and the bits of a key that hold the place.
const LATE: u64 = PLACES as u64 - 1;

/// Names that may hold a query.
struct Candidates {
    /// By the key of the query's first character, ascending: all of it is at places that are distinguished.
    exact: Vec<u64>,
    /// Rows, ascending, that may hold it further on; only the name tells.
    late: Vec<u32>,
}

impl Candidates {
    /// Where the query's `nth` pair stands, of so many that come after the first.
    fn new(list: &List, nth: u64, after: u64) -> Self {
        let mut found = Self { exact: Vec::with_capacity(list.len as usize), late: vec![] };
        for key in list.iter() {
            let place = key & LATE;
            match place.checked_sub(nth) {
                Some(start) if place < LATE && start + after < LATE => found.exact.push(key - nth),
                None if place < LATE => {}
                _ => found.late.push((key / u64::from(PLACES)) as u32),
            }
        }
        found.late.dedup();
        found
    }
}

/// Of some numbers, ascending, those that are `nth` below one of others, which ascend too.
#[allow(clippy::needless_range_loop, reason = "what is kept is written behind what is read")]
fn meet(mut candidates: Vec<u64>, mut others: impl Iterator<Item = u64>, nth: u64) -> Vec<u64> {
    let (mut other, mut kept) = (others.next(), 0);
    for place in 0..candidates.len() {
        let candidate = candidates[place];
        while other.is_some_and(|other| other < candidate + nth) {
            other = others.next();
        }
        // kept or not without a branch
        candidates[kept] = candidate;
        kept += usize::from(other == Some(candidate + nth));
    }
    candidates.truncate(kept);
    candidates
}

/// A column of names as they are searched.
#[derive(Clone, Copy)]
pub(super) enum Texts<'a> {
    /// As they stand.
    Names(&'a Column),
    /// Addresses: letters and digits alone, those of full width as usual ones. They are too many for forms of their own, so
    /// that there are no pinyin initials.
    Addresses(&'a Column),
}

impl<'a> Texts<'a> {
    fn len(self) -> usize {
        let (Self::Names(column) | Self::Addresses(column)) = self;
        column.len()
    }

    fn text(self, row: usize) -> Option<Cow<'a, str>> {
        match self {
            Self::Names(column) => column.text(row).map(Cow::Borrowed),
            Self::Addresses(column) => column.text(row).map(|text| Cow::Owned(plain(text))),
        }
    }
}

/// The index of one column of names.
#[derive(Debug)]
pub(super) struct Bigrams {
    pairs: FxHashMap<u64, List>,
    initials: Text,
}

fn pair(a: char, b: char) -> u64 {
    u64::from(a) << 32 | u64::from(b)
}

/// Lower case, one character for one, so that pairs stay pairs.
fn lower(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

impl Bigrams {
    pub(super) fn new(names: Texts) -> Self {
        let mut out = Self { pairs: FxHashMap::default(), initials: Text::default() };
        let mut initials = String::new();
        for row in 0..names.len() {
            look_up(row);
            let name = names.text(row).unwrap_or_default();
            let mut before = None;
            initials.clear();
            for (place, c) in name.chars().map(lower).enumerate() {
                if let Some(before) = before {
                    out.pairs.entry(pair(before, c)).or_default().push(row as u32, place - 1);
                }
                before = Some(c);
                if matches!(names, Texts::Addresses(_)) {
                    continue;
                }
                match c.to_pinyin() {
                    Some(p) => initials.extend(p.plain().chars().next()),
                    None => initials.extend(c.is_alphanumeric().then_some(c)),
                }
            }
            out.initials.push(&initials);
        }
        out.pairs.values_mut().for_each(|list| list.bytes.shrink_to_fit());
        out
    }

    /// How many names.
    pub(super) fn rows(&self) -> usize {
        self.initials.len()
    }

    /// The rows whose name holds the query, or whose initials do, and whether they begin with it; ascending.
    pub(super) fn search(&self, names: Texts, query: &str) -> Vec<(u32, bool)> {
        let chars: Vec<char> = query.chars().map(lower).collect();
        let text: String = chars.iter().collect();
        let mut rows = match chars[..] {
            [] => return vec![],
            // one character is in too many addresses to be of use
            [_] if matches!(names, Texts::Addresses(_)) => return vec![],
            [_] => scan(names, &text),
            _ => self.by_pairs(names, &chars, &text),
        };
        if query.is_ascii() {
            let finder = Finder::new(&text);
            let held = |(row, initials): (usize, &str)| {
                look_up(row);
                finder.find(initials.as_bytes()).map(|at| (row as u32, at == 0))
            };
            let mut others: Vec<(u32, bool)> = self.initials.iter().enumerate().filter_map(held).collect();
            rows.append(&mut others);
            rows.sort_unstable_by_key(|&(row, begins)| (row, !begins));
            rows.dedup_by_key(|r| r.0);
        }
        rows
    }

    fn by_pairs(&self, names: Texts, chars: &[char], text: &str) -> Vec<(u32, bool)> {
        let lists: Option<Vec<&List>> = chars.windows(2).map(|p| self.pairs.get(&pair(p[0], p[1]))).collect();
        let mut lists: Vec<(usize, &List)> = lists.unwrap_or_default().into_iter().enumerate().collect();
        lists.sort_by_key(|(_, list)| list.len);
        let Some(((nth, shortest), others)) = lists.split_first() else { return vec![] };
        let Candidates { mut exact, mut late } = Candidates::new(shortest, *nth as u64, others.len() as u64);
        // going through a list costs less than reading names as long as it is not much longer
        let worth = |list: &List| list.len as usize <= 16 * shortest.len as usize;
        let near: Vec<(u64, &List)> =
            others.iter().take_while(|(_, list)| worth(list)).map(|(nth, list)| (*nth as u64, *list)).collect();
        let all: usize = near.iter().map(|(_, list)| list.len as usize).sum();
        if near.len() > 1 && all > WORTH_THREADS {
            let met = |places: Range<usize>| {
                let (nth, list) = near[places.start];
                meet(exact.clone(), list.iter(), nth)
            };
            let mut met = cancel::pieces(near.len(), 1, met).into_iter();
            exact = met.next().unwrap_or_default();
            met.for_each(|other| exact = meet(std::mem::take(&mut exact), other.into_iter(), 0));
        } else {
            for (nth, list) in &near {
                cancel::check();
                exact = meet(exact, list.iter(), *nth);
            }
        }
        let of_late: &[(u64, &List)] = if late.is_empty() { &[] } else { &near };
        for (_, list) in of_late {
            cancel::check();
            let rows: Vec<u64> = late.iter().map(|row| u64::from(*row)).collect();
            let met = meet(rows, list.iter().map(|key| key / u64::from(PLACES)), 0);
            late = met.into_iter().map(|row| row as u32).collect();
        }
        let holds = Holds::new(text);
        let read = |(nth, row): (usize, u32)| {
            look_up(nth);
            Some((row, holds.test(&names.text(row as usize)?)?))
        };
        let row = |key: &u64| (key / u64::from(PLACES)) as u32;
        // when all pairs have met where they have to be, nothing is left to ask of the name
        let mut rows: Vec<(u32, bool)> = if near.len() == others.len() {
            exact.iter().map(|key| (row(key), key & LATE == 0)).collect()
        } else {
            exact.iter().map(row).enumerate().filter_map(read).collect()
        };
        if !late.is_empty() {
            rows.extend(late.into_iter().enumerate().filter_map(read));
            rows.sort_unstable_by_key(|&(row, begins)| (row, !begins));
        }
        // a name that holds the query twice: the first place comes first
        rows.dedup_by_key(|(row, _)| *row);
        rows
    }
}

impl InPieces for Bigrams {
    fn put<'a>(&'a self, to: &mut Pieces<'a>) {
        let mut pairs: Vec<(&u64, &List)> = self.pairs.iter().collect();
        pairs.sort_unstable_by_key(|(pair, _)| **pair);
        let each = |of: fn(&List) -> u32| pairs.iter().map(|(_, list)| of(list)).collect::<Vec<u32>>();
        to.give(pairs.iter().map(|(pair, _)| **pair).collect::<Vec<u64>>());
        to.give(each(|list| list.last));
        to.give(each(|list| list.len));
        to.give(each(|list| list.bytes.len() as u32));
        to.give(pairs.iter().flat_map(|(_, list)| &list.bytes).copied().collect::<Vec<u8>>());
        self.initials.put(to);
    }

    fn take_back(from: &mut Taken) -> Option<Self> {
        let pairs: Vec<u64> = from.numbers()?;
        let each = |from: &mut Taken| from.exactly::<u32>(pairs.len());
        let (last, len, lengths) = (each(from)?, each(from)?, each(from)?);
        let all: Vec<u8> = from.numbers()?;
        let mut rest = all.as_slice();
        let mut lists = FxHashMap::with_capacity_and_hasher(pairs.len(), rustc_hash::FxBuildHasher);
        for (((pair, last), len), length) in pairs.iter().zip(last).zip(len).zip(lengths) {
            let (bytes, others) = rest.split_at_checked(length as usize)?;
            lists.insert(*pair, List { bytes: bytes.to_vec(), last, len });
            rest = others;
        }
        rest.is_empty().then_some(())?;
        Some(Self { pairs: lists, initials: Text::take_back(from)? })
    }
}

/// Whether a name holds a text, in lower case, and whether it begins with it.
struct Holds<'a> {
    text: &'a str,
    finder: Finder<'a>,
    /// Whether the text has letters that a name may have in upper case.
    cased: bool,
}

impl<'a> Holds<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, finder: Finder::new(text), cased: text.chars().any(char::is_lowercase) }
    }

    fn test(&self, name: &str) -> Option<bool> {
        let at = self.finder.find(name.as_bytes());
        if self.cased && at != Some(0) && name.chars().any(char::is_uppercase) {
            let name: String = name.chars().map(lower).collect();
            return name.contains(self.text).then(|| name.starts_with(self.text));
        }
        at.map(|at| at == 0)
    }
}

/// Ends a search that was cancelled, every few thousand names.
fn look_up(nth: usize) {
    if nth.is_multiple_of(4096) {
        cancel::check();
    }
}

fn scan(names: Texts, text: &str) -> Vec<(u32, bool)> {
    let holds = Holds::new(text);
    let row = |row: usize| {
        look_up(row);
        holds.test(&names.text(row)?).map(|begins| (row as u32, begins))
    };
    (0..names.len()).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{ColumnBuilder, ColumnType, Value};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_index_finds_what_a_scan_finds(
            names in proptest::collection::vec("[智能科技AIé𠮷 -]{0,8}|[智能]{24,40}", 0..60),
            query in "[智能科技AIaié𠮷]{1,4}",
        ) {
            let mut column = ColumnBuilder::new(ColumnType::Text);
            names.iter().for_each(|n| column.push(Value::Text(n)).unwrap());
            let column = column.finish();
            let texts = Texts::Names(&column);
            let found = Bigrams::new(texts).search(texts, &query);
            let low = |s: &str| s.chars().map(lower).collect::<String>();
            let initials = |s: &str| {
                let letter = |c: char| c.to_pinyin().and_then(|p| p.plain().chars().next()).or_else(|| c.is_alphanumeric().then_some(c));
                low(s).chars().filter_map(letter).collect::<String>()
            };
            let expected: Vec<(u32, bool)> = names.iter().enumerate().filter_map(|(i, n)| {
                let (name, query) = (low(n), low(&query));
                let first = initials(n);
                let by_initials = query.is_ascii() && first.contains(&query);
                let begins = name.starts_with(&query) || (by_initials && first.starts_with(&query));
                (name.contains(&query) || by_initials).then_some((i as u32, begins))
            }).collect();
            prop_assert_eq!(found, expected);
        }
    }

    /// Pairs beyond the places that are distinguished stand somewhere in the name, not always one after the other.
    #[test]
    fn a_late_pair_is_looked_for_in_the_name() {
        let late = |end: &str| format!("{}{end}", "x".repeat(29));
        let twice = format!("abcd{}", late("abcd"));
        // the first pair of the query is the rarest, so that names are looked for by it
        let names = [late("abcd"), late("abcc cd"), late("ab bc cd"), late("abc"), twice, "bcd bcd bcd".to_owned()];
        let mut column = ColumnBuilder::new(ColumnType::Text);
        names.iter().for_each(|name| column.push(Value::Text(name)).unwrap());
        let column = column.finish();
        let texts = Texts::Addresses(&column);
        let held: Vec<(u32, bool)> = (0..)
            .zip(&names)
            .filter(|(_, name)| plain(name).contains("abcd"))
            .map(|(row, name)| (row, plain(name).starts_with("abcd")))
            .collect();
        assert_eq!(Bigrams::new(texts).search(texts, "abcd"), held);
    }

    /// So many names that the lists of pairs are gone through at once.
    #[test]
    fn a_common_text_is_found_in_many_names() {
        let words = ["智能科技", "科技智能", "智能", "能科技", "智科技能科"];
        let name = |row: u32| format!("{}{}", words[row as usize % 5], words[(row / 7) as usize % 5]);
        let mut column = ColumnBuilder::new(ColumnType::Text);
        (0..150_000).for_each(|row| column.push(Value::Text(&name(row))).unwrap());
        let column = column.finish();
        let texts = Texts::Names(&column);
        let index = Bigrams::new(texts);
        for query in ["智能科技", "技智能", "智智", "能科技智能科技"] {
            let held = (0..150_000).filter_map(|row| name(row).find(query).map(|at| (row, at == 0)));
            assert_eq!(index.search(texts, query), held.collect::<Vec<_>>(), "{query}");
        }
    }
}
