//! One made-up row as a GeoJSON feature with the properties that the manifest declares. Numbers are written from integers, so no machine formats them differently.

use super::chance::{Chance, Weights};
use super::firm::{Figures, Firm};
use super::ground::Spot;
use crate::core::model::{
    Codelist, CodelistEntry, CollectionSpec, Dataset, PropertySpec, PropertyType, RegisterSpec, Term, Text,
};
use crate::data::intake::SAMPLE_ROW;
use std::io::{self, Write};

/// Weights of the stages of a class in the list's order: few rows supply many.
const STAGE_WEIGHTS: [f64; 5] = [1.0, 2.0, 4.0, 6.0, 3.0];

/// How well a position is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Location {
    Building,
    Address,
    Park,
    Area,
    None,
}

impl Location {
    /// The words of `location_class` and `precision_m`.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Building => ("building", "50"),
            Self::Address => ("address", "200"),
            Self::Park => ("park", "800"),
            Self::Area => ("area", "1500"),
            Self::None => ("none", "null"),
        }
    }
}

/// What a property of a made-up row is.
enum Field {
    Name,
    Class,
    Secondary,
    /// The codes of the stages of each class, by its place.
    Stage(Vec<Vec<String>>),
    District,
    Location,
    Precision,
    /// The year of the beginning or, where true, of the end, and how it is written.
    Year(bool, PropertyType),
    Sample,
    Rule(usize),
    /// The metric's place and decimals, the period's place, and the largest value as a whole number.
    Figure(usize, usize, usize, i64),
    /// Codes of a list, one in a list of words or alone.
    Code(Vec<String>, bool),
    Boolean,
    /// Between two values, as whole numbers with so many decimals.
    Number(i64, i64, usize),
    Nothing,
}

/// The properties of the register and how they are written.
pub(super) struct Schema<'a> {
    fields: Vec<(&'a str, Field)>,
    classes: Option<&'a Codelist>,
    row: &'a Term,
    prefix: String,
    seed: u64,
}

impl<'a> Schema<'a> {
    /// That of a dataset's register; `figures` are its own.
    pub(super) fn new(
        dataset: &'a Dataset,
        spec: &'a CollectionSpec,
        register: &RegisterSpec,
        figures: &Figures,
        seed: u64,
    ) -> Self {
        let field = |p: &'a PropertySpec| (p.name.as_str(), field(dataset, spec, register, figures, p));
        let fields = spec.properties.iter().map(field).collect();
        Self { fields, classes: dataset.clusters(), row: &dataset.manifest.terms.row, prefix: "S".to_owned(), seed }
    }

    fn entry(&self, place: usize) -> Option<&CodelistEntry> {
        self.classes.and_then(|c| c.entries.get(place))
    }

    /// A name that is visibly made up, in the language of the classes.
    fn name(&self, class: Option<&CodelistEntry>, number: u64, width: usize) -> String {
        let unnamed = Text::default();
        let name = class.map_or(&unnamed, |c| &c.name);
        let chinese = |text: &str| text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
        if name.en.is_empty() || chinese(&name.zh) {
            return format!("示例{}{}{number:0width$}号", name.zh, self.row.zh);
        }
        format!("Example {} {} {number:0width$} (示例)", name.en, self.row.en)
    }
}

