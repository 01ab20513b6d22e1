//! Connections to a server: a copy of the program has a bounded number of them, however many cities it serves, and each city a share. A
//! connection is a thread of its own, so that whoever asks waits as for a file, whatever thread it is on.

use super::super::encrypted::{Encryption, encryption};
use super::super::error::DatabaseError;
use super::super::transaction::StatementError;
use crate::service::clock;
use ::postgres::{Client, Config, NoTls, Statement};
use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a connection may take to come about, and to be found dead.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long an answer may take: a transaction that begins waits for another that writes, a statement has a limit at the server. After
/// that the server is taken for gone, also where it only stands still.
const BEGUN: Duration = Duration::from_secs(8);
const ANSWERED: Duration = Duration::from_secs(35);
/// A server that was not reached is tried again after so long, by one; whoever asks meanwhile is refused at once.
pub const AWAY: Duration = Duration::from_millis(500);
/// How long a copy waits for another that writes, a statement may take, and a copy that has stopped in the middle of a
/// transaction keeps others waiting.
const LIMITS: &str = "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=10s";
/// Statements that a connection remembers.
const KNOWN: usize = 1_000;

/// Connections to the database of an address.
#[derive(Debug)]
pub struct Connections {
    config: Config,
    /// With what they are encrypted, where they are.
    encryption: Option<Encryption>,
    /// The address without a password.
    shown: String,
    /// How many there are at most.
    most: usize,
    pool: Mutex<Pool>,
    freed: Condvar,
}

/// What one city, or the only one, may have of the connections: another's writers that wait for one another take none of the rest.
#[derive(Debug)]
pub struct Share {
    most: usize,
    /// Changed while the pool is locked.
    taken: AtomicUsize,
}

impl Share {
    /// So many at most.
    pub fn new(most: usize) -> Self {
        Self { most, taken: AtomicUsize::new(0) }
    }
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Connection>,
    taken: usize,
    /// When the server was not reached last, by [`clock::running`]; none while it answers.
    away: Option<Duration>,
    /// Whether somebody tries whether it is there again.
    trying: bool,
}

impl Connections {
    /// Connections to an address, so many at most. None is opened yet.
    pub fn new(address: &str, most: usize) -> Result<Self, DatabaseError> {
        let (address, encryption) = encryption(address)?;
        let mut config: Config = address.parse().map_err(|e| DatabaseError::Address(said(&e)))?;
        let options = config.get_options().map_or_else(|| LIMITS.to_owned(), |own| format!("{LIMITS} {own}"));
        config.options(&options).connect_timeout(PATIENCE).tcp_user_timeout(PATIENCE);
        if config.get_application_name().is_none() {
            config.application_name("shigu");
        }
        let shown = shown(&config);
        Ok(Self { config, encryption, shown, most, pool: Mutex::default(), freed: Condvar::new() })
    }

