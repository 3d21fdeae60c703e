//! Does a channel deliver? Remembered in the store, so that a restart forgets nothing.

use domain::expiry::Subject;
use domain::kernel::{ChannelId, Instant, Span};
use serde::{Deserialize, Serialize};

use crate::Context;
use crate::ports::{Changes, StoreError, Write};

/// So many failures in a row make a channel degraded.
pub const FAILURES_UNTIL_DEGRADED: u32 = 4;
/// After so long without a failure a degraded channel is tried again first.
const PROBE: Span = Span::days(1);
/// A broken channel is not knocked at again before.
const BREAK: Span = Span::minutes(10);
/// How often a change is made again that met another one.
const TRIES: usize = 32;

/// What is remembered of a channel between deliveries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Failures since the last success.
    pub failures: u32,
    /// The first of them.
    pub since: Option<Instant>,
    /// The last of them.
    pub last: Option<Instant>,
    /// The channel itself is broken: password refused, endpoint gone.
    pub broken: bool,
    /// What went wrong last, as operators may read it.
    pub detail: String,
}

impl Health {
    /// What is remembered; a value that cannot be read counts as "nothing".
    ///
    /// # Errors
    /// The store's.
    pub async fn load(ctx: &Context, channel: &ChannelId) -> Result<Self, StoreError> {
        let kept = ctx.store.meta(&key(channel)).await?;
        Ok(read(kept.as_deref()))
    }

    /// Whether the channel is degraded or broken.
    pub fn is_failing(&self) -> bool {
        self.broken || self.failures >= FAILURES_UNTIL_DEGRADED
    }

    /// Whether the channel is to be chosen before failing ones; once a day a failing one
    /// is, so that its recovery is noticed. A failure in the future (the clock went
    /// back) counts as long ago.
    pub fn is_healthy(&self, now: Instant) -> bool {
        !self.is_failing()
            || self
                .last
                .is_none_or(|at| at > now || at.until(now) >= PROBE)
    }

    /// Whether knocking again makes no sense yet.
    pub fn is_open_circuit(&self, now: Instant) -> bool {
        self.broken
            && self
                .last
                .is_some_and(|at| at <= now && at.until(now) < BREAK)
    }

    /// After a failure of the channel (not of one recipient).
    #[must_use]
    pub fn after_failure(&self, broken: bool, detail: &str, now: Instant) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            since: self.since.or(Some(now)),
            last: Some(now),
            broken,
            detail: detail.to_owned(),
        }
    }

    /// The sentence of the alert; `None` while the channel delivers.
    pub fn wrong(&self) -> Option<String> {
        self.is_failing().then(|| match self.since {
            Some(since) => format!("nothing could be delivered since {since}: {}", self.detail),
            None => format!("nothing can be delivered: {}", self.detail),
        })
    }

    /// Changes what is remembered of a channel, over whatever other attempts noted meanwhile;
    /// nothing is written where nothing changes. Crossing the line between delivering and
    /// failing puts the channel itself on the queue, and exactly one caller crosses it.
    ///
    /// # Errors
    /// The store's.
    pub async fn note(
        ctx: &Context,
        channel: &ChannelId,
        change: impl Fn(&Self) -> Self,
    ) -> Result<Turn, StoreError> {
        let mut tries = TRIES;
        loop {
            let kept = ctx.store.meta(&key(channel)).await?;
            let before = read(kept.as_deref());
            let turn = Turn {
                after: change(&before),
                before,
            };
            let changes = turn.changes(channel, kept, ctx.now());
            if changes.writes.is_empty() {
                return Ok(turn);
            }
            match ctx.store.commit(changes).await {
                Err(StoreError::Conflict(_)) if tries > 0 => tries -= 1,
                Err(error) => return Err(error),
                Ok(()) => {
                    if turn.crosses() {
                        ctx.sweep_wanted.notify_one();
                    }
                    return Ok(turn);
                }
            }
        }
    }
}

/// What was remembered, and what is from now on.
#[derive(Clone, Debug)]
pub struct Turn {
    before: Health,
    after: Health,
}

impl Turn {
    /// Whether the channel delivers nothing now.
    pub fn is_failing(&self) -> bool {
        self.after.is_failing()
    }

    /// Whether it still delivered a moment ago.
    pub fn began_to_fail(&self) -> bool {
        self.after.is_failing() && !self.before.is_failing()
    }

    fn crosses(&self) -> bool {
        self.before.is_failing() != self.after.is_failing()
            || self.before.broken != self.after.broken
    }

    fn changes(&self, channel: &ChannelId, kept: Option<String>, now: Instant) -> Changes {
        let mut changes = Changes::default();
        if self.before == self.after {
            return changes;
        }
        changes.writes.push(Write::SwapMeta {
            name: key(channel),
            from: kept,
            to: Some(serde_json::to_string(&self.after).unwrap_or_default()),
        });
        if self.crosses() {
            let due = Write::SetDue(Subject::Channel(channel.clone()), Some(now));
            changes.writes.push(due);
        }
        changes
    }
}

fn read(kept: Option<&str>) -> Health {
    kept.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

fn key(channel: &ChannelId) -> String {
    format!("channel.{channel}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_failure_in_a_row_degrades() {
        let now = Instant::EPOCH;
        let mut health = Health::default();
        for n in 1..=4 {
            health = health.after_failure(false, "refused", now);
            assert_eq!(health.is_failing(), n >= FAILURES_UNTIL_DEGRADED, "{n}");
        }
        assert!(!health.is_healthy(now + PROBE - Span::from_micros(1)));
        assert!(
            health.is_healthy(now + PROBE),
            "once a day it is tried again"
        );
    }

    /// S12, F18: a failure that a wrong clock dated into the future shuts no way for years.
    #[test]
    fn a_failure_in_the_future_shuts_no_way() {
        let now = Instant::EPOCH;
        let health = Health::default().after_failure(true, "refused", now + Span::days(3650));
        assert!(health.is_healthy(now));
        assert!(!health.is_open_circuit(now));
    }
}
