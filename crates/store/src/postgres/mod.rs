//! PostgreSQL: a pool of connections, nothing that a pooler in front would break.
//!
//! No prepared statements and no state of a session, so PgBouncer may hand each
//! transaction to another connection.

mod address;
mod failure;
mod migrate;
mod open;
mod run;
mod stop;
mod tls;

pub use open::{Postgres, PostgresOptions};
