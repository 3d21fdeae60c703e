//! Which credentials are meant by a policy, a silence or a rule about owners?
//!
//! Looks at the record and the directory only, never at alerts: what was said about a
//! credential must not change which policy it has.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::kernel::{Instant, Pattern, Span, TeamId};
use crate::people::{Directory, Owner};

use super::Credential;

/// Which credentials are meant: those that fit every condition that is given. Within one
/// condition any of its patterns will do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Matcher {
    /// The source's id; `forewarn` for tokens issued here.
    #[serde(
        deserialize_with = "one_or_more",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub source: Vec<Pattern>,
    /// The issuer's word for what it is.
    #[serde(
        deserialize_with = "one_or_more",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub kind: Vec<Pattern>,
    /// What it is called.
    #[serde(
        deserialize_with = "one_or_more",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub name: Vec<Pattern>,
    /// The owner's id, address or name, or the issuer's id or name of the owner.
    #[serde(
        deserialize_with = "one_or_more",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub owner: Vec<Pattern>,
    /// The id or name of the team that answers for it, or of a team above that one.
    #[serde(
        deserialize_with = "one_or_more",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub team: Vec<Pattern>,
    /// A scope it holds; one that holds `*` holds every scope.
    #[serde(
        deserialize_with = "one_or_more",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub scope: Vec<Pattern>,
    /// A role it carries.
    #[serde(
        deserialize_with = "one_or_more",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub role: Vec<Pattern>,
    /// Labels it has, each with a pattern for its value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub label: BTreeMap<String, Pattern>,
    /// It was used in this time until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_within: Option<Span>,
    /// It is known that it was not used in this time until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unused_for: Option<Span>,
}

/// Why a matcher was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// No condition at all.
    #[error(
        "names no condition and would mean everything; give at least one, such as source or team"
    )]
    MeansEverything,
    /// A time of zero or less.
    #[error("`{0}` must be longer than zero")]
    NotPositive(&'static str),
}

impl Matcher {
    /// Refuses what would mean everything, and times of zero or less.
    ///
    /// # Errors
    /// See [`MatcherError`].
    pub fn check(&self) -> Result<(), MatcherError> {
        if self.conditions() == 0 {
            return Err(MatcherError::MeansEverything);
        }
        let spans = [
            ("used_within", self.used_within),
            ("unused_for", self.unused_for),
        ];
        let wrong = |(_, span): &(&str, Option<Span>)| span.is_some_and(|s| !s.is_positive());
        match spans.into_iter().find(wrong) {
            Some((key, _)) => Err(MatcherError::NotPositive(key)),
            None => Ok(()),
        }
    }

    /// How many conditions are given: the more, the more specific. Each label counts.
    pub fn conditions(&self) -> usize {
        let lists = [
            &self.source,
            &self.kind,
            &self.name,
            &self.owner,
            &self.team,
            &self.scope,
            &self.role,
        ];
        let lists = lists.into_iter().filter(|l| !l.is_empty()).count();
        let uses = [self.used_within, self.unused_for];
        lists + self.label.len() + uses.into_iter().flatten().count()
    }

    /// Whether the credential is meant at `now`.
    pub fn matches(&self, credential: &Credential, directory: &Directory, now: Instant) -> bool {
        fits(&self.source, &[credential.source.as_str()])
            && fits(&self.kind, &[&credential.kind])
            && fits(&self.name, &[credential.name.as_str()])
            && (self.owner.is_empty() || fits(&self.owner, &owner_words(credential, directory)))
            && (self.team.is_empty() || fits(&self.team, &team_words(credential, directory)))
            && (self.scope.is_empty() || holds(&self.scope, &credential.scopes))
            && (self.role.is_empty() || fits(&self.role, &texts(&credential.roles)))
            && self.fits_labels(credential)
            && self.fits_use(credential, now)
    }

    /// The next instant after `now` at which a condition about use turns by time alone.
    pub fn turns_at(&self, credential: &Credential, now: Instant) -> Option<Instant> {
        let used = credential.last_used_at;
        // "Within" holds at the very length, so it turns one tick later.
        let tick = Span::from_micros(1);
        let within = self
            .used_within
            .and_then(|span| used.map(|at| at + span + tick));
        let unused = self
            .unused_for
            .and_then(|span| idle_since(credential).map(|at| at + span));
        let turns = [within, unused].into_iter().flatten();
        turns.filter(|at| *at > now).min()
    }

    fn fits_labels(&self, credential: &Credential) -> bool {
        self.label.iter().all(|(key, pattern)| {
            let value = credential.labels.get(key);
            value.is_some_and(|value| pattern.matches(value))
        })
    }

    fn fits_use(&self, credential: &Credential, now: Instant) -> bool {
        let used = credential.last_used_at;
        let within = |span: Span| used.is_some_and(|at| at.until(now) <= span);
        let unused = |span: Span| idle_since(credential).is_some_and(|at| at.until(now) >= span);
        self.used_within.is_none_or(within) && self.unused_for.is_none_or(unused)
    }
}

/// Since when it is known not to have been used; `None` when nobody knows.
fn idle_since(credential: &Credential) -> Option<Instant> {
    let never = credential.use_is_known.then_some(());
    let born = || credential.created_at.unwrap_or(credential.first_seen_at);
    credential.last_used_at.or_else(|| never.map(|()| born()))
}

fn fits(patterns: &[Pattern], words: &[&str]) -> bool {
    patterns.is_empty()
        || words
            .iter()
            .any(|word| patterns.iter().any(|p| p.matches(word)))
}

fn holds(patterns: &[Pattern], scopes: &[String]) -> bool {
    scopes.iter().any(|scope| scope == "*") || fits(patterns, &texts(scopes))
}

fn texts(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn owner_words<'a>(credential: &'a Credential, directory: &'a Directory) -> Vec<&'a str> {
    let mut words = Vec::new();
    if let Some(owner) = &credential.owner {
        words.extend([owner.as_str(), directory.owner_name(owner)]);
        if let Owner::Person(id) = owner {
            let email = directory.persons.get(id).and_then(|p| p.email.as_ref());
            words.extend(email.map(crate::kernel::Email::as_str));
        }
    }
    if let Some(told) = &credential.issuer_owner {
        words.push(&told.id);
        words.extend(told.name.as_deref());
        words.extend(told.email.as_deref());
    }
    words
}

fn team_words<'a>(credential: &'a Credential, directory: &'a Directory) -> Vec<&'a str> {
    let account = match &credential.owner {
        Some(Owner::ServiceAccount(id)) => directory.service_accounts.get(id),
        _ => None,
    };
    let start: Option<&TeamId> = credential
        .team
        .as_ref()
        .or_else(|| account.and_then(|a| a.team.as_ref()));
    let line = start.map(|id| directory.line_of(id)).unwrap_or_default();
    line.into_iter()
        .flat_map(|team| [team.id.as_str(), team.name.as_str()])
        .collect()
}

/// One pattern, or a list of them.
fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Pattern>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        One(String),
        More(Vec<String>),
    }
    let texts = match Given::deserialize(from)? {
        Given::One(text) => vec![text],
        Given::More(texts) => texts,
    };
    let patterns: Result<Vec<Pattern>, _> = texts.into_iter().map(Pattern::parse).collect();
    let patterns = patterns.map_err(serde::de::Error::custom)?;
    if patterns.is_empty() {
        return Err(serde::de::Error::custom(
            "is empty and would match nothing; leave it out",
        ));
    }
    Ok(patterns)
}
