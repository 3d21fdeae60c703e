//! What every store must do, claimed once and tried on both databases.
//!
//! PostgreSQL is tried when `FOREWARN_TEST_POSTGRES` names one (`postgres://…`, as
//! somebody who may create databases); each claim gets a database of its own.

#![expect(
    clippy::unwrap_used,
    reason = "a claim that cannot be tried has failed"
)]

mod alerts;
mod atomic;
mod audit;
mod credentials;
mod documents;
mod due;
mod feed;
mod filters;
mod given;
mod memory;
mod meta;
mod monitors;
mod outbox;
mod people;
mod sessions;
mod stage;
mod subscriptions;

/// Claims about any store, each with a test on each database.
macro_rules! claims {
    ($($(#[$doc:meta])* async fn $name:ident($store:ident: Shared) $body:block)*) => {
        $($(#[$doc])* async fn $name($store: crate::stage::Shared) $body)*

        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::stage::sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(database) = crate::stage::Database::fresh().await else { return };
                super::$name(database.store().await).await;
                database.remove().await;
            })*
        }
    };
}
pub(crate) use claims;
