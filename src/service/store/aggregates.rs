//! What cities leave for answers over several of them where copies share a database: for each city and name some bytes, which hold only what
//! everybody may see, as rows in the cities' schemas. So every copy gives the same answer, also about a city that it has never loaded.

use super::database::{AggregatesOf, DataFolder, DatabaseError, Schemas, StatementError, Transaction, params, schemas};
use super::{Database, Objects, OpenError};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where the cities' data folders are, below the data folder, and what names begin with in an object store.
const CITIES: &str = "cities";

/// What several cities keep: a data folder for each, with a schema in a database and a part of an object store where there are such.
#[derive(Debug)]
pub struct CityFolders {
    path: PathBuf,
    schemas: Option<Arc<dyn Schemas>>,
    objects: Option<Arc<Objects>>,
    aggregates: AggregatesOf,
    /// How many cities share the room on this disk.
    cities: AtomicUsize,
}

impl CityFolders {
    /// The cities of a data folder, with a database at an address `postgres://...` where there is one.
    pub fn new(
        path: &Path,
        address: Option<&str>,
        objects: Option<Arc<Objects>>,
        aggregates: AggregatesOf,
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
    pub fn city(&self, id: &str) -> Result<DataFolder, OpenError> {
        let path = self.of(id);
        fs::create_dir_all(&path)?;
        let folder = DataFolder::of_city(&path, self.schemas.as_deref(), id)?;
        let parts = self.cities.load(Ordering::Relaxed);
        let below = self.objects.as_ref().map(|all| Arc::new(all.below(&format!("{CITIES}/{id}"), parts)));
        let folder = folder.with_objects(below);
        Ok(if self.is_shared() { folder.with_aggregates(self.aggregates) } else { folder })
    }

    /// What these cities have left under a name; nothing where no database is shared.
    pub fn left(&self, name: &str, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<u8>>, DatabaseError> {
        self.schemas.as_ref().map_or_else(|| Ok(BTreeMap::new()), |schemas| schemas.aggregates(name, ids))
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
    /// The database, where copies share it.
    pub fn shared(&self) -> Result<Option<Database>, DatabaseError> {
        if self.is_shared() { Database::open(self).map(Some) } else { Ok(None) }
    }
}

impl Database {
    /// What the data of a version have left under a name, or those of a later one.
    pub fn left(&self, version: u64, name: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
        let sql = "SELECT content FROM aggregate WHERE name = ?1 AND version >= ?2";
        self.read(|t| t.first(sql, params![name, version as i64], |row| row.get(0)))
    }

    /// Leaves what the data of a version say, in the place of what was left of that or an earlier one. It appears whole or not at all.
    pub fn leave(&self, version: u64, content: &[(&'static str, Vec<u8>)]) -> Result<(), DatabaseError> {
        self.write(|t| content.iter().try_for_each(|(name, bytes)| left(t, version, name, bytes)))
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
        let leave = |version, content: &[u8]| database.write(|t| left(t, version, "sums", content)).unwrap();
        let found = || {
            let all = "SELECT name, version, content FROM aggregate";
            let row = |row: &dyn super::super::database::Row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
            };
            database.read(|t| t.all(all, &[], row)).unwrap()
        };
        leave(3, b"three");
        leave(2, b"two, by a copy that comes late");
        assert_eq!(found(), [("sums".to_owned(), 3, b"three".to_vec())]);
        // the dataset folder was changed below the same version
        leave(3, b"three again");
        leave(4, b"");
        assert_eq!(found(), [("sums".to_owned(), 4, Vec::new())]);
        database.write(forget).unwrap();
        assert!(found().is_empty());
    }
}
