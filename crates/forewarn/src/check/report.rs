//! The state of each token at one instant.

use domain::inventory::{End, State};
use domain::kernel::{Instant, Span};
use foundry::{Counts, Fold, FoldedToken};
use serde::Serialize;

use super::Window;

/// Every token with its state, soonest end first.
pub(super) struct Report {
    pub(super) generated_at: Instant,
    pub(super) window: String,
    pub(super) rows: Vec<Row>,
    pub(super) counts: Tally,
}

/// One token.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) owner_name: Option<String>,
    pub(super) created_at: Option<Instant>,
    pub(super) expires_at: Option<Instant>,
    pub(super) remaining_seconds: Option<i64>,
    pub(super) state: Standing,
    pub(super) source: &'static str,
}

/// States as `check` counts them: disjoint, `expiring` apart from `live`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    Live,
    Expiring,
    Expired,
    Revoked,
    UnknownEnd,
}

/// The counts of the contract.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Tally {
    pub(super) lines: u64,
    pub(super) token_events: u64,
    pub(super) created: u64,
    pub(super) revoked: u64,
    pub(super) live: u64,
    pub(super) expiring: u64,
    pub(super) expired: u64,
    pub(super) unknown_end: u64,
    pub(super) duplicates: u64,
    pub(super) skipped: u64,
    pub(super) unreadable: u64,
}

impl Report {
    pub(super) fn new(fold: Fold, counts: Counts, window: &Window, now: Instant) -> Self {
        let mut rows: Vec<Row> = fold
            .tokens()
            .map(|token| Row::new(token, window.span, now))
            .collect();
        rows.sort_by(|a, b| {
            (a.expires_at.is_none(), a.expires_at, &a.id).cmp(&(
                b.expires_at.is_none(),
                b.expires_at,
                &b.id,
            ))
        });
        let with = |state| rows.iter().filter(|row| row.state == state).count() as u64;
        let counts = Tally {
            lines: counts.lines,
            token_events: counts.token_events,
            created: rows.len() as u64,
            revoked: with(Standing::Revoked),
            live: with(Standing::Live),
            expiring: with(Standing::Expiring),
            expired: with(Standing::Expired),
            unknown_end: with(Standing::UnknownEnd),
            duplicates: fold.duplicates(),
            skipped: counts.skipped,
            unreadable: counts.unreadable,
        };
        Self {
            generated_at: now,
            window: window.written.clone(),
            rows,
            counts,
        }
    }

    /// What is shown: live, expiring and without known end, and more if asked for.
    pub(super) fn select(&self, all: bool, expired: bool) -> Vec<&Row> {
        let shown = |row: &&Row| match row.state {
            Standing::Live | Standing::Expiring | Standing::UnknownEnd => true,
            Standing::Expired => all || expired,
            Standing::Revoked => all,
        };
        self.rows.iter().filter(shown).collect()
    }

    /// 0 nothing inside the window, 1 something, 2 something within a day.
    pub(super) fn severity(&self) -> u8 {
        let within_a_day = |row: &Row| {
            let ends = row.expires_at.map(|end| self.generated_at.until(end));
            row.state.works() && ends.is_some_and(|left| left <= Span::days(1))
        };
        if self.rows.iter().any(within_a_day) {
            2
        } else {
            u8::from(self.counts.expiring > 0)
        }
    }
}

impl Row {
    fn new(token: FoldedToken, window: Span, now: Instant) -> Self {
        let remaining = token.expires_at.map(|end| now.until(end));
        Self {
            name: foundry::made_up_name(&token.id),
            state: Standing::of(&token, window, now),
            kind: token.kind,
            owner: token.owner,
            owner_name: token.owner_name,
            created_at: token.created_at,
            expires_at: token.expires_at,
            remaining_seconds: remaining.map(Span::as_seconds),
            source: "foundry",
            id: token.id,
        }
    }
}

impl Standing {
    /// The inventory's own state, with the window laid over what is active.
    fn of(token: &FoldedToken, window: Span, now: Instant) -> Self {
        let end = token.expires_at.map_or(End::Unknown, End::Known);
        match State::of(end, token.revoked.then_some(now), None, false, now) {
            State::Revoked => Self::Revoked,
            State::Expired => Self::Expired,
            State::UnknownEnd => Self::UnknownEnd,
            State::Active | State::Suspended | State::Gone => match token.expires_at {
                Some(end) if now.until(end) <= window => Self::Expiring,
                _ => Self::Live,
            },
        }
    }

    const fn works(self) -> bool {
        matches!(self, Self::Live | Self::Expiring)
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::UnknownEnd => "unknown_end",
        }
    }
}
