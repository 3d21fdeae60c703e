//! `forewarn review …`: what each team answers for, looked at every so often.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::client::segment;
use super::{CliResult, ServerArgs, output};

const PATH: &str = "/v1/reviews";

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn review list
  forewarn review show quarterly:tea_…
  forewarn review decide quarterly:tea_… 8Zq0mKx1LdT4 Qm3… --as keep")]
pub(crate) struct ReviewArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the reviews and how far they are
    List,
    /// Show every credential that a round is about, and what was decided
    Show {
        id: String,
        /// Only those that wait for a decision
        #[arg(long)]
        waiting: bool,
    },
    /// Decide about credentials
    Decide {
        id: String,
        /// Ids of credentials
        #[arg(required = true)]
        credentials: Vec<String>,
        /// What is decided
        #[arg(long = "as", value_name = "DECISION")]
        decision: Choice,
        /// Why
        #[arg(long)]
        note: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// It is needed as it is
    Keep,
    /// It is needed, with a new value
    Rotate,
    /// It is not needed any more
    LetLapse,
    /// Others answer for it: this team is taken away from it
    NotOurs,
}

pub(crate) fn run(args: ReviewArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    match args.verb {
        Verb::List => {
            let columns = [
                ("id", "/id"),
                ("team", "/team_name"),
                ("every", "/every"),
                ("began", "/began_at"),
                ("credentials", "/total"),
                ("waiting", "/waiting"),
                ("next", "/next_at"),
            ];
            output::list(&client.list(PATH, &[])?, as_json, &columns)
        }
        Verb::Show { id, waiting } => {
            let review = client.get(&format!("{PATH}/{}", segment(&id)), &[])?;
            show(&review, waiting, as_json)
        }
        Verb::Decide {
            id,
            credentials,
            decision,
            note,
        } => {
            let one = |id: &String| json!({ "credential": id, "decision": decision.word(), "note": note });
            let body = json!({ "decisions": credentials.iter().map(one).collect::<Vec<_>>() });
            let path = format!("{PATH}/{}/decisions", segment(&id));
            let review = client.post(&path, &body)?;
            if as_json {
                return output::json(&review);
            }
            let left = review.get("waiting").and_then(Value::as_u64).unwrap_or(0);
            output::line(&format!("{left} left to decide."))
        }
    }
}

fn show(review: &Value, waiting: bool, as_json: bool) -> CliResult {
    if as_json {
        return output::json(review);
    }
    let all = review.get("credentials").and_then(Value::as_array);
    let mut all = all.cloned().unwrap_or_default();
    all.retain(|c| !waiting || c.get("decision").is_none_or(Value::is_null));
    let columns = [
        ("id", "/id"),
        ("name", "/name"),
        ("source", "/source"),
        ("issued", "/created_at"),
        ("ends", "/expires_at"),
        ("last used", "/last_used_at"),
        ("scopes", "/scopes"),
        ("used by", "/used_by"),
        ("decision", "/decision"),
    ];
    output::list(&all, false, &columns)
}

impl Choice {
    const fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Rotate => "rotate",
            Self::LetLapse => "let_lapse",
            Self::NotOurs => "not_ours",
        }
    }
}
