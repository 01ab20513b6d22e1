//! Where the snapshot lives, and how it is replaced while it is being read; and what the service itself keeps in the data
//! folder (`database`: one SQLite file, or a PostgreSQL database; here a file per thing kept; `versions`: the register as it was at
//! any time, and the snapshot file of the current one; `reports`: files made in batches).

mod accounts;
mod aggregates;
mod briefings;
mod comments;
mod database;
mod disk;
mod drafts;
mod hex;
mod incoming;
mod layouts;
mod links;
mod objects;
mod progress;
mod random;
#[cfg(test)]
mod recorder;
mod reports;
mod retention;
mod rounds;
mod saved;
mod schema;
mod secrets;
mod versions;

pub use accounts::{
    AUDIT_DAYS, Account, AccountError, AuditEvent, Change, HOURS_OF_A_CLAIM, MOST_ACCOUNTS, Role, Usage,
    WrongPasswords, checked_name, checked_password,
};
pub use aggregates::CityFolders;
pub use briefings::{
    Briefing, BriefingCounts, BriefingFile, BriefingSchedule, BriefingState, Due, MOST_ATTEMPTS, MOST_BRIEFINGS,
    MOST_SCHEDULES, MadeBriefing,
};
pub use comments::{Attachment, Comment, CommentChanged, Decision, MOST_ATTACHED, MOST_ATTACHMENTS, MOST_COMMENTS};
pub use database::{AggregatesOf, DataFolder, Database, DatabaseError, StatementError};
pub use drafts::{DraftChange, DraftChanged, DraftRow, DraftStage, MOST_STEPS};
pub use incoming::{Arrival, Check, Incoming, IncomingError, LARGEST_FILE, Receiving, Stage};
pub use layouts::{Layout, MOST_LAYOUTS, OF_LAYOUT};
pub use links::LINK_DAYS;
pub use links::{LONGEST_LINK, MOST_LINKS, Saved, is_page_address};
pub use objects::{ObjectSettings, Objects, ObjectsError};
pub use progress::{MOST_ENTRIES, ProgressAdded};
pub use reports::{Job, JobFile, JobState, KEPT_FOR, LEASE, MOST_JOBS, Reports, ReportsError, Resumption, new_job_id};
pub use rounds::{
    Access, Delivered, Delivery, FullRound, MOST_DELIVERIES, MOST_PARTICIPANTS, MOST_ROUNDS, NewParticipant,
    Participant, Round, RoundChange,
};
pub use saved::{
    MOST_SAVED, MOST_SAVED_BYTES, REMOVED_DAYS, SavedChanged, SavedContent, SavedItem, SavedKind, SavedNew,
};
pub(in crate::service) use versions::free;
pub use versions::{
    Base, CommitError, KEPT, OpenError, Provenance, StatedTargets, Version, VersionCounts, VersionKind, backup,
    current_source, restore_in, version_source, versions_in,
};

use crate::core::model::{Dataset, Text};
use crate::core::snapshot::{Snapshot, revision};
use crate::data::load::{Limits, Report, Source, load, open};
use crate::service::clock;
use arc_swap::{ArcSwap, ArcSwapOption};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use versions::Kept;

/// What came of reading the source again.
pub type Reloaded = Result<Report, OpenError>;

/// Holds the current snapshot. Readers take it once per request and keep it as long as they need.
#[derive(Debug)]
pub struct Store {
    source: Source,
    limits: Limits,
    current: ArcSwap<Current>,
    /// Why the data that was read last is not served; none where it is.
    refused: ArcSwapOption<Text>,
    /// Held while a later version is read: the one that was refused last, if one was.
    reading: Mutex<Option<u64>>,
    kept: Option<Kept>,
}

/// How often it is looked whether another program has made a version: in a database that copies share, and in a file.
const LOOK_SHARED: Duration = Duration::from_millis(200);
const LOOK: Duration = Duration::from_secs(2);

/// What is served, and which version that is.
#[derive(Debug)]
pub struct Current {
    /// The data.
    pub snapshot: Arc<Snapshot>,
    /// The version of its register; none where no versions are kept.
    pub version: Option<Version>,
    /// Since when it is served, in seconds since 1970.
    pub since: i64,
}

impl Current {
    fn new(snapshot: Arc<Snapshot>, version: Option<Version>) -> Self {
        Self { snapshot, version, since: clock::seconds() }
    }
}

