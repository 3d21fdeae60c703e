//! The in-memory index that requests are verified against. Placeholder.

/// Verifies tokens from memory.
#[derive(Debug, Default)]
pub struct Verifier {}
