//! Logins by an identity provider: OpenID Connect Core 1.0, Authorization Code Flow with PKCE (RFC 7636). The provider says
//! who somebody is; what they may do stands in their account here, as with a proxy's header (ADR 41).
//!
//! The protocol is in [`Provider`], which a program without the feature `oidc` can't make: a third more libraries, among
//! them TLS, for what many installations never use.

#[cfg_attr(not(feature = "oidc"), path = "without.rs")]
mod provider;

pub use provider::Provider;

use crate::core::model::Text;
use std::path::PathBuf;
use thiserror::Error;

/// The claim that holds the name of the account where nothing else is said.
pub const NAME_CLAIM: &str = "preferred_username";

/// Which provider, and what to it this service is.
#[derive(Clone, Debug, Default)]
pub struct OidcSettings {
    /// The issuer's identifier, an `https` address; `http` is accepted of this machine only.
    pub issuer: String,
    /// The client that is registered for this service.
    pub client_id: String,
    /// Its secret; none for a public client.
    pub client_secret: Option<String>,
    /// A file of certificates (PEM) that are trusted instead of those of this computer.
    pub certificates: Option<PathBuf>,
    /// The claim of the ID token that holds the name of the account.
    pub claim: String,
    /// What readers call the provider.
    pub title: String,
}

/// A login that has begun: what the browser keeps until it comes back. Whoever sees it can do nothing with it but end this
/// one login, in the same browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Must come back unchanged with the code.
    pub state: String,
    /// Must stand in the ID token.
    pub nonce: String,
    /// Shows that whoever redeems the code has asked for it.
    pub verifier: String,
}

/// Why nobody can log in by the provider.
#[derive(Debug, Error)]
pub enum OidcError {
    /// The program was built without the feature.
    #[error("built without OpenID Connect")]
    NotBuilt,
    /// A setting can't work.
    #[error("{0:?}")]
    Setting(Text),
    /// The provider can't be reached, or does not answer as a provider does; the details are for the administrator.
    #[error("the identity provider can't be reached: {0}")]
    Unreachable(String),
    /// The login was begun too long ago, in another browser, or never.
    #[error("no such login has begun")]
    NotBegun,
    /// The provider has refused; its own words.
    #[error("the identity provider refused: {0}")]
    Refused(String),
    /// What the provider says of somebody can't be trusted.
    #[error("the ID token is not valid: {0}")]
    Invalid(String),
    /// The ID token does not say by which name the account goes.
    #[error("the ID token has no claim {0}")]
    NoName(String),
}

/// Characters of the provider's words that are passed on.
const WORDS: usize = 200;

/// The provider's words: a line that is not too long.
fn words(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS).collect()
}

impl OidcError {
    /// The provider's refusal in its own words.
    pub fn refused(text: &str) -> Self {
        Self::Refused(words(text))
    }

    /// What, and what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::NotBuilt => Text::new(
                "本程序编译时没有加入 OpenID Connect;请用 cargo build --release --features oidc 编译的程序。",
                "This program was built without OpenID Connect; use one built with cargo build --release --features oidc.",
            ),
            Self::Setting(text) => text.clone(),
            Self::Unreachable(_) => Text::new(
                "统一身份认证暂时无法访问;请稍后重试,或用本地帐户的口令登录。",
                "The identity provider can't be reached; try again later, or log in with a password of this service.",
            ),
            Self::NotBegun => Text::new(
                "这次登录已过期,或不是在本浏览器中开始的;请重新登录。",
                "This login has expired, or was begun in another browser; log in again.",
            ),
            Self::Refused(words) => Text {
                zh: format!("统一身份认证拒绝了登录({words});请重新登录,或联系管理员。"),
                en: format!("The identity provider refused the login ({words}); try again, or ask the administrator."),
            },
            Self::Invalid(_) => Text::new(
                "统一身份认证返回的身份无法核实,没有登录;请联系管理员。",
                "What the identity provider says can't be verified, and nobody was logged in; ask the administrator.",
            ),
            Self::NoName(claim) => Text {
                zh: format!("统一身份认证没有给出帐户名({claim});请管理员检查 --oidc-claim。"),
                en: format!(
                    "The identity provider gives no name of an account ({claim}); the administrator checks --oidc-claim."
                ),
            },
        }
    }
}
