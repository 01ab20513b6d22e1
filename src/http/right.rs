//! Who asks, and what they may do. It is settled on the way in (`door`); resources ask for the right that they need, and
//! see the data through it.

use super::App;
use super::problem::Problem;
use crate::core::query::Disclosure;
use crate::service::store::{Account, Role};
use axum::http::StatusCode;

/// A right, each with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Right {
    /// Look, ask, export.
    Read,
    /// Bring a file, see what it would change, ask for its being published.
    Edit,
    /// Publish versions and go back to earlier ones.
    Publish,
    /// Make accounts, read the audit trail.
    Administer,
}

impl Right {
    /// All, from the least, with their names over HTTP.
    pub(super) const ALL: [(&'static str, Self); 4] =
        [("read", Self::Read), ("edit", Self::Edit), ("publish", Self::Publish), ("administer", Self::Administer)];
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    /// The account; none for who has not logged in, and where there are no accounts.
    pub(super) account: Option<Account>,
    /// The most that they may do; none: come in, nothing else.
    right: Option<Right>,
    disclosure: Disclosure,
}

impl Reader {
    /// Anybody, as the installation has it: who sees everything is the owner at the own desk.
    pub(super) fn settled(disclosure: Disclosure) -> Self {
        let right = if disclosure == Disclosure::Full { Right::Publish } else { Right::Read };
        Self { account: None, right: Some(right), disclosure }
    }

    /// Anybody from outside.
    pub(super) fn anyone() -> Self {
        Self::settled(Disclosure::Aggregates)
    }

    /// Who has to log in first.
    pub(super) fn nobody() -> Self {
        Self { account: None, right: None, disclosure: Disclosure::Aggregates }
    }

    /// The owner of an account.
    pub(super) fn of(account: Account) -> Self {
        let (right, disclosure) = match account.role {
            Role::Viewer => (Right::Read, Disclosure::Aggregates),
            Role::Editor => (Right::Edit, Disclosure::Full),
            Role::Reviewer => (Right::Publish, Disclosure::Full),
            Role::Administrator => (Right::Administer, Disclosure::Full),
        };
        Self { account: Some(account), right: Some(right), disclosure }
    }

    pub(super) fn disclosure(&self) -> Disclosure {
        self.disclosure
    }

    pub(super) fn may(&self, right: Right) -> bool {
        self.right.is_some_and(|most| most >= right)
    }

    /// Codes of the districts to which the reader is limited.
    pub(super) fn scope(&self) -> Option<&[String]> {
        self.account.as_ref()?.scope.as_deref()
    }
}

impl App {
    /// Refuses what the one who asks may not do.
    pub(super) fn allow(&self, right: Right) -> Result<(), Problem> {
        let reader = self.reader();
        if reader.may(right) {
            return Ok(());
        }
        if self.has_accounts() && reader.account.is_none() {
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "login-needed", "请先登录。", "Log in first."));
        }
        let (zh, en) = match right {
            Right::Read | Right::Edit => (
                "没有权限更改数据;请在本机打开,或请管理员开通帐户。",
                "No right to change data; open the page on the machine itself, or ask the administrator for an account.",
            ),
            Right::Publish => (
                "没有权限发布数据;请有“审核”角色的同事发布,或请管理员调整角色。",
                "No right to publish data; ask a reviewer, or the administrator for that role.",
            ),
            Right::Administer => (
                "只有管理员可以管理帐户、查看操作记录。",
                "Only administrators manage accounts and read the audit trail.",
            ),
        };
        Err(Problem::new(StatusCode::FORBIDDEN, "no-right", zh, en))
    }

    /// Who asks, as the record of changes names them.
    pub(super) fn actor(&self) -> String {
        let reader = self.reader();
        let unnamed = if reader.may(Right::Edit) { "owner" } else { "anyone" };
        reader.account.as_ref().map_or(unnamed, |account| &account.name).to_owned()
    }
}
