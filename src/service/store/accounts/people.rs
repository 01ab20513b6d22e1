//! The accounts themselves: listed, made, changed, removed. One administrator always stays.

use super::{Account, AccountError, MOST_ACCOUNTS, Role};
use crate::core::model::Text;
use crate::service::store::Database;
use crate::service::store::database::{Row, StatementError, Transaction, params};
use crate::service::store::saved::forget_private;

/// Columns in the order of [`of_row`].
const COLUMNS: &str = "name, display, role, scope, password IS NOT NULL, created";

/// How jobs, versions and the audit log name who has no account. No account has such a name.
const UNNAMED: [&str; 2] = ["owner", "anyone"];

/// What is to be different about an account.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// How others call its owner.
    pub display: Option<String>,
    /// What it may do.
    pub role: Option<Role>,
    /// District codes; an empty list for the whole city.
    pub scope: Option<Vec<String>>,
}

/// A name as it may be, or why not: letters, digits and `._-@`, at most 64 bytes.
pub fn checked_name(name: &str) -> Result<(), AccountError> {
    let fit = |c: char| c.is_alphanumeric() || "._-@".contains(c);
    if UNNAMED.iter().any(|unnamed| name.eq_ignore_ascii_case(unnamed)) {
        return Err(AccountError::Unfit(Text::new(
            "这个登录名用来指没有帐户的人,请另取。",
            "This name stands for who has no account; take another.",
        )));
    }
    if !name.is_empty() && name.len() <= 64 && name.chars().all(fit) {
        return Ok(());
    }
    Err(AccountError::Unfit(Text::new(
        "登录名应为 1 至 64 字节的文字、数字或 . _ - @,不含空格。",
        "A name is 1 to 64 bytes of letters, digits or . _ - @, without spaces.",
    )))
}

impl Database {
    /// All accounts by name.
    pub fn accounts(&self) -> Result<Vec<Account>, AccountError> {
        Ok(self.read(|t| t.all(&format!("SELECT {COLUMNS} FROM account ORDER BY name"), &[], of_row))?)
    }

    /// An account.
    pub fn account(&self, name: &str) -> Result<Option<Account>, AccountError> {
        Ok(self.read(|t| find(t, name))?)
    }

    /// Makes an account without a password. `now` is in seconds since 1970.
    pub fn make_account(&self, new: &Account, now: i64) -> Result<Account, AccountError> {
        checked_name(&new.name)?;
        fits(new)?;
        let made = Account { claimed: false, created: now, ..new.clone() };
        let done = self.write(|t| {
            let count: i64 = t.one("SELECT count(*) FROM account", &[], |row| row.get(0))?;
            if count >= MOST_ACCOUNTS {
                return Ok(Err(AccountError::Full));
            }
            if let Err(e) = free(t, &made.name)? {
                return Ok(Err(e));
            }
            insert(t, &made, None)?;
            Ok(Ok(()))
        })?;
        done.map(|()| made)
    }

    /// Changes an account. Whoever is logged in with it has to log in again where role or scope change.
    pub fn change_account(&self, name: &str, change: &Change) -> Result<Account, AccountError> {
        self.write(|t| {
            let Some(mut account) = find(t, name)? else { return Ok(Err(AccountError::Missing(name.to_owned()))) };
            let before = account.clone();
            account.display = change.display.clone().unwrap_or(account.display);
            account.role = change.role.unwrap_or(account.role);
            if let Some(scope) = &change.scope {
                account.scope = (!scope.is_empty()).then(|| scope.clone());
            }
            if let Err(e) = fits(&account) {
                return Ok(Err(e));
            }
            if before.role == Role::Administrator && account.role != Role::Administrator && others(t, name)? == 0 {
                return Ok(Err(AccountError::LastAdministrator));
            }
            let scope = account.scope.as_ref().map(|s| serde_json::json!(s).to_string());
            t.execute(
                "UPDATE account SET display = ?2, role = ?3, scope = ?4 WHERE name = ?1",
                params![name, account.display, account.role.id(), scope],
            )?;
            if (before.role, &before.scope) != (account.role, &account.scope) {
                t.execute("DELETE FROM session WHERE account = ?1", params![name])?;
            }
            revoke(t)?;
            Ok(Ok(account))
        })?
    }

