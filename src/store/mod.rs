//! Where the snapshot lives, and how it is replaced while it is being read; and what the service itself keeps in the data
//! folder (`database`: one SQLite file, a file per thing kept).

mod database;
mod incoming;
mod links;
mod schema;

pub use database::{Database, DatabaseError};
pub use incoming::{Arrival, Incoming, IncomingError, LARGEST_FILE, Receiving, Stage};
pub use links::{LONGEST_LINK, MOST_LINKS, Saved};

use crate::load::{Limits, Report, Source, load};
use crate::snapshot::Snapshot;
use arc_swap::ArcSwap;
use std::sync::Arc;

/// Holds the current snapshot. Readers take it once per request and keep it as long as they need.
#[derive(Debug)]
pub struct Store {
    source: Source,
    limits: Limits,
    current: ArcSwap<Snapshot>,
}

impl Store {
    /// Loads the source. `Err` gives the report that says why it can't be served.
    pub fn open(source: Source, limits: Limits) -> Result<(Self, Report), Report> {
        let (snapshot, report) = read(&source, &limits);
        match snapshot {
            Some(snapshot) => Ok((Self { source, limits, current: ArcSwap::from_pointee(snapshot) }, report)),
            None => Err(report),
        }
    }

    /// The current snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Reads the source again and replaces the snapshot. When the data has errors the old snapshot stays.
    pub fn reload(&self) -> Result<Report, Report> {
        let (snapshot, report) = read(&self.source, &self.limits);
        match snapshot {
            Some(snapshot) => {
                self.current.store(Arc::new(snapshot));
                Ok(report)
            }
            None => Err(report),
        }
    }
}

fn read(source: &Source, limits: &Limits) -> (Option<Snapshot>, Report) {
    let (dataset, report) = load(source, limits);
    (dataset.map(Snapshot::new), report)
}
