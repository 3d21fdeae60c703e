//! A credential as a fixture says it must be listed.

use std::collections::BTreeMap;

use domain::inventory::{End, Listed};
use domain::kernel::Instant;
use serde::Deserialize;

/// A credential in words that are easily compared. What is not written must be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub kind: String,
    pub parent: Option<String>,
    pub id: String,
    pub name: Option<String>,
    pub owner: Option<Owner>,
    pub created: Option<String>,
    /// An instant, `never` or `unknown`.
    pub end: String,
    pub last_used: Option<String>,
    #[serde(default)]
    pub scopes: Vec<String>,
    #[serde(default)]
    pub roles: Vec<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub used_by: Vec<String>,
    /// `active`, `expired`, `suspended` or `revoked`.
    #[serde(default = "active")]
    pub state: String,
    /// Whether it is what the source reads with.
    #[serde(default)]
    pub own: bool,
    /// Compared where it is written.
    pub renew_url: Option<String>,
}

/// The owner as the issuer names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    pub id: String,
    pub name: Option<String>,
    pub email: Option<String>,
}

fn active() -> String {
    "active".to_owned()
}

impl Row {
    /// What was listed, with the fake's address taken back out.
    pub fn of(listed: &Listed, now: Instant, origin: &str) -> Self {
        let text = |at: &Instant| at.to_string();
        let plain = |text: &String| text.replace(origin, "{origin}");
        Self {
            kind: listed.kind.clone(),
            parent: listed.parent.clone(),
            id: listed.external_id.clone(),
            name: listed.name.as_ref().map(|name| name.as_str().to_owned()),
            owner: listed.owner.as_ref().map(|owner| Owner {
                id: owner.id.clone(),
                name: owner.name.clone(),
                email: owner.email.clone(),
            }),
            created: listed.created_at.as_ref().map(text),
            end: match &listed.end {
                End::Known(at) => text(at),
                End::Never => "never".to_owned(),
                End::Unknown => "unknown".to_owned(),
            },
            last_used: listed.last_used_at.as_ref().map(text),
            scopes: listed.scopes.clone(),
            roles: listed.roles.clone(),
            labels: listed.labels.clone(),
            used_by: listed
                .used_by
                .iter()
                .map(|place| place.what.clone())
                .collect(),
            state: state(listed, now).to_owned(),
            own: listed.own,
            renew_url: listed.origin_url.as_ref().map(plain),
        }
    }

    /// What makes it one credential.
    pub fn identity(&self) -> (String, Option<String>, String) {
        (self.kind.clone(), self.parent.clone(), self.id.clone())
    }
}

fn state(listed: &Listed, now: Instant) -> &'static str {
    match listed.end {
        _ if listed.revoked_at.is_some() => "revoked",
        _ if listed.suspended => "suspended",
        End::Known(at) if at <= now => "expired",
        _ => "active",
    }
}
