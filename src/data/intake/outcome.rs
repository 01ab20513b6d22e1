//! The report of an import: counts that add up, rows by what becomes of them, and all findings with their true numbers.

use super::diff::{Change, Class, held};
use super::finding::{Finding, Findings, Tally};
use super::judge::Judged;
use super::kept::Keeping;
use super::mapping::ColumnReport;
use super::prepare::{Absent, Import};
use super::value::Done;
use super::verdict::Verdict;
use crate::core::cancel;
use crate::core::geocode::How;
use crate::core::model::{PropertyType, Text};
use crate::data::load::Severity;
use crate::data::schema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Pairs of old and new numbers by which a column's unit is doubted.
const COMPARED: usize = 4096;
/// Distinct new words that are kept.
const WORDS: usize = 1000;
/// Rows that are judged before what was found in them is joined, and how many of them by one thread at a time.
const PIECES: (usize, usize) = (1 << 15, 1 << 10);

/// How many rows there are of each class; the classes add up to the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportCounts)]
pub struct Counts {
    /// Rows of data in the file.
    pub rows: usize,
    /// 新增.
    pub new: usize,
    /// 变更.
    pub changed: usize,
    /// 迁址.
    pub moved: usize,
    /// 有问题.
    pub problem: usize,
    /// 无变化.
    pub unchanged: usize,
    /// 疑似注销: enterprises of the register that the file does not name.
    pub absent: usize,
}

/// A row as the report lists it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportRowReport)]
pub struct RowReport {
    /// Row in the file; none for an enterprise that the file does not name.
    pub row: Option<u32>,
    /// Its id in the register.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How far it moves, in metres.
    pub moved_m: Option<f64>,
    /// What changes.
    pub changes: Vec<Change>,
}

/// A word that is in no codelist.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportNewWord)]
pub struct NewWord {
    /// Name of the column.
    pub column: String,
    /// The word.
    pub word: String,
    /// Rows that have it.
    pub count: usize,
    /// The first of them.
    pub first_row: u32,
    /// Code of the entry that it resembles.
    pub suggestion: Option<String>,
    /// Name of that entry.
    #[schema(value_type = Option<schema::Text>)]
    pub suggested_name: Option<Text>,
}

/// What an import would do.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ImportOutcome)]
pub struct Outcome {
    /// The file.
    pub file: String,
    /// Its worksheet or layer.
    pub sheet: Option<String>,
    /// All worksheets or layers of the file, where it can have several.
    pub sheets: Vec<String>,
    /// Its encoding, where it is text.
    pub encoding: Option<&'static str>,
    /// How rows divide.
    pub counts: Counts,
    /// Whether the file takes the place of invented enterprises.
    pub replaces_sample: bool,
    /// Whether enterprises that the file does not name go.
    pub removes_absent: bool,
    /// Names of the districts for which the file is taken to be complete.
    pub complete_for: Vec<String>,
    /// How a table with a row for each enterprise and period was folded to a row for each enterprise, in words.
    #[schema(value_type = Option<schema::Text>)]
    pub folded: Option<Text>,
    /// Every column of the file.
    pub columns: Vec<ColumnReport>,
    /// The system of the positions.
    pub verdict: Option<Verdict>,
    /// The verdict in words.
    #[schema(value_type = Option<schema::Text>)]
    pub verdict_text: Option<Text>,
    /// Words that are in no codelist.
    pub new_words: Vec<NewWord>,
    /// How often each kind of finding occurs.
    pub tallies: Vec<Tally>,
    /// The first findings of each kind.
    pub findings: Vec<Finding>,
    /// The first rows of each class, unchanged ones left out.
    pub rows: BTreeMap<Class, Vec<RowReport>>,
    /// The first enterprises that the file does not name.
    pub absent: Vec<RowReport>,
}

impl Outcome {
    /// The worst that was found.
    pub fn worst(&self) -> Option<Severity> {
        self.tallies.iter().map(|t| t.severity).min()
    }

    /// How many findings have this code.
    pub fn count(&self, code: &str) -> usize {
        self.tallies.iter().filter(|t| t.code == code).map(|t| t.count).sum()
    }
}

/// What is counted over all rows.
#[derive(Default)]
pub(super) struct Seen {
    /// Rows of which a cell was read so.
    pub done: Done,
    pub kept: u32,
    pub unlocated: u32,
    /// Rows located by their address: the same address, the same number, the nearest number.
    pub by_address: [usize; 3],
    pub districts: HashMap<usize, usize>,
    pub words: HashMap<(usize, String), WordSeen>,
    /// For each column: powers of ten between old and new numbers.
    pub steps: HashMap<usize, Vec<f64>>,
    /// For each column of money: powers of ten of the amount for each person.
    pub per_head: HashMap<usize, Vec<f64>>,
}

