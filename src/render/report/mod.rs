//! A zone's summary to take away: tables for spreadsheets and programs, and one document set as DOCX, PDF and HTML.
//! Read on in this order: `overview`, `clusters`, `platforms`, `enterprises`, `method` (the tables), `document` and
//! `compose` (the document), then its writers.
//!
//! Pure: no clock, no environment, maps and fonts are handed in. The same material gives the same bytes.

mod adoption;
mod alternatives;
mod briefing;
mod cell;
mod chain;
mod change;
mod charts;
mod children;
mod clusters;
mod compose;
mod csv;
mod dates;
mod distances;
mod document;
mod docx;
mod enterprises;
mod finding;
mod findings;
mod format;
mod freshness;
mod geojson;
mod hotspots;
mod html;
mod leads;
mod method;
mod movements;
mod overview;
mod paper;
mod past;
mod pdf;
mod platforms;
mod profile;
mod progress;
mod question;
mod quotients;
mod scan;
mod sites;
mod style;
mod trial;
mod words;
mod xlsx;
mod xlsx_cell;
mod xlsx_charts;
mod xlsx_rows;

pub use adoption::{Adopted, AdoptionPaper, AdoptionRow};
pub use alternatives::{
    Alternative, AlternativeAim, AlternativeArea, AlternativeChange, AlternativeTarget, AlternativesPaper,
};
pub use briefing::{briefing, briefing_page, briefing_sheet, note_lines};
pub use distances::DistancePaper;
pub use document::{Block, Document, Picture, Section, Table};
pub use format::Format;
pub use freshness::FreshnessPaper;
pub use movements::MovementPaper;
pub use paper::PaperFile;
pub use progress::ProgressPaper;
pub use question::Origin;
pub use sites::SitePaper;
pub use trial::{TrialFile, TrialSet};

use crate::core::cancel;
use crate::core::model::{Lang, MetricSpec, Period, PropertySpec, Role, ScaledUnit, Text, UnitSpec, Wording};
use crate::core::query::{
    AreaKind, Bound, CountBeside, Freshness, Note, PlatformRow, QueryError, Question, Selection, Summary, ZoneList,
    freshness as freshness_of,
};
use crate::core::snapshot::Description;
use crate::render::drawing::{Drawing, Fonts, PaintError, png, svg};
use findings::{Answers, Findings};
use past::Past;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use thiserror::Error;

/// The answers to one question about the register, ready to be set out as a file.
#[derive(Debug)]
pub struct Report {
    bound: Bound,
    answers: Arc<Answers>,
    /// Rows of collections that the register or its reader refers to, by their ids.
    others: BTreeMap<String, Selection>,
    selection: Selection,
    /// How fresh the data is, where the day is known.
    fresh: Option<Freshness>,
    findings: Arc<Findings>,
    lang: Lang,
    origin: Origin,
}

/// A drawing as a PDF page of its own, so many points wide and high.
pub fn drawing_pdf(drawing: &Drawing<'_>, points: [f32; 2], lang: Lang, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
    pdf::page(drawing, points, lang, fonts)
}

/// What pictures are made of.
#[derive(Clone, Copy, Debug)]
pub struct RenderContext<'a> {
    /// The map of the area; needed where [`Format::has_map`].
    pub map: Option<&'a Drawing<'static>>,
    /// What pictures are painted with, and PDF set in.
    pub fonts: &'a Fonts,
}

impl Report {
    /// Asks for everything that the report shows.
    pub fn new(bound: &Bound, lang: Lang, origin: Origin) -> Result<Self, QueryError> {
        let findings = Findings::of(bound);
        let answers = findings.answers(bound)?;
        let selection = bound.select(0, usize::MAX);
        let about = bound.describe();
        let of_role = |role| about.by_role(role).map(|c| c.spec.id.as_str());
        let referred = selection.spec().properties.iter().filter_map(|p| p.references.as_deref());
        let ids = [Role::Platforms, Role::Lead].into_iter().filter_map(of_role).chain(referred);
        let mut others = BTreeMap::new();
        for id in ids.filter(|id| about.collection(id).is_some()) {
            others.insert(id.to_owned(), bound.ask(&Question::of(id))?.select(0, usize::MAX));
        }
        let fresh = origin.day.as_deref().map(|day| freshness_of(about, day));
        Ok(Self { bound: bound.clone(), answers, others, selection, fresh, findings, lang, origin })
    }

