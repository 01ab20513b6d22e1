//! What an installation is made of, in one place. Combinations that can't work are refused before anything is served.

use crate::core::model::Text;
use crate::core::query::Disclosure;
use crate::http::middleware::trust::EVERY;
use crate::http::{Authentication, FrontSettings, Resources, Site};
use crate::render::map::Fonts;
use crate::render::renderer::Program;
use crate::service::budget::PROTECTED_QUESTIONS;
use crate::service::oidc::Provider;
use crate::service::store::{Database, Incoming, LINK_DAYS, Reports, Store};
use std::path::PathBuf;
use std::sync::Arc;

/// Everything that the service needs to know at its start.
#[derive(Debug)]
pub struct Config {
    /// The data.
    pub store: Arc<Store>,
    /// `Full`: whoever sits at this machine is the owner, who sees everything and publishes; all others see aggregates.
    pub disclosure: Disclosure,
    /// How readers come.
    pub front: FrontSettings,
    /// Fonts for PNG maps and PDF; without any, these are a 501.
    pub fonts: Fonts,
    /// The program that draws with maplibre-rs; without it, such a map is a 501.
    pub renderer: Option<Program>,
    /// Days for which a short link is kept that nobody makes or follows again.
    pub keep_links: u32,
    /// Different questions whose sums are protected that a reader may ask in a day; 0 for any number.
    pub protected_questions: u32,
    /// Where links, accounts and the audit log are kept.
    pub database: Option<Database>,
    /// The folder of what the service keeps, which is looked at for `/healthz`.
    pub folder: Option<PathBuf>,
    /// How readers log in; none: there are no accounts. They need the database.
    pub accounts: Option<Authentication>,
    /// By whom readers can log in besides; needs accounts.
    pub oidc: Option<Provider>,
    /// Where files on their way in lie; without it, an import is a 501. They end in versions, which the store has to keep.
    pub incoming: Option<Incoming>,
    /// Whether another than who made a change publishes it; needs accounts.
    pub two_persons: bool,
    /// Where reports made in batches lie; without it, a batch is a 501.
    pub reports: Option<Reports>,
    /// Base map and embedding.
    pub site: Site,
    /// What it shares with other services of the program; none: it is the only one.
    pub resources: Option<Resources>,
}

impl Config {
    /// The data, read only, and nothing else.
    pub fn new(store: Arc<Store>, disclosure: Disclosure) -> Self {
        Self {
            store,
            disclosure,
            front: FrontSettings::default(),
            fonts: Fonts::default(),
            renderer: None,
            keep_links: LINK_DAYS,
            protected_questions: PROTECTED_QUESTIONS,
            database: None,
            folder: None,
            accounts: None,
            oidc: None,
            incoming: None,
            two_persons: false,
            reports: None,
            site: Site::default(),
            resources: None,
        }
    }

    /// Refuses combinations that can't work.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.accounts.is_some() && self.database.is_none() {
            return Err(ConfigError::AccountsWithoutDatabase);
        }
        if self.accounts.is_some() && self.disclosure == Disclosure::Full {
            return Err(ConfigError::AccountsWithFullDisclosure);
        }
        if self.front.public_url.is_some() && self.disclosure == Disclosure::Full {
            return Err(ConfigError::OwnerBehindProxy);
        }
        if self.oidc.is_some() && self.accounts.is_none() {
            return Err(ConfigError::OidcWithoutAccounts);
        }
        if self.two_persons && self.accounts.is_none() {
            return Err(ConfigError::TwoPersonsWithoutAccounts);
        }
        let public = self.front.public_url.as_ref();
        let encrypted = self.front.certificate.is_some() || public.is_some_and(|u| u.starts_with("https://"));
        if self.front.hsts.is_some() && !encrypted {
            return Err(ConfigError::StrictWithoutTls);
        }
        let protected = self.accounts.is_some() || self.disclosure == Disclosure::Full;
        if protected && self.front.allow_origins.iter().any(|o| o == EVERY) {
            return Err(ConfigError::EveryOriginWithOwner);
        }
        if self.incoming.is_some() && !self.store.keeps_versions() {
            return Err(ConfigError::ImportsWithoutVersions);
        }
        Ok(())
    }
}

/// A combination of settings that can't work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// There would be no place for accounts, and so no login.
    AccountsWithoutDatabase,
    /// The provider says who somebody is, an account what they may do.
    OidcWithoutAccounts,
    /// Without accounts nobody tells one person from another.
    TwoPersonsWithoutAccounts,
    /// Where there are accounts, the role says what a reader sees.
    AccountsWithFullDisclosure,
    /// Behind a proxy every reader comes from this machine, so none of them is the owner.
    OwnerBehindProxy,
    /// Where some see more than others, pages of every origin must not read.
    EveryOriginWithOwner,
    /// Browsers would be told to come by what there is not.
    StrictWithoutTls,
    /// What is published could not be kept.
    ImportsWithoutVersions,
}

impl ConfigError {
    /// What is wrong, and what to do.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::AccountsWithoutDatabase => (
                "启用帐户需要数据文件夹来保存帐户;请加 --data-dir。",
                "Accounts need a data folder to be kept in; add --data-dir.",
            ),
            Self::OidcWithoutAccounts => (
                "统一身份认证只说明是谁,能做什么由帐户决定;请加 --accounts。",
                "An identity provider says who somebody is, an account what they may do; add --accounts.",
            ),
            Self::TwoPersonsWithoutAccounts => (
                "两人复核要靠帐户分辨是谁;请加 --accounts。",
                "Two persons are told apart by their accounts; add --accounts.",
            ),
            Self::AccountsWithFullDisclosure => (
                "启用帐户时,读者能看到什么由角色决定;请去掉 --disclose full。",
                "With accounts, a reader's role says what they see; leave out --disclose full.",
            ),
            Self::OwnerBehindProxy => (
                "写明 --public-url 表示经代理对外服务,此时人人都像来自本机,没有“所有者”;请去掉 --disclose full,要看受限数据或更改数据请用 --accounts。",
                "With --public-url readers come through a proxy and all seem to sit at this machine, so nobody is the owner; leave out --disclose full, and use --accounts for who sees restricted figures or changes data.",
            ),
            Self::EveryOriginWithOwner => (
                "有帐户或所有者时,--allow-origin 不能是 *;请逐个写明网站,或加 --disclose aggregates。",
                "With accounts or an owner --allow-origin can't be *; name each origin, or add --disclose aggregates.",
            ),
            Self::StrictWithoutTls => (
                "--hsts 要求浏览器只用 https,而本服务没有 https;请加 --tls-cert 与 --tls-key,或以 https 开头的 --public-url。",
                "--hsts has browsers come by https, which there is not; add --tls-cert and --tls-key, or a --public-url that begins with https.",
            ),
            Self::ImportsWithoutVersions => (
                "导入的数据要保存为版本,但数据存储没有版本文件夹;请加 --data-dir。",
                "Imports become versions, and the store keeps none; add --data-dir.",
            ),
        };
        Text::new(zh, en)
    }
}
