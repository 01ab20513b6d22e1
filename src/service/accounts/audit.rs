//! The audit log: who did what, from where, when. Each event is kept before the answer leaves.

use super::error::AccountsError;
use super::usage::{Counters, usage_key};
use crate::service::clock;
use crate::service::store::{AccountError, AuditEvent, Database, Usage};
use crate::service::task::blocking;
use std::net::IpAddr;
use std::sync::Arc;

/// What is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAction {
    /// Logged in.
    Login,
    /// Tried to log in.
    LoginFailed,
    /// Logged out.
    Logout,
    /// Used a one-time link.
    Claim,
    /// Changed the own password.
    Password,
    /// Made, changed, removed or reset an account.
    Account,
    /// Took rows or a report away as a file.
    Export,
    /// Read rows with restricted values, or very many rows.
    Rows,
    /// Sent a file.
    Import,
    /// Submitted, returned or gave up a draft.
    Draft,
    /// Published a version.
    Publish,
    /// Restored a version.
    Restore,
    /// Made or changed a round or a link of it, or delivered to one.
    Round,
    /// Stated how far an item of the plan is.
    Progress,
    /// Set when briefings are made, or, the service itself, made one.
    Briefing,
    /// Kept, changed, removed or restored an area, a view or a scenario.
    Saved,
}

impl AuditAction {
    /// Its name in the log.
    pub fn id(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginFailed => "login-failed",
            Self::Logout => "logout",
            Self::Claim => "claim",
            Self::Password => "password",
            Self::Account => "account",
            Self::Export => "export",
            Self::Rows => "rows",
            Self::Import => "import",
            Self::Draft => "draft",
            Self::Publish => "publish",
            Self::Restore => "restore",
            Self::Round => "round",
            Self::Progress => "progress",
            Self::Briefing => "briefing",
            Self::Saved => "saved",
        }
    }

    /// Whether the same again is counted instead of recorded: what a reader can do as often as they like.
    fn repeats(self) -> bool {
        matches!(self, Self::Export | Self::Rows | Self::LoginFailed)
    }
}

/// Who did it, and from which address.
#[derive(Clone, Debug)]
pub struct AuditActor {
    /// Name of the account, or what was typed at a login that failed.
    pub name: String,
    /// Address of the connection, where there is one.
    pub peer: Option<IpAddr>,
}

impl AuditActor {
    /// The address as text; empty where there is none.
    pub(super) fn address(&self) -> String {
        self.peer.map_or_else(String::new, |ip| ip.to_string())
    }
}

/// The audit log of a data folder.
#[derive(Clone, Debug)]
pub struct AuditLog {
    database: Arc<Database>,
    counters: Arc<Counters>,
}

impl AuditLog {
    pub(super) fn new(database: Arc<Database>) -> Self {
        Self { database, counters: Arc::default() }
    }

    /// Records an event.
    pub async fn record(
        &self,
        actor: &AuditActor,
        action: AuditAction,
        detail: impl Into<String>,
    ) -> Result<(), AccountsError> {
        self.record_rows(actor, action, detail, 0).await
    }

    /// Records an event with which rows of the register left.
    pub async fn record_rows(
        &self,
        actor: &AuditActor,
        action: AuditAction,
        detail: impl Into<String>,
        rows: u64,
    ) -> Result<(), AccountsError> {
        let event = AuditEvent {
            at: clock::seconds(),
            actor: actor.name.clone(),
            peer: actor.address(),
            what: action.id().to_owned(),
            detail: detail.into(),
            rows,
            ..AuditEvent::default()
        };
        let database = self.database.clone();
        Ok(blocking(move || database.add_audit_event(&event, action.repeats())).await??)
    }

    /// Adds to what a reader took of a kind today, and gives the sum: of an account under its name, of who has none under the
    /// address. It is written down within seconds; a power failure may lose these.
    pub async fn count(&self, actor: &AuditActor, kind: &'static str, n: u64) -> Result<u64, AccountsError> {
        self.counters.add(&self.database, usage_key(&actor.name, actor.peer), kind, n).await
    }

    /// What readers took in the last `days` days, the latest day first, on each the most first; at most `limit`.
    pub async fn usage(&self, days: u32, limit: usize) -> Result<Vec<Usage>, AccountsError> {
        let log = self.clone();
        let since = clock::day_of(clock::seconds()) - i64::from(days) + 1;
        let read = move || {
            log.save()?;
            log.database.usage(since, limit)
        };
        Ok(blocking(read).await??)
    }

    /// Writes down what was counted and is not written down yet.
    pub fn save(&self) -> Result<(), AccountError> {
        self.counters.save(&self.database)
    }

    /// At most `limit` events before number `before`, the latest first.
    pub async fn events(&self, before: i64, limit: usize) -> Result<Vec<AuditEvent>, AccountsError> {
        let database = self.database.clone();
        Ok(blocking(move || database.audit_events(before, limit)).await??)
    }
}
