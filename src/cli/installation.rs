//! What `shigu serve` serves by its flags: the service of one dataset, or of each of several.

use super::args::{Disclose, OperatingArgs, ServeArgs};
use super::{accounts, both};
use crate::core::model::{Lang, Text};
use crate::core::query::Disclosure;
use crate::data::load::{Report, Source};
use crate::http::{
    App, Authentication, Basemap, BasemapSettings, Certificate, Config, ConfigError, FrontSettings, Resources,
    SettingError, Site,
};
use crate::render::map::Fonts;
use crate::render::renderer::Program;
use crate::service::clock;
use crate::service::oidc::{OidcSettings, Provider};
use crate::service::store::{DataFolder, Database, Incoming, OpenError, Reports, Store};
use axum::Router;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Why there is no owner where other computers come in.
const OWNER_ELSEWHERE: &str = "--disclose full 只用于仅本机可达的服务:监听其他地址时没有“所有者”;请改用 --accounts。\n       --disclose full is for a service that this machine alone reaches: elsewhere nobody is the owner; use --accounts.";

/// What holds for all that is served.
#[derive(Debug)]
pub(super) struct Installation {
    pub(super) args: ServeArgs,
    pub(super) front: FrontSettings,
    pub(super) disclosure: Disclosure,
    pub(super) accounts: Option<Authentication>,
    fonts: Fonts,
    renderer: Option<Program>,
}

/// What is served somewhere.
#[derive(Debug)]
pub(super) struct Place {
    /// The dataset.
    pub(super) source: Source,
    /// Where what is kept lies.
    pub(super) folder: Option<DataFolder>,
    /// The path below the address of the service, without a slash at the end.
    pub(super) path: String,
}

/// The service of a dataset.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) app: App,
    pub(super) store: Arc<Store>,
    /// The token of the first administrator, where nobody could make accounts yet.
    pub(super) first: Option<String>,
    /// Warnings of the data.
    pub(super) warnings: usize,
}

/// Why a dataset is not served.
#[derive(Debug)]
pub(super) enum Refused {
    /// Its data have errors.
    Data(Box<Report>),
    /// Its current version can't be read.
    Version(OpenError),
    /// Something else.
    Said(Text),
}

impl Refused {
    /// Whether it may pass without anybody doing something here.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Version(e) if e.is_away())
    }

    /// Why a city is not served: of its data the errors.
    pub(super) fn text(&self) -> Text {
        match self {
            Self::Data(report) | Self::Version(OpenError::Refused(report)) => {
                Text::new(report.errors_in_words(Lang::Zh), report.errors_in_words(Lang::En))
            }
            Self::Version(e) => e.text(),
            Self::Said(text) => text.clone(),
        }
    }
}

impl From<Text> for Refused {
    fn from(text: Text) -> Self {
        Self::Said(text)
    }
}

/// What is said in both languages already.
impl From<String> for Refused {
    fn from(text: String) -> Self {
        Self::Said(Text::new(&text, &text))
    }
}

/// What answers requests, and what it takes to end it.
pub(super) struct Service {
    pub(super) router: Router,
    pub(super) monitoring: Router,
    /// What it serves, for whoever starts it.
    pub(super) said: String,
    /// Ends what goes on in the background.
    pub(super) close: Box<dyn FnOnce() + Send>,
}

