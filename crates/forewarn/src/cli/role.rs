//! `forewarn role …`

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::segment;
use super::{CliResult, ServerArgs, output};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn role list
  forewarn role grantable
  forewarn role create \"Billing Reader\" --scope billing:read")]
pub(crate) struct RoleArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List roles and what they allow
    List,
    /// List the roles that you may put on a token
    Grantable,
    /// Make a role
    Create {
        /// Its name
        name: String,
        /// A scope it grants; repeatable
        #[arg(long = "scope")]
        scopes: Vec<String>,
        /// What it is for
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Remove a role that nothing carries
    Remove { name: String },
}

pub(crate) fn run(args: RoleArgs) -> CliResult {
    let as_json = args.server.json;
    let client = args.server.client()?;
    let columns = [
        ("name", "/name"),
        ("scopes", "/scopes"),
        ("description", "/description"),
    ];
    match args.verb {
        Verb::List => output::list(&client.list("/v1/roles", &[])?, as_json, &columns),
        Verb::Grantable => {
            output::list(&client.list("/v1/roles/grantable", &[])?, as_json, &columns)
        }
        Verb::Create {
            name,
            scopes,
            description,
        } => {
            let body = json!({ "name": name, "scopes": scopes, "description": description });
            output::object(&client.post("/v1/roles", &body)?, as_json)
        }
        Verb::Remove { name } => {
            let answer = client.delete(&format!("/v1/roles/{}", segment(&name)))?;
            if as_json {
                output::json(&answer)
            } else {
                output::line(&format!("{name} is removed"))
            }
        }
    }
}
