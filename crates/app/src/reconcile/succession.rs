//! Does what is new take the place of something that is known?
//!
//! Links the two, so that lists and messages can say so. Whether the old one's alert is
//! over is the plan's to decide, at the time.

use domain::expiry::{Subject, Successor};
use domain::inventory::Credential;
use domain::kernel::Instant;

use crate::Context;
use crate::ports::{Changes, StoreError, Write};

/// Links each of these, which were stored for the first time just now, with what it
/// replaces and with what replaces it.
pub(super) async fn link(ctx: &Context, new: Vec<Credential>) -> Result<(), StoreError> {
    for mut credential in new {
        if !credential.name_is_given || credential.created_at.is_none() {
            continue;
        }
        credential.version += 1;
        let mut changed = Vec::new();
        for mut other in namesakes(ctx, &credential).await? {
            if credential.successor.is_none() {
                let later = Successor::of(&credential, &other);
                credential.successor = later.map(|later| later.id);
            }
            if other.successor.is_none() && Successor::of(&other, &credential).is_some() {
                other.successor = Some(credential.id.clone());
                changed.push(other);
            }
        }
        let linked = credential.successor.is_some().then_some(credential);
        save(ctx, changed.into_iter().chain(linked)).await?;
    }
    Ok(())
}

/// Everything of the same owner and given name in the same source, oldest first.
async fn namesakes(ctx: &Context, of: &Credential) -> Result<Vec<Credential>, StoreError> {
    let since_ever = Credential {
        created_at: Some(Instant::EPOCH),
        ..of.clone()
    };
    ctx.store.possible_successors(&since_ever).await
}

async fn save(ctx: &Context, linked: impl Iterator<Item = Credential>) -> Result<(), StoreError> {
    let now = ctx.now();
    let writes = linked.flat_map(|credential| {
        let subject = Subject::Credential(credential.id.clone());
        let put = Write::PutCredential(Box::new(credential));
        [put, Write::DueAtLatest(subject, now)]
    });
    let (writes, audit) = (writes.collect::<Vec<_>>(), Vec::new());
    if writes.is_empty() {
        return Ok(());
    }
    match ctx.store.commit(Changes { writes, audit }).await {
        // Somebody is changing one of them. The plan looks for a successor by itself.
        Err(StoreError::Conflict(_)) => Ok(()),
        other => other,
    }
}