impl Installation {
    pub(super) fn new(args: ServeArgs) -> Result<Self, String> {
        let certificate = args.operating.certificate()?.map(Arc::new);
        let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis());
        let front = FrontSettings {
            public_url: args.public_url.as_deref().map(public_url).transpose()?,
            path: String::new(),
            host_names: listed(args.host_names.as_deref()),
            proxies: args.proxies.clone(),
            allow_origins: origins(args.allow_origin.as_deref())?,
            instance: format!("{started:x}"),
            certificate,
            hsts: args.operating.hsts,
        };
        let (disclosure, accounts) = (disclosure(&args)?, authentication(&args)?);
        let (fonts, renderer) = (super::map::faces(args.font.as_deref())?, args.programs.maplibre_rs()?);
        Ok(Self { args, front, disclosure, accounts, fonts, renderer })
    }

    /// The service of a dataset. What services of the program share comes along where there are several.
    pub(super) fn open(&self, place: Place, resources: Option<Resources>) -> Result<Opened, Refused> {
        let Place { source, folder, path } = place;
        let args = &self.args;
        let kept = folder.as_ref().map(DataFolder::path);
        let site = Site { of_several: !path.is_empty(), ..self.site(kept)? };
        let database = folder.as_ref().map(Database::open).transpose().map_err(|e| e.text())?;
        let first = database.as_ref().filter(|_| args.accounts).map(accounts::first_token).transpose()?.flatten();
        let incoming = folder.as_ref().map(Incoming::open).transpose().map_err(|e| e.text())?;
        let reports = folder.as_ref().map(|folder| Reports::open(folder, clock::seconds())).transpose();
        let reports = reports.map_err(|e| e.text())?;
        let limits = args.data.limits();
        let (store, report) = match &folder {
            Some(folder) => Store::open_in(folder, args.keep_versions, source, limits).map_err(Refused::Version)?,
            None => Store::open(source, limits).map_err(|report| Refused::Data(Box::new(report)))?,
        };
        let store = Arc::new(store);
        let public_url = self.front.public_url.as_ref().map(|url| format!("{url}{path}"));
        let config = Config {
            oidc: oidc(args, public_url.as_deref())?,
            front: FrontSettings { public_url, path, ..self.front.clone() },
            fonts: self.fonts.clone(),
            renderer: self.renderer.clone(),
            folder: kept.map(Path::to_owned),
            accounts: self.accounts.clone(),
            keep_links: args.keep_links,
            protected_questions: args.protected_questions,
            two_persons: args.two_persons,
            site,
            database,
            incoming,
            reports,
            resources,
            ..Config::new(store.clone(), self.disclosure)
        };
        let app = App::new(config).map_err(ConfigError::text)?;
        Ok(Opened { app, store, first, warnings: report.warnings() })
    }

    /// Base map and embedding.
    pub(super) fn site(&self, data_dir: Option<&Path>) -> Result<Site, SettingError> {
        let args = &self.args;
        let (attribution, approval) = (args.basemap_attribution.clone(), args.basemap_approval.clone());
        let place = args.basemap.clone().or_else(|| {
            let file = basemap_file(&[data_dir, args.data.data_dir.as_deref()])?;
            tracing::info!("底图 / base map: {}", file.display());
            Some(file.to_string_lossy().into_owned())
        });
        let key = args.basemap_key.clone();
        let basemap =
            place.map(|place| Basemap::new(BasemapSettings { place, key, attribution, approval })).transpose()?;
        Site { basemap, ..Site::default() }.embedded_by(args.embed_origins.as_deref().unwrap_or(""))
    }

    /// Whether sums are protected for nearly everybody who asks.
    pub(super) fn is_protected(&self) -> bool {
        // where there is an owner, hardly anybody else asks
        self.disclosure == Disclosure::Aggregates
    }
}

/// What who has no account sees.
fn disclosure(args: &ServeArgs) -> Result<Disclosure, String> {
    // what a proxy passes on comes from anywhere
    let alone = args.listen.ip().is_loopback() && args.proxy_protocol.is_empty();
    Ok(match args.disclose {
        // with accounts it is the account that tells
        _ if args.accounts => Disclosure::Aggregates,
        Some(Disclose::Full) if !alone => return Err(OWNER_ELSEWHERE.to_owned()),
        Some(Disclose::Full) => Disclosure::Full,
        None if alone && args.public_url.is_none() => Disclosure::Full,
        Some(Disclose::Aggregates) | None => Disclosure::Aggregates,
    })
}

