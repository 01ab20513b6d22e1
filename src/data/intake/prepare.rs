//! Before rows are judged: what columns mean, which system the positions are in, which rows are which enterprises.

use super::addresses::Addresses;
use super::divisions::{self, Declared};
use super::exact::Exact;
use super::finding::{Finding, Refusal, shorten};
use super::kept::JudgedRows;
use super::keys::{KeyColumns, Keys, keys};
use super::known::{self, Known};
use super::locate::Columns;
use super::long;
use super::mapping::{self, Beside, Mapping};
use super::no_register;
use super::places::{Districts, Ground};
use super::schema::{SAMPLE_ROW, Schema};
use super::sheet::{Cells, Kind, Sheet};
use super::system::System;
use super::value::Reading;
use super::verdict::{Certainty, Said, TRIED, Verdict, Witness, verdict};
use super::vocabulary::{Target, Vocabulary};
use crate::core::cancel;
use crate::core::model::{Codelist, CollectionSpec, Dataset, Divisions, PropertyType, Role, Table, Text, TimeZone};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

/// Beyond these numbers there are no degrees.
const DEGREES: f64 = 1000.0;

/// What becomes of enterprises that the file does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absent {
    /// They stay.
    #[default]
    Keep,
    /// They go.
    Remove,
}

/// The planner's own words.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file's name, for reports.
    pub file: String,
    /// The system of the positions.
    pub system: Option<System>,
    /// Column -> property.
    pub columns: Vec<(String, String)>,
    /// Word in the file -> code.
    pub values: HashMap<String, String>,
    /// What becomes of enterprises that the file does not name.
    pub absent: Absent,
    /// Whether a long table is folded; none where nobody has said so.
    pub fold_periods: Option<bool>,
    /// The zones that the sender answers for; none for all. Rows of others are errors, and a sample is not replaced.
    pub zones: Option<Vec<String>>,
    /// What edits say besides their cells, where the table is made of edits and not of a file.
    pub exact: Option<Exact>,
    /// Findings of each code that are kept in full.
    pub findings_per_code: usize,
    /// Rows of each class that are listed in full.
    pub rows_per_class: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            file: String::new(),
            system: None,
            columns: Vec::new(),
            values: HashMap::new(),
            absent: Absent::Keep,
            fold_periods: None,
            zones: None,
            exact: None,
            findings_per_code: 100,
            rows_per_class: 1000,
        }
    }
}

/// A column that becomes a property.
#[derive(Debug)]
pub(super) struct Taken {
    pub column: usize,
    pub place: usize,
    pub reading: Reading,
    /// Where the unit of each number stands, if that is a column of its own.
    pub beside: Option<Beside>,
}

/// The places of the properties that have a part of their own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Roles {
    pub name: Option<usize>,
    pub district: Option<usize>,
    pub class: Option<usize>,
    pub precision: Option<usize>,
    pub sample: Option<usize>,
    pub address: Option<usize>,
    /// Credit code, both original coordinates, their system, how an address was located.
    pub added: [Option<usize>; 5],
}

/// A table ready to be judged against a register.
#[derive(Debug)]
pub struct Import<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) schema: Schema<'a>,
    pub(super) districts: Districts<'a>,
    pub(super) divisions: &'a Divisions,
    pub(super) mapping: Mapping,
    pub(super) positions: Option<Columns>,
    pub(super) verdict: Option<Verdict>,
    /// The name of its system in the register; empty without one.
    pub(super) system: Cow<'static, str>,
    pub(super) addresses: Option<Addresses<'a>>,
    pub(super) taken: Vec<Taken>,
    pub(super) roles: Roles,
    pub(super) keys: Keys,
    pub(super) id_column: Option<usize>,
    /// The file names districts that are no more.
    pub(super) former_map: bool,
    pub(super) replaces_sample: bool,
    pub(super) zone: TimeZone,
    pub(super) options: Options,
    pub(super) findings: Vec<Finding>,
    pub(super) codelists: &'a BTreeMap<String, Codelist>,
    /// What the last check has judged.
    pub(super) judged: Mutex<Option<JudgedRows>>,
    /// How often a row was judged.
    #[cfg(test)]
    pub judgements: std::sync::atomic::AtomicUsize,
}

