//! `forewarn message …`: what was sent to whom; and the wait for what becomes of a test.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::client::{Client, segment};
use super::{CliError, CliResult, ServerArgs, output};

/// Longer than a mail server that looks whom it talks to; a retry comes later.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn message list --state failed
  forewarn message list --alert alr_7Qm2rTz9KdWx
  forewarn message show msg_7Qm2rTz9KdWx")]
pub(crate) struct MessageArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List what was sent and what waits, newest first
    List {
        /// In this state, such as accepted, queued or failed
        #[arg(long)]
        state: Option<String>,
        /// Over the channel of this id
        #[arg(long)]
        channel: Option<String>,
        /// Carrying a notice of the alert of this id
        #[arg(long)]
        alert: Option<String>,
    },
    /// Show one message with every attempt and what the other side said
    Show { id: String },
}

pub(crate) fn run(args: MessageArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    match args.verb {
        Verb::List {
            state,
            channel,
            alert,
        } => {
            let given = [("state", state), ("channel", channel), ("alert", alert)];
            let given = given.into_iter().filter_map(|(name, v)| Some((name, v?)));
            let query: Vec<_> = given.collect();
            let columns = [
                ("id", "/id"),
                ("made", "/created_at"),
                ("channel", "/channel"),
                ("to", "/recipient_name"),
                ("state", "/state"),
                ("answer", "/receipt"),
                ("error", "/last_error"),
            ];
            output::list(&client.list("/v1/messages", &query)?, as_json, &columns)
        }
        Verb::Show { id } => {
            let whole = read(&client, &id)?;
            if as_json {
                return output::json(&whole);
            }
            output::object(whole.get("message").unwrap_or(&Value::Null), false)?;
            let columns = [
                ("attempt", "/number"),
                ("began", "/started_at"),
                ("ended", "/ended_at"),
                ("outcome", "/outcome"),
                ("answer", "/detail"),
            ];
            let attempts = whole.get("attempts").and_then(Value::as_array);
            output::list(attempts.map_or(&[], Vec::as_slice), false, &columns)
        }
    }
}

fn read(client: &Client, id: &str) -> Result<Value, CliError> {
    client.get(&format!("/v1/messages/{}", segment(id)), &[])
}

/// Waits until a message was accepted or an attempt failed, and says which: exit code 1
/// where it was not accepted, or nobody knows yet.
pub(super) fn to_its_end(client: &Client, id: &str, as_json: bool) -> CliResult {
    let began = Instant::now();
    loop {
        let whole = read(client, id)?;
        let tried = outcome(&whole);
        if tried.is_none() && began.elapsed() < PATIENCE {
            std::thread::sleep(PAUSE);
            continue;
        }
        if as_json {
            output::json(&whole)?;
        }
        return match tried {
            Some(Ok(_)) if as_json => Ok(ExitCode::SUCCESS),
            Some(Ok(said)) => output::line(&format!("accepted: {said}")),
            Some(Err(why)) => Err(CliError::failed(format!("not delivered: {why}"))),
            None => Err(CliError::failed(format!(
                "still under way; see `forewarn message show {id}`"
            ))),
        };
    }
}

/// What the other side said, or what went wrong; `None` while nobody knows.
fn outcome(whole: &Value) -> Option<Result<String, String>> {
    let text = |pointer: &str| whole.pointer(pointer).and_then(Value::as_str);
    let state = text("/message/state")?;
    let why = || text("/message/last_error").unwrap_or(state).to_owned();
    match state {
        "accepted" => Some(Ok(text("/message/receipt").unwrap_or("yes").to_owned())),
        "failed" | "unconfirmed" => Some(Err(why())),
        "queued" if text("/message/last_error").is_some() => Some(Err(why())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(message: &Value) -> Option<Result<String, String>> {
        outcome(&json!({ "message": message, "attempts": [] }))
    }

    #[test]
    fn a_test_is_waited_for_until_somebody_knows() {
        assert_eq!(told(&json!({"state": "queued"})), None);
        assert_eq!(told(&json!({"state": "sending"})), None);
        let accepted = json!({"state": "accepted", "receipt": "250 ok: queued as 7F"});
        assert_eq!(told(&accepted), Some(Ok("250 ok: queued as 7F".to_owned())));
        let again = json!({"state": "queued", "last_error": "451 later"});
        assert_eq!(told(&again), Some(Err("451 later".to_owned())));
        let failed = json!({"state": "failed", "last_error": "550 nobody"});
        assert_eq!(told(&failed), Some(Err("550 nobody".to_owned())));
    }
}
