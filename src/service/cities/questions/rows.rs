//! The rows of a city as questions over all cities read them: one Parquet file with the properties that conditions can be on, the figures of
//! each period, the zones of each kind that divides the city and the class of each row; and what is known of the file beside it.

use crate::core::cancel;
use crate::core::columns::{Bitmap, Column, ColumnBuilder, ColumnType, Value};
use crate::core::model::{Codelist, CodelistEntry, CollectionSpec, Period, PropertyType, Text};
use crate::core::query::{Bound, Disclosure, QueryError, Question};
use crate::core::snapshot::Snapshot;
use crate::data::geoparquet::{BOX, Field, Kind, Layout, Rows, Writer};
use crate::service::cities::ClassOf;
use parquet::errors::ParquetError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;
use std::io::{self, Write};
use std::sync::Arc;
use twox_hash::XxHash3_64;

/// Rows of a group.
const GROUP: usize = 1 << 16;

/// Why rows can't be written.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The city can't be asked.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// They can't be packed.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    /// The disk does not take them.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

/// What is known of a file of rows.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct RowsAbout {
    /// Revision of the data.
    pub revision: String,
    /// Bytes of the file and their digest.
    pub(super) bytes: u64,
    pub(super) digest: String,
    /// Rows in it.
    pub rows: u64,
    pub(super) properties: Vec<PropertyOf>,
    pub(super) codelists: Vec<ListOf>,
    pub(super) metrics: Vec<MetricRows>,
    /// The columns of the rows that are there in a period (none: where none is named); without one all are.
    pub(super) there: Vec<(Option<Period>, String)>,
    /// The periods that can be asked for.
    pub(super) periods: BTreeSet<Period>,
    pub(super) levels: Vec<LevelOf>,
    /// The level where none is named.
    pub(super) usual: Option<String>,
    /// The column of classes, and whether it may leave.
    pub(super) class: Option<(String, bool)>,
    pub(super) classes: Vec<ClassOf>,
}

/// A property of the rows.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct PropertyOf {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) ty: PropertyType,
    pub(super) codelist: Option<String>,
    /// Whether a row's value leaves: decided by the gate of the city (`Disclosure`) when the rows were written.
    pub(super) open: bool,
    /// Whether the file has it.
    pub(super) kept: bool,
}

/// A codelist.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct ListOf {
    pub(super) id: String,
    pub(super) entries: Vec<CodelistEntry>,
}

/// A metric and the columns of its figures.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct MetricRows {
    pub(super) id: String,
    pub(super) unit: Text,
    pub(super) decimals: u8,
    /// Whether single figures leave.
    pub(super) open: bool,
    pub(super) columns: Vec<(Period, String)>,
}

/// A kind of zones that divides the city.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct LevelOf {
    pub(super) id: String,
    pub(super) column: String,
    pub(super) zones: BTreeMap<String, ZoneTitle>,
}

/// What a zone is called.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ZoneTitle {
    /// Name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

impl RowsAbout {
    /// The schema of the rows and their codelists, to which conditions are bound.
    pub(super) fn schema(&self) -> Option<(CollectionSpec, BTreeMap<String, Codelist>)> {
        let nothing = Text::default();
        let property = |p: &PropertyOf| json!({"name": p.name, "title": nothing, "type": p.ty, "codelist": p.codelist});
        let properties: Vec<_> = self.properties.iter().map(property).collect();
        let spec = json!({"id": "rows", "file": "", "title": nothing, "properties": properties});
        let list = |of: &ListOf| {
            let list = json!({"id": of.id, "title": nothing, "entries": of.entries});
            Some((of.id.clone(), serde_json::from_value(list).ok()?))
        };
        Some((serde_json::from_value(spec).ok()?, self.codelists.iter().map(list).collect::<Option<_>>()?))
    }

    pub(super) fn level(&self, id: Option<&str>) -> Option<&LevelOf> {
        let id = id.or(self.usual.as_deref())?;
        self.levels.iter().find(|level| level.id == id)
    }
}

/// A class as it stands in the file: rows of several cities are of one class where code and names are alike.
pub(super) fn class_key(class: &ClassOf) -> String {
    json!([class.code, class.zh, class.en]).to_string()
}

/// The rows of a table that are there in some periods.
struct There {
    periods: Vec<Option<Period>>,
    bound: Bound,
    rows: Bitmap,
}

