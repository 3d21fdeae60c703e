//! A mailbox that does not exist any more: its person is marked, and everything the
//! person answers for is looked at again, so that others hear instead.

use domain::kernel::{Instant, PersonId};
use domain::people::Recipient;

use crate::Context;
use crate::ports::{AuditEntry, Changes, CredentialFilter, StoreError, Write};
use crate::sweep::requeue;

/// How often a person that is being changed is read again.
const TRIES: usize = 4;

/// Marks the person and puts what the person owns, or hears of through a team, on the
/// queue. Other recipients have nobody to mark.
pub(super) async fn mark_bounced(
    ctx: &Context,
    recipient: &Recipient,
    now: Instant,
) -> Result<(), StoreError> {
    let Recipient::Person(id) = recipient else {
        return Ok(());
    };
    if !mark(ctx, id, now).await? {
        return Ok(());
    }
    let owned = CredentialFilter {
        owner: Some(id.to_string()),
        ..CredentialFilter::default()
    };
    requeue(ctx, &owned).await?;
    let directory = ctx.store.directory().await?;
    for team in directory.teams_of(id) {
        let of_team = CredentialFilter {
            team: Some(team.id.clone()),
            ..CredentialFilter::default()
        };
        requeue(ctx, &of_team).await?;
    }
    ctx.sweep_wanted.notify_one();
    Ok(())
}

/// Whether the person was marked now.
async fn mark(ctx: &Context, id: &PersonId, now: Instant) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        let Some(mut person) = ctx.store.person(id).await? else {
            return Ok(false);
        };
        if person.bounced_at.is_some() {
            return Ok(false);
        }
        person.bounced_at = Some(now);
        let audit = AuditEntry {
            at: now,
            actor: "system".to_owned(),
            action: "person.bounce".to_owned(),
            target: format!("person:{id}"),
            details: serde_json::json!({}),
        };
        let changes = Changes {
            writes: vec![Write::PutPerson(person)],
            audit: vec![audit],
        };
        match ctx.store.commit(changes).await {
            Err(StoreError::Conflict(_)) => {}
            other => return other.map(|()| true),
        }
    }
    Ok(false)
}
