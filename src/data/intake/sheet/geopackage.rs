//! GeoPackage (OGC 12-128r19): the rows of one table of an SQLite database that somebody else made. It is held in
//! memory, read only, and only ordinary columns of ordinary tables are read, so that no statement of the file is ever
//! run.

use super::cells::Kind;
use super::moment::of_iso;
use super::reference::of_either;
use super::table::{Place, Table, choose, whole};
use super::{Limits, Sheet, budget, package, unreadable};
use crate::core::cancel;
use crate::core::geometry::wkb;
use crate::core::model::Text;
use crate::data::intake::finding::{Finding, Refusal, shorten};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Bytes of one value or row.
const LONGEST: i32 = 16 << 20;
/// Instructions of SQLite between two looks at whether the import is still wanted.
const LOOKED: i32 = 1000;
/// Instructions until the tables of the file are known: some ten for each table, index and trigger. SQLite holds all of them
/// at once, ten times the bytes that they have in the file.
const SCHEMA: u32 = 40_000;
/// Columns of one table of the file, whichever it is.
const WIDEST: i32 = 1000;
/// Bytes of the statement that made a table.
const STATEMENT: i32 = 64 << 10;
/// Where the file says how it is written to: 2 is with a write-ahead log.
const WRITTEN: std::ops::Range<usize> = 18..20;

/// Reads the layer that is requested, else the only one with features, else the only table.
pub fn read<R: Read + Seek>(mut reader: R, wanted: Option<&str>, limits: &Limits) -> Result<Sheet, Refusal> {
    let length = reader.seek(SeekFrom::End(0)).map_err(|e| unreadable(&e))?;
    if length > limits.held_bytes {
        return Err(package::large_part(limits.held_bytes));
    }
    let limits = &limits.less(length)?;
    reader.seek(SeekFrom::Start(0)).map_err(|e| unreadable(&e))?;
    let mut head = [0; 100];
    let begun = package::read_up_to(&mut reader, &mut head).map_err(|e| unreadable(&e))?;
    let logged = head[WRITTEN] == [2, 2];
    // only a database on the disk has a log; without it the database is read as it stands
    if logged {
        head[WRITTEN].fill(1);
    }
    let mut database = Connection::open_in_memory().map_err(|e| broken(&e))?;
    let whole = Cursor::new(&head[..begun]).chain(reader);
    database.deserialize_read_exact("main", whole, length as usize, true).map_err(|e| broken(&e))?;
    guard(&database).map_err(|e| broken(&e))?;
    let known = watch(&mut database).map_err(|e| broken(&e))?;
    let layers = layers(&database).map_err(|refusal| known.refused(refusal, limits))?;
    known.set();
    let names: Vec<String> = layers.iter().map(|l| l.table.clone()).collect();
    let mut with_places = layers.iter().filter(|l| l.geometry.is_some());
    let only = with_places.next().filter(|_| with_places.next().is_none()).map(|l| l.table.as_str());
    let chosen = choose(&names, wanted.or(only))?;
    let Some(layer) = layers.iter().find(|l| l.table == chosen) else { return Err(broken(&chosen)) };
    let mut table = Table::default();
    table.layer(chosen, &names);
    if logged {
        table.note(Finding::info(
            "geopackage-log",
            Text::new(
                "文件由仍在使用或未正常关闭的程序写成,最近的修改可能还在旁边的 -wal 文件里",
                "the file was in use or not closed properly: the latest changes may still be in the -wal file beside it",
            ),
        ));
    }
    match (&layer.geometry, layer.system(&database)?) {
        (None, _) => {}
        (Some(_), Some(said)) => table.system(said),
        (Some(_), None) => table.no_system(),
    }
    let read = layer.rows(&database, &mut table, limits);
    cancel::check();
    read.map_err(|refusal| refusal.among(&names))?;
    table.finish().map_err(|refusal| refusal.among(&names))
}

