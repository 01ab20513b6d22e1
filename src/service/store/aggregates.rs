//! What cities leave for answers over several of them, so that none is loaded for these: for each city and name some bytes, which hold only
//! what everybody may see. They are files in the cities' data folders, or, where copies share a database, rows in the cities' schemas: so every
//! copy gives the same answer, also about a city that it has never loaded.

use super::database::{Aggregates, DataFolder, DatabaseError, Schemas, StatementError, Transaction, params, schemas};
use super::{Database, Objects};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where the cities' data folders are, below the data folder, and what names begin with in an object store.
const CITIES: &str = "cities";

/// Why something was not left.
#[derive(Debug, thiserror::Error)]
pub enum LeavingError {
    /// The folder.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What several cities keep: a data folder for each, with a schema in a database and a part of an object store where there are such.
#[derive(Debug)]
pub struct CityFolders {
    path: PathBuf,
    schemas: Option<Arc<dyn Schemas>>,
    objects: Option<Arc<Objects>>,
    aggregates: Aggregates,
    /// How many cities share the room on this disk.
    cities: AtomicUsize,
}

impl CityFolders {
    /// The cities of a data folder, with a database at an address `postgres://...` where there is one.
    pub fn new(
        path: &Path,
        address: Option<&str>,
        objects: Option<Arc<Objects>>,
        aggregates: Aggregates,
    ) -> Result<Self, DatabaseError> {
        let schemas = address.map(schemas).transpose()?;
        Ok(Self { path: path.to_owned(), schemas, objects, aggregates, cities: AtomicUsize::new(1) })
    }

    /// The data folder of all.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The object store of all.
    pub fn objects(&self) -> Option<&Objects> {
        self.objects.as_deref()
    }

    /// Says how many cities there are.
    pub fn share_among(&self, cities: usize) {
        self.cities.store(cities, Ordering::Relaxed);
    }

    /// The data folder of a city, made when missing.
    pub fn city(&self, id: &str) -> Result<DataFolder, LeavingError> {
        let path = self.of(id);
        fs::create_dir_all(&path)?;
        let folder = DataFolder::of_city(&path, self.schemas.as_deref(), id)?;
        let parts = self.cities.load(Ordering::Relaxed);
        let below = self.objects.as_ref().map(|all| Arc::new(all.below(&format!("{CITIES}/{id}"), parts)));
        Ok(folder.with_objects(below).with_aggregates(self.aggregates))
    }

    /// What cities have left under a name.
    pub fn left(
        &self,
        name: &str,
        ids: impl Iterator<Item = String>,
    ) -> Result<BTreeMap<String, Vec<u8>>, DatabaseError> {
        if let Some(schemas) = &self.schemas {
            let all = schemas.aggregates(name)?;
            return Ok(ids.filter_map(|id| all.get(&id).cloned().map(|content| (id, content))).collect());
        }
        let read = |id: String| fs::read(self.of(&id).join(name)).ok().map(|content| (id, content));
        Ok(ids.filter_map(read).collect())
    }

    /// Whether several copies of the program are meant to share what is left.
    pub fn is_shared(&self) -> bool {
        self.schemas.is_some()
    }

    /// Whether the database answers, where there is one.
    pub fn database_answers(&self) -> Option<Result<(), DatabaseError>> {
        self.schemas.as_ref().map(|schemas| schemas.answers())
    }

    fn of(&self, id: &str) -> PathBuf {
        self.path.join(CITIES).join(id)
    }
}

impl DataFolder {
    /// Leaves what the data of a version say, in the place of what was left of that or an earlier one. It appears whole or not at all.
    pub fn leave(&self, version: u64, content: &[(&'static str, Vec<u8>)]) -> Result<(), LeavingError> {
        if self.is_shared() {
            let database = Database::open(self)?;
            return Ok(database.write(|t| content.iter().try_for_each(|(name, bytes)| left(t, version, name, bytes)))?);
        }
        for (name, bytes) in content {
            let part = self.path().join(format!("{name}.part"));
            fs::write(&part, bytes)?;
            fs::rename(part, self.path().join(name))?;
        }
        Ok(())
    }
}

/// What there was of versions before is no longer so.
pub(super) fn forget(t: &dyn Transaction) -> Result<(), StatementError> {
    t.execute("DELETE FROM aggregate", &[]).map(drop)
}

pub(super) fn left(t: &dyn Transaction, version: u64, name: &str, content: &[u8]) -> Result<(), StatementError> {
    t.execute(
        "INSERT INTO aggregate (name, version, content) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET \
         version = excluded.version, content = excluded.content WHERE excluded.version >= aggregate.version",
        params![name, version as i64, content],
    )
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_version_left_stays() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).unwrap();
        let leave = |version, content: &[u8]| database.write(|t| left(t, version, "sums.json", content)).unwrap();
        let found = || {
            let all = "SELECT name, version, content FROM aggregate";
            let row = |row: &dyn super::super::database::Row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
            };
            database.read(|t| t.all(all, &[], row)).unwrap()
        };
        leave(3, b"three");
        leave(2, b"two, by a copy that comes late");
        assert_eq!(found(), [("sums.json".to_owned(), 3, b"three".to_vec())]);
        // the dataset folder was changed below the same version
        leave(3, b"three again");
        leave(4, b"");
        assert_eq!(found(), [("sums.json".to_owned(), 4, Vec::new())]);
        database.write(forget).unwrap();
        assert!(found().is_empty());
    }
}
