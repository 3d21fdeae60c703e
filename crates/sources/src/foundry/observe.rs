//! From what a line tells to observations of the inventory.

use std::collections::BTreeSet;

use app::ports::{Decoded, Decoder};
use domain::inventory::{Facts, Observation};
use foundry::Telling;
use serde_json::{Map, Value};

/// The kind under which every event is filed: a revocation does not know its token's
/// type, so the type cannot be part of the identity.
const KIND: &str = "foundry_token";

/// Reads single audit lines, as they are pushed.
#[derive(Clone, Debug)]
pub struct FoundryEvents {
    types: Option<BTreeSet<String>>,
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
        told.iter()
            .filter_map(|telling| self.one(telling))
            .collect()
    }

    fn one(&self, telling: &Telling) -> Option<Observation> {
        let (id, facts): (_, Facts<String>) = match telling {
            Telling::Made { id, rank, creation } => {
                let chosen = match (&self.types, &creation.kind) {
                    (Some(types), Some(kind)) => types.contains(kind),
                    _ => true,
                };
                if !chosen {
                    return None;
                }
                (id, Facts::of_creation(*rank, creation.clone()))
            }
            Telling::Ended { id, at } => (id, Facts::of_revocation(*at)),
        };
        Some(Observation::Event {
            external_id: id.clone(),
            kind: KIND.to_owned(),
            facts: serde_json::to_value(facts).ok()?,
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