/// Trusts nothing in the file.
fn guard(database: &Connection) -> rusqlite::Result<()> {
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    ] {
        database.set_db_config(setting, on)?;
    }
    database.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    database.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    database.set_limit(Limit::SQLITE_LIMIT_COLUMN, WIDEST)?;
    database.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, STATEMENT)?;
    database.execute_batch("PRAGMA query_only = ON; PRAGMA cell_size_check = ON;")
}

/// Whether the tables of the file are known, and how many steps were taken before.
#[derive(Clone, Default)]
struct Known(Arc<(AtomicBool, AtomicU32)>);

impl Known {
    fn set(&self) {
        self.0.0.store(true, Ordering::Relaxed);
    }

    /// Goes on, unless it takes too long until the tables are known.
    fn step(&self) -> bool {
        self.0.0.load(Ordering::Relaxed) || self.0.1.fetch_add(1, Ordering::Relaxed) < SCHEMA / LOOKED.unsigned_abs()
    }

    /// Why the tables did not become known: SQLite says only that it was interrupted.
    fn refused(&self, refusal: Refusal, limits: &Limits) -> Refusal {
        cancel::check();
        let many = self.0.1.load(Ordering::Relaxed) > SCHEMA / LOOKED.unsigned_abs();
        if many { budget::too_large(limits.memory_bytes) } else { refusal }
    }
}

/// Interrupts SQLite where the import was cancelled, or where the file has more tables than any.
fn watch(database: &mut Connection) -> rusqlite::Result<Known> {
    let known = Known::default();
    let watched = known.clone();
    // nothing may unwind through SQLite: whoever called it looks once more
    database.progress_handler(LOOKED, Some(move || cancel::is_cancelled() || !watched.step()))?;
    Ok(known)
}

/// A table of features or attributes.
struct Layer {
    table: String,
    geometry: Option<String>,
    system: Option<i64>,
}

/// The tables that the file declares and has.
fn layers(database: &Connection) -> Result<Vec<Layer>, Refusal> {
    if !database.table_exists(None, "gpkg_contents").map_err(|e| broken(&e))? {
        return Err(Refusal::new(
            "not-geopackage",
            Text::new(
                "文件是 SQLite 数据库,但不是 GeoPackage(没有 gpkg_contents 表)",
                "the file is an SQLite database, but no GeoPackage: it has no table gpkg_contents",
            ),
        ));
    }
    let geometry = database.table_exists(None, "gpkg_geometry_columns").map_err(|e| broken(&e))?;
    let join = "LEFT JOIN gpkg_geometry_columns g ON lower(g.table_name) = lower(s.name)";
    let sql = format!(
        "SELECT s.name, {} FROM gpkg_contents c JOIN sqlite_schema s ON lower(s.name) = lower(c.table_name) {} \
         WHERE c.data_type IN ('features', 'attributes') AND s.type = 'table' AND s.rootpage > 0 ORDER BY s.rowid LIMIT 1000",
        if geometry { "g.column_name, g.srs_id" } else { "NULL, NULL" },
        if geometry { join } else { "" },
    );
    let mut statement = database.prepare(&sql).map_err(|e| broken(&e))?;
    let layers = statement
        .query_map([], |row| Ok(Layer { table: row.get(0)?, geometry: row.get(1)?, system: row.get(2)? }))
        .and_then(Iterator::collect);
    layers.map_err(|e| broken(&e))
}

/// A column that is read.
struct Column {
    name: String,
    declared: String,
}

