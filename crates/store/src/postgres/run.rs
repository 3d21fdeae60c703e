//! How statements and batches run on a connection.

use app::ports::StoreError;
use futures_util::future::join_all;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Transaction};

use crate::sql::{Batch, Cell, Dialect, Otherwise, Row, Step, Stmt, Value, rendered};

/// How many statements are under way at once; they still run in their order.
const PIPELINED_MAX: usize = 16;

/// What a batch gave back, or the guard that failed it.
pub(crate) type Outcome = Result<Vec<Vec<Row>>, StoreError>;

/// Runs one statement outside any transaction.
pub(crate) async fn read(client: &Client, stmt: &Stmt) -> Result<Vec<Row>, Error> {
    let sql = rendered(&stmt.sql, Dialect::Postgres);
    let rows = client.query_typed(&sql, &typed(&stmt.values)).await?;
    rows.iter().map(row).collect()
}

/// Runs a batch. The outer error is the database's, the inner one a guard's; after
/// either the transaction must be rolled back.
pub(crate) async fn apply(unit: &Transaction<'_>, batch: &Batch) -> Result<Outcome, Error> {
    let mut all = Vec::new();
    for group in &batch.0 {
        let mut rest: &[Step] = group;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(together(rest));
            let results = join_all(now.iter().map(|step| run(unit, &step.stmt))).await;
            rest = later;
            for (step, rows) in now.iter().zip(results) {
                let rows = rows?;
                match &step.otherwise {
                    Otherwise::Fail(error) if rows.is_empty() => return Ok(Err(error.clone())),
                    Otherwise::Leave if rows.is_empty() => rest = &[],
                    _ => {}
                }
                all.push(rows);
            }
        }
    }
    Ok(Ok(all))
}

/// How many steps can be sent without waiting for an answer: up to and including the
/// first that decides about the rest.
fn together(steps: &[Step]) -> usize {
    let deciding = steps.iter().position(|s| s.otherwise == Otherwise::Leave);
    let count = deciding.map_or(steps.len(), |at| at + 1);
    count.min(PIPELINED_MAX)
}

async fn run(unit: &Transaction<'_>, stmt: &Stmt) -> Result<Vec<Row>, Error> {
    let sql = rendered(&stmt.sql, Dialect::Postgres);
    let rows = unit.query_typed(&sql, &typed(&stmt.values)).await?;
    rows.iter().map(row).collect()
}

/// Values with their types, so that the server need not be asked for them first.
fn typed(values: &[Value]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    values.iter().map(with_type).collect()
}

fn with_type(value: &Value) -> (&(dyn ToSql + Sync), Type) {
    match value {
        Value::Int(number) => (number, Type::INT8),
        Value::Text(text) => (text, Type::TEXT),
        Value::Bool(flag) => (flag, Type::BOOL),
        Value::Ints(numbers) => (numbers, Type::INT8_ARRAY),
        Value::Texts(texts) => (texts, Type::TEXT_ARRAY),
        Value::Bools(flags) => (flags, Type::BOOL_ARRAY),
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row, Error> {
    let cells = row.columns().iter().enumerate();
    let cells = cells.map(|(at, column)| cell(row, at, column.type_()));
    cells.collect::<Result<_, _>>().map(Row)
}

fn cell(row: &tokio_postgres::Row, at: usize, of: &Type) -> Result<Cell, Error> {
    Ok(if *of == Type::INT8 {
        row.try_get::<_, Option<i64>>(at)?
            .map_or(Cell::Null, Cell::Int)
    } else if *of == Type::INT4 {
        let number: Option<i32> = row.try_get(at)?;
        number.map_or(Cell::Null, |n| Cell::Int(i64::from(n)))
    } else {
        row.try_get::<_, Option<String>>(at)?
            .map_or(Cell::Null, Cell::Text)
    })
}
