//! Accounts over HTTP: coming in (`session`), the accounts themselves (`people`), what was done (`audit`, `trail`).

pub(crate) mod audit;
pub(crate) mod people;
pub(crate) mod session;
mod throttle;
mod trail;

pub(crate) use throttle::MINUTES;
pub(crate) use trail::act;

use crate::http::App;
use crate::http::extract::permission::Reader;
use crate::http::middleware::connections::Peer;
use crate::http::problem::Problem;
use crate::service::store::{Account, AccountError, Database, Deed};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use moka::sync::Cache;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Semaphore;

/// The cookie that holds a session's token.
const COOKIE: &str = "shigu_session";
/// A session that was looked up is taken as it is for so long; changes made here are seen at once.
const FRESH: Duration = Duration::from_secs(5);
/// Sessions that are kept at hand.
const AT_HAND: u64 = 4_096;
/// Passwords that are worked on at once: each takes 19 MiB.
const AT_ONCE: usize = 2;

/// How accounts are used.
#[derive(Debug, Default)]
pub struct Entrance {
    /// Whether who has not logged in may read sums and what is not restricted.
    pub anonymous: bool,
    /// The header in which a proxy on this machine names the account; believed from this machine only.
    pub header: Option<HeaderName>,
}

/// What the service knows of those who come in.
#[derive(Debug)]
pub(crate) struct Gate {
    entrance: Entrance,
    database: Arc<Database>,
    sessions: Cache<String, Option<Account>>,
    throttle: throttle::Throttle,
    work: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn new(entrance: Entrance, database: Arc<Database>) -> Self {
        Self {
            entrance,
            database,
            sessions: Cache::builder().max_capacity(AT_HAND).time_to_live(FRESH).build(),
            throttle: throttle::Throttle::default(),
            work: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Forgets what is at hand, once accounts or sessions have changed.
    fn changed(&self) {
        self.sessions.invalidate_all();
    }
}

/// Who asks, where there are accounts. A page of another origin speaks for nobody.
pub(crate) async fn reader(
    gate: &Arc<Gate>,
    headers: &HeaderMap,
    peer: Option<IpAddr>,
    foreign: bool,
) -> Result<Reader, Problem> {
    let unknown = || if gate.entrance.anonymous { Reader::anyone() } else { Reader::nobody() };
    if foreign {
        return Ok(unknown());
    }
    if let Some(name) = named(&gate.entrance, headers, peer) {
        let (gate, asked) = (gate.clone(), name.clone());
        let found = off(move || gate.database.account(&asked).map_err(failed)).await?;
        return found.map(Reader::of).ok_or_else(|| stranger(&name));
    }
    let Some(token) = token(headers) else { return Ok(unknown()) };
    let known = if let Some(known) = gate.sessions.get(&token) {
        known
    } else {
        let (gate, now) = (gate.clone(), seconds());
        off(move || {
            let found = gate.database.session(&token, now).map_err(failed)?;
            gate.sessions.insert(token, found.clone());
            Ok(found)
        })
        .await?
    };
    Ok(known.map_or_else(unknown, Reader::of))
}

/// The account that a proxy of this machine names.
fn named(entrance: &Entrance, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<String> {
    let header = entrance.header.as_ref()?;
    let near = peer.is_some_and(|ip| ip.is_loopback());
    let name = headers.get(header).filter(|_| near)?;
    Some(String::from_utf8_lossy(name.as_bytes()).into_owned())
}

fn stranger(name: &str) -> Problem {
    let name: String = name.chars().take(64).collect();
    Problem::new(
        StatusCode::FORBIDDEN,
        "no-account",
        format!("“{name}”在本服务没有帐户,请管理员开通。"),
        format!("{name} has no account here; ask the administrator."),
    )
}

/// The token of the session cookie, as the service makes them.
fn token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    let mut ours = cookies.filter_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    ours.find(|t| t.len() == 64 && t.bytes().all(|b| b.is_ascii_hexdigit())).map(str::to_owned)
}

impl App {
    /// Writes down what was done.
    pub(crate) async fn note(
        &self,
        actor: String,
        peer: Option<Peer>,
        what: &str,
        detail: String,
    ) -> Result<(), Problem> {
        let Some(gate) = self.gate() else { return Ok(()) };
        let (gate, what) = (gate.clone(), what.to_owned());
        let peer = peer.map_or_else(String::new, |p| p.0.to_string());
        off(move || {
            let deed = Deed { id: 0, at: seconds(), actor, peer, what, detail };
            gate.database.note(&deed).map_err(failed)
        })
        .await
    }

    /// The gate, or why there is none.
    fn guarded(&self) -> Result<Arc<Gate>, Problem> {
        self.gate().cloned().ok_or_else(|| {
            Problem::new(
                StatusCode::NOT_FOUND,
                "no-accounts",
                "本服务没有启用帐户;启动时加 --accounts 与 --data-dir。",
                "This service has no accounts; start it with --accounts and --data-dir.",
            )
        })
    }
}

/// Work that waits for the disk, off the threads that serve.
async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR)))
}

fn seconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64)
}

#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
fn failed(e: AccountError) -> Problem {
    let (status, code) = match &e {
        AccountError::Taken(_) | AccountError::Former(_) => (StatusCode::CONFLICT, "name-taken"),
        AccountError::Missing(_) => (StatusCode::NOT_FOUND, "not-found"),
        AccountError::LastAdministrator => (StatusCode::CONFLICT, "last-administrator"),
        AccountError::Full => (StatusCode::INSUFFICIENT_STORAGE, "too-many-accounts"),
        AccountError::NoClaim => (StatusCode::FORBIDDEN, "no-claim"),
        AccountError::ScopeOfEditor => (StatusCode::UNPROCESSABLE_ENTITY, "scope-of-editor"),
        AccountError::NameMissing | AccountError::Unfit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit"),
        AccountError::Database(e) => {
            tracing::error!(error = %e, "accounts failed");
            let (zh, en) = (
                "数据文件夹无法读写,没有任何变化;请管理员检查磁盘空间与权限。",
                "The data folder failed and nothing changed; the administrator checks disk space and rights.",
            );
            return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "data-folder", zh, en);
        }
    };
    let text = e.text();
    Problem::new(status, code, text.zh, text.en)
}
