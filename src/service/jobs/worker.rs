//! The worker: one job at a time, zone by zone, each zone under a render permit. The table says how far a job is.

use super::queue::{Full, MOST_WAITING, Queue};
use super::resumed::resumed;
use super::work::ReportWork;
use crate::core::model::Text;
use crate::core::query::QueryError;
use crate::render::drawing::Fonts;
use crate::render::report::Format;
use crate::service::batch::{Names, ReportBundle, ReportBundleError, each_format};
use crate::service::clock;
use crate::service::store::{DatabaseError, Job, JobFile, JobState, LEASE, Reports, ReportsError, Store};
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
    /// The data, for jobs that are taken over.
    store: Arc<Store>,
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

/// What is known while the files of a job are made.
#[derive(Debug)]
struct Turn {
    /// Files that were whole when it was looked last.
    made: Vec<JobFile>,
    names: Names,
}

impl Turn {
    /// After these files, in the order in which they were made or not: each has its name already.
    fn after(made: &[JobFile]) -> Self {
        let mut names = Names::default();
        for file in made {
            names.apart(file.name.clone());
        }
        Self { made: made.to_vec(), names }
    }
}

/// Why a zone's files are not made.
enum Stopped {
    /// A server does not answer at the moment: the database's, or the object store's.
    Away(ReportsError),
    /// They can't be made.
    Failed(Text),
    /// Nobody wants them any more, or the service stops.
    Unwanted,
}

impl Stopped {
    fn of(e: FileError, explain: fn(FileError) -> Text) -> Self {
        match e {
            FileError::Reports(e) if e.is_away() => Self::Away(e),
            e => Self::Failed(explain(e)),
        }
    }

    /// The same with the file that it is about.
    fn about(self, zone: &Text, format: Format) -> Self {
        match self {
            Self::Failed(why) => Self::Failed(about(zone, format, &why)),
            other @ (Self::Away(_) | Self::Unwanted) => other,
        }
    }
}

