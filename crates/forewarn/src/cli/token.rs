//! `forewarn token …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::segment;
use super::{CliError, CliResult, ServerArgs, output};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  forewarn token create ci --lifetime 90d --scope billing:read
  forewarn token list --expires-within 30d --scope billing:read
  FOREWARN_TOKEN=… forewarn token self
  forewarn token verify < token.txt")]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Issue a token; its value is shown once
    Create(Create),
    /// List tokens
    List(Filter),
    /// Show one token
    Show { id: String },
    /// What the token in use says of itself
    #[command(name = "self")]
    Myself,
    /// Replace a token; both values work for the overlap
    Rotate(Rotate),
    /// End a token at once
    Revoke {
        /// The token's public id, or `self`
        id: String,
    },
    /// Read a token from stdin: check its form and checksum offline, then ask the server
    Verify {
        /// Only the form and the checksum
        #[arg(long)]
        offline: bool,
    },
}

#[derive(Debug, Args)]
struct Create {
    /// What it is for
    name: String,
    /// A role it carries; repeatable
    #[arg(long = "role")]
    roles: Vec<String>,
    /// A scope it carries; repeatable
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// How long it works, such as 90d; one year if neither is given
    #[arg(long, conflicts_with = "expires_at")]
    lifetime: Option<String>,
    /// When it ends, as RFC 3339
    #[arg(long)]
    expires_at: Option<String>,
    /// The accountable person or service account; yourself if not given
    #[arg(long)]
    owner: Option<String>,
    /// The team that answers for it
    #[arg(long)]
    team: Option<String>,
    /// Makes a connector token that may only push to this source
    #[arg(long)]
    ingest_source: Option<String>,
    /// A label, KEY=VALUE; repeatable
    #[arg(long = "label", value_parser = label)]
    labels: Vec<(String, String)>,
}

#[derive(Debug, Args)]
struct Filter {
    /// Holds this scope; repeatable, all of them
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// Carries this role
    #[arg(long)]
    role: Option<String>,
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
    /// Last used before this instant, or never
    #[arg(long)]
    last_used_before: Option<String>,
}

#[derive(Debug, Args)]
struct Rotate {
    /// The token's public id, or `self`
    id: String,
    /// How long both values work; 24h if not given
    #[arg(long)]
    overlap: Option<String>,
    /// How long the new one works; as long as the old one if not given
    #[arg(long)]
    lifetime: Option<String>,
    /// End the old value at the first use of the new one
    #[arg(long)]
    end_old_on_first_use: bool,
}

fn label(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .ok_or_else(|| format!("`{text}` is not KEY=VALUE"))
}

pub(crate) fn run(args: TokenArgs) -> CliResult {
    let as_json = args.server.json;
    let client = || args.server.client();
    match args.verb {
        Verb::Create(create) => issued(&client()?.post("/v1/tokens", &create.body())?, as_json),
        Verb::List(filter) => {
            let items = client()?.list("/v1/tokens", &filter.query())?;
            output::list(&items, as_json, &COLUMNS)
        }
        Verb::Show { id } => output::object(
            &client()?.get(&format!("/v1/tokens/{}", segment(&id)), &[])?,
            as_json,
        ),
        Verb::Myself => output::object(&client()?.get("/v1/tokens/self", &[])?, as_json),
        Verb::Rotate(rotate) => {
            let path = format!("/v1/tokens/{}/rotate", segment(&rotate.id));
            issued(&client()?.post(&path, &rotate.body())?, as_json)
        }
        Verb::Revoke { id } => {
            let answer =
                client()?.post(&format!("/v1/tokens/{}/revoke", segment(&id)), &json!({}))?;
            if as_json {
                output::json(&answer)
            } else {
                output::line(&format!("{id} is revoked"))
            }
        }
        Verb::Verify { offline } => verify(&args.server, offline),
    }
}

