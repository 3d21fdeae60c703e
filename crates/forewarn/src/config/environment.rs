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

/// Puts the environment over the table. `FOREWARN_A__B` sets `a.b`; names without `__`
/// belong to the command-line client.
pub(super) fn overlay(
    table: &mut Table,
    environment: &[(String, String)],
) -> Result<(), ConfigError> {
    for (name, key) in STACKROX {
        if let Some((_, value)) = environment.iter().find(|(n, _)| n == name) {
            set(
                table,
                &["notifier".to_owned(), key.to_owned()],
                Value::String(value.clone()),
                name,
            )?;
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
        set(table, &path, parse_value(value), name)?;
    }
    Ok(())
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

fn set(table: &mut Table, path: &[String], value: Value, origin: &str) -> Result<(), ConfigError> {
    let Some((first, rest)) = path.split_first() else {
        return Ok(());
    };
    // Ids such as `prod-foundry` cannot be spelled in a variable's name.
    let key = table
        .keys()
        .find(|k| k.replace('-', "_") == *first)
        .cloned()
        .unwrap_or_else(|| first.clone());
    if rest.is_empty() {
        table.insert(key, value);
        return Ok(());
    }
    match table
        .entry(key)
        .or_insert_with(|| Value::Table(Table::new()))
    {
        Value::Table(inner) => set(inner, rest, value, origin),
        _ => Err(ConfigError::Wrong {
            origin: origin.to_owned(),
            reason: format!("`{first}` is a value and has no keys below it"),
        }),
    }
}