    /// The address without a password.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// A connection beside the others, for who keeps it.
    pub fn another(&self) -> Result<Client, ::postgres::Error> {
        connect(&self.config, self.encryption.clone())
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection on which a transaction has begun. One that was idle may be dead since: then another is opened.
    pub fn begin<'a>(&'a self, share: &'a Share, begin: &str) -> Result<Taken<'a>, StatementError> {
        let mut pool = self.pool();
        loop {
            if let Some(since) = pool.away
                && (pool.trying || clock::running() < since + AWAY)
            {
                return Err(StatementError::Server("it was not reached a moment ago".into()));
            }
            if pool.taken < self.most && share.taken.load(Ordering::Relaxed) < share.most {
                break;
            }
            pool = self.freed.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        pool.taken += 1;
        share.taken.fetch_add(1, Ordering::Relaxed);
        pool.trying = pool.away.is_some();
        let idle = pool.idle.pop();
        drop(pool);
        let mut taken = Taken { of: self, share, connection: None };
        if let Some(idle) = idle {
            match idle.begin(begin) {
                Ok(()) => {
                    taken.connection = Some(idle);
                    self.reached();
                    return Ok(taken);
                }
                // the server has spoken: it is there
                Err(Failure { lost: false, error, .. }) => {
                    self.reached();
                    if idle.run("ROLLBACK".to_owned()).is_ok() {
                        taken.connection = Some(idle);
                        taken.keep();
                    }
                    return Err(error);
                }
                // it stands still: another connection would wait as long
                Err(Failure { silent: true, error, .. }) => {
                    self.lost();
                    return Err(error);
                }
                // what ended this connection has ended those that are as old
                Err(_) => self.pool().idle.clear(),
            }
        }
        let begun = Connection::open(&self.config, self.encryption.clone())
            .and_then(|fresh| fresh.begin(begin).map(|()| fresh));
        match begun {
            Ok(connection) => taken.connection = Some(connection),
            Err(Failure { lost: true, error, .. }) => {
                self.lost();
                return Err(error);
            }
            Err(Failure { lost: false, error, .. }) => {
                self.reached();
                return Err(error);
            }
        }
        self.reached();
        Ok(taken)
    }

    fn reached(&self) {
        let mut pool = self.pool();
        (pool.away, pool.trying) = (None, false);
    }

    /// Notes that the server was not reached.
    pub fn lost(&self) {
        let mut pool = self.pool();
        (pool.away, pool.trying) = (Some(clock::running()), false);
        pool.idle.clear();
        self.freed.notify_all();
    }
}

fn connect(config: &Config, encryption: Option<Encryption>) -> Result<Client, ::postgres::Error> {
    match encryption {
        Some(encryption) => config.connect(encryption),
        None => config.connect(NoTls),
    }
}

/// An address without a password.
fn shown(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        ::postgres::config::Host::Tcp(name) => name.clone(),
        ::postgres::config::Host::Unix(path) => path.display().to_string(),
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    format!("postgres://{hosts}/{}", config.get_dbname().unwrap_or_default())
}

/// Whether an error says that the server is not there: the connection has ended, or the server starts or stops (class 57P).
fn is_lost(e: &::postgres::Error) -> bool {
    match e.as_db_error() {
        Some(said) => said.code().code().starts_with("57P"),
        None => e.is_closed() || e.source().is_some_and(<dyn Error>::is::<std::io::Error>),
    }
}

/// What an error of the server or the connection says.
fn said(e: &::postgres::Error) -> String {
    let Some(e) = e.as_db_error() else {
        return e.source().map_or_else(|| e.to_string(), |cause| format!("{e}: {cause}"));
    };
    format!("{} ({})", e.message(), e.code().code())
}

/// A connection that somebody has, of which there are so many.
pub struct Taken<'a> {
    of: &'a Connections,
    share: &'a Share,
    connection: Option<Connection>,
}

impl Taken<'_> {
    /// The connection.
    pub fn connection(&self) -> &Connection {
        self.connection.as_ref().unwrap_or(&DEAD)
    }

    /// The next may have it: it is between transactions.
    pub fn keep(mut self) {
        self.of.pool().idle.extend(self.connection.take());
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        // a connection that is not kept is closed here, which rolls back what was not committed
        self.connection = None;
        let mut pool = self.of.pool();
        pool.taken -= 1;
        self.share.taken.fetch_sub(1, Ordering::Relaxed);
        drop(pool);
        // whoever is woken may have no share left
        self.of.freed.notify_all();
    }
}

/// Why something failed, and whether the connection has: it has ended, or no answer came.
pub struct Failure {
    /// Whether the connection has.
    pub lost: bool,
    silent: bool,
    /// What was said.
    pub error: StatementError,
}

impl From<Failure> for StatementError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// What a connection's thread holds.
pub struct Link {
    /// What speaks to the server.
    pub client: Client,
    /// Statements that the server knows already.
    prepared: HashMap<String, Statement>,
}

