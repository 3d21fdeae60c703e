//! Brings a PostgreSQL database to the schema of this program.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Transaction};

use crate::error::OpenError;
use crate::migration::{APPLIED, REMEMBER, TABLE, missing};
use crate::sql::{Dialect, render};

/// "forewarn" as a number: two nodes that start at once migrate one after the other.
/// The lock ends with the transaction, so a pooler does not mind.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7382074218529387118)";

/// Applies what is missing, all in one transaction.
pub(crate) async fn migrate(
    client: &mut Client,
    cannot: &(dyn Fn(Error) -> OpenError + Sync),
) -> Result<(), OpenError> {
    let unit = client.transaction().await.map_err(cannot)?;
    unit.batch_execute(LOCK).await.map_err(cannot)?;
    let table = render(TABLE, Dialect::Postgres);
    unit.batch_execute(&table).await.map_err(cannot)?;
    for migration in missing(&applied(&unit).await.map_err(cannot)?)? {
        let sql = migration.sql(Dialect::Postgres);
        unit.batch_execute(&sql).await.map_err(cannot)?;
        let sha256 = migration.sha256();
        let values: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] = [
            (&migration.version, Type::INT8),
            (&migration.name, Type::TEXT),
            (&sha256, Type::TEXT),
        ];
        unit.execute_typed(REMEMBER, &values)
            .await
            .map_err(cannot)?;
    }
    unit.commit().await.map_err(cannot)
}

async fn applied(unit: &Transaction<'_>) -> Result<Vec<(i64, String)>, Error> {
    let rows = unit.query_typed(APPLIED, &[]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
