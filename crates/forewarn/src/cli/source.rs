//! `forewarn source …`: the systems that are watched.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::{CliResult, ServerArgs, follow, output, preview, systems};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn source presets
  forewarn source presets gitlab
  forewarn source presets --file acme.toml
  forewarn source list
  forewarn source test prod-gitlab
  forewarn source sync prod-foundry")]
pub(crate) struct SourceArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: SourceVerb,
}

#[derive(Debug, Subcommand)]
enum SourceVerb {
    /// List the sources and how they do
    List,
    /// List every system that can be watched; needs no server
    Presets {
        /// Show this one whole, with its keys
        id: Option<String>,
        /// Check and show a preset of your own instead
        #[arg(long, value_name = "PATH")]
        file: Option<PathBuf>,
    },
    /// Read the beginning of a source and show how it is understood; keeps nothing. Exit
    /// code 1 if it cannot be read
    Test { id: String },
    /// Read a source now and say what that came to; exit code 1 if it cannot be read
    Sync {
        id: String,
        /// Do not wait for it
        #[arg(long)]
        no_wait: bool,
    },
    /// Say that what a held source suddenly lacks is gone indeed
    Accept { id: String },
    /// Forget a source that the configuration no longer names, with its credentials
    Forget { id: String },
}

pub(crate) fn run(args: SourceArgs) -> CliResult {
    let as_json = args.server.json;
    if let SourceVerb::Presets { id, file } = &args.verb {
        return systems::print(id.as_deref(), file.as_deref(), as_json);
    }
    let client = args.server.client()?;
    let path = |id: &str, verb: &str| format!("/v1/sources/{}{verb}", segment(id));
    match &args.verb {
        SourceVerb::Presets { .. } => Ok(ExitCode::SUCCESS),
        SourceVerb::List => list(&client, as_json),
        SourceVerb::Test { id } => {
            let tried = client.post(&path(id, "/test"), &json!({}))?;
            preview::print(id, &tried, as_json)
        }
        SourceVerb::Sync { id, no_wait } => {
            let before = client.post(&path(id, "/sync"), &json!({}))?;
            match no_wait {
                true => say(&before, as_json, &format!("{id} is being read")),
                false => follow::to_its_end(&client, id, &before, as_json),
            }
        }
        SourceVerb::Accept { id } => {
            let answer = client.post(&path(id, "/accept"), &json!({}))?;
            say(&answer, as_json, &format!("what {id} lacked is closed"))
        }
        SourceVerb::Forget { id } => {
            let answer = client.delete(&path(id, ""))?;
            say(&answer, as_json, &format!("{id} is forgotten"))
        }
    }
}

fn say(answer: &Value, as_json: bool, sentence: &str) -> CliResult {
    if as_json {
        output::json(answer)
    } else {
        output::line(sentence)
    }
}

fn list(client: &Client, as_json: bool) -> CliResult {
    let mut items = client.list("/v1/sources", &[])?;
    if !as_json {
        for item in &mut items {
            let why = follow::why(item).map_or(Value::Null, Value::String);
            if let Some(fields) = item.as_object_mut() {
                fields.insert("why".to_owned(), why);
            }
        }
    }
    let columns = [
        ("id", "/id"),
        ("system", "/system"),
        ("state", "/state"),
        ("last read", "/succeeded_at"),
        ("read", "/read"),
        ("unreadable", "/unreadable"),
        ("why", "/why"),
    ];
    output::list(&items, as_json, &columns)
}
