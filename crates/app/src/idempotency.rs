//! A create that is sent again answers what it answered the first time.
//!
//! Never remembers a secret: a repeated create of a token answers without its value.

/// What a client sends so that a repeat of a create makes nothing twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The header's value; 1 to 255 visible ASCII characters.
    pub key: String,
    /// SHA-256 of method, path and body, in hex: another request under the same key is
    /// an error.
    pub request: String,
}
