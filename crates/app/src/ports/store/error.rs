//! Why the store did not do it.

/// Why the store did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed it meanwhile: load and decide again.
    #[error("{0} was changed meanwhile")]
    Conflict(String),
    /// It exists already.
    #[error("{0} exists already")]
    Duplicate(String),
    /// Cannot be reached, is busy beyond patience, or is shutting down; nothing changed.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The disk or quota is full; nothing changed.
    #[error("the database cannot grow: {0}")]
    Full(String),
    /// A row cannot be read back.
    #[error("row {row} of table {table} cannot be read")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which row.
        row: String,
    },
    /// A cursor that this store did not make.
    #[error("this cursor is not one of ours; start again without it")]
    BadCursor,
}
