//! What only a store on PostgreSQL must do. Tried when `FOREWARN_TEST_POSTGRES` names a
//! server (`postgres://…`, as somebody who may create databases).
#![expect(
    clippy::unwrap_used,
    reason = "a claim that cannot be tried has failed"
)]

#[path = "conformance/stage.rs"]
mod stage;

use std::time::Duration;

use app::feed::Followed;
use app::ports::{StoreError, Write};
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

/// P5: revisions are given before they can be seen, and a commit may be held for long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_was_held_while_two_thousand_others_were_made_is_read() {
    let Some(database) = Database::fresh().await else {
        return;
    };
    let store = database.store().await;
    let (mut held, connection) = tokio_postgres::connect(&database.url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut followed = Followed::default();
    let begun = held.transaction().await.unwrap();
    begun
        .batch_execute(&format!("{GIVEN} ('role', 'held')"))
        .await
        .unwrap();
    for n in 0..3 {
        let others = format!(
            "{GIVEN} {}",
            (0..700)
                .map(|m| format!("('token', '{n}-{m}')"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        directly(&database, &others).await;
        let now = store.feed_mark().await.unwrap();
        let known = followed.known(&now);
        assert!(!store.tokens_changed_after(known).await.unwrap().1);
        followed.note(now);
    }
    begun.commit().await.unwrap();
    let now = store.feed_mark().await.unwrap();
    let known = followed.known(&now);
    assert!(store.tokens_changed_after(known).await.unwrap().1);
    drop((held, store));
    database.remove().await;
}

/// Gives a revision to each.
const GIVEN: &str = "INSERT INTO feed (kind, id) VALUES";

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

/// A read that hangs ends in time, here and in the server, and leaves no connection
/// behind that somebody else would wait on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_takes_too_long_is_stopped() {
    let Some(database) = Database::fresh().await else {
        return;
    };
    let options = PostgresOptions {
        connections: 2,
        read_max: Duration::from_millis(200),
        ..PostgresOptions::default()
    };
    let store = Postgres::connect(&database.url(), &options).await.unwrap();
    put(&store, set("1")).await.unwrap();
    let (blocker, connection) = tokio_postgres::connect(&database.url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let lock = "BEGIN; LOCK TABLE meta IN ACCESS EXCLUSIVE MODE";
    blocker.batch_execute(lock).await.unwrap();
    for _ in 0..4 {
        let stopped = store.meta("x").await;
        assert!(
            matches!(&stopped, Err(StoreError::Unavailable(why)) if why.contains("200ms")),
            "{stopped:?}"
        );
    }
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
               AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'";
    let mut waiting = i64::MAX;
    for _ in 0..100 {
        waiting = blocker.query_typed_one(sql, &[]).await.unwrap().get(0);
        if waiting == 0 {
            break;
        }
        // The server takes a moment to hear; one question more costs it the same.
        blocker
            .batch_execute("SELECT pg_sleep(0.05)")
            .await
            .unwrap();
    }
    assert_eq!(waiting, 0, "the server still waits for a lock");
    blocker.batch_execute("COMMIT").await.unwrap();
    assert_eq!(store.meta("x").await.unwrap().as_deref(), Some("1"));
    drop((store, blocker));
    database.remove().await;
}

/// The address of the database by a name, with TLS and these words.
fn encrypted(database: &Database, host: &str, words: &str) -> String {
    let url = database.url();
    let (base, _) = url.split_once('?').unwrap();
    // The certificate names `localhost`, wherever that may be.
    let base = base.replace("@127.0.0.1:", &format!("@{host}:"));
    format!("{base}?hostaddr=127.0.0.1&{words}")
}

/// Every connection is encrypted, and to a server that proved its name by a certificate
/// of an authority that was named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_is_encrypted_to_a_server_that_proves_its_name() {
    let (Some(authority), Some(database)) =
        (testkit::outside::postgres_ca(), Database::fresh().await)
    else {
        return;
    };
    let words = format!("sslmode=verify-full&sslrootcert={}", authority.display());
    let url = encrypted(&database, "localhost", &words);
    let options = PostgresOptions {
        read_max: Duration::from_millis(500),
        ..PostgresOptions::default()
    };
    let store = Postgres::connect(&url, &options).await.unwrap();
    put(&store, set("1")).await.unwrap();
    assert_eq!(store.meta("x").await.unwrap().as_deref(), Some("1"));
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let sql = "SELECT count(*) FILTER (WHERE s.ssl), count(*) FILTER (WHERE NOT s.ssl) \
               FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
               WHERE a.datname = current_database() AND a.application_name = 'forewarn'";
    let row = client.query_typed_one(sql, &[]).await.unwrap();
    let (secure, open): (i64, i64) = (row.get(0), row.get(1));
    assert!(secure > 0 && open == 0, "{secure} with TLS, {open} without");
    // Stopping a slow read takes the same kind of way.
    let lock = "BEGIN; LOCK TABLE meta IN ACCESS EXCLUSIVE MODE";
    client.batch_execute(lock).await.unwrap();
    assert!(store.meta("x").await.is_err());
    client.batch_execute("COMMIT").await.unwrap();
    assert!(store.meta("x").await.is_ok());
    drop((store, client));
    database.remove().await;
}

/// Encryption is not enough: an authority that nobody named is refused, and so is the
/// certificate of another name. Nothing falls back to a way in the clear.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_prove_its_name_is_refused() {
    let (Some(authority), Some(database)) =
        (testkit::outside::postgres_ca(), Database::fresh().await)
    else {
        return;
    };
    let root = format!("sslrootcert={}", authority.display());
    for (host, words) in [
        ("localhost", "sslmode=require".to_owned()),
        ("localhost", "sslmode=prefer".to_owned()),
        ("127.0.0.1", format!("sslmode=require&{root}")),
        (
            "localhost",
            "sslmode=require&sslrootcert=/nowhere/ca.pem".to_owned(),
        ),
    ] {
        let url = encrypted(&database, host, &words);
        let refused = Postgres::connect(&url, &PostgresOptions::default()).await;
        assert!(refused.is_err(), "{host} {words}");
    }
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
