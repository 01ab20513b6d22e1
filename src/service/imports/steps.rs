//! The steps of a file from its being there to its being a version: each asks for the one before. What a step needs of
//! the disk is done off the threads that serve.

use super::error::ImportsError;
use super::options::ImportOptions;
use super::status::{ImportState, ImportStatus, said};
use super::worker::{CheckedImport, ImportWorker, ImportWorkers, WorkerState};
use crate::core::model::Lang;
use crate::data::intake::{Class, Preview, of_table, template};
use crate::service::clock;
use crate::service::store::{Arrival, Incoming, IncomingError, Provenance, Stage, Store, Version};
use crate::service::task::blocking;
use std::sync::Arc;

/// The imports of a data folder. Clones share everything.
#[derive(Clone, Debug)]
pub struct Imports(Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    store: Arc<Store>,
    pub(super) incoming: Incoming,
    workers: ImportWorkers,
    /// Whether another than who sent a file publishes it.
    two_persons: bool,
}

impl Imports {
    /// The imports whose files are in `incoming` and become versions in `store`.
    pub fn new(store: Arc<Store>, incoming: Incoming, two_persons: bool) -> Self {
        Self(Arc::new(Inner { store, incoming, workers: ImportWorkers::default(), two_persons }))
    }

    /// Whether a file is being read and judged.
    pub fn is_busy(&self) -> bool {
        self.0.workers.is_busy()
    }

    /// Makes the object store, where there is one, agree with the files that wait.
    pub fn sweep_objects(&self, now: i64) -> Result<(), IncomingError> {
        self.0.incoming.sweep_objects(now)
    }

    /// All imports, the latest first.
    pub async fn list(&self) -> Result<Vec<ImportStatus>, ImportsError> {
        self.on_disk(|inner| {
            let all = inner.incoming.list()?.into_iter().map(|a| inner.status(a));
            // what another copy has checked
            let checked = |s: &ImportStatus| s.state == ImportState::Received && s.arrival.check.found.is_some();
            Ok(all.map(|s| if checked(&s) { ImportStatus { state: ImportState::Checked, ..s } } else { s }).collect())
        })
        .await
    }

    /// An import. What another copy of the program has found, or this one before its worker ended, is found again.
    pub async fn get(&self, id: String) -> Result<ImportStatus, ImportsError> {
        self.on_disk(move |inner| {
            let arrival = inner.arrival(&id)?;
            if arrival.check.wanted && arrival.stage != Stage::Published {
                let _ = inner.worker(&arrival);
            }
            Ok(inner.status(arrival))
        })
        .await
    }

    /// Drops an import. What it became stays.
    pub async fn remove(&self, id: String) -> Result<(), ImportsError> {
        self.on_disk(move |inner| {
            let id = inner.arrival(&id)?.id;
            inner.workers.clear(&id);
            Ok(inner.incoming.remove(&id)?)
        })
        .await
    }

    /// Lets a file be checked. Where nothing is said about it, what was said before counts, else what was said of the last
    /// file with the same columns.
    pub async fn check(&self, id: String, options: Option<ImportOptions>) -> Result<ImportStatus, ImportsError> {
        self.on_disk(move |inner| {
            let mut arrival = inner.unpublished(&id)?;
            let before = said(&arrival);
            if options.is_some() && options != before {
                arrival.options = options.as_ref().and_then(|o| serde_json::to_string(o).ok());
                // what was submitted is what was seen; seen otherwise, it is to be submitted again
                arrival.stage = Stage::Received;
                arrival.revision = None;
                inner.incoming.update(&arrival)?;
            }
            let options = options.or(before);
            arrival.check = inner.incoming.ask_for_check(&id)?;
            let opened = inner.workers.open(inner.store.clone(), &inner.incoming, &arrival, options);
            opened.ok_or(ImportsError::Busy)?;
            Ok(inner.status(arrival))
        })
        .await
    }

    /// How many rows of a checked file are of a class, and a page of them. Without a class: the enterprises that the file
    /// does not name.
    pub async fn rows(
        &self,
        id: String,
        class: Option<Class>,
        offset: usize,
        limit: usize,
    ) -> Result<(usize, Vec<Preview>), ImportsError> {
        let worker = self.checked(id).await?;
        worker
            .ask(move |work| work.import.page(work.checked, class, offset, limit))
            .await
            .ok_or(ImportsError::Unchecked)
    }

    /// The rows of a checked file to mend, as a workbook; none where there are no such rows.
    pub async fn faults(&self, id: String, lang: Lang) -> Result<Option<Vec<u8>>, ImportsError> {
        let worker = self.checked(id).await?;
        let made = worker.ask(move |work| work.import.faults(lang)).await.ok_or(ImportsError::Unchecked)?;
        Ok(made?)
    }

