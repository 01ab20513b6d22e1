//! Several cities in one service: a dataset folder for each, loaded when it is first asked for, and unloaded again when all that
//! are loaded take more memory than they may (ADR 106). What a loaded city is, is not known here ([`Shard`]).

mod aggregates;
mod figures;
mod folder;
mod left;
mod packed;
pub mod questions;
mod sums;
#[cfg(test)]
mod tests;

pub use aggregates::{Abouts, Aggregates, AggregatesError, CellSum, CellSums, Counted, Found, LevelLines};
pub use figures::{CELL_BITS, CellRows, CityAbout, CityFigures, DEEPEST_TILE, Level, Line, TileCells, ZoneOf};
pub use folder::{City, is_id};
pub use left::{FIGURES, FIGURES_OF, aggregates, is_left};
pub use sums::{Across, CitySums, ClassOf, MetricOf, PartSums, Shared, Side, Sum};

use crate::core::model::Text;
use crate::data::load::Limits;
use crate::service::clock;
use crate::service::task::blocking;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{Semaphore, watch};

/// Cities that are loaded at once: each takes all cores.
const LOADING: usize = 2;
/// Requests that wait for a city; others are refused.
const WAITING: usize = 128;
/// A city that was refused is tried again after so long, or when somebody says that the folders have changed.
const RETRY: Duration = Duration::from_mins(1);
/// One that can't be had at the moment is tried again after so long.
const AGAIN: Duration = Duration::from_secs(1);

/// A city that is loaded.
pub trait Shard: Send + Sync + 'static {
    /// Bytes of memory that its data take.
    fn bytes(&self) -> u64;
    /// Whether it works on something that no request waits for. It is asked under a lock, and does not wait for the disk.
    fn is_busy(&self) -> bool;
    /// Ends what goes on in the background, before it is dropped.
    fn close(&self);
}

/// How a city is loaded.
pub type Open<S> = dyn Fn(&City) -> Result<S, Refusal> + Send + Sync;

/// Why a city can't be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// In words.
    pub why: Text,
    /// Whether it may pass without anybody doing something here: a server does not answer.
    pub passes: bool,
}

impl From<Text> for Refusal {
    fn from(why: Text) -> Self {
        Self { why, passes: false }
    }
}

/// Why the folder of the cities can't be read.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct CitiesError(#[from] io::Error);

/// Why a request gets no city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCity {
    /// There is none of this id.
    Unknown,
    /// Its data were refused.
    Failed(Text),
    /// What it keeps can't be had at the moment.
    Away,
    /// Too many wait already.
    Busy,
}

/// How far a city is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CityState {
    /// It is loaded when somebody asks for it.
    NotLoaded,
    /// It is being loaded.
    Loading,
    /// It answers.
    Ready,
    /// Its data were refused.
    Failed(Text),
}

impl CityState {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotLoaded => "not loaded",
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Failed(_) => "failed",
        }
    }
}

/// The cities of a folder. Clones share everything.
pub struct Cities<S>(Arc<Inner<S>>);

impl<S> Clone for Cities<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for Cities<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cities").field("folder", &self.0.folder).field("budget", &self.0.budget).finish_non_exhaustive()
    }
}

struct Inner<S> {
    folder: PathBuf,
    limits: Limits,
    /// Bytes that all loaded cities may take.
    budget: u64,
    open: Box<Open<S>>,
    slots: RwLock<BTreeMap<String, Arc<Slot<S>>>>,
    /// Names of folders that are no ids.
    unfit: Mutex<Vec<String>>,
    loading: Arc<Semaphore>,
    waiting: Semaphore,
    /// Counts requests, to tell which city was asked for last.
    asked: AtomicU64,
    /// Held while cities are unloaded.
    trimming: Mutex<()>,
}

/// A city, loaded or not.
struct Slot<S> {
    city: RwLock<Arc<City>>,
    state: Mutex<State<S>>,
    /// Requests that have it or wait for it.
    held: AtomicUsize,
    /// When it was asked for last.
    used: AtomicU64,
    /// Whether its folder is no longer there.
    gone: AtomicBool,
}

enum State<S> {
    NotLoaded,
    /// Ends when the sender is dropped.
    Loading(watch::Receiver<()>),
    Ready(Arc<S>),
    /// Why, and when that was found.
    Failed(Refusal, Duration),
}

/// What a request finds.
enum Met<S> {
    Ready(Arc<S>),
    Loading(watch::Receiver<()>),
    Failed(Refusal),
}

impl<S> Slot<S> {
    fn new(city: City) -> Self {
        Self {
            city: RwLock::new(Arc::new(city)),
            state: Mutex::new(State::NotLoaded),
            held: AtomicUsize::new(0),
            used: AtomicU64::new(0),
            gone: AtomicBool::new(false),
        }
    }

