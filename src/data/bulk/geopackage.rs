//! OGC GeoPackage 1.3 (12-128r18): one table of features with its spatial index (the `gpkg_rtree_index` extension).

use super::schema::{Field, Kind, Schema, common};
use super::system::{placed, system};
use super::{BulkError, Writer};
use crate::core::cancel;
use crate::core::columns::{Moment, Value};
use crate::core::geometry::Bounds;
use crate::core::geometry::wkb::{self, SORTS};
use crate::core::model::Text;
use crate::core::query::{Selection, write_value};
use geo::Geometry;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params};
use std::path::Path;

pub(super) struct GeoPackage {
    connection: Connection,
    /// When it is made.
    at: String,
    /// Rows written.
    count: i64,
    bounds: Bounds,
    /// How a row is put in, and its box.
    insert: [String; 2],
    table: String,
}

impl GeoPackage {
    pub(super) fn new(file: &Path, at: &str) -> Result<Self, BulkError> {
        let connection = Connection::open(file)?;
        // nobody sees the file before it is whole
        connection.execute_batch(
            "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;
             PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300; BEGIN;",
        )?;
        connection.execute_batch(TABLES)?;
        Ok(Self {
            connection,
            at: at.to_owned(),
            count: 0,
            bounds: Bounds::EMPTY,
            insert: Default::default(),
            table: String::new(),
        })
    }
}

impl Writer for GeoPackage {
    fn begin(&mut self, of: &Selection, schema: &Schema, _: &mut Vec<u8>) -> Result<(), BulkError> {
        let (db, system) = (&self.connection, system(schema.crs));
        let mut systems = vec![super::system::system(crate::core::geometry::Crs::Crs84)];
        if system.code != systems[0].code {
            systems.push(super::system::system(schema.crs));
        }
        for s in systems {
            db.execute(
                "INSERT INTO gpkg_spatial_ref_sys VALUES (?1, ?2, 'EPSG', ?2, ?3, NULL)",
                params![s.name, s.code, s.wkt],
            )?;
        }
        // a table's name must not begin as SQLite's and the standard's own do
        let reserved = ["gpkg_", "rtree_", "sqlite_"].iter().any(|p| schema.table.to_lowercase().starts_with(p));
        self.table = if reserved { format!("c_{}", schema.table) } else { schema.table.clone() };
        let (table, geometry) = (&self.table, &schema.geometry);
        let fields = schema.fields.iter().map(|f| format!(", {} {}", quoted(&f.name), column_type(f)));
        let sort = SORTS[usize::from(common(of))].to_uppercase();
        let (id, geom) = (quoted(&schema.id), quoted(geometry));
        db.execute_batch(&format!(
            "CREATE TABLE {} (fid INTEGER PRIMARY KEY NOT NULL, {geom} {sort}, {id} TEXT NOT NULL{});
             CREATE VIRTUAL TABLE {} USING rtree(id, minx, maxx, miny, maxy);",
            quoted(table),
            fields.collect::<String>(),
            quoted(&format!("rtree_{table}_{geometry}")),
        ))?;
        let said = |t: &Text| if t.zh.is_empty() { t.en.clone() } else { t.zh.clone() };
        // the standard's form of a time has three digits behind the second
        db.execute(
            "INSERT INTO gpkg_contents VALUES (?1, 'features', ?2, ?3, strftime('%Y-%m-%dT%H:%M:%fZ', ?4), NULL, NULL, NULL, NULL, ?5)",
            params![table, said(&of.spec().title), said(&of.spec().description), self.at, system.code],
        )?;
        db.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?1, ?2, ?3, ?4, 0, 0)",
            params![table, geometry, sort, system.code],
        )?;
        db.execute(
            "INSERT INTO gpkg_extensions VALUES (?1, ?2, 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
            params![table, geometry],
        )?;
        let marks = (1..=schema.fields.len() + 3).map(|i| format!("?{i}")).collect::<Vec<_>>().join(", ");
        self.insert = [
            format!("INSERT INTO {} VALUES ({marks})", quoted(table)),
            format!("INSERT INTO {} VALUES (?1, ?2, ?3, ?4, ?5)", quoted(&format!("rtree_{table}_{geometry}"))),
        ];
        // the triggers that keep the index right in other programs come last: these rows are indexed here
        Ok(())
    }

    fn rows(&mut self, of: &Selection, schema: &Schema, rows: &[u32], _: &mut Vec<u8>) -> Result<(), BulkError> {
        let code = system(schema.crs).code;
        let mut insert = self.connection.prepare(&self.insert[0])?;
        let mut index = self.connection.prepare(&self.insert[1])?;
        let mut blob = Vec::new();
        for &row in rows {
            cancel::check();
            let row = row as usize;
            self.count += 1;
            let geometry = of.table().geometries.value(row).map(|g| placed(schema.crs, g));
            insert.raw_bind_parameter(1, self.count)?;
            match &geometry {
                None => insert.raw_bind_parameter(2, rusqlite::types::Null)?,
                Some(g) => {
                    let b = Bounds::of(g);
                    self.bounds.join(&b);
                    blob.clear();
                    binary(&mut blob, g, &b, code);
                    insert.raw_bind_parameter(2, blob.as_slice())?;
                    if !b.is_empty() {
                        index.execute(params![self.count, b.west, b.east, b.south, b.north])?;
                    }
                }
            }
            insert.raw_bind_parameter(3, of.table().ids.value(row))?;
            for (i, field) in schema.fields.iter().enumerate() {
                insert.raw_bind_parameter(i + 4, Cell(of.table().columns[field.column].value(row), field.kind))?;
            }
            insert.raw_execute()?;
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), BulkError> {
        let (db, b) = (&self.connection, &self.bounds);
        if !b.is_empty() {
            db.execute(
                "UPDATE gpkg_contents SET min_x = ?1, min_y = ?2, max_x = ?3, max_y = ?4",
                params![b.west, b.south, b.east, b.north],
            )?;
        }
        let geometry: String = db.query_row("SELECT column_name FROM gpkg_geometry_columns", [], |row| row.get(0))?;
        let index = format!("rtree_{}_{geometry}", self.table);
        let (table, geom) = (quoted(&self.table), quoted(&geometry));
        let put = format!(
            "INSERT OR REPLACE INTO {} VALUES (NEW.fid, ST_MinX(NEW.{geom}), ST_MaxX(NEW.{geom}), ST_MinY(NEW.{geom}), ST_MaxY(NEW.{geom}))",
            quoted(&index)
        );
        let gone = format!("DELETE FROM {} WHERE id = OLD.fid", quoted(&index));
        let (has, had_not) = (
            format!("NEW.{geom} NOT NULL AND NOT ST_IsEmpty(NEW.{geom})"),
            format!("NEW.{geom} ISNULL OR ST_IsEmpty(NEW.{geom})"),
        );
        let triggers = [
            ("insert", format!("AFTER INSERT ON {table} WHEN ({has})"), put.clone()),
            ("update1", format!("AFTER UPDATE OF {geom} ON {table} WHEN OLD.fid = NEW.fid AND ({has})"), put.clone()),
            (
                "update2",
                format!("AFTER UPDATE OF {geom} ON {table} WHEN OLD.fid = NEW.fid AND ({had_not})"),
                gone.clone(),
            ),
            (
                "update3",
                format!("AFTER UPDATE ON {table} WHEN OLD.fid != NEW.fid AND ({has})"),
                format!("{gone}; {put}"),
            ),
            (
                "update4",
                format!("AFTER UPDATE ON {table} WHEN OLD.fid != NEW.fid AND ({had_not})"),
                format!("{gone}; DELETE FROM {} WHERE id = NEW.fid", quoted(&index)),
            ),
            ("delete", format!("AFTER DELETE ON {table} WHEN OLD.{geom} NOT NULL"), gone.clone()),
        ];
        for (name, when, what) in triggers {
            let name = quoted(&format!("{index}_{name}"));
            db.execute_batch(&format!("CREATE TRIGGER {name} {when} BEGIN {what}; END;"))?;
        }
        db.execute_batch("COMMIT;")?;
        Ok(())
    }
}

