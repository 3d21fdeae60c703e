//! Which credentials does somebody mean who says what a monitor needs?

use std::collections::BTreeSet;

use domain::inventory::State;
use domain::kernel::CredentialId;

use crate::credentials::list_credentials;
use crate::error::shown;
use crate::ports::{CredentialFilter, CredentialSort, PageRequest};
use crate::{AppError, Context, Principal};

/// The most credentials a monitor may depend on.
const DEPENDS_MAX: usize = 50;
/// Rows looked at together for a name.
const PAGE: u32 = 500;
/// So many of one name are told apart in a refusal.
const NAMESAKES: usize = 5;
const FIELD: &str = "depends_on";

/// The credentials that these words mean, each an id or a name as it is written, of those
/// that are `known` or that the caller may see: a notice about the monitor names them, with
/// their state and their end.
pub(super) async fn dependencies(
    ctx: &Context,
    principal: &Principal,
    words: &[String],
    known: &BTreeSet<CredentialId>,
) -> Result<BTreeSet<CredentialId>, AppError> {
    if words.len() > DEPENDS_MAX {
        let problem = format!("at most {DEPENDS_MAX} credentials are allowed");
        return Err(AppError::invalid(FIELD, problem));
    }
    let scopes = ["credentials:read", "credentials:write"];
    let mut found = BTreeSet::new();
    for word in words {
        // Whoever named it before could see it.
        if let Some(known) = known.iter().find(|known| known.as_str() == word) {
            found.insert(known.clone());
            continue;
        }
        match crate::credentials::visible(ctx, principal, word, &scopes).await {
            Ok(item) => found.insert(item.credential.id),
            Err(AppError::NotFound { .. }) => found.insert(named(ctx, principal, word).await?),
            Err(other) => return Err(other),
        };
    }
    Ok(found)
}

/// The one credential of this name.
async fn named(ctx: &Context, principal: &Principal, name: &str) -> Result<CredentialId, AppError> {
    let mut all = namesakes(ctx, principal, name).await?;
    let problem = match (all.len(), all.pop()) {
        (1, Some((id, _))) => return Ok(id),
        (_, None) => format!(
            "credential `{}` was not found, by id or by name",
            shown(name)
        ),
        (_, Some(last)) => {
            all.push(last);
            let ids: Vec<String> = all
                .iter()
                .map(|(id, of)| format!("`{id}` of {of}"))
                .collect();
            let ids = ids.join(", ");
            format!(
                "several credentials are called `{}`; give the id of the one you mean: {ids}",
                shown(name)
            )
        }
    };
    Err(AppError::invalid(FIELD, problem))
}

/// Credentials that work and are called exactly so, with their source.
async fn namesakes(
    ctx: &Context,
    principal: &Principal,
    name: &str,
) -> Result<Vec<(CredentialId, String)>, AppError> {
    let filter = CredentialFilter {
        states: vec![State::Active, State::Suspended, State::UnknownEnd],
        name: Some(name.to_owned()),
        sort: CredentialSort::Name,
        ..CredentialFilter::default()
    };
    let mut page = PageRequest {
        limit: PAGE,
        after: None,
    };
    let mut found = Vec::new();
    loop {
        let rows = list_credentials(ctx, principal, filter.clone(), &page).await?;
        let same = rows.items.into_iter().map(|item| item.credential);
        let same = same.filter(|credential| credential.name.as_str() == name);
        found.extend(same.map(|c| (c.id, c.source.to_string())));
        page.after = rows.next;
        if page.after.is_none() || found.len() >= NAMESAKES {
            found.truncate(NAMESAKES);
            return Ok(found);
        }
    }
}