impl Store {
    /// Loads the source. `Err` gives the report that says why it can't be served.
    pub fn open(source: Source, limits: Limits) -> Result<(Self, Report), Report> {
        let (snapshot, report) = read(&source, &limits);
        let Some(snapshot) = snapshot else { return Err(report) };
        let current = ArcSwap::from_pointee(Current::new(Arc::new(snapshot), None));
        Ok((
            Self { source, limits, current, refused: ArcSwapOption::empty(), reading: Mutex::default(), kept: None },
            report,
        ))
    }

    /// Loads the current version of a data folder, and the source where there is none yet. What commits that were cut off
    /// have left behind is removed. `keep` versions keep their content.
    pub fn open_in(
        folder: impl Into<DataFolder>,
        keep: usize,
        source: Source,
        limits: Limits,
    ) -> Result<(Self, Report), OpenError> {
        Self::open_kept(Kept::open(&folder.into(), keep)?, source, limits)
    }

    fn open_kept(kept: Kept, source: Source, limits: Limits) -> Result<(Self, Report), OpenError> {
        kept.tidy();
        let version = kept.current()?;
        let (snapshot, report) = kept.read(&source, &version, &limits)?;
        let Some(snapshot) = snapshot else { return Err(OpenError::Refused(Box::new(report))) };
        snapshot.set_noise_key(kept.noise_key);
        let current = ArcSwap::from_pointee(Current::new(Arc::new(snapshot), Some(version)));
        Ok((
            Self {
                source,
                limits,
                current,
                refused: ArcSwapOption::empty(),
                reading: Mutex::default(),
                kept: Some(kept),
            },
            report,
        ))
    }

