//! Import workers: a file that is read and checked against the register while somebody looks at it. What is read borrows
//! from what was loaded, so each worker is a thread that keeps both and answers questions.

use super::options::ImportOptions;
use crate::core::cancel::{Cancel, Cancelled};
use crate::core::model::Text;
use crate::data::intake::{Checked, Ground, Import, Outcome, Refusal, fold, of_table, read, sheet};
use crate::service::store::{Arrival, Base, Incoming, Store};
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// ImportWorkers at once. A million rows take some 500 MB each, with what is kept of the check.
const MOST: usize = 4;
/// A worker to which nobody has a question for so long ends.
const IDLE: Duration = Duration::from_mins(15);
/// Questions that wait for a worker.
const QUEUE: usize = 16;

/// A checked file, for a question.
pub(super) struct CheckedImport<'a> {
    /// The file as it would be imported.
    pub(super) import: &'a Import<'a>,
    /// What was found.
    pub(super) checked: &'a Checked,
    /// The data against which it was checked.
    pub(super) base: &'a Base,
    /// What it was checked under.
    pub(super) options: &'a ImportOptions,
    /// Names of the columns of the file.
    pub(super) columns: &'a [String],
}

type Question = Box<dyn for<'a> FnOnce(&CheckedImport<'a>) + Send>;

/// How far a worker is.
#[derive(Clone, Debug)]
pub(super) enum WorkerState {
    /// The file is being read and judged.
    Checking,
    /// It can't be imported as it is.
    Refused(Refusal, ImportOptions),
    /// Something broke that the planner can't mend.
    Failed(Text),
    /// It is judged.
    Checked(Arc<Outcome>, Base, ImportOptions),
    /// No request for a while, or the file is checked again.
    Ended,
}

/// The worker of a file.
#[derive(Debug)]
pub(super) struct ImportWorker {
    id: String,
    /// Which check of the file it makes.
    number: i64,
    state: Mutex<WorkerState>,
    done: AtomicUsize,
    total: AtomicUsize,
    questions: SyncSender<Question>,
    cancel: Cancel,
}

impl Drop for ImportWorker {
    /// Nobody wants to know any more what is in the file.
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl ImportWorker {
    /// How far it is.
    pub(super) fn state(&self) -> WorkerState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn show(&self, seen: WorkerState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// Rows that are judged, and rows in all once they are read.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Asks the worker. `None` when it has ended or too many ask.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&CheckedImport) -> T + Send + 'static,
    ) -> Option<T> {
        let (send, answer) = oneshot::channel();
        let question: Question = Box::new(move |work| {
            // the requester may have gone
            let _ = send.send(question(work));
        });
        self.questions.try_send(question).ok()?;
        answer.await.ok()
    }
}

/// All workers.
#[derive(Debug, Default)]
pub(super) struct ImportWorkers(Mutex<Vec<Arc<ImportWorker>>>);

impl ImportWorkers {
    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Arc<ImportWorker>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The worker of a file for the check that was asked for last, at whichever copy of the program.
    pub(super) fn find(&self, arrival: &Arrival) -> Option<Arc<ImportWorker>> {
        let of = |w: &&Arc<ImportWorker>| w.id == arrival.id && w.number == arrival.check.number;
        self.all().iter().find(|w| of(w) && !matches!(w.state(), WorkerState::Ended)).cloned()
    }

    /// Whether a file is being read and judged.
    pub(super) fn is_busy(&self) -> bool {
        self.all().iter().any(|w| matches!(w.state(), WorkerState::Checking))
    }

    /// Lets the worker of a file go. Reading and checking end where they look next; a question that is being answered is
    /// answered.
    pub(super) fn clear(&self, id: &str) {
        let_go(&mut self.all(), id);
    }

    /// Starts a worker for a file, in place of the one before. Where nothing is said of it, what was said of the last
    /// file with the same columns counts. `None` when all are taken by files being read.
    pub(super) fn open(
        &self,
        store: Arc<Store>,
        incoming: &Incoming,
        arrival: &Arrival,
        said: Option<ImportOptions>,
    ) -> Option<Arc<ImportWorker>> {
        let mut all = self.all();
        let_go(&mut all, &arrival.id);
        all.retain(|w| !matches!(w.state(), WorkerState::Ended));
        if all.len() >= MOST {
            // the one that was started first gives way
            let at = all.iter().position(|w| !matches!(w.state(), WorkerState::Checking))?;
            all.remove(at);
        }
        let (questions, receiver) = sync_channel(QUEUE);
        let cancel = Cancel::default();
        let worker = Arc::new(ImportWorker {
            id: arrival.id.clone(),
            number: arrival.check.number,
            state: Mutex::new(WorkerState::Checking),
            done: AtomicUsize::new(0),
            total: AtomicUsize::new(0),
            questions,
            cancel: cancel.clone(),
        });
        // the thread ends when nobody holds the worker any more, so it must not hold it itself
        let weak = Arc::downgrade(&worker);
        let (incoming, arrival) = (incoming.clone(), arrival.clone());
        let show = move |seen: WorkerState| weak.upgrade().into_iter().for_each(|w| w.show(seen.clone()));
        let weak = Arc::downgrade(&worker);
        let count = move |done: usize, total: usize| {
            weak.upgrade().into_iter().for_each(|w| {
                w.done.store(done, Ordering::Relaxed);
                w.total.store(total, Ordering::Relaxed);
            });
        };
        std::thread::Builder::new()
            .name("import".to_owned())
            .spawn(move || {
                let job = || run(&store, &incoming, &arrival, said, &receiver, &cancel, &show, &count);
                let ended = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
                    tracing::error!(file = arrival.file, "an import panicked");
                    Ok(WorkerState::Failed(Text::new(
                        "检查这个文件时出错,数据没有任何变化。请把文件交给管理员。",
                        "Checking this file failed inside, no data has changed. Give the file to the administrator.",
                    )))
                });
                show(ended.unwrap_or(WorkerState::Ended));
            })
            .ok()?;
        all.push(worker.clone());
        Some(worker)
    }
}