/// A word that is in no codelist.
#[derive(Clone, Copy, Debug)]
pub(super) struct WordSeen {
    /// Rows that have it.
    pub count: usize,
    /// The first of them.
    pub row: u32,
    /// How many words were found before it.
    place: usize,
}

/// What was found over rows that follow each other.
#[derive(Default)]
struct Part {
    findings: Findings,
    counts: Counts,
    /// The class of each row.
    classes: Vec<Class>,
    /// The first rows of each class, unchanged ones left out.
    rows: BTreeMap<Class, Vec<RowReport>>,
    seen: Seen,
}

impl Part {
    /// Adds the rows that come next; so many of each class are listed.
    fn join(&mut self, next: Self, rows_per_class: usize) {
        self.findings.join(next.findings);
        self.counts.join(&next.counts);
        for (class, rows) in next.rows {
            let list = self.rows.entry(class).or_default();
            list.extend(rows);
            list.truncate(rows_per_class);
        }
        self.seen.join(next.seen);
    }
}

impl Seen {
    /// Adds what was seen in the rows that come next. Of words and numbers there are enough at some point.
    fn join(&mut self, next: Self) {
        self.done += next.done;
        self.kept += next.kept;
        self.unlocated += next.unlocated;
        self.by_address.iter_mut().zip(next.by_address).for_each(|(all, more)| *all += more);
        next.districts.into_iter().for_each(|(district, rows)| *self.districts.entry(district).or_default() += rows);
        let mut words: Vec<_> = next.words.into_iter().collect();
        words.sort_unstable_by_key(|(_, seen)| seen.place);
        for (word, seen) in words {
            let place = self.words.len();
            if let Some(known) = self.words.get_mut(&word) {
                known.count += seen.count;
            } else if place < WORDS {
                self.words.insert(word, WordSeen { place, ..seen });
            }
        }
        for (all, more) in [(&mut self.steps, next.steps), (&mut self.per_head, next.per_head)] {
            for (place, numbers) in more {
                let list = all.entry(place).or_default();
                list.extend(numbers);
                list.truncate(COMPARED);
            }
        }
    }
}

