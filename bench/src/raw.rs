//! The rows of a create written by bare SQLite: what the disk and the database can do at best.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use app::ports::Random;
use domain::token::{TokenKind, generate};
use rusqlite::types::Value;
use rusqlite::{Connection, Statement, params_from_iter};
use serde::{Deserialize, Serialize};
use testkit::SeededRandom;

use crate::stage::made_at;

/// What to write where.
#[derive(clap::Args)]
pub struct Args {
    /// A store that was set up and is not used by anybody
    #[arg(long)]
    pub file: PathBuf,
    /// The token whose rows are written again and again
    #[arg(long)]
    pub sample: String,
    /// Creates in one commit
    #[arg(long)]
    pub batch: u32,
    #[arg(long)]
    pub seconds: f64,
}

/// How it went.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    pub creates: u64,
    pub seconds: f64,
}

/// Where a create leaves rows, and which column names the token.
const TABLES: [(&str, &str); 7] = [
    ("credentials", "id"),
    ("credential_scopes", "credential"),
    ("credential_roles", "credential"),
    ("tokens", "id"),
    ("feed", "id"),
    ("due", "subject"),
    ("audit", "target"),
];

/// One row of the sample.
struct Template<'a> {
    /// Whether the one value that is missing is a number that rises.
    is_numbered: bool,
    statement: Statement<'a>,
    values: Vec<Value>,
}

/// Runs and prints the outcome as JSON.
///
/// # Errors
/// The database's.
pub fn run(args: &Args) -> Result<()> {
    let db = Connection::open(&args.file)?;
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384")?;
    let mut templates = Vec::new();
    for (table, column) in TABLES {
        templates.extend(templates_of(&db, table, column, &args.sample)?);
    }
    ensure!(
        templates.len() >= 6,
        "only {} rows of a create",
        templates.len()
    );
    let first: i64 = db.query_row("SELECT COALESCE(MAX(rev), 0) + 1 FROM feed", [], |row| {
        row.get(0)
    })?;
    let (began, limit) = (Instant::now(), Duration::from_secs_f64(args.seconds));
    let random = SeededRandom::new(u64::try_from(first)?);
    let mut entropy: &dyn Random = &random;
    let mut number = 0;
    while began.elapsed() < limit {
        db.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..args.batch {
            let id = id(u64::try_from(first + number)?, &mut entropy);
            for template in &mut templates {
                template.write(&args.sample, &id, first + number)?;
            }
            number += 1;
        }
        db.execute_batch("COMMIT")?;
    }
    let outcome = Outcome {
        creates: u64::try_from(number)?,
        seconds: began.elapsed().as_secs_f64(),
    };
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

/// Made as those of real tokens are, of which some hundred share a tenth of a second.
fn id(number: u64, entropy: &mut dyn domain::kernel::Entropy) -> String {
    let now = made_at(number / 500);
    generate(TokenKind::ServiceAccount, now, entropy)
        .0
        .to_string()
}

fn templates_of<'a>(
    db: &'a Connection,
    table: &str,
    column: &str,
    sample: &str,
) -> Result<Vec<Template<'a>>> {
    let mut asked = db.prepare(&format!(
        "SELECT * FROM {table} WHERE instr({column}, ?1) > 0"
    ))?;
    let names: Vec<String> = asked.column_names().map(ToString::to_string).collect();
    let kept: Vec<&String> = names.iter().filter(|name| *name != "number").collect();
    let places: Vec<String> = (1..=kept.len()).map(|at| format!("?{at}")).collect();
    let columns: Vec<&str> = kept.iter().map(|name| name.as_str()).collect();
    let sql = format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        columns.join(", "),
        places.join(", ")
    );
    let mut rows = asked.query([sample])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let values = names.iter().filter(|name| *name != "number").map(|name| {
            let value: Value = row.get(name.as_str())?;
            // Stands for a number that rises.
            Ok(if name == "rev" { Value::Null } else { value })
        });
        let values: rusqlite::Result<Vec<Value>> = values.collect();
        let statement = db.prepare(&sql).context("an insert")?;
        all.push(Template {
            is_numbered: table == "feed",
            statement,
            values: values?,
        });
    }
    // One create tells the audit log once; later entries of the sample are others'.
    all.truncate(if table == "audit" { 1 } else { usize::MAX });
    Ok(all)
}

impl Template<'_> {
    fn write(&mut self, sample: &str, id: &str, number: i64) -> Result<()> {
        let values = self.values.iter().map(|value| match value {
            Value::Text(text) if text.contains(sample) => Value::Text(text.replace(sample, id)),
            Value::Null if self.is_numbered => Value::Integer(number),
            value => value.clone(),
        });
        self.statement.execute(params_from_iter(values))?;
        Ok(())
    }
}
