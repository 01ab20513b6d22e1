//! Questions that are under way: one is worked out at a time, a few wait, and answers are kept for an hour. They are in memory: a question
//! is asked again after a restart.

use super::kept::RowsFolder;
use super::plan::{Lack, NationalAnswer, NationalQuestion, Plan, Planned, QuestionRefused};
use super::program::{EngineError, NationalEngine};
use crate::core::cancel::Cancel;
use crate::core::query::Disclosure;
use crate::service::clock;
use crate::service::store::new_job_id;
use crate::service::task::blocking;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Questions that wait or are worked out at most; of readers who see no restricted figures half of them.
const UNDER_WAY: usize = 16;
/// Answers that are kept at most, and for how long.
const KEPT: usize = 64;
const KEPT_FOR: Duration = Duration::from_hours(1);

/// Why a question is not taken.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It can't be asked.
    #[error(transparent)]
    Refused(#[from] QuestionRefused),
    /// Too many wait already.
    #[error("too many questions wait")]
    Busy,
}

/// How far a question is.
#[derive(Clone, Debug)]
pub enum QuestionState {
    /// Others are before it.
    Waiting,
    /// It is being worked out.
    Running,
    /// It is answered.
    Done(Arc<NationalAnswer>),
    /// There is no answer.
    Failed(EngineError),
    /// It was cancelled.
    Cancelled,
}

/// A question that was taken.
#[derive(Debug)]
pub struct Asked {
    /// Its id, which nobody can guess.
    pub id: String,
    /// What whoever asked may see.
    pub disclosure: Disclosure,
    /// What is asked.
    pub of: Planned,
    read: AtomicU64,
    state: Mutex<(QuestionState, Duration)>,
    cancel: Cancel,
}

impl Asked {
    /// How far it is.
    pub fn state(&self) -> QuestionState {
        self.locked().0.clone()
    }

    /// Rows that were read.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed).min(self.of.rows)
    }

    fn locked(&self) -> MutexGuard<'_, (QuestionState, Duration)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on to another state, unless it has ended.
    fn become_(&self, state: QuestionState) {
        let mut now = self.locked();
        if matches!(now.0, QuestionState::Waiting | QuestionState::Running) {
            *now = (state, clock::running());
        }
    }

    fn is_under_way(&self) -> bool {
        matches!(self.locked().0, QuestionState::Waiting | QuestionState::Running)
    }
}

/// The questions of a service.
#[derive(Debug)]
pub struct Questions {
    engine: Arc<dyn NationalEngine>,
    rows: Arc<RowsFolder>,
    /// Bytes of memory that the engine may take.
    memory: usize,
    all: Mutex<BTreeMap<String, Arc<Asked>>>,
    turn: Arc<Semaphore>,
}

impl Questions {
    /// Questions that an engine works out over the rows of a folder, within so many bytes of memory.
    pub fn new(engine: Arc<dyn NationalEngine>, rows: Arc<RowsFolder>, memory: usize) -> Self {
        Self { engine, rows, memory, all: Mutex::default(), turn: Arc::new(Semaphore::new(1)) }
    }

    /// The rows.
    pub fn rows(&self) -> &Arc<RowsFolder> {
        &self.rows
    }

    /// Takes a question of a reader. It reads the files of rows where it has not before.
    pub fn ask(&self, question: &NationalQuestion, disclosure: Disclosure) -> Result<Arc<Asked>, AskError> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let plan = question.plan(&self.rows.all(), disclosure, (threads, self.memory))?;
        // rows that are damaged are written again when their city is next loaded
        let damaged = plan.of.lacking.iter().filter(|(_, lack)| **lack == Lack::Damaged);
        damaged.for_each(|(id, _)| self.rows.forget(id));
        let asked = Arc::new(Asked {
            id: new_job_id(),
            disclosure,
            of: plan.of.clone(),
            read: AtomicU64::new(0),
            state: Mutex::new((QuestionState::Waiting, clock::running())),
            cancel: Cancel::default(),
        });
        let mut all = self.all();
        let under_way = all
            .values()
            .filter(|of| of.is_under_way() && (disclosure == Disclosure::Full || of.disclosure == disclosure));
        let most = if disclosure == Disclosure::Full { UNDER_WAY } else { UNDER_WAY / 2 };
        if under_way.count() >= most {
            return Err(AskError::Busy);
        }
        forget_old(&mut all);
        all.insert(asked.id.clone(), asked.clone());
        drop(all);
        tokio::spawn(work(asked.clone(), plan, self.engine.clone(), self.turn.clone()));
        Ok(asked)
    }

    /// A question; one that saw restricted figures is there for who sees them only.
    pub fn find(&self, id: &str, disclosure: Disclosure) -> Option<Arc<Asked>> {
        let mut all = self.all();
        forget_old(&mut all);
        all.get(id).filter(|of| disclosure == Disclosure::Full || of.disclosure == disclosure).cloned()
    }

    /// Cancels a question that is under way; one that has ended is forgotten.
    pub fn cancel(&self, asked: &Asked) {
        if asked.is_under_way() {
            asked.become_(QuestionState::Cancelled);
            asked.cancel.cancel();
        } else {
            self.all().remove(&asked.id);
        }
    }

    /// Cancels all, before the service stops.
    pub fn close(&self) {
        self.all().values().filter(|of| of.is_under_way()).for_each(|of| of.cancel.cancel());
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Asked>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets answers that are too old, and of too many the oldest.
fn forget_old(all: &mut BTreeMap<String, Arc<Asked>>) {
    let now = clock::running();
    let ended = |of: &Asked| if of.is_under_way() { None } else { Some(of.locked().1) };
    all.retain(|_, of| ended(of).is_none_or(|at| now.saturating_sub(at) < KEPT_FOR));
    let mut old: Vec<(Duration, String)> = all.values().filter_map(|of| Some((ended(of)?, of.id.clone()))).collect();
    old.sort_unstable();
    let number = old.len().saturating_sub(KEPT);
    old.into_iter().take(number).for_each(|(_, id)| drop(all.remove(&id)));
}

/// Has a question worked out in its turn.
async fn work(asked: Arc<Asked>, plan: Plan, engine: Arc<dyn NationalEngine>, turn: Arc<Semaphore>) {
    let Ok(_turn) = turn.acquire_owned().await else { return };
    if asked.cancel.is_cancelled() {
        return;
    }
    asked.become_(QuestionState::Running);
    let of = asked.clone();
    let worked = blocking(move || {
        let read = |rows| of.read.store(rows, Ordering::Relaxed);
        of.cancel.run(|| {
            // no city has what is asked: there is nothing to read
            let groups = if plan.engine.files.is_empty() { Vec::new() } else { engine.answer(&plan.engine, &read)? };
            plan.answer(groups).map_err(EngineError::Nonsense)
        })
    });
    let state = match worked.await {
        Ok(Ok(Ok(answer))) => {
            asked.read.store(asked.of.rows, Ordering::Relaxed);
            QuestionState::Done(Arc::new(answer))
        }
        Ok(Ok(Err(e))) => {
            tracing::error!(question = asked.id, error = %e, "a question over all cities has no answer");
            QuestionState::Failed(e)
        }
        Ok(Err(_)) => QuestionState::Cancelled,
        Err(e) => QuestionState::Failed(EngineError::Nonsense(e.to_string())),
    };
    asked.become_(state);
}
