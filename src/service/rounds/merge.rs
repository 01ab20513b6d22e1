//! The accepted deliveries of a round become one version. They are judged once more, now against all that there is: only here it
//! shows that two participants name one row, or that a row is another zone's.

use super::error::RoundsError;
use super::judge::{Held, Verdict, prepared, table};
use super::{Inner, latest};
use crate::core::model::Text;
use crate::data::intake::Import;
use crate::data::load::Severity;
use crate::service::clock;
use crate::service::store::{Delivery, Participant, Provenance, Round, Version};
use std::collections::HashMap;

/// Characters of a version's remark.
const LONGEST_NOTE: usize = 500;

/// A delivery that is to go into a version, with the bytes of its file.
struct Ready<'a> {
    participant: &'a Participant,
    delivery: &'a Delivery,
    bytes: Vec<u8>,
}

impl Inner {
    /// Makes a version of the accepted deliveries that are in none yet, but those of the participants `without`.
    pub(super) fn merge(
        &self,
        id: &str,
        without: &[String],
        note: String,
        actor: String,
    ) -> Result<Version, RoundsError> {
        let (round, participants, deliveries) = self.find(id)?;
        if let Some(unknown) = without.iter().find(|id| participants.iter().all(|p| p.id != **id)) {
            return Err(RoundsError::Unknown(unknown.clone()));
        }
        let mut ready = Vec::new();
        for participant in participants.iter().filter(|p| !without.contains(&p.id)) {
            let Some(delivery) = latest(&deliveries, &participant.id) else { continue };
            if delivery.merged.is_none() && Verdict::of(&delivery.verdict) == Verdict::Accepted {
                let bytes = self.database.delivered(&delivery.id)?.unwrap_or_default();
                ready.push(Ready { participant, delivery, bytes });
            }
        }
        if ready.is_empty() {
            return Err(RoundsError::Nothing);
        }
        let held = self.held(&round.subject)?;
        self.judge_anew(&held, &ready)?;
        let sheets = ready.iter().map(|r| table(&held.dataset, &r.bytes)).collect::<Result<Vec<_>, _>>()?;
        let imports = sheets
            .iter()
            .zip(&ready)
            .map(|(sheet, r)| prepared(sheet, &held.dataset, &held.ground, &r.participant.zones, &round.title));
        let imports = imports.collect::<Result<Vec<Import>, _>>()?;
        let clashes = clashes(&imports, &ready);
        if !clashes.is_empty() {
            return Err(RoundsError::Clash(clashes));
        }
        let from = provenance(&round, &ready, note, actor);
        Ok(self.store.commit_together(&held.base, &imports.iter().collect::<Vec<_>>(), &from)?)
    }

    /// Judges what was judged against other data once more. Where there is any, the board is to be looked at before it is merged.
    fn judge_anew(&self, held: &Held, ready: &[Ready]) -> Result<(), RoundsError> {
        let (current, mut judged, mut faulty) = (held.base.version, 0, 0);
        for Ready { participant, delivery, bytes } in ready.iter().filter(|r| r.delivery.version != current) {
            let (verdict, report) = held.judge(&participant.zones, &delivery.file, bytes);
            let report = serde_json::to_string(&report).unwrap_or_default();
            self.database.judge_delivery(&delivery.id, current, verdict.name(), &report)?;
            judged += 1;
            faulty += usize::from(verdict != Verdict::Accepted);
        }
        if judged == 0 { Ok(()) } else { Err(RoundsError::Stale { current, judged, faulty }) }
    }
}

/// What keeps deliveries from going into one version.
fn clashes(imports: &[Import], ready: &[Ready]) -> Vec<Text> {
    let mut all = Vec::new();
    let mut seen: HashMap<String, (&str, u32)> = HashMap::new();
    for (import, Ready { participant, .. }) in imports.iter().zip(ready) {
        let name = &*participant.name;
        let errors = import.check().findings.into_iter().filter(|f| f.severity == Severity::Error);
        all.extend(errors.map(|f| Text::new(format!("{name}:{}", f.message.zh), format!("{name}: {}", f.message.en))));
        for (id, row) in import.rows_by_id() {
            if let Some((other, at)) = seen.insert(id, (name, row)) {
                all.push(Text::new(
                    format!("{other} 第 {at} 行与{name} 第 {row} 行是同一条记录"),
                    format!("row {at} of {other} and row {row} of {name} are the same record"),
                ));
            }
        }
    }
    all
}

fn provenance(round: &Round, ready: &[Ready], note: String, actor: String) -> Provenance {
    let names: Vec<&str> = ready.iter().map(|r| &*r.participant.name).collect();
    let stated = if note.is_empty() { format!("{}:{}", round.title, names.join("、")) } else { note };
    let stated = stated.chars().take(LONGEST_NOTE).collect();
    Provenance {
        actor,
        file: Some(round.title.clone()),
        note: stated,
        now: clock::seconds(),
        deliveries: ready.iter().map(|r| r.delivery.id.clone()).collect(),
        ..Provenance::default()
    }
}
