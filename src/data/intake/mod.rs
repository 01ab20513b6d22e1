//! intake: a department's table becomes a new state of the register, in three steps that change nothing by themselves.
//!
//! [`sheet`] reads any file into a table; [`Import::prepare`] decides what its columns and coordinates mean and which rows
//! are which enterprises; [`Import::check`] says what would change and what is wrong, row by row. Only then
//! [`NewRegister`] gives the rows of the new register. Every row is judged by one function, whoever asks.

mod addresses;
mod by_address;
mod compare;
mod credit;
mod declared;
mod diff;
mod divisions;
mod edit;
mod exact;
mod faults;
mod finding;
mod folded;
mod judge;
mod kept;
mod keys;
mod known;
mod listing;
mod locate;
mod long;
mod mapping;
mod outcome;
mod own_zones;
mod period;
mod places;
mod points;
mod prepare;
mod publish;
mod register;
mod remedies;
mod render;
mod schema;
pub mod sheet;
mod summary;
mod system;
mod template;
mod unknown;
mod value;
mod verdict;
mod vocabulary;

pub use addresses::{Addresses, Answer, Here};
pub use compare::{Comparison, Detail, Fate, Pair, State};
pub use credit::{Fault as CreditFault, check as check_credit_code, complete as complete_credit_code};
pub(in crate::data) use diff::held;
pub use diff::{Change, Class, same};
pub use edit::{Edit, EditTable, HeldRow, RowIndex};
pub use exact::Exact;
pub use finding::{Finding, Findings, Refusal, Tally};
pub use folded::Folded;
pub use kept::JudgedRows;
pub use listing::{Checked, Preview};
pub use long::fold;
pub use mapping::ColumnReport;
pub use outcome::{Counts, NewWord, Outcome, RowReport};
pub use own_zones::of_zones;
pub use places::{Districts, Ground};
pub use points::{MOST_POINTS, OwnPoint, OwnPoints, own_points};
pub use prepare::{Absent, Import, Options};
pub use publish::Written;
pub use register::NewRegister;
pub(in crate::data) use schema::SAMPLE_ROW;
pub use system::{System, unsupported};
pub use template::{prefilled, template};
pub use unknown::{Figure, HeadRole, Heads};
pub(in crate::data) use value::Reading;
pub use verdict::{Certainty, Choice, Fit, Verdict};
pub(in crate::data) use vocabulary::sounds;

use crate::core::model::{Dataset, Role, Text};
use std::collections::HashSet;
use std::io::{Read, Seek};

/// A dataset as it is for one of its tables, by its id; for the main one where none is said.
pub fn of_table(dataset: Dataset, table: Option<&str>) -> Result<Dataset, Refusal> {
    let Some(id) = table.or_else(|| dataset.by_role(Role::Register).map(|(spec, _)| spec.id.as_str())) else {
        return Ok(dataset);
    };
    let (id, tables) = (id.to_owned(), dataset.manifest.tables());
    let known: Vec<String> = tables.into_iter().map(|place| dataset.manifest.collections[place].id.clone()).collect();
    dataset.of_table(&id).ok_or_else(|| {
        let known = known.join(", ");
        let (zh, en) = (format!("没有统计表 {id};可用:{known}"), format!("there is no table {id}; known: {known}"));
        Refusal::new("unknown-table", Text::new(zh, en))
    })
}

/// Reads the table of a file for a dataset's register.
pub fn read<R: Read + Seek + Send>(
    reader: R,
    dataset: &Dataset,
    worksheet: Option<&str>,
    limits: &sheet::Limits,
) -> Result<sheet::Sheet, Refusal> {
    let schema = schema::Schema::of(dataset).ok_or_else(no_register)?;
    let words = RegisterWords::new(dataset, &schema);
    sheet::read(reader, worksheet, limits, &words)
}

/// What a dataset knows of the words in a table for its register.
struct RegisterWords {
    vocabulary: vocabulary::Vocabulary,
    name: Option<vocabulary::Target>,
    district: Option<vocabulary::Target>,
    groups: HashSet<String>,
}

impl RegisterWords {
    fn new(dataset: &Dataset, schema: &schema::Schema) -> Self {
        let name = schema.spec.name.as_deref().and_then(|n| schema.place(n)).map(vocabulary::Target::Property);
        let district = schema.register.district.as_deref();
        let district = district.and_then(|n| schema.place(n)).map(vocabulary::Target::Property);
        let mut groups = HashSet::new();
        for list in schema.spec.properties.iter().filter_map(|p| dataset.codelists.get(p.codelist.as_ref()?)) {
            for entry in &list.entries {
                groups.extend([&entry.code, &entry.name.zh, &entry.name.en].into_iter().chain(&entry.aliases).cloned());
            }
        }
        if let Some((spec, table)) = dataset.by_role(Role::Districts) {
            let names = spec.name.as_deref().and_then(|n| spec.property(n)).and_then(|(i, _)| table.columns.get(i));
            for row in 0..table.ids.len() {
                groups.insert(table.ids.value(row).to_owned());
                groups.extend(names.and_then(|c| c.text(row)).map(str::to_owned));
            }
        }
        groups.extend(dataset.divisions.former.iter().flat_map(|f| f.names.iter().cloned()));
        groups.retain(|g| !g.is_empty());
        Self { vocabulary: vocabulary::Vocabulary::new(&schema.spec, schema.register), name, district, groups }
    }
}

impl sheet::Words for RegisterWords {
    fn head(&self, name: &str) -> f64 {
        match self.vocabulary.meaning(name, None).filter(|m| m.confidence >= 0.7) {
            Some(meaning) => meaning.confidence,
            None if self.vocabulary.is_metric(name) => 0.5,
            None => 0.0,
        }
    }

    fn key(&self, name: &str) -> bool {
        self.name.is_some() && self.vocabulary.meaning(name, None).map(|m| m.target) == self.name
    }

    fn id(&self, name: &str) -> bool {
        self.vocabulary.meaning(name, None).is_some_and(|m| m.target == vocabulary::Target::Id)
    }

    fn district(&self, name: &str) -> bool {
        self.district.is_some() && self.vocabulary.meaning(name, None).map(|m| m.target) == self.district
    }

    fn group(&self, text: &str) -> bool {
        self.groups.contains(text)
    }
}

fn no_register() -> Refusal {
    Refusal::new("no-register", Text::new("数据集里没有名录集合", "the dataset has no register"))
}