/// The tables that every package has.
const TABLES: &str = "
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', NULL),
  ('Undefined geographic', 0, 'NONE', 0, 'undefined', NULL);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
";

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn column_type(field: &Field) -> &'static str {
    match field.kind {
        Kind::Text | Kind::List => "TEXT",
        Kind::Integer => "INTEGER",
        Kind::Number | Kind::Decimal(_) => "DOUBLE",
        Kind::Boolean => "BOOLEAN",
        Kind::Date => "DATE",
        Kind::Datetime => "DATETIME",
    }
}

/// A cell on its way into the table.
struct Cell<'a>(Value<'a>, Kind);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match (self.0, self.1) {
            (Value::Null, _) => ToSqlOutput::Borrowed(ValueRef::Null),
            (Value::Text(t), Kind::Datetime) => match Moment::timestamp(t) {
                // in UTC with three decimals, as the standard has it
                Some(moment) => {
                    let written = moment.to_string();
                    let written = written.trim_end_matches('Z');
                    let (whole, part) = written.split_once('.').unwrap_or((written, ""));
                    format!("{whole}.{part:0<3.3}Z").into()
                }
                None => ToSqlOutput::Borrowed(ValueRef::Null),
            },
            (Value::Text(t), _) => ToSqlOutput::Borrowed(ValueRef::Text(t.as_bytes())),
            (Value::Integer(i), _) => i.into(),
            (Value::Number(n), _) => n.into(),
            (Value::Decimal(digits, decimals), _) => (digits as f64 / 10f64.powi(decimals.into())).into(),
            (Value::Boolean(b), _) => i64::from(b).into(),
            (list @ Value::Strings(..), _) => {
                let mut json = Vec::new();
                write_value(&mut json, list);
                String::from_utf8_lossy(&json).into_owned().into()
            }
        })
    }
}

/// A geometry as the standard stores it: a head with the box of what is no point, then well-known binary.
fn binary(out: &mut Vec<u8>, geometry: &Geometry<f64>, b: &Bounds, code: i32) {
    let boxed = !matches!(geometry, Geometry::Point(_)) && !b.is_empty();
    let flags = 1 | u8::from(boxed) << 1 | u8::from(b.is_empty()) << 4;
    out.extend_from_slice(&[b'G', b'P', 0, flags]);
    out.extend_from_slice(&code.to_le_bytes());
    if boxed {
        [b.west, b.east, b.south, b.north].iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes()));
    }
    wkb::write(out, geometry);
}