impl Import<'_> {
    /// Judges every row and says what would change. Nothing is written.
    pub fn check(&self) -> Outcome {
        self.check_counting(&mut |_, _| {})
    }

    /// The same, telling after each row what became of it: its place in the table and its class. What was judged is kept for
    /// [`NewRegister`](super::NewRegister).
    pub fn check_counting(&self, tell: &mut dyn FnMut(usize, Class)) -> Outcome {
        let Some(maker) = self.maker() else { return self.outcome(self.judge_all(PIECES, None, tell).0) };
        let (all, kept) = maker.begin(|making| {
            let (all, kept) = self.judge_all(PIECES, Some(Keeping::new(making)), tell);
            (all, kept.and_then(Keeping::finish))
        });
        self.keep(maker, kept, all.seen.districts.clone());
        self.outcome(all)
    }

    /// Judges all rows, on all cores, and joins what was found in their order: so many rows before they are joined, so many of them by one
    /// thread at a time.
    fn judge_all<'m>(
        &self,
        (together, piece): (usize, usize),
        mut kept: Option<Keeping<'m>>,
        tell: &mut dyn FnMut(usize, Class),
    ) -> (Part, Option<Keeping<'m>>) {
        let mut all = Part { findings: Findings::new(self.options.findings_per_code), ..Part::default() };
        let of_file = self.sheet.findings.iter().chain(&self.mapping.findings).chain(&self.findings);
        of_file.for_each(|f| all.findings.add(f.clone()));
        let heads: Vec<_> = self.taken.iter().filter_map(|t| Some((t.place, self.heads_of(t.place)?))).collect();
        let (used, mut row) = (self.used(), 0);
        while row < self.rows() {
            // after some thousand rows it shows which columns are better kept without a dictionary
            let start = row;
            let length = if start == 0 { together.min(5 * piece) } else { together };
            let part = |piece: Range<usize>| {
                let mut part = Part { findings: Findings::new(self.options.findings_per_code), ..Part::default() };
                let mut keeping = kept.as_ref().map(Keeping::fresh);
                for row in piece {
                    self.judge_into(start + row, &all, &heads, &used, &mut part, &mut keeping);
                }
                (part, keeping)
            };
            let parts = cancel::pieces(length.min(self.rows() - start), piece, part);
            for (part, keeping) in parts {
                for class in &part.classes {
                    tell(row, *class);
                    row += 1;
                }
                all.join(part, self.options.rows_per_class);
                kept = kept.zip(keeping).and_then(|(mut kept, more)| kept.append(more).then_some(kept));
            }
        }
        (all, kept)
    }

    /// Judges a row and adds what was found to its part; `before` are the rows of the parts before.
    fn judge_into(
        &self,
        row: usize,
        before: &Part,
        heads: &[(usize, usize)],
        used: &[bool],
        part: &mut Part,
        keeping: &mut Option<Keeping>,
    ) {
        cancel::check();
        let mut judged = self.judge(row);
        let class = judged.class;
        *part.counts.of(class) += 1;
        part.counts.rows += 1;
        part.classes.push(class);
        self.see(row, &judged, heads, &before.seen, &mut part.seen);
        std::mem::take(&mut judged.notes).into_iter().for_each(|f| part.findings.add(f));
        let listed = |part: &Part| part.rows.get(&class).map_or(0, Vec::len);
        if class != Class::Unchanged && listed(before) + listed(part) < self.options.rows_per_class {
            part.rows.entry(class).or_default().push(RowReport {
                row: Some(judged.number),
                id: judged.id.clone().into_owned(),
                name: judged.name.clone().into_owned(),
                moved_m: judged.moved_m.map(f64::round),
                changes: std::mem::take(&mut judged.changes),
            });
        }
        let Some(kept) = keeping.as_mut().filter(|_| class != Class::Problem) else { return };
        let existing = judged.existing;
        let made = match existing {
            Some(existing) => self.after(existing, Some(&judged), used),
            None => self.as_new(row, judged, used),
        };
        if !kept.add(&made, existing) {
            *keeping = None;
        }
    }

    /// The report of all that was found.
    fn outcome(&self, all: Part) -> Outcome {
        let Part { mut findings, mut counts, seen, rows, .. } = all;
        let complete_for = self.complete_for(&seen);
        let absent = self.absent(&complete_for, &mut counts);
        self.sum_up(&seen, &counts, &mut findings);
        Outcome {
            file: self.options.file.clone(),
            sheet: self.sheet.name.clone(),
            sheets: self.sheet.names.clone(),
            encoding: self.sheet.encoding,
            counts,
            replaces_sample: self.replaces_sample,
            removes_absent: self.options.absent == Absent::Remove,
            folded: self.sheet.folded.as_ref().map(super::Folded::text),
            complete_for: complete_for.iter().map(|d| self.districts.name(*d).to_owned()).collect(),
            columns: self.mapping.columns.clone(),
            verdict: self.verdict.clone(),
            verdict_text: self.verdict.as_ref().map(Verdict::text),
            new_words: self.new_words(&seen),
            tallies: findings.tallies(),
            findings: findings.kept().to_vec(),
            rows,
            absent,
        }
    }

    /// Counts what there is to see of a row; of `before`, what was seen in the parts before, there may be enough.
    fn see(&self, row: usize, judged: &Judged, heads: &[(usize, usize)], before: &Seen, seen: &mut Seen) {
        let mut done = judged.done.once();
        if self.sheet.encoding.is_some() {
            // in a file of text all numbers are
            done.text_number = 0;
        }
        seen.done += done;
        seen.kept += u32::from(judged.kept > 0);
        // a line or an area is where it is drawn
        let placed = judged.position.is_some() || self.sheet.shapes.get(row).is_some_and(Option::is_some);
        seen.unlocated += u32::from(!placed && judged.existing.is_none());
        if let Some(how) = judged.by_address {
            let grade = match how {
                How::Exact => 0,
                How::House => 1,
                How::Nearest { .. } => 2,
            };
            seen.by_address[grade] += 1;
        }
        if let Some(district) = judged.district {
            *seen.districts.entry(district).or_default() += 1;
        }
        for word in &judged.new_words {
            let place = seen.words.len();
            let found = seen.words.entry(word.clone()).or_insert(WordSeen { count: 0, row: judged.number, place });
            found.count += 1;
        }
        let missing = |before: &HashMap<usize, Vec<f64>>, place: &usize| {
            before.get(place).is_none_or(|numbers| numbers.len() < COMPARED)
        };
        let positive = |place: usize| judged.values[place].as_f64().filter(|n| *n > 0.0);
        for (amount, heads) in heads.iter().filter(|(amount, _)| missing(&before.per_head, amount)) {
            if let Some((a, n)) = positive(*amount).zip(positive(*heads)) {
                seen.per_head.entry(*amount).or_default().push((a / n).log10());
            }
        }
        let Some(existing) = judged.existing else { return };
        let units = self.taken.iter().filter(|t| t.reading.spec.unit.is_some());
        for taken in units.filter(|taken| missing(&before.steps, &taken.place)) {
            let old = held(self.schema.table, existing, taken.place).as_f64();
            if let Some((old, new)) = old.zip(judged.values[taken.place].as_f64()).filter(|(a, b)| *a > 0.0 && *b > 0.0)
            {
                seen.steps.entry(taken.place).or_default().push((new / old).log10());
            }
        }
    }

    /// The districts of which the file names at least a tenth of what the register has there.
    pub(super) fn covered(&self, named: &HashMap<usize, usize>) -> Vec<usize> {
        let mut has: HashMap<usize, usize> = HashMap::new();
        for row in 0..self.schema.table.ids.len() {
            cancel::check();
            if let Some(d) = self.declared_in_register(row) {
                *has.entry(d).or_default() += 1;
            }
        }
        let mut covered: Vec<usize> =
            named.iter().filter(|(d, n)| **n * 10 >= has.get(d).copied().unwrap_or(0)).map(|(d, _)| *d).collect();
        covered.sort_unstable();
        covered
    }

    fn complete_for(&self, seen: &Seen) -> Vec<usize> {
        if self.replaces_sample { Vec::new() } else { self.covered(&seen.districts) }
    }

    /// The district that the register declares for a row.
    pub(super) fn declared_in_register(&self, row: usize) -> Option<usize> {
        let column = self.schema.table.columns.get(self.roles.district?)?;
        self.districts.by_id(column.text(row)?)
    }

    fn absent(&self, complete_for: &[usize], counts: &mut Counts) -> Vec<RowReport> {
        let mut list = Vec::new();
        for row in self.not_named(complete_for) {
            counts.absent += 1;
            if list.len() < self.options.rows_per_class {
                let (id, name) = self.in_register(row);
                list.push(RowReport { row: None, id, name, moved_m: None, changes: Vec::new() });
            }
        }
        list
    }

    /// Rows of the register that the file doesn't name, in the districts for which it is complete.
    pub(super) fn not_named<'b>(&'b self, complete_for: &'b [usize]) -> impl Iterator<Item = usize> + 'b {
        let covered = |row: &usize| self.declared_in_register(*row).is_some_and(|d| complete_for.contains(&d));
        (0..self.schema.table.ids.len()).filter(move |row| covered(row) && self.keys.found(*row).is_none())
    }

    /// Id and name of an enterprise of the register.
    pub(super) fn in_register(&self, row: usize) -> (String, String) {
        let table = self.schema.table;
        let name = self.roles.name.and_then(|p| table.columns.get(p)?.text(row)).unwrap_or_default();
        (table.ids.value(row).to_owned(), name.to_owned())
    }

    /// Which properties the new register has values for.
    pub(super) fn used(&self) -> Vec<bool> {
        let [credit, x, y, crs, located_by] = self.roles.added;
        let positions = self.verdict.is_some() && self.options.exact.is_none();
        (0..self.schema.spec.properties.len())
            .map(|i| {
                let added = if Some(i) == credit { self.column_of(credit).is_some() } else { positions };
                i < self.schema.own
                    || ([credit, x, y, crs].contains(&Some(i)) && added)
                    || (located_by == Some(i) && self.addresses.is_some())
            })
            .collect()
    }

    /// Whether a property of the register is a list.
    pub(super) fn is_list(&self, place: usize) -> bool {
        self.schema.spec.properties[place].ty == PropertyType::Strings
    }
}