const COLUMNS: [(&str, &str); 7] = [
    ("id", "/id"),
    ("name", "/name"),
    ("owner", "/owner"),
    ("scopes", "/scopes"),
    ("state", "/state"),
    ("ends", "/expires_at"),
    ("last used", "/last_used_at"),
];

fn issued(answer: &Value, as_json: bool) -> CliResult {
    if as_json {
        return output::json(answer);
    }
    let field = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str);
    let (id, end) = (
        field("/token/id").unwrap_or("?"),
        field("/token/expires_at").unwrap_or("never"),
    );
    match field("/value") {
        Some(value) => {
            output::aside(&format!(
                "This is token {id}; it ends {end}. The value is not shown again."
            ));
            output::line(value)
        }
        None => output::line(&format!(
            "token {id} was issued before; its value is not shown again"
        )),
    }
}

/// The token comes from stdin, never from the command line.
fn verify(server: &ServerArgs, offline: bool) -> CliResult {
    let mut text = String::new();
    std::io::stdin()
        .read_line(&mut text)
        .map_err(|e| CliError::failed(format!("stdin cannot be read: {e}")))?;
    let value = text.trim_end_matches(['\r', '\n']);
    let parsed = domain::token::parse(value).map_err(|e| CliError::failed(e.to_string()))?;
    if offline {
        return output::line(&format!(
            "form and checksum are right: {} token {}",
            parsed.kind, parsed.id
        ));
    }
    let form = format!("token={}", segment(value));
    let answer = server.client()?.post_form("/oauth2/introspect", form)?;
    if server.json {
        return output::json(&answer);
    }
    match answer.get("active").and_then(Value::as_bool) {
        Some(true) => output::object(&answer, false),
        _ => Err(CliError::failed(format!(
            "token {} is not active",
            parsed.id
        ))),
    }
}

impl Create {
    fn body(&self) -> Value {
        let mut body = json!({ "name": self.name });
        let mut put = |name: &str, value: Option<Value>| {
            if let (Some(fields), Some(value)) = (body.as_object_mut(), value) {
                fields.insert(name.to_owned(), value);
            }
        };
        put("roles", (!self.roles.is_empty()).then(|| json!(self.roles)));
        put(
            "scopes",
            (!self.scopes.is_empty()).then(|| json!(self.scopes)),
        );
        put("lifetime", self.lifetime.as_ref().map(|v| json!(v)));
        put("expires_at", self.expires_at.as_ref().map(|v| json!(v)));
        put("owner", self.owner.as_ref().map(|v| json!(v)));
        put("team", self.team.as_ref().map(|v| json!(v)));
        put(
            "ingest_source",
            self.ingest_source.as_ref().map(|v| json!(v)),
        );
        let labels: serde_json::Map<String, Value> = self
            .labels
            .iter()
            .map(|(k, v)| (k.clone(), json!(v)))
            .collect();
        put(
            "labels",
            (!labels.is_empty()).then_some(Value::Object(labels)),
        );
        body
    }
}

impl Filter {
    fn query(&self) -> Vec<(&'static str, String)> {
        let mut query: Vec<_> = self.scopes.iter().map(|s| ("scope", s.clone())).collect();
        for (name, value) in [
            ("role", &self.role),
            ("owner", &self.owner),
            ("team", &self.team),
            ("state", &self.state),
            ("name", &self.name),
            ("expires_within", &self.expires_within),
            ("last_used_before", &self.last_used_before),
        ] {
            query.extend(value.iter().map(|v| (name, v.clone())));
        }
        query.push(("sort", "expires_at".to_owned()));
        query
    }
}

impl Rotate {
    fn body(&self) -> Value {
        let mut body = serde_json::Map::new();
        body.extend(
            self.overlap
                .iter()
                .map(|v| ("overlap".to_owned(), json!(v))),
        );
        body.extend(
            self.lifetime
                .iter()
                .map(|v| ("lifetime".to_owned(), json!(v))),
        );
        body.extend(
            self.end_old_on_first_use
                .then(|| ("end_old".to_owned(), json!("first_use"))),
        );
        Value::Object(body)
    }
}
