//! One batch: load what it touches, merge, decide when to look again, commit.

use std::collections::BTreeMap;

use domain::expiry::{Subject, patience};
use domain::inventory::{Credential, Observation};
use domain::kernel::{CredentialId, Instant, Span};

use crate::first_look::FirstLook;
use crate::ports::{SourceState, StoreError, Write};
use crate::{Context, Settings};

use super::dress::Dresser;
use super::{Behind, Tally, event, listed, refused, state, succession};

/// Rows asked for at once.
const CHUNK: usize = 500;
/// What ends within this is said even while the first import still runs.
const URGENT: Span = Span::days(1);

/// What a batch is merged into.
pub(super) struct Desk<'a> {
    pub source: &'a SourceState,
    /// What people and the configuration add.
    pub dresser: Dresser<'a>,
    pub known: BTreeMap<CredentialId, Credential>,
    /// Revocations of credentials nobody has seen yet, by external id.
    pub tombstones: event::Tombstones,
    /// The credential that the source is read with, where this batch tells of it.
    pub own: Option<CredentialId>,
    /// When the read began: "confirmed at".
    pub began: Instant,
    pub now: Instant,
}

/// Applies a batch and moves checkpoint and counts. Answers what it did to credentials.
pub(super) async fn apply(
    ctx: &Context,
    source: &mut SourceState,
    observations: &[Observation],
    behind: Option<Behind>,
    began: Instant,
) -> Result<Tally, StoreError> {
    let (directory, settings) = (ctx.store.directory().await?, ctx.settings.load_full());
    let before = known(ctx, source, observations).await?;
    let mut tombstones = event::Tombstones::default();
    tombstones
        .load(ctx, &source.id, &before, observations)
        .await?;
    let own = settings.sources.get(&source.id);
    let mut desk = Desk {
        source,
        dresser: Dresser::new(&source.id, own, &directory, ctx.now()),
        known: before.clone(),
        tombstones,
        own: None,
        began,
        now: ctx.now(),
    };
    for observation in observations {
        match observation {
            Observation::Listed(told) => listed::merge(&mut desk, told),
            Observation::Event {
                external_id,
                kind,
                facts,
            } => event::merge(&mut desk, external_id, kind, facts),
            Observation::Refused { told, why } => refused::merge(&mut desk, told, why),
        }
    }
    let mut writes = changed(ctx, &desk, &before);
    let mut tally = Tally::of(&before, &desk.known);
    writes.extend(desk.tombstones.writes());
    let mut next = source.clone();
    next.own = desk.own.or(next.own);
    if let Some(Behind { checkpoint, counts }) = behind {
        next.checkpoint = Some(checkpoint);
        next.read = next.read.saturating_add(counts.read);
        next.unreadable = next.unreadable.saturating_add(counts.unreadable);
        tally.counted = counts;
    }
    let wake = writes.iter().any(|w| matches!(w, Write::SetDue(..)));
    let new = desk.known.into_values();
    let new = new.filter(|c| !before.contains_key(&c.id)).collect();
    state::save_with(ctx, &mut next, writes).await?;
    *source = next;
    succession::link(ctx, new).await?;
    if wake && source.imported {
        ctx.sweep_wanted.notify_one();
    }
    Ok(tally)
}

async fn known(
    ctx: &Context,
    source: &SourceState,
    observations: &[Observation],
) -> Result<BTreeMap<CredentialId, Credential>, StoreError> {
    let id_of = |observation: &Observation| match observation {
        Observation::Listed(told) | Observation::Refused { told, .. } => {
            listed::id_of(&source.id, told)
        }
        Observation::Event {
            external_id, kind, ..
        } => event::id_of(&source.id, kind, external_id),
    };
    let ids: std::collections::BTreeSet<CredentialId> = observations.iter().map(id_of).collect();
    let ids: Vec<CredentialId> = ids.into_iter().collect();
    let mut known = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let found = ctx.store.credentials_of(chunk).await?;
        known.extend(found.into_iter().map(|c| (c.id.clone(), c)));
    }
    Ok(known)
}

/// What differs from before, each with its next due instant.
fn changed(
    ctx: &Context,
    desk: &Desk<'_>,
    before: &BTreeMap<CredentialId, Credential>,
) -> Vec<Write> {
    let settings = ctx.settings.load();
    let first = FirstLook::new(&settings, desk.dresser.directory(), desk.now);
    let mut writes = Vec::new();
    for (id, credential) in &desk.known {
        let old = before.get(id);
        if old == Some(credential) {
            continue;
        }
        let only_confirmed = old.is_some_and(|old| {
            let mut same = old.clone();
            same.confirmed_at = credential.confirmed_at;
            same == *credential
        });
        writes.push(Write::PutCredential(Box::new(credential.clone())));
        if !only_confirmed {
            let first = old.is_none().then_some(&first);
            writes.push(due(&settings, desk, credential, first));
        }
    }
    writes
}

/// When the sweep looks: at once if anything may be due, else where it is new at its first
/// look. While the first import runs it is held back, for the import is told of in one
/// message.
fn due(
    settings: &Settings,
    desk: &Desk<'_>,
    credential: &Credential,
    first: Option<&FirstLook<'_>>,
) -> Write {
    let subject = Subject::Credential(credential.id.clone());
    if !desk.source.imported {
        let left = credential.remaining(desk.now);
        let ends_soon = left.is_some_and(|left| left.is_positive() && left <= URGENT);
        let urgent = ends_soon || credential.refused.is_some();
        let patience = patience(settings.interval_of(&desk.source.id));
        let at = if urgent {
            desk.now
        } else {
            desk.now + patience
        };
        return Write::SetDue(subject, Some(at));
    }
    let far = first.and_then(|first| first.at(credential));
    Write::SetDue(subject, far.unwrap_or(Some(desk.now)))
}
