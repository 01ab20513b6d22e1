//! Where the figures of all cities are kept that the service answers from without loading a city: one SQLite file in the data
//! folder, or one in memory where there is none (ADR 112). What is in it can be made again out of the cities, so a file that is
//! damaged or another's is set aside, and what does not have its digest is left out, never believed.

use super::figures::{CELL_BITS, CityAbout, CityFigures, FORM, Line, Table, TileCells};
use super::packed::{Packer, Unpacker};
use super::sums::{CitySums, ClassOf, PartSums};
use crate::core::geometry::mercator::TileId;
use crate::core::model::Period;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The file's name in the data folder.
const FILE: &str = "aggregates.sqlite3";
/// What is added to the name of a file that is set aside.
const ASIDE: &str = ".aside";
/// What the file's header says about whose it is: "ShAg".
const APPLICATION: i32 = 0x5368_4167;
/// How long one program waits for another that writes.
const PATIENCE: Duration = Duration::from_secs(5);
/// `change` counts what was written. A level, period or class without a name is the whole, the latest, or all rows.
const SCHEMA: &str = "
    CREATE TABLE change (number INTEGER NOT NULL);
    INSERT INTO change VALUES (0);
    CREATE TABLE city (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, about BLOB NOT NULL);
    CREATE TABLE figures (level TEXT NOT NULL, period TEXT NOT NULL, class TEXT NOT NULL, city INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (level, period, class, city)) WITHOUT ROWID;
    CREATE INDEX figures_of_city ON figures (city);
    CREATE TABLE cells (z INTEGER NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL, city INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (z, x, y, city)) WITHOUT ROWID;
    CREATE INDEX cells_of_city ON cells (city);";

/// Why the figures of the cities can't be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct AggregatesError {
    path: String,
    source: rusqlite::Error,
}

/// What is known of the cities at one moment, by their ids.
pub type Abouts = BTreeMap<String, Arc<CityAbout>>;

/// What was found of cities, and what was known of all of them at the same moment.
#[derive(Debug)]
pub struct Found<T> {
    /// What is known of each city.
    pub cities: Arc<Abouts>,
    /// What was found, by city.
    pub of: T,
}

/// Rows with one name, and of one class or of all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counted {
    /// What a row is called in Chinese and English.
    pub row: (String, String),
    /// The class; none for all rows.
    pub class: Option<ClassOf>,
}

/// Rows in a cell of the world.
#[derive(Clone, Debug, PartialEq)]
pub struct CellSum {
    /// Column and row of the cell.
    pub at: (u32, u32),
    /// What is counted, by its place in the list beside.
    pub counted: usize,
    /// How many.
    pub rows: u64,
}

/// Rows in the cells of a tile.
#[derive(Debug)]
pub struct CellSums {
    /// What is counted.
    pub counted: Arc<Vec<Counted>>,
    /// The cells that hold rows, from the north-west.
    pub cells: Vec<CellSum>,
}

/// The zones of a level of a city.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelLines {
    /// Id of the level.
    pub level: String,
    /// The zones in their order; the whole of the city last.
    pub lines: Vec<Line>,
}

/// The figures of all cities.
pub struct Aggregates {
    path: Option<PathBuf>,
    reads: Mutex<Reader>,
    /// Writes go beside reads; in memory there is one connection for both.
    writes: Option<Mutex<Connection>>,
}

struct Reader {
    connection: Connection,
    /// What was written last when `cities` was read.
    change: Option<i64>,
    cities: Arc<Cities>,
}

/// The table of the cities, read.
#[derive(Debug, Default)]
struct Cities {
    abouts: Arc<Abouts>,
    ids: FxHashMap<i64, String>,
    /// What rows of a city are counted as: all rows first, then its classes, by their places in `counted`.
    places: FxHashMap<i64, Vec<usize>>,
    counted: Arc<Vec<Counted>>,
}

