//! A credential: anything with an end that the inventory holds.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kernel::{CredentialId, Instant, Name, SourceId, Span, TeamId};
use crate::people::{Owner, Recipient};

/// When a credential stops working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "at")]
pub enum End {
    /// At this instant it is already dead.
    Known(Instant),
    /// The issuer says it has no end.
    Never,
    /// The issuer does not say, or says something unusable.
    Unknown,
}

/// The owner as the issuing system names it, before it is resolved to a person.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IssuerOwner {
    /// The issuer's id of the owner.
    pub id: String,
    /// The issuer's name of the owner.
    pub name: Option<String>,
    /// The owner's address, where the issuer tells it.
    pub email: Option<String>,
}

/// The issuer, asked about the credential by means of the credential, refuses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// When that was first seen.
    pub since: Instant,
    /// What the issuer answered, in a few words: "it answered 401".
    pub why: String,
}

/// A rotation ended a life before the end it was meant to have. How long it was meant to
/// live says whether it is too short-lived to warn of, and how long successors may live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// When the first such rotation was.
    pub at: Instant,
    /// The end it was issued with.
    pub meant: End,
}

/// A place that breaks when the credential lapses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceOfUse {
    /// What it is: "nightly export".
    pub what: String,
    /// Where it is looked at or mended.
    pub url: Option<String>,
    /// Who runs it.
    pub team: Option<String>,
}

/// Anything with an end that the inventory holds, whoever issued it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Our id. For tokens issued here the token's public id, otherwise derived from
    /// source, parent, kind and the issuer's id.
    pub id: CredentialId,
    /// Where it is watched; `forewarn` for tokens issued here.
    pub source: SourceId,
    /// What the issuer's id is unique within, where it is not unique in the source.
    pub parent: Option<String>,
    /// The issuer's id.
    pub external_id: String,
    /// The issuer's word for what it is: `API_TOKEN`, `personal`, …
    pub kind: String,
    /// As shown.
    pub name: Name,
    /// False when the issuer gave no name and we made one up; such names say nothing
    /// about succession.
    pub name_is_given: bool,
    /// The accountable one; `None` when nobody could be resolved.
    pub owner: Option<Owner>,
    /// The owner as the issuer names it.
    pub issuer_owner: Option<IssuerOwner>,
    /// The team that answers for it.
    pub team: Option<TeamId>,
    /// Others who want to hear.
    #[serde(default)]
    pub watchers: BTreeSet<Recipient>,
    /// What it allows, in the issuer's words. For tokens issued here: the effective
    /// scopes when last computed.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The roles it carries, in the issuer's words.
    #[serde(default)]
    pub roles: Vec<String>,
    /// When it was issued; `None` if not known.
    pub created_at: Option<Instant>,
    /// When it stops working.
    pub end: End,
    /// The latest use known; `None` means never used *or* not known.
    pub last_used_at: Option<Instant>,
    /// Whether `last_used_at` can be trusted to say "never".
    pub use_is_known: bool,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// When it was found missing from two complete reads.
    pub gone_at: Option<Instant>,
    /// True while its owner is disabled: it does not work but may revive.
    pub suspended: bool,
    /// True while nobody who can act owns it.
    pub orphaned: bool,
    /// True while its own rotation's overlap runs: it has no steps then.
    #[serde(default)]
    pub in_overlap: bool,
    /// Set once its own rotation cut its life short.
    #[serde(default)]
    pub cut: Option<Cut>,
    /// The credential that takes its place, where one is known.
    pub successor: Option<CredentialId>,
    /// Free labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// What breaks when it lapses.
    #[serde(default)]
    pub used_by: Vec<PlaceOfUse>,
    /// Where it is renewed in the issuing system.
    pub origin_url: Option<String>,
    /// Sentences of advice from its source.
    #[serde(default)]
    pub advice: Vec<String>,
    /// The first lead time, chosen by hand for this credential.
    pub lead_time: Option<Span>,
    /// What events told of it, for sources that are folded from events.
    pub facts: Option<serde_json::Value>,
    /// When it was first seen.
    pub first_seen_at: Instant,
    /// Whether it came with the first import of its source.
    #[serde(default)]
    pub from_first_import: bool,
    /// When its source last confirmed it.
    pub confirmed_at: Instant,
    /// Set while its issuer refuses it, although nothing that is known says that it
    /// ended.
    #[serde(default)]
    pub refused: Option<Refused>,
    /// For compare-and-set; 0 means not stored yet.
    pub version: u64,
}

/// The label of the credential that a source is read with; its value is the source's id.
pub const SOURCE_LABEL: &str = "forewarn.source";
/// The label of a credential that a channel sends with; its value is the channel's id.
pub const CHANNEL_LABEL: &str = "forewarn.channel";

/// The source of the tokens issued here.
const ISSUED_HERE: &str = "forewarn";

impl Credential {
    /// Whether Forewarn itself works with it, as its labels say.
    pub fn is_ours(&self) -> bool {
        [SOURCE_LABEL, CHANNEL_LABEL]
            .iter()
            .any(|label| self.labels.contains_key(*label))
    }

    /// Whether a person who can act owns it, and an integration works with it: one of its
    /// places of use, or a monitor that depends on it.
    pub fn carries_for_a_person(&self, is_depended_on: bool) -> bool {
        let personal = matches!(self.owner, Some(Owner::Person(_))) && !self.orphaned;
        personal && (is_depended_on || !self.used_by.is_empty())
    }

    /// Whether Forewarn issued it, so that it ends when its owner leaves.
    pub fn is_issued_here(&self) -> bool {
        self.source.as_str() == ISSUED_HERE
    }

    /// The id that a watched credential always gets.
    pub fn derive_id(
        source: &SourceId,
        parent: Option<&str>,
        kind: &str,
        external_id: &str,
    ) -> CredentialId {
        CredentialId::derived(&[source.as_str(), parent.unwrap_or(""), kind, external_id])
    }

    /// The end it was meant to have when it was issued: the one it has, unless its own
    /// rotation cut that.
    pub fn meant_end(&self) -> End {
        self.cut.map_or(self.end, |cut| cut.meant)
    }

    /// The end, where it is known.
    pub const fn expires_at(&self) -> Option<Instant> {
        match self.end {
            End::Known(at) => Some(at),
            End::Never | End::Unknown => None,
        }
    }

    /// Time left at `now`; negative after the end, `None` without a known end.
    pub fn remaining(&self, now: Instant) -> Option<Span> {
        self.expires_at().map(|end| now.until(end))
    }
}
