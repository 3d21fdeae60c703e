//! Names and conditions that reads and writes share.

/// The source of the tokens that Forewarn issues itself.
pub(crate) const ISSUED_HERE: &str = "forewarn";

/// What is read of a message; in full names, for SQLite knows no others in `RETURNING`.
macro_rules! message_columns {
    () => {
        "messages.id, messages.doc, messages.state, messages.leased_until, messages.fence, \
         (SELECT CAST({json_group}(n.notice ORDER BY n.place) AS TEXT) \
         FROM message_notices n WHERE n.message = messages.id)"
    };
}
pub(crate) use message_columns;
