//! Opens a PostgreSQL database as a store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use app::ports::{Store, StoreError};
use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::config::SslMode;
use tokio_postgres::{IsolationLevel, NoTls};

use super::address::Address;
use super::failure::{is_dead, is_transient, meaning, no_connection, pool_text, text};
use super::stop::Stopper;
use super::{migrate, run, tls};
use crate::db::Db;
use crate::engine::Engine;
use crate::error::OpenError;
use crate::sql::{Batch, Row, Stmt, gathered};

/// How often something is tried that met another in a deadlock, or a dead connection.
const TRIES_MAX: u32 = 8;
/// Those that met in a deadlock go one after the other, or they would meet again. The
/// lock ends with the transaction, so a pooler does not mind.
const TURN: &str = "SELECT pg_advisory_xact_lock(7382074218529387119)";
/// Writers wait for this one; it never waits long for them.
const SETTLE: &str = "SET LOCAL lock_timeout = '2s'; LOCK TABLE audit IN SHARE MODE";

/// A store on PostgreSQL.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
    stopper: Stopper,
    read_max: Duration,
}

/// How a database is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresOptions {
    /// The most connections held.
    pub connections: usize,
    /// How long to wait for a connection.
    pub patience: Duration,
    /// How long one read may take before it is stopped, here and in the server. Not a
    /// setting of the session, for a pooler in front would lose it.
    pub read_max: Duration,
    /// A private authority, in PEM; `sslrootcert` in the address wins.
    pub ca_file: Option<PathBuf>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            connections: 16,
            patience: Duration::from_secs(5),
            read_max: Duration::from_secs(30),
            ca_file: None,
        }
    }
}

impl Postgres {
    /// Connects to `postgres://…` (TCP or Unix socket) and brings the schema up to date.
    ///
    /// # Errors
    /// The address cannot be read, the server cannot be reached or refuses, or the
    /// schema is newer than this program.
    pub async fn connect(
        url: &str,
        options: &PostgresOptions,
    ) -> Result<Arc<dyn Store>, OpenError> {
        let address = Address::read(url)?;
        let place = address.place();
        let failed = |reason: String| OpenError::Server {
            at: place.clone(),
            reason,
        };
        let (pool, stopper) = pool(address, options).map_err(&failed)?;
        let mut client = pool.get().await.map_err(|e| failed(pool_text(&e)))?;
        migrate::migrate(&mut client, &|e| failed(text(&e))).await?;
        drop(client);
        Ok(Arc::new(Engine::new(Self {
            pool,
            stopper,
            read_max: options.read_max,
        })))
    }

    async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|e| no_connection(&e))
    }

    /// One read within its time. One that takes longer is stopped, and its connection,
    /// which still waits for the answer, is not used again.
    async fn read_in_time(
        &self,
        client: Object,
        stmt: &Stmt,
    ) -> Result<Result<Vec<Row>, tokio_postgres::Error>, StoreError> {
        match tokio::time::timeout(self.read_max, run::read(&client, stmt)).await {
            Ok(read) => Ok(read),
            Err(_) => {
                self.stopper.stop(Object::take(client));
                Err(StoreError::Unavailable(format!(
                    "a read took longer than {:?} and was stopped",
                    self.read_max
                )))
            }
        }
    }

    async fn write_to_the_end(self, batch: Batch) -> run::Outcome {
        let (mut tries, mut in_turn) = (1, false);
        loop {
            let mut client = self.client().await?;
            match attempt_on(&mut client, &batch, in_turn).await {
                Ok(outcome) => return outcome,
                // Nothing was changed: whoever was ahead is done by now, or another
                // connection is alive.
                Err(Failed::Before(error)) if worth_another(&error) && tries < TRIES_MAX => {
                    tries += 1;
                    in_turn |= is_transient(&error);
                }
                Err(Failed::Before(error)) => return Err(meaning(&error)),
                Err(Failed::AtCommit(error)) => return Err(unknown(&error)),
            }
        }
    }

    async fn settle_to_the_end(self) -> Result<i64, StoreError> {
        let mut client = self.client().await?;
        settle_on(&mut client).await.map_err(|e| meaning(&e))
    }
}