fn field(
    dataset: &Dataset,
    spec: &CollectionSpec,
    register: &RegisterSpec,
    figures: &Figures,
    p: &PropertySpec,
) -> Field {
    let is = |name: &Option<String>| name.as_deref() == Some(p.name.as_str());
    let scaled = |bound: f64, decimals: usize| (bound * 10_f64.powi(decimals as i32)) as i64;
    for (place, metric) in register.metrics.iter().enumerate() {
        let period = metric.columns.iter().find(|(_, name)| **name == p.name).map(|(period, _)| *period);
        if let Some(period) = period.and_then(|period| figures.place(period)) {
            let decimals = usize::from(metric.decimals);
            return Field::Figure(place, decimals, period, p.maximum.map_or(i64::MAX, |most| scaled(most, decimals)));
        }
    }
    if let Some(rule) = register.invented.iter().position(|rule| rule.property == p.name) {
        return Field::Rule(rule);
    }
    let years = p.minimum.is_some_and(|y| y >= 1500.0) && p.maximum.is_some_and(|y| y <= 2200.0);
    match p.ty {
        _ if is(&spec.name) || is(&spec.name_en) => Field::Name,
        _ if is(&register.cluster) => Field::Class,
        _ if is(&register.secondary) => Field::Secondary,
        _ if is(&register.stage) => Field::Stage(stages(dataset, p)),
        _ if is(&register.district) => Field::District,
        _ if is(&register.location_class) => Field::Location,
        _ if is(&register.precision_m) => Field::Precision,
        _ if is(&register.valid.as_ref().and_then(|valid| valid.from.clone())) => Field::Year(false, p.ty),
        _ if is(&register.valid.as_ref().and_then(|valid| valid.to.clone())) => Field::Year(true, p.ty),
        PropertyType::Boolean if p.name == SAMPLE_ROW => Field::Sample,
        PropertyType::Integer if years => Field::Year(false, p.ty),
        PropertyType::Boolean => Field::Boolean,
        PropertyType::Integer | PropertyType::Number => {
            let decimals = usize::from(p.decimals.unwrap_or(0));
            match (p.minimum, p.maximum) {
                (Some(low), Some(high)) if low <= high => {
                    Field::Number(scaled(low, decimals), scaled(high, decimals), decimals)
                }
                _ if p.required => Field::Number(0, 0, 0),
                _ => Field::Nothing,
            }
        }
        PropertyType::String | PropertyType::Strings => {
            let list = p.codelist.as_ref().and_then(|l| dataset.codelists.get(l)).filter(|l| !l.entries.is_empty());
            let codes = |l: &Codelist| l.entries.iter().map(|e| e.code.clone()).collect();
            let several = p.ty == PropertyType::Strings;
            match list {
                Some(list) => Field::Code(codes(list), several),
                None if p.required && !several => Field::Name,
                None => Field::Nothing,
            }
        }
        PropertyType::Date | PropertyType::Datetime => Field::Nothing,
    }
}

/// The codes of the stages of each class.
fn stages(dataset: &Dataset, p: &PropertySpec) -> Vec<Vec<String>> {
    let list = p.codelist.as_ref().and_then(|list| dataset.codelists.get(list));
    let classes = dataset.clusters().map(|classes| classes.entries.as_slice()).unwrap_or_default();
    let of = |class: &CodelistEntry| {
        list.into_iter().flat_map(|list| list.stages_of(&class.code)).map(|stage| stage.code.clone()).collect()
    };
    classes.iter().map(of).collect()
}

/// One made-up row.
pub(super) struct Row<'a> {
    pub(super) number: u64,
    pub(super) spot: Option<Spot>,
    pub(super) location: Location,
    /// Declared district.
    pub(super) district: Option<&'a str>,
    /// Places in the codelist.
    pub(super) cluster: Option<usize>,
    pub(super) secondary: [Option<usize>; 2],
    pub(super) firm: Firm,
}

