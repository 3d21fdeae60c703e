//! What did checking the chain find, in words?

use app::audit::AuditVerdict;

use crate::show::{count, thousands};

/// What checking the chain found.
pub(super) struct Verdict {
    pub(super) sound: bool,
    pub(super) words: String,
    /// The hash of the last linked row; empty where none is linked.
    pub(super) tip: String,
}

impl Verdict {
    pub(super) fn of(found: AuditVerdict) -> Self {
        let words = match found.first_bad {
            Some(number) => format!(
                "Row {number} does not follow from the one before it: somebody changed it, or what stood before it."
            ),
            None => format!("{}{}", linked(&found), waiting(&found)),
        };
        Self {
            sound: found.first_bad.is_none(),
            words,
            tip: found.tip,
        }
    }
}

/// How many follow one another.
fn linked(found: &AuditVerdict) -> String {
    match found.rows - found.unchained {
        0 => "No row is linked yet.".to_owned(),
        1 => "One row is linked, and stands as it was written.".to_owned(),
        n if found.unchained == 0 => format!(
            "All {} rows are linked and follow one another.",
            thousands(n)
        ),
        n => format!("{} are linked and follow one another.", count(n, "row")),
    }
}

/// How many are not linked yet, and why: a row is written at once and linked by the server's
/// next round, in which nobody can change it unseen any more.
fn waiting(found: &AuditVerdict) -> String {
    match found.unchained {
        0 => String::new(),
        1 => " The newest row is not linked yet: the server links new rows every few seconds."
            .to_owned(),
        n => format!(
            " The newest {} rows are not linked yet: the server links new rows every few seconds.",
            thousands(n)
        ),
    }
}
