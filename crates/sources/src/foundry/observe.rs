//! From what a line tells to observations of the inventory.

use std::collections::BTreeSet;

use app::ports::{Decoded, Decoder};
use domain::inventory::{Facts, Observation};
use domain::kernel::Instant;
use foundry::Telling;
use serde_json::{Map, Value};

/// The kind under which every event is filed: a revocation does not know its token's
/// type, so the type cannot be part of the identity.
pub(super) const KIND: &str = "foundry_token";

/// Reads single audit lines, as they are pushed.
#[derive(Clone, Debug)]
pub struct FoundryEvents {
    types: Option<BTreeSet<String>>,
}

/// An observation, and what the readers need to know of it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub observation: Observation,
    /// The id of whom a creation names as holder, or else as the one who acted.
    pub holder: Option<String>,
    /// The end that a creation names.
    pub expires_at: Option<Instant>,
}

/// A line that is not an audit line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the line is not a JSON object")]
pub struct Unreadable;

impl FoundryEvents {
    /// Creations of these types count, and those that name no type; `None`: all.
    pub fn of_types(types: Option<BTreeSet<String>>) -> Self {
        Self { types }
    }

    /// `None` in the configuration means API tokens; `any` means every type.
    pub fn configured(types: Option<&[String]>) -> Self {
        let Some(types) = types else {
            return Self::of_types(Some(BTreeSet::from([
                foundry::DEFAULT_TOKEN_TYPE.to_owned()
            ])));
        };
        let any = types.iter().any(|t| t == "any");
        Self::of_types((!any).then(|| types.iter().cloned().collect()))
    }

    /// What one line tells; nothing for lines about other things.
    ///
    /// # Errors
    /// The line is not a JSON object.
    pub fn read(&self, line: &[u8]) -> Result<Vec<Observation>, Unreadable> {
        let line: Map<String, Value> = serde_json::from_slice(line).map_err(|_| Unreadable)?;
        Ok(self.observe(&foundry::tellings(&line)))
    }

    /// Observations of what was told.
    pub(super) fn observe(&self, told: &[Telling]) -> Vec<Observation> {
        let told = self.told(told).into_iter();
        told.map(|told| told.observation).collect()
    }

    /// Observations of what was told, and whom they name.
    pub(super) fn told(&self, told: &[Telling]) -> Vec<Told> {
        told.iter()
            .filter_map(|telling| self.one(telling))
            .collect()
    }

    fn one(&self, telling: &Telling) -> Option<Told> {
        let (mut holder, mut expires_at) = (None, None);
        let (id, facts): (_, Facts<String>) = match telling {
            Telling::Made { id, rank, creation } => {
                let chosen = match (&self.types, &creation.kind) {
                    (Some(types), Some(kind)) => types.contains(kind),
                    _ => true,
                };
                if !chosen {
                    return None;
                }
                let party = creation.owner.as_ref().or(creation.actor.as_ref());
                holder = party.map(|party| party.id.clone());
                expires_at = creation.expires_at;
                (id, Facts::of_creation(*rank, creation.clone()))
            }
            Telling::Ended { id, at } => (id, Facts::of_revocation(*at)),
        };
        let observation = Observation::Event {
            external_id: id.clone(),
            kind: KIND.to_owned(),
            facts: serde_json::to_value(facts).ok()?,
        };
        Some(Told {
            observation,
            holder,
            expires_at,
        })
    }
}

impl Decoder for FoundryEvents {
    fn decode(&self, line: &[u8]) -> Decoded {
        let Ok(line) = serde_json::from_slice::<Map<String, Value>>(line) else {
            return Decoded::NotMine;
        };
        let told = self.observe(&foundry::tellings(&line));
        match told.is_empty() {
            // A credential in our own form has a key that no audit line has.
            true if line.contains_key("external_id") => Decoded::NotMine,
            true => Decoded::Nothing,
            false => Decoded::Told(told),
        }
    }
}
