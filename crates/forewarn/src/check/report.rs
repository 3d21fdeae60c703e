//! The state of each token at one instant.

use domain::inventory::{End, State};
use domain::kernel::{Instant, Span};
use foundry::{Brief, Counts, Fold, FoldedToken};
use serde::Serialize;

use super::Window;

/// Every token with its state, soonest end first.
pub(super) struct Report {
    pub(super) generated_at: Instant,
    pub(super) window: String,
    pub(super) counts: Tally,
    fold: Fold,
    /// The tokens' numbers in order; rows are made one at a time, for a row costs
    /// several times what the fold keeps.
    order: Vec<(u32, Standing)>,
    severity: u8,
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

/// How many lines and tokens of each kind were read.
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
    pub(super) fn new(fold: Fold, read: Counts, window: &Window, now: Instant) -> Self {
        let mut briefs: Vec<Brief> = fold.briefs().collect();
        briefs.sort_unstable_by(|a, b| {
            let ends =
                (a.expires_at.is_none(), a.expires_at).cmp(&(b.expires_at.is_none(), b.expires_at));
            ends.then_with(|| fold.order(a.number, b.number))
        });
        let standing = |brief: &Brief| (brief.number, Standing::of(brief, window.span, now));
        let order: Vec<(u32, Standing)> = briefs.iter().map(standing).collect();
        let mut counts = Tally::of_lines(read, fold.duplicates());
        order.iter().for_each(|(_, standing)| counts.add(*standing));
        let in_a_day = |brief: &Brief| {
            let soon = brief
                .expires_at
                .is_some_and(|end| now.until(end) <= Span::days(1));
            soon && Standing::of(brief, window.span, now).works()
        };
        let severity = if briefs.iter().any(in_a_day) {
            2
        } else {
            u8::from(counts.expiring > 0)
        };
        Self {
            generated_at: now,
            window: window.written.clone(),
            counts,
            fold,
            order,
            severity,
        }
    }

    /// What is shown: live, expiring and without known end, and more if asked for.
    pub(super) fn rows(&self, all: bool, expired: bool) -> Rows<'_> {
        Rows {
            report: self,
            all,
            expired,
        }
    }

    /// 0 nothing inside the window, 1 something, 2 something within a day.
    pub(super) fn severity(&self) -> u8 {
        self.severity
    }
}

impl Tally {
    fn of_lines(read: Counts, duplicates: u64) -> Self {
        Self {
            lines: read.lines,
            token_events: read.token_events,
            duplicates,
            skipped: read.skipped,
            unreadable: read.unreadable,
            ..Self::default()
        }
    }

    fn add(&mut self, standing: Standing) {
        self.created += 1;
        match standing {
            Standing::Live => self.live += 1,
            Standing::Expiring => self.expiring += 1,
            Standing::Expired => self.expired += 1,
            Standing::Revoked => self.revoked += 1,
            Standing::UnknownEnd => self.unknown_end += 1,
        }
    }
}

/// The chosen rows in order, made anew each time they are walked.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    report: &'a Report,
    all: bool,
    expired: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = Row> + 'a {
        let shown = move |standing: Standing| match standing {
            Standing::Live | Standing::Expiring | Standing::UnknownEnd => true,
            Standing::Expired => self.all || self.expired,
            Standing::Revoked => self.all,
        };
        let chosen = self
            .report
            .order
            .iter()
            .filter(move |(_, standing)| shown(*standing));
        chosen.filter_map(move |(number, standing)| {
            let token = self.report.fold.token(*number)?;
            Some(Row::new(token, *standing, self.report.generated_at))
        })
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl Row {
    fn new(token: FoldedToken, state: Standing, now: Instant) -> Self {
        let remaining = token.expires_at.map(|end| now.until(end));
        Self {
            name: foundry::made_up_name(&token.id),
            state,
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
    fn of(token: &Brief, window: Span, now: Instant) -> Self {
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
