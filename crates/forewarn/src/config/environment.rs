//! Environment variables over the file: first StackRox's names, then our own.

use toml::{Table, Value};

use super::ConfigError;

/// StackRox's settings and the keys they stand for.
const STACKROX: [(&str, &str); 5] = [
    ("ROX_TOKEN_EXPIRATION_NOTIFIER_INTERVAL", "interval"),
    ("ROX_TOKEN_EXPIRATION_NOTIFIER_BACKOFF_INTERVAL", "backoff"),
    ("ROX_TOKEN_EXPIRATION_DETECTION_WINDOW", "window"),
    ("ROX_TOKEN_EXPIRATION_LOG_SLICE_DURATION", "log_slice"),
    (
        "ROX_TOKEN_EXPIRATION_LOG_SLICE_DURATION_NAME",
        "log_slice_name",
    ),
];

/// Which variable set which key, dotted: what is wrong with a value is said of where it
/// was set.
#[derive(Default)]
pub(super) struct Variables(Vec<(String, String)>);

impl Variables {
    /// The same refusal, of the variable where one set the key or what it stands in. What
    /// was set last counts.
    pub(super) fn named(&self, error: ConfigError) -> ConfigError {
        let ConfigError::Value { key, reason } = error else {
            return error;
        };
        let of = |set: &str| key == set || is_below(&key, set);
        match self.0.iter().rev().find(|(set, _)| of(set)) {
            Some((_, name)) => ConfigError::Wrong {
                origin: format!("the environment variable {name} (`{key}`)"),
                reason,
            },
            None => ConfigError::Value { key, reason },
        }
    }
}

/// Whether a key stands below another: `a.b` and `a[0]` below `a`.
fn is_below(key: &str, above: &str) -> bool {
    let rest = key.strip_prefix(above);
    rest.is_some_and(|rest| rest.starts_with(['.', '[']))
}

/// Puts the environment over the table. `FOREWARN_A__B` sets `a.b`; names without `__`
/// belong to the command-line client.
pub(super) fn overlay(
    table: &mut Table,
    environment: &[(String, String)],
) -> Result<Variables, ConfigError> {
    let mut variables = Variables::default();
    for (name, key) in STACKROX {
        if let Some((_, value)) = environment.iter().find(|(n, _)| n == name) {
            let path = ["notifier".to_owned(), key.to_owned()];
            let set_at = set(table, &path, Value::String(value.clone()), name)?;
            variables.0.push((set_at, name.to_owned()));
        }
    }
    let mut ours: Vec<_> = environment
        .iter()
        .filter(|(n, _)| n.starts_with("FOREWARN_") && n.contains("__"))
        .collect();
    ours.sort();
    for (name, value) in ours {
        let path: Vec<String> = name
            .trim_start_matches("FOREWARN_")
            .split("__")
            .map(str::to_lowercase)
            .collect();
        if path.iter().any(String::is_empty) {
            return Err(ConfigError::Wrong {
                origin: name.clone(),
                reason: "a level of the name is empty".to_owned(),
            });
        }
        let set_at = set(table, &path, parse_value(value), name)?;
        variables.0.push((set_at, name.clone()));
    }
    Ok(variables)
}

/// Numbers, booleans, lists and quoted strings as TOML has them; everything else is text.
fn parse_value(text: &str) -> Value {
    let parsed = format!("value = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut t| t.remove("value"));
    match parsed {
        Some(Value::Datetime(_)) | None => Value::String(text.to_owned()),
        Some(value) => value,
    }
}

/// Sets a value; the key where it stands now, dotted.
fn set(
    table: &mut Table,
    path: &[String],
    value: Value,
    origin: &str,
) -> Result<String, ConfigError> {
    let Some((first, rest)) = path.split_first() else {
        return Ok(String::new());
    };
    // Ids such as `prod-foundry` cannot be spelled in a variable's name.
    let key = table
        .keys()
        .find(|k| k.replace('-', "_") == *first)
        .cloned()
        .unwrap_or_else(|| first.clone());
    if rest.is_empty() {
        table.insert(key.clone(), value);
        return Ok(key);
    }
    match table
        .entry(key.clone())
        .or_insert_with(|| Value::Table(Table::new()))
    {
        Value::Table(inner) => Ok(format!("{key}.{}", set(inner, rest, value, origin)?)),
        _ => Err(ConfigError::Wrong {
            origin: origin.to_owned(),
            reason: format!("`{first}` is a value and has no keys below it"),
        }),
    }
}
