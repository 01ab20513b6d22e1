//! A file that a participant sends, judged by the rules of an import against the own zones' rows: what other zones have can neither
//! be told from the answer nor change it.

use super::error::RoundsError;
use crate::core::model::{Dataset, Lang, Text};
use crate::data::intake::sheet::Sheet;
use crate::data::intake::{Counts, Finding, Ground, Import, Options, Outcome, Refusal, fold, of_zones, read, sheet};
use crate::data::load::Severity;
use crate::data::schema;
use crate::service::store::Base;
use serde::{Deserialize, Serialize};
use std::io::Cursor;
use utoipa::ToSchema;

/// Findings that are kept; the marked workbook has all.
const KEPT: usize = 200;

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DeliveryVerdict)]
pub enum Verdict {
    /// No row has an error.
    Accepted,
    /// Rows are to be mended.
    Faulty,
    /// The file can't be read as the table.
    Refused,
}

impl Verdict {
    const ALL: [(Self, &str); 3] = [(Self::Accepted, "accepted"), (Self::Faulty, "faulty"), (Self::Refused, "refused")];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(verdict, _)| *verdict == self).map_or("", |(_, name)| name)
    }

    /// The verdict of a name.
    pub fn of(name: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == name).map_or(Self::Refused, |(verdict, _)| *verdict)
    }
}

/// One thing found in a delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DeliveryFinding)]
pub struct Found {
    /// An error keeps the delivery out; a warning wants a look.
    pub severity: Severity,
    /// Stable code in kebab case.
    pub code: String,
    /// Row in the file, from 1.
    pub row: Option<u32>,
    /// Column as a spreadsheet names it.
    pub column: Option<String>,
    /// The cell as it stands in the file, shortened.
    pub value: Option<String>,
    /// What is the matter, and where.
    #[schema(value_type = schema::Text)]
    pub message: Text,
    /// What to do.
    #[schema(value_type = schema::Text)]
    pub remedy: Text,
}

/// What was found in a delivery.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DeliveryReport)]
pub struct Report {
    /// How its rows divide; none where it can't be read.
    pub counts: Option<Counts>,
    /// Errors and warnings, the first of them.
    pub findings: Vec<Found>,
    /// How many more there are.
    pub more: usize,
}

impl From<&Finding> for Found {
    fn from(f: &Finding) -> Self {
        Self {
            severity: f.severity,
            code: f.code.to_owned(),
            row: f.row,
            column: f.column.clone(),
            value: f.value.clone(),
            message: f.message.clone(),
            remedy: f.remedy.clone(),
        }
    }
}

/// The data against which files are judged.
#[derive(Debug)]
pub(super) struct Held {
    /// As it is for the round's table.
    pub dataset: Dataset,
    pub ground: Ground,
    pub base: Base,
}

impl Held {
    /// What participants who answer for these zones may know of it.
    pub(super) fn of_zones(&self, zones: &[String]) -> Dataset {
        of_zones(&self.dataset, &self.ground, zones)
    }

    /// Judges a file of a participant.
    pub(super) fn judge(&self, zones: &[String], file: &str, bytes: &[u8]) -> (Verdict, Report) {
        let own = self.of_zones(zones);
        let sheet = table(&own, bytes);
        let outcome = sheet.and_then(|sheet| prepared(&sheet, &own, &self.ground, zones, file).map(|i| i.check()));
        match outcome {
            Ok(outcome) => {
                let verdict = if outcome.counts.problem > 0 { Verdict::Faulty } else { Verdict::Accepted };
                (verdict, report(&outcome))
            }
            Err(refusal) => {
                let Refusal { code, message, remedy, .. } = refusal;
                let severity = Severity::Error;
                let why =
                    Found { severity, code: code.to_owned(), row: None, column: None, value: None, message, remedy };
                (Verdict::Refused, Report { counts: None, findings: vec![why], more: 0 })
            }
        }
    }

    /// The rows of a participant's file to mend, as a workbook; none where there are no such rows.
    pub(super) fn faults(
        &self,
        zones: &[String],
        file: &str,
        bytes: &[u8],
        lang: Lang,
    ) -> Result<Option<Vec<u8>>, RoundsError> {
        let own = self.of_zones(zones);
        let sheet = table(&own, bytes)?;
        Ok(prepared(&sheet, &own, &self.ground, zones, file)?.faults(lang)?)
    }
}

fn report(outcome: &Outcome) -> Report {
    let worth = |f: &&Finding| f.severity != Severity::Info;
    let all: usize = outcome.tallies.iter().filter(|t| t.severity != Severity::Info).map(|t| t.count).sum();
    let mut findings: Vec<Found> = outcome.findings.iter().filter(worth).map(Found::from).collect();
    findings.sort_by_key(|f| (f.severity, f.row));
    findings.truncate(KEPT);
    Report { counts: Some(outcome.counts), more: all - findings.len(), findings }
}

/// The table of a file.
pub(super) fn table(dataset: &Dataset, bytes: &[u8]) -> Result<Sheet, Refusal> {
    fold(read(Cursor::new(bytes), dataset, None, &sheet::Limits::default())?, dataset, None)
}

/// A table of a sender who answers for these zones, ready to be judged; refused where it would have to be asked what is meant.
pub(super) fn prepared<'a>(
    sheet: &'a Sheet,
    dataset: &'a Dataset,
    ground: &'a Ground,
    zones: &[String],
    file: &str,
) -> Result<Import<'a>, Refusal> {
    let options = Options { file: file.to_owned(), zones: Some(zones.to_vec()), ..Options::default() };
    let import = Import::prepare(sheet, dataset, ground, options)?;
    import.undecided().map_or(Ok(import), Err)
}
