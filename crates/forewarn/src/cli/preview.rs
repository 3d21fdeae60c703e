//! Shows how a source is understood: each mapped row beside the fields it was made from.

use std::process::ExitCode;

use comfy_table::{ContentArrangement, LineStyle, Table, presets};
use domain::kernel::escape_line;
use serde_json::Value;

use super::{CliResult, output};

/// Prints what a try answered; exit code 1 if the source cannot be read.
pub(super) fn print(id: &str, tried: &Value, as_json: bool) -> CliResult {
    let error = tried.get("error").and_then(Value::as_str);
    let code = ExitCode::from(u8::from(error.is_some()));
    if as_json {
        output::json(tried)?;
        return Ok(code);
    }
    if let Some(error) = error {
        output::line(&format!("{id} cannot be read: {error}"))?;
        return Ok(code);
    }
    let rows = list(tried, "rows");
    let mut lines: Vec<String> = rows.iter().map(row).collect();
    let whole = tried.get("complete").and_then(Value::as_bool) == Some(true);
    let rest = if whole {
        "; that is all"
    } else {
        "; there may be more"
    };
    lines.push(format!("{} rows{rest}; nothing was kept", rows.len()));
    let remarks = list(tried, "remarks").iter().filter_map(Value::as_str);
    lines.extend(remarks.map(|remark| format!("  {}", escape_line(remark))));
    output::line(&lines.join("\n"))?;
    Ok(code)
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    let found = value.get(field).and_then(Value::as_array);
    found.map(Vec::as_slice).unwrap_or_default()
}

/// What is kept on the left, what it was made from on the right.
fn row(row: &Value) -> String {
    let told = row.get("told").and_then(Value::as_object);
    let told = told
        .into_iter()
        .flatten()
        .filter(|(_, v)| says_something(v));
    let told: Vec<[String; 2]> = told
        .map(|(name, value)| [name.clone(), cell(value)])
        .collect();
    let field = |raw: &Value, name: &str| raw.get(name).map(cell).unwrap_or_default();
    let raw = list(row, "raw").iter();
    let raw: Vec<[String; 2]> = raw
        .map(|r| [field(r, "pointer"), field(r, "value")])
        .collect();
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["kept", "as", "field", "value"]);
    let none = [String::new(), String::new()];
    for n in 0..told.len().max(raw.len()) {
        let (left, right) = (told.get(n).unwrap_or(&none), raw.get(n).unwrap_or(&none));
        table.add_row(left.iter().chain(right));
    }
    let withheld: Vec<String> = list(row, "withheld").iter().map(cell).collect();
    match withheld.is_empty() {
        true => table.to_string(),
        false => format!(
            "{table}\nnot mapped, so never kept: {}",
            withheld.join(", ")
        ),
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.values().any(says_something),
        _ => true,
    }
}

/// A value in one cell; what another system says is hostile until escaped.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => escape_line(text),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, v)| says_something(v));
            let fields =
                fields.map(|(name, value)| format!("{}: {}", escape_line(name), cell(value)));
            fields.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_stands_beside_its_fields_and_the_rest_is_only_named() {
        let shown = row(&json!({
            "told": {"external_id": "48213", "name": "ci\u{202e}", "scopes": [], "own": false,
                     "owner": {"id": "u-1", "name": null, "email": null}},
            "raw": [{"pointer": "/id", "value": "48213"}],
            "withheld": ["token", "internal"],
        }));
        for part in ["external_id", "48213", "/id", "id: u-1", "token, internal"] {
            assert!(shown.contains(part), "{shown}");
        }
        assert!(
            !shown.contains('\u{202e}') && !shown.contains("scopes"),
            "{shown}"
        );
    }
}
