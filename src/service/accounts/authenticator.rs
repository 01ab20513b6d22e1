//! Who sends a request: sessions, logins, one-time links, the own password.

use super::audit::{AuditAction, AuditActor, AuditLog};
use super::error::AccountsError;
use super::patience::soon;
use super::permission::Reader;
use super::throttle;
use crate::service::clock;
use crate::service::store::{Account, AccountError, Database};
use crate::service::task::blocking;
use moka::sync::Cache;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a session that was looked up is believed. Changes by this process are seen at once, those by others once it is looked
/// whether there are any.
const SESSION_CACHED: Duration = Duration::from_secs(5);
/// How long it is believed while the database's server does not answer.
const GRACE: Duration = Duration::from_mins(2);
/// How often that is looked, where somebody asks.
const LOOKED: Duration = Duration::from_millis(250);
/// The same while it does not answer.
const LOOKED_AWAY: Duration = Duration::from_secs(2);
/// Before the name of an account that a proxy gave: no token begins so.
const NAMED: &str = "name ";
/// Sessions in the cache.
const SESSIONS_CACHED: u64 = 4_096;
/// Passwords that wait to be hashed, one after the other; a 20th of a second each.
const PASSWORDS_WAITING: usize = 64;
/// Characters of a name that are looked at, so that the audit log stays readable.
const LONGEST_NAME: usize = 64;

/// What a request brings to say who sends it.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Nothing.
    None,
    /// The token of a session.
    Token(String),
    /// The name of an account, given by a proxy that is trusted.
    Name(String),
}

/// A session that has just begun.
#[derive(Debug)]
pub struct Session {
    /// Whose it is.
    pub reader: Reader,
    /// Its token, for the browser.
    pub token: String,
}

/// The accounts of a data folder. Clones share everything.
#[derive(Clone, Debug)]
pub struct Accounts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Arc<Database>,
    /// Whether somebody who has not logged in may read sums and what is not restricted.
    anonymous: bool,
    /// Accounts by token, or by the name that a proxy gave.
    sessions: Cache<String, Seen>,
    revocations: Mutex<Revocations>,
    /// The turn to hash a password, and places to wait for it.
    passwords: Arc<Semaphore>,
    waiting: Semaphore,
    audit: AuditLog,
}

/// What was found of somebody.
#[derive(Clone, Debug)]
struct Seen {
    /// The number of revocations before that.
    revocations: i64,
    /// When.
    at: Duration,
    account: Option<Account>,
}

/// How many revocations there are, and when that was looked.
#[derive(Debug, Default)]
struct Revocations {
    number: i64,
    looked: Option<Duration>,
    /// Whether the database's server did not answer then: it is looked less often, and who was seen before is believed.
    away: bool,
}

impl Accounts {
    /// The accounts of a data folder; `anonymous`: whether somebody who has not logged in may read.
    pub fn new(database: Arc<Database>, anonymous: bool) -> Self {
        Self(Arc::new(Inner {
            audit: AuditLog::new(database.clone()),
            database,
            anonymous,
            sessions: Cache::builder().max_capacity(SESSIONS_CACHED).time_to_live(GRACE).build(),
            revocations: Mutex::default(),
            passwords: Arc::new(Semaphore::new(1)),
            waiting: Semaphore::new(PASSWORDS_WAITING),
        }))
    }

    /// The audit log.
    pub fn audit(&self) -> &AuditLog {
        &self.0.audit
    }

    /// The reader without an account.
    pub fn unknown(&self) -> Reader {
        if self.0.anonymous { Reader::anonymous() } else { Reader::unauthenticated() }
    }

