//! A token before it is stored: from what was decided to credential, token and value.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Grant;
use domain::expiry::Subject;
use domain::inventory::{Credential, End, PlaceOfUse};
use domain::kernel::{CredentialId, Instant, Name, RoleName, SourceId, Span, TeamId};
use domain::people::{Directory, Owner, Recipient};
use domain::token::{Token, TokenKind, TokenValue, generate};

use super::TokenItem;
use crate::first_look::FirstLook;
use crate::ports::Write;
use crate::unit::Unit;
use crate::{AppError, Context};

/// The source under which the inventory holds the tokens issued here.
pub const ISSUED_HERE: &str = "forewarn";

/// What was decided about a new token.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) kind: TokenKind,
    pub(crate) name: Name,
    pub(crate) owner: Owner,
    pub(crate) team: Option<TeamId>,
    pub(crate) roles: Vec<RoleName>,
    pub(crate) scopes: Grant,
    /// What roles and scopes are worth now.
    pub(crate) effective: Grant,
    /// The instant of which the end was reckoned.
    pub(crate) issued_at: Instant,
    pub(crate) ends_at: Instant,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) watchers: BTreeSet<Recipient>,
    pub(crate) used_by: Vec<PlaceOfUse>,
    pub(crate) lead_time: Option<Span>,
    pub(crate) ingest_source: Option<SourceId>,
    pub(crate) rotated_from: Option<CredentialId>,
    pub(crate) ends_on_first_use: Option<CredentialId>,
    pub(crate) created_by: String,
}

/// Makes the value and everything that is stored of the token, as version 0.
pub(crate) fn make(ctx: &Context, draft: Draft) -> Result<(TokenItem, TokenValue), AppError> {
    let (id, value) = generate(draft.kind, draft.issued_at, &mut ctx.random.as_ref());
    let mac = ctx.verifier.mac(&value);
    let credential = credential(&draft, &id, draft.issued_at)?;
    let to_be_noted = draft.rotated_from.as_ref().map(|_| id.clone());
    let token = Token {
        id,
        kind: draft.kind,
        mac: mac.bytes,
        key_version: mac.key_version,
        roles: draft.roles,
        scopes: draft.scopes,
        created_by: draft.created_by,
        rotated_from: draft.rotated_from,
        rotated_to: None,
        overlap_ends_at: None,
        ends_on_first_use: draft.ends_on_first_use.or(to_be_noted),
        ingest_source: draft.ingest_source,
        version: 0,
    };
    Ok((TokenItem { credential, token }, value))
}

fn credential(draft: &Draft, id: &CredentialId, now: Instant) -> Result<Credential, AppError> {
    Ok(Credential {
        id: id.clone(),
        source: SourceId::parse(ISSUED_HERE).map_err(|e| AppError::Corrupt(e.to_string()))?,
        parent: None,
        external_id: id.to_string(),
        kind: draft.kind.to_string(),
        name: draft.name.clone(),
        name_is_given: true,
        owner: Some(draft.owner.clone()),
        issuer_owner: None,
        team: draft.team.clone(),
        watchers: draft.watchers.clone(),
        scopes: draft.effective.words(),
        roles: draft.roles.iter().map(ToString::to_string).collect(),
        created_at: Some(now),
        end: End::Known(draft.ends_at),
        last_used_at: None,
        use_is_known: true,
        revoked_at: None,
        gone_at: None,
        suspended: false,
        orphaned: false,
        in_overlap: false,
        cut: None,
        successor: None,
        labels: draft.labels.clone(),
        used_by: draft.used_by.clone(),
        origin_url: None,
        advice: Vec::new(),
        lead_time: draft.lead_time,
        facts: None,
        first_seen_at: now,
        from_first_import: false,
        refused: None,
        confirmed_at: now,
        version: 0,
    })
}

impl TokenItem {
    /// Writes both halves, and has the next sweep look.
    pub(crate) fn save(&self, unit: &mut Unit) {
        self.put(unit).look_at(&self.token.id);
    }

    fn put<'a>(&self, unit: &'a mut Unit) -> &'a mut Unit {
        unit.write(Write::PutCredential(Box::new(self.credential.clone())))
            .write(Write::PutToken(Box::new(self.token.clone())))
    }

    /// Writes both halves of a token that is new. Where the first step is far away no sweep
    /// has to look before.
    pub(crate) fn save_new(&self, unit: &mut Unit, ctx: &Context, directory: &Directory) {
        let (settings, now) = (ctx.settings.load(), ctx.now());
        let far = FirstLook::new(&settings, directory, now).at(&self.credential);
        // A sweep that sleeps learns of an earlier instant within the interval.
        let asleep = now + settings.interval;
        match far.filter(|at| at.is_none_or(|at| at > asleep)) {
            None => self.save(unit),
            Some(at) => {
                let subject = Subject::Credential(self.token.id.clone());
                self.put(unit).write(Write::SetDue(subject, at));
            }
        }
    }

    /// What stands once [`Self::save`] was committed; tells the verifier, before anybody
    /// is answered.
    pub(crate) fn saved(mut self, ctx: &Context) -> Self {
        self.credential.version += 1;
        self.token.version += 1;
        ctx.verifier.put(&self.credential, &self.token);
        self
    }
}
