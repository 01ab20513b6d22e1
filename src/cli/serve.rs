//! `shigu serve`: load, listen, reload data and certificate on SIGHUP and when they change, stop on a signal.

use super::args::{Disclose, LogFormat, OperatingArgs, ServeArgs};
use super::{Done, accounts, both, desktop};
use crate::core::model::Lang;
use crate::core::query::Disclosure;
use crate::http::{
    App, Authentication, Basemap, BasemapSettings, Certificate, Config, Connections, SettingError, Site, monitoring,
    router,
};
use crate::service::oidc::{OidcSettings, Provider};
use crate::service::store::{Database, DatabaseError, Incoming, Reports, Store};
use crate::service::task::blocking;
use crate::service::{clock, machine};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;

/// How often the files of the certificate are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How often what is too old is removed.
const TIDIED: Duration = Duration::from_hours(1);
/// Requests that are under way when the service has to stop get this long.
const GRACE: Duration = Duration::from_secs(10);

/// Why there is no owner where other computers come in.
const OWNER_ELSEWHERE: &str = "--disclose full 只用于仅本机可达的服务:监听其他地址时没有“所有者”;请改用 --accounts。\n       --disclose full is for a service that this machine alone reaches: elsewhere nobody is the owner; use --accounts.";

/// The allocator of glibc reads how many arenas it may have when a program starts, and each arena keeps what it had: unless
/// somebody has chosen, the program starts once more, in the same process, with one for each thread that serves and one for
/// all others (ADR 50).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn with_few_arenas() {
    use std::os::unix::process::CommandExt as _;
    const ARENAS: &str = "MALLOC_ARENA_MAX";
    if std::env::var_os(ARENAS).is_some() {
        return;
    }
    let mut words = std::env::args_os();
    if let (Ok(program), Some(name)) = (std::env::current_exe(), words.next()) {
        // it returns only where the program can't be started: then it goes on as it is
        let serving = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let arenas = (serving + 1).to_string();
        let _ = std::process::Command::new(program).arg0(name).args(words).env(ARENAS, arenas).exec();
    }
}