impl fmt::Debug for Aggregates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aggregates").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Aggregates {
    /// Those in a data folder, made when missing; without one they last as long as this does.
    pub fn open(folder: Option<&Path>) -> Result<Self, AggregatesError> {
        let Some(path) = folder.map(|folder| folder.join(FILE)) else {
            let connection = Connection::open_in_memory().and_then(prepared);
            let connection = connection.map_err(|source| AggregatesError { path: "memory".to_owned(), source })?;
            return Ok(Self { path: None, reads: Mutex::new(Reader::new(connection)), writes: None });
        };
        let both = match opened(&path) {
            Err(e) if is_damage(&e) => {
                set_aside(&path, &e);
                opened(&path)
            }
            both => both,
        };
        let (reads, writes) = both.map_err(|source| AggregatesError { path: path.display().to_string(), source })?;
        Ok(Self { path: Some(path), reads: Mutex::new(Reader::new(reads)), writes: Some(Mutex::new(writes)) })
    }

    /// What is known of each city.
    pub fn cities(&self) -> Result<Arc<Abouts>, AggregatesError> {
        self.read(|_, cities, _| Ok(cities.abouts.clone()))
    }

    /// Keeps what a city says, in the place of what it said before.
    pub fn keep(&self, id: &str, figures: &CityFigures) -> Result<(), AggregatesError> {
        let CityFigures { about, tables, tiles } = figures;
        self.write(|t| {
            forget(t, id)?;
            let mut said = Packer::default();
            said.bytes(&serde_json::to_vec(about).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?);
            t.execute("INSERT INTO city (id, about) VALUES (?1, ?2)", params![id, said.finish(id)])?;
            let number = t.last_insert_rowid();
            let mut put = t.prepare("INSERT INTO figures VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for table in tables {
                let class = table.class.map_or("", |place| &about.classes[place].code);
                let (level, period) = (table.level.as_deref().unwrap_or(""), named(table.period));
                put.execute(params![
                    level,
                    period,
                    class,
                    number,
                    table.pack(&place(id, about, (level, &period, class)))
                ])?;
            }
            let mut put = t.prepare("INSERT INTO cells VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for cells in tiles {
                let TileId { z, x, y } = cells.tile;
                put.execute(params![z, x, y, number, cells.pack(&tile_place(id, about, cells.tile))])?;
            }
            Ok(())
        })
    }

    /// Forgets a city.
    pub fn forget(&self, id: &str) -> Result<(), AggregatesError> {
        self.write(|t| forget(t, id))
    }

    /// Forgets all cities but these.
    pub fn retain(&self, ids: &BTreeSet<String>) -> Result<(), AggregatesError> {
        let known = self.cities()?;
        known.keys().filter(|id| !ids.contains(*id)).try_for_each(|id| self.forget(id))
    }

    /// Rows and sums of the whole of each city in a period (none: the latest), and of a class or of all.
    pub fn sums(
        &self,
        period: Option<Period>,
        class: Option<&str>,
    ) -> Result<Found<BTreeMap<String, CitySums>>, AggregatesError> {
        self.found(|t, cities, damaged| {
            let mut of: BTreeMap<String, CitySums> = BTreeMap::new();
            let period_name = named(period);
            let sql =
                "SELECT class, city, body FROM figures WHERE level = '' AND period = ?1 AND (?2 IS NULL OR class = ?2)";
            let mut statement = t.prepare(sql)?;
            let mut rows = statement.query(params![period_name, class])?;
            while let Some(row) = rows.next()? {
                let (code, number) = (row.get_ref(0)?.as_str()?, row.get(1)?);
                let Some((id, about)) = cities.city(number) else { continue };
                let lines =
                    Table::unpack(row.get_ref(2)?.as_blob()?, &place(id, about, ("", &period_name, code)), about);
                let class = about.classes.iter().find(|of| of.code == code);
                let (Some([line]), Some(metrics), true) =
                    (lines.as_deref(), about.metrics(period), code.is_empty() || class.is_some())
                else {
                    damaged.insert(id.to_owned());
                    continue;
                };
                let sums = of.entry(id.to_owned()).or_insert_with(|| CitySums {
                    row: about.row.clone(),
                    metrics,
                    parts: Vec::new(),
                });
                sums.parts.push(PartSums { class: class.cloned(), rows: line.rows, sums: line.sums.clone() });
            }
            Ok(of)
        })
    }

    /// Rows and sums of the zones of a level (none: the usual one of each city) in a period (none: the latest), of a class or of
    /// all; the whole of the city last.
    pub fn zones(
        &self,
        level: Option<&str>,
        period: Option<Period>,
        class: Option<&str>,
    ) -> Result<Found<BTreeMap<String, LevelLines>>, AggregatesError> {
        self.found(|t, cities, damaged| {
            let usual = |about: &Arc<CityAbout>| about.usual.clone();
            let levels: BTreeSet<String> = match level {
                Some(level) => BTreeSet::from([level.to_owned()]),
                None => cities.abouts.values().filter_map(usual).collect(),
            };
            let (period_name, class) = (named(period), class.unwrap_or(""));
            let mut of = BTreeMap::new();
            let sql = "SELECT city, body FROM figures WHERE level = ?1 AND period = ?2 AND class = ?3";
            let mut statement = t.prepare(sql)?;
            for name in levels.iter().filter(|name| !name.is_empty()) {
                let mut rows = statement.query(params![name, period_name, class])?;
                while let Some(row) = rows.next()? {
                    let Some((id, about)) = cities.city(row.get(0)?) else { continue };
                    if level.is_none() && about.usual.as_ref() != Some(name) {
                        continue;
                    }
                    let lines = Table::unpack(
                        row.get_ref(1)?.as_blob()?,
                        &place(id, about, (name, &period_name, class)),
                        about,
                    );
                    let zones = about.level(name).map(|level| level.zones.len() + 1);
                    match lines.filter(|lines| Some(lines.len()) == zones) {
                        Some(lines) => drop(of.insert(id.to_owned(), LevelLines { level: name.clone(), lines })),
                        None => drop(damaged.insert(id.to_owned())),
                    }
                }
            }
            Ok(of)
        })
    }

    /// Rows in the cells of a tile, `2^bits` a side, of the cities that are chosen; with what is counted.
    pub fn cells(
        &self,
        tile: TileId,
        bits: u8,
        chosen: impl Fn(&str) -> bool,
    ) -> Result<Found<CellSums>, AggregatesError> {
        let finer = bits.saturating_sub(CELL_BITS);
        let z = tile.z + finer;
        self.found(|t, cities, damaged| {
            let mut sums: FxHashMap<((u32, u32), usize), u64> = FxHashMap::default();
            let mut statement =
                t.prepare("SELECT city, y, body FROM cells WHERE z = ?1 AND x = ?2 AND y BETWEEN ?3 AND ?4")?;
            let (first, last) = (tile.y << finer, ((tile.y + 1) << finer) - 1);
            for x in tile.x << finer..(tile.x + 1) << finer {
                let mut rows = statement.query(params![z, x, first, last])?;
                while let Some(row) = rows.next()? {
                    let (number, y) = (row.get(0)?, row.get(1)?);
                    let Some((id, about)) = cities.city(number).filter(|(id, _)| chosen(id)) else { continue };
                    let Some(places) = cities.places.get(&number) else { continue };
                    let found = TileId::new(z, x, y).and_then(|tile| {
                        TileCells::unpack(
                            row.get_ref(2).ok()?.as_blob().ok()?,
                            &tile_place(id, about, tile),
                            tile,
                            about,
                        )
                    });
                    let Some(found) = found else {
                        damaged.insert(id.to_owned());
                        continue;
                    };
                    for cell in found.cells {
                        let at = ((x << CELL_BITS) + cell.at.0, (y << CELL_BITS) + cell.at.1);
                        *sums.entry((at, places[0])).or_default() += cell.rows;
                        for (class, rows) in cell.classes {
                            *sums.entry((at, places[1 + class])).or_default() += rows;
                        }
                    }
                }
            }
            let mut sums: Vec<_> =
                sums.into_iter().map(|((at, counted), rows)| CellSum { at, counted, rows }).collect();
            sums.sort_unstable_by_key(|sum| (sum.at.1, sum.at.0, sum.counted));
            Ok(CellSums { counted: cities.counted.clone(), cells: sums })
        })
    }

    /// Looks up, and forgets the cities of which something is not what was kept: they are unknown until they say it again.
    fn found<T>(
        &self,
        work: impl Fn(&Transaction, &Cities, &mut BTreeSet<String>) -> rusqlite::Result<T>,
    ) -> Result<Found<T>, AggregatesError> {
        loop {
            let (found, damaged) = self.read(|t, cities, damaged| {
                let of = work(t, cities, damaged)?;
                Ok((Found { cities: cities.abouts.clone(), of }, std::mem::take(damaged)))
            })?;
            if damaged.is_empty() {
                return Ok(found);
            }
            for id in damaged {
                tracing::error!(
                    city = id,
                    "kept figures of the city are damaged: they are left out until it is loaded"
                );
                self.forget(&id)?;
            }
        }
    }

    /// Reads, all of one state.
    fn read<T>(
        &self,
        work: impl Fn(&Transaction, &Cities, &mut BTreeSet<String>) -> rusqlite::Result<T>,
    ) -> Result<T, AggregatesError> {
        let mut reader = locked(&self.reads);
        let found = reader.read(&work);
        let Err(e) = found else { return found.map_err(|e| self.failed(e)) };
        let Some(path) = self.path.as_ref().filter(|_| is_damage(&e)) else { return Err(self.failed(e)) };
        // nobody else reads or writes meanwhile
        let mut writes = self.writes.as_ref().map(locked);
        set_aside(path, &e);
        let (first, second) = opened(path).map_err(|e| self.failed(e))?;
        *reader = Reader::new(first);
        if let Some(writes) = &mut writes {
            **writes = second;
        }
        reader.read(&work).map_err(|e| self.failed(e))
    }

    /// Changes all or nothing.
    fn write(&self, work: impl FnOnce(&Transaction) -> rusqlite::Result<()>) -> Result<(), AggregatesError> {
        let done = |connection: &mut Connection| {
            let t = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            t.execute("UPDATE change SET number = number + 1", [])?;
            work(&t)?;
            t.commit()
        };
        let written = match &self.writes {
            Some(writes) => done(&mut locked(writes)),
            None => done(&mut locked(&self.reads).connection),
        };
        written.map_err(|e| self.failed(e))
    }

    fn failed(&self, source: rusqlite::Error) -> AggregatesError {
        let path = self.path.as_ref().map_or_else(|| "memory".to_owned(), |path| path.display().to_string());
        AggregatesError { path, source }
    }
}

