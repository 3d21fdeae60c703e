//! `forewarn policy …`: which steps for which credential, and what another policy would
//! change.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{CliError, CliResult, ServerArgs, output};

/// The longest file of a candidate, in bytes.
const FILE_MAX: u64 = 64 * 1024;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn policy list
  forewarn policy dry-run early.toml            one [policies.NAME], as in the configuration
  forewarn policy dry-run early.toml --days 400 --json")]
pub(crate) struct PolicyArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the policies in the order in which they are asked
    List,
    /// Show what would be said more and what less if a policy stood in the configuration
    DryRun {
        /// A file with one table [policies.NAME]
        file: PathBuf,
        /// How far to look ahead
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
    },
}

pub(crate) fn run(args: PolicyArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    match args.verb {
        Verb::List => {
            let all = client.get("/v1/policies", &[])?;
            let columns = [
                ("name", "/name"),
                ("match", "/match"),
                ("steps", "/steps"),
                ("backoff", "/backoff"),
                ("repeat from", "/repeat_from"),
            ];
            output::list(&items(&all, "items"), as_json, &columns)
        }
        Verb::DryRun { file, days } => {
            let (name, policy) = candidate(&file)?;
            let body = json!({ "name": name, "policy": policy, "days": days });
            let run = client.post("/v1/policies/dry-run", &body)?;
            if as_json {
                output::json(&run)
            } else {
                show(&name, &run)
            }
        }
    }
}

fn show(name: &str, run: &Value) -> CliResult {
    let columns = [
        ("at", "/at"),
        ("credential", "/name"),
        ("step", "/step"),
        ("recipient", "/recipient"),
    ];
    let applies = run.get("applies_to").and_then(Value::as_u64).unwrap_or(0);
    output::line(&format!(
        "`{name}` would apply to {applies} credentials.\n\nSaid besides:"
    ))?;
    output::list(&items(run, "added"), false, &columns)?;
    output::line("\nNo longer said:")?;
    output::list(&items(run, "removed"), false, &columns)
}

fn items(answer: &Value, key: &str) -> Vec<Value> {
    let items = answer.get(key).and_then(Value::as_array);
    items.cloned().unwrap_or_default()
}

/// The one policy of a file, with its name.
fn candidate(file: &PathBuf) -> Result<(String, Value), CliError> {
    let shown = file.display();
    let unreadable = |error: std::io::Error| CliError::failed(format!("{shown}: {error}"));
    if std::fs::metadata(file).map_err(unreadable)?.len() > FILE_MAX {
        return Err(CliError::failed(format!(
            "{shown}: is longer than {FILE_MAX} bytes"
        )));
    }
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        CliError::failed(format!("{shown}: {}", error.message()))
    })?;
    let json = serde_json::to_value(table).unwrap_or_default();
    let policies = json.get("policies").and_then(Value::as_object);
    match policies.map(|p| p.iter().collect::<Vec<_>>()).as_deref() {
        Some([(name, policy)]) => Ok(((*name).clone(), (*policy).clone())),
        _ => Err(CliError::usage(format!(
            "{shown}: write exactly one table [policies.NAME]"
        ))),
    }
}
