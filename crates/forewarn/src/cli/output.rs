//! Tables for people, JSON for programs.

use std::io::Write as _;
use std::process::ExitCode;

use comfy_table::{ContentArrangement, LineStyle, Table, presets};
use domain::kernel::escape_line;
use serde_json::Value;

use super::{CliError, CliResult};

/// Prints text and a line break. A closed pipe ends quietly.
pub(crate) fn line(text: &str) -> CliResult {
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(CliError::failed(format!("cannot write: {error}"))),
    }
}

/// Says something beside the answer, on stderr, so that a script gets the answer alone.
pub(crate) fn aside(text: &str) {
    // Nobody may be listening there; the answer is what counts.
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Prints a value as JSON.
pub(crate) fn json(value: &Value) -> CliResult {
    line(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// Prints items as JSON, or as a table of the named fields.
pub(crate) fn list(items: &[Value], as_json: bool, columns: &[(&str, &str)]) -> CliResult {
    if as_json {
        return json(&Value::Array(items.to_vec()));
    }
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.iter().map(|(title, _)| *title));
    for item in items {
        table.add_row(columns.iter().map(|(_, field)| cell(item.pointer(field))));
    }
    line(&format!("{table}\n{} in all", items.len()))
}

/// Prints one object as JSON, or as `field  value` lines.
pub(crate) fn object(value: &Value, as_json: bool) -> CliResult {
    let Some(fields) = value.as_object().filter(|_| !as_json) else {
        return json(value);
    };
    let width = fields.keys().map(String::len).max().unwrap_or_default();
    let lines: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name:width$}  {}", cell(Some(value))))
        .collect();
    line(&lines.join("\n"))
}

/// A value in one cell; names are hostile until escaped.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "–".to_owned(),
        Some(Value::String(text)) => escape_line(text),
        Some(Value::Array(items)) if items.is_empty() => "–".to_owned(),
        Some(Value::Array(items)) => items
            .iter()
            .map(|i| cell(Some(i)))
            .collect::<Vec<_>>()
            .join(", "),
        Some(other) => other.to_string(),
    }
}
