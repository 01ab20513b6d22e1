//! A schema for each of several cities in one database, whose connections they share.

use super::super::backend::{Backend, Schemas};
use super::super::error::DatabaseError;
use super::super::transaction::{StatementError, Transaction};
use super::connections::{Connections, Share};
use super::news::News;
use super::server::{READ, Schema, Server};
use super::statements::Statements;
use crate::service::store::schema::STEPS;
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Connections of a copy for all cities, at most; one more hears the news.
const MOST: usize = 16;
/// Those of one city. Its transactions that write wait for one another, and each that waits has one.
const OF_ONE: usize = 6;
/// What names of schemas begin with.
const PREFIX: &str = "city_";
/// Characters of a name at most; PostgreSQL cuts longer ones off.
const LONGEST: usize = 63;

/// The schemas of a database.
#[derive(Debug)]
pub struct Cities {
    connections: Arc<Connections>,
    share: Share,
    news: Arc<News>,
}

impl Cities {
    /// Connects to a database. Nothing is changed there before a city is asked for.
    pub fn open(address: &str) -> Result<Self, DatabaseError> {
        let connections = Arc::new(Connections::new(address, MOST)?);
        let failed = |why: String| DatabaseError::Server { server: connections.shown().to_owned(), why };
        let news = News::begin(&connections).map_err(|e| failed(e.to_string()))?;
        let cities = Self { news, share: Share::new(MOST), connections };
        cities.read(|_| Ok(()))?;
        Ok(cities)
    }

    fn read<T>(&self, work: impl FnOnce(&dyn Transaction) -> Result<T, StatementError>) -> Result<T, DatabaseError> {
        let done = self.connections.begin(&self.share, READ).and_then(|taken| {
            let done = work(&Statements::on(&taken));
            if taken.connection().run("ROLLBACK".to_owned()).is_ok() {
                taken.keep();
            }
            done
        });
        let server = || self.connections.shown().to_owned();
        done.map_err(|e| DatabaseError::Server { server: server(), why: e.to_string() })
    }
}

/// The schema of a city: it is made of the id, and no two ids have one. What is no id of a city, and one that is too long, has none.
fn schema_of(id: &str) -> Result<String, DatabaseError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    let name = format!("{PREFIX}{id}");
    if !id.is_empty() && id.bytes().all(plain) && name.len() <= LONGEST {
        return Ok(name);
    }
    Err(DatabaseError::City { id: id.to_owned(), longest: LONGEST - PREFIX.len() })
}

impl Schemas for Cities {
    fn city(&self, folder: &Path, id: &str) -> Result<Arc<dyn Backend>, DatabaseError> {
        let name = schema_of(id)?;
        let schema = Schema { hearing: self.news.of(&name), name };
        let (connections, share) = (self.connections.clone(), Share::new(OF_ONE));
        Ok(Arc::new(Server::with(connections, share, Some(schema), folder, STEPS)?))
    }

    fn aggregates(&self, name: &str, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Vec<u8>>, DatabaseError> {
        self.read(|t| {
            // those that this user may read
            let schemas = "SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
                 WHERE relname = 'aggregate' AND relkind = 'r' AND starts_with(nspname::text, ?1) \
                 AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') ORDER BY nspname";
            let schemas = t.all(schemas, params![PREFIX], |row| row.get::<_, String>(0))?;
            let of = |schema: &String| {
                let id = schema.strip_prefix(PREFIX).filter(|id| ids.contains(*id) && schema_of(id).is_ok())?;
                Some(format!("SELECT '{id}', content FROM \"{schema}\".aggregate WHERE name = ?1"))
            };
            let each: Vec<String> = schemas.iter().filter_map(of).collect();
            if each.is_empty() {
                return Ok(BTreeMap::new());
            }
            let all = t.all(&each.join(" UNION ALL "), params![name], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(all.into_iter().collect())
        })
    }

    fn answers(&self) -> Result<(), DatabaseError> {
        self.read(|t| t.one("SELECT 1::bigint", &[], |row| row.get::<_, i64>(0))).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::schema_of;

    #[test]
    fn each_id_has_a_schema_of_its_own_or_none() {
        for id in ["hz", "330100", "tiny-ville", "a_b", &"a".repeat(58)] {
            assert_eq!(schema_of(id).unwrap(), format!("city_{id}"));
        }
        // nothing that ends the quotes, and nothing that PostgreSQL would cut off
        for bad in ["", "Hz", "a\"b", "a b", "a;b", "a.b", "杭州", &"a".repeat(59)] {
            assert!(schema_of(bad).is_err(), "{bad}");
        }
    }
}
