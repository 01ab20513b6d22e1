//! What each reader takes on each day, counted by kind: rows of the register, tiles, whatever a caller names. Counted in memory
//! and written down every few seconds, since some is counted with each tile.

use super::error::AccountsError;
use super::patience::soon;
use super::permission::ANYONE;
use crate::service::clock;
use crate::service::quota::network;
use crate::service::store::{AccountError, Database, Usage};
use crate::service::task::blocking;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long counts may be in memory only.
const UNSAVED: Duration = Duration::from_secs(5);
/// Counts in memory; more are read again when they are needed.
const REMEMBERED: usize = 20_000;

/// Day, reader and kind.
type Key = (i64, String, &'static str);

/// Counts of today, and what of them is not written down yet.
#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    counts: HashMap<Key, Count>,
    saved: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    saved: u64,
    more: u64,
    /// Whether `saved` has what was written down before it was counted here: the database may have been away.
    is_whole: bool,
}

/// Under what a reader is counted: an account's name, or the network of who has none.
pub fn usage_key(name: &str, peer: Option<IpAddr>) -> String {
    if name == ANYONE { format!("{ANYONE} {}", network(peer)) } else { name.to_owned() }
}

impl Counters {
    /// Adds to a count of today, and gives it. While the database is away, reading goes on; what is counted meanwhile is added when it
    /// is back.
    pub(super) async fn add(
        self: &Arc<Self>,
        database: &Arc<Database>,
        reader: String,
        kind: &'static str,
        n: u64,
    ) -> Result<u64, AccountsError> {
        let day = clock::day_of(clock::seconds());
        let key = (day, reader, kind);
        let is_whole = self.state().counts.get(&key).is_some_and(|count| count.is_whole);
        let before = if is_whole {
            None
        } else {
            let (database, reader) = (database.clone(), key.1.clone());
            soon(async { Ok(blocking(move || database.usage_of(day, &reader, kind)).await??) }).await?
        };
        let (total, due) = {
            let mut state = self.state();
            let count = state.counts.entry(key).or_default();
            if let Some(before) = before.filter(|_| !count.is_whole) {
                (count.saved, count.is_whole) = (before, true);
            }
            count.more += n;
            (count.saved + count.more, state.saved + UNSAVED <= clock::running())
        };
        if due {
            let (counters, database) = (self.clone(), database.clone());
            soon(async { Ok(blocking(move || counters.save(&database)).await??) }).await?;
        }
        Ok(total)
    }

    /// Writes down what is not written down yet.
    pub(super) fn save(&self, database: &Database) -> Result<(), AccountError> {
        let now = clock::seconds();
        let unsaved: Vec<(Key, u64)> = {
            let mut state = self.state();
            state.saved = clock::running();
            let unsaved = state.counts.iter_mut().filter(|(_, count)| count.more > 0);
            let unsaved = unsaved.map(|(key, count)| (key.clone(), count.take())).collect();
            let (today, many) = (clock::day_of(now), state.counts.len() > REMEMBERED);
            state.counts.retain(|key, _| key.0 == today && !many);
            unsaved
        };
        let rows: Vec<Usage> = unsaved
            .iter()
            .map(|((day, name, kind), count)| Usage {
                name: name.clone(),
                day: *day,
                kind: (*kind).to_owned(),
                count: *count,
            })
            .collect();
        database.add_usage(&rows, now).inspect_err(|_| {
            // counted again with the next
            let mut state = self.state();
            for (key, count) in unsaved {
                let kept = state.counts.entry(key).or_default();
                kept.saved = kept.saved.saturating_sub(count);
                kept.more += count;
            }
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Count {
    /// Takes what is not written down.
    fn take(&mut self) -> u64 {
        let more = std::mem::take(&mut self.more);
        self.saved += more;
        more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn counts_go_on_after_a_restart_and_are_of_one_reader() {
        let folder = tempfile::tempdir().unwrap();
        let database = Arc::new(Database::open(folder.path()).unwrap());
        let add = async |counters: &Arc<Counters>, name: &str, n| {
            counters.add(&database, name.to_owned(), "rows", n).await.unwrap()
        };
        let counters = Arc::<Counters>::default();
        let first = clock::day_of(clock::seconds());
        let added = [add(&counters, "a", 3).await, add(&counters, "a", 4).await, add(&counters, "b", 1).await];
        assert_eq!(added, [3, 7, 1]);
        counters.save(&database).unwrap();
        assert_eq!(add(&counters, "a", 1).await, 8);
        counters.save(&database).unwrap();
        counters.save(&database).unwrap();
        let again = Arc::<Counters>::default();
        let total = add(&again, "a", 2).await;
        // a test at midnight
        if clock::day_of(clock::seconds()) == first {
            assert_eq!(total, 10);
            again.save(&database).unwrap();
            let all = database.usage(first, 10).unwrap();
            let counts: Vec<(&str, u64)> = all.iter().map(|u| (u.name.as_str(), u.count)).collect();
            assert_eq!(counts, [("a", 10), ("b", 1)]);
        }
    }
}
