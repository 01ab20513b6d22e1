//! How the service is: what is looked at, and what was found. Monitoring asks often, so what was found is kept for some
//! seconds.

use crate::core::model::Text;
use crate::service::clock::DAY;
use crate::service::machine;
use crate::service::store::{CityFolders, Database, DatabaseError, Objects, Store, free};
use std::fmt::Display;
use std::path::Path;

/// Below so many bytes on the disk of the data folder nothing can be published; the store refuses it.
const NO_ROOM: u64 = 20_000_000;
/// Below so many somebody should look.
const LITTLE_ROOM: u64 = 1_000_000_000;
/// A certificate that ends in so many days should be renewed.
const DAYS: i64 = 14;

/// How something is, from the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// As it should be.
    Ok,
    /// The service works; somebody should look.
    Degraded,
    /// A part of the service does not work.
    Failing,
}

impl Condition {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
        }
    }
}

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub id: &'static str,
    /// How it is.
    pub condition: Condition,
    /// What was found, for whoever runs the service: it may name folders.
    pub detail: Text,
}

impl Check {
    /// What was looked at, and found.
    pub fn new(id: &'static str, condition: Condition, zh: impl Display, en: impl Display) -> Self {
        Self { id, condition, detail: Text::new(zh, en) }
    }

    /// What data is served, and whether newer data was refused.
    fn reload(store: &Store) -> Self {
        match store.refused() {
            None => Self::new("reload", Condition::Ok, "数据是最近一次读取的", "the data is what was read last"),
            Some(why) => Self::new(
                "reload",
                Condition::Degraded,
                format!("最近一次读取的数据被拒绝,仍用旧数据:{}", why.zh),
                format!("the data that was read last was refused, the old data stays: {}", why.en),
            ),
        }
    }

    /// Whether a folder can be written to.
    pub fn folder(folder: &Path) -> Self {
        let shown = folder.display();
        match machine::writable(folder) {
            Ok(()) => {
                Self::new("data-folder", Condition::Ok, format!("{shown} 可写"), format!("{shown} can be written to"))
            }
            Err(e) => Self::new(
                "data-folder",
                Condition::Failing,
                format!("{shown} 不可写({e});请检查权限与磁盘"),
                format!("{shown} can't be written to ({e}); check rights and disk"),
            ),
        }
    }

    fn database(answers: Result<(), DatabaseError>) -> Self {
        match answers {
            Ok(()) => Self::new("database", Condition::Ok, "数据库有应答", "the database answers"),
            Err(e) => {
                let Text { zh, en } = e.text();
                Self::new("database", Condition::Failing, zh, en)
            }
        }
    }

    fn objects(objects: &Objects) -> Self {
        let shown = objects.shown();
        match objects.answers() {
            Ok(()) => Self::new("objects", Condition::Ok, format!("{shown} 有应答"), format!("{shown} answers")),
            // what is on the disk of this copy is served; nothing can be published
            Err(e) => {
                let Text { zh, en } = e.text();
                Self::new("objects", Condition::Degraded, zh, en)
            }
        }
    }

    /// How much room there is on the disk of a folder.
    pub fn disk(folder: &Path) -> Self {
        let free = match free(folder) {
            Ok(free) => free,
            Err(e) => {
                return Self::new(
                    "disk",
                    Condition::Failing,
                    format!("剩余空间未知({e})"),
                    format!("free space is not known ({e})"),
                );
            }
        };
        let condition = match free {
            ..NO_ROOM => Condition::Failing,
            NO_ROOM..LITTLE_ROOM => Condition::Degraded,
            LITTLE_ROOM.. => Condition::Ok,
        };
        let mb = free / 1_000_000;
        Self::new("disk", condition, format!("剩余 {mb} MB"), format!("{mb} MB are free"))
    }

    /// The certificate of TLS, by the second at which it ends.
    pub fn certificate(ends: i64, now: i64) -> Self {
        let days = (ends - now).div_euclid(DAY);
        let (condition, zh, en) = match days {
            ..0 => (
                Condition::Failing,
                format!("证书已过期 {} 天", -days),
                format!("the certificate ended {} days ago", -days),
            ),
            0..DAYS => {
                (Condition::Degraded, format!("证书还有 {days} 天到期"), format!("the certificate ends in {days} days"))
            }
            DAYS.. => {
                (Condition::Ok, format!("证书还有 {days} 天到期"), format!("the certificate ends in {days} days"))
            }
        };
        Self::new("certificate", condition, zh, en)
    }
}

/// Looks at everything. It waits for the disk and the database.
pub fn look(store: &Store, folder: Option<&Path>, database: Option<&Database>) -> Vec<Check> {
    let snapshot = store.snapshot();
    let revision = &snapshot.describe().revision;
    let dataset = Check::new("dataset", Condition::Ok, format!("提供数据 {revision}"), format!("serves {revision}"));
    let mut checks = vec![dataset, Check::reload(store)];
    checks.extend(folder.map(Check::folder));
    checks.extend(folder.map(Check::disk));
    checks.extend(database.map(|database| Check::database(database.answers())));
    checks.extend(store.objects().map(Check::objects));
    checks
}

/// Looks at what all cities have together.
pub fn look_at_folders(folders: &CityFolders) -> Vec<Check> {
    let mut checks = vec![Check::folder(folders.path()), Check::disk(folders.path())];
    checks.extend(folders.database_answers().map(Check::database));
    checks.extend(folders.objects().map(Check::objects));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_looked_at_before_it_ends() {
        let of = |days: i64| Check::certificate(1_000_000 + days * DAY, 1_000_000);
        assert_eq!(of(15).condition, Condition::Ok);
        assert_eq!(of(13).condition, Condition::Degraded);
        assert_eq!(of(-1).condition, Condition::Failing);
        assert!(of(13).detail.zh.contains("13") && of(13).detail.en.contains("13"));
    }

    #[test]
    fn a_folder_that_can_not_be_written_to_fails() {
        let folder = tempfile::tempdir().unwrap();
        let found = Check::folder(&folder.path().join("absent"));
        assert_eq!(found.condition, Condition::Failing);
        assert!(found.detail.en.contains("absent"), "{found:?}");
        assert_eq!(Check::folder(folder.path()).condition, Condition::Ok);
        assert!(Check::disk(folder.path()).detail.en.ends_with("MB are free"));
    }
}
