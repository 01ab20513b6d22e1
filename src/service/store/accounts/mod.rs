//! Rows of accounts (`people`), sessions and one-time links (`entry`), passwords (`passwords`), wrong ones (`wrong`), and the audit log (`audit`).

mod audit;
mod entry;
mod passwords;
mod people;
mod wrong;

pub use audit::{AUDIT_DAYS, AuditEvent, Usage};
pub use entry::HOURS_OF_A_CLAIM;
pub(super) use passwords::Passwords;
pub use passwords::checked_password;
pub use people::{Change, checked_name};
pub use wrong::WrongPasswords;

use super::DatabaseError;
use crate::core::model::Text;

/// Most accounts.
pub const MOST_ACCOUNTS: i64 = 10_000;

/// What an account may do, each with all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// 查看: read and export; single firms' restricted values only inside sums.
    Viewer,
    /// 编辑: bring files and see what they would change; restricted values too.
    Editor,
    /// 审核: publish versions and go back to earlier ones.
    Reviewer,
    /// 管理: accounts and the audit log.
    Administrator,
}

impl Role {
    /// All, from the least.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Editor, Self::Reviewer, Self::Administrator];

    /// Its name in files and over HTTP.
    pub fn id(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Administrator => "administrator",
        }
    }

    /// The role of a name.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.id() == id)
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// What is typed at the login; unique.
    pub name: String,
    /// How others call its owner.
    pub display: String,
    /// What it may do.
    pub role: Role,
    /// District codes whose enterprises it sees; none means all. Viewers only.
    pub scope: Option<Vec<String>>,
    /// Whether it has a password; without one only its one-time link leads in.
    pub claimed: bool,
    /// Seconds since 1970.
    pub created: i64,
}

/// Why an account is not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The name is taken.
    #[error("the name {0} is taken")]
    Taken(String),
    /// An account of this name was removed.
    #[error("the name {0} was another's")]
    Former(String),
    /// There is no such account.
    #[error("no account {0}")]
    Missing(String),
    /// Nobody could make accounts any more.
    #[error("the last administrator")]
    LastAdministrator,
    /// Too many.
    #[error("too many accounts")]
    Full,
    /// A scope for somebody who changes data.
    #[error("only viewers can have a scope")]
    ScopeOfEditor,
    /// The link was used, is too old or never was one.
    #[error("no such claim")]
    NoClaim,
    /// The first administrator's link needs a name, any other has one.
    #[error("a name is missing")]
    NameMissing,
    /// Not a name, not a password.
    #[error("{}", .0.en)]
    Unfit(Text),
    /// The file.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl AccountError {
    /// What, where, what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::Taken(name) => Text {
                zh: format!("已有名为“{name}”的帐户,请换一个名字。"),
                en: format!("The name {name} is taken; choose another."),
            },
            Self::Former(name) => Text {
                zh: format!("“{name}”曾是另一个帐户,为使操作记录与导出分得清,不再使用;请换一个名字。"),
                en: format!(
                    "{name} was another account; names are not given again, so that records stay clear. Choose another."
                ),
            },
            Self::Missing(name) => {
                Text { zh: format!("没有名为“{name}”的帐户。"), en: format!("There is no account {name}.") }
            }
            Self::LastAdministrator => Text::new(
                "这是最后一位管理员,不能删除或降级;请先设另一位管理员。",
                "This is the last administrator and can't be removed or made less; make another first.",
            ),
            Self::Full => Text {
                zh: format!("帐户已达 {MOST_ACCOUNTS} 个,请先删除不用的帐户。"),
                en: format!("There are {MOST_ACCOUNTS} accounts; remove unused ones first."),
            },
            Self::ScopeOfEditor => Text::new(
                "区域范围只能用于“查看”角色:其他角色会更改全部数据。",
                "Only viewers can be limited to zones: the other roles change the data of the whole register.",
            ),
            Self::NoClaim => Text::new(
                "该链接已用过、已过期或不完整。请向管理员索取新链接;管理员可在服务器上运行 shigu accounts --reset。",
                "This link was used, is too old or incomplete. Ask the administrator for another; at the server itself `shigu accounts --reset` makes one.",
            ),
            Self::NameMissing => {
                Text::new("请为第一位管理员起一个登录名(name)。", "Give the first administrator a name (`name`).")
            }
            Self::Unfit(text) => text.clone(),
            Self::Database(e) => e.text(),
        }
    }
}
