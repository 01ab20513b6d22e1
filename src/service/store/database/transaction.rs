//! What a transaction is to those who keep things: statements with parameters `?1`, `?2` ..., and rows. SQLite's values (integers, text,
//! bytes, nothing) are the values of both back ends, and its conversions those of both.

use rusqlite::types::{FromSql, FromSqlError, ValueRef};
use rusqlite::{RowIndex, ToSql};

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The file.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The server.
    #[error(transparent)]
    Server(#[from] Box<dyn std::error::Error + Send + Sync>),
    /// A value is not what the program keeps there.
    #[error(transparent)]
    Value(#[from] FromSqlError),
    /// There is no row where there is always one.
    #[error("a row is missing")]
    NoRow,
}

/// A column by its place or its name.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    At(usize),
    Named(&'a str),
}

impl From<usize> for Column<'_> {
    fn from(at: usize) -> Self {
        Self::At(at)
    }
}

impl<'a> From<&'a str> for Column<'a> {
    fn from(name: &'a str) -> Self {
        Self::Named(name)
    }
}

/// A row of an answer.
pub trait Row {
    /// A value as it is kept.
    fn value(&self, column: Column) -> Result<ValueRef<'_>, StatementError>;
}

impl dyn Row + '_ {
    /// A value of a column.
    pub fn get<'c, C: Into<Column<'c>>, T: FromSql>(&self, column: C) -> Result<T, StatementError> {
        Ok(T::column_result(self.value(column.into())?)?)
    }
}

impl Row for rusqlite::Row<'_> {
    fn value(&self, column: Column) -> Result<ValueRef<'_>, StatementError> {
        fn of<'r, I: RowIndex>(row: &'r rusqlite::Row, index: I) -> Result<ValueRef<'r>, StatementError> {
            Ok(row.get_ref(index)?)
        }
        match column {
            Column::At(at) => of(self, at),
            Column::Named(name) => of(self, name),
        }
    }
}

/// What is done with each row of an answer.
pub type Each<'a> = &'a mut dyn FnMut(&dyn Row) -> Result<(), StatementError>;

/// All or nothing.
pub trait Transaction {
    /// Changes rows; how many.
    fn execute(&self, sql: &str, given: &[&dyn ToSql]) -> Result<usize, StatementError>;

    /// Reads rows.
    fn query(&self, sql: &str, given: &[&dyn ToSql], each: Each) -> Result<(), StatementError>;
}

impl dyn Transaction + '_ {
    /// All rows.
    pub fn all<T>(
        &self,
        sql: &str,
        given: &[&dyn ToSql],
        mut read: impl FnMut(&dyn Row) -> Result<T, StatementError>,
    ) -> Result<Vec<T>, StatementError> {
        let mut all = Vec::new();
        self.query(sql, given, &mut |row| {
            all.push(read(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The first row, where there is one.
    pub fn first<T>(
        &self,
        sql: &str,
        given: &[&dyn ToSql],
        read: impl FnMut(&dyn Row) -> Result<T, StatementError>,
    ) -> Result<Option<T>, StatementError> {
        Ok(self.all(sql, given, read)?.into_iter().next())
    }

    /// The row that there always is.
    pub fn one<T>(
        &self,
        sql: &str,
        given: &[&dyn ToSql],
        read: impl FnMut(&dyn Row) -> Result<T, StatementError>,
    ) -> Result<T, StatementError> {
        self.first(sql, given, read)?.ok_or(StatementError::NoRow)
    }
}

/// What is done in a transaction.
pub type Work<'a> = &'a mut dyn FnMut(&dyn Transaction) -> Result<(), StatementError>;
