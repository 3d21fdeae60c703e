//! What a request asks for, with the defaults filled in.

use domain::access::{Grant, Roles};
use domain::kernel::{Instant, RoleName, SourceId};
use domain::token::IssueEnd;

use super::IssueToken;
use crate::{AppError, whois};

/// Roles and scopes as asked for, with the defaults filled in.
pub(super) struct Wanted {
    pub(super) roles: Vec<RoleName>,
    pub(super) scopes: Grant,
    pub(super) ingest_source: Option<SourceId>,
}

/// Reads what is asked for; grants nothing yet.
pub(super) fn wanted(request: &IssueToken, roles: &Roles) -> Result<Wanted, AppError> {
    if let Some(source) = &request.ingest_source {
        let source = SourceId::parse(source.as_str());
        let source = source.map_err(|e| AppError::invalid("ingest_source", e))?;
        if !request.roles.is_empty() || request.scopes.iter().any(|s| s != PUSH) {
            let problem = "a connector token pushes to its source and does nothing else; leave roles and scopes out";
            return Err(AppError::invalid("ingest_source", problem));
        }
        return Ok(Wanted {
            roles: Vec::new(),
            scopes: whois::scopes(&[PUSH.to_owned()], "scopes")?,
            ingest_source: Some(source),
        });
    }
    let scopes = whois::scopes(&request.scopes, "scopes")?;
    let named = if request.roles.is_empty() && request.scopes.is_empty() {
        whois::roles(roles, &["None".to_owned()], "roles")?
    } else {
        whois::roles(roles, &request.roles, "roles")?
    };
    Ok(Wanted {
        roles: named.into_iter().collect(),
        scopes,
        ingest_source: None,
    })
}

/// What a connector token may do.
const PUSH: &str = "observations:write";

/// When the token shall end.
pub(super) fn end_of(request: &IssueToken, now: Instant) -> Result<Instant, AppError> {
    let (end, field) = match (request.expires_at, request.lifetime) {
        (Some(_), Some(_)) => {
            let problem = "give either expires_at or lifetime, not both";
            return Err(AppError::invalid("lifetime", problem));
        }
        (Some(at), None) => (IssueEnd::At(at), "expires_at"),
        (None, Some(span)) => (IssueEnd::For(span), "lifetime"),
        (None, None) => (IssueEnd::Default, "lifetime"),
    };
    end.resolve(now).map_err(|e| AppError::invalid(field, e))
}
