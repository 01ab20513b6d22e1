//! The report of an import: counts that add up, rows by what becomes of them, and all findings with their true numbers.

use super::diff::{Change, Class, held};
use super::finding::{Finding, Findings, Tally};
use super::judge::Judged;
use super::mapping::ColumnReport;
use super::prepare::{Absent, Import};
use super::verdict::Verdict;
use crate::core::cancel;
use crate::core::geocode::How;
use crate::core::model::{PropertyType, Text};
use crate::data::load::Severity;
use crate::data::schema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Pairs of old and new numbers by which a column's unit is doubted.
const COMPARED: usize = 4096;
/// Distinct new words that are kept.
const WORDS: usize = 1000;

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
    pub text_numbers: usize,
    pub odd_dates: usize,
    pub rounded: usize,
    pub coded: usize,
    pub none: usize,
    pub own_unit: usize,
    pub in_zone: usize,
    pub kept: usize,
    pub unlocated: usize,
    /// Rows located by their address: the same address, the same number, the nearest number.
    pub by_address: [usize; 3],
    pub districts: HashMap<usize, usize>,
    pub words: HashMap<(usize, String), (usize, u32)>,
    /// For each column: powers of ten between old and new numbers.
    pub steps: HashMap<usize, Vec<f64>>,
    /// For each column of money: powers of ten of the amount for each person.
    pub per_head: HashMap<usize, Vec<f64>>,
    /// Columns of money, with those of the persons of the same year.
    pub heads: Option<Vec<(usize, usize)>>,
}

impl Import<'_> {
    /// Judges every row and says what would change. Nothing is written.
    pub fn check(&self) -> Outcome {
        self.check_counting(&mut |_, _| {})
    }

    /// The same, telling after each row what became of it: its place in the table and its class.
    pub fn check_counting(&self, tell: &mut dyn FnMut(usize, Class)) -> Outcome {
        let mut findings = Findings::new(self.options.findings_per_code);
        self.sheet
            .findings
            .iter()
            .chain(&self.mapping.findings)
            .chain(&self.findings)
            .for_each(|f| findings.add(f.clone()));
        let mut counts = Counts { rows: self.sheet.cells.len(), ..Counts::default() };
        let mut rows: BTreeMap<Class, Vec<RowReport>> = BTreeMap::new();
        let mut seen = Seen::default();
        for row in 0..self.sheet.cells.len() {
            cancel::check();
            let judged = self.judge(row);
            *counts.of(judged.class) += 1;
            tell(row, judged.class);
            self.see(row, &judged, &mut seen);
            let list = rows.entry(judged.class).or_default();
            if judged.class != Class::Unchanged && list.len() < self.options.rows_per_class {
                list.push(RowReport {
                    row: Some(judged.number),
                    id: judged.id,
                    name: judged.name,
                    moved_m: judged.moved_m.map(f64::round),
                    changes: judged.changes,
                });
            }
            judged.notes.into_iter().for_each(|f| findings.add(f));
        }
        let complete_for = self.complete_for(&seen);
        let absent = self.absent(&complete_for, &mut counts);
        self.sum_up(&seen, &counts, &mut findings);
        rows.remove(&Class::Unchanged);
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

    fn see(&self, row: usize, judged: &Judged, seen: &mut Seen) {
        let done = judged.done;
        seen.text_numbers += usize::from(done.text_number > 0 && self.sheet.encoding.is_none());
        seen.odd_dates += usize::from(done.odd_date > 0);
        seen.rounded += usize::from(done.rounded > 0);
        seen.coded += usize::from(done.coded > 0);
        seen.none += usize::from(done.none > 0);
        seen.own_unit += usize::from(done.own_unit > 0);
        seen.in_zone += usize::from(done.in_zone > 0);
        seen.kept += usize::from(judged.kept > 0);
        // a line or an area is where it is drawn
        let placed = judged.position.is_some() || self.sheet.shapes.get(row).is_some_and(Option::is_some);
        seen.unlocated += usize::from(!placed && judged.existing.is_none());
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
            if let Some((count, _)) = seen.words.get_mut(word) {
                *count += 1;
            } else if seen.words.len() < WORDS {
                seen.words.insert(word.clone(), (1, judged.number));
            }
        }
        let positive = |place: usize| judged.values[place].as_f64().filter(|n| *n > 0.0);
        let pairs = seen.heads.get_or_insert_with(|| {
            self.taken.iter().filter_map(|t| Some((t.place, self.heads_of(t.place)?))).collect()
        });
        for (amount, heads) in pairs.iter() {
            if let Some((a, n)) = positive(*amount).zip(positive(*heads)) {
                let list = seen.per_head.entry(*amount).or_default();
                if list.len() < COMPARED {
                    list.push((a / n).log10());
                }
            }
        }
        for taken in self.taken.iter().filter(|t| t.reading.spec.unit.is_some()) {
            let steps = seen.steps.entry(taken.place).or_default();
            let Some(existing) = judged.existing.filter(|_| steps.len() < COMPARED) else { continue };
            let old = held(self.schema.table, existing, taken.place).as_f64();
            if let Some((old, new)) = old.zip(judged.values[taken.place].as_f64()).filter(|(a, b)| *a > 0.0 && *b > 0.0)
            {
                steps.push((new / old).log10());
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
