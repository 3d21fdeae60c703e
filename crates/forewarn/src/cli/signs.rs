//! `forewarn source …`, `alert …`, `channel …`: what is watched, what needs
//! attention, and the ways out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::{CliError, CliResult, ServerArgs, output};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn source presets
  forewarn source presets --file acme.toml
  forewarn source list
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
        /// Check and show a preset of your own instead
        #[arg(long, value_name = "PATH")]
        file: Option<PathBuf>,
    },
    /// Read a source now, wait for it, and say whether it works; exit code 1 if not
    Test { id: String },
    /// Read a source now, without waiting
    Sync { id: String },
    /// Say that what a held source suddenly lacks is gone indeed
    Accept { id: String },
    /// Forget a source that the configuration no longer names, with its credentials
    Forget { id: String },
}

pub(crate) fn source(args: SourceArgs) -> CliResult {
    let as_json = args.server.json;
    match args.verb {
        SourceVerb::Presets { file } => presets(file.as_deref(), as_json),
        SourceVerb::List => {
            let items = args.server.client()?.list("/v1/sources", &[])?;
            let columns = [
                ("id", "/id"),
                ("system", "/system"),
                ("state", "/state"),
                ("last read", "/succeeded_at"),
                ("credentials", "/credentials"),
                ("unreadable", "/unreadable"),
                ("why", "/failing"),
            ];
            output::list(&items, as_json, &columns)
        }
        SourceVerb::Test { id } => test(&args.server.client()?, &id, as_json),
        SourceVerb::Sync { id } => {
            let answer = args
                .server
                .client()?
                .post(&format!("/v1/sources/{}/sync", segment(&id)), &json!({}))?;
            if as_json {
                output::json(&answer)
            } else {
                output::line(&format!("{id} is being read"))
            }
        }
        SourceVerb::Accept { id } => {
            let path = format!("/v1/sources/{}/accept", segment(&id));
            let answer = args.server.client()?.post(&path, &json!({}))?;
            if as_json {
                output::json(&answer)
            } else {
                output::line(&format!("what {id} lacked is closed"))
            }
        }
        SourceVerb::Forget { id } => {
            let answer = args
                .server
                .client()?
                .delete(&format!("/v1/sources/{}", segment(&id)))?;
            if as_json {
                output::json(&answer)
            } else {
                output::line(&format!("{id} is forgotten"))
            }
        }
    }
}

/// Long enough for a first read of years of logs.
const READ_PATIENCE: Duration = Duration::from_secs(600);
const READ_PAUSE: Duration = Duration::from_millis(500);

/// Has a source read and waits for the outcome, which its row in the list tells.
fn test(client: &Client, id: &str, as_json: bool) -> CliResult {
    let path = format!("/v1/sources/{}/sync", segment(id));
    let before = client.post(&path, &json!({}))?;
    let began = Instant::now();
    while began.elapsed() < READ_PATIENCE {
        let items = client.list("/v1/sources", &[])?;
        let now = items.into_iter().find(|s| s.get("id") == Some(&json!(id)));
        let Some(now) = now else {
            return Err(CliError(format!("there is no source {id} any more")));
        };
        let changed = |field: &str| now.get(field) != before.get(field);
        let failing = now.get("failing").and_then(Value::as_str);
        if changed("attempted_at") && (changed("succeeded_at") || failing.is_some()) {
            output::object(&now, as_json)?;
            return Ok(ExitCode::from(u8::from(failing.is_some())));
        }
        std::thread::sleep(READ_PAUSE);
    }
    Err(CliError(format!(
        "{id} is still being read; see `forewarn source list`"
    )))
}

fn presets(file: Option<&Path>, as_json: bool) -> CliResult {
    let systems = match file {
        Some(path) => sources::own_systems(path),
        None => sources::systems(),
    };
    let systems = systems.map_err(|e| CliError(e.to_string()))?;
    let told = sources::presets(&systems).into_iter().map(|p| {
        json!({
            "id": p.id, "system": p.system, "kinds": p.kinds, "auth": p.auth, "needs": p.needs,
            "tried": p.tried, "pages": p.pages,
        })
    });
    let items: Vec<Value> = told.collect();
    let columns = [
        ("id", "/id"),
        ("system", "/system"),
        ("kinds", "/kinds"),
        ("auth", "/auth"),
        ("needs", "/needs"),
    ];
    output::list(&items, as_json, &columns)
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn alert list
  forewarn alert ack alr_… --note \"rotating tomorrow\"
  forewarn alert snooze alr_… --until 2027-01-31T09:00:00Z")]
pub(crate) struct AlertArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: AlertVerb,
}

#[derive(Debug, Subcommand)]
enum AlertVerb {
    /// List what needs attention
    List {
        /// open, acknowledged, snoozed, let_lapse or resolved
        #[arg(long)]
        state: Option<String>,
    },
    /// Say that somebody is on it: no repeats until the next step
    Ack {
        id: String,
        /// What you are doing about it
        #[arg(long)]
        note: Option<String>,
    },
    /// Be quiet until an instant, at the latest a day before the end
    Snooze {
        id: String,
        /// RFC 3339
        #[arg(long)]
        until: String,
    },
    /// Let it lapse: one last note a day before the end
    LetLapse {
        id: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
}

pub(crate) fn alert(args: AlertArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    let act = |id: &str, verb: &str, body: Value| {
        let answer = client.post(&format!("/v1/alerts/{}/{verb}", segment(id)), &body)?;
        output::object(&answer, as_json)
    };
    match &args.verb {
        AlertVerb::List { state } => {
            let query: Vec<_> = state.iter().map(|s| ("state", s.clone())).collect();
            let columns = [
                ("id", "/id"),
                ("about", "/name"),
                ("subject", "/subject"),
                ("kind", "/kind"),
                ("state", "/state"),
                ("step", "/step"),
                ("ends", "/expires_at"),
            ];
            output::list(&client.list("/v1/alerts", &query)?, as_json, &columns)
        }
        AlertVerb::Ack { id, note } => act(
            id,
            "acknowledge",
            note.as_ref().map_or(json!({}), |n| json!({ "note": n })),
        ),
        AlertVerb::Snooze { id, until } => act(id, "snooze", json!({ "until": until })),
        AlertVerb::LetLapse { id, reason } => act(
            id,
            "let-lapse",
            reason
                .as_ref()
                .map_or(json!({}), |r| json!({ "reason": r })),
        ),
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn channel list
  forewarn channel test mail")]
pub(crate) struct ChannelArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: ChannelVerb,
}

#[derive(Debug, Subcommand)]
enum ChannelVerb {
    /// List the ways out and how they do
    List,
    /// Send a test through the same path as a warning
    Test {
        id: String,
        /// An address to write to, for channels that reach persons
        #[arg(long)]
        to: Option<String>,
    },
}

pub(crate) fn channel(args: ChannelArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    match &args.verb {
        ChannelVerb::List => {
            let columns = [
                ("id", "/id"),
                ("kind", "/kind"),
                ("state", "/state"),
                ("reaches persons", "/reaches_persons"),
            ];
            output::list(&client.list("/v1/channels", &[])?, as_json, &columns)
        }
        ChannelVerb::Test { id, to } => {
            let body = to.as_ref().map_or(json!({}), |to| json!({ "to": to }));
            output::object(
                &client.post(&format!("/v1/channels/{}/test", segment(id)), &body)?,
                as_json,
            )
        }
    }
}
