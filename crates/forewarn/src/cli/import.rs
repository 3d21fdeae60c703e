//! `forewarn credential import`: a list that somebody keeps by hand, as CSV or NDJSON.
//!
//! Every row that cannot be used is named by its line, before anything is sent.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use domain::kernel::escape_line;
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::{CliError, CliResult, output, rows};

/// Rows that are named on the terminal.
const NAMED: usize = 50;

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The source's id
    #[arg(long)]
    source: String,
    /// The file holds all there is: what is missing from it twice is gone
    #[arg(long)]
    complete: bool,
    /// Import nothing unless every row can be used
    #[arg(long)]
    all_or_nothing: bool,
    /// CSV whose first line names the columns, or NDJSON; `-` reads stdin
    file: PathBuf,
}

/// Lines to be sent, each with its place in the file, and rows that are no lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) body: Vec<u8>,
    pub(super) places: Vec<u64>,
    pub(super) errors: Vec<(u64, String)>,
}

/// Checks every row, sends those that can be used, and says what became of them: exit code
/// 1 if a row was left out.
pub(super) fn run(client: &Client, import: &Import, as_json: bool) -> CliResult {
    let lines = lines(&read(&import.file)?)?;
    let path = format!("/v1/sources/{}/observations", segment(&import.source));
    let checked = client.post_lines(&format!("{path}?check=true"), lines.body.clone())?;
    let mut errors = lines.errors;
    errors.extend(errors_of(&checked, &lines.places));
    errors.sort();
    let refused = import.all_or_nothing && !errors.is_empty();
    let sent = match refused {
        true => Value::Null,
        false if import.complete && errors.is_empty() => {
            client.post_lines(&format!("{path}?snapshot=complete"), lines.body)?
        }
        false => client.post_lines(&path, lines.body)?,
    };
    let accepted = sent.get("accepted").and_then(Value::as_u64).unwrap_or(0);
    report(accepted, &errors, as_json)?;
    Ok(ExitCode::from(u8::from(!errors.is_empty())))
}

fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed =
        |e: std::io::Error| CliError::failed(format!("{} cannot be read: {e}", path.display()));
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(failed)
}

/// An object begins with a brace; everything else is CSV.
fn lines(bytes: &[u8]) -> Result<Lines, CliError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match bytes.trim_ascii_start().first() {
        None | Some(b'{') => Ok(ndjson(bytes)),
        Some(_) => rows::to_lines(bytes),
    }
}

/// Blank lines are left out, so that the server's numbers can be told in the file's.
fn ndjson(bytes: &[u8]) -> Lines {
    let mut lines = Lines::default();
    for (number, line) in (1_u64..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if !line.is_empty() {
            lines.push(number, line);
        }
    }
    lines
}

impl Lines {
    pub(super) fn push(&mut self, place: u64, line: &[u8]) {
        self.body.extend_from_slice(line);
        self.body.push(b'\n');
        self.places.push(place);
    }
}

/// What the server says of its lines, by their place in the file.
fn errors_of(checked: &Value, places: &[u64]) -> Vec<(u64, String)> {
    let errors = checked.get("errors").and_then(Value::as_array);
    let one = |error: &Value| {
        let line = usize::try_from(error.get("line")?.as_u64()?).ok()?;
        let place = places.get(line.checked_sub(1)?)?;
        Some((*place, error.get("detail")?.as_str()?.to_owned()))
    };
    errors.into_iter().flatten().filter_map(one).collect()
}

fn report(accepted: u64, errors: &[(u64, String)], as_json: bool) -> CliResult {
    if as_json {
        let errors: Vec<Value> = errors
            .iter()
            .map(|(row, reason)| json!({ "row": row, "reason": reason }))
            .collect();
        return output::json(&json!({
            "accepted": accepted, "unreadable": errors.len(), "errors": errors,
        }));
    }
    let named = errors.iter().take(NAMED);
    let mut lines: Vec<String> = named
        .map(|(row, reason)| format!("row {row}: {}", escape_line(reason)))
        .collect();
    if let Some(more) = errors.len().checked_sub(NAMED).filter(|n| *n > 0) {
        lines.push(format!("and {more} rows more; --json names all of them"));
    }
    lines.push(match (accepted, errors.len()) {
        (0, bad) => format!("nothing was imported; rows that cannot be used: {bad}"),
        (good, bad) => format!("imported: {good}; left out: {bad}"),
    });
    output::line(&lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_left_out_and_places_are_those_of_the_file() {
        let lines =
            lines(b"\n{\"external_id\":\"a\"}\r\n\n  \nnot json\n{\"external_id\":\"b\"}").unwrap();
        assert_eq!(lines.places, [2, 5, 6]);
        assert_eq!(lines.body.split(|b| *b == b'\n').count(), 4);
        let checked = json!({"errors": [{"line": 2, "detail": "no"}, {"line": 9, "detail": "?"}]});
        assert_eq!(errors_of(&checked, &lines.places), [(5, "no".to_owned())]);
    }
}
