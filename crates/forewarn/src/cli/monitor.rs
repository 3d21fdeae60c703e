//! `forewarn monitor …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::segment;
use super::{CliResult, ServerArgs, output};

const PATH: &str = "/v1/monitors";

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn monitor create \"nightly export\" --period 1d --depends-on 8Zq0mKx1LdT4
  curl -fsS https://forewarn.example.org/ping/KEY     at the end of the job
  forewarn monitor pause mon_…                        while it is being mended")]
pub(crate) struct MonitorArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the integrations that report in
    List,
    /// Set up an integration that reports in; prints the address it calls
    Create {
        /// As shown
        name: String,
        /// How often it reports in, such as 1d
        #[arg(long, value_name = "SPAN")]
        period: String,
        /// How late it may be; a fifth of the period if not given
        #[arg(long, value_name = "SPAN")]
        grace: Option<String>,
        /// Id, name or address of the accountable one; you, if not given
        #[arg(long)]
        owner: Option<String>,
        /// Id or name of the answering team
        #[arg(long)]
        team: Option<String>,
        /// Id or exact name of a credential whose lapse would stop it; repeatable
        #[arg(long = "depends-on", value_name = "ID")]
        depends_on: Vec<String>,
    },
    /// Show one, with the address it calls
    Show { id: String },
    /// Miss it no longer
    Pause { id: String },
    /// Miss it again; its silence counts from now on
    Resume { id: String },
    /// Remove it; its address works no longer
    Delete { id: String },
}

pub(crate) fn run(args: MonitorArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    let one = |id: &str| format!("{PATH}/{}", segment(id));
    match args.verb {
        Verb::List => {
            let columns = [
                ("id", "/id"),
                ("name", "/name"),
                ("state", "/state"),
                ("period", "/period"),
                ("last heard", "/last_ping_at"),
                ("missed after", "/missed_after"),
            ];
            output::list(&client.list(PATH, &[])?, as_json, &columns)
        }
        Verb::Create {
            name,
            period,
            grace,
            owner,
            team,
            depends_on,
        } => {
            let mut body = json!({ "name": name, "period": period, "depends_on": depends_on });
            let given = [("grace", grace), ("owner", owner), ("team", team)];
            if let Value::Object(fields) = &mut body {
                fields.extend(
                    given
                        .into_iter()
                        .filter_map(|(field, value)| Some((field.to_owned(), json!(value?)))),
                );
            }
            output::object(&client.post(PATH, &body)?, as_json)
        }
        Verb::Show { id } => output::object(&client.get(&one(&id), &[])?, as_json),
        Verb::Pause { id } => {
            let body = json!({ "paused": true });
            output::object(&client.patch(&one(&id), &body)?, as_json)
        }
        Verb::Resume { id } => {
            let body = json!({ "paused": false });
            output::object(&client.patch(&one(&id), &body)?, as_json)
        }
        Verb::Delete { id } => {
            let answer = client.delete(&one(&id))?;
            if as_json {
                output::json(&answer)
            } else {
                output::line(&format!("{id} is removed"))
            }
        }
    }
}
