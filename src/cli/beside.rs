//! What goes on beside the requests of a dataset that is served: its data are read again, what is too old is removed, and jobs of
//! copies that ended are gone on with.

use super::accounts;
use super::args::LogFormat;
use super::installation::{Installation, Opened};
use crate::core::query::{Disclosure, Embedded};
use crate::http::App;
use crate::service::clock;
use crate::service::store::Store;
use crate::service::task::blocking;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::AbortHandle;
use tokio::time::MissedTickBehavior;
use tracing::Instrument as _;

/// How often what is too old is removed.
const TIDIED: Duration = Duration::from_hours(1);
/// How long after a start the page of who waited for it has asked what it asks first.
const OPENED: Duration = Duration::from_millis(500);

/// Begins what goes on beside the requests of a dataset, and says how its first administrator comes in.
pub(super) fn beside(installation: &Installation, opened: &Opened, reached: &str) -> Result<Vec<AbortHandle>, String> {
    if let Some(token) = &opened.first {
        notice(installation.args.operating.log_format, &accounts::invitation(reached, token));
    }
    let (app, protected) = (&opened.app, installation.is_protected());
    let hangup = signal(SignalKind::hangup()).map_err(|e| e.to_string())?;
    let span = tracing::Span::current();
    let running = vec![
        tokio::spawn(keep_up(hangup, opened.store.clone(), protected).instrument(span.clone())).abort_handle(),
        tokio::spawn(tidy(app.clone()).instrument(span.clone())).abort_handle(),
        tokio::spawn(app.clone().look_after_jobs().instrument(span.clone())).abort_handle(),
        tokio::spawn(app.clone().look_after_briefings().instrument(span)).abort_handle(),
    ];
    warm(&opened.store, protected);
    Ok(running)
}

/// Says something to whoever starts the service, whatever of the log is wanted.
pub(super) fn notice(format: LogFormat, text: &str) {
    match format {
        LogFormat::Text => eprintln!("{text}"),
        LogFormat::Json => {
            let line = serde_json::json!({"timestamp": clock::now().to_string(), "level": "INFO", "message": text});
            eprintln!("{line}");
        }
    }
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
            if hung_up {
                return Some(reading.reload());
            }
            reading.has_news().then(|| reading.catch_up().ok().flatten()).flatten()
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
    let (snapshot, store, span) = (store.snapshot(), store.clone(), tracing::Span::current());
    drop(blocking(move || {
        let _span = span.entered();
        // the page asks for all zones before anybody searches
        let engine = Embedded::from(snapshot.clone());
        engine.warm(Disclosure::Full);
        // names take all cores for a while: whoever has opened the page already comes first
        thread::sleep(OPENED);
        snapshot.warm();
        if protected {
            snapshot.warm_protected();
            engine.warm(Disclosure::Aggregates);
        }
        let (figures, _) = snapshot.protected_figures();
        tracing::info!(revision = snapshot.describe().revision, figures, "indexes and protected figures are ready");
        drop(snapshot);
        store.keep_snapshot();
    }));
}
