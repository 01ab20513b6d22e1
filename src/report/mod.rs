//! A zone's summary to take away: one set of tables rendered as XLSX, CSV or GeoJSON.
//!
//! Pure: no clock, no environment. The same material gives the same bytes.

mod cell;
mod clusters;
mod csv;
mod enterprises;
mod geojson;
mod method;
mod overview;
mod platforms;
mod style;
mod words;
mod xlsx;

use crate::model::{Lang, MetricSpec};
use crate::query::{self, PlatformRow, Query, QueryError, Selection, Summary, select, summarize};
use crate::snapshot::Snapshot;
use thiserror::Error;

/// The answers to one question about the register, ready to be set out as a file.
#[derive(Debug)]
pub struct Report<'a> {
    snapshot: &'a Snapshot,
    summary: Summary,
    platforms: Vec<PlatformRow>,
    selection: Selection<'a>,
    lang: Lang,
    link: Option<String>,
}

impl<'a> Report<'a> {
    /// Asks for everything that the report shows; `link` is the address of the live view.
    pub fn new(snapshot: &'a Snapshot, query: &Query, lang: Lang, link: Option<String>) -> Result<Self, QueryError> {
        let summary = summarize(snapshot, query)?;
        let selection = select(snapshot, query, 0, usize::MAX);
        Ok(Self { snapshot, summary, platforms: query::platforms(snapshot, query), selection, lang, link })
    }

    /// The numbers in the report.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The bytes of a file.
    pub fn render(&self, format: Format) -> Result<Vec<u8>, ReportError> {
        let material = self.material();
        match format {
            Format::Xlsx => xlsx::render(&material),
            Format::Csv => Ok(csv::render(&material)?),
            Format::Geojson => Ok(geojson::render(&material)),
        }
    }

    /// A name for the file: zone, year, first half of the revision, and whether it holds sample data.
    pub fn file_name(&self, format: Format) -> String {
        let Summary { year, revision, sample, .. } = &self.summary;
        let m = self.material();
        let zone = safe_in_names(m.zone_name());
        let what = m.say("产业小结", "summary");
        let version: String = revision.chars().take(8).collect();
        let mark = if *sample { m.say("-示例数据", "-sample") } else { "" };
        format!("{zone}-{what}-{year}-{version}{mark}.{}", format.extension())
    }

    fn material(&self) -> Material<'_> {
        let Self { snapshot, summary, platforms, selection, lang, link } = self;
        Material { snapshot, summary, platforms, selection, lang: *lang, link: link.as_deref() }
    }
}

/// What the tables are made of: a report, looked at.
#[derive(Clone, Copy)]
struct Material<'a> {
    snapshot: &'a Snapshot,
    summary: &'a Summary,
    platforms: &'a [PlatformRow],
    selection: &'a Selection<'a>,
    lang: Lang,
    link: Option<&'a str>,
}

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Office Open XML workbook: the whole summary.
    Xlsx,
    /// Comma-separated values: the enterprises.
    Csv,
    /// GeoJSON: the enterprises with their positions.
    Geojson,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::Geojson];

    /// The format of this name, which is also the file's extension.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.extension() == name)
    }

    /// File extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Geojson => "geojson",
        }
    }

    /// Media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Geojson => "application/geo+json",
        }
    }
}

/// Why a report could not be made.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A sheet can't hold that many rows.
    #[error("{rows} enterprises do not fit a sheet of {limit} rows; narrow the question or take CSV")]
    TooManyRows {
        /// Rows asked for.
        rows: usize,
        /// Rows a sheet can hold.
        limit: usize,
    },
    /// The workbook could not be put together.
    #[error("the workbook could not be written: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The CSV file could not be put together.
    #[error("the CSV file could not be written: {0}")]
    Csv(#[from] ::csv::Error),
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
        let register = self.selection.spec.register.as_ref();
        register.into_iter().flat_map(|r| &r.metrics).filter(|m| totals.contains_key(&m.id))
    }

    /// The enterprises by their ids: the order of the table depends on all other rows.
    fn rows(&self) -> Vec<u32> {
        let ids = &self.selection.table.ids;
        let mut rows = self.selection.rows.clone();
        rows.sort_unstable_by(|a, b| ids.value(*a as usize).cmp(ids.value(*b as usize)));
        rows
    }

    /// What must be said of the data at a glance.
    fn chips(&self) -> Vec<&'static str> {
        let sample = self.summary.sample.then(|| self.say("示例数据", "Sample data"));
        let schematic = self.summary.zone.schematic.then(|| self.say("范围为示意", "Schematic outline"));
        sample.into_iter().chain(schematic).collect()
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
