//! Accounts are made, changed, removed and reset by administrators.

use super::audit::{AuditAction, AuditActor};
use super::authenticator::Accounts;
use super::error::AccountsError;
use crate::service::clock;
use crate::service::store::{Account, AccountError, Change, Role};

/// Characters of a wrong district code that are shown.
const SHOWN: usize = 40;

/// An account to make.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What is typed at the login.
    pub name: String,
    /// How others call its owner.
    pub display: String,
    /// What it may do.
    pub role: Role,
    /// District codes to which it is limited; empty for the whole city.
    pub scope: Vec<String>,
}

impl Accounts {
    /// All accounts by name.
    pub async fn list(&self) -> Result<Vec<Account>, AccountsError> {
        self.with_database(crate::service::store::Database::accounts).await
    }

    /// Makes an account; gives it with the token of the one-time link with which its owner sets the password.
    pub async fn create(&self, new: NewAccount, by: &AuditActor) -> Result<(Account, String), AccountsError> {
        let NewAccount { name, display, role, scope } = new;
        let scope = (!scope.is_empty()).then_some(scope);
        let new = Account { name, display, role, scope, claimed: false, created: 0 };
        let now = clock::seconds();
        let account = self.with_database(move |d| d.make_account(&new, now)).await?;
        self.record_change(by, &account, "new").await?;
        self.with_link(account).await
    }

    /// Changes an account. Where role or scope change, its sessions end.
    pub async fn change(&self, name: String, change: Change, by: &AuditActor) -> Result<Account, AccountsError> {
        let account = self.with_database(move |d| d.change_account(&name, &change)).await?;
        self.changed();
        self.record_change(by, &account, "changed").await?;
        Ok(account)
    }

    /// Removes an account and ends its sessions. Its events stay in the audit log.
    pub async fn remove(&self, name: String, by: &AuditActor) -> Result<(), AccountsError> {
        let removed = name.clone();
        self.with_database(move |d| d.remove_account(&removed)).await?;
        self.changed();
        self.audit().record(by, AuditAction::Account, format!("{name}: removed")).await
    }

    /// The token of a one-time link with which the owner of an account sets another password.
    pub async fn reset(&self, name: String, by: &AuditActor) -> Result<(Account, String), AccountsError> {
        let find = move |d: &crate::service::store::Database| d.account(&name)?.ok_or(AccountError::Missing(name));
        let account = self.with_database(find).await?;
        self.record_change(by, &account, "reset").await?;
        self.with_link(account).await
    }

    async fn with_link(&self, account: Account) -> Result<(Account, String), AccountsError> {
        let (name, now) = (account.name.clone(), clock::seconds());
        let token = self.with_database(move |d| d.offer_claim(Some(&name), now)).await?;
        Ok((account, token))
    }

    async fn record_change(&self, by: &AuditActor, account: &Account, how: &str) -> Result<(), AccountsError> {
        let scope = account.scope.as_ref().map_or_else(String::new, |s| format!(" [{}]", s.join(",")));
        let detail = format!("{}: {how}, {}{scope}", account.name, account.role.id());
        self.audit().record(by, AuditAction::Account, detail).await
    }

    /// The role of a name.
    pub fn role(id: &str) -> Result<Role, AccountsError> {
        Role::of(id).ok_or(AccountsError::NoSuchRole)
    }

    /// Codes of districts, each once, all of which there are.
    pub fn scope(mut codes: Vec<String>, is_district: impl Fn(&str) -> bool) -> Result<Vec<String>, AccountsError> {
        codes.sort_unstable();
        codes.dedup();
        match codes.iter().find(|code| !is_district(code)) {
            None => Ok(codes),
            Some(wrong) => Err(AccountsError::NoSuchDistrict(wrong.chars().take(SHOWN).collect())),
        }
    }
}
