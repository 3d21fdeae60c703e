//! Why bytes could not be read as what they were taken for.

/// Why bytes could not be read. Never repeats any of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// They are of another form; perhaps another reader knows it.
    #[error("it is no {0}")]
    NotThis(&'static str),
    /// A form that is known and left alone: it is locked with a password, or rare.
    #[error("it is a {0}, which is not read; {1}")]
    Skipped(&'static str, &'static str),
    /// It begins as that form and does not go on like it.
    #[error("the {what} cannot be read: {reason}")]
    Damaged {
        /// What it seems to be.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl DecodeError {
    /// A damaged thing.
    pub(super) fn damaged(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Damaged {
            what,
            reason: reason.into(),
        }
    }
}
