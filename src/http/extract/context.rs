//! One request, one `Context`: who asks, and the data at one revision. The middleware `identify` makes it once; handlers and
//! other middleware extract it. Nothing else in `http` takes a snapshot from the store, so that a reload while a request
//! is answered can't mix two revisions.

use crate::core::query::{Bound, Disclosure, Embedded, Question};
use crate::core::snapshot::{Description, Snapshot};
use crate::http::App;
use crate::http::extract::shared::TableParams;
use crate::http::problem::Problem;
use crate::service::accounts::{Permission, Reader, usage_key};
use crate::service::budget::Spent;
use crate::service::clock;
use crate::service::store::{Current, Version};
use crate::service::task::blocking;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Rows of the register that leave with an answer, and the question that they answer.
#[derive(Debug, Default)]
struct Taken {
    rows: AtomicU64,
    /// Whether sums are protected in the answer to a question that the reader had not asked before.
    protected: AtomicBool,
    question: OnceLock<String>,
}

/// What an answer costs at most: rows times bytes of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost(usize);

impl Cost {
    /// Whether it is some milliseconds at most: ten patterns over the names of 100,000 rows are 20 ms.
    pub(crate) fn is_small(self) -> bool {
        self.0 <= 20_000_000
    }
}

/// The service as one request sees it.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    app: App,
    reader: Arc<Reader>,
    /// The address that asks.
    address: Option<IpAddr>,
    /// What leaves with the answer.
    taken: Arc<Taken>,
    /// States of saved areas that the answer is about.
    saved: Arc<Mutex<Vec<String>>>,
    /// What the store served when the request came.
    current: Arc<Current>,
    /// The part of it that the reader may see.
    snapshot: Arc<Snapshot>,
}

impl Context {
    /// Takes the current snapshot for a reader. It may have to be cut to the reader's districts, which takes a while, so
    /// that is done off the threads that serve.
    pub(crate) async fn new(app: App, reader: Reader, address: Option<IpAddr>) -> Result<Self, Problem> {
        let (reader, current) = (Arc::new(reader), app.0.store.current());
        let snapshot = if reader.scope().is_none() {
            current.snapshot.clone()
        } else {
            let (app, reader, whole) = (app.clone(), reader.clone(), current.snapshot.clone());
            blocking(move || app.limited(&whole, reader.scope().unwrap_or(&[]))).await?
        };
        Ok(Self { app, reader, address, taken: Arc::default(), saved: Arc::default(), current, snapshot })
    }

    pub(crate) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Whether who sits at the machine of an installation without accounts asks.
    pub(crate) fn is_owner(&self) -> bool {
        self.reader.account().is_none() && self.reader.may(Permission::Edit)
    }

    /// The address that asks.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The data as the reader may see them, the same for the whole request.
    pub(crate) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// What there is to ask about, as the reader may see it.
    pub(crate) fn describe(&self) -> &Description {
        self.snapshot.describe()
    }

    /// What a look at every row of some collections costs at most, where a request says so many bytes of them: each condition
    /// takes bytes of the request, and every row is tested by each. How long a line or an area is nobody knows.
    pub(crate) fn cost(&self, collections: &[usize], given: usize) -> Cost {
        let about = self.describe();
        let rows = |at: &usize| if about.collections[*at].points { about.collections[*at].rows } else { usize::MAX };
        Cost(collections.iter().map(rows).fold(0, usize::saturating_add).saturating_mul(given + 32))
    }

    /// What a look at the names of all features costs at most.
    pub(crate) fn cost_of_names(&self, given: usize) -> Cost {
        let rows: usize = self.describe().collections.iter().map(|c| c.rows).sum();
        Cost(rows.saturating_mul(given + 32))
    }

    /// What answers questions about the data.
    pub(crate) fn engine(&self) -> Embedded {
        self.snapshot.clone().into()
    }

    /// The same request about a table: the one that it names, else the main one.
    pub(crate) fn of_table(self, params: &TableParams) -> Result<Self, Problem> {
        let Some(id) = params.id() else { return Ok(self) };
        let snapshot = self.snapshot.table(id).ok_or_else(|| {
            let known = self.describe().tables.iter().map(|t| t.id.as_str()).collect::<Vec<_>>().join(", ");
            let (zh, en) = (format!("没有统计表 {id};可用:{known}"), format!("there is no table {id}; known: {known}"));
            Problem::parameter("table", &zh, &en)
        })?;
        Ok(Self { snapshot: Arc::new(snapshot), ..self })
    }

