//! `forewarn person …`, `team …`, `service-account …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::segment;
use super::{CliResult, ServerArgs, output};

#[derive(Debug, Args)]
#[command(after_help = "Example:
  forewarn person create \"Ada Lovelace\" --email ada@example.org --time-zone Europe/London")]
pub(crate) struct PersonArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: PersonVerb,
}

#[derive(Debug, Subcommand)]
enum PersonVerb {
    /// List people
    List,
    /// Add somebody
    Create {
        /// As shown
        name: String,
        /// Where to write
        #[arg(long)]
        email: Option<String>,
        /// IANA name
        #[arg(long)]
        time_zone: Option<String>,
        /// A role; repeatable
        #[arg(long = "role")]
        roles: Vec<String>,
    },
    /// Show somebody
    Show { id: String },
    /// Somebody left: own tokens stop at once and revive on return
    Deactivate { id: String },
    /// Somebody is back
    Activate { id: String },
}

pub(crate) fn person(args: PersonArgs) -> CliResult {
    let columns = [
        ("id", "/id"),
        ("name", "/name"),
        ("email", "/email"),
        ("active", "/active"),
        ("roles", "/roles"),
    ];
    match args.verb {
        PersonVerb::List => list(&args.server, "/v1/people", &columns),
        PersonVerb::Create {
            name,
            email,
            time_zone,
            roles,
        } => {
            let body = body(&[
                ("name", Some(json!(name))),
                ("email", email.map(Into::into)),
                ("time_zone", time_zone.map(Into::into)),
                ("roles", some(roles)),
            ]);
            create(&args.server, "/v1/people", &body)
        }
        PersonVerb::Show { id } => show(&args.server, "/v1/people", &id),
        PersonVerb::Deactivate { id } => {
            patch(&args.server, "/v1/people", &id, &json!({ "active": false }))
        }
        PersonVerb::Activate { id } => {
            patch(&args.server, "/v1/people", &id, &json!({ "active": true }))
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  forewarn team create platform --email platform@example.org --member ada@example.org")]
pub(crate) struct TeamArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: TeamVerb,
}

#[derive(Debug, Subcommand)]
enum TeamVerb {
    /// List teams
    List,
    /// Add a team
    Create {
        /// As shown, and as the configuration names it
        name: String,
        /// The team's own mailbox
        #[arg(long)]
        email: Option<String>,
        /// The team that hears when nobody here can
        #[arg(long)]
        parent: Option<String>,
        /// A member's id or address; repeatable
        #[arg(long = "member")]
        members: Vec<String>,
    },
    /// Show a team
    Show { id: String },
}

pub(crate) fn team(args: TeamArgs) -> CliResult {
    let columns = [
        ("id", "/id"),
        ("name", "/name"),
        ("email", "/email"),
        ("members", "/members"),
    ];
    match args.verb {
        TeamVerb::List => list(&args.server, "/v1/teams", &columns),
        TeamVerb::Create {
            name,
            email,
            parent,
            members,
        } => {
            let body = body(&[
                ("name", Some(json!(name))),
                ("email", email.map(Into::into)),
                ("parent", parent.map(Into::into)),
                ("members", some(members)),
            ]);
            create(&args.server, "/v1/teams", &body)
        }
        TeamVerb::Show { id } => show(&args.server, "/v1/teams", &id),
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  forewarn service-account create deploy-bot --team platform --role \"Continuous Integration\"")]
pub(crate) struct ServiceAccountArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: ServiceAccountVerb,
}

#[derive(Debug, Subcommand)]
enum ServiceAccountVerb {
    /// List service accounts
    List,
    /// Add one
    Create {
        /// As shown
        name: String,
        /// The responsible team's id or name
        #[arg(long)]
        team: Option<String>,
        /// A role; repeatable
        #[arg(long = "role")]
        roles: Vec<String>,
    },
    /// Show one
    Show { id: String },
    /// Stop its tokens at once; they revive when it is enabled
    Disable { id: String },
    /// Let its tokens work again
    Enable { id: String },
}

pub(crate) fn service_account(args: ServiceAccountArgs) -> CliResult {
    let columns = [
        ("id", "/id"),
        ("name", "/name"),
        ("team", "/team"),
        ("active", "/active"),
        ("roles", "/roles"),
    ];
    let path = "/v1/service-accounts";
    match args.verb {
        ServiceAccountVerb::List => list(&args.server, path, &columns),
        ServiceAccountVerb::Create { name, team, roles } => {
            let body = body(&[
                ("name", Some(json!(name))),
                ("team", team.map(Into::into)),
                ("roles", some(roles)),
            ]);
            create(&args.server, path, &body)
        }
        ServiceAccountVerb::Show { id } => show(&args.server, path, &id),
        ServiceAccountVerb::Disable { id } => {
            patch(&args.server, path, &id, &json!({ "active": false }))
        }
        ServiceAccountVerb::Enable { id } => {
            patch(&args.server, path, &id, &json!({ "active": true }))
        }
    }
}

fn some(words: Vec<String>) -> Option<Value> {
    (!words.is_empty()).then(|| json!(words))
}

fn body(fields: &[(&str, Option<Value>)]) -> Value {
    let given = fields
        .iter()
        .filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?)));
    Value::Object(given.collect())
}

fn list(server: &ServerArgs, path: &str, columns: &[(&str, &str)]) -> CliResult {
    output::list(&server.client()?.list(path, &[])?, server.json, columns)
}

fn create(server: &ServerArgs, path: &str, body: &Value) -> CliResult {
    output::object(&server.client()?.post(path, body)?, server.json)
}

fn show(server: &ServerArgs, path: &str, id: &str) -> CliResult {
    output::object(
        &server
            .client()?
            .get(&format!("{path}/{}", segment(id)), &[])?,
        server.json,
    )
}

fn patch(server: &ServerArgs, path: &str, id: &str, body: &Value) -> CliResult {
    output::object(
        &server
            .client()?
            .patch(&format!("{path}/{}", segment(id)), body)?,
        server.json,
    )
}