    fn city(&self) -> Arc<City> {
        self.city.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self) -> Option<Arc<S>> {
        if let State::Ready(shard) = &*self.state() { Some(shard.clone()) } else { None }
    }
}

/// Keeps a city from being unloaded.
struct Hold<S>(Arc<Slot<S>>);

impl<S> Hold<S> {
    fn of(slot: &Arc<Slot<S>>) -> Self {
        slot.held.fetch_add(1, Ordering::SeqCst);
        Self(slot.clone())
    }
}

impl<S> Drop for Hold<S> {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A loaded city, which stays loaded until this is dropped.
pub struct Lease<S> {
    shard: Arc<S>,
    _hold: Hold<S>,
}

impl<S> Lease<S> {
    /// The city.
    pub fn shard(&self) -> &Arc<S> {
        &self.shard
    }
}

/// What is known of a city without loading it.
pub struct Listed<S> {
    /// As its folder says it.
    pub city: Arc<City>,
    /// How far it is.
    pub state: CityState,
    /// The city itself, where it is loaded.
    pub shard: Option<Arc<S>>,
}

impl<S: Shard> Cities<S> {
    /// The cities of a folder, which may take so many bytes together.
    pub fn open(
        folder: PathBuf,
        limits: Limits,
        budget: u64,
        open: impl Fn(&City) -> Result<S, Refusal> + Send + Sync + 'static,
    ) -> Result<Self, CitiesError> {
        let inner = Inner {
            folder,
            limits,
            budget,
            open: Box::new(open),
            slots: RwLock::default(),
            unfit: Mutex::default(),
            loading: Arc::new(Semaphore::new(LOADING)),
            waiting: Semaphore::new(WAITING),
            asked: AtomicU64::new(1),
            trimming: Mutex::default(),
        };
        let cities = Self(Arc::new(inner));
        cities.rescan()?;
        Ok(cities)
    }

    /// Looks at the folder again: cities that were added are there, those that were removed are not, and those that failed are
    /// tried again. It waits for the disk.
    pub fn rescan(&self) -> Result<(), CitiesError> {
        let found = folder::find(&self.0.folder, &self.0.limits)?;
        *self.0.unfit.lock().unwrap_or_else(PoisonError::into_inner) = found.unfit;
        let mut slots = self.0.slots.write().unwrap_or_else(PoisonError::into_inner);
        slots.values().for_each(|slot| slot.gone.store(true, Ordering::SeqCst));
        for city in found.cities {
            let Some(slot) = slots.get(&city.id) else {
                slots.insert(city.id.clone(), Arc::new(Slot::new(city)));
                continue;
            };
            *slot.city.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(city);
            slot.gone.store(false, Ordering::SeqCst);
            let mut state = slot.state();
            if matches!(*state, State::Failed(..)) {
                *state = State::NotLoaded;
            }
        }
        Ok(())
    }

    /// Bytes that all loaded cities may take.
    pub fn budget(&self) -> u64 {
        self.0.budget
    }

