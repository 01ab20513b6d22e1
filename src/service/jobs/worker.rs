//! The worker: one job at a time, zone by zone, each zone under a render permit. The table says how far a job is.

use super::queue::{Full, MOST_WAITING, Queue};
use crate::core::model::{Lang, Text};
use crate::core::query::{Bound, QueryError};
use crate::render::drawing::Fonts;
use crate::render::report::{Format, Origin};
use crate::service::batch::{Names, ReportBundle, ReportBundleError};
use crate::service::clock;
use crate::service::store::{Job, JobFile, JobState, LEASE, Reports, ReportsError};
use crate::service::task::{RenderPermits, TaskFailed, blocking};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Readers that watch jobs at once.
const MOST_WATCHING: usize = 128;
/// How often, and after which pauses, the end of a job is offered to a table that takes nothing.
const ATTEMPTS: usize = 120;
const PAUSE: Duration = Duration::from_secs(1);

/// What is made for a job. All questions are bound to the snapshot of the request, so all files of the job are of one
/// revision.
#[derive(Debug)]
pub struct ReportWork {
    /// The question of each zone, by the zone's id.
    pub questions: Vec<(String, Bound)>,
    /// A file of each format for each zone.
    pub formats: Vec<Format>,
    /// Language of the files.
    pub lang: Lang,
    /// Where the page is that shows the same.
    pub origin: Origin,
}

/// The zone whose files are being made.
#[derive(Clone, Debug)]
pub struct CurrentZone {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
}