impl OperatingArgs {
    /// The certificate for TLS, where one is named.
    pub(super) fn certificate(&self) -> Result<Option<Certificate>, String> {
        let files = self.tls_cert.as_deref().zip(self.tls_key.as_deref());
        files.map(|(chain, key)| Certificate::open(chain, key).map_err(|e| both(&e.text()))).transpose()
    }
}

/// Items of a list that commas separate.
fn listed(text: Option<&str>) -> Vec<String> {
    let items = text.unwrap_or("").split(',').map(str::trim).filter(|t| !t.is_empty());
    items.map(str::to_owned).collect()
}

/// Origins of other sites as browsers send them; `*` for all.
fn origins(text: Option<&str>) -> Result<Vec<String>, String> {
    let mut origins = listed(text);
    for origin in &mut origins {
        let scheme = origin.starts_with("https://") || origin.starts_with("http://");
        let rest = origin.split_once("://").map_or("", |(_, rest)| rest.trim_end_matches('/'));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        if origin != "*" && (!scheme || rest.is_empty() || !rest.chars().all(plain)) {
            return Err(format!(
                "--allow-origin 中的“{origin}”应形如 https://portal.example / {origin:?} in --allow-origin must be like https://portal.example"
            ));
        }
        *origin = origin.trim_end_matches('/').to_ascii_lowercase();
    }
    Ok(origins)
}

/// How readers are authenticated, where there are accounts.
fn authentication(args: &ServeArgs) -> Result<Option<Authentication>, String> {
    let header = args.trusted_proxy_header.as_deref().map(|name| {
        name.parse().map_err(|_| {
            format!(
                "--trusted-proxy-header {name} 不是请求头的名称 / --trusted-proxy-header {name} is no name of a header"
            )
        })
    });
    let header = header.transpose()?;
    Ok(args.accounts.then_some(Authentication { anonymous: args.allow_anonymous, header }))
}

/// The identity provider, where one is named.
fn oidc(args: &ServeArgs, public_url: Option<&str>) -> Result<Option<Provider>, String> {
    let (Some(issuer), Some(public)) = (&args.oidc_issuer, public_url) else { return Ok(None) };
    let secret = args.oidc_client_secret_file.as_deref().map(|file| {
        let name = file.display();
        let read = std::fs::read_to_string(file)
            .map_err(|e| format!("--oidc-client-secret-file {name} 读不出 / can't be read: {e}"))?;
        Ok::<_, String>(read.trim().to_owned())
    });
    let settings = OidcSettings {
        issuer: issuer.clone(),
        client_id: args.oidc_client_id.clone().unwrap_or_default(),
        client_secret: secret.transpose()?.filter(|s| !s.is_empty()),
        certificates: args.oidc_ca.clone(),
        claim: args.oidc_claim.clone(),
        title: args.oidc_title.clone(),
    };
    Provider::new(settings, public).map(Some).map_err(|e| both(&e.text()))
}

/// A base map that lies where the service keeps its own, or beside the program.
fn basemap_file(kept: &[Option<&Path>]) -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let kept = kept.iter().flatten().map(|folder| folder.to_path_buf());
    kept.chain(program.and_then(|p| p.parent().map(Path::to_owned)))
        .map(|folder| folder.join("basemap.pmtiles"))
        .find(|file| file.is_file())
}

/// The address that readers see, without a slash at the end.
fn public_url(url: &str) -> Result<String, String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let (host, path) = rest.map_or(("", ""), |r| r.split_at(r.find('/').unwrap_or(r.len())));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:[]".contains(c);
    if host.is_empty() || !host.chars().all(plain) || !path.chars().all(plain) || path.contains("//") {
        return Err(format!(
            "--public-url {url} 应形如 https://gis.example/shigu/ / --public-url {url} must be like https://gis.example/shigu/"
        ));
    }
    Ok(url.trim_end_matches('/').to_owned())
}
