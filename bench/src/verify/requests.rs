//! Requests as they go out.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::stage::made_at;

/// Keeps requests as the generator of load reads them.
///
/// # Errors
/// When the file takes no more.
pub fn write(path: &Path, requests: &[String]) -> Result<()> {
    let all: String = requests
        .iter()
        .map(|text| format!("{}\n{text}", text.len()))
        .collect();
    Ok(fs::write(path, all)?)
}

/// What a token is told of itself.
pub fn own(token: &str) -> String {
    get("/v1/tokens/self", token)
}

/// A request of a token.
pub fn get(path: &str, token: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\naccept: application/json\r\n\r\n"
    )
}

/// A question about a token.
pub fn form(asker: &str, token: &str) -> String {
    let body = format!("token={token}");
    format!(
        "POST /oauth2/introspect HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {asker}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Tokens that nobody issued.
pub fn strangers() -> Vec<String> {
    use app::ports::Random;
    let random = testkit::SeededRandom::new(99);
    let mut entropy: &dyn Random = &random;
    let kind = domain::token::TokenKind::ServiceAccount;
    (0..10_000)
        .map(|number| {
            domain::token::generate(kind, made_at(number), &mut entropy)
                .1
                .expose()
                .clone()
        })
        .collect()
}

/// The same with its last character changed: the checksum is wrong.
pub fn mistyped(token: &str) -> String {
    let mut text = token.to_owned();
    let last = text.pop();
    text.push(if last == Some('x') { 'y' } else { 'x' });
    text
}