    /// Removes an account and ends its sessions. Its name is not given again.
    pub fn remove_account(&self, name: &str) -> Result<(), AccountError> {
        self.write(|t| {
            let Some(account) = find(t, name)? else { return Ok(Err(AccountError::Missing(name.to_owned()))) };
            if account.role == Role::Administrator && others(t, name)? == 0 {
                return Ok(Err(AccountError::LastAdministrator));
            }
            t.execute("DELETE FROM account WHERE name = ?1", params![name])?;
            revoke(t)?;
            t.execute("DELETE FROM draft WHERE owner = ?1", params![name])?;
            forget_private(t, name)?;
            t.execute("INSERT INTO former (name) VALUES (?1) ON CONFLICT DO NOTHING", params![name])?;
            Ok(Ok(()))
        })?
    }
}

fn fits(account: &Account) -> Result<(), AccountError> {
    if account.role != Role::Viewer && account.scope.is_some() {
        return Err(AccountError::ScopeOfEditor);
    }
    if account.display.is_empty() || account.display.len() > 120 || account.display.chars().any(char::is_control) {
        return Err(AccountError::Unfit(Text::new(
            "称呼应为 1 至 120 字节的文字。",
            "How somebody is called is 1 to 120 bytes of text.",
        )));
    }
    Ok(())
}

/// What was looked up before is to be looked up again.
pub(super) fn revoke(t: &dyn Transaction) -> Result<(), StatementError> {
    t.execute("UPDATE revocation SET number = number + 1", &[]).map(drop)
}

/// Administrators besides this one that can come in.
fn others(t: &dyn Transaction, name: &str) -> Result<i64, StatementError> {
    let sql = "SELECT count(*) FROM account WHERE role = 'administrator' AND password IS NOT NULL AND name <> ?1";
    t.one(sql, params![name], |row| row.get(0))
}

/// Whether a name can be given: nobody has it, and nobody had it.
pub(super) fn free(t: &dyn Transaction, name: &str) -> Result<Result<(), AccountError>, StatementError> {
    if find(t, name)?.is_some() {
        return Ok(Err(AccountError::Taken(name.to_owned())));
    }
    let had = t.first("SELECT name FROM former WHERE name = ?1", params![name], |row| row.get::<_, String>(0))?;
    Ok(if had.is_some() { Err(AccountError::Former(name.to_owned())) } else { Ok(()) })
}

pub(super) fn insert(t: &dyn Transaction, account: &Account, password: Option<&str>) -> Result<(), StatementError> {
    let scope = account.scope.as_ref().map(|s| serde_json::json!(s).to_string());
    t.execute(
        "INSERT INTO account (name, display, role, scope, password, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![account.name, account.display, account.role.id(), scope, password, account.created],
    )?;
    Ok(())
}

pub(super) fn find(t: &dyn Transaction, name: &str) -> Result<Option<Account>, StatementError> {
    t.first(&format!("SELECT {COLUMNS} FROM account WHERE name = ?1"), params![name], of_row)
}

fn of_row(row: &dyn Row) -> Result<Account, StatementError> {
    let (role, scope): (String, Option<String>) = (row.get(2)?, row.get(3)?);
    Ok(Account {
        name: row.get(0)?,
        display: row.get(1)?,
        // the schema lets no other in; the least is the safe one
        role: Role::of(&role).unwrap_or(Role::Viewer),
        // what can't be read sees nothing
        scope: scope.map(|s| serde_json::from_str(&s).unwrap_or_default()),
        claimed: row.get(4)?,
        created: row.get(5)?,
    })
}
