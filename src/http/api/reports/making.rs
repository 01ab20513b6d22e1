//! Jobs are made: one at a time, zone by zone, each zone when it's its turn among the maps; the table says how far they are.

use super::reports;
use super::told::ZoneName;
use crate::core::model::{Lang, Text};
use crate::core::query::Bound;
use crate::http::App;
use crate::http::problem::Problem;
use crate::render::report::{Format, Origin};
use crate::service::batch::{Names, Papers};
use crate::service::clock;
use crate::service::store::{Job, JobFile, JobState, ReportsError};
use axum::http::StatusCode;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Jobs that wait.
const MOST_WAITING: usize = 16;
/// Readers that watch jobs at once.
const MOST_WATCHING: usize = 128;

/// How often, and after which pauses, the end of a job is told to a table that takes nothing.
const ATTEMPTS: usize = 120;
const PAUSE: Duration = Duration::from_secs(1);

/// A job that waits for its turn. It keeps the data that it was asked of: all its files are of one revision.
#[derive(Debug)]
pub(super) struct Waiting {
    id: String,
    queries: Vec<(String, Bound)>,
    formats: Vec<Format>,
    lang: Lang,
    origin: Origin,
    names: Mutex<Names>,
}

impl Waiting {
    pub(super) fn new(
        id: String,
        queries: Vec<(String, Bound)>,
        formats: Vec<Format>,
        lang: Lang,
        origin: Origin,
    ) -> Self {
        Self { id, queries, formats, lang, origin, names: Mutex::default() }
    }
}

/// The jobs under way.
#[derive(Debug)]
pub(crate) struct Jobs {
    line: Mutex<Line>,
    /// Counts up whenever something has changed.
    tick: watch::Sender<u64>,
    pub(super) watching: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Waiting>,
    /// Whether somebody makes them.
    made: bool,
    /// Which job is being made, and which zone of it.
    now: Option<(String, ZoneName)>,
    /// No more files are made: the service stops.
    closed: bool,
}

impl Default for Jobs {
    fn default() -> Self {
        let watching = Arc::new(Semaphore::new(MOST_WATCHING));
        Self { line: Mutex::default(), tick: watch::Sender::new(0), watching }
    }
}

impl Jobs {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a job and puts it at the end of the line; it begins when those before it are at their end.
    pub(super) fn add(&self, app: &App, job: &Job, needed: u64, waiting: Waiting) -> Result<(), Problem> {
        let mut line = self.line();
        if line.waiting.len() >= MOST_WAITING || line.closed {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                format!("已有 {MOST_WAITING} 个导出任务在排队,请稍后重试,或先取消其中一些。"),
                format!("{MOST_WAITING} exports wait already; try again later, or stop some of them."),
            ));
        }
        reports(app)?.add(job, needed)?;
        line.waiting.push_back(waiting);
        if !line.made {
            line.made = true;
            tokio::spawn(make_all(app.clone()));
        }
        Ok(())
    }

    /// Takes a job that was stopped out of the line, and tells those who watch.
    pub(super) fn stopped(&self, id: &str) {
        self.line().waiting.retain(|w| w.id != id);
        self.changed();
    }

    /// The next in line; whoever asked last makes no more.
    fn next(&self) -> Option<Waiting> {
        let mut line = self.line();
        line.now = None;
        let next = line.waiting.pop_front().filter(|_| !line.closed);
        line.made = next.is_some();
        next
    }

    /// The zone of a job whose files are being made.
    pub(super) fn zone_of(&self, id: &str) -> Option<ZoneName> {
        self.line().now.as_ref().filter(|(now, _)| now == id).map(|(_, zone)| zone.clone())
    }

    /// Tells those who watch that something has changed.
    fn changed(&self) {
        self.tick.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// What changes whenever a job does.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.tick.subscribe()
    }

    /// Begins no other file, and lets those go who watch. What is not at its end says `interrupted` at the next start.
    pub(crate) fn close(&self) {
        self.line().closed = true;
        self.changed();
    }

    pub(super) fn closed(&self) -> bool {
        self.line().closed
    }
}

async fn make_all(app: App) {
    let jobs = &app.0.jobs;
    while let Some(waiting) = jobs.next() {
        let id = waiting.id.clone();
        let made = make(&app, Arc::new(waiting)).await;
        // on a disk that is full even the end can't be kept; it is said as soon as there is room for a line
        for _ in 0..ATTEMPTS {
            let (app, id, made) = (app.clone(), id.clone(), made.clone());
            let ended = tokio::task::spawn_blocking(move || end(&app, &id, made)).await;
            let Ok(Err(problem)) = ended else { break };
            tracing::error!(code = problem.code, "a job's end can't be kept");
            if jobs.closed() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        jobs.changed();
    }
}

/// Makes the files of a job. `false` where nobody wants them any more.
async fn make(app: &App, job: Arc<Waiting>) -> Result<bool, Problem> {
    for at in 0..job.queries.len() {
        let job = job.clone();
        let (permits, app) = (app.0.permits.clone(), app.clone());
        let made = permits.run_in_turn(move || zone(&app, &job, at)).await;
        let made = made.map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))??;
        if !made {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes the files of a zone.
fn zone(app: &App, job: &Waiting, at: usize) -> Result<bool, Problem> {
    let (kept, (zone, query)) = (reports(app)?, &job.queries[at]);
    if at == 0 && !kept.begin(&job.id).map_err(ReportsError::from)? {
        return Ok(false);
    }
    let papers = Papers::new(query, job.lang, job.origin.clone())?;
    let shown = &papers.report().summary().zone;
    let name = Text::new(shown.name.clone(), shown.name_en.clone());
    app.0.jobs.line().now = Some((job.id.clone(), ZoneName { id: zone.clone(), name: name.clone() }));
    app.0.jobs.changed();
    for &format in &job.formats {
        if app.0.jobs.closed() || !kept.running(&job.id).map_err(ReportsError::from)? {
            return Ok(false);
        }
        let whose = |p: Problem| of(&name, format, p);
        let bytes = papers.bytes(format, &app.0.fonts).map_err(|e| whose(e.into()))?;
        let mut names = job.names.lock().unwrap_or_else(PoisonError::into_inner);
        let file = JobFile {
            name: names.apart(papers.report().file_name(format)),
            zone: zone.clone(),
            format: format.extension().to_owned(),
            query: papers.report().query_code(),
            bytes: 0,
            sha256: String::new(),
        };
        if !kept.keep(&job.id, file, &bytes).map_err(|e| whose(e.into()))? {
            return Ok(false);
        }
        app.0.jobs.changed();
    }
    Ok(true)
}

/// A problem, and the file that it is about.
fn of(zone: &Text, format: Format, mut problem: Problem) -> Problem {
    let format = format.extension().to_uppercase();
    let Text { zh, en } = &problem.detail;
    problem.detail = Text::new(format!("{} {format}:{zh}", zone.zh), format!("{} {format}: {en}", zone.en));
    problem
}

/// Keeps how a job ended. What was stopped has said so itself.
fn end(app: &App, id: &str, made: Result<bool, Problem>) -> Result<(), Problem> {
    let (kept, now) = (reports(app)?, clock::seconds());
    let failed = |why: &Text| kept.end(id, JobState::Failed, Some(why), now).map_err(ReportsError::from);
    match made {
        Ok(true) => {
            if let Err(e) = kept.finish(id, now) {
                failed(&e.text())?;
                return Err(e.into());
            }
        }
        Ok(false) => {}
        Err(problem) => drop(failed(&problem.detail)?),
    }
    Ok(kept.prune(now)?)
}
