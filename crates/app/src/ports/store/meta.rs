//! Small named values, and creates that may be repeated.

use async_trait::async_trait;
use domain::kernel::Instant;

use super::StoreError;

/// Reads of small named values.
#[async_trait]
pub trait MetaReads {
    /// The value of this name.
    async fn meta(&self, name: &str) -> Result<Option<String>, StoreError>;
    /// What a create answered under this key, while it is remembered.
    async fn idempotent(&self, key: &str, now: Instant) -> Result<Option<Idempotent>, StoreError>;
    /// Whether reads and writes work right now.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// What a create answered, for a repeat of the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotent {
    /// Caller and key, hashed by the caller of this port.
    pub key: String,
    /// SHA-256 of the request body, in hex: another body under the same key is an error.
    pub request: String,
    /// What was made, as an id.
    pub made: String,
    /// Until when it is remembered.
    pub until: Instant,
}
