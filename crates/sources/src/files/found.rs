//! A credential as it lies in a file, before it is known which one of the inventory it is.

use std::collections::{BTreeMap, BTreeSet};

use domain::inventory::{End, Listed, PlaceOfUse};
use domain::kernel::{Instant, Name};

use crate::decode::{CertificateFacts, Claims};

/// The most places of use that are told of one credential.
const PLACES_MAX: usize = 50;
/// The most names of one certificate that stand in its label.
const NAMES_MAX: usize = 20;

/// A credential that lies in one or more files.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// The word for what it is.
    pub(super) kind: &'static str,
    /// What it is called; part of its identity.
    pub(super) name: String,
    /// The files it lies in, by name.
    pub(super) paths: BTreeSet<String>,
    /// Of a certificate: what only this very one has.
    pub(super) fingerprint: Option<String>,
    pub(super) created_at: Option<Instant>,
    pub(super) end: End,
    pub(super) scopes: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) labels: BTreeMap<String, String>,
}

impl Found {
    /// Something without any facts yet.
    pub(super) fn new(kind: &'static str, name: &str, path: &str, end: End) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            paths: BTreeSet::from([path.to_owned()]),
            fingerprint: None,
            created_at: None,
            end,
            scopes: Vec::new(),
            roles: Vec::new(),
            labels: BTreeMap::new(),
        }
    }

    /// A certificate.
    pub(super) fn certificate(kind: &'static str, facts: &CertificateFacts, path: &str) -> Self {
        let mut found = Self::new(kind, facts.called(), path, facts.end);
        found.created_at = Some(facts.not_before);
        found.fingerprint = Some(facts.fingerprint.clone());
        let names: Vec<&str> = facts
            .names
            .iter()
            .take(NAMES_MAX)
            .map(String::as_str)
            .collect();
        found.label("sha256", &facts.fingerprint);
        found.label("serial", &facts.serial);
        found.label("subject", &facts.subject);
        found.label("issuer", &facts.issuer);
        found.label("names", &names.join(" "));
        found
    }

    /// A token that says when it ends.
    pub(super) fn token(kind: &'static str, claims: &Claims, path: &str) -> Self {
        let called = claims.subject.as_ref().or(claims.audience.first());
        let called = called
            .or(claims.issuer.as_ref())
            .filter(|name| !name.trim().is_empty());
        let called = called.map_or("token", String::as_str);
        let mut found = Self::new(kind, called, path, claims.end);
        found.created_at = claims.issued_at.or(claims.not_before);
        found.scopes = claims.scopes.clone();
        found.roles = claims.roles.clone();
        found.label("issuer", claims.issuer.as_deref().unwrap_or_default());
        found.label("audience", &claims.audience.join(" "));
        found.label("jti", claims.id.as_deref().unwrap_or_default());
        found
    }

    /// Adds a label; an empty one is left out.
    pub(super) fn label(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.labels
                .insert(key.to_owned(), value.chars().take(500).collect());
        }
    }

    /// The first of its files.
    pub(super) fn path(&self) -> &str {
        self.paths.first().map_or("", String::as_str)
    }

    /// As a listing tells it.
    pub(super) fn listed(self, external_id: String) -> Listed {
        let place = |path: &String| PlaceOfUse {
            what: path.clone(),
            url: None,
            team: None,
        };
        Listed {
            external_id,
            parent: None,
            kind: self.kind.to_owned(),
            name: Name::lossy(&self.name),
            owner: None,
            scopes: self.scopes,
            roles: self.roles,
            created_at: self.created_at,
            end: self.end,
            last_used_at: None,
            use_is_known: false,
            revoked_at: None,
            suspended: false,
            labels: self.labels,
            used_by: self.paths.iter().take(PLACES_MAX).map(place).collect(),
            origin_url: None,
            advice: Vec::new(),
            own: false,
        }
    }
}
