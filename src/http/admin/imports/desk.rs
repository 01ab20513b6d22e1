//! Desks: where a file lies open, read and checked against the register, while somebody looks at it. What is read borrows
//! from what was loaded, so each desk has a thread of its own that keeps both and answers what it is asked.

use super::options::OptionsBody;
use crate::core::model::Text;
use crate::data::intake::{Checked, Ground, Import, Outcome, Refusal, read, sheet};
use crate::service::store::{Arrival, Base, Incoming, Store};
use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Desks at once. A million rows take some 400 MB each.
const MOST: usize = 4;
/// A desk at which nobody asks anything is cleared.
const IDLE: Duration = Duration::from_mins(15);
/// Questions that wait at a desk.
const QUEUE: usize = 16;

/// What lies on a desk.
pub(super) struct Work<'a> {
    pub(super) import: &'a Import<'a>,
    pub(super) checked: &'a Checked,
    pub(super) base: &'a Base,
    /// What it was checked under.
    pub(super) options: &'a OptionsBody,
    /// Names of the columns of the file.
    pub(super) columns: &'a [String],
}

type Question = Box<dyn for<'a> FnOnce(&Work<'a>) + Send>;

/// What is known of a desk from outside.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    /// The file is being read and judged.
    Checking,
    /// It can't be imported as it is.
    Refused(Refusal, OptionsBody),
    /// Something broke that the planner can't mend.
    Failed(Text),
    /// It is judged.
    Checked(Arc<Outcome>, Base, OptionsBody),
    /// Nobody asked for a while, or the file was checked anew.
    Cleared,
}

/// A desk.
#[derive(Debug)]
pub(super) struct Desk {
    id: String,
    seen: Mutex<Seen>,
    done: AtomicUsize,
    total: AtomicUsize,
    questions: SyncSender<Question>,
}

impl Desk {
    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn show(&self, seen: Seen) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// Rows that are judged, and rows in all once they are read.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// Asks at the desk. `None` when it is cleared or too many ask.
    pub(super) async fn ask<T: Send + 'static>(&self, question: impl FnOnce(&Work) -> T + Send + 'static) -> Option<T> {
        let (tell, told) = oneshot::channel();
        let question: Question = Box::new(move |work| {
            // whoever asked may have gone
            let _ = tell.send(question(work));
        });
        self.questions.try_send(question).ok()?;
        told.await.ok()
    }
}

/// All desks.
#[derive(Debug, Default)]
pub(crate) struct Desks(Mutex<Vec<Arc<Desk>>>);

impl Desks {
    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Desk>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The desk at which a file lies.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Desk>> {
        self.all().iter().find(|d| d.id == id && !matches!(d.seen(), Seen::Cleared)).cloned()
    }

    /// Takes a file from its desk. What is under way there ends when it has ended.
    pub(super) fn clear(&self, id: &str) {
        self.all().retain(|d| d.id != id);
    }

    /// Opens a file at a desk, in place of the one at which it lay. Where nothing is said of it, what was said of the last
    /// file with the same columns counts. `None` when all are taken by files being read.
    pub(super) fn open(
        &self,
        store: Arc<Store>,
        incoming: &Incoming,
        arrival: &Arrival,
        said: Option<OptionsBody>,
    ) -> Option<Arc<Desk>> {
        let mut all = self.all();
        all.retain(|d| d.id != arrival.id && !matches!(d.seen(), Seen::Cleared));
        if all.len() >= MOST {
            // the one that lay there longest gives way
            let at = all.iter().position(|d| !matches!(d.seen(), Seen::Checking))?;
            all.remove(at);
        }
        let (questions, asked) = sync_channel(QUEUE);
        let desk = Arc::new(Desk {
            id: arrival.id.clone(),
            seen: Mutex::new(Seen::Checking),
            done: AtomicUsize::new(0),
            total: AtomicUsize::new(0),
            questions,
        });
        // the thread ends when the last to hold the desk lets go of it, so it must not hold it itself
        let weak = Arc::downgrade(&desk);
        let (incoming, arrival) = (incoming.clone(), arrival.clone());
        let show = move |seen: Seen| weak.upgrade().into_iter().for_each(|d| d.show(seen.clone()));
        let weak = Arc::downgrade(&desk);
        let count = move |done: usize, total: usize| {
            weak.upgrade().into_iter().for_each(|d| {
                d.done.store(done, Ordering::Relaxed);
                d.total.store(total, Ordering::Relaxed);
            });
        };
        std::thread::Builder::new()
            .name("import".to_owned())
            .spawn(move || {
                let job = || sit(&store, &incoming, &arrival, said, &asked, &show, &count);
                let ended = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
                    tracing::error!(file = arrival.file, "an import panicked");
                    Seen::Failed(Text::new(
                        "检查这个文件时出错,数据没有任何变化。请把文件交给管理员。",
                        "Checking this file failed inside, no data has changed. Give the file to the administrator.",
                    ))
                });
                show(ended);
            })
            .ok()?;
        all.push(desk.clone());
        Some(desk)
    }
}

/// Reads, checks, then answers questions; returns what is to be seen of the desk afterwards.
fn sit(
    store: &Store,
    incoming: &Incoming,
    arrival: &Arrival,
    said: Option<OptionsBody>,
    asked: &Receiver<Question>,
    show: &dyn Fn(Seen),
    count: &dyn Fn(usize, usize),
) -> Seen {
    let (dataset, base) = match store.dataset() {
        Ok(both) => both,
        Err(e) => return Seen::Failed(e.text()),
    };
    let opened = match File::open(incoming.path(&arrival.id)) {
        Ok(opened) => BufReader::with_capacity(1 << 16, opened),
        Err(e) => {
            tracing::error!(error = %e, "an incoming file is gone");
            return Seen::Failed(Text::new("文件已不在,请重新上传。", "The file is gone; upload it again."));
        }
    };
    let worksheet = said.as_ref().and_then(|o| o.worksheet.clone());
    let table = match read(opened, &dataset, worksheet.as_deref(), &sheet::Limits::default()) {
        Ok(table) => table,
        Err(refusal) => return Seen::Refused(refusal, said.unwrap_or_default()),
    };
    let rows = table.cells.len();
    count(0, rows);
    let columns: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
    let options =
        said.filter(|o| !o.as_before).unwrap_or_else(|| OptionsBody { worksheet, ..remembered(incoming, &columns) });
    let ground = Ground::of(&dataset);
    let prepared = options.for_intake(&arrival.file).and_then(|o| Import::prepare(&table, &dataset, &ground, o));
    let import = match prepared {
        Ok(import) => import,
        Err(refusal) => return Seen::Refused(refusal.among(&table.names), options),
    };
    let checked = import.check_listing(&mut |done| count(done, rows));
    count(rows, rows);
    show(Seen::Checked(Arc::new(checked.outcome.clone()), base.clone(), options.clone()));
    let work = Work { import: &import, checked: &checked, base: &base, options: &options, columns: &columns };
    loop {
        match asked.recv_timeout(IDLE) {
            Ok(question) => question(&work),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Seen::Cleared,
        }
    }
}

/// What was said of the last file with these columns. That nothing can be remembered keeps nobody from importing.
fn remembered(incoming: &Incoming, columns: &[String]) -> OptionsBody {
    let kept = incoming.remembered(columns).unwrap_or_else(|e| {
        tracing::warn!(error = %e, "what was said of the last file can't be read");
        None
    });
    kept.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}
