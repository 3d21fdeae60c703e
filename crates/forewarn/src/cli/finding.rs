//! `forewarn finding …`: what is not as it should be, and nobody was to blame for yet.

use clap::{Args, Subcommand};

use super::{CliResult, ServerArgs, output};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn finding list
  forewarn finding list --kind orphaned --kind unheard --json")]
pub(crate) struct FindingArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List credentials that nobody can act on, nobody would hear of, or that a person
    /// carries for an integration; and what has nobody
    List {
        /// Only of this kind; repeatable
        #[arg(long)]
        kind: Vec<String>,
    },
}

pub(crate) fn run(args: FindingArgs) -> CliResult {
    let Verb::List { kind } = args.verb;
    let query: Vec<_> = kind.into_iter().map(|kind| ("kind", kind)).collect();
    let columns = [
        ("kind", "/kind"),
        ("about", "/name"),
        ("id", "/id"),
        ("owner", "/owner_name"),
        ("team", "/team_name"),
        ("why", "/detail"),
    ];
    let found = args.server.client()?.list("/v1/findings", &query)?;
    output::list(&found, args.server.json, &columns)
}
