//! `forewarn silence …`: nothing about these until then.

use app::ports::Clock as _;
use clap::{Args, Subcommand};
use domain::kernel::{Instant, Span};
use serde_json::{Value, json};

use super::client::segment;
use super::matching::MatchArgs;
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

#[derive(Debug, Args)]
struct AddArgs {
    #[command(flatten)]
    which: MatchArgs,
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
            "match": self.which.matcher()?,
            "ends_at": until,
            "reason": self.reason,
        });
        if let (Some(from), Some(fields)) = (self.from, body.as_object_mut()) {
            fields.insert("starts_at".to_owned(), json!(from));
        }
        Ok(body)
    }
}