impl<'a> Import<'a> {
    /// Decides what a table means for a dataset. `ground` is that of the same dataset.
    pub fn prepare(
        sheet: &'a Sheet,
        dataset: &'a Dataset,
        ground: &'a Ground,
        options: Options,
    ) -> Result<Self, Refusal> {
        let schema = Schema::of(dataset).ok_or_else(no_register)?;
        let districts = Districts::new(ground);
        let words = Vocabulary::new(&schema.spec, schema.register);
        let mapping = mapping::map(sheet, &schema.spec, &words, &options.columns)?;
        let roles = Roles {
            name: schema.spec.name.as_deref().and_then(|n| schema.place(n)),
            district: schema.register.district.as_deref().and_then(|n| schema.place(n)),
            class: schema.register.location_class.as_deref().and_then(|n| schema.place(n)),
            precision: schema.register.precision_m.as_deref().and_then(|n| schema.place(n)),
            sample: schema.place(SAMPLE_ROW).filter(|i| schema.spec.properties[*i].ty == PropertyType::Boolean),
            address: schema.register.address.as_deref().and_then(|n| schema.place(n)),
            added: schema.added(),
        };
        let column = |place: Option<usize>| place.and_then(|p| mapping.column(Target::Property(p)));
        let id_column = mapping.column(Target::Id);
        let key_columns = KeyColumns { id: id_column, credit: column(roles.added[0]), name: column(roles.name) };
        if let Some(other) = id_column.and_then(|c| other_collection(&sheet.cells, c, dataset)) {
            let (title, own) = (&other.title, &schema.spec.title);
            return Err(Refusal::new(
                "other-collection",
                Text::new(
                    format!("这是图层“{}”的文件,不是“{}”的:编号都是该图层的", title.zh, own.zh),
                    format!(
                        "this is a file of “{}”, not of “{}”: its ids are those of that collection",
                        title.en, own.en
                    ),
                ),
            ));
        }
        if key_columns.name.is_none() {
            let heads: Vec<String> =
                sheet.columns.iter().map(|c| shorten(&c.name)).filter(|h| !h.is_empty()).take(12).collect();
            let heads = heads.join("、");
            return Err(Refusal::new(
                "no-name-column",
                Text::new(
                    format!("没有认出名称所在的列;表头是:{heads}"),
                    format!("no column was recognised as the name; the head is: {heads}"),
                ),
            ));
        }
        let positions = match (mapping.column(Target::X), mapping.column(Target::Y), mapping.column(Target::Pair)) {
            (Some(x), Some(y), _) => Some(Columns::Two(x, y)),
            (.., Some(pair)) => Some(Columns::One(pair)),
            _ => None,
        };
        let zone = dataset.manifest.time_zone();
        let taken = mapping
            .taken
            .iter()
            .filter_map(|m| {
                let Target::Property(place) = m.target else { return None };
                let spec = &schema.spec.properties[place];
                let list = spec.codelist.as_ref().and_then(|l| dataset.codelists.get(l)).cloned();
                Some(Taken {
                    column: m.column,
                    place,
                    beside: m.beside,
                    reading: Reading::new(spec.clone(), list, m.factor, zone.clone()),
                })
            })
            .collect();
        let keys = keys(&sheet.cells, key_columns, &schema);
        // a file that hardly knows the invented enterprises is a real one
        let whole = options.exact.is_none() && options.zones.is_none();
        let replaces_sample = schema.spec.sample && whole && keys.matched * 2 < sheet.cells.len();
        let keys = if replaces_sample { keys.all_new() } else { keys };
        let mut import = Self {
            sheet,
            schema,
            districts,
            divisions: &dataset.divisions,
            mapping,
            positions,
            verdict: None,
            system: Cow::Borrowed(""),
            addresses: None,
            taken,
            roles,
            keys,
            id_column,
            former_map: false,
            replaces_sample,
            zone,
            options,
            findings: Vec::new(),
            codelists: &dataset.codelists,
            judged: Mutex::new(None),
            #[cfg(test)]
            judgements: 0.into(),
        };
        import.look_at_places();
        import.addresses = import.addresses_of(dataset);
        Ok(import)
    }

    /// The column that becomes a property.
    pub(super) fn column_of(&self, place: Option<usize>) -> Option<usize> {
        place.and_then(|p| self.mapping.column(Target::Property(p)))
    }

    /// What was decided about the system of the positions.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// Why the register can't be written yet, though it can be looked at.
    pub fn undecided(&self) -> Option<Refusal> {
        if let Some(folded) = self.sheet.folded.as_ref().filter(|_| self.options.fold_periods.is_none()) {
            return Some(long::unconfirmed(folded));
        }
        let verdict = self.verdict.as_ref().filter(|v| v.certainty == Certainty::Undecided)?;
        // degrees without a district to compare are taken as CGCS2000, as departments are to give them
        if verdict.tried == 0 && verdict.foreign.is_none() && !verdict.plane {
            return None;
        }
        let text = verdict.text();
        Some(Refusal::new(
            "crs-needed",
            Text::new(
                format!("坐标系无法确定,没有写入任何内容:{}", text.zh),
                format!("the system of the positions is not certain, nothing was written: {}", text.en),
            ),
        ))
    }

