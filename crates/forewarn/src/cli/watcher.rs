//! `forewarn watcher …`: who hears besides, of all credentials of a kind.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::segment;
use super::matching::MatchArgs;
use super::{CliError, CliResult, ServerArgs, output};

const PATH: &str = "/v1/watchers";

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn watcher list
  forewarn watcher add --label service=billing
  forewarn watcher add --label env=prod --notify team:finance --notify audit@example.org
  forewarn watcher remove wat_…")]
pub(crate) struct WatcherArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the rules that were made here; those of the configuration stand there
    List,
    /// Let somebody hear of every credential that fits
    Add(Box<AddArgs>),
    /// Remove a rule; whom it named hears of no new step
    Remove { id: String },
}

#[derive(Debug, Args)]
struct AddArgs {
    #[command(flatten)]
    which: MatchArgs,
    /// Who hears: `team:NAME`, an address or a person's id; oneself if not given
    #[arg(long, value_name = "WHO")]
    notify: Vec<String>,
}

pub(crate) fn run(args: WatcherArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    match args.verb {
        Verb::List => {
            let columns = [
                ("id", "/id"),
                ("match", "/match"),
                ("notify", "/notify"),
                ("by", "/by"),
            ];
            output::list(&client.list(PATH, &[])?, as_json, &columns)
        }
        Verb::Add(wish) => output::object(&client.post(PATH, &wish.body()?)?, as_json),
        Verb::Remove { id } => {
            client.delete(&format!("{PATH}/{}", segment(&id)))?;
            output::line("It is removed.")
        }
    }
}

impl AddArgs {
    fn body(&self) -> Result<Value, CliError> {
        Ok(json!({ "match": self.which.matcher()?, "notify": self.notify }))
    }
}
