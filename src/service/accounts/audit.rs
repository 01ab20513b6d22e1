//! The audit log: who did what, from where, when. Each event is kept before the answer leaves.

use super::error::AccountsError;
use crate::service::clock;
use crate::service::store::{AuditEvent, Database};
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
    /// Sent a file.
    Import,
    /// Published a version.
    Publish,
    /// Restored a version.
    Restore,
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
            Self::Import => "import",
            Self::Publish => "publish",
            Self::Restore => "restore",
        }
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
pub struct AuditLog(Arc<Database>);

impl AuditLog {
    pub(super) fn new(database: Arc<Database>) -> Self {
        Self(database)
    }

    /// Records an event.
    pub async fn record(
        &self,
        actor: &AuditActor,
        action: AuditAction,
        detail: impl Into<String>,
    ) -> Result<(), AccountsError> {
        let event = AuditEvent {
            id: 0,
            at: clock::seconds(),
            actor: actor.name.clone(),
            peer: actor.address(),
            what: action.id().to_owned(),
            detail: detail.into(),
        };
        let database = self.0.clone();
        Ok(blocking(move || database.add_audit_event(&event)).await??)
    }

    /// At most `limit` events before number `before`, the latest first.
    pub async fn events(&self, before: i64, limit: usize) -> Result<Vec<AuditEvent>, AccountsError> {
        let database = self.0.clone();
        Ok(blocking(move || database.audit_events(before, limit)).await??)
    }
}
