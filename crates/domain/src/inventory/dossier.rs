//! What a log tells of one credential, and what a directory says of its owner.
//!
//! [`Facts`] stay as small as they are, for `forewarn check` holds millions of them and
//! looks nobody up. Like them a dossier only grows, in any order.

use serde::{Deserialize, Serialize};

use crate::kernel::Instant;

use super::{Facts, IssuerOwner};

/// What the system's directory says of a holder. It is no event and may change, so of
/// several answers the latest counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Holder {
    /// When it was looked up. First, so that the latest is the greatest.
    pub seen_at: Instant,
    /// The id that was looked up.
    pub id: String,
    /// The name; `None` when the directory has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address; `None` when the directory has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Everything told so far of one credential, in the form in which it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// What the log tells.
    #[serde(flatten)]
    pub facts: Facts<String>,
    /// What the latest look-up said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
}

impl From<Facts<String>> for Dossier {
    fn from(facts: Facts<String>) -> Self {
        Self {
            facts,
            holder: None,
        }
    }
}

impl From<Holder> for Dossier {
    /// A look-up alone; it makes no credential.
    fn from(holder: Holder) -> Self {
        Self {
            facts: Facts::default(),
            holder: Some(holder),
        }
    }
}

impl Dossier {
    /// Adds what `other` holds: a join, like that of [`Facts`].
    pub fn merge(&mut self, other: Self) {
        self.facts.merge(other.facts);
        self.holder = self.holder.take().max(other.holder);
    }

    /// The owner as the log names it, with what the directory says of that very one.
    /// `None` when the log names nobody.
    pub fn owner(&self) -> Option<IssuerOwner> {
        let party = self.facts.owner()?;
        let holder = self.holder.as_ref().filter(|h| h.id == party.id);
        Some(IssuerOwner {
            id: party.id.clone(),
            name: holder
                .and_then(|h| h.name.clone())
                .or_else(|| party.name.clone()),
            email: holder.and_then(|h| h.email.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Creation, Party, Rank};
    use crate::kernel::Span;

    fn holder(second: i64, id: &str, name: &str) -> Dossier {
        Dossier::from(Holder {
            seen_at: Instant::EPOCH + Span::seconds(second),
            id: id.to_owned(),
            name: Some(name.to_owned()),
            email: Some(format!("{name}@example.org")),
        })
    }

    fn made(owner: &str) -> Dossier {
        let creation = Creation {
            owner: Some(Party {
                id: owner.to_owned(),
                name: Some("log".to_owned()),
            }),
            ..Creation::default()
        };
        Facts::of_creation(Rank::Preferred, creation).into()
    }

    fn joined(parts: &[&Dossier]) -> Dossier {
        let mut all = Dossier::default();
        for part in parts {
            all.merge((*part).clone());
        }
        all
    }

    /// B64: a look-up may come before, after or between the events.
    #[test]
    fn the_latest_look_up_counts_in_every_order() {
        let (made, old, new) = (made("u"), holder(1, "u", "old"), holder(2, "u", "new"));
        for order in [
            [&made, &old, &new],
            [&new, &made, &old],
            [&old, &new, &made],
            [&new, &old, &made],
        ] {
            let owner = joined(&order).owner().unwrap();
            assert_eq!(owner.name.as_deref(), Some("new"));
            assert_eq!(owner.email.as_deref(), Some("new@example.org"));
        }
    }

    #[test]
    fn a_look_up_of_another_says_nothing_of_the_owner() {
        let owner = joined(&[&made("u"), &holder(1, "v", "other")])
            .owner()
            .unwrap();
        assert_eq!((owner.name.as_deref(), owner.email), (Some("log"), None));
        assert_eq!(holder(1, "v", "other").owner(), None);
        assert!(!holder(1, "v", "other").facts.is_created());
    }

    #[test]
    fn it_reads_what_was_kept_before_there_were_look_ups() {
        let facts = made("u").facts;
        let kept = serde_json::to_value(&facts).unwrap();
        let read: Dossier = serde_json::from_value(kept.clone()).unwrap();
        assert_eq!(read, Dossier::from(facts));
        assert_eq!(serde_json::to_value(&read).unwrap(), kept);
        let whole = joined(&[&made("u"), &holder(1, "u", "n")]);
        let kept = serde_json::to_value(&whole).unwrap();
        assert_eq!(serde_json::from_value::<Dossier>(kept).unwrap(), whole);
    }
}
