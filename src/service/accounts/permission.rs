//! Permissions, and the reader who has them.

use crate::core::model::Text;
use crate::core::query::Disclosure;
use crate::service::store::{Access, Account, Role};

/// What a reader may do; each permission includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Look, ask, export.
    Read,
    /// Send a file, see what it would change, submit it.
    Edit,
    /// Publish versions and restore earlier ones.
    Publish,
    /// Make accounts, read the audit log.
    Administer,
}

impl Permission {
    /// All, from the least, with their names.
    pub const ALL: [(&'static str, Self); 4] =
        [("read", Self::Read), ("edit", Self::Edit), ("publish", Self::Publish), ("administer", Self::Administer)];
}

/// How who has no account and is not the owner is named. No account has this name.
pub const ANYONE: &str = "anyone";

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reader {
    account: Option<Account>,
    /// The highest permission; none: only to log in.
    permission: Option<Permission>,
    disclosure: Disclosure,
    /// What a link leads to, where the reader came by one: what is its own there, and nothing else.
    access: Option<Box<Access>>,
}

/// Why a reader may not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The reader has to log in first.
    NotLoggedIn,
    /// The reader has no such permission.
    Permission(Permission),
    /// The reader came by a link, which leads to what is its own.
    Link,
    /// Only who comes by the link may.
    NoLink,
}

impl Reader {
    /// Whoever sits at the machine of an installation without accounts.
    pub fn owner() -> Self {
        Self { permission: Some(Permission::Publish), disclosure: Disclosure::Full, ..Self::unauthenticated() }
    }

    /// Somebody who may read without an account.
    pub fn anonymous() -> Self {
        Self { permission: Some(Permission::Read), ..Self::unauthenticated() }
    }

    /// Somebody who has to log in first.
    pub fn unauthenticated() -> Self {
        Self { account: None, permission: None, disclosure: Disclosure::Aggregates, access: None }
    }

    /// Whoever asks at the address that is there for monitoring: how the service is, and nothing of its data.
    pub fn monitor() -> Self {
        Self { permission: Some(Permission::Administer), ..Self::unauthenticated() }
    }

    /// The owner of an account.
    pub fn of(account: Account) -> Self {
        let (permission, disclosure) = match account.role {
            Role::Viewer => (Permission::Read, Disclosure::Aggregates),
            Role::Editor => (Permission::Edit, Disclosure::Full),
            Role::Reviewer => (Permission::Publish, Disclosure::Full),
            Role::Administrator => (Permission::Administer, Disclosure::Full),
        };
        Self { account: Some(account), permission: Some(permission), disclosure, access: None }
    }

    /// Somebody who came by a link. Whatever else there is, is closed to them, also what anybody may read.
    pub fn by_link(access: Access) -> Self {
        Self { access: Some(Box::new(access)), ..Self::unauthenticated() }
    }

    /// What a link leads to: where the reader came by one of this round.
    pub fn access(&self, round: &str) -> Result<&Access, Denied> {
        match self.access.as_deref() {
            Some(access) if access.round.id == round => Ok(access),
            Some(_) => Err(Denied::Link),
            None => Err(Denied::NoLink),
        }
    }

    /// The account; none for readers who have not logged in, and where there are no accounts.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// What the reader sees of restricted values.
    pub fn disclosure(&self) -> Disclosure {
        self.disclosure
    }

    /// Whether the reader has a permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.permission.is_some_and(|most| most >= permission)
    }

    /// Refuses what the reader may not do. Where there are accounts, logging in may help.
    pub fn check(&self, permission: Permission, accounts: bool) -> Result<(), Denied> {
        match () {
            () if self.may(permission) => Ok(()),
            () if self.access.is_some() => Err(Denied::Link),
            () if accounts && self.account.is_none() => Err(Denied::NotLoggedIn),
            () => Err(Denied::Permission(permission)),
        }
    }

    /// Codes of the districts to which the reader is limited.
    pub fn scope(&self) -> Option<&[String]> {
        self.account.as_ref()?.scope.as_deref()
    }

    /// The name under which changes are recorded.
    pub fn actor(&self) -> &str {
        let unnamed = if self.may(Permission::Edit) { "owner" } else { ANYONE };
        let participant = self.access.as_ref().map(|access| access.participant.id.as_str());
        self.account.as_ref().map(|account| account.name.as_str()).or(participant).unwrap_or(unnamed)
    }
}

impl Denied {
    /// What to do about it.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::NotLoggedIn => ("请先登录。", "Log in first."),
            Self::Link => (
                "此链接只能打开发给本单位的内容。",
                "This link opens what is asked of its own participant, and nothing else.",
            ),
            Self::NoLink => (
                "请用收到的链接打开;链接失效时请向发起人索取新链接。",
                "Open the link that you were sent; where it leads in no more, ask whoever sent it for another.",
            ),
            Self::Permission(Permission::Read | Permission::Edit) => (
                "没有权限更改数据;请在本机打开,或请管理员开通帐户。",
                "No permission to change data; open the page on the machine itself, or ask the administrator for an account.",
            ),
            Self::Permission(Permission::Publish) => (
                "没有权限发布数据;请有“审核”角色的同事发布,或请管理员调整角色。",
                "No permission to publish data; ask a reviewer, or the administrator for that role.",
            ),
            Self::Permission(Permission::Administer) => (
                "只有管理员可以管理帐户、查看操作记录与运行指标。",
                "Only administrators manage accounts, read the audit log and the metrics of the service.",
            ),
        };
        Text::new(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(role: Role) -> Account {
        Account { name: "a".into(), display: "A".into(), role, scope: None, claimed: true, created: 0 }
    }

    #[test]
    fn each_role_has_the_permissions_up_to_its_own() {
        let expected = [(Role::Viewer, 1), (Role::Editor, 2), (Role::Reviewer, 3), (Role::Administrator, 4)];
        for (role, permissions) in expected {
            let reader = Reader::of(account(role));
            let has: Vec<bool> = Permission::ALL.iter().map(|(_, p)| reader.may(*p)).collect();
            assert_eq!(has, (0..4).map(|i| i < permissions).collect::<Vec<_>>(), "{role:?}");
            assert_eq!(reader.disclosure() == Disclosure::Full, role > Role::Viewer);
        }
    }

    #[test]
    fn login_is_requested_only_where_there_are_accounts() {
        let (nobody, anyone) = (Reader::unauthenticated(), Reader::anonymous());
        assert_eq!(nobody.check(Permission::Read, true), Err(Denied::NotLoggedIn));
        assert_eq!(anyone.check(Permission::Read, true), Ok(()));
        assert_eq!(anyone.check(Permission::Edit, true), Err(Denied::NotLoggedIn));
        assert_eq!(anyone.check(Permission::Edit, false), Err(Denied::Permission(Permission::Edit)));
        let viewer = Reader::of(account(Role::Viewer));
        assert_eq!(viewer.check(Permission::Edit, true), Err(Denied::Permission(Permission::Edit)));
    }

    #[test]
    fn changes_are_recorded_under_a_name() {
        assert_eq!(Reader::owner().actor(), "owner");
        assert_eq!(Reader::anonymous().actor(), "anyone");
        assert_eq!(Reader::of(account(Role::Viewer)).actor(), "a");
    }
}