    /// How fresh the data is that it is made of, where the day is known.
    pub fn freshness(&self) -> Option<&Freshness> {
        self.fresh.as_ref()
    }

    /// The numbers in the report.
    pub fn summary(&self) -> &Summary {
        &self.answers.summary
    }

    /// What DOCX, PDF and HTML say.
    pub fn document(&self, map: Option<Drawing<'static>>) -> Document {
        self.looked_at(|m| {
            m.analyse();
            compose::document(m, map)
        })
    }

    /// How high the map of the PDF is drawn, for one of its width, so that its page is full; `natural` is as high as what
    /// it shows.
    pub fn map_shape(&self, natural: f64, fonts: &Fonts) -> Result<f64, ReportError> {
        let blank = Drawing {
            size: [1.0, natural],
            ratio: 1.0,
            title: "".into(),
            ground: None,
            clip: [0.0; 4],
            groups: (&[]).into(),
        };
        Ok(pdf::map_shape(&self.document(Some(blank)), fonts)?.unwrap_or(natural))
    }

    /// The code that asks the same again, as every file prints it.
    pub fn query_code(&self) -> String {
        question::code(self)
    }

    /// The bytes of a file.
    pub fn render(&self, format: Format, context: RenderContext<'_>) -> Result<Vec<u8>, ReportError> {
        let map = || context.map.ok_or(ReportError::NoMap);
        match format {
            Format::Xlsx => self.looked_at(xlsx::render),
            Format::Csv => Ok(self.looked_at(csv::render)?),
            Format::Geojson => Ok(self.looked_at(geojson::render)),
            Format::Svg => Ok(svg(map()?).into_bytes()),
            Format::Png => Ok(png(map()?, context.fonts)?),
            Format::Docx => docx::render(&self.document(context.map.cloned()), context.fonts),
            Format::Pdf => pdf::render(&self.document(context.map.cloned()), context.fonts),
            Format::Html => Ok(html::render(&self.document(context.map.cloned())).into_bytes()),
        }
    }

    /// A name for the file: zone, period, first half of the revision, and whether it holds sample data.
    pub fn file_name(&self, format: Format) -> String {
        format!("{}.{}", self.file_stem(), format.extension())
    }

    fn file_stem(&self) -> String {
        let Summary { revision, sample, .. } = self.summary();
        self.looked_at(|m| {
            let (zone, period) = (safe_in_names(m.place_name()), m.common_period());
            let what = m.say("统计小结", "summary");
            let version: String = revision.chars().take(8).collect();
            let mark = if *sample { m.say("-示例数据", "-sample") } else { "" };
            let period = period.map_or_else(String::new, |period| format!("{period}-"));
            format!("{zone}-{what}-{period}{version}{mark}")
        })
    }

    fn looked_at<T>(&self, look: impl FnOnce(&Material<'_>) -> T) -> T {
        let Self { bound, answers, others, selection, fresh, findings, lang, origin } = self;
        let Answers { summary, past, platforms, children, beside } = &**answers;
        let (code, link) = (question::code(self), question::link(self));
        let (code, link) = (code.as_str(), link.as_deref());
        let words = bound.describe().wording();
        look(&Material {
            about: bound.describe(),
            words: &words,
            summary,
            past,
            platforms,
            children,
            others,
            selection,
            beside,
            fresh: fresh.as_ref(),
            bound,
            findings,
            lang: *lang,
            code,
            link,
            public: origin.public,
        })
    }
}

/// What the tables are made of: a report, looked at.
#[derive(Clone, Copy)]
struct Material<'a> {
    about: &'a Description,
    words: &'a Wording,
    summary: &'a Summary,
    past: &'a Past,
    platforms: &'a [PlatformRow],
    children: &'a [(usize, ZoneList)],
    others: &'a BTreeMap<String, Selection>,
    selection: &'a Selection,
    beside: &'a [CountBeside],
    fresh: Option<&'a Freshness>,
    bound: &'a Bound,
    findings: &'a Findings,
    lang: Lang,
    code: &'a str,
    link: Option<&'a str>,
    public: bool,
}

