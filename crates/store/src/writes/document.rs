//! Compare-and-set of an aggregate that is a document and nothing else.

use serde::Serialize;

use super::doc;
use crate::sql::Step;
use app::ports::StoreError;

/// The two statements of a table: insert, and replace a version.
pub(crate) struct Table {
    pub(crate) insert: &'static str,
    pub(crate) update: &'static str,
}

/// The statements for a table of id, document and version.
macro_rules! table {
    ($name:literal) => {
        $crate::writes::document::Table {
            insert: concat!(
                "INSERT INTO ",
                $name,
                " (id, doc, version) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING 1"
            ),
            update: concat!(
                "UPDATE ",
                $name,
                " SET doc = $2, version = $3 WHERE id = $1 AND version = $4 RETURNING 1"
            ),
        }
    };
}
pub(crate) use table;

/// Inserts at version 0, else replaces `version`; `next` is the value with its next
/// version.
pub(crate) fn put(
    table: &Table,
    what: &str,
    id: &str,
    next: &impl Serialize,
    version: u64,
) -> Result<Step, StoreError> {
    let mut values = vec![id.into(), doc(next, what)?.into(), (version + 1).into()];
    if version == 0 {
        return Ok(Step::or_duplicate(table.insert, values, what));
    }
    values.push(version.into());
    Ok(Step::or_conflict(table.update, values, what))
}
