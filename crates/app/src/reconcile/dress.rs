//! What the configuration adds to what a source tells: who its owners are, which team
//! answers, labels, advice, and which credential is the source's own.
//!
//! Never takes away what people have set by hand.

use std::collections::BTreeMap;

use domain::inventory::{Credential, IssuerOwner, PlaceOfUse, SOURCE_LABEL};
use domain::kernel::{Email, Instant, SourceId};
use domain::people::{Directory, Owner};

use crate::sources::SourceSettings;

use super::identity;

/// Adds to what one source tells.
pub(super) struct Dresser<'a> {
    source: &'a SourceId,
    settings: Option<&'a SourceSettings>,
    directory: &'a Directory,
    now: Instant,
    /// Whom owners were found to be: few owners have many credentials.
    found: BTreeMap<Spelled, Option<Owner>>,
}

/// An issuer's owner: id, name, address.
type Spelled = (String, Option<String>, Option<String>);

impl<'a> Dresser<'a> {
    pub fn new(
        source: &'a SourceId,
        settings: Option<&'a SourceSettings>,
        directory: &'a Directory,
        now: Instant,
    ) -> Self {
        Self {
            source,
            settings,
            directory,
            now,
            found: BTreeMap::new(),
        }
    }

    /// Everybody at the time of the read.
    pub fn directory(&self) -> &'a Directory {
        self.directory
    }

    /// Sets the owner that the issuer names, and the team that answers.
    pub fn owner(&mut self, credential: &mut Credential, told: Option<IssuerOwner>) {
        let mapped = told
            .as_ref()
            .and_then(|owner| self.settings?.owners.find(owner))
            .cloned();
        let told = told.map(|mut owner| {
            let email = mapped.as_ref().and_then(|m| m.email.as_ref());
            owner.email = email.map(Email::to_string).or(owner.email);
            owner
        });
        let (now, directory) = (self.now, self.directory);
        identity::assign(credential, told, directory, now, |owner| {
            self.resolve(owner)
        });
        let mapped = mapped.and_then(|m| m.team);
        self.team(credential, mapped);
    }

    fn resolve(&mut self, owner: &IssuerOwner) -> Option<Owner> {
        let IssuerOwner { id, name, email } = owner.clone();
        let found = self.found.entry((id, name, email));
        found
            .or_insert_with(|| identity::resolve(owner, self.directory))
            .clone()
    }

    /// A team that stands stays; else that of the owner's row, else the source's.
    fn team(&self, credential: &mut Credential, mapped: Option<String>) {
        if credential.team.is_some() {
            return;
        }
        let usual = self.settings.and_then(|s| s.team.as_ref());
        let named = [mapped.as_ref(), usual].into_iter().flatten();
        let mut known = named.filter_map(|name| self.directory.team_named(name));
        credential.team = known.next().map(|team| team.id.clone());
    }

    /// Sets labels, advice and where it is renewed; and whether it is the credential that the source is read
    /// with, as `told` says or as the settings name it. Answers whether it is.
    pub fn rest(&self, credential: &mut Credential, told: bool) -> bool {
        if let Some(settings) = self.settings {
            let labels = settings.labels.clone();
            credential.labels.extend(labels);
            let more = settings.advice.iter();
            let more: Vec<_> = more.filter(|a| !credential.advice.contains(a)).collect();
            credential.advice.extend(more.into_iter().cloned());
            let usual = || settings.renew_url.clone();
            credential.origin_url = credential.origin_url.take().or_else(usual);
        }
        let named = self.settings.and_then(|s| s.own_id.as_ref());
        let own = told || named == Some(&credential.external_id);
        self.own(credential, own);
        own
    }

    fn own(&self, credential: &mut Credential, own: bool) {
        let what = format!("Forewarn source {}", self.source);
        let here = credential.labels.get(SOURCE_LABEL).map(String::as_str);
        if own {
            let label = (SOURCE_LABEL.to_owned(), self.source.to_string());
            credential.labels.extend([label]);
            if !credential.used_by.iter().any(|place| place.what == what) {
                credential.used_by.push(PlaceOfUse {
                    what,
                    url: None,
                    team: None,
                });
            }
        } else if here == Some(self.source.as_str()) {
            // Another has taken its place.
            credential.labels.remove(SOURCE_LABEL);
            credential.used_by.retain(|place| place.what != what);
        }
    }
}
