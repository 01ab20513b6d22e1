//! What the service itself keeps, in short transactions: in the SQLite file of the data folder (`sqlite`), or in a PostgreSQL database that
//! several copies of the program share (`postgres`). What is kept, and how it is asked for, is the same for both (ADR 85).

mod backend;
#[cfg(feature = "postgres")]
mod encrypted;
mod error;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(all(test, feature = "postgres"))]
mod tests;
mod transaction;

pub(super) use backend::Schemas;
pub use error::DatabaseError;
pub(super) use rusqlite::params;
pub(super) use sqlite::VERSIONS;
pub use transaction::StatementError;
pub(super) use transaction::{Row, Transaction};

use super::accounts::Passwords;
use super::objects::Objects;
use super::schema::STEPS;
use crate::core::snapshot::Snapshot;
use backend::Backend;
use sqlite::{FILE, SqliteFile, not_lost};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the data of a version leave for answers over several cities, by name. Empty bytes say that there is nothing to say of them.
pub type AggregatesOf = fn(&Arc<Snapshot>) -> Vec<(&'static str, Vec<u8>)>;

/// A data folder, and where its database is: a file in it, or a server's.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
    server: Option<Arc<dyn Backend>>,
    objects: Option<Arc<Objects>>,
    aggregates: Option<AggregatesOf>,
}

impl DataFolder {
    /// A data folder with its database at an address `postgres://...`; without one it is in the folder.
    pub fn new(path: &Path, address: Option<&str>) -> Result<Self, DatabaseError> {
        let server = address.map(|address| server(path, address)).transpose()?;
        Ok(Self { server, ..Self::of_path(path) })
    }

    fn of_path(path: &Path) -> Self {
        Self { path: path.to_owned(), server: None, objects: None, aggregates: None }
    }

    /// That of a city, with its schema where there is a server.
    pub(super) fn of_city(path: &Path, schemas: Option<&dyn Schemas>, id: &str) -> Result<Self, DatabaseError> {
        let server = schemas.map(|schemas| schemas.city(path, id)).transpose()?;
        Ok(Self { server, ..Self::of_path(path) })
    }

    /// The folder with its database in it, also where the tests of the store are beside a server: for tests of what a disk does.
    #[cfg(test)]
    pub(super) fn of_files(path: &Path) -> Self {
        Self::of_path(path)
    }

    /// The same with an object store, for the files that copies share.
    #[must_use]
    pub fn with_objects(self, objects: Option<Arc<Objects>>) -> Self {
        Self { objects, ..self }
    }

    /// The same, where each version leaves something for answers over several cities.
    #[must_use]
    pub(super) fn with_aggregates(self, aggregates: AggregatesOf) -> Self {
        Self { aggregates: Some(aggregates), ..self }
    }

    /// What each version leaves for answers over several cities.
    pub(super) fn aggregates(&self) -> Option<AggregatesOf> {
        self.aggregates
    }

    /// Whether its database is a server's.
    pub(super) fn is_shared(&self) -> bool {
        self.server.is_some()
    }

    /// The object store, where there is one; else files lie in the folder.
    pub fn objects(&self) -> Option<&Arc<Objects>> {
        self.objects.as_ref()
    }

    /// Where its files are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a database: a server's always is.
    pub(super) fn has_database(&self) -> bool {
        self.server.is_some() || self.path.join(FILE).exists()
    }
}

/// A folder with its database in it.
impl From<&Path> for DataFolder {
    fn from(path: &Path) -> Self {
        #[cfg(all(test, feature = "postgres"))]
        if let Some(folder) = tests::beside_a_server(path) {
            return folder;
        }
        Self::of_path(path)
    }
}

impl From<&PathBuf> for DataFolder {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

impl From<&Self> for DataFolder {
    fn from(folder: &Self) -> Self {
        folder.clone()
    }
}

#[cfg(feature = "postgres")]
fn server(folder: &Path, address: &str) -> Result<Arc<dyn Backend>, DatabaseError> {
    Ok(Arc::new(postgres::Server::open(folder, address, STEPS)?))
}

/// The schemas of several cities in the database of an address.
#[cfg(feature = "postgres")]
pub(super) fn schemas(address: &str) -> Result<Arc<dyn Schemas>, DatabaseError> {
    Ok(Arc::new(postgres::Cities::open(address)?))
}

#[cfg(not(feature = "postgres"))]
fn server(_: &Path, address: &str) -> Result<Arc<dyn Backend>, DatabaseError> {
    Err(without_it(address))
}

#[cfg(not(feature = "postgres"))]
pub(super) fn schemas(address: &str) -> Result<Arc<dyn Schemas>, DatabaseError> {
    Err(without_it(address))
}

#[cfg(not(feature = "postgres"))]
fn without_it(address: &str) -> DatabaseError {
    let scheme = address.split(':').next().unwrap_or_default();
    DatabaseError::Address(format!("{scheme}: built without it"))
}

/// What the service itself keeps. Short transactions only: they wait for one another.
#[derive(Debug)]
pub struct Database {
    backend: Arc<dyn Backend>,
    passwords: Passwords,
}

impl Database {
    /// Opens the database of a data folder, made when missing, and brings it to the schema of this program. One that some other
    /// or later program wrote, or that is damaged, is left as it is.
    pub fn open(folder: impl Into<DataFolder>) -> Result<Self, DatabaseError> {
        let DataFolder { path, server, .. } = folder.into();
        let backend = match server {
            Some(server) => server,
            None => Arc::new(SqliteFile::open(path.join(FILE), STEPS)?),
        };
        Ok(Self { backend, passwords: Passwords::default() })
    }

    /// Refuses a data folder whose file was lost.
    pub(super) fn not_lost(folder: &Path) -> Result<(), DatabaseError> {
        not_lost(&folder.join(FILE))
    }

    /// The file's name in the data folder.
    pub(super) const fn file_name() -> &'static str {
        FILE
    }

    /// Whether it answers a question.
    pub fn answers(&self) -> Result<(), DatabaseError> {
        self.read(|t| t.one("SELECT count(*) FROM report_job WHERE id = ''", &[], |row| row.get::<_, i64>(0))).map(drop)
    }

    /// Whether it is a server's, which several copies of the program are meant to share.
    pub(super) fn is_shared(&self) -> bool {
        self.backend.is_shared()
    }

    /// Whether another program may have made a version since this was asked last.
    pub(super) fn has_news(&self) -> bool {
        self.backend.has_news()
    }

    /// Copies everything as it is at one moment, while others read and write, into a new SQLite file.
    pub(super) fn copy_to(&self, path: &Path) -> Result<(), DatabaseError> {
        self.backend.copy_to(path)
    }

    /// Where passwords are hashed.
    pub(super) fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// Reads, all of one state.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&dyn Transaction) -> Result<T, StatementError>,
    ) -> Result<T, DatabaseError> {
        self.transact(work, |work| self.backend.read(work))
    }

    /// Changes all or nothing.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&dyn Transaction) -> Result<T, StatementError>,
    ) -> Result<T, DatabaseError> {
        self.transact(work, |work| self.backend.write(work))
    }

    fn transact<T>(
        &self,
        work: impl FnOnce(&dyn Transaction) -> Result<T, StatementError>,
        within: impl FnOnce(transaction::Work) -> Result<(), StatementError>,
    ) -> Result<T, DatabaseError> {
        let (mut work, mut done) = (Some(work), None);
        let ended = within(&mut |t| {
            done = work.take().map(|work| work(t)).transpose()?;
            Ok(())
        });
        ended.and(done.ok_or(StatementError::NoRow)).map_err(|e| self.backend.failed(e))
    }
}