    /// Names of folders that are no ids, and so no cities.
    pub fn unfit(&self) -> Vec<String> {
        self.0.unfit.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All cities, in the order of their ids.
    pub fn list(&self) -> Vec<Listed<S>> {
        self.slots().into_iter().filter(|slot| !slot.gone.load(Ordering::SeqCst)).map(|slot| listed(&slot)).collect()
    }

    /// A city, without loading it.
    pub fn find(&self, id: &str) -> Option<Listed<S>> {
        self.slot(id).map(|slot| listed(&slot))
    }

    /// A loaded city for a request, which waits where it is being loaded. What was asked for last is kept longest.
    pub async fn get(&self, id: &str) -> Result<Lease<S>, NoCity> {
        let slot = self.slot(id).ok_or(NoCity::Unknown)?;
        slot.used.store(self.0.asked.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
        let hold = Hold::of(&slot);
        let mut place = None;
        loop {
            let mut loading = match self.meet(&slot) {
                Met::Ready(shard) => return Ok(Lease { shard, _hold: hold }),
                Met::Failed(Refusal { passes: true, .. }) => return Err(NoCity::Away),
                Met::Failed(Refusal { why, .. }) => return Err(NoCity::Failed(why)),
                Met::Loading(loading) => loading,
            };
            if place.is_none() {
                place = Some(self.0.waiting.try_acquire().map_err(|_| NoCity::Busy)?);
            }
            // an error says that it has ended
            while loading.changed().await.is_ok() {}
        }
    }

    /// A loaded city, which is not loaded for this.
    pub fn loaded(&self, id: &str) -> Option<Lease<S>> {
        let slot = self.slot(id)?;
        let hold = Hold::of(&slot);
        Some(Lease { shard: slot.shard()?, _hold: hold })
    }

    /// Unloads cities that nobody uses and that do nothing: those that are no longer there, and those that were asked for longest
    /// ago while all together take too much. It waits for the disk.
    pub fn trim(&self) {
        let _trimming = self.0.trimming.lock().unwrap_or_else(PoisonError::into_inner);
        for slot in self.slots().iter().filter(|slot| slot.gone.load(Ordering::SeqCst)) {
            if unload(slot) {
                let mut slots = self.0.slots.write().unwrap_or_else(PoisonError::into_inner);
                if slot.gone.load(Ordering::SeqCst) {
                    slots.remove(&slot.city().id);
                }
            }
        }
        let mut loaded: Vec<_> = self.slots().into_iter().filter_map(|s| Some((s.shard()?.bytes(), s))).collect();
        let mut taken: u64 = loaded.iter().map(|(bytes, _)| bytes).sum();
        loaded.sort_by_key(|(_, slot)| slot.used.load(Ordering::SeqCst));
        for (bytes, slot) in loaded {
            if taken <= self.0.budget {
                break;
            }
            if unload(&slot) {
                taken -= bytes;
            }
        }
    }

    /// Ends what goes on in the background, before the service stops.
    pub fn close(&self) {
        self.slots().iter().filter_map(|slot| slot.shard()).for_each(|shard| shard.close());
    }

    fn slots(&self) -> Vec<Arc<Slot<S>>> {
        self.0.slots.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn slot(&self, id: &str) -> Option<Arc<Slot<S>>> {
        let slots = self.0.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.get(id).filter(|slot| !slot.gone.load(Ordering::SeqCst)).cloned()
    }

    /// The city as it is; it begins to be loaded where it is not.
    fn meet(&self, slot: &Arc<Slot<S>>) -> Met<S> {
        let mut state = slot.state();
        match &*state {
            State::Ready(shard) => return Met::Ready(shard.clone()),
            State::Loading(loading) => return Met::Loading(loading.clone()),
            State::Failed(of, at) if clock::running().saturating_sub(*at) < if of.passes { AGAIN } else { RETRY } => {
                return Met::Failed(of.clone());
            }
            State::Failed(..) | State::NotLoaded => {}
        }
        let (loads, loading) = watch::channel(());
        *state = State::Loading(loading.clone());
        tokio::spawn(self.clone().load(slot.clone(), loads));
        Met::Loading(loading)
    }

    /// Loads a city, unless all that waited for it have gone before it is its turn. It ends at the end of the program only.
    async fn load(self, slot: Arc<Slot<S>>, _loads: watch::Sender<()>) {
        let permit = self.0.loading.clone().acquire_owned().await;
        {
            let mut state = slot.state();
            if slot.held.load(Ordering::SeqCst) == 0 || permit.is_err() {
                *state = State::NotLoaded;
                return;
            }
        }
        let (cities, of) = (self.clone(), slot.clone());
        let ended = blocking(move || {
            let opened = cities.open_city(&of.city());
            *of.state() = match opened {
                Ok(shard) => State::Ready(Arc::new(shard)),
                Err(why) => State::Failed(why, clock::running()),
            };
            cities.trim();
        });
        if ended.await.is_err() {
            let why = Text::new("读取数据时程序出错,见日志。", "The program failed on its data; see the log.");
            *slot.state() = State::Failed(why.into(), clock::running());
        }
    }

    fn open_city(&self, city: &City) -> Result<S, Refusal> {
        let shard = (self.0.open)(city)?;
        let (bytes, budget) = (shard.bytes(), self.0.budget);
        if bytes <= budget {
            return Ok(shard);
        }
        shard.close();
        let why = Text::new(
            format!("数据需要内存 {bytes} 字节,超过全部城市可用的 {budget} 字节(--cities-memory)。"),
            format!(
                "Its data take {bytes} bytes of memory, more than the {budget} that all cities may take (--cities-memory)."
            ),
        );
        Err(why.into())
    }
}

fn listed<S>(slot: &Arc<Slot<S>>) -> Listed<S> {
    let (state, shard) = match &*slot.state() {
        State::NotLoaded => (CityState::NotLoaded, None),
        State::Loading(_) => (CityState::Loading, None),
        State::Ready(shard) => (CityState::Ready, Some(shard.clone())),
        State::Failed(of, _) => (CityState::Failed(of.why.clone()), None),
    };
    Listed { city: slot.city(), state, shard }
}

/// Unloads a city, where nobody uses it and it does nothing. `true`: it is not loaded.
fn unload<S: Shard>(slot: &Arc<Slot<S>>) -> bool {
    let mut state = slot.state();
    let shard = match &*state {
        State::Ready(shard) => shard.clone(),
        State::Loading(_) => return false,
        State::NotLoaded | State::Failed(..) => return true,
    };
    // a request holds it before it looks here: it is seen now, or finds that the city is not loaded
    if slot.held.load(Ordering::SeqCst) > 0 || shard.is_busy() {
        return false;
    }
    *state = State::NotLoaded;
    drop(state);
    shard.close();
    true
}