fn pool(address: Address, options: &PostgresOptions) -> Result<(Pool, Stopper), String> {
    let mut config = address.config;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(options.patience);
    }
    if config.get_application_name().is_none() {
        config.application_name("forewarn");
    }
    // A peer that vanished without a word is noticed.
    config.keepalives_idle(Duration::from_secs(30));
    config.tcp_user_timeout(Duration::from_secs(30));
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let (manager, stopper) = if config.get_ssl_mode() == SslMode::Disable {
        let manager = Manager::from_config(config, NoTls, recycling);
        (manager, Stopper::InTheClear)
    } else {
        let root = address.root.as_deref().or(options.ca_file.as_deref());
        let tls = tls::connector(root)?;
        let manager = Manager::from_config(config, tls.clone(), recycling);
        (manager, Stopper::Encrypted(tls))
    };
    let pool = Pool::builder(manager)
        .max_size(options.connections.max(1))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(options.patience))
        .create_timeout(Some(options.patience))
        .recycle_timeout(Some(options.patience))
        .build()
        .map_err(|e| e.to_string())?;
    Ok((pool, stopper))
}

/// How far a transaction came.
enum Failed {
    /// Nothing was changed.
    Before(tokio_postgres::Error),
    /// Whether it was kept is not known, if the connection was lost.
    AtCommit(tokio_postgres::Error),
}

fn worth_another(error: &tokio_postgres::Error) -> bool {
    is_transient(error) || is_dead(error)
}

/// Callers find out through unique keys and versions when they try again.
fn unknown(error: &tokio_postgres::Error) -> StoreError {
    match error.code() {
        Some(_) => meaning(error),
        None => StoreError::Unavailable(format!(
            "the connection was lost while committing, so the change may or may not stand ({})",
            text(error)
        )),
    }
}

/// One transaction; whatever is not committed is rolled back when it is dropped.
async fn attempt_on(
    client: &mut tokio_postgres::Client,
    batch: &Batch,
    in_turn: bool,
) -> Result<run::Outcome, Failed> {
    let builder = client.build_transaction();
    let level = IsolationLevel::ReadCommitted;
    let unit = builder.isolation_level(level).start().await;
    let unit = unit.map_err(Failed::Before)?;
    if in_turn {
        unit.batch_execute(TURN).await.map_err(Failed::Before)?;
    }
    match run::apply(&unit, batch).await.map_err(Failed::Before)? {
        Ok(rows) => {
            unit.commit().await.map_err(Failed::AtCommit)?;
            Ok(Ok(rows))
        }
        Err(guard) => {
            unit.rollback().await.map_err(Failed::Before)?;
            Ok(Err(guard))
        }
    }
}

/// The lock waits for every transaction that holds a number and keeps new ones from
/// taking one; the highest number seen under it is therefore final.
async fn settle_on(client: &mut tokio_postgres::Client) -> Result<i64, tokio_postgres::Error> {
    let builder = client.build_transaction();
    let level = IsolationLevel::ReadCommitted;
    let unit = builder.isolation_level(level).start().await?;
    unit.batch_execute(SETTLE).await?;
    let sql = "SELECT COALESCE(MAX(number), 0) FROM audit";
    let row = unit.query_typed_one(sql, &[]).await?;
    unit.commit().await?;
    row.try_get(0)
}

/// What callers are told when the task they wait for is gone.
fn gone() -> StoreError {
    StoreError::Unavailable("it is shutting down".to_owned())
}

#[async_trait]
impl Db for Postgres {
    const SHARED: bool = true;

    async fn read(&self, stmt: Stmt) -> Result<Vec<Row>, StoreError> {
        let mut tries = 1;
        loop {
            let client = self.client().await?;
            match self.read_in_time(client, &stmt).await? {
                Ok(rows) => return Ok(rows),
                // The server was restarted and the pool did not know yet.
                Err(error) if is_dead(&error) && tries < TRIES_MAX => tries += 1,
                Err(error) => return Err(meaning(&error)),
            }
        }
    }

    /// In a task of its own: a caller who leaves must not leave a transaction open.
    async fn write(&self, batch: Batch) -> Result<Vec<Vec<Row>>, StoreError> {
        let task = tokio::spawn(self.clone().write_to_the_end(batch));
        task.await.map_err(|_| gone())?
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let fewer = gathered(&batch);
        let is_gathered = fewer.len() < batch.len();
        match self.write(fewer).await {
            // Which row it was, only the single statements can say.
            Err(StoreError::Conflict(_) | StoreError::Duplicate(_)) if is_gathered => {
                self.write(batch).await.map(drop)
            }
            done => done.map(drop),
        }
    }

    async fn settle_audit(&self) -> Result<i64, StoreError> {
        let task = tokio::spawn(self.clone().settle_to_the_end());
        task.await.map_err(|_| gone())?
    }

    async fn backup(&self, _: &Path) -> Result<(), StoreError> {
        Err(StoreError::Unavailable(
            "PostgreSQL is backed up with its own tools, such as pg_dump".to_owned(),
        ))
    }
}