impl Link {
    /// A statement, which the server reads once. Where it stands for tables of another schema than before it is read again there.
    pub fn prepared(&mut self, sql: &str) -> Result<Statement, ::postgres::Error> {
        if let Some(known) = self.prepared.get(sql) {
            return Ok(known.clone());
        }
        if self.prepared.len() >= KNOWN {
            self.prepared.clear();
        }
        let statement = self.client.prepare(&numbered(sql))?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

type Job = Box<dyn FnOnce(&mut Link) + Send>;

/// A connection: where its thread takes work from.
#[derive(Debug)]
pub struct Connection {
    jobs: Option<mpsc::Sender<Job>>,
    /// Whether an answer did not come: nothing more is asked of it.
    silent: AtomicBool,
}

/// In the place of a connection that there is none of.
static DEAD: Connection = Connection { jobs: None, silent: AtomicBool::new(true) };

impl Connection {
    fn open(config: &Config, encryption: Option<Encryption>) -> Result<Self, Failure> {
        let (send, jobs) = mpsc::channel::<Job>();
        let (opened, open) = mpsc::channel();
        let config = config.clone();
        let run = move || match connect(&config, encryption) {
            // what the server says, or that it is not there
            Err(e) => drop(opened.send(Err((said(&e), is_lost(&e) || e.as_db_error().is_none())))),
            Ok(client) => {
                let mut link = Link { client, prepared: HashMap::new() };
                let _ = opened.send(Ok(()));
                jobs.into_iter().for_each(|job| job(&mut link));
            }
        };
        let failed =
            |(why, lost): (String, bool)| Failure { lost, silent: false, error: StatementError::Server(why.into()) };
        let spawned = thread::Builder::new().name("database".to_owned()).spawn(run);
        spawned.map_err(|e| failed((e.to_string(), false)))?;
        open.recv_timeout(BEGUN).map_err(|e| failed((e.to_string(), true)))?.map_err(failed)?;
        Ok(Self { jobs: Some(send), silent: AtomicBool::new(false) })
    }

    /// Begins a transaction.
    fn begin(&self, sql: &str) -> Result<(), Failure> {
        let sql = sql.to_owned();
        self.ask(BEGUN, move |link| link.client.batch_execute(&sql))
    }

    /// Has work done on the connection's thread.
    fn ask<T: Send + 'static>(
        &self,
        within: Duration,
        work: impl FnOnce(&mut Link) -> Result<T, ::postgres::Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let (answer, answered) = mpsc::channel();
        let job: Job = Box::new(move |link| {
            let done = work(link).map_err(|e| (said(&e), link.client.is_closed() || is_lost(&e)));
            let _ = answer.send(done);
        });
        let spoken = !self.silent.load(Ordering::Relaxed);
        let sent = spoken && self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        let gone = || Err(("the connection has ended".to_owned(), true));
        let done = match sent.then(|| answered.recv_timeout(within)) {
            Some(Ok(done)) => done,
            Some(Err(RecvTimeoutError::Timeout)) => {
                self.silent.store(true, Ordering::Relaxed);
                Err(("no answer came".to_owned(), true))
            }
            Some(Err(RecvTimeoutError::Disconnected)) | None => gone(),
        };
        let silent = self.silent.load(Ordering::Relaxed);
        done.map_err(|(why, lost)| Failure { lost, silent, error: StatementError::Server(why.into()) })
    }

    /// Has a question asked on the connection's thread.
    pub fn answer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Link) -> Result<T, ::postgres::Error> + Send + 'static,
    ) -> Result<T, Failure> {
        self.ask(ANSWERED, work)
    }

    /// Runs statements without parameters.
    pub fn run(&self, sql: String) -> Result<(), Failure> {
        self.answer(move |link| link.client.batch_execute(&sql))
    }
}

/// `$1` for `?1`.
fn numbered(sql: &str) -> String {
    let after = sql.chars().skip(1).chain([' ']);
    sql.chars().zip(after).map(|(c, next)| if c == '?' && next.is_ascii_digit() { '$' } else { c }).collect()
}
