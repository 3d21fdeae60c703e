//! An admin token for automation, valid for a day.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Grant;
use domain::kernel::{Instant, Name, Span};
use domain::people::Owner;
use domain::token::TokenKind;

use super::first::{account_id, admin};
use crate::tokens::Issued;
use crate::tokens::draft::{Draft, make};
use crate::tokens::issue::told;
use crate::unit::Unit;
use crate::{AppError, Context};

/// How long a bootstrap token lives.
const LIFETIME: Span = Span::days(1);

/// Issues an `Admin` token of kind `b`, valid for one day, for the account `setup`. Call
/// only while [`super::bootstrap_is_open`]; the value goes to the file the operator named
/// and nowhere else.
///
/// # Errors
/// The store's.
pub async fn issue_bootstrap_token(ctx: &Context) -> Result<Issued, AppError> {
    let owner = Owner::ServiceAccount(account_id()?);
    let draft = admin_token(
        TokenKind::Bootstrap,
        "bootstrap",
        owner,
        ctx.now(),
        LIFETIME,
    )?;
    let (item, value) = make(ctx, draft)?;
    let mut unit = Unit::by("setup", ctx.now());
    item.save(&mut unit);
    unit.audit(
        "token.issue",
        format!("token:{}", item.token.id),
        told(&item),
    );
    unit.commit(ctx).await?;
    // The account and its role may be as new as the token.
    crate::feed::refresh_standings(ctx).await?;
    Ok(Issued {
        item: item.saved(ctx),
        value: Some(value),
    })
}

/// A token that may do everything, which only the set-up hands out.
pub(super) fn admin_token(
    kind: TokenKind,
    name: &str,
    owner: Owner,
    now: Instant,
    lifetime: Span,
) -> Result<Draft, AppError> {
    let ends_at = now.checked_add(lifetime);
    Ok(Draft {
        kind,
        name: Name::parse(name).map_err(|e| AppError::invalid("name", e))?,
        owner,
        team: None,
        roles: vec![admin()?],
        scopes: Grant::NONE,
        effective: Grant::ALL,
        issued_at: now,
        ends_at: ends_at.ok_or_else(|| AppError::Corrupt("the clock is wrong".to_owned()))?,
        labels: BTreeMap::new(),
        watchers: BTreeSet::new(),
        used_by: Vec::new(),
        lead_time: None,
        ingest_source: None,
        rotated_from: None,
        ends_on_first_use: None,
        created_by: "setup".to_owned(),
    })
}