impl Row<'_> {
    /// Writes it on one line; ids have `width` digits, at least five.
    pub(super) fn write(
        &self,
        schema: &Schema,
        width: usize,
        chance: &mut Chance,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let prefix = &schema.prefix;
        write!(out, r#"{{"type":"Feature","id":"{prefix}{:0w$}","geometry":"#, self.number, w = width.max(5))?;
        match self.spot {
            None => write!(out, "null")?,
            Some(Spot { x, y }) => {
                write!(out, r#"{{"type":"Point","coordinates":["#)?;
                write_fixed(out, x, 5)?;
                write!(out, ",")?;
                write_fixed(out, y, 5)?;
                write!(out, "]}}")?;
            }
        }
        write!(out, r#","properties":{{"#)?;
        for (place, (name, field)) in schema.fields.iter().enumerate() {
            if place > 0 {
                write!(out, ",")?;
            }
            json(out, Some(name))?;
            write!(out, ":")?;
            self.value(schema, field, width, chance, out)?;
        }
        write!(out, "}}}}")
    }

    /// One of the stages of its class; of one row in twenty it is not known.
    fn stage<'a>(&self, schema: &Schema, codes: &'a [String]) -> Option<&'a str> {
        let mut chance = Chance::of_row(schema.seed, self.number);
        let weights = STAGE_WEIGHTS.into_iter().cycle().take(codes.len());
        let known = !codes.is_empty() && !chance.hit(0.05);
        known.then(|| codes[Weights::new(weights).pick(&mut chance)].as_str())
    }

    fn value(
        &self,
        schema: &Schema,
        field: &Field,
        width: usize,
        chance: &mut Chance,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let class = self.cluster.and_then(|place| schema.entry(place));
        let (location, precision) = self.location.words();
        match field {
            Field::Name => json(out, Some(&schema.name(class, self.number, width.max(4)))),
            Field::Class => json(out, class.map(|c| c.code.as_str())),
            Field::Secondary => {
                write!(out, "[")?;
                for (i, other) in self.secondary.iter().flatten().filter_map(|c| schema.entry(*c)).enumerate() {
                    write!(out, "{}", if i == 0 { "" } else { "," })?;
                    json(out, Some(&other.code))?;
                }
                write!(out, "]")
            }
            Field::Stage(codes) => json(out, self.cluster.and_then(|class| self.stage(schema, codes.get(class)?))),
            Field::District => json(out, self.district),
            Field::Location => json(out, Some(location)),
            Field::Precision => write!(out, "{precision}"),
            Field::Year(end, ty) => match (if *end { self.firm.closed } else { self.firm.founded }, ty) {
                (None, _) => write!(out, "null"),
                // a row is there from the first day of a year, and no more on the first day of another
                (Some(year), PropertyType::Date) => write!(out, "\"{year:04}-01-01\""),
                (Some(year), PropertyType::Datetime) => write!(out, "\"{year:04}-01-01T00:00:00Z\""),
                (Some(year), _) => write!(out, "{year}"),
            },
            Field::Sample => write!(out, "true"),
            Field::Rule(rule) => serde_json::to_writer(out, self.firm.ruled(*rule)).map_err(io::Error::from),
            Field::Figure(metric, decimals, period, most) => {
                write_nullable(out, self.firm.figure(*metric, *period).map(|n| n.min(*most)), *decimals)
            }
            Field::Code(codes, several) => {
                let code = &codes[chance.below(codes.len())];
                if *several {
                    serde_json::to_writer(out, &[code]).map_err(io::Error::from)
                } else {
                    json(out, Some(code))
                }
            }
            Field::Boolean => write!(out, "{}", chance.hit(0.3)),
            Field::Number(low, high, decimals) => {
                let span = high.saturating_sub(*low).saturating_add(1);
                write_fixed(out, low + chance.below(span as usize) as i64, *decimals)
            }
            Field::Nothing => write!(out, "null"),
        }
    }
}

fn json(out: &mut impl Write, text: Option<&str>) -> io::Result<()> {
    serde_json::to_writer(out, &text).map_err(io::Error::from)
}

fn write_nullable(out: &mut impl Write, digits: Option<i64>, decimals: usize) -> io::Result<()> {
    match digits {
        None => out.write_all(b"null"),
        Some(digits) => write_fixed(out, digits, decimals),
    }
}

/// `digits / 10^decimals`, all decimals written.
fn write_fixed(out: &mut impl Write, digits: i64, decimals: usize) -> io::Result<()> {
    if decimals == 0 {
        return write!(out, "{digits}");
    }
    let (unit, sign) = (10u64.pow(decimals as u32), if digits < 0 { "-" } else { "" });
    let size = digits.unsigned_abs();
    write!(out, "{sign}{}.{:0decimals$}", size / unit, size % unit)
}