    /// Reads declared districts and positions once, to tell which system and which map the file has in mind.
    fn look_at_places(&mut self) {
        let cells = &self.sheet.cells;
        let district = self.column_of(self.roles.district);
        let divisions = self.divisions;
        let mut read: HashMap<&str, Declared> = HashMap::new();
        let (mut witnesses, mut known) = (Vec::new(), Vec::new());
        let (mut located, mut metric, mut first) = (0usize, 0usize, None);
        let step = cells.len().div_ceil(TRIED).max(1);
        for row in 0..cells.len() {
            cancel::check();
            let cell = district.map(|d| cells.cell(row, d)).filter(|c| c.kind != Kind::Empty);
            let declared = cell
                .map(|c| *read.entry(c.text).or_insert_with(|| divisions::read(c.text, &self.districts, divisions)));
            self.former_map |= matches!(declared, Some(Declared::Former { .. }));
            if row % step != 0 {
                continue;
            }
            let Some(at) = self.positions.and_then(|p| p.numbers(cells, row)).filter(|at| *at != (0.0, 0.0)) else {
                continue;
            };
            located += 1;
            metric += usize::from(at.0.abs() > DEGREES && at.1.abs() > DEGREES);
            first.get_or_insert(at);
            if let Some(held) = self.keys.existing(row).and_then(|e| self.schema.table.geometries.point(e)) {
                known.push(Known { at, held });
            }
            if let Some(Declared::District(district) | Declared::Former { now: district, .. }) = declared {
                witnesses.push(Witness { at, district });
            }
        }
        if located == 0 {
            return;
        }
        let numbered = |system: Option<System>| system.zip(first).map(|(system, at)| system.numbered_like(at));
        let said = Said {
            requested: numbered(self.options.system),
            stated: numbered(self.mapping.stated),
            foreign: self.mapping.foreign.as_deref(),
            plane: metric * 2 > located,
        };
        let mut verdict = verdict(&witnesses, &self.districts, &said);
        // without districts to compare, the first position tells which column goes to the east: x is the northing in
        // Chinese practice
        let bounds = self.districts.bounds();
        let near = |(east, north): (f64, f64)| {
            verdict.system.locate(east, north).is_some_and(|at| bounds.contains(at.x, at.y))
        };
        verdict.swapped |= verdict.fits.is_empty() && first.is_some_and(|(a, b)| !near((a, b)) && near((b, a)));
        let systems: Vec<System> = said.stated.into_iter().chain(verdict.choices.iter().map(|c| c.system)).collect();
        if let Some((system, swapped)) =
            known::system(&known, &systems).filter(|_| self.options.system.is_none() && verdict.foreign.is_none())
        {
            let stated = verdict.certainty == Certainty::Stated && verdict.system == system;
            (verdict.system, verdict.swapped) = (system, swapped);
            verdict.certainty = if stated { Certainty::Stated } else { Certainty::Known };
        }
        let text = verdict.text();
        let column = self.positions.map_or(0, Columns::first);
        let note = |finding: Finding| finding.cell(column, "");
        let best = verdict.fits.first();
        let share = |n: usize| n as f64 / verdict.tried.max(1) as f64;
        match verdict.certainty {
            // with nothing to compare and nothing said, CGCS2000 is what departments are to use
            Certainty::Undecided => {
                self.findings.push(note(Finding::warning("crs-undecided", text)));
            }
            Certainty::Known | Certainty::Decided if self.mapping.stated.is_some_and(|s| s != verdict.system) => {
                self.findings.push(note(Finding::warning("crs-contradicts", text)));
            }
            // concluded, with others that would fit as well
            Certainty::Decided if verdict.plane => {
                self.findings.push(note(Finding::warning("crs-verdict", text)));
            }
            Certainty::Decided => self.findings.push(note(Finding::info("crs-verdict", text))),
            Certainty::Given if verdict.foreign.is_some() => {
                self.findings.push(note(Finding::warning("crs-overridden", text)));
            }
            Certainty::Given | Certainty::Known | Certainty::Stated => {}
        }
        if verdict.tried >= 20 && best.is_none_or(|b| share(b.matching) < 0.5) {
            let text = verdict.text();
            self.findings.push(note(Finding::warning(
                "crs-poor",
                Text::new(
                    format!("多数点不在其填写的区域内:{}", text.zh),
                    format!("most points lie outside their declared zone: {}", text.en),
                ),
            )));
        }
        if verdict.swapped {
            self.findings.push(note(Finding::warning(
                "columns-swapped",
                Text::new(
                    "经度与纬度两列整列填反了,已对调",
                    "the columns of longitude and latitude are swapped; they were put right",
                ),
            )));
        }
        self.system = verdict.system.code();
        self.verdict = Some(verdict);
    }
}

/// The collection besides the register whose ids at least half of the rows have.
fn other_collection<'a>(cells: &Cells, column: usize, dataset: &'a Dataset) -> Option<&'a CollectionSpec> {
    let ids: HashSet<&str> = (0..cells.len()).map(|row| cells.cell(row, column).text).collect();
    let hits = |table: &Table| table.ids.iter().filter(|id| ids.contains(id)).count();
    let register = dataset.by_role(Role::Register).map_or(0, |(_, table)| hits(table));
    let others = dataset.collections().filter(|(spec, _)| spec.role != Role::Register);
    // of two collections with the same ids the smaller
    let counted = others.map(|(spec, table)| (hits(table), Reverse(table.ids.len()), spec));
    let (n, _, spec) = counted.max_by_key(|(n, rows, _)| (*n, *rows))?;
    (n > register && n * 2 >= ids.len()).then_some(spec)
}
