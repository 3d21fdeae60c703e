//! Who the owners are: the log names them by id, the directory knows name and address.
//!
//! Everybody is looked up once a week at most. A directory that does not answer costs
//! nothing but names: the ids stand, the read goes on, and what could not be looked up is
//! tried again with the next read. Page: palantir/foundry-platform-python
//! `docs/v2/Admin/User.md`, read 2026-11-26.

use std::collections::BTreeMap;

use domain::inventory::{Dossier, Holder, Observation};
use domain::kernel::{Instant, Span};
use serde::{Deserialize, Serialize};

use super::client::{Client, Refused};
use crate::auth::Bearer;
use crate::foundry::observe::{KIND, Told};

/// How long an answer of the directory is believed.
const FRESH: Span = Span::days(7);
/// Users remembered; who was looked up longest ago is forgotten first.
const KNOWN_MAX: usize = 1_000;
/// Credentials whose owner waits to be looked up; beyond that the id stands.
const WAITING_MAX: usize = 1_000;
/// Look-ups in one read.
const LOOKUPS_MAX: usize = 2_000;
/// Owners of what ended longer ago are not looked up.
const OVER: Span = Span::days(7);
/// The longest name or address that is kept, in characters.
const TEXT_MAX: usize = 200;

/// What was looked up, and what is still to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Names {
    #[serde(default)]
    known: BTreeMap<String, Known>,
    /// User and credential.
    #[serde(default)]
    waiting: Vec<(String, String)>,
}

/// What the directory said of a user; all `None` for one that does not exist any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// A user as the Admin API shows it; the rest of the answer is dropped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    username: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    email: Option<String>,
}

/// The directory, for one read.
pub(super) struct Directory<'a> {
    client: &'a Client,
    /// `None`: nobody is looked up.
    bearer: Option<&'a Bearer>,
    asked: usize,
    /// Why nobody else is looked up in this read.
    shut: Option<String>,
}

impl<'a> Directory<'a> {
    pub(super) fn new(client: &'a Client, bearer: Option<&'a Bearer>) -> Self {
        Self {
            client,
            bearer,
            asked: 0,
            shut: None,
        }
    }

    /// What is to be remarked.
    pub(super) fn remark(self) -> Option<String> {
        self.shut
    }

    /// Adds to what a file tells who the owners are.
    pub(super) async fn name(&mut self, names: &mut Names, told: Vec<Told>) -> Vec<Observation> {
        let mut all = Vec::with_capacity(told.len());
        for told in told {
            let holder = match &told.holder {
                Some(user) if !self.is_over(&told) => self.holder(names, user, &told).await,
                _ => None,
            };
            all.push(told.observation);
            all.extend(holder);
        }
        all
    }

    /// Tries those again that could not be looked up before.
    pub(super) async fn try_again(&mut self, names: &mut Names) -> Vec<Observation> {
        let mut all = Vec::new();
        for (user, credential) in std::mem::take(&mut names.waiting) {
            match self.find(names, &user).await {
                Some(known) => all.extend(observation(&user, &credential, known)),
                None => names.wait(user, credential),
            }
        }
        all
    }

    fn is_over(&self, told: &Told) -> bool {
        let long_ago = self.client.clock.now() - OVER;
        told.expires_at.is_some_and(|end| end < long_ago)
    }

    async fn holder(&mut self, names: &mut Names, user: &str, told: &Told) -> Option<Observation> {
        let Observation::Event { external_id, .. } = &told.observation else {
            return None;
        };
        let found = self.find(names, user).await;
        if found.is_none() && self.bearer.is_some() {
            names.wait(user.to_owned(), external_id.clone());
        }
        observation(user, external_id, found?)
    }

    /// What is known of a user, or what the directory says; `None` when it cannot be
    /// asked.
    async fn find(&mut self, names: &mut Names, user: &str) -> Option<Known> {
        let now = self.client.clock.now();
        let fresh = |known: &&Known| now < known.at + FRESH;
        if let Some(known) = names.known.get(user).filter(fresh) {
            return Some(known.clone());
        }
        let bearer = self.bearer.filter(|_| self.shut.is_none())?;
        if self.asked == LOOKUPS_MAX {
            self.shut = Some(format!(
                "{LOOKUPS_MAX} owners were looked up; the others follow with the next reads"
            ));
            return None;
        }
        self.asked += 1;
        match self.ask(bearer, user).await {
            Ok(told) => Some(names.keep(user, told, now)),
            Err(Refused::Missing) => Some(names.keep(user, User::nobody(), now)),
            Err(refused) => {
                let why = refused.into_error("a user");
                self.shut = Some(format!(
                    "names of owners cannot be looked up, ids are shown instead: {why}"
                ));
                None
            }
        }
    }

    async fn ask(&self, bearer: &Bearer, user: &str) -> Result<User, Refused> {
        let url = self.client.url(&["admin", "users", user], &[])?;
        self.client.json(bearer, &url).await
    }
}

impl Names {
    fn keep(&mut self, user: &str, told: User, at: Instant) -> Known {
        let known = told.known(at);
        self.known.insert(user.to_owned(), known.clone());
        if self.known.len() > KNOWN_MAX {
            let oldest = self.known.iter().min_by_key(|(_, known)| known.at);
            let oldest = oldest.map(|(user, _)| user.clone());
            oldest.and_then(|user| self.known.remove(&user));
        }
        known
    }

    fn wait(&mut self, user: String, credential: String) {
        let pair = (user, credential);
        if self.waiting.len() < WAITING_MAX && !self.waiting.contains(&pair) {
            self.waiting.push(pair);
        }
    }
}

impl User {
    fn nobody() -> Self {
        Self {
            username: None,
            given_name: None,
            family_name: None,
            email: None,
        }
    }

    /// People go by their names, service users by their user name.
    fn known(self, at: Instant) -> Known {
        let parts = [self.given_name, self.family_name];
        let whole: Vec<_> = parts.into_iter().flatten().filter_map(clean).collect();
        let whole = (!whole.is_empty()).then(|| whole.join(" "));
        Known {
            at,
            name: whole.or_else(|| self.username.and_then(clean)),
            email: self.email.and_then(clean),
        }
    }
}

/// One line of bounded length; `None` if nothing is left.
fn clean(text: String) -> Option<String> {
    let kept = text.chars().filter(|c| !c.is_control()).take(TEXT_MAX);
    let kept: String = kept.collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

fn observation(user: &str, credential: &str, known: Known) -> Option<Observation> {
    if known.name.is_none() && known.email.is_none() {
        return None;
    }
    let holder = Holder {
        seen_at: known.at,
        id: user.to_owned(),
        name: known.name,
        email: known.email,
    };
    Some(Observation::Event {
        external_id: credential.to_owned(),
        kind: KIND.to_owned(),
        facts: serde_json::to_value(Dossier::from(holder)).ok()?,
    })
}