pub(super) fn run(args: ServeArgs) -> Done {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    with_few_arenas();
    let format = args.operating.log_format;
    log(format);
    let loopback = args.listen.ip().is_loopback();
    if !loopback && !args.allow_anonymous && !args.accounts {
        return Err(format!(
            "监听 {0} 会让其他电脑无需登录即可访问;请加 --accounts(须登录);确要匿名开放时加 --allow-anonymous。\n       Listening on {0} lets other computers read without accounts; add --accounts, or --allow-anonymous if that is meant.",
            args.listen
        ));
    }
    let certificate = args.operating.certificate()?.map(Arc::new);
    let site = site(&args).map_err(|e| both(&e))?;
    args.data.data_dir.as_deref().map(usable).transpose()?;
    let folder = args.data.folder()?;
    let said = |e: DatabaseError| both(&e.text());
    let database = folder.as_ref().map(Database::open).transpose().map_err(said)?;
    let first = database.as_ref().filter(|_| args.accounts).map(accounts::first_token).transpose()?.flatten();
    let incoming = folder.as_ref().map(Incoming::open).transpose().map_err(|e| both(&e.text()))?;
    let reports = folder.as_ref().map(|folder| Reports::open(folder, clock::seconds())).transpose();
    let reports = reports.map_err(|e| both(&e.text()))?;
    let (source, limits) = (args.data.source(), args.data.limits());
    let opened = match &folder {
        Some(folder) => Store::open_in(folder, args.keep_versions, source, limits).map_err(|e| both(&e.text())),
        None => Store::open(source, limits).map_err(|report| report.render(Lang::Zh)),
    };
    let (store, report) = opened?;
    if report.warnings() > 0 {
        let n = report.warnings();
        notice(
            format,
            &format!("数据有 {n} 条警告,运行 shigu check 查看 / the data has {n} warnings, see shigu check"),
        );
    }
    let authentication = authentication(&args)?;
    // what a proxy passes on comes from anywhere
    let alone = loopback && args.proxy_protocol.is_empty();
    let disclosure = match args.disclose {
        // with accounts it is the account that tells
        _ if args.accounts => Disclosure::Aggregates,
        Some(Disclose::Full) if !alone => return Err(OWNER_ELSEWHERE.to_owned()),
        Some(Disclose::Full) => Disclosure::Full,
        None if alone && args.public_url.is_none() => Disclosure::Full,
        Some(Disclose::Aggregates) | None => Disclosure::Aggregates,
    };
    let (proxies, keep_links, protected_questions) = (args.proxies.clone(), args.keep_links, args.protected_questions);
    let (two_persons, hsts, data_dir) = (args.two_persons, args.operating.hsts, args.data.data_dir.clone());
    let (host_names, allow_origins) = (listed(args.host_names.as_deref()), origins(args.allow_origin.as_deref())?);
    if !loopback && args.accounts && args.public_url.is_none() && host_names.is_empty() {
        notice(
            format,
            "只应答 IP 地址与 localhost;以域名访问请加 --public-url 或 --host-names / only addresses and localhost are answered; for a host name add --public-url or --host-names",
        );
    }
    let oidc = oidc(&args)?;
    notice(format, who_sees_what(args.accounts, args.allow_anonymous, disclosure));
    notice(format, &where_data_lie(args.data.data_dir.as_deref()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    let fonts = super::map::faces(args.font.as_deref())?;
    let renderer = args.programs.maplibre_rs()?;
    let served = runtime.block_on(serve(
        args,
        Config {
            fonts,
            site,
            database,
            accounts: authentication,
            oidc,
            host_names,
            folder: data_dir,
            certificate,
            hsts,
            keep_links,
            protected_questions,
            two_persons,
            proxies,
            allow_origins,
            incoming,
            reports,
            renderer,
            ..Config::new(Arc::new(store), disclosure)
        },
        first,
    ));
    runtime.shutdown_timeout(Duration::from_secs(1));
    served.map(|()| ExitCode::SUCCESS)
}

async fn serve(args: ServeArgs, config: Config, first: Option<String>) -> Result<(), String> {
    let (listener, address) = listen(args.listen, "--listen").await?;
    let monitored = match args.operating.metrics_listen {
        Some(address) => Some(listen(address, "--metrics-listen").await?),
        None => None,
    };
    let (format, certificate) = (args.operating.log_format, config.certificate.clone());
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis());
    let public_url = args.public_url.as_deref().map(public_url).transpose()?;
    if let Some(token) = first {
        let reached = public_url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
        notice(format, &accounts::invitation(&reached, &token));
    }
    // a public address or a proxy's header says that readers come through a proxy, which is mostly on this machine
    let local_proxy = args.public_url.is_some() || args.trusted_proxy_header.is_some();
    let tls = certificate.clone();
    let (proxies, proxy_protocol) = (args.proxies, args.proxy_protocol);
    let connections = Connections { proxies, local_proxy, proxy_protocol, tls, ..Connections::default() };
    // where there is an owner, hardly anybody else asks
    let protected = config.disclosure == Disclosure::Aggregates;
    let store = config.store.clone();
    let app = App::new(Config { public_url, instance: format!("{started:x}"), ..config });
    let app = app.map_err(|e| both(&e.text()))?;
    let hangup = signal(SignalKind::hangup()).map_err(|e| e.to_string())?;
    tokio::spawn(keep_up(hangup, store.clone(), protected));
    if let Some(certificate) = certificate {
        let hangup = signal(SignalKind::hangup()).map_err(|e| e.to_string())?;
        tokio::spawn(renew(hangup, certificate));
    }
    tokio::spawn(tidy(app.clone()));
    tokio::spawn(app.clone().look_after_jobs());
    tokio::spawn(app.clone().look_after_briefings());
    let stop = stopped()?;

    let snapshot = store.snapshot();
    let sample = if snapshot.describe().sample() { "(示例数据 / sample data)" } else { "" };
    let current = store.current();
    let version =
        current.version.as_ref().filter(|v| v.number > 0).map_or(String::new(), |v| format!("  v{}", v.number));
    println!(
        "视谷 Shigu: {scheme}://{address}  {}{sample}  {}{version}",
        snapshot.describe().manifest.title.zh,
        snapshot.describe().revision
    );
    drop((snapshot, current));
    warm(&store, protected);

    let closing = app.clone();
    let (stopping, mut waiting) = tokio::sync::watch::channel(false);
    if let Some((listener, at)) = monitored {
        tracing::info!("监控 / monitoring: http://{at}/metrics");
        let (router, mut stopped) = (monitoring(app.clone()), stopping.subscribe());
        let few = Connections { most: 32, ..Connections::default() };
        tokio::spawn(few.serve(listener, router, async move { drop(stopped.changed().await) }));
    }
    if args.operating.open && !desktop::open(&format!("{scheme}://{address}/")) {
        notice(format, "请在浏览器中打开上面的网址 / open the address above in a browser");
    }
    let server = connections.serve(listener, router(app), async move {
        stop.await;
        tracing::info!("stopping");
        closing.close();
        let _ = stopping.send(true);
    });
    let grace = async move {
        let _ = waiting.changed().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = server => {}
        () = grace => {}
    }
    Ok(())
}

/// Listens at an address that a flag names.
async fn listen(at: SocketAddr, flag: &str) -> Result<(TcpListener, SocketAddr), String> {
    let failed = |e| {
        format!("无法监听 {at},端口可能已被占用,可用 {flag} 另选 / can't listen on {at}, try another with {flag}: {e}")
    };
    let listener = TcpListener::bind(at).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Begins the log.
fn log(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SHIGU_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// Says something to whoever starts the service, whatever of the log is wanted.
fn notice(format: LogFormat, text: &str) {
    match format {
        LogFormat::Text => eprintln!("{text}"),
        LogFormat::Json => {
            let line = serde_json::json!({"timestamp": clock::now().to_string(), "level": "INFO", "message": text});
            eprintln!("{line}");
        }
    }
}

/// Where what the service keeps lies, or that it keeps nothing, and where it could.
fn where_data_lie(folder: Option<&Path>) -> String {
    match (folder, desktop::data_folder()) {
        (Some(folder), _) => format!("运行数据在 {0} / what the service keeps lies in {0}", folder.display()),
        (None, Some(usual)) => format!(
            "没有 --data-dir:不保存版本、导入、草稿、链接与帐户。要保存请加 --data-dir {0} / no --data-dir: no versions, imports, drafts, links or accounts are kept; to keep them add --data-dir {0}",
            usual.display()
        ),
        (None, None) => "没有 --data-dir:不保存版本、导入、草稿、链接与帐户 / no --data-dir: no versions, imports, drafts, links or accounts are kept".to_owned(),
    }
}

impl OperatingArgs {
    /// The certificate for TLS, where one is named.
    pub(super) fn certificate(&self) -> Result<Option<Certificate>, String> {
        let files = self.tls_cert.as_deref().zip(self.tls_key.as_deref());
        files.map(|(chain, key)| Certificate::open(chain, key).map_err(|e| both(&e.text()))).transpose()
    }
}

/// Reads the certificate again at each SIGHUP, and when its files are not what they were.
async fn renew(mut hangup: tokio::signal::unix::Signal, certificate: Arc<Certificate>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let hung_up = tokio::select! {
            hung_up = hangup.recv() => match hung_up { Some(()) => true, None => return },
            _ = look.tick() => false,
        };
        let reading = certificate.clone();
        let read = move || (hung_up || reading.has_changed()).then(|| reading.reload());
        match blocking(read).await {
            Ok(None) => {}
            Ok(Some(Ok(()))) => tracing::info!(ends = certificate.ends(), "certificate read again"),
            Ok(Some(Err(e))) => tracing::error!("certificate refused, the one of before goes on\n{}", both(&e.text())),
            Err(e) => tracing::error!(error = %e, "certificate was not read"),
        }
    }
}

/// What somebody without an account sees, said at the start, so that nobody finds out later.
fn who_sees_what(accounts: bool, anonymous: bool, disclosure: Disclosure) -> &'static str {
    match (accounts, anonymous, disclosure) {
        (true, false, _) => {
            "须登录后查看(--allow-anonymous 可放开) / who reads logs in first (unless --allow-anonymous is given)"
        }
        (true, true, _) => {
            "未登录者可看整个名录中不受限的内容与合计,比限定区域的帐户看到的更多 / who has not logged in reads what is not restricted of the whole register, and sums: more than accounts limited to zones"
        }
        (false, _, Disclosure::Full) => {
            "没有帐户:本机使用者即所有者,可看受限数据并发布;经代理等其他途径只有合计。若有代理,请写明 --public-url / no accounts: who sits at this machine is the owner, sees restricted figures and publishes; whoever comes through a proxy gets aggregates only. Behind a proxy, add --public-url"
        }
        (false, _, Disclosure::Aggregates) => {
            "没有帐户:所有人只能看合计与不受限的内容,不能更改数据;要看受限数据或更改数据请加 --accounts / no accounts: everybody gets aggregates and what is not restricted, and changes nothing; add --accounts for more"
        }
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
fn oidc(args: &ServeArgs) -> Result<Option<Provider>, String> {
    let (Some(issuer), Some(public)) = (&args.oidc_issuer, &args.public_url) else { return Ok(None) };
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
    Provider::new(settings, &public_url(public)?).map(Some).map_err(|e| both(&e.text()))
}

fn site(args: &ServeArgs) -> Result<Site, SettingError> {
    let (attribution, approval) = (args.basemap_attribution.clone(), args.basemap_approval.clone());
    let place = args.basemap.clone().or_else(|| {
        let file = basemap_file(args.data.data_dir.as_deref())?;
        tracing::info!("底图 / base map: {}", file.display());
        Some(file.to_string_lossy().into_owned())
    });
    let key = args.basemap_key.clone();
    let basemap = place.map(|place| Basemap::new(BasemapSettings { place, key, attribution, approval })).transpose()?;
    Site { basemap, ..Site::default() }.embedded_by(args.embed_origins.as_deref().unwrap_or(""))
}

/// A base map that lies where the service keeps its own, or beside the program.
fn basemap_file(data_dir: Option<&Path>) -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let folders = [data_dir.map(Path::to_owned), program.and_then(|p| p.parent().map(Path::to_owned))];
    folders.into_iter().flatten().map(|folder| folder.join("basemap.pmtiles")).find(|file| file.is_file())
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

/// Resolves on SIGTERM or SIGINT.
fn stopped() -> Result<impl Future<Output = ()>, String> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Reads the data again at each SIGHUP, and when another program has made a version, off the threads that serve. Data with
/// errors changes nothing.
async fn keep_up(mut hangup: tokio::signal::unix::Signal, store: Arc<Store>, protected: bool) {
    let mut look = tokio::time::interval(store.look());
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut warmed = store.snapshot().describe().revision.clone();
    // a server that is away is tried five times a second: its absence is said once
    let mut said = None;
    loop {
        let hung_up = tokio::select! {
            hung_up = hangup.recv() => match hung_up { Some(()) => true, None => return },
            _ = look.tick() => false,
        };
        let reading = store.clone();
        let read = move || {
            // what was refused is tried again when somebody says so
            if hung_up { Some(reading.reload()) } else { reading.catch_up().ok().flatten() }
        };
        match blocking(read).await {
            Ok(None) => {}
            Ok(Some(Ok(report))) => {
                said = None;
                tracing::info!(
                    revision = store.snapshot().describe().revision,
                    warnings = report.warnings(),
                    "reloaded"
                );
            }
            Ok(Some(Err(e))) => {
                let text = e.text().zh;
                if said.as_ref() != Some(&text) {
                    tracing::error!("reload refused, the old data stays\n{text}");
                }
                said = Some(text);
            }
            Err(e) => tracing::error!(error = %e, "reload failed, the old data stays"),
        }
        // what was published here counts, too
        if store.snapshot().describe().revision != warmed {
            warmed.clone_from(&store.snapshot().describe().revision);
            warm(&store, protected);
        }
    }
}

/// Removes what is too old, now and then.
async fn tidy(app: App) {
    let mut look = tokio::time::interval(TIDIED);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        app.tidy().await;
    }
}

/// Builds what the first search, and where there are such the first reader of protected sums, would wait for, while the
/// first requests are served.
fn warm(store: &Arc<Store>, protected: bool) {
    let (snapshot, store) = (store.snapshot(), store.clone());
    drop(blocking(move || {
        snapshot.warm();
        if protected {
            snapshot.warm_protected();
        }
        let (figures, _) = snapshot.protected_figures();
        tracing::info!(revision = snapshot.describe().revision, figures, "indexes and protected figures are ready");
        drop(snapshot);
        store.keep_snapshot();
    }));
}

/// A folder that can be written to, made when missing.
fn usable(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder)
        .and_then(|()| machine::writable(folder))
        .map_err(|e| format!("--data-dir {0} 不可写 / can't write to --data-dir {0}: {e}", folder.display()))
}
