//! Errors of accounts as problems.

use crate::http::problem::Problem;
use crate::service::accounts::{AccountsError, Denied};
use crate::service::store::AccountError;
use axum::http::StatusCode;

impl From<AccountsError> for Problem {
    fn from(e: AccountsError) -> Self {
        let (status, code) = match &e {
            AccountsError::NoAccount(_) => (StatusCode::FORBIDDEN, "no-account"),
            AccountsError::WrongPassword | AccountsError::WrongOldPassword => {
                (StatusCode::UNAUTHORIZED, "wrong-password")
            }
            AccountsError::NotLoggedIn => (StatusCode::UNAUTHORIZED, "login-needed"),
            AccountsError::TooManyAttempts => (StatusCode::TOO_MANY_REQUESTS, "too-many-attempts"),
            AccountsError::NoSuchRole => (StatusCode::UNPROCESSABLE_ENTITY, "no-such-role"),
            AccountsError::NoSuchDistrict(_) => (StatusCode::UNPROCESSABLE_ENTITY, "no-such-district"),
            AccountsError::Failed(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            AccountsError::Account(e) => match e {
                AccountError::Taken(_) | AccountError::Former(_) => (StatusCode::CONFLICT, "name-taken"),
                AccountError::Missing(_) => (StatusCode::NOT_FOUND, "not-found"),
                AccountError::LastAdministrator => (StatusCode::CONFLICT, "last-administrator"),
                AccountError::Full => (StatusCode::INSUFFICIENT_STORAGE, "too-many-accounts"),
                AccountError::NoClaim => (StatusCode::FORBIDDEN, "no-claim"),
                AccountError::ScopeOfEditor => (StatusCode::UNPROCESSABLE_ENTITY, "scope-of-editor"),
                AccountError::NameMissing | AccountError::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit"),
                AccountError::Database(e) => {
                    // what the disk says is for the administrator
                    tracing::error!(error = %e, "accounts failed");
                    let (zh, en) = (
                        "数据文件夹无法读写,没有任何变化;请管理员检查磁盘空间与权限。",
                        "The data folder failed and nothing changed; the administrator checks disk space and permissions.",
                    );
                    return Self::new(StatusCode::SERVICE_UNAVAILABLE, "data-folder", zh, en);
                }
            },
        };
        match e.text() {
            Some(text) => Self::new(status, code, text.zh, text.en),
            None => Self::of_status(status),
        }
    }
}

impl From<Denied> for Problem {
    fn from(e: Denied) -> Self {
        let (status, code) = match e {
            Denied::NotLoggedIn => (StatusCode::UNAUTHORIZED, "login-needed"),
            Denied::Permission(_) => (StatusCode::FORBIDDEN, "no-right"),
        };
        let text = e.text();
        Self::new(status, code, text.zh, text.en)
    }
}
