//! How quickly does a large inventory come in, beside a bulk insert of the same rows?

mod postgres;
mod sqlite;

use std::fmt::Write as _;
use std::fs;
use std::time::Instant as Moment;

use anyhow::{Result, ensure};
use serde_json::json;
use testkit::server::{Launch, Server};

use crate::Args;
use crate::dice::Dice;
use crate::inventory::{self, Kind};
use crate::machine::Watch;
use crate::row::{Bound, Row};
use crate::stage;

/// Lines of one push, and rows of one commit of the other.
const TOGETHER: u64 = 2_000;

/// Tables that an import fills.
const TABLES: [&str; 3] = ["credentials", "credential_scopes", "due"];

/// The rows of importing.
///
/// # Errors
/// When a server does not start, or refuses a line.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    Kind::all(args).iter().map(|kind| of(args, kind)).collect()
}

fn of(args: &Args, kind: &Kind) -> Result<Row> {
    let watch = Watch::start(&[]);
    let (ours, theirs) = match kind {
        Kind::Sqlite => {
            let data = args.dir.join("import");
            let ours = pushed(args, &data, None)?;
            let bare = args.dir.join("import-bare");
            set_up(args, &bare, None)?.stop();
            (
                ours,
                sqlite::copied(&data.join("forewarn.db"), &bare.join("forewarn.db"))?,
            )
        }
        Kind::Postgres(base) => {
            let url = inventory::fresh(base, "bench_import")?;
            let ours = pushed(args, &args.dir.join("import-pg"), Some(&url))?;
            let bare = inventory::fresh(base, "bench_import_bare")?;
            set_up(args, &args.dir.join("import-pg-bare"), Some(&bare))?.stop();
            (ours, postgres::copied(&url, &bare)?)
        }
    };
    let others = watch.others();
    let rate = |seconds: f64| args.observations as f64 / seconds / 1e3;
    Ok(Row {
        name: kind.named("import, SQLite", "import, PostgreSQL"),
        compared: kind.named("raw insert of the same rows", "raw COPY of the same rows"),
        bound: Bound::AtLeast(0.3),
        stretch: Bound::AtLeast(0.6),
        numbers: format!(
            "{:.1} k against {:.1} k a second, {} observations",
            rate(ours),
            rate(theirs),
            args.observations
        ),
        value: theirs / ours,
        others,
    })
}

/// A server on an empty store that one source is pushed to.
fn set_up(args: &Args, data: &std::path::Path, database: Option<&str>) -> Result<Server> {
    fs::remove_dir_all(data).ok();
    fs::remove_file(data.with_extension("token")).ok();
    let mut launch = Launch::new(stage::pinned(args, data)?, data)
        .bootstrap()
        .config("[sources.bulk]\nsystem = 'push'\n");
    if let Some(url) = database {
        launch = launch.arg("--database").arg(url);
    }
    let server = launch.start();
    let person = json!({"name": "Anna Meier", "email": "anna@example.org"});
    let reply = server.admin().post("/v1/people", &person);
    ensure!(reply.status == 201, "no person: {}", reply.text());
    Ok(server)
}

/// Seconds from the first push to the last answer.
fn pushed(args: &Args, data: &std::path::Path, database: Option<&str>) -> Result<f64> {
    let server = set_up(args, data, database)?;
    let admin = server.admin();
    let mut dice = Dice::new(42);
    let mut seconds = 0.0;
    for begin in (0..args.observations).step_by(usize::try_from(TOGETHER)?) {
        let mut lines = String::new();
        for number in begin..args.observations.min(begin + TOGETHER) {
            // Writing to a String cannot fail.
            let _ = writeln!(lines, "{}", line(&mut dice, number));
        }
        let kind = [("content-type", "application/x-ndjson")];
        let path = "/v1/sources/bulk/observations";
        let began = Moment::now();
        let reply = admin.request("POST", path, &kind, lines.as_bytes());
        seconds += began.elapsed().as_secs_f64();
        ensure!(reply.status == 200, "{path}: {}", reply.text());
    }
    server.stop();
    Ok(seconds)
}

/// An observation whose end is far away, so that nobody is told of it.
fn line(dice: &mut Dice, number: u64) -> serde_json::Value {
    let (month, day) = (1 + dice.below(12), 1 + dice.below(28));
    json!({
        "external_id": number.to_string(),
        "name": format!("nightly-export-{number}"),
        "kind": "api_token",
        "owner": "anna@example.org",
        "created_at": format!("2026-0{}-{day:02}T09:00:00Z", 1 + dice.below(9)),
        "expires_at": format!("2028-{month:02}-{day:02}T09:00:00Z"),
        "scopes": ["read", format!("project-{}", dice.below(50))],
        "used_by": [{"what": format!("job {}", dice.below(300))}],
        "origin_url": format!("https://system.example.org/tokens/{number}"),
    })
}
