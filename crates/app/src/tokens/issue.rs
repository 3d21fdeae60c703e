//! A new token.

use std::collections::BTreeMap;

use domain::kernel::{Instant, Span};

use super::Issued;
use crate::{AppError, Context, IdempotencyKey, Principal};

/// What a new token shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueToken {
    /// 1 to 255 bytes; need not be unique.
    pub name: String,
    /// Role names. Neither roles nor scopes given means the role `None`.
    pub roles: Vec<String>,
    /// Scopes beside the roles; `*` is every scope.
    pub scopes: Vec<String>,
    /// When it ends; not together with `lifetime`.
    pub expires_at: Option<Instant>,
    /// How long it lives; neither given means 8760 h.
    pub lifetime: Option<Span>,
    /// Id of a person or service account, name of a service account, or a person's
    /// address; `None` means the caller's owner.
    pub owner: Option<String>,
    /// Id or name of the answering team; `None` means the service account's team.
    pub team: Option<String>,
    /// Makes a connector token that can only push observations of this source.
    pub ingest_source: Option<String>,
    /// At most 64, keys of 1 to 63 and values of up to 255 bytes.
    pub labels: BTreeMap<String, String>,
    /// So that a repeat makes nothing twice.
    pub idempotency: Option<IdempotencyKey>,
}

/// Issues a token. Needs `tokens:issue`, for another owner `tokens:issue-for-others`
/// too; grants nothing that the caller or the owner does not hold.
///
/// # Errors
/// [`AppError::Forbidden`] names the missing scopes, [`AppError::Invalid`] the field,
/// [`AppError::Conflict`] a key used for another request.
pub async fn issue_token(
    ctx: &Context,
    principal: &Principal,
    request: IssueToken,
) -> Result<Issued, AppError> {
    let _ = (ctx, principal, request);
    Err(AppError::Unavailable("not built yet".to_owned()))
}