impl Reader {
    fn new(connection: Connection) -> Self {
        Self { connection, change: None, cities: Arc::default() }
    }

    fn read<T>(
        &mut self,
        work: impl Fn(&Transaction, &Cities, &mut BTreeSet<String>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let t = self.connection.transaction()?;
        // the first statement settles which state is read
        let change = t.query_row("SELECT number FROM change", [], |row| row.get(0))?;
        if self.change != Some(change) {
            self.cities = Arc::new(Cities::read(&t)?);
            self.change = Some(change);
        }
        work(&t, &self.cities, &mut BTreeSet::new())
    }
}

impl Cities {
    /// The cities whose entry is what was kept.
    fn read(t: &Transaction) -> rusqlite::Result<Self> {
        let (mut abouts, mut ids) = (Abouts::new(), FxHashMap::default());
        let mut statement = t.prepare("SELECT number, id, about FROM city")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (number, id): (i64, String) = (row.get(0)?, row.get(1)?);
            let said = Unpacker::open(row.get_ref(2)?.as_blob()?, &id).map(Unpacker::rest);
            let about = said.and_then(|said| serde_json::from_slice::<CityAbout>(said).ok());
            match about.filter(|about| about.form == FORM) {
                Some(about) => {
                    abouts.insert(id.clone(), Arc::new(about));
                    ids.insert(number, id);
                }
                None => {
                    tracing::error!(
                        city = id,
                        "what is kept of the city is damaged: it is left out until it is loaded"
                    );
                }
            }
        }
        let of = |about: &CityAbout, class| Counted { row: (about.row.zh.clone(), about.row.en.clone()), class };
        let of_city = |about: &CityAbout| {
            let classes: Vec<_> = about.classes.iter().cloned().map(Some).collect();
            std::iter::once(None).chain(classes).map(|class| of(about, class)).collect::<Vec<_>>()
        };
        let all: BTreeSet<Counted> = abouts.values().flat_map(|about| of_city(about)).collect();
        let counted: Vec<Counted> = all.into_iter().collect();
        let place = |of: Counted| counted.binary_search(&of).unwrap_or_default();
        let places = ids.iter().map(|(number, id)| (*number, of_city(&abouts[id]).into_iter().map(place).collect()));
        let places = places.collect();
        Ok(Self { abouts: Arc::new(abouts), ids, places, counted: Arc::new(counted) })
    }

