//! What only a store on PostgreSQL must do. Tried when `FOREWARN_TEST_POSTGRES` names a
//! server (`postgres://…`, as somebody who may create databases).
#![expect(
    clippy::unwrap_used,
    reason = "a claim that cannot be tried has failed"
)]

#[path = "conformance/stage.rs"]
mod stage;

use app::ports::Write;
use stage::{Database, put, said};
use store::{OpenError, Postgres, PostgresOptions};
use tokio_postgres::NoTls;

fn set(value: &str) -> Vec<Write> {
    vec![Write::SetMeta("x".to_owned(), value.to_owned())]
}

async fn directly(database: &Database, sql: &str) {
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_on_an_empty_database_all_come_up() {
    let Some(database) = Database::fresh().await else {
        return;
    };
    let nodes = (0..6).map(|_| database.store());
    let nodes = futures_util::future::join_all(nodes).await;
    put(&nodes[0], set("1")).await.unwrap();
    assert_eq!(nodes[5].meta("x").await.unwrap().as_deref(), Some("1"));
    drop(nodes);
    database.remove().await;
}

/// F5: a binary that is older than the schema refuses it and says what to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_is_refused() {
    let Some(database) = Database::fresh().await else {
        return;
    };
    drop(database.store().await);
    directly(
        &database,
        "INSERT INTO schema_migrations VALUES (9999, 'future', 'x')",
    )
    .await;
    let refused = Postgres::connect(&database.url(), &PostgresOptions::default()).await;
    assert!(matches!(
        refused.map(drop),
        Err(OpenError::Newer { found: 9999, .. })
    ));
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_server_ended_are_replaced() {
    let Some(database) = Database::fresh().await else {
        return;
    };
    let store = database.store().await;
    put(&store, set("1")).await.unwrap();
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for value in ["2", "3", "4"] {
        directly(&database, others).await;
        put(&store, set(value)).await.unwrap();
        assert_eq!(store.meta("x").await.unwrap().as_deref(), Some(value));
    }
    drop(store);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_that_lock_each_other_out_are_tried_again() {
    let Some(database) = Database::fresh().await else {
        return;
    };
    let store = database.store().await;
    let name = |n: usize| format!("m{n}");
    let tasks: Vec<_> = (0..4)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..3 {
                    let mut names: Vec<_> = (0..6).map(name).collect();
                    // Half of them take the same rows in the other order.
                    if task % 2 == 0 {
                        names.reverse();
                    }
                    let set = |n: String| Write::SetMeta(n, task.to_string());
                    put(&store, names.into_iter().map(set).collect())
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut values = Vec::new();
    for n in 0..6 {
        values.push(store.meta(&name(n)).await.unwrap());
    }
    values.dedup();
    assert_eq!(values.len(), 1, "one change won as a whole");
    drop(store);
    database.remove().await;
}

/// A pooler in transaction mode forgets what a session prepared; so does this.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_in_a_session() {
    let Some(database) = Database::fresh().await else {
        return;
    };
    let store = database.store().await;
    for _ in 0..3 {
        put(&store, set("1")).await.unwrap();
        let audit = app::ports::Changes {
            writes: Vec::new(),
            audit: vec![said("x", domain::kernel::Instant::EPOCH)],
        };
        store.commit(audit).await.unwrap();
        store.chain_audit(9).await.unwrap();
    }
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let sql = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
               WHERE l.locktype = 'advisory' AND d.datname = current_database()";
    let locks: i64 = client.query_typed_one(sql, &[]).await.unwrap().get(0);
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
               AND state LIKE 'idle in transaction%'";
    let open: i64 = client.query_typed_one(sql, &[]).await.unwrap().get(0);
    assert_eq!((locks, open), (0, 0));
    drop((store, client));
    database.remove().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let url = "postgres://u:hunter2@127.0.0.1:1/forewarn";
    let refused = Postgres::connect(url, &PostgresOptions::default()).await;
    let said = refused.map(drop).unwrap_err().to_string();
    assert!(
        said.contains("127.0.0.1:1") && !said.contains("hunter2"),
        "{said}"
    );
}