    /// A question of the reader, checked against the data of the request.
    pub(crate) fn bind(&self, question: &Question) -> Result<Bound, Problem> {
        let question = &*self.with_saved_areas(question)?;
        let bound = question.bind(&self.snapshot, self.disclosure())?;
        self.spend_question(&bound, question)?;
        Ok(bound)
    }

    /// A question that the dataset states, not the reader: it takes nothing of what a reader may ask in a day.
    pub(crate) fn bind_stated(&self, question: &Question) -> Result<Bound, Problem> {
        Ok(question.bind(&self.snapshot, self.disclosure())?)
    }

    /// Counts a question whose sums are protected, or says that there are no more of them today.
    fn spend_question(&self, bound: &Bound, question: &Question) -> Result<(), Problem> {
        let about = bound.describe();
        let Some(register) = about.register() else { return Ok(()) };
        if self.sees_restricted()
            || about.register.as_ref().is_none_or(|r| r.collection != bound.collection())
            || !question.is_ad_hoc()
            || register.spec.restricted_metrics().next().is_none()
        {
            return Ok(());
        }
        let (reader, now) = (usage_key(self.reader.actor(), self.address), clock::seconds());
        match self.0.resources.budget.spend(&reader, &bound.question().of_rows().to_json(), clock::day_of(now)) {
            Spent::Again => Ok(()),
            Spent::New => {
                self.taken.protected.store(true, Ordering::Relaxed);
                Ok(())
            }
            Spent::NoneLeft => Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "protected-questions",
                "今天圈选与带条件的统计次数已用完;明天再试,或请管理员开通可查看单条数据的帐户(--protected-questions 可调)。",
                "No more sums of drawn areas and under conditions today; try again tomorrow, or ask the administrator for an account that sees single rows (--protected-questions sets the number).",
            )
            .after((clock::DAY - now.rem_euclid(clock::DAY)) as u64)),
        }
    }

    /// Whether the reader asked a question whose sums are protected and that is another than before.
    pub(crate) fn asked_protected(&self) -> bool {
        self.taken.protected.load(Ordering::Relaxed)
    }

    /// Says that rows of a collection leave with the answer. Every handler that sends features says so; those of the register
    /// are counted for the audit log.
    pub(crate) fn took(&self, collection: &str, rows: usize, question: Option<&Question>) {
        if self.describe().tables.iter().any(|table| table.id == collection) {
            self.taken.rows.fetch_add(rows as u64, Ordering::Relaxed);
            if let Some(question) = question {
                self.taken.question.get_or_init(|| question.to_url_query());
            }
        }
    }

    /// Rows of the register that left, and the question.
    pub(crate) fn taken(&self) -> (u64, Option<&str>) {
        (self.taken.rows.load(Ordering::Relaxed), self.taken.question.get().map(String::as_str))
    }

    /// Says that the answer is about a saved area in this state.
    pub(super) fn names_saved(&self, tag: String) {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        if !saved.contains(&tag) {
            saved.push(tag);
        }
    }

    /// The states of saved areas that the answer is about.
    pub(crate) fn saved_areas(&self) -> Vec<String> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The version of the register that the snapshot holds; none where no versions are kept.
    pub(crate) fn version(&self) -> Option<&Version> {
        self.current.version.as_ref()
    }

    /// The revision of the whole data, of which the reader may see a part.
    pub(crate) fn whole_revision(&self) -> &str {
        &self.current.snapshot.describe().revision
    }

    /// Since when the data is served, in seconds since 1970.
    pub(crate) fn since(&self) -> i64 {
        self.current.since
    }

    pub(crate) fn disclosure(&self) -> Disclosure {
        self.reader.disclosure()
    }

    /// Whether the reader sees restricted values of single rows.
    pub(crate) fn sees_restricted(&self) -> bool {
        self.disclosure() == Disclosure::Full
    }

    /// Refuses what the reader may not do.
    pub(crate) fn allow(&self, permission: Permission) -> Result<(), Problem> {
        Ok(self.reader.check(permission, self.app.has_accounts())?)
    }

    /// The day that it is where the dataset is, `YYYY-MM-DD`.
    pub(crate) fn today(&self) -> String {
        clock::today(&self.describe().manifest.time_zone())
    }

    /// Who asks, as the audit log names them.
    pub(crate) fn actor(&self) -> String {
        self.reader.actor().to_owned()
    }
}

/// What all requests share.
impl Deref for Context {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let context = parts.extensions.get::<Self>().cloned();
        context.ok_or_else(|| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
    }
}