/// Writes the rows of a city; none where it has no table that is counted.
pub(super) fn write(snapshot: &Arc<Snapshot>, out: &mut dyn Write) -> Result<Option<RowsAbout>, RowsError> {
    let about = snapshot.describe();
    let Some(spec) = about.register().map(|register| &register.spec) else { return Ok(None) };
    let bound = Question::register().bind(snapshot, Disclosure::Full)?;
    let selection = bound.select(0, usize::MAX);
    let (table, number) = (selection.table(), selection.table().ids.len());
    let there = in_periods(&bound, number)?;
    let mut all = Bitmap::none(number);
    there.iter().for_each(|of| all.or(&of.rows));
    let rows: Vec<u32> = all.iter().map(|row| row as u32).collect();

    let mut layout = Made::new(spec);
    let mut properties = Vec::new();
    for (place, (p, column)) in spec.properties.iter().zip(&table.columns).enumerate() {
        let kind = if p.ty == PropertyType::Date { Kind::Date } else { Kind::of(column) };
        // the writer has a column of boxes
        let kept = kind != Kind::List && p.ty != PropertyType::Datetime && !p.name.eq_ignore_ascii_case(BOX);
        if kept {
            layout.fields.push(Field { name: p.name.clone(), property: p.name.clone(), kind });
            layout.columns.push(Source::Table(place));
        }
        let open = Disclosure::Aggregates.shows(spec, place);
        properties.push(PropertyOf { name: p.name.clone(), ty: p.ty, codelist: p.codelist.clone(), open, kept });
    }
    let mut columns_there = Vec::new();
    for of in there.iter().filter(|of| of.rows.count() < rows.len()) {
        let name = layout.named("there");
        let mut column = ColumnBuilder::new(ColumnType::Boolean);
        for row in 0..number {
            let _ = column.push(Value::Boolean(of.rows.contains(row)));
        }
        layout.add(&name, Kind::Boolean, column.finish());
        columns_there.extend(of.periods.iter().map(|period| (*period, name.clone())));
    }
    let mut levels = Vec::new();
    for (place, kind) in about.zone_kinds.iter().enumerate().filter(|(_, kind)| kind.partition) {
        let mut zones = BTreeMap::new();
        let mut of_row: Vec<Option<u32>> = vec![None; number];
        let ids: Vec<&str> = about.zones.iter().filter(|z| z.kind == place).map(|zone| zone.id.as_str()).collect();
        for (at, id) in ids.iter().enumerate() {
            let title = about.zone(id).map(|z| ZoneTitle { name: z.name.clone(), name_en: z.name_en.clone() });
            zones.extend(title.map(|title| ((*id).to_owned(), title)));
            for of in &there {
                cancel::check();
                let inside = of.bound.ask(&of.bound.question().clone().in_zone(*id))?;
                inside.select(0, usize::MAX).rows().iter().for_each(|row| of_row[*row as usize] = Some(at as u32));
            }
        }
        let name = layout.named(&format!("zone {}", kind.id));
        layout.add(&name, Kind::Text, words(of_row.iter().map(|at| at.map(|at| ids[at as usize]))));
        levels.push(LevelOf { id: kind.id.clone(), column: name, zones });
    }
    let (classes, class) = classes(&bound, &rows, number);
    let shows = |name: &str| spec.property(name).is_some_and(|(place, _)| Disclosure::Aggregates.shows(spec, place));
    let class = class.map(|column| {
        let name = layout.named("class");
        layout.add(&name, Kind::Text, column);
        (name, spec.register.as_ref().and_then(|register| register.cluster.as_deref()).is_some_and(shows))
    });

    let (id, geometry) = (layout.named("id"), layout.named("geometry"));
    let columns = layout.columns.iter().map(|column| match column {
        Source::Table(place) => &table.columns[*place],
        Source::Own(column) => column,
    });
    // no condition is on places, so none are written
    let of = Rows { ids: &table.ids, columns: columns.collect(), geometry: &|_| None };
    let mut writer = Writer::new(Layout { id, geometry, fields: layout.fields.clone(), crs: None })?;
    let mut out = Digested { out, bytes: 0, digest: XxHash3_64::new() };
    let mut made = Vec::new();
    for group in rows.chunks(GROUP) {
        cancel::check();
        writer.group(&[(&of, group)], &mut made)?;
        out.write_all(&made)?;
        made.clear();
    }
    writer.end(&mut made)?;
    out.write_all(&made)?;

    let metrics = spec.register.iter().flat_map(|register| &register.metrics);
    let usual = about.usual_kind().map(|kind| kind.id.clone()).filter(|id| levels.iter().any(|of| of.id == *id));
    let list = |(id, list): (&String, &Codelist)| ListOf { id: id.clone(), entries: list.entries.clone() };
    let named: BTreeSet<&String> = spec.properties.iter().filter_map(|p| p.codelist.as_ref()).collect();
    Ok(Some(RowsAbout {
        revision: about.revision.clone(),
        bytes: out.bytes,
        digest: format!("{:016x}", out.digest.finish()),
        rows: rows.len() as u64,
        properties,
        codelists: about.codelists.iter().filter(|(id, _)| named.contains(id)).map(list).collect(),
        metrics: metrics
            .map(|metric| MetricRows {
                id: metric.id.clone(),
                unit: metric.unit.clone(),
                decimals: metric.decimals,
                open: metric.columns.values().all(|name| shows(name)),
                columns: metric.columns.iter().map(|(period, column)| (*period, column.clone())).collect(),
            })
            .collect(),
        there: columns_there,
        periods: about.periods().iter().copied().collect(),
        usual: usual.or_else(|| levels.first().map(|level| level.id.clone())),
        levels,
        class,
        classes,
    }))
}