impl From<DatabaseError> for Stopped {
    fn from(e: DatabaseError) -> Self {
        Self::Away(e.into())
    }
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
    pub fn new(
        reports: Reports,
        store: Arc<Store>,
        permits: RenderPermits,
        fonts: Fonts,
        explain: fn(FileError) -> Text,
    ) -> Self {
        Self(Arc::new(Inner {
            reports,
            store,
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
        let queue = self.queue();
        queue.has_capacity().map_err(|Full| JobsError::Full)?;
        self.0.reports.add(job, needed)?;
        self.push(queue, job.id.clone(), work);
        Ok(())
    }

    fn push(&self, mut queue: MutexGuard<'_, Queue<ReportWork>>, id: String, work: ReportWork) {
        if queue.push(id, work) {
            tokio::spawn(self.clone().work_off());
        }
    }

    /// Stops a job. `false` where it was at its end already.
    pub fn cancel(&self, id: &str) -> Result<bool, ReportsError> {
        let stopped = self.0.reports.end(id, JobState::Cancelled, None, clock::seconds())?;
        self.queue().remove(id);
        self.changed();
        Ok(stopped)
    }

    /// Whether a job is made, or waits, in this copy of the program: then whoever watches hears of each change.
    pub fn has(&self, id: &str) -> bool {
        self.queue().has(id) || self.current().as_ref().is_some_and(|(current, _)| current == id)
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

    /// Begins no other file. Another copy goes on with jobs that are not at their end.
    pub fn close(&self) {
        self.queue().close();
        if let Err(e) = self.0.reports.give_up(clock::seconds()) {
            tracing::error!(error = %e, "jobs could not be given up");
        }
        self.changed();
    }

    /// Answers for the jobs of this copy of the program, and takes over those of copies that were stopped or killed. To be called every
    /// [`Self::LOOK`].
    pub fn look_after(&self) -> Result<(), ReportsError> {
        // what a copy that stops has given up is for others
        if self.is_closed() {
            return Ok(());
        }
        let (reports, now) = (&self.0.reports, clock::seconds());
        if reports.look_after(now)? {
            self.changed();
        }
        // one after the other: to read the data of an earlier version takes a while, and the next may go elsewhere
        loop {
            let free = self.queue().free().min(1);
            let Some(job) = reports.take_over(free, clock::seconds())?.pop() else { return Ok(()) };
            match resumed(&self.0.store, &job) {
                Ok(work) => {
                    tracing::info!(job = job.id, files = job.done, "a job of another copy is gone on with");
                    self.push(self.queue(), job.id, work);
                }
                Err(e) => {
                    tracing::error!(job = job.id, error = %e, "a job of another copy can't be gone on with");
                    reports.fail(&job.id, job.fence, JobState::Interrupted, &e.text(), clock::seconds())?;
                }
            }
            reports.look_after(clock::seconds())?;
            self.changed();
        }
    }

    /// Whether a job waits or is being made.
    pub fn is_busy(&self) -> bool {
        self.queue().is_busy()
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
            let fence = work.fence;
            let made = self.make(&id, Arc::new(work)).await;
            // on a full disk even the end of a job can't be kept; it is kept as soon as there is room for a row
            for _ in 0..ATTEMPTS {
                let (this, id, made) = (self.clone(), id.clone(), made.clone());
                let Ok(Err(e)) = blocking(move || this.end(&id, fence, made)).await else { break };
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
        let turn = Arc::new(Mutex::new(Turn::after(&work.made)));
        let (mut at, mut attempts) = (0, 0);
        while at < work.questions.len() {
            let (this, of, work, turn) = (self.clone(), id.to_owned(), work.clone(), turn.clone());
            let zone = move || {
                let mut turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
                if attempts > 0 {
                    // what was kept while the server did not answer is known to it alone
                    let Some(job) = this.0.reports.get(&of)? else { return Ok(false) };
                    *turn = Turn::after(&job.files);
                }
                this.make_zone(&of, &work, at, &mut turn)
            };
            match self.0.permits.run_in_turn(zone).await {
                Ok(Ok(true)) => (at, attempts) = (at + 1, 0),
                Ok(Ok(false) | Err(Stopped::Unwanted)) => return Ok(false),
                Ok(Err(Stopped::Away(e))) if attempts < ATTEMPTS && !self.is_closed() => {
                    tracing::warn!(error = %e, "a job waits for a server");
                    attempts += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                Ok(Err(Stopped::Away(e))) => return Err((self.0.explain)(FileError::Reports(e))),
                Ok(Err(Stopped::Failed(why))) => return Err(why),
                Err(e) => return Err((self.0.explain)(e.into())),
            }
        }
        Ok(true)
    }

    /// Makes the files of a zone that are not made yet.
    fn make_zone(&self, id: &str, work: &ReportWork, at: usize, turn: &mut Turn) -> Result<bool, Stopped> {
        let inner = &self.0;
        let said = |e: FileError| Stopped::of(e, inner.explain);
        let kept = |e| said(FileError::Reports(ReportsError::Database(e)));
        let (zone, question) = &work.questions[at];
        let wanted = || inner.reports.running(id, work.fence).map_err(kept);
        if at == 0 && !inner.reports.begin(id).map_err(kept)? && !wanted()? {
            return Ok(false);
        }
        let is_made = |format: &Format| turn.made.iter().any(|f| f.zone == *zone && f.format == format.extension());
        let missing: Vec<Format> = work.formats.iter().filter(|format| !is_made(format)).copied().collect();
        if missing.is_empty() {
            return Ok(true);
        }
        let bundle = ReportBundle::new(question, work.lang, work.origin.clone()).map_err(|e| said(e.into()))?;
        let shown = &bundle.report().summary().zone;
        let name = Text::new(shown.name.clone(), shown.name_en.clone());
        *self.current() = Some((id.to_owned(), CurrentZone { id: zone.clone(), name: name.clone() }));
        self.changed();
        let make = |format| {
            if self.is_closed() || !wanted()? {
                return Err(Stopped::Unwanted);
            }
            bundle.bytes(format, &inner.fonts).map_err(|e| said(e.into()).about(&name, format))
        };
        let keep = |format: Format, bytes: Vec<u8>| {
            let file = JobFile {
                name: turn.names.apart(bundle.report().file_name(format)),
                zone: zone.clone(),
                format: format.extension().to_owned(),
                query: bundle.report().query_code(),
                bytes: 0,
                sha256: String::new(),
                fence: work.fence,
            };
            if !inner.reports.keep(id, file, &bytes).map_err(|e| said(e.into()).about(&name, format))? {
                return Err(Stopped::Unwanted);
            }
            self.changed();
            Ok(())
        };
        each_format(&missing, make, keep)?;
        Ok(true)
    }

    /// Keeps how a job ended. A job that was stopped has its end already.
    fn end(&self, id: &str, fence: i64, made: Result<bool, Text>) -> Result<(), ReportsError> {
        let (reports, now) = (&self.0.reports, clock::seconds());
        let failed = |why: &Text| reports.fail(id, fence, JobState::Failed, why, now);
        match made {
            Ok(true) => {
                if let Err(e) = reports.finish(id, fence, now) {
                    if e.is_away() {
                        return Err(e);
                    }
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