    /// The reader of a credential.
    pub async fn authenticate(&self, credential: Credential) -> Result<Reader, AccountsError> {
        match credential {
            Credential::None => Ok(self.unknown()),
            Credential::Name(name) => {
                let (this, key) = (self.clone(), format!("{NAMED}{name}"));
                let seen = self.0.sessions.get(&key);
                let found = async move {
                    let ((revocations, _), account) = (this.revocations().await, this.named(name).await?);
                    this.saw(key, revocations, Some(account.clone()));
                    Ok(Some(account))
                };
                self.unless_away(seen, found).await.map(|found| found.map_or_else(|| self.unknown(), Reader::of))
            }
            Credential::Token(token) => {
                let (revoked, away) = self.revocations().await;
                let seen = self.0.sessions.get(&token).filter(|seen| seen.revocations >= revoked);
                let fresh = seen.as_ref().filter(|seen| away || clock::running() < seen.at + SESSION_CACHED);
                if let Some(Seen { account, .. }) = fresh {
                    return Ok(account.clone().map_or_else(|| self.unknown(), Reader::of));
                }
                let (this, now) = (self.clone(), clock::seconds());
                let found = self.with_database(move |d: &Database| {
                    // what is revoked between the two has a higher number
                    let (revoked, found) = (d.revocations()?, d.session(&token, now)?);
                    this.saw(token, revoked, found.clone());
                    Ok(found)
                });
                let found = self.unless_away(seen, found).await?;
                Ok(found.map_or_else(|| self.unknown(), Reader::of))
            }
        }
    }

    fn saw(&self, key: String, revocations: i64, account: Option<Account>) {
        self.0.sessions.insert(key, Seen { revocations, at: clock::running(), account });
    }

    /// Who is looked up; while the database's server does not answer, who was seen before.
    async fn unless_away(
        &self,
        seen: Option<Seen>,
        found: impl Future<Output = Result<Option<Account>, AccountsError>>,
    ) -> Result<Option<Account>, AccountsError> {
        let Some(seen) = seen else { return found.await };
        Ok(soon(found).await?.unwrap_or(seen.account))
    }

    /// Logs in. `actor` has the name that was typed.
    pub async fn log_in(&self, mut actor: AuditActor, password: String) -> Result<Session, AccountsError> {
        actor.name = shown(&actor.name);
        let turn = self.attempt(&actor, &actor.name).await?;
        let name = actor.name.clone();
        let (found, turn) = self.with_password(turn, move |d| d.login(&name, &password)).await?;
        let Some(account) = found else {
            self.audit().record(&actor, AuditAction::LoginFailed, "").await?;
            return Err(AccountsError::WrongPassword);
        };
        self.was_right(&actor, &actor.name).await?;
        drop(turn);
        self.audit().record(&actor, AuditAction::Login, "").await?;
        self.begin_session(account).await
    }

    /// Begins a session of whom an identity provider has named in `actor`.
    pub async fn log_in_named(&self, mut actor: AuditActor) -> Result<Session, AccountsError> {
        let found = self.named(actor.name.clone()).await;
        actor.name = shown(&actor.name);
        if let Err(AccountsError::NoAccount(_)) = found {
            self.audit().record(&actor, AuditAction::LoginFailed, "oidc").await?;
        }
        let account = found?;
        self.audit().record(&actor, AuditAction::Login, "oidc").await?;
        self.begin_session(account).await
    }

    /// Ends a session.
    pub async fn log_out(&self, token: String, reader: &Reader, actor: &AuditActor) -> Result<(), AccountsError> {
        self.with_database(move |d| d.end_session(&token)).await?;
        self.changed();
        if reader.account().is_some() {
            self.audit().record(actor, AuditAction::Logout, "").await?;
        }
        Ok(())
    }

    /// Uses a one-time link: sets a password and logs in. `name` is for the first administrator only. The address of
    /// `actor` counts, its name does not.
    pub async fn claim(
        &self,
        token: String,
        name: Option<String>,
        password: String,
        mut actor: AuditActor,
    ) -> Result<Session, AccountsError> {
        let now = clock::seconds();
        let turn = self.turn().await?;
        let claim = move |d: &Database| d.claim(&token, name.as_deref(), &password, now);
        let (account, _) = self.with_password(turn, claim).await?;
        actor.name.clone_from(&account.name);
        self.audit().record(&actor, AuditAction::Claim, "").await?;
        self.begin_session(account).await
    }

    /// Changes the own password. All sessions of the account end but the one of `token`.
    pub async fn change_password(
        &self,
        reader: &Reader,
        (old, new): (String, String),
        token: Option<String>,
        actor: &AuditActor,
    ) -> Result<(), AccountsError> {
        let Some(account) = reader.account() else { return Err(AccountsError::NotLoggedIn) };
        let name = account.name.clone();
        let turn = self.attempt(actor, &name).await?;
        let own = name.clone();
        let change = move |d: &Database| match d.login(&own, &old)? {
            None => Ok(false),
            Some(_) => d.change_password(&own, &new, token.as_deref()).map(|()| true),
        };
        let (right, turn) = self.with_password(turn, change).await?;
        if !right {
            return Err(AccountsError::WrongOldPassword);
        }
        self.was_right(actor, &name).await?;
        drop(turn);
        self.changed();
        self.audit().record(actor, AuditAction::Password, "").await
    }

