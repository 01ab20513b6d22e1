//! Who asks, and what they may do. The middleware `identity` settles it; handlers ask for the permission that they need.

use crate::core::query::Disclosure;
use crate::http::problem::Problem;
use crate::service::store::{Account, Role};
use axum::http::StatusCode;

/// A permission, each with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Permission {
    /// Look, ask, export.
    Read,
    /// Bring a file, see what it would change, ask for its being published.
    Edit,
    /// Publish versions and go back to earlier ones.
    Publish,
    /// Make accounts, read the audit trail.
    Administer,
}

impl Permission {
    /// All, from the least, with their names over HTTP.
    pub(crate) const ALL: [(&'static str, Self); 4] =
        [("read", Self::Read), ("edit", Self::Edit), ("publish", Self::Publish), ("administer", Self::Administer)];
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reader {
    /// The account; none for who has not logged in, and where there are no accounts.
    pub(crate) account: Option<Account>,
    /// The most that they may do; none: log in, nothing else.
    permission: Option<Permission>,
    disclosure: Disclosure,
}

impl Reader {
    /// Anybody, as the installation has it: who sees everything is the owner on this machine.
    pub(crate) fn settled(disclosure: Disclosure) -> Self {
        let permission = if disclosure == Disclosure::Full { Permission::Publish } else { Permission::Read };
        Self { account: None, permission: Some(permission), disclosure }
    }

    /// Anybody from outside.
    pub(crate) fn anyone() -> Self {
        Self::settled(Disclosure::Aggregates)
    }

    /// Who has to log in first.
    pub(crate) fn nobody() -> Self {
        Self { account: None, permission: None, disclosure: Disclosure::Aggregates }
    }

    /// The owner of an account.
    pub(crate) fn of(account: Account) -> Self {
        let (permission, disclosure) = match account.role {
            Role::Viewer => (Permission::Read, Disclosure::Aggregates),
            Role::Editor => (Permission::Edit, Disclosure::Full),
            Role::Reviewer => (Permission::Publish, Disclosure::Full),
            Role::Administrator => (Permission::Administer, Disclosure::Full),
        };
        Self { account: Some(account), permission: Some(permission), disclosure }
    }

    pub(crate) fn disclosure(&self) -> Disclosure {
        self.disclosure
    }

    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.permission.is_some_and(|most| most >= permission)
    }

    /// Codes of the districts to which the reader is limited.
    pub(crate) fn scope(&self) -> Option<&[String]> {
        self.account.as_ref()?.scope.as_deref()
    }

    /// Refuses what the reader may not do.
    pub(crate) fn allow(&self, permission: Permission, has_accounts: bool) -> Result<(), Problem> {
        if self.may(permission) {
            return Ok(());
        }
        if has_accounts && self.account.is_none() {
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "login-needed", "请先登录。", "Log in first."));
        }
        let (zh, en) = match permission {
            Permission::Read | Permission::Edit => (
                "没有权限更改数据;请在本机打开,或请管理员开通帐户。",
                "No right to change data; open the page on the machine itself, or ask the administrator for an account.",
            ),
            Permission::Publish => (
                "没有权限发布数据;请有“审核”角色的同事发布,或请管理员调整角色。",
                "No right to publish data; ask a reviewer, or the administrator for that role.",
            ),
            Permission::Administer => (
                "只有管理员可以管理帐户、查看操作记录。",
                "Only administrators manage accounts and read the audit trail.",
            ),
        };
        Err(Problem::new(StatusCode::FORBIDDEN, "no-right", zh, en))
    }

    /// Who asks, as the audit trail names them.
    pub(crate) fn actor(&self) -> &str {
        let unnamed = if self.may(Permission::Edit) { "owner" } else { "anyone" };
        self.account.as_ref().map_or(unnamed, |account| &account.name)
    }
}