impl Counts {
    fn join(&mut self, next: &Self) {
        self.rows += next.rows;
        self.new += next.new;
        self.changed += next.changed;
        self.moved += next.moved;
        self.problem += next.problem;
        self.unchanged += next.unchanged;
    }

    fn of(&mut self, class: Class) -> &mut usize {
        match class {
            Class::New => &mut self.new,
            Class::Changed => &mut self.changed,
            Class::Moved => &mut self.moved,
            Class::Problem => &mut self.problem,
            Class::Unchanged => &mut self.unchanged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Ground, Options, read, sheet};
    use super::*;
    use crate::core::model::Dataset;
    use crate::data::load::{Limits, Source, load};
    use std::fmt::Write as _;
    use std::io::Cursor;
    use std::path::Path;

    /// A table for tinyville with faults of many kinds: rows that the register has, rows twice, words that are in no codelist, numbers
    /// that are none, places that are nowhere.
    fn table(rows: usize, dataset: &Dataset) -> String {
        let mut text = "企业名称,集群,区县,经度,纬度,2025年营收(万元),2025年从业人数,成立年份\n".to_owned();
        let held = &dataset.by_role(crate::core::model::Role::Register).unwrap().1.columns[0];
        for n in 0..rows {
            let name = match n % 11 {
                0 => held.text(n % held.len()).unwrap_or_default().to_owned(),
                1 => String::new(),
                2 => format!("企业{}", n / 40),
                _ => format!("企业{n}"),
            };
            let cluster = if n % 7 == 3 { format!("新词{}", n % 13) } else { String::new() };
            let zone = ["西区", "中区", "天堂区"][n % 3];
            let x = if n % 29 == 5 { 99.0 } else { 120.0 + (n % 200) as f64 / 1000.0 };
            let money = if n % 17 == 4 { "约三".to_owned() } else { format!("{}", n * 37 % 9001) };
            writeln!(text, "{name},{cluster},{zone},{x},30.05123,{money},{},{}", n % 90 + 1, 1990 + n % 60).unwrap();
        }
        text
    }

    #[test]
    fn what_is_found_does_not_depend_on_how_rows_are_divided() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tinyville");
        let dataset = load(&Source::Folder(folder), &Limits::default()).0.unwrap();
        let (ground, text) = (Ground::of(&dataset), table(900, &dataset));
        let sheet = read(Cursor::new(text.as_bytes()), &dataset, None, &sheet::Limits::default()).unwrap();
        let options = Options { findings_per_code: 9, rows_per_class: 40, ..Options::default() };
        let import = Import::prepare(&sheet, &dataset, &ground, options).unwrap();
        let maker = import.maker().unwrap();
        let checked = |pieces: (usize, usize)| {
            let (mut classes, mut places) = (Vec::new(), Vec::new());
            let (all, kept) = maker.begin(|making| {
                let keeping = Some(Keeping::new(making));
                let (all, kept) = import.judge_all(pieces, keeping, &mut |row, class| {
                    places.push(row);
                    classes.push(class);
                });
                (all, kept.and_then(Keeping::finish).unwrap())
            });
            assert!(places.iter().copied().eq(0..import.rows()));
            let outcome = serde_json::to_string(&import.outcome(all)).unwrap();
            (outcome, classes, format!("{kept:?}"))
        };
        // all in one piece are judged one after the other
        let whole = checked((import.rows(), import.rows()));
        let outcome: serde_json::Value = serde_json::from_str(&whole.0).unwrap();
        let counts = &outcome["counts"];
        assert!(counts["new"].as_u64() > Some(100) && counts["problem"].as_u64() > Some(50), "{counts}");
        assert!(outcome["new_words"].as_array().unwrap().len() > 5 && outcome["tallies"].as_array().unwrap().len() > 4);
        for pieces in [(1, 1), (7, 2), (100, 33), (900, 64), (1000, 899)] {
            assert_eq!(checked(pieces), whole, "{pieces:?}");
        }
    }

    #[test]
    fn words_beyond_the_limit_are_counted_where_they_are_known() {
        let word = |n: usize| ((0, format!("词{n}")), WordSeen { count: 1, row: n as u32, place: n });
        let mut all = Seen { words: (0..WORDS).map(word).collect(), ..Seen::default() };
        let place = |place: usize, n: usize| (word(n).0, WordSeen { count: 2, row: 5000, place });
        all.join(Seen { words: [place(0, WORDS + 1), place(1, 3)].into(), ..Seen::default() });
        assert_eq!((all.words.len(), all.words[&(0, "词3".to_owned())].count), (WORDS, 3));
        // of words of one part the first ones are taken
        let mut few = Seen { words: (0..WORDS - 1).map(word).collect(), ..Seen::default() };
        few.join(Seen { words: [place(1, 7777), place(0, 8888)].into(), ..Seen::default() });
        assert!(few.words.contains_key(&(0, "词8888".to_owned())) && few.words.len() == WORDS);
    }
}