fn let_go(all: &mut Vec<Arc<ImportWorker>>, id: &str) {
    all.iter().filter(|w| w.id == id).for_each(|w| w.cancel.cancel());
    all.retain(|w| w.id != id);
}

/// Reads, checks, then answers questions; returns the state afterwards. Only reading and checking can be cancelled:
/// publishing is a question.
#[allow(clippy::too_many_arguments, reason = "what a thread is given at its start")]
fn run(
    store: &Store,
    incoming: &Incoming,
    arrival: &Arrival,
    said: Option<ImportOptions>,
    receiver: &Receiver<Question>,
    cancel: &Cancel,
    show: &dyn Fn(WorkerState),
    count: &dyn Fn(usize, usize),
) -> Result<WorkerState, Cancelled> {
    let (dataset, base) = match store.dataset() {
        Ok(both) => both,
        Err(e) => return Ok(WorkerState::Failed(e.text())),
    };
    let dataset = match of_table(dataset, said.as_ref().and_then(|o| o.table.as_deref())) {
        Ok(dataset) => dataset,
        Err(refusal) => return Ok(WorkerState::Refused(refusal, said.unwrap_or_default())),
    };
    let opened = match incoming.bytes(arrival) {
        Ok(Some(opened)) => BufReader::with_capacity(1 << 16, opened),
        Ok(None) => {
            tracing::error!(id = arrival.id, "an incoming file is gone");
            return Ok(WorkerState::Failed(Text::new("文件已不在,请重新上传。", "The file is gone; upload it again.")));
        }
        Err(e) => {
            tracing::error!(error = %e, "an incoming file can't be read");
            return Ok(WorkerState::Failed(Text::new(
                "文件暂时读不出,数据没有任何变化;请稍后重新检查。",
                "The file can't be read at the moment; no data has changed. Check it again later.",
            )));
        }
    };
    let worksheet = said.as_ref().and_then(|o| o.worksheet.clone());
    let table = match cancel.run(|| read(opened, &dataset, worksheet.as_deref(), &sheet::Limits::default()))? {
        Ok(table) => table,
        Err(refusal) => return Ok(WorkerState::Refused(refusal, said.unwrap_or_default())),
    };
    let rows = table.cells.len();
    count(0, rows);
    let columns: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
    let table_id = said.as_ref().and_then(|o| o.table.clone());
    let remembered = || ImportOptions { worksheet, table: table_id, ..remembered(incoming, &columns) };
    let options = said.filter(|o| !o.as_before).unwrap_or_else(remembered);
    let table = match cancel.run(|| fold(table, &dataset, options.fold_periods))? {
        Ok(table) => table,
        Err(refusal) => return Ok(WorkerState::Refused(refusal, options)),
    };
    let rows = table.cells.len();
    let ground = Ground::of(&dataset);
    let prepare = || options.for_intake(&arrival.file).and_then(|o| Import::prepare(&table, &dataset, &ground, o));
    let prepared = cancel.run(prepare)?;
    let import = match prepared {
        Ok(import) => import,
        Err(refusal) => return Ok(WorkerState::Refused(refusal.among(&table.names), options)),
    };
    let checked = cancel.run(|| import.check_listing(&mut |done| count(done, rows)))?;
    count(rows, rows);
    let said = serde_json::to_string(&options).unwrap_or_default();
    match incoming.found(&arrival.id, arrival.check.number, &base.revision, &said) {
        Ok(true) => {}
        // another check is asked for, or another copy has checked against other data
        Ok(false) => return Ok(WorkerState::Ended),
        Err(e) => {
            tracing::error!(error = %e, "that a file is checked could not be kept");
            return Ok(WorkerState::Failed(Text::new(
                "检查完毕,但结果暂时无法保存,数据没有任何变化;请稍后重新检查。",
                "The file was checked, but that could not be kept at the moment; no data has changed. Check it again later.",
            )));
        }
    }
    show(WorkerState::Checked(Arc::new(checked.outcome.clone()), base.clone(), options.clone()));
    let work = CheckedImport { import: &import, checked: &checked, base: &base, options: &options, columns: &columns };
    loop {
        match receiver.recv_timeout(IDLE) {
            Ok(question) => question(&work),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(WorkerState::Ended),
        }
    }
}

/// What was said of the last file with these columns. That nothing can be remembered keeps nobody from importing.
fn remembered(incoming: &Incoming, columns: &[String]) -> ImportOptions {
    let kept = incoming.remembered(columns).unwrap_or_else(|e| {
        tracing::warn!(error = %e, "what was said of the last file can't be read");
        None
    });
    kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}
