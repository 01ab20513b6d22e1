//! `shigu serve`: load, listen, reload data and certificate on SIGHUP and when they change, stop on a signal.

use super::args::{LogFormat, ServeArgs};
use super::beside::{beside, notice};
use super::installation::{Installation, Opened, Place, Refused, Service};
use super::{Done, both, cities, desktop};
use crate::core::model::Lang;
use crate::core::query::Disclosure;
use crate::http::{Certificate, Connections, FrontSettings, monitoring, router};
use crate::service::machine;
use crate::service::task::blocking;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;

/// How often the files of the certificate are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// Requests that are under way when the service has to stop get this long.
const GRACE: Duration = Duration::from_secs(10);

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
    let installation = Installation::new(args)?;
    let args = &installation.args;
    args.data.data_dir.as_deref().map(usable).transpose()?;
    let served = match &args.cities.cities {
        Some(folder) => Served::Cities(folder.clone()),
        None => Served::One(Box::new(one(&installation)?)),
    };
    if !loopback && args.accounts && args.public_url.is_none() && installation.front.host_names.is_empty() {
        notice(
            format,
            "只应答 IP 地址与 localhost;以域名访问请加 --public-url 或 --host-names / only addresses and localhost are answered; for a host name add --public-url or --host-names",
        );
    }
    notice(format, who_sees_what(args.accounts, args.allow_anonymous, installation.disclosure));
    notice(format, &where_data_lie(args.data.data_dir.as_deref()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    let served = runtime.block_on(serve(Arc::new(installation), served));
    runtime.shutdown_timeout(Duration::from_secs(1));
    served.map(|()| ExitCode::SUCCESS)
}

/// What is served.
enum Served {
    /// A dataset.
    One(Box<Opened>),
    /// Each dataset of a folder.
    Cities(PathBuf),
}

/// The dataset that is served alone.
fn one(installation: &Installation) -> Result<Opened, String> {
    let (args, path) = (&installation.args, String::new());
    let place = Place { source: args.data.source(), folder: args.data.folder()?, path };
    let opened = installation.open(place, None).map_err(|e| match e {
        Refused::Data(report) => report.render(Lang::Zh),
        Refused::Version(e) => both(&e.text()),
        Refused::Said(text) if text.zh == text.en => text.zh,
        Refused::Said(text) => both(&text),
    })?;
    if opened.warnings > 0 {
        let n = opened.warnings;
        notice(
            args.operating.log_format,
            &format!("数据有 {n} 条警告,运行 shigu check 查看 / the data has {n} warnings, see shigu check"),
        );
    }
    Ok(opened)
}

async fn serve(installation: Arc<Installation>, served: Served) -> Result<(), String> {
    let (args, front) = (&installation.args, &installation.front);
    let (listener, address) = listen(args.listen, "--listen").await?;
    let monitored = match args.operating.metrics_listen {
        Some(address) => Some(listen(address, "--metrics-listen").await?),
        None => None,
    };
    let scheme = if front.certificate.is_some() { "https" } else { "http" };
    let reached = reached(front, scheme, address);
    // a public address or a proxy's header says that readers come through a proxy, which is mostly on this machine
    let local_proxy = args.public_url.is_some() || args.trusted_proxy_header.is_some();
    let tls = front.certificate.clone();
    let (proxies, proxy_protocol) = (args.proxies.clone(), args.proxy_protocol.clone());
    let connections = Connections { proxies, local_proxy, proxy_protocol, tls, ..Connections::default() };
    if let Some(certificate) = front.certificate.clone() {
        let hangup = signal(SignalKind::hangup()).map_err(|e| e.to_string())?;
        tokio::spawn(renew(hangup, certificate));
    }
    let stop = stopped()?;
    let service = match served {
        Served::One(opened) => begin(&installation, &opened, &reached)?,
        Served::Cities(folder) => cities::begin(&installation, folder, reached)?,
    };
    println!("视谷 Shigu: {scheme}://{address}  {}", service.said);

    let (stopping, mut waiting) = tokio::sync::watch::channel(false);
    if let Some((listener, at)) = monitored {
        tracing::info!("监控 / monitoring: http://{at}/metrics");
        let (router, mut stopped) = (service.monitoring, stopping.subscribe());
        let few = Connections { most: 32, ..Connections::default() };
        tokio::spawn(few.serve(listener, router, async move { drop(stopped.changed().await) }));
    }
    if args.operating.open && !desktop::open(&format!("{scheme}://{address}/")) {
        notice(args.operating.log_format, "请在浏览器中打开上面的网址 / open the address above in a browser");
    }
    let close = service.close;
    let server = connections.serve(listener, service.router, async move {
        stop.await;
        tracing::info!("stopping");
        close();
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

/// Where readers reach the service: at its public address, else at the one that it listens to. Where it listens to all of this machine's,
/// that is none that another computer could open, and its first name stands there.
fn reached(front: &FrontSettings, scheme: &str, address: SocketAddr) -> String {
    if let Some(public) = &front.public_url {
        return public.clone();
    }
    match front.host_names.first().filter(|_| address.ip().is_unspecified()) {
        Some(name) if name.contains(':') => format!("{scheme}://{name}"),
        Some(name) => format!("{scheme}://{name}:{}", address.port()),
        None => format!("{scheme}://{address}"),
    }
}

/// Begins the service of the dataset that is served alone.
fn begin(installation: &Installation, opened: &Opened, reached: &str) -> Result<Service, String> {
    let app = opened.app.clone();
    let snapshot = opened.store.snapshot();
    let sample = if snapshot.describe().sample() { "(示例数据 / sample data)" } else { "" };
    let current = opened.store.current();
    let version =
        current.version.as_ref().filter(|v| v.number > 0).map_or(String::new(), |v| format!("  v{}", v.number));
    let (title, revision) = (&snapshot.describe().manifest.title.zh, &snapshot.describe().revision);
    let said = format!("{title}{sample}  {revision}{version}");
    beside(installation, opened, reached)?;
    let closing = app.clone();
    Ok(Service {
        monitoring: monitoring(app.clone()),
        router: router(app),
        said,
        close: Box::new(move || closing.close()),
    })
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

/// A folder that can be written to, made when missing.
fn usable(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder)
        .and_then(|()| machine::writable(folder))
        .map_err(|e| format!("--data-dir {0} 不可写 / can't write to --data-dir {0}: {e}", folder.display()))
}
