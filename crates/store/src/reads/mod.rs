//! The questions of each port as statements, and rows as values again.

mod alerts;
mod audit;
mod credential_few;
mod credential_filter;
mod credential_page;
mod credentials;
mod due;
mod feed;
mod memory;
mod meta;
mod monitors;
mod outbox;
mod people;
#[cfg(test)]
mod plans;
mod sessions;
mod subscriptions;

use app::ports::StoreError;
use serde::de::DeserializeOwned;

use crate::db::Db;
use crate::sql::{Row, Stmt, Value};

pub(crate) use audit::{has_unchained, unchained};
pub(crate) use outbox::message_of;

/// The documents of a statement that gives rows of id and document.
async fn documents<T: DeserializeOwned>(
    db: &impl Db,
    table: &'static str,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<Vec<T>, StoreError> {
    let rows = db.read(Stmt::new(sql, values)).await?;
    rows.iter().map(|row| row.doc(1, table)).collect()
}

/// The only row of a statement that gives one or none.
async fn one(
    db: &impl Db,
    sql: &'static str,
    values: Vec<Value>,
) -> Result<Option<Row>, StoreError> {
    let rows = db.read(Stmt::new(sql, values)).await?;
    Ok(rows.into_iter().next())
}

/// The only document of a statement that gives one or none.
async fn document<T: DeserializeOwned>(
    db: &impl Db,
    table: &'static str,
    sql: &'static str,
    id: &str,
) -> Result<Option<T>, StoreError> {
    let row = one(db, sql, vec![id.into()]).await?;
    row.map(|row| row.doc(1, table)).transpose()
}
