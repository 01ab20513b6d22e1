//! The provider in a program without the feature `oidc`: there is none.

use super::{OidcError, OidcSettings, Pending};

/// An identity provider; nobody can make one.
#[derive(Debug)]
pub enum Provider {}

impl Provider {
    /// Refuses.
    pub fn new(_: OidcSettings, _: &str) -> Result<Self, OidcError> {
        Err(OidcError::NotBuilt)
    }

    /// What readers call it.
    pub fn title(&self) -> &str {
        match *self {}
    }

    /// Where a browser goes to log in.
    #[allow(clippy::unused_async, reason = "as with the feature")]
    pub async fn begin(&self) -> Result<(String, Pending), OidcError> {
        match *self {}
    }

    /// The name of the account.
    #[allow(clippy::unused_async, reason = "as with the feature")]
    pub async fn finish(&self, _: String, _: Option<String>, _: Pending) -> Result<String, OidcError> {
        match *self {}
    }

    /// Where a browser goes to log out.
    #[allow(clippy::unused_async, reason = "as with the feature")]
    pub async fn logout(&self) -> Option<String> {
        match *self {}
    }
}
