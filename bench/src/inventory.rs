//! Inventories of several sizes in both databases, made once and used again.

use std::sync::Arc;

use anyhow::{Context, Result};
use app::ports::Store;
use store::{Postgres, PostgresOptions, Sqlite, SqliteOptions};

use crate::Args;
use crate::clone::{Place, Wanted, clone};
use crate::stage;

/// One database with so many credentials.
pub struct Inventory {
    pub store: Arc<dyn Store>,
    pub count: u64,
}

/// In which database.
#[derive(Clone, Debug)]
pub enum Kind {
    Sqlite,
    Postgres(String),
}

impl Kind {
    /// SQLite, unless it is not wanted, and PostgreSQL where one was lent.
    pub fn all(args: &Args) -> Vec<Self> {
        let mut all = Vec::new();
        if !args.postgres_only {
            all.push(Self::Sqlite);
        }
        match &args.postgres {
            Some(url) => all.push(Self::Postgres(url.clone())),
            None => println!("PostgreSQL is skipped: there is none"),
        }
        all
    }

    /// One of two names.
    pub const fn named(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres(_) => postgres,
        }
    }
}

/// Makes it, or takes what an earlier run made. One in `own_in` is Forewarn's own token.
///
/// # Errors
/// The database's, or the server does not do what it should.
pub fn open(args: &Args, kind: &Kind, count: u64, own_in: u64) -> Result<Inventory> {
    let place = made(args, kind, count, own_in)?;
    let runtime = tokio::runtime::Handle::try_current();
    let store = match (&place, runtime) {
        (Place::Sqlite(path), _) => Sqlite::open(path, &SqliteOptions::default())?,
        (Place::Postgres(url), Ok(handle)) => tokio::task::block_in_place(|| {
            handle.block_on(Postgres::connect(url, &PostgresOptions::default()))
        })?,
        (Place::Postgres(_), Err(error)) => return Err(error.into()),
    };
    Ok(Inventory { store, count })
}

/// Where it is.
///
/// # Errors
/// As [`open`].
pub fn made(args: &Args, kind: &Kind, count: u64, own_in: u64) -> Result<Place> {
    let data = args.dir.join(format!("inventory-{count}-{own_in}"));
    let wanted = Wanted { count, own_in };
    match kind {
        Kind::Sqlite => {
            let (place, whole) = (
                Place::Sqlite(data.join("forewarn.db")),
                data.with_extension("whole"),
            );
            if !whole.exists() {
                std::fs::remove_dir_all(&data).ok();
                std::fs::remove_file(data.with_extension("token")).ok();
                let founded = stage::found(args, &data, None)?;
                clone(&place, &founded.sample, &wanted)?;
                std::fs::write(whole, "")?;
            }
            Ok(place)
        }
        Kind::Postgres(base) => in_postgres(args, base, &data.with_extension("pg"), &wanted),
    }
}

/// Removes it: it is large.
///
/// # Errors
/// The file system's, or the database's.
pub fn forget(args: &Args, kind: &Kind, count: u64, own_in: u64) -> Result<()> {
    let data = args.dir.join(format!("inventory-{count}-{own_in}"));
    match kind {
        Kind::Sqlite => {
            std::fs::remove_file(data.with_extension("whole"))?;
            Ok(std::fs::remove_dir_all(data)?)
        }
        // Goes with the lent server.
        Kind::Postgres(_) => Ok(()),
    }
}

/// A database of its own in the lent server, which forgets it when it ends.
fn in_postgres(args: &Args, base: &str, data: &std::path::Path, wanted: &Wanted) -> Result<Place> {
    let name = format!("bench_{}_{}", wanted.count, wanted.own_in);
    let url = beside(base, &name)?;
    if is_new(base, &name)? {
        std::fs::remove_dir_all(data).ok();
        std::fs::remove_file(data.with_extension("token")).ok();
        let founded = stage::found(args, data, Some(&url))?;
        let (to, wanted) = (Place::Postgres(url.clone()), wanted.clone());
        // Also asked from inside a runtime.
        let cloning = std::thread::spawn(move || clone(&to, &founded.sample, &wanted));
        cloning
            .join()
            .map_err(|_| anyhow::anyhow!("cloning failed"))??;
    }
    Ok(Place::Postgres(url))
}

/// The address of another database of the same server.
fn beside(base: &str, name: &str) -> Result<String> {
    let (server, _) = base
        .rsplit_once('/')
        .context("no database in the address")?;
    Ok(format!("{server}/{name}"))
}

/// Makes a database; whether it was not there.
///
/// # Errors
/// The database's.
pub fn is_new(base: &str, name: &str) -> Result<bool> {
    // Also asked from inside a runtime.
    let (base, name) = (base.to_owned(), name.to_owned());
    let asked = std::thread::spawn(move || -> Result<bool> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(&base, tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            let asked = "SELECT 1 FROM pg_database WHERE datname = $1";
            if client.query_opt(asked, &[&name]).await?.is_some() {
                return Ok(false);
            }
            let make = format!("CREATE DATABASE {name}");
            client.batch_execute(&make).await?;
            Ok(true)
        })
    });
    asked
        .join()
        .map_err(|_| anyhow::anyhow!("no database was made"))?
}

/// The address of a new database of this name.
///
/// # Errors
/// The database's.
pub fn fresh(base: &str, name: &str) -> Result<String> {
    anyhow::ensure!(is_new(base, name)?, "{name} is there already");
    beside(base, name)
}