    /// The current snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load().snapshot.clone()
    }

    /// The current snapshot and its version, both of the same moment.
    pub fn current(&self) -> Arc<Current> {
        self.current.load_full()
    }

    /// What is served, for an import that is prepared against just that.
    pub fn base(&self) -> Base {
        let current = self.current();
        let version = current.version.as_ref().map_or(0, |v| v.number);
        Base { version, revision: current.snapshot.describe().revision.clone() }
    }

    /// The data of a revision: what is served, or a version whose content is there.
    pub fn at(&self, revision: &str) -> Result<Option<Arc<Snapshot>>, OpenError> {
        let served = self.snapshot();
        if served.describe().revision == revision {
            return Ok(Some(served));
        }
        let Some(kept) = &self.kept else { return Ok(None) };
        // of the seed the table says nothing
        let wanted = |v: &&Version| v.kept && (v.revision == revision || v.number == 0);
        for version in kept.database.versions()?.iter().filter(wanted) {
            let (snapshot, _) = kept.read(&self.source, version, &self.limits)?;
            if let Some(snapshot) = snapshot.filter(|s| s.describe().revision == revision) {
                snapshot.set_noise_key(kept.noise_key);
                return Ok(Some(Arc::new(snapshot)));
            }
        }
        Ok(None)
    }

    /// Whether versions are kept.
    pub fn keeps_versions(&self) -> bool {
        self.kept.is_some()
    }

    /// Reads the source, or the current version, again and replaces the snapshot. When the data has errors the old snapshot
    /// stays.
    pub fn reload(&self) -> Reloaded {
        let reloaded = self.read_again();
        if let Err(e) = &reloaded {
            self.refused.store(Some(Arc::new(e.text())));
        }
        reloaded
    }

    /// Serves a version that another program made since, but for one that was refused; what came of it. Whoever asks meanwhile waits.
    pub fn catch_up(&self) -> Result<Option<Reloaded>, DatabaseError> {
        let mut refused = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(number) = self.newer()?.filter(|number| Some(*number) != *refused) else {
            if let Err(e) = self.look_ahead() {
                tracing::debug!(error = %e, "what another copy makes is not read before");
            }
            return Ok(None);
        };
        let reloaded = self.reload();
        // where a server is away it may be read in a moment
        if reloaded.as_ref().is_err_and(|e| !e.is_away()) {
            *refused = Some(number);
        }
        Ok(Some(reloaded))
    }

    fn read_again(&self) -> Reloaded {
        let (version, (snapshot, report)) = match &self.kept {
            None => (None, read(&self.source, &self.limits)),
            Some(kept) => {
                let version = kept.current()?;
                let read = match kept.read_ahead(&version) {
                    Some((snapshot, report)) => (Some(snapshot), report),
                    None => kept.read(&self.source, &version, &self.limits)?,
                };
                (Some(version), read)
            }
        };
        let Some(snapshot) = snapshot else { return Err(OpenError::Refused(Box::new(report))) };
        self.swap(Arc::new(snapshot), version);
        Ok(report)
    }

    /// Makes the object store, where there is one, agree with what is kept.
    pub fn sweep(&self) -> Result<(), OpenError> {
        self.kept.as_ref().map_or(Ok(()), |kept| kept.sweep(clock::seconds()))
    }

    /// The object store, where there is one.
    pub fn objects(&self) -> Option<&Objects> {
        self.kept.as_ref()?.objects.as_deref()
    }

    /// Why the data that was read last is not served, where it was refused.
    pub fn refused(&self) -> Option<Arc<Text>> {
        self.refused.load_full()
    }

    /// Whether it is to be looked now.
    pub fn has_news(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.database.has_news())
    }

    /// How often it is to be looked for a version of another program.
    pub fn look(&self) -> Duration {
        let shared = self.kept.as_ref().is_some_and(|kept| kept.database.is_shared());
        if shared { LOOK_SHARED } else { LOOK }
    }

    /// The number of the version that is served; 0 where no versions are kept.
    pub fn number(&self) -> u64 {
        self.current.load().version.as_ref().map_or(0, |v| v.number)
    }

    /// The number of a version that another program made since, if there is one.
    fn newer(&self) -> Result<Option<u64>, DatabaseError> {
        let (Some(kept), Some(served)) = (&self.kept, &self.current().version) else { return Ok(None) };
        Ok(Some(kept.current()?.number).filter(|number| *number > served.number))
    }

    /// Reads the current data afresh, for an import to be prepared against, and says what that is.
    pub fn dataset(&self) -> Result<(Dataset, Base), OpenError> {
        let (version, source) = self.latest()?;
        let (dataset, report) = load(&source, &self.limits);
        let Some(dataset) = dataset else { return Err(OpenError::Refused(Box::new(report))) };
        let number = version.as_ref().map_or(0, |v| v.number);
        let base = Base { version: number, revision: revision(&dataset.content_hash) };
        // files that were changed, or a version that another program made, are served before anything is built on them
        let served = self.current();
        if base.revision != served.snapshot.describe().revision || version != served.version {
            self.swap(Arc::new(Snapshot::new(dataset.clone())), version);
        }
        Ok((dataset, base))
    }

    /// Writes the snapshot file of what is served, unless it was read from there: the next start reads it instead of loading the
    /// version. To be called when the indexes stand ([`crate::core::snapshot::View::warm`]), so that they are in it.
    pub fn keep_snapshot(&self) {
        let (Some(kept), current) = (&self.kept, self.current()) else { return };
        let Some(version) = current.version.as_ref().filter(|_| !current.snapshot.is_restored()) else { return };
        match kept.write_snapshot(version, &self.source, &current.snapshot, &self.limits) {
            Ok(0) => {}
            Ok(bytes) => tracing::info!(version = version.number, bytes, "the snapshot file was written"),
            // it is there to save time only
            Err(e) => tracing::info!(version = version.number, error = %e, "no snapshot file was written"),
        }
    }

    fn latest(&self) -> Result<(Option<Version>, Source), OpenError> {
        let Some(kept) = &self.kept else { return Ok((None, self.source.clone())) };
        let version = kept.current()?;
        let source = kept.source(&self.source, &version)?;
        Ok((Some(version), source))
    }

    /// Serves a version, unless a later one is served already.
    fn swap(&self, snapshot: Arc<Snapshot>, version: Option<Version>) {
        if let Some(kept) = &self.kept {
            snapshot.set_noise_key(kept.noise_key);
        }
        let number = |v: &Option<Version>| v.as_ref().map_or(0, |v| v.number);
        let next = Arc::new(Current::new(snapshot, version));
        self.refused.store(None);
        self.current.rcu(|now| if number(&now.version) > number(&next.version) { now.clone() } else { next.clone() });
    }
}

fn read(source: &Source, limits: &Limits) -> (Option<Snapshot>, Report) {
    open(source, limits, None)
}
