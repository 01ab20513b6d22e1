//! Why what the service keeps can't be read or written, in words that say what to do.

use super::transaction::StatementError;
use crate::core::model::Text;
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why the file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Another program's file.
    #[error("{0} is not a file of this program")]
    Foreign(PathBuf),
    /// A later version of this program has been at work.
    #[error("{path} has schema {found}, this program knows up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The latest version that this program knows.
        known: usize,
        /// The copy of what the file was when this program, or an earlier one, left it.
        copy: Option<PathBuf>,
    },
    /// The file is missing or empty, and what it would tell of is there.
    #[error("{path} is missing or empty, but {beside} is there")]
    Lost {
        /// The file.
        path: PathBuf,
        /// What shows that there was one.
        beside: PathBuf,
    },
    /// The file is damaged.
    #[error("{path} is damaged: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// Anything else: rights, a full disk, a lock that is never given up.
    #[error("{path}: {source}")]
    Failed {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: StatementError,
    },
    /// The server is not reached, or refuses.
    #[error("{server}: {why}")]
    Server {
        /// Its address, without a password.
        server: String,
        /// What it says.
        why: String,
    },
    /// A city whose id is no name in a database.
    #[error("{id} is no id of a city in a database")]
    City {
        /// Its id.
        id: String,
        /// Characters at most.
        longest: usize,
    },
    /// The address is none of a PostgreSQL database, or this program knows no PostgreSQL.
    #[error("{0}")]
    Address(String),
}

impl DatabaseError {
    /// A statement on a file failed.
    pub(super) fn of(path: &Path, source: impl Into<StatementError>) -> Self {
        let (path, source) = (path.to_owned(), source.into());
        match &source {
            StatementError::Sqlite(e)
                if matches!(e.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)) =>
            {
                Self::Damaged { path, why: source.to_string() }
            }
            _ => Self::Failed { path, source },
        }
    }

    /// Whether a server does not answer, which may pass without anybody doing something here.
    pub fn is_of_server(&self) -> bool {
        matches!(self, Self::Server { .. })
    }

    /// What, where, what to do.
    pub fn text(&self) -> Text {
        let (zh, en) = match self {
            Self::Foreign(path) => (
                format!(
                    "{} 不是视谷的数据库。请用 --data-dir 指定另一个文件夹,或用 --database 指定另一个数据库。",
                    path.display()
                ),
                format!(
                    "{} is no database of this program; name another folder with --data-dir, or another database with --database.",
                    path.display()
                ),
            ),
            Self::Newer { path, found, known, copy } => {
                let (zh, en) = copy.as_deref().map(|copy| way_back(path, copy)).unwrap_or_default();
                (
                    format!(
                        "{} 是较新版本的视谷写的(结构第 {found} 版,本程序只到第 {known} 版)。请使用新版程序;文件没有改动。{zh}",
                        path.display()
                    ),
                    format!(
                        "{} was written by a later version (schema {found}, this program knows up to {known}); use that one. The file is unchanged.{en}",
                        path.display()
                    ),
                )
            }
            Self::Lost { path, beside } => (
                format!(
                    "{0} 缺失或为空,但 {1} 仍在:版本、帐户与短链接都记在该文件里,没有它就无法提供已发布的数据。请从备份恢复该文件;确要从头开始时,先把 {1} 移走。没有任何改动。",
                    path.display(),
                    beside.display()
                ),
                format!(
                    "{0} is missing or empty, but {1} is there: versions, accounts and saved links are recorded in that file, and what was published can't be served without it. Restore it from a backup; to begin anew, move {1} away first. Nothing was changed.",
                    path.display(),
                    beside.display()
                ),
            ),
            Self::Damaged { path, why } => (
                format!(
                    "{} 已损坏({why})。请从备份恢复该文件,或把它移走后重新启动(短链接等将从空开始)。",
                    path.display()
                ),
                format!(
                    "{} is damaged ({why}); restore it from a backup, or move it away and start again (saved links start empty).",
                    path.display()
                ),
            ),
            Self::Failed { path, source } => (
                format!("{} 无法读写({source})。请检查权限与磁盘空间。", path.display()),
                format!("{} can't be used ({source}); check rights and disk space.", path.display()),
            ),
            Self::Server { server, why } => (
                format!("数据库 {server} 无法使用({why})。请检查服务器是否运行、地址与权限是否正确。"),
                format!(
                    "the database {server} can't be used ({why}); check that the server runs, the address and the rights."
                ),
            ),
            Self::City { id, longest } => (
                format!("城市标识 {id} 不能用于数据库:至多 {longest} 个字符,只用小写字母、数字、- 与 _。"),
                format!(
                    "The id {id} can't be used with a database: {longest} characters at most, lower-case letters, digits, - and _."
                ),
            ),
            Self::Address(why) => (
                format!(
                    "--database 不可用({why})。应形如 postgres://用户@主机/数据库,程序须以 --features postgres 编译。"
                ),
                format!(
                    "--database can't be used ({why}); it is like postgres://USER@HOST/DATABASE, for a program built with --features postgres."
                ),
            ),
        };
        Text { zh, en }
    }
}

/// How to go back to the copy that was made before the schema changed. The folder is kept as it is, under another name: the earlier
/// program removes versions that the copy knows nothing of. The copy is moved, so that the next upgrade makes another.
fn way_back(path: &Path, copy: &Path) -> (String, String) {
    let folder = path.parent().unwrap_or(Path::new("."));
    let (shown, file, copy) = (folder.display(), path.display(), copy.display());
    let command =
        format!("cp -a '{shown}' '{shown}.newer' && rm -f '{file}' '{file}-wal' '{file}-shm' && mv '{copy}' '{file}'");
    (
        format!("要退回升级之前,先停止服务,再执行(升级后发布的内容留在 {shown}.newer):\n  {command}"),
        format!(
            " To go back to before the upgrade, stop the service and run this; what was published since stays in {shown}.newer:\n  {command}"
        ),
    )
}
