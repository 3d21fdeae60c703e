//! Lists that somebody wrote down: CSV, NDJSON, an array of JSON, each row a credential
//! with the fields of `docs/push.md`.
//!
//! Rows are read by the same code as what is pushed, so that both mean the same.

use serde_json::{Map, Value, json};

use super::read::Told;
use crate::preset::{self, lenient};

/// The columns that a head may name.
const INSTANTS: [&str; 4] = ["created_at", "expires_at", "last_used_at", "revoked_at"];
const LISTS: [&str; 3] = ["scopes", "roles", "advice"];
const FLAGS: [&str; 2] = ["use_is_known", "suspended"];
const TEXTS: [&str; 6] = [
    "external_id",
    "kind",
    "parent",
    "name",
    "owner",
    "origin_url",
];
const OWNER: [&str; 3] = ["owner_id", "owner_name", "owner_email"];

/// Objects of JSON, one a line.
pub(super) fn ndjson(told: &mut Told, path: &str, text: &str) {
    for (number, line) in (1_u64..).zip(text.lines()) {
        let line = line.trim();
        if !line.is_empty() {
            row(told, path, ("line", number), line.as_bytes());
        }
    }
}

/// An array of objects.
pub(super) fn array(told: &mut Told, path: &str, text: &str) {
    let Ok(rows) = serde_json::from_str::<Vec<Value>>(text) else {
        return told.missed(path, "it is no array of JSON");
    };
    for (number, value) in (1_u64..).zip(rows) {
        row(
            told,
            path,
            ("element", number),
            value.to_string().as_bytes(),
        );
    }
}

/// Rows under a head that names the columns; `,`, `;` or tabs between.
pub(super) fn csv(told: &mut Told, path: &str, text: &str) {
    let head = text.lines().next().unwrap_or_default();
    let most = [b',', b';', b'\t'].into_iter().max_by_key(|d| {
        // The last of equals wins, so a head of one column has tabs between; no matter.
        head.bytes().filter(|byte| byte == d).count()
    });
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(most.unwrap_or(b','))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(head) => head.iter().map(str::to_ascii_lowercase).collect(),
        Err(_) => return told.missed(path, "its first line is no row of CSV"),
    };
    if let Some(unknown) = columns.iter().position(|column| !is_known(column)) {
        let column = unknown + 1;
        let why = format_args!("column {column} has a name that is not known; see docs/push.md");
        return told.missed(path, why);
    }
    for (number, record) in (2_u64..).zip(reader.records()) {
        let fields = record.ok().and_then(|record| fields(&columns, &record));
        match fields {
            Some(fields) => {
                let line = Value::Object(fields).to_string();
                row(told, path, ("row", number), line.as_bytes());
            }
            None => told.missed(
                path,
                format_args!("row {number} has a field that cannot be read"),
            ),
        }
    }
}

fn is_known(column: &str) -> bool {
    let plain: [&[&str]; 5] = [&INSTANTS, &LISTS, &FLAGS, &TEXTS, &OWNER];
    plain.iter().any(|names| names.contains(&column))
        || column == "used_by"
        || column
            .strip_prefix("labels.")
            .is_some_and(|name| !name.is_empty())
}

/// One row as an object; empty fields are absent. `None`: a field cannot be read.
fn fields(columns: &[String], record: &csv::StringRecord) -> Option<Map<String, Value>> {
    let mut object = Map::new();
    let (mut owner, mut labels) = (Map::new(), Map::new());
    for (column, text) in columns
        .iter()
        .zip(record.iter())
        .filter(|(_, text)| !text.is_empty())
    {
        let column = column.as_str();
        if let Some(label) = column.strip_prefix("labels.") {
            labels.insert(label.to_owned(), json!(text));
        } else if let Some(part) = column.strip_prefix("owner_") {
            owner.insert(part.to_owned(), json!(text));
        } else {
            object.insert(column.to_owned(), value(column, text)?);
        }
    }
    if !owner.is_empty() {
        object.insert("owner".to_owned(), Value::Object(owner));
    }
    if !labels.is_empty() {
        object.insert("labels".to_owned(), Value::Object(labels));
    }
    Some(object)
}

fn value(column: &str, text: &str) -> Option<Value> {
    match column {
        "expires_at" if text.eq_ignore_ascii_case("never") => Some(json!("never")),
        at if INSTANTS.contains(&at) => match (lenient(text)?, at) {
            (preset::Told::At(at), _) => Some(json!(at)),
            (preset::Told::Never, "expires_at") => Some(json!("never")),
            (preset::Told::Never, _) => None,
        },
        list if LISTS.contains(&list) => {
            let parts = match list {
                "advice" => vec![text],
                _ => text
                    .split([' ', ';', ',', '|'])
                    .filter(|p| !p.is_empty())
                    .collect(),
            };
            Some(json!(parts))
        }
        "used_by" => {
            let places = text
                .split([';', '|'])
                .map(str::trim)
                .filter(|p| !p.is_empty());
            Some(places.map(|what| json!({ "what": what })).collect())
        }
        flag if FLAGS.contains(&flag) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(json!(true)),
            "false" | "no" | "0" => Some(json!(false)),
            _ => None,
        },
        _ => Some(json!(text)),
    }
}

fn row(told: &mut Told, path: &str, (what, number): (&str, u64), line: &[u8]) {
    match app::reconcile::read_credential(line) {
        Ok(listed) => {
            told.read += 1;
            told.rows.push(listed);
        }
        Err(why) => told.missed(path, format_args!("{what} {number}: {why}")),
    }
}
