//! What whoever asks may do. It is settled on the way in; resources ask for the right that they need.

use super::App;
use super::problem::Problem;
use crate::query::Disclosure;
use axum::http::StatusCode;

/// A right, each with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Right {
    /// Bring a file, see what it would change, ask for its being published.
    Edit,
    /// Publish versions and go back to earlier ones.
    Publish,
}

impl App {
    /// Refuses what the one who asks may not do. Without accounts that is all that changes data, but for the owner at
    /// the own desk.
    pub(super) fn allow(&self, _right: Right) -> Result<(), Problem> {
        if self.disclosure() == Disclosure::Full {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "no-right",
            "没有权限更改数据;请在本机打开,或请管理员开通帐户。",
            "No right to change data; open the page on the machine itself, or ask the administrator for an account.",
        ))
    }

    /// Who asks, as the record of changes names them.
    pub(super) fn actor(&self) -> String {
        if self.disclosure() == Disclosure::Full { "owner" } else { "anyone" }.to_owned()
    }
}
