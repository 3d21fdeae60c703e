//! `forewarn alert …`, `channel …`: what needs attention, and the ways out.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::segment;
use super::{CliResult, ServerArgs, message, output};

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
    /// Tell those next in line at once: the teams above, the admins, whom the policy names
    Escalate {
        id: String,
        /// Why
        #[arg(long)]
        note: Option<String>,
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
        AlertVerb::Escalate { id, note } => act(
            id,
            "escalate",
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
  forewarn channel test mail                    waits for what the other side says; exit code 1 if it refuses")]
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
        /// Answer at once with the id of the message
        #[arg(long)]
        no_wait: bool,
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
        ChannelVerb::Test { id, to, no_wait } => {
            let body = to.as_ref().map_or(json!({}), |to| json!({ "to": to }));
            let sent = client.post(&format!("/v1/channels/{}/test", segment(id)), &body)?;
            match sent.get("message").and_then(serde_json::Value::as_str) {
                Some(message) if !no_wait => message::to_its_end(&client, message, as_json),
                _ => output::object(&sent, as_json),
            }
        }
    }
}
