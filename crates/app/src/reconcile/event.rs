//! Events tell of a credential in pieces, in any order, any number of times.
//!
//! What they told is kept as facts that only grow. A revocation whose creation nobody
//! has seen is kept aside as a tombstone: it makes no row, and when the creation comes
//! late the credential is revoked at once.

use std::collections::{BTreeMap, BTreeSet};

use domain::inventory::{Credential, Dossier, End, Listed, Observation};
use domain::kernel::{CredentialId, SourceId};

use crate::Context;
use crate::ports::{StoreError, Write};

use super::batch::Desk;
use super::listed;

/// Revocations of what nobody has seen.
#[derive(Default)]
pub(super) struct Tombstones {
    facts: BTreeMap<CredentialId, Dossier>,
    changed: BTreeSet<CredentialId>,
}

/// The id of what events tell of. Readers of events give one kind to all of a source's
/// credentials, for a revocation does not know its token's type.
pub(super) fn id_of(source: &SourceId, kind: &str, external_id: &str) -> CredentialId {
    Credential::derive_id(source, None, kind, external_id)
}

/// Adds what an event told.
pub(super) fn merge(desk: &mut Desk<'_>, external_id: &str, kind: &str, facts: &serde_json::Value) {
    let Ok(told) = serde_json::from_value::<Dossier>(facts.clone()) else {
        return;
    };
    let id = id_of(&desk.source.id, kind, external_id);
    let known = desk.known.remove(&id);
    let mut all = match &known {
        Some(credential) => stored(credential),
        None => desk.tombstones.facts.remove(&id).unwrap_or_default(),
    };
    all.merge(told);
    if !all.facts.is_created() {
        desk.tombstones.changed.insert(id.clone());
        desk.tombstones.facts.insert(id, all);
        return;
    }
    let new = || fresh(desk, &id, external_id, kind);
    let mut credential = known.unwrap_or_else(new);
    believe(desk, &mut credential, &all);
    desk.known.insert(id, credential);
}

/// What was told of it so far.
pub(super) fn stored(credential: &Credential) -> Dossier {
    let kept = credential.facts.clone();
    kept.and_then(|facts| serde_json::from_value(facts).ok())
        .unwrap_or_default()
}

fn fresh(desk: &Desk<'_>, id: &CredentialId, external_id: &str, kind: &str) -> Credential {
    let told = Listed::new(external_id, kind);
    listed::fresh(desk, id, &told)
}

/// Sets what the facts say as a whole.
fn believe(desk: &mut Desk<'_>, credential: &mut Credential, known: &Dossier) {
    let facts = &known.facts;
    credential.facts = serde_json::to_value(known).ok();
    credential.kind = facts
        .kind()
        .cloned()
        .unwrap_or_else(|| credential.kind.clone());
    credential.created_at = facts.created_at();
    credential.end = facts.expires_at().map_or(End::Unknown, End::Known);
    if facts.is_revoked() {
        let seen = credential.revoked_at.unwrap_or(desk.now);
        credential.revoked_at = Some(facts.revoked_at().unwrap_or(seen));
    }
    credential.confirmed_at = desk.began;
    desk.dresser.owner(credential, known.owner());
    // A log tells neither; what the source adds may have changed.
    credential.advice.clear();
    credential.origin_url = None;
    if desk.dresser.rest(credential, false) {
        desk.own = Some(credential.id.clone());
    }
}

/// What a single event tells, as a listing would show it; `None` if it cannot be read.
pub(crate) fn as_listed(
    external_id: &str,
    kind: &str,
    facts: &serde_json::Value,
) -> Option<Listed> {
    let told = serde_json::from_value::<Dossier>(facts.clone()).ok()?;
    let facts = &told.facts;
    let kind = facts.kind().map_or(kind, String::as_str);
    Some(Listed {
        owner: told.owner(),
        created_at: facts.created_at(),
        end: facts.expires_at().map_or(End::Unknown, End::Known),
        revoked_at: facts.revoked_at(),
        ..Listed::new(external_id, kind)
    })
}

impl Tombstones {
    /// Reads the tombstones of what the events tell of and nobody has seen.
    pub async fn load(
        &mut self,
        ctx: &Context,
        source: &SourceId,
        known: &BTreeMap<CredentialId, Credential>,
        observations: &[Observation],
    ) -> Result<(), StoreError> {
        for observation in observations {
            let Observation::Event {
                external_id, kind, ..
            } = observation
            else {
                continue;
            };
            let id = id_of(source, kind, external_id);
            if known.contains_key(&id) || self.facts.contains_key(&id) {
                continue;
            }
            let kept = ctx.store.meta(&key(&id)).await?;
            let facts = kept.and_then(|text| serde_json::from_str(&text).ok());
            self.facts.insert(id, facts.unwrap_or_default());
        }
        Ok(())
    }

    /// What to store of those that changed and still have no credential.
    pub fn writes(&self) -> Vec<Write> {
        let kept = self.changed.iter().filter_map(|id| {
            let facts = self.facts.get(id)?;
            let text = serde_json::to_string(facts).ok()?;
            Some(Write::SetMeta(key(id), text))
        });
        kept.collect()
    }
}

fn key(id: &CredentialId) -> String {
    format!("tombstone.{id}")
}
