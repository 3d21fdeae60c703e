//! Fresh stores to try claims on.

use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Once};

use app::ports::{AuditEntry, Changes, Store, StoreError, Write};
use domain::kernel::Instant;
use store::{Postgres, PostgresOptions, Sqlite};
use tokio_postgres::NoTls;

/// A store that nobody else uses.
pub type Shared = Arc<dyn Store>;

const VARIABLE: &str = "FOREWARN_TEST_POSTGRES";

#[allow(dead_code, reason = "PostgreSQL alone has claims of its own too")]
pub fn sqlite() -> Shared {
    Sqlite::temporary().unwrap()
}

/// A database of its own in the server that the variable names.
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    /// `None`, said loudly once, when no server is named.
    pub async fn fresh() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        static SAID: Once = Once::new();
        #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
        let Ok(server) = std::env::var(VARIABLE) else {
            // Past the capture of output, so that it is seen when all is well, too.
            SAID.call_once(|| {
                let line = format!("skipped: PostgreSQL ({VARIABLE} is not set)\n");
                std::io::stderr().write_all(line.as_bytes()).unwrap();
            });
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("forewarn_test_{}_{number}", std::process::id());
        let database = Self { server, name };
        let name = &database.name;
        database
            .on_server(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await;
        Some(database)
    }

    pub fn url(&self) -> String {
        let (server, query) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (host, _) = server.rsplit_once('/').unwrap();
        format!("{host}/{}?{query}", self.name)
    }

    pub async fn store(&self) -> Shared {
        let options = PostgresOptions {
            connections: 4,
            ..PostgresOptions::default()
        };
        Postgres::connect(&self.url(), &options).await.unwrap()
    }

    pub async fn remove(self) {
        let name = &self.name;
        self.on_server(&format!("DROP DATABASE {name} WITH (FORCE)"))
            .await;
    }

    async fn on_server(&self, sql: &str) {
        let (client, connection) = tokio_postgres::connect(&self.server, NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
    }
}

/// Commits without an audit row.
pub async fn put(store: &Shared, writes: Vec<Write>) -> Result<(), StoreError> {
    let changes = Changes {
        writes,
        audit: Vec::new(),
    };
    store.commit(changes).await
}

/// An audit row that says `action`.
pub fn said(action: &str, at: Instant) -> AuditEntry {
    AuditEntry {
        at,
        actor: "system".to_owned(),
        action: action.to_owned(),
        target: "role:None".to_owned(),
        details: serde_json::json!({"b": 1, "a": [true, null, "ü"]}),
    }
}
