//! What a read that went through leaves behind: what is closed, what is asked about, and
//! what is remembered of the source.

use domain::expiry::patience;
use domain::inventory::lack;
use domain::kernel::{Instant, Span};

use crate::Context;
use crate::ports::{Held, ReadCounts, SourceState, StoreError, Write};

use super::{Tally, close, resolve, state};

/// Remarks that are kept of one read.
const REMARKS: usize = 20;
/// The longest sentence that is kept, in characters.
const SENTENCE: usize = 300;

/// A read that went through.
pub(super) struct Ended {
    pub began: Instant,
    pub seen: Seen,
    pub tally: Tally,
    pub read: u64,
    pub unreadable: u64,
    pub remarks: Vec<String>,
    /// How often the source is read; `None` where others push to it.
    pub interval: Option<Span>,
}

/// How much of what exists a read saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was no listing: events, or some credentials.
    Some,
    /// It was a listing, and not the whole of it, for this reason.
    Part(String),
    /// All that exists.
    All,
}

/// Closes what is gone, holds what is doubtful, and remembers how the read went.
pub(super) async fn conclude(
    ctx: &Context,
    source: &mut SourceState,
    ended: Ended,
) -> Result<(), StoreError> {
    // Without a whole listing before this one nothing is gone.
    let before = source.complete_at.filter(|at| *at < ended.began);
    let weighed = match ended.seen {
        Seen::All => Some(close::weigh(ctx, &source.id, ended.began, before).await?),
        Seen::Some | Seen::Part(_) => None,
    };
    let asks = |lack: &close::Lack| lack::asks(ended.tally.touched, lack.missing, lack.of);
    let accepted = |lack: &close::Lack| {
        let held = source.held.as_ref().filter(|held| held.accepted);
        held.is_some_and(|held| lack.missing <= held.missing)
    };
    let held = weighed.filter(|lack| asks(lack) && !accepted(lack));
    let gone = match (weighed, before) {
        (Some(lack), Some(before)) if held.is_none() && lack.twice > 0 => {
            close::gone(ctx, &source.id, before).await?
        }
        _ => 0,
    };
    let whole = ended.seen == Seen::All && held.is_none();
    let resolved_with = resolve::again(ctx, source, whole).await?;
    let writes = writes(ctx, source, &ended, held.is_some());
    let change = |source: &mut SourceState| {
        remember(source, &ended, gone, ctx.now());
        hold(source, &ended, held, ctx.now());
        source.resolved_with.clone_from(&resolved_with);
    };
    state::update(ctx, source, writes, change).await?;
    ctx.sweep_wanted.notify_one();
    Ok(())
}

fn writes(ctx: &Context, source: &SourceState, ended: &Ended, held: bool) -> Vec<Write> {
    let now = ctx.now();
    let mut writes = Vec::new();
    let news = source.failing.is_some() || source.held.is_some() != held || held;
    if news || source.partial.is_some() || matches!(ended.seen, Seen::Part(_)) {
        writes.push(state::look_at(&source.id, now));
    } else if let Some(interval) = ended.interval {
        writes.push(state::look_at(&source.id, now + patience(interval)));
    }
    if !source.imported && ended.is_import() {
        writes.push(Write::ReleaseImport(source.id.clone(), now));
    }
    writes
}

impl Ended {
    /// Whether the first import is over with it: at once where it is read, with the first
    /// credential where others push.
    fn is_import(&self) -> bool {
        self.interval.is_some() || self.tally.touched > 0
    }
}

fn remember(source: &mut SourceState, ended: &Ended, gone: u64, now: Instant) {
    let Tally {
        new,
        changed,
        ended: over,
        ..
    } = ended.tally;
    source.last = Some(ReadCounts {
        read: ended.read,
        unreadable: ended.unreadable,
        new,
        changed,
        ended: over,
        gone,
    });
    // What batches counted themselves stands there already.
    let counted = ended.tally.counted;
    let read = ended.read.saturating_sub(counted.read);
    let unreadable = ended.unreadable.saturating_sub(counted.unreadable);
    source.read = source.read.saturating_add(read);
    source.unreadable = source.unreadable.saturating_add(unreadable);
    source.remarks = ended
        .remarks
        .iter()
        .take(REMARKS)
        .map(|r| short(r))
        .collect();
    source.attempted_at = Some(ended.began);
    source.succeeded_at = Some(ended.began);
    source.ended_at = Some(now);
    if ended.read > 0 {
        source.told_at = Some(ended.began);
    }
    (source.failing, source.refused) = (None, false);
    source.imported |= ended.is_import();
}

/// Remembers how much was seen. A read that was no listing says nothing of that.
fn hold(source: &mut SourceState, ended: &Ended, doubtful: Option<close::Lack>, now: Instant) {
    match (&ended.seen, doubtful) {
        (Seen::Some, _) => {}
        (Seen::Part(why), _) => {
            let since = source.partial.as_ref().map_or(now, |(since, _)| *since);
            source.partial = Some((since, short(why)));
        }
        (Seen::All, Some(lack)) => {
            let since = source.held.as_ref().map_or(now, |held| held.since);
            source.partial = None;
            source.held = Some(Held {
                since,
                read_at: ended.began,
                missing: lack.missing,
                of: lack.of,
                accepted: false,
            });
        }
        (Seen::All, None) => {
            (source.partial, source.held) = (None, None);
            source.complete_at = Some(ended.began);
        }
    }
}

pub(super) fn short(sentence: &str) -> String {
    sentence.chars().take(SENTENCE).collect()
}
