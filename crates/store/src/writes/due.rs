//! The queue of instants that matter.

use domain::expiry::Subject;
use domain::kernel::{Instant, SourceId};

use crate::sql::Step;

pub(crate) fn set(subject: &Subject, at: Option<Instant>) -> Vec<Step> {
    let subject = subject.to_string();
    vec![match at {
        Some(at) => Step::run(
            "INSERT INTO due (subject, due_at) VALUES ($1, $2) \
             ON CONFLICT (subject) DO UPDATE SET due_at = excluded.due_at",
            vec![subject.into(), at.into()],
        ),
        None => Step::run("DELETE FROM due WHERE subject = $1", vec![subject.into()]),
    }]
}

pub(crate) fn at_latest(subject: &Subject, at: Instant) -> Vec<Step> {
    vec![Step::run(
        "INSERT INTO due (subject, due_at) VALUES ($1, $2) ON CONFLICT (subject) \
         DO UPDATE SET due_at = excluded.due_at WHERE due.due_at > excluded.due_at",
        vec![subject.to_string().into(), at.into()],
    )]
}

/// What is over needs no look.
pub(crate) fn release_import(source: &SourceId, at: Instant) -> Vec<Step> {
    vec![Step::run(
        "INSERT INTO due (subject, due_at) SELECT 'credential:' || id, $2 FROM credentials \
         WHERE source = $1 AND revoked_at IS NULL AND gone_at IS NULL ON CONFLICT (subject) \
         DO UPDATE SET due_at = excluded.due_at WHERE due.due_at > excluded.due_at",
        vec![source.as_str().into(), at.into()],
    )]
}
