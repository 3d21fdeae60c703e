//! How was a token last shown to itself, ready to be shown again?
//!
//! Only what the time changes is written anew. A face is good as long as the token stands
//! as it stood, and not for long: it is never what anything is decided by.

use std::fmt::Write as _;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use app::tokens::{Proven, Standing, TokenItem};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use domain::kernel::{CredentialId, Instant, Span};
use hashbrown::{DefaultHashBuilder, HashMap};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, ETAG};

use crate::guard::EXPIRATION;
use crate::v1::etag;
use crate::v1::tokens::TokenBody;

/// How long a face is shown at most. Whatever changes a token changes its version, of which
/// the verifier knows within a second; so this is no more than a second rope.
const SHOWN: Span = Span::hours(1);
/// The most faces of all shards together; each costs some hundred bytes.
const FACES_MAX: usize = 32 * 1024;
const SHARDS: usize = 16;

/// The faces of tokens that asked for themselves a moment ago.
pub struct Faces {
    shards: [RwLock<HashMap<CredentialId, Arc<Face>>>; SHARDS],
    hasher: DefaultHashBuilder,
}

/// One token as it is shown to itself.
pub struct Face {
    standing: Standing,
    until: Instant,
    /// The token's own end, and when it stops working: its owner may leave before.
    end: Option<Instant>,
    stops: Option<Instant>,
    /// The body without the two times that change.
    text: Box<str>,
    /// Where in it the seconds that are left stand, and the last use.
    cuts: [usize; 2],
    etag: HeaderValue,
    expiration: Option<HeaderValue>,
}

impl Default for Faces {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| RwLock::default()),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl Faces {
    fn shard(&self, id: &CredentialId) -> Option<&RwLock<HashMap<CredentialId, Arc<Face>>>> {
        let hash = self.hasher.hash_one(id) % SHARDS as u64;
        self.shards.get(usize::try_from(hash).unwrap_or(0))
    }

    /// The face of a token, if it is still true.
    pub fn of(&self, proven: &Proven, now: Instant) -> Option<Arc<Face>> {
        let id = proven.principal.token.as_ref()?;
        let shard = self.shard(id)?.read();
        let face = shard
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned()?;
        let still = face.standing.is_still(&proven.standing)
            && face.stops == proven.principal.expires_at
            && (now..=now + SHOWN).contains(&face.until);
        still.then_some(face)
    }

    /// Keeps a face. Where there is no more room the shard begins anew.
    pub fn keep(&self, id: CredentialId, face: Arc<Face>) {
        let Some(shard) = self.shard(&id) else { return };
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= FACES_MAX / SHARDS {
            shard.clear();
        }
        shard.insert(id, face);
    }
}

impl Face {
    /// The face of a token that was read at `now`; `None` where it cannot be taken apart,
    /// which is then shown whole.
    pub fn of(item: TokenItem, proven: &Proven, now: Instant) -> Option<Self> {
        let (etag, end) = (etag(item.credential.version)?, item.credential.expires_at());
        let body = serde_json::to_string(&TokenBody::of(item, now)).ok()?;
        // No text inside a string looks like this: its quotes would be escaped.
        let (first, rest) = split(&body, ",\"remaining_seconds\":")?;
        let (_, rest) = rest.split_at(rest.find(',')?);
        let (second, rest) = split(rest, ",\"last_used_at\":")?;
        let (_, third) = rest.split_at(rest.find(',')?);
        let stops = proven.principal.expires_at;
        Some(Self {
            cuts: [first.len(), first.len() + second.len()],
            text: [first, second, third].concat().into(),
            standing: proven.standing.clone(),
            until: now + SHOWN,
            etag,
            end,
            stops,
            expiration: stops.and_then(|at| HeaderValue::from_str(&at.to_string()).ok()),
        })
    }

    /// The whole reply at `now`, which is also when the token was last used.
    pub fn reply(&self, now: Instant) -> Response {
        let [left, used] = self.cuts;
        let part = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        let mut body = String::with_capacity(self.text.len() + 56);
        body.push_str(part(0..left));
        // Writing to a String cannot fail.
        let _ = match self.end {
            Some(end) => write!(body, "{}", now.until(end).as_seconds().max(0)),
            None => write!(body, "null"),
        };
        body.push_str(part(left..used));
        body.push('"');
        now.write_to(&mut body);
        body.push('"');
        body.push_str(part(used..self.text.len()));
        let mut response = Response::new(Body::from(Bytes::from(body)));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ETAG, self.etag.clone());
        if let Some(end) = &self.expiration {
            headers.insert(EXPIRATION, end.clone());
        }
        response
    }
}

/// Cuts behind `mark`.
fn split<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    text.split_at_checked(text.find(mark)? + mark.len())
}
