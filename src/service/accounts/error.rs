//! Why somebody can't log in, or an account can't be changed.

use crate::core::model::Text;
use crate::service::store::AccountError;
use crate::service::task::TaskFailed;
use thiserror::Error;

/// Why somebody can't log in, or an account can't be changed.
#[derive(Debug, Error)]
pub enum AccountsError {
    /// The account can't be made or changed, or the database failed.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A proxy names somebody who has no account.
    #[error("{0} has no account")]
    NoAccount(String),
    /// Wrong name or password at a login.
    #[error("wrong name or password")]
    WrongPassword,
    /// The old password is wrong.
    #[error("the old password is wrong")]
    WrongOldPassword,
    /// The password can only be changed by who has logged in.
    #[error("not logged in")]
    NotLoggedIn,
    /// Too many wrong passwords; the next is looked at after so many seconds.
    #[error("too many attempts, {0} s to wait")]
    TooManyAttempts(u64),
    /// Too many passwords wait to be checked.
    #[error("too many passwords wait to be checked")]
    Busy,
    /// No such role.
    #[error("no such role")]
    NoSuchRole,
    /// No such district.
    #[error("no district {0}")]
    NoSuchDistrict(String),
    /// The work ended without a result.
    #[error(transparent)]
    Failed(#[from] TaskFailed),
}

impl AccountsError {
    /// What, where, what to do; none for what broke inside.
    pub fn text(&self) -> Option<Text> {
        Some(match self {
            Self::Account(e) => e.text(),
            Self::NoAccount(name) => Text {
                zh: format!("“{name}”在本服务没有帐户,请管理员开通。"),
                en: format!("{name} has no account here; ask the administrator."),
            },
            Self::WrongPassword => Text::new(
                "登录名或口令不对。忘记口令请管理员重置。",
                "Wrong name or password. The administrator resets a forgotten password.",
            ),
            Self::WrongOldPassword => Text::new("原口令不对。", "The old password is wrong."),
            Self::NotLoggedIn => Text::new("请先登录。", "Log in first."),
            Self::TooManyAttempts(seconds) => Text {
                zh: format!("口令错误次数过多,请 {seconds} 秒后再试,或请管理员重置口令(一次性链接不受此限)。"),
                en: format!(
                    "Too many wrong passwords; try again in {seconds} seconds, or have the administrator reset the password (one-time links work meanwhile)."
                ),
            },
            Self::Busy => Text::new("登录的人太多,请稍后重试。", "Too many log in at the same time; try again."),
            Self::NoSuchRole => Text::new(
                "role 应为 viewer(查看)、editor(编辑)、reviewer(审核)或 administrator(管理)。",
                "role is one of viewer, editor, reviewer, administrator.",
            ),
            Self::NoSuchDistrict(code) => Text {
                zh: format!("scope 应为区域代码的列表,如 [\"…\"];“{code}”不是。不限区域时用空列表。"),
                en: format!(
                    "scope is a list of codes of zones such as [\"…\"], which {code} is not; an empty list for the whole register."
                ),
            },
            Self::Failed(_) => return None,
        })
    }
}
