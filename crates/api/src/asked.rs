//! How often was asked whether a token is good, and what was answered.

use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;

/// The calls that are counted, as metrics name them.
pub(crate) const CALLS: [&str; 3] = ["self", "introspect", "forward_auth"];

/// Answers that are told apart, as metrics name them: good, not good, too many failures,
/// not able to tell.
pub(crate) const ANSWERS: [&str; 4] = ["answered", "refused", "limited", "unavailable"];

/// Counts since the start.
#[derive(Debug, Default)]
pub(crate) struct Asked([[AtomicU64; ANSWERS.len()]; CALLS.len()]);

impl Asked {
    /// Counts an answer to the call at this place of [`CALLS`].
    pub(crate) fn count(&self, call: usize, status: StatusCode) {
        let answer = match status.as_u16() {
            429 => 2,
            400..=499 => 1,
            500.. => 3,
            _ => 0,
        };
        let counter = self.0.get(call).and_then(|counts| counts.get(answer));
        if let Some(counter) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Call, answer, how often.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        let calls = CALLS.iter().zip(&self.0);
        calls.flat_map(|(call, counts)| {
            let answers = ANSWERS.iter().zip(counts);
            answers.map(|(answer, count)| (*call, *answer, count.load(Ordering::Relaxed)))
        })
    }
}
