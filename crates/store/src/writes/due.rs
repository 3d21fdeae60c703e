//! The queue of instants that matter.
//!
//! Whoever asks for a look counts `asked` up. A sweep takes a subject off the queue only if
//! nobody asked since it began to plan: see [`settle`].

use app::ports::Answering;
use domain::expiry::Subject;
use domain::kernel::{Instant, SourceId};

use crate::sql::Step;

/// On a row that stands: asked once more, and looked at no later than it would be.
macro_rules! asked_at_latest {
    () => {
        "ON CONFLICT (subject) DO UPDATE SET asked = due.asked + 1, due_at = \
         CASE WHEN due.due_at > excluded.due_at THEN excluded.due_at ELSE due.due_at END"
    };
}
pub(super) use asked_at_latest;

pub(crate) fn set(subject: &Subject, at: Option<Instant>) -> Vec<Step> {
    let subject = subject.to_string();
    vec![match at {
        Some(at) => Step::run(
            "INSERT INTO due (subject, due_at) VALUES ($1, $2) ON CONFLICT (subject) \
             DO UPDATE SET due_at = excluded.due_at, asked = due.asked + 1",
            vec![subject.into(), at.into()],
        ),
        None => Step::run("DELETE FROM due WHERE subject = $1", vec![subject.into()]),
    }]
}

pub(crate) fn at_latest(subject: &Subject, at: Instant) -> Vec<Step> {
    vec![Step::run(
        concat!(
            "INSERT INTO due (subject, due_at) VALUES ($1, $2) ",
            asked_at_latest!()
        ),
        vec![subject.to_string().into(), at.into()],
    )]
}

/// What a sweep found, unless somebody asked meanwhile: then the row stands, and the next
/// pass looks again.
pub(crate) fn settle(subject: &Subject, asked: Option<i64>, next: Option<Instant>) -> Vec<Step> {
    let subject = subject.to_string();
    vec![match (asked, next) {
        (Some(asked), Some(next)) => Step::run(
            "UPDATE due SET due_at = $2 WHERE subject = $1 AND asked = $3",
            vec![subject.into(), next.into(), asked.into()],
        ),
        (Some(asked), None) => Step::run(
            "DELETE FROM due WHERE subject = $1 AND asked = $2",
            vec![subject.into(), asked.into()],
        ),
        (None, Some(next)) => Step::run(
            "INSERT INTO due (subject, due_at) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING",
            vec![subject.into(), next.into()],
        ),
        (None, None) => return Vec::new(),
    }]
}

/// What is over needs no look.
pub(crate) fn ask_about(whose: &Answering, at: Instant) -> Vec<Step> {
    let (sql, name) = match whose {
        Answering::Owner(owner) => (
            concat!(
                "INSERT INTO due (subject, due_at) SELECT 'credential:' || id, $2 \
                 FROM credentials WHERE owner = $1 \
                 AND revoked_at IS NULL AND gone_at IS NULL ",
                asked_at_latest!()
            ),
            owner.to_string(),
        ),
        Answering::Team(team) => (
            concat!(
                "INSERT INTO due (subject, due_at) SELECT 'credential:' || id, $2 \
                 FROM credentials WHERE team = $1 AND revoked_at IS NULL AND gone_at IS NULL ",
                asked_at_latest!()
            ),
            team.to_string(),
        ),
    };
    vec![Step::run(sql, vec![name.into(), at.into()])]
}

/// What is over needs no look.
pub(crate) fn release_import(source: &SourceId, at: Instant) -> Vec<Step> {
    vec![Step::run(
        concat!(
            "INSERT INTO due (subject, due_at) SELECT 'credential:' || id, $2 FROM credentials \
             WHERE source = $1 AND revoked_at IS NULL AND gone_at IS NULL ",
            asked_at_latest!()
        ),
        vec![source.as_str().into(), at.into()],
    )]
}
