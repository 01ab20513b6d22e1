//! A transaction under way, and the values that come and go: SQLite's, in PostgreSQL's types.

use super::super::transaction::{Column, Each, Row, StatementError, Transaction};
use super::connections::{Connection, Taken};
use ::postgres::types::{FromSql, IsNull, ToSql as ToParameter, Type, to_sql_checked};
use ::postgres::{Client, Statement};
use bytes::BytesMut;
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use std::cell::Cell;
use std::error::Error;
use std::sync::Arc;

/// A transaction under way.
pub struct Statements<'a> {
    connection: &'a Connection,
    failed: Cell<bool>,
}

impl<'a> Statements<'a> {
    /// On a connection on which a transaction has begun.
    pub fn on(taken: &'a Taken<'_>) -> Self {
        Self { connection: taken.connection(), failed: Cell::default() }
    }

    /// Whether one has failed.
    pub fn failed(&self) -> bool {
        self.failed.get()
    }
    fn ask<T: Send + 'static>(
        &self,
        sql: &str,
        given: &[&dyn ToSql],
        work: impl FnOnce(&mut Client, &Statement, &[&(dyn ToParameter + Sync)]) -> Result<T, ::postgres::Error>
        + Send
        + 'static,
    ) -> Result<T, StatementError> {
        let given = given.iter().map(|value| Ok(Parameter(owned(value.to_sql()?)?)));
        let (sql, given) = (sql.to_owned(), given.collect::<Result<Vec<_>, StatementError>>()?);
        let done = self.connection.answer(move |link| {
            let statement = link.prepared(&sql)?;
            let given: Vec<&(dyn ToParameter + Sync)> = given.iter().map(|p| p as &(dyn ToParameter + Sync)).collect();
            work(&mut link.client, &statement, &given)
        });
        Ok(done.inspect_err(|_| self.failed.set(true))?)
    }
}

impl Transaction for Statements<'_> {
    fn execute(&self, sql: &str, given: &[&dyn ToSql]) -> Result<usize, StatementError> {
        let n = self.ask(sql, given, |client, statement, given| client.execute(statement, given))?;
        Ok(usize::try_from(n).unwrap_or(usize::MAX))
    }

    fn query(&self, sql: &str, given: &[&dyn ToSql], each: Each) -> Result<(), StatementError> {
        let (names, rows) = self.ask(sql, given, |client, statement, given| {
            let names: Arc<[String]> = statement.columns().iter().map(|c| c.name().to_owned()).collect();
            let rows = client.query(statement, given)?;
            let values = |row: &::postgres::Row| (0..row.len()).map(|i| Ok(row.try_get::<_, Kept>(i)?.0)).collect();
            Ok((names, rows.iter().map(values).collect::<Result<Vec<Vec<Value>>, ::postgres::Error>>()?))
        })?;
        for values in rows {
            each(&Values { names: &names, values })?;
        }
        Ok(())
    }
}

fn owned(value: ToSqlOutput) -> Result<Value, StatementError> {
    Ok(match value {
        ToSqlOutput::Borrowed(value) => value.try_into()?,
        ToSqlOutput::Owned(value) => value,
        _ => return Err(StatementError::NoRow),
    })
}

struct Values<'a> {
    names: &'a [String],
    values: Vec<Value>,
}

impl Row for Values<'_> {
    fn value(&self, column: Column) -> Result<ValueRef<'_>, StatementError> {
        let at = match column {
            Column::At(at) => Some(at),
            Column::Named(name) => self.names.iter().position(|own| own == name),
        };
        let value = at.and_then(|at| self.values.get(at));
        value.map(ValueRef::from).ok_or_else(|| rusqlite::Error::InvalidColumnName(format!("{column:?}")).into())
    }
}

/// A value on its way in.
#[derive(Debug)]
struct Parameter(Value);

impl ToParameter for Parameter {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(n) if *ty == Type::INT4 => ToParameter::to_sql(&i32::try_from(*n)?, ty, out),
            Value::Integer(n) => ToParameter::to_sql(n, ty, out),
            Value::Real(x) => ToParameter::to_sql(x, ty, out),
            // a text here has no character 0
            Value::Text(text) => ToParameter::to_sql(&text.replace('\0', "\u{fffd}"), ty, out),
            Value::Blob(bytes) => ToParameter::to_sql(bytes, ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value on its way out.
struct Kept(Value);

impl<'a> FromSql<'a> for Kept {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => i64::from_sql(ty, raw)?.into(),
            Type::INT4 => i32::from_sql(ty, raw)?.into(),
            Type::BOOL => bool::from_sql(ty, raw)?.into(),
            Type::BYTEA => <&[u8]>::from_sql(ty, raw)?.to_vec().into(),
            _ => String::from_sql(ty, raw)?.into(),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::BOOL | Type::BYTEA | Type::TEXT | Type::VARCHAR | Type::NAME)
    }
}