    fn city(&self, number: i64) -> Option<(&str, &CityAbout)> {
        let id = self.ids.get(&number)?;
        Some((id, self.abouts.get(id)?))
    }
}

/// A file as this program leaves it, made when missing, for reads and for writes; an error where it is another's or of another form.
fn opened(path: &Path) -> rusqlite::Result<(Connection, Connection)> {
    let first = prepared(connected(path)?)?;
    let second = connected(path)?;
    settle(&second)?;
    Ok((first, second))
}

fn connected(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// What a power loss takes is made again, so a commit need not be on the disk.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF;")
}

fn prepared(mut connection: Connection) -> rusqlite::Result<Connection> {
    let whose = |connection: &Connection| {
        let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok::<_, rusqlite::Error>((number("application_id")?, number("user_version")?, tables))
    };
    // nothing is written into a file of others
    let ours = (i64::from(APPLICATION), i64::from(FORM));
    let (application, form, tables) = whose(&connection)?;
    if (application, form, tables) != (0, 0, 0) && (application, form) != ours {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error { code: ErrorCode::NotADatabase, extended_code: 0 },
            Some("the file is of another program, or of another form".to_owned()),
        ));
    }
    settle(&connection)?;
    let t = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // another copy of the program may have been quicker
    if whose(&t)? == (0, 0, 0) {
        t.execute_batch(SCHEMA)?;
        t.pragma_update(None, "application_id", APPLICATION)?;
        t.pragma_update(None, "user_version", FORM)?;
    }
    t.commit()?;
    Ok(connection)
}

