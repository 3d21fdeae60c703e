//! How is one audit line written? As NDJSON in either spelling, or as a CSV record.

use super::dice::Dice;

/// The columns of the dataset, in its order. What is no column is not exported.
pub const COLUMNS: [&str; 19] = [
    "type",
    "time",
    "uid",
    "sid",
    "tokenId",
    "orgId",
    "traceId",
    "name",
    "result",
    "requestParams",
    "resultParams",
    "categories",
    "users",
    "requestFields",
    "resultFields",
    "eventId",
    "logEntryId",
    "sequenceId",
    "product",
];
/// Columns that may hold an object, or a string that holds one.
const FOLDED: [&str; 4] = [
    "requestParams",
    "resultParams",
    "requestFields",
    "resultFields",
];

/// The members of one line: camelCase keys and JSON text.
#[derive(Clone, Default)]
pub struct Line(Vec<(&'static str, String)>);

impl Line {
    /// Adds a member whose value is JSON already.
    pub fn with(mut self, key: &'static str, json: impl Into<String>) -> Self {
        self.0.push((key, json.into()));
        self
    }

    /// Adds a string.
    pub fn text(self, key: &'static str, value: &str) -> Self {
        self.with(key, quoted(value))
    }

    /// Adds a member that may be absent.
    pub fn maybe(self, key: &'static str, json: Option<impl Into<String>>) -> Self {
        match json {
            Some(json) => self.with(key, json),
            None => self,
        }
    }

    /// One JSON object; spelling and folding by chance.
    pub fn ndjson(&self, dice: &mut Dice) -> String {
        let (snake, folded) = (dice.in_100(40), dice.in_100(30));
        let mut out = String::with_capacity(512);
        for (key, json) in &self.0 {
            out.push(if out.is_empty() { '{' } else { ',' });
            let spelled = if snake {
                snake_case(key)
            } else {
                (*key).into()
            };
            out.push_str(&format!("\"{spelled}\":"));
            if folded && FOLDED.contains(key) {
                out.push_str(&quoted(json));
            } else {
                out.push_str(json);
            }
        }
        out.push('}');
        out
    }

    /// The cells of a record, on one line unless its JSON is `pretty`.
    pub fn cells(&self, pretty: bool) -> Vec<String> {
        let cell = |column: &&str| {
            let member = self.0.iter().find(|(key, _)| key == column);
            member.map(|(_, json)| cell(json, pretty))
        };
        let cells = COLUMNS.iter().map(cell);
        cells.map(Option::unwrap_or_default).collect()
    }

    /// Fills the line up to so many bytes of JSON in its shortest spelling.
    pub fn padded_json(self, bytes: usize) -> String {
        let camel = |line: &Self| {
            let members = line.0.iter().map(|(key, json)| format!("\"{key}\":{json}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        };
        let bare = camel(&self.clone().text("note", "")).len();
        camel(&self.text("note", &"x".repeat(bytes.saturating_sub(bare))))
    }
}

/// The header of the dataset's export.
pub fn header() -> Vec<String> {
    COLUMNS.iter().map(|column| snake_case(column)).collect()
}

/// A JSON string.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn cell(json: &str, pretty: bool) -> String {
    if let Ok(text) = serde_json::from_str::<String>(json) {
        return text;
    }
    match serde_json::from_str::<serde_json::Value>(json) {
        Ok(value) if pretty && value.is_object() => format!("{value:#}"),
        _ => json.to_owned(),
    }
}

fn snake_case(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 4);
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
