//! Which credentials are meant, as flags: the conditions of policies, silences and watchers.
//! Every condition that is given must fit; each takes a pattern with `*`, and may be repeated
//! for "or".

use clap::Args;
use serde_json::{Map, Value, json};

use super::CliError;

// No doc comment: it would stand as the description of whatever command takes these.
#[derive(Debug, Args)]
pub(super) struct MatchArgs {
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
}

impl MatchArgs {
    /// The conditions as the API reads them.
    pub(super) fn matcher(&self) -> Result<Value, CliError> {
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