/// The rows that are there where no period is named, and in each period; each set once.
fn in_periods(bound: &Bound, number: usize) -> Result<Vec<There>, RowsError> {
    let mut all: Vec<There> = Vec::new();
    let periods = bound.describe().periods().iter().copied().map(Some);
    for period in std::iter::once(None).chain(periods) {
        cancel::check();
        let bound = period.map_or_else(|| Ok(bound.clone()), |period| bound.in_period(period))?;
        let rows = Bitmap::of_rows(number, bound.select(0, usize::MAX).rows());
        match all.iter_mut().find(|of| of.rows.words() == rows.words()) {
            Some(same) => same.periods.push(period),
            None => all.push(There { periods: vec![period], bound, rows }),
        }
    }
    Ok(all)
}

/// The classes, and the column of them.
fn classes(bound: &Bound, rows: &[u32], number: usize) -> (Vec<ClassOf>, Option<Column>) {
    let list = bound.classes().list();
    let of = |class: &crate::core::snapshot::Class| {
        let code = class.code.clone().filter(|_| class.part.is_none())?;
        Some(ClassOf { code, zh: class.name.zh.clone(), en: class.name.en.clone() })
    };
    let all: Vec<Option<ClassOf>> = list.iter().map(of).collect();
    if all.iter().all(Option::is_none) {
        return (Vec::new(), None);
    }
    let keys: Vec<Option<String>> = all.iter().map(|class| class.as_ref().map(class_key)).collect();
    let classed = bound.classed(bound.select(0, 0).of_rows(rows.to_vec()));
    let mut of_row = vec![None; number];
    rows.iter()
        .zip(classed.groups())
        .for_each(|(row, group)| of_row[*row as usize] = keys.get(*group).and_then(|key| key.as_deref()));
    let column = words(of_row.into_iter());
    (all.into_iter().flatten().collect(), Some(column))
}

fn words<'a>(all: impl Iterator<Item = Option<&'a str>>) -> Column {
    let mut column = ColumnBuilder::new(ColumnType::Text);
    for word in all {
        // a column of texts takes any
        let _ = column.push(word.map_or(Value::Null, Value::Text));
    }
    column.finish()
}

/// A column of the table, or one that is made.
enum Source {
    Table(usize),
    Own(Column),
}

/// The columns of a file in the making.
struct Made {
    names: BTreeSet<String>,
    fields: Vec<Field>,
    columns: Vec<Source>,
}

impl Made {
    fn new(spec: &CollectionSpec) -> Self {
        let names = spec.properties.iter().map(|p| p.name.to_lowercase()).collect();
        Self { names, fields: Vec::new(), columns: Vec::new() }
    }

    /// A name like no other.
    fn named(&mut self, base: &str) -> String {
        let mut name = base.to_owned();
        while !self.names.insert(name.to_lowercase()) {
            name.insert(0, '_');
        }
        name
    }

    fn add(&mut self, name: &str, kind: Kind, column: Column) {
        self.fields.push(Field { name: name.to_owned(), property: name.to_owned(), kind });
        self.columns.push(Source::Own(column));
    }
}

/// Counts and digests what is written.
struct Digested<'a> {
    out: &'a mut dyn Write,
    bytes: u64,
    digest: XxHash3_64,
}

impl Write for Digested<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        self.digest.write(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