/// Why a job is not taken.
#[derive(Debug, Error)]
pub enum JobsError {
    /// Too many wait, or the service stops.
    #[error("{MOST_WAITING} jobs wait already")]
    Full,
    /// The table or the disk takes no more.
    #[error(transparent)]
    Reports(#[from] ReportsError),
}

/// Why a file of a job could not be made or kept.
#[derive(Debug, Error)]
pub enum FileError {
    /// The question can't be answered.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The file can't be written.
    #[error(transparent)]
    Bundle(#[from] ReportBundleError),
    /// The file can't be kept.
    #[error(transparent)]
    Reports(#[from] ReportsError),
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

impl JobsError {
    /// What to do about it.
    pub fn text(&self) -> Text {
        match self {
            Self::Full => Text::new(
                format!("已有 {MOST_WAITING} 个导出任务在排队,请稍后重试,或先取消其中一些。"),
                format!("{MOST_WAITING} exports wait already; try again later, or stop some of them."),
            ),
            Self::Reports(e) => e.text(),
        }
    }
}

/// The jobs of a data folder. Clones share everything.
#[derive(Clone, Debug)]
pub struct Jobs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reports: Reports,
    permits: RenderPermits,
    fonts: Fonts,
    /// The words for an error, as the reader would have read them had they waited.
    explain: fn(FileError) -> Text,
    queue: Mutex<Queue<ReportWork>>,
    /// The job that is being made, and the zone.
    current: Mutex<Option<(String, CurrentZone)>>,
    /// Counts up whenever something has changed.
    tick: watch::Sender<u64>,
    watching: Arc<Semaphore>,
}

/// A reader who watches jobs.
#[derive(Debug)]
pub struct Watch {
    changes: watch::Receiver<u64>,
    _permit: OwnedSemaphorePermit,
}

impl Watch {
    /// Takes everything so far as seen.
    pub fn mark_seen(&mut self) {
        self.changes.mark_unchanged();
    }

    /// Waits for a change that is not seen yet.
    pub async fn changed(&mut self) {
        // the sender lives as long as the jobs
        let _ = self.changes.changed().await;
    }
}

impl Jobs {
    /// How often jobs are looked after.
    pub const LOOK: Duration = Duration::from_secs(LEASE as u64 / 3);

    /// The jobs whose rows and files are in `reports`; `explain` gives the words for an error.
    pub fn new(reports: Reports, permits: RenderPermits, fonts: Fonts, explain: fn(FileError) -> Text) -> Self {
        Self(Arc::new(Inner {
            reports,
            permits,
            fonts,
            explain,
            queue: Mutex::default(),
            current: Mutex::default(),
            tick: watch::Sender::new(0),
            watching: Arc::new(Semaphore::new(MOST_WATCHING)),
        }))
    }

    /// Rows and files.
    pub fn reports(&self) -> &Reports {
        &self.0.reports
    }

    /// Keeps a job, whose files take some `needed` bytes, and puts it at the end of the queue.
    pub fn add(&self, job: &Job, needed: u64, work: ReportWork) -> Result<(), JobsError> {
        let mut queue = self.queue();
        queue.has_capacity().map_err(|Full| JobsError::Full)?;
        self.0.reports.add(job, needed)?;
        if queue.push(job.id.clone(), work) {
            tokio::spawn(self.clone().work_off());
        }
        Ok(())
    }

    /// Stops a job. `false` where it was at its end already.
    pub fn cancel(&self, id: &str) -> Result<bool, ReportsError> {
        let stopped = self.0.reports.end(id, JobState::Cancelled, None, clock::seconds())?;
        self.queue().remove(id);
        self.changed();
        Ok(stopped)
    }

    /// The zone of a job whose files are being made.
    pub fn current_zone(&self, id: &str) -> Option<CurrentZone> {
        self.current().as_ref().filter(|(current, _)| current == id).map(|(_, zone)| zone.clone())
    }

    /// Watches all jobs; none where too many readers do.
    pub fn watch(&self) -> Option<Watch> {
        let permit = self.0.watching.clone().try_acquire_owned().ok()?;
        Some(Watch { changes: self.0.tick.subscribe(), _permit: permit })
    }

    /// Begins no other file. Jobs that are not at their end are `interrupted`.
    pub fn close(&self) {
        self.queue().close();
        if let Err(e) = self.0.reports.give_up(clock::seconds()) {
            tracing::error!(error = %e, "that jobs are interrupted could not be kept");
        }
        self.changed();
    }

    /// Answers for the jobs of this copy of the program, and says of those of dead copies that they are interrupted. To be called
    /// every [`Self::LOOK`].
    pub fn look_after(&self) -> Result<(), ReportsError> {
        if self.0.reports.look_after(clock::seconds())? {
            self.changed();
        }
        Ok(())
    }

    /// Whether no other file is begun.
    pub fn is_closed(&self) -> bool {
        self.queue().is_closed()
    }

    fn queue(&self) -> MutexGuard<'_, Queue<ReportWork>> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> MutexGuard<'_, Option<(String, CurrentZone)>> {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.0.tick.send_modify(|n| *n = n.wrapping_add(1));
    }

    fn next(&self) -> Option<(String, ReportWork)> {
        *self.current() = None;
        self.queue().next()
    }

    /// Works until the queue is empty.
    async fn work_off(self) {
        while let Some((id, work)) = self.next() {
            let made = self.make(&id, Arc::new(work)).await;
            // on a full disk even the end of a job can't be kept; it is kept as soon as there is room for a row
            for _ in 0..ATTEMPTS {
                let (this, id, made) = (self.clone(), id.clone(), made.clone());
                let Ok(Err(e)) = blocking(move || this.end(&id, made)).await else { break };
                tracing::error!(error = %e, "a job's end can't be kept");
                if self.is_closed() {
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
            self.changed();
        }
    }

    /// Makes the files of a job. `false` where nobody wants them any more, `Err` says why one can't be made.
    async fn make(&self, id: &str, work: Arc<ReportWork>) -> Result<bool, Text> {
        let names = Arc::new(Mutex::new(Names::default()));
        for at in 0..work.questions.len() {
            let (this, id, work, names) = (self.clone(), id.to_owned(), work.clone(), names.clone());
            let zone = move || {
                let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
                this.make_zone(&id, &work, at, &mut names)
            };
            let made = self.0.permits.run_in_turn(zone).await;
            if !made.unwrap_or_else(|e| Err((self.0.explain)(e.into())))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes the files of a zone.
    fn make_zone(&self, id: &str, work: &ReportWork, at: usize, names: &mut Names) -> Result<bool, Text> {
        let inner = &self.0;
        let said = |e: FileError| (inner.explain)(e);
        let kept = |e| said(FileError::Reports(ReportsError::Database(e)));
        let (zone, question) = &work.questions[at];
        if at == 0 && !inner.reports.begin(id).map_err(kept)? {
            return Ok(false);
        }
        let bundle = ReportBundle::new(question, work.lang, work.origin.clone()).map_err(|e| said(e.into()))?;
        let shown = &bundle.report().summary().zone;
        let name = Text::new(shown.name.clone(), shown.name_en.clone());
        *self.current() = Some((id.to_owned(), CurrentZone { id: zone.clone(), name: name.clone() }));
        self.changed();
        for &format in &work.formats {
            if self.is_closed() || !inner.reports.running(id).map_err(kept)? {
                return Ok(false);
            }
            let of_file = |e: FileError| about(&name, format, &said(e));
            let bytes = bundle.bytes(format, &inner.fonts).map_err(|e| of_file(e.into()))?;
            let file = JobFile {
                name: names.apart(bundle.report().file_name(format)),
                zone: zone.clone(),
                format: format.extension().to_owned(),
                query: bundle.report().query_code(),
                bytes: 0,
                sha256: String::new(),
            };
            if !inner.reports.keep(id, file, &bytes).map_err(|e| of_file(e.into()))? {
                return Ok(false);
            }
            self.changed();
        }
        Ok(true)
    }

    /// Keeps how a job ended. A job that was stopped has its end already.
    fn end(&self, id: &str, made: Result<bool, Text>) -> Result<(), ReportsError> {
        let (reports, now) = (&self.0.reports, clock::seconds());
        let failed = |why: &Text| reports.end(id, JobState::Failed, Some(why), now);
        match made {
            Ok(true) => {
                if let Err(e) = reports.finish(id, now) {
                    failed(&e.text())?;
                    return Err(e);
                }
            }
            Ok(false) => {}
            Err(why) => drop(failed(&why)?),
        }
        reports.prune(now)
    }
}

/// What went wrong, and with which file.
fn about(zone: &Text, format: Format, Text { zh, en }: &Text) -> Text {
    let format = format.extension().to_uppercase();
    Text::new(format!("{} {format}:{zh}", zone.zh), format!("{} {format}: {en}", zone.en))
}
