//! What is true of the log: the generator's own record, kept while it writes.

use serde_json::{Value, json};

use super::instant;

/// One token that was made, as everything told of it adds up to.
pub struct Token {
    pub id: String,
    /// `None` when no line names one; such a token is listed whatever type is asked for.
    pub kind: Option<&'static str>,
    pub owner: Option<String>,
    pub owner_name: Option<String>,
    /// Microseconds since 1970; `None` when the time cannot be read.
    pub created: Option<i64>,
    /// The same; `None` when no usable end is told.
    pub end: Option<i64>,
    pub revoked: bool,
}

/// Lines by what they are.
#[derive(Default)]
pub struct Counts {
    pub token_events: u64,
    /// Among the token events.
    pub duplicates: u64,
    pub skipped: u64,
    pub unreadable: u64,
}

/// Everything an answer must say.
#[derive(Default)]
pub struct Truth {
    pub tokens: Vec<Token>,
    pub counts: Counts,
}

impl Token {
    fn state(&self, at: i64, window: i64) -> &'static str {
        match self.end {
            _ if self.revoked => "revoked",
            None => "unknown_end",
            Some(end) if end <= at => "expired",
            Some(end) if end - at <= window => "expiring",
            Some(_) => "live",
        }
    }

    fn json(&self, at: i64, window: i64) -> Value {
        json!({
            "id": self.id,
            "kind": self.kind,
            "owner": self.owner,
            "owner_name": self.owner_name,
            "created_at": self.created.map(instant::plain),
            "expires_at": self.end.map(instant::plain),
            "state": self.state(at, window),
        })
    }
}

impl Truth {
    /// The answer to `check --all` at an instant; `any` asks for tokens of every type.
    pub fn json(&self, at: i64, window: i64, any: bool) -> Value {
        let listed = |token: &&Token| any || token.kind.is_none_or(|kind| kind == "API_TOKEN");
        let mut tokens: Vec<&Token> = self.tokens.iter().filter(listed).collect();
        tokens.sort_by_key(|token| (token.end.is_none(), token.end, &token.id));
        let in_state = |name| {
            let found = tokens
                .iter()
                .filter(|token| token.state(at, window) == name);
            found.count()
        };
        let counts = &self.counts;
        json!({
            "generated_at": instant::plain(at),
            "window": "168h",
            "credentials": tokens.iter().map(|token| token.json(at, window)).collect::<Vec<_>>(),
            "counts": {
                "lines": counts.token_events + counts.skipped + counts.unreadable,
                "token_events": counts.token_events,
                "duplicates": counts.duplicates,
                "skipped": counts.skipped,
                "unreadable": counts.unreadable,
                "created": tokens.len(),
                "revoked": in_state("revoked"),
                "live": in_state("live"),
                "expiring": in_state("expiring"),
                "expired": in_state("expired"),
                "unknown_end": in_state("unknown_end"),
            },
        })
    }
}
