//! `forewarn credential …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{segment, with_query};
use super::import::{self, Import};
use super::{CliError, CliResult, ServerArgs, output};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn credential list --expires-within 30d --orphaned
  forewarn credential list --format csv > inventory.csv
  forewarn credential assign crd_… --owner ada@example.org --team platform
  forewarn credential import --source legacy inventory.csv --all-or-nothing")]
pub(crate) struct CredentialArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List credentials of all sources
    List(Filter),
    /// Show one credential
    Show { id: String },
    /// Say who is accountable
    Assign(Assign),
    /// Import a list of credentials, CSV or NDJSON, into a source of system `push`
    Import(Import),
}

#[derive(Debug, Args)]
struct Filter {
    /// Of this source
    #[arg(long)]
    source: Option<String>,
    /// Holds this scope; repeatable, all of them
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// Owned by
    #[arg(long)]
    owner: Option<String>,
    /// Of this team
    #[arg(long)]
    team: Option<String>,
    /// active, suspended, expired, revoked, gone or unknown_end
    #[arg(long)]
    state: Option<String>,
    /// The name contains
    #[arg(long)]
    name: Option<String>,
    /// Active and ends within, such as 30d
    #[arg(long)]
    expires_within: Option<String>,
    /// Only those that nobody who can act owns
    #[arg(long)]
    orphaned: bool,
    /// Last used before this instant, or never
    #[arg(long)]
    unused_since: Option<String>,
    /// table, csv or ndjson
    #[arg(long, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Table,
    Csv,
    Ndjson,
}

#[derive(Debug, Args)]
struct Assign {
    /// The credential's id
    id: String,
    /// A person's or service account's id, an address, or a service account's name
    #[arg(long)]
    owner: Option<String>,
    /// A team's id or name
    #[arg(long)]
    team: Option<String>,
    /// How long before the end to be warned first, such as 60d
    #[arg(long)]
    lead_time: Option<String>,
}

pub(crate) fn run(args: CredentialArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    match args.verb {
        Verb::List(filter) => match filter.format {
            Format::Table => output::list(
                &client.list("/v1/credentials", &filter.query())?,
                as_json,
                &COLUMNS,
            ),
            Format::Csv => output::line(
                client
                    .text(&with_query("/v1/credentials.csv", &filter.query()))?
                    .trim_end(),
            ),
            Format::Ndjson => output::line(
                client
                    .text(&with_query("/v1/credentials.ndjson", &filter.query()))?
                    .trim_end(),
            ),
        },
        Verb::Show { id } => output::object(
            &client.get(&format!("/v1/credentials/{}", segment(&id)), &[])?,
            as_json,
        ),
        Verb::Assign(assign) => {
            let path = format!("/v1/credentials/{}", segment(&assign.id));
            output::object(&client.patch(&path, &assign.body()?)?, as_json)
        }
        Verb::Import(args) => import::run(&client, &args, as_json),
    }
}

const COLUMNS: [(&str, &str); 7] = [
    ("name", "/name"),
    ("source", "/source"),
    ("owner", "/owner_name"),
    ("team", "/team_name"),
    ("state", "/state"),
    ("ends", "/expires_at"),
    ("id", "/id"),
];

impl Filter {
    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query: Vec<_> = self.scopes.iter().map(|s| ("scope", s.clone())).collect();
        for (name, value) in [
            ("source", &self.source),
            ("owner", &self.owner),
            ("team", &self.team),
            ("state", &self.state),
            ("name", &self.name),
            ("expires_within", &self.expires_within),
            ("unused_since", &self.unused_since),
        ] {
            query.extend(value.iter().map(|v| (name, v.clone())));
        }
        query.extend(self.orphaned.then(|| ("orphaned", "true".to_owned())));
        query.push(("sort", "expires_at".to_owned()));
        query
    }
}

impl Assign {
    fn body(&self) -> Result<Value, CliError> {
        let mut body = serde_json::Map::new();
        for (name, value) in [
            ("owner", &self.owner),
            ("team", &self.team),
            ("lead_time", &self.lead_time),
        ] {
            body.extend(value.iter().map(|v| (name.to_owned(), json!(v))));
        }
        if body.is_empty() {
            return Err(CliError::usage(
                "nothing to assign; give --owner, --team or --lead-time".to_owned(),
            ));
        }
        Ok(Value::Object(body))
    }
}
