//! `forewarn silence …`: nothing about these until then.

use app::ports::Clock as _;
use clap::{Args, Subcommand};
use domain::kernel::{Instant, Span};
use serde_json::{Map, Value, json};

use super::client::segment;
use super::{CliError, CliResult, ServerArgs, output};
use crate::system::SystemClock;

const PATH: &str = "/v1/silences";

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn silence list
  forewarn silence add --source gitlab-eu --label env=test --for 3d --reason \"migration\"
  forewarn silence end sil_…")]
pub(crate) struct SilenceArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the silences that run or are to come
    List {
        /// Also those that are over
        #[arg(long)]
        over: bool,
    },
    /// Keep back what would be said; never the last day before an end
    Add(Box<AddArgs>),
    /// End one now; what it kept back is said in the next sweep
    End { id: String },
}

/// Every condition that is given must fit; each takes a pattern with `*`, and may be
/// repeated for "or".
#[derive(Debug, Args)]
struct AddArgs {
    /// The source's id; `forewarn` for tokens issued here
    #[arg(long)]
    source: Vec<String>,
    /// The issuer's word for what it is
    #[arg(long)]
    kind: Vec<String>,
    /// What it is called
    #[arg(long)]
    name: Vec<String>,
    /// The owner's id, address or name
    #[arg(long)]
    owner: Vec<String>,
    /// The id or name of the team, or of one above it
    #[arg(long)]
    team: Vec<String>,
    /// A scope it holds
    #[arg(long)]
    scope: Vec<String>,
    /// A role it carries
    #[arg(long)]
    role: Vec<String>,
    /// A label and a pattern for its value; every one must fit
    #[arg(long, value_name = "KEY=VALUE")]
    label: Vec<String>,
    /// From when on, RFC 3339; now if not given
    #[arg(long, value_name = "INSTANT", value_parser = Instant::parse)]
    from: Option<Instant>,
    /// Until when, RFC 3339
    #[arg(long, value_name = "INSTANT", value_parser = Instant::parse, required_unless_present = "for")]
    until: Option<Instant>,
    /// For how long, such as 3d
    #[arg(long = "for", id = "for", value_name = "SPAN", value_parser = Span::parse, conflicts_with = "until")]
    span: Option<Span>,
    /// Why
    #[arg(long)]
    reason: String,
}

pub(crate) fn run(args: SilenceArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    match args.verb {
        Verb::List { over } => {
            let columns = [
                ("id", "/id"),
                ("match", "/match"),
                ("from", "/starts_at"),
                ("until", "/ends_at"),
                ("reason", "/reason"),
                ("by", "/by"),
            ];
            let query: &[_] = if over {
                &[("over", "true".to_owned())]
            } else {
                &[]
            };
            output::list(&client.list(PATH, query)?, as_json, &columns)
        }
        Verb::Add(wish) => {
            let body = wish.body(SystemClock.now())?;
            output::object(&client.post(PATH, &body)?, as_json)
        }
        Verb::End { id } => {
            client.delete(&format!("{PATH}/{}", segment(&id)))?;
            output::line("It is over.")
        }
    }
}

impl AddArgs {
    fn body(&self, now: Instant) -> Result<Value, CliError> {
        let from = self.from.unwrap_or(now);
        let until = self.until.or_else(|| self.span.map(|span| from + span));
        let mut body = json!({
            "match": self.matcher()?,
            "ends_at": until,
            "reason": self.reason,
        });
        if let (Some(from), Some(fields)) = (self.from, body.as_object_mut()) {
            fields.insert("starts_at".to_owned(), json!(from));
        }
        Ok(body)
    }

    fn matcher(&self) -> Result<Value, CliError> {
        let lists = [
            ("source", &self.source),
            ("kind", &self.kind),
            ("name", &self.name),
            ("owner", &self.owner),
            ("team", &self.team),
            ("scope", &self.scope),
            ("role", &self.role),
        ];
        let given = lists
            .into_iter()
            .filter(|(_, patterns)| !patterns.is_empty());
        let mut matcher: Map<String, Value> = given
            .map(|(key, patterns)| (key.to_owned(), json!(patterns)))
            .collect();
        let pair = |text: &String| {
            let pair = text.split_once('=');
            let (key, value) = pair
                .ok_or_else(|| CliError::usage(format!("--label {text}: write it as KEY=VALUE")))?;
            Ok((key.to_owned(), json!(value)))
        };
        let labels: Map<String, Value> = self
            .label
            .iter()
            .map(pair)
            .collect::<Result<_, CliError>>()?;
        if !labels.is_empty() {
            matcher.insert("label".to_owned(), Value::Object(labels));
        }
        Ok(Value::Object(matcher))
    }
}