/// Gives a file that is of no use another name, with what SQLite keeps beside it.
fn set_aside(path: &Path, why: &rusqlite::Error) {
    tracing::error!(file = %path.display(), error = %why, "the figures of all cities can't be used: the file is set aside, each city is unknown until it is loaded");
    for beside in ["", "-wal", "-shm"] {
        let named = |end: &str| PathBuf::from(format!("{}{end}{beside}", path.display()));
        match fs::rename(named(""), named(ASIDE)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                tracing::error!(file = %named("").display(), error = %e, "it was not set aside");
            }
            _ => {}
        }
    }
}

fn is_damage(e: &rusqlite::Error) -> bool {
    matches!(e.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn forget(t: &Transaction, id: &str) -> rusqlite::Result<()> {
    for table in ["figures", "cells"] {
        t.execute(&format!("DELETE FROM {table} WHERE city = (SELECT number FROM city WHERE id = ?1)"), [id])?;
    }
    t.execute("DELETE FROM city WHERE id = ?1", [id]).map(drop)
}

/// The one place that some lines of a city have.
fn place(id: &str, about: &CityAbout, (level, period, class): (&str, &str, &str)) -> String {
    [id, &about.revision, &about.mark, level, period, class].join("\n")
}

fn tile_place(id: &str, about: &CityAbout, TileId { z, x, y }: TileId) -> String {
    format!("{id}\n{}\n{}\n{z}/{x}/{y}", about.revision, about.mark)
}

fn named(period: Option<Period>) -> String {
    period.map(|period| period.to_string()).unwrap_or_default()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
