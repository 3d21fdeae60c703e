//! What one must ask elsewhere: once for each key and read, and not for ever.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::StreamExt as _;
use serde_json::Value;

use super::document::{Lookup, Mapping};
use super::expression::{Expression, Kept, View};
use super::map::short;
use super::pointer::Scope;
use super::request::prepare;
use super::signer::Signer;
use super::template::Env;
use super::walk::Walk;

/// How many keys are looked up in one read.
const MAX: usize = 5_000;
/// How many look-ups run at once.
const CONCURRENCY: usize = 4;

/// What was looked up in this read.
#[derive(Default)]
pub(super) struct Lookups {
    kept: Mutex<Kept>,
}

/// A look-up's name and a key.
type Wanted = (String, String);

/// Everything that the mapping wants to look up for an item.
pub(super) fn keys(mapping: &Mapping, view: &View<'_>, into: &mut Vec<Wanted>) {
    let owner = &mapping.owner;
    let expressions: [&Option<Expression>; 8] = [
        &owner.id,
        &owner.name,
        &owner.email,
        &mapping.kind,
        &mapping.name,
        &mapping.parent,
        &mapping.roles,
        &mapping.used_by,
    ];
    let conditions = [
        &mapping.skip_when,
        &mapping.revoked_when,
        &mapping.suspended_when,
    ];
    let asked = conditions.into_iter().flatten().map(|one| &one.of);
    let all = expressions
        .into_iter()
        .flatten()
        .chain(mapping.labels.values())
        .chain(asked);
    for expression in all {
        expression.each(&mut |one| {
            let lookup = one.lookup();
            into.extend(lookup.and_then(|l| Some((l.name.clone(), l.key.text(view)?))));
        });
    }
}

impl Lookups {
    /// What is known by now.
    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks up what is not known yet. What cannot be looked up is left out, and not
    /// asked for again in this read.
    pub async fn fetch(&self, mut wanted: Vec<Wanted>, walk: &Walk<'_>, signer: &Signer) {
        wanted.sort();
        wanted.dedup();
        {
            let kept = self.kept();
            wanted.retain(|key| !kept.contains_key(key));
            wanted.truncate(MAX.saturating_sub(kept.len()));
        }
        let mut asked = futures_util::stream::iter(wanted)
            .map(|(name, key)| async move {
                let found = match walk.document.lookups.get(&name) {
                    Some(lookup) => one(lookup, &key, walk, signer).await,
                    None => None,
                };
                ((name, key), found.unwrap_or_default())
            })
            .buffer_unordered(CONCURRENCY);
        while let Some((key, found)) = asked.next().await {
            self.kept().insert(key, found);
        }
    }
}

async fn one(
    lookup: &Lookup,
    key: &str,
    walk: &Walk<'_>,
    signer: &Signer,
) -> Option<std::collections::BTreeMap<String, String>> {
    let env = Env {
        key: Some(key),
        ..Env::of(walk.settings)
    };
    let request = prepare(&lookup.into(), &walk.wire.shared, &env).ok()?;
    let answer = walk.wire.ask(&request, signer).await.ok()?;
    if !(200..300).contains(&answer.status) {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.bytes).ok()?;
    let scope = Scope::whole(&body, &answer.headers);
    let none = Kept::new();
    let view = View {
        env: Env {
            scope: Some(scope),
            ..env
        },
        kept: &none,
    };
    let names = lookup.keep.iter();
    let kept = names.filter_map(|(name, one)| Some((name.clone(), short(one.text(&view)?))));
    Some(kept.collect())
}