impl Layer {
    /// What the file says of the layer's reference system; nothing for the undefined ones.
    fn system(&self, database: &Connection) -> Result<Option<Result<crate::data::intake::System, String>>, Refusal> {
        let Some(id) = self.system.filter(|id| *id > 0) else { return Ok(None) };
        let sql =
            "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?";
        let texts =
            |row: &rusqlite::Row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?));
        let found = database.query_row(sql, [id], texts).optional().map_err(|e| broken(&e))?;
        let words = |(by, code, text): (String, i64, String)| of_either(&by, &code.to_string(), &text);
        Ok(Some(found.map_or_else(|| Err(format!("srs_id {id}")), words)))
    }

    /// The columns that a person filled in: no row numbers of the program that wrote the file, nothing computed.
    fn columns(&self, database: &Connection) -> rusqlite::Result<Vec<Column>> {
        let sql = "SELECT name, upper(type), pk FROM pragma_table_xinfo(?) WHERE hidden = 0";
        let mut statement = database.prepare(sql)?;
        let all = statement.query_map([&self.table], |row| {
            Ok((Column { name: row.get(0)?, declared: row.get(1)? }, row.get::<_, i64>(2)? > 0))
        })?;
        let numbers = ["fid", "ogc_fid"];
        let kept =
            |(column, key): (Column, bool)| (!(key && numbers.contains(&column.name.as_str()))).then_some(column);
        all.filter_map(|one| one.map(kept).transpose()).collect()
    }

    fn rows(&self, database: &Connection, table: &mut Table, limits: &Limits) -> Result<(), Refusal> {
        let columns = self.columns(database).map_err(|e| broken(&e))?;
        if columns.len() > limits.columns {
            let most = limits.columns;
            let text = Text::new(format!("超过 {most} 列"), format!("there are more than {most} columns"));
            return Err(Refusal::new("too-many-columns", text));
        }
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let names: Vec<String> = columns.iter().map(|c| quoted(&c.name)).collect();
        let sql = format!("SELECT {} FROM {}", names.join(", "), quoted(&self.table));
        let mut statement = database.prepare(&sql).map_err(|e| broken(&e))?;
        let mut rows = statement.query([]).map_err(|e| broken(&e))?;
        let (mut number, mut unread, mut damaged) = (0, std::collections::BTreeSet::new(), 0);
        while let Some(row) = rows.next().map_err(|e| broken(&e))? {
            number += 1;
            for (place, column) in columns.iter().enumerate() {
                let value = row.get_ref(place).map_err(|e| broken(&e))?;
                if self.geometry.as_ref().is_some_and(|g| g.eq_ignore_ascii_case(&column.name)) {
                    let found = geometry(value);
                    damaged += usize::from(found.is_none());
                    table.place(found.unwrap_or(Place::None));
                } else if let ValueRef::Blob(_) = value {
                    unread.insert(shorten(&column.name));
                } else {
                    let (kind, text) = cell(value, &column.declared);
                    table.put(&column.name, kind, text);
                }
            }
            table.end_row(number, limits)?;
        }
        table.broken_geometries(damaged);
        if !unread.is_empty() {
            table.note(Finding::unread(unread));
        }
        Ok(())
    }
}

/// Kind and text of a value, by what the column is declared to hold.
fn cell(value: ValueRef, declared: &str) -> (Kind, String) {
    match value {
        ValueRef::Integer(n) if declared == "BOOLEAN" => (Kind::Boolean, (n != 0).to_string()),
        ValueRef::Integer(n) => whole(n.into()),
        ValueRef::Real(x) if x.is_finite() => (Kind::Number, x.to_string()),
        ValueRef::Text(bytes) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            if declared.starts_with("DATE") { of_iso(&text) } else { (Kind::Text, text) }
        }
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => (Kind::Empty, String::new()),
    }
}

/// Where a geometry lies, as the standard stores it: a head with or without a box, then well-known binary.
fn geometry(value: ValueRef) -> Option<Place> {
    let bytes = match value {
        ValueRef::Null => return Some(Place::None),
        ValueRef::Blob(bytes) => bytes,
        _ => return None,
    };
    let flags = *bytes.strip_prefix(b"GP")?.get(1)?;
    let boxed = [0, 32, 48, 48, 64].get(usize::from(flags >> 1 & 7))?;
    let empty = flags & 0x10 != 0;
    let (geometry, _) = wkb::read(bytes.get(8 + boxed..)?)?;
    Some(if empty { Place::None } else { Place::from(geometry) })
}

fn broken(e: &dyn std::fmt::Display) -> Refusal {
    let text =
        Text::new("GeoPackage 已损坏或不完整,读不出", "the GeoPackage is damaged or incomplete and can't be read");
    Refusal::broken("geopackage-broken", text, e)
}