    /// Leaves a checked file to somebody who may publish it.
    pub async fn submit(&self, id: String, note: String) -> Result<ImportStatus, ImportsError> {
        let worker = self.checked(id.clone()).await?;
        let seen = worker.ask(|w| (w.import.undecided(), w.base.revision.clone(), w.options.clone())).await;
        let (undecided, revision, options) = seen.ok_or(ImportsError::Unchecked)?;
        if let Some(refusal) = undecided {
            return Err(refusal.into());
        }
        self.on_disk(move |inner| {
            let mut arrival = inner.unpublished(&id)?;
            arrival.stage = Stage::Submitted;
            arrival.revision = Some(revision);
            arrival.options = serde_json::to_string(&options).ok();
            arrival.note = note;
            inner.incoming.update(&arrival)?;
            Ok(inner.status(arrival))
        })
        .await
    }

    /// Makes a checked file the register, as a new version. Without a note the sender's is kept.
    pub async fn publish(&self, id: String, note: String, actor: String) -> Result<Version, ImportsError> {
        let (worker, inner) = (self.checked(id.clone()).await?, self.0.clone());
        let made = worker.ask(move |work| inner.commit(work, &id, note, actor)).await;
        made.ok_or(ImportsError::Unchecked)?
    }

    /// Runs work on the folder and the database off the threads that serve.
    pub(super) async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, ImportsError> + Send + 'static,
    ) -> Result<T, ImportsError> {
        let inner = self.0.clone();
        blocking(move || work(&inner)).await?
    }

    /// The worker of a checked file.
    async fn checked(&self, id: String) -> Result<Arc<ImportWorker>, ImportsError> {
        self.on_disk(move |inner| {
            let arrival = inner.unpublished(&id)?;
            // what nobody has seen yet is not published
            if arrival.check.found.is_none() {
                return Err(ImportsError::Unchecked);
            }
            let worker = inner.worker(&arrival).ok_or(ImportsError::Busy)?;
            // one that finds the same again answers when it has
            let answers = matches!(worker.state(), WorkerState::Checked(..) | WorkerState::Checking);
            if answers { Ok(worker) } else { Err(ImportsError::Unchecked) }
        })
        .await
    }
}

impl Inner {
    pub(super) fn status(&self, arrival: Arrival) -> ImportStatus {
        ImportStatus::of(arrival, &self.workers)
    }

    /// The worker that has judged a file, or judges it again as it was judged.
    fn worker(&self, arrival: &Arrival) -> Option<Arc<ImportWorker>> {
        self.workers.find(arrival).or_else(|| {
            let found = arrival.check.found.as_ref().and_then(|(_, options)| serde_json::from_str(options).ok());
            self.workers.open(self.store.clone(), &self.incoming, arrival, found.or_else(|| said(arrival)))
        })
    }

    fn arrival(&self, id: &str) -> Result<Arrival, ImportsError> {
        self.incoming.get(id)?.ok_or_else(|| ImportsError::Unknown(id.to_owned()))
    }

    fn unpublished(&self, id: &str) -> Result<Arrival, ImportsError> {
        let arrival = self.arrival(id)?;
        match arrival.version.filter(|_| arrival.stage == Stage::Published) {
            None => Ok(arrival),
            Some(version) => Err(ImportsError::Published(version)),
        }
    }

    fn commit(&self, work: &CheckedImport, id: &str, note: String, actor: String) -> Result<Version, ImportsError> {
        let arrival = self.unpublished(id)?;
        if self.two_persons && arrival.actor == actor {
            return Err(ImportsError::SecondPerson);
        }
        if let Some(refusal) = work.import.undecided() {
            return Err(refusal.into());
        }
        let now = clock::seconds();
        let from = Provenance {
            actor,
            file: Some(arrival.file.clone()),
            file_sha256: Some(arrival.sha256.clone()),
            note: if note.is_empty() { arrival.note.clone() } else { note },
            now,
            left_out: work.checked.outcome.counts.problem,
            import: Some(arrival.id.clone()),
            ..Provenance::default()
        };
        let version = self.store.commit(work.base, work.import, &from)?;
        // the version stands, whatever becomes of the file it came from
        let lasting = serde_json::to_string(&work.options.lasting()).unwrap_or_default();
        let noted = self.incoming.remember(work.columns, &lasting, now).and_then(|()| self.incoming.published(id));
        if let Err(e) = noted {
            tracing::error!(error = %e, "a published import was not noted as such");
        }
        self.workers.clear(&arrival.id);
        Ok(version)
    }
}

/// An empty table to fill in, for a table as it is now; the main one where none is said.
pub async fn import_template(store: Arc<Store>, table: Option<String>) -> Result<Vec<u8>, ImportsError> {
    blocking(move || Ok(template(&of_table(store.dataset()?.0, table.as_deref())?)?)).await?
}
