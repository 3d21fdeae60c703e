//! Signs of life: what the workers noticed last, for `/readyz` and `/metrics`.
//!
//! Held in memory and lost on restart, on purpose: nothing may be decided by it. What
//! must survive stands in the store.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::kernel::{ChannelId, Instant};

/// What the workers noticed last. Workers write, the API reads.
#[derive(Debug)]
pub struct Signals {
    last_sweep: Moment,
    last_complete_sweep: Moment,
    notices: Mutex<BTreeMap<(ChannelId, NoticeOutcome), u64>>,
    degraded: Mutex<BTreeSet<Degradation>>,
}

/// What became of a notice handed to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeOutcome {
    /// The channel accepted it.
    Accepted,
    /// The attempt failed and is made again.
    Retried,
    /// Nobody knows whether it was accepted.
    Unconfirmed,
    /// This way failed for good.
    Failed,
    /// No longer true when its turn came.
    Superseded,
}

/// Why the server works only in part. Each says what an operator should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Degradation {
    /// No configured channel reaches a person.
    NoChannel,
    /// Somebody who must hear cannot be reached at all.
    NoRecipient,
    /// A channel refuses what it is given.
    ChannelFailing,
    /// A source cannot be read.
    SourceFailing,
    /// The sweep has not completed for more than two intervals.
    SweepStale,
    /// What was due, said and heard differs, or cannot be compared.
    Stalled,
    /// The index of tokens no longer follows the store.
    FeedStale,
    /// The disk is nearly full, or the store refused a write for want of room.
    StoreFull,
}

impl Signals {
    /// Nothing noticed yet.
    pub fn new() -> Self {
        Self {
            last_sweep: Moment::never(),
            last_complete_sweep: Moment::never(),
            notices: Mutex::default(),
            degraded: Mutex::default(),
        }
    }

    /// A sweep ended at `at`; `complete` when it looked at everything that was due.
    pub fn swept(&self, at: Instant, complete: bool) {
        self.last_sweep.set(at);
        if complete {
            self.last_complete_sweep.set(at);
        }
    }

    /// When a sweep last ended; `None` before the first.
    pub fn last_sweep_at(&self) -> Option<Instant> {
        self.last_sweep.get()
    }

    /// When a sweep last looked at everything that was due.
    pub fn last_complete_sweep_at(&self) -> Option<Instant> {
        self.last_complete_sweep.get()
    }

    /// Counts notices that met an outcome on a channel.
    pub fn count_notices(&self, channel: &ChannelId, outcome: NoticeOutcome, how_many: u64) {
        let mut notices = held(&self.notices);
        *notices.entry((channel.clone(), outcome)).or_default() += how_many;
    }

    /// All counts since the start.
    pub fn notices(&self) -> BTreeMap<(ChannelId, NoticeOutcome), u64> {
        held(&self.notices).clone()
    }

    /// Says whether the server now suffers from this.
    pub fn set_degraded(&self, why: Degradation, now_so: bool) {
        let mut degraded = held(&self.degraded);
        let is_news = match now_so {
            true => degraded.insert(why),
            false => degraded.remove(&why),
        };
        drop(degraded);
        match now_so {
            true if is_news => tracing::warn!("degraded ({why}): {}", why.sentence()),
            false if is_news => tracing::info!("no longer degraded ({why})"),
            _ => {}
        }
    }

    /// What the server suffers from, in a fixed order.
    pub fn degraded(&self) -> BTreeSet<Degradation> {
        held(&self.degraded).clone()
    }
}

impl Default for Signals {
    fn default() -> Self {
        Self::new()
    }
}

impl NoticeOutcome {
    /// The word in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Retried => "retried",
            Self::Unconfirmed => "unconfirmed",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }
}

impl Degradation {
    /// The word in `/readyz`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoChannel => "no_channel",
            Self::NoRecipient => "no_recipient",
            Self::ChannelFailing => "channel_failing",
            Self::SourceFailing => "source_failing",
            Self::SweepStale => "sweep_stale",
            Self::Stalled => "stalled",
            Self::FeedStale => "feed_stale",
            Self::StoreFull => "store_full",
        }
    }

    /// What is wrong, and what to do, in the log.
    const fn sentence(self) -> &'static str {
        match self {
            Self::NoChannel => {
                "no configured channel reaches a person; add one, such as [channels.mail]"
            }
            Self::NoRecipient => {
                "somebody who must hear cannot be reached; set audience.catch_all, or give admins an address"
            }
            Self::ChannelFailing => {
                "a channel refuses what it is given; `forewarn channel list` names it"
            }
            Self::SourceFailing => "a source cannot be read; `forewarn source list` names it",
            Self::SweepStale => "no sweep was completed for more than two intervals",
            Self::Stalled => {
                "what was due, said and heard differs, or cannot be compared; `forewarn alert list` and the log tell more"
            }
            Self::FeedStale => "changes of other nodes cannot be read, so tokens are not judged",
            Self::StoreFull => "the disk is full or nearly so",
        }
    }
}

impl fmt::Display for Degradation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A point in time that may not have come yet, readable without a lock.
#[derive(Debug)]
struct Moment(AtomicI64);

impl Moment {
    const NEVER: i64 = i64::MIN;

    const fn never() -> Self {
        Self(AtomicI64::new(Self::NEVER))
    }
    fn set(&self, at: Instant) {
        self.0.store(at.as_micros(), Ordering::Relaxed);
    }
    fn get(&self) -> Option<Instant> {
        let micros = self.0.load(Ordering::Relaxed);
        (micros != Self::NEVER).then(|| Instant::from_micros(micros))
    }
}

/// Counts stay usable after a panic elsewhere: they are complete after every statement.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incomplete_sweep_does_not_pass_for_a_complete_one() {
        let signals = Signals::new();
        let (first, second) = (Instant::from_micros(1), Instant::from_micros(2));
        assert_eq!(signals.last_sweep_at(), None);
        signals.swept(first, true);
        signals.swept(second, false);
        assert_eq!(signals.last_sweep_at(), Some(second));
        assert_eq!(signals.last_complete_sweep_at(), Some(first));
    }

    #[test]
    fn a_reason_stands_until_it_is_taken_back() {
        let signals = Signals::new();
        signals.set_degraded(Degradation::NoChannel, true);
        signals.set_degraded(Degradation::NoChannel, true);
        assert_eq!(signals.degraded().len(), 1);
        signals.set_degraded(Degradation::NoChannel, false);
        assert!(signals.degraded().is_empty());
    }
}
