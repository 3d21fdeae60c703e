//! Names and conditions that reads and writes share.

/// The source of the tokens that Forewarn issues itself.
pub(crate) const ISSUED_HERE: &str = "forewarn";

/// A message whose turn has come at `$1`, or whose holder let its lease run out.
macro_rules! claimable {
    () => {
        "((state = 'queued' AND not_before <= $1) OR (state = 'sending' AND leased_until <= $1))"
    };
}
pub(crate) use claimable;

/// What is read of a message; in full names, for SQLite knows no others in `RETURNING`.
macro_rules! message_columns {
    () => {
        "messages.id, messages.doc, messages.state, messages.leased_until, messages.fence, \
         (SELECT CAST({json_group}(n.notice ORDER BY n.place) AS TEXT) \
         FROM message_notices n WHERE n.message = messages.id)"
    };
}
pub(crate) use message_columns;
