//! A watched system cannot be read, is read only in part, or lacks most of what it had:
//! said until it is right again.
//!
//! Never resolves anything about the source's credentials: their last known ends count
//! on.

use crate::inventory::lack;
use crate::kernel::{Instant, SourceId, Span};

use super::{Alert, AlertKind, Plan, Subject, standing};

/// What is due for a source. `unread` says in a sentence why it could not be read for
/// more than its patience; `None` means that it is read.
pub fn blind(
    source: &SourceId,
    unread: Option<&str>,
    alert: Option<&Alert>,
    backoff: Span,
    now: Instant,
) -> Plan {
    let subject = Subject::Source(source.clone());
    standing(&subject, AlertKind::Blind, unread, alert, backoff, now)
}

/// What is due because a listing lacks most of what it had. `missing` is the sentence
/// that asks; `None` means that there is nothing to ask.
pub fn vanished(
    source: &SourceId,
    missing: Option<&str>,
    alert: Option<&Alert>,
    backoff: Span,
    now: Instant,
) -> Plan {
    let subject = Subject::Source(source.clone());
    standing(&subject, AlertKind::Vanished, missing, alert, backoff, now)
}

/// How long a source may go without being read: three of its intervals.
pub fn patience(interval: Span) -> Span {
    Span::from_micros(interval.as_micros().saturating_mul(3))
}

/// How long a source may be read only in part: a day, or three intervals if that is
/// longer.
pub fn patience_for_parts(interval: Span) -> Span {
    patience(interval).max(Span::days(1))
}

/// How the reading of a source goes, as far as one must know to call it blind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// Since when reads fail, and why.
    pub failing: Option<(Instant, &'a str)>,
    /// Whether they fail because the source refuses its credential: that does not heal by
    /// itself, so nothing is waited for.
    pub refused: bool,
    /// Since when reads see only a part, and why.
    pub partial: Option<(Instant, &'a str)>,
    /// When a read last went through.
    pub succeeded_at: Option<Instant>,
    /// When a read last saw everything.
    pub complete_at: Option<Instant>,
    /// When its reader last gave a sign of life; `None` where nobody reads it here.
    pub alive_at: Option<Instant>,
    /// How often it is read.
    pub interval: Span,
}

impl Reading<'_> {
    /// Why the source is blind at `now`, in a sentence; `None` while it is not.
    pub fn wrong(&self, now: Instant) -> Option<String> {
        let over = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if let Some((since, why)) = self.failing.filter(|_| over(self.fails_at())) {
            return Some(format!("it cannot be read since {since}: {why}"));
        }
        if let Some(alive) = self.alive_at.filter(|_| over(self.stands_still_at())) {
            return Some(format!("its reader has told nothing since {alive}"));
        }
        let (_, why) = self.partial.filter(|_| over(self.is_part_at()))?;
        let since = self.part_since()?;
        Some(format!("it was read only in part since {since}: {why}"))
    }

    /// The next instant at which it becomes blind if nothing is read until then.
    pub fn look_again(&self, now: Instant) -> Option<Instant> {
        [self.fails_at(), self.stands_still_at(), self.is_part_at()]
            .into_iter()
            .flatten()
            .filter(|at| *at > now)
            .min()
    }

    fn fails_at(&self) -> Option<Instant> {
        let (since, _) = self.failing?;
        if self.refused {
            return Some(since);
        }
        Some(self.succeeded_at.unwrap_or(since) + patience(self.interval))
    }

    fn stands_still_at(&self) -> Option<Instant> {
        Some(self.alive_at? + patience(self.interval))
    }

    fn is_part_at(&self) -> Option<Instant> {
        Some(self.part_since()? + patience_for_parts(self.interval))
    }

    /// The last whole read, or the first part where none was ever whole.
    fn part_since(&self) -> Option<Instant> {
        let (since, _) = self.partial?;
        Some(self.complete_at.unwrap_or(since))
    }
}

/// What a complete listing lacked; nothing of it is closed before somebody says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Since when a listing lacks them.
    pub since: Instant,
    /// How many it lacks.
    pub missing: u64,
    /// Of how many that work and are listed.
    pub of: u64,
}

impl Missing {
    /// The question for the operators, once it is to be asked: at once when many are
    /// missing, after a day when a short list came back empty.
    pub fn wrong(&self, source: &SourceId, now: Instant) -> Option<String> {
        let Self { since, missing, of } = self;
        (self.asked_at() <= now).then(|| {
            format!(
                "{missing} of {of} credentials are missing from it since {since}; nothing is closed. If that is right: `forewarn source accept {source}`"
            )
        })
    }

    /// When the question is to be asked, if that is still to come.
    pub fn look_again(&self, now: Instant) -> Option<Instant> {
        Some(self.asked_at()).filter(|at| *at > now)
    }

    fn asked_at(&self) -> Instant {
        if lack::is_mass(self.missing, self.of) {
            self.since
        } else {
            self.since + Span::days(1)
        }
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
