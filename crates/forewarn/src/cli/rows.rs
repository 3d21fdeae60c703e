//! From rows of CSV to the lines that a push takes.
//!
//! Columns are named like the fields of a push. An empty cell is an absent field; lists
//! are separated by `;`.

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Map, Value, json};

use super::CliError;
use super::import::Lines;

/// Texts as they are.
const TEXTS: [&str; 10] = [
    "external_id",
    "kind",
    "parent",
    "name",
    "owner",
    "expires_at",
    "created_at",
    "last_used_at",
    "revoked_at",
    "origin_url",
];
const LISTS: [&str; 3] = ["scopes", "roles", "advice"];
const FLAGS: [&str; 2] = ["use_is_known", "suspended"];
/// `labels` is `key=value;…`, `used_by` what breaks; the owner's name and address beside
/// `owner`.
const OTHERS: [&str; 4] = ["labels", "used_by", "owner_name", "owner_email"];

/// Every row as a line; rows that are none are named. A column that means nothing makes
/// the whole file wrong: it would be dropped in silence.
pub(super) fn to_lines(bytes: &[u8]) -> Result<Lines, CliError> {
    let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let unreadable =
        |error: csv::Error| CliError::failed(format!("the first line is not CSV: {error}"));
    let columns = reader.headers().map_err(unreadable)?.clone();
    let known = |name: &str| {
        let fields = [&TEXTS[..], &LISTS, &FLAGS, &OTHERS];
        fields.iter().any(|names| names.contains(&name))
    };
    if let Some(name) = columns.iter().find(|name| !known(name)) {
        let shown: String = name.escape_debug().take(60).collect();
        let sentence = format!("column `{shown}` means nothing; see docs/push.md for the fields");
        return Err(CliError::failed(sentence));
    }
    if !columns.iter().any(|name| name == "external_id") {
        return Err(CliError::failed(
            "there is no column `external_id`".to_owned(),
        ));
    }
    let mut lines = Lines::default();
    for row in reader.records() {
        match row {
            Ok(row) => take(&row, &columns, &mut lines),
            Err(error) => lines.errors.push(refused(&error)),
        }
    }
    Ok(lines)
}

fn take(row: &StringRecord, columns: &StringRecord, lines: &mut Lines) {
    let place = row.position().map_or(0, csv::Position::line);
    match object(row, columns) {
        Ok(object) => lines.push(place, object.to_string().as_bytes()),
        Err(why) => lines.errors.push((place, why)),
    }
}

fn object(row: &StringRecord, columns: &StringRecord) -> Result<Value, String> {
    let mut fields = Map::new();
    let cells = columns.iter().zip(row.iter());
    for (name, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
        let value = match name {
            name if LISTS.contains(&name) => json!(parts(cell).collect::<Vec<_>>()),
            name if FLAGS.contains(&name) => match cell.to_ascii_lowercase().as_str() {
                "true" => json!(true),
                "false" => json!(false),
                _ => return Err(format!("`{name}` is neither true nor false")),
            },
            "labels" => labels(cell)?,
            "used_by" => parts(cell).map(|what| json!({ "what": what })).collect(),
            _ => json!(cell),
        };
        fields.insert(name.to_owned(), value);
    }
    owner(&mut fields);
    Ok(Value::Object(fields))
}

fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn labels(cell: &str) -> Result<Value, String> {
    let pair = |part: &str| {
        let pair = part
            .split_once('=')
            .map(|(key, value)| (key.trim(), value.trim()));
        let (key, value) = pair.ok_or("`labels` is not key=value;key=value")?;
        Ok((key.to_owned(), json!(value)))
    };
    let labels: Result<Map<String, Value>, String> = parts(cell).map(pair).collect();
    labels.map(Value::Object)
}

fn owner(fields: &mut Map<String, Value>) {
    let (name, email) = (fields.remove("owner_name"), fields.remove("owner_email"));
    if name.is_some() || email.is_some() {
        let id = fields.remove("owner").unwrap_or_else(|| json!(""));
        fields.insert(
            "owner".to_owned(),
            json!({ "id": id, "name": name, "email": email }),
        );
    }
}

fn refused(error: &csv::Error) -> (u64, String) {
    let place = error.position().map_or(0, csv::Position::line);
    let why = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("has {len} fields, and the first line {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
        _ => "is not CSV".to_owned(),
    };
    (place, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &Lines) -> Vec<Value> {
        let lines = lines.body.split(|b| *b == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    #[test]
    fn a_row_is_a_line_with_the_same_fields() {
        let csv = "external_id,name,owner,owner_email,expires_at,scopes,labels,used_by,suspended\n\
            48213,\"ci, deploy\",u-1,ada@example.org,never,read; write,env=prod;tier=1,nightly export,FALSE\n\
            7,,,,,,,,\n";
        let lines = to_lines(csv.as_bytes()).unwrap();
        assert_eq!((&lines.places[..], lines.errors.len()), (&[2, 3][..], 0));
        assert_eq!(
            told(&lines),
            [
                json!({
                    "external_id": "48213", "name": "ci, deploy", "expires_at": "never",
                    "owner": {"id": "u-1", "name": null, "email": "ada@example.org"},
                    "scopes": ["read", "write"], "labels": {"env": "prod", "tier": "1"},
                    "used_by": [{"what": "nightly export"}], "suspended": false,
                }),
                json!({"external_id": "7"}),
            ]
        );
    }

    /// B75: a bad row is named by its line, and a column that means nothing stops it all.
    #[test]
    fn bad_rows_are_named_and_unknown_columns_refused() {
        let csv = b"external_id,labels,suspended\na,env,\nb,,perhaps\nc\n\xFF,,\nd,,true\n";
        let lines = to_lines(csv).unwrap();
        assert_eq!(told(&lines).len(), 1);
        let errors: Vec<_> = lines
            .errors
            .iter()
            .map(|(n, why)| (*n, why.as_str()))
            .collect();
        assert_eq!(
            errors,
            [
                (2, "`labels` is not key=value;key=value"),
                (3, "`suspended` is neither true nor false"),
                (4, "has 1 fields, and the first line 3"),
                (5, "is not UTF-8"),
            ]
        );
        assert!(
            to_lines(b"external_id,secret\n")
                .unwrap_err()
                .sentence
                .contains("`secret`")
        );
        assert!(
            to_lines(b"name\nx\n")
                .unwrap_err()
                .sentence
                .contains("external_id")
        );
    }

    /// B75: a hundred thousand bad rows are all named.
    #[test]
    fn a_hundred_thousand_bad_rows_are_all_named() {
        let mut csv = b"external_id,suspended\n".to_vec();
        (0..100_000).for_each(|_| csv.extend_from_slice(b"a,perhaps\n"));
        let lines = to_lines(&csv).unwrap();
        assert_eq!(lines.errors.len(), 100_000);
        assert_eq!(lines.errors.last().map(|e| e.0), Some(100_001));
    }
}