    /// How many revocations there are, and whether the database's server is away. Then what is known counts: sessions that were looked up
    /// before are believed until they are too old.
    async fn revocations(&self) -> (i64, bool) {
        let now = clock::running();
        let known = {
            let mut known = self.0.revocations.lock().unwrap_or_else(PoisonError::into_inner);
            let pause = if known.away { LOOKED_AWAY } else { LOOKED };
            let fresh = known.looked.is_some_and(|looked| now < looked + pause);
            // whoever comes meanwhile does not look as well
            known.looked = if fresh { known.looked } else { Some(now) };
            (known.number, known.away, fresh)
        };
        let (number, away, fresh) = known;
        if fresh {
            return (number, away);
        }
        let looked = soon(self.with_database(Database::revocations)).await;
        let away = matches!(looked, Ok(None));
        let number = looked.ok().flatten().unwrap_or(number);
        let mut known = self.0.revocations.lock().unwrap_or_else(PoisonError::into_inner);
        (known.number, known.away) = (known.number.max(number), away);
        if away {
            known.looked = Some(clock::running());
        }
        (known.number, away)
    }

    /// Forgets cached sessions, once accounts or sessions have changed.
    pub(super) fn changed(&self) {
        self.0.sessions.invalidate_all();
    }

    /// Works on the database outside the threads that serve requests.
    pub(super) async fn with_database<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, AccountError> + Send + 'static,
    ) -> Result<T, AccountsError> {
        let database = self.0.database.clone();
        Ok(blocking(move || work(&database)).await??)
    }

    /// The same for work that hashes a password, in its turn, also when whoever asked has left meanwhile.
    async fn with_password<T: Send + 'static>(
        &self,
        turn: OwnedSemaphorePermit,
        work: impl FnOnce(&Database) -> Result<T, AccountError> + Send + 'static,
    ) -> Result<(T, OwnedSemaphorePermit), AccountsError> {
        self.with_database(move |database| work(database).map(|done| (done, turn))).await
    }

    /// The turn to hash a password.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, AccountsError> {
        let _place = self.0.waiting.try_acquire().map_err(|_| AccountsError::Busy)?;
        self.0.passwords.clone().acquire_owned().await.map_err(|_| AccountsError::Busy)
    }

    /// The turn to look at a password, which counts as wrong until it is found right. Counted in turn: right passwords that
    /// come at the same time do not delay one another.
    async fn attempt(&self, actor: &AuditActor, name: &str) -> Result<OwnedSemaphorePermit, AccountsError> {
        let (peer, own) = (actor.peer, name.to_owned());
        let looked = self.with_database(move |d| throttle::check(d, &own, peer, clock::since_1970())).await?;
        let wait = if let Err(wait) = looked {
            wait
        } else {
            let (turn, own) = (self.turn().await?, name.to_owned());
            match self.with_database(move |d| throttle::attempt(d, &own, peer, clock::since_1970())).await? {
                Ok(()) => return Ok(turn),
                Err(wait) => wait,
            }
        };
        self.audit().record(actor, AuditAction::LoginFailed, "429").await?;
        Err(AccountsError::TooManyAttempts(wait.as_secs() + 1))
    }

    /// The password that counted as wrong was right.
    async fn was_right(&self, actor: &AuditActor, name: &str) -> Result<(), AccountsError> {
        let (peer, own) = (actor.peer, name.to_owned());
        self.with_database(move |d| throttle::right(d, &own, peer, clock::since_1970())).await
    }

    /// The account of this name.
    async fn named(&self, name: String) -> Result<Account, AccountsError> {
        let wanted = name.clone();
        let found = self.with_database(move |d| d.account(&wanted)).await?;
        found.ok_or_else(|| AccountsError::NoAccount(shown(&name)))
    }

    async fn begin_session(&self, account: Account) -> Result<Session, AccountsError> {
        let (name, now) = (account.name.clone(), clock::seconds());
        let token = self.with_database(move |d| d.begin_session(&name, now)).await?;
        self.changed();
        Ok(Session { reader: Reader::of(account), token })
    }
}

/// A name as the audit log and messages have it.
fn shown(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}