/// Why a report could not be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A sheet can't hold that many rows.
    #[error("{rows} rows do not fit a sheet of {limit}; narrow the question or take CSV")]
    TooManyRows {
        /// Rows requested.
        rows: usize,
        /// Rows a sheet can hold.
        limit: usize,
    },
    /// The format shows the map, and none was handed in.
    #[error("the map is missing")]
    NoMap,
    /// A picture could not be painted, or no font has the characters.
    #[error(transparent)]
    Paint(#[from] PaintError),
    /// The workbook could not be put together.
    #[error("the workbook could not be written: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The CSV file could not be put together.
    #[error("the CSV file could not be written: {0}")]
    Csv(#[from] ::csv::Error),
    /// The document could not be packed.
    #[error("the document could not be written: {0}")]
    Docx(#[from] zip::result::ZipError),
    /// The PDF could not be put together; what the library says.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}

/// A name without what file systems or shells take amiss.
fn safe_in_names(name: &str) -> String {
    let bad = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    let safe: String = name.chars().map(|c| if bad(c) { '_' } else { c }).take(60).collect();
    safe.trim_matches(['.', ' ']).to_owned()
}

impl<'a> Material<'a> {
    /// The words of the report's language.
    fn say<'b>(&self, zh: &'b str, en: &'b str) -> &'b str {
        words::pick(self.lang, zh, en)
    }

    /// The words of the report's language, with those of the dataset in them.
    fn fill(&self, zh: &str, en: &str) -> String {
        self.words.fill(self.lang, self.say(zh, en))
    }

    /// A sentence as papers have it: with the punctuation of Chinese in Chinese.
    fn printed(&self, zh: &str, en: &str) -> String {
        match self.lang {
            Lang::Zh => words::full_width(zh),
            Lang::En => en.to_owned(),
        }
    }

    /// A remark as papers have it.
    fn note(&self, note: &Note) -> String {
        self.printed(&note.zh, &note.en)
    }

    /// What the sign for a withheld sum means.
    fn withheld_note(&self) -> String {
        let text = self.fill(
            "保密不显示：涉及{row}过少、由一两{counter}主导，或可由相邻合计推算",
            "withheld: too few {rows} stand behind it, one or two are most of it, or it could be worked out from a related sum",
        );
        format!("{} {text}", cell::WITHHELD)
    }

    /// A number of rows: `3 家企业`, `1 enterprise`.
    fn rows_of(&self, n: u64) -> String {
        self.words.row.count(n, &words::grouped(n)).get(self.lang).to_owned()
    }

    /// The name of the area inside a sentence.
    fn zone_inside(&self) -> &'a str {
        let about = self.about;
        match (self.lang, self.summary.zone.kind, &self.summary.scope) {
            (Lang::En, AreaKind::City, None) => &about.manifest.terms.whole.en,
            _ => self.zone_name(),
        }
    }

    /// The name of the area in titles: that of the place for the whole.
    fn place_name(&self) -> &'a str {
        match (self.summary.zone.kind, &self.summary.scope) {
            (AreaKind::City, None) => self.about.manifest.place().get(self.lang),
            _ => self.zone_name(),
        }
    }

    /// Whether rows declare a zone of the partition.
    fn declares(&self) -> bool {
        let register = self.about.register().and_then(|c| c.spec.register.as_ref());
        register.is_some_and(|r| r.district.is_some()) && self.about.district_kind().is_some()
    }

    /// Whether the register has a classification.
    fn classified(&self) -> bool {
        self.about.clusters().is_some()
    }

    /// Title of the collection of platforms, where there is one.
    fn platforms_title(&self) -> Option<&'a str> {
        self.about.by_role(Role::Platforms).map(|c| c.spec.title.get(self.lang))
    }

    /// Names of the workbook's sheets of classes, platforms and rows: no other sheet has them, and none is too long.
    fn sheet_names(&self) -> [String; 3] {
        let fixed = [
            ("概况", "Overview"),
            ("历年", "Years"),
            ("各期", "Periods"),
            ("口径", "Method"),
            ("热点区域", "Hot areas"),
            ("变化", "Change"),
            ("产业链", "Chains"),
            ("区位熵", "Quotients"),
            ("规划范围与热点", "Planned and dense"),
        ];
        let mut taken: Vec<String> = fixed.map(|(zh, en)| self.say(zh, en).to_lowercase()).to_vec();
        let titles = [self.words.class.heading(), Text::default(), self.words.row.heading()];
        let mut place = 0;
        titles.map(|title| {
            let title = if place == 1 { self.platforms_title().unwrap_or_default() } else { title.get(self.lang) };
            place += 1;
            let safe: String = title.chars().map(|c| if r"[]:*?/\'".contains(c) { ' ' } else { c }).take(28).collect();
            let mut name = safe.trim().to_owned();
            while name.is_empty() || taken.contains(&name.to_lowercase()) {
                name = format!("{name} {place}").trim().into();
            }
            taken.push(name.to_lowercase());
            name
        })
    }

    /// All rows of a collection.
    fn collection(&self, id: &str) -> Option<&'a Selection> {
        self.others.get(id)
    }

    fn zone_name(&self) -> &'a str {
        words::pick(self.lang, &self.summary.zone.name, &self.summary.zone.name_en)
    }

    /// A head with its unit.
    fn with_unit(&self, title: &str, unit: &str) -> String {
        match unit {
            "" => title.to_owned(),
            _ => self.say("{}({})", "{} ({})").replacen("{}", title, 1).replacen("{}", unit, 1),
        }
    }

    /// `label: text`.
    fn labelled(&self, label: &str, text: &str) -> String {
        format!("{label}{}{text}", self.say("：", ": "))
    }

    /// The register's metrics that the summary has sums of.
    fn metrics(&self) -> impl Iterator<Item = &'a MetricSpec> {
        let totals = &self.summary.totals;
        let register = self.selection.spec().register.as_ref();
        register.into_iter().flat_map(|r| &r.metrics).filter(|m| totals.contains_key(&m.id))
    }

    /// Those that documents hold.
    fn in_documents(&self) -> Vec<&'a MetricSpec> {
        self.metrics().filter(|m| m.in_documents).collect()
    }

    /// Those that have figures for the period of the report and the same a year before.
    fn compared(&self) -> Vec<&'a MetricSpec> {
        self.metrics().filter(|m| self.summary.totals.get(&m.id).is_some_and(|a| a.growth.is_some())).collect()
    }

    /// The period of a metric's figures.
    fn period(&self, metric: &MetricSpec) -> Option<Period> {
        self.summary.totals.get(&metric.id)?.period
    }

    /// A period in words.
    fn named(&self, period: Period) -> String {
        period.words().get(self.lang).to_owned()
    }

    /// A period where a column is narrow: a year is a number, others are in words.
    fn bare(&self, period: Period) -> String {
        period.whole_year().map_or_else(|| self.named(period), |year| year.to_string())
    }

    /// The head of a column of periods.
    fn period_head(&self) -> (&'static str, &'static str) {
        let years = self.about.register.iter().flat_map(|r| &r.periods).all(|period| period.whole_year().is_some());
        if years { ("年份", "Year") } else { ("时期", "Period") }
    }

    /// A period as a cell: a year is a number.
    fn period_cell<'c>(&self, period: Period) -> cell::Cell<'c> {
        let year = |year: u16| cell::Cell::Integer(year.into(), cell::Form::Plain);
        period.whole_year().map_or_else(|| cell::Cell::text(self.named(period)), year)
    }

    /// The period of the figures where they are all of one.
    fn common_period(&self) -> Option<Period> {
        let mut periods = self.summary.totals.values().filter_map(|a| a.period);
        let Some(first) = periods.next() else { return self.summary.period };
        periods.all(|period| period == first).then_some(first)
    }

    /// The title of a metric, with the period where it is not that of all figures.
    fn dated(&self, metric: &'a MetricSpec) -> String {
        let title = metric.title.get(self.lang);
        match (self.common_period(), self.period(metric)) {
            (None, Some(period)) => match self.lang {
                Lang::Zh => format!("{}{title}", self.named(period)),
                Lang::En => format!("{title} {}", self.named(period)),
            },
            _ => title.to_owned(),
        }
    }

    /// A metric's title and unit in few words.
    fn short(&self, metric: &'a MetricSpec) -> String {
        let whole = || self.with_unit(&self.dated(metric), metric.unit.get(self.lang));
        match (&metric.short, self.common_period(), self.period(metric)) {
            (Some(short), None, Some(period)) => format!("{} {period}", short.get(self.lang)),
            (Some(short), ..) => short.get(self.lang).to_owned(),
            (None, ..) => whole(),
        }
    }

    /// The unit in which a sum of a unit is said, where the manifest declares others: the large one from 1 on.
    fn unit_of(&self, unit: &Text, sum: f64) -> Option<&'a ScaledUnit> {
        UnitSpec::of(&self.about.manifest.units, unit, sum, self.lang)
    }

    /// What a code of a property is called: by its codelist; without one it stands for itself.
    fn code<'b>(&self, property: &PropertySpec, code: &'b str) -> &'b str
    where
        'a: 'b,
    {
        let list = property.codelist.as_ref().and_then(|name| self.about.codelists.get(name));
        let entry = list.and_then(|list| list.entries.iter().find(|e| e.code == code));
        entry.map_or(code, |e| e.name.get(self.lang))
    }

    /// What a code of a property of the report's zone is called.
    fn zone_code(&self, property: &str, code: &'a str) -> &'a str {
        let id = self.summary.zone.id.as_ref();
        let zone = self.about.zones.iter().find(|z| Some(&z.id) == id);
        let spec = zone.and_then(|z| self.about.collections.get(z.collection));
        spec.and_then(|c| c.spec.property(property)).map_or(code, |(_, p)| self.code(p, code))
    }

    /// The title of the enterprises that are counted apart, and the same in few words.
    fn subset(&self) -> Option<(&'a str, &'a str)> {
        let spec = &self.about.register()?.spec;
        let subset = spec.register.as_ref()?.subset.as_ref()?;
        let title = spec.property(&subset.property)?.1.title.get(self.lang);
        Some((title, subset.short.as_ref().map_or(title, |short| short.get(self.lang))))
    }

    /// What the register is limited to.
    fn scope(&self) -> Option<&'a Text> {
        self.about.register().and_then(|c| c.spec.register.as_ref()?.scope.as_ref())
    }

    /// The title of the location quotient, with what the register is limited to.
    fn quotient(&self) -> String {
        match self.scope() {
            None => self.say("区位熵", "Location quotient").to_owned(),
            Some(scope) => {
                self.say("区位熵({}内)", "Location quotient (within {})").replacen("{}", scope.get(self.lang), 1)
            }
        }
    }

    /// What the codes of a property are called, by its codelist.
    fn names_of_codes(&self, property: &PropertySpec) -> HashMap<&'a str, &'a str> {
        let list = property.codelist.as_ref().and_then(|name| self.about.codelists.get(name));
        // of a code that stands twice the first is taken, as everywhere
        let entries = list.into_iter().flat_map(|list| list.entries.iter().rev());
        entries.map(|entry| (entry.code.as_str(), entry.name.get(self.lang))).collect()
    }

    /// The enterprises by their ids: the order of the table depends on all other rows.
    fn rows(&self) -> Vec<u32> {
        let ids = &self.selection.table().ids;
        // most ids differ in their first bytes
        let keyed = |row: &u32| {
            let mut first = [0; 16];
            first.iter_mut().zip(ids.value(*row as usize).bytes()).for_each(|(to, byte)| *to = byte);
            (u128::from_be_bytes(first), *row)
        };
        let mut rows: Vec<(u128, u32)> = self.selection.rows().iter().map(keyed).collect();
        rows.sort_unstable_by(cancel::ordered(|a: &(u128, u32), b: &(u128, u32)| {
            a.0.cmp(&b.0).then_with(|| ids.value(a.1 as usize).cmp(ids.value(b.1 as usize)))
        }));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// What must be said of the data at a glance.
    fn chips(&self) -> Vec<String> {
        let sample = self.summary.sample.then(|| self.say("示例数据", "Sample data").to_owned());
        let schematic = self.summary.zone.schematic.then(|| self.say("范围为示意", "Schematic outline").to_owned());
        let protected =
            self.summary.totals.values().chain(self.summary.clusters.iter().flat_map(|c| c.amounts.values()));
        let protected = protected.into_iter().any(|a| a.protected && a.sum.is_some());
        let protected =
            protected.then(|| self.say("合计已作保密处理", "Sums protected for confidentiality").to_owned());
        let limited = self.summary.scope.as_ref().map(|names| match self.lang {
            Lang::Zh => format!("只含{}{}", names.zh, self.words.row.zh),
            Lang::En => format!("{} of {} only", self.words.row.heading().en, names.en),
        });
        let overdue = dates::overdue(self);
        let overdue = (!overdue.is_empty()).then(|| self.say("数据逾期未更新", "Figures overdue").to_owned());
        sample.into_iter().chain(schematic).chain(protected).chain(limited).chain(overdue).collect()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_zones_make_safe_file_names() {
        assert_eq!(super::safe_in_names("../a/b\"c\n"), "_a_b_c_");
        assert_eq!(super::safe_in_names("区、县 (示意)"), "区、县 (示意)");
    }
}
